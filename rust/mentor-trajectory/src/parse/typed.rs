//! Values that a format writes as plain text: what they are is said by the tool's schema.

use super::literal;
use super::tools::Types;
use crate::json::{Dialect, Value, parse};

/// What a text may be read as beside JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// Nothing.
    Json,
    /// A Python literal, where it is not JSON.
    Python,
}

/// The value that a text stands for under a parameter's types.
///
/// Where only text is allowed, it is the text as it stands, or null for `null` if that is allowed too. Else it is what
/// the text is as JSON, if that is of an allowed type; `True` and `False` are booleans where those are asked for. A
/// text that fits no type, or is no finite number, stays a text.
pub(super) fn value(text: &str, types: Types, notation: Notation) -> Value {
    let bare = text.trim_matches([' ', '\t', '\n', '\r']);
    let fits = |value: &Value| types.hold(Types::of(value));
    if types.is_text() {
        let null = types.hold(Types::NULL) && bare == "null";
        return if null { Value::Null } else { Value::String(text.to_owned()) };
    }
    if let Ok(value) = parse(bare, Dialect::STRICT)
        && fits(&value)
    {
        return value;
    }
    if types != Types::ANY && types.hold(Types::BOOLEAN) {
        for (word, truth) in [("true", true), ("false", false)] {
            if bare.eq_ignore_ascii_case(word) {
                return Value::Bool(truth);
            }
        }
    }
    if notation == Notation::Python
        && let Some(value) = literal::parse(bare)
        && fits(&value)
    {
        return value;
    }
    Value::String(text.to_owned())
}
