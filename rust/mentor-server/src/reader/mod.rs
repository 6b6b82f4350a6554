//! Tool sources read and calls made ready by the Python that does it for Python users, in a guest of its own.
//!
//! A source is somebody's text: reading its syntax tree in a guest bounds what that can cost, and there is one
//! implementation of what a schema is and when a call fits it. The guest is made when it is first needed.

use std::sync::{Arc, OnceLock};

use mentor_sandbox::{Job, Outcome, PackageFile, Program, Sandbox, SandboxOptions, State, Status};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::options::Options;
use crate::problem::Problem;

/// The modules that it needs, as the Python package has them. Packages are empty here: what they usually import
/// is not needed.
const MODULES: [(&str, &str); 9] = [
    ("mentor/__init__.py", ""),
    ("mentor/errors.py", include_str!("../../../../python/mentor/errors.py")),
    ("mentor/tools/__init__.py", ""),
    ("mentor/tools/adapt.py", include_str!("../../../../python/mentor/tools/adapt.py")),
    ("mentor/tools/annotations.py", include_str!("../../../../python/mentor/tools/annotations.py")),
    ("mentor/tools/check.py", include_str!("../../../../python/mentor/tools/check.py")),
    ("mentor/tools/docstring.py", include_str!("../../../../python/mentor/tools/docstring.py")),
    ("mentor/tools/offer.py", include_str!("../../../../python/mentor/tools/offer.py")),
    ("mentor/tools/schema.py", include_str!("../../../../python/mentor/tools/schema.py")),
];
const PRELUDE: &str = include_str!("guest.py");

/// The guest that reads.
pub struct Reader {
    options: SandboxOptions,
    sandbox: OnceLock<Result<Arc<Sandbox>, String>>,
}

/// A source as it was read.
pub struct Reading {
    /// The tools' OpenAI schemas.
    pub schemas: Box<RawValue>,
    /// The programs to execute, one after another.
    pub parts: Vec<String>,
    /// Where the reader's guest remembers the source.
    state: State,
}

impl Ready {
    /// Whether the call may run.
    pub fn runs(&self) -> bool {
        matches!(self, Self::Run { .. })
    }
}

impl Reading {
    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        self.state.size() + self.schemas.get().len() + self.parts.iter().map(String::len).sum::<usize>()
    }
}

/// A call that may run, or why it may not.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Ready {
    Run { entry: String, arguments: String },
    Refused { refused: String },
}

#[derive(Deserialize)]
struct Read {
    error: Option<String>,
    schemas: Option<Box<RawValue>>,
    parts: Option<Vec<String>>,
}

impl Reader {
    pub fn new(options: &Options) -> Self {
        let packages = MODULES.iter().map(|(path, text)| PackageFile {
            path: (*path).to_owned(),
            content: Arc::new(text.as_bytes().to_vec()),
        });
        let options = SandboxOptions {
            engine: options.engine.clone(),
            prelude: PRELUDE.to_owned(),
            packages: packages.collect(),
            limits: options.limits,
            threads: 1,
            host_tools: Vec::new(),
            restore: options.restore,
            verify: false,
        };
        Self { options, sandbox: OnceLock::new() }
    }

    fn sandbox(&self) -> Result<&Arc<Sandbox>, Problem> {
        let make = || Sandbox::new(&self.options).map(Arc::new).map_err(|error| error.to_string());
        self.sandbox.get_or_init(make).as_ref().map_err(|error| Problem::broken(error.clone()))
    }

    /// Reads a source; blocks.
    pub fn read(&self, source: &str, given: Option<&RawValue>) -> Result<Reading, Problem> {
        let given: Value = given.map_or(Ok(Value::Null), |given| {
            serde_json::from_str(given.get()).map_err(|error| Problem::bad(format!("schemas: {error}")))
        })?;
        let arguments = json!({"source": source, "given": given}).to_string();
        let program = Program::Call { name: "read_source".into(), arguments };
        let (outcome, state) = self.run(Job { keep_state: true, ..Job::new(program) })?;
        let read: Read = value(&outcome, "source")?;
        match (read, state) {
            (Read { error: Some(error), .. }, _) => Err(Problem::bad(format!("source: {error}"))),
            (Read { schemas: Some(schemas), parts: Some(parts), .. }, Some(state)) => {
                Ok(Reading { schemas, parts, state })
            }
            _ => Err(Problem::broken("the reader gave no schemas")),
        }
    }

    /// Makes calls of a source ready; blocks.
    pub fn prepare(&self, reading: &Reading, calls: &[(&str, &RawValue)]) -> Result<Vec<Ready>, Problem> {
        let rows: Vec<_> = calls.iter().map(|(name, arguments)| json!([name, arguments])).collect();
        let arguments = json!({"calls": rows}).to_string();
        let program = Program::Call { name: "prepare".into(), arguments };
        let (outcome, _) = self.run(Job { state: Some(reading.state.clone()), ..Job::new(program) })?;
        let ready: Vec<Ready> = value(&outcome, "calls")?;
        if ready.len() == calls.len() { Ok(ready) } else { Err(Problem::broken("the reader lost calls")) }
    }

    fn run(&self, job: Job) -> Result<(Outcome, Option<State>), Problem> {
        let results = self.sandbox()?.run_batch(vec![job], || true);
        let result = results.map_err(|error| Problem::broken(error.to_string()))?.pop();
        let result = result.ok_or_else(|| Problem::broken("the reader gave no result"))?;
        Ok((result.outcome, result.state))
    }
}

/// What a function of the reader's guest returned. Text that the guest could not read within its limits is the
/// client's.
fn value<T: for<'a> Deserialize<'a>>(outcome: &Outcome, field: &str) -> Result<T, Problem> {
    let reason = || outcome.error.as_ref().map_or("it ended early".into(), |error| error.message.clone());
    match (outcome.status, &outcome.value) {
        (Status::Ok, Some(text)) => {
            serde_json::from_str(text).map_err(|error| Problem::broken(format!("the reader: {error}")))
        }
        (Status::Failed, _) => Err(Problem::broken(reason())),
        _ => Err(Problem::bad(format!("{field}: cannot be read: {}", reason()))),
    }
}
