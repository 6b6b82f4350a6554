//! The answer judge: a policy by its fields, batches of pairs, one pair explained.

use super::fault::Fault;
use super::text::{Text, rows, strings, text};
use crate::errors::exception;
use mentor_answer::policy::{PRESETS, Policy};
use mentor_answer::{Decision, Judge, Normal, Reading, forget, judge};
use mentor_trajectory::pool;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::fmt::Display;
use std::str::FromStr;

/// A byte of an answer costs about this many bytes' reading of other texts.
const WEIGHT: usize = 64;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("JUDGE_PRESETS", PRESETS)?;
    m.add_class::<AnswerJudge>()?;
    m.add_function(wrap_pyfunction!(judge_policy, m)?)?;
    m.add_function(wrap_pyfunction!(forget_verdicts, m)?)
}

/// A judge of one policy.
#[pyclass(frozen, module = "mentor._native")]
struct AnswerJudge {
    judge: Judge,
}

/// A pair that was not decided: row, place of the reference, both normal texts.
type Open = (usize, usize, String, String);

#[pymethods]
impl AnswerJudge {
    #[new]
    fn new(py: Python<'_>, policy: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self { judge: Judge::new(from_fields(py, policy)?) })
    }

    /// Per row whether any reference agrees, and the pairs that were not decided where none does.
    fn verify(
        &self,
        py: Python<'_>,
        answers: &Bound<'_, PyAny>,
        references: &Bound<'_, PyAny>,
    ) -> PyResult<(Vec<Option<bool>>, Vec<Open>)> {
        let answers = rows(answers, "answers", optional)?;
        let references = rows(references, "references", accepted)?;
        if answers.len() != references.len() {
            let message = format!("{} answers but {} references", answers.len(), references.len());
            return Err(Fault::new(message).raise("references"));
        }
        let pairs: Vec<(Option<Text>, Vec<Text>)> = answers.into_iter().zip(references).collect();
        let size = |(answer, accepted): &(Option<Text>, Vec<Text>)| {
            let length = answer.as_ref().map_or(0, |text| text.as_str().len());
            accepted.iter().map(|text| text.as_str().len() + length).sum::<usize>()
        };
        let weight = pairs.iter().map(size).sum::<usize>().saturating_mul(WEIGHT);
        let judged = py.detach(|| {
            pool::map(&pairs, weight, |row, (answer, accepted)| self.row(row, answer.as_ref(), accepted))
        });
        let mut open = Vec::new();
        let verdicts = judged
            .into_iter()
            .map(|(verdict, mut pairs)| {
                open.append(&mut pairs);
                verdict
            })
            .collect();
        Ok((verdicts, open))
    }

    /// `(decision, reason, answer, kind, reference, kind)`: how a pair is judged and how each side is read.
    fn explain(
        &self,
        py: Python<'_>,
        answer: &Bound<'_, PyAny>,
        reference: &Bound<'_, PyAny>,
    ) -> PyResult<(String, &'static str, String, &'static str, String, &'static str)> {
        let read = |item: &Bound<'_, PyAny>, field: &str| {
            text(item)?.ok_or_else(|| Fault::new("expected a str").raise(field))
        };
        let (answer, reference) = (read(answer, "answer")?, read(reference, "reference")?);
        let (verdict, x, y) = py.detach(|| {
            let (x, y) = (Reading::new(answer.as_str()), Reading::new(reference.as_str()));
            (judge(self.judge.policy(), &x, &y), x, y)
        });
        let decision = verdict.decision.to_string();
        Ok((decision, verdict.reason, x.text().to_owned(), x.kind(), y.text().to_owned(), y.kind()))
    }
}

impl AnswerJudge {
    fn row(&self, row: usize, answer: Option<&Text>, accepted: &[Text]) -> (Option<bool>, Vec<Open>) {
        let Some(answer) = answer else { return (Some(false), Vec::new()) };
        let mut open = Vec::new();
        for (place, reference) in accepted.iter().enumerate() {
            match self.judge.decide(answer.as_str(), reference.as_str()).decision {
                Decision::Equal => return (Some(true), Vec::new()),
                Decision::Different => {}
                Decision::Undecided => {
                    let normal = |text: &Text| Normal::new(text.as_str()).text().to_owned();
                    open.push((row, place, normal(answer), normal(reference)));
                }
            }
        }
        (open.is_empty().then_some(false), open)
    }
}

/// A text, or `None` for no answer.
fn optional(item: &Bound<'_, PyAny>) -> Result<Option<Text>, super::text::RowFault> {
    if item.is_none() {
        return Ok(None);
    }
    match text(item)? {
        Some(text) => Ok(Some(text)),
        None => Err(Fault::new(format!("expected a str or None, not {}", item.get_type().name()?)).into()),
    }
}

/// The accepted answers of a row: a text or several, at least one.
fn accepted(item: &Bound<'_, PyAny>) -> Result<Vec<Text>, super::text::RowFault> {
    let accepted = strings(item)?;
    if accepted.is_empty() {
        return Err(Fault::new("expected a str or a list of str, not an empty list").into());
    }
    Ok(accepted)
}

/// The fields of a preset.
#[pyfunction]
fn judge_policy<'py>(py: Python<'py>, preset: &str) -> PyResult<Bound<'py, PyDict>> {
    let policy = Policy::preset(preset).ok_or_else(|| {
        let known = PRESETS.join(", ");
        exception(py, "JudgeError", format!("policy: no preset {preset:?}; there are {known}"))
    })?;
    let fields = PyDict::new(py);
    fields.set_item("percent", policy.percent.name())?;
    fields.set_item("units", policy.units.name())?;
    fields.set_item("assignment", policy.assignment)?;
    fields.set_item("ignore_names", policy.ignore_names)?;
    fields.set_item("ordered_lists", policy.ordered_lists)?;
    fields.set_item("ordered_tuples", policy.ordered_tuples)?;
    fields.set_item("fold_text", policy.fold_text)?;
    fields.set_item("fold_variables", policy.fold_variables)?;
    fields.set_item("ratios", policy.ratios.name())?;
    fields.set_item("bases", policy.bases.name())?;
    fields.set_item("outward_brackets", policy.outward_brackets)?;
    fields.set_item("digits", policy.digits)?;
    fields.set_item("tolerance", policy.tolerance)?;
    fields.set_item("prose", policy.prose.name())?;
    fields.set_item("domain", policy.domain.name())?;
    Ok(fields)
}

fn from_fields(py: Python<'_>, fields: &Bound<'_, PyDict>) -> PyResult<Policy> {
    let policy = Policy {
        percent: named(fields, "percent")?,
        units: named(fields, "units")?,
        assignment: field(fields, "assignment")?,
        ignore_names: field(fields, "ignore_names")?,
        ordered_lists: field(fields, "ordered_lists")?,
        ordered_tuples: field(fields, "ordered_tuples")?,
        fold_text: field(fields, "fold_text")?,
        fold_variables: field(fields, "fold_variables")?,
        ratios: named(fields, "ratios")?,
        bases: named(fields, "bases")?,
        outward_brackets: field(fields, "outward_brackets")?,
        digits: field(fields, "digits")?,
        tolerance: field(fields, "tolerance")?,
        prose: named(fields, "prose")?,
        domain: named(fields, "domain")?,
    };
    if !(1..=100).contains(&policy.digits) {
        return Err(exception(
            py,
            "JudgeError",
            format!("policy.digits: expected 1 to 100, not {}", policy.digits),
        ));
    }
    if !(0.0..1.0).contains(&policy.tolerance) {
        let message =
            format!("policy.tolerance: expected at least 0 and less than 1, not {}", policy.tolerance);
        return Err(exception(py, "JudgeError", message));
    }
    Ok(policy)
}

fn field<'py, T: FromPyObjectOwned<'py>>(fields: &Bound<'py, PyDict>, name: &str) -> PyResult<T> {
    let py = fields.py();
    let value = fields.get_item(name)?;
    let found = value.as_ref().and_then(|value| value.extract::<T>().ok());
    found.ok_or_else(|| {
        let shown = value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
        exception(py, "JudgeError", format!("policy.{name}: {shown} is not of the expected type"))
    })
}

fn named<T: FromStr<Err: Display>>(fields: &Bound<'_, PyDict>, name: &str) -> PyResult<T> {
    let value: String = field(fields, name)?;
    value
        .parse()
        .map_err(|error: T::Err| exception(fields.py(), "JudgeError", format!("policy.{name}: {error}")))
}

/// Forgets every verdict that judges of this process have kept.
#[pyfunction]
fn forget_verdicts() {
    forget();
}
