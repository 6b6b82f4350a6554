//! The tree's account of itself, made anew.

use std::collections::BTreeMap;

use super::super::node::{Kind, NodeId, name_cost};
use super::super::tree::{ROOT, Tree, Used};

impl Tree {
    pub(crate) fn used(&self) -> Used {
        self.used
    }

    /// Bytes that count against the limit.
    pub(crate) fn taken(&self) -> u64 {
        self.used.bytes.saturating_sub(self.free.bytes)
    }

    /// Counts everything anew and compares it with what the tree keeps.
    pub(crate) fn check(&self) {
        let mut used = Used::default();
        let mut links: BTreeMap<NodeId, u32> = BTreeMap::from([(ROOT, 1)]);
        for (id, node) in self.nodes.iter() {
            used.bytes += node.cost();
            let Kind::Dir(dir) = &node.kind else { continue };
            let mut subdirs = 0;
            for (name, entry) in dir.after(0) {
                used.bytes += name_cost(name);
                used.entries += 1;
                *links.entry(entry.node).or_default() += 1;
                assert_eq!(dir.get(name), Some(entry.node));
                if let Ok(below) = self.dir(entry.node) {
                    subdirs += 1;
                    assert_eq!(below.parent, id, "the parent of {name}");
                }
            }
            assert_eq!(dir.subdirs, subdirs);
        }
        for (id, node) in self.nodes.iter() {
            assert_eq!(node.links, links.remove(&id).unwrap_or(0), "links of {id}");
        }
        assert!(links.is_empty(), "names of nothing: {links:?}");
        assert_eq!(self.used, used);
    }
}
