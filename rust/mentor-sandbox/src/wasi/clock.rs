//! Time: a virtual clock that only what the guest does advances.
//!
//! Computing takes time in proportion to fuel, a reading or a change of a file takes a microsecond, and a sleep
//! takes as long as it says, at no cost to the host. So the same program reads the same times on every run, two
//! readings never agree, a loop that waits for a time ends, and a slow function measures as slow.

use super::errno::{Errno, Result};

/// The real-time clock's start: 2025-01-01T00:00:00Z, in nanoseconds.
pub(crate) const EPOCH: u64 = 1_735_689_600_000_000_000;
/// The monotonic clock's start: as on a machine that has been up for a day.
const UPTIME: u64 = 86_400_000_000_000;
/// The real-time clock's end: the last that signed nanoseconds can hold, in the year 2262.
pub(super) const LONGEST: u64 = i64::MAX as u64 - EPOCH;
/// What a reading or a change of a file takes, nanoseconds.
pub(crate) const STEP: u64 = 1_000;
/// Fuel used in a nanosecond.
const FUEL_PER_NANOSECOND: u64 = 2;

/// WASI's clocks, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockId {
    Realtime,
    Monotonic,
    Process,
    Thread,
}

impl ClockId {
    pub(crate) fn new(id: u32) -> Result<Self> {
        match id {
            0 => Ok(Self::Realtime),
            1 => Ok(Self::Monotonic),
            2 => Ok(Self::Process),
            3 => Ok(Self::Thread),
            _ => Err(Errno::Invalid),
        }
    }
}

/// Part of a state: a later job goes on where this one stopped looking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    /// Nanoseconds that have passed since the start.
    pub(super) elapsed: u64,
    /// Nanoseconds of those that were computing.
    pub(super) computed: u64,
}

impl Clock {
    /// Lets the time of so much fuel pass.
    pub(crate) fn compute(&mut self, fuel: u64) {
        let time = fuel / FUEL_PER_NANOSECOND;
        self.computed = self.computed.saturating_add(time).min(LONGEST);
        self.pass(time);
    }

    pub(crate) fn pass(&mut self, nanoseconds: u64) {
        self.elapsed = self.elapsed.saturating_add(nanoseconds).min(LONGEST);
    }

    pub(crate) fn read(&self, clock: ClockId) -> u64 {
        match clock {
            ClockId::Realtime => EPOCH + self.elapsed,
            ClockId::Monotonic => UPTIME + self.elapsed,
            ClockId::Process | ClockId::Thread => self.computed,
        }
    }

    /// How long until a clock shows a time; None for clocks that a sleep does not advance.
    pub(crate) fn until(&self, clock: ClockId, time: u64) -> Option<u64> {
        matches!(clock, ClockId::Realtime | ClockId::Monotonic).then(|| time.saturating_sub(self.read(clock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_and_sleeping_pass_and_only_computing_is_cpu_time() {
        let mut clock = Clock::default();
        clock.compute(2_000);
        clock.pass(5_000);
        let read = |id| clock.read(ClockId::new(id).unwrap());
        assert_eq!([read(0), read(1), read(2), read(3)], [EPOCH + 6_000, UPTIME + 6_000, 1_000, 1_000]);
        assert_eq!(ClockId::new(4), Err(Errno::Invalid));
    }

    #[test]
    fn time_ends_in_2262_and_not_in_an_overflow() {
        let mut clock = Clock::default();
        clock.pass(u64::MAX);
        clock.pass(1);
        clock.compute(u64::MAX);
        assert_eq!(clock.read(ClockId::Realtime), i64::MAX as u64);
        assert_eq!(clock.until(ClockId::Realtime, 0), Some(0));
        assert_eq!(clock.until(ClockId::Process, 9), None);
    }
}
