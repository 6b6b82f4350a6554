//! Calls and answers in texts.

use super::fault::invalid;
use super::text::texts;
use super::tools::Toolboxes;
use super::value::value_to_python;
use mentor_trajectory::answer::extract_answer;
use mentor_trajectory::parse::{Attempt, Format, Status, parse, to_characters};
use mentor_trajectory::pool;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

pub(super) fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(parse_tool_calls, m)?)?;
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
