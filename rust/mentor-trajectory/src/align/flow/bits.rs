//! Sets of small numbers, a row of bits for each of some items.

/// One set an item.
#[derive(Clone, Debug)]
pub(super) struct Sets {
    words: usize,
    bits: Vec<u64>,
}

impl Sets {
    /// Empty sets of numbers below `below`.
    pub fn new(items: usize, below: usize) -> Self {
        let words = below.div_ceil(64).max(1);
        Self { words, bits: vec![0; items * words] }
    }

    pub fn insert(&mut self, item: usize, number: usize) {
        self.bits[item * self.words + number / 64] |= 1 << (number % 64);
    }

    /// Adds all of another item's set.
    pub fn insert_all(&mut self, item: usize, other: usize) {
        for word in 0..self.words {
            let bits = self.bits[other * self.words + word];
            self.bits[item * self.words + word] |= bits;
        }
    }

    pub fn get(&self, item: usize) -> &[u64] {
        &self.bits[item * self.words..(item + 1) * self.words]
    }

    /// The numbers of an item's set in order.
    pub fn members(&self, item: usize) -> impl Iterator<Item = usize> {
        let words = self.get(item).iter().enumerate();
        words.flat_map(|(place, &bits)| {
            std::iter::successors(Some(bits), |bits| Some(bits & bits.wrapping_sub(1)))
                .take_while(|&bits| bits != 0)
                .map(move |bits| place * 64 + bits.trailing_zeros() as usize)
        })
    }
}

pub(super) fn is_subset(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & !b == 0)
}

pub(super) fn intersect(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

pub(super) fn is_empty(set: &[u64]) -> bool {
    set.iter().all(|&word| word == 0)
}
