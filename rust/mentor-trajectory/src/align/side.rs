//! The calls of one trajectory as numbers: of whole calls, of tools, of parameters and their values.

use super::ids::{Extended, Ids};
use super::metric::{Matching, Metric};
use super::settings::Settings;
use super::steps::Step;
use crate::json::{Object, write_text};
use crate::parse::Call;
use std::ops::Range;

/// The number of a tool, parameter or value that the references do not have: equal to nothing.
pub(super) const UNSEEN: u32 = u32::MAX;

/// What a comparison looks at, so that nothing else is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Whole calls as tokens.
    pub tokens: Tokens,
    /// Parameters and values.
    pub arguments: bool,
    /// The values that flow between calls.
    pub flow: bool,
    /// Which of a student's calls are equal to one another.
    pub repeats: bool,
}

/// What a call's token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// There are none.
    None,
    /// The tool.
    Tool,
    /// The tool and its arguments.
    Call,
    /// Both, a list of each.
    Both,
}

impl Needs {
    /// Everything: for references that are scored under several metrics.
    pub const ALL: Self = Self { tokens: Tokens::Both, arguments: true, flow: true, repeats: true };

    /// What scores under these settings need; `given` if some similarities are computed elsewhere.
    #[must_use]
    pub fn of(settings: &Settings, given: bool) -> Self {
        let Settings { metric, rules, .. } = settings;
        if !metric.is_by_equality() {
            let flow = *metric == Metric::Flow;
            return Self { tokens: Tokens::None, arguments: true, flow, repeats: false };
        }
        let plain = rules.are_plain() && !given;
        let tokens = if plain && rules.usual.ignores_all() { Tokens::Tool } else { Tokens::Call };
        Self { tokens, arguments: !plain, flow: false, repeats: settings.matching == Matching::Set }
    }

    fn call_tokens(self) -> bool {
        matches!(self.tokens, Tokens::Call | Tokens::Both)
    }

    fn tool_tokens(self) -> bool {
        matches!(self.tokens, Tokens::Tool | Tokens::Both)
    }
}

/// One argument of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Argument {
    pub key: u32,
    pub value: u32,
    /// Its place among the call's arguments.
    pub place: u32,
}

/// The calls of a trajectory as numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    /// The tool and arguments of each call; calls that are no calls have a number of their own.
    pub tokens: Vec<u32>,
    /// The tool of each call, in the same way.
    pub tools: Vec<u32>,
    /// The tool of each call as the references number it, or [`UNSEEN`].
    pub names: Vec<u32>,
    arguments: Vec<Argument>,
    starts: Vec<u32>,
}

impl Side {
    /// The arguments of a call in the order of their numbers.
    pub fn arguments(&self, call: usize) -> &[Argument] {
        &self.arguments[self.range(call)]
    }

    /// An argument by its place among all.
    pub fn argument(&self, place: usize) -> &Argument {
        &self.arguments[place]
    }

    /// Where a call's arguments stand among all.
    pub fn range(&self, call: usize) -> Range<usize> {
        self.starts[call] as usize..self.starts[call + 1] as usize
    }
}

/// The tables of a row's references.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub calls: Ids,
    pub names: Ids,
    pub keys: Ids,
    pub values: Ids,
}

impl Tables {
    /// Numbers a reference's calls, and remembers what is new.
    pub fn read_reference<'a>(&mut self, calls: impl Iterator<Item = &'a Call>, needs: Needs) -> Side {
        let mut side = Side { starts: vec![0], ..Side::default() };
        let mut bytes = Vec::new();
        for call in calls {
            let name = self.names.intern(call.name.as_bytes());
            side.names.push(name);
            if needs.tool_tokens() {
                side.tools.push(name);
            }
            if needs.call_tokens() {
                write_call(call, &mut bytes);
                side.tokens.push(self.calls.intern(&bytes));
            }
            if needs.arguments {
                let number = |bytes: &[u8], ids: &mut Ids| ids.intern(bytes);
                write_arguments(
                    &mut side,
                    &call.arguments,
                    &mut bytes,
                    (&mut self.keys, &mut self.values),
                    number,
                );
            }
            side.starts.push(side.arguments.len() as u32);
        }
        side
    }

    /// Numbers a student's calls; what no reference has gets [`UNSEEN`], or a number behind all others as a token.
    pub fn read_student(&self, steps: &[Step<'_>], needs: Needs) -> (Side, usize, usize) {
        let mut side = Side { starts: vec![0], ..Side::default() };
        let (mut calls, mut tools) =
            (Extended::new(&self.calls, needs.repeats), Extended::new(&self.names, needs.repeats));
        let mut bytes = Vec::new();
        for step in steps {
            let Some(call) = step.call else {
                // What is no call is equal to nothing, not even to another one.
                side.names.push(UNSEEN);
                side.tokens.extend(needs.call_tokens().then(|| calls.fresh()));
                side.tools.extend(needs.tool_tokens().then(|| tools.fresh()));
                side.starts.push(side.arguments.len() as u32);
                continue;
            };
            side.names.push(self.names.get(call.name.as_bytes()).unwrap_or(UNSEEN));
            if needs.tool_tokens() {
                side.tools.push(tools.intern(call.name.as_bytes()));
            }
            if needs.call_tokens() {
                write_call(call, &mut bytes);
                side.tokens.push(calls.intern(&bytes));
            }
            if needs.arguments {
                let number = |bytes: &[u8], ids: &mut &Ids| ids.get(bytes).unwrap_or(UNSEEN);
                write_arguments(
                    &mut side,
                    &call.arguments,
                    &mut bytes,
                    (&mut &self.keys, &mut &self.values),
                    number,
                );
            }
            side.starts.push(side.arguments.len() as u32);
        }
        (side, calls.len(), tools.len())
    }
}

fn write_arguments<I>(
    side: &mut Side,
    arguments: &Object,
    bytes: &mut Vec<u8>,
    (keys, values): (&mut I, &mut I),
    number: impl Fn(&[u8], &mut I) -> u32,
) {
    let start = side.arguments.len();
    for (place, (key, value)) in arguments.entries().iter().enumerate() {
        bytes.clear();
        value.write_canonical(bytes);
        let value = number(bytes, values);
        side.arguments.push(Argument { key: number(key.as_bytes(), keys), value, place: place as u32 });
    }
    side.arguments[start..].sort_unstable_by_key(|argument| (argument.key, argument.place));
}

/// Bytes that two calls share exactly if they are equal.
pub(super) fn write_call(call: &Call, bytes: &mut Vec<u8>) {
    bytes.clear();
    write_text(b's', call.name.as_bytes(), bytes);
    call.arguments.write_canonical(bytes);
}
