//! The scores that compare sequences by which calls are the same.

use super::{ratio, truth};
use crate::align::assign::matching;
use crate::align::relation::Relation;

pub(super) fn is_equal(relation: &Relation<'_>) -> bool {
    let calls = relation.students();
    calls == relation.teachers() && (0..calls).all(|place| relation.same(place, place))
}

/// Whether the reference's calls occur among the student's in order.
pub(super) fn is_subsequence(relation: &Relation<'_>) -> bool {
    let mut rest = 0..relation.students();
    (0..relation.teachers()).all(|teacher| rest.any(|student| relation.same(student, teacher)))
}

pub(super) fn common_prefix(relation: &Relation<'_>) -> usize {
    let shorter = relation.students().min(relation.teachers());
    (0..shorter).take_while(|&place| relation.same(place, place)).count()
}

/// The share of n-grams that both have, twice counted over all (Dice): marks stand before the first call and behind
/// the last, so that a short trajectory has n-grams too.
pub(super) fn ngrams(relation: &Relation<'_>) -> f64 {
    let n = relation.settings().ngram;
    let grams = |calls: usize| calls + n - 1;
    let (students, teachers) = (grams(relation.students()), grams(relation.teachers()));
    let both = if let Some(tokens) = relation.tokens() {
        shared(&windows(tokens.student, n), &windows(tokens.teacher, n))
    } else {
        let same = |teacher, student| truth(same_gram(relation, n, student, teacher));
        matching(teachers, students, same).iter().flatten().count()
    };
    ratio(2 * both, students + teachers)
}

/// The n-grams in order of their content. Marks are the last two numbers that no token has.
fn windows(tokens: &[u32], n: usize) -> Vec<Vec<u32>> {
    let marks = |mark: u32| std::iter::repeat_n(mark, n - 1);
    let padded: Vec<u32> = marks(u32::MAX - 1).chain(tokens.iter().copied()).chain(marks(u32::MAX)).collect();
    let mut grams: Vec<Vec<u32>> = padded.windows(n).map(<[u32]>::to_vec).collect();
    grams.sort_unstable();
    grams
}

/// How many items two sorted lists share.
fn shared(a: &[Vec<u32>], b: &[Vec<u32>]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
        }
    }
    both
}

/// Whether the n-grams that start `n - 1` places before these calls are the same, place by place.
fn same_gram(relation: &Relation<'_>, n: usize, student: usize, teacher: usize) -> bool {
    let place = |start: usize, calls: usize, step: usize| match (start + step).checked_sub(n - 1) {
        None => Place::Before,
        Some(call) if call < calls => Place::Call(call),
        Some(_) => Place::Behind,
    };
    (0..n).all(|step| {
        match (place(student, relation.students(), step), place(teacher, relation.teachers(), step)) {
            (Place::Call(student), Place::Call(teacher)) => relation.same(student, teacher),
            (Place::Before, Place::Before) | (Place::Behind, Place::Behind) => true,
            _ => false,
        }
    })
}

enum Place {
    Before,
    Call(usize),
    Behind,
}
