//! What differs between a memory and its image, as few bytes: the larger part of a state.
//!
//! Memory is compared in lines of 64 bytes, sixteen words each. Every line that differs takes the count of
//! equal lines before it (LEB128), a bit for each of its words (16 bits, little-endian), and the words that
//! differ. The guest's pointers and counts are words, so most lines take some ten bytes. Above the image,
//! lines are compared with zeros. Equal memories have equal bytes here.
//!
//! A delta may lie *over* another one, its base, which many states share. Then it holds the lines that are not
//! as the base has them, each as it differs from the image; one that is the image's again has no words.

use crate::wire::{Malformed, Reader, put_number};

const LINE: usize = 64;
const WORD: usize = 4;
/// Compared at once, since most lines of a page are equal.
const BLOCK: usize = 512;
const ZERO: [u8; BLOCK] = [0; BLOCK];

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
    /// The lines, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut reader = Reader::new(&self.0);
        let mut next = 0;
        // Checked when the value was made: the end is the only reason to stop.
        std::iter::from_fn(move || read_line(&mut reader, &mut next, usize::MAX / LINE).ok())
    }

    /// The lines that differ from the image where these lie over others, in order.
    pub(crate) fn lines_over<'a>(
        &'a self,
        mut below: impl Iterator<Item = Line<'a>>,
    ) -> impl Iterator<Item = Line<'a>> {
        let mut above = self.lines();
        let (mut upper, mut lower) = (above.next(), below.next());
        std::iter::from_fn(move || {
            loop {
                match (upper, lower) {
                    (None, None) => return None,
                    (None, Some(line)) => {
                        lower = below.next();
                        return Some(line);
                    }
                    (Some(line), Some(under)) if under.at < line.at => {
                        lower = below.next();
                        return Some(under);
                    }
                    (Some(line), under) => {
                        upper = above.next();
                        if under.is_some_and(|under| under.at == line.at) {
                            lower = below.next();
                        }
                        if line.mask != 0 {
                            return Some(line);
                        }
                    }
                }
            }
        })
    }

    /// From lines that differ from the image, in order.
    pub(crate) fn of<'a>(lines: impl Iterator<Item = Line<'a>>) -> Self {
        let mut out = Writer::default();
        for line in lines {
            out.line(line.at, line.mask, line.words);
        }
        out.into()
    }

    /// What in lines that differ from the image, in order, is not as `base` has it.
    pub(crate) fn over<'a>(lines: impl Iterator<Item = Line<'a>>, base: &'a Self) -> Self {
        let mut out = Writer::default();
        let mut below = base.lines().peekable();
        for line in lines {
            while let Some(missing) = below.next_if(|under| under.at < line.at) {
                out.line(missing.at, 0, &[]);
            }
            if below.next_if(|under| under.at == line.at) != Some(line) {
                out.line(line.at, line.mask, line.words);
            }
        }
        for missing in below {
            out.line(missing.at, 0, &[]);
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
}

/// Collects what a job changed while memory is put back: the lines that are not as they are at rest, each as it
/// differs from the image. They lie over the rest. Pages are given in ascending order.
pub(crate) struct Changes<'a> {
    image: &'a [u8],
    lines: Writer,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(image: &'a [u8]) -> Self {
        Self { image, lines: Writer::default() }
    }

    /// Makes the page at `start` what it is at rest; says whether it was not.
    pub(crate) fn put_back(&mut self, start: usize, now: &mut [u8], rest: &[u8]) -> bool {
        if now == rest {
            return false;
        }
        let blocks = now.chunks_mut(BLOCK).zip(rest.chunks(BLOCK));
        for (at, (now, rest)) in (start..).step_by(BLOCK).zip(blocks).filter(|(_, (now, rest))| now != rest) {
            self.block(at, now, rest);
            now.copy_from_slice(rest);
        }
        true
    }

    /// Notes memory above the image, which reads zero at rest.
    pub(crate) fn above(&mut self, start: usize, now: &[u8]) {
        for (at, now) in (start..).step_by(BLOCK).zip(now.chunks(BLOCK)) {
            if *now != ZERO[..now.len()] {
                self.block(at, now, &ZERO[..now.len()]);
            }
        }
    }

    fn block(&mut self, start: usize, now: &[u8], rest: &[u8]) {
        let lines = now.as_chunks().0.iter().zip(rest.as_chunks().0);
        for (at, (now, _)) in (start..).step_by(LINE).zip(lines).filter(|(_, (now, rest))| now != rest) {
            let then = self.image.get(at..at + LINE).and_then(<[u8]>::as_array).unwrap_or(&[0; LINE]);
            let (mask, words, len) = difference(now, then);
            self.lines.line(at, mask, &words[..len]);
        }
    }

    pub(crate) fn finish(self) -> Delta {
        self.lines.into()
    }
}

impl From<Writer> for Delta {
    fn from(writer: Writer) -> Self {
        Self(writer.out.into_boxed_slice())
    }
}

/// Which words of a line differ, and those words, packed, with their length in bytes. Without branches: which words
/// differ is not to be predicted.
fn difference(now: &[u8; LINE], then: &[u8; LINE]) -> (u16, [u8; LINE], usize) {
    let (mut mask, mut words, mut len) = (0, [0; LINE], 0);
    let pairs = now.as_chunks::<WORD>().0.iter().zip(then.as_chunks::<WORD>().0);
    for (index, (now, then)) in pairs.enumerate() {
        let differs = now != then;
        mask |= u16::from(differs) << index;
        words[len..len + WORD].copy_from_slice(now);
        len += usize::from(differs) * WORD;
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

    /// What changed from `rest` to `memory`, which is as long as the image or longer; memory is put back.
    fn changes(memory: &mut [u8], rest: &[u8], image: &[u8]) -> Delta {
        let mut changes = Changes::new(image);
        let size = image.len();
        for (page, now) in memory[..size].chunks_mut(PAGE).enumerate() {
            changes.put_back(page * PAGE, now, &rest[page * PAGE..(page + 1) * PAGE]);
        }
        changes.above(size, &memory[size..]);
        assert!(memory[..size] == rest[..size]);
        changes.finish()
    }

    fn difference(memory: &[u8], image: &[u8]) -> Delta {
        changes(&mut memory.to_vec(), image, image)
    }

    /// Draws numbers below a bound, the same ones each time.
    fn dice(seed: u64) -> impl FnMut(usize) -> usize {
        let mut random = seed;
        move |below| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as usize % below
        }
    }

    #[test]
    fn only_what_differs_is_kept_and_comes_back() {
        let image = vec![1u8; 2 * PAGE];
        let mut memory = image.clone();
        memory.resize(3 * PAGE, 0);
        memory[PAGE + 70] = 9;
        memory[PAGE + 127] = 8;
        memory[2 * PAGE] = 5;
        let delta = difference(&memory, &image);
        // 65 equal lines, words 1 and 15; then 62 equal lines, word 0.
        let expected = [65, 0b10, 0x80, 1, 1, 9, 1, 1, 1, 1, 8, 62, 1, 0, 5, 0, 0, 0];
        assert_eq!(delta.bytes(), expected);
        assert_eq!(apply(&delta, &image, memory.len()), memory);
        assert_eq!(Delta::checked(delta.bytes(), memory.len()), Ok(delta));
    }

    #[test]
    fn any_change_comes_back() {
        let image: Vec<u8> = (0..4 * PAGE).map(|i| (i * 7) as u8).collect();
        let mut draw = dice(1);
        for round in 0..50 {
            let mut memory = image.clone();
            memory.resize((4 + round % 3) * PAGE, 0);
            for _ in 0..round * 5 {
                let at = draw(memory.len());
                memory[at] = draw(256) as u8;
            }
            let delta = difference(&memory, &image);
            assert_eq!(apply(&delta, &image, memory.len()), memory, "round {round}");
            assert_eq!(Delta::checked(delta.bytes(), memory.len()), Ok(delta));
        }
    }

    /// Memory after memory: each as lines over the first one's, and as what changed from the one before.
    #[test]
    fn what_lies_over_others_is_the_same_without_them() {
        let image: Vec<u8> = (0..4 * PAGE).map(|i| (i / 3) as u8).collect();
        let mut draw = dice(7);
        let mut memory = image.clone();
        for at in (0..memory.len()).step_by(24) {
            memory[at] = draw(256) as u8;
        }
        let base = difference(&memory, &image);
        for round in 0..50 {
            let before = memory.clone();
            for _ in 0..round {
                // Some changes undo what the base has.
                let at = draw(memory.len());
                memory[at] = if draw(2) == 0 { image[at] } else { draw(256) as u8 };
            }
            let plain = difference(&memory, &image);
            let over = Delta::over(plain.lines(), &base);
            assert_eq!(Delta::of(over.lines_over(base.lines())), plain, "round {round}");
            assert!(round > 0 || over.bytes().is_empty());
            let step = changes(&mut memory.clone(), &before, &image);
            assert_eq!(
                Delta::of(step.lines_over(difference(&before, &image).lines())),
                plain,
                "round {round}"
            );
            assert!(step.bytes().len() <= round * (LINE + 4));
        }
        let nothing = Delta::over(Delta::default().lines(), &base);
        assert_eq!(Delta::of(nothing.lines_over(base.lines())), Delta::default());
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
