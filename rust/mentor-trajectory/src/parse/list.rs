//! Lists of calls: every element is an attempt of its own, an empty list is none.
//!
//! Behind a broken element the next one is looked for where a comma and what begins an element follow each other.
//! That is a guess, since something inside the broken element may look the same: a guessed element that is broken
//! itself, or that does not count, is passed over.

use super::reader::Reader;
use super::tags::place_of_byte;
use crate::json::Fault;
use std::ops::Range;

/// How the elements of a list are written.
pub(super) trait Elements {
    /// What a complete element is read as.
    type Item;

    /// Reads the element at byte `at`; also gives the byte behind it.
    fn read(reader: &Reader<'_>, at: usize) -> Result<(Self::Item, usize), Fault>;

    /// Whether a guessed element is a call beyond doubt.
    fn counts(item: &Self::Item) -> bool;

    /// Reports a complete element.
    fn take(reader: &mut Reader<'_>, item: Self::Item, span: Range<usize>);

    /// Whether an element may begin at byte `at`.
    fn begins(reader: &Reader<'_>, at: usize) -> bool;
}

/// What follows an element: another, behind a comma, or the list's end.
enum After {
    Element(Place),
    End(usize),
}

/// Where an element may begin, and the comma before it.
struct Place {
    comma: usize,
    at: usize,
}

/// Reads the list whose bracket is at byte `open`; gives the byte at which reading goes on: behind the bracket, or
/// behind the last attempt where the list is broken. At least one attempt is reported unless the list is empty.
pub(super) fn read<E: Elements>(reader: &mut Reader<'_>, open: usize) -> usize {
    let first = reader.skip_space(open + 1);
    if let Some(end) = reader.after(first, "]") {
        return end;
    }
    let mut place = Place { comma: open, at: first };
    // The broken element behind which the place is a guess.
    let mut broken: Option<(usize, Fault)> = None;
    let mut last = first;
    loop {
        let at = place.at;
        let element = E::read(reader, at).and_then(|(item, end)| Ok((item, end, after(reader, end)?)));
        let next = match element {
            Ok((item, end, after)) if broken.is_none() || E::counts(&item) => {
                if let Some((start, fault)) = broken.take() {
                    reader.broken(start..place.comma, place.comma, &fault);
                }
                E::take(reader, item, at..end);
                last = end;
                match after {
                    After::End(end) => return end,
                    After::Element(next) if reader.retry.allows(next.at) => Some(next),
                    After::Element(next) => sibling::<E>(reader, next.at),
                }
            }
            Ok((_, end, _)) => sibling::<E>(reader, end),
            Err(fault) => {
                reader.retry.failed(fault.offset);
                broken = broken.or(Some((at, fault)));
                sibling::<E>(reader, at + 1)
            }
        };
        match (next, broken.take()) {
            (Some(next), still) => (place, broken) = (next, still),
            (None, None) => return last,
            (None, Some((start, fault))) => {
                let end = end_of_broken(reader, start, &fault);
                return reader.broken(start..end, end, &fault);
            }
        }
    }
}

fn after(reader: &Reader<'_>, end: usize) -> Result<After, Fault> {
    let after = reader.skip_space(end);
    match reader.bytes().get(after) {
        Some(b',') => Ok(After::Element(Place { comma: after, at: reader.skip_space(after + 1) })),
        Some(b']') => Ok(After::End(after + 1)),
        _ if reader.is_over(after) => Ok(After::End(end)),
        _ => Err(Fault { offset: after, what: "expected ',' or ']' after the call" }),
    }
}

/// The next place at or behind byte `from` at which an element may begin.
fn sibling<E: Elements>(reader: &mut Reader<'_>, mut from: usize) -> Option<Place> {
    let stop = reader.stop(from);
    loop {
        let mut ahead = std::mem::take(&mut reader.sibling);
        let comma = ahead.get(from, |from| next_comma::<E>(reader, from));
        reader.sibling = ahead;
        if comma >= stop {
            return None;
        }
        let at = reader.skip_space(comma + 1);
        if reader.retry.allows(at) {
            return Some(Place { comma, at });
        }
        from = reader.retry.furthest().max(comma + 1);
    }
}

/// The next comma with an element behind it, or the end of the text.
fn next_comma<E: Elements>(reader: &Reader<'_>, mut from: usize) -> usize {
    while let Some(comma) = place_of_byte(b',', reader.text, from, reader.text.len()) {
        if E::begins(reader, reader.skip_space(comma + 1)) {
            return comma;
        }
        from = comma + 1;
    }
    reader.text.len()
}

/// The end of a broken element that no other follows: behind the list's bracket.
fn end_of_broken(reader: &mut Reader<'_>, start: usize, fault: &Fault) -> usize {
    let stop = reader.stop(start + 1);
    let len = reader.text.len();
    let from = fault.offset.min(stop);
    let end = reader.bracket.get(from, |from| place_of_byte(b']', reader.text, from, len).unwrap_or(len));
    if end < stop { end + 1 } else { stop }
}
