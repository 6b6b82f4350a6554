//! Which calls a score takes for one another.

use super::{graded, path, toolrl};
use crate::align::assign::matching;
use crate::align::metric::Metric;
use crate::align::relation::Relation;

/// The student's call for each of the reference's.
pub(in crate::align) fn pairs(metric: Metric, relation: &Relation<'_>) -> Vec<Option<usize>> {
    let (students, teachers) = (relation.students(), relation.teachers());
    match metric {
        Metric::Exact => {
            (0..teachers).map(|call| (call < students && relation.same(call, call)).then_some(call)).collect()
        }
        Metric::Prefix => {
            let length = super::sequence::common_prefix(relation);
            (0..teachers).map(|call| (call < length).then_some(call)).collect()
        }
        Metric::InOrder => {
            let mut rest = 0..students;
            (0..teachers).map(|teacher| rest.find(|&student| relation.same(student, teacher))).collect()
        }
        Metric::Edit => {
            let cost = |teacher, student| if relation.same(student, teacher) { 0.0 } else { -1.0 };
            let mut partners = path::best(teachers, students, 1.0, cost).partners;
            for (teacher, partner) in partners.iter_mut().enumerate() {
                *partner = partner.filter(|&student| relation.same(student, teacher));
            }
            partners
        }
        Metric::WeightedLcs => with_something(relation, graded::heaviest(relation).partners),
        Metric::Global => with_something(relation, graded::aligned(relation).partners),
        Metric::Assignment => graded::assigned(relation),
        Metric::ToolRl => toolrl::choose(relation).into_iter().map(|(_, student)| student).collect(),
        _ => matching(teachers, students, |teacher, student| {
            f64::from(u8::from(relation.same(student, teacher)))
        }),
    }
}

/// Pairs that have nothing in common are none.
fn with_something(relation: &Relation<'_>, mut partners: Vec<Option<usize>>) -> Vec<Option<usize>> {
    for (teacher, partner) in partners.iter_mut().enumerate() {
        *partner = partner.filter(|&student| relation.nested_similarity(student, teacher) > 0.0);
    }
    partners
}
