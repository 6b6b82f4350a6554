//! Byte offsets to character offsets, in one pass over the text.

use super::Attempt;

/// Turns the attempts' byte offsets into character offsets (as Python counts them).
///
/// The attempts must be as [`super::parse`] gave them for this text: in order, none overlapping.
pub fn to_characters(text: &str, attempts: &mut [Attempt]) {
    if text.is_ascii() {
        return;
    }
    let mut counter = Counter { bytes: text.as_bytes(), at: 0, characters: 0 };
    for attempt in attempts {
        let end = attempt.span.end;
        attempt.span.start = counter.advance(attempt.span.start);
        if let Some(reason) = &mut attempt.reason {
            reason.offset = counter.advance(reason.offset);
        }
        attempt.span.end = counter.advance(end);
    }
}

struct Counter<'a> {
    bytes: &'a [u8],
    at: usize,
    characters: usize,
}

impl Counter<'_> {
    /// The number of characters before byte `to`, which must not lie before the last one asked for.
    fn advance(&mut self, to: usize) -> usize {
        let starts = |byte: &&u8| **byte & 0xC0 != 0x80;
        self.characters += self.bytes[self.at..to].iter().filter(starts).count();
        self.at = to;
        self.characters
    }
}
