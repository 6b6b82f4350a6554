//! The scores of two lists of calls, but for `flow`.

mod counted;
mod edit;
mod graded;
mod pairs;
mod path;
mod sequence;
mod toolrl;

pub(crate) use edit::levenshtein;
pub(super) use pairs::pairs;

use super::metric::Metric;
use super::relation::Relation;

/// The score of a student's calls against one reference.
pub(super) fn score(metric: Metric, relation: &Relation<'_>) -> f64 {
    let (students, teachers) = (relation.students(), relation.teachers());
    if students == 0 && teachers == 0 {
        return 1.0;
    }
    match metric {
        Metric::Exact => truth(sequence::is_equal(relation)),
        Metric::InOrder => truth(sequence::is_subsequence(relation)),
        Metric::Prefix => ratio(sequence::common_prefix(relation), students.max(teachers)),
        Metric::Ngram => sequence::ngrams(relation),
        Metric::Edit => 1.0 - edit::distance(relation) as f64 / students.max(teachers) as f64,
        Metric::WeightedLcs => graded::weighted_lcs(relation),
        Metric::ToolRl => toolrl::score(relation),
        Metric::Assignment => graded::assignment(relation),
        Metric::Global => graded::global(relation),
        _ => counted::score(metric, relation),
    }
}

/// A share of nothing is 0: who did nothing, or had nothing to do, earned nothing by it.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn truth(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}
