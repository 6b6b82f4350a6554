//! A door for benches alone, no part of the API: instances on a thread of their own, without pool or queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::instance::Instance;
use crate::metrics::{Effort, Meter};
use crate::outcome::Outcome;
use crate::pool::Workshop;
use crate::restore::Restore;
use crate::sandbox::{Job, JobResult, Sandbox, on_large_stack};
use crate::{Error, Limits};

/// A guest that started at a sandbox's image.
pub struct Bench {
    instance: Instance,
    limits: Limits,
}

impl Bench {
    /// Makes instances as the sandbox's workers do and gives them to `work`, on a thread with the stack that guests
    /// need.
    pub fn with<T: Send, const N: usize>(
        sandbox: &Sandbox,
        work: impl FnOnce(&mut [Self; N]) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let Workshop { compiled, image, restore, limits, tools, .. } = sandbox.workshop();
        on_large_stack(|| {
            let _ticking = compiled.ticking()?;
            let made: Result<Vec<Self>, Error> = std::iter::repeat_with(|| {
                let instance = Instance::at_rest(compiled, image, *restore, tools)?;
                Ok(Self { instance, limits: *limits })
            })
            .take(N)
            .collect();
            let made: Result<[Self; N], _> = made?.try_into();
            work(&mut made.map_err(|_| Error::Engine("instances are missing".into()))?)
        })
    }

    /// A job as the sandbox runs it: the guest is put back afterwards.
    pub fn fresh(&mut self, job: &Job) -> Result<JobResult, Error> {
        self.instance.run(job, &self.limits, &Arc::default())
    }

    /// The job's program in the guest as the last one left it; nothing is put back.
    pub fn kept(&mut self, job: &Job) -> Result<Outcome, Error> {
        self.instance.run_bare(&job.program, job.seed, &self.limits)
    }
}

/// Counts jobs that never ran: what metrics and switched-off tracing cost.
#[must_use]
pub fn count(jobs: u64) -> Duration {
    let meter = Meter::new(1, Restore::Compare);
    let tally = meter.tally(0);
    let result = JobResult { outcome: Outcome::empty(), state: None };
    let started = Instant::now();
    let mut now = started;
    for _ in 0..jobs {
        let call = tally.begin(started, now);
        tally.restored(Effort { restores: 1, pages: 90, sweeps: 0 });
        now = call.end(std::hint::black_box(&result));
    }
    started.elapsed()
}
