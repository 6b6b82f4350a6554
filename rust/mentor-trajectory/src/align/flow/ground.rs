//! What calls were done on: the task's values, what grounded calls made of them, constants, or numbers from nowhere.
//!
//! A call is grounded if each number in its arguments is given, a grounded call's result, either of them with its sign
//! turned, as a reciprocal, or times or over 100, or a constant, and if not all of them are constants. Texts are
//! composed by the model and count as grounded; a call without values is. Who guesses a number has done no work.

use super::atoms::{Atoms, Key, Leaf};
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
    /// Whether a grounded call made a value that was not there; whether it returned its own arguments only.
    pub real: Vec<bool>,
    pub own: Vec<bool>,
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

    /// The given numbers that this one is, or is a plain turn of.
    fn given(&self, atom: u32, value: f64) -> impl Iterator<Item = u32> {
        let turned = [-value, 1.0 / value, value * 100.0, value / 100.0];
        let numbers = turned.into_iter().filter_map(|turned| self.number(turned));
        std::iter::once(atom).chain(numbers).filter(|&atom| self.given[atom as usize])
    }

    /// The number and its negative, which a call may have returned; a constant is itself alone, or it would look
    /// computed wherever something like it was.
    fn returned(&self, atom: u32, value: f64) -> impl Iterator<Item = u32> {
        let negative = if is_constant(atom) { None } else { self.number(-value) };
        std::iter::once(atom).chain(negative)
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
            own: vec![false; calls],
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
            let known = self.note_number(call, leaf.atom, value);
            solid |= known;
            from_nowhere |= !known && !self.ground.constant[leaf.atom as usize];
        }
        solid && !from_nowhere
    }

    fn is_known(&self, atom: u32) -> bool {
        self.ground.given[atom as usize] || self.had[atom as usize] != NONE
    }

    /// Notes where a number may have come from, of which nobody can tell the right one: every given number that it is,
    /// or is a turn of, and the call that returned it or its negative. Whether there is any.
    fn note_number(&mut self, call: usize, atom: u32, value: f64) -> bool {
        let (mut turned, is_given) = (false, self.ground.given[atom as usize]);
        for given in self.ground.given(atom, value) {
            turned = true;
            // That a constant is given too says nothing.
            if !is_constant(given) {
                self.work.numbers.insert(call, given as usize);
            }
        }
        let returned = self.ground.returned(atom, value).find(|&atom| self.had[atom as usize] != NONE);
        match returned {
            // The call that returned what is given anyway was not needed for it.
            Some(source) if is_given && source == atom => self.note_roots(call, source),
            Some(source) if !is_given => self.note_supplier(call, source),
            _ => {}
        }
        turned || returned.is_some()
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
        self.work.suppliers.insert(call, self.had[atom as usize] as usize);
        self.note_roots(call, atom);
    }

    /// What the call that returned a value was done on.
    fn note_roots(&mut self, call: usize, atom: u32) {
        let supplier = self.had[atom as usize] as usize;
        self.work.numbers.insert_all(call, supplier);
        self.work.texts.insert_all(call, supplier);
        self.work.any_text[call] |= self.work.any_text[supplier];
    }

    fn look_at_result(&mut self, trace: &Trace, call: usize) {
        let own = trace.arguments_of(call);
        let is_own = |leaf: &Leaf| own.iter().any(|argument| argument.atom == leaf.atom);
        let result = trace.result_leaves(call);
        self.work.own[call] = result.iter().all(is_own);
        self.work.real[call] = result.iter().any(|leaf| !is_own(leaf) && !self.is_known(leaf.atom));
        for leaf in trace.result_leaves(call) {
            let had = &mut self.had[leaf.atom as usize];
            if *had == NONE {
                *had = call as u32;
            }
        }
    }
}

/// The constants are the first atoms of every row.
fn is_constant(atom: u32) -> bool {
    (atom as usize) < CONSTANTS.len()
}
