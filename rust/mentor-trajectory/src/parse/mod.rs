//! Calls in a model's text: one grammar a module, one result for all of them.
//!
//! Rules that hold in every format: a call is *valid*, *unknown* (well formed, but no such tool is offered) or
//! *malformed* (a marker without a readable name and argument object); a malformed call never hides its siblings;
//! text inside a closed `<think>` block, in a tool's response, or in a turn that is not the model's holds no calls.
//! Reading takes linear time, whatever the text.
//!
//! ```text
//! walk   one pass over the text: turns, reasoning, results, and where a call may begin
//!   grammar   hermes, tagged, glm, list, ... : reads one call or one list of calls, says where to go on
//!     reader   what the grammars share;  retry  bounds what is read again behind a fault
//! auto   which format a text is in;  conversation  the calls with their results and the answer
//! ```

mod auto;
mod conversation;
mod deepseek;
mod gemma;
mod glm;
mod harmony;
mod hermes;
mod kimi;
mod list;
mod literal;
mod llama;
mod mistral;
mod objects;
mod pythonic;
mod reader;
mod retry;
mod spans;
mod tagged;
mod tags;
mod tools;
mod typed;
mod walk;

use crate::json::{Dialect, Object, Value, parse as parse_json, pick, write_string};
use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;
use thiserror::Error;
use walk::{Found, Grammar};

pub use conversation::{Conversation, conversation, final_answer, result_value};
pub use spans::to_characters;
pub use tools::Tools;

/// The grammar that a model writes its calls in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The one that the text is in; see [`detect`].
    Auto,
    /// `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`: Qwen2.5, Qwen3, Hermes, `SmolLM3`.
    Hermes,
    /// `<function=name><parameter=key>value</parameter></function>`: Qwen3-Coder, Qwen3.5, Nemotron-3.
    Qwen3Coder,
    /// `{"name": ..., "parameters": {...}}`: Llama 3.1 and 3.2.
    Llama3Json,
    /// `[TOOL_CALLS]` and a list of objects, or a name and an object.
    Mistral,
    /// `<｜tool▁call▁begin｜>`: DeepSeek V3, V3.1, R1.
    DeepseekV3,
    /// gpt-oss.
    Harmony,
    /// `<|tool_call|>[{...}]`: Granite 3.
    Granite,
    /// `functools[{...}]`.
    Phi4Mini,
    /// `<start_function_call>call:name{...}<end_function_call>`.
    FunctionGemma,
    /// `[name(key=literal)]`: Llama 4, LFM2.
    Pythonic,
    /// `<tool_call>name<arg_key>...`: GLM-4.5 to 4.7.
    Glm45,
    /// `<|tool_call_begin|>functions.name:0`.
    KimiK2,
    /// `<invoke name="name">`: `MiniMax` M2.
    Minimax,
}

/// The formats by name.
const FORMATS: [(&str, Format); 14] = [
    ("auto", Format::Auto),
    ("hermes", Format::Hermes),
    ("qwen3_coder", Format::Qwen3Coder),
    ("llama3_json", Format::Llama3Json),
    ("mistral", Format::Mistral),
    ("deepseek_v3", Format::DeepseekV3),
    ("harmony", Format::Harmony),
    ("granite", Format::Granite),
    ("phi4_mini", Format::Phi4Mini),
    ("functiongemma", Format::FunctionGemma),
    ("pythonic", Format::Pythonic),
    ("glm45", Format::Glm45),
    ("kimi_k2", Format::KimiK2),
    ("minimax", Format::Minimax),
];

impl Format {
    /// The names that [`Format::from_str`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|(name, _)| *name)
    }

    /// All formats.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|(_, format)| *format)
    }

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// How the format's calls are read; nothing for [`Format::Auto`], which is no format of its own.
    fn grammar(self) -> Option<&'static Grammar> {
        Some(match self {
            Self::Auto => return None,
            Self::Hermes => &hermes::GRAMMAR,
            Self::Qwen3Coder => &tagged::QWEN3_CODER,
            Self::Llama3Json => &llama::GRAMMAR,
            Self::Mistral => &mistral::GRAMMAR,
            Self::DeepseekV3 => &deepseek::GRAMMAR,
            Self::Harmony => &harmony::GRAMMAR,
            Self::Granite => &objects::GRANITE,
            Self::Phi4Mini => &objects::PHI4,
            Self::FunctionGemma => &gemma::GRAMMAR,
            Self::Pythonic => &pythonic::GRAMMAR,
            Self::Glm45 => &glm::GRAMMAR,
            Self::KimiK2 => &kimi::GRAMMAR,
            Self::Minimax => &tagged::MINIMAX,
        })
    }
}

/// A format of this name is not known.
#[derive(Debug, Error)]
#[error("unknown format {0:?}; known: {names}", names = Format::names().collect::<Vec<_>>().join(", "))]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = FORMATS.iter().find(|(known, _)| *known == name);
        known.map(|(_, format)| *format).ok_or_else(|| UnknownFormat(name.to_owned()))
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

/// Every attempt at a call in the text, in order, with byte offsets. Without `tools`, names are not checked and the
/// values of formats without types are taken as they look.
#[must_use]
pub fn parse(format: Format, text: &str, tools: Option<&Tools>) -> Vec<Attempt> {
    read(format, text, tools).attempts
}

/// Whether the attempts in a text in the Hermes format are some calls in order and no others, without reading more of
/// it than decides that; nothing for other formats.
///
/// `written` has for each call what it may be written as ([`written`]). `same` compares any other call with one of them
/// by its number.
pub(crate) fn is_exactly(
    format: Format,
    text: &str,
    written: &[Box<str>],
    same: impl Fn(usize, &Call) -> bool,
) -> Option<bool> {
    (format == Format::Hermes).then(|| hermes::is_exactly(text, written, same))
}

/// The object of a call as chat templates write it (Python's `json.dumps`): whoever meets this text has met this call.
/// Nothing, which no object is written as, for a call that cannot stand in a text.
#[must_use]
pub(crate) fn written(call: &Call) -> Box<str> {
    let mut text = String::from("{\"name\": ");
    write_string(&call.name, &mut text);
    text.push_str(", \"arguments\": ");
    call.arguments.write_json(&mut text);
    text.push('}');
    let read = pick(&text, 0, CALL_KEYS, Dialect::STRICT).ok();
    let same = read.and_then(|(values, _)| call_of_values(values).ok()).is_some_and(|read| read == *call);
    if same { text.into() } else { Box::default() }
}

/// The format that [`Format::Auto`] reads a text in; nothing if it holds no attempt at a call in any.
#[must_use]
pub fn detect(text: &str) -> Option<Format> {
    auto::decide(text, None).0
}

fn read(format: Format, text: &str, tools: Option<&Tools>) -> Found {
    match format.grammar() {
        Some(grammar) => walk::walk(grammar, text, tools),
        None => auto::decide(text, tools).1,
    }
}

/// Reads `{"name": ..., "arguments": {...}}`, or says what it lacks.
///
/// `parameters` is read where `arguments` is missing; both missing is `{}`; a string that holds an object is decoded
/// once.
pub fn call_of_object(mut object: Object) -> Result<Call, &'static str> {
    call_of_values(CALL_KEYS.map(|key| object.take(key)))
}

/// The keys of a call's object.
const CALL_KEYS: [&str; 3] = ["name", "arguments", "parameters"];

/// The same, of the values of these keys.
fn call_of_values([name, arguments, parameters]: [Option<Value>; 3]) -> Result<Call, &'static str> {
    let name = match name {
        Some(Value::String(name)) if !name.is_empty() => name,
        Some(_) => return Err("\"name\" is not a text"),
        None => return Err("no \"name\""),
    };
    let arguments = match arguments.or(parameters) {
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

/// Whether an object says what a call's arguments are.
fn has_arguments(object: &Object) -> bool {
    ["arguments", "parameters"].iter().any(|key| object.get(key).is_some())
}

#[cfg(test)]
mod tests;
