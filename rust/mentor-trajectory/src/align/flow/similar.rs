//! How similar two calls are if arguments agree by provenance as well as by value.

use super::atoms::Leaf;
use super::credit::Reached;
use super::origins::Origin;
use super::reference::Reference;
use super::trace::{Shaped, Trace};
use crate::align::assign::matching;
use crate::align::compare::{Agreement, Parameter, mean};
use crate::align::relation::Relation;
use crate::align::side::Side;
use crate::json::Object;

/// A student's calls beside a reference's, with where their values come from.
pub(super) struct Similar<'a> {
    pub relation: &'a Relation<'a>,
    pub student: &'a Trace,
    pub origins: &'a [Origin],
    pub reference: &'a Reference,
    /// The student's call that each of the reference's is matched with.
    pub partners: &'a [Option<usize>],
    /// How each of the reference's results was reached.
    pub reached: &'a [Reached],
}

/// One argument by its place among all of its side's.
type Place = usize;

impl Similar<'_> {
    /// In [0, 1]; 0 for different tools, and for a call that failed where the reference's did not.
    pub fn similarity(&self, student: usize, teacher: usize) -> f64 {
        let failed_alone = self.student.has_failed(student) && !self.reference.trace.has_failed(teacher);
        if failed_alone || !self.relation.same_tool(student, teacher) {
            return 0.0;
        }
        let given = self.relation.given(student, teacher);
        if given.is_some_and(|given| given >= 1.0) {
            return 1.0;
        }
        let rule = self.relation.rule(teacher);
        let found = if rule.ignores_all() {
            1.0
        } else if rule.is_exact() {
            self.by_numbers(student, teacher)
        } else {
            self.by_rule(student, teacher)
        };
        given.map_or(found, |given| given.max(found))
    }

    /// The mean over the union of parameters, those that may be exchanged paired as well as they can be.
    fn by_numbers(&self, student: usize, teacher: usize) -> f64 {
        let (a, b) = (&self.relation.student.side, &self.relation.teacher.side);
        let group = &self.reference.commuting[teacher];
        let (union, equal) = if group.len() > 1 {
            let split = |side: &Side, call: usize| -> (Vec<Place>, Vec<Place>) {
                side.range(call).partition(|&place| group.contains(&side.argument(place).key))
            };
            let ((bound_a, free_a), (bound_b, free_b)) = (split(a, student), split(b, teacher));
            let (both, equal) = self.by_key(free_a.iter().copied(), free_b.iter().copied(), &[]);
            let union = free_a.len() + free_b.len() - both + bound_a.len().max(bound_b.len());
            (union, equal + self.exchanged(&bound_a, &bound_b))
        } else {
            let (both, equal) = self.by_key(a.range(student), b.range(teacher), group);
            (a.range(student).len() + b.range(teacher).len() - both, equal)
        };
        if union == 0 { 1.0 } else { equal as f64 / union as f64 }
    }

    /// How many parameters two calls share, and how many of these agree; both in the order of their keys.
    fn by_key(
        &self,
        students: impl Iterator<Item = Place>,
        teachers: impl Iterator<Item = Place>,
        group: &[u32],
    ) -> (usize, usize) {
        let (a, b) = (&self.relation.student.side, &self.relation.teacher.side);
        let (mut students, mut teachers) = (students.peekable(), teachers.peekable());
        let (mut both, mut equal) = (0, 0);
        while let (Some(&student), Some(&teacher)) = (students.peek(), teachers.peek()) {
            let order = a.argument(student).key.cmp(&b.argument(teacher).key);
            if order.is_eq() {
                both += 1;
                equal += usize::from(self.agree(student, teacher, group));
            }
            if order.is_le() {
                students.next();
            }
            if order.is_ge() {
                teachers.next();
            }
        }
        (both, equal)
    }

    /// How many of these arguments agree if they are paired as well as they can be.
    fn exchanged(&self, students: &[Place], teachers: &[Place]) -> usize {
        let agree = |student: Place, teacher: Place| usize::from(self.agree(student, teacher, &[]));
        if let (&[a, b], &[x, y]) = (students, teachers) {
            return (agree(a, x) + agree(b, y)).max(agree(a, y) + agree(b, x));
        }
        let pairs = matching(teachers.len(), students.len(), |teacher, student| {
            agree(students[student], teachers[teacher]) as f64
        });
        pairs.iter().flatten().count()
    }

    /// Whether two arguments have equal values, or values of the same provenance; a single parameter that may be
    /// exchanged holds a list whose items may.
    fn agree(&self, student: Place, teacher: Place, group: &[u32]) -> bool {
        let (a, b) = (self.student.argument(student), self.reference.trace.argument(teacher));
        if a.shape != b.shape {
            return false;
        }
        if a.leaves.iter().zip(b.leaves).all(|(a, b)| self.same_leaf(a, b)) {
            return true;
        }
        let key = self.relation.teacher.side.argument(teacher).key;
        group == [key] && self.same_items(&a, &b)
    }

    fn same_items(&self, a: &Shaped<'_>, b: &Shaped<'_>) -> bool {
        let flat = a.shape.len() == a.leaves.len() + 2 && a.shape.starts_with(b"[");
        let pairs = |a: &[Leaf], b: &[Leaf]| {
            matching(b.len(), a.len(), |j, i| f64::from(u8::from(self.same_leaf(&a[i], &b[j]))))
        };
        flat && pairs(a.leaves, b.leaves).iter().all(Option::is_some)
    }

    fn same_leaf(&self, student: &Leaf, teacher: &Leaf) -> bool {
        if student.atom == teacher.atom {
            return true;
        }
        let origins = (self.origins[student.atom as usize], self.reference.origins[teacher.atom as usize]);
        let (Origin::Call { call: maker, place }, Origin::Call { call: model, place: at }) = origins else {
            return false;
        };
        // A slip is carried as long as what is right is not there.
        let slipped = self.reached[model as usize] == Reached::No;
        slipped && place == at && self.partners[model as usize] == Some(maker as usize)
    }

    /// The mean over the parameters that the rule compares, each by the rule or by provenance.
    fn by_rule(&self, student: usize, teacher: usize) -> f64 {
        let (a, b) = self.relation.objects(student, teacher);
        let sides = (&self.relation.student.side, &self.relation.teacher.side);
        let group = &self.reference.commuting[teacher];
        let agreement = |parameter: Parameter<'_>| {
            let agreement = parameter.agreement();
            let places =
                (place(sides.0, student, a, parameter.name), place(sides.1, teacher, b, parameter.name));
            match places {
                (Some(i), Some(j)) if !agreement.same && self.agree(i, j, group) => Agreement::FULL,
                _ => agreement,
            }
        };
        mean(self.relation.rule(teacher).compared(a, b).map(agreement)).score
    }

    /// Whether each parameter that counts agrees with the same parameter, or with one that it may be exchanged with.
    pub fn parameters(&self, student: usize, teacher: usize) -> Vec<bool> {
        let (a, b) = self.relation.objects(student, teacher);
        let sides = (&self.relation.student.side, &self.relation.teacher.side);
        let group = &self.reference.commuting[teacher];
        let agrees = |parameter: Parameter<'_>| {
            let Some(mine) = place(sides.0, student, a, parameter.name) else {
                return false;
            };
            let exchanged = group.len() > 1 && group.contains(&sides.0.argument(mine).key);
            let is_partner = |theirs: &Place| {
                let key = sides.1.argument(*theirs).key;
                key == sides.0.argument(mine).key || (exchanged && group.contains(&key))
            };
            sides.1.range(teacher).filter(is_partner).any(|theirs| self.agree(mine, theirs, group))
        };
        self.relation.rule(teacher).compared(a, b).map(agrees).collect()
    }
}

/// Where the argument of this name stands among all of its side's.
fn place(side: &Side, call: usize, arguments: &Object, name: &str) -> Option<Place> {
    let position = arguments.entries().iter().position(|(key, _)| key == name)? as u32;
    let found = side.arguments(call).iter().position(|argument| argument.place == position)?;
    Some(side.range(call).start + found)
}
