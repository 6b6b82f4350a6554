//! Finding tags: every search is one pass over `<` signs.

use memchr::memchr;

/// The next tag of `tags` from byte `from` on: its place and its number in `tags`.
pub(super) fn next_tag(text: &str, from: usize, tags: &[&str]) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(step) = memchr(b'<', &bytes[at..]) {
        at += step;
        if let Some(which) = tags.iter().position(|tag| bytes[at..].starts_with(tag.as_bytes())) {
            return Some((at, which));
        }
        at += 1;
    }
    None
}
