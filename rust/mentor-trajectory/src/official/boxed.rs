//! The published search for the box: quirks 2 to 6 and 22.

use memchr::memrchr_iter;

/// What the published `last_boxed_only_string` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boxed<'a> {
    /// The text behind the last `\boxed ` up to a dollar sign.
    Spaced(&'a str),
    /// The text from the last `\boxed` or `\fbox` to the brace that closes it.
    Braced(&'a str),
}

/// The box: every `\boxed{` is overlooked if the text has a `\boxed ` anywhere.
pub(super) fn last_boxed(text: &str) -> Option<Boxed<'_>> {
    let (mut boxed, mut framed) = (None, None);
    // Texts have few backslashes, so that looking at each of them is the search.
    for place in memrchr_iter(b'\\', text.as_bytes()) {
        let rest = &text[place..];
        if let Some(content) = rest.strip_prefix("\\boxed ") {
            return Some(Boxed::Spaced(content.split('$').next().unwrap_or(content)));
        }
        if boxed.is_none() && rest.starts_with("\\boxed") {
            boxed = Some(place);
        } else if framed.is_none() && rest.starts_with("\\fbox") {
            framed = Some(place);
        }
    }
    let start = boxed.or(framed)?;
    let mut open = 0_i64;
    for (step, byte) in text[start..].bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(Boxed::Braced(&text[start..=start + step]));
                }
            }
            _ => {}
        }
    }
    None
}

/// What the published `remove_boxed` takes out of it; nothing where it raises.
pub(super) fn unboxed(found: Boxed<'_>) -> Option<&str> {
    match found {
        Boxed::Spaced(content) => Some(content),
        Boxed::Braced(text) => text.strip_prefix("\\boxed{")?.strip_suffix('}'),
    }
}
