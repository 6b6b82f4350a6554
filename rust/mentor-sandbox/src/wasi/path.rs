//! The functions on paths.

#![expect(clippy::too_many_arguments, reason = "WASI decides the signatures")]

use super::content::Content;
use super::errno::{Errno, Result};
use super::fd::{FLAGS, new_times, stat_node};
use super::files::{Descriptor, Target};
use super::guest_memory::GuestMemory;
use super::host::Host;
use super::node::{Dir, Kind, NodeId};
use super::rights;
use super::walk::{self, Place};

const O_CREATE: u32 = 1;
const O_DIRECTORY: u32 = 2;
const O_EXCLUSIVE: u32 = 4;
const O_TRUNCATE: u32 = 8;
const FOLLOW: u32 = 1;

/// What a component of a path costs, about as long as looking it up takes.
const FUEL_PER_STEP: u64 = 64;

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

/// A path as the guest gives it: the directory's descriptor, and where the text is.
#[derive(Clone, Copy)]
struct Path {
    fd: u32,
    at: u32,
    len: u32,
}

/// The place that a path names, as far as it goes. `follow` decides what a link at the end means.
fn find(host: &mut Host, mem: &GuestMemory, path: Path, follow: bool) -> Result<Place> {
    let dir = host.files.dir(path.fd)?;
    let text = mem.text(path.at, path.len)?;
    let mut steps = 0;
    let place = walk::walk(host.files.tree(), dir, text, follow, &host.limits, &mut steps);
    host.charge(FUEL_PER_STEP * steps)?;
    place
}

/// Like `find`, for a name that is to be made: one that the limits refuse is a limit's doing.
fn find_new(host: &mut Host, mem: &GuestMemory, path: Path) -> Result<Place> {
    let found = find(host, mem, path, false);
    host.noted(found)
}

/// Like `find`, for what must be there. A slash at the end follows a link, as POSIX has it.
fn find_node(host: &mut Host, mem: &GuestMemory, path: Path, flags: u32) -> Result<NodeId> {
    if flags & !FOLLOW != 0 {
        return Err(Errno::Invalid);
    }
    let slash = mem.text(path.at, path.len)?.ends_with('/');
    find(host, mem, path, flags & FOLLOW != 0 || slash)?.node.ok_or(Errno::NoEntry)
}

fn make(host: &mut Host, place: &Place, kind: Kind) -> Result<NodeId> {
    let now = host.now();
    let made = host.files.tree_mut().create(place, kind, &host.limits, now);
    host.noted(made)
}

pub(crate) fn filestat_get(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    out: u32,
) -> Result<()> {
    let node = find_node(host, mem, Path { fd, at, len }, flags)?;
    mem.write(out, &stat_node(host, node)?)
}

pub(crate) fn filestat_set_times(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    accessed: u64,
    modified: u64,
    which: u32,
) -> Result<()> {
    let node = find_node(host, mem, Path { fd, at, len }, flags)?;
    let now = host.now();
    let [accessed, modified] = new_times(accessed, modified, which, now)?;
    host.files.tree_mut().set_times(node, accessed, modified, now)
}

pub(crate) fn open(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    lookup: u32,
    at: u32,
    len: u32,
    flags: u32,
    base: u64,
    inheriting: u64,
    fdflags: u32,
    out: u32,
) -> Result<()> {
    if lookup & !FOLLOW != 0 || flags > 0xf || fdflags > u32::from(FLAGS) {
        return Err(Errno::Invalid);
    }
    mem.check(out, 4)?;
    host.files.can_open()?;
    let parent = *host.files.get(fd)?;
    let (create, exclusive) = (flags & O_CREATE != 0, flags & O_EXCLUSIVE != 0);
    // What must be new is no link either; a slash at the end follows one.
    let slash = mem.text(at, len)?.ends_with('/');
    let follow = if create { lookup & FOLLOW != 0 && !exclusive } else { lookup & FOLLOW != 0 || slash };
    let found = find(host, mem, Path { fd, at, len }, follow);
    let place = if create { host.noted(found)? } else { found? };
    if base & (rights::READ | rights::WRITE) & !parent.inheriting != 0 {
        return Err(Errno::NotCapable);
    }
    let write = base & rights::WRITE != 0;
    let (node, new) = match place.node {
        Some(_) if create && exclusive => return Err(Errno::Exist),
        Some(node) => (node, false),
        None if !create => return Err(Errno::NoEntry),
        None if flags & O_DIRECTORY != 0 => return Err(Errno::Invalid),
        None if place.slash => return Err(Errno::IsDir),
        None => (make(host, &place, Kind::File(Content::default()))?, true),
    };
    let target = target(host, node, flags, write)?;
    if flags & O_TRUNCATE != 0 && !new && matches!(target, Target::File { .. }) {
        truncate(host, node)?;
    }
    let applicable = if matches!(target, Target::Dir(_)) { rights::DIR } else { rights::FILE };
    let opened = host.files.open(Descriptor {
        target,
        rights: base & applicable & parent.inheriting,
        inheriting: inheriting & parent.inheriting,
        flags: fdflags as u16,
    })?;
    mem.write_u32(out, opened)
}

/// What opening a node gives, or why it cannot be opened so.
fn target(host: &Host, node: NodeId, flags: u32, write: bool) -> Result<Target> {
    let changes = write || flags & O_TRUNCATE != 0;
    match &host.files.tree().node(node)?.kind {
        Kind::Link(_) => Err(Errno::Loop),
        Kind::Dir(_) if changes || flags & (O_CREATE | O_DIRECTORY) == O_CREATE => Err(Errno::IsDir),
        Kind::Dir(_) => Ok(Target::Dir(node)),
        _ if flags & O_DIRECTORY != 0 => Err(Errno::NotDir),
        Kind::Shared(_) if changes => Err(Errno::ReadOnly),
        _ => Ok(Target::File { node, at: 0 }),
    }
}

fn truncate(host: &mut Host, node: NodeId) -> Result<()> {
    if !matches!(host.files.tree().node(node)?.kind, Kind::File(_)) {
        return Ok(());
    }
    let now = host.now();
    host.files.tree_mut().resize(node, 0, &host.limits, now)
}

pub(crate) fn create_directory(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let place = find_new(host, mem, Path { fd, at, len })?;
    make(host, &place, Kind::Dir(Dir::new(place.dir))).map(drop)
}

pub(crate) fn symlink(
    host: &mut Host,
    mem: Mem,
    target: u32,
    target_len: u32,
    fd: u32,
    at: u32,
    len: u32,
) -> Result<()> {
    let text: std::sync::Arc<str> = mem.text(target, target_len)?.into();
    walk::check(&text)?;
    let place = find_new(host, mem, Path { fd, at, len })?;
    if place.node.is_none() && place.slash {
        return Err(Errno::NoEntry);
    }
    make(host, &place, Kind::Link(text)).map(drop)
}

pub(crate) fn link(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    to_fd: u32,
    to: u32,
    to_len: u32,
) -> Result<()> {
    let node = find_node(host, mem, Path { fd, at, len }, flags)?;
    let place = find_new(host, mem, Path { fd: to_fd, at: to, len: to_len })?;
    if place.node.is_none() && place.slash {
        return Err(Errno::NoEntry);
    }
    let now = host.now();
    let linked = host.files.tree_mut().link(node, &place, &host.limits, now);
    host.noted(linked)
}

pub(crate) fn readlink(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    at: u32,
    len: u32,
    buffer: u32,
    room: u32,
    out: u32,
) -> Result<()> {
    let target = mem.buffer(buffer, room)?;
    mem.check(out, 4)?;
    let node = find_node(host, mem, Path { fd, at, len }, 0)?;
    let Kind::Link(text) = &host.files.tree().node(node)?.kind else {
        return Err(Errno::Invalid);
    };
    let count = text.len().min(target.len());
    mem.bytes_mut(target)[..count].copy_from_slice(&text.as_bytes()[..count]);
    mem.write_u32(out, count as u32)
}

pub(crate) fn remove_directory(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let place = find(host, mem, Path { fd, at, len }, false)?;
    let now = host.now();
    let node = host.files.tree_mut().remove_dir(&place, now)?;
    host.files.release(node);
    Ok(())
}

pub(crate) fn unlink_file(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let place = find(host, mem, Path { fd, at, len }, false)?;
    let now = host.now();
    let node = host.files.tree_mut().unlink(&place, now)?;
    host.files.release(node);
    Ok(())
}

pub(crate) fn rename(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    at: u32,
    len: u32,
    to_fd: u32,
    to: u32,
    to_len: u32,
) -> Result<()> {
    let from = find(host, mem, Path { fd, at, len }, false)?;
    let to = find_new(host, mem, Path { fd: to_fd, at: to, len: to_len })?;
    if from.node.is_some_and(|node| host.files.tree().is_dir(node)) {
        // Its levels are counted.
        host.charge(16 * u64::from(host.files.tree().entries()))?;
    }
    let now = host.now();
    let renamed = host.files.tree_mut().rename(&from, &to, &host.limits, now);
    if let Some(replaced) = host.noted(renamed)? {
        host.files.release(replaced);
    }
    Ok(())
}
