//! The binding of what runs beside the sandbox: metrics, tracing and what diagnostics ask.

use std::path::PathBuf;

use mentor_sandbox::{Histogram, Metrics};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::sandbox::{Sandbox, raise};

/// Adds the functions to the module.
pub fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("wasmtime_version", mentor_sandbox::WASMTIME_VERSION)?;
    m.add_function(wrap_pyfunction!(process_metrics, m)?)?;
    m.add_function(wrap_pyfunction!(prometheus, m)?)?;
    m.add_function(wrap_pyfunction!(histogram_bounds, m)?)?;
    m.add_function(wrap_pyfunction!(trace, m)?)?;
    Ok(())
}

/// What all sandboxes of the process did: the fields of `mentor.sandbox.Metrics`.
#[pyfunction]
fn process_metrics(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    fields(py, &mentor_sandbox::process_metrics())
}

/// The named sandboxes' metrics, or without any the whole process's, in Prometheus' text format.
#[pyfunction]
fn prometheus(boxes: Vec<(String, Bound<'_, Sandbox>)>) -> String {
    if boxes.is_empty() {
        return mentor_sandbox::prometheus(&[("", &mentor_sandbox::process_metrics())]);
    }
    let all: Vec<_> = boxes.into_iter().map(|(name, sandbox)| (name, sandbox.get().0.metrics())).collect();
    mentor_sandbox::prometheus(
        &all.iter().map(|(name, metrics)| (name.as_str(), metrics)).collect::<Vec<_>>(),
    )
}

/// The upper bounds of a histogram's buckets but the last, in seconds.
#[pyfunction]
fn histogram_bounds() -> Vec<f64> {
    Histogram::bounds().iter().map(std::time::Duration::as_secs_f64).collect()
}

/// Writes the sandbox's spans and events of a level and above as JSON lines.
#[pyfunction]
fn trace(py: Python<'_>, level: &str, file: Option<PathBuf>) -> PyResult<()> {
    mentor_sandbox::trace(level, file).map_err(|e| raise(py, &e))
}

/// Metrics as a dictionary: plain counts, counts by name, histograms as (counts, seconds in all).
pub fn fields<'py>(py: Python<'py>, metrics: &Metrics) -> PyResult<Bound<'py, PyDict>> {
    let named = |counts: Vec<(&'static str, u64)>| -> PyResult<_> {
        let dict = PyDict::new(py);
        counts.into_iter().try_for_each(|(name, count)| dict.set_item(name, count))?;
        Ok(dict)
    };
    let histogram = |times: &Histogram| (times.counts.clone(), times.total.as_secs_f64());
    let dict = PyDict::new(py);
    dict.set_item("statuses", named(metrics.statuses.iter().map(|(at, n)| (at.as_str(), *n)).collect())?)?;
    dict.set_item("limits", named(metrics.limits.iter().map(|(at, n)| (at.as_str(), *n)).collect())?)?;
    dict.set_item("cancelled", metrics.cancelled)?;
    dict.set_item("states", metrics.states)?;
    dict.set_item("busy", histogram(&metrics.busy))?;
    dict.set_item("queued", histogram(&metrics.queued))?;
    let restores = PyDict::new(py);
    for (way, effort) in &metrics.restores {
        restores.set_item(way.as_str(), (effort.restores, effort.pages, effort.sweeps))?;
    }
    dict.set_item("restores", restores)?;
    dict.set_item("made", metrics.made)?;
    dict.set_item("dropped", named(metrics.dropped.iter().map(|(why, n)| (why.as_str(), *n)).collect())?)?;
    dict.set_item("resident", metrics.resident)?;
    Ok(dict)
}
