//! Python callables as host tools.

use std::sync::Arc;

use mentor_sandbox::{Error, HostFault, HostFunction, HostTool};
use pyo3::prelude::*;

use crate::jobs::seconds;

/// (name, parameters, documentation, time-out in seconds, function from JSON text to an `Answer`)
pub type ToolRow = (String, Vec<String>, String, f64, Py<PyAny>);

/// (whether it returned; its result as JSON, or the exception's type; the exception's message)
type Answer = (bool, String, String);

pub fn host_tool((name, parameters, doc, timeout, function): ToolRow) -> Result<HostTool, Error> {
    Ok(HostTool {
        name,
        parameters,
        doc,
        timeout: seconds("host_tools", timeout)?,
        function: served(function),
    })
}

/// The function, called with the GIL from a thread that Python did not make.
fn served(function: Py<PyAny>) -> HostFunction {
    Arc::new(move |arguments| {
        let answer = Python::try_attach(|py| {
            let answer = function.bind(py).call1((arguments,))?;
            answer.extract::<Answer>()
        });
        match answer {
            Some(Ok((true, json, _))) => Ok(json),
            Some(Ok((false, kind, message))) => Err(HostFault::Raised { kind, message }),
            Some(Err(error)) => Err(HostFault::Broken(error.to_string())),
            None => Err(HostFault::Broken("Python is shutting down".into())),
        }
    })
}
