//! Outcomes as JSON.

use mentor_sandbox::Outcome;
use serde::Serialize;
use serde_json::value::RawValue;

/// An outcome as clients get it: the fields of `mentor.sandbox.Outcome`.
#[derive(Serialize)]
pub struct Shown<'a> {
    status: &'static str,
    /// Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    /// The value as the guest wrote it, where that is no JSON: NaN, infinities, halves of surrogate pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_text: Option<&'a str>,
    stdout: std::borrow::Cow<'a, str>,
    stderr: std::borrow::Cow<'a, str>,
    stdout_bytes: u64,
    stderr_bytes: u64,
    error: Option<Fault<'a>>,
    limit: Option<&'static str>,
    exit_code: Option<i32>,
    usage: Usage,
}

#[derive(Serialize)]
struct Fault<'a> {
    r#type: &'a str,
    message: &'a str,
    traceback: &'a str,
}

#[derive(Serialize)]
struct Usage {
    fuel: u64,
    memory: u64,
    wall: f64,
    pages: u32,
}

impl<'a> From<&'a Outcome> for Shown<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        let text = outcome.value.as_deref();
        let value = text.and_then(|text| RawValue::from_string(text.to_owned()).ok());
        Self {
            status: outcome.status.as_str(),
            value_text: text.filter(|_| value.is_none()),
            value,
            stdout: String::from_utf8_lossy(&outcome.stdout),
            stderr: String::from_utf8_lossy(&outcome.stderr),
            stdout_bytes: outcome.stdout_len,
            stderr_bytes: outcome.stderr_len,
            error: outcome.error.as_ref().map(|error| Fault {
                r#type: &error.kind,
                message: &error.message,
                traceback: &error.traceback,
            }),
            limit: outcome.limit.map(mentor_sandbox::LimitKind::as_str),
            exit_code: outcome.exit_code,
            usage: Usage {
                fuel: outcome.usage.fuel,
                memory: outcome.usage.memory,
                wall: outcome.usage.wall.as_secs_f64(),
                pages: outcome.usage.pages,
            },
        }
    }
}
