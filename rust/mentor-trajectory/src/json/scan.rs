//! A JSON reader that stops at the end of a value, says where a fault is, and never recurses past a bound.

use super::{Number, Object, Value};
use crate::work;
use memchr::memchr2;
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
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: start, depth: 0, dialect };
    scanner.space();
    let value = scanner.value();
    work::count(scanner.at - start);
    Ok((value?, scanner.at))
}

/// The first byte from `at` on that is not JSON white space.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    dialect: Dialect,
}

impl Scanner<'_> {
    fn value(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Value::Number(self.number()?)),
            Some(_) => self.literal(),
            None => self.fault("expected a value"),
        }
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

    fn object(&mut self) -> Result<Value, Fault> {
        self.enter()?;
        let mut entries = Vec::new();
        self.space();
        if !self.byte(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return self.fault("expected a key in double quotes");
                }
                let key = self.string()?;
                self.space();
                if !self.byte(b':') {
                    return self.fault("expected ':'");
                }
                self.space();
                entries.push((key, self.value()?));
                self.space();
                if self.byte(b'}') {
                    break;
                }
                if !self.byte(b',') {
                    return self.fault("expected ',' or '}'");
                }
                self.space();
            }
        }
        self.depth -= 1;
        Ok(Value::Object(Object::from_entries(entries)))
    }

    fn array(&mut self) -> Result<Value, Fault> {
        self.enter()?;
        let mut items = Vec::new();
        self.space();
        if !self.byte(b']') {
            loop {
                items.push(self.value()?);
                self.space();
                if self.byte(b']') {
                    break;
                }
                if !self.byte(b',') {
                    return self.fault("expected ',' or ']'");
                }
                self.space();
            }
        }
        self.depth -= 1;
        Ok(Value::Array(items))
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == self.dialect.max_depth {
            return self.fault("nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let Some(len) = memchr2(b'"', b'\\', rest) else {
                self.plain(rest.len(), &mut out)?;
                return self.fault("a string without its closing quote");
            };
            self.plain(len, &mut out)?;
            self.at += 1;
            if rest[len] == b'"' {
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    /// Copies `len` bytes without quotes or backslashes; both ends lie between characters.
    fn plain(&mut self, len: usize, out: &mut String) -> Result<(), Fault> {
        let piece = &self.text[self.at..self.at + len];
        if let Some(place) = piece.bytes().position(|b| b < 0x20) {
            self.at += place;
            return self.fault("a control character in a string");
        }
        out.push_str(piece);
        self.at += len;
        Ok(())
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

    fn number(&mut self) -> Result<Number, Fault> {
        let start = self.at;
        let negative = self.byte(b'-');
        if negative && self.bytes[self.at..].starts_with(b"Infinity") {
            self.at = start;
            return match self.non_finite("-Infinity", f64::NEG_INFINITY)? {
                Value::Number(number) => Ok(number),
                _ => self.fault("expected a number"),
            };
        }
        let int = self.at;
        if !self.byte(b'0') && self.digits() == 0 {
            return self.fault("expected a digit");
        }
        let int_digits = self.at - int;
        let fraction = self.fraction()?;
        let exponent = self.exponent()?;
        let literal = &self.text[start..self.at];
        if fraction || exponent {
            return self.float(start, literal);
        }
        if let Ok(int) = literal.parse() {
            return Ok(Number::Int(int));
        }
        if int_digits > MAX_INTEGER_DIGITS {
            return Err(Fault { offset: start, what: "an integer of more than 4300 digits" });
        }
        Ok(Number::Big(literal.into()))
    }

    fn float(&self, start: usize, literal: &str) -> Result<Number, Fault> {
        match literal.parse::<f64>() {
            Ok(float) if float.is_finite() || self.dialect.non_finite => Ok(Number::Float(float)),
            _ => Err(Fault { offset: start, what: "a number beyond the range of doubles" }),
        }
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
