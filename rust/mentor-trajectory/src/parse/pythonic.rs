//! `[name(key=literal, ...), ...]`: Llama 4 and LFM2, each with markers of its own, or without.
//!
//! Behind a marker every call of the list is an attempt. Without one a list anywhere in the text counts if one of its
//! calls is well formed; its broken calls are then malformed, and otherwise it is prose. Behind a broken call the next
//! one is looked for where `,`, a name and `(` follow each other.

use super::list::{self, Elements};
use super::literal::{self, identifier_end};
use super::reader::Reader;
use super::tags::place_of;
use super::walk::Grammar;
use super::{Call, Status};
use crate::json::{Fault, Object};
use std::ops::Range;

const MARKERS: [(&str, &str); 2] =
    [("<|python_start|>", "<|python_end|>"), ("<|tool_call_start|>", "<|tool_call_end|>")];

/// Where a list ends for certain, as long as it is not text.
const LIST_END: &str = ")]";

pub(super) const GRAMMAR: Grammar = Grammar {
    triggers: b"<[",
    opens: &[MARKERS[0].0, MARKERS[1].0],
    bare: &["["],
    closes: &[MARKERS[0].1, MARKERS[1].1],
    read,
};

fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    let Some((marker, close)) = MARKERS.get(which) else {
        return bare(reader, start);
    };
    let inside = start + marker.len();
    let open = reader.skip_space(inside);
    if reader.after(open, "[").is_none() {
        return reader.report(start, inside, Err(Fault { offset: open, what: "expected a list of calls" }));
    }
    let end = list::read::<Calls>(reader, open);
    reader.after(reader.skip_space(end), close).unwrap_or(end)
}

/// Reads what may be a list without a marker.
fn bare(reader: &mut Reader<'_>, open: usize) -> usize {
    let first = reader.skip_space(open + 1);
    if !begins_call(reader, first) {
        return open + 1;
    }
    if !reader.retry.allows(open) {
        return reader.retry.furthest().max(open + 1);
    }
    let before = reader.found.attempts.len();
    let end = list::read::<Calls>(reader, open);
    let attempts = &mut reader.found.attempts;
    if attempts[before..].iter().any(|attempt| attempt.status != Status::Malformed) {
        return end;
    }
    // Prose: it may hold a list behind the fault, or before it, where a missing quote ran over its beginning.
    let fault =
        attempts[before..].first().and_then(|attempt| attempt.reason.as_ref()).map(|reason| reason.offset);
    attempts.truncate(before);
    let fault = fault.unwrap_or(end).max(open + 1);
    place_of(LIST_END, &reader.text[..fault], open).map_or(fault, |place| place + LIST_END.len())
}

/// Whether a name and `(` stand at byte `at`.
fn begins_call(reader: &Reader<'_>, at: usize) -> bool {
    let name = name_end(reader, at);
    name > at && reader.after(reader.skip_space(name), "(").is_some()
}

/// The end of a name with dots.
fn name_end(reader: &Reader<'_>, at: usize) -> usize {
    let mut end = identifier_end(reader.bytes(), at);
    while end > at && reader.bytes().get(end) == Some(&b'.') {
        let next = identifier_end(reader.bytes(), end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    end
}

struct Calls;

impl Elements for Calls {
    type Item = Call;

    fn read(reader: &Reader<'_>, at: usize) -> Result<(Call, usize), Fault> {
        let end = name_end(reader, at);
        let open = reader.skip_space(end);
        if end == at {
            return Err(Fault { offset: at, what: "expected a call" });
        }
        let inside =
            reader.after(open, "(").ok_or(Fault { offset: open, what: "expected '(' after the name" })?;
        let (arguments, behind) = arguments(reader, inside)?;
        Ok((Call { name: reader.text[at..end].to_owned(), arguments }, behind))
    }

    fn counts(_: &Call) -> bool {
        true
    }

    fn take(reader: &mut Reader<'_>, call: Call, span: Range<usize>) {
        reader.finished(call, span);
    }

    fn begins(reader: &Reader<'_>, at: usize) -> bool {
        begins_call(reader, at)
    }
}

/// Reads `key=literal, ...)`; also gives the byte behind the parenthesis.
fn arguments(reader: &Reader<'_>, inside: usize) -> Result<(Object, usize), Fault> {
    let mut entries = Vec::new();
    let mut at = reader.skip_space(inside);
    loop {
        if let Some(end) = reader.after(at, ")") {
            return Ok((Object::from_entries(entries), end));
        }
        let end = identifier_end(reader.bytes(), at);
        let equals = reader.skip_space(end);
        let value = if end > at { reader.after(equals, "=") } else { None };
        let value = value.ok_or(Fault { offset: at, what: "expected an argument's name and '='" })?;
        let (value, behind) = literal::parse_prefix(reader.text, reader.skip_space(value))?;
        entries.push((reader.text[at..end].to_owned(), value));
        at = reader.skip_space(behind);
        match reader.after(at, ",") {
            Some(comma) => at = reader.skip_space(comma),
            None if reader.after(at, ")").is_some() => {}
            None => return Err(Fault { offset: at, what: "expected ',' or ')'" }),
        }
    }
}
