//! HTML in an answer: entities, superscripts, and tags that only say how something looks.

use std::borrow::Cow;

/// Entities by name, as the characters that they stand for.
const ENTITIES: [(&str, &str); 40] = [
    ("lt", "<"),
    ("gt", ">"),
    ("amp", "&"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("thinsp", " "),
    ("ensp", " "),
    ("minus", "-"),
    ("ndash", "-"),
    ("mdash", "-"),
    ("times", "×"),
    ("divide", "÷"),
    ("plusmn", "±"),
    ("middot", "·"),
    ("sdot", "⋅"),
    ("frasl", "/"),
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("ne", "≠"),
    ("asymp", "≈"),
    ("infin", "∞"),
    ("radic", "√"),
    ("deg", "°"),
    ("pi", "π"),
    ("theta", "θ"),
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("lambda", "λ"),
    ("sup2", "²"),
    ("sup3", "³"),
    ("frac12", "½"),
    ("frac14", "¼"),
    ("frac34", "¾"),
    ("cent", "¢"),
    ("pound", "£"),
    ("euro", "€"),
];

/// Tags that only say how something looks.
const LOOKS: [&str; 12] = ["b", "i", "u", "em", "strong", "span", "p", "br", "code", "mark", "small", "div"];

/// The text without entities, tags and marks of emphasis; the text itself where it has none.
pub(super) fn plain(raw: &str) -> Cow<'_, str> {
    match without_html(raw) {
        Cow::Borrowed(raw) => without_emphasis(raw),
        Cow::Owned(text) => Cow::Owned(without_emphasis(&text).into_owned()),
    }
}

/// `**7** apples`: a power has a number before its stars.
fn without_emphasis(raw: &str) -> Cow<'_, str> {
    let opens = |text: &str, at: usize| {
        text[..at].chars().next_back().is_none_or(char::is_whitespace)
            && text[at + 2..].starts_with(|c: char| !c.is_whitespace() && c != '*')
    };
    let Some(at) = raw.find("**").filter(|at| opens(raw, *at)) else { return Cow::Borrowed(raw) };
    let inner = &raw[at + 2..];
    let Some(length) = inner.find("**") else { return Cow::Borrowed(raw) };
    let rest = &inner[length + 2..];
    if rest.starts_with(char::is_alphanumeric) || inner[..length].ends_with(char::is_whitespace) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(format!("{}{}{}", &raw[..at], &inner[..length], rest))
}

fn without_html(raw: &str) -> Cow<'_, str> {
    let marked = raw.contains("</") || raw.contains("<br");
    let entities = raw.contains('&') && raw.contains(';');
    if !marked && !entities {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = if rest.starts_with('&') { entity(rest) } else { tag(rest).filter(|_| marked) };
        let (text, length) = match found {
            Some((text, length)) => (text, length),
            None => (Cow::Borrowed(&rest[..1]), 1),
        };
        out.push_str(&text);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What an entity at the start stands for, and its length.
fn entity(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(hex) => Some(u32::from_str_radix(hex, 16).ok()?),
            None => Some(digits.parse().ok()?),
        },
        None => None,
    };
    if let Some(code) = code {
        return char::from_u32(code).map(|c| (Cow::Owned(c.to_string()), end + 1));
    }
    let (_, meant) = ENTITIES.iter().find(|(known, _)| *known == name)?;
    Some((Cow::Borrowed(meant), end + 1))
}

/// What a tag at the start means, and its length.
fn tag(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let end = text.bytes().take(60).position(|b| b == b'>')?;
    let inner = text.get(1..end)?.trim_end_matches('/');
    let (closes, name) = inner.strip_prefix('/').map_or((false, inner), |name| (true, name));
    let name = name.split(' ').next().unwrap_or(name).to_ascii_lowercase();
    let meant = match (name.as_str(), closes) {
        ("sup", false) => "^{",
        ("sub", false) => "_{",
        ("sup" | "sub", true) => "}",
        ("br", _) => " ",
        (name, _) if LOOKS.contains(&name) => "",
        _ => return None,
    };
    Some((Cow::Borrowed(meant), end + 1))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup() {
        for (raw, expected) in [
            ("x &lt; 5", "x < 5"),
            ("x<sup>2</sup>", "x^{2}"),
            ("<b>42</b>", "42"),
            ("&pi;&#50;&#x33;", "π23"),
            ("1 & 2; 3", "1 & 2; 3"),
            ("a<b", "a<b"),
            ("**7** apples", "7 apples"),
            ("2**10**2", "2**10**2"),
            ("**x", "**x"),
            ("a < b </span>", "a < b "),
            ("&unknown; </x>", "&unknown; </x>"),
            ("&#99999999;", "&#99999999;"),
            ("é&é;", "é&é;"),
        ] {
            assert_eq!(plain(raw), expected, "{raw}");
        }
    }
}
