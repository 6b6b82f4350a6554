//! `<tool_call>` white space JSON white space `</tool_call>`.
//!
//! The JSON is read before the closing tag is looked for, so a closing tag inside a string is data. A complete object
//! without a closing tag is valid at the end of the text or of the turn. Where the JSON is at fault, the next sibling
//! is looked for right behind the opening tag, since a string without its quote would swallow it.
//!
//! Linear time: a failed reading can pass over a sibling's opening tag only inside a string. Two readings that pass
//! the same tag would have to disagree on which quotes open strings, and then one of them fails at that tag; so each
//! tag is passed over by one reading at most.

use super::tags::next_tag;
use super::{Attempt, Reason, Status, Tools, call_of_object, finished};
use crate::json::{Dialect, Value, parse_prefix, skip_space};
use std::ops::Range;

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";
const THINK: &str = "<think>";
const THINK_END: &str = "</think>";
const RESPONSE: &str = "<tool_response>";
const RESPONSE_END: &str = "</tool_response>";
/// What ends a turn in the chat templates of the models that write this format.
const TURN_ENDS: [&str; 3] = ["<|im_end|>", "<|endoftext|>", "</s>"];

pub(super) fn parse(text: &str, tools: Option<&Tools>) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let mut thoughts_close = true;
    let mut at = 0;
    while let Some((start, which)) = next_tag(text, at, &[OPEN, THINK, RESPONSE]) {
        at = match which {
            0 => {
                let attempt = read(text, start, tools);
                let end = attempt.span.end;
                attempts.push(attempt);
                end
            }
            1 => {
                let inside = start + THINK.len();
                let end = if thoughts_close { next_tag(text, inside, &[THINK_END]) } else { None };
                thoughts_close = end.is_some();
                end.map_or(inside, |(end, _)| end + THINK_END.len())
            }
            _ => match next_tag(text, start + RESPONSE.len(), &[RESPONSE_END]) {
                Some((end, _)) => end + RESPONSE_END.len(),
                None => break,
            },
        };
    }
    attempts
}

/// Reads the attempt whose opening tag is at `start`.
fn read(text: &str, start: usize, tools: Option<&Tools>) -> Attempt {
    let inside = start + OPEN.len();
    let body = skip_space(text.as_bytes(), inside);
    if text.as_bytes().get(body) != Some(&b'{') {
        return refused(start..end_of_malformed(text, inside).1, body, "expected a JSON object");
    }
    let (object, end) = match parse_prefix(text, body, Dialect::STRICT) {
        Ok((Value::Object(object), end)) => (object, end),
        Ok(_) => {
            return refused(start..end_of_malformed(text, inside).1, body, "expected a JSON object");
        }
        Err(fault) => {
            let (body_end, end) = end_of_malformed(text, inside);
            if fault.offset >= body_end {
                // A string or the object ran over the call's end.
                return refused(start..end, body_end, "the JSON object is not complete");
            }
            return refused(start..end, fault.offset, fault.what);
        }
    };
    let Some(span_end) = closed(text, end) else {
        let junk = skip_space(text.as_bytes(), end);
        return refused(
            start..end_of_malformed(text, end).1,
            junk,
            "expected </tool_call> after the JSON object",
        );
    };
    match call_of_object(object) {
        Ok(call) => finished(call, start..span_end, tools),
        Err(what) => refused(start..span_end, body, what),
    }
}

/// The end of the call whose object ends at `end`; nothing if something else than an end follows.
fn closed(text: &str, end: usize) -> Option<usize> {
    let after = skip_space(text.as_bytes(), end);
    let rest = &text.as_bytes()[after..];
    if rest.starts_with(CLOSE.as_bytes()) {
        return Some(after + CLOSE.len());
    }
    let over =
        text[after..].trim_start().is_empty() || TURN_ENDS.iter().any(|t| rest.starts_with(t.as_bytes()));
    over.then_some(end)
}

/// Where a malformed call's body and the call end, looked for from byte `from` on: at the next closing tag that comes
/// before another call, else at the next tag of any kind or the end of the text.
fn end_of_malformed(text: &str, from: usize) -> (usize, usize) {
    let [im_end, endoftext, s_end] = TURN_ENDS;
    let mut stop = None;
    let mut at = from;
    while let Some((place, which)) =
        next_tag(text, at, &[OPEN, CLOSE, THINK, RESPONSE, im_end, endoftext, s_end])
    {
        if which == 1 {
            return (place, place + CLOSE.len());
        }
        stop = stop.or(Some(place));
        if which == 0 {
            break;
        }
        at = place + 1;
    }
    let end = stop.unwrap_or(text.len());
    (end, end)
}

fn refused(span: Range<usize>, offset: usize, what: &'static str) -> Attempt {
    let reason = Reason { offset, what: what.into() };
    Attempt { status: Status::Malformed, call: None, span, reason: Some(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Format, parse as parse_format};

    fn names(text: &str) -> Vec<String> {
        let tell = |a: Attempt| match (a.status, a.call) {
            (Status::Malformed, _) => {
                format!("!{}", a.reason.map_or_else(String::new, |r| r.what.into_owned()))
            }
            (_, call) => call.map_or_else(String::new, |c| c.name),
        };
        parse_format(Format::Hermes, text, None).into_iter().map(tell).collect()
    }

    fn call(name: &str) -> String {
        format!("<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {{}}}}\n</tool_call>")
    }

    #[test]
    fn siblings_survive_a_malformed_call() {
        let (a, b) = (call("a"), call("b"));
        for broken in [
            "<tool_call>{\"name\": \"x</tool_call>",
            "<tool_call>{\"name\": \"x\"",
            "<tool_call>",
            "<tool_call></tool_call>",
            "<tool_call>[]</tool_call>",
            "<tool_call>{'name': 'x'}</tool_call>",
            "<tool_call>{\"name\": \"x\"}}</tool_call>",
            "<tool_call>{\"name\": \"x\"} and",
            "<tool_call>{\"name\": \"x\", \"arguments\": {\"s\": \"<think>\",}}</tool_call>",
            "<tool_call>{\"arguments\": {}}</tool_call>",
        ] {
            let found = names(&format!("{a}{broken}\n{b} </think>"));
            assert_eq!((found[0].as_str(), found[2].as_str()), ("a", "b"), "{broken}: {found:?}");
            assert!(found[1].starts_with('!') && found.len() == 3, "{broken}: {found:?}");
        }
    }

    #[test]
    fn reasons_name_the_fault_and_its_place() {
        for (text, offset, what) in [
            ("<tool_call></tool_call>", 11, "expected a JSON object"),
            ("<tool_call>{\"name\": 5}</tool_call>", 11, "\"name\" is not a text"),
            ("<tool_call>{\"name\": \"\"}</tool_call>", 11, "\"name\" is not a text"),
            ("<tool_call>{}</tool_call>", 11, "no \"name\""),
            (
                "<tool_call>{\"name\": \"a\", \"arguments\": []}</tool_call>",
                11,
                "\"arguments\" is not an object",
            ),
            ("<tool_call>{\"name\": NaN}</tool_call>", 20, "NaN and infinities are not JSON"),
            ("<tool_call>{\"name\": \"a\",}</tool_call>", 24, "expected a key in double quotes"),
            ("<tool_call>{\"name\": \"a</tool_call>", 22, "the JSON object is not complete"),
            ("<tool_call>{\"name\": \"a\"", 23, "the JSON object is not complete"),
            ("<tool_call>{\"name\": \"a\"} x", 25, "expected </tool_call> after the JSON object"),
            ("<tool_call>{\"name\": \"\\ud800\"}</tool_call>", 22, "half of a surrogate pair"),
            (
                "<tool_call>{\"name\": \"a\", \"arguments\": {\"x\": 1e999}}</tool_call>",
                44,
                "a number beyond the range of doubles",
            ),
        ] {
            let found = parse_format(Format::Hermes, text, None);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].reason, Some(Reason { offset, what: what.into() }), "{text}");
        }
    }

    #[test]
    fn thoughts_and_responses_hold_no_calls() {
        let (a, b) = (call("a"), call("b"));
        assert_eq!(names(&format!("<think>{a}</think>{b}")), ["b"]);
        assert_eq!(names(&format!("<think>{a}{b}")), ["a", "b"]);
        assert_eq!(names(&format!("<tool_response>{a}</tool_response>{b}")), ["b"]);
        assert_eq!(names(&format!("{b}<tool_response>{a}")), ["b"]);
        assert_eq!(names(&format!("{a}</think>{b}")), ["a", "b"]);
    }

    #[test]
    fn the_end_of_the_turn_closes_a_complete_call() {
        let open = "<tool_call>{\"name\": \"a\"}";
        for end in ["", " \n", "<|im_end|>\n<|im_start|>user", "</s>", "\n<|endoftext|>"] {
            assert_eq!(names(&format!("{open}{end}")), ["a"], "{end}");
        }
    }

    #[test]
    fn a_closing_tag_in_a_string_is_data() {
        let text = r#"<tool_call>{"name": "a", "arguments": {"s": "</tool_call><tool_call>{}"}}</tool_call>"#;
        assert_eq!(names(text), ["a"]);
    }

    #[test]
    fn a_megabyte_of_anything_is_read_once() {
        let size = 1 << 20;
        for piece in [
            "{",
            "[",
            "<",
            "\"",
            "<tool_call>",
            "<tool_call>{",
            "<tool_call>{\"",
            "<think>",
            "<tool_call>{\"a\":\"",
            "\\",
        ] {
            let text = format!("<tool_call>{{\"a\":{}", piece.repeat(size / piece.len()));
            let attempts = parse_format(Format::Hermes, &text, None);
            assert!(attempts.iter().all(|a| a.status == Status::Malformed && a.span.end <= text.len()));
            let ordered = attempts.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
            assert!(ordered && !attempts.is_empty(), "{piece}");
        }
    }
}
