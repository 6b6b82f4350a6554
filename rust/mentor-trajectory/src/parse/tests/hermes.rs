//! Hermes, decision by decision; what holds in it holds in the others.

use crate::parse::{Attempt, Format, Reason, Status, parse};

fn names(text: &str) -> Vec<String> {
    let tell = |a: Attempt| match (a.status, a.call) {
        (Status::Malformed, _) => {
            format!("!{}", a.reason.map_or_else(String::new, |r| r.what.into_owned()))
        }
        (_, call) => call.map_or_else(String::new, |c| c.name),
    };
    parse(Format::Hermes, text, None).into_iter().map(tell).collect()
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
        ("<tool_call>{\"name\": \"a\", \"arguments\": []}</tool_call>", 11, "\"arguments\" is not an object"),
        ("<tool_call>{\"name\": NaN}</tool_call>", 20, "NaN and infinities are not JSON"),
        ("<tool_call>{\"name\": \"a\",}</tool_call>", 24, "expected a key in double quotes"),
        ("<tool_call>{\"name\": \"a</tool_call>", 22, "the call is not complete"),
        ("<tool_call>{\"name\": \"a\"", 23, "the call is not complete"),
        ("<tool_call>{\"name\": \"a\"} x", 25, "expected </tool_call> after the JSON object"),
        ("<tool_call>{\"name\": \"\\ud800\"}</tool_call>", 22, "half of a surrogate pair"),
        (
            "<tool_call>{\"name\": \"a\", \"arguments\": {\"x\": 1e999}}</tool_call>",
            44,
            "a number beyond the range of doubles",
        ),
    ] {
        let found = parse(Format::Hermes, text, None);
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
