//! JSON values out of Python objects and back.

use super::text::{Result, fault, inside, string, text, type_name};
use mentor_trajectory::json::{Dialect, Number, Object, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use std::collections::HashMap;

/// A JSON value: None, bool, int, finite float, str, list or tuple, mapping with str keys.
pub(super) fn value_of(item: &Bound<'_, PyAny>, depth: usize) -> Result<Value> {
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
    Keys::new(py).value(value)
}

/// More keys than this are not kept.
const MAX_KEYS: usize = 4_096;

/// Makes Python values, and each key and name once: they repeat from call to call.
pub(super) struct Keys<'py> {
    py: Python<'py>,
    known: HashMap<String, Bound<'py, PyString>>,
}

impl<'py> Keys<'py> {
    pub(super) fn new(py: Python<'py>) -> Self {
        Self { py, known: HashMap::new() }
    }

    /// The string of a key or name.
    pub(super) fn get(&mut self, key: &str) -> Bound<'py, PyString> {
        if let Some(string) = self.known.get(key) {
            return string.clone();
        }
        let string = PyString::new(self.py, key);
        if self.known.len() < MAX_KEYS {
            self.known.insert(key.to_owned(), string.clone());
        }
        string
    }

    /// The dictionary of an object.
    pub(super) fn dict(&mut self, object: &Object) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        for (key, value) in object.entries() {
            dict.set_item(self.get(key), self.value(value)?)?;
        }
        Ok(dict)
    }

    /// The value of a JSON value.
    pub(super) fn value(&mut self, value: &Value) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match value {
            Value::Null => py.None().into_bound(py),
            Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
            Value::Number(Number::Int(int)) => int.into_pyobject(py)?.into_any(),
            Value::Number(Number::Big(digits)) => py.get_type::<PyInt>().call1((&**digits,))?,
            Value::Number(Number::Float(float)) => PyFloat::new(py, *float).into_any(),
            Value::String(text) => PyString::new(py, text).into_any(),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<PyResult<Vec<_>>>()?;
                PyList::new(py, items)?.into_any()
            }
            Value::Object(object) => self.dict(object)?.into_any(),
        })
    }
}
