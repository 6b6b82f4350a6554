//! Clients that mean harm: programs that never end or want all memory, bodies that do not come, clients that go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::client::{Client, Result, request, run};

/// What hostile clients saw.
#[derive(Default)]
pub struct Counts {
    pub verdicts: u64,
    pub refusals: u64,
    /// Connections that the server, or the client itself, cut off.
    pub cut: u64,
    pub unclean: Vec<String>,
}

impl Counts {
    pub fn add(&mut self, other: &Self) {
        self.verdicts += other.verdicts;
        self.refusals += other.refusals;
        self.cut += other.cut;
        self.unclean.extend(other.unclean.iter().cloned());
    }
}

const ENDLESS: &str = "while True: pass";
const HUNGRY: &str = "b = []\nwhile True: b.append(bytearray(1 << 20))";

/// One client, of a kind of its own, until it is told to stop.
pub fn start(address: &str, number: usize, stop: &Arc<AtomicBool>) -> JoinHandle<Counts> {
    let (address, stop) = (address.to_owned(), stop.clone());
    std::thread::spawn(move || {
        let mut counts = Counts::default();
        let mut turn = number;
        while !stop.load(Ordering::Relaxed) {
            turn += 1;
            let done = match turn % 6 {
                0 | 1 => program(&address, ENDLESS, &mut counts),
                2 => program(&address, HUNGRY, &mut counts),
                3 => slow(&address, &mut counts),
                4 => gone(&address, &mut counts),
                _ => nonsense(&address, &mut counts),
            };
            if let Err(error) = done {
                // The server stops, or has cut the connection off.
                let known = matches!(
                    error.kind(),
                    std::io::ErrorKind::UnexpectedEof
                        | std::io::ErrorKind::ConnectionReset
                        | std::io::ErrorKind::ConnectionRefused
                        | std::io::ErrorKind::BrokenPipe
                );
                if known {
                    counts.cut += 1;
                    std::thread::sleep(Duration::from_millis(20));
                } else {
                    counts.unclean.push(error.to_string());
                }
            }
        }
        counts
    })
}

fn program(address: &str, source: &str, counts: &mut Counts) -> Result<()> {
    let answer = Client::connect(address)?.post("/v1/run", &run(&[source.to_owned()]))?;
    match answer.status {
        200 if answer.body.contains(r#""status":"limit""#) => counts.verdicts += 1,
        429 | 503 => {
            counts.refusals += 1;
            std::thread::sleep(Duration::from_millis(200));
        }
        status => counts.unclean.push(format!("{status}: {}", &answer.body[..answer.body.len().min(200)])),
    }
    Ok(())
}

/// A body that stops in its middle, held for some seconds.
fn slow(address: &str, counts: &mut Counts) -> Result<()> {
    let mut client = Client::connect(address)?;
    let whole = request("/v1/run", &run(&[ENDLESS.to_owned()]));
    for byte in whole.as_bytes()[..whole.len() - 3].chunks(16) {
        client.send(byte)?;
        std::thread::sleep(Duration::from_millis(100));
    }
    counts.cut += 1;
    Ok(())
}

/// A client that goes while its program runs.
fn gone(address: &str, counts: &mut Counts) -> Result<()> {
    let mut client = Client::connect(address)?;
    client.send(request("/v1/run", &run(&vec![ENDLESS.to_owned(); 50])).as_bytes())?;
    std::thread::sleep(Duration::from_millis(150));
    counts.cut += 1;
    Ok(())
}

fn nonsense(address: &str, counts: &mut Counts) -> Result<()> {
    let mut client = Client::connect(address)?;
    let answer = client.post("/v1/run", &"[".repeat(100_000))?;
    if answer.status == 400 || answer.status == 503 {
        counts.refusals += 1;
    } else {
        counts.unclean.push(format!("nonsense: {}", answer.status));
    }
    std::thread::sleep(Duration::from_millis(50));
    Ok(())
}
