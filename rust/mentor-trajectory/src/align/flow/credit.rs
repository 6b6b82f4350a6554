//! The credit of every call, and the score that they make.

use super::bits::{intersect, is_empty, is_subset};
use super::ground::{Ground, Work, work};
use super::origins::origins;
use super::reference::Reference;
use super::row::{Row, Student};
use super::similar::Similar;
use super::weights::Weights;
use crate::align::assign::{Band, matching_within};
use crate::align::relation::Relation;

/// Values and origins decide the matching in turn, this often.
const ROUNDS: usize = 3;

/// The score and what it is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// In [0, 1].
    pub score: f64,
    /// The mean credit of the student's calls.
    pub precision: f64,
    /// The weighted mean credit of the reference's calls.
    pub recall: f64,
    /// The student's call that each of the reference's is matched with.
    pub partners: Vec<Option<usize>>,
    /// How similar the two of each pair are; 0 without a partner.
    pub similarity: Vec<f64>,
    /// Whether a matched call was made before one that it must follow.
    pub late: Vec<bool>,
    /// How each of the reference's results was reached another way.
    pub reached: Vec<Reached>,
    /// The credit of each of the reference's calls.
    pub teacher_credit: Vec<f64>,
    /// How much each of the reference's calls counts in the recall.
    pub teacher_weight: Vec<f64>,
    /// The credit of each of the student's calls.
    pub student_credit: Vec<f64>,
    /// Whether the student's call works on what the task gives.
    pub grounded: Vec<bool>,
    /// Whether only pairs near the diagonal were looked at.
    pub banded: bool,
}

/// How a reference's result was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reached {
    /// It was not.
    #[default]
    No,
    /// By this call of the student's.
    By(usize),
    /// It was needed only on the way to results that were reached.
    Covered,
}

pub(super) fn score(relation: &Relation<'_>, row: &Row, student: &Student, reference: &Reference) -> Detail {
    let (students, teachers) = (relation.students(), relation.teachers());
    let weights = &relation.settings().flow;
    let given: Vec<bool> = reference.given.iter().chain(&student.own_given).copied().collect();
    let mut constant = reference.constant.clone();
    constant.resize(given.len(), false);
    let ground = Ground {
        base: &row.atoms,
        own: Some(&student.own),
        given: &given,
        constant: &constant,
        is_reference: false,
    };
    let is_call = |call: usize| relation.steps()[call].call.is_some();
    let exempt = |call: usize| is_as_baseless(relation, reference, call);
    let scorer = Scorer {
        relation,
        row,
        student,
        reference,
        weights,
        work: work(&student.trace, &ground, is_call, exempt),
    };
    let mut detail = Detail { banded: !Band::of(teachers, students).is_all(), ..Detail::default() };
    scorer.reach(&mut detail);
    scorer.pair(&given, &mut detail);
    scorer.cover(&mut detail);
    scorer.credit(&mut detail);
    scorer.total(&mut detail);
    detail.grounded.clone_from(&scorer.work.grounded);
    detail
}

/// Whether a call is one of the reference's that is not grounded either: nobody is asked for more than the teacher.
fn is_as_baseless(relation: &Relation<'_>, reference: &Reference, call: usize) -> bool {
    let (a, b) = (&relation.student.side, &relation.teacher.side);
    (0..relation.teachers()).any(|teacher| {
        let (mine, theirs) = (a.arguments(call), b.arguments(teacher));
        !reference.work.by_rule[teacher]
            && relation.same_tool(call, teacher)
            && mine.len() == theirs.len()
            && mine.iter().zip(theirs).all(|(x, y)| (x.key, x.value) == (y.key, y.value))
    })
}

struct Scorer<'a> {
    relation: &'a Relation<'a>,
    row: &'a Row,
    student: &'a Student,
    reference: &'a Reference,
    weights: &'a Weights,
    work: Work,
}

impl Scorer<'_> {
    /// Matches by values, then by values and origins until nothing changes.
    fn pair(&self, given: &[bool], detail: &mut Detail) {
        let teachers = self.relation.teachers();
        let origins = origins(&self.student.trace, given);
        let (classes, of_student) = (&self.relation.teacher.side.names, &self.relation.student.side.names);
        let mut partners = vec![None; teachers];
        for _ in 0..ROUNDS {
            let similar = Similar {
                relation: self.relation,
                student: &self.student.trace,
                origins: &origins,
                reference: self.reference,
                partners: &partners,
                reached: &detail.reached,
            };
            let found = matching_within(classes, of_student, |teacher, student| {
                similar.similarity(student, teacher) * self.support(student)
            });
            let similarity = |(teacher, student): (usize, &Option<usize>)| {
                student.map_or(0.0, |student| similar.similarity(student, teacher))
            };
            detail.similarity = found.iter().enumerate().map(similarity).collect();
            if found == partners {
                break;
            }
            partners = found;
        }
        detail.late = (0..teachers).map(|teacher| self.is_late(&partners, teacher)).collect();
        detail.partners = partners;
    }

    fn support(&self, student: usize) -> f64 {
        let stands = self.work.grounded[student] || self.student.trace.has_failed(student);
        if stands { 1.0 } else { self.weights.support }
    }

    /// Whether a call was made before the partner of one that it must follow.
    fn is_late(&self, partners: &[Option<usize>], teacher: usize) -> bool {
        partners[teacher].is_some_and(|student| {
            self.reference
                .before
                .members(teacher)
                .any(|first| partners[first].is_some_and(|first| first > student))
        })
    }

    /// Finds the results that were reached.
    fn reach(&self, detail: &mut Detail) {
        let (students, teachers) = (self.relation.students(), self.relation.teachers());
        let mut used = vec![false; students];
        let mut reached = |teacher: usize| {
            let by = |student: &usize| self.reference.milestone[teacher] && self.reaches(*student, teacher);
            // The first that has reached nothing else, if there is one.
            let fresh = (0..students).find(|student| !used[*student] && by(student));
            let Some(student) = fresh.or_else(|| (0..students).find(by)) else {
                return Reached::No;
            };
            used[student] = true;
            Reached::By(student)
        };
        detail.reached = (0..teachers).map(&mut reached).collect();
    }

    /// Finds the calls that were needed only on the way to results that were reached.
    fn cover(&self, detail: &mut Detail) {
        for teacher in (0..self.relation.teachers()).rev() {
            let done = |user: usize| detail.reached[user] != Reached::No;
            let on_the_way =
                self.reference.coverable[teacher] && self.reference.used_by.members(teacher).all(done);
            if on_the_way && detail.reached[teacher] == Reached::No {
                detail.reached[teacher] = Reached::Covered;
            }
        }
    }

    /// Whether a student's call made a reference's result by real work on what that was made of. What the reference
    /// did not make anew, nobody need; but a call that returns its own argument is as good as another such one only.
    fn reaches(&self, student: usize, teacher: usize) -> bool {
        let (Some(mine), Some(theirs)) =
            (self.student.trace.result(student), self.reference.trace.result(teacher))
        else {
            return false;
        };
        let idle = !self.reference.work.real[teacher]
            && self.work.grounded[student]
            && (!self.work.own[student] || self.reference.work.own[teacher]);
        (self.work.real[student] || idle)
            && mine.equals(&theirs)
            && self.has_roots(student, teacher)
            && !self.has_effects(student)
    }

    /// All given numbers that the reference's result was made of; one of its texts where there are no numbers.
    fn has_roots(&self, student: usize, teacher: usize) -> bool {
        let (mine, theirs) = (&self.work, &self.reference.work);
        if !is_empty(theirs.numbers.get(teacher)) {
            return is_subset(theirs.numbers.get(teacher), mine.numbers.get(student));
        }
        if theirs.any_text[teacher] {
            return intersect(theirs.texts.get(teacher), mine.texts.get(student));
        }
        !mine.any_text[student] && is_empty(mine.numbers.get(student))
    }

    fn has_effects(&self, student: usize) -> bool {
        let name = |call: &crate::parse::Call| self.row.effects.contains(&call.name);
        !self.row.effects.is_empty() && self.relation.steps()[student].call.is_some_and(name)
    }

    fn credit(&self, detail: &mut Detail) {
        let mut student_credit = vec![0.0_f64; self.relation.students()];
        let mut teacher_credit = vec![0.0_f64; self.relation.teachers()];
        for (teacher, credit) in teacher_credit.iter_mut().enumerate() {
            if let Some(student) = detail.partners[teacher] {
                let order = if detail.late[teacher] { self.weights.order } else { 1.0 };
                *credit = detail.similarity[teacher] * self.support(student) * order;
                student_credit[student] = *credit;
            }
        }
        for (credit, reached) in teacher_credit.iter_mut().zip(&detail.reached) {
            // What has its credit by its partner already is not paid for twice.
            if *reached == Reached::No || *credit > self.weights.equivalence {
                continue;
            }
            *credit = self.weights.equivalence;
            if let Reached::By(student) = *reached {
                student_credit[student] = student_credit[student].max(self.weights.equivalence);
            }
        }
        // Whoever's result is used by a call with credit has some too; users come later.
        for user in (0..student_credit.len()).rev() {
            let handed_down = student_credit[user].min(self.weights.equivalence);
            for supplier in self.work.suppliers.members(user) {
                if self.work.real[supplier] {
                    student_credit[supplier] = student_credit[supplier].max(handed_down);
                }
            }
        }
        (detail.student_credit, detail.teacher_credit) = (student_credit, teacher_credit);
    }

    fn total(&self, detail: &mut Detail) {
        let (students, teachers) = (self.relation.students(), self.relation.teachers());
        let weight = |teacher: usize| if self.reference.on_path[teacher] { 1.0 } else { self.weights.detour };
        detail.teacher_weight = (0..teachers).map(weight).collect();
        if detail.teacher_weight.iter().all(|&weight| weight == 0.0) {
            detail.teacher_weight.fill(1.0);
        }
        if students == 0 || teachers == 0 {
            let both = f64::from(u8::from(students == teachers));
            (detail.precision, detail.recall, detail.score) = (both, both, both);
            return;
        }
        let weighted = detail.teacher_weight.iter().zip(&detail.teacher_credit).map(|(w, c)| w * c);
        detail.recall = weighted.sum::<f64>() / detail.teacher_weight.iter().sum::<f64>();
        detail.precision = detail.student_credit.iter().sum::<f64>() / students as f64;
        let (precision, recall) = (detail.precision, detail.recall);
        let squared = self.weights.beta * self.weights.beta;
        if precision > 0.0 && recall > 0.0 {
            detail.score = (1.0 + squared) * precision * recall / (squared * precision + recall);
        }
    }
}
