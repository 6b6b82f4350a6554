//! What sandboxes did, as counters that are always on.
//!
//! A worker counts in a shard of its own, to which nobody else adds, so a job is counted by some ten plain loads and
//! stores and one look at the clock. Times go into histograms with four buckets an octave, so a quantile is known
//! within a quarter of its value.
//!
//! ```text
//! worker ─► Tally ─► Shard ─┬─ those of one sandbox ──────────────────────► Sandbox::metrics
//!                           └─ all of the process, and those that are gone ─► process_metrics
//! ```

mod counters;
mod prometheus;

use std::time::Duration;

use crate::outcome::{LimitKind, Status};
use crate::restore::Restore;

pub use counters::process_metrics;
pub(crate) use counters::{Meter, Tally};
pub use prometheus::prometheus;

/// Why an instance was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// Its sandbox was dropped.
    Closed,
    /// It could not be shown to be at rest again.
    Broken,
    /// The host panicked while it ran a job.
    Panicked,
    /// It was used once, as `Restore::Instantiate` asks.
    Spent,
}

impl Dropped {
    /// Every reason, in the order of their discriminants.
    pub const ALL: &[Self] = &[Self::Closed, Self::Broken, Self::Panicked, Self::Spent];

    /// The reason's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Broken => "broken",
            Self::Panicked => "panicked",
            Self::Spent => "spent",
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
    /// How often open pages were closed again.
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
    /// Resident memory of the whole process, bytes; None where the system does not say.
    pub resident: Option<u64>,
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

fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
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

    #[cfg(target_os = "linux")]
    #[test]
    fn resident_memory_follows_what_is_touched() {
        let before = resident_memory().unwrap();
        let block = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(resident_memory().unwrap() >= before + (48 << 20), "{} bytes touched", block.len());
    }
}
