//! `{"name": ..., "parameters": {...}}`, one or several, perhaps behind `<|python_tag|>`: Llama 3.1 and 3.2.
//!
//! Behind the marker every object is an attempt. Without it an object anywhere in the text is a call if it has a name
//! and an argument object; anything else is prose. Between objects may stand `;`, white space, nothing.

use super::reader::Reader;
use super::tags::place_of_byte;
use super::walk::Grammar;
use super::{Call, call_of_object, call_of_values, has_arguments};
use crate::json::Fault;

const MARKER: &str = "<|python_tag|>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<{", opens: &[MARKER], bare: &["{"], closes: &[], read };

fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    if which == 0 { marked(reader, start) } else { bare(reader, start) }
}

/// Reads the objects behind a marker.
fn marked(reader: &mut Reader<'_>, marker: usize) -> usize {
    let mut start = marker;
    let mut at = reader.skip_space(marker + MARKER.len());
    loop {
        let fault = match call(reader, at) {
            Ok((call, end)) => {
                reader.finished(call, start..end);
                let next = separated(reader, end);
                if reader.bytes().get(next) != Some(&b'{') || !reader.retry.allows(next) {
                    return end;
                }
                (start, at) = (next, next);
                continue;
            }
            Err(fault) => fault,
        };
        reader.retry.failed(fault.offset);
        let stop = reader.stop(if start == marker { marker + 1 } else { at + 1 });
        let end = sibling(reader, at, stop, &fault).unwrap_or(stop);
        return reader.broken(start..end, end, &fault);
    }
}

fn call(reader: &Reader<'_>, at: usize) -> Result<(Call, usize), Fault> {
    let (values, end) = reader.call_values(at)?;
    let call = call_of_values(values).map_err(|what| Fault { offset: at, what })?;
    Ok((call, end))
}

/// Reads what may be a call without a marker.
fn bare(reader: &mut Reader<'_>, at: usize) -> usize {
    if !reader.retry.allows(at) {
        return reader.retry.furthest().max(at + 1);
    }
    match reader.object(at) {
        Ok((object, end)) => {
            if has_arguments(&object)
                && let Ok(call) = call_of_object(object)
            {
                reader.finished(call, at..end);
            }
            end
        }
        Err(fault) => {
            reader.retry.failed(fault.offset);
            let stop = reader.stop(at + 1);
            sibling(reader, at, stop.min(fault.offset), &fault).unwrap_or(stop.min(fault.offset).max(at + 1))
        }
    }
}

/// The place behind `;` and white space.
fn separated(reader: &Reader<'_>, end: usize) -> usize {
    let at = reader.skip_space(end);
    reader.after(at, ";").map_or(at, |at| reader.skip_space(at))
}

/// Where before `stop` the next object may begin behind the broken one at `at`: before the fault only where one object
/// follows another, from the fault on at any brace.
fn sibling(reader: &Reader<'_>, at: usize, stop: usize, fault: &Fault) -> Option<usize> {
    let mut from = at + 1;
    while let Some(brace) = place_of_byte(b'{', reader.text, from, stop) {
        let before = reader.bytes()[at..brace].trim_ascii_end();
        if brace >= fault.offset || matches!(before.last(), Some(b'}' | b';')) {
            return Some(brace);
        }
        from = brace + 1;
    }
    None
}
