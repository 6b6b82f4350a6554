//! The binding of `mentor-trajectory`: convert under the GIL, release it, compute, convert back.

mod convert;
mod fault;

use convert::{Given, Reference, Text, Toolboxes, given, reference, rows, strings, texts, value_to_python};
use fault::{Fault, invalid};
use mentor_trajectory::answer::extract_answer;
use mentor_trajectory::parse::{Attempt, Format, Status, parse, to_characters};
use mentor_trajectory::reward::{
    Answer, Compiled, Formula, Reward, Row, Settings, Source, Validity, align_batch, batch,
};
use mentor_trajectory::{align, official, pool};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

/// Adds the functions to the module.
pub fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(parse_tool_calls, m)?)?;
    m.add_function(wrap_pyfunction!(extract_answers, m)?)?;
    m.add_function(wrap_pyfunction!(align_calls, m)?)?;
    m.add_function(wrap_pyfunction!(reward_batch, m)?)?;
    m.add_function(wrap_pyfunction!(official_questions, m)?)?;
    m.add_function(wrap_pyfunction!(official_scores, m)?)?;
    Ok(())
}

/// `(status, name, arguments, (start, end), error)` of each attempt in each text.
#[pyfunction]
fn parse_tool_calls<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    format: &str,
    tools: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let format: Format = format.parse().map_err(|e| invalid(py, &e))?;
    let texts = self::texts(texts, "texts")?;
    let tools = Toolboxes::new(tools, texts.len())?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    let rows = py.detach(|| {
        pool::map(&texts, weight, |row, text| {
            let mut found = parse(format, text.as_str(), tools.of(row));
            to_characters(text.as_str(), &mut found);
            found
        })
    });
    let lists = PyList::empty(py);
    for row in &rows {
        let calls = row.iter().map(|attempt| parsed_call(py, attempt)).collect::<PyResult<Vec<_>>>()?;
        lists.append(calls)?;
    }
    Ok(lists)
}

fn parsed_call<'py>(py: Python<'py>, attempt: &Attempt) -> PyResult<Bound<'py, PyTuple>> {
    let status = match attempt.status {
        Status::Valid => "valid",
        Status::Malformed => "malformed",
        Status::Unknown => "unknown",
    };
    let name = attempt.call.as_ref().map(|call| call.name.as_str());
    let arguments = match &attempt.call {
        None => None,
        Some(call) => {
            let dict = PyDict::new(py);
            for (key, value) in call.arguments.entries() {
                dict.set_item(key, value_to_python(py, value)?)?;
            }
            Some(dict)
        }
    };
    let error = attempt.reason.as_ref().map(|r| format!("{} at character {}", r.what, r.offset));
    (status, name, arguments, (attempt.span.start, attempt.span.end), error).into_pyobject(py)
}

/// The content of the last complete box of each text.
#[pyfunction]
fn extract_answers(py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<Option<String>>> {
    let texts = self::texts(texts, "texts")?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    Ok(py.detach(|| pool::map(&texts, weight, |_, text| extract_answer(text.as_str()).map(str::to_owned))))
}

/// Students and references of a batch, taken out of Python.
struct Batch {
    students: Vec<Given>,
    references: Vec<Reference>,
}

impl Batch {
    fn new(students: &Bound<'_, PyAny>, references: &Bound<'_, PyAny>) -> PyResult<Self> {
        let students = rows(students, "students", given)?;
        let references = rows(references, "references", reference)?;
        if students.len() != references.len() {
            let message = format!("{} students but {} rows of references", students.len(), references.len());
            return Err(Fault::new(message).raise("references"));
        }
        Ok(Self { students, references })
    }

    fn compile(&self, arguments: align::Arguments) -> Result<Compiled, Fault> {
        let sources: Vec<Source<'_>> = self.references.iter().map(Reference::source).collect();
        Compiled::new(&sources, arguments).map_err(|fault| Fault::at_row(fault.row, fault.path, fault.what))
    }

    fn rows<'a>(&'a self, answers: &[Answer], tools: &'a Toolboxes) -> Vec<Row<'a>> {
        let row = |(place, student): (usize, &'a Given)| Row {
            student: student.student(),
            answer: answers[place],
            tools: tools.of(place),
        };
        self.students.iter().enumerate().map(row).collect()
    }
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

/// The parts and the reward of each row: seven arrays by name.
#[pyfunction]
#[pyo3(signature = (students, references, answers, *, tools, metric, matching, arguments, count_invalid, validity, formula, format))]
#[allow(clippy::too_many_arguments, reason = "the names of a keyword-only Python signature")]
fn reward_batch<'py>(
    py: Python<'py>,
    students: &Bound<'py, PyAny>,
    references: &Bound<'py, PyAny>,
    answers: &Bound<'py, PyAny>,
    tools: Option<&Bound<'py, PyAny>>,
    metric: &str,
    matching: &str,
    arguments: &str,
    count_invalid: bool,
    validity: &str,
    formula: &Bound<'py, PyAny>,
    format: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let align = align::Settings::from_names(metric, matching, arguments, count_invalid)
        .map_err(|e| invalid(py, &e))?;
    let settings = Settings {
        format: format.parse().map_err(|e| invalid(py, &e))?,
        align,
        validity: Validity::from_name(validity).map_err(|e| invalid(py, &e))?,
        formula: self::formula(&formula.extract()?)?,
    };
    let batch = Batch::new(students, references)?;
    let answers: Vec<Option<bool>> = answers.extract()?;
    if answers.len() != batch.students.len() {
        let message = format!("{} students but {} answers", batch.students.len(), answers.len());
        return Err(Fault::new(message).raise("answers"));
    }
    let tools = Toolboxes::new(tools, answers.len())?;
    let rewards = py.detach(|| {
        let compiled = batch.compile(align.arguments)?;
        let answers: Vec<Answer> = answers.into_iter().map(verdict).collect();
        Ok(self::batch(&settings, &batch.rows(&answers, &tools), &compiled))
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
