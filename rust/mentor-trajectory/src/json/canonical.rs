//! A byte form in which two values are equal exactly if their bytes are.
//!
//! Numbers are equal by value across integer and decimal notation (`1`, `1.0` and `1e0` are one number, as in
//! Python), the order of an object's keys does not count, `true` is not `1`. Every piece carries its kind and its
//! length, so no two different values share a form.

use super::{Number, Object, Value};

/// 2^63: the doubles below it in size that are whole are `i64`s.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

impl Value {
    /// Appends the canonical form.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(b'n'),
            Self::Bool(true) => out.push(b't'),
            Self::Bool(false) => out.push(b'f'),
            Self::Number(number) => number.write_canonical(out),
            Self::String(text) => write_text(b's', text.as_bytes(), out),
            Self::Array(items) => {
                write_head(b'[', items.len(), out);
                for item in items {
                    item.write_canonical(out);
                }
            }
            Self::Object(object) => object.write_canonical(out),
        }
    }
}

impl Object {
    /// Appends the canonical form: the entries sorted by key.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        write_head(b'{', self.0.len(), out);
        let mut order: Vec<&(String, Value)> = self.0.iter().collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (key, value) in order {
            write_text(b's', key.as_bytes(), out);
            value.write_canonical(out);
        }
    }
}

impl Number {
    fn write_canonical(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(int) => write_int(*int, out),
            Self::Big(digits) => write_text(b'b', digits.as_bytes(), out),
            Self::Float(float) if float.fract() == 0.0 => {
                if *float >= -TWO_63 && *float < TWO_63 {
                    write_int(*float as i64, out);
                } else {
                    // Every digit of a whole double is exact in this notation.
                    write_text(b'b', format!("{float:.0}").as_bytes(), out);
                }
            }
            Self::Float(float) => {
                out.push(b'd');
                out.extend_from_slice(&float.to_bits().to_le_bytes());
            }
        }
    }
}

fn write_int(int: i64, out: &mut Vec<u8>) {
    out.push(b'i');
    out.extend_from_slice(&int.to_le_bytes());
}

fn write_head(kind: u8, len: usize, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&(len as u64).to_le_bytes());
}

pub(crate) fn write_text(kind: u8, text: &[u8], out: &mut Vec<u8>) {
    write_head(kind, text.len(), out);
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use crate::json::{Dialect, parse};

    fn canonical(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        parse(text, Dialect::STRICT).expect("valid JSON").write_canonical(&mut out);
        out
    }

    #[test]
    fn equal_values_have_equal_bytes() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("0", "-0.0"),
            ("-0", "0"),
            ("9223372036854775808", "9223372036854775808.0"),
            ("100000000000000000000", "1e20"),
            (r#"{"a": 1, "b": [2]}"#, r#"{"b":[2.0],"a":1}"#),
            (r#"{"a": 0, "a": 1}"#, r#"{"a": 1}"#),
            (r#""é""#, r#""\u00e9""#),
            ("0.1", "0.10"),
        ] {
            assert_eq!(canonical(a), canonical(b), "{a} {b}");
        }
    }

    #[test]
    fn different_values_have_different_bytes() {
        for (a, b) in [
            ("1", "true"),
            ("0", "null"),
            ("1", "\"1\""),
            ("9007199254740993", "9007199254740992.0"),
            ("100000000000000000001", "1e20"),
            ("[1, 2]", "[2, 1]"),
            ("[[1], 2]", "[[1, 2]]"),
            (r#"["a", "b"]"#, r#"["ab"]"#),
            ("{}", "[]"),
            ("0.1", "0.10000000000000002"),
        ] {
            assert_ne!(canonical(a), canonical(b), "{a} {b}");
        }
    }
}
