//! The in-memory file tree: what a job makes, and what the host put there.
//!
//! A tree is a value: cloning shares everything, and a change copies the nodes that it touches. Its size is known
//! at every moment, and every bound is checked before anything changes.

use super::errno::{Errno, Result};
use super::node::{Device, Dir, Kind, Node, NodeId, name_cost};
use super::shared::SharedFile;
use super::slab::Slab;
use super::walk::Place;
use crate::Limits;

pub(crate) const ROOT: NodeId = 0;

/// What all nodes and names take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Used {
    pub bytes: u64,
    pub entries: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tree {
    pub(super) nodes: Slab<Node>,
    pub(super) used: Used,
    /// What the host put there, which no job pays for.
    pub(super) free: Used,
}

impl Tree {
    /// A tree with `/tmp`, `/dev` and the host's read-only files.
    pub(crate) fn new(mounts: &[(&str, SharedFile)], now: u64) -> Self {
        let (used, free) = (Used::default(), Used::default());
        let mut tree = Self { nodes: Slab::new(), used, free };
        tree.add(Node::new(Kind::Dir(Dir::new(ROOT)), now));
        tree.mount("tmp", Kind::Dir(Dir::new(ROOT)), now);
        let devices = [("null", Device::Null), ("zero", Device::Zero), ("urandom", Device::Random)];
        for (name, device) in devices {
            tree.mount(&format!("dev/{name}"), Kind::Device(device), now);
        }
        for (path, content) in mounts {
            tree.mount(path, Kind::Shared(content.clone()), now);
        }
        tree.free = tree.used;
        tree
    }

    /// Places a node of the host's; the directories on its way are sealed.
    fn mount(&mut self, path: &str, kind: Kind, now: u64) {
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let Some(name) = parts.pop() else { return };
        let mut dir = ROOT;
        for part in parts {
            dir = match self.dir(dir).ok().and_then(|dir| dir.get(part)) {
                Some(id) => id,
                None => self.attach(dir, part, Node::new(Kind::Dir(Dir::new(dir)), now)),
            };
            if let Some(Node { kind: Kind::Dir(dir), .. }) = self.nodes.get_mut(dir) {
                dir.sealed = true;
            }
        }
        self.attach(dir, name, Node::new(kind, now));
    }

    pub(crate) fn node(&self, id: NodeId) -> Result<&Node> {
        self.nodes.get(id).ok_or(Errno::BadFd)
    }

    fn node_mut(&mut self, id: NodeId) -> Result<&mut Node> {
        self.nodes.get_mut(id).ok_or(Errno::BadFd)
    }

    pub(crate) fn dir(&self, id: NodeId) -> Result<&Dir> {
        match &self.node(id)?.kind {
            Kind::Dir(dir) => Ok(dir),
            _ => Err(Errno::NotDir),
        }
    }

    pub(crate) fn is_dir(&self, id: NodeId) -> bool {
        self.dir(id).is_ok()
    }

    /// How many names the tree has: an upper bound on what one change of it can take.
    pub(crate) fn entries(&self) -> u32 {
        self.used.entries
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.used.bytes += node.cost();
        self.nodes.insert(node)
    }

    /// Adds a node under a new name.
    fn attach(&mut self, dir: NodeId, name: &str, node: Node) -> NodeId {
        let now = node.times.changed;
        let id = self.add(node);
        self.bind(dir, name, id, now);
        id
    }

    /// Adds a name for a node.
    fn bind(&mut self, dir: NodeId, name: &str, id: NodeId, now: u64) {
        let subdir = self.is_dir(id);
        self.used.bytes += name_cost(name);
        self.used.entries += 1;
        self.change_dir(dir, now, |dir| {
            dir.insert(name, id);
            dir.subdirs += u32::from(subdir);
        });
    }

    /// Takes a name away. Its node stays.
    fn unbind(&mut self, dir: NodeId, name: &str, id: NodeId, now: u64) {
        let subdir = self.is_dir(id);
        self.used.bytes -= name_cost(name);
        self.used.entries -= 1;
        self.change_dir(dir, now, |dir| {
            dir.remove(name);
            dir.subdirs -= u32::from(subdir);
        });
    }

    fn change_dir(&mut self, id: NodeId, now: u64, change: impl FnOnce(&mut Dir)) {
        if let Some(node) = self.nodes.get_mut(id) {
            (node.times.modified, node.times.changed) = (now, now);
            if let Kind::Dir(dir) = &mut node.kind {
                change(dir);
            }
        }
    }

    /// A directory in which names may change: neither the host's nor removed.
    fn writable_dir(&self, id: NodeId) -> Result<()> {
        match self.node(id)? {
            Node { links: 0, .. } => Err(Errno::NoEntry),
            Node { kind: Kind::Dir(Dir { sealed: true, .. }), .. } => Err(Errno::ReadOnly),
            _ => Ok(()),
        }
    }

    /// A node that may get or lose names: not the host's.
    fn movable(&self, id: NodeId) -> Result<()> {
        match self.node(id)?.kind {
            Kind::Shared(_) | Kind::Device(_) | Kind::Dir(Dir { sealed: true, .. }) => Err(Errno::ReadOnly),
            _ => Ok(()),
        }
    }

    /// Whether there is room for so many bytes more.
    fn room(&self, bytes: u64, limits: &Limits) -> Result<()> {
        let wanted = self.used.bytes.saturating_sub(self.free.bytes).saturating_add(bytes);
        if wanted > limits.files { Err(Errno::NoSpace) } else { Ok(()) }
    }

    /// Whether a new name may be added for something of so many bytes.
    fn admit(&self, place: &Place, bytes: u64, limits: &Limits) -> Result<()> {
        if place.node.is_some() || place.name.is_empty() {
            return Err(Errno::Exist);
        }
        self.writable_dir(place.dir)?;
        if self.depth(place.dir) >= limits.path_depth {
            return Err(Errno::NameTooLong);
        }
        if self.used.entries.saturating_sub(self.free.entries) >= limits.entries {
            return Err(Errno::NoSpace);
        }
        self.room(bytes + name_cost(&place.name), limits)
    }

    /// How many components a directory's path has.
    fn depth(&self, id: NodeId) -> u32 {
        std::iter::successors(Some(id), |id| self.parent(*id)).count() as u32 - 1
    }

    fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.dir(id).ok().map(|dir| dir.parent).filter(|parent| *parent != id)
    }

    /// How many levels a node spans: 1 for a file or an empty directory.
    fn levels(&self, id: NodeId) -> u32 {
        let (mut deepest, mut todo) = (1, vec![(id, 1)]);
        while let Some((id, level)) = todo.pop() {
            let Some(dir) = self.dir(id).ok().filter(|dir| !dir.is_empty()) else { continue };
            deepest = deepest.max(level + 1);
            if dir.subdirs > 0 {
                let below = dir.after(0).filter(|(_, entry)| self.is_dir(entry.node));
                todo.extend(below.map(|(_, entry)| (entry.node, level + 1)));
            }
        }
        deepest
    }

    /// Makes a node at a place that is still free.
    pub(crate) fn create(&mut self, place: &Place, kind: Kind, limits: &Limits, now: u64) -> Result<NodeId> {
        let node = Node::new(kind, now);
        self.admit(place, node.cost(), limits)?;
        Ok(self.attach(place.dir, &place.name, node))
    }

    /// Gives a node another name.
    pub(crate) fn link(&mut self, id: NodeId, place: &Place, limits: &Limits, now: u64) -> Result<()> {
        if self.is_dir(id) {
            return Err(Errno::NotPermitted);
        }
        self.movable(id)?;
        self.admit(place, 0, limits)?;
        self.bind(place.dir, &place.name, id, now);
        self.count_links(id, 1, now)
    }

    fn count_links(&mut self, id: NodeId, change: i32, now: u64) -> Result<()> {
        let node = self.node_mut(id)?;
        node.links = node.links.saturating_add_signed(change);
        node.times.changed = now;
        Ok(())
    }

    /// Takes a name away. The node is left: `release` frees it when nothing refers to it.
    pub(crate) fn unlink(&mut self, place: &Place, now: u64) -> Result<NodeId> {
        let id = place.node.ok_or(Errno::NoEntry)?;
        if self.is_dir(id) {
            return Err(Errno::IsDir);
        }
        self.drop_name(place, id, now)
    }

    /// Removes an empty directory, like `unlink`.
    pub(crate) fn remove_dir(&mut self, place: &Place, now: u64) -> Result<NodeId> {
        let id = place.node.ok_or(Errno::NoEntry)?;
        let dir = self.dir(id)?;
        if id == ROOT {
            return Err(Errno::Busy);
        }
        if place.name.is_empty() {
            return Err(Errno::Invalid);
        }
        if !dir.is_empty() {
            return Err(Errno::NotEmpty);
        }
        self.drop_name(place, id, now)
    }

    fn drop_name(&mut self, place: &Place, id: NodeId, now: u64) -> Result<NodeId> {
        self.writable_dir(place.dir)?;
        self.movable(id)?;
        self.unbind(place.dir, &place.name, id, now);
        self.count_links(id, -1, now)?;
        if let Kind::Dir(dir) = &mut self.node_mut(id)?.kind {
            dir.parent = id;
        }
        Ok(id)
    }

    /// Frees a node that has no name any more. The caller knows that no descriptor refers to it.
    pub(crate) fn release(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get(id)
            && node.links == 0
        {
            self.used.bytes -= node.cost();
            self.nodes.remove(id);
        }
    }

    /// Moves a name; returns the node that it replaced, as `unlink` does.
    pub(crate) fn rename(
        &mut self,
        from: &Place,
        to: &Place,
        limits: &Limits,
        now: u64,
    ) -> Result<Option<NodeId>> {
        let id = from.node.ok_or(Errno::NoEntry)?;
        if from.name.is_empty() || to.name.is_empty() {
            return Err(Errno::Busy);
        }
        self.writable_dir(from.dir)?;
        self.writable_dir(to.dir)?;
        self.movable(id)?;
        if to.node == Some(id) {
            return Ok(None);
        }
        let is_dir = self.is_dir(id);
        if is_dir && std::iter::successors(Some(to.dir), |id| self.parent(*id)).any(|above| above == id) {
            return Err(Errno::Invalid);
        }
        if !is_dir && to.slash {
            return Err(Errno::NotDir);
        }
        if self.depth(to.dir) + self.levels(id) > limits.path_depth {
            return Err(Errno::NameTooLong);
        }
        let replaced = if let Some(target) = to.node {
            match (is_dir, self.is_dir(target)) {
                (true, false) => return Err(Errno::NotDir),
                (false, true) => return Err(Errno::IsDir),
                (true, true) => Some(self.remove_dir(to, now)?),
                (false, false) => Some(self.unlink(to, now)?),
            }
        } else {
            self.room(name_cost(&to.name).saturating_sub(name_cost(&from.name)), limits)?;
            None
        };
        self.unbind(from.dir, &from.name, id, now);
        self.bind(to.dir, &to.name, id, now);
        let node = self.node_mut(id)?;
        node.times.changed = now;
        if let Kind::Dir(dir) = &mut node.kind {
            dir.parent = to.dir;
        }
        Ok(replaced)
    }

    /// Sets a file's length.
    pub(crate) fn resize(&mut self, id: NodeId, len: u64, limits: &Limits, now: u64) -> Result<()> {
        let old = self.file(id)?;
        self.room(len.saturating_sub(old), limits)?;
        self.used.bytes = self.used.bytes - old + len;
        self.change_file(id, now, |content| content.resize(len))
    }

    /// Makes room for a write that ends at `end`: all of it fits, or nothing is written.
    pub(crate) fn reserve(&mut self, id: NodeId, end: u64, limits: &Limits) -> Result<()> {
        let more = end.saturating_sub(self.file(id)?);
        self.room(more, limits)?;
        self.used.bytes += more;
        let node = self.node_mut(id)?;
        if let Kind::File(content) = &mut node.kind
            && more > 0
        {
            content.resize(end);
        }
        Ok(())
    }

    /// Writes into room that was reserved.
    pub(crate) fn write(&mut self, id: NodeId, at: u64, bytes: &[u8], now: u64) -> Result<()> {
        self.change_file(id, now, |content| content.write(at, bytes))
    }

    fn file(&self, id: NodeId) -> Result<u64> {
        match &self.node(id)?.kind {
            Kind::File(content) => Ok(content.len()),
            Kind::Dir(_) => Err(Errno::IsDir),
            Kind::Shared(_) => Err(Errno::ReadOnly),
            Kind::Link(_) | Kind::Device(_) => Err(Errno::Invalid),
        }
    }

    fn change_file(
        &mut self,
        id: NodeId,
        now: u64,
        change: impl FnOnce(&mut super::content::Content),
    ) -> Result<()> {
        let node = self.node_mut(id)?;
        (node.times.modified, node.times.changed) = (now, now);
        if let Kind::File(content) = &mut node.kind {
            change(content);
        }
        Ok(())
    }

    /// Sets the times that are given.
    pub(crate) fn set_times(
        &mut self,
        id: NodeId,
        accessed: Option<u64>,
        modified: Option<u64>,
        now: u64,
    ) -> Result<()> {
        self.movable(id)?;
        let times = &mut self.node_mut(id)?.times;
        times.accessed = accessed.unwrap_or(times.accessed);
        times.modified = modified.unwrap_or(times.modified);
        times.changed = now;
        Ok(())
    }
}
