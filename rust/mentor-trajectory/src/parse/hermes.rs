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
use super::walk::{Grammar, walk_with};
use super::{Call, call_of_values};
use crate::json::Fault;

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN], bare: &[], closes: &[CLOSE], read };

/// Whether a text's attempts are these calls in order and no others, without reading more than decides it.
///
/// `written` has what the calls may be written as: such a text need not be read. `same` compares any other call with
/// one of them by its number.
pub(super) fn is_exactly(text: &str, written: &[Box<str>], same: impl Fn(usize, &Call) -> bool) -> bool {
    let mut reader = Reader::new(&GRAMMAR, text, None);
    let (mut next, mut differs) = (0, false);
    walk_with(&mut reader, |reader, start, which| {
        if let Some(end) = written.get(next).and_then(|written| behind(reader, start, written)) {
            next += 1;
            return Some(end);
        }
        let end = read(reader, start, which);
        let call = reader.found.attempts.pop().and_then(|attempt| attempt.call);
        differs = next == written.len() || !call.is_some_and(|call| same(next, &call));
        next += 1;
        (!differs).then_some(end)
    });
    !differs && next == written.len()
}

/// The end of the attempt at `start` if its object is written like this.
fn behind(reader: &Reader<'_>, start: usize, written: &str) -> Option<usize> {
    let end = reader.after(reader.skip_space(start + OPEN.len()), written)?;
    reader.closed(end, CLOSE, "").ok()
}

fn read(reader: &mut Reader<'_>, start: usize, _: usize) -> usize {
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let body = reader.skip_space(inside);
    let (values, end) = reader.call_values(body)?;
    let end = reader.closed(end, CLOSE, "expected </tool_call> after the JSON object")?;
    let call = call_of_values(values).map_err(|what| Fault { offset: body, what })?;
    Ok((call, end))
}
