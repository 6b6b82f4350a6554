//! Time: a virtual clock that only the guest's own reads and sleeps advance.
//!
//! A sleep takes no time on the host, and the same program reads the same times on every run.

use super::errno::{Errno, Result};
use super::guest_memory::GuestMemory;
use super::host::Host;

/// What one reading of the clock advances it by, in nanoseconds: time never stands still.
const STEP: u64 = 1_000;
const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;
const MAX_SUBSCRIPTIONS: u32 = 1024;
const CLOCK: u8 = 0;
const ABSOLUTE: u8 = 1;
const CLOCKS: u32 = 4;

pub(crate) fn clock_res_get(_: &mut Host, mem: &mut GuestMemory, clock: u32, out: u32) -> Result<()> {
    if !(0..CLOCKS).contains(&clock) {
        return Err(Errno::Invalid);
    }
    mem.write_u64(out, STEP)
}

pub(crate) fn clock_time_get(
    host: &mut Host,
    mem: &mut GuestMemory,
    clock: u32,
    _: i64,
    out: u32,
) -> Result<()> {
    if !(0..CLOCKS).contains(&clock) {
        return Err(Errno::Invalid);
    }
    host.files.clock = host.files.clock.saturating_add(STEP);
    mem.write_u64(out, host.files.clock)
}

/// Streams and files are always ready. With clocks only, time jumps to the earliest.
pub(crate) fn poll_oneoff(
    host: &mut Host,
    mem: &mut GuestMemory,
    subscriptions: u32,
    events: u32,
    count: u32,
    out: u32,
) -> Result<()> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Invalid);
    }
    let base = subscriptions;
    mem.slice(base, count * SUBSCRIPTION)?;
    mem.slice(events, count * EVENT)?;
    let mut wakes = Vec::with_capacity(count as usize);
    for at in (0..count).map(|k| base + k * SUBSCRIPTION) {
        let kind = mem.slice(at + 8, 1)?[0];
        let time = if kind == CLOCK {
            let timeout = mem.read_u64(at + 24)?;
            let absolute = mem.slice(at + 40, 1)?[0] & ABSOLUTE != 0;
            if absolute { timeout } else { host.files.clock.saturating_add(timeout) }
        } else {
            0
        };
        wakes.push((mem.read_u64(at)?, kind, time));
    }
    let earliest = wakes.iter().map(|(_, _, time)| *time).min().unwrap_or(0);
    host.files.clock = host.files.clock.max(earliest);
    let mut written = 0;
    for (user, kind, time) in wakes {
        if time > host.files.clock {
            continue;
        }
        let mut event = [0u8; EVENT as usize];
        event[..8].copy_from_slice(&user.to_le_bytes());
        event[10] = kind;
        mem.write(events + written * EVENT, &event)?;
        written += 1;
    }
    mem.write_u32(out, written)
}
