//! The published rewards.

use super::fault::{Fault, invalid};
use super::text::{Text, rows, strings, texts};
use mentor_trajectory::official;
use numpy::PyArray1;
use pyo3::prelude::*;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(official_questions, m)?)?;
    m.add_function(wrap_pyfunction!(official_scores, m)?)
}

/// The texts, ground truths and teachers' tool names of a batch for the published code.
struct Published {
    texts: Vec<Text>,
    truths: Vec<Vec<Text>>,
}

impl Published {
    fn new(texts: &Bound<'_, PyAny>, truths: &Bound<'_, PyAny>) -> PyResult<Self> {
        let texts = self::texts(texts, "solution_strs")?;
        let truths = rows(truths, "ground_truths", strings)?;
        if texts.len() != truths.len() {
            let message = format!("{} texts but {} ground truths", texts.len(), truths.len());
            return Err(Fault::new(message).raise("ground_truths"));
        }
        Ok(Self { texts, truths })
    }

    fn questions(&self, eos_token: &str) -> (Vec<&str>, Vec<official::Question>) {
        let texts: Vec<&str> = self.texts.iter().map(Text::as_str).collect();
        let questions = official::questions(&texts, &borrowed(&self.truths), eos_token);
        (texts, questions)
    }
}

fn borrowed(rows: &[Vec<Text>]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.iter().map(Text::as_str).collect()).collect()
}

/// What the judge is asked about a row, if anything.
type Asked = Option<(String, Vec<String>)>;

/// `(prediction, ground truths)` of each row whose score hangs on the judge, `None` of the others.
#[pyfunction]
fn official_questions(
    py: Python<'_>,
    texts: &Bound<'_, PyAny>,
    truths: &Bound<'_, PyAny>,
    eos_token: &str,
) -> PyResult<Vec<Asked>> {
    let batch = Published::new(texts, truths)?;
    let questions = py.detach(|| batch.questions(eos_token).1);
    let asked = |question| match question {
        official::Question::Ask { prediction, truths } => Some((prediction, truths)),
        official::Question::Settled(_) | official::Question::Raises => None,
    };
    Ok(questions.into_iter().map(asked).collect())
}

/// The published scores; NaN where the published code raises.
#[pyfunction]
#[pyo3(signature = (texts, truths, teachers, correct, *, variant, eos_token))]
fn official_scores<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    truths: &Bound<'py, PyAny>,
    teachers: &Bound<'py, PyAny>,
    correct: &Bound<'py, PyAny>,
    variant: &str,
    eos_token: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let variant = official::Variant::from_name(variant).map_err(|e| invalid(py, &e))?;
    let batch = Published::new(texts, truths)?;
    let correct: Vec<bool> = correct.extract()?;
    let teachers = rows(teachers, "teacher_tools", strings)?;
    for (what, len) in [("teacher_tools", teachers.len()), ("correct", correct.len())] {
        if len != batch.texts.len() {
            return Err(Fault::new(format!("{} texts but {len} rows", batch.texts.len())).raise(what));
        }
    }
    let scores = py.detach(|| {
        let (texts, questions) = batch.questions(eos_token);
        official::scores(variant, &texts, &questions, &correct, &borrowed(&teachers))
    });
    Ok(PyArray1::from_vec(py, scores))
}
