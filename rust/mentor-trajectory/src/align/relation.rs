//! A student's calls beside one reference's: which are the same, and how similar they are.

use super::compare::{Agreement, Rule, same_value};
use super::references::{Student, Trajectory};
use super::settings::Settings;
use super::side::Argument;
use super::steps::Step;
use crate::json::{Object, Value};
use std::cmp::Ordering;
use std::sync::LazyLock;

/// Similarities that were computed elsewhere, one for each pair, the student's calls as rows; NaN where none was.
pub type Given<'a> = Option<&'a [f64]>;

/// A student's calls and a reference's under some settings.
pub(super) struct Relation<'a> {
    settings: &'a Settings,
    pub student: &'a Student,
    pub teacher: &'a Trajectory,
    steps: &'a [Step<'a>],
    given: Given<'a>,
    /// How many tools the references have.
    names: usize,
    tokens: Option<Tokens<'a>>,
    /// Whether arguments are compared by equality, whatever the call.
    exact: bool,
    /// The rule of each of the reference's calls.
    rules: Vec<&'a Rule>,
}

/// Calls as numbers that are equal exactly if the calls are the same.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub student: &'a [u32],
    pub teacher: &'a [u32],
    /// All numbers are below this.
    pub distinct: usize,
}

impl<'a> Tokens<'a> {
    fn of(settings: &Settings, student: &'a Student, teacher: &'a Trajectory) -> Self {
        if settings.rules.usual.ignores_all() {
            return Self {
                student: &student.side.tools,
                teacher: &teacher.side.tools,
                distinct: student.tools,
            };
        }
        Self { student: &student.side.tokens, teacher: &teacher.side.tokens, distinct: student.calls }
    }
}

impl<'a> Relation<'a> {
    pub fn new(
        settings: &'a Settings,
        (student, steps): (&'a Student, &'a [Step<'a>]),
        (teacher, names): (&'a Trajectory, usize),
        given: Given<'a>,
    ) -> Self {
        let plain = given.is_none() && settings.rules.are_plain();
        let rule = |call: &'a super::steps::Recorded| settings.rules.of(&call.call.name);
        let rules = if plain { Vec::new() } else { teacher.recording.calls.iter().map(rule).collect() };
        let tokens = plain.then(|| Tokens::of(settings, student, teacher));
        let exact = plain && settings.rules.usual.is_exact();
        Self { settings, student, teacher, steps, given, names, tokens, exact, rules }
    }

    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub fn students(&self) -> usize {
        self.student.side.names.len()
    }

    pub fn teachers(&self) -> usize {
        self.teacher.side.names.len()
    }

    /// How many tools the references have.
    pub fn names(&self) -> usize {
        self.names
    }

    /// The calls as tokens, if being the same is what tokens say.
    pub fn tokens(&self) -> Option<Tokens<'a>> {
        self.tokens
    }

    pub fn same_tool(&self, student: usize, teacher: usize) -> bool {
        self.student.side.names[student] == self.teacher.side.names[teacher]
    }

    /// The rule of a call of the reference's.
    pub fn rule(&self, teacher: usize) -> &'a Rule {
        self.rules.get(teacher).copied().unwrap_or(&self.settings.rules.usual)
    }

    pub fn same(&self, student: usize, teacher: usize) -> bool {
        match &self.tokens {
            Some(tokens) => tokens.student[student] == tokens.teacher[teacher],
            None => self.agreement(student, teacher).same,
        }
    }

    /// In [0, 1]; 0 for different tools.
    pub fn similarity(&self, student: usize, teacher: usize) -> f64 {
        self.agreement(student, teacher).score
    }

    pub fn agreement(&self, student: usize, teacher: usize) -> Agreement {
        if !self.same_tool(student, teacher) {
            return Agreement::NONE;
        }
        if let Some(score) = self.given(student, teacher) {
            return Agreement { score, same: score >= 1.0 };
        }
        let rule = self.rule(teacher);
        if rule.ignores_all() {
            return Agreement::FULL;
        }
        if rule.is_exact() {
            let (a, b) = self.arguments(student, teacher);
            let Shared { keys, equal } = Shared::of(a, b);
            let union = a.len() + b.len() - keys;
            let score = if union == 0 { 1.0 } else { equal as f64 / union as f64 };
            return Agreement { score, same: equal == union };
        }
        let (student, teacher) = self.objects(student, teacher);
        rule.agreement(student, teacher)
    }

    /// The similarity computed elsewhere.
    pub fn given(&self, student: usize, teacher: usize) -> Option<f64> {
        self.given.map(|given| given[student * self.teachers() + teacher]).filter(|score| !score.is_nan())
    }

    /// The similarity in which objects inside arguments are compared key by key.
    pub fn nested_similarity(&self, student: usize, teacher: usize) -> f64 {
        let agreement = self.agreement(student, teacher);
        let exact = self.rule(teacher).is_exact() && self.given(student, teacher).is_none();
        if agreement.same || !exact || !self.same_tool(student, teacher) {
            return agreement.score;
        }
        let (student, teacher) = self.objects(student, teacher);
        nested(student, teacher)
    }

    /// The parameters of a call of the reference's that count.
    #[inline]
    pub fn parameters(&self, teacher: usize) -> usize {
        if self.exact { self.teacher.side.range(teacher).len() } else { self.parameters_by_rule(teacher) }
    }

    fn parameters_by_rule(&self, teacher: usize) -> usize {
        let rule = self.rule(teacher);
        if rule.ignores_all() {
            0
        } else if rule.is_exact() {
            self.teacher.side.arguments(teacher).len()
        } else {
            let arguments = &self.teacher.recording.calls[teacher].call.arguments;
            rule.compared(arguments, arguments).count()
        }
    }

    /// What `ToolRL` counts of two calls of one tool: the Jaccard index of parameter names, and the agreement of the
    /// reference's parameters summed up.
    #[inline]
    pub fn contribution(&self, student: usize, teacher: usize) -> (f64, f64) {
        if self.exact {
            let (a, b) = self.arguments(student, teacher);
            return Shared::of(a, b).contribution(a.len() + b.len());
        }
        self.contribution_by_rule(student, teacher)
    }

    fn contribution_by_rule(&self, student: usize, teacher: usize) -> (f64, f64) {
        let rule = self.rule(teacher);
        if let Some(score) = self.given(student, teacher) {
            return (score, score * self.parameters(teacher) as f64);
        }
        if rule.ignores_all() {
            return (1.0, 0.0);
        }
        if rule.is_exact() {
            let (a, b) = self.arguments(student, teacher);
            return Shared::of(a, b).contribution(a.len() + b.len());
        }
        let (student, teacher) = self.objects(student, teacher);
        let (mut union, mut both, mut equal) = (0_u32, 0_u32, 0.0);
        for parameter in rule.compared(student, teacher) {
            union += 1;
            let agreement = parameter.agreement();
            match (parameter.student, parameter.teacher) {
                (Some(_), None) => {}
                (None, Some(_)) if !agreement.same => {}
                _ => {
                    both += 1;
                    equal += agreement.score;
                }
            }
        }
        (if union == 0 { 1.0 } else { f64::from(both) / f64::from(union) }, equal)
    }

    fn arguments(&self, student: usize, teacher: usize) -> (&'a [Argument], &'a [Argument]) {
        (self.student.side.arguments(student), self.teacher.side.arguments(teacher))
    }

    /// The arguments of two calls; calls that are no calls have none.
    pub fn objects(&self, student: usize, teacher: usize) -> (&'a Object, &'a Object) {
        static EMPTY: LazyLock<Object> = LazyLock::new(Object::default);
        let student = self.steps[student].call.map_or(&*EMPTY, |call| &call.arguments);
        (student, &self.teacher.recording.calls[teacher].call.arguments)
    }

    pub fn steps(&self) -> &'a [Step<'a>] {
        self.steps
    }
}

/// What two calls' arguments share.
struct Shared {
    keys: usize,
    equal: usize,
}

impl Shared {
    #[inline]
    fn of(a: &[Argument], b: &[Argument]) -> Self {
        let mut equal = 0;
        let compare = |(a, b): (&Argument, &Argument)| {
            equal += usize::from(a.value == b.value);
            a.key == b.key
        };
        // The same parameters, as nearly always.
        if a.len() == b.len() && a.iter().zip(b).all(compare) {
            return Self { keys: a.len(), equal };
        }
        let mut shared = Self { keys: 0, equal: 0 };
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            match a[i].key.cmp(&b[j].key) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    shared.keys += 1;
                    shared.equal += usize::from(a[i].value == b[j].value);
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        shared
    }

    /// The Jaccard index of the names of `both` sides' parameters, and the number of equal values.
    #[inline]
    fn contribution(self, both: usize) -> (f64, f64) {
        let union = both - self.keys;
        let names = if union == self.keys { 1.0 } else { self.keys as f64 / union as f64 };
        (names, self.equal as f64)
    }
}

/// The mean agreement over the union of keys, objects compared in the same way.
fn nested(a: &Object, b: &Object) -> f64 {
    let keys = a.entries().len() + b.entries().iter().filter(|(key, _)| a.get(key).is_none()).count();
    if keys == 0 {
        return 1.0;
    }
    let agreement = |(key, value): &(String, Value)| match (value, b.get(key)) {
        (_, None) => 0.0,
        (Value::Object(a), Some(Value::Object(b))) => nested(a, b),
        (value, Some(other)) => f64::from(u8::from(same_value(value, other))),
    };
    a.entries().iter().map(agreement).sum::<f64>() / keys as f64
}
