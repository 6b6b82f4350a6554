//! Equations and inequalities: what has a name, what is an equation, what is a set of numbers.

use super::congruence::Congruence;
use super::{Pair, has_symbol};
use crate::algebra;
use crate::eval::{Scope, Value};
use crate::node::{Factor, Function, Joint, Node, Relation};
use crate::points::{Point, REGIONS};
use crate::rewrite::substitute;
use crate::verdict::Verdict;

/// What a relation says.
enum Said<'n> {
    /// A name for a value: `x = 3`, `|AB| = 1`, `x \in [0, 1]`.
    Named(&'n Node, &'n Node),
    /// A value: `2 + 3 = 5`.
    Value(&'n Node),
    /// An equation.
    Equation,
    /// Anything else.
    Other,
}

impl Pair<'_> {
    pub(super) fn relations(&self, a: &Node, b: &Node) -> Verdict {
        for (one, other) in [(a, b), (b, a)] {
            if let (Some(list), Node::List(..)) = (one_by_one(one), other) {
                return if one == a { self.compare(&list, b) } else { self.compare(a, &list) };
            }
        }
        let (x, y) = (said(a), said(b));
        match (x, y) {
            (Said::Named(p, v), Said::Named(q, w)) => self.both_named((p, v), (q, w), a, b),
            (Said::Named(_name, value), Said::Value(other))
            | (Said::Value(other), Said::Named(_name, value))
                if !is_relation(other) =>
            {
                if self.policy.assignment {
                    self.compare(value, other)
                } else {
                    Verdict::different("a name on one side only")
                }
            }
            (Said::Value(value), Said::Value(other)) if !is_relation(value) && !is_relation(other) => {
                self.compare(value, other)
            }
            (Said::Equation | Said::Named(..), Said::Equation | Said::Named(..)) => self.equations(a, b),
            (Said::Equation, Said::Value(other)) | (Said::Value(other), Said::Equation)
                if !is_relation(other) =>
            {
                if matches!(other, Node::List(..) | Node::Set(_)) {
                    Verdict::undecided("an equation against a list")
                } else {
                    Verdict::different("an equation is not what stands on its right")
                }
            }
            _ => self.conditions(a, b),
        }
    }

    /// The name and the value of an item such as `x = 3`; no name for other items.
    pub(super) fn named(&self, node: &Node) -> Option<(Option<Node>, Node)> {
        match said(node) {
            Said::Named(name, value) if self.policy.assignment => Some((Some(name.clone()), value.clone())),
            _ => None,
        }
    }

    fn both_named(&self, (p, v): (&Node, &Node), (q, w): (&Node, &Node), a: &Node, b: &Node) -> Verdict {
        let derivatives = derived(p).is_some() && derived(p) == derived(q);
        if p == q
            || derivatives
            || self.policy.ignore_names
            || is_value_of_function(p, q)
            || is_value_of_function(q, p)
        {
            return self.compare(v, w);
        }
        if let (Node::Bracket(..), Node::Bracket(..)) | (Node::Ratio(_), Node::Ratio(_)) = (p, q) {
            return self.compare(v, w);
        }
        if let Some(renamed) = renamed((p, v), (q, w)) {
            return self.compare(v, &renamed);
        }
        let scalar = |node: &Node| {
            !matches!(node, Node::List(..) | Node::Set(_) | Node::Bracket(..) | Node::Signed(..))
        };
        if scalar(v) && scalar(w) && (has_symbol(v) || has_symbol(w)) {
            // `x = 2y` and `y = x/2`.
            return self.equations(a, b);
        }
        Verdict::different("different names")
    }

    /// Equations are equal if one is a multiple of the other.
    fn equations(&self, a: &Node, b: &Node) -> Verdict {
        let (Some((l1, r1)), Some((l2, r2))) = (ends(a), ends(b)) else {
            return Verdict::undecided("relations that are not read");
        };
        let (one, other) = (Node::difference(l1, r1), Node::difference(l2, r2));
        match algebra::proportional(&one, &other) {
            Some((true, _)) => return Verdict::equal("equations that are multiples of each other"),
            Some((false, true)) => {
                // Polynomials: sides may still be the same in parts that have no canonical form, but these have.
                let sides = self.compare(l1, l2).is_equal() && self.compare(r1, r2).is_equal();
                if !sides {
                    return Verdict::different("equations that are not multiples of each other");
                }
                return Verdict::equal("the same sides");
            }
            _ => {}
        }
        match self.ratio(&one, &other) {
            Some(Ratio::Constant(_)) => {
                Verdict::equal("equations that are multiples of each other at random points")
            }
            Some(Ratio::Varies) => {
                let same = |x: &Node, y: &Node| self.compare(x, y).is_equal();
                if same(l1, l2) && same(r1, r2) || same(l1, r2) && same(r1, l2) {
                    Verdict::equal("the same sides")
                } else {
                    Verdict::undecided("equations that may have the same solutions")
                }
            }
            None => {
                let same = |x: &Node, y: &Node| self.compare(x, y).is_equal();
                if same(l1, l2) && same(r1, r2) || same(l1, r2) && same(r1, l2) {
                    Verdict::equal("the same sides")
                } else {
                    Verdict::undecided("equations that are not computed")
                }
            }
        }
    }

    /// Inequalities and the like.
    fn conditions(&self, a: &Node, b: &Node) -> Verdict {
        if let Some(verdict) = self.regions(a, b) {
            return verdict;
        }
        let (Node::Relation(sides, relations), Node::Relation(others, marks)) = (a, b) else {
            return Verdict::different("a relation against something else");
        };
        if let (Some(x), Some(y)) = (Congruence::of(a), Congruence::of(b)) {
            return self.congruences(&x, &y);
        }
        if let ([l1, r1], [rel], [l2, r2], [mark]) =
            (sides.as_slice(), relations.as_slice(), others.as_slice(), marks.as_slice())
            && (rel.is_order() || *rel == Relation::Unequal)
            && (mark.is_order() || *mark == Relation::Unequal)
        {
            let strict = |relation: &Relation| {
                matches!(relation, Relation::Less | Relation::Greater | Relation::Unequal)
            };
            if strict(rel) != strict(mark) || (*rel == Relation::Unequal) != (*mark == Relation::Unequal) {
                return Verdict::different("different relations");
            }
            let upwards =
                |relation: &Relation| matches!(relation, Relation::Greater | Relation::GreaterEqual);
            let (one, other) = (Node::difference(l1, r1), Node::difference(l2, r2));
            return match self.ratio(&one, &other) {
                Some(Ratio::Constant(positive)) => {
                    let same = upwards(rel) == upwards(mark);
                    if *rel == Relation::Unequal || same == positive {
                        Verdict::equal("inequalities that are multiples of each other")
                    } else {
                        Verdict::different("inequalities of opposite direction")
                    }
                }
                Some(Ratio::Varies) => Verdict::different("different inequalities"),
                None => Verdict::undecided("inequalities that are not computed"),
            };
        }
        self.chains((sides, relations), (others, marks))
    }

    /// Side by side, read from either end.
    fn chains(&self, (x, p): (&[Node], &[Relation]), (y, q): (&[Node], &[Relation])) -> Verdict {
        if p == q {
            let verdict = self.each(x, y, "sides differ");
            let arrow = matches!(p, [Relation::Other("to" | "implies" | "subset")]);
            if verdict.is_equal() || arrow && verdict.is_different() {
                return verdict;
            }
        }
        let turned: Vec<Relation> = q.iter().rev().map(|relation| relation.reversed()).collect();
        if p == turned.as_slice() {
            let reversed: Vec<Node> = y.iter().rev().cloned().collect();
            let verdict = self.each(x, &reversed, "sides differ");
            if verdict.is_equal() {
                return verdict;
            }
        }
        let same_marks = p == q || p == turned.as_slice();
        if x.len() != y.len() || !same_marks {
            return Verdict::different("different relations");
        }
        Verdict::undecided("relations with different sides")
    }

    /// Whether the quotient of two expressions is the same at every point.
    fn ratio(&self, a: &Node, b: &Node) -> Option<Ratio> {
        let mut first: Option<(Value, Value)> = None;
        let mut seen = 0;
        let mut positive = true;
        for (seed, region) in REGIONS.into_iter().enumerate() {
            let point = Point::new(seed as u64 + 101, region);
            let scope = &mut Scope::new(&point, 160, false, self.natural, &self.fuel);
            let (Ok(x), Ok(y)) = (scope.value(a), scope.value(b)) else { continue };
            match &first {
                None => {
                    let sign = super::scalar::sign(&scope.multiply(&x, &y).ok()?)?;
                    if sign == 0 {
                        // Both zero or one of them: no quotient here.
                        continue;
                    }
                    positive = sign > 0;
                    first = Some((x, y));
                }
                Some((x1, y1)) => {
                    let left = scope.multiply(&x, y1).ok()?;
                    let right = scope.multiply(&y, x1).ok()?;
                    match (&left, &right) {
                        (Value::Exact(left), Value::Exact(right)) if left == right => {}
                        (Value::Exact(_), Value::Exact(_)) => return Some(Ratio::Varies),
                        _ => {
                            let (p, q) = (left.ball(160).ok()?, right.ball(160).ok()?);
                            if !p.sub(&q, 160).may_be_zero() {
                                return Some(Ratio::Varies);
                            }
                        }
                    }
                }
            }
            seen += 1;
            if seen > 5 {
                return Some(Ratio::Constant(positive));
            }
        }
        None
    }
}

/// The quotient of two expressions.
enum Ratio {
    /// The same everywhere; whether it is positive.
    Constant(bool),
    Varies,
}

fn is_relation(node: &Node) -> bool {
    matches!(node, Node::Relation(..))
}

/// The first and the last side of an equation, before any "approximately".
fn ends(node: &Node) -> Option<(&Node, &Node)> {
    let Node::Relation(sides, relations) = node else { return None };
    let about = relations.iter().position(|relation| *relation == Relation::Approximately);
    let last = about.filter(|place| *place > 0).unwrap_or(relations.len());
    Some((sides.first()?, sides.get(last)?))
}

fn said(node: &Node) -> Said<'_> {
    let Node::Relation(sides, relations) = node else { return Said::Value(node) };
    let equalities =
        relations.iter().all(|relation| matches!(relation, Relation::Equal | Relation::Approximately));
    if let ([name, set], [Relation::In]) = (sides.as_slice(), relations.as_slice())
        && is_name(name)
    {
        return Said::Named(name, set);
    }
    let Some((first, last)) = ends(node).filter(|_| equalities) else { return Said::Other };
    if is_name(first) || matches!(last, Node::Matrix(_)) && is_power_of_name(first) {
        return Said::Named(first, last);
    }
    if !has_symbol(first) && !has_symbol(last) {
        return Said::Value(last);
    }
    Said::Equation
}

/// `(a, b) = (1, 2)` as `a = 1, b = 2`.
fn one_by_one(node: &Node) -> Option<Node> {
    let Node::Relation(sides, relations) = node else { return None };
    let ([Node::Bracket(_, names, _), Node::Bracket(_, values, _)], [Relation::Equal]) =
        (sides.as_slice(), relations.as_slice())
    else {
        return None;
    };
    let pair = |(name, value): (&Node, &Node)| {
        Node::Relation(vec![name.clone(), value.clone()], vec![Relation::Equal])
    };
    (names.len() == values.len() && names.iter().all(is_name))
        .then(|| Node::List(names.iter().zip(values).map(pair).collect(), Joint::And))
}

/// What `f(t)` is in terms of `x`, beside `f(x)`.
fn renamed((p, v): (&Node, &Node), (q, w): (&Node, &Node)) -> Option<Node> {
    let (Node::Apply(f, x), Node::Apply(g, t)) = (p, q) else { return None };
    let ([Node::Symbol(x)], [Node::Symbol(t)]) = (x.as_slice(), t.as_slice()) else { return None };
    let uses = |node: &Node, name: &String| {
        node.any(&mut |inner| matches!(inner, Node::Symbol(symbol) if symbol == name))
    };
    // Where one uses the other's variable for something else, they are not the same function.
    (f == g && !uses(w, x) && !uses(v, t)).then(|| substitute(w, t, &Node::Symbol(x.clone())))
}

/// `y` beside `f(x)`.
fn is_value_of_function(name: &Node, other: &Node) -> bool {
    matches!(name, Node::Symbol(y) if y == "y")
        && matches!(other, Node::Apply(_, arguments) if matches!(arguments.as_slice(), [Node::Symbol(_)]))
}

/// Whether a side only names what the other side says: a variable, a segment, a function's value, words.
pub(super) fn is_name(node: &Node) -> bool {
    match node {
        // An integral or a limit is the name of its value.
        Node::Symbol(_) | Node::Text(_) | Node::Apply(..) | Node::Opaque(..) => true,
        Node::Call(Function::Abs | Function::Determinant, arguments) => {
            arguments.iter().all(|argument| is_name(argument) && !is_number(argument))
        }
        Node::Product(factors) => {
            let composed = matches!(factors.as_slice(), [Factor { node: Node::Symbol(name), .. }, _] if name.contains('∘'));
            composed || is_segment(factors) || is_quotient_of_names(factors) || is_derivative(factors)
        }
        Node::Ratio(parts) => parts.iter().all(is_name),
        Node::Bracket(_, items, _) | Node::List(items, _) => !items.is_empty() && items.iter().all(is_name),
        Node::Quantity(inner, _) => is_name(inner),
        _ => false,
    }
}

/// `A^{-1}`, where that is a matrix.
fn is_power_of_name(node: &Node) -> bool {
    matches!(node, Node::Power(pair) if matches!(pair.0, Node::Symbol(_)))
}

/// `dy/dx`, `\partial f/\partial x`, `d/dx` of something.
fn is_derivative(factors: &[Factor]) -> bool {
    match factors {
        [Factor { node: above, inverse: false }, Factor { node: below, inverse: true }] => {
            is_differential(above) && matches!(below, Node::Product(_)) && is_differential(below)
        }
        [Factor { node: Node::Product(operator), inverse: false }, Factor { inverse: false, .. }] => {
            is_derivative(operator)
        }
        _ => false,
    }
}

/// `d`, `dx`, `d^2y`, and the same with partial derivatives.
fn is_differential(node: &Node) -> bool {
    match node {
        Node::Symbol(name) => matches!(name.as_str(), "d" | "partial"),
        Node::Power(pair) => is_differential(&pair.0),
        Node::Product(factors) => factors.first().is_some_and(|first| is_differential(&first.node)),
        _ => false,
    }
}

/// The function that a derivative is of: `y` of `y'` and of `dy/dx`.
fn derived(node: &Node) -> Option<&str> {
    match node {
        Node::Symbol(name) => name.strip_suffix('\''),
        Node::Product(factors) if is_derivative(factors) => match &factors[0].node {
            Node::Product(above) => match above.as_slice() {
                [_, Factor { node: Node::Symbol(name), inverse: false }] => Some(name),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn is_number(node: &Node) -> bool {
    !has_symbol(node)
}

/// Points one after the other, `AB`; or a differential, `dy`.
fn is_segment(factors: &[Factor]) -> bool {
    let letters: Option<Vec<&str>> = factors
        .iter()
        .map(|factor| match &factor.node {
            Node::Symbol(name) if !factor.inverse => Some(name.as_str()),
            _ => None,
        })
        .collect();
    letters.is_some_and(|letters| {
        let capital = |name: &&str| name.starts_with(|c: char| c.is_ascii_uppercase());
        letters.iter().all(capital)
            || matches!(letters.as_slice(), ["d", _])
            || letters.first().is_some_and(|name| name.starts_with("angle") || name.starts_with("triangle"))
            || matches!(letters.as_slice(), ["m", angle] if angle.starts_with("angle"))
    })
}

fn is_quotient_of_names(factors: &[Factor]) -> bool {
    match factors {
        [Factor { node: above, inverse: false }, Factor { node: below, inverse: true }] => {
            let named = |node: &Node| match node {
                Node::Product(inner) => is_segment(inner),
                Node::Symbol(name) => name.starts_with(|c: char| c.is_ascii_uppercase()),
                _ => false,
            };
            named(above) && named(below)
        }
        _ => false,
    }
}
