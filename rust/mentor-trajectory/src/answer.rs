//! The final answer: what the last complete `\boxed{...}` of a text holds.

use std::ops::Range;

const BOXED: &[u8] = b"\\boxed";

/// The content of the last complete `\boxed{...}`: the one that starts last among those whose braces balance.
///
/// White space may stand before the brace; `\{` and `\}` are characters, not braces. One pass, linear time.
#[must_use]
pub fn extract_answer(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut last: Option<Range<usize>> = None;
    let mut at = memchr::memmem::find(bytes, BOXED)?;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => {
                let (next, brace) = after_backslash(bytes, at);
                if let Some(brace) = brace {
                    open.push((brace + 1, true));
                }
                at = next;
                continue;
            }
            b'{' => open.push((at + 1, false)),
            b'}' => {
                if let Some((start, true)) = open.pop()
                    && last.as_ref().is_none_or(|range| range.start < start)
                {
                    last = Some(start..at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    last.map(|range| &text[range])
}

/// Where to go on behind a backslash, and the place of the brace if it began `\boxed{`.
fn after_backslash(bytes: &[u8], at: usize) -> (usize, Option<usize>) {
    if bytes[at..].starts_with(BOXED) {
        let mut brace = at + BOXED.len();
        while bytes.get(brace).is_some_and(u8::is_ascii_whitespace) {
            brace += 1;
        }
        return if bytes.get(brace) == Some(&b'{') { (brace + 1, Some(brace)) } else { (brace, None) };
    }
    match bytes.get(at + 1) {
        // Two backslashes are a line break, unless the second begins a box that was escaped once too often.
        Some(b'\\') if bytes[at + 1..].starts_with(BOXED) => (at + 1, None),
        Some(b'{' | b'}' | b'\\') => (at + 2, None),
        _ => (at + 1, None),
    }
}

#[cfg(test)]
mod tests {
    use super::extract_answer;

    #[test]
    fn the_last_complete_box_counts() {
        for (text, expected) in [
            ("", None),
            ("\\boxed", None),
            ("\\boxed{", None),
            ("\\boxed 5", None),
            ("boxed{5}", None),
            ("\\boxed{5}", Some("5")),
            ("\\boxed{}", Some("")),
            ("\\boxed {5}", Some("5")),
            ("\\boxed{1} \\boxed{2}", Some("2")),
            ("\\boxed{1} \\boxed{2", Some("1")),
            ("\\boxed{\\frac{1}{2}}", Some("\\frac{1}{2}")),
            ("\\boxed{\\{1, 2\\}}", Some("\\{1, 2\\}")),
            ("\\boxed{\\{}", Some("\\{")),
            ("{{ \\boxed{5} }}", Some("5")),
            ("} \\boxed{5}", Some("5")),
            ("\\boxed{a \\boxed{b} c}", Some("b")),
            ("\\\\boxed{7}", Some("7")),
            ("\\boxed{x\\\\}", Some("x\\\\")),
            ("\\boxed{é} ü", Some("é")),
        ] {
            assert_eq!(extract_answer(text), expected, "{text}");
        }
    }
}
