//! `[TOOL_CALLS][{"name": ..., "arguments": {...}}, ...]`: Mistral before its tokenizer v11;
//! `[TOOL_CALLS]name{...}`, repeated: since. `[CALL_ID]id` and `[ARGS]` may stand between name and arguments.

use super::reader::Reader;
use super::walk::Grammar;
use super::{Call, objects};
use crate::json::Fault;

const OPEN: &str = "[TOOL_CALLS]";
const CALL_ID: &str = "[CALL_ID]";
const ARGUMENTS: &str = "[ARGS]";

pub(super) const GRAMMAR: Grammar = Grammar { triggers: b"<[", opens: &[OPEN], bare: &[], closes: &[], read };

fn read(reader: &mut Reader<'_>, start: usize, _: usize) -> usize {
    let inside = start + OPEN.len();
    let body = reader.skip_space(inside);
    if reader.after(body, "[").is_some() {
        return objects::marked(reader, start, inside);
    }
    let call = call(reader, body);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, body: usize) -> Result<(Call, usize), Fault> {
    let name_end = reader.name_end(body);
    if name_end == body {
        return Err(Fault { offset: body, what: "expected a list of calls, or a name with its arguments" });
    }
    let mut at = reader.skip_space(name_end);
    if let Some(id) = reader.after(at, CALL_ID) {
        at = reader.skip_space(reader.name_end(id));
    }
    let at = reader.after(at, ARGUMENTS).unwrap_or(at);
    let (arguments, end) = reader.object(reader.skip_space(at))?;
    Ok((Call { name: reader.text[body..name_end].to_owned(), arguments }, end))
}
