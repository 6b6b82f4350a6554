//! The functions on open descriptors, and those that have nothing to say here: arguments, signals, sockets.
//!
//! Each takes what the guest gave (integers), checks all of it, and only then has an effect.

#![expect(clippy::unnecessary_wraps, clippy::too_many_arguments, reason = "WASI decides the signatures")]

use super::errno::{Errno, Result};
use super::files::{PREOPENED, Target};
use super::guest_memory::{Buffer, GuestMemory};
use super::host::Host;
use super::node::{Device, Kind, Node, NodeId, Times};
use super::{clock, rights};

const UNKNOWN: u8 = 0;
const CHARACTER: u8 = 2;
const DIRECTORY: u8 = 3;
const REGULAR: u8 = 4;
const SYMLINK: u8 = 7;

pub(crate) const APPEND: u16 = 1;
/// `append`, `dsync`, `nonblock`, `rsync`, `sync`: all but the first are true of memory anyway.
pub(crate) const FLAGS: u16 = 0x1f;

const FDSTAT: usize = 24;
const FILESTAT: usize = 64;
const DIRENT: usize = 24;
/// Numbers of files start here, so that none is 0 or a stream's.
const FIRST_INODE: u64 = 16;
const ADVICES: u32 = 6;

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

/// There are neither arguments nor an environment.
pub(crate) fn nothing_get(_: &mut Host, _: Mem, _list: u32, _buffer: u32) -> Result<()> {
    Ok(())
}

pub(crate) fn nothing_sizes_get(_: &mut Host, mem: Mem, count: u32, size: u32) -> Result<()> {
    mem.check(size, 4)?;
    mem.write_u32(count, 0)?;
    mem.write_u32(size, 0)
}

pub(crate) fn random_get(host: &mut Host, mem: Mem, at: u32, len: u32) -> Result<()> {
    let target = mem.buffer(at, len)?;
    host.charge_bytes(target.len())?;
    host.random.fill(mem.bytes_mut(target));
    Ok(())
}

pub(crate) fn sched_yield(_: &mut Host, _: Mem) -> Result<()> {
    Ok(())
}

pub(crate) fn proc_raise(_: &mut Host, _: Mem, _signal: u32) -> Result<()> {
    Err(Errno::NotSupported)
}

/// No descriptor is a socket.
fn not_a_socket(host: &Host, fd: u32) -> Result<()> {
    host.files.get(fd)?;
    Err(Errno::NotSocket)
}

pub(crate) fn sock_accept(host: &mut Host, _: Mem, fd: u32, _: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_recv(
    host: &mut Host,
    _: Mem,
    fd: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_send(host: &mut Host, _: Mem, fd: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_shutdown(host: &mut Host, _: Mem, fd: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}

/// The root is preopened, as long as the guest leaves it where it was.
fn preopened(host: &Host, fd: u32) -> Result<()> {
    if fd != PREOPENED || host.files.dir(fd) != Ok(super::tree::ROOT) {
        return Err(Errno::BadFd);
    }
    Ok(())
}

pub(crate) fn prestat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    preopened(host, fd)?;
    mem.write(out, &[0, 0, 0, 0, 1, 0, 0, 0])
}

pub(crate) fn prestat_dir_name(host: &mut Host, mem: Mem, fd: u32, out: u32, len: u32) -> Result<()> {
    preopened(host, fd)?;
    if len < 1 { Err(Errno::NameTooLong) } else { mem.write(out, b"/") }
}

pub(crate) fn fdstat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    let opened = *host.files.get(fd)?;
    let kind = match opened.target {
        // As a pipe has it: a character device without a position would be a terminal.
        Target::Stdin | Target::Stdout | Target::Stderr => UNKNOWN,
        Target::Dir(node) | Target::File { node, .. } => file_type(host.files.tree().node(node)?),
    };
    let mut stat = [0u8; FDSTAT];
    stat[0] = kind;
    stat[2..4].copy_from_slice(&opened.flags.to_le_bytes());
    stat[8..16].copy_from_slice(&opened.rights.to_le_bytes());
    stat[16..24].copy_from_slice(&opened.inheriting.to_le_bytes());
    mem.write(out, &stat)
}

pub(crate) fn fdstat_set_flags(host: &mut Host, _: Mem, fd: u32, flags: u32) -> Result<()> {
    host.files.get(fd)?;
    let flags = u16::try_from(flags).ok().filter(|flags| flags & !FLAGS == 0).ok_or(Errno::Invalid)?;
    host.files.get_mut(fd)?.flags = flags;
    Ok(())
}

/// Rights can be given up, not taken.
pub(crate) fn fdstat_set_rights(host: &mut Host, _: Mem, fd: u32, base: u64, inheriting: u64) -> Result<()> {
    let now = host.files.get(fd)?;
    if base & !now.rights != 0 || inheriting & !now.inheriting != 0 {
        return Err(Errno::NotCapable);
    }
    let opened = host.files.get_mut(fd)?;
    (opened.rights, opened.inheriting) = (base, inheriting);
    Ok(())
}

pub(crate) fn file_type(node: &Node) -> u8 {
    match node.kind {
        Kind::Dir(_) => DIRECTORY,
        Kind::File(_) | Kind::Shared(_) => REGULAR,
        Kind::Link(_) => SYMLINK,
        Kind::Device(_) => CHARACTER,
    }
}

pub(crate) fn inode(id: NodeId) -> u64 {
    u64::from(id) + FIRST_INODE
}

fn filestat(inode: u64, kind: u8, links: u32, size: u64, times: Times) -> [u8; FILESTAT] {
    let mut stat = [0u8; FILESTAT];
    let links = u64::from(links);
    let numbers = [1, inode, u64::from(kind), links, size, times.accessed, times.modified, times.changed];
    for (field, number) in stat.chunks_exact_mut(8).zip(numbers) {
        field.copy_from_slice(&number.to_le_bytes());
    }
    stat
}

/// What `stat` says of a node. A directory's links are its own two and one from each directory in it.
pub(crate) fn stat_node(host: &Host, id: NodeId) -> Result<[u8; FILESTAT]> {
    let node = host.files.tree().node(id)?;
    let links = match &node.kind {
        Kind::Dir(dir) if node.links > 0 => 2 + dir.subdirs,
        _ => node.links,
    };
    Ok(filestat(inode(id), file_type(node), links, node.size(), node.times))
}

pub(crate) fn filestat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    let stat = match host.files.get(fd)?.target {
        Target::Dir(node) | Target::File { node, .. } => stat_node(host, node)?,
        Target::Stdin | Target::Stdout | Target::Stderr => {
            let start = Times { accessed: clock::EPOCH, modified: clock::EPOCH, changed: clock::EPOCH };
            filestat(u64::from(fd) + 1, UNKNOWN, 1, 0, start)
        }
    };
    mem.write(out, &stat)
}

/// The file behind a descriptor that may write, and its position.
fn writable(host: &Host, fd: u32) -> Result<(NodeId, u64)> {
    let opened = host.files.get(fd)?;
    match opened.target {
        Target::File { node, at } if opened.may(rights::WRITE) => Ok((node, at)),
        Target::Dir(_) => Err(Errno::IsDir),
        _ => Err(Errno::BadFd),
    }
}

fn resize(host: &mut Host, fd: u32, wanted: impl FnOnce(u64) -> u64) -> Result<()> {
    let not_writable =
        |errno| if errno == Errno::BadFd && host.files.get(fd).is_ok() { Errno::Invalid } else { errno };
    let (node, _) = writable(host, fd).map_err(not_writable)?;
    let size = wanted(host.files.size(node)?);
    let now = host.now();
    // The last block is copied.
    host.charge_bytes(super::content::BLOCK)?;
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

/// The times that `fstflags` ask for: each may be given, be now, or stay.
pub(crate) fn new_times(accessed: u64, modified: u64, flags: u32, now: u64) -> Result<[Option<u64>; 2]> {
    let choose = |given, flags| match flags & 3 {
        0 => Ok(None),
        1 => Ok(Some(given)),
        2 => Ok(Some(now)),
        _ => Err(Errno::Invalid),
    };
    if flags > 0xf {
        return Err(Errno::Invalid);
    }
    Ok([choose(accessed, flags)?, choose(modified, flags >> 2)?])
}

pub(crate) fn filestat_set_times(
    host: &mut Host,
    _: Mem,
    fd: u32,
    accessed: u64,
    modified: u64,
    flags: u32,
) -> Result<()> {
    let (Target::Dir(node) | Target::File { node, .. }) = host.files.get(fd)?.target else {
        return Err(Errno::Invalid);
    };
    let now = host.now();
    let [accessed, modified] = new_times(accessed, modified, flags, now)?;
    host.files.tree_mut().set_times(node, accessed, modified, now)
}

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
            None => host.files.tree().node(node)?.read(at + done as u64, target).ok_or(Errno::Invalid)?,
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
        (Target::Dir(_), _) => return Err(Errno::IsDir),
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

pub(crate) fn close(host: &mut Host, _: Mem, fd: u32) -> Result<()> {
    host.files.close(fd)
}

pub(crate) fn renumber(host: &mut Host, _: Mem, from: u32, to: u32) -> Result<()> {
    host.files.renumber(from, to)
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

/// The names after a cookie, as many as fit; the last may be cut off, which tells the guest that there is more.
pub(crate) fn readdir(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    at: u32,
    len: u32,
    cookie: u64,
    out: u32,
) -> Result<()> {
    let id = host.files.dir(fd)?;
    let target = mem.buffer(at, len)?;
    mem.check(out, 4)?;
    host.charge_bytes(target.len())?;
    let tree = host.files.tree();
    let dir = tree.dir(id)?;
    let dots = [(".", id, 1), ("..", dir.parent, 2)].into_iter().filter(|(_, _, own)| *own > cookie);
    let names = dir.after(cookie).map(|(name, entry)| (name, entry.node, entry.cookie));
    let mut room = mem.bytes_mut(target);
    for (name, id, cookie) in dots.chain(names) {
        if room.is_empty() {
            break;
        }
        let kind = file_type(tree.node(id)?);
        for part in [&dirent(cookie, id, name, kind)[..], name.as_bytes()] {
            let count = part.len().min(room.len());
            let (now, rest) = room.split_at_mut(count);
            now.copy_from_slice(&part[..count]);
            room = rest;
        }
    }
    let used = target.len() - room.len();
    mem.write_u32(out, used as u32)
}

fn dirent(cookie: u64, id: NodeId, name: &str, kind: u8) -> [u8; DIRENT] {
    let mut entry = [0u8; DIRENT];
    entry[..8].copy_from_slice(&cookie.to_le_bytes());
    entry[8..16].copy_from_slice(&inode(id).to_le_bytes());
    entry[16..20].copy_from_slice(&(name.len() as u32).to_le_bytes());
    entry[20] = kind;
    entry
}
