//! JSON values as tool calls need them: integers of any size exact, one value one canonical form.

mod canonical;
mod scan;
mod write;

pub(crate) use canonical::write_text;
pub(crate) use scan::skip_space;
pub use scan::{Dialect, Fault, parse, parse_prefix, pick};
pub(crate) use write::write_string;

/// A number, as its text had it: an integer literal stays exact, any other literal is the nearest double.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits.
    Int(i64),
    /// An integer that does not: its decimal digits with a leading `-` where negative, no leading zeros.
    Big(Box<str>),
    /// A literal with a fraction or an exponent. Finite in [`Dialect::STRICT`].
    Float(f64),
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` and `false`; never equal to 1 and 0.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

/// An object: its keys are distinct and in order of first appearance; of duplicate keys the last value won.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

/// Objects up to this size are searched for duplicate keys by comparing all pairs, larger ones by hashing.
const SMALL_OBJECT: usize = 8;

impl Object {
    /// An object of these entries; of duplicate keys the first gives the place and the last the value, as in Python.
    #[must_use]
    pub fn from_entries(entries: Vec<(String, Value)>) -> Self {
        if entries.len() <= SMALL_OBJECT {
            let repeats =
                |(i, (key, _)): (usize, &(String, Value))| entries[..i].iter().any(|(k, _)| k == key);
            if !entries.iter().enumerate().any(repeats) {
                return Self(entries);
            }
        }
        let mut places = std::collections::HashMap::with_capacity(entries.len());
        let mut kept: Vec<(String, Value)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if let Some(&place) = places.get(&key) {
                let slot: &mut (String, Value) = &mut kept[place];
                slot.1 = value;
            } else {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
        Self(kept)
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(&self) -> &[(String, Value)] {
        &self.0
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Takes the value of a key out of the object; the order of the others may change.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        let place = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.swap_remove(place).1)
    }
}

#[cfg(test)]
mod tests;
