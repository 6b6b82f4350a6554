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

const START: &str = "<|start|>";
const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const CALL: &str = "<|call|>";
const ENDS: [&str; 4] = ["<|end|>", CALL, "<|return|>", START];
const RECIPIENT: &str = "functions.";

pub(super) const GRAMMAR: Grammar =
    Grammar { triggers: b"<", opens: &[START, CHANNEL, MESSAGE], bare: &[], closes: &[CALL], read };

/// Reads a message whose head, or the rest of it, begins at `start`.
fn read(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    // The first message's head may begin before its first tag.
    let first = which > 0 && reader.found.last_turn.start == 0 && reader.found.attempts.is_empty();
    let begin = if first && to_function(&reader.text[..start]).is_some() { 0 } else { start };
    let head_end = match next_tag(reader.text, start + 1, &[MESSAGE, ENDS[0], ENDS[1], ENDS[2], START]) {
        _ if which == 2 => start,
        Some((end, 0)) => end,
        other => {
            let end = other.map_or(reader.text.len(), |(end, _)| end);
            if to_function(&reader.text[begin..end]).is_none() {
                return end;
            }
            return reader.malformed(begin..end, end, "expected <|message|> behind the recipient");
        }
    };
    let head = &reader.text[begin..head_end];
    let content = head_end + MESSAGE.len();
    let role = head
        .strip_prefix(START)
        .map_or("assistant", |rest| rest.split(['<', ' ', '\n']).next().unwrap_or(""));
    if role == "assistant"
        && let Some(name) = to_function(head)
    {
        let call = call(reader, content, name);
        let end = reader.report(begin, content, call);
        reader.found.last_turn = end..end;
        return end;
    }
    let end = content_end(reader, content);
    let is_final = head.find(CHANNEL).is_none_or(|at| head[at + CHANNEL.len()..].starts_with("final"));
    if role == "assistant" {
        reader.found.last_turn = if is_final { content..end } else { end..end };
    } else if role == "tool" || role.starts_with(RECIPIENT) {
        reader.found.results.push(content..end);
        reader.found.last_turn = end..end;
    }
    end
}

/// The name of the function that a head is addressed to.
fn to_function(head: &str) -> Option<&str> {
    let place = head
        .match_indices("to=")
        .find(|(at, _)| matches!(head.as_bytes()[..*at].last(), None | Some(b' ' | b'\n' | b'>')))?;
    let recipient = head[place.0 + 3..].split(['<', ' ', '\n']).next()?;
    recipient.strip_prefix(RECIPIENT)
}

fn content_end(reader: &Reader<'_>, content: usize) -> usize {
    next_tag(reader.text, content, &ENDS).map_or(reader.text.len(), |(end, _)| end)
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
