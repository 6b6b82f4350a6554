//! A job's open descriptors over the file tree, and the virtual clock: the host's half of a state.

use std::sync::Arc;

use super::clock::{Clock, ClockId, EPOCH};
use super::errno::{Errno, Result};
use super::node::{Kind, NodeId};
use super::rights;
use super::shared::SharedFile;
use super::tree::{ROOT, Tree};

/// Most descriptors at once: what Linux allows a process by default.
pub(super) const MAX_FDS: usize = 1024;
/// The one preopened directory, the root.
pub(crate) const PREOPENED: u32 = 3;

/// What a descriptor refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Stdin,
    Stdout,
    Stderr,
    Dir(NodeId),
    /// A file or a device, and the position in it.
    File {
        node: NodeId,
        at: u64,
    },
}

/// A descriptor: what it refers to, what it may do, and its `fdflags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Descriptor {
    pub target: Target,
    pub rights: u64,
    pub inheriting: u64,
    pub flags: u16,
}

impl Descriptor {
    pub(super) fn node(&self) -> Option<NodeId> {
        match self.target {
            Target::Dir(node) | Target::File { node, .. } => Some(node),
            _ => None,
        }
    }

    pub(crate) fn may(&self, right: u64) -> bool {
        self.rights & right != 0
    }
}

/// Files, descriptors and time. A value: clones share what they do not change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Files {
    pub(super) tree: Arc<Tree>,
    pub(super) fds: Arc<Vec<Option<Descriptor>>>,
    pub clock: Clock,
}

impl Files {
    /// The start of every image: the standard streams, the root directory as descriptor 3, and the host's
    /// read-only files.
    pub(crate) fn new(mounts: &[(&str, SharedFile)]) -> Self {
        let opened = |target, rights, inheriting| Some(Descriptor { target, rights, inheriting, flags: 0 });
        let fds = vec![
            opened(Target::Stdin, rights::STDIN, 0),
            opened(Target::Stdout, rights::STDOUT, 0),
            opened(Target::Stderr, rights::STDOUT, 0),
            opened(Target::Dir(ROOT), rights::DIR, rights::DIR | rights::FILE),
        ];
        let clock = Clock::default();
        Self { tree: Arc::new(Tree::new(mounts, EPOCH)), fds: Arc::new(fds), clock }
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn tree_mut(&mut self) -> &mut Tree {
        Arc::make_mut(&mut self.tree)
    }

    /// The time that a change of a file gets: no two are the same, so a cache that goes by times is right.
    pub(crate) fn now(&mut self) -> u64 {
        self.clock.pass(super::clock::STEP);
        self.clock.read(ClockId::Realtime)
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor> {
        self.fds.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadFd)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor> {
        self.get(fd)?;
        Arc::make_mut(&mut self.fds)[fd as usize].as_mut().ok_or(Errno::BadFd)
    }

    pub(crate) fn dir(&self, fd: u32) -> Result<NodeId> {
        match self.get(fd)?.target {
            Target::Dir(node) => Ok(node),
            _ => Err(Errno::NotDir),
        }
    }

    /// The node and position of a descriptor of a file.
    pub(crate) fn file(&self, fd: u32) -> Result<(NodeId, u64)> {
        match self.get(fd)?.target {
            Target::File { node, at } => Ok((node, at)),
            Target::Dir(_) => Err(Errno::IsDir),
            _ => Err(Errno::SeekPipe),
        }
    }

    pub(crate) fn set_position(&mut self, fd: u32, position: u64) -> Result<()> {
        if let Target::File { at, .. } = &mut self.get_mut(fd)?.target {
            *at = position;
        }
        Ok(())
    }

    /// The lowest free descriptor, as POSIX has it.
    pub(crate) fn open(&mut self, descriptor: Descriptor) -> Result<u32> {
        let free = self.fds.iter().position(Option::is_none).unwrap_or(self.fds.len());
        if free >= MAX_FDS {
            return Err(Errno::TooManyFiles);
        }
        let fds = Arc::make_mut(&mut self.fds);
        if free == fds.len() {
            fds.push(Some(descriptor));
        } else {
            fds[free] = Some(descriptor);
        }
        Ok(free as u32)
    }

    /// Whether `open` would find room: asked before a file is made for it.
    pub(crate) fn can_open(&self) -> Result<()> {
        let full = self.fds.len() >= MAX_FDS && self.fds.iter().all(Option::is_some);
        if full { Err(Errno::TooManyFiles) } else { Ok(()) }
    }

    pub(crate) fn close(&mut self, fd: u32) -> Result<()> {
        let node = self.get(fd)?.node();
        let fds = Arc::make_mut(&mut self.fds);
        fds[fd as usize] = None;
        // As short as it can be: descriptors that are equal make equal states.
        while fds.last().is_some_and(Option::is_none) {
            fds.pop();
        }
        if let Some(node) = node {
            self.release(node);
        }
        Ok(())
    }

    /// `fd_renumber`: the target closes, the source moves.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(to)?;
        let moved = *self.get(from)?;
        if from == to {
            return Ok(());
        }
        let replaced = self.get_mut(to)?;
        let node = std::mem::replace(replaced, moved).node();
        self.close(from)?;
        if let Some(node) = node {
            self.release(node);
        }
        Ok(())
    }

    /// Frees a node once it has neither a name nor a descriptor. The descriptors are looked through only for one
    /// that has no name, which is rare.
    pub(crate) fn release(&mut self, node: NodeId) {
        let nameless = self.tree.node(node).is_ok_and(|node| node.links == 0);
        if nameless && !self.fds.iter().flatten().any(|open| open.node() == Some(node)) {
            self.tree_mut().release(node);
        }
    }

    /// A file's length; devices have none.
    pub(crate) fn size(&self, node: NodeId) -> Result<u64> {
        Ok(self.tree.node(node)?.size())
    }

    pub(crate) fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64> {
        let (node, at) = self.file(fd)?;
        let base = match whence {
            0 => 0,
            1 => at,
            2 => self.size(node)?,
            _ => return Err(Errno::Invalid),
        };
        let target = base.checked_add_signed(offset).filter(|target| i64::try_from(*target).is_ok());
        let device = matches!(self.tree.node(node)?.kind, Kind::Device(_));
        let target = if device { 0 } else { target.ok_or(Errno::Invalid)? };
        if target != at {
            self.set_position(fd, target)?;
        }
        Ok(target)
    }
}
