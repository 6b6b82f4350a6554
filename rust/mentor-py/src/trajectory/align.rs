//! Alignment: batches, references and students that are kept, and explanations.

use super::calls::{Given, Reference, given, reference};
use super::explained::explained;
use super::fault::{Fault, invalid};
use super::settings::settings;
use super::text::rows;
use mentor_trajectory::align::flow::Context;
use mentor_trajectory::align::{
    Compiled, Entry, Needs, Prepared, Settings, Source, prepare_batch, score_batch, score_prepared,
    similarity_of_counts,
};
use mentor_trajectory::parse::Format;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<References>()?;
    m.add_class::<Students>()?;
    m.add_function(wrap_pyfunction!(align_calls, m)?)?;
    m.add_function(wrap_pyfunction!(distribution_similarity, m)?)
}

/// Similarities computed in Python: a flat list for each student and each of its references.
type Matrices = Vec<Vec<Vec<f64>>>;

/// The alignment of each student with the best of its references; NaN without references.
#[pyfunction]
#[pyo3(signature = (students, references, *, settings, format))]
fn align_calls<'py>(
    py: Python<'py>,
    students: &Bound<'py, PyAny>,
    references: &Bound<'py, PyAny>,
    settings: &Bound<'py, PyDict>,
    format: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let settings = self::settings(settings)?;
    let format = format.parse().map_err(|e| invalid(py, &e))?;
    let needs = Needs::of(&settings, false);
    let students = rows(students, "students", |item| given(item, needs.flow))?;
    let references = rows(references, "references", |item| reference(item, needs.flow))?;
    if students.len() != references.len() {
        let message = format!("{} students but {} rows of references", students.len(), references.len());
        return Err(Fault::new(message).raise("references"));
    }
    let scores = py.detach(|| {
        let compiled = compile(&references, &[], needs)?;
        let entries: Vec<Entry<'_>> = students.iter().enumerate().map(|(row, s)| s.entry(row)).collect();
        Ok(score_batch(&settings, format, &entries, &compiled, &[]))
    });
    Ok(PyArray1::from_vec(py, scores.map_err(|fault: Fault| fault.raise("references"))?))
}

fn compile(references: &[Reference], contexts: &[Context], needs: Needs) -> Result<Compiled, Fault> {
    let sources: Vec<Source<'_>> = references.iter().map(Reference::source).collect();
    Compiled::with_contexts(&sources, contexts, needs)
        .map_err(|fault| Fault::at_row(fault.row, fault.path, fault.what))
}

/// The similarity of two distributions given as counts of the same tools.
#[pyfunction]
#[allow(clippy::needless_pass_by_value, reason = "how lists are taken out of Python")]
fn distribution_similarity(a: Vec<u64>, b: Vec<u64>) -> f64 {
    similarity_of_counts(&a, &b)
}

/// The references of some rows, compiled for every metric.
#[pyclass(frozen, module = "mentor._native")]
pub(super) struct References {
    compiled: Arc<Compiled>,
}

#[pymethods]
impl References {
    #[new]
    fn new(
        py: Python<'_>,
        references: &Bound<'_, PyAny>,
        contexts: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let references = rows(references, "references", |item| reference(item, true))?;
        let contexts = match contexts {
            None => Vec::new(),
            Some(contexts) => {
                contexts.try_iter()?.map(|item| context(&item?)).collect::<PyResult<Vec<_>>>()?
            }
        };
        if !contexts.is_empty() && contexts.len() != references.len() {
            let message = format!("{} rows of references but {}", references.len(), contexts.len());
            return Err(Fault::new(message).raise("tasks"));
        }
        let compiled = py.detach(|| compile(&references, &contexts, Needs::ALL));
        let compiled = compiled.map_err(|fault| fault.raise("references"))?;
        Ok(Self { compiled: Arc::new(compiled) })
    }

    fn __len__(&self) -> usize {
        self.compiled.len()
    }

    /// Raises if a reference calls a tool that is none of these.
    #[allow(clippy::needless_pass_by_value, reason = "how sets are taken out of Python")]
    fn check_tools(&self, names: HashSet<String>) -> PyResult<()> {
        for row in 0..self.compiled.len() {
            for (reference, recording) in self.compiled.of(row).recordings().enumerate() {
                let unknown =
                    recording.calls.iter().position(|recorded| !names.contains(&recorded.call.name));
                if let Some(place) = unknown {
                    let what = format!("no tool named {:?} is offered", recording.calls[place].call.name);
                    return Err(
                        Fault::at_row(row, format!("[{reference}][{place}]"), what).raise("references")
                    );
                }
            }
        }
        Ok(())
    }

    /// Reads students against the rows that they belong to.
    fn read(
        &self,
        py: Python<'_>,
        students: &Bound<'_, PyAny>,
        rows: Option<Vec<usize>>,
        format: &str,
    ) -> PyResult<Students> {
        let format: Format = format.parse().map_err(|e| invalid(py, &e))?;
        let students = super::text::rows(students, "students", |item| given(item, true))?;
        let rows = self.check_rows(rows, students.len())?;
        let read = py.detach(|| prepare_batch(format, &entries(&students, &rows), &self.compiled));
        Ok(Students { references: Arc::clone(&self.compiled), students: read })
    }

    /// Scores students without keeping them.
    fn score<'py>(
        &self,
        py: Python<'py>,
        students: &Bound<'py, PyAny>,
        rows: Option<Vec<usize>>,
        settings: &Bound<'py, PyDict>,
        format: &str,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let settings = self::settings(settings)?;
        let format: Format = format.parse().map_err(|e| invalid(py, &e))?;
        let students = super::text::rows(students, "students", |item| given(item, true))?;
        let rows = self.check_rows(rows, students.len())?;
        let scores =
            py.detach(|| score_batch(&settings, format, &entries(&students, &rows), &self.compiled, &[]));
        Ok(PyArray1::from_vec(py, scores))
    }
}

impl References {
    /// The row of each student: as said, or each its own.
    fn check_rows(&self, rows: Option<Vec<usize>>, students: usize) -> PyResult<Vec<usize>> {
        let all = self.compiled.len();
        let rows = rows.unwrap_or_else(|| (0..all).collect());
        if rows.len() != students {
            return Err(Fault::new(format!("{students} students but {} rows", rows.len())).raise("rows"));
        }
        match rows.iter().position(|&row| row >= all) {
            None => Ok(rows),
            Some(place) => {
                let what = format!("row {} of {all} rows of references", rows[place]);
                Err(Fault::new(what).on_row(place).raise("rows"))
            }
        }
    }
}

fn entries<'a>(students: &'a [Given], rows: &[usize]) -> Vec<Entry<'a>> {
    students.iter().zip(rows).map(|(student, &row)| student.entry(row)).collect()
}

/// `(task, commutative parameters by tool, tools with effects, order of each reference)`
fn context(item: &Bound<'_, PyAny>) -> PyResult<Context> {
    let (task, commutative, effects, order) = item.extract()?;
    Ok(Context { task, commutative, effects, order })
}

/// Students read against references, to be scored as often as wanted.
#[pyclass(frozen, module = "mentor._native")]
pub(super) struct Students {
    references: Arc<Compiled>,
    students: Vec<Option<Prepared>>,
}

#[pymethods]
impl Students {
    fn __len__(&self) -> usize {
        self.students.len()
    }

    /// The scores; `matrices` are similarities computed in Python.
    fn score<'py>(
        &self,
        py: Python<'py>,
        settings: &Bound<'py, PyDict>,
        matrices: Option<Matrices>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (settings, matrices) = self.asked(settings, matrices)?;
        let scores = py.detach(|| score_prepared(&settings, &self.students, &self.references, &matrices));
        Ok(PyArray1::from_vec(py, scores))
    }

    /// Why one student's score is what it is; `None` for one without calls or references.
    fn explain<'py>(
        &self,
        py: Python<'py>,
        student: usize,
        settings: &Bound<'py, PyDict>,
        matrices: Option<Matrices>,
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let (settings, matrices) = self.asked(settings, matrices)?;
        let Some(Some(prepared)) = self.students.get(student) else {
            return Ok(None);
        };
        let references = self.references.of(prepared.row());
        let given = matrices.get(student).map_or(&[][..], Vec::as_slice);
        let steps = prepared.steps();
        let found = py.detach(|| references.explain(&settings, prepared.student(), &steps, given));
        found.map(|found| explained(py, prepared, references, &found)).transpose()
    }

    /// The calls of each student, `(name, arguments)` or `None` for what is no call, and of each of its references.
    fn calls<'py>(&self, py: Python<'py>) -> PyResult<Vec<super::explained::Sides<'py>>> {
        let sides =
            |student: &Option<Prepared>| super::explained::sides(py, student.as_ref(), &self.references);
        self.students.iter().map(sides).collect()
    }
}

impl Students {
    /// The settings, and the matrices if there is one of the right size for each pair.
    fn asked(
        &self,
        settings: &Bound<'_, PyDict>,
        matrices: Option<Matrices>,
    ) -> PyResult<(Settings, Matrices)> {
        let settings = self::settings(settings)?;
        let matrices = matrices.unwrap_or_default();
        for (row, (student, given)) in self.students.iter().zip(&matrices).enumerate() {
            let Some(student) = student else { continue };
            for (reference, (recording, matrix)) in
                self.references.of(student.row()).recordings().zip(given).enumerate()
            {
                let expected = student.attempts().len() * recording.calls.len();
                if matrix.len() != expected {
                    let what = format!("{} similarities for {expected} pairs of calls", matrix.len());
                    return Err(Fault::new(what).on_row(row).raise(&format!("matrices[{reference}]")));
                }
            }
        }
        Ok((settings, matrices))
    }
}
