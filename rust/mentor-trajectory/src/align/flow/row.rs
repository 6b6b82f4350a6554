//! One row's references compiled for `flow`, and a student's calls read against them.

use super::atoms::{Atoms, Extended, Key, Scalar, Table};
use super::context::Context;
use super::credit::{Detail, Reached, score};
use super::ground::CONSTANTS;
use super::origins::origins;
use super::reference::{Reference, Shared};
use super::similar::Similar;
use super::task::Task;
use super::trace::Trace;
use crate::align::ids::Ids;
use crate::align::references::Trajectory;
use crate::align::relation::Relation;
use crate::align::side::{Side, UNSEEN};
use crate::align::steps::{Outcome, Step};
use crate::parse::Call;
use std::collections::BTreeSet;

/// The references of a row.
#[derive(Clone, Debug)]
pub struct Row {
    pub(super) atoms: Atoms,
    task: Option<Task>,
    pub(super) references: Vec<Reference>,
    /// The tools whose calls change what later calls see.
    pub(super) effects: BTreeSet<String>,
    /// Calls of the references with known results, for students whose results are not: tools are functions.
    known: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    name: u32,
    /// Parameters and values.
    arguments: Vec<(u32, u32)>,
    outcome: Outcome,
}

/// A student's leaves.
#[derive(Debug)]
pub struct Student {
    pub(super) trace: Trace,
    /// The scalars that no reference of the row has.
    pub(super) own: Atoms,
    /// Which of them the task gives.
    pub(super) own_given: Vec<bool>,
}

impl Row {
    pub(in crate::align) fn new(trajectories: &[Trajectory], keys: &Ids, context: &Context) -> Self {
        let mut atoms = Atoms::default();
        for constant in CONSTANTS {
            remember(&mut atoms, Key::of(constant), constant);
        }
        let constants = atoms.len();
        let task = context.task.as_deref().map(Task::new);
        let named = task.as_ref().map_or(&[][..], Task::numbers);
        let numbers: Vec<u32> =
            named.iter().filter_map(|&(key, value)| remember(&mut atoms, Some(key), value)).collect();
        let traces: Vec<Trace> =
            trajectories.iter().map(|trajectory| trace(trajectory, &mut atoms)).collect();
        let mut given = with_texts(vec![false; atoms.len()], &atoms, task.as_ref());
        for atom in numbers {
            given[atom as usize] = true;
        }
        let constant: Vec<bool> = (0..atoms.len()).map(|atom| atom < constants).collect();
        let shared =
            Shared { atoms: &atoms, task: task.as_ref(), given: &given, constant: &constant, context };
        let compile = |(place, (trajectory, trace)): (usize, (&Trajectory, Trace))| {
            let order = context.order.get(place).map_or(&[][..], Vec::as_slice);
            Reference::new(trajectory, trace, commuting(trajectory, keys, context), order, &shared)
        };
        let references = trajectories.iter().zip(traces).enumerate().map(compile).collect();
        let effects = context.effects.clone();
        Self { known: known(trajectories), atoms, task, references, effects }
    }

    pub(in crate::align) fn read(&self, steps: &[Step<'_>], side: &Side) -> Student {
        let mut table = Extended { base: &self.atoms, own: Atoms::default() };
        let calls = steps.iter().enumerate().map(|(call, step)| {
            let outcome = match step.outcome {
                Outcome::Unknown => self.known_outcome(side, call).unwrap_or(step.outcome),
                outcome => outcome,
            };
            (step.call.map(|call| &call.arguments), outcome)
        });
        let trace = Trace::new(side, calls, &mut table);
        let own = table.own;
        let own_given = with_texts(vec![false; own.len()], &own, self.task.as_ref());
        Student { trace, own, own_given }
    }

    /// What an equal call of a reference returned.
    fn known_outcome(&self, side: &Side, call: usize) -> Option<&Outcome> {
        let (name, arguments) = (side.names[call], side.arguments(call));
        let equal = |known: &&Known| {
            name != UNSEEN
                && known.name == name
                && known.arguments.iter().copied().eq(arguments.iter().map(|a| (a.key, a.value)))
        };
        self.known.iter().find(equal).map(|known| &known.outcome)
    }

    pub(in crate::align) fn score(
        &self,
        relation: &Relation<'_>,
        student: &Student,
        reference: usize,
    ) -> Detail {
        score(relation, self, student, &self.references[reference])
    }

    /// For each parameter that counts, whether two calls agree in it by where the values come from, or since it may be
    /// exchanged.
    pub(in crate::align) fn agree_by_origin(
        &self,
        relation: &Relation<'_>,
        student: &Student,
        (reference, detail): (usize, &Detail),
        (call, teacher): (usize, usize),
    ) -> Vec<bool> {
        let reference = &self.references[reference];
        let given: Vec<bool> = reference.given.iter().chain(&student.own_given).copied().collect();
        let origins = origins(&student.trace, &given);
        let reached: Vec<Reached> = detail
            .reached
            .iter()
            .map(|how| if *how == Reached::Covered { Reached::No } else { *how })
            .collect();
        let similar = Similar {
            relation,
            student: &student.trace,
            origins: &origins,
            reference,
            partners: &detail.partners,
            reached: &reached,
        };
        similar.parameters(call, teacher)
    }
}

fn trace(trajectory: &Trajectory, atoms: &mut Atoms) -> Trace {
    let calls = trajectory.recording.calls.iter();
    let calls = calls.map(|recorded| (Some(&recorded.call.arguments), &recorded.outcome));
    Trace::new(&trajectory.side, calls, atoms)
}

fn remember(atoms: &mut Atoms, key: Option<Key>, value: f64) -> Option<u32> {
    key.and_then(|key| atoms.atom(Scalar::Number(key, value)))
}

/// Also marks the texts that the task mentions.
fn with_texts(mut given: Vec<bool>, atoms: &Atoms, task: Option<&Task>) -> Vec<bool> {
    if let Some(task) = task {
        for (text, atom) in atoms.texts() {
            given[atom as usize] = task.mentions(text);
        }
    }
    given
}

/// The numbers of each call's parameters that may be exchanged with one another, or of the list whose items may.
fn commuting(trajectory: &Trajectory, keys: &Ids, context: &Context) -> Vec<Vec<u32>> {
    let of = |call: &Call| {
        let declared = context.commutative.get(&call.name).map_or(&[][..], Vec::as_slice);
        let there = declared.iter().filter(|name| call.arguments.get(name).is_some());
        let found: Vec<u32> = there.filter_map(|name| keys.get(name.as_bytes())).collect();
        // Of several, one alone has nothing to be exchanged with.
        if declared.len() > 1 && found.len() < 2 { Vec::new() } else { found }
    };
    trajectory.recording.calls.iter().map(|recorded| of(&recorded.call)).collect()
}

fn known(trajectories: &[Trajectory]) -> Vec<Known> {
    let mut known = Vec::new();
    for trajectory in trajectories {
        for (call, recorded) in trajectory.recording.calls.iter().enumerate() {
            if recorded.outcome != Outcome::Unknown {
                let arguments = trajectory.side.arguments(call).iter().map(|a| (a.key, a.value)).collect();
                let name = trajectory.side.names[call];
                known.push(Known { name, arguments, outcome: recorded.outcome.clone() });
            }
        }
    }
    known
}
