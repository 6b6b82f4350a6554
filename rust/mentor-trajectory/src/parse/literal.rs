//! Python literals that have a JSON value: texts, finite numbers, `True`, `False`, `None`, lists, tuples, sets,
//! dictionaries with text keys. Tuples and sets become arrays. JSON's `true`, `false` and `null` are read too, since
//! models write them.

use crate::json::{Fault, Number, Object, Value, skip_space};
use crate::work;

/// As deep as JSON may nest.
const MAX_DEPTH: usize = 128;
/// Longer integers are refused, as by Python's `int`.
const MAX_INTEGER_DIGITS: usize = 4_300;
const NO_LITERAL: &str = "expected a literal value";
const NO_STRING_END: &str = "a string without its closing quote";

/// Reads a text that is one literal.
pub(super) fn parse(text: &str) -> Option<Value> {
    let (value, end) = parse_prefix(text, 0).ok()?;
    (end == text.len()).then_some(value)
}

/// Reads the literal at byte `at`; also gives the byte behind it.
pub(super) fn parse_prefix(text: &str, at: usize) -> Result<(Value, usize), Fault> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at, depth: 0 };
    let value = scanner.value();
    work::count(scanner.at - at);
    Ok((value?, scanner.at))
}

/// The end of an identifier at byte `at`: whatever is not ASCII counts as a letter.
pub(super) fn identifier_end(bytes: &[u8], at: usize) -> usize {
    let starts = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | 0x80..);
    if !bytes.get(at).is_some_and(starts) {
        return at;
    }
    at + bytes[at..].iter().take_while(|b| starts(b) || b.is_ascii_digit()).count()
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl Scanner<'_> {
    fn value(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'[') => Ok(Value::Array(self.items(b']')?.0)),
            Some(b'(') => self.tuple(),
            Some(b'{') => self.braces(),
            Some(b'\'' | b'"') => self.strings(),
            Some(b'+' | b'-' | b'.' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let end = identifier_end(self.bytes, self.at);
        let quoted = matches!(self.bytes.get(end), Some(b'\'' | b'"'));
        let value = match &self.text[self.at..end] {
            "r" | "R" | "u" | "U" if quoted => return self.strings(),
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            "None" | "null" => Value::Null,
            _ => return self.fault(NO_LITERAL),
        };
        self.at = end;
        Ok(value)
    }

    /// Reads bracketed values; also says whether a comma stood behind the last.
    fn items(&mut self, close: u8) -> Result<(Vec<Value>, bool), Fault> {
        self.enter()?;
        self.items_after(Vec::new(), close)
    }

    fn items_after(&mut self, mut items: Vec<Value>, close: u8) -> Result<(Vec<Value>, bool), Fault> {
        let mut comma = items.is_empty();
        if !comma {
            comma = self.comma();
        }
        while !self.byte(close) {
            if !comma {
                return self.fault("expected ',' or the closing bracket");
            }
            items.push(self.value()?);
            comma = self.comma();
        }
        self.depth -= 1;
        Ok((items, comma))
    }

    /// A value in parentheses is that value; `()` and `(1,)` are tuples.
    fn tuple(&mut self) -> Result<Value, Fault> {
        let (mut items, comma) = self.items(b')')?;
        if items.len() == 1 && !comma { Ok(items.remove(0)) } else { Ok(Value::Array(items)) }
    }

    /// A dictionary, or a set.
    fn braces(&mut self) -> Result<Value, Fault> {
        self.enter()?;
        if self.byte(b'}') {
            self.depth -= 1;
            return Ok(Value::Object(Object::default()));
        }
        let start = self.at;
        let first = self.value()?;
        self.space();
        if self.peek() == Some(b':') {
            return self.entries_after(first, start);
        }
        Ok(Value::Array(self.items_after(vec![first], b'}')?.0))
    }

    /// The dictionary whose first key was read; it began at `start`.
    fn entries_after(&mut self, first: Value, start: usize) -> Result<Value, Fault> {
        let mut entries = Vec::new();
        let mut key = (first, start);
        loop {
            let Value::String(name) = key.0 else {
                return Err(Fault { offset: key.1, what: "a key that is no text" });
            };
            self.space();
            if !self.byte(b':') {
                return self.fault("expected ':'");
            }
            self.space();
            entries.push((name, self.value()?));
            let comma = self.comma();
            if self.byte(b'}') {
                self.depth -= 1;
                return Ok(Value::Object(Object::from_entries(entries)));
            }
            if !comma {
                return self.fault("expected ',' or '}'");
            }
            let start = self.at;
            key = (self.value()?, start);
        }
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        if !self.byte(b'-') {
            self.byte(b'+');
        }
        let whole = self.digits();
        let point = self.byte(b'.');
        let part = if point { self.digits() } else { 0 };
        if whole + part == 0 {
            self.at = start;
            return self.fault(NO_LITERAL);
        }
        let exponent = self.exponent()?;
        if identifier_end(self.bytes, self.at) > self.at || self.peek() == Some(b'_') {
            return self.fault("a number with letters");
        }
        let literal: String = self.text[start..self.at].chars().filter(|c| !matches!(c, '_' | '+')).collect();
        if point || exponent {
            // Rust reads every such literal that Python does.
            return match literal.parse::<f64>() {
                Ok(float) if float.is_finite() => Ok(Value::Number(Number::Float(float))),
                _ => Err(Fault { offset: start, what: "a number beyond the range of doubles" }),
            };
        }
        let digits = literal.trim_start_matches('-');
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(Fault { offset: start, what: "an integer that begins with 0" });
        }
        if digits.len() > MAX_INTEGER_DIGITS {
            return Err(Fault { offset: start, what: "an integer of more than 4300 digits" });
        }
        Ok(Value::Number(literal.parse().map_or_else(|_| Number::Big(literal.as_str().into()), Number::Int)))
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

    /// Digits, with single underscores between them; gives how many bytes.
    fn digits(&mut self) -> usize {
        let start = self.at;
        let digit = |at: usize| self.bytes.get(at).is_some_and(u8::is_ascii_digit);
        let mut at = start;
        while digit(at) || (at > start && self.bytes.get(at) == Some(&b'_') && digit(at + 1)) {
            at += 1;
        }
        self.at = at;
        at - start
    }

    /// Strings one behind the other are one string.
    fn strings(&mut self) -> Result<Value, Fault> {
        let mut out = String::new();
        loop {
            let raw = matches!(self.peek(), Some(b'r' | b'R'));
            self.at += usize::from(!matches!(self.peek(), Some(b'\'' | b'"')));
            self.string(raw, &mut out)?;
            let end = self.at;
            self.space();
            let prefix = usize::from(matches!(self.peek(), Some(b'r' | b'R' | b'u' | b'U')));
            if !matches!(self.bytes.get(self.at + prefix), Some(b'\'' | b'"')) {
                self.at = end;
                return Ok(Value::String(out));
            }
        }
    }

    fn string(&mut self, raw: bool, out: &mut String) -> Result<(), Fault> {
        let quote = self.bytes[self.at];
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        loop {
            let rest = &self.bytes[self.at..];
            let len = rest.iter().position(|b| *b == quote || *b == b'\\' || (*b == b'\n' && !triple));
            let Some(len) = len else {
                self.at = self.bytes.len();
                return self.fault(NO_STRING_END);
            };
            out.push_str(&self.text[self.at..self.at + len]);
            self.at += len;
            match rest[len] {
                b'\n' => return self.fault(NO_STRING_END),
                b'\\' => self.escape(raw, out)?,
                _ if !triple => {
                    self.at += 1;
                    return Ok(());
                }
                _ if rest[len..].starts_with(&[quote; 3]) => {
                    self.at += 3;
                    return Ok(());
                }
                _ => {
                    out.push(quote as char);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads a backslash and what it stands for. An escape that Python does not know stands for itself.
    fn escape(&mut self, raw: bool, out: &mut String) -> Result<(), Fault> {
        let Some(next) = self.text[self.at + 1..].chars().next() else {
            self.at = self.bytes.len();
            return self.fault(NO_STRING_END);
        };
        let start = self.at;
        self.at += 1 + next.len_utf8();
        if raw {
            out.extend(['\\', next]);
            return Ok(());
        }
        match next {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(next),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '0'..='7' => {
                self.at -= 1;
                let octal = self.bytes[self.at..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
                let len = octal.count();
                self.coded(start, self.at, len, 8, out)?;
            }
            'x' => self.coded(start, self.at, 2, 16, out)?,
            'u' => self.coded(start, self.at, 4, 16, out)?,
            'U' => self.coded(start, self.at, 8, 16, out)?,
            'N' => return Err(Fault { offset: start, what: "a character by its name" }),
            other => out.extend(['\\', other]),
        }
        Ok(())
    }

    /// The character whose code is written in `len` digits at byte `at`.
    fn coded(
        &mut self,
        start: usize,
        at: usize,
        len: usize,
        base: u32,
        out: &mut String,
    ) -> Result<(), Fault> {
        let digits = self.bytes.get(at..at + len).unwrap_or_default();
        let code = digits
            .iter()
            .try_fold(0_u32, |sum, b| sum.checked_mul(base)?.checked_add((*b as char).to_digit(base)?));
        let char = if digits.len() == len { code.and_then(char::from_u32) } else { None };
        self.at = at + len;
        match char {
            Some(char) => {
                out.push(char);
                Ok(())
            }
            None => Err(Fault { offset: start, what: "an escape that is no character" }),
        }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return self.fault("nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(())
    }

    fn comma(&mut self) -> bool {
        self.space();
        let comma = self.byte(b',');
        self.space();
        comma
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

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { offset: self.at, what })
    }
}
