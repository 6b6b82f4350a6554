//! Values compared as the Berkeley Function-Calling Leaderboard does: texts without case and punctuation.

use super::same_value;
use crate::json::Value;

/// Whether two values are one to BFCL, texts at any depth without case and ` ,./-_*^`, `'` being `"`.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => standard(a).eq(standard(b)),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let there = |(key, value): &(String, Value)| b.get(key).is_some_and(|other| same(value, other));
            a.entries().len() == b.entries().len() && a.entries().iter().all(there)
        }
        _ => same_value(a, b),
    }
}

fn standard(text: &str) -> impl Iterator<Item = char> {
    let counts = |c: &char| !matches!(c, ' ' | ',' | '.' | '/' | '-' | '_' | '*' | '^');
    text.chars().filter(counts).flat_map(char::to_lowercase).map(|c| if c == '\'' { '"' } else { c })
}
