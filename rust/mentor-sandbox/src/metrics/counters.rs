//! The counters themselves: shards of atomics, and the hands that workers count with.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::Empty;
use tracing::span::EnteredSpan;

use super::{BUCKETS, Dropped, Effort, Histogram, Metrics, bucket, resident_memory};
use crate::outcome::{LimitKind, Status};
use crate::process::PerProcess;
use crate::restore::Restore;
use crate::sandbox::JobResult;

const STATUSES: usize = Status::ALL.len();
const LIMITS: usize = LimitKind::ALL.len();
const WAYS: usize = Restore::ALL.len();
const REASONS: usize = Dropped::ALL.len();
// A variant that `ALL` forgets does not compile: each enum's last one counts them.
const _: () = assert!(Status::Failed as usize + 1 == STATUSES && LimitKind::Result as usize + 1 == LIMITS);

struct Times {
    counts: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

/// One worker's counters, or the sum of those that are gone. Only one thread adds to it.
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
    fn new() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], nanos: AtomicU64::new(0) }
    }

    fn add(&self, time: Duration) {
        let nanos = time.as_nanos() as u64;
        add(&self.counts[bucket(nanos)], 1);
        add(&self.nanos, nanos);
    }
}

/// With one writer a load and a store are enough; a locked addition would cost several times as much.
fn add(cell: &AtomicU64, amount: u64) {
    cell.store(cell.load(Relaxed).wrapping_add(amount), Relaxed);
}

impl Shard {
    fn new() -> Self {
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

/// The shards of all workers of a process. Locked when a sandbox starts or ends and for a snapshot, never by workers.
#[derive(Default)]
struct Registry {
    live: Vec<Arc<Shard>>,
    /// The sum of those that are gone.
    ended: Vec<u64>,
}

/// A forked child starts from nothing: its parent's counts stay the parent's.
static PROCESS: PerProcess<Mutex<Registry>> = PerProcess::new();

fn registry() -> MutexGuard<'static, Registry> {
    let made: Result<_, std::convert::Infallible> = PROCESS.get_or_try_init(|| Ok(Mutex::default()));
    let Ok(registry) = made;
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all sandboxes of this process did, those that are gone included.
#[must_use]
pub fn process_metrics() -> Metrics {
    let registry = registry();
    let ended = Shard::new();
    ended.cells().zip(&registry.ended).for_each(|(cell, amount)| add(cell, *amount));
    let live = registry.live.iter().map(Arc::as_ref);
    snapshot(&live.chain([&ended]).collect::<Vec<_>>())
}

/// The counters of one sandbox's workers.
pub(crate) struct Meter {
    shards: Vec<Arc<Shard>>,
    restore: Restore,
}

impl Meter {
    pub(crate) fn new(workers: usize, restore: Restore) -> Self {
        let shards: Vec<_> = (0..workers).map(|_| Arc::new(Shard::new())).collect();
        registry().live.extend(shards.iter().cloned());
        Self { shards, restore }
    }

    /// The counters that one worker counts in. No two threads may count in the same.
    pub(crate) fn tally(&self, worker: usize) -> Tally {
        Tally { shard: self.shards[worker].clone(), restore: self.restore }
    }

    pub(crate) fn snapshot(&self) -> Metrics {
        snapshot(&self.shards.iter().map(Arc::as_ref).collect::<Vec<_>>())
    }
}

impl Drop for Meter {
    /// The workers have ended: what they counted is kept as a sum.
    fn drop(&mut self) {
        let mut registry = registry();
        let Registry { live, ended } = &mut *registry;
        live.retain(|shard| !self.shards.iter().any(|own| Arc::ptr_eq(own, shard)));
        for shard in &self.shards {
            ended.resize(shard.cells().count(), 0);
            ended.iter_mut().zip(shard.cells()).for_each(|(sum, cell)| *sum += cell.load(Relaxed));
        }
    }
}

/// Counts what one worker does.
#[derive(Clone)]
pub(crate) struct Tally {
    shard: Arc<Shard>,
    restore: Restore,
}

impl Tally {
    /// A job of a batch is taken.
    pub(crate) fn begin(&self, submitted: Instant, now: Instant) -> Call<'_> {
        self.shard.queued.add(now - submitted);
        let span = tracing::trace_span!(
            "call",
            status = Empty,
            limit = Empty,
            fuel = Empty,
            memory = Empty,
            pages = Empty
        );
        Call { tally: self, started: now, span: span.entered() }
    }

    /// What the worker's instance spent on restores since the last time.
    pub(crate) fn restored(&self, effort: Effort) {
        let cells = &self.shard.efforts[self.restore as usize];
        for (cell, amount) in cells.iter().zip([effort.restores, effort.pages, effort.sweeps]) {
            add(cell, amount);
        }
    }

    pub(crate) fn made(&self) {
        add(&self.shard.made, 1);
        tracing::debug!(restore = self.restore.as_str(), "instance made");
    }

    pub(crate) fn dropped(&self, why: Dropped) {
        add(&self.shard.dropped[why as usize], 1);
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
    /// The job has its result. Returns the moment, at which the next job may begin.
    pub(crate) fn end(self, JobResult { outcome, state }: &JobResult) -> Instant {
        let (shard, now) = (&self.tally.shard, Instant::now());
        add(&shard.statuses[outcome.status as usize], 1);
        if let Some(limit) = outcome.limit {
            add(&shard.limits[limit as usize], 1);
        }
        if state.is_some() {
            add(&shard.states, 1);
        }
        shard.busy.add(now - self.started);
        if !self.span.is_disabled() {
            let usage = &outcome.usage;
            self.span.record("status", outcome.status.as_str());
            if let Some(limit) = outcome.limit {
                self.span.record("limit", limit.as_str());
            }
            self.span.record("fuel", usage.fuel).record("memory", usage.memory).record("pages", usage.pages);
        }
        now
    }

    /// The job's batch was cancelled, and it was stopped or skipped.
    pub(crate) fn cancel(self) -> Instant {
        add(&self.tally.shard.cancelled, 1);
        self.span.record("status", "cancelled");
        Instant::now()
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
            let now = Instant::now();
            tally.begin(now.checked_sub(waited).unwrap(), now).end(&limit);
            tally.restored(Effort { restores: 1, pages: 90, sweeps: 0 });
            tally.dropped(Dropped::Broken);
        }
        meter.tally(0).begin(Instant::now(), Instant::now()).cancel();
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
