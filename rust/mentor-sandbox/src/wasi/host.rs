//! All that one job can reach: the data of an instance's store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

use super::clock::{ClockId, STEP};
use super::door::Door;
use super::errno::{Errno, Result};
use super::files::Files;
use crate::Limits;

/// The error that unwinds a guest that called `proc_exit`.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("exit code {0}")]
pub(crate) struct Exit(pub i32);

/// A standard stream: the kept prefix and the true length.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub kept: Vec<u8>,
    pub len: u64,
    cap: usize,
}

impl Stream {
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        let room = self.cap.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// A small, fast generator (SplitMix64): the guest's only source of randomness, so a seed decides everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct Host {
    pub memory: Option<wasmtime::Memory>,
    pub files: Files,
    pub random: Random,
    pub stdout: Stream,
    pub stderr: Stream,
    pub door: Door,
    /// A growth of memory was refused: the guest's own error may get lost on its way.
    pub memory_refused: bool,
    /// A write was refused for the file limit.
    pub files_refused: bool,
    pub limits: Limits,
    pub deadline: Option<Instant>,
    pub cancel: Arc<AtomicBool>,
    tables: StoreLimits,
    fuel: Fuel,
}

/// The guest's fuel as a host call sees it.
#[derive(Debug, Default)]
struct Fuel {
    /// What was left when the call began.
    left: u64,
    /// What this call costs so far.
    cost: u64,
    /// What the virtual clock has counted of this job's fuel.
    clocked: u64,
}

impl Host {
    pub(crate) fn new(files: Files) -> Self {
        Self {
            memory: None,
            files,
            random: Random::new(0),
            stdout: Stream::default(),
            stderr: Stream::default(),
            door: Door::default(),
            memory_refused: false,
            files_refused: false,
            limits: Limits::default(),
            deadline: None,
            cancel: Arc::default(),
            tables: StoreLimitsBuilder::new().build(),
            fuel: Fuel::default(),
        }
    }

    /// Makes everything ready for one job.
    pub(crate) fn begin(&mut self, files: Files, seed: u64, limits: &Limits, cancel: &Arc<AtomicBool>) {
        self.files = files;
        self.random = Random::new(seed);
        let cap = usize::try_from(limits.output).unwrap_or(usize::MAX);
        self.stdout = Stream { cap, ..Stream::default() };
        self.stderr = Stream { cap, ..Stream::default() };
        self.door.begin();
        self.memory_refused = false;
        self.files_refused = false;
        self.limits = *limits;
        self.deadline = Instant::now().checked_add(limits.wall);
        self.cancel = cancel.clone();
        self.fuel = Fuel { left: limits.fuel, ..Fuel::default() };
    }

    /// Starts a host call with so much fuel left.
    pub(crate) fn enter(&mut self, left: u64) {
        self.fuel.left = left;
        self.fuel.cost = 0;
    }

    /// What the call cost.
    pub(crate) fn cost(&self) -> u64 {
        self.fuel.cost
    }

    /// Charges for work that the guest's own instructions do not show, before it is done. A guest that cannot pay
    /// for it is stopped.
    pub(crate) fn charge(&mut self, fuel: u64) -> Result<()> {
        self.fuel.cost = self.fuel.cost.saturating_add(fuel);
        if self.fuel.cost > self.fuel.left { Err(Errno::OutOfFuel) } else { Ok(()) }
    }

    /// Charges for bytes that are copied or made: about what the guest would use to do it itself.
    pub(crate) fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.charge(bytes as u64 / 4)
    }

    /// Lets the time pass that the guest has computed since the clock was last asked.
    pub(crate) fn catch_up(&mut self) {
        let used = self.limits.fuel.saturating_sub(self.fuel.left);
        self.files.clock.compute(used.saturating_sub(self.fuel.clocked));
        self.fuel.clocked = used.max(self.fuel.clocked);
    }

    /// The time that a change of a file gets.
    pub(crate) fn now(&mut self) -> u64 {
        self.catch_up();
        self.files.now()
    }

    /// One reading of a clock, which takes time too.
    pub(crate) fn read_clock(&mut self, clock: ClockId) -> u64 {
        self.catch_up();
        self.files.clock.pass(STEP);
        self.files.clock.read(clock)
    }

    /// Keeps the file limits' verdict: the guest's own error may be lost on its way.
    pub(crate) fn noted<T>(&mut self, made: Result<T>) -> Result<T> {
        self.files_refused |= matches!(made, Err(Errno::NoSpace | Errno::NameTooLong));
        made
    }

    /// Whether the job must stop now, for the clock or because the caller cancelled.
    pub(crate) fn must_stop(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.deadline.is_some_and(|at| Instant::now() >= at)
    }
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _now: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired as u64 <= self.limits.memory;
        self.memory_refused |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, now: usize, desired: usize, max: Option<usize>) -> wasmtime::Result<bool> {
        self.tables.table_growing(now, desired, max)
    }
}
