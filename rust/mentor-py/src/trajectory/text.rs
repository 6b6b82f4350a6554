//! Strings and iterables of them, with faults that name row and field.

use super::fault::Fault;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;

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
    pub(super) fn raise(self, row: usize, field: &str) -> PyErr {
        match self {
            Self::Fault(fault) => fault.on_row(row).raise(field),
            Self::Raised(error) => error,
        }
    }

    /// The exception of something that no row has to itself.
    pub(super) fn raise_alone(self, field: &str) -> PyErr {
        match self {
            Self::Fault(fault) => fault.raise(field),
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

pub(super) type Result<T, E = RowFault> = std::result::Result<T, E>;

pub(super) fn fault<T>(what: impl Into<String>) -> Result<T> {
    Err(RowFault::Fault(Fault::new(what)))
}

pub(super) fn inside<T>(result: Result<T>, step: impl std::fmt::Display) -> Result<T> {
    result.map_err(|error| match error {
        RowFault::Fault(fault) => RowFault::Fault(fault.inside(step)),
        raised @ RowFault::Raised(_) => raised,
    })
}

pub(super) fn type_name(item: &Bound<'_, PyAny>) -> String {
    item.get_type().name().map_or_else(|_| "an object".into(), |name| name.to_string())
}

/// Every string of an iterable of strings.
pub(super) fn texts(items: &Bound<'_, PyAny>, field: &str) -> PyResult<Vec<Text>> {
    rows(items, field, string)
}

pub(super) fn string(item: &Bound<'_, PyAny>) -> Result<Text> {
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
