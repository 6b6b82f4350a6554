//! Congruences: `x \equiv 3 \pmod 7`.

use super::{Pair, has_symbol};
use crate::eval::Value;
use crate::node::{Function, Node, Relation};
use crate::verdict::Verdict;

/// What is congruent to what, and by which modulus.
pub(super) struct Congruence {
    left: Node,
    right: Node,
    modulus: Node,
}

impl Congruence {
    /// A congruence, where a node is one.
    pub(super) fn of(node: &Node) -> Option<Self> {
        let Node::Relation(sides, relations) = node else { return None };
        let ([left, right], [Relation::Other("equiv")]) = (sides.as_slice(), relations.as_slice()) else {
            return None;
        };
        let (right, modulus) = split(right)?;
        Some(Self { left: left.clone(), right, modulus })
    }
}

/// A side without "mod m" at its end, and the modulus.
fn split(node: &Node) -> Option<(Node, Node)> {
    match node {
        Node::Call(Function::Mod, arguments) => Some((arguments.first()?.clone(), arguments.get(1)?.clone())),
        Node::Negative(inner) => {
            let (value, modulus) = split(inner)?;
            Some((Node::Negative(Box::new(value)), modulus))
        }
        Node::Sum(terms) => {
            let (last, before) = terms.split_last()?;
            let (value, modulus) = split(last)?;
            let mut terms = before.to_vec();
            terms.push(value);
            Some((Node::Sum(terms), modulus))
        }
        _ => None,
    }
}

impl Pair<'_> {
    pub(super) fn congruences(&self, x: &Congruence, y: &Congruence) -> Verdict {
        let moduli = self.compare(&x.modulus, &y.modulus);
        if !moduli.is_equal() {
            // `2x = 4 (mod 6)` is `x = 2 (mod 3)`.
            let simple = |side: &Congruence| matches!(side.left, Node::Symbol(_));
            return if moduli.is_different() && simple(x) && simple(y) {
                Verdict::different("different moduli")
            } else {
                Verdict::undecided("congruences of different moduli")
            };
        }
        if !self.compare(&x.left, &y.left).is_equal() {
            return Verdict::undecided("congruences with different sides");
        }
        let steps = Node::quotient(Node::difference(&x.right, &y.right), x.modulus.clone());
        match (has_symbol(&steps), self.constant(&steps)) {
            (false, Some(Value::Exact(steps))) if steps.is_integer() => {
                Verdict::equal("the same remainder by the same modulus")
            }
            (false, Some(Value::Exact(_))) => Verdict::different("different remainders"),
            _ => {
                let verdict = self.compare(&x.right, &y.right);
                if verdict.is_equal() {
                    verdict
                } else {
                    Verdict::undecided("remainders that are not computed")
                }
            }
        }
    }
}
