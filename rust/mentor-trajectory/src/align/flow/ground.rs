//! What calls were done on: the task's values, what grounded calls made of them, constants, or numbers from nowhere.
//!
//! A call is grounded if each number in its arguments is given, a grounded call's result, either of them with its sign
//! turned, as a reciprocal, or times or over 100, or a constant, and if not all of them are constants. Texts are
//! composed by the model and count as grounded; a call without values is. Who guesses a number has done no work.

use super::atoms::{Atoms, Key};
use super::bits::Sets;
use super::trace::Trace;

/// Numbers that need no source.
pub(super) const CONSTANTS: [f64; 10] = [0.0, 1.0, -1.0, 2.0, 0.5, 0.01, 0.1, 10.0, 100.0, 1_000.0];

/// What a trajectory's values are held against.
pub(super) struct Ground<'a> {
    /// The scalars of the row, and behind them the student's own.
    pub base: &'a Atoms,
    pub own: Option<&'a Atoms>,
    /// Which are given; which need no source. As long as there are atoms.
    pub given: &'a [bool],
    pub constant: &'a [bool],
    /// Whether this is the reference: all its results count as grounded.
    pub is_reference: bool,
}

/// What is known of each call's work.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// Whether the call is grounded by the rule; whether it is, exceptions included.
    pub by_rule: Vec<bool>,
    pub grounded: Vec<bool>,
    /// Whether a grounded call made a value that was not there.
    pub real: Vec<bool>,
    /// The calls whose results each call uses.
    pub suppliers: Sets,
    /// The row's given numbers, and its texts, that each call's result was made of.
    pub numbers: Sets,
    pub texts: Sets,
    /// Whether any text went in, the row's or not.
    pub any_text: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Ground<'_> {
    fn value(&self, atom: u32) -> Option<f64> {
        match (atom as usize).checked_sub(self.base.len()) {
            None => self.base.value(atom),
            Some(own) => self.own.and_then(|atoms| atoms.value(own as u32)),
        }
    }

    fn number(&self, value: f64) -> Option<u32> {
        let key = Key::of(value)?;
        let own = || self.own.and_then(|own| own.number(key)).map(|atom| atom + self.base.len() as u32);
        self.base.number(key).or_else(own)
    }

    /// The numbers that this one is a plain turn of.
    fn turns(&self, value: f64) -> impl Iterator<Item = u32> {
        let reciprocal = if value == 0.0 { f64::NAN } else { 1.0 / value };
        [-value, reciprocal, value * 100.0, value / 100.0]
            .into_iter()
            .filter_map(|turned| self.number(turned))
    }
}

/// Goes through the calls in order. `is_call` says which are calls at all, `exempt` which are grounded although the
/// rule does not say so.
pub(super) fn work(
    trace: &Trace,
    ground: &Ground<'_>,
    is_call: impl Fn(usize) -> bool,
    exempt: impl Fn(usize) -> bool,
) -> Work {
    let (calls, atoms) = (trace.len(), ground.base.len());
    let mut tracer = Tracer {
        ground,
        had: vec![NONE; ground.given.len()],
        work: Work {
            by_rule: vec![false; calls],
            grounded: vec![false; calls],
            real: vec![false; calls],
            suppliers: Sets::new(calls, calls),
            numbers: Sets::new(calls, atoms),
            texts: Sets::new(calls, atoms),
            any_text: vec![false; calls],
        },
    };
    for call in 0..calls {
        if !is_call(call) || trace.has_failed(call) {
            continue;
        }
        let by_rule = tracer.look_at_arguments(trace, call);
        tracer.work.by_rule[call] = by_rule;
        tracer.work.grounded[call] = by_rule || ground.is_reference || exempt(call);
        if tracer.work.grounded[call] {
            tracer.look_at_result(trace, call);
        }
    }
    tracer.work
}

struct Tracer<'a> {
    ground: &'a Ground<'a>,
    /// The first grounded call that returned each atom.
    had: Vec<u32>,
    work: Work,
}

impl Tracer<'_> {
    /// Notes sources and roots; whether the call is grounded by the rule.
    fn look_at_arguments(&mut self, trace: &Trace, call: usize) -> bool {
        let leaves = trace.arguments_of(call);
        let (mut from_nowhere, mut solid) = (false, leaves.is_empty());
        for leaf in leaves {
            let Some(value) = self.ground.value(leaf.atom) else {
                solid = true;
                self.note_text(call, leaf.atom);
                continue;
            };
            let turned = || self.ground.turns(value).find(|&atom| self.is_known(atom));
            let source = if self.is_known(leaf.atom) { Some(leaf.atom) } else { turned() };
            if let Some(atom) = source {
                solid = true;
                self.note_number(call, atom);
            } else if !self.ground.constant[leaf.atom as usize] {
                from_nowhere = true;
            }
        }
        solid && !from_nowhere
    }

    fn is_known(&self, atom: u32) -> bool {
        self.ground.given[atom as usize] || self.had[atom as usize] != NONE
    }

    fn note_number(&mut self, call: usize, atom: u32) {
        if !self.ground.given[atom as usize] {
            self.note_supplier(call, atom);
            return;
        }
        // A given number is one of the row's. That a constant is given too says nothing.
        let is_root = self.ground.base.value(atom).is_some_and(|value| !is_constant(value));
        if is_root {
            self.work.numbers.insert(call, atom as usize);
        }
    }

    fn note_text(&mut self, call: usize, atom: u32) {
        if !self.ground.given[atom as usize] && self.had[atom as usize] != NONE {
            self.note_supplier(call, atom);
            return;
        }
        self.work.any_text[call] = true;
        if (atom as usize) < self.ground.base.len() {
            self.work.texts.insert(call, atom as usize);
        }
    }

    fn note_supplier(&mut self, call: usize, atom: u32) {
        let supplier = self.had[atom as usize] as usize;
        self.work.suppliers.insert(call, supplier);
        self.work.numbers.insert_all(call, supplier);
        self.work.texts.insert_all(call, supplier);
        self.work.any_text[call] |= self.work.any_text[supplier];
    }

    fn look_at_result(&mut self, trace: &Trace, call: usize) {
        let own = trace.arguments_of(call);
        for leaf in trace.result_leaves(call) {
            let is_own = own.iter().any(|argument| argument.atom == leaf.atom);
            self.work.real[call] |= !is_own && !self.is_known(leaf.atom);
        }
        for leaf in trace.result_leaves(call) {
            let had = &mut self.had[leaf.atom as usize];
            if *had == NONE {
                *had = call as u32;
            }
        }
    }
}

fn is_constant(value: f64) -> bool {
    CONSTANTS.contains(&value)
}
