//! Expressions: exact values, canonical forms, and values at random points.

use super::{Pair, has_symbol};
use crate::algebra;
use crate::eval::{Scope, Value};
use crate::node::{Constant, Function, Node, Series};
use crate::number::{Decimal, Rational, terminates};
use crate::points::{Point, REGIONS, Region};
use crate::real::{Ball, Fault};
use crate::rewrite::substitute;
use crate::verdict::Verdict;
use num_bigint::BigInt;
use num_traits::{Pow, Signed};

/// The first precision, in bits.
const FIRST: u64 = 128;

/// The precision at which numbers that no bound separates count as equal.
const LAST: u64 = 640;

/// The largest precision that a separation bound may ask for.
const MAX_SEPARATION: u64 = 6_000;

/// Points at which two expressions agree before they count as equal.
const AGREEMENTS: usize = 5;

/// Values of more bits before the point are not compared in more digits.
const MAX_MAGNITUDE: u64 = 1_024;

/// Bits before the point that may be missing behind it.
const SLACK: i64 = 16;

/// Further points between 0 and 1, where the usual ones were too few.
const MORE_POINTS: usize = 8;

/// What comparing two values came to.
enum Outcome {
    Same,
    /// The same as far as the precision reaches.
    Close,
    Apart,
    Unknown(Fault),
    /// One of them has no value there.
    OneUndefined,
    BothUndefined,
}

impl Pair<'_> {
    pub(super) fn scalars(&self, a: &Node, b: &Node) -> Verdict {
        if let (Some((x, minus_x)), Some((y, minus_y))) = (literal(a), literal(b)) {
            if x == y
                && (minus_x == minus_y
                    || x.to_rational().is_some_and(|x| x == Rational::from_integer(0.into())))
            {
                return Verdict::equal("the same number");
            }
            if self.policy.tolerance == 0.0 {
                return Verdict::different("different numbers");
            }
        }
        if let (Node::Series(x), Node::Series(y)) = (a, b)
            && self.same_terms(x, y)
        {
            return Verdict::equal("the same terms");
        }
        if let Some(verdict) = infinities(a, b) {
            return verdict;
        }
        if let Some(verdict) = self.opaque(a, b) {
            return verdict;
        }
        let symbolic = has_symbol(a) || has_symbol(b);
        if !symbolic {
            return self.constants(a, b);
        }
        if self.policy.fold_variables {
            let fold = |node: &Node| {
                crate::rewrite::map(node, &mut |inner| match inner {
                    Node::Symbol(name) => Some(Node::Symbol(name.to_lowercase())),
                    _ => None,
                })
            };
            return self.expressions(&fold(a), &fold(b));
        }
        self.expressions(a, b)
    }

    /// Whether two sums or products over an index are the same but for its name.
    fn same_terms(&self, x: &Series, y: &Series) -> bool {
        let body = substitute(&y.body, &y.variable, &Node::Symbol(x.variable.clone()));
        x.product == y.product
            && self.compare(&x.low, &y.low).is_equal()
            && self.compare(&x.high, &y.high).is_equal()
            && self.compare(&x.body, &body).is_equal()
    }

    /// Integrals, limits and the like: equal if all their parts are, else unknown.
    fn opaque(&self, a: &Node, b: &Node) -> Option<Verdict> {
        let strange = |node: &Node| {
            node.any(&mut |inner| {
                matches!(
                    inner,
                    Node::Opaque(..)
                        | Node::Dots
                        | Node::Text(_)
                        | Node::NamedSet(_)
                        | Node::Set(_)
                        | Node::Bracket(..)
                )
            })
        };
        if !strange(a) && !strange(b) {
            return None;
        }
        let set = |node: &Node| {
            node.any(&mut |inner| matches!(inner, Node::NamedSet(_) | Node::Set(_) | Node::Bracket(..)))
        };
        if set(a) != set(b) && !(strange(a) && strange(b)) {
            return Some(Verdict::different("a set against a number"));
        }
        Some(match (a, b) {
            (Node::Dots, Node::Dots) => Verdict::equal("the same expression"),
            (Node::Dots, other) | (other, Node::Dots) if !strange(other) => {
                Verdict::different("an ellipsis against an expression")
            }
            (Node::Opaque(x, first), Node::Opaque(y, second)) if x == y && first.len() == second.len() => {
                let alike =
                    !first.is_empty() && first.iter().zip(second).all(|(p, q)| self.compare(p, q).is_equal());
                if alike {
                    Verdict::equal("the same parts")
                } else {
                    Verdict::undecided("not computed: integrals, limits, cases")
                }
            }
            _ => Verdict::undecided("something in it is not computed"),
        })
    }

    fn constants(&self, a: &Node, b: &Node) -> Verdict {
        let point = Point::new(0, Region::Positive);
        let values = |precision| (self.at(a, &point, precision, true), self.at(b, &point, precision, true));
        let (x, y) = values(FIRST);
        match (&x, &y) {
            (Err(Fault::Undefined), Err(Fault::Undefined)) => {
                return Verdict::undecided("neither has a value");
            }
            (Err(Fault::Undefined), Ok(_)) | (Ok(_), Err(Fault::Undefined)) => {
                return Verdict::different("one of them has no value");
            }
            _ => {}
        }
        match outcome(&x, &y, FIRST) {
            Outcome::Same => return Verdict::equal("the same exact value"),
            Outcome::Apart => return self.apart(a, b, &x, &y),
            Outcome::Unknown(Fault::Beyond) => return self.beyond(a, b),
            _ => {}
        }
        if algebra::same(a, b) {
            return Verdict::equal("the same canonical form");
        }
        if algebra::apart(a, b, &mut self.scope(&point, FIRST, true)) {
            return Verdict::different("different residues modulo a prime");
        }
        if let Some(bits) = algebra::separation(a, b).filter(|bits| *bits <= MAX_SEPARATION) {
            // Enough that the values' own errors do not hide the difference.
            let precision = bits + 64 + magnitude(&x);
            let (x, y) = values(precision);
            return match outcome(&x, &y, precision) {
                Outcome::Apart => self.apart(a, b, &x, &y),
                Outcome::Same => Verdict::equal("the same exact value"),
                Outcome::Close if width(&x, &y, precision) < -(bits as i64) => {
                    Verdict::equal("closer than two such algebraic numbers can be without being equal")
                }
                _ => Verdict::undecided("too much to compute"),
            };
        }
        // Beside a large number a small difference shows only in more digits.
        let precision = LAST + magnitude(&x).min(MAX_SEPARATION);
        let (x, y) = values(precision);
        match outcome(&x, &y, precision) {
            Outcome::Apart => self.apart(a, b, &x, &y),
            Outcome::Same => Verdict::equal("the same exact value"),
            Outcome::Close => Verdict::equal("the same to 600 binary digits"),
            _ => Verdict::undecided("too much to compute"),
        }
    }

    /// Two numbers that are certainly not the same: equal all the same if one is a decimal close enough.
    fn apart(&self, a: &Node, b: &Node, x: &Result<Value, Fault>, y: &Result<Value, Fault>) -> Verdict {
        let (Ok(x), Ok(y)) = (x, y) else { return Verdict::undecided("too much to compute") };
        for (decimal, value, exact) in [(a, x, y), (b, y, x)] {
            let endless = match exact {
                Value::Exact(exact) => !terminates(exact),
                Value::Real(_) => true,
                Value::Complex(_) => false,
            };
            let digits = decimal_digits(decimal);
            if endless
                && digits >= self.policy.digits as usize
                && near(value, exact, &tenth(self.policy.digits))
            {
                return Verdict::equal("a decimal with enough correct digits");
            }
        }
        if self.policy.tolerance > 0.0
            && let Some(tolerance) = Rational::from_float(self.policy.tolerance)
            && near(x, y, &tolerance)
        {
            return Verdict::equal("within the tolerance");
        }
        Verdict::different("different values")
    }

    fn expressions(&self, a: &Node, b: &Node) -> Verdict {
        let imaginary = |node: &Node| node.any(&mut |inner| *inner == Node::Constant(Constant::I));
        let complex = imaginary(a) || imaginary(b);
        let whole = |node: &Node| {
            node.any(&mut |inner| {
                matches!(
                    inner,
                    Node::Series(_)
                        | Node::Call(
                            Function::Factorial
                                | Function::Binomial
                                | Function::DoubleFactorial
                                | Function::Gcd
                                | Function::Lcm
                                | Function::Mod,
                            _
                        )
                ) || matches!(inner, Node::Power(pair) if is_negative(&pair.0) && has_symbol(&pair.1))
            })
        };
        let whole = whole(a) || whole(b);
        let (mut agreed, mut positive, mut apart_elsewhere, mut one_sided) =
            (0_usize, 0_usize, false, 0_usize);
        // Where no point of the usual ones will do, more of those near zero may.
        let more = std::iter::repeat_n(Region::Small, MORE_POINTS);
        for (seed, region) in REGIONS.into_iter().chain(more).enumerate() {
            if seed >= REGIONS.len() && agreed == 0 {
                break;
            }
            let region = if whole { Region::Natural } else { region };
            let point = Point::new(seed as u64 + 1, region);
            let (mut x, mut y) = (self.at(a, &point, FIRST, complex), self.at(b, &point, FIRST, complex));
            let mut found = outcome(&x, &y, FIRST);
            if matches!(found, Outcome::Unknown(Fault::Imprecise)) && magnitude(&x) <= MAX_MAGNITUDE {
                // Large values need more digits.
                let precision = FIRST + magnitude(&x);
                (x, y) = (self.at(a, &point, precision, complex), self.at(b, &point, precision, complex));
                found = outcome(&x, &y, precision);
            }
            let any_sign = matches!(region, Region::Negative | Region::Mixed);
            match found {
                Outcome::Same | Outcome::Close => {
                    agreed += 1;
                    positive += usize::from(!any_sign);
                    if agreed == 1 && algebra::same(a, b) {
                        return Verdict::equal("the same canonical form");
                    }
                }
                Outcome::Apart if self.policy.tolerance > 0.0 && self.apart(a, b, &x, &y).is_equal() => {
                    agreed += 1;
                }
                Outcome::Apart if any_sign && positive > 0 => apart_elsewhere = true,
                Outcome::Apart => return Verdict::different("different values at a point"),
                Outcome::OneUndefined => one_sided += 1,
                Outcome::Unknown(Fault::Beyond) if self.fuel.get() == 0 => break,
                Outcome::Unknown(_) | Outcome::BothUndefined => {}
            }
            if agreed >= AGREEMENTS && (positive >= 3 || seed > 8) {
                break;
            }
        }
        if apart_elsewhere {
            return Verdict::undecided("the same for positive values only");
        }
        if agreed >= AGREEMENTS && one_sided == 0 {
            return Verdict::equal("the same values, to 100 binary digits or exactly, at random points");
        }
        if agreed >= AGREEMENTS {
            return Verdict::equal("the same values at random points where both are defined");
        }
        if agreed == 0 && one_sided > 3 {
            return Verdict::different("never defined at the same points");
        }
        Verdict::undecided("too few points where both can be computed")
    }

    pub(super) fn at(
        &self,
        node: &Node,
        point: &Point,
        precision: u64,
        complex: bool,
    ) -> Result<Value, Fault> {
        self.scope(point, precision, complex).value(node)
    }

    pub(super) fn scope<'a>(&'a self, point: &'a Point, precision: u64, complex: bool) -> Scope<'a> {
        Scope::new(point, precision, complex, self.natural, &self.fuel)
    }

    /// The value of a constant.
    pub(super) fn constant(&self, node: &Node) -> Option<Value> {
        if has_symbol(node) {
            return None;
        }
        self.at(node, &Point::new(0, Region::Positive), 192, true).ok()
    }
}

/// Whether a base is a negative number.
fn is_negative(node: &Node) -> bool {
    matches!(node, Node::Negative(inner) if !has_symbol(inner))
}

/// A decimal as it is written, and whether a minus stands before it.
fn literal(node: &Node) -> Option<(&Decimal, bool)> {
    match node {
        Node::Number(decimal) => Some((decimal, false)),
        Node::Negative(inner) => match &**inner {
            Node::Number(decimal) => Some((decimal, true)),
            _ => None,
        },
        _ => None,
    }
}

/// The digits of a decimal written with a point, perhaps times a power of ten; 0 for anything else.
fn decimal_digits(node: &Node) -> usize {
    match node {
        Node::Number(decimal) if decimal.point => decimal.significant,
        Node::Negative(inner) | Node::Percent(inner) => decimal_digits(inner),
        Node::Product(factors) => match factors.as_slice() {
            [first, second] if !first.inverse && !second.inverse => match &second.node {
                Node::Power(pair) if matches!(&pair.0, Node::Number(ten) if ten.small() == Some(10)) => {
                    decimal_digits(&first.node)
                }
                _ => 0,
            },
            _ => 0,
        },
        _ => 0,
    }
}

/// Half a unit in the last of so many digits, relative to the number.
fn tenth(digits: u32) -> Rational {
    Rational::new(1.into(), Pow::pow(BigInt::from(10), digits.saturating_sub(1)) * 2)
}

/// Whether two real numbers differ by at most a share of the second.
fn near(x: &Value, y: &Value, share: &Rational) -> bool {
    let (Ok(x), Ok(y)) = (x.ball(FIRST), y.ball(FIRST)) else { return false };
    let Ok(bound) = y.abs().mul(&Ball::rational(share, FIRST), FIRST) else { return false };
    bound.sub(&x.sub(&y, FIRST).abs(), FIRST).sign().is_some_and(|sign| sign >= 0)
}

fn outcome(x: &Result<Value, Fault>, y: &Result<Value, Fault>, precision: u64) -> Outcome {
    let (x, y) = match (x, y) {
        (Ok(x), Ok(y)) => (x, y),
        (Err(Fault::Undefined), Err(Fault::Undefined)) => return Outcome::BothUndefined,
        (Err(Fault::Undefined), Ok(_)) | (Ok(_), Err(Fault::Undefined)) => return Outcome::OneUndefined,
        (Err(fault), _) | (_, Err(fault)) => return Outcome::Unknown(*fault),
    };
    if let (Value::Exact(x), Value::Exact(y)) = (x, y) {
        return if x == y { Outcome::Same } else { Outcome::Apart };
    }
    let (p, q) = (x.complex(precision), y.complex(precision));
    let (re, im) = (p.re.sub(&q.re, precision), p.im.sub(&q.im, precision));
    if !re.may_be_zero() || !im.may_be_zero() {
        return Outcome::Apart;
    }
    // Agreement means something only if the bounds are narrow, and not only beside a large value: `(x+1)^{10^9}` and one
    // more agree to a hundred digits.
    if width(&Ok(x.clone()), &Ok(y.clone()), precision)
        > size(x).max(size(y)).clamp(0, SLACK) - (FIRST.min(precision) as i64) / 2
    {
        return Outcome::Unknown(Fault::Imprecise);
    }
    Outcome::Close
}

fn size(value: &Value) -> i64 {
    let complex = value.complex(FIRST);
    complex.re.magnitude().max(complex.im.magnitude())
}

fn magnitude(value: &Result<Value, Fault>) -> u64 {
    value.as_ref().map_or(0, |value| size(value).max(0).unsigned_abs())
}

/// How wide the difference of two values is at most: below `2^width`.
fn width(x: &Result<Value, Fault>, y: &Result<Value, Fault>, precision: u64) -> i64 {
    let (Ok(x), Ok(y)) = (x, y) else { return i64::MAX };
    let (p, q) = (x.complex(precision), y.complex(precision));
    let part = |a: &Ball, b: &Ball| a.sub(b, precision).magnitude();
    part(&p.re, &q.re).max(part(&p.im, &q.im)) + 1
}

/// -1 or 1 for an infinity.
pub(super) fn infinite(node: &Node) -> Option<i32> {
    match node {
        Node::Constant(Constant::Infinity) => Some(1),
        Node::Negative(inner) => infinite(inner).map(|sign| -sign),
        _ => None,
    }
}

fn infinities(a: &Node, b: &Node) -> Option<Verdict> {
    // Beside a bound of a sum, an integral or a limit it is no calculation with infinity.
    let inside = |node: &Node| {
        let bound = node.any(&mut |inner| matches!(inner, Node::Series(_) | Node::Opaque(..)));
        !bound && node.any(&mut |inner| *inner == Node::Constant(Constant::Infinity))
    };
    if !inside(a) && !inside(b) {
        return None;
    }
    Some(match (infinite(a), infinite(b)) {
        (Some(x), Some(y)) if x == y => Verdict::equal("the same infinity"),
        (Some(_), Some(_)) => Verdict::different("different infinities"),
        _ if inside(a) != inside(b) => Verdict::different("infinity against a number"),
        _ => Verdict::undecided("calculations with infinity"),
    })
}

/// The sign of a constant, where it is certain.
pub(super) fn sign(value: &Value) -> Option<i32> {
    match value {
        Value::Exact(value) if value.is_positive() => Some(1),
        Value::Exact(value) if value.is_negative() => Some(-1),
        Value::Exact(_) => Some(0),
        Value::Real(ball) => ball.sign(),
        Value::Complex(_) => None,
    }
}
