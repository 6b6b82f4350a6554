//! The content of one file: a length and blocks of bytes that clones share.
//!
//! A write copies at most the blocks that it touches, so a state that changed one byte of a large file costs one
//! block. What was never written takes no memory and reads as zeros.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Bytes a block covers.
pub(crate) const BLOCK: usize = 64 << 10;

/// Block `k` covers the bytes from `k * BLOCK`; blocks and ends of blocks that are not there are zeros.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    blocks: Vec<Arc<Vec<u8>>>,
    len: u64,
}

/// The block and the offset in it of a position; positions below a length that memory holds fit a `usize`.
fn split(at: u64) -> (usize, usize) {
    let at = at as usize;
    (at / BLOCK, at % BLOCK)
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Fills `target` from `at`; returns how many bytes there were.
    pub(crate) fn read(&self, at: u64, target: &mut [u8]) -> usize {
        let count = self.len.saturating_sub(at).min(target.len() as u64) as usize;
        let mut done = 0;
        while done < count {
            let (index, start) = split(at + done as u64);
            let part = &mut target[done..count];
            let room = part.len().min(BLOCK - start);
            let stored = self.blocks.get(index).and_then(|block| block.get(start..)).unwrap_or(&[]);
            let copied = stored.len().min(room);
            part[..copied].copy_from_slice(&stored[..copied]);
            part[copied..room].fill(0);
            done += room;
        }
        count
    }

    /// Writes at `at`, which may lie above the end. The caller has checked that the new length is allowed.
    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) {
        let mut done = 0;
        while done < bytes.len() {
            let (index, start) = split(at + done as u64);
            let part = &bytes[done..bytes.len().min(done + BLOCK - start)];
            if self.blocks.len() <= index {
                self.blocks.resize_with(index + 1, Arc::default);
            }
            let block = Arc::make_mut(&mut self.blocks[index]);
            if block.len() < start + part.len() {
                block.resize(start + part.len(), 0);
            }
            block[start..start + part.len()].copy_from_slice(part);
            done += part.len();
        }
        if !bytes.is_empty() {
            self.len = self.len.max(at + bytes.len() as u64);
        }
    }

    /// Sets the length. What is cut off is freed, and reads as zeros if the file grows again.
    pub(crate) fn resize(&mut self, len: u64) {
        if len < self.len {
            let (whole, rest) = split(len);
            if let Some(last) = self.blocks.get_mut(whole)
                && last.len() > rest
            {
                // A copy of the exact size: a truncated block must not keep the memory of the whole.
                *last = Arc::new(last[..rest].to_vec());
            }
            self.blocks.truncate(if rest == 0 { whole } else { whole + 1 });
            self.blocks.shrink_to(self.blocks.len() * 2);
        }
        self.len = len;
    }

    /// The bytes, block by block, with no zeros at a block's end: equal content gives equal blocks.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len.div_ceil(BLOCK as u64) as usize).map(|index| self.block(index))
    }

    fn block(&self, index: usize) -> &[u8] {
        let stored = self.blocks.get(index).map_or(&[][..], |block| block);
        let zeros = stored.iter().rev().take_while(|byte| **byte == 0).count();
        &stored[..stored.len() - zeros]
    }
}

impl PartialEq for Content {
    /// Most blocks of what is compared are shared, and need no look.
    fn eq(&self, other: &Self) -> bool {
        let same = |index| match (self.blocks.get(index), other.blocks.get(index)) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => true,
            _ => self.block(index) == other.block(index),
        };
        self.len == other.len && (0..self.blocks.len().max(other.blocks.len())).all(same)
    }
}

impl Eq for Content {}

impl Hash for Content {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.blocks().for_each(|block| block.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(content: &Content) -> Vec<u8> {
        let mut out = vec![0xff; content.len() as usize];
        assert_eq!(content.read(0, &mut out), out.len());
        out
    }

    #[test]
    fn writes_across_blocks_and_holes_read_back() {
        let mut content = Content::default();
        content.write(BLOCK as u64 - 2, b"abcd");
        content.write(3 * BLOCK as u64, b"z");
        let mut expected = vec![0; 3 * BLOCK + 1];
        expected[BLOCK - 2..BLOCK + 2].copy_from_slice(b"abcd");
        expected[3 * BLOCK] = b'z';
        assert!(bytes(&content) == expected);
        let mut part = [1; 4];
        assert_eq!(content.read(3 * BLOCK as u64 - 1, &mut part), 2);
        assert_eq!(part, [0, b'z', 1, 1]);
        assert_eq!(content.read(u64::MAX, &mut part), 0);
    }

    #[test]
    fn what_was_cut_off_is_gone_and_its_memory_is_freed() {
        let mut content = Content::default();
        content.write(0, &vec![7; 4 * BLOCK]);
        content.resize(3);
        assert_eq!((content.blocks.len(), content.blocks[0].capacity()), (1, 3));
        content.resize(BLOCK as u64);
        assert!(bytes(&content)[3..].iter().all(|byte| *byte == 0));
        content.resize(0);
        assert!(content.blocks.is_empty());
    }

    #[test]
    fn equality_is_of_the_bytes() {
        use std::collections::hash_map::DefaultHasher;
        let hash = |content: &Content| {
            let mut hasher = DefaultHasher::new();
            content.hash(&mut hasher);
            hasher.finish()
        };
        let (mut written, mut sparse) = (Content::default(), Content::default());
        written.write(0, &vec![0; BLOCK + 5]);
        sparse.resize(BLOCK as u64 + 5);
        assert!(written == sparse && hash(&written) == hash(&sparse));
        sparse.write(9, b"x");
        assert!(written != sparse);
    }

    #[test]
    fn a_clone_shares_the_blocks_that_do_not_change() {
        let mut content = Content::default();
        content.write(0, &vec![7; 3 * BLOCK]);
        let mut other = content.clone();
        other.write(BLOCK as u64 + 1, b"x");
        let shared: Vec<_> = (0..3).map(|k| Arc::ptr_eq(&content.blocks[k], &other.blocks[k])).collect();
        assert_eq!(shared, [true, false, true]);
        assert!(content != other);
    }
}
