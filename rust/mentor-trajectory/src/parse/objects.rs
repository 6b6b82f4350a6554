//! `[{"name": ..., "arguments": {...}}, ...]` behind a marker: Granite 3, Phi-4-mini, Mistral's older form.

use super::list::{self, Elements};
use super::reader::{NO_OBJECT, Reader};
use super::walk::Grammar;
use super::{call_of_object, has_arguments};
use crate::json::{Dialect, Fault, Value, parse_prefix};
use std::ops::Range;

pub(super) const GRANITE: Grammar = Grammar {
    triggers: b"<",
    opens: &["<|tool_call|>", "<tool_call>"],
    bare: &[],
    closes: &[],
    read: |reader, start, which| marked(reader, start, start + GRANITE.opens[which].len()),
};

pub(super) const PHI4: Grammar = Grammar {
    triggers: b"<f",
    opens: &["functools[", "functools{"],
    bare: &[],
    closes: &[],
    read: |reader, start, _| marked(reader, start, start + "functools".len()),
};

/// Reads the list behind a marker that ends at byte `inside`.
pub(super) fn marked(reader: &mut Reader<'_>, start: usize, inside: usize) -> usize {
    let open = reader.skip_space(inside);
    if reader.after(open, "[").is_none() {
        return reader.report(start, inside, Err(Fault { offset: open, what: "expected a list of calls" }));
    }
    list::read::<Objects>(reader, open)
}

/// The elements. A guessed one counts if it has a name and an argument object.
struct Objects;

impl Elements for Objects {
    type Item = Value;

    fn read(reader: &Reader<'_>, at: usize) -> Result<(Value, usize), Fault> {
        parse_prefix(reader.text, at, Dialect::STRICT)
    }

    fn counts(item: &Value) -> bool {
        matches!(item, Value::Object(object)
            if has_arguments(object) && call_of_object(object.clone()).is_ok())
    }

    fn take(reader: &mut Reader<'_>, item: Value, span: Range<usize>) {
        let call = match item {
            Value::Object(object) => call_of_object(object),
            _ => Err(NO_OBJECT),
        };
        match call {
            Ok(call) => reader.finished(call, span),
            Err(what) => reader.malformed(span.clone(), span.start, what),
        };
    }

    fn begins(reader: &Reader<'_>, at: usize) -> bool {
        reader.after(at, "{").is_some()
    }
}
