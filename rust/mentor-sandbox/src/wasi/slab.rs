//! A numbered table that clones share: a change copies one block of the table and the item, not the rest.
//!
//! The lowest free number is used first, so what numbers are given next depends on what the table holds alone.

use std::sync::Arc;

const BLOCK: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Block<T> {
    slots: Vec<Option<Arc<T>>>,
    used: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Slab<T> {
    blocks: Vec<Arc<Block<T>>>,
    /// The lowest block with a free slot, or the number of blocks.
    first_free: usize,
}

/// A slot's number and what is in it.
pub(crate) type Change<T> = (u32, Option<Arc<T>>);

fn split(id: u32) -> (usize, usize) {
    (id as usize / BLOCK, id as usize % BLOCK)
}

impl<T: Clone> Slab<T> {
    pub(crate) fn new() -> Self {
        Self { blocks: Vec::new(), first_free: 0 }
    }

    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        let (block, slot) = split(id);
        self.blocks.get(block)?.slots[slot].as_deref()
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.get(id)?;
        let (block, slot) = split(id);
        Arc::make_mut(&mut self.blocks[block]).slots[slot].as_mut().map(Arc::make_mut)
    }

    /// Takes the lowest free number.
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        if self.first_free == self.blocks.len() {
            self.blocks.push(Arc::new(Block { slots: vec![None; BLOCK], used: 0 }));
        }
        let block = Arc::make_mut(&mut self.blocks[self.first_free]);
        let slot = block.slots.iter().position(Option::is_none).unwrap_or(0);
        block.slots[slot] = Some(Arc::new(item));
        block.used += 1;
        let id = self.first_free * BLOCK + slot;
        while self.blocks.get(self.first_free).is_some_and(|block| block.used == BLOCK) {
            self.first_free += 1;
        }
        id as u32
    }

    pub(crate) fn remove(&mut self, id: u32) {
        if self.get(id).is_none() {
            return;
        }
        let (index, slot) = split(id);
        let block = Arc::make_mut(&mut self.blocks[index]);
        block.slots[slot] = None;
        block.used -= 1;
        self.first_free = self.first_free.min(index);
        // Empty blocks at the end go, so that equal contents are equal tables.
        while self.blocks.last().is_some_and(|block| block.used == 0) {
            self.blocks.pop();
        }
        self.first_free = self.first_free.min(self.blocks.len());
    }

    /// What differs from another table: the number of each such slot, and the item that is in it here.
    pub(crate) fn changes(&self, base: &Self) -> Vec<Change<T>>
    where
        T: PartialEq,
    {
        let mut changes = Vec::new();
        for index in 0..self.blocks.len().max(base.blocks.len()) {
            let (now, then) = (self.blocks.get(index), base.blocks.get(index));
            if now.zip(then).is_some_and(|(now, then)| Arc::ptr_eq(now, then)) {
                continue;
            }
            for slot in 0..BLOCK {
                let item = |block: Option<&Arc<Block<T>>>| block.and_then(|block| block.slots[slot].clone());
                let (now, then) = (item(now), item(then));
                let same = match (&now, &then) {
                    (Some(now), Some(then)) => Arc::ptr_eq(now, then) || now == then,
                    (now, then) => now.is_none() && then.is_none(),
                };
                if !same {
                    changes.push(((index * BLOCK + slot) as u32, now));
                }
            }
        }
        changes
    }

    /// This table with another one's differences from it.
    pub(crate) fn with(&self, changes: &[Change<T>]) -> Self {
        let mut table = self.clone();
        for (id, item) in changes {
            let (index, slot) = split(*id);
            while table.blocks.len() <= index {
                table.blocks.push(Arc::new(Block { slots: vec![None; BLOCK], used: 0 }));
            }
            let block = Arc::make_mut(&mut table.blocks[index]);
            block.used += usize::from(item.is_some());
            block.used -= usize::from(block.slots[slot].is_some());
            block.slots[slot].clone_from(item);
        }
        while table.blocks.last().is_some_and(|block| block.used == 0) {
            table.blocks.pop();
        }
        let free = table.blocks.iter().position(|block| block.used < BLOCK);
        table.first_free = free.unwrap_or(table.blocks.len());
        table
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let slots = self.blocks.iter().flat_map(|block| &block.slots);
        slots.enumerate().filter_map(|(id, slot)| Some((id as u32, slot.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_given() {
        let mut slab = Slab::new();
        let ids: Vec<u32> = (0..100).map(|n| slab.insert(n)).collect();
        assert!(ids.iter().copied().eq(0..100));
        for id in [70, 3, 99] {
            slab.remove(id);
        }
        assert_eq!((slab.get(70), slab.get(71), slab.get(1000)), (None, Some(&71), None));
        let ids = [(); 4].map(|()| slab.insert(0));
        assert_eq!(ids, [3, 70, 99, 100]);
        assert_eq!(slab.iter().count(), 101);
    }

    #[test]
    fn a_change_copies_one_block() {
        let mut slab = Slab::new();
        (0..3 * BLOCK).for_each(|n| assert!(slab.insert(n) as usize == n));
        let mut other = slab.clone();
        *other.get_mut(40).unwrap() = 7;
        assert_eq!((slab.get(40), other.get(40), other.get(41)), (Some(&40), Some(&7), Some(&41)));
        let shared = |k: usize| Arc::ptr_eq(&slab.blocks[k], &other.blocks[k]);
        assert_eq!([shared(0), shared(1), shared(2)], [true, false, true]);
    }

    #[test]
    fn changes_make_the_same_table_again() {
        let mut base = Slab::new();
        (0..70).for_each(|n| assert_eq!(base.insert(n), n));
        let mut slab = base.clone();
        slab.remove(3);
        *slab.get_mut(40).unwrap() = 7;
        *slab.get_mut(50).unwrap() = 50;
        let added: Vec<u32> = (0..40).map(|_| slab.insert(1)).collect();
        assert_eq!((added[0], added[39]), (3, 108));
        let changes = slab.changes(&base);
        // 3 was given again; 50 is as it was.
        assert!(changes.iter().map(|change| change.0).eq([3, 40].into_iter().chain(70..109)));
        assert_eq!(base.with(&changes), slab);
        assert_eq!(slab.with(&base.changes(&slab)), base);
        assert!(slab.changes(&slab.clone()).is_empty());
    }

    #[test]
    fn an_emptied_table_equals_a_new_one() {
        let mut slab = Slab::new();
        (0..=BLOCK).for_each(|n| assert!(slab.insert(n) as usize == n));
        (0..=BLOCK as u32).for_each(|id| slab.remove(id));
        assert!(slab.blocks.is_empty() && slab.first_free == 0);
    }
}
