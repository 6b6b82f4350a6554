//! The scores by name. P is the student's trajectory, R the reference.

use super::settings::{SettingsError, named};
use std::str::FromStr;

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
    /// The length of the common beginning over the longer length.
    Prefix,
    /// The share of common n-grams, with marks before the first call and behind the last.
    Ngram,
    /// 1 - Levenshtein distance / longer length.
    Edit,
    /// `DeepEval`'s longest common subsequence, weighted by how far arguments agree, over |R|.
    WeightedLcs,
    /// `ToolRL`'s score of names, parameter names and values, as a share of its maximum.
    ToolRl,
    /// The greatest total similarity of a one-to-one matching, over the longer length.
    Assignment,
    /// The best global alignment (Needleman-Wunsch) by similarity and a gap cost, over the longer length.
    Global,
    /// Alignment by value flow; see [`super::flow`].
    Flow,
}

impl Metric {
    /// The names of the scores.
    pub const NAMED: [(&str, Self); 19] = [
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
        ("prefix", Self::Prefix),
        ("ngram", Self::Ngram),
        ("edit", Self::Edit),
        ("weighted_lcs", Self::WeightedLcs),
        ("toolrl", Self::ToolRl),
        ("assignment", Self::Assignment),
        ("global", Self::Global),
        ("flow", Self::Flow),
    ];

    /// The score's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }

    /// Whether the score counts calls whatever their order, so that there is one of sets too.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(
            self,
            Self::AnyOrder
                | Self::Unordered
                | Self::Subset
                | Self::Superset
                | Self::Overlap
                | Self::Precision
                | Self::Recall
                | Self::F1
                | Self::Jaccard
        )
    }

    /// Whether calls of two long trajectories are paired near the diagonal only.
    pub(super) fn pairs_by_band(self) -> bool {
        !matches!(self, Self::Exact | Self::InOrder | Self::Prefix | Self::ToolRl)
    }

    /// Whether the score asks only which calls are equal, not how similar the others are.
    pub(super) fn is_by_equality(self) -> bool {
        self.counts() || matches!(self, Self::Exact | Self::InOrder | Self::Prefix | Self::Ngram | Self::Edit)
    }
}

impl FromStr for Metric {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        named("metric", name, &Self::NAMED)
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
