//! What the file tree holds: directories, files, symbolic links, devices, and the host's read-only files.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::content::Content;
use super::errno::{Errno, Result};
use super::shared::SharedFile;

pub(crate) type NodeId = u32;

/// What a node costs beside its content and its names, so that empty files count too.
const NODE_COST: u64 = 192;
/// What a name costs beside its bytes.
const NAME_COST: u64 = 64;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub kind: Kind,
    /// How many names it has; a directory has one, or none once it was removed.
    pub links: u32,
    pub times: Times,
}

/// Nanoseconds of the virtual real-time clock. Reading does not change `accessed`, as on a disk mounted `noatime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Times {
    pub accessed: u64,
    pub modified: u64,
    pub changed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Dir(Dir),
    File(Content),
    /// A symbolic link's target.
    Link(Arc<str>),
    /// Content of the host's, the same for every job, read-only.
    Shared(SharedFile),
    Device(Device),
}

/// `/dev/null`, `/dev/zero` and `/dev/urandom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Device {
    Null,
    Zero,
    Random,
}

impl Node {
    pub(crate) fn new(kind: Kind, now: u64) -> Self {
        Self { kind, links: 1, times: Times { accessed: now, modified: now, changed: now } }
    }

    /// Bytes that the node counts for.
    pub(crate) fn cost(&self) -> u64 {
        let content = match &self.kind {
            Kind::File(content) => content.len(),
            Kind::Link(target) => target.len() as u64,
            Kind::Dir(_) | Kind::Shared(_) | Kind::Device(_) => 0,
        };
        NODE_COST + content
    }

    /// Its size as `stat` shows it.
    pub(crate) fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(content) => content.len(),
            Kind::Link(target) => target.len() as u64,
            Kind::Shared(file) => file.len(),
            Kind::Dir(_) | Kind::Device(_) => 0,
        }
    }

    /// Fills `target` from `at`; returns how many bytes there were.
    pub(crate) fn read(&self, at: u64, target: &mut [u8]) -> Result<usize> {
        match &self.kind {
            Kind::File(content) => Ok(content.read(at, target)),
            Kind::Shared(file) => file.read(at, target).map_err(|_| Errno::Io),
            _ => Err(Errno::Invalid),
        }
    }
}

/// Bytes that a name counts for.
pub(crate) fn name_cost(name: &str) -> u64 {
    NAME_COST + name.len() as u64
}

/// A name in a directory. `cookie` is its place in the order of making, which listings follow: a listing that is
/// read in parts neither skips nor repeats a name, whatever is made or removed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub node: NodeId,
    pub cookie: u64,
}

/// The cookies of `.` and `..`; names follow.
pub(crate) const FIRST_COOKIE: u64 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Dir {
    pub parent: NodeId,
    /// A directory of the host's: nothing in it changes.
    pub sealed: bool,
    /// How many of its names are directories.
    pub subdirs: u32,
    names: BTreeMap<Arc<str>, Entry>,
    order: BTreeMap<u64, Arc<str>>,
    next: u64,
}

impl Dir {
    pub(crate) fn new(parent: NodeId) -> Self {
        let (names, order) = (BTreeMap::new(), BTreeMap::new());
        Self { parent, sealed: false, subdirs: 0, names, order, next: FIRST_COOKIE }
    }

    pub(crate) fn get(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).map(|entry| entry.node)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds a name that is not there yet.
    pub(crate) fn insert(&mut self, name: &str, node: NodeId) {
        let name: Arc<str> = name.into();
        self.order.insert(self.next, name.clone());
        self.names.insert(name, Entry { node, cookie: self.next });
        self.next += 1;
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(entry) = self.names.remove(name) {
            self.order.remove(&entry.cookie);
        }
    }

    /// A directory with these names in the order of making, `next` being the next cookie. None where names or
    /// cookies are not in order or there twice.
    pub(super) fn with(
        parent: NodeId,
        subdirs: u32,
        entries: Vec<(Arc<str>, Entry)>,
        next: u64,
    ) -> Option<Self> {
        let mut dir = Self { subdirs, next, ..Self::new(parent) };
        let mut last = FIRST_COOKIE - 1;
        for (name, entry) in entries {
            let in_order = entry.cookie > last && entry.cookie < next;
            last = entry.cookie;
            dir.order.insert(entry.cookie, name.clone());
            if !in_order || dir.names.insert(name, entry).is_some() {
                return None;
            }
        }
        Some(dir)
    }

    /// The next name's cookie.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The names after a cookie, in the order of making.
    pub(crate) fn after(&self, cookie: u64) -> impl Iterator<Item = (&str, Entry)> {
        let range = self.order.range((Bound::Excluded(cookie), Bound::Unbounded));
        range.filter_map(|(_, name)| Some((&**name, *self.names.get(name)?)))
    }
}
