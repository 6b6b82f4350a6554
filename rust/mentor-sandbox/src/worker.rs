//! One thread's work: takes jobs, runs each in its instance, and drops an instance that is not at rest again.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::Error;
use crate::callers;
use crate::instance::Instance;
use crate::metrics::{Dropped, Tally};
use crate::outcome::Outcome;
use crate::pool::{Batch, Queue, Workshop};
use crate::sandbox::{Job, JobResult};
use crate::signals;

pub(crate) struct Worker {
    workshop: Arc<Workshop>,
    tally: Tally,
    /// Made when there is none.
    instance: Option<Instance>,
    /// When the batch came or its last job ended: one look at the clock a job.
    now: Instant,
}

impl Worker {
    pub(crate) fn new(workshop: Arc<Workshop>, tally: Tally) -> Self {
        Self { workshop, tally, instance: None, now: Instant::now() }
    }

    /// Works until the queue closes.
    pub(crate) fn work(mut self, queue: &Queue) {
        let _marked = signals::guest_thread();
        while let Some(batch) = queue.next() {
            callers::set_waiting(batch.waiting.clone());
            self.now = Instant::now();
            while let Some(run) = batch.take() {
                self.run_all(&batch, run);
            }
        }
        self.drop_instance(Dropped::Closed);
    }

    /// Jobs that follow one another. One that was stopped, or that the machinery could not run, ends where it
    /// started.
    fn run_all(&mut self, batch: &Batch, run: Range<usize>) {
        let mut end = None;
        for index in run {
            let job = batch.job(index, end.as_ref());
            let mut result = self.counted(batch, &job);
            if job.keep_state {
                end = result.state.clone().or_else(|| job.state.clone());
            }
            if !batch.jobs[index].keep_state {
                result.state = None;
            }
            batch.put(index, result);
        }
    }

    fn counted(&mut self, batch: &Batch, job: &Job) -> JobResult {
        // The counters borrow themselves while the instance is used.
        let tally = self.tally.clone();
        let call = tally.begin(batch.submitted, self.now);
        let result = self.run(batch, job);
        self.now = if batch.cancel.load(Ordering::Relaxed) { call.cancel() } else { call.end(&result) };
        result
    }

    fn run(&mut self, batch: &Batch, job: &Job) -> JobResult {
        let failed = |text: String| JobResult { outcome: Outcome::failed(text), state: None };
        if batch.cancel.load(Ordering::Relaxed) {
            return failed("cancelled".into());
        }
        let attempt = catch_unwind(AssertUnwindSafe(|| self.attempt(batch, job)));
        if let Some(guest) = &mut self.instance {
            self.tally.restored(guest.take_effort());
            if guest.is_spent() {
                self.drop_instance(Dropped::Spent);
            }
        }
        match attempt {
            Ok(Ok(result)) => result,
            // At rest again: the state did not fit its limits, or the batch was cancelled.
            Ok(Err(error @ (Error::Option { .. } | Error::Cancelled))) => failed(error.to_string()),
            Ok(Err(error)) => {
                self.drop_instance(Dropped::Broken);
                failed(error.to_string())
            }
            Err(_) => {
                self.drop_instance(Dropped::Panicked);
                failed("the host panicked while it ran the job".into())
            }
        }
    }

    fn attempt(&mut self, batch: &Batch, job: &Job) -> Result<JobResult, Error> {
        let Workshop { compiled, image, restore, limits, verify, tools } = &*self.workshop;
        let guest = match &mut self.instance {
            Some(guest) => guest,
            place => {
                let made = Instance::at_rest(compiled, image, *restore, tools)?;
                self.tally.made();
                place.insert(made)
            }
        };
        let result = guest.run(job, limits, &batch.cancel)?;
        if *verify {
            guest.verify()?;
        }
        Ok(result)
    }

    fn drop_instance(&mut self, why: Dropped) {
        if self.instance.take().is_some() {
            self.tally.dropped(why);
        }
    }
}
