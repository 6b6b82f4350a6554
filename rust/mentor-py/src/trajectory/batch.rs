//! Students and references of a batch, taken out of Python.

use super::calls::{Given, Reference, given, reference};
use super::fault::Fault;
use super::text::rows;
use super::tools::Toolboxes;
use mentor_trajectory::align::{Compiled, Needs, Source};
use mentor_trajectory::reward::{Answer, Row};
use pyo3::prelude::*;

/// Students and references of a batch, taken out of Python.
pub(super) struct Batch {
    pub(super) students: Vec<Given>,
    references: Vec<Reference>,
}

impl Batch {
    pub(super) fn new(
        students: &Bound<'_, PyAny>,
        references: &Bound<'_, PyAny>,
        needs: Needs,
    ) -> PyResult<Self> {
        let students = rows(students, "students", |item| given(item, needs.flow))?;
        let references = rows(references, "references", |item| reference(item, needs.flow))?;
        if students.len() != references.len() {
            let message = format!("{} students but {} rows of references", students.len(), references.len());
            return Err(Fault::new(message).raise("references"));
        }
        Ok(Self { students, references })
    }

    pub(super) fn compile(&self, needs: Needs) -> Result<Compiled, Fault> {
        let sources: Vec<Source<'_>> = self.references.iter().map(Reference::source).collect();
        Compiled::new(&sources, needs).map_err(|fault| Fault::at_row(fault.row, fault.path, fault.what))
    }

    pub(super) fn rows<'a>(
        &'a self,
        answers: &[Answer],
        tools: &'a Toolboxes,
        aligned: Option<&[f64]>,
    ) -> Vec<Row<'a>> {
        let row = |(place, student): (usize, &'a Given)| Row {
            student: student.student(),
            answer: answers[place],
            tools: tools.of(place),
            aligned: aligned.map(|scores| scores[place]),
        };
        self.students.iter().enumerate().map(row).collect()
    }
}
