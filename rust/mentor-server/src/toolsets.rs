//! Tool sources executed once, kept while they are used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mentor_sandbox::{Job, Limits, Outcome, Program, State, Status};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::lanes::Lanes;
use crate::problem::Problem;
use crate::reader::{Reader, Reading};

/// Bytes of states and sources that are kept; those used least recently go first.
const KEPT: usize = 256 << 20;
/// What executing a source may use: importing a large package takes more than a call does.
const LIMITS: Limits =
    Limits { fuel: 50_000_000_000, wall: Duration::from_mins(1), memory: 1 << 30, ..Limits::DEFAULT };

/// A source that was executed.
pub struct Executed {
    /// Where calls start.
    pub state: State,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// How it was read, if it was read as tools.
    pub reading: Option<Reading>,
}

type Key = [u8; 32];

/// The sources in use.
#[derive(Default)]
pub struct ToolSets(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    sets: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
}

struct Entry {
    set: Arc<Executed>,
    size: usize,
    used: u64,
}

/// A source that does not end normally.
pub struct Faulty(pub Outcome);

impl ToolSets {
    /// A source offered as tools.
    pub async fn tools(
        &self,
        lanes: &Lanes,
        reader: &Arc<Reader>,
        source: &str,
        given: Option<Box<RawValue>>,
    ) -> Result<Arc<Executed>, Problem> {
        let key = key(&["tools", source, given.as_ref().map_or("null", |given| given.get())]);
        if let Some(set) = self.get(&key) {
            return Ok(set);
        }
        let (reader, text) = (reader.clone(), source.to_owned());
        let reading = blocking(move || reader.read(&text, given.as_deref())).await?;
        let executed = execute(lanes, &reading.parts).await?;
        let (state, stdout) = executed.map_err(|Faulty(outcome)| failed_source(&outcome))?;
        Ok(self.put(key, Executed { state, stdout, reading: Some(reading) }, source.len()))
    }

    /// A source that programs start behind.
    pub async fn environment(
        &self,
        lanes: &Lanes,
        source: &str,
    ) -> Result<Result<Arc<Executed>, Faulty>, Problem> {
        let key = key(&["environment", source]);
        if let Some(set) = self.get(&key) {
            return Ok(Ok(set));
        }
        Ok(execute(lanes, &[source.to_owned()])
            .await?
            .map(|(state, stdout)| self.put(key, Executed { state, stdout, reading: None }, source.len())))
    }

    fn get(&self, key: &Key) -> Option<Arc<Executed>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let entry = kept.sets.get_mut(key)?;
        entry.used = now;
        Some(entry.set.clone())
    }

    fn put(&self, key: Key, set: Executed, source: usize) -> Arc<Executed> {
        let remembered = set.reading.as_ref().map_or(0, Reading::size);
        let size = source + set.stdout.len() + set.state.size() + remembered;
        let set = Arc::new(set);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let entry = Entry { set: set.clone(), size, used: kept.clock };
        kept.bytes += size;
        if let Some(before) = kept.sets.insert(key, entry) {
            kept.bytes -= before.size;
        }
        while kept.bytes > KEPT && kept.sets.len() > 1 {
            let Some(oldest) = kept.sets.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key)
            else {
                break;
            };
            if let Some(gone) = kept.sets.remove(&oldest) {
                kept.bytes -= gone.size;
            }
        }
        set
    }
}

/// Texts of any content named without ambiguity.
fn key(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Work that blocks, off the threads that serve connections.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Problem::broken(error.to_string())))
}

/// Executes programs one after another: the state they leave and what they printed.
async fn execute(lanes: &Lanes, parts: &[String]) -> Result<Result<(State, Vec<u8>), Faulty>, Problem> {
    let job = |(at, part): (usize, &String)| Job {
        follows: at > 0,
        limits: Some(LIMITS),
        keep_state: at + 1 == parts.len(),
        ..Job::new(Program::Source(part.clone().into_bytes()))
    };
    let results = lanes.run(parts.iter().enumerate().map(job).collect()).await?;
    let (mut state, mut stdout) = (None, Vec::new());
    for result in results {
        if result.outcome.status != Status::Ok {
            return Ok(Err(Faulty(result.outcome)));
        }
        stdout.extend_from_slice(&result.outcome.stdout);
        state = result.state;
    }
    let state = state.ok_or_else(|| Problem::broken("a source left no state"))?;
    Ok(Ok((state, stdout)))
}

fn failed_source(outcome: &Outcome) -> Problem {
    let why = outcome.error.as_ref().map_or_else(
        || format!("it {}", outcome.status.as_str()),
        |error| format!("{}: {}", error.kind, error.message),
    );
    match outcome.status {
        Status::Failed => Problem::broken(format!("the tool source could not be executed: {why}")),
        _ => Problem::bad(format!("source: failed in the sandbox: {why}")),
    }
}
