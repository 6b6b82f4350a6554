//! One thread's work: takes jobs, runs each in its instance, and drops an instance that is not at rest again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Error;
use crate::instance::Instance;
use crate::metrics::{Dropped, Tally};
use crate::outcome::Outcome;
use crate::pool::{Batch, Queue, Workshop};
use crate::sandbox::JobResult;

pub(crate) struct Worker {
    workshop: Arc<Workshop>,
    tally: Tally,
    /// Made when there is none.
    instance: Option<Instance>,
}

impl Worker {
    pub(crate) fn new(workshop: Arc<Workshop>, tally: Tally) -> Self {
        Self { workshop, tally, instance: None }
    }

    /// Works until the queue closes.
    pub(crate) fn work(mut self, queue: &Queue) {
        while let Some(batch) = queue.next() {
            while let Some(index) = batch.take() {
                let result = self.counted(&batch, index);
                batch.put(index, result);
            }
        }
        self.drop_instance(Dropped::Closed);
    }

    fn counted(&mut self, batch: &Batch, index: usize) -> JobResult {
        // The counters borrow themselves while the instance is used.
        let tally = self.tally.clone();
        let call = tally.begin(batch.submitted);
        let result = self.run(batch, index);
        if batch.cancel.load(Ordering::Relaxed) {
            call.cancel();
        } else {
            call.end(&result);
        }
        result
    }

    fn run(&mut self, batch: &Batch, index: usize) -> JobResult {
        let failed = |text: String| JobResult { outcome: Outcome::failed(text), state: None };
        if batch.cancel.load(Ordering::Relaxed) {
            return failed("cancelled".into());
        }
        let attempt = catch_unwind(AssertUnwindSafe(|| self.attempt(batch, index)));
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

    fn attempt(&mut self, batch: &Batch, index: usize) -> Result<JobResult, Error> {
        let Workshop { compiled, image, restore, limits, verify } = &*self.workshop;
        let guest = match &mut self.instance {
            Some(guest) => guest,
            place => {
                let made = Instance::at_rest(compiled, image, *restore)?;
                self.tally.made();
                place.insert(made)
            }
        };
        let result = guest.run(&batch.jobs[index], limits, &batch.cancel)?;
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
