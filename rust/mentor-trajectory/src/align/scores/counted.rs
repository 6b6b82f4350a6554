//! The scores of sets and multisets: sizes of both sides and of what they share.

use super::{ratio, truth};
use crate::align::assign::matching;
use crate::align::metric::{Matching, Metric};
use crate::align::relation::{Relation, Tokens};

/// The scores that follow from sizes; they are not both empty.
pub(super) fn score(metric: Metric, relation: &Relation<'_>) -> f64 {
    let Sizes { student, teacher, both } = match relation.tokens() {
        Some(tokens) => Sizes::of_tokens(relation.settings().matching, &tokens),
        None => Sizes::of_calls(relation),
    };
    match metric {
        Metric::AnyOrder | Metric::Superset => truth(both == teacher),
        Metric::Subset => truth(both == student),
        Metric::Unordered => truth(both == student && both == teacher),
        Metric::Overlap => truth(both > 0),
        Metric::Precision => ratio(both, student),
        Metric::Recall => ratio(both, teacher),
        Metric::F1 => ratio(2 * both, student + teacher),
        Metric::Jaccard => ratio(both, student + teacher - both),
        _ => unreachable!("only scores of counts come here"),
    }
}

struct Sizes {
    student: usize,
    teacher: usize,
    both: usize,
}

impl Sizes {
    fn of_tokens(matching: Matching, tokens: &Tokens<'_>) -> Self {
        let mut counts = vec![[0_usize; 2]; tokens.distinct];
        for (side, tokens) in [tokens.student, tokens.teacher].into_iter().enumerate() {
            for &token in tokens {
                let count = &mut counts[token as usize][side];
                *count = if matching == Matching::Set { 1 } else { *count + 1 };
            }
        }
        let mut sizes = Self { student: 0, teacher: 0, both: 0 };
        for [student, teacher] in counts {
            sizes.student += student;
            sizes.teacher += teacher;
            sizes.both += student.min(teacher);
        }
        sizes
    }

    /// Where being the same is not transitive, what two sides share is the largest matching of same calls.
    fn of_calls(relation: &Relation<'_>) -> Self {
        let distinct = |tokens: &[u32]| -> Vec<usize> {
            let mut seen = std::collections::HashSet::new();
            let first = |place: &usize| {
                relation.settings().matching == Matching::Multiset || seen.insert(tokens[*place])
            };
            (0..tokens.len()).filter(first).collect()
        };
        let student = distinct(&relation.student.side.tokens);
        let teacher = distinct(&relation.teacher.side.tokens);
        let pairs = matching(teacher.len(), student.len(), |row, column| {
            truth(relation.same(student[column], teacher[row]))
        });
        Self { student: student.len(), teacher: teacher.len(), both: pairs.iter().flatten().count() }
    }
}
