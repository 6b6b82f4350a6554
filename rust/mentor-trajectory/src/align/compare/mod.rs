//! When the arguments of two calls of one tool agree.
//!
//! A [`Rule`] says which parameters count (its [`Scope`]) and how two values of one are compared ([`ValueRule`]). A
//! call's agreement is the mean over the parameters that count; two calls are the same if every one of them is.

mod bfcl;
mod text;
mod values;

pub(crate) use text::text_similarity;
pub(crate) use values::same_value;

use super::settings::{SettingsError, in_unit};
use crate::json::{Object, Value};
use std::collections::BTreeMap;

/// The rule of every tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// The rule of tools that have none of their own.
    pub usual: Rule,
    /// The rules of tools by name.
    pub tools: BTreeMap<String, Rule>,
}

/// How the arguments of one tool's calls are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Which parameters count.
    pub scope: Scope,
    /// How values are compared unless the parameter has a rule of its own.
    pub values: ValueRule,
    /// The rules of parameters by name.
    pub parameters: BTreeMap<String, ValueRule>,
}

/// Which parameters of two calls count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of either.
    #[default]
    All,
    /// None: calls of one tool are the same.
    Nothing,
    /// The student's: each must be the reference's too.
    Subset,
    /// The reference's: each must be the student's too.
    Superset,
    /// These, present or not.
    Keys(Vec<String>),
}

/// When two values agree.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ValueRule {
    /// They are equal JSON values.
    #[default]
    Exact,
    /// Always: the parameter does not count.
    Ignore,
    /// Numbers, at any depth, differ by no more than either bound; the rest is equal.
    Close {
        /// The bound as a share of the larger of the two.
        relative: f64,
        /// The bound as such.
        absolute: f64,
    },
    /// By 1 - edit distance / longer length of texts; the same from `threshold` on.
    Text {
        /// The least similarity of texts that count as the same.
        threshold: f64,
    },
    /// BFCL's: texts without case and ` ,./-_*^`, against a list of accepted values where there is one.
    Bfcl {
        /// What is accepted in place of the reference's value; `""` among them lets the parameter be left out.
        accepted: Option<Vec<Value>>,
    },
}

/// How far arguments agree, in [0, 1], and whether they count as the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// In [0, 1].
    pub score: f64,
    /// Whether the calls or values count as the same.
    pub same: bool,
}

impl Agreement {
    /// No difference.
    pub const FULL: Self = Self { score: 1.0, same: true };
    /// Nothing in common.
    pub const NONE: Self = Self { score: 0.0, same: false };

    fn of(same: bool) -> Self {
        if same { Self::FULL } else { Self::NONE }
    }
}

impl Rules {
    /// One rule for all tools.
    #[must_use]
    pub fn all(usual: Rule) -> Self {
        Self { usual, tools: BTreeMap::new() }
    }

    /// Calls are compared by their names alone.
    #[must_use]
    pub fn ignoring_arguments() -> Self {
        Self::all(Rule { scope: Scope::Nothing, ..Rule::default() })
    }

    /// The rule of a tool.
    #[must_use]
    pub fn of(&self, tool: &str) -> &Rule {
        self.tools.get(tool).unwrap_or(&self.usual)
    }

    /// Whether being the same is what shared tokens say: equal calls, or calls of one tool.
    pub(super) fn are_plain(&self) -> bool {
        self.tools.is_empty() && (self.usual.is_exact() || self.usual.ignores_all())
    }

    /// Whether the numbers of the rules can be used.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        self.usual.check("*")?;
        self.tools.iter().try_for_each(|(tool, rule)| rule.check(tool))
    }
}

impl Rule {
    /// Equal JSON values throughout.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.scope == Scope::All && self.values == ValueRule::Exact && self.parameters.is_empty()
    }

    /// Calls of the tool are the same whatever their arguments.
    #[must_use]
    pub fn ignores_all(&self) -> bool {
        self.scope == Scope::Nothing
    }

    /// The rule of a parameter.
    #[must_use]
    pub fn of(&self, parameter: &str) -> &ValueRule {
        self.parameters.get(parameter).unwrap_or(&self.values)
    }

    /// The parameters that count, each with the two values: the student's first, then the reference's others.
    pub(super) fn compared<'a>(
        &'a self,
        student: &'a Object,
        teacher: &'a Object,
    ) -> impl Iterator<Item = Parameter<'a>> {
        let named: &[String] = if let Scope::Keys(keys) = &self.scope { keys } else { &[] };
        let named = named.iter().map(String::as_str);
        let of_student =
            if matches!(self.scope, Scope::All | Scope::Subset) { student.entries() } else { &[] };
        let of_teacher =
            if matches!(self.scope, Scope::All | Scope::Superset) { teacher.entries() } else { &[] };
        let all = self.scope == Scope::All;
        let of_teacher = of_teacher.iter().filter(move |(key, _)| !all || student.get(key).is_none());
        let keys = named.chain(of_student.iter().chain(of_teacher).map(|(key, _)| key.as_str()));
        keys.map(|name| Parameter {
            name,
            rule: self.of(name),
            student: student.get(name),
            teacher: teacher.get(name),
        })
        .filter(|parameter| *parameter.rule != ValueRule::Ignore)
    }

    /// How far two calls' arguments agree.
    #[must_use]
    pub fn agreement(&self, student: &Object, teacher: &Object) -> Agreement {
        mean(self.compared(student, teacher).map(|parameter| parameter.agreement()))
    }

    fn check(&self, tool: &str) -> Result<(), SettingsError> {
        self.values.check(|| format!("arguments[{tool:?}]"))?;
        self.parameters
            .iter()
            .try_for_each(|(name, rule)| rule.check(|| format!("arguments[{tool:?}][{name:?}]")))
    }
}

/// One parameter of two calls.
pub(super) struct Parameter<'a> {
    pub name: &'a str,
    pub rule: &'a ValueRule,
    pub student: Option<&'a Value>,
    pub teacher: Option<&'a Value>,
}

impl Parameter<'_> {
    pub(super) fn agreement(&self) -> Agreement {
        match (self.student, self.teacher) {
            (Some(student), Some(teacher)) => self.rule.agreement(student, teacher),
            (None, None) => Agreement::FULL,
            (None, Some(_)) => Agreement::of(self.rule.may_be_left_out()),
            (Some(_), None) => Agreement::NONE,
        }
    }
}

impl ValueRule {
    /// How far two values agree.
    #[must_use]
    pub fn agreement(&self, student: &Value, teacher: &Value) -> Agreement {
        match self {
            Self::Exact => Agreement::of(same_value(student, teacher)),
            Self::Ignore => Agreement::FULL,
            Self::Close { relative, absolute } => {
                Agreement::of(values::close(student, teacher, *relative, *absolute))
            }
            Self::Text { threshold } => match (student, teacher) {
                (Value::String(a), Value::String(b)) => {
                    let score = text_similarity(a, b);
                    Agreement { score, same: score >= *threshold }
                }
                _ => Agreement::of(same_value(student, teacher)),
            },
            Self::Bfcl { accepted: Some(accepted) } => {
                Agreement::of(accepted.iter().any(|one| bfcl::same(student, one)))
            }
            Self::Bfcl { accepted: None } => Agreement::of(bfcl::same(student, teacher)),
        }
    }

    fn may_be_left_out(&self) -> bool {
        let empty = |value: &Value| matches!(value, Value::String(text) if text.is_empty());
        matches!(self, Self::Bfcl { accepted: Some(accepted) } if accepted.iter().any(empty))
    }

    fn check(&self, field: impl Fn() -> String) -> Result<(), SettingsError> {
        match *self {
            Self::Close { relative, absolute } => {
                for (name, given) in [("relative", relative), ("absolute", absolute)] {
                    if !given.is_finite() || given < 0.0 {
                        let field = format!("{}.{name}", field());
                        return Err(SettingsError::Range { field, range: "of at least 0", given });
                    }
                }
                Ok(())
            }
            Self::Text { threshold } => in_unit(&format!("{}.threshold", field()), threshold),
            _ => Ok(()),
        }
    }
}

/// The mean of agreements; nothing to compare is full agreement.
pub(super) fn mean(agreements: impl Iterator<Item = Agreement>) -> Agreement {
    let (mut sum, mut count, mut same) = (0.0, 0_u32, true);
    for one in agreements {
        sum += one.score;
        count += 1;
        same &= one.same;
    }
    if count == 0 { Agreement::FULL } else { Agreement { score: sum / f64::from(count), same } }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "scores that are exact by their definition")]
mod tests;
