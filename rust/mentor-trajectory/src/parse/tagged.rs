//! Arguments between tags: `<function=name><parameter=key>value</parameter></function>` of Qwen3-Coder, Qwen3.5 and
//! Nemotron-3, and `<invoke name="name"><parameter name="key">value</parameter></invoke>` of `MiniMax` M2.
//!
//! Around the calls may stand a wrapper, which may be missing. A value is text as it stands, without one line break at
//! each end; what it is says the tool's schema. A value whose closing tag is missing ends at the next parameter or at
//! the call's end, a call at the wrapper's end. No value reaches over the next call's beginning, so each byte belongs
//! to one call and is read once.

use super::reader::Reader;
use super::typed::{Notation, value};
use super::walk::Grammar;
use super::{Call, tags};
use crate::json::{Fault, Object};

/// The tags of a format.
struct Tags {
    wrapper: &'static str,
    wrapper_end: &'static str,
    call: &'static str,
    call_end: &'static str,
    parameter: &'static str,
    parameter_end: &'static str,
    /// Whether names stand in double quotes.
    quoted: bool,
    no_call: &'static str,
    no_end: &'static str,
}

const QWEN3_CODER_TAGS: Tags = Tags {
    wrapper: "<tool_call>",
    wrapper_end: "</tool_call>",
    call: "<function=",
    call_end: "</function>",
    parameter: "<parameter=",
    parameter_end: "</parameter>",
    quoted: false,
    no_call: "expected <function=NAME>",
    no_end: "expected <parameter=NAME> or </function>",
};

const MINIMAX_TAGS: Tags = Tags {
    wrapper: "<minimax:tool_call>",
    wrapper_end: "</minimax:tool_call>",
    call: "<invoke name=",
    call_end: "</invoke>",
    parameter: "<parameter name=",
    parameter_end: "</parameter>",
    quoted: true,
    no_call: "expected <invoke name=\"NAME\">",
    no_end: "expected <parameter name=\"NAME\"> or </invoke>",
};

pub(super) const QWEN3_CODER: Grammar = Grammar {
    triggers: b"<",
    opens: &[QWEN3_CODER_TAGS.call, QWEN3_CODER_TAGS.wrapper],
    bare: &[],
    closes: &[QWEN3_CODER_TAGS.call_end, QWEN3_CODER_TAGS.wrapper_end],
    read: |reader, start, which| read(reader, start, which, &QWEN3_CODER_TAGS),
};

pub(super) const MINIMAX: Grammar = Grammar {
    triggers: b"<[]",
    opens: &[MINIMAX_TAGS.call, MINIMAX_TAGS.wrapper],
    bare: &[],
    closes: &[MINIMAX_TAGS.call_end, MINIMAX_TAGS.wrapper_end],
    read: |reader, start, which| read(reader, start, which, &MINIMAX_TAGS),
};

fn read(reader: &mut Reader<'_>, start: usize, which: usize, tags: &Tags) -> usize {
    let mut inside = start + if which == 0 { tags.call.len() } else { tags.wrapper.len() };
    if which == 1 {
        let body = reader.skip_space(inside);
        let Some(behind) = reader.after(body, tags.call) else {
            let end = reader.report(start, inside, Err(Fault { offset: body, what: tags.no_call }));
            return behind_wrapper(reader, end, tags);
        };
        inside = behind;
    }
    let call = call(reader, inside, tags);
    let end = reader.report(start, inside, call);
    behind_wrapper(reader, end, tags)
}

/// The byte behind the wrapper's end, if that follows a call: the attempt then reaches to it.
fn behind_wrapper(reader: &mut Reader<'_>, end: usize, tags: &Tags) -> usize {
    let Some(behind) = reader.after(reader.skip_space(end), tags.wrapper_end) else {
        return end;
    };
    if let Some(attempt) = reader.found.attempts.last_mut() {
        attempt.span.end = behind;
    }
    behind
}

fn call(reader: &Reader<'_>, inside: usize, tags: &Tags) -> Result<(Call, usize), Fault> {
    let (name, mut at) = name(reader, inside, tags)?;
    let mut arguments = Vec::new();
    loop {
        at = reader.skip_space(at);
        if let Some(inside) = reader.after(at, tags.parameter) {
            let (key, begin) = self::name(reader, inside, tags)?;
            let (text, behind) = text_of_value(reader, begin, tags)?;
            let types = reader.tools.map_or(super::tools::Types::ANY, |tools| tools.types(name, key));
            arguments.push((key.to_owned(), value(text, types, Notation::Json)));
            at = behind;
        } else if let Some(end) = reader.after(at, tags.call_end) {
            let arguments = Object::from_entries(arguments);
            return Ok((Call { name: name.to_owned(), arguments }, end));
        } else if reader.after(at, tags.wrapper_end).is_some() {
            let arguments = Object::from_entries(arguments);
            return Ok((Call { name: name.to_owned(), arguments }, at));
        } else {
            return Err(Fault { offset: at, what: tags.no_end });
        }
    }
}

/// Reads a name and `>`; gives the byte behind them.
fn name<'a>(reader: &Reader<'a>, at: usize, tags: &Tags) -> Result<(&'a str, usize), Fault> {
    let (start, end_mark) = if tags.quoted {
        let what = "expected a name in double quotes";
        (reader.after(at, "\"").ok_or(Fault { offset: at, what })?, b'"')
    } else {
        (at, b'>')
    };
    let over = |b: &u8| matches!(b, b'<' | b'>' | b'\n') || *b == end_mark;
    let len = reader.bytes()[start..].iter().position(over).unwrap_or(reader.text.len() - start);
    let end = start + len;
    let behind = if tags.quoted { "\">" } else { ">" };
    let behind =
        reader.after(end, behind).ok_or(Fault { offset: end, what: "expected the name's end and '>'" })?;
    if len == 0 {
        return Err(Fault { offset: start, what: "an empty name" });
    }
    Ok((&reader.text[start..end], behind))
}

/// The text of the value that begins at a byte, and where to go on.
fn text_of_value<'a>(reader: &Reader<'a>, begin: usize, tags: &Tags) -> Result<(&'a str, usize), Fault> {
    let ends = [tags.parameter_end, tags.parameter, tags.call_end, tags.call];
    let (end, which) = tags::next_tag(reader.text, begin, &ends).unwrap_or((reader.text.len(), 3));
    if which == 3 {
        return Err(Fault { offset: end, what: "a value without its closing tag" });
    }
    let text = &reader.text[begin..end];
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok((text, if which == 0 { end + tags.parameter_end.len() } else { end }))
}
