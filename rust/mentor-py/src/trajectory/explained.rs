//! Explanations as Python tuples, which `mentor.align.explain` makes its data classes of.

use super::value::value_to_python;
use mentor_trajectory::align::flow::{Detail, Reached};
use mentor_trajectory::align::{Compiled, Explanation, Outcome, Pair, Prepared, References, Why};
use mentor_trajectory::json::Object;
use mentor_trajectory::parse::{Call, Status};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// A call: its name and arguments; `None` for what is no call.
type Shown<'py> = Option<(String, Bound<'py, PyDict>)>;
/// The calls of a student, and of each of its references.
pub(super) type Sides<'py> = (Vec<Shown<'py>>, Vec<Vec<Shown<'py>>>);

/// `(score, reference, pairs, missing, extra, banded, flow)`
pub(super) fn explained<'py>(
    py: Python<'py>,
    student: &Prepared,
    references: &References,
    found: &Explanation,
) -> PyResult<Bound<'py, PyTuple>> {
    let recording = references.recordings().nth(found.reference);
    let teachers: Vec<&Call> = recording.into_iter().flat_map(|r| r.calls.iter().map(|c| &c.call)).collect();
    let pair = |pair: &Pair| {
        let mine = student.attempts()[pair.student].call.as_ref();
        self::pair(py, pair, mine.map(|call| &call.arguments), &teachers[pair.teacher].arguments)
    };
    let pairs = found.pairs.iter().map(pair).collect::<PyResult<Vec<_>>>()?;
    let results: Vec<_> = recording.into_iter().flat_map(|r| r.calls.iter().map(|c| &c.outcome)).collect();
    let returned = results.iter().map(|outcome| self::outcome(py, outcome)).collect::<PyResult<Vec<_>>>()?;
    let mine = student.steps();
    let mine = mine.iter().map(|step| outcome(py, step.outcome)).collect::<PyResult<Vec<_>>>()?;
    let flow = found.flow.as_ref().map(|detail| flow(py, detail)).transpose()?;
    let sides = (
        student.attempts().iter().map(|attempt| attempt_shown(py, attempt)).collect::<PyResult<Vec<_>>>()?,
        teachers.iter().map(|call| shown(py, call)).collect::<PyResult<Vec<_>>>()?,
        mine,
        returned,
    );
    (found.score, found.reference, sides, pairs, &found.missing, &found.extra, found.banded, flow)
        .into_pyobject(py)
}

/// `(student, teacher, similarity, [(parameter, why, agreement, student's value, teacher's value)])`; values in a
/// list of one, or none.
fn pair<'py>(
    py: Python<'py>,
    pair: &Pair,
    student: Option<&Object>,
    teacher: &Object,
) -> PyResult<Bound<'py, PyTuple>> {
    let value = |object: Option<&Object>, name: &str| -> PyResult<Vec<Bound<'py, PyAny>>> {
        let value = object.and_then(|object| object.get(name));
        value.into_iter().map(|value| value_to_python(py, value)).collect()
    };
    let argument = |(name, why): &(String, Why)| -> PyResult<Bound<'py, PyTuple>> {
        let (word, agreement) = word(*why);
        (name, word, agreement, value(student, name)?, value(Some(teacher), name)?).into_pyobject(py)
    };
    let arguments = pair.arguments.iter().map(argument).collect::<PyResult<Vec<_>>>()?;
    (pair.student, pair.teacher, pair.similarity, arguments).into_pyobject(py)
}

fn word(why: Why) -> (&'static str, f64) {
    match why {
        Why::Same => ("same", 1.0),
        Why::Provenance => ("provenance", 1.0),
        Why::Similar(agreement) => ("similar", agreement),
        Why::Different => ("different", 0.0),
        Why::Missing => ("missing", 0.0),
        Why::Extra => ("extra", 0.0),
        Why::Given(agreement) => ("given", agreement),
    }
}

/// What `flow` found, by name.
fn flow<'py>(py: Python<'py>, detail: &Detail) -> PyResult<Bound<'py, PyDict>> {
    let reached = |reached: &Reached| match *reached {
        Reached::No => ("no", None),
        Reached::By(student) => ("by", Some(student)),
        Reached::Covered => ("covered", None),
    };
    let dict = PyDict::new(py);
    dict.set_item("precision", detail.precision)?;
    dict.set_item("recall", detail.recall)?;
    dict.set_item("late", &detail.late)?;
    dict.set_item("reached", detail.reached.iter().map(reached).collect::<Vec<_>>())?;
    dict.set_item("teacher_credit", &detail.teacher_credit)?;
    dict.set_item("teacher_weight", &detail.teacher_weight)?;
    dict.set_item("student_credit", &detail.student_credit)?;
    dict.set_item("grounded", &detail.grounded)?;
    Ok(dict)
}

/// A result in a list of one; `"failed"`; or nothing.
fn outcome<'py>(py: Python<'py>, outcome: &Outcome) -> PyResult<(&'static str, Vec<Bound<'py, PyAny>>)> {
    Ok(match outcome {
        Outcome::Unknown => ("unknown", Vec::new()),
        Outcome::Failed => ("failed", Vec::new()),
        Outcome::Value(value) => ("value", vec![value_to_python(py, value)?]),
    })
}

fn attempt_shown<'py>(py: Python<'py>, attempt: &mentor_trajectory::parse::Attempt) -> PyResult<Shown<'py>> {
    match &attempt.call {
        Some(call) if attempt.status == Status::Valid => shown(py, call),
        _ => Ok(None),
    }
}

fn shown<'py>(py: Python<'py>, call: &Call) -> PyResult<Shown<'py>> {
    let arguments = PyDict::new(py);
    for (key, value) in call.arguments.entries() {
        arguments.set_item(key, value_to_python(py, value)?)?;
    }
    Ok(Some((call.name.clone(), arguments)))
}

/// The calls of a student and of each of its references.
pub(super) fn sides<'py>(
    py: Python<'py>,
    student: Option<&Prepared>,
    references: &Compiled,
) -> PyResult<Sides<'py>> {
    let Some(student) = student else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mine =
        student.attempts().iter().map(|attempt| attempt_shown(py, attempt)).collect::<PyResult<_>>()?;
    let recordings = references.of(student.row()).recordings();
    let theirs = recordings.map(|r| r.calls.iter().map(|c| shown(py, &c.call)).collect::<PyResult<_>>());
    Ok((mine, theirs.collect::<PyResult<_>>()?))
}
