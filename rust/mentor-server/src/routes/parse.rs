//! `/v1/parse`: calls in models' texts.

use axum::extract::State;
use mentor_trajectory::json::{Number, Object, Value};
use mentor_trajectory::parse::{Attempt, Format, Status, parse as parse_text, to_characters};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Answer, bounded, compiled, compute};
use crate::json::{Json, Loose, answer};
use crate::problem::Problem;
use crate::server::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    texts: Vec<Loose>,
    #[serde(default = "auto")]
    format: String,
    /// The offered tools; null for names that are not checked.
    tools: Option<Vec<serde_json::Value>>,
}

fn auto() -> String {
    "auto".into()
}

#[derive(Serialize)]
struct Response {
    texts: Vec<Vec<Call>>,
}

/// The fields of `mentor.ParsedCall`.
#[derive(Serialize)]
struct Call {
    status: &'static str,
    name: Option<String>,
    arguments: Option<Box<RawValue>>,
    span: (usize, usize),
    error: Option<String>,
}

pub async fn parse(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    bounded(&shared, "texts", request.texts.len())?;
    let format = format(&request.format)?;
    let tools = request.tools.as_deref().map(compiled).transpose()?;
    let texts = compute(&shared, move || {
        let texts: Vec<String> = request.texts.into_iter().map(Loose::into_text).collect();
        let weight = texts.iter().map(String::len).sum();
        let read = |_, text: &String| {
            let mut attempts = parse_text(format, text, tools.as_ref());
            to_characters(text, &mut attempts);
            attempts.into_iter().map(Call::from).collect()
        };
        Ok(mentor_trajectory::pool::map(&texts, weight, read))
    })
    .await?;
    Ok(answer(&Response { texts }))
}

pub fn format(name: &str) -> Result<Format, Problem> {
    name.parse().map_err(|error| Problem::bad(format!("format: {error}")))
}

impl From<Attempt> for Call {
    fn from(attempt: Attempt) -> Self {
        let status = match attempt.status {
            Status::Valid => "valid",
            Status::Malformed => "malformed",
            Status::Unknown => "unknown",
        };
        let error = attempt.reason.map(|reason| format!("{} at character {}", reason.what, reason.offset));
        let (name, arguments) = attempt.call.map(|call| (call.name, object(&call.arguments))).unzip();
        let span = (attempt.span.start, attempt.span.end);
        Self { status, name, arguments: arguments.flatten(), span, error }
    }
}

fn object(arguments: &Object) -> Option<Box<RawValue>> {
    let mut text = String::new();
    write_object(arguments, &mut text);
    RawValue::from_string(text).ok()
}

/// Integers of any size as they are, doubles in the shortest form that reads back equal.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(Number::Int(int)) => out.push_str(&int.to_string()),
        Value::Number(Number::Big(digits)) => out.push_str(digits),
        Value::Number(Number::Float(float)) => out.push_str(&serde_json::json!(float).to_string()),
        Value::String(text) => out.push_str(&serde_json::json!(text).to_string()),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(inner) => write_object(inner, out),
    }
}

fn write_object(object: &Object, out: &mut String) {
    out.push('{');
    for (place, (key, value)) in object.entries().iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::json!(key).to_string());
        out.push(':');
        write(value, out);
    }
    out.push('}');
}
