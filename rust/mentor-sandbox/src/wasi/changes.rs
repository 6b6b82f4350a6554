//! What programs did to the host's half of their image: files, descriptors and clocks, as a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clock::Clock;
use super::files::{Descriptor, Files, Target};
use super::node::{Kind, Node, NodeId, name_cost};
use super::slab::Change;
use super::tree::{ROOT, Tree, Used};

/// What a state keeps of files. It refers to nothing of the image, shares what it can with other states, and
/// is equal where what it says of an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changes {
    /// In the order of their numbers.
    pub(super) nodes: Arc<Vec<Change<Node>>>,
    pub(super) used: Used,
    pub(super) fds: Arc<Vec<Option<Descriptor>>>,
    pub(super) clock: Clock,
}

impl Files {
    /// How these files differ from the image's; `start` is what they were made from.
    pub(crate) fn changes(&self, image: &Self, start: Option<&Changes>) -> Changes {
        let fds = [&image.fds].into_iter().chain(start.map(|start| &start.fds));
        let fds = fds.into_iter().find(|fds| **fds == self.fds).unwrap_or(&self.fds).clone();
        let nodes = self.tree.nodes.changes(&image.tree.nodes);
        let nodes = match start {
            Some(start) if *start.nodes == nodes => start.nodes.clone(),
            _ => Arc::new(nodes),
        };
        Changes { nodes, used: self.tree.used, fds, clock: self.clock }
    }

    /// These files, an image's, with a state's changes made.
    pub(crate) fn with(&self, changes: &Changes) -> Self {
        let Changes { nodes, used, fds, clock } = changes;
        let tree = if nodes.is_empty() {
            self.tree.clone()
        } else {
            let nodes = self.tree.nodes.with(nodes);
            Arc::new(Tree { nodes, used: *used, free: self.tree.free })
        };
        Self { tree, fds: fds.clone(), clock: *clock }
    }

    /// Whether the tree is one, is counted right, and descriptors refer to what they may. A program cannot make
    /// it otherwise, but changes can come from anywhere, and the code around relies on it.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let tree = &*self.tree;
        let names = names(tree)?;
        let mut used = Used::default();
        for (id, node) in tree.nodes.iter() {
            used.bytes += node.cost();
            let links = names.get(&id).copied().unwrap_or_default() + u32::from(id == ROOT);
            if node.links != links {
                return Err("a file that does not have as many names as it says");
            }
            let Kind::Dir(dir) = &node.kind else { continue };
            if node.links == 0 && !dir.is_empty() || node.links > 1 {
                return Err("a directory that is not in one place");
            }
            for (name, _) in dir.after(0) {
                used.bytes += name_cost(name);
                used.entries += 1;
            }
        }
        if used != tree.used {
            return Err("files that do not take what they say");
        }
        self.fds.iter().flatten().try_for_each(|open| self.check_open(*open))
    }

    fn check_open(&self, open: Descriptor) -> Result<(), &'static str> {
        let kind = open.node().map(|id| self.tree.nodes.get(id).map(|node| &node.kind));
        match (open.target, kind.flatten()) {
            (Target::File { .. }, Some(Kind::File(_) | Kind::Shared(_) | Kind::Device(_)))
            | (Target::Dir(_), Some(Kind::Dir(_)))
            | (Target::Stdin | Target::Stdout | Target::Stderr, _) => Ok(()),
            _ => Err("a descriptor of what is not there"),
        }
    }
}

/// How many names nodes have, all directories being below the root: so there are no circles.
fn names(tree: &Tree) -> Result<BTreeMap<NodeId, u32>, &'static str> {
    let mut names = BTreeMap::new();
    let mut todo = vec![ROOT];
    let mut below = 0;
    while let Some(id) = todo.pop() {
        let dir = tree.dir(id).map_err(|_| "no root directory")?;
        below += 1;
        let mut subdirs = 0;
        for (_, entry) in dir.after(0) {
            let node = tree.node(entry.node).map_err(|_| "a name of a file that is not there")?;
            let count: &mut u32 = names.entry(entry.node).or_default();
            *count += 1;
            if let Kind::Dir(child) = &node.kind {
                subdirs += 1;
                if *count > 1 || entry.node == ROOT || child.parent != id {
                    return Err("a directory that is not in one place");
                }
                todo.push(entry.node);
            }
        }
        if subdirs != dir.subdirs {
            return Err("a directory that is counted wrong");
        }
    }
    let is_placed = |node: &Node| matches!(node.kind, Kind::Dir(_)) && node.links > 0;
    let placed = tree.nodes.iter().filter(|(_, node)| is_placed(node)).count();
    if placed == below { Ok(names) } else { Err("a directory that is not in one place") }
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::super::node::{Dir, Entry, FIRST_COOKIE};
    use super::super::rights;
    use super::super::walk::Place;
    use super::*;
    use crate::Limits;

    fn image() -> Files {
        Files::new(&[("/lib/a.py", Arc::new(b"a".to_vec()).into())])
    }

    fn tmp(image: &Files) -> NodeId {
        image.tree().dir(ROOT).unwrap().get("tmp").unwrap()
    }

    fn opened(target: Target) -> Descriptor {
        Descriptor { target, rights: rights::FILE, inheriting: 0, flags: 0 }
    }

    fn write(files: &mut Files, name: &str) -> NodeId {
        let now = files.now();
        let place = Place { dir: tmp(files), name: name.into(), node: None, slash: false };
        let limits = Limits::default();
        let node = files.tree_mut().create(&place, Kind::File(Content::default()), &limits, now).unwrap();
        files.tree_mut().resize(node, 5, &limits, now).unwrap();
        files.tree_mut().write(node, 0, b"text", now).unwrap();
        node
    }

    #[test]
    fn changes_make_the_same_files_again() {
        let image = image();
        let mut files = image.clone();
        let node = write(&mut files, "new");
        let fd = files.open(opened(Target::File { node, at: 2 })).unwrap();
        let changes = files.changes(&image, None);
        // The new file and the directory that names it; nothing of the image.
        assert_eq!(changes.nodes.len(), 2);
        let again = image.with(&changes);
        assert_eq!((again.check(), again.changes(&image, None)), (Ok(()), changes.clone()));
        assert_eq!(again.get(fd), files.get(fd));
        // What a later state leaves as it was is shared.
        let later = again.changes(&image, Some(&changes));
        assert!(Arc::ptr_eq(&later.nodes, &changes.nodes) && Arc::ptr_eq(&later.fds, &changes.fds));
    }

    #[test]
    fn what_was_undone_is_no_change() {
        let image = image();
        let mut files = image.clone();
        let fd = files.open(opened(Target::Dir(ROOT))).unwrap();
        files.close(fd).unwrap();
        let changes = files.changes(&image, None);
        assert_eq!(changes, image.changes(&image, None));
        assert!(Arc::ptr_eq(&changes.fds, &image.fds));
    }

    fn dir(parent: NodeId, subdirs: u32, entries: &[(&str, NodeId)]) -> Node {
        let numbered = entries.iter().zip(FIRST_COOKIE..);
        let entries = numbered.map(|((name, node), cookie)| ((*name).into(), Entry { node: *node, cookie }));
        Node::new(Kind::Dir(Dir::with(parent, subdirs, entries.collect(), 99).unwrap()), 0)
    }

    type Case<'a> = (&'a [(NodeId, Option<Node>)], Target, &'a str);

    #[test]
    fn what_no_program_can_make_is_refused() {
        let image = image();
        let tmp = tmp(&image);
        let file = |links| Node { links, ..Node::new(Kind::File(Content::default()), 0) };
        let cases: [Case; 12] = [
            (&[(ROOT, None)], Target::Stdin, "no root"),
            (&[(tmp, Some(dir(ROOT, 0, &[("x", 40)])))], Target::Stdin, "a name of a file that is not there"),
            (&[(tmp, Some(dir(ROOT, 1, &[("up", ROOT)])))], Target::Stdin, "one place"),
            (&[(tmp, Some(dir(tmp, 0, &[])))], Target::Stdin, "one place"),
            (&[(tmp, Some(dir(ROOT, 1, &[])))], Target::Stdin, "counted wrong"),
            (&[(tmp, Some(dir(ROOT, 0, &[("a", 41)]))), (41, Some(file(2)))], Target::Stdin, "as many names"),
            (
                &[(41, Some(dir(42, 1, &[("b", 42)]))), (42, Some(dir(41, 1, &[("a", 41)])))],
                Target::Stdin,
                "one place",
            ),
            (&[(41, Some(file(1)))], Target::Stdin, "as many names"),
            (&[(41, Some(file(0)))], Target::Stdin, "take what they say"),
            (&[], Target::File { node: 41, at: 0 }, "descriptor"),
            (&[], Target::File { node: tmp, at: 0 }, "descriptor"),
            (&[], Target::Dir(41), "descriptor"),
        ];
        for (nodes, target, reason) in cases {
            let nodes = nodes.iter().map(|(id, node)| (*id, node.clone().map(Arc::new))).collect();
            let fds = Arc::new(vec![Some(opened(target))]);
            let clock = Clock::default();
            let changes = Changes { nodes: Arc::new(nodes), used: image.tree.used, fds, clock };
            let found = image.with(&changes).check().unwrap_err();
            assert!(found.contains(reason), "{found}, not {reason}");
        }
        assert_eq!(image.check(), Ok(()));
    }
}
