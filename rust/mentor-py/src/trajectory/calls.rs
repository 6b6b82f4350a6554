//! Calls, trajectories and references that Python objects describe.

use super::text::{Result, Text, fault, inside, string, text, type_name};
use super::value::value_of;
use mentor_trajectory::align::{Calls, Entry, Outcome, Recorded, Recording, Source};
use mentor_trajectory::json::{Object, Value};
use mentor_trajectory::parse::{Attempt, Call, Status, call_of_object};
use mentor_trajectory::reward::Student;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyFloat, PyList, PyString};

/// What a student did, kept alive.
pub(super) enum Given {
    Nothing,
    Text(Text),
    Attempts(Vec<Attempt>, Vec<Outcome>),
}

impl Given {
    pub(super) fn student(&self) -> Student<'_> {
        match self {
            Self::Nothing => Student::Unscorable,
            Self::Text(text) => Student::Text(text.as_str()),
            Self::Attempts(attempts, _) => Student::Attempts(attempts),
        }
    }

    pub(super) fn entry(&self, row: usize) -> Entry<'_> {
        let calls = match self {
            Self::Nothing => Calls::None,
            Self::Text(text) => Calls::Text(text.as_str()),
            Self::Attempts(attempts, outcomes) => Calls::Read(attempts, outcomes),
        };
        Entry { calls, row }
    }
}

/// None, a text to read, or a trajectory, its results too where they are wanted.
pub(super) fn given(item: &Bound<'_, PyAny>, results: bool) -> Result<Given> {
    if item.is_none() {
        return Ok(Given::Nothing);
    }
    if let Some(text) = text(item)? {
        return Ok(Given::Text(text));
    }
    let (attempts, outcomes) = attempts(item, results)?;
    Ok(Given::Attempts(attempts, outcomes))
}

/// A row's references, kept alive.
pub(super) enum Reference {
    Text(Text),
    Calls(Vec<Recording>),
}

impl Reference {
    pub(super) fn source(&self) -> Source<'_> {
        match self {
            Self::Text(text) => Source::Text(text.as_str()),
            Self::Calls(recordings) => Source::Recordings(recordings),
        }
    }
}

/// JSON text, a list of trajectories, or one trajectory: an object with `calls`, or a list of calls.
pub(super) fn reference(item: &Bound<'_, PyAny>, results: bool) -> Result<Reference> {
    if let Some(text) = text(item)? {
        return Ok(Reference::Text(text));
    }
    if item.is_none() {
        return Ok(Reference::Calls(Vec::new()));
    }
    if field(item, pyo3::intern!(item.py(), "calls"))?.is_some() {
        return Ok(Reference::Calls(vec![trajectory(item, results)?]));
    }
    let Ok(items) = item.try_iter() else {
        return fault(format!("expected JSON text or a list of trajectories, not {}", type_name(item)));
    };
    let items = items.collect::<PyResult<Vec<_>>>()?;
    if items.iter().map(is_call).collect::<PyResult<Vec<_>>>()?.contains(&true) {
        return Ok(Reference::Calls(vec![trajectory(item, results)?]));
    }
    let at = |(i, item): (usize, &Bound<'_, PyAny>)| inside(trajectory(item, results), format_args!("[{i}]"));
    Ok(Reference::Calls(items.iter().enumerate().map(at).collect::<Result<_>>()?))
}

/// Whether this is a call itself, not a trajectory.
fn is_call(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    match item.cast::<PyDict>() {
        Ok(dict) => Ok(!dict.contains("calls")? && (dict.contains("name")? || dict.contains("function")?)),
        Err(_) => Ok(item.hasattr("name")? && item.hasattr("arguments")?),
    }
}

fn trajectory(item: &Bound<'_, PyAny>, results: bool) -> Result<Recording> {
    let (attempts, outcomes) = attempts(item, results)?;
    let outcomes = outcomes.into_iter().chain(std::iter::repeat(Outcome::Unknown));
    let call = |(i, (attempt, outcome)): (usize, (Attempt, Outcome))| match attempt.call {
        Some(call) => Ok(Recorded { call, outcome }),
        None => inside(fault("a reference holds a malformed call"), format_args!("[{i}]")),
    };
    let calls = attempts.into_iter().zip(outcomes).enumerate().map(call).collect::<Result<_>>()?;
    Ok(Recording { calls, answer: if results { answer_of(item)? } else { None } })
}

/// The `answer` of a trajectory, if it is a text.
fn answer_of(item: &Bound<'_, PyAny>) -> Result<Option<String>> {
    let answer = field(item, pyo3::intern!(item.py(), "answer"))?;
    Ok(answer.map(|answer| text(&answer)).transpose()?.flatten().map(|text| text.as_str().to_owned()))
}

/// An item of a dict, an attribute of anything else.
fn field<'py>(item: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    match item.cast::<PyDict>() {
        Ok(dict) => dict.get_item(name),
        Err(_) => item.getattr_opt(name),
    }
}

/// The calls of a trajectory: of its `calls`, or of the list that it is; and what became of each, if that is wanted.
fn attempts(item: &Bound<'_, PyAny>, results: bool) -> Result<(Vec<Attempt>, Vec<Outcome>)> {
    let calls = if item.is_exact_instance_of::<PyList>() {
        None
    } else {
        field(item, pyo3::intern!(item.py(), "calls"))?
    };
    let (items, step) = match &calls {
        Some(calls) => (calls, ".calls"),
        None => (item, ""),
    };
    let Ok(iterator) = items.try_iter() else {
        return fault(format!("expected a trajectory or a list of calls, not {}", type_name(item)));
    };
    let mut attempts = Vec::with_capacity(items.len().unwrap_or(0));
    let mut outcomes = Vec::new();
    for (i, call) in iterator.enumerate() {
        let call = call?;
        attempts.push(inside(attempt(&call), format_args!("{step}[{i}]"))?);
        if results {
            outcomes.push(inside(outcome(&call), format_args!("{step}[{i}]"))?);
        }
    }
    Ok((attempts, outcomes))
}

/// What became of a call: its `result`, or that it failed if it has an `error` (a parsed call's says why it is none).
fn outcome(call: &Bound<'_, PyAny>) -> Result<Outcome> {
    let py = call.py();
    let is_parsed = || call.hasattr(pyo3::intern!(py, "status"));
    if field(call, pyo3::intern!(py, "error"))?.is_some_and(|error| !error.is_none()) && !is_parsed()? {
        return Ok(Outcome::Failed);
    }
    let Some(result) = field(call, pyo3::intern!(py, "result"))?.filter(|result| !result.is_none()) else {
        return Ok(Outcome::Unknown);
    };
    // A tool may return what JSON has no word for.
    if result.cast::<PyFloat>().is_ok_and(|float| !float.value().is_finite()) {
        return Ok(Outcome::Unknown);
    }
    Ok(Outcome::Value(inside(value_of(&result, 0), ".result")?))
}

/// A call: an object with `name` and `arguments` (and a `status`), or a mapping of these.
fn attempt(item: &Bound<'_, PyAny>) -> Result<Attempt> {
    let status = if item.is_exact_instance_of::<PyDict>() { Status::Valid } else { status(item)? };
    let call = if status == Status::Malformed { None } else { Some(call_of(item)?) };
    Ok(Attempt { status, call, span: 0..0, reason: None })
}

/// The call that an object or a mapping is, with OpenAI's `function` around it or not.
pub(super) fn call_of(item: &Bound<'_, PyAny>) -> Result<Call> {
    let py = item.py();
    if let Ok(dict) = item.cast::<PyDict>() {
        return call_of_dict(dict);
    }
    if item.hasattr(pyo3::intern!(py, "name"))? {
        return call_of_attributes(item);
    }
    match item.getattr_opt(pyo3::intern!(py, "function"))? {
        Some(inner) => inside(call_of(&inner), ".function"),
        None => fault(format!("expected a call, not {}", type_name(item))),
    }
}

fn status(item: &Bound<'_, PyAny>) -> Result<Status> {
    let Some(status) = item.getattr_opt(pyo3::intern!(item.py(), "status"))? else {
        return Ok(Status::Valid);
    };
    match status.extract::<PyBackedStr>()?.as_ref() {
        "valid" => Ok(Status::Valid),
        "unknown" => Ok(Status::Unknown),
        "malformed" => Ok(Status::Malformed),
        other => fault(format!("unknown status {other:?}")),
    }
}

fn call_of_dict(dict: &Bound<'_, PyDict>) -> Result<Call> {
    let py = dict.py();
    let (name, arguments) = (pyo3::intern!(py, "name"), pyo3::intern!(py, "arguments"));
    if let (Some(name), Some(arguments)) = (dict.get_item(name)?, dict.get_item(arguments)?)
        && let (Some(name), Ok(_)) = (text(&name)?, arguments.cast::<PyDict>())
        && !name.as_str().is_empty()
        && let Value::Object(arguments) = inside(value_of(&arguments, 0), ".arguments")?
    {
        return Ok(Call { name: name.as_str().to_owned(), arguments });
    }
    if let Some(inner) = dict.get_item(pyo3::intern!(py, "function"))?
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

fn call_of_attributes(item: &Bound<'_, PyAny>) -> Result<Call> {
    let py = item.py();
    let name = inside(string(&item.getattr(pyo3::intern!(py, "name"))?), ".name")?.as_str().to_owned();
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
