//! The binding of `mentor-sandbox`: jobs in, outcomes out, the GIL released while guests run.

use std::path::PathBuf;

use mentor_sandbox::{EngineOptions, Error, GuestFiles, Limits, PackageFile, Restore, SandboxOptions};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple, PyType};

use crate::errors::exception;
use crate::host_tools::{ToolRow, host_tool};
use crate::jobs::{Bounds, JobRow, job, result};

/// Adds the classes and functions to the module.
pub fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Sandbox>()?;
    m.add_class::<State>()?;
    m.add_function(wrap_pyfunction!(guest_is_compiled, m)?)?;
    m.add_function(wrap_pyfunction!(compile_guest, m)?)?;
    m.add_function(wrap_pyfunction!(restore_choice, m)?)?;
    m.add_function(wrap_pyfunction!(crate::jobs::shown, m)?)?;
    Ok(())
}

/// The machinery's failures, as `mentor.errors.SandboxError` and its subclasses.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error {
        Error::WrongImage { .. } => "WrongImageError",
        Error::State(_) => "StateError",
        _ => "SandboxError",
    };
    exception(py, class, error.to_string())
}

pub fn engine_options(guest: &str, cache: PathBuf) -> Result<EngineOptions, Error> {
    let guest = GuestFiles::in_folder(guest.as_ref())?;
    Ok(EngineOptions { guest, cache, image_bytes: EngineOptions::IMAGE_BYTES })
}

/// Whether the cache has the compiled guest.
#[pyfunction]
fn guest_is_compiled(py: Python<'_>, guest: &str, cache: PathBuf) -> PyResult<bool> {
    let options = engine_options(guest, cache).map_err(|e| raise(py, &e))?;
    py.detach(|| mentor_sandbox::is_compiled(&options)).map_err(|e| raise(py, &e))
}

/// Compiles the guest unless the cache has it: (path, bytes, seconds or None).
#[pyfunction]
fn compile_guest(py: Python<'_>, guest: &str, cache: PathBuf) -> PyResult<(PathBuf, u64, Option<f64>)> {
    let options = engine_options(guest, cache).map_err(|e| raise(py, &e))?;
    let report = py.detach(|| mentor_sandbox::prepare(&options)).map_err(|e| raise(py, &e))?;
    Ok((report.path, report.bytes, report.compiled_in.map(|t| t.as_secs_f64())))
}

/// What differs from an image after a call: a value that can be kept, compared, hashed and pickled.
///
/// It names its image and holds nothing of it, so it can be read and compared without a sandbox, and run by any
/// sandbox with the same image, in any process on any machine.
// Pickles name it by the module that users import it from.
#[pyclass(frozen, eq, module = "mentor.sandbox")]
#[derive(PartialEq)]
pub struct State(pub mentor_sandbox::State);

#[pymethods]
impl State {
    /// The image that the state belongs to.
    #[getter]
    fn image(&self) -> &str {
        self.0.image_id()
    }

    /// Bytes that the state takes: memory, files and names that differ from the image.
    #[getter]
    fn size(&self) -> usize {
        self.0.size()
    }

    /// Names the state by its content, 32 hexadecimal digits.
    #[getter]
    fn digest(&self, py: Python<'_>) -> String {
        let digest = py.detach(|| self.0.digest());
        format!("{:032x}", u128::from_be_bytes(digest))
    }

    /// The state as bytes, versioned and guarded by its digest. Pickles hold the same.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = py.detach(|| self.0.to_bytes());
        PyBytes::new(py, &bytes)
    }

    /// Reads what `to_bytes` gave. Bytes that are damaged, of another version or no state raise a `StateError`.
    #[classmethod]
    fn from_bytes(_: &Bound<'_, PyType>, py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| mentor_sandbox::State::from_bytes(data)).map(Self).map_err(|e| raise(py, &e))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let maker = py.get_type::<Self>().getattr("from_bytes")?;
        (maker, (slf.get().to_bytes(py),)).into_pyobject(py)
    }

    /// A value needs no copy.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// The same in every process: half of the digest.
    fn __hash__(&self, py: Python<'_>) -> u64 {
        let digest = py.detach(|| self.0.digest());
        u128::from_be_bytes(digest) as u64
    }

    fn __repr__(&self) -> String {
        format!("State(image={:?}, size={})", &self.0.image_id()[..8], self.0.size())
    }
}

pub fn way_of_restoring(name: &str) -> Result<Restore, Error> {
    Restore::named(name).ok_or_else(|| {
        let known = Restore::ALL.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(", ");
        Error::Option {
            field: "restore",
            reason: format!("{name:?} is no way to restore; expected one of {known}"),
        }
    })
}

/// How memory is put back on this system, and why: (way, reason).
#[pyfunction]
fn restore_choice(py: Python<'_>) -> (&'static str, &'static str) {
    let choice = py.detach(mentor_sandbox::choose);
    (choice.restore.as_str(), choice.reason)
}

/// An image and the threads that run jobs from it.
#[pyclass(frozen, module = "mentor._native")]
pub struct Sandbox(pub mentor_sandbox::Sandbox);

#[pymethods]
impl Sandbox {
    #[new]
    #[pyo3(signature = (guest, cache, image_bytes, prelude, packages, bounds, threads, restore, host_tools))]
    #[expect(clippy::too_many_arguments, reason = "the options' fields, named once in Python")]
    fn new(
        py: Python<'_>,
        guest: &str,
        cache: PathBuf,
        image_bytes: u64,
        prelude: String,
        packages: Vec<(String, Vec<u8>)>,
        bounds: Bounds,
        threads: usize,
        restore: Option<&str>,
        host_tools: Vec<ToolRow>,
    ) -> PyResult<Self> {
        let packages =
            packages.into_iter().map(|(path, content)| PackageFile { path, content: content.into() });
        let packages = packages.collect();
        let restore = restore.map(way_of_restoring).transpose();
        let options = restore.and_then(|restore| {
            let engine = EngineOptions { image_bytes, ..engine_options(guest, cache)? };
            Ok(SandboxOptions {
                engine,
                prelude,
                packages,
                limits: bounds.try_into()?,
                threads,
                host_tools: host_tools.into_iter().map(host_tool).collect::<Result<_, _>>()?,
                restore,
                verify: false,
            })
        });
        let options = options.map_err(|e| raise(py, &e))?;
        py.detach(|| mentor_sandbox::Sandbox::new(&options)).map(Self).map_err(|e| raise(py, &e))
    }

    #[getter]
    fn image(&self) -> &str {
        self.0.image_id()
    }

    #[getter]
    fn image_origin(&self) -> String {
        self.0.image_origin().to_string()
    }

    #[getter]
    fn restore(&self) -> &'static str {
        self.0.restore().as_str()
    }

    #[getter]
    fn threads(&self) -> usize {
        self.0.threads()
    }

    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        crate::metrics::fields(py, &self.0.metrics())
    }

    fn initial(&self) -> State {
        State(self.0.initial())
    }

    /// Runs jobs within the same limits on all threads; a list in the jobs' order. Ctrl-C stops the batch.
    fn run_batch<'py>(
        &self,
        py: Python<'py>,
        jobs: Vec<JobRow<'py>>,
        limits: Option<Bounds>,
    ) -> PyResult<Bound<'py, PyList>> {
        let jobs = limits
            .map(Limits::try_from)
            .transpose()
            .and_then(|limits| jobs.into_iter().map(|row| job(row, limits)).collect::<Result<Vec<_>, _>>());
        let jobs = jobs.map_err(|e| raise(py, &e))?;
        let mut interrupted = None;
        let results = py.detach(|| {
            self.0.run_batch(jobs, || {
                interrupted = Python::attach(|py| py.check_signals().err());
                interrupted.is_none()
            })
        });
        match (interrupted, results) {
            (Some(signal), _) => Err(signal),
            (None, Err(error)) => Err(raise(py, &error)),
            (None, Ok(results)) => {
                let rows = results.into_iter().map(|r| result(py, r)).collect::<PyResult<Vec<_>>>()?;
                PyList::new(py, rows)
            }
        }
    }
}
