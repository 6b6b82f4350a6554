//! Python objects to the core's values and back.

use super::fault::Fault;
use mentor_trajectory::json::{Dialect, Number, Object, Value};
use mentor_trajectory::parse::{Attempt, Call, Status, Tools, call_of_object};
use mentor_trajectory::reward::{Source, Student};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use std::collections::HashMap;

/// The characters of a Python string: borrowed, or a copy where it holds halves of surrogate pairs.
pub(super) enum Text {
    Borrowed(PyBackedStr),
    Mended(String),
}

impl Text {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Mended(text) => text,
        }
    }
}

/// The text of a `str`; each half of a surrogate pair becomes U+FFFD, so characters keep their places.
pub(super) fn text(item: &Bound<'_, PyAny>) -> PyResult<Option<Text>> {
    let Ok(string) = item.cast::<PyString>() else {
        return Ok(None);
    };
    if let Ok(text) = PyBackedStr::try_from(string.clone()) {
        return Ok(Some(Text::Borrowed(text)));
    }
    let bytes: Vec<u8> = string.call_method1("encode", ("utf-16-le", "surrogatepass"))?.extract()?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Ok(Some(Text::Mended(String::from_utf16_lossy(&units))))
}

/// Each item of an iterable, with faults that name its row and the field.
pub(super) fn rows<T, E: Into<RowFault>>(
    items: &Bound<'_, PyAny>,
    field: &str,
    convert: impl Fn(&Bound<'_, PyAny>) -> Result<T, E>,
) -> PyResult<Vec<T>> {
    let mut converted = Vec::with_capacity(items.len().unwrap_or(0));
    for (row, item) in items.try_iter()?.enumerate() {
        converted.push(convert(&item?).map_err(|fault| fault.into().raise(row, field))?);
    }
    Ok(converted)
}

/// A fault of one row, or an exception that Python raised on the way.
pub(super) enum RowFault {
    Fault(Fault),
    Raised(PyErr),
}

impl RowFault {
    fn raise(self, row: usize, field: &str) -> PyErr {
        match self {
            Self::Fault(fault) => fault.on_row(row).raise(field),
            Self::Raised(error) => error,
        }
    }
}

impl From<Fault> for RowFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<PyErr> for RowFault {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

type Result<T, E = RowFault> = std::result::Result<T, E>;

fn fault<T>(what: impl Into<String>) -> Result<T> {
    Err(RowFault::Fault(Fault::new(what)))
}

fn inside<T>(result: Result<T>, step: impl std::fmt::Display) -> Result<T> {
    result.map_err(|error| match error {
        RowFault::Fault(fault) => RowFault::Fault(fault.inside(step)),
        raised @ RowFault::Raised(_) => raised,
    })
}

fn type_name(item: &Bound<'_, PyAny>) -> String {
    item.get_type().name().map_or_else(|_| "an object".into(), |name| name.to_string())
}

/// Every string of an iterable of strings.
pub(super) fn texts(items: &Bound<'_, PyAny>, field: &str) -> PyResult<Vec<Text>> {
    rows(items, field, string)
}

fn string(item: &Bound<'_, PyAny>) -> Result<Text> {
    match text(item)? {
        Some(text) => Ok(text),
        None => fault(format!("expected a str, not {}", type_name(item))),
    }
}

/// A string, or every string of an iterable.
pub(super) fn strings(item: &Bound<'_, PyAny>) -> Result<Vec<Text>> {
    if let Some(text) = text(item)? {
        return Ok(vec![text]);
    }
    let Ok(items) = item.try_iter() else {
        return fault(format!("expected a list of str, not {}", type_name(item)));
    };
    items.enumerate().map(|(i, item)| inside(string(&item?), format_args!("[{i}]"))).collect()
}

/// The names of each row's tools; rows that share a Python object share a set.
pub(super) struct Toolboxes {
    distinct: Vec<Tools>,
    rows: Vec<Option<usize>>,
}

impl Toolboxes {
    pub(super) fn none() -> Self {
        Self { distinct: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn new(tools: Option<&Bound<'_, PyAny>>, len: usize) -> PyResult<Self> {
        let Some(tools) = tools else {
            return Ok(Self::none());
        };
        let items: Vec<Bound<'_, PyAny>> = tools.try_iter()?.collect::<PyResult<_>>()?;
        if items.len() != len {
            return Err(Fault::new(format!("{len} rows but {} lists of tools", items.len())).raise("tools"));
        }
        let mut seen = HashMap::new();
        let mut boxes = Self { distinct: Vec::new(), rows: Vec::with_capacity(len) };
        for (row, item) in items.iter().enumerate() {
            if item.is_none() {
                boxes.rows.push(None);
                continue;
            }
            let known = seen.get(&item.as_ptr()).copied();
            let place = if let Some(place) = known {
                place
            } else {
                let names = strings(item).map_err(|fault| fault.raise(row, "tools"))?;
                boxes.distinct.push(names.iter().map(|name| name.as_str().to_owned()).collect());
                seen.insert(item.as_ptr(), boxes.distinct.len() - 1);
                boxes.distinct.len() - 1
            };
            boxes.rows.push(Some(place));
        }
        Ok(boxes)
    }

    pub(super) fn of(&self, row: usize) -> Option<&Tools> {
        self.rows.get(row).copied().flatten().map(|place| &self.distinct[place])
    }
}

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
    let py = item.py();
    let calls = calls_of(item)?;
    let (items, step) = match &calls {
        Some(calls) => (calls, ".calls"),
        None => (item, ""),
    };
    let Ok(items) = items.try_iter() else {
        return fault(format!("expected a trajectory or a list of calls, not {}", type_name(item)));
    };
    let at = |(i, call): (usize, PyResult<Bound<'_, PyAny>>)| {
        inside(attempt(py, &call?), format_args!("{step}[{i}]"))
    };
    items.enumerate().map(at).collect()
}

/// A call: an object with `name` and `arguments` (and a `status`), or a mapping of these.
fn attempt(py: Python<'_>, item: &Bound<'_, PyAny>) -> Result<Attempt> {
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
    let call = match item.cast::<PyDict>() {
        Ok(dict) => call_of_dict(dict)?,
        Err(_) => call_of_attributes(py, item)?,
    };
    Ok(Attempt { status, call: Some(call), span: 0..0, reason: None })
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
        _ => inside(fault(format!("expected a mapping, not {}", type_name(&arguments))), ".arguments"),
    }
}

/// A JSON value: None, bool, int, finite float, str, list or tuple, mapping with str keys.
fn value_of(item: &Bound<'_, PyAny>, depth: usize) -> Result<Value> {
    if depth > Dialect::STRICT.max_depth {
        return fault("nested too deeply");
    }
    if let Some(text) = text(item)? {
        return Ok(Value::String(text.as_str().to_owned()));
    }
    if item.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = item.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(int) = item.cast::<PyInt>() {
        return integer(int);
    }
    if let Ok(float) = item.cast::<PyFloat>() {
        let float = float.value();
        return if float.is_finite() {
            Ok(Value::Number(Number::Float(float)))
        } else {
            fault("not a finite number")
        };
    }
    if let Ok(dict) = item.cast::<PyDict>() {
        return entries(dict.iter(), dict.len(), depth);
    }
    if item.is_instance_of::<PyList>() || item.is_instance_of::<PyTuple>() {
        let at = |(i, item): (usize, PyResult<Bound<'_, PyAny>>)| {
            inside(value_of(&item?, depth + 1), format_args!("[{i}]"))
        };
        return Ok(Value::Array(item.try_iter()?.enumerate().map(at).collect::<Result<_>>()?));
    }
    if let Ok(mapping) = item.cast::<PyMapping>() {
        let pairs: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)> = mapping.items()?.extract()?;
        return entries(pairs.into_iter(), 0, depth);
    }
    fault(format!("not a JSON value: {}", type_name(item)))
}

fn entries<'py>(
    pairs: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    len: usize,
    depth: usize,
) -> Result<Value> {
    let mut entries = Vec::with_capacity(len);
    for (key, value) in pairs {
        let key = string(&key)?.as_str().to_owned();
        let value = inside(value_of(&value, depth + 1), format_args!(".{key}"))?;
        entries.push((key, value));
    }
    Ok(Value::Object(Object::from_entries(entries)))
}

fn integer(int: &Bound<'_, PyInt>) -> Result<Value> {
    if let Ok(small) = int.extract() {
        return Ok(Value::Number(Number::Int(small)));
    }
    match int.call_method0("__str__").and_then(|digits| digits.extract::<String>()) {
        Ok(digits) => Ok(Value::Number(Number::Big(digits.into()))),
        Err(_) => fault("an integer of more than 4300 digits"),
    }
}

/// The Python value of a JSON value: `int`s exact, other numbers `float`.
pub(super) fn value_to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Value::Number(Number::Int(int)) => int.into_pyobject(py)?.into_any(),
        Value::Number(Number::Big(digits)) => py.get_type::<PyInt>().call1((&**digits,))?,
        Value::Number(Number::Float(float)) => PyFloat::new(py, *float).into_any(),
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items = items.iter().map(|item| value_to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Object(object) => {
            let dict = PyDict::new(py);
            for (key, value) in object.entries() {
                dict.set_item(key, value_to_python(py, value)?)?;
            }
            dict.into_any()
        }
    })
}
