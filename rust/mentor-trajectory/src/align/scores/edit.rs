//! Levenshtein distance: 64 cells of the table at a time, as bits of a word (Myers 1999, Hyyrö 2003).

use crate::align::relation::Relation;

/// The least number of calls to insert, delete or replace.
pub(super) fn distance(relation: &Relation<'_>) -> usize {
    match relation.tokens() {
        Some(tokens) => levenshtein(tokens.student, tokens.teacher),
        None => by_table(relation),
    }
}

/// The distance of two sequences of small numbers.
pub(crate) fn levenshtein(a: &[u32], b: &[u32]) -> usize {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let (pattern, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match pattern.len() {
        0 => text.len(),
        1..=64 => within_a_word(pattern, text),
        _ => over_words(pattern, text),
    }
}

/// Where each token stands in the pattern, `words` words a token.
struct Places {
    words: usize,
    bits: Vec<u64>,
}

impl Places {
    fn of(pattern: &[u32]) -> Self {
        let words = pattern.len().div_ceil(64);
        let tokens = pattern.iter().max().map_or(0, |&most| most as usize + 1);
        let mut bits = vec![0; tokens * words];
        for (place, &token) in pattern.iter().enumerate() {
            bits[token as usize * words + place / 64] |= 1 << (place % 64);
        }
        Self { words, bits }
    }

    fn get(&self, token: u32, word: usize) -> u64 {
        self.bits.get(token as usize * self.words + word).copied().unwrap_or(0)
    }
}

/// One column of the table: in which cells the distance is one more, or one less, than in the cell above.
#[derive(Clone, Copy)]
struct Column {
    more: u64,
    less: u64,
}

impl Column {
    const START: Self = Self { more: u64::MAX, less: 0 };

    /// Goes one token on; `carry` is the difference to the left in the cell above the first, then below the last.
    fn step(&mut self, places: u64, carry: &mut isize, last: u32) {
        let falls = u64::from(*carry < 0);
        let diagonal = places | self.less;
        let places = places | falls;
        let zero = (((places & self.more).wrapping_add(self.more)) ^ self.more) | places;
        let rise = self.less | !(zero | self.more);
        let fall = self.more & zero;
        let out = isize::from(rise >> last & 1 == 1) - isize::from(fall >> last & 1 == 1);
        let rise = rise << 1 | u64::from(*carry > 0);
        let fall = fall << 1 | falls;
        self.more = fall | !(diagonal | rise);
        self.less = rise & diagonal;
        *carry = out;
    }
}

fn within_a_word(pattern: &[u32], text: &[u32]) -> usize {
    let places = Places::of(pattern);
    let mut column = Column::START;
    let mut distance = pattern.len();
    for &token in text {
        let mut carry = 1;
        column.step(places.get(token, 0), &mut carry, pattern.len() as u32 - 1);
        distance = distance.wrapping_add_signed(carry);
    }
    distance
}

fn over_words(pattern: &[u32], text: &[u32]) -> usize {
    let places = Places::of(pattern);
    let mut columns = vec![Column::START; places.words];
    let last = (pattern.len() as u32 - 1) % 64;
    let mut distance = pattern.len();
    for &token in text {
        let mut carry = 1;
        for (word, column) in columns.iter_mut().enumerate() {
            let last = if word + 1 == places.words { last } else { 63 };
            column.step(places.get(token, word), &mut carry, last);
        }
        distance = distance.wrapping_add_signed(carry);
    }
    distance
}

/// The plain table, where being the same is not transitive.
fn by_table(relation: &Relation<'_>) -> usize {
    let mut row: Vec<usize> = (0..=relation.teachers()).collect();
    for student in 0..relation.students() {
        let mut diagonal = std::mem::replace(&mut row[0], student + 1);
        for teacher in 0..relation.teachers() {
            let replaced = diagonal + usize::from(!relation.same(student, teacher));
            diagonal = row[teacher + 1];
            row[teacher + 1] = replaced.min(diagonal + 1).min(row[teacher] + 1);
        }
    }
    row[relation.teachers()]
}

#[cfg(test)]
mod tests {
    use super::levenshtein;

    fn plain(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let replaced = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
            }
        }
        row[b.len()]
    }

    #[test]
    fn bits_agree_with_the_table() {
        let mut seed = 7_u64;
        let mut below = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        for round in 0..3_000 {
            let most = [6, 70, 200][round % 3];
            let mut tokens = || -> Vec<u32> { (0..below(most)).map(|_| below(5) as u32).collect() };
            let (a, b) = (tokens(), tokens());
            assert_eq!(levenshtein(&a, &b), plain(&a, &b), "{a:?} {b:?}");
        }
    }
}
