//! Numbers in a text: separators between groups of three, points, exponents, repeating decimals.

use super::token::{Kind, Written};
use crate::number::repeating;

/// A number read from the start of a text.
pub(super) struct Found {
    pub kind: Kind,
    pub length: usize,
}

/// What separates groups of three digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// A plain comma: it may separate the items of a list as well.
    Comma,
    Blank,
    /// `{,}`, `\,`, `,\!` and the like.
    Marked,
}

/// Reads the number at the start of a text. Behind a comma of the same list no groups are made of plain commas.
pub(super) fn read(text: &str, in_list: bool) -> Found {
    let whole_length = digits(text);
    let (whole, groups, mut at) = grouped(text, whole_length, in_list);
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'.') {
        return with_power(text, whole, None, groups, at);
    }
    if let Some(found) = european(text, &whole) {
        return found;
    }
    let part_length = digits(&text[at + 1..]);
    let part = &text[at + 1..at + 1 + part_length];
    if let Some((kind, length)) = endless(&whole, part, &text[at + 1 + part_length..]) {
        return Found { kind, length: at + 1 + part_length + length };
    }
    if part_length == 0 {
        // A stop behind a number, not a point.
        return Found { kind: number(whole, None, 0, groups), length: at };
    }
    at += 1 + part_length;
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        // `1.2.3` is no number.
        let length = at + text[at..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        return Found { kind: Kind::Word(text[..length].to_owned()), length };
    }
    with_power(text, whole, Some(part.to_owned()), groups, at)
}

fn number(whole: String, part: Option<String>, power: i64, groups: Option<Vec<String>>) -> Kind {
    Kind::Number(Written { whole, part, power, groups })
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The whole part without separators, its groups between plain commas, and where it ends.
fn grouped(text: &str, first: usize, in_list: bool) -> (String, Option<Vec<String>>, usize) {
    let head = text[..first].trim_start_matches('0');
    let mut whole = text[..first].to_owned();
    let mut at = first;
    if head.is_empty() || head.len() > 3 {
        return (whole, None, at);
    }
    if !in_list && let Some((whole, groups, at)) = indian(text, first) {
        return (whole, Some(groups), at);
    }
    let mut groups = vec![text[..first].to_owned()];
    let mut used: Option<Separator> = None;
    while let Some((separator, length)) = separator(&text[at..]) {
        let start = at + length;
        let behind = &text[start..];
        if digits(behind) != 3
            || used.is_some_and(|used| used != separator)
            || (separator == Separator::Comma && in_list)
            // `3 100/7` is mixed; `1 234` is not.
            || (separator == Separator::Blank && behind[3..].trim_start().starts_with('/'))
        {
            break;
        }
        used = Some(separator);
        whole.push_str(&behind[..3]);
        groups.push(behind[..3].to_owned());
        at = start + 3;
    }
    let groups = (used == Some(Separator::Comma)).then_some(groups);
    (whole, groups, at)
}

/// The separator at the start of a text, where digits follow it.
fn separator(text: &str) -> Option<(Separator, usize)> {
    let spaces = |from: usize| text[from..].bytes().take_while(|b| *b == b' ').count();
    let (separator, mut length) = if text.starts_with(",\\!") {
        (Separator::Marked, 3 + spaces(3))
    } else if text.starts_with(',') {
        (Separator::Comma, 1)
    } else if ["\\,", "\\;", "\\:", "\\ ", "\\!"].iter().any(|mark| text.starts_with(mark)) {
        (Separator::Marked, 2 + spaces(2))
    } else if let Some(inner) = text.trim_start().strip_prefix('{') {
        let close = inner.find('}').filter(|close| inner[..*close].trim() == ",")?;
        (Separator::Marked, text.len() - inner.len() + close + 1)
    } else if text.starts_with('\'') || text.starts_with('_') {
        (Separator::Marked, 1)
    } else if text.starts_with(' ') || text.starts_with('~') {
        (Separator::Blank, 1)
    } else {
        return None;
    };
    if text[length..].starts_with("\\!") {
        length += 2 + spaces(length + 2);
    }
    Some((separator, length))
}

/// `1.234.567,89` and `1.234.567`: groups set off by points, then perhaps a decimal comma.
fn european(text: &str, whole: &str) -> Option<Found> {
    let mut at = whole.len();
    let mut joined = whole.to_owned();
    if whole.is_empty() || whole.len() > 3 || whole.starts_with('0') {
        return None;
    }
    while text[at..].starts_with('.') && digits(&text[at + 1..]) == 3 {
        joined.push_str(&text[at + 1..at + 4]);
        at += 4;
    }
    let groups = (joined.len() - whole.len()) / 3;
    let part = text[at..].strip_prefix(',').map(|rest| &rest[..digits(rest)]).filter(|part| !part.is_empty());
    match part {
        Some(part) if groups > 0 => {
            Some(Found { kind: number(joined, Some(part.to_owned()), 0, None), length: at + 1 + part.len() })
        }
        // One group is a decimal; more digits or points make something else of it.
        None if groups > 1 && !text[at..].starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            Some(Found { kind: number(joined, None, 0, None), length: at })
        }
        _ => None,
    }
}

/// `12,34,567`: the Indian grouping, of two digits each and three at the end.
fn indian(text: &str, first: usize) -> Option<(String, Vec<String>, usize)> {
    let mut groups = vec![text[..first].to_owned()];
    let mut at = first;
    while let Some(rest) = text[at..].strip_prefix(',') {
        let length = digits(rest);
        if !matches!(length, 2 | 3) {
            return None;
        }
        groups.push(rest[..length].to_owned());
        at += 1 + length;
        if length == 3 {
            break;
        }
    }
    let ends = groups.last().is_some_and(|last| last.len() == 3) && !text[at..].starts_with(',');
    (ends && groups.len() > 2 && (1..=2).contains(&first)).then(|| (groups.concat(), groups, at))
}

/// A repeating decimal, or one that goes on: its kind and how far it reaches behind the plain digits.
fn endless(whole: &str, part: &str, rest: &str) -> Option<(Kind, usize)> {
    let mut marked = part.to_owned();
    let (mut from, mut to) = (None, 0);
    let mut at = 0;
    loop {
        let behind = &rest[at..];
        let mark = ["\\overline", "\\bar", "\\dot"].into_iter().find(|mark| behind.starts_with(mark));
        let (inner, length) = if let Some(mark) = mark {
            let argument = behind[mark.len()..].trim_start();
            let gap = behind.len() - mark.len() - argument.len();
            match argument.strip_prefix('{') {
                Some(inner) if !inner[digits(inner)..].starts_with('}') => break,
                Some(inner) => (&inner[..digits(inner)], mark.len() + gap + digits(inner) + 2),
                None => (&argument[..digits(argument).min(1)], mark.len() + gap + 1),
            }
        } else if let Some(inner) = behind.strip_prefix('(').filter(|_| from.is_none()) {
            if !inner[digits(inner)..].starts_with(')') {
                break;
            }
            (&inner[..digits(inner)], digits(inner) + 2)
        } else if from.is_some() && digits(behind) > 0 {
            marked.push_str(&behind[..digits(behind)]);
            at += digits(behind);
            continue;
        } else {
            break;
        };
        if inner.is_empty() {
            break;
        }
        from.get_or_insert(marked.len());
        marked.push_str(inner);
        to = marked.len();
        at += length;
    }
    if let Some(from) = from {
        let value =
            (to == marked.len()).then(|| repeating(whole, &marked[..from], &marked[from..])).flatten();
        return Some((value.map_or(Kind::Truncated, Kind::Repeating), at));
    }
    let dots = ["...", "\\ldots", "\\dots", "\\cdots"].into_iter().find(|dots| rest.starts_with(dots))?;
    if part.is_empty() {
        return None;
    }
    let value = period(part)
        .and_then(|period| repeating(whole, &part[..part.len() - period], &part[part.len() - period..]));
    Some((value.map_or(Kind::Truncated, Kind::Repeating), dots.len()))
}

/// The length of what the digits before an ellipsis repeat: seen twice, or three times if it is one digit.
fn period(part: &str) -> Option<usize> {
    let digits = part.as_bytes();
    (1..=digits.len() / 2).find(|&period| {
        let seen = if period == 1 { 3 } else { 2 };
        let tail = period * seen;
        digits.len() >= tail && digits[digits.len() - tail..].windows(period + 1).all(|w| w[0] == w[period])
    })
}

/// The number with the power of ten written behind it, as in `1.5e8`.
fn with_power(
    text: &str,
    whole: String,
    part: Option<String>,
    groups: Option<Vec<String>>,
    at: usize,
) -> Found {
    match power(&text[at..]) {
        None => Found { kind: number(whole, part, 0, groups), length: at },
        Some((Some(power), length)) => Found { kind: number(whole, part, power, None), length: at + length },
        Some((None, length)) => Found { kind: Kind::Truncated, length: at + length },
    }
}

/// A power of ten such as `e-8` and its length; no power where it is too large to write.
fn power(text: &str) -> Option<(Option<i64>, usize)> {
    let exponent = text.strip_prefix(['e', 'E'])?;
    let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let length = digits(unsigned);
    if length == 0 || unsigned[length..].starts_with(|c: char| c.is_alphabetic() || c == '.') {
        return None;
    }
    let power = unsigned[..length].parse::<i64>().ok();
    let power = if exponent.starts_with('-') { power.map(|power| -power) } else { power };
    Some((power, 1 + (exponent.len() - unsigned.len()) + length))
}

#[cfg(test)]
mod tests {
    use super::super::token::{Kind, Written};
    use crate::number::Rational;

    fn written(text: &str) -> (String, usize) {
        let found = super::read(text, false);
        let shown = match found.kind {
            Kind::Number(Written { whole, part, power, groups }) => {
                let part = part.map_or(String::new(), |part| format!(".{part}"));
                let power = if power == 0 { String::new() } else { format!("e{power}") };
                let groups = groups.map_or(String::new(), |groups| format!(" {}", groups.len()));
                format!("{whole}{part}{power}{groups}")
            }
            Kind::Repeating(value) => format!("{value}"),
            Kind::Truncated => "truncated".into(),
            other => format!("{other:?}"),
        };
        (shown, found.length)
    }

    #[test]
    fn numbers() {
        for (text, expected, length) in [
            ("42x", "42", 2),
            ("1,234,567.5", "1234567.5 3", 11),
            ("1,2345", "1", 1),
            ("0,111", "0", 1),
            ("0001,000", "0001000 2", 8),
            ("1 000 000", "1000000", 9),
            ("14{,}916", "14916", 8),
            ("14 {, }916", "14916", 10),
            ("11,\\! 111,\\!100", "11111100", 15),
            ("1\\,234", "1234", 6),
            ("1, 234", "1", 1),
            ("1.5e-8", "1.5e-8", 6),
            ("2e", "2", 1),
            ("5. So", "5", 1),
            (".25", ".25", 3),
            ("1.234.567,89", "1234567.89", 12),
            ("1.234.567", "1234567", 9),
            ("12,34,567", "1234567 3", 9),
            ("12,34,56", "12", 2),
            ("0.\\overline{3}", "1/3", 14),
            ("0.1\\overline{6}", "1/6", 15),
            ("0.(142857)", "1/7", 10),
            ("0.333...", "1/3", 8),
            ("0.1666\\ldots", "1/6", 12),
            ("0.\\dot{1}4285\\dot{7}", "1/7", 20),
            ("3.14159...", "truncated", 10),
        ] {
            assert_eq!(written(text), (expected.to_owned(), length), "{text}");
        }
        assert_eq!(super::period("1212"), Some(2));
        assert_eq!(super::period("12"), None);
        let third = Rational::new(1.into(), 3.into());
        assert_eq!(crate::number::repeating("0", "", "3"), Some(third));
    }
}
