//! The scores that ask how similar calls are.

use super::path::{Path, best};
use super::ratio;
use crate::align::assign::matching_within;
use crate::align::relation::Relation;

/// The greatest total similarity of a one-to-one matching, over the longer length.
pub(super) fn assignment(relation: &Relation<'_>) -> f64 {
    let total: f64 = assigned(relation)
        .iter()
        .enumerate()
        .filter_map(|(teacher, student)| student.map(|student| relation.similarity(student, teacher)))
        .sum();
    total / relation.students().max(relation.teachers()) as f64
}

/// The student's call for each of the reference's.
pub(super) fn assigned(relation: &Relation<'_>) -> Vec<Option<usize>> {
    let (teacher, student) = (&relation.teacher.side.names, &relation.student.side.names);
    matching_within(teacher, student, |teacher, student| relation.similarity(student, teacher))
}

/// The heaviest common subsequence, over |R|.
pub(super) fn weighted_lcs(relation: &Relation<'_>) -> f64 {
    if relation.teachers() == 0 { ratio(0, 0) } else { heaviest(relation).worth / relation.teachers() as f64 }
}

pub(super) fn heaviest(relation: &Relation<'_>) -> Path {
    best(relation.teachers(), relation.students(), 0.0, |teacher, student| {
        relation.nested_similarity(student, teacher)
    })
}

/// The best global alignment, over the longer length; what costs more than it brings counts as nothing.
pub(super) fn global(relation: &Relation<'_>) -> f64 {
    (aligned(relation).worth / relation.students().max(relation.teachers()) as f64).max(0.0)
}

pub(super) fn aligned(relation: &Relation<'_>) -> Path {
    best(relation.teachers(), relation.students(), relation.settings().gap, |teacher, student| {
        relation.similarity(student, teacher)
    })
}
