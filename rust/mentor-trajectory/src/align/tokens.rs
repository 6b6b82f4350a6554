//! Calls as small numbers: equal calls of a row share a token.

use crate::json::write_text;
use crate::parse::{Attempt, Call, Status};
use std::collections::HashMap;

/// What makes two calls equal besides the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Equal arguments: numbers by value, objects whatever the order of their keys.
    Exact,
    /// Nothing: calls of one tool are equal.
    Ignore,
}

impl Arguments {
    /// The names of the choices.
    pub const NAMED: [(&str, Self); 2] = [("exact", Self::Exact), ("ignore", Self::Ignore)];
}

type Ids = HashMap<Box<[u8]>, u32>;

/// The references of one row, ready to be scored against.
#[derive(Clone, Debug)]
pub struct References {
    arguments: Arguments,
    trajectories: Vec<Vec<u32>>,
    ids: Ids,
}

/// A student's calls as tokens.
pub(super) struct Student {
    pub tokens: Vec<u32>,
    /// All tokens, the references' included, are below this.
    pub distinct: usize,
}

impl References {
    /// Turns references into tokens.
    pub fn new<'a, T>(trajectories: impl IntoIterator<Item = T>, arguments: Arguments) -> Self
    where
        T: IntoIterator<Item = &'a Call>,
    {
        let mut ids = Ids::new();
        let mut key = Vec::new();
        let mut token = |call: &Call| {
            write_key(call, arguments, &mut key);
            let next = ids.len() as u32;
            match ids.get(key.as_slice()) {
                Some(&id) => id,
                None => *ids.entry(key.as_slice().into()).or_insert(next),
            }
        };
        let trajectories =
            trajectories.into_iter().map(|t| t.into_iter().map(&mut token).collect()).collect();
        Self { arguments, trajectories, ids }
    }

    pub(super) fn trajectories(&self) -> &[Vec<u32>] {
        &self.trajectories
    }

    pub(super) fn student_tokens(&self, attempts: &[Attempt], count_invalid: bool) -> Student {
        let mut tokens = Vec::with_capacity(attempts.len());
        let mut own = Ids::new();
        let mut distinct = self.ids.len();
        let mut fresh = || {
            distinct += 1;
            distinct as u32 - 1
        };
        let mut key = Vec::new();
        for attempt in attempts {
            let token = match (&attempt.call, attempt.status) {
                (Some(call), Status::Valid) => {
                    write_key(call, self.arguments, &mut key);
                    match self.ids.get(key.as_slice()).or_else(|| own.get(key.as_slice())) {
                        Some(&id) => id,
                        None => *own.entry(key.as_slice().into()).or_insert_with(&mut fresh),
                    }
                }
                // An invalid call is equal to nothing, not even to another one.
                _ if count_invalid => fresh(),
                _ => continue,
            };
            tokens.push(token);
        }
        Student { tokens, distinct }
    }
}

/// Bytes that two calls share exactly if they are equal.
fn write_key(call: &Call, arguments: Arguments, key: &mut Vec<u8>) {
    key.clear();
    write_text(b's', call.name.as_bytes(), key);
    if arguments == Arguments::Exact {
        call.arguments.write_canonical(key);
    }
}
