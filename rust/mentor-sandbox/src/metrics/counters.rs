//! The counters themselves: shards of atomics, and the hands that workers count with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tracing::field::Empty;
use tracing::span::EnteredSpan;

use super::{BUCKETS, Dropped, Effort, Histogram, Metrics, bucket, resident_memory};
use crate::outcome::{LimitKind, Status};
use crate::restore::Restore;
use crate::sandbox::JobResult;

const STATUSES: usize = Status::ALL.len();
const LIMITS: usize = LimitKind::ALL.len();
const WAYS: usize = Restore::ALL.len();
const REASONS: usize = Dropped::ALL.len();
// A variant that `ALL` forgets does not compile: each enum's last one counts them.
const _: () = assert!(Status::Failed as usize + 1 == STATUSES && LimitKind::Result as usize + 1 == LIMITS);
/// Workers beyond this many share the process's shards, which costs them contention and nothing else.
const PROCESS_SHARDS: usize = 16;

struct Times {
    counts: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

/// One worker's counters, or those that a few workers of the process share.
#[repr(align(128))]
struct Shard {
    statuses: [AtomicU64; STATUSES],
    limits: [AtomicU64; LIMITS],
    cancelled: AtomicU64,
    states: AtomicU64,
    busy: Times,
    queued: Times,
    efforts: [[AtomicU64; 3]; WAYS],
    made: AtomicU64,
    dropped: [AtomicU64; REASONS],
}

impl Times {
    const fn new() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], nanos: AtomicU64::new(0) }
    }

    fn add(&self, time: Duration) {
        let nanos = time.as_nanos() as u64;
        add(&self.counts[bucket(nanos)], 1);
        add(&self.nanos, nanos);
    }
}

fn add(cell: &AtomicU64, amount: u64) {
    cell.fetch_add(amount, Relaxed);
}

impl Shard {
    const fn new() -> Self {
        Self {
            statuses: [const { AtomicU64::new(0) }; STATUSES],
            limits: [const { AtomicU64::new(0) }; LIMITS],
            cancelled: AtomicU64::new(0),
            states: AtomicU64::new(0),
            busy: Times::new(),
            queued: Times::new(),
            efforts: [const { [const { AtomicU64::new(0) }; 3] }; WAYS],
            made: AtomicU64::new(0),
            dropped: [const { AtomicU64::new(0) }; REASONS],
        }
    }

    fn cells(&self) -> impl Iterator<Item = &AtomicU64> {
        let times = [&self.busy, &self.queued];
        let times = times.into_iter().flat_map(|t| t.counts.iter().chain([&t.nanos]));
        let single = [&self.cancelled, &self.states, &self.made];
        let counts = self.statuses.iter().chain(&self.limits).chain(&self.dropped);
        counts.chain(single).chain(self.efforts.iter().flatten()).chain(times)
    }
}

static PROCESS: [Shard; PROCESS_SHARDS] = [const { Shard::new() }; PROCESS_SHARDS];
/// The process that `PROCESS` counts for, or 0.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// A forked child starts from nothing: its parent's counts stay the parent's.
fn claim_process() {
    let process = std::process::id();
    let before = OWNER.swap(process, Relaxed);
    if before != 0 && before != process {
        PROCESS.iter().flat_map(Shard::cells).for_each(|cell| cell.store(0, Relaxed));
    }
}

/// What all sandboxes of this process did, those that are gone included.
#[must_use]
pub fn process_metrics() -> Metrics {
    claim_process();
    snapshot(&PROCESS.iter().collect::<Vec<_>>())
}

/// The counters of one sandbox's workers.
pub(crate) struct Meter {
    shards: Vec<Arc<Shard>>,
    restore: Restore,
}

impl Meter {
    pub(crate) fn new(workers: usize, restore: Restore) -> Self {
        claim_process();
        Self { shards: (0..workers).map(|_| Arc::new(Shard::new())).collect(), restore }
    }

    /// The counters that one worker counts in.
    pub(crate) fn tally(&self, worker: usize) -> Tally {
        Tally {
            own: self.shards[worker].clone(),
            process: &PROCESS[worker % PROCESS_SHARDS],
            restore: self.restore,
        }
    }

    pub(crate) fn snapshot(&self) -> Metrics {
        snapshot(&self.shards.iter().map(Arc::as_ref).collect::<Vec<_>>())
    }
}

/// Counts what one worker does.
#[derive(Clone)]
pub(crate) struct Tally {
    own: Arc<Shard>,
    process: &'static Shard,
    restore: Restore,
}

impl Tally {
    fn count(&self, what: impl Fn(&Shard)) {
        what(&self.own);
        what(self.process);
    }

    /// A job of a batch is taken now.
    pub(crate) fn begin(&self, submitted: Instant) -> Call<'_> {
        let started = Instant::now();
        self.count(|shard| shard.queued.add(started - submitted));
        let span = tracing::trace_span!(
            "call",
            status = Empty,
            limit = Empty,
            fuel = Empty,
            memory = Empty,
            pages = Empty
        );
        Call { tally: self, started, span: span.entered() }
    }

    /// What the worker's instance spent on restores since the last time.
    pub(crate) fn restored(&self, effort: Effort) {
        self.count(|shard| {
            let cells = &shard.efforts[self.restore as usize];
            for (cell, amount) in cells.iter().zip([effort.restores, effort.pages, effort.sweeps]) {
                if amount > 0 {
                    add(cell, amount);
                }
            }
        });
    }

    pub(crate) fn made(&self) {
        self.count(|shard| add(&shard.made, 1));
        tracing::debug!(restore = self.restore.as_str(), "instance made");
    }

    pub(crate) fn dropped(&self, why: Dropped) {
        self.count(|shard| add(&shard.dropped[why as usize], 1));
        match why {
            Dropped::Closed | Dropped::Spent => tracing::debug!(why = why.as_str(), "instance dropped"),
            Dropped::Broken | Dropped::Panicked => tracing::warn!(why = why.as_str(), "instance dropped"),
        }
    }
}

/// A job on its worker.
pub(crate) struct Call<'t> {
    tally: &'t Tally,
    started: Instant,
    span: EnteredSpan,
}

impl Call<'_> {
    /// The job has its result.
    pub(crate) fn end(self, JobResult { outcome, state }: &JobResult) {
        let busy = self.started.elapsed();
        self.tally.count(|shard| {
            add(&shard.statuses[outcome.status as usize], 1);
            if let Some(limit) = outcome.limit {
                add(&shard.limits[limit as usize], 1);
            }
            if state.is_some() {
                add(&shard.states, 1);
            }
            shard.busy.add(busy);
        });
        if self.span.is_disabled() {
            return;
        }
        let usage = &outcome.usage;
        self.span.record("status", outcome.status.as_str());
        if let Some(limit) = outcome.limit {
            self.span.record("limit", limit.as_str());
        }
        self.span.record("fuel", usage.fuel).record("memory", usage.memory).record("pages", usage.pages);
    }

    /// The job's batch was cancelled, and it was stopped or skipped.
    pub(crate) fn cancel(self) {
        self.tally.count(|shard| add(&shard.cancelled, 1));
        self.span.record("status", "cancelled");
    }
}

/// Adds shards up.
fn snapshot(shards: &[&Shard]) -> Metrics {
    let sum = |pick: &dyn Fn(&Shard) -> &AtomicU64| shards.iter().map(|s| pick(s).load(Relaxed)).sum::<u64>();
    let times = |pick: &dyn Fn(&Shard) -> &Times| Histogram {
        counts: (0..BUCKETS)
            .map(|at| shards.iter().map(|s| pick(s).counts[at].load(Relaxed)).sum())
            .collect(),
        total: Duration::from_nanos(shards.iter().map(|s| pick(s).nanos.load(Relaxed)).sum()),
    };
    let effort = |way: Restore| {
        let of = |part: usize| sum(&move |s: &Shard| &s.efforts[way as usize][part]);
        Effort { restores: of(0), pages: of(1), sweeps: of(2) }
    };
    Metrics {
        statuses: Status::ALL.iter().map(|&at| (at, sum(&move |s| &s.statuses[at as usize]))).collect(),
        limits: LimitKind::ALL.iter().map(|&at| (at, sum(&move |s| &s.limits[at as usize]))).collect(),
        cancelled: sum(&|s| &s.cancelled),
        states: sum(&|s| &s.states),
        busy: times(&|s| &s.busy),
        queued: times(&|s| &s.queued),
        restores: Restore::ALL.iter().map(|&way| (way, effort(way))).collect(),
        made: sum(&|s| &s.made),
        resident: resident_memory(),
        dropped: Dropped::ALL.iter().map(|&at| (at, sum(&move |s| &s.dropped[at as usize]))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn names_are_indexed_by_discriminant() {
        assert!(Status::ALL.iter().enumerate().all(|(at, status)| *status as usize == at));
        assert!(LimitKind::ALL.iter().enumerate().all(|(at, limit)| *limit as usize == at));
        assert!(Restore::ALL.iter().enumerate().all(|(at, way)| *way as usize == at));
        assert!(Dropped::ALL.iter().enumerate().all(|(at, why)| *why as usize == at));
    }

    #[test]
    fn shards_add_up_and_the_process_sees_all() {
        let before = process_metrics();
        let meter = Meter::new(2, Restore::Compare);
        let outcome = Outcome { status: Status::Limit, limit: Some(LimitKind::Fuel), ..Outcome::empty() };
        let limit = JobResult { outcome, state: None };
        for worker in [0, 1, 1] {
            let tally = meter.tally(worker);
            tally.made();
            let waited = Duration::from_millis(3);
            tally.begin(Instant::now().checked_sub(waited).unwrap()).end(&limit);
            tally.restored(Effort { restores: 1, pages: 90, sweeps: 0 });
            tally.dropped(Dropped::Broken);
        }
        meter.tally(0).begin(Instant::now()).cancel();
        let metrics = meter.snapshot();
        assert_eq!((metrics.jobs(), metrics.cancelled, metrics.states), (3, 1, 0));
        assert_eq!((metrics.made, metrics.instances()), (3, 0));
        assert_eq!(metrics.limits[LimitKind::Fuel as usize], (LimitKind::Fuel, 3));
        assert_eq!(metrics.busy.counts.iter().sum::<u64>(), 3);
        assert_eq!(metrics.queued.counts[bucket(3_000_000)..].iter().sum::<u64>(), 3);
        let effort = metrics.restores[Restore::Compare as usize].1;
        assert_eq!(effort, Effort { restores: 3, pages: 270, sweeps: 0 });
        drop(meter);
        assert!(process_metrics().jobs() >= before.jobs() + 3);
    }
}
