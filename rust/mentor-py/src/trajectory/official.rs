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

/// The rows of a batch for the published code, kept alive.
struct Published {
    texts: Vec<Text>,
    truths: Vec<Vec<Text>>,
    teachers: Vec<Vec<Text>>,
    correct: Vec<Option<bool>>,
}

impl Published {
    fn new(texts: &Bound<'_, PyAny>, truths: &Bound<'_, PyAny>) -> PyResult<Self> {
        let texts = self::texts(texts, "solution_strs")?;
        let truths = rows(truths, "ground_truths", strings)?;
        if texts.len() != truths.len() {
            let message = format!("{} texts but {} ground truths", texts.len(), truths.len());
            return Err(Fault::new(message).raise("ground_truths"));
        }
        Ok(Self { texts, truths, teachers: Vec::new(), correct: Vec::new() })
    }

    fn rows(&self) -> Vec<official::Row<'_>> {
        let row = |place: usize| official::Row {
            text: self.texts[place].as_str(),
            truths: borrowed(&self.truths[place]),
            teacher: self.teachers.get(place).map(|names| borrowed(names)).unwrap_or_default(),
            correct: self.correct.get(place).copied().flatten(),
        };
        (0..self.texts.len()).map(row).collect()
    }
}

fn borrowed(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(Text::as_str).collect()
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
    let asked = |question: official::Question<'_>| match question {
        official::Question::Ask { prediction, truths } => {
            Some((prediction.to_owned(), truths.into_iter().map(str::to_owned).collect()))
        }
        official::Question::Settled(_) | official::Question::Raises => None,
    };
    Ok(py.detach(|| official::questions(&batch.rows(), eos_token).into_iter().map(asked).collect()))
}

/// The published scores; NaN where the published code raises, and where `correct` is None for a row that needs it.
#[pyfunction]
#[pyo3(signature = (texts, truths, teachers, correct, *, variant, eos_token))]
fn official_scores<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    truths: &Bound<'py, PyAny>,
    teachers: &Bound<'py, PyAny>,
    correct: Vec<Option<bool>>,
    variant: &str,
    eos_token: &str,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let variant = official::Variant::from_name(variant).map_err(|e| invalid(py, &e))?;
    let mut batch = Published::new(texts, truths)?;
    batch.teachers = rows(teachers, "teacher_tools", strings)?;
    batch.correct = correct;
    for (what, len) in [("teacher_tools", batch.teachers.len()), ("correct", batch.correct.len())] {
        if len != batch.texts.len() {
            return Err(Fault::new(format!("{} texts but {len} rows", batch.texts.len())).raise(what));
        }
    }
    let scores = py.detach(|| official::scores(variant, &batch.rows(), eos_token));
    Ok(PyArray1::from_vec(py, scores))
}
