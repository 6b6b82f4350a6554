//! How close to zero an algebraic number can be without being zero.
//!
//! The bound of Burnikel, Funke, Mehlhorn, Schirra and Schmitt (BFMSS, 2001): a number made of integers by
//! `+ - * /` and roots is a quotient U / L of algebraic integers. If every conjugate of U is at most u, every one of L at
//! most l, and the roots together have degree D, then it is zero or at least `1 / (u^(D-1) l)` in size. The
//! cosine of a rational multiple of pi is half the sum of two roots of unity, so the bound covers it as well.

use crate::node::{Constant, Factor, Function, Node};
use crate::number::Rational;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// Degrees beyond this need more precision than is ever spent.
const MAX_DEGREE: f64 = 4_096.0;

/// Bounds of a number, in bits.
#[derive(Clone, Copy, Debug)]
struct Bound {
    /// The logarithm of u.
    above: f64,
    /// The logarithm of l.
    below: f64,
}

struct Search<'a> {
    /// The roots seen, each counted once.
    roots: Vec<(u32, &'a Node)>,
    /// The order of the roots of unity seen, together.
    unity: u64,
    imaginary: bool,
}

/// How many bits tell the difference of two constants from zero, if they are algebraic and not too large.
pub(crate) fn separation(a: &Node, b: &Node) -> Option<u64> {
    let mut search = Search { roots: Vec::new(), unity: 1, imaginary: false };
    let x = search.bound(a)?;
    let y = search.bound(b)?;
    let difference = sum(x, y);
    let mut degree: f64 = search.roots.iter().map(|(degree, _)| f64::from(*degree)).product();
    degree *= totient(search.unity) as f64;
    if search.imaginary && !search.unity.is_multiple_of(4) {
        degree *= 2.0;
    }
    if degree > MAX_DEGREE {
        return None;
    }
    let bits = difference.above * (degree - 1.0) + difference.below;
    (bits.is_finite() && bits < 1e6).then_some(bits as u64 + 8)
}

/// How many numbers below `n` have no factor in common with it: the degree of the roots of unity of that order.
fn totient(n: u64) -> u64 {
    (1..=n).filter(|k| k.gcd(&n) == 1).count() as u64
}

fn sum(x: Bound, y: Bound) -> Bound {
    // log2(2^a + 2^b) <= max + 1.
    Bound { above: (x.above + y.below).max(y.above + x.below) + 1.0, below: x.below + y.below }
}

fn raised(base: Bound, times: f64) -> Bound {
    let (above, below) = if times < 0.0 { (base.below, base.above) } else { (base.above, base.below) };
    Bound { above: above * times.abs(), below: below * times.abs() }
}

fn product(x: Bound, y: Bound) -> Bound {
    Bound { above: x.above + y.above, below: x.below + y.below }
}

fn rational(value: &Rational) -> Bound {
    Bound { above: value.numer().bits() as f64, below: value.denom().bits() as f64 - 0.999_999 }
}

impl<'a> Search<'a> {
    fn bound(&mut self, node: &'a Node) -> Option<Bound> {
        match node {
            Node::Number(decimal) => Some(rational(&decimal.to_rational()?)),
            Node::Exact(value) => Some(rational(value)),
            Node::Constant(Constant::I) => {
                self.imaginary = true;
                Some(Bound { above: 0.0, below: 0.0 })
            }
            Node::Sum(terms) => {
                let mut total: Option<Bound> = None;
                for term in terms {
                    let bound = self.bound(term)?;
                    total = Some(total.map_or(bound, |total| sum(total, bound)));
                }
                total
            }
            Node::Negative(inner) => self.bound(inner),
            Node::Percent(inner) => {
                let inner = self.bound(inner)?;
                Some(Bound { below: inner.below + 7.0, ..inner })
            }
            Node::Product(factors) => {
                let mut total = Bound { above: 0.0, below: 0.0 };
                for Factor { node, inverse } in factors {
                    let factor = self.bound(node)?;
                    let factor =
                        if *inverse { Bound { above: factor.below, below: factor.above } } else { factor };
                    total = product(total, factor);
                }
                Some(total)
            }
            Node::Power(pair) => {
                let exponent = constant(&pair.1)?;
                let base = self.bound(&pair.0)?;
                let degree = exponent.denom().to_u32().filter(|degree| *degree <= 64)?;
                let rooted = self.root(base, degree, &pair.0);
                Some(raised(rooted, exponent.numer().to_f64().filter(|n| n.abs() < 1e5)?))
            }
            Node::Call(Function::Root, arguments) => {
                let [degree, radicand] = arguments.as_slice() else { return None };
                let degree = constant(degree)?.to_u32().filter(|degree| (1..=64).contains(degree))?;
                let bound = self.bound(radicand)?;
                Some(self.root(bound, degree, radicand))
            }
            // A real number's size is the number or its negative.
            Node::Call(Function::Abs, arguments) => {
                let before = self.imaginary;
                self.imaginary = false;
                let bound = self.bound(arguments.first()?);
                let complex = std::mem::replace(&mut self.imaginary, before);
                bound.filter(|_| !complex)
            }
            Node::Call(function, arguments) => self.trigonometric(*function, arguments.first()?),
            _ => None,
        }
    }

    /// BFMSS' rule: the root of U/L is the root of U L^(k-1), over L.
    fn root(&mut self, inner: Bound, degree: u32, radicand: &'a Node) -> Bound {
        if degree == 1 {
            return inner;
        }
        if !self.roots.iter().any(|(known, node)| *known == degree && *node == radicand) {
            self.roots.push((degree, radicand));
        }
        let k = f64::from(degree);
        Bound { above: (inner.above + (k - 1.0) * inner.below) / k, below: inner.below }
    }

    fn trigonometric(&mut self, function: Function, argument: &Node) -> Option<Bound> {
        let turn = turns(argument)?;
        let order = turn.denom().to_u64().filter(|order| *order <= 360)? * 2;
        // sin x = cos(pi/2 - x): in the field of roots of unity of four times the order.
        self.unity = self.unity.lcm(&(order.lcm(&4)));
        let half = Bound { above: 1.0, below: 1.0 };
        match function {
            Function::Sin | Function::Cos => Some(half),
            Function::Tan | Function::Cot => Some(Bound { above: 2.0, below: 2.0 }),
            Function::Sec | Function::Csc => Some(Bound { above: 1.0, below: 1.0 }),
            _ => None,
        }
    }
}

/// A number written as an expression of whole numbers.
fn constant(node: &Node) -> Option<Rational> {
    match node {
        Node::Number(decimal) => decimal.to_rational(),
        Node::Exact(value) => Some(value.clone()),
        Node::Negative(inner) => Some(-constant(inner)?),
        Node::Product(factors) => {
            let mut total = Rational::from_integer(1.into());
            for Factor { node, inverse } in factors {
                let factor = constant(node)?;
                if factor.is_zero() {
                    return (!inverse).then(Rational::zero);
                }
                total = if *inverse { total / factor } else { total * factor };
            }
            Some(total)
        }
        _ => None,
    }
}

/// An angle as a multiple of pi.
pub(super) fn turns(node: &Node) -> Option<Rational> {
    match node {
        Node::Constant(Constant::Pi) => Some(Rational::from_integer(1.into())),
        Node::Negative(inner) => Some(-turns(inner)?),
        Node::Quantity(inner, unit) => {
            let part = crate::kinds::units::degrees(unit)?;
            Some(constant(inner)? * part / Rational::from_integer(180.into()))
        }
        Node::Sum(terms) => {
            let mut total = Rational::zero();
            for term in terms {
                total += turns(term)?;
            }
            Some(total)
        }
        Node::Product(factors) => {
            let mut total = Rational::from_integer(1.into());
            let mut found = false;
            for Factor { node, inverse } in factors {
                if !found
                    && !*inverse
                    && let Some(turn) = turns(node)
                {
                    found = true;
                    total *= turn;
                    continue;
                }
                let factor = constant(node)?;
                if factor.is_zero() || factor.is_negative() && factor.numer().bits() > 64 {
                    return None;
                }
                total = if *inverse { total / factor } else { total * factor };
            }
            found.then_some(total)
        }
        Node::Number(decimal) => decimal.to_rational().filter(Zero::is_zero),
        _ => None,
    }
}
