//! A server under load: honest clients beside hostile ones, every answer checked, the figures of docs/serving.md.
//!
//! `load [--seconds N] [--clients N] [--page FILE] -- COMMAND...`, where the command serves and says
//! `listening on http://ADDRESS` on its first line. Exits with 1 where an answer was wrong or an error unclean; how
//! long things took is reported, not judged, but with `--judge`.

mod client;
mod honest;
mod hostile;
mod report;
mod server;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use report::Report;
use server::Server;

struct Arguments {
    seconds: u64,
    clients: usize,
    page: Option<String>,
    judge: bool,
    command: Vec<String>,
}

fn arguments() -> Result<Arguments, String> {
    let mut given = Arguments { seconds: 600, clients: 256, page: None, judge: false, command: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--seconds" => given.seconds = value()?.parse().map_err(|e| format!("--seconds: {e}"))?,
            "--clients" => given.clients = value()?.parse().map_err(|e| format!("--clients: {e}"))?,
            "--page" => given.page = Some(value()?),
            "--judge" => given.judge = true,
            "--" => given.command = words.by_ref().collect(),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    if given.command.is_empty() || given.clients < 2 {
        Err("no command, or no clients".into())
    } else {
        Ok(given)
    }
}

fn main() -> ExitCode {
    match arguments().and_then(|given| run(&given)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            report::say(&format!("load: {message}"));
            ExitCode::FAILURE
        }
    }
}

fn run(given: &Arguments) -> Result<bool, String> {
    let server = Server::start(&given.command)?;
    let part = Duration::from_secs((given.seconds / 20).clamp(1, 10));
    // A guest's first calls open its pages.
    honest::singles(&server.address, 4, Duration::from_millis(500))?;
    let batch = honest::batches(&server.address, part)?;
    let single = honest::singles(&server.address, 32, part)?;
    let hostile = given.clients.div_ceil(10);
    let honest = given.clients - hostile;
    let idle = honest::checked(&server.address, honest, &Arc::default(), part)?;

    let stop = Arc::new(AtomicBool::new(false));
    let enemies: Vec<_> = (0..hostile).map(|number| hostile::start(&server.address, number, &stop)).collect();
    let samples = server.watch(&stop);
    let loaded = honest::checked(&server.address, honest, &stop, Duration::from_secs(given.seconds))?;
    // Hostile programs are under way as the server is told to stop.
    let drained = server.stop()?;
    stop.store(true, Ordering::Relaxed);
    let mut counts = hostile::Counts::default();
    for enemy in enemies {
        counts.add(&enemy.join().map_err(|_| "a hostile client panicked")?);
    }
    let memory = samples.join().map_err(|_| "the watch panicked")?;
    let report =
        Report { clients: given.clients, hostile, batch, single, idle, loaded, counts, memory, drained };
    report.print();
    if let Some(page) = &given.page {
        report.write(page)?;
    }
    Ok(report.is_clean() && (!given.judge || report.is_fast()))
}

/// Whether it is time to stop.
fn over(start: Instant, length: Duration, stop: &AtomicBool) -> bool {
    start.elapsed() >= length || stop.load(Ordering::Relaxed)
}
