//! The settings of an alignment out of Python.

use super::fault::invalid;
use super::text::{Result, fault, inside};
use super::value::value_of;
use mentor_trajectory::align::compare::{Rule, Rules, Scope, ValueRule};
use mentor_trajectory::align::{Settings, SettingsError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::collections::BTreeMap;

/// Settings from the keyword arguments that `mentor.align` made of what its user said.
pub(super) fn settings(given: &Bound<'_, PyDict>) -> PyResult<Settings> {
    let py = given.py();
    let refuse = |error: SettingsError| invalid(py, &error);
    let word = |key: &str| -> PyResult<String> { required(given, key)?.extract() };
    let rules = rules(&required(given, "arguments")?)?;
    let count_invalid = required(given, "count_invalid")?.extract()?;
    let mut settings =
        Settings::from_names(&word("metric")?, &word("matching")?, rules, count_invalid).map_err(refuse)?;
    if let Some(n) = given.get_item("n")? {
        settings.ngram = n.extract()?;
    }
    if let Some(gap) = given.get_item("gap")? {
        settings.gap = gap.extract()?;
    }
    if let Some(weights) = given.get_item("weights")? {
        let [order, equivalence, detour, support, beta] = weights.extract()?;
        settings.flow = mentor_trajectory::align::flow::Weights { order, equivalence, detour, support, beta };
    }
    settings.check().map_err(refuse)?;
    Ok(settings)
}

fn required<'py>(given: &Bound<'py, PyDict>, key: &str) -> PyResult<Bound<'py, PyAny>> {
    given.get_item(key)?.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(key.to_owned()))
}

/// A word for all tools, or a rule for each tool by name, `*` being all others.
pub(super) fn rules(given: &Bound<'_, PyAny>) -> PyResult<Rules> {
    if let Ok(word) = given.cast::<PyString>() {
        let scope = scope(word.to_str()?, Vec::new()).map_err(|e| invalid(given.py(), &e))?;
        return Ok(Rules::all(Rule { scope, ..Rule::default() }));
    }
    let mut rules = Rules::default();
    for (tool, given) in given.cast::<PyDict>()?.iter() {
        let tool: String = tool.extract()?;
        let rule = rule(&given)?;
        if tool == "*" {
            rules.usual = rule;
        } else {
            rules.tools.insert(tool, rule);
        }
    }
    Ok(rules)
}

/// `(scope, keys, rule of values, rules of parameters)`
fn rule(given: &Bound<'_, PyAny>) -> PyResult<Rule> {
    let (word, keys, values, named): (String, Vec<String>, Bound<'_, PyAny>, Bound<'_, PyDict>) =
        given.extract()?;
    let scope = scope(&word, keys).map_err(|e| invalid(given.py(), &e))?;
    let mut parameters = BTreeMap::new();
    for (name, rule) in named.iter() {
        parameters.insert(name.extract()?, value_rule(&rule)?);
    }
    Ok(Rule { scope, values: value_rule(&values)?, parameters })
}

fn scope(word: &str, keys: Vec<String>) -> std::result::Result<Scope, SettingsError> {
    Ok(match word {
        "exact" => Scope::All,
        "ignore" => Scope::Nothing,
        "subset" => Scope::Subset,
        "superset" => Scope::Superset,
        "keys" => Scope::Keys(keys),
        _ => {
            let known = "exact, ignore, subset, superset, or a mapping from tools to comparators".to_owned();
            return Err(SettingsError::Unknown { what: "arguments", given: word.to_owned(), known });
        }
    })
}

/// `(kind, first number, second number, accepted values)`
fn value_rule(given: &Bound<'_, PyAny>) -> PyResult<ValueRule> {
    let (kind, first, second, accepted): (String, f64, f64, Option<Vec<Bound<'_, PyAny>>>) =
        given.extract()?;
    let values = |accepted: Vec<Bound<'_, PyAny>>| -> PyResult<Vec<_>> {
        let value = |(i, item): (usize, &Bound<'_, PyAny>)| inside(value_of(item, 0), format_args!("[{i}]"));
        let values: Result<_> = accepted.iter().enumerate().map(value).collect();
        values.map_err(|fault| fault.raise_alone("accepted"))
    };
    Ok(match kind.as_str() {
        "exact" => ValueRule::Exact,
        "ignore" => ValueRule::Ignore,
        "close" => ValueRule::Close { relative: first, absolute: second },
        "text" => ValueRule::Text { threshold: first },
        "bfcl" => ValueRule::Bfcl { accepted: accepted.map(values).transpose()? },
        _ => {
            return fault(format!("unknown comparator {kind:?}"))
                .map_err(|fault| fault.raise_alone("arguments"));
        }
    })
}
