//! The leaves of a trajectory: of every argument and every result.

use super::atoms::{Leaf, Table, read};
use crate::align::side::Side;
use crate::align::steps::Outcome;
use crate::json::{Dialect, Object, Value, parse};
use std::ops::Range;

/// All leaves of a trajectory.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    leaves: Vec<Leaf>,
    shapes: Vec<u8>,
    /// In the order of the side's arguments.
    arguments: Vec<Span>,
    /// The leaves of each call's arguments together.
    calls: Vec<Range<u32>>,
    results: Vec<Option<Span>>,
    failed: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Span {
    leaves: Range<u32>,
    shape: Range<u32>,
}

/// A value as its leaves and the shape around them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shaped<'a> {
    pub leaves: &'a [Leaf],
    pub shape: &'a [u8],
}

impl Trace {
    /// Reads calls in order; nothing stands for what is no call.
    pub fn new<'a>(
        side: &Side,
        calls: impl Iterator<Item = (Option<&'a Object>, &'a Outcome)>,
        table: &mut impl Table,
    ) -> Self {
        let mut trace = Self::default();
        for (call, (arguments, outcome)) in calls.enumerate() {
            let start = trace.leaves.len() as u32;
            if let Some(arguments) = arguments {
                for argument in side.arguments(call) {
                    let (_, value) = &arguments.entries()[argument.place as usize];
                    let span = trace.read(value, table);
                    trace.arguments.push(span);
                }
            }
            trace.calls.push(start..trace.leaves.len() as u32);
            let result = match (arguments, outcome) {
                (Some(_), Outcome::Value(value)) => Some(trace.read_result(value, table)),
                _ => None,
            };
            trace.results.push(result);
            trace.failed.push(arguments.is_some() && *outcome == Outcome::Failed);
        }
        trace
    }

    fn read(&mut self, value: &Value, table: &mut impl Table) -> Span {
        let (leaves, shape) = (self.leaves.len() as u32, self.shapes.len() as u32);
        read(value, table, &mut self.leaves, &mut self.shapes);
        Span { leaves: leaves..self.leaves.len() as u32, shape: shape..self.shapes.len() as u32 }
    }

    /// A text that holds a JSON object or array is that.
    fn read_result(&mut self, value: &Value, table: &mut impl Table) -> Span {
        if let Value::String(text) = value
            && text.trim_start().starts_with(['{', '['])
            && let Ok(inner) = parse(text, Dialect::STRICT)
        {
            return self.read(&inner, table);
        }
        self.read(value, table)
    }

    /// How many calls there are.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// An argument by its place among all of the side's.
    pub fn argument(&self, place: usize) -> Shaped<'_> {
        self.shaped(&self.arguments[place])
    }

    /// The leaves of all arguments of a call.
    pub fn arguments_of(&self, call: usize) -> &[Leaf] {
        let range = &self.calls[call];
        &self.leaves[range.start as usize..range.end as usize]
    }

    /// What a call returned, where that is known.
    pub fn result(&self, call: usize) -> Option<Shaped<'_>> {
        self.results[call].as_ref().map(|span| self.shaped(span))
    }

    /// The leaves of what a call returned.
    pub fn result_leaves(&self, call: usize) -> &[Leaf] {
        self.result(call).map_or(&[], |result| result.leaves)
    }

    pub fn has_failed(&self, call: usize) -> bool {
        self.failed[call]
    }

    fn shaped(&self, span: &Span) -> Shaped<'_> {
        Shaped {
            leaves: &self.leaves[span.leaves.start as usize..span.leaves.end as usize],
            shape: &self.shapes[span.shape.start as usize..span.shape.end as usize],
        }
    }
}

impl Shaped<'_> {
    /// Whether two values are equal.
    pub fn equals(&self, other: &Shaped<'_>) -> bool {
        self.shape == other.shape && self.leaves.iter().zip(other.leaves).all(|(a, b)| a.atom == b.atom)
    }
}
