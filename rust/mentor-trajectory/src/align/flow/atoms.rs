//! Scalars that flow: numbers and texts, each value one small number.
//!
//! A number is its value whatever its notation. Whole numbers are exact; a number within 10^-10 of a whole one is that
//! one; others are equal if their first 34 bits are. So being equal is a property of two values alone, whatever else
//! there is. A text is trimmed, and is a number if it reads as one. Booleans, null and empty texts do not flow.

use crate::align::ids::Mixer;
use crate::json::{Number, Value};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// Bits of a double's mantissa beyond the first 34.
const DROPPED: u32 = 52 - 34;
/// Closer than this, as a share, a number is the whole number beside it.
const WHOLE: f64 = 1e-10;
/// 2^63: whole doubles below it in size are `i64`s.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// A number as a key: equal for equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Whole(i64),
    Real(u64),
}

impl Key {
    /// The key of a finite number.
    pub fn of(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let whole = number.round();
        if (number - whole).abs() <= WHOLE * number.abs() && whole.abs() < TWO_63 {
            return Some(Self::Whole(whole as i64));
        }
        let half = 1_u64 << (DROPPED - 1);
        Some(Self::Real((number.to_bits() + half) >> DROPPED))
    }
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Number(Key, f64),
    Text(&'a str),
    /// A truth value, null or an empty text.
    Nothing,
}

impl<'a> Scalar<'a> {
    pub fn of_text(text: &'a str) -> Self {
        let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
        if text.is_empty() {
            return Self::Nothing;
        }
        match number(text) {
            Some((key, number)) => Self::Number(key, number),
            None => Self::Text(text),
        }
    }

    /// The number of a number literal; integers beyond 64 bits stay texts, and so exact.
    pub fn of_number(number: &Number) -> Option<Self> {
        match number {
            Number::Int(int) => Some(Self::Number(Key::Whole(*int), *int as f64)),
            Number::Float(float) => Key::of(*float).map(|key| Self::Number(key, *float)),
            Number::Big(_) => None,
        }
    }
}

/// A text that is a JSON number as a whole.
fn number(text: &str) -> Option<(Key, f64)> {
    let bytes = text.as_bytes();
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let leading_zero = digits.first() == Some(&b'0') && digits.get(1).is_some_and(u8::is_ascii_digit);
    let plain = |b: &u8| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if leading_zero || !digits.first()?.is_ascii_digit() || !bytes.iter().all(plain) || bytes.ends_with(b".")
    {
        return None;
    }
    if text.contains(".e") || text.contains(".E") {
        return None;
    }
    if bytes.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        let float: f64 = text.parse().ok()?;
        return Some((Key::of(float)?, float));
    }
    let int: i64 = text.parse().ok()?;
    Some((Key::Whole(int), int as f64))
}

/// Scalars numbered in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(super) struct Atoms {
    numbers: HashMap<Key, u32, BuildHasherDefault<Mixer>>,
    texts: HashMap<Box<str>, u32, BuildHasherDefault<Mixer>>,
    /// The value of each number; NaN for a text.
    values: Vec<f64>,
}

impl Atoms {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn number(&self, key: Key) -> Option<u32> {
        self.numbers.get(&key).copied()
    }

    fn text(&self, text: &str) -> Option<u32> {
        self.texts.get(text).copied()
    }

    /// The number's value; nothing for a text.
    pub fn value(&self, atom: u32) -> Option<f64> {
        Some(self.values[atom as usize]).filter(|value| !value.is_nan())
    }

    /// The texts with their numbers.
    pub fn texts(&self) -> impl Iterator<Item = (&str, u32)> {
        self.texts.iter().map(|(text, &atom)| (&**text, atom))
    }
}

/// Where scalars are looked up and remembered.
pub(super) trait Table {
    fn atom(&mut self, scalar: Scalar<'_>) -> Option<u32>;
}

impl Table for Atoms {
    fn atom(&mut self, scalar: Scalar<'_>) -> Option<u32> {
        let next = self.values.len() as u32;
        let (atom, value) = match scalar {
            Scalar::Nothing => return None,
            Scalar::Number(key, value) => (*self.numbers.entry(key).or_insert(next), value),
            Scalar::Text(text) => match self.text(text) {
                Some(atom) => (atom, f64::NAN),
                None => (*self.texts.entry(text.into()).or_insert(next), f64::NAN),
            },
        };
        if atom == next {
            self.values.push(value);
        }
        Some(atom)
    }
}

/// The scalars of a row's references, and behind them a student's own.
pub(super) struct Extended<'a> {
    pub base: &'a Atoms,
    pub own: Atoms,
}

impl Table for Extended<'_> {
    fn atom(&mut self, scalar: Scalar<'_>) -> Option<u32> {
        let known = match scalar {
            Scalar::Nothing => return None,
            Scalar::Number(key, _) => self.base.number(key),
            Scalar::Text(text) => self.base.text(text),
        };
        known.or_else(|| self.own.atom(scalar).map(|atom| atom + self.base.len() as u32))
    }
}

/// A scalar inside a value, and where it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub atom: u32,
    /// A hash of the keys and places that lead to it.
    pub place: u64,
}

/// Reads the leaves of a value, and the shape that is left without them: two values are equal if both are.
pub(super) fn read(value: &Value, table: &mut impl Table, leaves: &mut Vec<Leaf>, shape: &mut Vec<u8>) {
    read_at(value, 0, table, leaves, shape);
}

fn read_at(value: &Value, place: u64, table: &mut impl Table, leaves: &mut Vec<Leaf>, shape: &mut Vec<u8>) {
    let scalar = match value {
        Value::Number(Number::Big(digits)) => Scalar::Text(digits),
        Value::Number(number) => match Scalar::of_number(number) {
            Some(scalar) => scalar,
            None => Scalar::Text("not a number"),
        },
        Value::String(text) => Scalar::of_text(text),
        Value::Array(items) => {
            shape.push(b'[');
            for (i, item) in items.iter().enumerate() {
                read_at(item, step(place, &(i as u64).to_le_bytes()), table, leaves, shape);
            }
            shape.push(b']');
            return;
        }
        Value::Object(object) => {
            let mut entries: Vec<&(String, Value)> = object.entries().iter().collect();
            entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            shape.push(b'{');
            for (key, value) in entries {
                shape.extend_from_slice(&(key.len() as u64).to_le_bytes());
                shape.extend_from_slice(key.as_bytes());
                read_at(value, step(place, key.as_bytes()), table, leaves, shape);
            }
            shape.push(b'}');
            return;
        }
        Value::Bool(_) | Value::Null => Scalar::Nothing,
    };
    match table.atom(scalar) {
        Some(atom) => {
            shape.push(b'.');
            leaves.push(Leaf { atom, place });
        }
        None => shape.push(match value {
            Value::Bool(true) => b't',
            Value::Bool(false) => b'f',
            Value::Null => b'n',
            _ => b'"',
        }),
    }
}

fn step(place: u64, bytes: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut mixer = Mixer::default();
    mixer.write_u64(place.wrapping_add(1));
    mixer.write(bytes);
    mixer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Dialect, parse};

    fn atoms(text: &str) -> Vec<u32> {
        let value = parse(text, Dialect::PYTHON).expect("valid JSON");
        let (mut leaves, mut table) = (Vec::new(), Atoms::default());
        read(&value, &mut table, &mut leaves, &mut Vec::new());
        leaves.iter().map(|leaf| leaf.atom).collect()
    }

    #[test]
    fn values_are_one_whatever_their_notation() {
        assert_eq!(
            atoms(r#"[1, 1.0, "1", " 1.0 ", 0.1, 0.30000000000000004, 0.3, "0.3"]"#),
            [0, 0, 0, 0, 1, 2, 2, 2]
        );
        assert_eq!(atoms(r#"[29.999999999999996, 30, 1e300, "1e300"]"#), [0, 0, 1, 1]);
        assert_eq!(
            atoms(r#"["a", " a\n", "A", "01", 1, "1.", "--1", "1e", ".5", "-0", 0]"#),
            [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8]
        );
        assert_eq!(atoms("[9007199254740993, 9007199254740992, 9223372036854775807]"), [0, 1, 2]);
        assert_eq!(atoms("[12345678901234567890, 12345678901234567891]"), [0, 1]);
        assert_eq!(atoms(r#"[true, false, null, "", " "]"#), [0; 0]);
        assert_eq!(atoms("[NaN, Infinity, -0.0, 0]"), [0, 0, 1, 1]);
    }

    #[test]
    fn shapes_tell_where_leaves_stand() {
        let shape = |text: &str| {
            let value = parse(text, Dialect::STRICT).expect("valid JSON");
            let mut shape = Vec::new();
            read(&value, &mut Atoms::default(), &mut Vec::new(), &mut shape);
            shape
        };
        assert_eq!(shape(r#"{"a": 1, "b": [true]}"#), shape(r#"{"b": [true], "a": "x"}"#));
        for (a, b) in
            [("[1]", "1"), ("[[1], 2]", "[1, [2]]"), ("true", "false"), (r#"{"a": 1}"#, r#"{"b": 1}"#)]
        {
            assert_ne!(shape(a), shape(b), "{a} {b}");
        }
    }
}
