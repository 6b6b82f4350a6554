//! Rewards of a batch, part by part.

use super::batch::Batch;
use super::fault::{Fault, invalid};
use super::settings::rules;
use super::tools::Toolboxes;
use mentor_trajectory::align::{self, Needs};
use mentor_trajectory::reward::{Answer, Formula, Reward, Settings, Validity, batch};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(reward_batch, m)?)
}

/// The parts and the reward of each row: seven arrays by name. `alignment` stands for what would be scored here.
#[pyfunction]
#[pyo3(signature = (students, references, answers, *, tools, metric, matching, arguments, count_invalid, validity, formula, format, alignment=None))]
#[allow(clippy::too_many_arguments, reason = "the names of a keyword-only Python signature")]
#[allow(clippy::needless_pass_by_value, reason = "how lists are taken out of Python")]
fn reward_batch<'py>(
    py: Python<'py>,
    students: &Bound<'py, PyAny>,
    references: &Bound<'py, PyAny>,
    answers: &Bound<'py, PyAny>,
    tools: Option<&Bound<'py, PyAny>>,
    metric: &str,
    matching: &str,
    arguments: &Bound<'py, PyAny>,
    count_invalid: bool,
    validity: &str,
    formula: &Bound<'py, PyAny>,
    format: &str,
    alignment: Option<Vec<f64>>,
) -> PyResult<Bound<'py, PyDict>> {
    let align = align::Settings::from_names(metric, matching, rules(arguments)?, count_invalid)
        .map_err(|e| invalid(py, &e))?;
    let needs = Needs::of(&align, false);
    let settings = Settings {
        format: format.parse().map_err(|e| invalid(py, &e))?,
        align,
        validity: Validity::from_name(validity).map_err(|e| invalid(py, &e))?,
        formula: self::formula(&formula.extract()?)?,
    };
    let batch = Batch::new(students, references, needs)?;
    let answers: Vec<Option<bool>> = answers.extract()?;
    if answers.len() != batch.students.len() {
        let message = format!("{} students but {} answers", batch.students.len(), answers.len());
        return Err(Fault::new(message).raise("answers"));
    }
    if let Some(scores) = &alignment
        && scores.len() != answers.len()
    {
        let message = format!("{} students but {} scores", answers.len(), scores.len());
        return Err(Fault::new(message).raise("alignment"));
    }
    let tools = Toolboxes::new(tools, answers.len())?;
    let rewards = py.detach(|| {
        let compiled = batch.compile(needs)?;
        let answers: Vec<Answer> = answers.into_iter().map(verdict).collect();
        Ok(self::batch(&settings, &batch.rows(&answers, &tools, alignment.as_deref()), &compiled))
    });
    let rewards: Vec<Reward> = rewards.map_err(|fault: Fault| fault.raise("references"))?;
    columns(py, &rewards)
}

fn verdict(right: Option<bool>) -> Answer {
    match right {
        Some(true) => Answer::Right,
        Some(false) => Answer::Wrong,
        None => Answer::Undecided,
    }
}

fn formula((name, numbers): &(String, Vec<f64>)) -> PyResult<Formula> {
    match (name.as_str(), numbers.as_slice()) {
        ("weighted", &[answer, alignment, validity, discount]) => {
            Ok(Formula::Weighted { answer, alignment, validity, discount })
        }
        ("outcome", &[right, wrong]) => Ok(Formula::Outcome { right, wrong }),
        ("strict", []) => Ok(Formula::Strict),
        _ => {
            Err(Fault::new(format!("unknown formula {name:?} of {} numbers", numbers.len())).raise("formula"))
        }
    }
}

type Part<T> = (&'static str, fn(&Reward) -> T);

fn columns<'py>(py: Python<'py>, rewards: &[Reward]) -> PyResult<Bound<'py, PyDict>> {
    let parts: [Part<f64>; 4] = [
        ("answer", |r| r.answer),
        ("alignment", |r| r.alignment),
        ("validity", |r| r.validity),
        ("total", |r| r.total),
    ];
    let counts: [Part<u32>; 3] =
        [("valid", |r| r.valid), ("malformed", |r| r.malformed), ("unknown", |r| r.unknown)];
    let dict = PyDict::new(py);
    for (name, part) in parts {
        dict.set_item(name, PyArray1::from_iter(py, rewards.iter().map(part)))?;
    }
    for (name, count) in counts {
        let array = PyArray1::from_iter(py, rewards.iter().map(|r| i64::from(count(r))));
        dict.set_item(name, array)?;
    }
    Ok(dict)
}
