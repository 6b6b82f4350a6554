//! Numbers too large for any evaluation: told apart by their exponents, or by being larger than all that is evaluated.

use super::{Pair, has_symbol};
use crate::algebra;
use crate::eval::Value;
use crate::node::{Function, Node};
use crate::points::{Point, Region};
use crate::real::Ball;
use crate::verdict::Verdict;
use num_bigint::BigInt;
use std::cmp::Ordering;

/// Exponents beyond two to this power make numbers that no ball holds.
const BEYOND: u64 = 62;

/// The precision that sizes are found at, in bits.
const PRECISION: u64 = 128;

impl Pair<'_> {
    /// Two constants of which at least one is too large to evaluate.
    pub(super) fn beyond(&self, a: &Node, b: &Node) -> Verdict {
        if algebra::same(a, b) {
            return Verdict::equal("the same canonical form");
        }
        let point = Point::new(0, Region::Positive);
        if algebra::apart(a, b, &mut self.scope(&point, PRECISION, true)) {
            return Verdict::different("different residues modulo a prime");
        }
        if let (Node::Power(x), Node::Power(y)) = (a, b)
            && self.at_least(&x.0, 2)
            && self.compare(&x.0, &y.0).is_equal()
        {
            // A power of one base grows with its exponent.
            let verdict = self.compare(&x.1, &y.1);
            if verdict.is_different() {
                return Verdict::different("different powers of the same number");
            }
            return verdict;
        }
        let evaluated = |node: &Node| self.constant(node).is_some();
        if self.is_beyond(a, 8) && evaluated(b) || self.is_beyond(b, 8) && evaluated(a) {
            return Verdict::different("larger than all that is evaluated");
        }
        Verdict::undecided("too large to compute, or not computed")
    }

    /// Whether a constant is certainly at least so much.
    fn at_least(&self, node: &Node, least: u64) -> bool {
        let point = Point::new(0, Region::Positive);
        self.constant(node).is_some_and(|value| {
            let bound = Value::Real(Ball::integer(BigInt::from(least)));
            matches!(
                self.scope(&point, PRECISION, false).order(&value, &bound),
                Some(Ordering::Equal | Ordering::Greater)
            )
        })
    }

    /// Whether a constant is certainly too large for a ball: a power with such an exponent, a factorial of such a number.
    fn is_beyond(&self, node: &Node, depth: u32) -> bool {
        let huge = |inner: &Node| {
            self.at_least(inner, 1 << BEYOND) || self.is_beyond(inner, depth.saturating_sub(1))
        };
        if depth == 0 || has_symbol(node) {
            return false;
        }
        match node {
            Node::Power(pair) => self.at_least(&pair.0, 2) && huge(&pair.1),
            Node::Call(Function::Factorial, arguments) => arguments.iter().all(huge),
            _ => false,
        }
    }
}
