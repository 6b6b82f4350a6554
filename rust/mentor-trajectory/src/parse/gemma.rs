//! `<start_function_call>call:name{key:<escape>text<escape>,n:15}<end_function_call>`: `FunctionGemma`.
//!
//! What stands between `<escape>` is text, braces and commas included, unless the tool's schema wants something else
//! and the text is that. Bare are numbers, `true`, `false`, `null`, objects `{key:value}` and arrays `[value,...]`.

use super::Call;
use super::reader::Reader;
use super::tags::place_of;
use super::tools::Types;
use super::typed::{Notation, value};
use super::walk::Grammar;
use crate::json::{Dialect, Fault, Object, Value, parse_prefix};

const OPEN: &str = "<start_function_call>";
const CLOSE: &str = "<end_function_call>";
const ESCAPE: &str = "<escape>";
const MAX_DEPTH: usize = 128;

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[OPEN], bare: &[], closes: &[CLOSE], read };

fn read(reader: &mut Reader<'_>, start: usize, _: usize) -> usize {
    let inside = start + OPEN.len();
    let call = call(reader, inside);
    reader.report(start, inside, call)
}

fn call(reader: &Reader<'_>, inside: usize) -> Result<(Call, usize), Fault> {
    let begin = reader.skip_space(inside);
    let begin = reader.after(begin, "call:").ok_or(Fault { offset: begin, what: "expected call:NAME{" })?;
    let end = reader.name_end(begin);
    let name = &reader.text[begin..end];
    if name.is_empty() {
        return Err(Fault { offset: begin, what: "expected the tool's name" });
    }
    let mut values = Values { reader, tool: Some(name), at: reader.skip_space(end), depth: 0 };
    if !values.is(b'{') {
        return values.fault("expected '{' after the name");
    }
    let arguments = values.object()?;
    let end = reader.closed(values.at, CLOSE, "expected <end_function_call> after the arguments")?;
    Ok((Call { name: name.to_owned(), arguments }, end))
}

/// The value of a tool's response, `response:name{value:...}`; nothing if it has another form.
pub(super) fn response(text: &str) -> Option<Value> {
    let reader = Reader::new(&GRAMMAR, text, None);
    let begin = reader.after(reader.skip_space(0), "response:")?;
    let at = reader.name_end(begin);
    let mut values = Values { reader: &reader, tool: None, at, depth: 0 };
    let mut object = if values.is(b'{') { values.object().ok()? } else { return None };
    let whole = reader.skip_space(values.at) == text.len();
    if !whole {
        return None;
    }
    match object.entries() {
        [(key, _)] if key == "value" => object.take("value"),
        _ => Some(Value::Object(object)),
    }
}

struct Values<'a> {
    reader: &'a Reader<'a>,
    /// The tool whose schema says what escaped text is; only of its own parameters.
    tool: Option<&'a str>,
    at: usize,
    depth: usize,
}

impl<'a> Values<'a> {
    fn object(&mut self) -> Result<Object, Fault> {
        self.enter()?;
        let mut entries = Vec::new();
        while !self.byte(b'}') {
            if !entries.is_empty() && !self.byte(b',') {
                return self.fault("expected ',' or '}'");
            }
            self.space();
            let key = self.key()?;
            self.space();
            let types = match (self.tool, self.reader.tools) {
                (Some(tool), Some(tools)) if self.depth == 1 => tools.types(tool, &key),
                _ => Types::ANY,
            };
            let value = self.value(types)?;
            entries.push((key, value));
            self.space();
        }
        self.depth -= 1;
        Ok(Object::from_entries(entries))
    }

    fn array(&mut self) -> Result<Value, Fault> {
        self.enter()?;
        let mut items = Vec::new();
        while !self.byte(b']') {
            if !items.is_empty() && !self.byte(b',') {
                return self.fault("expected ',' or ']'");
            }
            self.space();
            items.push(self.value(Types::ANY)?);
            self.space();
        }
        self.depth -= 1;
        Ok(Value::Array(items))
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<String, Fault> {
        let key = if let Some(text) = self.escaped()? {
            self.space();
            text
        } else {
            let over = |b: &u8| matches!(b, b':' | b',' | b'{' | b'}' | b'[' | b']' | b'<');
            let rest = &self.reader.bytes()[self.at..];
            let len = rest.iter().position(over).unwrap_or(rest.len());
            let key = self.reader.text[self.at..self.at + len].trim();
            if key.is_empty() {
                return self.fault("expected a key");
            }
            self.at += len;
            key
        };
        if !self.byte(b':') {
            return self.fault("expected ':'");
        }
        Ok(key.to_owned())
    }

    fn value(&mut self, types: Types) -> Result<Value, Fault> {
        if let Some(text) = self.escaped()? {
            // Nothing is said of the value: then it is the text that the escapes say.
            let types = if types == Types::ANY { Types::STRING } else { types };
            return Ok(value(text, types, Notation::Json));
        }
        match self.reader.bytes().get(self.at) {
            Some(b'{') => Ok(Value::Object(self.object()?)),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                let (value, end) = parse_prefix(self.reader.text, self.at, Dialect::STRICT)?;
                self.at = end;
                Ok(value)
            }
            _ => self.fault("expected a value, texts between <escape>"),
        }
    }

    /// The text between two `<escape>` that begins here, if one does.
    fn escaped(&mut self) -> Result<Option<&'a str>, Fault> {
        let text = self.reader.text;
        let Some(begin) = self.reader.after(self.at, ESCAPE) else {
            return Ok(None);
        };
        let Some(end) = place_of(ESCAPE, text, begin) else {
            self.at = text.len();
            return self.fault("a text without its closing <escape>");
        };
        self.at = end + ESCAPE.len();
        Ok(Some(&text[begin..end]))
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return self.fault("nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(())
    }

    fn is(&self, byte: u8) -> bool {
        self.reader.bytes().get(self.at) == Some(&byte)
    }

    fn byte(&mut self, byte: u8) -> bool {
        let found = self.is(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        self.at = self.reader.skip_space(self.at);
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { offset: self.at, what })
    }
}
