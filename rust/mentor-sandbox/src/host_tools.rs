//! Host tools: functions of the host's that guests may call by name. None unless the embedder gives some.
//!
//! A tool is a function from JSON text to JSON text with a time-out of its own. It runs on a thread that is not
//! the guest's worker (`callers`), so one that never returns holds its own thread and nothing else. Every call is
//! recorded with its answer; a run that is given the record replays it and calls nothing.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::Error;
use crate::callers::Callers;
use crate::process::PerProcess;

/// Takes the arguments, a JSON object, and gives the result, JSON text.
pub type HostFunction = Arc<dyn Fn(&str) -> Result<String, HostFault> + Send + Sync>;

/// Why a host function gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostFault {
    /// It raised: the guest sees a `HostToolError` and may go on.
    Raised {
        /// The exception's type name.
        kind: String,
        /// Its message.
        message: String,
    },
    /// The machinery failed: the job is `Failed`, which says nothing about its program.
    Broken(String),
}

/// A function of the host's that guests may call.
#[derive(Clone)]
pub struct HostTool {
    /// Its name in the guest's module `mentor_host`: an identifier.
    pub name: String,
    /// The names of its positional parameters, for guests that call it by position.
    pub parameters: Vec<String>,
    /// Its documentation in the guest.
    pub doc: String,
    /// How long a call may take; the job's deadline ends it too.
    pub timeout: Duration,
    /// What is called.
    pub function: HostFunction,
}

impl fmt::Debug for HostTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostTool({}, {:?})", self.name, self.timeout)
    }
}

/// One call of a host tool, as it is recorded and replayed.
#[derive(Debug, Clone)]
pub struct HostCall {
    /// The tool's name.
    pub name: String,
    /// The arguments, a JSON object.
    pub arguments: String,
    /// What came back.
    pub answer: HostAnswer,
    /// How long the guest waited.
    pub wall: Duration,
}

/// Equal where the guest saw the same: the time aside.
impl PartialEq for HostCall {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.arguments, &self.answer) == (&other.name, &other.arguments, &other.answer)
    }
}

impl Eq for HostCall {}

/// What a call of a host tool came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAnswer {
    /// The result, JSON text.
    Value(String),
    /// The function raised.
    Raised {
        /// The exception's type name.
        kind: String,
        /// Its message.
        message: String,
    },
    /// The function took longer than its time-out.
    TimedOut,
    /// The result would have taken the job over its limit `host`.
    TooLarge,
    /// The job's deadline came first.
    Stopped,
}

/// A sandbox's host tools and the threads that run them.
pub(crate) struct HostTools {
    tools: HashMap<String, HostTool>,
    /// In the order given, for messages and for the guest's module.
    names: Vec<String>,
    callers: PerProcess<Callers>,
}

impl HostTools {
    pub(crate) fn new(tools: &[HostTool]) -> Result<Arc<Self>, Error> {
        let mut by_name = HashMap::new();
        for tool in tools {
            let problem = if !is_identifier(&tool.name) {
                Some("is no identifier")
            } else if RESERVED.contains(&tool.name.as_str()) {
                Some("is a name of the module mentor_host itself")
            } else if tool.timeout.is_zero() {
                Some("has a time-out of 0 s; expected more than 0")
            } else {
                by_name.insert(tool.name.clone(), tool.clone()).map(|_| "is given twice")
            };
            if let Some(problem) = problem {
                let reason = format!("{:?} {problem}", tool.name);
                return Err(Error::Option { field: "host_tools", reason });
            }
        }
        let names = tools.iter().map(|tool| tool.name.clone()).collect();
        Ok(Arc::new(Self { tools: by_name, names, callers: PerProcess::new() }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&HostTool> {
        self.tools.get(name)
    }

    /// This process's threads.
    pub(crate) fn callers(&self) -> &Callers {
        match self.callers.get_or_try_init(|| Ok::<_, Infallible>(Callers::default())) {
            Ok(callers) => callers,
            Err(never) => match never {},
        }
    }

    pub(crate) fn names(&self) -> String {
        self.names.join(", ")
    }

    /// What the guest's module is made from: a JSON list of `[name, parameters, doc]`.
    pub(crate) fn specification(&self) -> String {
        let tools = self.names.iter().filter_map(|name| self.tools.get(name));
        let rows: Vec<_> = tools.map(|tool| json!([tool.name, tool.parameters, tool.doc])).collect();
        json!(rows).to_string()
    }
}

/// What `mentor_host` defines beside the tools.
const RESERVED: [&str; 3] = ["call", "HostToolError", "HostToolTimeout"];

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
