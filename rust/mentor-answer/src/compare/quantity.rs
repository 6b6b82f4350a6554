//! Percent, units, currency, degrees; ratios and numbers in a base, which are compared as written.

use super::{Pair, has_symbol};
use crate::kinds::units::{self, Unit};
use crate::node::{Constant, Factor, Node};
use crate::number::Rational;
use crate::policy::{Form, Percent, Units};
use crate::verdict::Verdict;
use num_bigint::BigInt;
use num_traits::{One, Zero};

/// Letters that are units as often as variables.
const UNIT_LETTERS: [&str; 16] =
    ["Omega", "m", "g", "s", "h", "l", "L", "A", "V", "W", "N", "J", "K", "C", "F", "T"];

/// A number and the unit behind it.
struct Measured {
    number: Node,
    unit: String,
}

impl Pair<'_> {
    /// Percentages and quantities; nothing where neither side is one.
    pub(super) fn quantities(&self, a: &Node, b: &Node) -> Option<Verdict> {
        match (a, b) {
            (Node::Percent(x), Node::Percent(y)) => return Some(self.compare(x, y)),
            (Node::Percent(x), other) | (other, Node::Percent(x)) if !matches!(other, Node::Quantity(..)) => {
                return Some(self.percent(x, other));
            }
            _ => {}
        }
        match (measured(a), measured(b)) {
            (Some(x), Some(y)) => Some(self.measures(&x, &y)),
            (Some(x), None) => Some(match with_letters(b, a) {
                Some(y) => self.measures(&x, &y),
                None => self.measure_and_number(&x, b),
            }),
            (None, Some(y)) => Some(match with_letters(a, b) {
                Some(x) => self.measures(&x, &y),
                None => self.measure_and_number(&y, a),
            }),
            (None, None) => {
                let (x, y) = (with_letters(a, b), with_letters(b, a));
                match (x, y) {
                    (Some(x), Some(y)) if x.unit != y.unit => Some(self.measures(&x, &y)),
                    (Some(x), None) if !has_symbol(b) => Some(self.measure_and_number(&x, b)),
                    (None, Some(y)) if !has_symbol(a) => Some(self.measure_and_number(&y, a)),
                    _ => None,
                }
            }
        }
    }

    fn percent(&self, number: &Node, other: &Node) -> Verdict {
        let value = || Node::quotient(number.clone(), Node::integer(100));
        match self.policy.percent {
            Percent::Drop => self.compare(number, other),
            Percent::Value => self.compare(&value(), other),
            Percent::Either => self.compare(number, other).or(|| self.compare(&value(), other)),
        }
    }

    fn measures(&self, x: &Measured, y: &Measured) -> Verdict {
        let plain = || self.compare(&x.number, &y.number);
        if self.policy.units == Units::Drop || same_words(&x.unit, &y.unit) {
            return plain();
        }
        match units::both(&x.unit, &y.unit) {
            (Some(one), Some(other)) if one.converts_to(&other) => {
                let verdict = self.compare(&scaled(&x.number, &one), &scaled(&y.number, &other));
                if verdict.is_different()
                    && one.zero != other.zero
                    && self
                        .compare(&scaled(&x.number, &one.steps()), &scaled(&y.number, &other.steps()))
                        .is_equal()
                {
                    return Verdict::undecided("equal as differences of temperature");
                }
                verdict
            }
            (Some(one), Some(other)) if !one.is_counted() && !other.is_counted() => {
                Verdict::different("different units")
            }
            _ if self.policy.units == Units::Require => Verdict::different("different units"),
            _ => plain(),
        }
    }

    fn measure_and_number(&self, measure: &Measured, other: &Node) -> Verdict {
        if self.policy.units == Units::Require {
            return Verdict::different("a unit on one side only");
        }
        let plain = self.compare(&measure.number, other);
        let Some(degrees) = units::degrees(&measure.unit) else { return plain };
        // Degrees equal radians as well.
        let radians = Node::product(vec![
            measure.number.clone(),
            Node::Exact(degrees),
            Node::quotient(Node::Constant(Constant::Pi), Node::integer(180)),
        ]);
        plain.or(|| self.compare(&radians, other))
    }

    pub(super) fn ratios(&self, x: &[Node], y: &[Node]) -> Verdict {
        if x.len() != y.len() {
            return Verdict::different("ratios of different lengths");
        }
        let written = self.each(x, y, "ratios differ");
        if written.is_equal() || self.policy.ratios == Form::Written {
            return written;
        }
        // By value: every part over the first.
        let over = |parts: &[Node]| -> Vec<Node> {
            parts[1..].iter().map(|part| Node::quotient(part.clone(), parts[0].clone())).collect()
        };
        self.each(&over(x), &over(y), "ratios differ in value")
    }

    pub(super) fn ratio_as_value(&self, parts: &[Node], other: &Node) -> Verdict {
        match (parts, self.policy.ratios) {
            ([first, second], Form::Value) => {
                self.compare(&Node::quotient(first.clone(), second.clone()), other)
            }
            _ => Verdict::different("a ratio is compared as written"),
        }
    }

    /// Two sequences item by item.
    pub(super) fn each(&self, x: &[Node], y: &[Node], differ: &'static str) -> Verdict {
        if x.len() != y.len() {
            return Verdict::different("different numbers of items");
        }
        let mut unknown = None;
        for (p, q) in x.iter().zip(y) {
            let verdict = self.compare(p, q);
            if verdict.is_different() {
                return Verdict::different(differ);
            }
            if !verdict.is_equal() {
                unknown = Some(verdict);
            }
        }
        unknown.unwrap_or(Verdict::equal("equal item by item"))
    }

    pub(super) fn based(&self, (x, base): (&str, u32), (y, other): (&str, u32)) -> Verdict {
        if self.policy.bases == Form::Value {
            return match (in_base(x, base), in_base(y, other)) {
                (Some(x), Some(y)) if x == y => Verdict::equal("the same value in a base"),
                (Some(_), Some(_)) => Verdict::different("different values in a base"),
                _ => Verdict::different("digits that the base does not have"),
            };
        }
        if (x, base) == (y, other) {
            Verdict::equal("the same digits in the same base")
        } else {
            Verdict::different("numbers in a base are compared as written")
        }
    }

    pub(super) fn based_as_value(&self, digits: &str, base: u32, other: &Node) -> Verdict {
        match (self.policy.bases, in_base(digits, base)) {
            (Form::Value, Some(value)) => self.compare(&Node::Exact(Rational::from_integer(value)), other),
            _ => Verdict::different("a number in a base is compared as written"),
        }
    }
}

fn in_base(digits: &str, base: u32) -> Option<BigInt> {
    BigInt::parse_bytes(digits.as_bytes(), base)
}

fn same_words(x: &str, y: &str) -> bool {
    x.eq_ignore_ascii_case(y) && !units::known(x) || x == y
}

/// The number in base units.
fn scaled(number: &Node, unit: &Unit) -> Node {
    let steps = if unit.factor.is_one() {
        number.clone()
    } else {
        Node::product(vec![number.clone(), Node::Exact(unit.factor.clone())])
    };
    if unit.zero.is_zero() { steps } else { Node::Sum(vec![steps, Node::Exact(unit.zero.clone())]) }
}

/// A quantity, or a sum of quantities that measure the same.
fn measured(node: &Node) -> Option<Measured> {
    match node {
        Node::Quantity(number, unit) => Some(Measured { number: (**number).clone(), unit: unit.clone() }),
        Node::Negative(inner) => {
            let inner = measured(inner)?;
            Some(Measured { number: Node::Negative(Box::new(inner.number)), ..inner })
        }
        Node::Sum(terms) => {
            let parts = terms.iter().map(measured).collect::<Option<Vec<_>>>()?;
            let first = units::unit(&parts.first()?.unit)?;
            let mut total = Vec::with_capacity(parts.len());
            for part in &parts {
                let unit = units::unit(&part.unit).filter(|unit| unit.converts_to(&first))?;
                let ratio = &unit.factor / &first.factor;
                total.push(Node::product(vec![part.number.clone(), Node::Exact(ratio)]));
            }
            Some(Measured { number: Node::Sum(total), unit: parts.into_iter().next()?.unit })
        }
        _ => None,
    }
}

/// The sum of quantities in units that convert, each smaller than the one before.
pub(super) fn together(items: &[Node]) -> Option<Node> {
    let unit = |item: &Node| match item {
        Node::Quantity(_, unit) => units::unit(unit),
        _ => None,
    };
    let all = items.iter().map(unit).collect::<Option<Vec<_>>>()?;
    let falling = all.windows(2).all(|two| two[0].converts_to(&two[1]) && two[0].factor > two[1].factor);
    (falling && all.len() > 1).then(|| Node::Sum(items.to_vec()))
}

/// A number times letters that may be its unit, if the other side does not use them.
fn with_letters(node: &Node, other: &Node) -> Option<Measured> {
    if let Node::Negative(inner) = node {
        let inner = with_letters(inner, other)?;
        return Some(Measured { number: Node::Negative(Box::new(inner.number)), ..inner });
    }
    let Node::Product(factors) = node else { return None };
    let start = factors.iter().position(|factor| letter(&factor.node).is_some())?;
    let (number, unit) = factors.split_at(start);
    if number.is_empty() || number.iter().any(|factor| has_symbol(&factor.node)) {
        return None;
    }
    let mut name = String::new();
    for Factor { node, inverse } in unit {
        let (symbol, power) = letter(node)?;
        let used = other.any(&mut |inner| matches!(inner, Node::Symbol(other) if other == symbol));
        if used {
            return None;
        }
        name.push_str(if *inverse { "/" } else { " " });
        name.push_str(symbol);
        if let Some(power) = power {
            name.push('^');
            name.push_str(&power.to_string());
        }
    }
    Some(Measured { number: Node::Product(number.to_vec()), unit: name.trim().to_owned() })
}

/// A letter that may be a unit, and its power.
fn letter(node: &Node) -> Option<(&str, Option<u32>)> {
    match node {
        Node::Symbol(name) if UNIT_LETTERS.contains(&name.as_str()) => Some((name, None)),
        Node::Power(pair) => match (&pair.0, &pair.1) {
            (Node::Symbol(name), Node::Number(power)) if UNIT_LETTERS.contains(&name.as_str()) => {
                Some((name, Some(power.small()?)))
            }
            _ => None,
        },
        _ => None,
    }
}
