//! A whole conversation as text: its calls, what each returned, and the final answer.
//!
//! Calls and results are paired in the order in which they stand: those between two groups of results are one group
//! of calls. Where a group has as many results as attempts, they belong to all of its attempts, since a tool loop may
//! answer malformed ones too; where it has fewer, they belong to its well-formed calls.

use super::tags::{Common, common_at, find};
use super::tools::Tools;
use super::walk::Found;
use super::{Attempt, Format, Status, auto, gemma, read};
use crate::answer::extract_answer;
use crate::json::{Dialect, Value, parse as parse_json};
use std::ops::Range;

/// What a conversation holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// The attempts at calls, in order, with byte offsets.
    pub attempts: Vec<Attempt>,
    /// What each attempt returned, where that is known.
    pub results: Vec<Option<Value>>,
    /// The content of the last complete box of the model's last turn.
    pub answer: Option<String>,
}

/// Reads a conversation, or a completion of several turns, that a chat template made into text.
///
/// The model's turns are read; a text that begins without a turn's head begins in one of them.
#[must_use]
pub fn conversation(format: Format, text: &str, tools: Option<&Tools>) -> Conversation {
    let (format, found) = match format {
        Format::Auto => auto::decide(text, tools),
        format => (Some(format), read(format, text, tools)),
    };
    let Found { attempts, results, last_turn } = found;
    let results = paired(&attempts, &results).into_iter();
    let value = |place: Range<usize>| returned(format, &text[place]);
    let results = results.map(|place| place.map(value)).collect();
    Conversation { attempts, results, answer: extract_answer(&text[last_turn]).map(str::to_owned) }
}

/// The final answer of a conversation alone.
#[must_use]
pub fn final_answer(format: Format, text: &str) -> Option<&str> {
    if is_one_turn(format, text) {
        return extract_answer(text);
    }
    extract_answer(&text[read(format, text, None).last_turn])
}

/// Whether the text is one turn of the model's, whatever calls it holds: nothing in it could begin another or a result.
fn is_one_turn(format: Format, text: &str) -> bool {
    let begins = |at| matches!(common_at(text, at), Some(Common::Result(_) | Common::Turn(..))).then_some(());
    // Harmony has channels, each of which is a turn.
    !matches!(format, Format::Auto | Format::Harmony) && find(text, 0, b"<[]", begins).is_none()
}

/// The place of each attempt's result.
fn paired(attempts: &[Attempt], results: &[Range<usize>]) -> Vec<Option<Range<usize>>> {
    let mut places = vec![None; attempts.len()];
    let (mut call, mut result) = (0, 0);
    while call < attempts.len() && result < results.len() {
        // Results before the first call of a group are nobody's.
        result += results[result..].iter().take_while(|r| r.start < attempts[call].span.start).count();
        let Some(next) = results.get(result) else { break };
        let group = attempts[call..].iter().take_while(|a| a.span.start < next.start).count();
        let end = attempts.get(call + group).map_or(usize::MAX, |attempt| attempt.span.start);
        let answers = results[result..].iter().take_while(|r| r.start < end).count();
        let all = answers >= group;
        let answered = (call..call + group).filter(|at| all || attempts[*at].status != Status::Malformed);
        for (at, place) in answered.zip(&results[result..result + answers]) {
            places[at] = Some(place.clone());
        }
        (call, result) = (call + group, result + answers);
    }
    places
}

/// A result as a JSON value: what its text is as JSON, else the text without white space around it.
#[must_use]
pub fn result_value(text: &str) -> Value {
    let text = text.trim();
    parse_json(text, Dialect::STRICT).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The value of a result as a format's chat templates write it.
fn returned(format: Option<Format>, text: &str) -> Value {
    let text = text.trim();
    match format {
        Some(Format::Mistral) => of_mistral(text),
        Some(Format::FunctionGemma) => gemma::response(text).unwrap_or_else(|| result_value(text)),
        // Llama's templates write a text as a JSON string.
        Some(Format::Llama3Json | Format::Pythonic) => match result_value(text) {
            Value::String(inner) => result_value(&inner),
            value => value,
        },
        Some(Format::Minimax) => {
            let inner = text.strip_prefix("<response>").and_then(|text| text.strip_suffix("</response>"));
            result_value(inner.unwrap_or(text))
        }
        _ => result_value(text),
    }
}

/// `{"content": ..., "call_id": ...}`, one such object in a list, or `id[TOOL_CONTENT]text`.
fn of_mistral(text: &str) -> Value {
    if let Some((_, content)) = text.split_once("[TOOL_CONTENT]") {
        return result_value(content);
    }
    let mut value = result_value(text);
    if let Value::Array(items) = &mut value
        && let [Value::Object(only)] = items.as_mut_slice()
        && let Some(content) = only.take("content")
    {
        return inner(content);
    }
    match &mut value {
        Value::Object(object) if object.get("call_id").is_some() => {
            object.take("content").map_or(value, inner)
        }
        _ => value,
    }
}

fn inner(content: Value) -> Value {
    match content {
        Value::String(text) => result_value(&text),
        value => value,
    }
}
