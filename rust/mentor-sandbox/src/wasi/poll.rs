//! Clocks and waiting.

use super::clock::{ClockId, STEP};
use super::errno::{Errno, Result};
use super::files::Target;
use super::guest_memory::{GuestMemory, u32_at, u64_at};
use super::host::Host;

const SUBSCRIPTION: usize = 48;
const EVENT: usize = 32;
const MAX_SUBSCRIPTIONS: u32 = 1024;

const CLOCK: u8 = 0;
const READABLE: u8 = 1;
const WRITABLE: u8 = 2;
const ABSOLUTE: u8 = 1;
const HANGUP: u16 = 1;
/// What a stream says it takes at once.
const STREAM_ROOM: u64 = 64 << 10;

pub(crate) fn clock_res_get(_: &mut Host, mem: &mut GuestMemory, clock: u32, out: u32) -> Result<()> {
    ClockId::new(clock)?;
    mem.write_u64(out, STEP)
}

pub(crate) fn clock_time_get(
    host: &mut Host,
    mem: &mut GuestMemory,
    clock: u32,
    _precision: i64,
    out: u32,
) -> Result<()> {
    let clock = ClockId::new(clock)?;
    mem.check(out, 8)?;
    let time = host.read_clock(clock);
    mem.write_u64(out, time)
}

/// What a subscription waits for.
enum Wait {
    /// So many nanoseconds.
    Time(u64),
    /// Nothing: the descriptor is ready, with so many bytes and these flags.
    Ready(u64, u16),
    Fails(Errno),
}

/// Streams and files are always ready. Where there are clocks only, time jumps to the earliest.
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
    mem.check(out, 4)?;
    let events = mem.array(events, count, EVENT)?;
    let subscriptions = mem.bytes(mem.array(subscriptions, count, SUBSCRIPTION)?);
    host.catch_up();
    let waits: Result<Vec<_>> = subscriptions
        .chunks_exact(SUBSCRIPTION)
        .map(|bytes| Ok((u64_at(bytes, 0), bytes[8], wait(host, bytes)?)))
        .collect();
    let waits = waits?;
    let time = |wait: &Wait| if let Wait::Time(time) = wait { *time } else { 0 };
    let passed = waits.iter().map(|(_, _, wait)| time(wait)).min().unwrap_or(0);
    host.files.clock.pass(passed);
    let due = waits.iter().filter(|(_, _, wait)| time(wait) <= passed);
    let mut written = 0;
    for ((user, kind, wait), target) in due.zip(mem.bytes_mut(events).chunks_exact_mut(EVENT)) {
        target.copy_from_slice(&event(*user, *kind, wait));
        written += 1;
    }
    mem.write_u32(out, written)
}

fn wait(host: &Host, subscription: &[u8]) -> Result<Wait> {
    match subscription[8] {
        CLOCK => {
            let timeout = u64_at(subscription, 24);
            let Ok(clock) = ClockId::new(u32_at(subscription, 16)) else {
                return Ok(Wait::Fails(Errno::Invalid));
            };
            let absolute = subscription[40] & ABSOLUTE != 0;
            let target =
                if absolute { timeout } else { host.files.clock.read(clock).saturating_add(timeout) };
            Ok(host.files.clock.until(clock, target).map_or(Wait::Fails(Errno::NotSupported), Wait::Time))
        }
        kind @ (READABLE | WRITABLE) => {
            Ok(ready(host, u32_at(subscription, 16), kind).unwrap_or_else(Wait::Fails))
        }
        _ => Err(Errno::Invalid),
    }
}

fn ready(host: &Host, fd: u32, kind: u8) -> Result<Wait> {
    let readable = kind == READABLE;
    match host.files.get(fd)?.target {
        Target::Stdin if readable => Ok(Wait::Ready(0, HANGUP)),
        Target::Stdout | Target::Stderr if !readable => Ok(Wait::Ready(STREAM_ROOM, 0)),
        Target::File { node, at } if readable => {
            Ok(Wait::Ready(host.files.size(node)?.saturating_sub(at), 0))
        }
        Target::File { .. } => Ok(Wait::Ready(STREAM_ROOM, 0)),
        _ => Err(Errno::BadFd),
    }
}

fn event(user: u64, kind: u8, wait: &Wait) -> [u8; EVENT] {
    let mut event = [0u8; EVENT];
    event[..8].copy_from_slice(&user.to_le_bytes());
    event[10] = kind;
    match wait {
        Wait::Time(_) => {}
        Wait::Ready(bytes, flags) => {
            event[16..24].copy_from_slice(&bytes.to_le_bytes());
            event[24..26].copy_from_slice(&flags.to_le_bytes());
        }
        Wait::Fails(errno) => event[8..10].copy_from_slice(&(*errno as u16).to_le_bytes()),
    }
    event
}
