//! Work on its way: two sandboxes of one image, each behind a queue that refuses at once when it is full.
//!
//! Every job runs in the quick lane first, with a slice of its limits. One that uses its slice up runs again, from
//! the start and with all of its limits, in the slow lane, whose threads yield to the quick ones. So a stuck program
//! costs the others a slice, whatever its own limits are. Jobs are pure functions of their arguments, and what stops
//! a job at its slice cannot be caught inside: the answer is the one that a single run would have given.
//!
//! Deadlines start when work starts: a job's with the job, a request's clock runs while it holds a place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mentor_sandbox::{Error, Job, JobResult, LimitKind, Limits, Sandbox, SandboxOptions, Status};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::nice;
use crate::options::{Options, StartError};
use crate::problem::Problem;

/// What a job may use in the quick lane: about 20 ms of work. The clock is far behind that, for what waits instead of
/// working: on a busy machine an honest job must not look stuck because it was not given a core.
const SLICE_FUEL: u64 = 50_000_000;
const SLICE_WALL: Duration = Duration::from_secs(1);
/// Jobs that a request runs before it lines up again.
const TURN: usize = 32;
/// Turns that are handed to a lane's threads at once, by thread: one works, one waits for it.
const TURNS: usize = 2;

/// Both lanes.
pub struct Lanes {
    pub quick: Lane,
    pub slow: Lane,
    limits: Limits,
    work: Duration,
}

/// A sandbox and the queue before it.
pub struct Lane {
    pub sandbox: Arc<Sandbox>,
    name: &'static str,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    room: usize,
    closed: Arc<AtomicBool>,
}

/// How long a request may work.
struct Budget {
    whole: Duration,
    left: Duration,
}

/// One of those that wait for a lane.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Stops the work of a request whose client is gone: its future is dropped, and this with it.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Lanes {
    pub fn new(options: &Options) -> Result<Self, StartError> {
        let sandbox = SandboxOptions {
            engine: options.engine.clone(),
            prelude: options.prelude.clone(),
            packages: options.packages.clone(),
            limits: options.limits,
            threads: options.threads,
            host_tools: Vec::new(),
            restore: options.restore,
            verify: false,
        };
        let quick = Sandbox::new(&sandbox)?;
        let slow = nice::yielding(|| Sandbox::new(&sandbox))
            .map_err(|_| StartError::Threads(std::io::Error::other("the slow lane panicked")))??;
        Ok(Self {
            quick: Lane::new("quick", quick, options.queue),
            slow: Lane::new("slow", slow, options.slow_queue),
            limits: options.limits,
            work: options.work,
        })
    }

    /// Runs jobs in their order; what they do is in their results. Dropping the future stops them.
    pub async fn run(&self, jobs: Vec<Job>) -> Result<Vec<JobResult>, Problem> {
        let mut budget = Budget { whole: self.work, left: self.work };
        let mut results: Vec<Option<JobResult>> = jobs.iter().map(|_| None).collect();
        let mut left: Vec<usize> = Vec::new();
        for turn in turns(&jobs, TURN) {
            // What shares a request with a stuck program is not tried a second time.
            if left.is_empty() {
                let part: Vec<Job> = jobs[turn.clone()].iter().map(|job| self.sliced(job)).collect();
                let done = self.quick.turn(part, &mut budget).await?;
                left = self.unfinished(&jobs, turn.clone(), &done);
                for (at, result) in turn.zip(done) {
                    results[at] = Some(result);
                }
            } else {
                left.extend(turn);
            }
        }
        let again: Vec<Job> = left.iter().map(|&at| jobs[at].clone()).collect();
        for turn in turns(&again, self.slow.sandbox.threads()) {
            let done = self.slow.turn(again[turn.clone()].to_vec(), &mut budget).await?;
            for (at, result) in turn.zip(done) {
                results[left[at]] = Some(result);
            }
        }
        results
            .into_iter()
            .map(|result| result.ok_or_else(|| Problem::broken("a job has no result")))
            .collect()
    }

    /// Stops what works, and refuses those that wait and those that come.
    pub fn close(&self) {
        for lane in [&self.quick, &self.slow] {
            lane.places.close();
            lane.closed.store(true, Ordering::Relaxed);
        }
    }

    fn sliced(&self, job: &Job) -> Job {
        let asked = job.limits.unwrap_or(self.limits);
        let limits = Limits { fuel: asked.fuel.min(SLICE_FUEL), wall: asked.wall.min(SLICE_WALL), ..asked };
        Job { limits: Some(limits), ..job.clone() }
    }

    /// The jobs of a turn that used their slices up, each with all the jobs of its chain.
    fn unfinished(&self, jobs: &[Job], turn: std::ops::Range<usize>, done: &[JobResult]) -> Vec<usize> {
        let stopped = |at: usize| {
            let asked = jobs[at].limits.unwrap_or(self.limits);
            let outcome = &done[at - turn.start].outcome;
            outcome.status == Status::Limit
                && match outcome.limit {
                    Some(LimitKind::Fuel) => asked.fuel > SLICE_FUEL,
                    Some(LimitKind::Wall) => asked.wall > SLICE_WALL,
                    _ => false,
                }
        };
        let mut left = Vec::new();
        let mut start = turn.start;
        while start < turn.end {
            let end = chain_end(jobs, start);
            if (start..end).any(stopped) {
                left.extend(start..end);
            }
            start = end;
        }
        left
    }
}

impl Lane {
    fn new(name: &'static str, sandbox: Sandbox, room: usize) -> Self {
        let places = Arc::new(Semaphore::new(sandbox.threads() * TURNS));
        let (sandbox, waiting, closed) = (Arc::new(sandbox), AtomicUsize::new(0), Arc::default());
        Self { sandbox, name, places, waiting, room, closed }
    }

    /// Requests that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A place at once, or a place in the queue, or a refusal.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        match self.places.clone().try_acquire_owned() {
            Ok(place) => return Ok(place),
            Err(TryAcquireError::Closed) => return Err(stopping()),
            Err(TryAcquireError::NoPermits) => {}
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.room {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Problem::busy(self.name));
        }
        let _waiting = Waiting(&self.waiting);
        let place = self.places.clone().acquire_owned().await;
        place.map_err(|_| stopping())
    }

    /// One turn of a request's jobs. Its work is taken from the budget.
    async fn turn(&self, jobs: Vec<Job>, budget: &mut Budget) -> Result<Vec<JobResult>, Problem> {
        let place = self.enter().await?;
        let stop = StopOnDrop(Arc::default());
        let (sandbox, stopped, closed) = (self.sandbox.clone(), stop.0.clone(), self.closed.clone());
        let (started, allowed) = (Instant::now(), budget.left);
        let work = tokio::task::spawn_blocking(move || {
            // Held until the work has ended, not only until nobody waits for it.
            let _place = place;
            let told = || stopped.load(Ordering::Relaxed) || closed.load(Ordering::Relaxed);
            sandbox.run_batch(jobs, || !told() && started.elapsed() < allowed)
        });
        let done = work.await.map_err(|error| Problem::broken(error.to_string()))?;
        budget.left = allowed.saturating_sub(started.elapsed());
        done.map_err(|error| match error {
            Error::Cancelled if self.closed.load(Ordering::Relaxed) => stopping(),
            Error::Cancelled => Problem::overtime(budget.whole.as_secs()),
            Error::WrongImage { .. } | Error::State(_) | Error::Option { .. } => {
                Problem::bad(error.to_string())
            }
            _ => Problem::broken(error.to_string()),
        })
    }
}

fn stopping() -> Problem {
    Problem::unavailable("the server is stopping")
}

/// Where the chain that starts at a job ends: the first job after it that follows none.
fn chain_end(jobs: &[Job], start: usize) -> usize {
    (start + 1..jobs.len()).find(|&at| !jobs[at].follows).unwrap_or(jobs.len())
}

/// The jobs in turns of at least `size`, chains kept together.
fn turns(jobs: &[Job], size: usize) -> Vec<std::ops::Range<usize>> {
    let mut turns = Vec::new();
    let mut start = 0;
    while start < jobs.len() {
        let mut end = start;
        while end < jobs.len() && end - start < size {
            end = chain_end(jobs, end);
        }
        turns.push(start..end);
        start = end;
    }
    turns
}

#[cfg(test)]
mod tests {
    use mentor_sandbox::{Job, Program};

    use super::turns;

    fn jobs(follows: &[bool]) -> Vec<Job> {
        let job = |&follows: &bool| Job { follows, ..Job::new(Program::Settle) };
        follows.iter().map(job).collect()
    }

    #[test]
    fn turns_keep_chains_together_and_lose_no_job() {
        let no = false;
        assert!(turns(&[], 4).is_empty());
        assert_eq!(turns(&jobs(&[no; 5]), 2), [0..2, 2..4, 4..5]);
        assert_eq!(turns(&jobs(&[no, true, true, no, no, true]), 2), [0..3, 3..6]);
        assert_eq!(turns(&jobs(&[no, no, true, true]), 1), [0..1, 1..4]);
    }
}
