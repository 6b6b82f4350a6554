//! Expressions as quotients of polynomials: two with the same cross products are equal, whatever the variables are.

use super::angles;
use super::poly::{Atoms, Exponent, Fraction, Kind, Monomial, Poly, reduce};
use crate::node::{Constant, Factor, Function, Node};
use crate::number::Rational;
use crate::rewrite::substitute;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Primes up to this are found in numbers under roots; what is left counts as one prime.
const MAX_PRIME: u32 = 1 << 12;

/// Largest exponent that is multiplied out.
const MAX_POWER: i64 = 64;

/// Canonical forms of one pair, which share their atoms.
#[derive(Default)]
pub(crate) struct Canonical {
    atoms: Atoms,
}

/// A canonical form.
pub(crate) struct Form(Fraction);

/// Whether two expressions have the same canonical form; false where that is not known.
pub(crate) fn same(a: &Node, b: &Node) -> bool {
    let mut canonical = Canonical::default();
    let (Some(x), Some(y)) = (canonical.fraction(a), canonical.fraction(b)) else { return false };
    cross(&x, &y, &canonical.atoms).is_some_and(|(left, right)| left == right)
}

fn cross(x: &Fraction, y: &Fraction, atoms: &Atoms) -> Option<(Poly, Poly)> {
    Some((x.above.mul(&y.below, atoms)?, y.above.mul(&x.below, atoms)?))
}

/// What each term of a series is times the one before, where that is the same number for all.
pub(crate) fn quotient_of_terms(term: &Node, index: &str) -> Option<Rational> {
    let next = Node::Sum(vec![Node::Symbol(index.to_owned()), Node::integer(1)]);
    let mut canonical = Canonical::default();
    let (above, below) = (canonical.fraction(&substitute(term, index, &next))?, canonical.fraction(term)?);
    let (left, right) = cross(&above, &below, &canonical.atoms)?;
    let quotient = left.terms.values().next()? / right.terms.values().next()?;
    (left == right.scale(&quotient)).then_some(quotient)
}

/// Whether the numerators of two expressions are multiples of each other by a number: nothing where that is not known.
///
/// For polynomials it is known either way; the second value says whether both are.
pub(crate) fn proportional(a: &Node, b: &Node) -> Option<(bool, bool)> {
    let mut canonical = Canonical::default();
    let x = canonical.fraction(a)?.above;
    let y = canonical.fraction(b)?.above;
    let (x, y) = (cleared(x, &canonical.atoms)?, cleared(y, &canonical.atoms)?);
    let (Some((_, first)), Some((_, second))) = (x.terms.iter().next(), y.terms.iter().next()) else {
        return Some((x.is_zero() == y.is_zero(), true));
    };
    let multiple = x.scale(second) == y.scale(first);
    let plain = |poly: &Poly| {
        poly.terms.keys().flatten().all(|(_, exponent)| exponent.is_integer() && !exponent.is_negative())
    };
    Some((multiple, plain(&x) && plain(&y)))
}

/// The polynomial times what clears its negative exponents.
fn cleared(poly: Poly, atoms: &Atoms) -> Option<Poly> {
    let mut least: Monomial = Vec::new();
    for (atom, exponent) in poly.terms.keys().flatten() {
        match least.iter_mut().find(|(known, _)| known == atom) {
            Some((_, known)) => *known = (*known).min(*exponent),
            None => least.push((*atom, *exponent)),
        }
    }
    least.retain(|(_, exponent)| exponent.is_negative());
    if least.is_empty() {
        return Some(poly);
    }
    least.sort_by_key(|(atom, _)| *atom);
    let clearing = least.into_iter().map(|(atom, exponent)| (atom, -exponent)).collect();
    poly.mul(&Poly::term(clearing, Rational::one()), atoms)
}

impl Canonical {
    /// The form of an expression, if it is not too large.
    pub(crate) fn form(&mut self, node: &Node) -> Option<Form> {
        self.fraction(node).map(Form)
    }

    /// The degree of a form in a variable, where it is a polynomial in it and the variable is in nothing else.
    pub(crate) fn degree(&mut self, form: &Form, variable: &str) -> Option<u32> {
        let atom = self.atoms.intern(format!("s {variable}"), Kind::Free);
        form.0.below.as_constant()?;
        let mut degree = 0;
        for (other, exponent) in form.0.above.terms.keys().flatten() {
            if *other != atom {
                // Only numbers may stand beside it.
                if self.atoms.is_free(*other) {
                    return None;
                }
                continue;
            }
            degree = degree.max(exponent.is_integer().then(|| exponent.to_integer().to_u32())??);
        }
        Some(degree)
    }

    fn fraction(&mut self, node: &Node) -> Option<Fraction> {
        match node {
            Node::Number(decimal) => {
                if let Some(value) = decimal.to_rational() {
                    return (crate::number::bits(&value) < 4_096).then(|| Fraction::constant(value));
                }
                let (digits, power) = decimal.parts().filter(|(digits, _)| digits.bits() < 4_096)?;
                let ten =
                    self.number_power(&Rational::from_integer(10.into()), Exponent::from_integer(power))?;
                ten.mul(&Fraction::constant(Rational::from_integer(digits)), &self.atoms)
            }
            Node::Exact(value) => Some(Fraction::constant(value.clone())),
            Node::Symbol(name) => Some(self.atom(format!("s {name}"), Kind::Free)),
            Node::Constant(Constant::Pi) => Some(self.atom("pi".into(), Kind::Free)),
            Node::Constant(Constant::E) => Some(self.exponential(&Fraction::constant(Rational::one()))?),
            Node::Constant(Constant::I) => Some(self.atom("i".into(), Kind::Imaginary)),
            Node::Sum(terms) => {
                let mut total = Fraction::constant(Rational::zero());
                for term in terms {
                    let term = self.fraction(term)?;
                    total = total.add(&term, &self.atoms)?;
                }
                Some(total)
            }
            Node::Negative(inner) => Some(self.fraction(inner)?.neg()),
            Node::Product(factors) => {
                let mut total = Fraction::constant(Rational::one());
                for Factor { node, inverse } in factors {
                    let factor = self.fraction(node)?;
                    let factor = if *inverse { factor.inverse(&self.atoms)? } else { factor };
                    total = total.mul(&factor, &self.atoms)?;
                }
                Some(total)
            }
            Node::Power(pair) => self.power(&pair.0, &pair.1),
            Node::Call(Function::Root, arguments) => {
                let [degree, radicand] = arguments.as_slice() else { return None };
                let degree = self
                    .fraction(degree)?
                    .as_constant()?
                    .to_integer()
                    .to_i64()
                    .filter(|n| (1..=64).contains(n))?;
                self.rational_power(radicand, Ratio::new(1, degree))
            }
            Node::Call(Function::Exp, arguments) => {
                let argument = self.fraction(arguments.first()?)?;
                self.exponential(&argument)
            }
            Node::Call(function, arguments) => {
                if let [argument] = arguments.as_slice()
                    && let Some(surd) = angles::exact(*function, argument)
                {
                    return self.fraction(&surd);
                }
                let arguments = arguments.iter().map(|a| self.fraction(a)).collect::<Option<Vec<_>>>()?;
                Some(self.atom(format!("f {function:?} {arguments:?}"), Kind::Free))
            }
            Node::Apply(name, arguments) => {
                let arguments = arguments.iter().map(|a| self.fraction(a)).collect::<Option<Vec<_>>>()?;
                Some(self.atom(format!("a {name} {arguments:?}"), Kind::Free))
            }
            Node::Percent(inner) => Some(
                self.fraction(inner)?
                    .mul(&Fraction::constant(Rational::new(1.into(), 100.into())), &self.atoms)?,
            ),
            _ => None,
        }
    }

    fn atom(&mut self, name: String, kind: Kind) -> Fraction {
        let atom = self.atoms.intern(name, kind);
        Fraction::poly(Poly::term(vec![(atom, Exponent::one())], Rational::one()))
    }

    fn power(&mut self, base: &Node, exponent: &Node) -> Option<Fraction> {
        let exponent = self.fraction(exponent)?;
        if *base == Node::Constant(Constant::E) {
            return self.exponential(&exponent);
        }
        if let Some(value) = exponent.as_constant() {
            let above = value.numer().to_i64();
            let below = value.denom().to_i64().filter(|below| *below <= 64);
            if let (Some(above), Some(below)) = (above, below) {
                return self.rational_power(base, Ratio::new(above, below));
            }
            return None;
        }
        let value = self.fraction(base)?;
        if let Some(number) = value.is_positive_constant() {
            let mut result = Fraction::constant(Rational::one());
            for (prime, times) in primes(&number)? {
                let part = self.symbolic_power(&format!("p {prime}"), &Kind::Prime(prime), &exponent)?;
                let part = if times == 1 { part } else { self.times(&part, times)? };
                result = result.mul(&part, &self.atoms)?;
            }
            return Some(result);
        }
        // The power of something else: an atom of its own.
        Some(self.atom(format!("w {value:?} {exponent:?}"), Kind::Free))
    }

    fn exponential(&mut self, exponent: &Fraction) -> Option<Fraction> {
        self.symbolic_power("e", &Kind::Free, exponent)
    }

    /// A power of an atom: each term of the exponent is an atom of its own, its coefficient the exponent of that.
    fn symbolic_power(&mut self, base: &str, kind: &Kind, exponent: &Fraction) -> Option<Fraction> {
        let scale = exponent.below.as_constant();
        let Some(scale) = scale else {
            return Some(self.atom(format!("w {base} {exponent:?}"), Kind::Free));
        };
        let mut monomial: Monomial = Vec::new();
        for (term, coefficient) in &exponent.above.terms {
            let coefficient = coefficient / &scale;
            let power = Ratio::new(coefficient.numer().to_i64()?, coefficient.denom().to_i64()?);
            let (name, kind) = if term.is_empty() {
                (base.to_owned(), kind.clone())
            } else {
                (format!("w {base} {term:?}"), Kind::Free)
            };
            monomial.push((self.atoms.intern(name, kind), power));
        }
        monomial.sort_by_key(|(atom, _)| *atom);
        let factor = reduce(&mut monomial, &self.atoms);
        Some(Fraction::poly(Poly::term(monomial, factor)))
    }

    fn times(&mut self, value: &Fraction, times: i64) -> Option<Fraction> {
        let power =
            u32::try_from(times.unsigned_abs()).ok().filter(|power| i64::from(*power) <= MAX_POWER)?;
        let raised = Fraction {
            above: value.above.power(power, &self.atoms)?,
            below: value.below.power(power, &self.atoms)?,
        };
        if times < 0 { raised.inverse(&self.atoms) } else { Some(raised) }
    }

    fn rational_power(&mut self, base: &Node, exponent: Exponent) -> Option<Fraction> {
        let value = self.fraction(base)?;
        if exponent.is_integer() {
            let times = exponent.to_integer();
            // A huge power of a number is an atom of its prime factors.
            return match value.is_positive_constant() {
                Some(number) if times.abs() > MAX_POWER => self.number_power(&number, exponent),
                _ => self.times(&value, times),
            };
        }
        if let Some(number) = value.as_constant() {
            if number.is_zero() {
                return exponent.is_positive().then(|| Fraction::constant(Rational::zero()));
            }
            let positive = self.number_power(&number.abs(), exponent)?;
            if number.is_positive() {
                return Some(positive);
            }
            // The real root where there is one, and i for square roots.
            return match (exponent.denom().is_odd(), *exponent.denom()) {
                (true, _) if exponent.numer().is_odd() => Some(positive.neg()),
                (true, _) => Some(positive),
                (false, 2) => {
                    let unit = self.atom("i".into(), Kind::Imaginary);
                    let unit = self.times(&unit, exponent.numer().rem_euclid(4))?;
                    unit.mul(&positive, &self.atoms)
                }
                _ => None,
            };
        }
        if let Node::Symbol(name) = base {
            // A plain variable: its root is taken to be the one that its other roots go with.
            let atom = self.atoms.intern(format!("s {name}"), Kind::Free);
            return Some(Fraction::poly(Poly::term(vec![(atom, exponent)], Rational::one())));
        }
        let root = self.atom(format!("r {} {value:?}", exponent.denom()), Kind::Free);
        self.times(&root, *exponent.numer())
    }

    fn number_power(&mut self, number: &Rational, exponent: Exponent) -> Option<Fraction> {
        let mut monomial: Monomial = Vec::new();
        for (prime, times) in primes(number)? {
            let atom = self.atoms.intern(format!("p {prime}"), Kind::Prime(prime));
            let power = exponent.numer().checked_mul(times)?;
            monomial.push((atom, Ratio::new(power, *exponent.denom())));
        }
        monomial.sort_by_key(|(atom, _)| *atom);
        let factor = reduce(&mut monomial, &self.atoms);
        Some(Fraction::poly(Poly::term(monomial, factor)))
    }
}

impl Atoms {
    fn is_free(&self, atom: u32) -> bool {
        self.kind(atom) == &Kind::Free
    }
}

/// The prime factors of a positive fraction; what trial division leaves counts as one.
fn primes(number: &Rational) -> Option<Vec<(BigInt, i64)>> {
    let mut factors: Vec<(BigInt, i64)> = Vec::new();
    for (part, sign) in [(number.numer(), 1), (number.denom(), -1)] {
        if part.bits() > 256 {
            return None;
        }
        let mut rest = part.clone();
        let mut add = |prime: BigInt, times: i64| match factors.iter_mut().find(|(known, _)| *known == prime)
        {
            Some((_, count)) => *count += times * sign,
            None => factors.push((prime, times * sign)),
        };
        if let Some(mut small) = rest.to_u64() {
            let mut candidate = 2_u64;
            while candidate * candidate <= small && candidate <= u64::from(MAX_PRIME) {
                let mut times = 0;
                while small % candidate == 0 {
                    small /= candidate;
                    times += 1;
                }
                if times > 0 {
                    add(candidate.into(), times);
                }
                candidate += 1 + candidate % 2;
            }
            if small > 1 {
                add(small.into(), 1);
            }
            continue;
        }
        for candidate in (2..MAX_PRIME).filter(|n| *n == 2 || n % 2 == 1) {
            let mut times = 0;
            while (&rest % candidate).is_zero() {
                rest /= candidate;
                times += 1;
            }
            if times > 0 {
                add(candidate.into(), times);
            }
        }
        if !rest.is_one() {
            add(rest, 1);
        }
    }
    Some(factors)
}
