//! What sandboxes did, as counters that are always on.
//!
//! A worker counts in a shard of its own and in one that the whole process shares with few others; nothing is
//! locked, so counting costs tens of nanoseconds a job and a snapshot never waits. Times go into histograms with
//! four buckets an octave, so a quantile is known within a fifth of its value.
//!
//! ```text
//! worker ─► Tally ─► its own Shard ──────► Sandbox::metrics
//!                └─► a Shard of PROCESS ─► process_metrics
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::memory::Restore;
use crate::outcome::{LimitKind, Outcome, Status};

const STATUSES: usize = Status::ALL.len();
const LIMITS: usize = LimitKind::ALL.len();
const WAYS: usize = Restore::ALL.len();
const REASONS: usize = Dropped::ALL.len();
// A variant that `ALL` forgets does not compile: each enum's last one counts them.
const _: () = assert!(Status::Failed as usize + 1 == STATUSES && LimitKind::Result as usize + 1 == LIMITS);
/// Workers beyond this many share the process's shards, which costs them contention and nothing else.
const PROCESS_SHARDS: usize = 16;

/// Why an instance was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// Its sandbox was dropped.
    Closed,
    /// It could not be shown to be at rest again.
    Broken,
    /// The host panicked while it ran a job.
    Panicked,
}

impl Dropped {
    /// Every reason, in the order of their discriminants.
    pub const ALL: &[Self] = &[Self::Closed, Self::Broken, Self::Panicked];

    /// The reason's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Broken => "broken",
            Self::Panicked => "panicked",
        }
    }
}

/// What putting memory back took since it was last asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// How often an instance was put back.
    pub restores: u64,
    /// 4 KiB pages copied.
    pub pages: u64,
    /// How often all open pages were closed again.
    pub sweeps: u64,
}

/// Counters at one moment; each number is exact for the jobs whose results were handed out before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Jobs by status, all statuses in order.
    pub statuses: Vec<(Status, u64)>,
    /// Jobs with the status `Limit`, by limit, all limits in order.
    pub limits: Vec<(LimitKind, u64)>,
    /// Jobs of cancelled batches that were stopped or never ran; no part of `statuses`.
    pub cancelled: u64,
    /// States made.
    pub states: u64,
    /// Time of a job on its worker, the restore included.
    pub busy: Histogram,
    /// Time from a batch's submission to a job's start.
    pub queued: Histogram,
    /// What putting memory back took, by its way.
    pub restores: Vec<(Restore, Effort)>,
    /// Instances made.
    pub made: u64,
    /// Instances dropped, by reason.
    pub dropped: Vec<(Dropped, u64)>,
}

impl Metrics {
    /// Jobs that have an outcome.
    #[must_use]
    pub fn jobs(&self) -> u64 {
        self.statuses.iter().map(|(_, count)| count).sum()
    }

    /// Instances alive.
    #[must_use]
    pub fn instances(&self) -> u64 {
        let dropped = self.dropped.iter().map(|(_, count)| count).sum();
        self.made.saturating_sub(dropped)
    }
}

/// Durations, counted in buckets of a quarter octave from 1 us to 67 s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Durations below each of `Histogram::bounds`, those of earlier buckets excluded; the last bucket is open.
    pub counts: Vec<u64>,
    /// The sum of all durations.
    pub total: Duration,
}

const OCTAVES: usize = 26;
const BUCKETS: usize = 1 + 4 * OCTAVES + 1;
/// The unit in which bounds are whole: a quarter of a microsecond.
const UNIT: u64 = 250;

impl Histogram {
    /// The upper bound of each bucket but the last, ascending; every fourth from the first doubles.
    #[must_use]
    pub fn bounds() -> Vec<Duration> {
        let quarter = |at: usize| Duration::from_nanos(((5 + at as u64 % 4) << (at / 4)) * UNIT);
        std::iter::once(Duration::from_micros(1)).chain((0..4 * OCTAVES).map(quarter)).collect()
    }
}

/// The bucket of a duration given in nanoseconds.
fn bucket(nanos: u64) -> usize {
    let units = nanos / UNIT;
    if units < 4 {
        return 0;
    }
    let octave = units.ilog2() - 2;
    (1 + 4 * octave as usize + (units >> octave & 3) as usize).min(BUCKETS - 1)
}

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

    /// A job was taken after it had waited in the queue.
    pub(crate) fn took(&self, waited: Duration) {
        self.count(|shard| shard.queued.add(waited));
    }

    /// A job has its outcome.
    pub(crate) fn ended(&self, outcome: &Outcome, state: bool, busy: Duration) {
        self.count(|shard| {
            add(&shard.statuses[outcome.status as usize], 1);
            if let Some(limit) = outcome.limit {
                add(&shard.limits[limit as usize], 1);
            }
            if state {
                add(&shard.states, 1);
            }
            shard.busy.add(busy);
        });
    }

    /// A job of a cancelled batch was stopped or skipped.
    pub(crate) fn cancelled(&self) {
        self.count(|shard| add(&shard.cancelled, 1));
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
    }

    pub(crate) fn dropped(&self, why: Dropped) {
        self.count(|shard| add(&shard.dropped[why as usize], 1));
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
        dropped: Dropped::ALL.iter().map(|&at| (at, sum(&move |s| &s.dropped[at as usize]))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lies_below_its_bucket_s_bound_and_not_below_the_one_before() {
        let bounds = Histogram::bounds();
        assert_eq!(bounds.len(), BUCKETS - 1);
        assert!(bounds.is_sorted());
        assert_eq!(bounds[4 * OCTAVES], Duration::from_micros(1 << OCTAVES));
        for nanos in (0..5000).chain((1..40).map(|n| 7u64.pow(n / 3) + u64::from(n))) {
            let (at, time) = (bucket(nanos), Duration::from_nanos(nanos));
            assert!(at == BUCKETS - 1 || time < bounds[at], "{nanos}");
            assert!(at == 0 || time >= bounds[at - 1], "{nanos}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

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
        let limit = Outcome { status: Status::Limit, limit: Some(LimitKind::Fuel), ..Outcome::empty() };
        for worker in [0, 1, 1] {
            let tally = meter.tally(worker);
            tally.made();
            tally.took(Duration::from_millis(3));
            tally.ended(&limit, worker == 0, Duration::from_micros(30));
            tally.restored(Effort { restores: 1, pages: 90, sweeps: 0 });
            tally.dropped(Dropped::Broken);
        }
        meter.tally(0).cancelled();
        let metrics = meter.snapshot();
        assert_eq!((metrics.jobs(), metrics.cancelled, metrics.states), (3, 1, 1));
        assert_eq!((metrics.made, metrics.instances()), (3, 0));
        assert_eq!(metrics.limits[LimitKind::Fuel as usize], (LimitKind::Fuel, 3));
        assert_eq!(metrics.busy.total, Duration::from_micros(90));
        assert_eq!(metrics.queued.counts[bucket(3_000_000)], 3);
        let effort = metrics.restores[Restore::Compare as usize].1;
        assert_eq!(effort, Effort { restores: 3, pages: 270, sweeps: 0 });
        drop(meter);
        assert!(process_metrics().jobs() >= before.jobs() + 3);
    }
}
