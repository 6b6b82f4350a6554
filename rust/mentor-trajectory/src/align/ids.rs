//! Small numbers for byte strings: equal bytes share one.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Byte strings numbered from 0 in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(Map);

type Map = HashMap<Box<[u8]>, u32, BuildHasherDefault<Mixer>>;

impl Ids {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn get(&self, bytes: &[u8]) -> Option<u32> {
        self.0.get(bytes).copied()
    }

    pub fn intern(&mut self, bytes: &[u8]) -> u32 {
        if let Some(id) = self.get(bytes) {
            return id;
        }
        let id = self.0.len() as u32;
        self.0.insert(bytes.into(), id);
        id
    }
}

/// A table that is read, and the numbers behind its own for what it lacks.
pub(crate) struct Extended<'a> {
    base: &'a Ids,
    own: Ids,
    next: u32,
    remembers: bool,
}

impl<'a> Extended<'a> {
    /// Without remembering, whatever the table lacks is new every time.
    pub fn new(base: &'a Ids, remembers: bool) -> Self {
        Self { base, own: Ids::default(), next: base.len() as u32, remembers }
    }

    pub fn intern(&mut self, bytes: &[u8]) -> u32 {
        if let Some(id) = self.base.get(bytes) {
            return id;
        }
        if !self.remembers {
            return self.fresh();
        }
        if let Some(place) = self.own.get(bytes) {
            return place;
        }
        let id = self.fresh();
        self.own.0.insert(bytes.into(), id);
        id
    }

    /// A number that nothing else has.
    pub fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// All numbers given so far are below this.
    pub fn len(&self) -> usize {
        self.next as usize
    }
}

/// A hash of eight bytes a step. A table holds one row's references or one student's calls, so that whoever looks for
/// collisions slows down their own row only.
#[derive(Default)]
pub(crate) struct Mixer(u64);

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Mixer {
    fn add(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * u128::from(ODD);
        self.0 = (wide as u64) ^ ((wide >> 64) as u64) ^ ODD.rotate_left(17);
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.add(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        }
        let rest = words.remainder();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_share_a_number() {
        let mut base = Ids::default();
        assert_eq!([b"a".as_slice(), b"b", b"a", b""].map(|bytes| base.intern(bytes)), [0, 1, 0, 2]);
        let mut more = Extended::new(&base, true);
        assert_eq!([b"c".as_slice(), b"b", b"c"].map(|bytes| more.intern(bytes)), [3, 1, 3]);
        assert_eq!((more.fresh(), more.intern(b"d"), more.len(), base.len()), (4, 5, 6, 3));
    }
}
