//! Why a score is what it is: which calls were taken for one another, and how far their arguments agree.

use super::assign::Band;
use super::compare::Parameter;
use super::flow::Detail;
use super::metric::Metric;
use super::references::{References, Student};
use super::relation::Relation;
use super::scores;
use super::settings::Settings;
use super::steps::Step;

/// The score with its best reference, and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// In [0, 1].
    pub score: f64,
    /// The reference that the student does best against.
    pub reference: usize,
    /// The calls taken for one another, in the reference's order.
    pub pairs: Vec<Pair>,
    /// The reference's calls without a partner.
    pub missing: Vec<usize>,
    /// The student's calls without a partner.
    pub extra: Vec<usize>,
    /// Whether only pairs near the diagonal were looked at, since both sides are long.
    pub banded: bool,
    /// What `flow` found.
    pub flow: Option<Detail>,
}

/// Two calls taken for one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The student's call.
    pub student: usize,
    /// The reference's call.
    pub teacher: usize,
    /// How similar they are, in [0, 1].
    pub similarity: f64,
    /// The parameters that count, and how they compare.
    pub arguments: Vec<(String, Why)>,
}

/// How one parameter of two calls compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// The values agree under the tool's rule.
    Same,
    /// The values differ, but come from calls that are matched, or stand in one another's places where that does not
    /// matter.
    Provenance,
    /// The values agree in part.
    Similar(f64),
    /// The values differ.
    Different,
    /// Only the reference has it.
    Missing,
    /// Only the student has it.
    Extra,
    /// A comparator of the caller's judged the call as a whole.
    Given(f64),
}

impl References {
    /// The score and what it rests on; nothing without references.
    #[must_use]
    pub fn explain(
        &self,
        settings: &Settings,
        student: &Student,
        steps: &[Step<'_>],
        given: &[Vec<f64>],
    ) -> Option<Explanation> {
        let best = self.score(settings, student, steps, given)?;
        let given = given.get(best.reference).map(Vec::as_slice);
        let relation = self.relation(settings, student, steps, (best.reference, given));
        let flow = match (self.flow(), &student.flow) {
            (Some(row), Some(student)) if settings.metric == Metric::Flow => {
                Some(row.score(&relation, student, best.reference))
            }
            _ => None,
        };
        let partners = match &flow {
            Some(detail) => detail.partners.clone(),
            None => scores::pairs(settings.metric, &relation),
        };
        let by_origin = |at: (usize, usize)| match (self.flow(), &student.flow, &flow) {
            (Some(row), Some(student), Some(detail)) => {
                row.agree_by_origin(&relation, student, (best.reference, detail), at)
            }
            _ => Vec::new(),
        };
        let pair = |(teacher, student): (usize, &Option<usize>)| {
            let student = (*student)?;
            let similarity = flow.as_ref().map(|detail| detail.similarity[teacher]);
            Some(pair(&relation, (student, teacher), similarity, &by_origin((student, teacher))))
        };
        Some(Explanation {
            score: best.score,
            reference: best.reference,
            pairs: partners.iter().enumerate().filter_map(pair).collect(),
            missing: (0..partners.len()).filter(|&teacher| partners[teacher].is_none()).collect(),
            extra: (0..relation.students()).filter(|student| !partners.contains(&Some(*student))).collect(),
            banded: settings.metric.pairs_by_band()
                && !Band::of(relation.teachers(), relation.students()).is_all(),
            flow,
        })
    }
}

/// `similarity` is the score's own where it has one; `by_origin` says which of the parameters agree by where their
/// values come from.
fn pair(
    relation: &Relation<'_>,
    (student, teacher): (usize, usize),
    similarity: Option<f64>,
    by_origin: &[bool],
) -> Pair {
    let similarity = similarity.unwrap_or_else(|| relation.nested_similarity(student, teacher));
    if let Some(score) = relation.given(student, teacher) {
        return Pair { student, teacher, similarity, arguments: vec![(String::new(), Why::Given(score))] };
    }
    let (mine, theirs) = relation.objects(student, teacher);
    let why = |(place, parameter): (usize, Parameter<'_>)| {
        let agreement = parameter.agreement();
        let why = match (parameter.student, parameter.teacher) {
            _ if agreement.same => Why::Same,
            (Some(_), None) => Why::Extra,
            (None, _) => Why::Missing,
            _ if by_origin.get(place).copied().unwrap_or(false) => Why::Provenance,
            _ if agreement.score > 0.0 => Why::Similar(agreement.score),
            _ => Why::Different,
        };
        (parameter.name.to_owned(), why)
    };
    let arguments = relation.rule(teacher).compared(mine, theirs).enumerate().map(why).collect();
    Pair { student, teacher, similarity, arguments }
}
