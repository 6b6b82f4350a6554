//! Text to tokens.

use super::digits;
use super::token::{Kind, Token, Written, function, word};
use crate::node::{Bracket, Constant, Relation, SetOperation};

/// Texts of more tokens are only compared as written.
const MAX_TOKENS: usize = 3_000;

/// Countries whose dollar a sign is.
const DOLLARS: [&str; 8] = ["US", "A", "AU", "C", "CA", "HK", "NZ", "S"];

/// Codes of currencies, which stand before a number as well as behind it.
const CURRENCIES: [&str; 6] = ["USD", "EUR", "GBP", "JPY", "INR", "CNY"];

/// The tokens of a cleaned text; nothing where it holds characters that mathematics does not use, or too much.
pub(crate) fn lex(text: &str) -> Option<Vec<Token>> {
    let mut lexer =
        Lexer { text, at: 0, space: false, tokens: Vec::new(), dollars: dollars(text), quoted: false };
    while lexer.at < text.len() {
        if lexer.tokens.len() > MAX_TOKENS {
            return None;
        }
        lexer.step()?;
    }
    Some(lexer.tokens)
}

/// Whether dollars are currency signs rather than delimiters.
fn dollars(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut places = (0..bytes.len()).filter(|&i| bytes[i] == b'$' && (i == 0 || bytes[i - 1] != b'\\'));
    let count = places.clone().count();
    if count % 2 == 1 {
        return true;
    }
    // `$5 and $6`: what would close stands before a digit and behind a blank.
    places
        .nth(1)
        .is_some_and(|close| bytes[close - 1] == b' ' && bytes.get(close + 1).is_some_and(u8::is_ascii_digit))
}

/// The place in a text, and the tokens before it.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    space: bool,
    tokens: Vec<Token>,
    dollars: bool,
    /// Whether a single quote is open.
    quoted: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Adds a token of the next `length` bytes.
    pub(super) fn push(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.tokens.push(Token { kind, space: self.space, start, end: self.at });
        self.space = false;
    }

    pub(super) fn skip(&mut self, length: usize) {
        self.at += length;
    }

    pub(super) fn blank(&mut self, length: usize) {
        self.at += length;
        self.space = true;
    }

    fn last(&self) -> Option<&Kind> {
        self.tokens.last().map(|token| &token.kind)
    }

    fn step(&mut self) -> Option<()> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        if first.is_ascii_alphanumeric()
            && let Some((kind, length)) = based(rest)
        {
            self.push(kind, length);
            return Some(());
        }
        if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            self.number();
            return Some(());
        }
        if first == '\\' {
            return self.backslash();
        }
        if first.is_alphabetic() {
            self.letters();
            return Some(());
        }
        self.sign(first)
    }

    fn number(&mut self) {
        let comma_before = matches!(self.last(), Some(Kind::Comma)) && !self.space;
        let found = digits::read(self.rest(), comma_before);
        self.push(found.kind, found.length);
    }

    fn sign(&mut self, first: char) -> Option<()> {
        let rest = self.rest();
        if let Some((kind, length)) = long_sign(rest) {
            self.push(kind, length);
            return Some(());
        }
        let kind = match first {
            // A stop inside a text ends a sentence.
            ' ' | '~' | '.' => {
                self.blank(1);
                return Some(());
            }
            '"' if self.tokens.iter().any(|token| matches!(token.kind, Kind::Prime | Kind::Degree))
                && matches!(self.last(), Some(Kind::Number(_))) =>
            {
                // Seconds of arc, or inches.
                self.push(Kind::Prime, 0);
                Kind::Prime
            }
            // `'a'` of programs.
            '\'' if self.quoted
                || matches!(self.last(), None | Some(Kind::Open(_) | Kind::Comma | Kind::Colon)) =>
            {
                self.quoted = !self.quoted;
                self.skip(1);
                return Some(());
            }
            '"' | '`' | '#' => {
                self.skip(1);
                return Some(());
            }
            '$' => {
                if self.dollars {
                    self.push(Kind::Currency("USD"), 1);
                } else {
                    self.blank(1);
                }
                return Some(());
            }
            '+' => Kind::Plus,
            '-' => Kind::Minus,
            '*' => Kind::Times,
            '/' => Kind::Slash,
            '^' => Kind::Caret,
            '_' => Kind::Underscore,
            '!' => Kind::Bang,
            ',' => Kind::Comma,
            ';' => Kind::Semicolon,
            ':' => Kind::Colon,
            '|' => Kind::Pipe,
            '&' => Kind::Ampersand,
            '\'' => Kind::Prime,
            '%' => Kind::Percent,
            '=' => Kind::Relation(Relation::Equal),
            '<' => Kind::Relation(Relation::Less),
            '>' => Kind::Relation(Relation::Greater),
            '(' => Kind::Open(Bracket::Round),
            ')' => Kind::Close(Bracket::Round),
            '[' => Kind::Open(Bracket::Square),
            ']' => Kind::Close(Bracket::Square),
            '{' => Kind::Open(Bracket::Brace),
            '}' => Kind::Close(Bracket::Brace),
            '¢' => Kind::Word("cent".to_owned()),
            '€' => Kind::Currency("EUR"),
            '£' => Kind::Currency("GBP"),
            '¥' => Kind::Currency("JPY"),
            '₹' => Kind::Currency("INR"),
            _ => return None,
        };
        self.push(kind, first.len_utf8());
        Some(())
    }

    fn letters(&mut self) {
        let rest = self.rest();
        let length = word_length(rest);
        let run = &rest[..length];
        let digits = rest[length..].bytes().take_while(u8::is_ascii_digit).count();
        if DOLLARS.contains(&run) && (rest[length..].starts_with('$') || rest[length..].starts_with("\\$")) {
            return self.skip(length);
        }
        let mut letters = run.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return self.letter(letter, digits);
        }
        if self.between_numbers(run) {
            return;
        }
        if matches!(run, "math" | "np" | "numpy") && rest[length..].starts_with('.') {
            // Where a program finds its functions.
            return self.skip(length + 1);
        }
        if run == "or"
            && let Some(more) = ["more", "less", "fewer", "greater"]
                .into_iter()
                .find(|more| rest[length..].trim_start().starts_with(more))
        {
            let gap = rest[length..].len() - rest[length..].trim_start().len();
            return self.push(Kind::Word(format!("or {more}")), length + gap + more.len());
        }
        let behind = rest[length..].trim_start();
        if behind.starts_with(|c: char| c.is_ascii_digit())
            && let Some(code) = CURRENCIES.into_iter().find(|code| *code == run)
        {
            return self.push(Kind::Currency(code), length);
        }
        if let Some(kind) = word(run) {
            if matches!(kind, Kind::Function(crate::node::Function::Log))
                && digits > 0
                && rest[length + digits..].starts_with('(')
            {
                // log2(8), log10(100).
                let base = rest[length..length + digits].to_owned();
                self.push(kind, length);
                self.push(Kind::Underscore, 0);
                self.push(Kind::Number(Written::integer(&base)), digits);
                return;
            }
            self.push(kind, length);
            return;
        }
        for name in ["arcsin", "arccos", "arctan", "sin", "cos", "tan", "ln", "log"] {
            if let Some(tail) = run.strip_prefix(name)
                && tail.len() == 1
                && digits == 0
                && let Some(function) = function(name)
            {
                self.push(Kind::Function(function), name.len());
                return self.letter(tail.chars().next().unwrap_or('x'), 0);
            }
        }
        let mut end = length;
        if digits > 0 {
            // `AZYUK2A` is one word.
            end +=
                rest[length..].chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>();
        }
        self.push(Kind::Word(rest[..end].to_owned()), end);
    }

    /// `3 to 4` is a ratio, and `1 in 4` a fraction, where that is the whole text.
    fn between_numbers(&mut self, run: &str) -> bool {
        let rest = self.rest();
        let numbers = |token: &Token| matches!(token.kind, Kind::Number(_) | Kind::Colon);
        let (kind, length) = match run {
            "to" => (Kind::Colon, 2),
            "in" | "of" => (Kind::Slash, 2),
            "out" if rest.starts_with("out of ") => (Kind::Slash, 6),
            _ => return false,
        };
        let whole = rest[length..].bytes().all(|b| b.is_ascii_digit() || b == b' ')
            || kind == Kind::Colon && rest[length..].trim_start().starts_with(|c: char| c.is_ascii_digit());
        let found = whole
            && rest[length..].contains(|c: char| c.is_ascii_digit())
            && matches!(self.last(), Some(Kind::Number(_)))
            && self.tokens.iter().all(numbers)
            && (kind == Kind::Colon || self.tokens.len() == 1);
        if found {
            self.push(kind, length);
        }
        found
    }

    fn letter(&mut self, letter: char, digits: usize) {
        let rest = self.rest();
        let width = letter.len_utf8();
        let behind = rest[width..].trim_start();
        let after_number = matches!(self.last(), Some(Kind::Number(_)));
        let times = matches!(letter, 'x' | 'X')
            && after_number
            && (behind.starts_with("10^")
                || behind.starts_with("10**")
                || (self.space
                    && rest[width..].starts_with(' ')
                    && behind.starts_with(|c: char| c.is_ascii_digit())));
        if times {
            return self.push(Kind::Times, width);
        }
        if matches!(letter, 'U' | 'u')
            && matches!(self.last(), Some(Kind::Close(_)))
            && behind.starts_with(['(', '[', '{', '\\'])
        {
            return self.push(Kind::SetOperation(SetOperation::Union), width);
        }
        if digits > 0 && digits <= 3 && !after_number && !matches!(letter, 'e' | 'i') {
            let name = format!("{letter}_{}", &rest[width..width + digits]);
            return self.push(Kind::Letter(name), width + digits);
        }
        let kind = match letter {
            'e' => Kind::Constant(Constant::E),
            'i' => Kind::Constant(Constant::I),
            other => Kind::Letter(other.to_string()),
        };
        self.push(kind, width);
    }
}

/// `2A_{16}`: digits in a base above ten, which are letters in part.
fn based(text: &str) -> Option<(Kind, usize)> {
    let length = text.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
    let digits = &text[..length];
    let index = text[length..].strip_prefix('_')?;
    let (base, width) = match index.strip_prefix('{') {
        Some(inner) => (&inner[..inner.find('}')?], 3),
        None => (&index[..index.bytes().take_while(u8::is_ascii_digit).count()], 1),
    };
    let value: u32 = base.parse().ok().filter(|base| (11..=36).contains(base))?;
    let mixed = digits.contains(|c: char| c.is_ascii_digit()) || digits.len() > 1;
    let all = digits.chars().all(|c| c.is_digit(value));
    (mixed && all).then(|| (Kind::Based(digits.to_ascii_uppercase(), value), length + base.len() + width))
}

/// A sign of several characters, and its length.
fn long_sign(text: &str) -> Option<(Kind, usize)> {
    let mut bytes = text.bytes();
    let (first, second, third) = (bytes.next()?, bytes.next()?, bytes.next().unwrap_or(b' '));
    let relation = |relation| Kind::Relation(relation);
    Some(match (first, second, third) {
        (b'.', b'.', b'.') => (Kind::Dots, 3),
        (b'+', b'/', b'-') => (Kind::PlusMinus, 3),
        (b'+', b'-', _) => (Kind::PlusMinus, 2),
        (b'*', b'*', _) => (Kind::Caret, 2),
        (b'<', b'=', b'>') => (relation(Relation::Other("iff")), 3),
        (b'<', b'=', _) | (b'=', b'<', _) => (relation(Relation::LessEqual), 2),
        (b'>', b'=', _) => (relation(Relation::GreaterEqual), 2),
        (b'=', b'>', _) => (relation(Relation::Other("implies")), 2),
        (b'=', b'/', b'=') => (relation(Relation::Unequal), 3),
        (b'!', b'=', _) | (b'<', b'>', _) => (relation(Relation::Unequal), 2),
        (b'=' | b':', b'=', _) => (relation(Relation::Equal), 2),
        (b'-', b'>', _) => (relation(Relation::Other("to")), 2),
        (b'|', b'|', _) => (Kind::Pipe, 2),
        (b'~', b'=', _) => (relation(Relation::Approximately), 2),
        _ => return None,
    })
}

/// The bytes of the letters at the start; an apostrophe between letters belongs to the word.
fn word_length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let apostrophe =
            c == '\'' && end > 1 && chars.peek().is_some_and(|&(_, next)| next.is_alphabetic()) && at > 0;
        if !c.is_alphabetic() && !apostrophe {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}
