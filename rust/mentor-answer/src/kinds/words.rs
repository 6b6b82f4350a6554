//! Words: what of them matters, and the mathematics inside a sentence.

/// The words of a text, without case, commands, punctuation and a leading article.
pub(crate) fn plain(text: &str, fold: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            // A command without its name's meaning: `\text`, `\ `, `\,`.
            let mut name = String::new();
            while let Some(letter) = chars.peek().filter(|c| c.is_ascii_alphabetic()) {
                name.push(*letter);
                chars.next();
            }
            if !LOOKS.contains(&name.as_str()) {
                out.push_str(&name);
            }
            out.push(' ');
        } else if c.is_alphanumeric()
            || matches!(c, '+' | '=' | '<' | '>' | '/' | '*' | '^' | '%' | '.' | '!')
        {
            if fold { out.extend(c.to_lowercase()) } else { out.push(c) }
        } else if c != '\'' {
            out.push(' ');
        }
    }
    let words: Vec<&str> =
        out.split_whitespace().map(|word| word.trim_matches('.')).filter(|w| !w.is_empty()).collect();
    let words = match words.as_slice() {
        [article, rest @ ..]
            if !rest.is_empty() && matches!(*article, "the" | "a" | "an" | "The" | "A" | "An") =>
        {
            rest
        }
        all => all,
    };
    words.join(" ")
}

const LOOKS: [&str; 12] = [
    "text",
    "textbf",
    "textit",
    "textrm",
    "textnormal",
    "mathrm",
    "mathbf",
    "mbox",
    "left",
    "right",
    "quad",
    "qquad",
];

/// The mathematics inside a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Inside<'a> {
    /// One candidate: marked as mathematics, or behind "is" or "=", or the only number.
    One(&'a str),
    /// Several numbers: no telling which is the answer.
    Several,
    /// None.
    Nothing,
}

/// Looks for the answer inside a sentence.
pub(crate) fn inside(text: &str) -> Inside<'_> {
    if !text.contains(' ') {
        return Inside::Nothing;
    }
    if let Some(found) = said_at_the_end(text) {
        return Inside::One(found);
    }
    if let Some(found) = delimited(text, "$", "$").or_else(|| delimited(text, "\\(", "\\)")) {
        return found;
    }
    for lead in [" is ", " are ", " equals ", " = ", " be ", " is: ", ": "] {
        if let Some(at) = text.rfind(lead) {
            let rest = text[at + lead.len()..].trim();
            let mathematical =
                rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\\' | '-' | '(' | '[' | '$'));
            if mathematical && !rest.is_empty() {
                return Inside::One(rest);
            }
        }
    }
    numbers(text)
}

/// Whether a text that has no tree is a sentence: it begins with words.
pub(crate) fn is_sentence(text: &str) -> bool {
    let word = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let mut words = text.split(' ');
    words.next().is_some_and(|first| word(first) || first == "A") && words.next().is_some_and(word)
}

/// `The value of $x$ is $3$`: what is marked as mathematics behind the only "is", up to the end.
fn said_at_the_end(text: &str) -> Option<&str> {
    let (before, rest) = [" is ", " are ", " equals "].into_iter().find_map(|lead| text.rsplit_once(lead))?;
    let inner = rest.trim().strip_prefix('$')?.strip_suffix('$')?;
    (!inner.contains('$') && !before.contains(" is ")).then_some(inner)
}

/// What stands between delimiters, if that is in one place.
fn delimited<'a>(text: &'a str, left: &str, right: &str) -> Option<Inside<'a>> {
    let start = text.find(left)? + left.len();
    let length = text[start..].find(right)?;
    let more = text[start + length + right.len()..].contains(left);
    if text[start..start + length].trim().is_empty() {
        return None;
    }
    Some(if more { Inside::Several } else { Inside::One(&text[start..start + length]) })
}

/// The last number of a text.
pub(crate) fn last_number(text: &str) -> Option<&str> {
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = text[..end]
        .rfind(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '/')))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let minus =
        start > 0 && text[..start].ends_with('-') && (start < 2 || text[..start - 1].ends_with([' ', '$']));
    Some(text[start - usize::from(minus)..end].trim_start_matches(['.', ',', '/']))
}

fn numbers(text: &str) -> Inside<'_> {
    let bytes = text.as_bytes();
    let mut found = None;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || matches!(bytes[at], b'.' | b',' | b'/')) {
            at += 1;
        }
        let inside_word = start > 0 && (bytes[start - 1].is_ascii_alphabetic() || bytes[start - 1] == b'_')
            || bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        if inside_word {
            return Inside::Several;
        }
        if found.is_some() {
            return Inside::Several;
        }
        let minus = start > 0 && bytes[start - 1] == b'-' && (start < 2 || bytes[start - 2] == b' ');
        let span = &text[start - usize::from(minus)..at];
        found = Some(span.trim_end_matches(['.', ',', '/']));
    }
    found.map_or(Inside::Nothing, Inside::One)
}

#[cfg(test)]
mod tests {
    use super::{Inside, inside, plain};

    #[test]
    fn words() {
        assert_eq!(plain("The  Cat's \\text{hat}.", true), "cats hat");
    }

    #[test]
    fn sentences() {
        assert_eq!(inside("There are 12 apples left"), Inside::One("12 apples left"));
        assert_eq!(inside("we find $x=3$ here"), Inside::One("x=3"));
        assert_eq!(inside("The area is 4\\pi"), Inside::One("4\\pi"));
        assert_eq!(inside("2 of 5 apples"), Inside::Several);
        assert_eq!(inside("none left"), Inside::Nothing);
        assert_eq!(inside("AZYUK2A"), Inside::Nothing);
    }
}
