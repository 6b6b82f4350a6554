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
    if let Some(place) = last_command(text, "\\boxed ") {
        let rest = &text[place + "\\boxed ".len()..];
        return Some(Boxed::Spaced(rest.split('$').next().unwrap_or(rest)));
    }
    let start = last_command(text, "\\boxed").or_else(|| last_command(text, "\\fbox"))?;
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

/// The last place of a text that begins with a backslash, which are few.
fn last_command(text: &str, command: &str) -> Option<usize> {
    memrchr_iter(b'\\', text.as_bytes())
        .find(|&place| text.as_bytes()[place..].starts_with(command.as_bytes()))
}

/// What the published `remove_boxed` takes out of it; nothing where it raises.
pub(super) fn unboxed(found: Boxed<'_>) -> Option<&str> {
    match found {
        Boxed::Spaced(content) => Some(content),
        Boxed::Braced(text) => text.strip_prefix("\\boxed{")?.strip_suffix('}'),
    }
}
