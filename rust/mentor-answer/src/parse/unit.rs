//! Words behind a number: its unit, or a word that multiplies it.

use super::Parser;
use super::sum::is_numeric;
use super::token::Kind;
use crate::kinds::units;
use crate::node::{Bracket, Factor, Function};

impl Parser<'_> {
    /// The unit that follows a number, as written.
    pub(super) fn unit(&mut self, factors: &[Factor]) -> Option<String> {
        let known_only = !factors.iter().all(|factor| is_numeric(&factor.node));
        let (mut end, mut seen) = (self.at, false);
        while let Some(token) = self.tokens.get(end) {
            let first = end == self.at;
            let joined = matches!(self.tokens[end.max(1) - 1].kind, Kind::Slash | Kind::Times);
            let is_unit = match &token.kind {
                Kind::Text(text) => !known_only || units::known(text),
                Kind::Word(word) if first => {
                    unit_word(word, token.space, known_only) || self.words_follow(end + 1, known_only)
                }
                Kind::Word(_) => true,
                Kind::Letter(letter) if first => {
                    !known_only && units::known(letter) && self.shows_unit(end + 1)
                }
                Kind::Letter(letter) => joined || token.space && letter.len() == 1,
                Kind::Currency(_) | Kind::Function(Function::Min) => first,
                _ => false,
            };
            if is_unit {
                seen = true;
            } else if first || !self.continues_unit(end) {
                break;
            }
            end += 1;
        }
        if !seen {
            return None;
        }
        let mut unit = String::new();
        for token in &self.tokens[self.at..end] {
            if token.space && !unit.is_empty() {
                unit.push(' ');
            }
            unit.push_str(match &token.kind {
                Kind::Currency(code) => code,
                Kind::Text(text) => text,
                _ => &self.text[token.start..token.end],
            });
        }
        self.at = end;
        Some(unit)
    }

    /// Whether the token belongs to the unit before it: a power, a slash before another unit, a stop.
    fn continues_unit(&self, at: usize) -> bool {
        let kind = |place: usize| self.tokens.get(place).map(|token| &token.kind);
        let brace = |place: usize| {
            matches!(kind(place), Some(Kind::Open(Bracket::Brace) | Kind::Close(Bracket::Brace)))
        };
        match kind(at) {
            Some(Kind::Caret) => true,
            Some(Kind::Minus) => {
                kind(at - 1) == Some(&Kind::Caret)
                    || brace(at - 1)
                    || matches!(kind(at + 1), Some(Kind::Word(_)))
            }
            Some(Kind::Number(_)) => {
                matches!(kind(at - 1), Some(Kind::Caret | Kind::Minus))
                    || (brace(at - 1) && kind(at - 2) == Some(&Kind::Caret))
            }
            Some(Kind::Open(Bracket::Brace)) => kind(at - 1) == Some(&Kind::Caret),
            Some(Kind::Close(Bracket::Brace)) => {
                matches!(kind(at - 1), Some(Kind::Number(_)))
                    && matches!(kind(at - 2), Some(Kind::Open(Bracket::Brace) | Kind::Minus))
            }
            Some(Kind::Slash | Kind::Times) => {
                matches!(kind(at + 1), Some(Kind::Word(_) | Kind::Text(_) | Kind::Letter(_)))
            }
            _ => false,
        }
    }

    /// Whether a number with a unit follows, as in `1 m 20 cm`, or a unit behind a slash, as in `18 g/mol`.
    fn shows_unit(&self, at: usize) -> bool {
        let kind = |place: usize| self.tokens.get(place).map(|token| &token.kind);
        if kind(at) == Some(&Kind::Slash) {
            return matches!(kind(at + 1), Some(Kind::Word(unit)) if units::known(unit));
        }
        matches!(kind(at), Some(Kind::Number(_)))
            && match kind(at + 1) {
                Some(Kind::Word(unit) | Kind::Letter(unit)) => units::known(unit),
                Some(Kind::Function(Function::Min)) => true,
                _ => false,
            }
    }

    fn words_follow(&self, at: usize, known_only: bool) -> bool {
        !known_only
            && matches!(self.tokens.get(at).map(|token| &token.kind), Some(Kind::Word(word)) if word.len() > 2)
    }
}

/// Whether a word behind a number is its unit rather than a product of letters.
fn unit_word(word: &str, space: bool, known_only: bool) -> bool {
    let letters = word.chars().count();
    // `2us` and the like are products of letters as likely.
    units::known(word)
        && (space || !matches!(word, "us" | "ns" | "pm" | "ug" | "ng" | "dl" | "cl" | "hl" | "ul"))
        || (!known_only && !space && matches!(word, "st" | "nd" | "rd" | "th" | "ths" | "rds"))
        || (!known_only && (letters >= 4 || (space && letters == 3)))
}

/// Words that multiply the number before them.
pub(super) fn scale(word: &str) -> Option<i64> {
    Some(match word.to_ascii_lowercase().as_str() {
        "hundred" => 100,
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        "trillion" => 1_000_000_000_000,
        _ => return None,
    })
}
