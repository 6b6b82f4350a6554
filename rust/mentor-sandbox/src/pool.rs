//! The threads that run jobs: one instance each, jobs of all batches taken in order, results put in their place.
//!
//! A forked child starts threads of its own when it first runs something; the image, which only they read, it has
//! from its parent.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::callers;
use crate::engine::{Compiled, WASM_STACK};
use crate::host_tools::HostTools;
use crate::image::SharedImage;
use crate::metrics::{Meter, Metrics};
use crate::outcome::Outcome;
use crate::process::PerProcess;
use crate::restore::Restore;
use crate::sandbox::{Job, JobResult};
use crate::state::State;
use crate::worker::Worker;
use crate::{Error, Limits};

/// A worker's stack: the guest's own bound and room for the host's calls below it.
pub(crate) const THREAD_STACK: usize = WASM_STACK + (24 << 20);
/// How often a waiting caller is asked whether to go on.
const POLL: Duration = Duration::from_millis(50);

pub(crate) struct Pool {
    workshop: Arc<Workshop>,
    threads: usize,
    crew: PerProcess<Crew>,
}

/// What workers need.
pub(crate) struct Workshop {
    pub compiled: Arc<Compiled>,
    pub image: SharedImage,
    pub restore: Restore,
    pub limits: Limits,
    pub verify: bool,
    pub tools: Arc<HostTools>,
}

/// One process's threads.
struct Crew {
    queue: Arc<Queue>,
    meter: Meter,
    threads: Vec<JoinHandle<()>>,
}

/// Batches that have jobs left, the oldest first.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    ready: Condvar,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Arc<Batch>>,
    closing: bool,
}

/// Jobs of one caller.
pub(crate) struct Batch {
    pub jobs: Vec<Job>,
    /// The pools that wait for this batch, its own included.
    pub waiting: callers::Waiting,
    pub submitted: Instant,
    pub cancel: Arc<AtomicBool>,
    /// Jobs that follow one another: what a worker takes at once.
    runs: Vec<Range<usize>>,
    /// The first of `runs` that nobody has taken.
    next: AtomicUsize,
    results: Vec<Mutex<Option<JobResult>>>,
    left: AtomicUsize,
    done: Mutex<bool>,
    finished: Condvar,
}

/// A poisoned lock's data is whole: nothing that can panic runs under one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    pub(crate) fn start(workshop: Workshop, threads: usize) -> Result<Self, Error> {
        let pool = Self { workshop: Arc::new(workshop), threads, crew: PerProcess::new() };
        pool.crew()?;
        Ok(pool)
    }

    fn crew(&self) -> Result<&Crew, Error> {
        self.crew.get_or_try_init(|| Crew::start(&self.workshop, self.threads))
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    pub(crate) fn workshop(&self) -> &Workshop {
        &self.workshop
    }

    /// What this process's threads did.
    pub(crate) fn metrics(&self) -> Metrics {
        let nothing = || Meter::new(0, self.workshop.restore).snapshot();
        self.crew.get().map_or_else(nothing, |crew| crew.meter.snapshot())
    }

    /// Runs all jobs; results are in the jobs' order. `proceed` is asked every 50 ms; when it says no, the
    /// batch stops within two ticks and the pool stays usable.
    pub(crate) fn run(&self, jobs: Vec<Job>, proceed: impl FnMut() -> bool) -> Result<Vec<JobResult>, Error> {
        let (mut waiting, own) = (callers::waiting().to_vec(), Arc::as_ptr(&self.workshop) as usize);
        if waiting.contains(&own) {
            return Err(Error::Nested);
        }
        waiting.push(own);
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let crew = self.crew()?;
        let _ticking = self.workshop.compiled.ticking()?;
        let _span = tracing::debug_span!("batch", jobs = jobs.len()).entered();
        let batch = Arc::new(Batch::new(jobs, waiting.into()));
        crew.queue.push(&batch);
        batch.wait(proceed);
        if batch.cancel.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(batch.take_results()) }
    }
}

impl Crew {
    fn start(workshop: &Arc<Workshop>, threads: usize) -> Result<Self, Error> {
        let meter = Meter::new(threads, workshop.restore);
        let mut crew = Self { queue: Arc::default(), meter, threads: Vec::new() };
        for index in 0..threads {
            let worker = Worker::new(workshop.clone(), crew.meter.tally(index));
            let queue = crew.queue.clone();
            let builder =
                std::thread::Builder::new().name(format!("mentor-{index}")).stack_size(THREAD_STACK);
            let thread = builder.spawn(move || worker.work(&queue));
            crew.threads.push(thread.map_err(|e| Error::Threads(e.to_string()))?);
        }
        Ok(crew)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        lock(&self.queue.waiting).closing = true;
        self.queue.ready.notify_all();
        for thread in self.threads.drain(..) {
            // A worker catches its panics; if one got out, it was printed.
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn push(&self, batch: &Arc<Batch>) {
        lock(&self.waiting).batches.push_back(batch.clone());
        if batch.runs.len() == 1 {
            self.ready.notify_one();
        } else {
            self.ready.notify_all();
        }
    }

    /// The oldest batch that has jobs left, waiting for one; None when the pool closes.
    pub(crate) fn next(&self) -> Option<Arc<Batch>> {
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.closing {
                return None;
            }
            while let Some(batch) = waiting.batches.front() {
                if batch.next.load(Ordering::Relaxed) < batch.runs.len() {
                    return Some(batch.clone());
                }
                waiting.batches.pop_front();
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Batch {
    fn new(jobs: Vec<Job>, waiting: callers::Waiting) -> Self {
        Self {
            waiting,
            runs: runs(&jobs),
            submitted: Instant::now(),
            cancel: Arc::default(),
            next: AtomicUsize::new(0),
            results: jobs.iter().map(|_| Mutex::new(None)).collect(),
            left: AtomicUsize::new(jobs.len()),
            done: Mutex::new(false),
            finished: Condvar::new(),
            jobs,
        }
    }

    /// The indices of jobs that follow one another and that nobody has taken yet.
    pub(crate) fn take(&self) -> Option<Range<usize>> {
        self.runs.get(self.next.fetch_add(1, Ordering::Relaxed)).cloned()
    }

    /// A job as it runs: from where the one before it ended if it follows that, and with its own end kept if the
    /// next one follows it.
    pub(crate) fn job(&self, index: usize, end: Option<&State>) -> Cow<'_, Job> {
        let mut job = Cow::Borrowed(&self.jobs[index]);
        if job.follows {
            job.to_mut().state = end.cloned();
        }
        if !job.keep_state && self.jobs.get(index + 1).is_some_and(|next| next.follows) {
            job.to_mut().keep_state = true;
        }
        job
    }

    /// Puts a result in its place; the last one ends the wait.
    pub(crate) fn put(&self, index: usize, result: JobResult) {
        *lock(&self.results[index]) = Some(result);
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            *lock(&self.done) = true;
            self.finished.notify_all();
        }
    }

    fn wait(&self, mut proceed: impl FnMut() -> bool) {
        let mut done = lock(&self.done);
        while !*done {
            let (held, timeout) =
                self.finished.wait_timeout(done, POLL).unwrap_or_else(PoisonError::into_inner);
            done = held;
            if timeout.timed_out() && !self.cancel.load(Ordering::Relaxed) {
                drop(done);
                if !proceed() {
                    self.cancel.store(true, Ordering::Relaxed);
                }
                done = lock(&self.done);
            }
        }
    }

    fn take_results(&self) -> Vec<JobResult> {
        let missing =
            || JobResult { outcome: Outcome::failed("a worker gave no result".into()), state: None };
        self.results.iter().map(|slot| lock(slot).take().unwrap_or_else(missing)).collect()
    }
}

/// The ranges of jobs that follow one another.
fn runs(jobs: &[Job]) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = (0..jobs.len()).filter(|&index| !jobs[index].follows).collect();
    starts.push(jobs.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
