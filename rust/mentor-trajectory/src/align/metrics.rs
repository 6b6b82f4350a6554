//! The scores, over tokens. P is the student's trajectory, R the reference.

/// A score of one trajectory against another. All lie in [0, 1], and two empty trajectories score 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// 1 if P and R are the same sequence, else 0.
    Exact,
    /// 1 if R is a subsequence of P, else 0.
    InOrder,
    /// 1 if R is contained in P, else 0.
    AnyOrder,
    /// 1 if P and R hold the same calls in whatever order, else 0.
    Unordered,
    /// 1 if P is contained in R, else 0.
    Subset,
    /// 1 if R is contained in P, else 0: another name of [`Metric::AnyOrder`].
    Superset,
    /// 1 if P and R share a call, else 0.
    Overlap,
    /// |P ∩ R| / |P|
    Precision,
    /// |P ∩ R| / |R|
    Recall,
    /// 2 |P ∩ R| / (|P| + |R|)
    F1,
    /// |P ∩ R| / |P ∪ R|
    Jaccard,
}

impl Metric {
    /// The names of the scores.
    pub const NAMED: [(&str, Self); 11] = [
        ("exact", Self::Exact),
        ("in_order", Self::InOrder),
        ("any_order", Self::AnyOrder),
        ("unordered", Self::Unordered),
        ("subset", Self::Subset),
        ("superset", Self::Superset),
        ("overlap", Self::Overlap),
        ("precision", Self::Precision),
        ("recall", Self::Recall),
        ("f1", Self::F1),
        ("jaccard", Self::Jaccard),
    ];

    /// The score's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }

    /// Whether the order of the calls counts, so that sets have no such score.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self, Self::Exact | Self::InOrder)
    }
}

/// Whether a call that is made twice counts twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// It does.
    Multiset,
    /// It does not.
    Set,
}

impl Matching {
    /// The names of the choices.
    pub const NAMED: [(&str, Self); 2] = [("multiset", Self::Multiset), ("set", Self::Set)];
}

/// The score of tokens below `distinct`.
pub(super) fn score(
    metric: Metric,
    matching: Matching,
    student: &[u32],
    teacher: &[u32],
    distinct: usize,
) -> f64 {
    if student.is_empty() && teacher.is_empty() {
        return 1.0;
    }
    match metric {
        Metric::Exact => truth(student == teacher),
        Metric::InOrder => truth(is_subsequence(teacher, student)),
        _ => counted(metric, &Sizes::count(matching, student, teacher, distinct)),
    }
}

struct Sizes {
    student: usize,
    teacher: usize,
    both: usize,
}

impl Sizes {
    fn count(matching: Matching, student: &[u32], teacher: &[u32], distinct: usize) -> Self {
        let mut counts = vec![[0_usize; 2]; distinct];
        for (side, tokens) in [student, teacher].into_iter().enumerate() {
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
}

/// The scores that follow from sizes; they are not both empty.
fn counted(metric: Metric, &Sizes { student, teacher, both }: &Sizes) -> f64 {
    match metric {
        Metric::AnyOrder | Metric::Superset => truth(both == teacher),
        Metric::Subset => truth(both == student),
        Metric::Unordered => truth(both == student && both == teacher),
        Metric::Overlap => truth(both > 0),
        Metric::Precision => ratio(both, student),
        Metric::Recall => ratio(both, teacher),
        Metric::F1 => ratio(2 * both, student + teacher),
        Metric::Jaccard => ratio(both, student + teacher - both),
        Metric::Exact | Metric::InOrder => unreachable!("sequences are compared as such"),
    }
}

/// A share of nothing is 0: who did nothing, or had nothing to do, earned nothing by it.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn truth(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

fn is_subsequence(needle: &[u32], haystack: &[u32]) -> bool {
    let mut rest = haystack.iter();
    needle.iter().all(|token| rest.any(|other| other == token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(student: &[u32], teacher: &[u32], matching: Matching) -> Vec<(&'static str, f64)> {
        let counted =
            Metric::NAMED.iter().filter(|(_, m)| matching == Matching::Multiset || !m.is_sequence());
        counted.map(|&(name, metric)| (name, score(metric, matching, student, teacher, 8))).collect()
    }

    #[test]
    fn scores_of_a_worked_example() {
        // P = a b b c, R = a c b d
        let expected = [
            ("exact", 0.0),
            ("in_order", 0.0),
            ("any_order", 0.0),
            ("unordered", 0.0),
            ("subset", 0.0),
            ("superset", 0.0),
            ("overlap", 1.0),
            ("precision", 0.75),
            ("recall", 0.75),
            ("f1", 0.75),
            ("jaccard", 0.6),
        ];
        assert_eq!(table(&[0, 1, 1, 2], &[0, 2, 1, 3], Matching::Multiset), expected);
        let set = score(Metric::Precision, Matching::Set, &[0, 1, 1, 2], &[0, 2, 1, 3], 4);
        assert!((set - 1.0).abs() < 1e-15);
    }

    fn assert_all(scores: &[(&'static str, f64)], expected: impl Fn(&str) -> bool) {
        for (name, score) in scores {
            assert!((score - truth(expected(name))).abs() < 1e-15, "{name}: {score}");
        }
    }

    #[test]
    fn identity_scores_one_and_nothing_scores_nothing() {
        for matching in [Matching::Multiset, Matching::Set] {
            assert_all(&table(&[3, 1, 3], &[3, 1, 3], matching), |_| true);
            assert_all(&table(&[], &[], matching), |_| true);
        }
        assert_all(&table(&[], &[1], Matching::Multiset), |name| name == "subset");
        let vacuous = ["in_order", "any_order", "superset"];
        assert_all(&table(&[1], &[], Matching::Multiset), |name| vacuous.contains(&name));
    }

    #[test]
    fn order_counts_for_sequences_only() {
        let ordered = ["exact", "in_order"];
        assert_all(&table(&[1, 0], &[0, 1], Matching::Multiset), |name| !ordered.contains(&name));
        let in_order = score(Metric::InOrder, Matching::Multiset, &[0, 2, 1], &[0, 1], 3);
        assert!((in_order - 1.0).abs() < 1e-15);
    }
}
