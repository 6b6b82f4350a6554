//! Alignment of a batch.

use super::batch::Batch;
use super::fault::{Fault, invalid};
use super::tools::Toolboxes;
use mentor_trajectory::align;
use mentor_trajectory::reward::{Answer, Formula, Settings, Validity, align_batch};
use numpy::PyArray1;
use pyo3::prelude::*;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(align_calls, m)?)
}

/// The alignment of each student with the best of its references; NaN without references.
#[pyfunction]
#[pyo3(signature = (students, references, *, metric, matching, arguments, count_invalid, format))]
#[allow(clippy::too_many_arguments, reason = "the names of a keyword-only Python signature")]
fn align_calls<'py>(
    py: Python<'py>,
    students: &Bound<'py, PyAny>,
    references: &Bound<'py, PyAny>,
    metric: &str,
    matching: &str,
    arguments: &str,
    count_invalid: bool,
    format: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let align = align::Settings::from_names(metric, matching, arguments, count_invalid)
        .map_err(|e| invalid(py, &e))?;
    let format = format.parse().map_err(|e| invalid(py, &e))?;
    let settings = Settings { format, align, validity: Validity::All, formula: Formula::Strict };
    let batch = Batch::new(students, references)?;
    let tools = Toolboxes::none();
    let scores = py.detach(|| {
        let compiled = batch.compile(align.arguments)?;
        let answers = vec![Answer::Undecided; batch.students.len()];
        Ok(align_batch(&settings, &batch.rows(&answers, &tools), &compiled))
    });
    Ok(PyArray1::from_vec(py, scores.map_err(|fault: Fault| fault.raise("references"))?))
}
