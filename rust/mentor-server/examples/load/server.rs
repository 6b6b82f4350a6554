//! The server under test: a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub struct Server {
    process: Child,
    pub address: String,
}

impl Server {
    pub fn start(command: &[String]) -> Result<Self, String> {
        let (program, arguments) = command.split_first().ok_or("no command")?;
        let mut process = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        let address = address.ok_or_else(|| format!("the server said {line:?}"))?;
        Ok(Self { process, address })
    }

    /// Resident bytes, once a second.
    pub fn watch(&self, stop: &Arc<AtomicBool>) -> JoinHandle<Vec<u64>> {
        let (file, stop) = (format!("/proc/{}/statm", self.process.id()), stop.clone());
        std::thread::spawn(move || {
            let mut samples = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
                samples.extend(pages.filter(|&pages| pages > 0).map(|pages| pages * 4096));
                std::thread::sleep(Duration::from_secs(1));
            }
            samples
        })
    }

    /// Tells it to stop: how long it takes until it is gone.
    pub fn stop(mut self) -> Result<Duration, String> {
        let started = Instant::now();
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        told.map_err(|error| error.to_string())?;
        self.process.wait().map_err(|error| error.to_string())?;
        Ok(started.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, unless something failed.
        let _ = self.process.kill();
    }
}
