//! References of a batch: read once where rows share a text, turned into tokens once.

use crate::align::{Arguments, References};
use crate::json::{Dialect, Object, Value, parse};
use crate::parse::{Call, call_of_object};
use crate::pool;
use std::collections::HashMap;
use thiserror::Error;

/// Where a row's references come from.
#[derive(Debug)]
pub enum Source<'a> {
    /// JSON text: `[{"calls": [{"name": ..., "arguments": {...}}, ...], ...}, ...]`, or lists of calls in place of the
    /// objects. A single trajectory may stand without the outer list.
    Text(&'a str),
    /// Calls already read, a list for each trajectory.
    Calls(&'a [Vec<Call>]),
}

/// A reference that cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {what}")]
pub struct FieldFault {
    /// The row of the batch.
    pub row: usize,
    /// The path within the row's references, such as `[0].calls[2].name`.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// The references of a batch.
#[derive(Debug)]
pub struct Compiled {
    distinct: Vec<References>,
    rows: Vec<usize>,
}

impl Compiled {
    /// Compiles every row's references; rows with the same text share one compilation.
    pub fn new(sources: &[Source<'_>], arguments: Arguments) -> Result<Self, FieldFault> {
        let mut seen = HashMap::new();
        let mut firsts: Vec<usize> = Vec::new();
        let mut rows = Vec::with_capacity(sources.len());
        for (row, source) in sources.iter().enumerate() {
            let place = match source {
                Source::Text(text) => *seen.entry(*text).or_insert(firsts.len()),
                Source::Calls(_) => firsts.len(),
            };
            if place == firsts.len() {
                firsts.push(row);
            }
            rows.push(place);
        }
        let weight = |row: &usize| match &sources[*row] {
            Source::Text(text) => text.len(),
            Source::Calls(calls) => calls.iter().map(Vec::len).sum::<usize>() * 64,
        };
        let compiled = pool::map(&firsts, firsts.iter().map(weight).sum(), |_, &row| {
            compile(&sources[row], arguments).map_err(|(path, what)| FieldFault { row, path, what })
        });
        let distinct = compiled.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { distinct, rows })
    }

    pub(super) fn of(&self, row: usize) -> &References {
        &self.distinct[self.rows[row]]
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Results of calls may hold what JSON has no word for, and calls stand deeper than in a model's text.
const RECORDED: Dialect =
    Dialect { non_finite: true, lone_surrogates: true, max_depth: Dialect::STRICT.max_depth + 8 };

type At<T> = Result<T, (String, String)>;

fn compile(source: &Source<'_>, arguments: Arguments) -> At<References> {
    match source {
        Source::Calls(trajectories) => Ok(References::new(trajectories.iter().map(|t| t.iter()), arguments)),
        Source::Text(text) => {
            let value = parse(text, RECORDED).map_err(|fault| (String::new(), fault.to_string()))?;
            let trajectories = trajectories(value)?;
            Ok(References::new(trajectories.iter().map(|t| t.iter()), arguments))
        }
    }
}

fn trajectories(value: Value) -> At<Vec<Vec<Call>>> {
    match value {
        Value::Array(items) if items.iter().any(is_call) => Ok(vec![calls(items, "")?]),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(i, item)| trajectory(item, &format!("[{i}]"))).collect()
        }
        value => Ok(vec![trajectory(value, "")?]),
    }
}

fn is_call(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.get("name").is_some() && object.get("calls").is_none())
}

fn trajectory(value: Value, path: &str) -> At<Vec<Call>> {
    match value {
        Value::Array(items) => calls(items, path),
        Value::Object(mut object) => match object.take("calls") {
            Some(Value::Array(items)) => calls(items, &format!("{path}.calls")),
            _ => Err((format!("{path}.calls"), "expected a list of calls".into())),
        },
        _ => Err((path.into(), "expected a trajectory: {\"calls\": [...]} or a list of calls".into())),
    }
}

fn calls(items: Vec<Value>, path: &str) -> At<Vec<Call>> {
    items
        .into_iter()
        .enumerate()
        .map(|(i, item)| call(item).map_err(|what| (format!("{path}[{i}]"), what)))
        .collect()
}

fn call(value: Value) -> Result<Call, String> {
    let Value::Object(object) = value else {
        return Err("expected a call: {\"name\": ..., \"arguments\": ...}".into());
    };
    call_of_object(unwrapped(object)).map_err(Into::into)
}

/// The inside of the `{"type": "function", "function": {...}}`, or the object itself.
fn unwrapped(mut object: Object) -> Object {
    match object.take("function") {
        Some(Value::Object(inside)) if object.get("name").is_none() => inside,
        _ => object,
    }
}
