//! References written as JSON.
//!
//! `[{"calls": [{"name": ..., "arguments": {...}, "result": ..., "error": ...}, ...], "answer": ...}, ...]`, or lists of
//! calls in place of the objects. A single trajectory may stand without the outer list.

use super::steps::{Outcome, Recorded, Recording};
use crate::json::{Dialect, Object, Value, parse};
use crate::parse::call_of_object;

/// Results of calls may hold what JSON has no word for, and calls stand deeper than in a model's text.
const RECORDED: Dialect =
    Dialect { non_finite: true, lone_surrogates: true, max_depth: Dialect::STRICT.max_depth + 8 };

/// A path, such as `[0].calls[2].name`, and what is wrong there.
pub type At<T> = Result<T, (String, String)>;

/// Reads trajectories.
pub fn recordings(text: &str) -> At<Vec<Recording>> {
    match parse(text, RECORDED).map_err(|fault| (String::new(), fault.to_string()))? {
        Value::Array(items) if items.iter().any(is_call) => {
            Ok(vec![Recording { calls: calls(items, "")?, answer: None }])
        }
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(i, item)| recording(item, &format!("[{i}]"))).collect()
        }
        value => Ok(vec![recording(value, "")?]),
    }
}

fn is_call(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.get("name").is_some() && object.get("calls").is_none())
}

fn recording(value: Value, path: &str) -> At<Recording> {
    match value {
        Value::Array(items) => Ok(Recording { calls: calls(items, path)?, answer: None }),
        Value::Object(mut object) => match object.take("calls") {
            Some(Value::Array(items)) => {
                let answer = object.take("answer").and_then(text);
                Ok(Recording { calls: calls(items, &format!("{path}.calls"))?, answer })
            }
            _ => Err((format!("{path}.calls"), "expected a list of calls".into())),
        },
        _ => Err((path.into(), "expected a trajectory: {\"calls\": [...]} or a list of calls".into())),
    }
}

/// The text of an answer that is a text or a number.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(crate::json::Number::Int(int)) => Some(int.to_string()),
        Value::Number(crate::json::Number::Big(digits)) => Some(digits.into()),
        Value::Number(crate::json::Number::Float(float)) => Some(float.to_string()),
        _ => None,
    }
}

fn calls(items: Vec<Value>, path: &str) -> At<Vec<Recorded>> {
    items
        .into_iter()
        .enumerate()
        .map(|(i, item)| recorded(item).map_err(|what| (format!("{path}[{i}]"), what)))
        .collect()
}

fn recorded(value: Value) -> Result<Recorded, String> {
    let Value::Object(mut object) = value else {
        return Err("expected a call: {\"name\": ..., \"arguments\": ...}".into());
    };
    let outcome = match (object.take("error"), object.take("result")) {
        (None | Some(Value::Null | Value::Bool(false)), result) => match result {
            None | Some(Value::Null) => Outcome::Unknown,
            Some(value) => Outcome::Value(value),
        },
        (Some(_), _) => Outcome::Failed,
    };
    Ok(Recorded { call: call_of_object(unwrapped(object))?, outcome })
}

/// The inside of the `{"type": "function", "function": {...}}`, or the object itself.
fn unwrapped(mut object: Object) -> Object {
    match object.take("function") {
        Some(Value::Object(inside)) if object.get("name").is_none() => inside,
        _ => object,
    }
}
