//! The exceptions of `mentor.errors`, raised from native code.

use pyo3::prelude::*;

/// An exception of the named class; whatever keeps it from being made, where it cannot be.
pub(crate) fn exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    let made = py.import("mentor.errors").and_then(|errors| errors.getattr(class)?.call1((message,)));
    made.map_or_else(|error| error, PyErr::from_value)
}
