//! Clients that ask for what they mean, and check what they get.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::client::{Client, run};
use super::over;

/// What honest clients saw.
#[derive(Default)]
pub struct Seen {
    /// Microseconds of each call, sorted.
    pub micros: Vec<u64>,
    pub wrong: Vec<String>,
    /// Refusals with a reason to come again.
    pub refused: u64,
    pub length: Duration,
}

impl Seen {
    /// Seconds that the machine spent on a call.
    pub fn each(&self) -> f64 {
        self.length.as_secs_f64() / self.micros.len().max(1) as f64
    }

    pub fn quantile(&self, share: f64) -> u64 {
        let last = self.micros.len().saturating_sub(1);
        #[allow(clippy::cast_sign_loss, reason = "a share of a length")]
        self.micros.get((last as f64 * share) as usize).copied().unwrap_or(0)
    }
}

/// The cheapest call, one a request, from some clients.
pub fn singles(address: &str, clients: usize, length: Duration) -> Result<Seen, String> {
    let stop = Arc::default();
    all(address, clients, &stop, length, |client, _, seen: &mut Seen| {
        let started = Instant::now();
        let answer = client.post("/v1/run", r#"{"sources": ["1"]}"#)?;
        seen.note(started, answer.status, answer.body.contains(r#""value":1,"#), &answer.body);
        Ok(())
    })
}

/// The same calls in requests of a thousand: what they cost without HTTP.
pub fn batches(address: &str, length: Duration) -> Result<Seen, String> {
    let body = run(&vec!["1".to_owned(); 1000]);
    let mut seen = all(address, 1, &Arc::default(), length, |client, _, seen| {
        let started = Instant::now();
        let answer = client.post("/v1/run", &body)?;
        let right = answer.body.matches(r#""value":1,"#).count() == 1000;
        seen.note(started, answer.status, right, &answer.body);
        Ok(())
    })?;
    seen.micros = seen.micros.iter().flat_map(|micros| [micros / 1000; 1000]).collect();
    Ok(seen)
}

/// Programs that each have another answer.
pub fn checked(
    address: &str,
    clients: usize,
    stop: &Arc<AtomicBool>,
    length: Duration,
) -> Result<Seen, String> {
    all(address, clients, stop, length, |client, number, seen| {
        let (size, add) = (number % 997, number);
        let source = format!("print({add})\nsum(i * i for i in range({size})) + {add}");
        let value = (0..size).map(|i| i * i).sum::<u64>() + add;
        let started = Instant::now();
        let answer = client.post("/v1/run", &run(&[source]))?;
        let right = answer.body.contains(&format!(r#""value":{value},"stdout":"{add}\n","#));
        seen.note(started, answer.status, right, &answer.body);
        Ok(())
    })
}

impl Seen {
    fn note(&mut self, started: Instant, status: u16, right: bool, body: &str) {
        match status {
            200 if right => self.micros.push(started.elapsed().as_micros() as u64),
            429 | 503 => {
                self.refused += 1;
                std::thread::sleep(Duration::from_millis(100));
            }
            _ => self.wrong.push(format!("{status}: {}", &body[..body.len().min(200)])),
        }
    }
}

fn all(
    address: &str,
    clients: usize,
    stop: &Arc<AtomicBool>,
    length: Duration,
    ask: impl Fn(&mut Client, u64, &mut Seen) -> super::client::Result<()> + Sync,
) -> Result<Seen, String> {
    let started = Instant::now();
    let one = |number: usize| {
        let mut seen = Seen::default();
        let mut client = match Client::connect(address) {
            Ok(client) => client,
            Err(error) => return Seen { wrong: vec![format!("no connection: {error}")], ..seen },
        };
        let mut count = number as u64 * 1_000_003;
        while !over(started, length, stop) {
            count += 1;
            if let Err(error) = ask(&mut client, count, &mut seen) {
                seen.wrong.push(error.to_string());
                break;
            }
        }
        seen
    };
    let parts = std::thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = (0..clients).map(|number| scope.spawn(move || one(number))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a client panicked")).collect::<Vec<_>>()
    });
    let mut seen = Seen { length: started.elapsed(), ..Seen::default() };
    for part in parts {
        let part = part?;
        seen.micros.extend(part.micros);
        seen.wrong.extend(part.wrong);
        seen.refused += part.refused;
    }
    seen.micros.sort_unstable();
    if seen.micros.is_empty() {
        Err(format!("no call was answered: {:?}", seen.wrong.first()))
    } else {
        Ok(seen)
    }
}
