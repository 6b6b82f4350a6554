//! Calls, answers and whole conversations in texts.

use super::calls::call_of;
use super::fault::invalid;
use super::text::{RowFault, texts};
use super::tools::Toolboxes;
use super::value::{Keys, value_to_python};
use mentor_trajectory::answer::extract_answer;
use mentor_trajectory::parse::{
    Attempt, Conversation, Format, Status, Tools, conversation, detect, final_answer, parse, result_value,
    to_characters,
};
use mentor_trajectory::pool;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("FORMATS", Format::names().collect::<Vec<_>>())?;
    m.add_function(wrap_pyfunction!(parse_tool_calls, m)?)?;
    m.add_function(wrap_pyfunction!(detect_formats, m)?)?;
    m.add_function(wrap_pyfunction!(read_conversations, m)?)?;
    m.add_function(wrap_pyfunction!(final_answers, m)?)?;
    m.add_function(wrap_pyfunction!(message_calls, m)?)?;
    m.add_function(wrap_pyfunction!(result_values, m)?)?;
    m.add_function(wrap_pyfunction!(extract_answers, m)?)
}

/// The attempts in each text, as `ParsedCall`s.
#[pyfunction]
fn parse_tool_calls<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    format: &str,
    tools: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<Vec<Bound<'py, PyAny>>>> {
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
    let mut calls = Calls::new(py)?;
    rows.iter().map(|row| calls.of(row)).collect()
}

/// The format of each text; `None` where it holds no attempt at a call.
#[pyfunction]
fn detect_formats(py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<Option<&'static str>>> {
    let texts = self::texts(texts, "texts")?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    Ok(py.detach(|| pool::map(&texts, weight, |_, text| detect(text.as_str()).map(Format::name))))
}

/// What a conversation is to Python: its calls, what each returned (`None` where that is not known), the answer.
type Read<'py> = (Vec<Bound<'py, PyAny>>, Vec<Option<Bound<'py, PyAny>>>, Option<String>);

/// The calls of each text, what each returned, and the answer.
#[pyfunction]
fn read_conversations<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    format: &str,
    tools: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<Read<'py>>> {
    let format: Format = format.parse().map_err(|e| invalid(py, &e))?;
    let texts = self::texts(texts, "texts")?;
    let tools = Toolboxes::new(tools, texts.len())?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    let rows: Vec<Conversation> = py.detach(|| {
        pool::map(&texts, weight, |row, text| {
            let mut found = conversation(format, text.as_str(), tools.of(row));
            to_characters(text.as_str(), &mut found.attempts);
            found
        })
    });
    let mut calls = Calls::new(py)?;
    let read = |row: Conversation| {
        let results =
            row.results.iter().map(|value| value.as_ref().map(|value| calls.keys.value(value)).transpose());
        let results = results.collect::<PyResult<_>>()?;
        Ok((calls.of(&row.attempts)?, results, row.answer))
    };
    rows.into_iter().map(read).collect()
}

/// The final answer of each text.
#[pyfunction]
fn final_answers(py: Python<'_>, texts: &Bound<'_, PyAny>, format: &str) -> PyResult<Vec<Option<String>>> {
    let format: Format = format.parse().map_err(|e| invalid(py, &e))?;
    let texts = self::texts(texts, "texts")?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    Ok(py.detach(|| {
        pool::map(&texts, weight, |_, text| final_answer(format, text.as_str()).map(str::to_owned))
    }))
}

/// The calls that messages carry apart from their text, as `ParsedCall`s without a place.
#[pyfunction]
fn message_calls<'py>(
    py: Python<'py>,
    calls: &Bound<'py, PyAny>,
    tools: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let row = tools.map(|tools| PyTuple::new(py, [tools])).transpose()?;
    let tools = Toolboxes::new(row.as_ref().map(Bound::as_any), 1)?;
    let mut made = Calls::new(py)?;
    calls.try_iter()?.map(|call| made.of_message(&call?, tools.of(0))).collect()
}

/// The values of results that are texts.
#[pyfunction]
fn result_values<'py>(py: Python<'py>, texts: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let texts = self::texts(texts, "texts")?;
    texts.iter().map(|text| value_to_python(py, &result_value(text.as_str()))).collect()
}

/// Makes `mentor.types.ParsedCall`s.
struct Calls<'py> {
    class: Bound<'py, PyAny>,
    keys: Keys<'py>,
}

impl<'py> Calls<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let class = py.import("mentor.types")?.getattr("ParsedCall")?;
        Ok(Self { class, keys: Keys::new(py) })
    }

    fn of(&mut self, attempts: &[Attempt]) -> PyResult<Vec<Bound<'py, PyAny>>> {
        attempts.iter().map(|attempt| self.call(attempt)).collect()
    }

    fn call(&mut self, attempt: &Attempt) -> PyResult<Bound<'py, PyAny>> {
        let py = self.class.py();
        let status = match attempt.status {
            Status::Valid => pyo3::intern!(py, "valid"),
            Status::Malformed => pyo3::intern!(py, "malformed"),
            Status::Unknown => pyo3::intern!(py, "unknown"),
        };
        let (name, arguments) = match &attempt.call {
            Some(call) => (Some(self.keys.get(&call.name)), Some(self.keys.dict(&call.arguments)?)),
            None => (None, None),
        };
        let error = attempt.reason.as_ref().map(|r| format!("{} at character {}", r.what, r.offset));
        self.class.call1((status, name, arguments, (attempt.span.start, attempt.span.end), error))
    }

    /// A call that is an object or a mapping, with OpenAI's `function` around it or not.
    fn of_message(&mut self, call: &Bound<'py, PyAny>, tools: Option<&Tools>) -> PyResult<Bound<'py, PyAny>> {
        let call = match call_of(call) {
            Ok(call) => call,
            Err(RowFault::Fault(fault)) => {
                let nothing = (None::<&str>, None::<&str>);
                return self.class.call1(("malformed", nothing.0, nothing.1, (0, 0), fault.text()));
            }
            Err(RowFault::Raised(error)) => return Err(error),
        };
        let known = tools.is_none_or(|tools| tools.contains(&call.name));
        let error = (!known).then(|| format!("no tool named {:?} is offered", call.name));
        let (name, arguments) = (self.keys.get(&call.name), self.keys.dict(&call.arguments)?);
        self.class.call1((if known { "valid" } else { "unknown" }, name, arguments, (0, 0), error))
    }
}

/// The content of the last complete box of each text.
#[pyfunction]
fn extract_answers(py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<Option<String>>> {
    let texts = self::texts(texts, "texts")?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    Ok(py.detach(|| pool::map(&texts, weight, |_, text| extract_answer(text.as_str()).map(str::to_owned))))
}
