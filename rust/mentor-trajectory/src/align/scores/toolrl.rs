//! `ToolRL`'s score (arXiv 2504.13958), as the share of its maximum that it reaches.
//!
//! `(J(names) + sum over matched calls of (J(parameter names) + equal values)) / (1 + sum over R of (1 + parameters))`
//! with J the Jaccard index of multisets, 1 for two equal lists. The reference's calls choose in order, each the unused
//! call of the same tool with the greatest contribution, the earliest of equal ones.

use crate::align::relation::Relation;

pub(super) fn score(relation: &Relation<'_>) -> f64 {
    let most: usize = (0..relation.teachers()).map(|teacher| 1 + relation.parameters(teacher)).sum();
    let chosen = choose(relation);
    let total = chosen.iter().fold(names(relation), |total, (contribution, _)| total + contribution);
    total / (1 + most) as f64
}

/// The contribution of each of the reference's calls, and the student's call that made it.
pub(super) fn choose(relation: &Relation<'_>) -> Vec<(f64, Option<usize>)> {
    let mut unused = Unused::of(relation);
    let choose_for = |teacher: usize| {
        let most = 1.0 + relation.parameters(teacher) as f64;
        let worth = |student: usize| {
            let (shared, equal) = relation.contribution(student, teacher);
            shared + equal
        };
        unused.take_best(relation.teacher.side.names[teacher], most, worth)
    };
    (0..relation.teachers()).map(choose_for).collect()
}

const NONE: u32 = u32::MAX;

/// The student's calls that were not chosen yet: a chain for each tool, in order.
struct Unused {
    first: Vec<u32>,
    next: Vec<u32>,
}

impl Unused {
    fn of(relation: &Relation<'_>) -> Self {
        let names = &relation.student.side.names;
        let mut unused = Self { first: vec![NONE; relation.names()], next: vec![NONE; names.len()] };
        for (call, &tool) in names.iter().enumerate().rev() {
            // Calls of tools that the references do not have are nobody's.
            if let Some(first) = unused.first.get_mut(tool as usize) {
                unused.next[call] = std::mem::replace(first, call as u32);
            }
        }
        unused
    }

    /// Takes the first call of a tool with the greatest worth out of the chain; `most` is as much as any can have.
    fn take_best(&mut self, tool: u32, most: f64, worth: impl Fn(usize) -> f64) -> (f64, Option<usize>) {
        let mut best = (0.0, None);
        let (mut before, mut at) = (NONE, self.first[tool as usize]);
        let mut before_best = NONE;
        while at != NONE && best.0 < most {
            let worth = worth(at as usize);
            if worth > best.0 {
                best = (worth, Some(at as usize));
                before_best = before;
            }
            (before, at) = (at, self.next[at as usize]);
        }
        if let Some(chosen) = best.1 {
            let behind = self.next[chosen];
            match before_best {
                NONE => self.first[tool as usize] = behind,
                before => self.next[before as usize] = behind,
            }
        }
        best
    }
}

/// The Jaccard index of the two multisets of tool names.
fn names(relation: &Relation<'_>) -> f64 {
    let (student, teacher) = (&relation.student.side.names, &relation.teacher.side.names);
    let mut counts = vec![0_u32; relation.names()];
    for &name in teacher {
        counts[name as usize] += 1;
    }
    let mut both = 0;
    for &name in student {
        // A name that the references do not have is beyond their count.
        if let Some(count) = counts.get_mut(name as usize)
            && *count > 0
        {
            *count -= 1;
            both += 1;
        }
    }
    let union = student.len() + teacher.len() - both;
    if union == 0 { 1.0 } else { both as f64 / union as f64 }
}
