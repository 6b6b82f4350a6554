//! What is wrong with a batch, raised as `mentor.errors.ScoreError` with row and field.

use crate::errors::exception;
use pyo3::prelude::*;
use std::fmt::Display;

/// Something that cannot be scored.
pub(super) struct Fault {
    row: Option<usize>,
    path: String,
    what: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { row: None, path: String::new(), what: what.into() }
    }

    pub(super) fn at_row(row: usize, path: String, what: String) -> Self {
        Self { row: Some(row), path, what }
    }

    /// The same fault, of a known row.
    pub(super) fn on_row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// The same fault seen from one level further out.
    pub(super) fn inside(mut self, step: impl Display) -> Self {
        self.path.insert_str(0, &step.to_string());
        self
    }

    /// What is wrong, and where in its object.
    pub(super) fn text(&self) -> String {
        let path = self.path.trim_start_matches('.');
        if path.is_empty() { self.what.clone() } else { format!("{path}: {}", self.what) }
    }

    /// The exception: `row 3, field 'references[0].calls[1]': ...`.
    pub(super) fn raise(self, field: &str) -> PyErr {
        let row = self.row.map_or_else(String::new, |row| format!("row {row}, "));
        let message = format!("{row}field '{field}{}': {}", self.path, self.what);
        Python::attach(|py| score_error(py, message))
    }
}

/// A setting that is not known.
pub(super) fn invalid(py: Python<'_>, error: &dyn Display) -> PyErr {
    score_error(py, error.to_string())
}

fn score_error(py: Python<'_>, message: String) -> PyErr {
    exception(py, "ScoreError", message)
}
