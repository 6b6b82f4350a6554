//! What a task's text gives: the numbers in it, and the texts that it mentions.

use super::atoms::{Key, Scalar};

/// A text, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Task {
    lower: String,
    numbers: Vec<(Key, f64)>,
}

impl Task {
    pub fn new(text: &str) -> Self {
        let number = |literal: String| match Scalar::of_text(&literal) {
            Scalar::Number(key, value) => Some((key, value)),
            _ => None,
        };
        let numbers = numbers(text).into_iter().filter_map(number).collect();
        Self { lower: text.to_lowercase(), numbers }
    }

    /// The numbers that occur.
    pub fn numbers(&self) -> &[(Key, f64)] {
        &self.numbers
    }

    /// Whether a text occurs, whatever its case, not as a part of a longer word.
    pub fn mentions(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut start = 0;
        while let Some(found) = self.lower[start..].find(&text) {
            let (from, to) = (start + found, start + found + text.len());
            let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            if !inside(self.lower[..from].chars().next_back()) && !inside(self.lower[to..].chars().next()) {
                return true;
            }
            start = from + self.lower[from..].chars().next().map_or(1, char::len_utf8);
        }
        false
    }
}

/// The number literals of a text: digits, with thousands set off by commas and a fraction; a sign where no word or
/// number stands before it.
fn numbers(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let negative = at > 0 && bytes[at - 1] == b'-' && !(at > 1 && is_of_word(bytes[at - 2]));
        let mut literal = String::from(if negative { "-" } else { "" });
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut length = digits(at);
        literal.push_str(&text[at..at + length]);
        at += length;
        while length <= 3 && bytes.get(at) == Some(&b',') && digits(at + 1) == 3 {
            literal.push_str(&text[at + 1..at + 4]);
            at += 4;
            length = 3;
        }
        if bytes.get(at) == Some(&b'.') && digits(at + 1) > 0 {
            let end = at + 1 + digits(at + 1);
            literal.push_str(&text[at..end]);
            at = end;
        }
        let whole = literal.trim_start_matches('-').trim_start_matches('0');
        let lost = literal.trim_start_matches('-').len() - whole.len();
        if lost > 0 {
            // `007` is 7, `0.5` and `0` keep their zero.
            let zero = if whole.is_empty() || whole.starts_with('.') { "0" } else { "" };
            literal = format!("{}{zero}{whole}", if negative { "-" } else { "" });
        }
        found.push(literal);
    }
    found
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b')' | b']') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_prose() {
        let text = "Take 2, 3 and -4: 1,250.50 euros, 20% of 007; 10-5, x-6, (-7), v1.2.3, 1,2,3, 12,345,678 0.5 0 00.";
        let expected = [
            "2", "3", "-4", "1250.50", "20", "7", "10", "5", "6", "-7", "1.2", "3", "1", "2", "3",
            "12345678", "0.5", "0", "0",
        ];
        assert_eq!(numbers(text), expected);
        assert_eq!(numbers("1,2345 1234,567"), ["1", "2345", "1234", "567"]);
    }

    #[test]
    fn texts_are_mentioned_as_words() {
        let task = Task::new("Weather in Paris, and in New  York. Écoute!");
        for (text, expected) in [
            ("paris", true),
            ("Par", false),
            ("in", true),
            ("York", true),
            ("ork", false),
            ("écoute", true),
            ("xyz", false),
        ] {
            assert_eq!(task.mentions(text), expected, "{text}");
        }
    }
}
