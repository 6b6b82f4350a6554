//! Descriptors: what they are, what they may, their times, closing and renumbering; and listings of directories.
//!
//! As everywhere here, a function takes what the guest gave (integers), checks all of it, and only then has an
//! effect.

use super::clock;
use super::errno::{Errno, Result};
use super::files::{PREOPENED, Target};
use super::guest_memory::GuestMemory;
use super::host::Host;
use super::node::{Kind, Node, NodeId, Times};

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

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

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

pub(crate) fn close(host: &mut Host, _: Mem, fd: u32) -> Result<()> {
    host.files.close(fd)
}

pub(crate) fn renumber(host: &mut Host, _: Mem, from: u32, to: u32) -> Result<()> {
    host.files.renumber(from, to)
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
