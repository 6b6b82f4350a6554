//! `mentor._native`: converts between Python and the pure crates and releases the GIL; no logic of its own.

use pyo3::prelude::*;

mod errors;
#[cfg(feature = "sandbox")]
mod host_tools;
#[cfg(feature = "sandbox")]
mod jobs;
#[cfg(feature = "sandbox")]
mod metrics;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
mod server;
mod trajectory;

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    #[cfg(feature = "sandbox")]
    {
        sandbox::init(m)?;
        metrics::init(m)?;
        server::init(m)?;
    }
    trajectory::init(m)?;
    Ok(())
}
