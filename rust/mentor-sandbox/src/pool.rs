//! The threads that run jobs: one instance each, jobs of all batches taken in order, results put in their place.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::engine::{Compiled, WASM_STACK};
use crate::image::SharedImage;
use crate::instance::Instance;
use crate::metrics::{Dropped, Meter, Metrics, Tally};
use crate::outcome::Outcome;
use crate::restore::Restore;
use crate::sandbox::{Job, JobResult};
use crate::{Error, Limits};

/// A worker's stack: the guest's own bound and room for the host's calls below it.
pub(crate) const THREAD_STACK: usize = WASM_STACK + (24 << 20);
/// How often a waiting caller is asked whether to go on.
const POLL: Duration = Duration::from_millis(50);

pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    process: u32,
}

/// What workers need.
pub(crate) struct Workshop {
    pub compiled: Arc<Compiled>,
    pub image: SharedImage,
    pub restore: Restore,
    pub limits: Limits,
    pub verify: bool,
}

struct Shared {
    workshop: Workshop,
    meter: Meter,
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    batches: VecDeque<Arc<Batch>>,
    closing: bool,
}

struct Batch {
    jobs: Vec<Job>,
    submitted: Instant,
    next: AtomicUsize,
    results: Vec<OnceLock<JobResult>>,
    left: Mutex<usize>,
    done: Condvar,
    cancel: Arc<AtomicBool>,
}

/// A poisoned lock's data is whole: workers hold it only to move indices.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    pub(crate) fn start(workshop: Workshop, threads: usize) -> Result<Self, Error> {
        let meter = Meter::new(threads, workshop.restore);
        let shared = Arc::new(Shared { workshop, meter, queue: Mutex::default(), ready: Condvar::new() });
        let mut pool = Self { shared, threads: Vec::new(), process: std::process::id() };
        for index in 0..threads {
            let shared = pool.shared.clone();
            let tally = shared.meter.tally(index);
            let builder =
                std::thread::Builder::new().name(format!("mentor-{index}")).stack_size(THREAD_STACK);
            let thread =
                builder.spawn(move || shared.work(&tally)).map_err(|e| Error::Threads(e.to_string()))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    pub(crate) fn workshop(&self) -> &Workshop {
        &self.shared.workshop
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.shared.meter.snapshot()
    }

    /// Runs all jobs; results are in the jobs' order. `proceed` is asked every 50 ms; when it says no, the
    /// batch stops within two ticks and the pool stays usable.
    pub(crate) fn run(
        &self,
        jobs: Vec<Job>,
        mut proceed: impl FnMut() -> bool,
    ) -> Result<Vec<JobResult>, Error> {
        if std::process::id() != self.process {
            return Err(Error::Forked);
        }
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let batch = Arc::new(Batch {
            next: AtomicUsize::new(0),
            results: jobs.iter().map(|_| OnceLock::new()).collect(),
            left: Mutex::new(jobs.len()),
            done: Condvar::new(),
            cancel: Arc::default(),
            submitted: Instant::now(),
            jobs,
        });
        let _span = tracing::debug_span!("batch", jobs = batch.jobs.len()).entered();
        lock(&self.shared.queue).batches.push_back(batch.clone());
        if batch.jobs.len() == 1 {
            self.shared.ready.notify_one();
        } else {
            self.shared.ready.notify_all();
        }
        let mut left = lock(&batch.left);
        while *left > 0 {
            let waited = batch.done.wait_timeout(left, POLL).unwrap_or_else(PoisonError::into_inner);
            left = waited.0;
            if waited.1.timed_out() && !batch.cancel.load(Ordering::Relaxed) {
                drop(left);
                if !proceed() {
                    batch.cancel.store(true, Ordering::Relaxed);
                }
                left = lock(&batch.left);
            }
        }
        drop(left);
        if batch.cancel.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        let missing =
            || JobResult { outcome: Outcome::failed("a worker gave no result".into()), state: None };
        // Workers may still hold the batch for a moment, so results are cloned out rather than moved.
        Ok(batch.results.iter().map(|slot| slot.get().cloned().unwrap_or_else(missing)).collect())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if std::process::id() != self.process {
            // The threads are the parent's; there is nothing to join here.
            for thread in self.threads.drain(..) {
                std::mem::forget(thread);
            }
            return;
        }
        lock(&self.shared.queue).closing = true;
        self.shared.ready.notify_all();
        for thread in self.threads.drain(..) {
            // A worker cannot panic outside `catch_unwind`; if it did, its panic was printed.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self, tally: &Tally) {
        let mut instance = None;
        while let Some((batch, index)) = self.take() {
            let call = tally.begin(batch.submitted);
            let result = self.run_one(&mut instance, &batch, index, tally);
            if batch.cancel.load(Ordering::Relaxed) {
                call.cancel();
            } else {
                call.end(&result);
            }
            let _ = batch.results[index].set(result);
            let mut left = lock(&batch.left);
            *left -= 1;
            if *left == 0 {
                batch.done.notify_all();
            }
        }
        drop_instance(&mut instance, Dropped::Closed, tally);
    }

    /// The next job of the oldest batch; None when the pool closes.
    fn take(&self) -> Option<(Arc<Batch>, usize)> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.closing {
                return None;
            }
            while let Some(batch) = queue.batches.front() {
                let index = batch.next.fetch_add(1, Ordering::Relaxed);
                if index < batch.jobs.len() {
                    return Some((batch.clone(), index));
                }
                queue.batches.pop_front();
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Runs a job in the worker's instance, which is made when there is none and dropped when it cannot be
    /// shown to be at rest again.
    fn run_one(
        &self,
        instance: &mut Option<Instance>,
        batch: &Batch,
        index: usize,
        tally: &Tally,
    ) -> JobResult {
        let failed = |text: String| JobResult { outcome: Outcome::failed(text), state: None };
        if batch.cancel.load(Ordering::Relaxed) {
            return failed("cancelled".into());
        }
        let Workshop { compiled, image, restore, limits, verify } = &self.workshop;
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            if instance.is_none() {
                *instance = Some(Instance::at_rest(compiled, image, *restore)?);
                tally.made();
            }
            let guest = instance.as_mut().ok_or_else(|| Error::Engine("no instance".into()))?;
            let result = guest.run(&batch.jobs[index], limits, &batch.cancel)?;
            if *verify { guest.verify().map(|()| result) } else { Ok(result) }
        }));
        if let Some(guest) = instance {
            tally.restored(guest.take_effort());
            if guest.is_spent() {
                drop_instance(instance, Dropped::Spent, tally);
            }
        }
        match attempt {
            Ok(Ok(result)) => result,
            // At rest again: the state did not fit its limits, or the batch was cancelled.
            Ok(Err(error @ (Error::Option { .. } | Error::Cancelled))) => failed(error.to_string()),
            Ok(Err(error)) => {
                drop_instance(instance, Dropped::Broken, tally);
                failed(error.to_string())
            }
            Err(_) => {
                drop_instance(instance, Dropped::Panicked, tally);
                failed("the host panicked while it ran the job".into())
            }
        }
    }
}

fn drop_instance(instance: &mut Option<Instance>, why: Dropped, tally: &Tally) {
    if instance.take().is_some() {
        tally.dropped(why);
    }
}
