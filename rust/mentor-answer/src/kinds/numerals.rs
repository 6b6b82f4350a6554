//! Numbers written out in words: whole ones, fractions, mixed ones, decimals, and ordinals.

use crate::number::Rational;
use num_bigint::BigInt;
use num_traits::{Pow, Zero};

/// Longer texts are no numerals.
const MAX_BYTES: usize = 120;

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const SCALES: [(&str, i64); 4] = [
    ("trillion", 1_000_000_000_000),
    ("billion", 1_000_000_000),
    ("million", 1_000_000),
    ("thousand", 1_000),
];

/// Ordinals that are not the cardinal with `th`.
const IRREGULAR: [(&str, &str); 8] = [
    ("first", "one"),
    ("second", "two"),
    ("third", "three"),
    ("fifth", "five"),
    ("eighth", "eight"),
    ("ninth", "nine"),
    ("twelfth", "twelve"),
    ("hundredth", "hundred"),
];

/// A number written out in words, and nothing else: `twenty-one`, `minus four`, `two thirds`, `three and a half`.
pub(crate) fn number(text: &str) -> Option<Rational> {
    leading(text).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

/// A number in words at the start of a text, and what follows it: `two weeks`.
pub(crate) fn leading(text: &str) -> Option<(Rational, &str)> {
    if text.len() > MAX_BYTES || !text.is_ascii() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let words = Words::new(&lower);
    let (value, end) = words.signed()?;
    let rest = words.spans.get(end).map_or("", |(start, _)| &text[*start..]);
    Some((value, rest.trim()))
}

/// The place that an ordinal names: `third`, `twenty-first`, `3rd`.
pub(crate) fn ordinal(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_prefix("the ").unwrap_or(&lower);
    if lower.len() > MAX_BYTES {
        return None;
    }
    if let Some(digits) = ["st", "nd", "rd", "th"].into_iter().find_map(|tail| lower.strip_suffix(tail))
        && let Ok(place) = digits.trim_end().parse::<i64>()
    {
        return Some(place);
    }
    let start = lower.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = lower.split_at(start);
    let cardinal = match IRREGULAR.iter().find(|(name, _)| *name == last) {
        Some((_, cardinal)) => format!("{head}{cardinal}"),
        None => match last.strip_suffix("ieth") {
            Some(stem) => format!("{head}{stem}y"),
            None => format!("{head}{}", last.strip_suffix("th")?),
        },
    };
    let words = Words::new(&cardinal);
    words.cardinal(0).filter(|(_, end)| *end == words.spans.len()).map(|(value, _)| value)
}

/// The words of a text, and where they stand.
struct Words<'a> {
    text: &'a str,
    spans: Vec<(usize, usize)>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let mut spans = Vec::new();
        let mut start = None;
        for (at, byte) in text.bytes().enumerate() {
            match (matches!(byte, b' ' | b'-'), start) {
                (true, Some(from)) => {
                    spans.push((from, at));
                    start = None;
                }
                (false, None) => start = Some(at),
                _ => {}
            }
        }
        spans.extend(start.map(|from| (from, text.len())));
        Self { text, spans }
    }

    fn word(&self, at: usize) -> &'a str {
        self.spans.get(at).map_or("", |(start, end)| &self.text[*start..*end])
    }

    fn signed(&self) -> Option<(Rational, usize)> {
        if matches!(self.word(0), "minus" | "negative") {
            return self.value(1).map(|(value, end)| (-value, end));
        }
        self.value(0)
    }

    /// `half`, `two thirds`, `three and a half`, `three point five`, `two dozen`, `twelve`.
    fn value(&self, at: usize) -> Option<(Rational, usize)> {
        if let Some(found) = self.fraction(at) {
            return Some(found);
        }
        if (self.word(at), self.word(at + 1)) == ("a", "dozen") {
            return Some((Rational::from_integer(12.into()), at + 2));
        }
        let (whole, end) = match self.word(at) {
            "dozen" => (1, at),
            _ => self.cardinal(at)?,
        };
        let value = Rational::from_integer(whole.into());
        match self.word(end) {
            "dozen" => Some((value * BigInt::from(12), end + 1)),
            "point" => {
                let (part, end) = self.decimals(end + 1)?;
                Some((value + part, end))
            }
            "and" => {
                let part = self.fraction(end + 1);
                Some(part.map_or((value.clone(), end), |(part, end)| (value + part, end)))
            }
            _ => Some((value, end)),
        }
    }

    /// The digits behind `point`.
    fn decimals(&self, at: usize) -> Option<(Rational, usize)> {
        let mut end = at;
        let mut digits = BigInt::zero();
        while let Some(digit) = SMALL[..10].iter().position(|name| *name == self.word(end)) {
            digits = digits * 10 + digit;
            end += 1;
        }
        (end > at).then(|| (Rational::new(digits, Pow::pow(BigInt::from(10), end - at)), end))
    }

    /// `a half`, `one third`, `two thirds`: the denominator has a plural where there are several.
    fn fraction(&self, at: usize) -> Option<(Rational, usize)> {
        let (above, end) = match self.word(at) {
            "half" => return Some((Rational::new(1.into(), 2.into()), at + 1)),
            "a" => (1, at + 1),
            _ => self.cardinal(at)?,
        };
        let below = denominator(self.word(end), above != 1)?;
        Some((Rational::new(above.into(), below.into()), end + 1))
    }

    /// A whole number: groups below a thousand, each with its scale.
    fn cardinal(&self, at: usize) -> Option<(i64, usize)> {
        let (mut total, mut end, mut last) = (0, at, i64::MAX);
        loop {
            let linked = end > at && self.word(end) == "and";
            let Some((group, after)) = self.below_thousand(end + usize::from(linked)) else { break };
            let scale = SCALES.iter().find(|(name, _)| *name == self.word(after)).map_or(1, |(_, n)| *n);
            if scale >= last {
                break;
            }
            total += group * scale;
            end = after + usize::from(scale > 1);
            last = scale;
            if scale == 1 {
                break;
            }
        }
        (end > at).then_some((total, end))
    }

    fn below_thousand(&self, at: usize) -> Option<(i64, usize)> {
        let bare = self.word(at) == "hundred" || SCALES.iter().any(|(name, _)| *name == self.word(at));
        let article = self.word(at) == "a"
            && (self.word(at + 1) == "hundred" || SCALES.iter().any(|(name, _)| *name == self.word(at + 1)));
        let (mut value, mut end) = if bare {
            (1, at)
        } else if article {
            (1, at + 1)
        } else {
            self.below_hundred(at)?
        };
        if self.word(end) == "hundred" {
            value *= 100;
            end += 1;
            let linked = usize::from(self.word(end) == "and");
            if let Some((rest, after)) = self.below_hundred(end + linked) {
                (value, end) = (value + rest, after);
            }
        }
        Some((value, end))
    }

    fn below_hundred(&self, at: usize) -> Option<(i64, usize)> {
        let place = |names: &[&str], word| names.iter().position(|name| *name == word).map(|n| n as i64);
        if let Some(small) = place(&SMALL, self.word(at)) {
            return Some((small, at + 1));
        }
        let ten = (place(&TENS, self.word(at))? + 2) * 10;
        match place(&SMALL[..10], self.word(at + 1)).filter(|digit| *digit > 0) {
            Some(digit) => Some((ten + digit, at + 2)),
            None => Some((ten, at + 1)),
        }
    }
}

/// What a word divides by: `thirds` is 3. A second is a unit of time.
fn denominator(word: &str, plural: bool) -> Option<i64> {
    let single = match (word, plural) {
        ("halves", true) | ("half", false) => return Some(2),
        (word, true) => word.strip_suffix('s')?,
        (word, false) => word,
    };
    match single {
        "quarter" => Some(4),
        "second" | "first" => None,
        other => ordinal(other).filter(|below| *below > 2 && other.bytes().all(|b| b.is_ascii_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::{leading, number, ordinal};

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("seven", "7"),
            ("Twenty-one", "21"),
            ("two hundred and five", "205"),
            ("one thousand two hundred", "1200"),
            ("two million", "2000000"),
            ("a hundred", "100"),
            ("twelve hundred", "1200"),
            ("minus four", "-4"),
            ("one half", "1/2"),
            ("half", "1/2"),
            ("a third", "1/3"),
            ("two-thirds", "2/3"),
            ("three quarters", "3/4"),
            ("seven twentieths", "7/20"),
            ("three and a half", "7/2"),
            ("two and three quarters", "11/4"),
            ("three point one four", "157/50"),
            ("a dozen", "12"),
            ("two dozen", "24"),
        ] {
            assert_eq!(number(text).map(|value| value.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["and", "someone", "a", "one two", "twenty third", "three or four", "", "one second"] {
            assert_eq!(number(text), None, "{text}");
        }
        let (value, rest) = leading("two weeks").unwrap();
        assert_eq!((value.to_string().as_str(), rest), ("2", "weeks"));
    }

    #[test]
    fn ordinals() {
        for (text, place) in
            [("third", 3), ("twenty-first", 21), ("the 5th", 5), ("fortieth", 40), ("22nd", 22)]
        {
            assert_eq!(ordinal(text), Some(place), "{text}");
        }
        assert_eq!(ordinal("north"), None);
    }
}
