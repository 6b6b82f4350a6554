//! `<tool_call>name`, `<arg_key>key</arg_key><arg_value>value</arg_value>` repeated, `</tool_call>`: GLM-4.5; on one
//! line, GLM-4.7.
//!
//! A value is text as it stands; where the schema does not want text it is JSON, else a Python literal. No value
//! reaches over the next key or value, so each byte is read once.

use super::Call;
use super::reader::Reader;
use super::tags::next_tag;
use super::tools::Types;
use super::typed::{Notation, value};
use super::walk::Grammar;
use crate::json::{Fault, Object};

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";
const KEY: &str = "<arg_key>";
const KEY_END: &str = "</arg_key>";
const VALUE: &str = "<arg_value>";
const VALUE_END: &str = "</arg_value>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN], bare: &[], closes: &[CLOSE], read };

fn read(reader: &mut Reader<'_>, start: usize, _: usize) -> usize {
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let begin = reader.skip_space(inside);
    let end = reader.name_end(begin);
    let name = &reader.text[begin..end];
    if name.is_empty() {
        return Err(Fault { offset: begin, what: "expected the tool's name" });
    }
    let mut arguments = Vec::new();
    let mut at = reader.skip_space(end);
    while let Some(inside) = reader.after(at, KEY) {
        let (key, behind) = reader.upto(inside, KEY_END, "expected </arg_key>")?;
        let begin = reader.skip_space(behind);
        let begin =
            reader.after(begin, VALUE).ok_or(Fault { offset: begin, what: "expected <arg_value>" })?;
        let end = match next_tag(reader.text, begin, &[VALUE_END, KEY, VALUE]) {
            Some((end, 0)) => end,
            other => {
                let offset = other.map_or(reader.text.len(), |(place, _)| place);
                return Err(Fault { offset, what: "expected </arg_value>" });
            }
        };
        let types = reader.tools.map_or(Types::ANY, |tools| tools.types(name, key));
        arguments.push((key.to_owned(), value(&reader.text[begin..end], types, Notation::Python)));
        at = reader.skip_space(end + VALUE_END.len());
    }
    let end =
        reader.after(at, CLOSE).ok_or(Fault { offset: at, what: "expected <arg_key> or </tool_call>" })?;
    Ok((Call { name: name.to_owned(), arguments: Object::from_entries(arguments) }, end))
}
