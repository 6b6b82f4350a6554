//! The binding of `mentor-server`: options in, a running server out.

use std::net::SocketAddr;
use std::path::PathBuf;

use mentor_sandbox::PackageFile;
use mentor_server::{Options, StartError};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::jobs::{Bounds, seconds};
use crate::sandbox::{engine_options, raise, way_of_restoring};

/// Adds the class to the module.
pub fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Server>()
}

/// The fields of `mentor.server.Bounds`.
#[derive(FromPyObject, Clone, Copy)]
struct Sizes {
    body: usize,
    batch: usize,
    queue: usize,
    slow_queue: usize,
    connections: usize,
    patience: f64,
    work: f64,
    drain: f64,
}

/// A running server.
#[pyclass(frozen, module = "mentor._native")]
struct Server(mentor_server::Server);

#[pymethods]
impl Server {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "the options' fields, named once in Python")]
    fn new(
        py: Python<'_>,
        guest: &str,
        cache: PathBuf,
        image_bytes: u64,
        address: &str,
        token: Option<String>,
        prelude: String,
        packages: Vec<(String, Vec<u8>)>,
        limits: Bounds,
        threads: usize,
        restore: Option<&str>,
        bounds: Sizes,
    ) -> PyResult<Self> {
        let address: SocketAddr = address.parse().map_err(|_| {
            exception(
                py,
                "ServerError",
                format!("{address:?} is no address; expected one such as 127.0.0.1:8000"),
            )
        })?;
        let options = || {
            let packages =
                packages.into_iter().map(|(path, content)| PackageFile { path, content: content.into() });
            let engine = engine_options(guest, cache)?;
            Ok(Options {
                address,
                token,
                prelude,
                packages: packages.collect(),
                limits: limits.try_into()?,
                threads,
                restore: restore.map(way_of_restoring).transpose()?,
                body: bounds.body,
                batch: bounds.batch,
                queue: bounds.queue,
                slow_queue: bounds.slow_queue,
                connections: bounds.connections,
                patience: seconds("patience", bounds.patience)?,
                work: seconds("work", bounds.work)?,
                drain: seconds("drain", bounds.drain)?,
                ..Options::new(mentor_sandbox::EngineOptions { image_bytes, ..engine })
            })
        };
        let options = options().map_err(|e| raise(py, &e))?;
        let started = py.detach(|| mentor_server::Server::start(options));
        started.map(Self).map_err(|error| match error {
            StartError::Sandbox(error) => raise(py, &error),
            error => exception(py, "ServerError", error.to_string()),
        })
    }

    /// Where it listens: address and port.
    #[getter]
    fn address(&self) -> (String, u16) {
        let address = self.0.address();
        (address.ip().to_string(), address.port())
    }

    /// Lets open requests end, stops the rest, and says whether all of them ended by themselves.
    fn drain(&self, py: Python<'_>) -> bool {
        py.detach(|| self.0.drain())
    }
}
