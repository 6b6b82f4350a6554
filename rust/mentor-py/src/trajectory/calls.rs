//! Calls, trajectories and references that Python objects describe.

use super::text::{Result, Text, fault, inside, string, text, type_name};
use super::value::value_of;
use mentor_trajectory::json::{Object, Value};
use mentor_trajectory::parse::{Attempt, Call, Status, call_of_object};
use mentor_trajectory::reward::{Source, Student};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyDict;

/// What a student did, kept alive.
pub(super) enum Given {
    Nothing,
    Text(Text),
    Attempts(Vec<Attempt>),
}

impl Given {
    pub(super) fn student(&self) -> Student<'_> {
        match self {
            Self::Nothing => Student::Unscorable,
            Self::Text(text) => Student::Text(text.as_str()),
            Self::Attempts(attempts) => Student::Attempts(attempts),
        }
    }
}

/// None, a text to read, or a trajectory.
pub(super) fn given(item: &Bound<'_, PyAny>) -> Result<Given> {
    if item.is_none() {
        return Ok(Given::Nothing);
    }
    Ok(match text(item)? {
        Some(text) => Given::Text(text),
        None => Given::Attempts(attempts(item)?),
    })
}

/// A row's references, kept alive.
pub(super) enum Reference {
    Text(Text),
    Calls(Vec<Vec<Call>>),
}

impl Reference {
    pub(super) fn source(&self) -> Source<'_> {
        match self {
            Self::Text(text) => Source::Text(text.as_str()),
            Self::Calls(calls) => Source::Calls(calls),
        }
    }
}

/// JSON text, a list of trajectories, or one trajectory: an object with `calls`, or a list of calls.
pub(super) fn reference(item: &Bound<'_, PyAny>) -> Result<Reference> {
    if let Some(text) = text(item)? {
        return Ok(Reference::Text(text));
    }
    if item.is_none() {
        return Ok(Reference::Calls(Vec::new()));
    }
    if calls_of(item)?.is_some() {
        return Ok(Reference::Calls(vec![trajectory(item)?]));
    }
    let Ok(items) = item.try_iter() else {
        return fault(format!("expected JSON text or a list of trajectories, not {}", type_name(item)));
    };
    let items = items.collect::<PyResult<Vec<_>>>()?;
    if items.iter().map(is_call).collect::<PyResult<Vec<_>>>()?.contains(&true) {
        return Ok(Reference::Calls(vec![trajectory(item)?]));
    }
    let at = |(i, item): (usize, &Bound<'_, PyAny>)| inside(trajectory(item), format_args!("[{i}]"));
    Ok(Reference::Calls(items.iter().enumerate().map(at).collect::<Result<_>>()?))
}

/// Whether this is a call itself, not a trajectory.
fn is_call(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    match item.cast::<PyDict>() {
        Ok(dict) => Ok(!dict.contains("calls")? && (dict.contains("name")? || dict.contains("function")?)),
        Err(_) => Ok(item.hasattr("name")? && item.hasattr("arguments")?),
    }
}

/// The `calls` of a trajectory that is an object or a mapping.
fn calls_of<'py>(item: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    match item.cast::<PyDict>() {
        Ok(dict) => dict.get_item("calls"),
        Err(_) => item.getattr_opt("calls"),
    }
}

fn trajectory(item: &Bound<'_, PyAny>) -> Result<Vec<Call>> {
    let attempts = attempts(item)?;
    let call = |(i, attempt): (usize, Attempt)| match attempt.call {
        Some(call) => Ok(call),
        None => inside(fault("a reference holds a malformed call"), format_args!("[{i}]")),
    };
    attempts.into_iter().enumerate().map(call).collect()
}

/// The calls of a trajectory: of its `calls`, or of the list that it is.
fn attempts(item: &Bound<'_, PyAny>) -> Result<Vec<Attempt>> {
    let calls = calls_of(item)?;
    let (items, step) = match &calls {
        Some(calls) => (calls, ".calls"),
        None => (item, ""),
    };
    let Ok(items) = items.try_iter() else {
        return fault(format!("expected a trajectory or a list of calls, not {}", type_name(item)));
    };
    let at =
        |(i, call): (usize, PyResult<Bound<'_, PyAny>>)| inside(attempt(&call?), format_args!("{step}[{i}]"));
    items.enumerate().map(at).collect()
}

/// A call: an object with `name` and `arguments` (and a `status`), or a mapping of these.
fn attempt(item: &Bound<'_, PyAny>) -> Result<Attempt> {
    let status = match item.getattr_opt("status")? {
        None => Status::Valid,
        Some(status) => match status.extract::<PyBackedStr>()?.as_ref() {
            "valid" => Status::Valid,
            "unknown" => Status::Unknown,
            "malformed" => {
                return Ok(Attempt { status: Status::Malformed, call: None, span: 0..0, reason: None });
            }
            other => return fault(format!("unknown status {other:?}")),
        },
    };
    Ok(Attempt { status, call: Some(call_of(item)?), span: 0..0, reason: None })
}

/// The call that an object or a mapping is, with OpenAI's `function` around it or not.
pub(super) fn call_of(item: &Bound<'_, PyAny>) -> Result<Call> {
    let py = item.py();
    if let Ok(dict) = item.cast::<PyDict>() {
        return call_of_dict(dict);
    }
    match item.getattr_opt(pyo3::intern!(py, "function"))? {
        Some(inner) if !item.hasattr(pyo3::intern!(py, "name"))? => inside(call_of(&inner), ".function"),
        _ => call_of_attributes(py, item),
    }
}

fn call_of_dict(dict: &Bound<'_, PyDict>) -> Result<Call> {
    if let Some(inner) = dict.get_item("function")?
        && let Ok(inner) = inner.cast::<PyDict>()
    {
        return inside(call_of_dict(inner), ".function");
    }
    let mut entries = Vec::with_capacity(2);
    for key in ["name", "arguments", "parameters"] {
        if let Some(value) = dict.get_item(key)? {
            entries.push((key.to_owned(), inside(value_of(&value, 0), format_args!(".{key}"))?));
        }
    }
    call_of_object(Object::from_entries(entries)).or_else(fault)
}

fn call_of_attributes(py: Python<'_>, item: &Bound<'_, PyAny>) -> Result<Call> {
    let Some(name) = item.getattr_opt(pyo3::intern!(py, "name"))? else {
        return fault(format!("expected a call, not {}", type_name(item)));
    };
    let name = inside(string(&name), ".name")?.as_str().to_owned();
    let arguments = item.getattr(pyo3::intern!(py, "arguments"))?;
    match inside(value_of(&arguments, 0), ".arguments")? {
        Value::Object(arguments) => Ok(Call { name, arguments }),
        text @ Value::String(_) => {
            let entries = vec![("name".to_owned(), Value::String(name)), ("arguments".to_owned(), text)];
            call_of_object(Object::from_entries(entries)).or_else(fault)
        }
        _ => inside(fault(format!("expected a mapping, not {}", type_name(&arguments))), ".arguments"),
    }
}
