//! Equal values and numbers that are close.

use crate::json::{Number, Object, Value};

/// Whether two values are equal as JSON: numbers by value, objects whatever the order of their keys.
#[must_use]
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    compare(a, b, &same_number)
}

/// The same with numbers that differ by no more than either bound.
pub(super) fn close(a: &Value, b: &Value, relative: f64, absolute: f64) -> bool {
    compare(a, b, &|a, b| {
        same_number(a, b) || {
            let (a, b) = (as_f64(a), as_f64(b));
            (a - b).abs() <= absolute.max(relative * a.abs().max(b.abs()))
        }
    })
}

fn compare(a: &Value, b: &Value, numbers: &impl Fn(&Number, &Number) -> bool) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| compare(a, b, numbers))
        }
        (Value::Object(a), Value::Object(b)) => objects(a, b, numbers),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

fn objects(a: &Object, b: &Object, numbers: &impl Fn(&Number, &Number) -> bool) -> bool {
    let there =
        |(key, value): &(String, Value)| b.get(key).is_some_and(|other| compare(value, other, numbers));
    a.entries().len() == b.entries().len() && a.entries().iter().all(there)
}

fn same_number(a: &Number, b: &Number) -> bool {
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        return a == b;
    }
    // The canonical form knows when an integer is a double, and that the zeros are one.
    let canonical = |number: &Number| {
        let mut bytes = Vec::with_capacity(16);
        Value::Number(number.clone()).write_canonical(&mut bytes);
        bytes
    };
    canonical(a) == canonical(b)
}

/// The nearest double.
pub(crate) fn as_f64(number: &Number) -> f64 {
    match number {
        Number::Int(int) => *int as f64,
        Number::Big(digits) => digits.parse().unwrap_or(f64::NAN),
        Number::Float(float) => *float,
    }
}
