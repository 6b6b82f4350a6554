//! Content: reading, writing, positions, sizes.

use super::content::BLOCK;
use super::errno::{Errno, Result};
use super::fd::APPEND;
use super::files::Target;
use super::guest_memory::{Buffer, GuestMemory};
use super::host::Host;
use super::node::{Device, Kind, NodeId};
use super::rights;

const ADVICES: u32 = 6;

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

/// Where a read or write happens: at the descriptor's position, which then moves, or at a given one.
#[derive(Clone, Copy)]
enum At {
    Position,
    Offset(u64),
}

fn total(buffers: &[Buffer]) -> usize {
    buffers.iter().map(Buffer::len).sum()
}

pub(crate) fn read(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    read_at(host, mem, fd, iovs, count, At::Position, out)
}

pub(crate) fn pread(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    iovs: u32,
    count: u32,
    at: u64,
    out: u32,
) -> Result<()> {
    i64::try_from(at).map_err(|_| Errno::Invalid)?;
    read_at(host, mem, fd, iovs, count, At::Offset(at), out)
}

fn read_at(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, at: At, out: u32) -> Result<()> {
    let opened = *host.files.get(fd)?;
    let buffers = mem.buffers(iovs, count)?;
    mem.check(out, 4)?;
    if matches!(opened.target, Target::Dir(_)) {
        return Err(Errno::IsDir);
    }
    if !opened.may(rights::READ) {
        return Err(Errno::BadFd);
    }
    let (node, position) = match (opened.target, at) {
        (Target::File { node, at: position }, At::Position) => (node, position),
        (Target::File { node, .. }, At::Offset(at)) => (node, at),
        (_, At::Offset(_)) => return Err(Errno::SeekPipe),
        _ => return mem.write_u32(out, 0),
    };
    let done = fill(host, mem, node, position, &buffers)?;
    if matches!(at, At::Position) && done > 0 {
        host.files.set_position(fd, position + done as u64)?;
    }
    mem.write_u32(out, done as u32)
}

/// Reads into the buffers in turn, as much as there is.
fn fill(host: &mut Host, mem: Mem, node: NodeId, at: u64, buffers: &[Buffer]) -> Result<usize> {
    let device = match host.files.tree().node(node)?.kind {
        Kind::Device(device) => Some(device),
        _ => None,
    };
    let there = if device.is_some() { u64::MAX } else { host.files.size(node)?.saturating_sub(at) };
    host.charge_bytes(total(buffers).min(usize::try_from(there).unwrap_or(usize::MAX)))?;
    let mut done = 0;
    for buffer in buffers {
        let target = mem.bytes_mut(*buffer);
        let wanted = target.len();
        let count = match device {
            Some(Device::Null) => 0,
            Some(Device::Zero) => {
                target.fill(0);
                wanted
            }
            Some(Device::Random) => {
                host.random.fill(target);
                wanted
            }
            None => host.files.tree().node(node)?.read(at + done as u64, target)?,
        };
        done += count;
        if count < wanted {
            break;
        }
    }
    Ok(done)
}

pub(crate) fn write(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    write_at(host, mem, fd, iovs, count, At::Position, out)
}

pub(crate) fn pwrite(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    iovs: u32,
    count: u32,
    at: u64,
    out: u32,
) -> Result<()> {
    i64::try_from(at).map_err(|_| Errno::Invalid)?;
    write_at(host, mem, fd, iovs, count, At::Offset(at), out)
}

fn write_at(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, at: At, out: u32) -> Result<()> {
    let opened = *host.files.get(fd)?;
    let buffers = mem.buffers(iovs, count)?;
    mem.check(out, 4)?;
    let len = total(&buffers);
    match (opened.target, at) {
        _ if !opened.may(rights::WRITE) => return Err(Errno::BadFd),
        (Target::Stdout | Target::Stderr, At::Position) => {
            host.charge_bytes(len)?;
            let stderr = opened.target == Target::Stderr;
            let stream = if stderr { &mut host.stderr } else { &mut host.stdout };
            for buffer in &buffers {
                stream.write(mem.bytes(*buffer));
            }
        }
        (Target::File { node, at: position }, _) => {
            let offset = if let At::Offset(offset) = at { offset } else { position };
            let end = store(host, mem, node, offset, opened.flags & APPEND != 0, &buffers)?;
            if matches!(at, At::Position) {
                host.files.set_position(fd, end)?;
            }
        }
        _ => return Err(Errno::SeekPipe),
    }
    mem.write_u32(out, len as u32)
}

/// Writes all of the buffers, or nothing where they do not fit; returns the position after them.
fn store(host: &mut Host, mem: Mem, node: NodeId, at: u64, append: bool, buffers: &[Buffer]) -> Result<u64> {
    let len = total(buffers) as u64;
    if matches!(host.files.tree().node(node)?.kind, Kind::Device(_)) {
        return Ok(at);
    }
    let mut at = if append { host.files.size(node)? } else { at };
    let end = at.checked_add(len).filter(|end| i64::try_from(*end).is_ok()).ok_or(Errno::FileTooBig)?;
    if len == 0 {
        return Ok(at);
    }
    host.charge_bytes(len as usize)?;
    let now = host.now();
    let reserved = host.files.tree_mut().reserve(node, end, &host.limits);
    host.noted(reserved)?;
    for buffer in buffers {
        host.files.tree_mut().write(node, at, mem.bytes(*buffer), now)?;
        at += buffer.len() as u64;
    }
    Ok(end)
}

pub(crate) fn seek(host: &mut Host, mem: Mem, fd: u32, offset: i64, whence: u32, out: u32) -> Result<()> {
    mem.check(out, 8)?;
    let at = host.files.seek(fd, offset, whence)?;
    mem.write_u64(out, at)
}

pub(crate) fn tell(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    let (_, at) = host.files.file(fd)?;
    mem.write_u64(out, at)
}

/// The file behind a descriptor that may write, and its position.
fn writable(host: &Host, fd: u32) -> Result<(NodeId, u64)> {
    let opened = host.files.get(fd)?;
    match opened.target {
        Target::File { node, at } if opened.may(rights::WRITE) => Ok((node, at)),
        _ => Err(Errno::BadFd),
    }
}

fn resize(host: &mut Host, fd: u32, wanted: impl FnOnce(u64) -> u64) -> Result<()> {
    host.files.get(fd)?;
    let (node, _) = writable(host, fd).map_err(|_| Errno::Invalid)?;
    let old = host.files.size(node)?;
    let size = wanted(old);
    if size < old {
        // What is left of the block at the cut is copied.
        host.charge_bytes(size as usize % BLOCK)?;
    }
    let now = host.now();
    let resized = host.files.tree_mut().resize(node, size, &host.limits, now);
    host.noted(resized)
}

pub(crate) fn filestat_set_size(host: &mut Host, _: Mem, fd: u32, size: u64) -> Result<()> {
    resize(host, fd, |_| size)
}

pub(crate) fn allocate(host: &mut Host, _: Mem, fd: u32, at: u64, len: u64) -> Result<()> {
    writable(host, fd)?;
    if len == 0 {
        return Err(Errno::Invalid);
    }
    let end = at.checked_add(len).filter(|end| i64::try_from(*end).is_ok()).ok_or(Errno::FileTooBig)?;
    resize(host, fd, |size| size.max(end))
}

/// Only that the descriptor exists: content is in memory and has nothing to be flushed to.
pub(crate) fn sync(host: &mut Host, _: Mem, fd: u32) -> Result<()> {
    host.files.get(fd).map(drop)
}

/// Advice changes nothing, but nonsense is refused.
pub(crate) fn advise(host: &mut Host, _: Mem, fd: u32, at: u64, len: u64, advice: u32) -> Result<()> {
    host.files.file(fd)?;
    let inside = at.checked_add(len).is_some_and(|end| i64::try_from(end).is_ok());
    if advice < ADVICES && inside { Ok(()) } else { Err(Errno::Invalid) }
}
