//! A job's open descriptors over the file tree, and the virtual clock: the host's half of a state.

use std::sync::Arc;

use super::errno::{Errno, Result};
use super::tree::{Node, NodeId, ROOT, Tree};

/// Most descriptors at once.
const MAX_FDS: usize = 256;
/// The virtual clock's start: 2025-01-01T00:00:00Z, in nanoseconds.
const CLOCK_START: u64 = 1_735_689_600_000_000_000;

pub(crate) const READ: u8 = 1;
pub(crate) const WRITE: u8 = 2;

/// What a descriptor refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Stdin,
    Stdout,
    Stderr,
    Dir(NodeId),
    File { node: NodeId, at: u64, mode: u8, append: bool },
}

/// Files, descriptors and time. A value: clones share what they do not change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Files {
    tree: Arc<Tree>,
    fds: Arc<Vec<Option<Target>>>,
    pub clock: u64,
}

impl Files {
    /// The start of every image: the standard streams, the root directory as descriptor 3, and the host's
    /// read-only files.
    pub(crate) fn new(mounts: &[(&str, Arc<Vec<u8>>)]) -> Self {
        let mut tree = Tree::new();
        for (path, content) in mounts {
            // A mount of ours onto a fresh tree cannot collide.
            let mounted = tree.mount(path, content.clone());
            debug_assert!(mounted.is_ok());
        }
        let fds =
            vec![Some(Target::Stdin), Some(Target::Stdout), Some(Target::Stderr), Some(Target::Dir(ROOT))];
        Self { tree: Arc::new(tree), fds: Arc::new(fds), clock: CLOCK_START }
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn tree_mut(&mut self) -> &mut Tree {
        Arc::make_mut(&mut self.tree)
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Target> {
        self.fds.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadFd)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Target> {
        self.get(fd)?;
        Arc::make_mut(&mut self.fds)[fd as usize].as_mut().ok_or(Errno::BadFd)
    }

    pub(crate) fn dir(&self, fd: u32) -> Result<NodeId> {
        match self.get(fd)? {
            Target::Dir(node) => Ok(*node),
            _ => Err(Errno::NotDir),
        }
    }

    /// Whether a descriptor refers to the node.
    pub(crate) fn is_open(&self, id: NodeId) -> bool {
        let refers = |t: &Target| matches!(t, Target::Dir(n) | Target::File { node: n, .. } if *n == id);
        self.fds.iter().flatten().any(refers)
    }

    /// The lowest free descriptor, as POSIX has it.
    pub(crate) fn open(&mut self, target: Target) -> Result<u32> {
        let free = self.fds.iter().position(Option::is_none).unwrap_or(self.fds.len());
        if free >= MAX_FDS {
            return Err(Errno::TooManyFiles);
        }
        let fds = Arc::make_mut(&mut self.fds);
        if free == fds.len() {
            fds.push(Some(target));
        } else {
            fds[free] = Some(target);
        }
        Ok(free as u32)
    }

    pub(crate) fn close(&mut self, fd: u32) -> Result<()> {
        self.get(fd)?;
        let closed = Arc::make_mut(&mut self.fds)[fd as usize].take();
        if let Some(Target::File { node, .. }) = closed {
            self.release(node);
        }
        Ok(())
    }

    /// Frees a file that was deleted while open, when its last descriptor is gone.
    fn release(&mut self, node: NodeId) {
        if matches!(self.tree.node(node), Ok(Node::File(_))) && !self.is_open(node) {
            self.tree_mut().free(node);
        }
    }

    /// Reads at the file's position into the parts in turn; returns how many bytes were read.
    pub(crate) fn read(&mut self, fd: u32, sink: &mut dyn FnMut(&[u8]) -> usize) -> Result<u64> {
        let (node, at, mode) = match self.get(fd)? {
            Target::Stdin => return Ok(0),
            Target::File { node, at, mode, .. } => (*node, *at, *mode),
            Target::Dir(_) => return Err(Errno::IsDir),
            Target::Stdout | Target::Stderr => return Err(Errno::BadFd),
        };
        if mode & READ == 0 {
            return Err(Errno::BadFd);
        }
        let content = self.tree.read(node)?;
        let start = usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
        let count = sink(&content[start..]) as u64;
        if count > 0
            && let Target::File { at, .. } = self.get_mut(fd)?
        {
            *at += count;
        }
        Ok(count)
    }

    /// Writes at the file's position, or at its end where it was opened to append.
    pub(crate) fn write(&mut self, fd: u32, bytes: &[u8], cap: u64) -> Result<()> {
        let (node, at, append) = self.writable(fd)?;
        let at = if append { self.tree.read(node)?.len() as u64 } else { at };
        self.tree_mut().write(node, at, bytes, cap)?;
        if let Target::File { at: position, .. } = self.get_mut(fd)? {
            *position = at + bytes.len() as u64;
        }
        Ok(())
    }

    /// The node, position and append flag of a descriptor that may write.
    pub(crate) fn writable(&self, fd: u32) -> Result<(NodeId, u64, bool)> {
        match self.get(fd)? {
            Target::File { node, at, mode, append } if mode & WRITE != 0 => Ok((*node, *at, *append)),
            Target::Dir(_) => Err(Errno::IsDir),
            _ => Err(Errno::BadFd),
        }
    }

    pub(crate) fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64> {
        let Target::File { node, at, .. } = self.get(fd)? else {
            return Err(if matches!(self.get(fd)?, Target::Dir(_)) { Errno::IsDir } else { Errno::SeekPipe });
        };
        let base = match whence {
            0 => 0,
            1 => *at,
            2 => self.tree.read(*node)?.len() as u64,
            _ => return Err(Errno::Invalid),
        };
        let target =
            base.checked_add_signed(offset).filter(|t| i64::try_from(*t).is_ok()).ok_or(Errno::Invalid)?;
        if let Target::File { at, .. } = self.get_mut(fd)? {
            *at = target;
        }
        Ok(target)
    }

    /// `fd_renumber`: the target closes, the source moves.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<()> {
        self.get(to)?;
        let target = self.get(from)?.clone();
        if from != to {
            self.close(to)?;
            let fds = Arc::make_mut(&mut self.fds);
            fds[to as usize] = Some(target);
            fds[from as usize] = None;
        }
        Ok(())
    }
}
