//! The binding of `mentor-trajectory` and `mentor-answer`: convert under the GIL, release it, compute, convert back.
//!
//! One file a subject ([`parsing`], [`align`], [`judge`], [`reward`], [`official`]), above those that convert.

mod align;
mod batch;
mod calls;
mod explained;
mod fault;
mod judge;
mod official;
mod parsing;
mod reward;
mod settings;
mod text;
mod tools;
mod value;

use pyo3::prelude::*;

/// Adds the functions to the module.
pub fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
    tools::init(m)?;
    parsing::init(m)?;
    align::init(m)?;
    judge::init(m)?;
    reward::init(m)?;
    official::init(m)
}
