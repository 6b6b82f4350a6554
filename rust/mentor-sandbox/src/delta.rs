//! What differs between a memory and its image, as few bytes: the larger part of a state.
//!
//! Memory is compared in lines of 64 bytes, sixteen words each. Every line that differs takes the count of
//! equal lines before it (LEB128), a bit for each of its words (16 bits, little-endian), and the words that
//! differ. The guest's pointers and counts are words, so most lines take some ten bytes. Above the image,
//! lines are compared with zeros. Equal memories have equal bytes here.
//!
//! A delta may lie *over* another one, its base, which many states share. Then it holds the lines that are not
//! as the base has them, each as it differs from the image; one that is the image's again has no words.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::wire::{Malformed, Reader, put_number};

const LINE: usize = 64;
const WORD: usize = 4;
/// Compared at once, since most lines of a page are equal.
const BLOCK: usize = 512;
const ZERO: [u8; 4096] = [0; 4096];

/// Lines in ascending order, words in ascending order in each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Delta(Box<[u8]>);

/// One line that differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Where it starts in memory.
    pub at: usize,
    mask: u16,
    words: &'a [u8],
}

impl Line<'_> {
    pub(crate) const LEN: usize = LINE;

    /// Writes the words that differ into the image's line.
    pub(crate) fn put(&self, line: &mut [u8]) {
        let mut mask = self.mask;
        for word in self.words.chunks_exact(WORD) {
            let at = mask.trailing_zeros() as usize * WORD;
            line[at..at + WORD].copy_from_slice(word);
            mask &= mask - 1;
        }
    }
}

impl Delta {
    /// Compares the given pages, in ascending order, of `page` bytes each; elsewhere memory is the image's.
    pub(crate) fn between(
        memory: &[u8],
        image: &[u8],
        pages: &[usize],
        page: usize,
        base: Option<&Self>,
    ) -> Self {
        let mut out = Writer::default();
        let mut below = base.map(Self::lines).into_iter().flatten().peekable();
        for start in pages.iter().map(|index| index * page) {
            let now = &memory[start..start + page];
            let then = image.get(start..start + page).unwrap_or(&ZERO[..page]);
            while let Some(line) = below.next_if(|line| line.at < start) {
                out.line(line.at, 0, &[]);
            }
            if below.peek().is_some_and(|line| line.at < start + page) {
                out.page_over(start, now, then, &mut below);
            } else {
                out.page(start, now, then);
            }
        }
        for line in below {
            out.line(line.at, 0, &[]);
        }
        out.into()
    }

    /// The lines, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut reader = Reader::new(&self.0);
        let mut next = 0;
        // Checked when the value was made: the end is the only reason to stop.
        std::iter::from_fn(move || read_line(&mut reader, &mut next, usize::MAX / LINE).ok())
    }

    /// The lines that differ from the image in what lies over `base`, in order.
    pub(crate) fn lines_over<'a>(&'a self, base: Option<&'a Self>) -> impl Iterator<Item = Line<'a>> {
        let mut above = self.lines().peekable();
        let mut below = base.map(Self::lines).into_iter().flatten().peekable();
        std::iter::from_fn(move || {
            loop {
                let order = match (above.peek(), below.peek()) {
                    (Some(a), Some(b)) => a.at.cmp(&b.at),
                    (None, Some(_)) => Ordering::Greater,
                    (_, None) => Ordering::Less,
                };
                if order == Ordering::Greater {
                    return below.next();
                }
                if order == Ordering::Equal {
                    below.next();
                }
                let line = above.next()?;
                if line.mask != 0 {
                    return Some(line);
                }
            }
        })
    }

    /// The same differences over nothing.
    pub(crate) fn flattened(&self, base: Option<&Self>) -> Self {
        let mut out = Writer::default();
        for line in self.lines_over(base) {
            out.line(line.at, line.mask, line.words);
        }
        out.into()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes bytes that may be anything, as a delta over nothing in a memory of `size` bytes.
    pub(crate) fn checked(bytes: &[u8], size: usize) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut next = 0;
        while !reader.is_empty() {
            if read_line(&mut reader, &mut next, size / LINE)?.mask == 0 {
                return reader.bad("a line without a difference");
            }
        }
        Ok(Self(bytes.into()))
    }
}

fn read_line<'a>(reader: &mut Reader<'a>, next: &mut usize, lines: usize) -> Result<Line<'a>, Malformed> {
    let line = *next + reader.number(u64::from(u32::MAX))? as usize;
    if line >= lines {
        return reader.bad("a line outside the memory");
    }
    let mask = u16::from_le_bytes(reader.array()?);
    *next = line + 1;
    Ok(Line { at: line * LINE, mask, words: reader.take(mask.count_ones() as usize * WORD)? })
}

/// Lines as they are written, in ascending order.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    /// The line after the latest one.
    next: usize,
}

impl Writer {
    fn line(&mut self, at: usize, mask: u16, words: &[u8]) {
        put_number(&mut self.out, (at / LINE - self.next) as u64);
        self.out.extend_from_slice(&mask.to_le_bytes());
        self.out.extend_from_slice(words);
        self.next = at / LINE + 1;
    }

    /// What differs in a page, over nothing.
    fn page(&mut self, start: usize, now: &[u8], then: &[u8]) {
        let blocks = now.chunks(BLOCK).zip(then.chunks(BLOCK));
        for (index, (now, then)) in blocks.enumerate().filter(|(_, (now, then))| now != then) {
            let lines = now.as_chunks().0.iter().zip(then.as_chunks().0);
            for (at, (now, then)) in (start + index * BLOCK..).step_by(LINE).zip(lines) {
                if now != then {
                    let (mask, words, len) = difference(now, then);
                    self.line(at, mask, &words[..len]);
                }
            }
        }
    }

    /// What in a page is not as the lines below have it.
    fn page_over<'a>(
        &mut self,
        start: usize,
        now: &[u8],
        then: &[u8],
        below: &mut Peekable<impl Iterator<Item = Line<'a>>>,
    ) {
        let lines = now.as_chunks().0.iter().zip(then.as_chunks().0);
        for (at, (now, then)) in (start..).step_by(LINE).zip(lines) {
            let base = below.next_if(|line| line.at == at);
            if now == then {
                if base.is_some() {
                    self.line(at, 0, &[]);
                }
                continue;
            }
            let (mask, words, len) = difference(now, then);
            let line = Line { at, mask, words: &words[..len] };
            if base != Some(line) {
                self.line(at, mask, line.words);
            }
        }
    }
}

impl From<Writer> for Delta {
    fn from(writer: Writer) -> Self {
        Self(writer.out.into_boxed_slice())
    }
}

/// Which words of a line differ, and those words, packed, with their length in bytes.
fn difference(now: &[u8; LINE], then: &[u8; LINE]) -> (u16, [u8; LINE], usize) {
    let (mut mask, mut words, mut len) = (0, [0; LINE], 0);
    let pairs = now.as_chunks::<WORD>().0.iter().zip(then.as_chunks::<WORD>().0);
    for (index, (now, _)) in pairs.enumerate().filter(|(_, (now, then))| now != then) {
        mask |= 1 << index;
        words[len..len + WORD].copy_from_slice(now);
        len += WORD;
    }
    (mask, words, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 4096;

    fn apply(delta: &Delta, image: &[u8], size: usize) -> Vec<u8> {
        let mut memory = image.to_vec();
        memory.resize(size, 0);
        for line in delta.lines() {
            line.put(&mut memory[line.at..line.at + Line::LEN]);
        }
        memory
    }

    #[test]
    fn only_what_differs_is_kept_and_comes_back() {
        let image = vec![1u8; 2 * PAGE];
        let mut memory = image.clone();
        memory.resize(3 * PAGE, 0);
        memory[PAGE + 70] = 9;
        memory[PAGE + 127] = 8;
        memory[2 * PAGE] = 5;
        let delta = Delta::between(&memory, &image, &[0, 1, 2], PAGE, None);
        // 65 equal lines, words 1 and 15; then 62 equal lines, word 0.
        let expected = [65, 0b10, 0x80, 1, 1, 9, 1, 1, 1, 1, 8, 62, 1, 0, 5, 0, 0, 0];
        assert_eq!(delta.bytes(), expected);
        assert_eq!(apply(&delta, &image, memory.len()), memory);
        assert_eq!(Delta::checked(delta.bytes(), memory.len()), Ok(delta));
    }

    #[test]
    fn any_change_comes_back() {
        let image: Vec<u8> = (0..4 * PAGE).map(|i| (i * 7) as u8).collect();
        let mut random = 1u64;
        for round in 0..50 {
            let mut memory = image.clone();
            memory.resize((4 + round % 3) * PAGE, 0);
            for _ in 0..round * 5 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (random >> 33) as usize % memory.len();
                memory[at] = (random >> 20) as u8;
            }
            let pages: Vec<usize> = (0..memory.len() / PAGE).collect();
            let delta = Delta::between(&memory, &image, &pages, PAGE, None);
            assert_eq!(apply(&delta, &image, memory.len()), memory, "round {round}");
            assert_eq!(Delta::checked(delta.bytes(), memory.len()), Ok(delta));
        }
    }

    /// Memory after memory, each as lines over the first one's.
    #[test]
    fn what_lies_over_a_base_is_the_same_flattened() {
        let image: Vec<u8> = (0..4 * PAGE).map(|i| (i / 3) as u8).collect();
        let pages: Vec<usize> = (0..5).collect();
        let mut random = 7u64;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as usize % below
        };
        let mut memory = image.clone();
        memory.resize(5 * PAGE, 0);
        for at in (0..memory.len()).step_by(24) {
            memory[at] = draw(256) as u8;
        }
        let base = Delta::between(&memory, &image, &pages, PAGE, None);
        for round in 0..50 {
            for _ in 0..round {
                // Some changes undo what the base has.
                let at = draw(memory.len());
                let undone = image.get(at).copied().unwrap_or(0);
                memory[at] = if draw(2) == 0 { undone } else { draw(256) as u8 };
            }
            let over = Delta::between(&memory, &image, &pages, PAGE, Some(&base));
            let plain = Delta::between(&memory, &image, &pages, PAGE, None);
            assert_eq!(over.flattened(Some(&base)), plain, "round {round}");
            assert_eq!(plain.flattened(None), plain);
            assert_eq!(over.bytes().is_empty(), round == 0);
        }
        let memory = [&image[..], &[0; PAGE]].concat();
        for pages in [&pages[..], &[1, 3], &[]] {
            let over = Delta::between(&memory, &image, pages, PAGE, Some(&base));
            assert_eq!(over.flattened(Some(&base)), Delta::default(), "{pages:?}");
        }
    }

    #[test]
    fn what_is_no_difference_is_refused() {
        for (bytes, what) in [
            (&[0u8][..], "the end, too early"),
            (&[0, 0, 0], "a line without a difference"),
            (&[64, 1, 0, 0, 0, 0, 0], "a line outside the memory"),
            (&[63, 3, 0, 0, 0, 0, 0], "the end, too early"),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 1, 1, 0, 0, 0, 0, 0], "a number out of range"),
        ] {
            assert_eq!(Delta::checked(bytes, PAGE).unwrap_err().what, what, "{bytes:?}");
        }
    }
}
