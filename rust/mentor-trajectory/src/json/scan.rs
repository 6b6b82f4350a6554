//! A JSON reader that stops at the end of a value, says where a fault is, and never recurses past a bound.

use super::{Number, Object, Value};
use crate::work;
use memchr::memchr2;
use std::borrow::Cow;
use thiserror::Error;

/// What a reader accepts beyond RFC 8259, and how deep values may nest.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Accept `NaN`, `Infinity`, `-Infinity` and numbers beyond the range of doubles.
    pub non_finite: bool,
    /// Accept `\uD800` without its other half; it is read as U+FFFD.
    pub lone_surrogates: bool,
    /// The deepest nesting of arrays and objects.
    pub max_depth: usize,
}

impl Dialect {
    /// RFC 8259, finite numbers, whole characters.
    pub const STRICT: Self = Self { non_finite: false, lone_surrogates: false, max_depth: 128 };
    /// What Python's `json.loads` accepts with its usual recursion limit.
    pub const PYTHON: Self = Self { non_finite: true, lone_surrogates: true, max_depth: 990 };
}

/// Longer integers are refused, as by Python's `int`: reading and printing them takes quadratic time.
const MAX_INTEGER_DIGITS: usize = 4_300;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what} at byte {offset}")]
pub struct Fault {
    /// The byte at which reading could not go on.
    pub offset: usize,
    /// What was expected or is not allowed.
    pub what: &'static str,
}

/// Reads a text that holds one value and white space around it.
pub fn parse(text: &str, dialect: Dialect) -> Result<Value, Fault> {
    let (value, end) = parse_prefix(text, 0, dialect)?;
    let end = skip_space(text.as_bytes(), end);
    if end == text.len() { Ok(value) } else { Err(Fault { offset: end, what: "text after the JSON value" }) }
}

/// Reads one value that starts at byte `start` (white space before it allowed); also gives the byte after it.
pub fn parse_prefix(text: &str, start: usize, dialect: Dialect) -> Result<(Value, usize), Fault> {
    let mut scanner = Scanner::new(text, start, dialect);
    scanner.space();
    let value = scanner.value();
    work::count(scanner.at - start);
    Ok((value?, scanner.at))
}

/// Reads the object that starts at byte `start`, but of its values those of some keys only, the last of each; the
/// others are checked and passed over. Also gives the byte after it.
pub fn pick<const N: usize>(
    text: &str,
    start: usize,
    keys: [&str; N],
    dialect: Dialect,
) -> Result<([Option<Value>; N], usize), Fault> {
    let mut scanner = Scanner::new(text, start, dialect);
    let mut values = [const { None }; N];
    let read = if scanner.peek() == Some(b'{') {
        scanner.members(|scanner, key| {
            match keys.iter().position(|wanted| *wanted == key) {
                Some(place) => values[place] = Some(scanner.value()?),
                None => scanner.skip()?,
            }
            Ok(())
        })
    } else {
        scanner.fault("expected a JSON object")
    };
    work::count(scanner.at - start);
    read?;
    Ok((values, scanner.at))
}

/// The first byte from `at` on that is not JSON white space.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// A string that ends within so many bytes is read byte by byte.
const SHORT_STRING: usize = 16;

/// How a number is written.
enum Literal {
    Integer,
    Decimal,
    NegativeInfinity,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    dialect: Dialect,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, at: usize, dialect: Dialect) -> Self {
        Self { text, bytes: text.as_bytes(), at, depth: 0, dialect }
    }

    fn value(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Value::String(self.string()?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.literal(),
            None => self.fault("expected a value"),
        }
    }

    fn object(&mut self) -> Result<Value, Fault> {
        let mut entries = Vec::new();
        self.members(|scanner, key| {
            entries.push((key.into_owned(), scanner.value()?));
            Ok(())
        })?;
        Ok(Value::Object(Object::from_entries(entries)))
    }

    fn array(&mut self) -> Result<Value, Fault> {
        let mut items = Vec::new();
        self.items(b']', "expected ',' or ']'", |scanner| {
            items.push(scanner.value()?);
            Ok(())
        })?;
        Ok(Value::Array(items))
    }

    /// Passes over a value: the same faults as reading it, and nothing made of it.
    fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{') => self.members(|scanner, _| scanner.skip()),
            Some(b'[') => self.items(b']', "expected ',' or ']'", Self::skip),
            Some(b'"') => self.string().map(drop),
            // Where every number is accepted, there is no need to know which it is.
            Some(b'0'..=b'9') if self.dialect.non_finite => self.number_literal().map(drop),
            Some(_) => self.value().map(drop),
            None => self.fault("expected a value"),
        }
    }

    /// Reads an object: `each` gets the keys as they come and reads the values.
    fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.items(b'}', "expected ',' or '}'", |scanner| {
            if scanner.peek() != Some(b'"') {
                return scanner.fault("expected a key in double quotes");
            }
            let key = scanner.string()?;
            scanner.space();
            if !scanner.byte(b':') {
                return scanner.fault("expected ':'");
            }
            scanner.space();
            each(scanner, key)
        })
    }

    /// Reads what stands between brackets with commas between; `each` reads one.
    fn items(
        &mut self,
        close: u8,
        expected: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.depth == self.dialect.max_depth {
            return self.fault("nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        if !self.byte(close) {
            loop {
                each(self)?;
                self.space();
                if self.byte(close) {
                    break;
                }
                if !self.byte(b',') {
                    return self.fault(expected);
                }
                self.space();
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn literal(&mut self) -> Result<Value, Fault> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.word(word) {
                return Ok(value);
            }
        }
        for (word, float) in [("NaN", f64::NAN), ("Infinity", f64::INFINITY)] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                return self.non_finite(word, float);
            }
        }
        self.fault("expected a value")
    }

    fn non_finite(&mut self, word: &str, float: f64) -> Result<Value, Fault> {
        if !self.dialect.non_finite {
            return self.fault("NaN and infinities are not JSON");
        }
        self.at += word.len();
        Ok(Value::Number(Number::Float(float)))
    }

    /// Reads a string: a piece of the text, unless it has escapes.
    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let piece = self.plain()?;
        if self.byte(b'"') {
            return Ok(Cow::Borrowed(piece));
        }
        let mut out = piece.to_owned();
        while !self.byte(b'"') {
            self.at += 1;
            self.escape(&mut out)?;
            out.push_str(self.plain()?);
        }
        Ok(Cow::Owned(out))
    }

    /// The text up to the next quote or backslash, which the scanner then stands at.
    fn plain(&mut self) -> Result<&'a str, Fault> {
        let rest = &self.bytes[self.at..];
        // Most strings are short; for the others a search by many bytes at once is worth its start.
        let near = rest.iter().take(SHORT_STRING).position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
        let len = near.or_else(|| memchr2(b'"', b'\\', rest)).unwrap_or(rest.len());
        let least = match near {
            Some(len) => rest[len],
            None => rest[..len].iter().copied().fold(u8::MAX, u8::min),
        };
        if least < 0x20 {
            self.at += rest.iter().position(|byte| *byte < 0x20).unwrap_or(0);
            return self.fault("a control character in a string");
        }
        let piece = &self.text[self.at..self.at + len];
        self.at += len;
        if len == rest.len() { self.fault("a string without its closing quote") } else { Ok(piece) }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, out: &mut String) -> Result<(), Fault> {
        let char = match self.peek() {
            Some(quoted @ (b'"' | b'\\' | b'/')) => quoted as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                out.push(self.unicode()?);
                return Ok(());
            }
            _ => return self.fault("an unknown escape in a string"),
        };
        self.at += 1;
        out.push(char);
        Ok(())
    }

    /// Reads `uXXXX`, and the second half of a surrogate pair where there is one.
    fn unicode(&mut self) -> Result<char, Fault> {
        let start = self.at;
        let Some(unit) = self.hex(self.at + 1) else {
            return self.fault("expected four hexadecimal digits");
        };
        self.at += 5;
        if let Some(char) = char::from_u32(unit) {
            return Ok(char);
        }
        let low = if unit < 0xDC00 && self.bytes[self.at..].starts_with(b"\\u") {
            self.hex(self.at + 2)
        } else {
            None
        };
        if let Some(low @ 0xDC00..=0xDFFF) = low {
            self.at += 6;
            let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.dialect.lone_surrogates {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        Err(Fault { offset: start, what: "half of a surrogate pair" })
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 4)?;
        digits.iter().try_fold(0, |sum, &b| Some(sum * 16 + (b as char).to_digit(16)?))
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        let kind = self.number_literal()?;
        let literal = &self.text[start..self.at];
        match kind {
            Literal::Integer => {
                Ok(Value::Number(literal.parse().map_or_else(|_| Number::Big(literal.into()), Number::Int)))
            }
            Literal::Decimal => match literal.parse::<f64>() {
                Ok(float) if float.is_finite() || self.dialect.non_finite => {
                    Ok(Value::Number(Number::Float(float)))
                }
                _ => Err(Fault { offset: start, what: "a number beyond the range of doubles" }),
            },
            Literal::NegativeInfinity => self.non_finite("-Infinity", f64::NEG_INFINITY),
        }
    }

    /// Passes over a number, but for `-Infinity`.
    fn number_literal(&mut self) -> Result<Literal, Fault> {
        let start = self.at;
        if self.byte(b'-') && self.bytes[self.at..].starts_with(b"Infinity") {
            self.at = start;
            return Ok(Literal::NegativeInfinity);
        }
        let int = self.at;
        if !self.byte(b'0') && self.digits() == 0 {
            return self.fault("expected a digit");
        }
        let digits = self.at - int;
        let fraction = self.fraction()?;
        if self.exponent()? || fraction {
            return Ok(Literal::Decimal);
        }
        if digits > MAX_INTEGER_DIGITS {
            return Err(Fault { offset: start, what: "an integer of more than 4300 digits" });
        }
        Ok(Literal::Integer)
    }

    fn fraction(&mut self) -> Result<bool, Fault> {
        if !self.byte(b'.') {
            return Ok(false);
        }
        if self.digits() == 0 { self.fault("expected a digit") } else { Ok(true) }
    }

    fn exponent(&mut self) -> Result<bool, Fault> {
        if !self.byte(b'e') && !self.byte(b'E') {
            return Ok(false);
        }
        if !self.byte(b'+') {
            self.byte(b'-');
        }
        if self.digits() == 0 { self.fault("expected a digit") } else { Ok(true) }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn space(&mut self) {
        self.at = skip_space(self.bytes, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn byte(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { offset: self.at, what })
    }
}
