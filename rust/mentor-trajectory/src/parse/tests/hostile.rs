//! Texts made to be slow: what is read is counted, not timed.

use crate::parse::{Format, Status, Tools, parse};
use crate::work::counted;

const SIZE: usize = 1 << 18;

/// How many bytes may be looked at for each byte of text: a few passes over it, and [`super::super::retry`]'s bound.
const PASSES: usize = 40;

const PIECES: &[&str] = &[
    "{",
    "[",
    "(",
    "<",
    "\"",
    "'",
    "\\",
    ",",
    " ",
    "é",
    "f",
    "}",
    "]",
    "[[{{",
    "{\"",
    "{\"a\":",
    "[{\"a\":",
    "{\"a\":\"",
    "<tool_call>",
    "<tool_call>{",
    "<tool_call>{\"",
    "<tool_call>{\"a\":\"",
    "<tool_call>[{\"a\":\"",
    "</tool_call>",
    "<tool_call>[{\"a\":\"},{",
    "<function=",
    "<function=a>",
    "<function=a><parameter=",
    "<function=a><parameter=k>",
    "<tool_call><function=a><parameter=k>",
    "<parameter=k>",
    "</parameter>",
    "<|python_tag|>",
    "<|python_tag|>{\"a\":\"",
    "};{\"a\":\"",
    "[TOOL_CALLS]",
    "[TOOL_CALLS][{\"a\":\"",
    "[TOOL_CALLS][{},{\"",
    "[TOOL_CALLS]a{\"",
    ",{\"a\":\",{",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁call▁begin｜>function<｜tool▁sep｜>a\n```json\n{\"",
    "<｜tool▁calls▁begin｜>",
    "<|start|>",
    "<|channel|>x<|end|>",
    "<|channel|>",
    "<|message|>",
    "<|start|>assistant to=functions.a<|message|>{\"",
    " to=functions.a",
    "<|tool_call|>[{\"a\":\"",
    "functools[",
    "functools[{\"",
    "functools[{\"a\":\"},{",
    "<start_function_call>call:a{",
    "<start_function_call>call:a{a:<escape>",
    "<escape>",
    "{a:",
    "[f(",
    "[f(a=",
    "[f(a='",
    "[f(a=1),",
    ", g(",
    "[f(a=[",
    "[f(a='x 'y), g(",
    "<|python_start|>[f(a='",
    "<arg_key>",
    "<tool_call>a<arg_key>k</arg_key><arg_value>",
    "<invoke name=",
    "<|tool_call_begin|>",
    "<|tool_call_begin|>functions.a:0<|tool_call_argument_begin|>{\"",
    "<invoke name=\"a\">",
    "<invoke name=\"a\"><parameter name=\"k\">",
    "<minimax:tool_call>",
    "<think>",
    "<think></think>",
    "[THINK]",
    "<tool_response>",
    "<tool_response></tool_response>",
    "<|im_start|>",
    "<|im_start|>user\n",
    "<|im_start|>tool\n",
    "<|im_start|>assistant\n",
    "<|im_end|>",
    "]~b]",
    "\",\"",
    "[\",\",",
    "{\",\":\",\",\"",
    "{\"a\":[{},",
    "{\"a\":1},{",
    "[TOOL_CALLS][x},{\",\":\",\",\":\"",
    "\n\n<tool_call>\n",
    "[f(a={1,",
    "[f(a=(((",
];

/// Every format, on a piece over and over behind a beginning that makes it mean something.
#[test]
fn a_text_is_read_a_bounded_number_of_times() {
    let tools: Tools = ["a", "f"].into_iter().collect();
    let starts = [
        "",
        "<tool_call>{\"a\":",
        "[TOOL_CALLS][{\"a\":\"",
        "[f(x='",
        "<function=a><parameter=k>",
        "{\"a\":\"",
    ];
    let mut worst = (0, String::new());
    for format in Format::all() {
        for piece in PIECES {
            for start in starts {
                let text = format!("{start}{}", piece.repeat(SIZE / 8 / piece.len()));
                let (attempts, read) = counted(|| parse(format, &text, Some(&tools)));
                let passes = read / text.len();
                if passes > worst.0 {
                    worst = (passes, format!("{format:?} {start:?} {piece:?}"));
                }
                let ordered = attempts.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
                assert!(ordered && attempts.iter().all(|a| a.span.end <= text.len()), "{format:?} {piece:?}");
            }
        }
    }
    assert!(worst.0 <= PASSES, "{worst:?}");
}

/// The same texts four times as long are read four times as much.
#[test]
fn what_is_read_grows_with_the_text() {
    for format in Format::all() {
        for piece in PIECES {
            let read = |size: usize| counted(|| parse(format, &piece.repeat(size / piece.len()), None)).1;
            let (small, large) = (read(SIZE / 8), read(SIZE / 2));
            assert!(large <= 5 * small + 10_000, "{format:?} {piece:?}: {small} {large}");
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for (format, open, close) in [
        (Format::Hermes, "<tool_call>{\"name\": \"a\", \"arguments\": {\"x\": ", "}}</tool_call>"),
        (Format::Pythonic, "<|python_start|>[a(x=", ")]<|python_end|>"),
        (Format::FunctionGemma, "<start_function_call>call:a{x:", "}<end_function_call>"),
    ] {
        for (depth, status) in [(100, Status::Valid), (200, Status::Malformed), (100_000, Status::Malformed)]
        {
            let text = format!("{open}{}{}{close}", "[".repeat(depth), "]".repeat(depth));
            let found = parse(format, &text, None);
            assert_eq!(found.iter().map(|a| a.status).collect::<Vec<_>>(), [status], "{format:?} {depth}");
        }
    }
}
