//! Inequalities in one variable as sets of numbers: rays, absolute values, polynomials of degree one and two.

use super::region::{End, Part, Region, union};
use super::relation::is_name;
use super::{Pair, has_symbol, scalar};
use crate::algebra::Canonical;
use crate::node::{Function, Node, Relation};
use crate::rewrite::substitute;

impl Pair<'_> {
    /// The numbers that satisfy a chain of relations in one variable.
    pub(super) fn solutions(&self, sides: &[Node], relations: &[Relation]) -> Option<Region> {
        if let ([name, set], [Relation::In]) = (sides, relations) {
            let region = self.region(set)?;
            return Some(Region { variable: Some(name_of(name)?), ..region });
        }
        if let ([name, set], [Relation::NotIn]) = (sides, relations) {
            let region = self.region(set)?;
            return Some(Region { variable: Some(name_of(name)?), ..self.complement(&region)? });
        }
        let mut total: Option<Region> = None;
        for (pair, relation) in sides.windows(2).zip(relations) {
            let region = self.solution(&pair[0], *relation, &pair[1])?;
            total = Some(match total {
                None => region,
                Some(total) => self.intersection(&total, &region)?,
            });
        }
        total
    }

    fn solution(&self, left: &Node, relation: Relation, right: &Node) -> Option<Region> {
        if !has_symbol(left) && has_symbol(right) {
            return self.solution(right, relation.reversed(), left);
        }
        if !has_symbol(right) || has_symbol(left) && name_of(left).is_some() && is_free_of(right, left) {
            if let Some(variable) = name_of(left) {
                return self.ray(relation, right, variable);
            }
            if let Node::Call(Function::Abs, arguments) = left {
                return self.around_zero(arguments.first()?, relation, right);
            }
        }
        self.polynomial(left, relation, right)
    }

    /// `x < end`.
    fn ray(&self, relation: Relation, end: &Node, variable: String) -> Option<Region> {
        let end = self.end(end)?;
        let part = |low, high, low_closed, high_closed| Part { low, high, low_closed, high_closed };
        let symbolic = matches!(end, End::At(_, None));
        let parts = match relation {
            Relation::Less => vec![part(End::Below, end, false, false)],
            Relation::LessEqual => vec![part(End::Below, end, false, true)],
            Relation::Greater => vec![part(end, End::Above, false, false)],
            Relation::GreaterEqual => vec![part(end, End::Above, true, false)],
            Relation::Equal => vec![part(end.clone(), end, true, true)],
            Relation::Unequal => {
                vec![part(End::Below, end.clone(), false, false), part(end, End::Above, false, false)]
            }
            _ => return None,
        };
        Some(Region { variable: Some(variable), parts, symbolic })
    }

    /// `|inner| < bound` and the like.
    fn around_zero(&self, inner: &Node, relation: Relation, bound: &Node) -> Option<Region> {
        let negative = Node::Negative(Box::new(bound.clone()));
        if scalar::sign(&self.constant(bound)?)? < 0 {
            return None;
        }
        let above = self.solution(inner, relation, bound)?;
        let below = self.solution(inner, relation.reversed(), &negative)?;
        match relation {
            Relation::Less | Relation::LessEqual | Relation::Unequal => self.intersection(&above, &below),
            Relation::Greater | Relation::GreaterEqual | Relation::Equal => union(above, below),
            _ => None,
        }
    }

    /// A polynomial inequality of degree one or two in one variable.
    fn polynomial(&self, left: &Node, relation: Relation, right: &Node) -> Option<Region> {
        if !(relation.is_order() || matches!(relation, Relation::Equal | Relation::Unequal)) {
            return None;
        }
        let difference = Node::difference(left, right);
        let variable = only_symbol(&difference)?;
        let mut canonical = Canonical::default();
        let form = canonical.form(&difference)?;
        let degree = canonical.degree(&form, &variable)?;
        let at = |value: i64| substitute(&difference, &variable, &Node::integer(value));
        match degree {
            1 => {
                let (zero, one) = (at(0), at(1));
                let slope = Node::difference(&one, &zero);
                let upwards = scalar::sign(&self.constant(&slope)?).filter(|sign| *sign != 0)? > 0;
                let root = Node::quotient(Node::Negative(Box::new(zero)), slope);
                self.ray(if upwards { relation } else { relation.reversed() }, &root, variable)
            }
            2 => {
                let half = |node: Node| Node::quotient(node, Node::integer(2));
                let (zero, up, down) = (at(0), at(1), at(-1));
                let a = Node::difference(&half(Node::Sum(vec![up.clone(), down.clone()])), &zero);
                let b = half(Node::difference(&up, &down));
                self.quadratic([a, b, zero], relation, &variable)
            }
            _ => None,
        }
    }

    fn quadratic(&self, [a, b, c]: [Node; 3], relation: Relation, variable: &str) -> Option<Region> {
        let square = |node: &Node| Node::product(vec![node.clone(), node.clone()]);
        let four = Node::product(vec![Node::integer(4), a.clone(), c]);
        let discriminant = Node::difference(&square(&b), &four);
        if scalar::sign(&self.constant(&discriminant)?)? <= 0 {
            return None;
        }
        let opens_up = scalar::sign(&self.constant(&a)?).filter(|sign| *sign != 0)? > 0;
        let root = Node::Call(Function::Root, vec![Node::integer(2), discriminant]);
        let below = Node::product(vec![Node::integer(2), a]);
        let minus_b = Node::Negative(Box::new(b));
        let first = Node::quotient(Node::difference(&minus_b, &root), below.clone());
        let second = Node::quotient(Node::Sum(vec![minus_b, root]), below);
        let (low, high) = if opens_up { (first, second) } else { (second, first) };
        let relation = if opens_up { relation } else { relation.reversed() };
        let name = || variable.to_owned();
        match relation {
            Relation::Less | Relation::LessEqual => {
                let above = self.ray(relation.reversed(), &low, name())?;
                self.intersection(&above, &self.ray(relation, &high, name())?)
            }
            Relation::Greater | Relation::GreaterEqual => {
                union(self.ray(relation.reversed(), &low, name())?, self.ray(relation, &high, name())?)
            }
            Relation::Equal => union(self.ray(relation, &low, name())?, self.ray(relation, &high, name())?),
            _ => None,
        }
    }
}

/// What a condition is on: a variable, or a function's value.
pub(super) fn name_of(node: &Node) -> Option<String> {
    match node {
        Node::Symbol(name) => Some(name.clone()),
        Node::Apply(..) | Node::Text(_) => Some(format!("{node:?}")),
        Node::Product(_) if is_name(node) => Some(format!("{node:?}")),
        _ => None,
    }
}

/// Whether no variable of one node is in the other.
fn is_free_of(node: &Node, other: &Node) -> bool {
    !node.any(&mut |inner| {
        matches!(inner, Node::Symbol(name) if other.any(&mut |part| matches!(part, Node::Symbol(known) if known == name)))
    })
}

/// The variable of an expression that has one only.
pub(super) fn only_symbol(node: &Node) -> Option<String> {
    let mut found: Option<String> = None;
    let several = node.any(&mut |inner| match inner {
        Node::Symbol(name) => {
            if let Some(known) = &found {
                known != name
            } else {
                found = Some(name.clone());
                false
            }
        }
        Node::Apply(..) => true,
        _ => false,
    });
    if several { None } else { found }
}
