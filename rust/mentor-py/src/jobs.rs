//! What crosses to the sandbox and back: limits and jobs in, outcomes out.

use std::sync::Arc;
use std::time::Duration;

use mentor_sandbox::{Error, HostAnswer, HostCall, Job, JobResult, LimitKind, Limits, Outcome, Program};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use crate::sandbox::State;

/// The fields of `mentor.sandbox.Limits`.
#[derive(FromPyObject)]
pub struct Bounds {
    fuel: u64,
    wall: f64,
    memory: u64,
    output: u64,
    files: u64,
    entries: u32,
    name_length: u32,
    path_depth: u32,
    arguments: u64,
    host: u64,
    result: u64,
}

impl TryFrom<Bounds> for Limits {
    type Error = Error;

    fn try_from(given: Bounds) -> Result<Self, Error> {
        let Bounds {
            fuel,
            wall,
            memory,
            output,
            files,
            entries,
            name_length,
            path_depth,
            arguments,
            host,
            result,
        } = given;
        let wall = seconds("wall", wall)?;
        let limits = Self {
            fuel,
            wall,
            memory,
            output,
            files,
            entries,
            name_length,
            path_depth,
            arguments,
            host,
            result,
        };
        limits.validate()?;
        Ok(limits)
    }
}

/// A duration given in seconds.
pub fn seconds(field: &'static str, given: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(given).map_err(|e| Error::Option { field, reason: format!("{given} s: {e}") })
}

/// The fields of `mentor.sandbox.HostCall`: name, arguments, result, error (kind, type, message), seconds.
type CallRow = (String, String, Option<String>, Option<(String, String, String)>, f64);

fn host_call((name, arguments, result, error, wall): CallRow) -> Result<HostCall, Error> {
    let answer = match (result, error) {
        (Some(json), _) => HostAnswer::Value(json),
        (None, Some((way, kind, message))) => match way.as_str() {
            "timeout" => HostAnswer::TimedOut,
            "limit" => HostAnswer::TooLarge,
            "stopped" => HostAnswer::Stopped,
            _ => HostAnswer::Raised { kind, message },
        },
        (None, None) => {
            let reason = format!("the recorded call of {name:?} has neither a result nor an error");
            return Err(Error::Option { field: "replay", reason });
        }
    };
    Ok(HostCall { name, arguments, answer, wall: seconds("replay", wall)? })
}

fn call_row(call: HostCall) -> CallRow {
    let HostCall { name, arguments, answer, wall } = call;
    let (result, error) = match answer {
        HostAnswer::Value(json) => (Some(json), None),
        HostAnswer::Raised { kind, message } => (None, Some(("raised", kind, message))),
        HostAnswer::TimedOut => (None, Some(("timeout", String::new(), String::new()))),
        HostAnswer::TooLarge => (None, Some(("limit", String::new(), String::new()))),
        HostAnswer::Stopped => (None, Some(("stopped", String::new(), String::new()))),
    };
    let error = error.map(|(way, kind, message)| (way.to_owned(), kind, message));
    (name, arguments, result, error, wall.as_secs_f64())
}

/// A str as UTF-8. Lone surrogates, which UTF-8 has no place for, stand as Python's `surrogatepass` writes them: they
/// are the program's mistake, not its caller's.
pub struct Text(Vec<u8>);

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        match text.to_str() {
            Ok(text) => Ok(Self(text.into())),
            Err(_) => text.call_method1("encode", ("utf-8", "surrogatepass"))?.extract().map(Self),
        }
    }
}

/// (source, or name; arguments as JSON for a call, else None; seed; state; keep the state?; follow the job before?;
/// record to replay)
pub type JobRow<'py> =
    (Text, Option<String>, u64, Option<Bound<'py, State>>, bool, bool, Option<Vec<CallRow>>);

pub fn job(row: JobRow<'_>, limits: Option<Limits>) -> Result<Job, Error> {
    let (Text(text), arguments, seed, state, keep_state, follows, replay) = row;
    let program = match arguments {
        // A lone surrogate is in no function's name, with or without its replacement.
        Some(arguments) => Program::Call { name: String::from_utf8_lossy(&text).into_owned(), arguments },
        None => Program::Source(text),
    };
    let state = state.map(|state| state.get().0.clone());
    let calls = replay.map(|calls| calls.into_iter().map(host_call).collect::<Result<Vec<_>, _>>());
    let replay = calls.transpose()?.map(Arc::from);
    Ok(Job { state, follows, program, seed, limits, keep_state, replay })
}

/// The fields of `mentor.sandbox.Outcome` in order, as the core has them, and the state.
pub fn result(py: Python<'_>, result: JobResult) -> PyResult<Bound<'_, PyTuple>> {
    let JobResult { outcome, state } = result;
    let Outcome {
        status,
        stdout,
        stderr,
        stdout_len,
        stderr_len,
        value,
        error,
        limit,
        exit_code,
        usage,
        host_calls,
    } = outcome;
    let status = match status {
        mentor_sandbox::Status::Ok => intern!(py, "ok").clone(),
        other => PyString::new(py, other.as_str()),
    };
    let calls = host_calls.into_iter().map(call_row);
    let outcome = (
        status,
        PyBytes::new(py, &stdout),
        PyBytes::new(py, &stderr),
        stdout_len,
        stderr_len,
        value,
        error.map(|e| (e.kind, e.message, e.traceback)),
        limit.map(LimitKind::as_str),
        exit_code,
        (usage.fuel, usage.memory, usage.wall.as_secs_f64(), usage.pages),
        PyTuple::new(py, calls.collect::<Vec<_>>())?,
    );
    (outcome, state.map(|state| Py::new(py, State(state))).transpose()?).into_pyobject(py)
}

/// What a model is shown of a tool call: the parts of a native outcome that decide it.
#[pyfunction]
pub fn shown(
    status: &str,
    value: Option<String>,
    stdout: &[u8],
    stdout_len: u64,
    error: Option<(String, String, String)>,
    exit_code: Option<i32>,
) -> String {
    let all = mentor_sandbox::Status::ALL.iter();
    // A status that there is not is a failure of the machinery's.
    let status =
        all.copied().find(|known| known.as_str() == status).unwrap_or(mentor_sandbox::Status::Failed);
    let error =
        error.map(|(kind, message, traceback)| mentor_sandbox::GuestError { kind, message, traceback });
    mentor_sandbox::shown(&Outcome {
        status,
        value,
        stdout: stdout.to_vec(),
        stdout_len,
        error,
        exit_code,
        ..Outcome::failed(String::new())
    })
}
