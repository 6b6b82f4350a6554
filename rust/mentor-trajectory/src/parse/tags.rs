//! The tags that all formats share, and finding tags: every search is one pass over the bytes that tags begin with.
//!
//! The tables are the chat templates' of the models that write the formats. They hold in every format, since a model
//! may be trained with another family's template.

use crate::work;
use memchr::{memchr, memchr2, memchr3, memmem};

/// Reasoning: what a closed block holds is not read.
pub(super) const THOUGHTS: [(&str, &str); 2] = [("<think>", "</think>"), ("[THINK]", "[/THINK]")];

/// What tools returned.
pub(super) const RESULTS: [(&str, &str); 5] = [
    ("<tool_response>", "</tool_response>"),
    ("[TOOL_RESULTS]", "[/TOOL_RESULTS]"),
    ("<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"),
    ("<start_function_response>", "<end_function_response>"),
    ("<|tool_response_start|>", "<|tool_response_end|>"),
];

/// What ends a turn.
pub(super) const TURN_ENDS: [&str; 13] = [
    "<|im_end|>",
    "<|endoftext|>",
    "</s>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|eom|>",
    "<|end|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<eos>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
];

/// What begins a turn and names its speaker: the role stands between the two texts.
const ROLES: [(&str, &str); 9] = [
    ("<|im_start|>", "\n"),
    ("<|start_header_id|>", "<|end_header_id|>"),
    ("<|header_start|>", "<|header_end|>"),
    ("<|start_of_role|>", "<|end_of_role|>"),
    ("<start_of_turn>", "\n"),
    ("<|im_user|>", "<|im_middle|>"),
    ("<|im_assistant|>", "<|im_middle|>"),
    ("<|im_system|>", "<|im_middle|>"),
    ("]~b]", "\n"),
];

/// What begins a turn of one speaker.
const SPEAKERS: [(&str, Speaker); 10] = [
    ("<|assistant|>", Speaker::Assistant),
    ("<|user|>", Speaker::User),
    ("<|system|>", Speaker::System),
    ("<|tool|>", Speaker::Tool),
    ("<|observation|>", Speaker::Tool),
    ("<｜Assistant｜>", Speaker::Assistant),
    ("<｜User｜>", Speaker::User),
    ("[INST]", Speaker::User),
    ("[/INST]", Speaker::Assistant),
    ("[AVAILABLE_TOOLS]", Speaker::System),
];

/// Longer roles are no roles.
const MAX_ROLE: usize = 64;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The model: its calls are read.
    Assistant,
    /// A tool: the turn is a result.
    Tool,
    /// A user, whose turn may hold results between tags.
    User,
    /// The system: its turn may show what calls and results look like, and holds none.
    System,
}

impl Speaker {
    fn of_role(role: &str) -> Self {
        match role.trim() {
            "assistant" | "model" | "ai" => Self::Assistant,
            "tool" | "ipython" | "function" | "observation" | "tool_response" => Self::Tool,
            "system" | "developer" => Self::System,
            _ => Self::User,
        }
    }
}

/// A tag that every format heeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    /// Reasoning begins; its number in [`THOUGHTS`].
    Thought(usize),
    /// A tool's result begins; its number in [`RESULTS`].
    Result(usize),
    /// A turn begins; the byte behind its head.
    Turn(Speaker, usize),
    /// A turn ends.
    End,
}

/// The tag that every format heeds at byte `at`, if one is there.
pub(super) fn common_at(text: &str, at: usize) -> Option<Common> {
    let rest = &text.as_bytes()[at..];
    if !matches!(rest.first(), Some(b'<' | b'[' | b']')) {
        return None;
    }
    if let Some(which) = THOUGHTS.iter().position(|(open, _)| is(rest, open)) {
        return Some(Common::Thought(which));
    }
    if let Some(which) = RESULTS.iter().position(|(open, _)| is(rest, open)) {
        return Some(Common::Result(which));
    }
    if TURN_ENDS.iter().any(|end| is(rest, end)) {
        return Some(Common::End);
    }
    if let Some((open, speaker)) = SPEAKERS.iter().find(|(open, _)| is(rest, open)) {
        return Some(Common::Turn(*speaker, at + open.len()));
    }
    let (open, close) = ROLES.iter().find(|(open, _)| is(rest, open))?;
    let role = &text.as_bytes()[at + open.len()..];
    let role = &role[..role.len().min(MAX_ROLE)];
    let len = memmem::find(role, close.as_bytes())?;
    let start = at + open.len();
    Some(Common::Turn(Speaker::of_role(&text[start..start + len]), start + len + close.len()))
}

/// Whether the bytes begin with a tag. The second byte decides nearly always.
pub(super) fn is(bytes: &[u8], tag: &str) -> bool {
    let tag = tag.as_bytes();
    (tag.len() == 1 || bytes.get(1) == tag.get(1)) && bytes.starts_with(tag)
}

/// The next place from byte `from` on at which `what` finds something; only at one of one to three bytes.
pub(super) fn find<T>(
    text: &str,
    from: usize,
    triggers: &[u8],
    what: impl Fn(usize) -> Option<T>,
) -> Option<(usize, T)> {
    let bytes = text.as_bytes();
    let next = |at: usize| {
        let rest = bytes.get(at..)?;
        let step = match *triggers {
            [a] => memchr(a, rest),
            [a, b] => memchr2(a, b, rest),
            [a, b, c] => memchr3(a, b, c, rest),
            _ => None,
        };
        work::count(step.unwrap_or(rest.len()) + 1);
        Some(at + step?)
    };
    let mut at = next(from)?;
    loop {
        if let Some(found) = what(at) {
            return Some((at, found));
        }
        at = next(at + 1)?;
    }
}

/// The next place of a text from byte `from` on.
pub(super) fn place_of(what: &str, text: &str, from: usize) -> Option<usize> {
    let rest = &text.as_bytes()[from..];
    let step = memmem::find(rest, what.as_bytes());
    work::count(step.unwrap_or(rest.len()));
    step.map(|step| from + step)
}

/// The next place of a byte from byte `from` on and before `end`.
pub(super) fn place_of_byte(byte: u8, text: &str, from: usize, end: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..end)?;
    let step = memchr(byte, rest);
    work::count(step.unwrap_or(rest.len()));
    step.map(|step| from + step)
}

/// The next of some tags that begin with `<`: its place and its number.
pub(super) fn next_tag(text: &str, from: usize, tags: &[&str]) -> Option<(usize, usize)> {
    find(text, from, b"<", |at| tags.iter().position(|tag| is(&text.as_bytes()[at..], tag)))
}
