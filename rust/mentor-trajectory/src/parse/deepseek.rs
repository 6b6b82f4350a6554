//! `<｜tool▁call▁begin｜>function<｜tool▁sep｜>name`, a fenced JSON object, `<｜tool▁call▁end｜>`: DeepSeek V3 and R1;
//! `<｜tool▁call▁begin｜>name<｜tool▁sep｜>{...}<｜tool▁call▁end｜>`: DeepSeek V3.1.
//!
//! What follows the separator decides between them: an object is V3.1's.

use super::Call;
use super::reader::Reader;
use super::walk::Grammar;
use crate::json::Fault;

const OPEN: &str = "<｜tool▁call▁begin｜>";
const SEPARATOR: &str = "<｜tool▁sep｜>";
const CLOSE: &str = "<｜tool▁call▁end｜>";
const GROUP: &str = "<｜tool▁calls▁begin｜>";
const FENCE: &str = "```";
const GROUP_END: &str = "<｜tool▁calls▁end｜>";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN, GROUP], bare: &[], closes: &[CLOSE, GROUP_END], read };

fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    if which == 1 {
        return reader.group(start, GROUP, OPEN, "expected <｜tool▁call▁begin｜>");
    }
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let (kind, behind) =
        reader.upto(inside, SEPARATOR, "expected <｜tool▁sep｜> after the call's kind or name")?;
    let body = reader.skip_space(behind);
    let (name, fenced, at) = if reader.after(body, "{").is_some() {
        (kind, false, body)
    } else if kind == "function" {
        let end = reader.name_end(body);
        let fence = reader.skip_space(end);
        let opened = reader.after(fence, FENCE).map(|at| reader.after(at, "json").unwrap_or(at));
        (&reader.text[body..end], opened.is_some(), reader.skip_space(opened.unwrap_or(fence)))
    } else {
        return Err(Fault {
            offset: inside,
            what: "expected the kind \"function\", or arguments after the name",
        });
    };
    if name.is_empty() {
        return Err(Fault { offset: inside, what: "expected the tool's name" });
    }
    let (arguments, mut end) = reader.object(at)?;
    if fenced {
        let fence = reader.skip_space(end);
        end = reader
            .after(fence, FENCE)
            .ok_or(Fault { offset: fence, what: "expected ``` after the object" })?;
    }
    let end = reader.closed(end, CLOSE, "expected <｜tool▁call▁end｜> after the arguments")?;
    Ok((Call { name: name.to_owned(), arguments }, end))
}
