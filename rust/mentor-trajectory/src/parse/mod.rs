//! Calls in a model's text: one grammar a module, one result for all of them.
//!
//! Rules that hold in every format: a call is *valid*, *unknown* (well formed, but no such tool is offered) or
//! *malformed* (a marker without a readable name and argument object); a malformed call never hides its siblings;
//! text inside a closed `<think>` block or a `<tool_response>` holds no calls. Reading takes linear time.

mod hermes;
mod spans;
mod tags;

use crate::json::{Dialect, Object, Value, parse as parse_json};
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::str::FromStr;
use thiserror::Error;

pub use spans::to_characters;

/// The grammar that a model writes its calls in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`: Qwen2.5, Qwen3, Hermes, `SmolLM3`.
    Hermes,
}

impl Format {
    /// The names that [`Format::from_str`] knows.
    pub const NAMES: &'static [&'static str] = &["hermes"];
}

/// A format of this name is not known.
#[derive(Debug, Error)]
#[error("unknown format {0:?}; known: {names}", names = Format::NAMES.join(", "))]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "hermes" => Ok(Self::Hermes),
            _ => Err(UnknownFormat(name.to_owned())),
        }
    }
}

/// What became of an attempt at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A name and an argument object, and the tool is offered (or the tools are not known).
    Valid,
    /// A marker without a readable name and argument object.
    Malformed,
    /// Well formed, but no tool of this name is offered.
    Unknown,
}

/// A call's name and arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The tool's name, not empty.
    pub name: String,
    /// The arguments.
    pub arguments: Object,
}

/// Why an attempt is not a valid call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The place of the fault in the text: bytes, or characters after [`to_characters`].
    pub offset: usize,
    /// What is wrong.
    pub what: Cow<'static, str>,
}

/// One call, or one attempt at a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// What became of it.
    pub status: Status,
    /// The call; present unless malformed.
    pub call: Option<Call>,
    /// Where it stands, markers included: bytes, or characters after [`to_characters`].
    pub span: Range<usize>,
    /// Why it is not valid; absent if it is.
    pub reason: Option<Reason>,
}

/// The names of the offered tools.
pub type Tools = HashSet<String>;

/// Every attempt at a call in the text, in order, with byte offsets. Without `tools`, names are not checked.
#[must_use]
pub fn parse(format: Format, text: &str, tools: Option<&Tools>) -> Vec<Attempt> {
    match format {
        Format::Hermes => hermes::parse(text, tools),
    }
}

/// The end of a name and an argument object found at `span`: valid or unknown.
fn finished(call: Call, span: Range<usize>, tools: Option<&Tools>) -> Attempt {
    if tools.is_none_or(|tools| tools.contains(&call.name)) {
        return Attempt { status: Status::Valid, call: Some(call), span, reason: None };
    }
    let reason =
        Reason { offset: span.start, what: format!("no tool named {:?} is offered", call.name).into() };
    Attempt { status: Status::Unknown, call: Some(call), span, reason: Some(reason) }
}

/// Reads `{"name": ..., "arguments": {...}}`, or says what it lacks.
///
/// `parameters` is read where `arguments` is missing; both missing is `{}`; a string that holds an object is decoded
/// once.
pub fn call_of_object(mut object: Object) -> Result<Call, &'static str> {
    let name = match object.take("name") {
        Some(Value::String(name)) if !name.is_empty() => name,
        Some(_) => return Err("\"name\" is not a text"),
        None => return Err("no \"name\""),
    };
    let given = match object.take("arguments") {
        None => object.take("parameters"),
        given => given,
    };
    let arguments = match given {
        None => Object::default(),
        Some(Value::Object(arguments)) => arguments,
        Some(Value::String(text)) => match parse_json(&text, Dialect::STRICT) {
            Ok(Value::Object(arguments)) => arguments,
            _ => return Err("\"arguments\" is a text that does not hold a JSON object"),
        },
        Some(_) => return Err("\"arguments\" is not an object"),
    };
    Ok(Call { name, arguments })
}
