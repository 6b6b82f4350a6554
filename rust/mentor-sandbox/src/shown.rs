//! What a model is shown of a tool call's outcome: one bounded text.

use std::borrow::Cow;

use crate::outcome::{Outcome, Status};

/// The most characters of a result that a model is shown.
pub const SHOWN: usize = 2048;

/// A value that is a text as it is, another value as JSON, an error as `Error: ...`; what the call printed, where it
/// returned nothing. At most [`SHOWN`] characters and a note of what was left out.
#[must_use]
pub fn shown(outcome: &Outcome) -> String {
    let text = if outcome.status == Status::Ok {
        value(outcome)
    } else {
        Cow::Owned(format!("Error: {}", reason(outcome)))
    };
    bounded(&text, SHOWN)
}

/// What a model is shown of a call that did not run.
#[must_use]
pub fn shown_refusal(reason: &str) -> String {
    bounded(&format!("Error: {reason}"), SHOWN)
}

/// The text, cut to `limit` characters with a note of how many were left out.
fn bounded(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((at, _)) => {
            format!("{} ... [{} more characters]", &text[..at], text[at..].chars().count())
        }
    }
}

fn value(outcome: &Outcome) -> Cow<'_, str> {
    match outcome.value.as_deref().map(str::trim) {
        None | Some("null") if outcome.stdout_len > 0 => {
            let printed = String::from_utf8_lossy(&outcome.stdout);
            Cow::Owned(printed.trim_end_matches('\n').to_owned())
        }
        None => Cow::Borrowed("null"),
        Some(json) if json.starts_with('"') => Cow::Owned(unescaped(&json[1..json.len() - 1], true)),
        Some(json) if json.contains("\\u") => Cow::Owned(unescaped(json, false)),
        Some(json) => Cow::Borrowed(json),
    }
}

fn reason(outcome: &Outcome) -> String {
    match (&outcome.error, outcome.exit_code) {
        (_, Some(code)) if outcome.status == Status::Exited => format!("the tool exited with code {code}"),
        (None, _) => format!("the tool {}", outcome.status.as_str()),
        (Some(error), _) if outcome.status == Status::Limit => error.message.clone(),
        (Some(error), _) if error.message.is_empty() => error.kind.clone(),
        (Some(error), _) => format!("{}: {}", error.kind, error.message),
    }
}

/// JSON text with the letters that its escapes stand for. The escapes that JSON cannot do without stay, unless `all`
/// go. Half a surrogate pair, which no text can hold, becomes U+FFFD.
fn unescaped(json: &str, all: bool) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (letter, len) = escape(&rest[at..]);
        let needed = letter < ' ' || letter == '"' || letter == '\\';
        if needed && !all {
            out.push_str(&rest[at..at + len]);
        } else {
            out.push(letter);
        }
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    out
}

/// The letter that an escape at the start of a text stands for, and the escape's length.
fn escape(text: &str) -> (char, usize) {
    let letter = match text.as_bytes().get(1) {
        Some(b'u') => return unit_pair(text),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(&plain) => char::from(plain),
        None => return ('\\', 1),
    };
    (letter, 2)
}

fn unit_pair(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(0), unit(6)];
    let mut letters = char::decode_utf16(units.into_iter().map_while(|unit| unit));
    match letters.next() {
        Some(Ok(letter)) => (letter, 6 * letter.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::GuestError;

    fn returned(json: &str) -> String {
        shown(&Outcome { value: Some(json.into()), ..Outcome::empty() })
    }

    #[test]
    fn values_are_shown_as_written_and_letters_as_letters() {
        assert_eq!(returned("[1, 2.5]"), "[1, 2.5]");
        assert_eq!(returned(r#""a\n\"b\" \u00e9 \\u0041""#), "a\n\"b\" é \\u0041");
        assert_eq!(
            returned(r#"{"\u00e9": "\ud83d\ude00 \u0007 \n \"q\" \u007f"}"#),
            "{\"é\": \"\u{1f600} \\u0007 \\n \\\"q\\\" \u{7f}\"}"
        );
        assert_eq!(
            returned(r#"["\ud800", "\ud800\u0041", "\ude00"]"#),
            "[\"\u{fffd}\", \"\u{fffd}A\", \"\u{fffd}\"]"
        );
        assert_eq!(returned("null"), "null");
    }

    #[test]
    fn what_was_printed_stands_in_for_nothing_returned() {
        let printed = Outcome { stdout: b"x\xff\n\n".to_vec(), stdout_len: 4, ..Outcome::empty() };
        assert_eq!(shown(&printed), "x\u{fffd}");
        assert_eq!(shown(&Outcome { value: Some("0".into()), ..printed }), "0");
        assert_eq!(shown(&Outcome::empty()), "null");
    }

    #[test]
    fn what_went_wrong_is_said() {
        let error = GuestError { kind: "ValueError".into(), message: "no".into(), traceback: String::new() };
        let ended = |status, error| Outcome { status, error, ..Outcome::empty() };
        assert_eq!(shown(&ended(Status::Raised, Some(error.clone()))), "Error: ValueError: no");
        assert_eq!(shown(&ended(Status::Limit, Some(error.clone()))), "Error: no");
        assert_eq!(shown(&ended(Status::Crashed, None)), "Error: the tool crashed");
        let empty = GuestError { message: String::new(), ..error };
        assert_eq!(shown(&ended(Status::Raised, Some(empty))), "Error: ValueError");
        let exited = Outcome { exit_code: Some(3), ..ended(Status::Exited, None) };
        assert_eq!(shown(&exited), "Error: the tool exited with code 3");
    }

    #[test]
    fn texts_are_bounded_by_characters() {
        assert_eq!(bounded("ééé", 3), "ééé");
        assert_eq!(bounded("ééé", 2), "éé ... [1 more characters]");
    }
}
