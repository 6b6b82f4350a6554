//! gpt-oss: messages `<|start|>role<|channel|>channel<|message|>content<|end|>`. A message of the assistant to
//! `functions.NAME`, named in the role's or the channel's section, is a call whose content is its arguments; it ends
//! at `<|call|>` or with the text. An empty content is `{}`. Other recipients are tools of the model's own.
//!
//! A completion may begin anywhere in its first head. What other messages hold is not read.

use super::Call;
use super::reader::Reader;
use super::tags::next_tag;
use super::walk::Grammar;
use crate::json::{Fault, Object};
use crate::work;

const START: &str = "<|start|>";
const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const CALL: &str = "<|call|>";
const ENDS: [&str; 4] = ["<|end|>", CALL, "<|return|>", START];
const RECIPIENT: &str = "functions.";
const ASSISTANT: &str = "assistant";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[START, CHANNEL, MESSAGE], bare: &[], closes: &[CALL], read };

/// Reads a message whose head, or the rest of it, begins at `start`.
fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    // The first message's head may begin before its first tag.
    let first = !std::mem::replace(&mut reader.begun, true) && which > 0;
    let begin = if first && to_function(&reader.text[..start]).is_some() { 0 } else { start };
    let head_end = if GRAMMAR.opens[which] == MESSAGE { Ok(start) } else { head_end(reader, start) };
    let head = &reader.text[begin..head_end.unwrap_or_else(|end| end)];
    let name = if role(head) == ASSISTANT { to_function(head) } else { None };
    let (content, name) = match (head_end, name) {
        (Ok(end), Some(name)) => (end + MESSAGE.len(), name),
        (Ok(end), None) => return plain(reader, head, end + MESSAGE.len()),
        (Err(end), None) => return end,
        (Err(end), Some(_)) => {
            return reader.malformed(begin..end, end, "expected <|message|> behind the recipient");
        }
    };
    let call = call(reader, content, name);
    let end = reader.report(begin, content, call);
    reader.found.last_turn = end..end;
    end
}

/// Where the head that begins at `start` ends: at its content, or before it.
fn head_end(reader: &Reader<'_>, start: usize) -> Result<usize, usize> {
    match next_tag(reader.text, start + 1, &[MESSAGE, ENDS[0], ENDS[1], ENDS[2], ENDS[3]]) {
        Some((end, 0)) => Ok(end),
        Some((end, _)) => Err(end),
        None => Err(reader.text.len()),
    }
}

/// Who speaks: the model, where the head does not say.
fn role(head: &str) -> &str {
    let role = head.strip_prefix(START).and_then(|rest| rest.split(['<', ' ', '\n']).next());
    role.unwrap_or(ASSISTANT)
}

/// Passes over a message that is no call: perhaps a result, perhaps the answer.
fn plain(reader: &mut Reader<'_>, head: &str, content: usize) -> usize {
    let end = next_tag(reader.text, content, &ENDS).map_or(reader.text.len(), |(end, _)| end);
    let role = role(head);
    if role == ASSISTANT {
        let is_final = head.find(CHANNEL).is_none_or(|at| head[at + CHANNEL.len()..].starts_with("final"));
        reader.found.last_turn = if is_final { content..end } else { end..end };
    } else if role == "tool" || role.starts_with(RECIPIENT) {
        reader.found.results.push(content..end);
        reader.found.last_turn = end..end;
    }
    end
}

/// The name of the function that a head is addressed to.
fn to_function(head: &str) -> Option<&str> {
    work::count(head.len());
    let place = head
        .match_indices("to=")
        .find(|(at, _)| matches!(head.as_bytes()[..*at].last(), None | Some(b' ' | b'\n' | b'>')))?;
    let recipient = head[place.0 + 3..].split(['<', ' ', '\n']).next()?;
    recipient.strip_prefix(RECIPIENT)
}

fn call(reader: &Reader<'_>, content: usize, name: &str) -> Result<(Call, usize), Fault> {
    if name.is_empty() {
        return Err(Fault { offset: content, what: "expected the function's name in its recipient" });
    }
    let body = reader.skip_space(content);
    let (arguments, end) = match reader.after(body, CALL) {
        Some(_) => (Object::default(), body),
        None => reader.object(body)?,
    };
    let end = reader.closed(end, CALL, "expected <|call|> after the arguments")?;
    Ok((Call { name: name.to_owned(), arguments }, end))
}
