//! `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{...}<|tool_call_end|>`: Kimi K2.
//!
//! `functions.` may be missing; what is left before the last colon is the name, dots included, and what follows it
//! must be a number.

use super::Call;
use super::reader::Reader;
use super::walk::Grammar;
use crate::json::Fault;

const OPEN: &str = "<|tool_call_begin|>";
const ARGUMENTS: &str = "<|tool_call_argument_begin|>";
const CLOSE: &str = "<|tool_call_end|>";
const GROUP: &str = "<|tool_calls_section_begin|>";
const GROUP_END: &str = "<|tool_calls_section_end|>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN, GROUP], bare: &[], closes: &[CLOSE, GROUP_END], read };

fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    if which == 1 {
        return reader.group(start, GROUP, OPEN, "expected <|tool_call_begin|>");
    }
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let what = "expected <|tool_call_argument_begin|> after the call's id";
    let (id, behind) = reader.upto(inside, ARGUMENTS, what)?;
    let name = name_of(id).ok_or(Fault { offset: inside, what: "expected an id like functions.NAME:0" })?;
    let (arguments, end) = reader.object(reader.skip_space(behind))?;
    let end = reader.closed(end, CLOSE, "expected <|tool_call_end|> after the arguments")?;
    Ok((Call { name: name.to_owned(), arguments }, end))
}

fn name_of(id: &str) -> Option<&str> {
    let (name, counter) = id.strip_prefix("functions.").unwrap_or(id).rsplit_once(':')?;
    let counts = !counter.is_empty() && counter.bytes().all(|b| b.is_ascii_digit());
    (counts && !name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}
