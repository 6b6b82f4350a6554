//! The in-memory file tree: directories, a job's files, and read-only files shared by all jobs.
//!
//! A tree is a value: cloning shares everything, and the first change of a clone copies what it must. Symbolic
//! and hard links do not exist, so a path names at most one node and cannot leave the tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::errno::{Errno, Result};

pub(crate) type NodeId = u32;
pub(crate) const ROOT: NodeId = 0;

/// Longest name of one file or directory, bytes.
const MAX_NAME: usize = 255;
/// Deepest path, components.
const MAX_DEPTH: usize = 64;
/// Most files and directories at once.
const MAX_NODES: usize = 16_384;
/// What an entry costs beside its content, so that empty files count too.
const NODE_COST: u64 = 256;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Dir(BTreeMap<String, NodeId>),
    File(Arc<Vec<u8>>),
    /// Content of the host's, the same for every job, read-only. Not counted.
    Shared(SharedFile),
}

/// A read-only file, compared by identity: there are few, and they are large.
#[derive(Debug, Clone)]
pub(crate) struct SharedFile(pub Arc<Vec<u8>>);

impl PartialEq for SharedFile {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl Eq for SharedFile {}
impl std::hash::Hash for SharedFile {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tree {
    nodes: BTreeMap<NodeId, Node>,
    next: NodeId,
    /// Bytes in the job's files and entries.
    used: u64,
}

/// The place that a path names: its directory and its last component, and the node if there is one.
pub(crate) struct Place {
    pub dir: NodeId,
    pub name: String,
    pub node: Option<NodeId>,
}

impl Tree {
    /// An empty tree with `/tmp`.
    pub(crate) fn new() -> Self {
        let mut tree = Self { nodes: BTreeMap::from([(ROOT, Node::Dir(BTreeMap::new()))]), next: 1, used: 0 };
        tree.insert(ROOT, "tmp".into(), Node::Dir(BTreeMap::new()));
        tree
    }

    #[cfg(test)]
    fn used(&self) -> u64 {
        self.used
    }

    pub(crate) fn node(&self, id: NodeId) -> Result<&Node> {
        self.nodes.get(&id).ok_or(Errno::BadFd)
    }

    pub(crate) fn is_dir(&self, id: NodeId) -> bool {
        matches!(self.nodes.get(&id), Some(Node::Dir(_)))
    }

    fn entries(&self, id: NodeId) -> Result<&BTreeMap<String, NodeId>> {
        match self.node(id)? {
            Node::Dir(entries) => Ok(entries),
            _ => Err(Errno::NotDir),
        }
    }

    /// A directory's entries with `.` and `..`, in a fixed order.
    pub(crate) fn list(&self, id: NodeId) -> Result<Vec<(String, NodeId)>> {
        let own = self.entries(id)?;
        let dots = [(".".to_owned(), id), ("..".to_owned(), id)];
        Ok(dots.into_iter().chain(own.iter().map(|(name, id)| (name.clone(), *id))).collect())
    }

    /// Places a host's file, making its directories.
    pub(crate) fn mount(&mut self, path: &str, content: Arc<Vec<u8>>) -> Result<()> {
        let (dirs, name) = path.trim_matches('/').rsplit_once('/').unwrap_or(("", path));
        let mut dir = ROOT;
        for part in dirs.split('/').filter(|part| !part.is_empty()) {
            dir = match self.entries(dir)?.get(part) {
                Some(&id) => id,
                None => self.insert(dir, part.to_owned(), Node::Dir(BTreeMap::new())),
            };
        }
        self.insert(dir, name.to_owned(), Node::Shared(SharedFile(content)));
        self.used = 0;
        Ok(())
    }

    /// Walks a path from a directory. `..` above the root is refused, as a capability system does.
    pub(crate) fn walk(&self, from: NodeId, path: &str) -> Result<Place> {
        let mut trail = vec![(from, String::new())];
        let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
        while let Some(part) = parts.next() {
            if part.len() > MAX_NAME {
                return Err(Errno::NameTooLong);
            }
            if part == ".." {
                trail.pop();
                if trail.is_empty() {
                    return Err(Errno::NotCapable);
                }
                continue;
            }
            let (dir, _) = trail.last().ok_or(Errno::NotCapable)?;
            match self.entries(*dir)?.get(part) {
                Some(&id) => trail.push((id, part.to_owned())),
                None if parts.peek().is_none() => {
                    let depth = trail.len();
                    let place = Place { dir: *dir, name: part.to_owned(), node: None };
                    return if depth > MAX_DEPTH { Err(Errno::NameTooLong) } else { Ok(place) };
                }
                None => return Err(Errno::NoEntry),
            }
        }
        let (node, name) = trail.pop().ok_or(Errno::NotCapable)?;
        if path.ends_with('/') && !self.is_dir(node) {
            return Err(Errno::NotDir);
        }
        let dir = trail.last().map_or(node, |(dir, _)| *dir);
        Ok(Place { dir, name, node: Some(node) })
    }

    fn insert(&mut self, dir: NodeId, name: String, node: Node) -> NodeId {
        let id = self.next;
        self.next += 1;
        self.used += NODE_COST;
        self.nodes.insert(id, node);
        if let Some(Node::Dir(entries)) = self.nodes.get_mut(&dir) {
            entries.insert(name, id);
        }
        id
    }

    /// Makes an entry; the host's own directories (outside `/tmp` and what jobs make) are writable too, their
    /// files are not.
    pub(crate) fn create(&mut self, place: &Place, node: Node, cap: u64) -> Result<NodeId> {
        if place.node.is_some() || place.name.is_empty() {
            return Err(Errno::Exist);
        }
        if self.nodes.len() >= MAX_NODES || self.used + NODE_COST > cap {
            return Err(Errno::NoSpace);
        }
        Ok(self.insert(place.dir, place.name.clone(), node))
    }

    /// Takes an entry out of its directory. The node lives on while `open` says that a descriptor refers to it.
    pub(crate) fn unlink(&mut self, place: &Place, open: bool) -> Result<()> {
        let id = place.node.ok_or(Errno::NoEntry)?;
        if matches!(self.node(id)?, Node::Shared(_)) {
            return Err(Errno::ReadOnly);
        }
        self.detach(place);
        if !open {
            self.free(id);
        }
        Ok(())
    }

    fn detach(&mut self, place: &Place) {
        if let Some(Node::Dir(entries)) = self.nodes.get_mut(&place.dir) {
            entries.remove(&place.name);
        }
    }

    /// Frees a node that no directory names any more, once nothing has it open.
    pub(crate) fn free(&mut self, id: NodeId) {
        let named =
            self.nodes.values().any(|node| matches!(node, Node::Dir(d) if d.values().any(|n| *n == id)));
        if id == ROOT || named {
            return;
        }
        if let Some(node) = self.nodes.remove(&id) {
            let content = if let Node::File(bytes) = &node { bytes.len() as u64 } else { 0 };
            self.used = self.used.saturating_sub(content + NODE_COST);
        }
    }

    pub(crate) fn remove_dir(&mut self, place: &Place) -> Result<()> {
        let id = place.node.ok_or(Errno::NoEntry)?;
        if id == ROOT || place.name.is_empty() {
            return Err(Errno::Invalid);
        }
        if !self.entries(id)?.is_empty() {
            return Err(Errno::NotEmpty);
        }
        self.detach(place);
        self.free(id);
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &Place, to: &Place, open: impl Fn(NodeId) -> bool) -> Result<()> {
        let id = from.node.ok_or(Errno::NoEntry)?;
        if from.name.is_empty() || to.name.is_empty() {
            return Err(Errno::Invalid);
        }
        if matches!(self.node(id)?, Node::Shared(_)) {
            return Err(Errno::ReadOnly);
        }
        if self.is_dir(id) && self.contains(id, to.dir) {
            return Err(Errno::Invalid);
        }
        match to.node {
            Some(target) if target == id => return Ok(()),
            Some(target) => match (self.is_dir(id), self.is_dir(target)) {
                (true, false) => return Err(Errno::NotDir),
                (false, true) => return Err(Errno::IsDir),
                (true, true) => self.remove_dir(to)?,
                (false, false) => self.unlink(to, open(target))?,
            },
            None => {}
        }
        self.detach(from);
        if let Some(Node::Dir(entries)) = self.nodes.get_mut(&to.dir) {
            entries.insert(to.name.clone(), id);
        }
        Ok(())
    }

    fn contains(&self, dir: NodeId, wanted: NodeId) -> bool {
        let below = |id: &NodeId| self.contains(*id, wanted);
        dir == wanted
            || matches!(self.nodes.get(&dir), Some(Node::Dir(entries)) if entries.values().any(below))
    }

    pub(crate) fn read(&self, id: NodeId) -> Result<&Arc<Vec<u8>>> {
        match self.node(id)? {
            Node::File(bytes) | Node::Shared(SharedFile(bytes)) => Ok(bytes),
            Node::Dir(_) => Err(Errno::IsDir),
        }
    }

    pub(crate) fn is_shared(&self, id: NodeId) -> bool {
        matches!(self.nodes.get(&id), Some(Node::Shared(_)))
    }

    /// Writes at an offset, filling a gap with zeros.
    pub(crate) fn write(&mut self, id: NodeId, at: u64, bytes: &[u8], cap: u64) -> Result<()> {
        let end = at.checked_add(bytes.len() as u64).ok_or(Errno::FileTooBig)?;
        let old = self.read(id)?.len() as u64;
        self.resize(id, end.max(old), cap)?;
        if let Some(Node::File(content)) = self.nodes.get_mut(&id) {
            Arc::make_mut(content)[at as usize..end as usize].copy_from_slice(bytes);
        }
        Ok(())
    }

    pub(crate) fn resize(&mut self, id: NodeId, size: u64, cap: u64) -> Result<()> {
        let Some(Node::File(content)) = self.nodes.get_mut(&id) else {
            return Err(Errno::ReadOnly);
        };
        let old = content.len() as u64;
        // Compared before anything is allocated: the size is the guest's choice.
        if size > old && self.used.saturating_add(size - old) > cap {
            return Err(Errno::NoSpace);
        }
        if size != old {
            Arc::make_mut(content).resize(size as usize, 0);
            self.used = self.used - old + size;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: u64 = 1 << 20;

    fn create(tree: &mut Tree, path: &str, node: Node) -> Result<NodeId> {
        let place = tree.walk(ROOT, path)?;
        tree.create(&place, node, CAP)
    }

    fn file() -> Node {
        Node::File(Arc::default())
    }

    #[test]
    fn paths_walk_and_cannot_leave_the_tree() {
        let mut tree = Tree::new();
        create(&mut tree, "/tmp/a", Node::Dir(BTreeMap::new())).unwrap();
        let id = create(&mut tree, "tmp/a/f", file()).unwrap();
        for path in ["tmp/a/f", "/tmp//./a/../a/f", "tmp/a/x/../f"] {
            let found = tree.walk(ROOT, path).map(|place| place.node);
            let expected = if path.contains('x') { Err(Errno::NoEntry) } else { Ok(Some(id)) };
            assert_eq!(found, expected, "{path}");
        }
        assert_eq!(tree.walk(ROOT, "../etc/passwd").err(), Some(Errno::NotCapable));
        assert_eq!(tree.walk(ROOT, "tmp/a/f/").err(), Some(Errno::NotDir));
        assert_eq!(tree.walk(ROOT, &"n".repeat(256)).err(), Some(Errno::NameTooLong));
    }

    #[test]
    fn the_cap_counts_content_and_entries_and_is_freed() {
        let mut tree = Tree::new();
        let before = tree.used();
        let id = create(&mut tree, "tmp/f", file()).unwrap();
        assert_eq!(tree.write(id, CAP, b"x", CAP), Err(Errno::NoSpace));
        assert_eq!(tree.write(id, u64::MAX, b"x", CAP), Err(Errno::FileTooBig));
        tree.write(id, 10, b"hello", CAP).unwrap();
        assert_eq!(tree.read(id).unwrap()[..12], *b"\0\0\0\0\0\0\0\0\0\0he");
        let place = tree.walk(ROOT, "tmp/f").unwrap();
        tree.unlink(&place, false).unwrap();
        assert_eq!(tree.used(), before);
    }

    #[test]
    fn clones_do_not_see_each_other() {
        let mut tree = Tree::new();
        let id = create(&mut tree, "tmp/f", file()).unwrap();
        let mut other = tree.clone();
        other.write(id, 0, b"b", CAP).unwrap();
        assert!(tree.read(id).unwrap().is_empty());
        assert_ne!(tree, other);
    }

    #[test]
    fn rename_moves_replaces_and_refuses_loops() {
        let mut tree = Tree::new();
        create(&mut tree, "tmp/d", Node::Dir(BTreeMap::new())).unwrap();
        let f = create(&mut tree, "tmp/f", file()).unwrap();
        create(&mut tree, "tmp/d/g", file()).unwrap();
        let rename = |tree: &mut Tree, from: &str, to: &str| {
            let (from, to) = (tree.walk(ROOT, from)?, tree.walk(ROOT, to)?);
            tree.rename(&from, &to, |_| false)
        };
        assert_eq!(rename(&mut tree, "tmp/d", "tmp/d/inner"), Err(Errno::Invalid));
        assert_eq!(rename(&mut tree, "tmp/f", "tmp/d"), Err(Errno::IsDir));
        rename(&mut tree, "tmp/f", "tmp/d/g").unwrap();
        assert_eq!(tree.walk(ROOT, "tmp/d/g").unwrap().node, Some(f));
        assert_eq!(tree.walk(ROOT, "tmp/f").unwrap().node, None);
    }

    #[test]
    fn shared_files_are_read_only() {
        let mut tree = Tree::new();
        tree.mount("/usr/lib/x.zip", Arc::new(b"zip".to_vec())).unwrap();
        let place = tree.walk(ROOT, "usr/lib/x.zip").unwrap();
        let id = place.node.unwrap();
        assert_eq!(tree.write(id, 0, b"!", CAP), Err(Errno::ReadOnly));
        assert_eq!(tree.unlink(&place, false), Err(Errno::ReadOnly));
        assert_eq!(tree.used(), 0);
    }
}
