//! The published reading of calls: quirks 7 to 14.

use super::python::strip;
use crate::json::{Dialect, Number, Value, parse, pick};
use memchr::memmem::{Finder, find};

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";
const JSON_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

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
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// The known ones.
    pub known: Known,
    /// Whether it names a tool that is not known.
    pub invalid: bool,
}

/// A set of known tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known(u16);

impl Known {
    /// Adds a tool; says whether it is known.
    pub fn add(&mut self, name: &str) -> bool {
        let place = KNOWN.iter().position(|known| *known == name);
        self.0 |= place.map_or(0, |place| 1 << place);
        place.is_some()
    }

    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// How many tools both sets have.
    pub fn shared(self, other: Self) -> u32 {
        (self.0 & other.0).count_ones()
    }

    #[cfg(test)]
    pub fn names(self) -> Vec<&'static str> {
        (0..KNOWN.len()).filter(|place| self.0 >> place & 1 == 1).map(|place| KNOWN[place]).collect()
    }
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
            Name::Text(name) => usage.invalid |= !usage.known.add(&name),
        }
        rest = &inside[end + CLOSE.len()..];
    }
    Some(usage)
}

fn name(body: &str) -> Name {
    let text = strip(body);
    if text.trim_start_matches(JSON_SPACE).starts_with('{') {
        return only_name(text).unwrap_or_else(|| fallback(body));
    }
    match parse(text, Dialect::PYTHON) {
        Ok(Value::Array(items)) if !items.iter().any(|item| *item == Value::String("name".into())) => {
            Name::None
        }
        Ok(Value::String(text)) if !text.contains("name") => Name::None,
        // Looking a name up in anything else raises, as does a text that is not JSON.
        _ => fallback(body),
    }
}

/// The name in an object, nothing else being made of it; nothing if the text is not JSON.
fn only_name(text: &str) -> Option<Name> {
    let start = text.len() - text.trim_start_matches(JSON_SPACE).len();
    let ([name], end) = pick(text, start, ["name"], Dialect::PYTHON).ok()?;
    let whole = text[end..].trim_start_matches(JSON_SPACE).is_empty();
    whole.then(|| name.map_or(Name::None, judged))
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
