//! `<tool_call>` white space JSON white space `</tool_call>`: Qwen2.5, Qwen3, Hermes, `SmolLM3`.
//!
//! The JSON is read before the closing tag is looked for, so a closing tag inside a string is data. A complete object
//! without a closing tag is valid at the end of the text or of the turn. Where the JSON is at fault, the next sibling
//! is looked for right behind the opening tag, since a string without its quote would swallow it.
//!
//! Linear time: a failed reading can pass over a sibling's opening tag only inside a string. Two readings that pass
//! the same tag would have to disagree on which quotes open strings, and then one of them fails at that tag; so each
//! tag is passed over by one reading at most. The other formats whose calls stand behind markers of their own have
//! the same ground.

use super::reader::Reader;
use super::walk::Grammar;
use super::{Call, call_of_object};
use crate::json::Fault;

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN], bare: &[], closes: &[CLOSE], read };

fn read(reader: &mut Reader<'_>, start: usize, _: usize) -> usize {
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let body = reader.skip_space(inside);
    let (object, end) = reader.object(body)?;
    let end = reader.closed(end, CLOSE, "expected </tool_call> after the JSON object")?;
    let call = call_of_object(object).map_err(|what| Fault { offset: body, what })?;
    Ok((call, end))
}
