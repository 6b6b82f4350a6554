//! `mentor._native`: converts between Python and the pure crates and releases the GIL; no logic of its own.

use pyo3::prelude::*;

mod trajectory;

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    trajectory::init(m)?;
    Ok(())
}
