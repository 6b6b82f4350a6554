//! The public face: a sandbox is an image and the threads that run jobs from it.

use std::sync::Arc;

use crate::engine::Compiled;
use crate::harness;
pub use crate::harness::Program;
use crate::host_tools::{HostCall, HostTool, HostTools};
use crate::image::{Image, PackageFile, Recipe, SharedImage};
use crate::metrics::Metrics;
use crate::outcome::Outcome;
use crate::pool::{Pool, THREAD_STACK, Workshop};
use crate::restore::{self, Restore};
use crate::signals;
use crate::state::State;
use crate::store::{self, Origin};
use crate::wasi::Files;
use crate::{EngineOptions, Error, Limits};

/// How a sandbox is made.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// The guest and the cache of compiled code.
    pub engine: EngineOptions,
    /// Python source that runs once; every job starts from what it leaves.
    pub prelude: String,
    /// What the guest can import beside its own library, see `PackageFile`.
    pub packages: Vec<PackageFile>,
    /// The bounds of jobs that bring none of their own.
    pub limits: Limits,
    /// Worker threads, one instance each (about 50 MB); 0 means one per core.
    pub threads: usize,
    /// Functions of the host's that programs may call.
    pub host_tools: Vec<HostTool>,
    /// How memory is put back; None means the fastest way that works here.
    pub restore: Option<Restore>,
    /// Compare the whole memory with the image after every job (for tests: some milliseconds a job). A job after
    /// which they differ is `Failed` and its instance is dropped.
    pub verify: bool,
}

/// One thing to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where to start; None means the image.
    pub state: Option<State>,
    /// Start where the batch's job before this one ended instead, on the same thread.
    pub follows: bool,
    /// What to run.
    pub program: Program,
    /// Decides all randomness.
    pub seed: u64,
    /// Bounds for this job alone.
    pub limits: Option<Limits>,
    /// Whether to keep the state that the job ends in.
    pub keep_state: bool,
    /// The host calls of an earlier run to replay: no host tool is called, and a program that calls otherwise is
    /// `Diverged`.
    pub replay: Option<Arc<[HostCall]>>,
}

impl Job {
    /// The program, from the image, with seed 0 and the sandbox's limits.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self { state: None, follows: false, program, seed: 0, limits: None, keep_state: false, replay: None }
    }
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobResult {
    /// What it did.
    pub outcome: Outcome,
    /// Where it ended, if that was asked for. A job that was stopped or trapped ends where it started.
    pub state: Option<State>,
}

/// Runs programs, each in a fresh guest that starts from the same image. Shared by threads.
pub struct Sandbox {
    image: SharedImage,
    origin: Origin,
    restore: Restore,
    pool: Pool,
}

impl Sandbox {
    /// Compiles the guest and builds the image if need be, and starts the threads.
    pub fn new(options: &SandboxOptions) -> Result<Self, Error> {
        options.limits.validate()?;
        let compiled = Compiled::shared(&options.engine)?;
        let tools = HostTools::new(&options.host_tools)?;
        let harness = harness::source(&tools);
        let recipe = Recipe { harness: &harness, prelude: &options.prelude, packages: &options.packages };
        let build = |fresh: &Files| on_large_stack(|| Image::build(&compiled, recipe, fresh));
        let (image, origin) = store::image(&compiled, recipe, &options.engine, build)?;
        let restore = options.restore.unwrap_or_else(|| restore::choose().restore);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if options.threads == 0 { cores() } else { options.threads };
        let (limits, verify) = (options.limits, options.verify);
        let workshop = Workshop { compiled, image: image.clone(), restore, limits, verify, tools };
        Ok(Self { image, origin, restore, pool: Pool::start(workshop, threads)? })
    }

    /// The state that every job without one starts from.
    #[must_use]
    pub fn initial(&self) -> State {
        State::initial(&self.image)
    }

    /// The image's identity: a hash of its content.
    #[must_use]
    pub fn image_id(&self) -> &str {
        &self.image.id
    }

    /// Where the image came from.
    #[must_use]
    pub fn image_origin(&self) -> &Origin {
        &self.origin
    }

    /// How memory is put back.
    #[must_use]
    pub fn restore(&self) -> Restore {
        self.restore
    }

    /// How many jobs run at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    pub(crate) fn workshop(&self) -> &Workshop {
        self.pool.workshop()
    }

    /// What this sandbox did so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.pool.metrics()
    }

    /// Runs all jobs on the sandbox's threads, jobs that follow one another in their order; results are in the jobs' order and depend on the jobs alone.
    /// `proceed` is asked every 50 ms; when it says no, the batch is cancelled.
    pub fn run_batch(&self, jobs: Vec<Job>, proceed: impl FnMut() -> bool) -> Result<Vec<JobResult>, Error> {
        if jobs.first().is_some_and(|job| job.follows) {
            return Err(Error::Option {
                field: "follows",
                reason: "the first job has none before it".into(),
            });
        }
        for job in &jobs {
            if let Some(limits) = &job.limits {
                limits.validate()?;
            }
            if let Some(state) = &job.state {
                state.check(&self.image)?;
            }
        }
        self.pool.run(jobs, proceed)
    }
}

/// Guests need more stack than a caller's thread may have.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("mentor-image".into()).stack_size(THREAD_STACK);
        let marked = || {
            let _marked = signals::guest_thread();
            work()
        };
        let thread = builder.spawn_scoped(scope, marked).map_err(|e| Error::Threads(e.to_string()))?;
        thread.join().unwrap_or_else(|_| Err(Error::Threads("the image's thread panicked".into())))
    })
}
