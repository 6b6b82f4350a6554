//! Calls, answers and whole conversations in texts.

use super::fault::invalid;
use super::text::texts;
use super::tools::Toolboxes;
use super::value::{object_to_python, value_to_python};
use mentor_trajectory::answer::extract_answer;
use mentor_trajectory::parse::{
    Attempt, Conversation, Format, Status, conversation, detect, parse, result_value, to_characters,
};
use mentor_trajectory::pool;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("FORMATS", Format::names().collect::<Vec<_>>())?;
    m.add_function(wrap_pyfunction!(parse_tool_calls, m)?)?;
    m.add_function(wrap_pyfunction!(detect_formats, m)?)?;
    m.add_function(wrap_pyfunction!(read_conversations, m)?)?;
    m.add_function(wrap_pyfunction!(result_values, m)?)?;
    m.add_function(wrap_pyfunction!(extract_answers, m)?)
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
        lists.append(parsed_calls(py, row)?)?;
    }
    Ok(lists)
}

/// The format of each text; `None` where it holds no attempt at a call.
#[pyfunction]
fn detect_formats(py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<Option<&'static str>>> {
    let texts = self::texts(texts, "texts")?;
    let weight = texts.iter().map(|text| text.as_str().len()).sum();
    Ok(py.detach(|| pool::map(&texts, weight, |_, text| detect(text.as_str()).map(Format::name))))
}

/// What a conversation is to Python: its calls, what each returned (a value in a list of one, or `None`), the answer.
type Read<'py> = (Vec<Bound<'py, PyTuple>>, Vec<Option<Vec<Bound<'py, PyAny>>>>, Option<String>);

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
    let read = |row: Conversation| {
        let result = |value: &Option<_>| match value {
            Some(value) => Ok(Some(vec![value_to_python(py, value)?])),
            None => Ok(None),
        };
        let results = row.results.iter().map(result).collect::<PyResult<_>>()?;
        Ok((parsed_calls(py, &row.attempts)?, results, row.answer))
    };
    rows.into_iter().map(read).collect()
}

/// The values of results that are texts.
#[pyfunction]
fn result_values<'py>(py: Python<'py>, texts: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let texts = self::texts(texts, "texts")?;
    texts.iter().map(|text| value_to_python(py, &result_value(text.as_str()))).collect()
}

fn parsed_calls<'py>(py: Python<'py>, attempts: &[Attempt]) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    attempts.iter().map(|attempt| parsed_call(py, attempt)).collect()
}

fn parsed_call<'py>(py: Python<'py>, attempt: &Attempt) -> PyResult<Bound<'py, PyTuple>> {
    let status = match attempt.status {
        Status::Valid => pyo3::intern!(py, "valid"),
        Status::Malformed => pyo3::intern!(py, "malformed"),
        Status::Unknown => pyo3::intern!(py, "unknown"),
    };
    let name = attempt.call.as_ref().map(|call| call.name.as_str());
    let arguments = match &attempt.call {
        Some(call) => Some(object_to_python(py, &call.arguments)?),
        None => None,
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
