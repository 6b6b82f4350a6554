//! The published reading of calls: quirks 7 to 14.

use super::python::strip;
use crate::json::{Dialect, Number, Value, parse};
use memchr::memmem::{Finder, find};
use std::collections::HashSet;

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";

/// The tools that the published code knows.
const KNOWN: [&str; 12] = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "sum_numbers",
    "floor",
    "ceil",
    "round_number",
    "power",
    "sqrt",
    "abs_value",
    "modulo",
];

/// The tools that a text uses.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The known tools' names.
    pub names: HashSet<&'static str>,
    /// Whether it names a tool that is not known.
    pub invalid: bool,
}

/// What a call's name is to the published code.
enum Name {
    /// None, or one that counts as false: the call is overlooked.
    None,
    /// A text.
    Text(String),
    /// A number or true: a tool that is not known.
    Odd,
    /// A list or an object with something in it: looking it up raises.
    Raises,
}

/// The tools that the text uses; nothing where the published code raises.
pub(super) fn tool_usage(text: &str) -> Option<Usage> {
    let mut usage = Usage::default();
    let (open, close) = (Finder::new(OPEN), Finder::new(CLOSE));
    let mut rest = text;
    while let Some(start) = open.find(rest.as_bytes()) {
        let inside = &rest[start + OPEN.len()..];
        let Some(end) = close.find(inside.as_bytes()) else {
            break;
        };
        match name(&inside[..end]) {
            Name::None => {}
            Name::Odd => usage.invalid = true,
            Name::Raises => return None,
            Name::Text(name) => match KNOWN.iter().find(|known| **known == name) {
                Some(known) => {
                    usage.names.insert(known);
                }
                None => usage.invalid = true,
            },
        }
        rest = &inside[end + CLOSE.len()..];
    }
    Some(usage)
}

fn name(body: &str) -> Name {
    match parse(strip(body), Dialect::PYTHON) {
        Ok(Value::Object(mut object)) => object.take("name").map_or(Name::None, judged),
        Ok(Value::Array(items)) if !items.iter().any(|item| *item == Value::String("name".into())) => {
            Name::None
        }
        Ok(Value::String(text)) if !text.contains("name") => Name::None,
        // Looking a name up in anything else raises, as does a text that is not JSON.
        _ => fallback(body),
    }
}

fn judged(name: Value) -> Name {
    let counts_as_false = match &name {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => matches!(number, Number::Int(0) | Number::Float(0.0)),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.entries().is_empty(),
    };
    match name {
        _ if counts_as_false => Name::None,
        Value::String(text) => Name::Text(text),
        Value::Array(_) | Value::Object(_) => Name::Raises,
        _ => Name::Odd,
    }
}

/// The published fallback, `"name":\\s*"([^"]+)"`: mis-escaped, so it wants a backslash and any number of `s`.
fn fallback(body: &str) -> Name {
    const KEY: &str = "\"name\":\\";
    let mut rest = body;
    while let Some(place) = find(rest.as_bytes(), KEY.as_bytes()) {
        rest = &rest[place + KEY.len()..];
        let Some(value) = rest.trim_start_matches('s').strip_prefix('"') else {
            continue;
        };
        match value.find('"') {
            Some(end) if end > 0 => return Name::Text(value[..end].to_owned()),
            _ => {}
        }
    }
    Name::None
}
