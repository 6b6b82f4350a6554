//! Polynomials over the rationals in any number of atoms, and their quotients.
//!
//! An atom is a variable, pi, e, i, the root of a prime, or a function of a canonical argument. Exponents are
//! rational, so that the root of a prime needs no atom of its own. Everything is bounded: what grows too large has no
//! canonical form.

use crate::number::Rational;
use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{One, Pow, Signed, Zero};
use std::collections::{BTreeMap, HashMap};

/// Polynomials of more terms are too large.
const MAX_TERMS: usize = 400;

/// Coefficients of more bits are too large.
const MAX_BITS: u64 = 1 << 13;

/// A rational exponent.
pub(super) type Exponent = Ratio<i64>;

/// What an atom is to a product.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Powers of it only add up.
    Free,
    /// Its square is -1.
    Imaginary,
    /// A whole power of it is a number.
    Prime(BigInt),
}

/// The atoms of a pair, by name.
#[derive(Default)]
pub(super) struct Atoms {
    kinds: Vec<Kind>,
    names: HashMap<String, u32>,
}

impl Atoms {
    pub(super) fn kind(&self, atom: u32) -> &Kind {
        &self.kinds[atom as usize]
    }

    pub(super) fn intern(&mut self, name: String, kind: Kind) -> u32 {
        let next = self.kinds.len() as u32;
        let kinds = &mut self.kinds;
        *self.names.entry(name).or_insert_with(|| {
            kinds.push(kind);
            next
        })
    }
}

/// Atoms and their exponents, by atom.
pub(super) type Monomial = Vec<(u32, Exponent)>;

/// A sum of monomials with coefficients that are not zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct Poly {
    pub(super) terms: BTreeMap<Monomial, Rational>,
}

impl Poly {
    pub(super) fn constant(value: Rational) -> Self {
        Self::term(Vec::new(), value)
    }

    pub(super) fn term(monomial: Monomial, coefficient: Rational) -> Self {
        let mut terms = BTreeMap::new();
        if !coefficient.is_zero() {
            terms.insert(monomial, coefficient);
        }
        Self { terms }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value of a polynomial without atoms.
    pub(super) fn as_constant(&self) -> Option<Rational> {
        match self.terms.len() {
            0 => Some(Rational::zero()),
            1 => self.terms.get(&Vec::new()).cloned(),
            _ => None,
        }
    }

    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        let mut sum = self.clone();
        for (monomial, coefficient) in &other.terms {
            sum.insert(monomial.clone(), coefficient.clone());
        }
        sum.bounded()
    }

    fn insert(&mut self, monomial: Monomial, coefficient: Rational) {
        use std::collections::btree_map::Entry;
        match self.terms.entry(monomial) {
            Entry::Vacant(place) => {
                if !coefficient.is_zero() {
                    place.insert(coefficient);
                }
            }
            Entry::Occupied(mut place) => {
                *place.get_mut() += coefficient;
                if place.get().is_zero() {
                    place.remove();
                }
            }
        }
    }

    fn bounded(self) -> Option<Self> {
        (self.terms.len() <= MAX_TERMS).then_some(self)
    }

    pub(super) fn neg(&self) -> Self {
        Self { terms: self.terms.iter().map(|(monomial, c)| (monomial.clone(), -c)).collect() }
    }

    pub(super) fn scale(&self, factor: &Rational) -> Self {
        if factor.is_zero() {
            return Self::default();
        }
        Self { terms: self.terms.iter().map(|(monomial, c)| (monomial.clone(), c * factor)).collect() }
    }

    pub(super) fn mul(&self, other: &Self, atoms: &Atoms) -> Option<Self> {
        if self.terms.len() * other.terms.len() > MAX_TERMS * 25 {
            return None;
        }
        let mut product = Self::default();
        for (m1, c1) in &self.terms {
            for (m2, c2) in &other.terms {
                let (monomial, factor) = multiply(m1, m2, atoms)?;
                let coefficient = c1 * c2 * factor;
                if crate::number::bits(&coefficient) > MAX_BITS {
                    return None;
                }
                product.insert(monomial, coefficient);
            }
        }
        product.bounded()
    }

    pub(super) fn power(&self, exponent: u32, atoms: &Atoms) -> Option<Self> {
        let mut result = Self::constant(Rational::one());
        for bit in (0..32 - exponent.leading_zeros()).rev() {
            result = result.mul(&result, atoms)?;
            if exponent >> bit & 1 == 1 {
                result = result.mul(self, atoms)?;
            }
        }
        Some(result)
    }

    /// The only term, if there is one only.
    pub(super) fn only_term(&self) -> Option<(&Monomial, &Rational)> {
        if self.terms.len() == 1 { self.terms.iter().next() } else { None }
    }
}

/// The product of two monomials, and the number that whole powers of its atoms amount to.
fn multiply(a: &Monomial, b: &Monomial, atoms: &Atoms) -> Option<(Monomial, Rational)> {
    let mut product: Monomial = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x.0 == y.0 => {
                let sum = checked_add(x.1, y.1)?;
                product.push((x.0, sum));
                i += 1;
                j += 1;
            }
            (Some(x), Some(y)) if x.0 < y.0 => {
                product.push(*x);
                i += 1;
            }
            (Some(x), None) => {
                product.push(*x);
                i += 1;
            }
            (_, Some(y)) => {
                product.push(*y);
                j += 1;
            }
            (None, None) => break,
        }
    }
    let factor = reduce(&mut product, atoms);
    Some((product, factor))
}

pub(super) fn checked_add(a: Exponent, b: Exponent) -> Option<Exponent> {
    use num_traits::CheckedAdd;
    a.checked_add(&b).filter(|sum| sum.numer().abs() < 1 << 40 && *sum.denom() < 1 << 20)
}

/// Takes whole powers of primes and of i out of a monomial; what they amount to.
pub(super) fn reduce(monomial: &mut Monomial, atoms: &Atoms) -> Rational {
    let mut factor = Rational::one();
    monomial.retain_mut(|(atom, exponent)| {
        match atoms.kind(*atom) {
            Kind::Free => {}
            Kind::Imaginary => {
                let power = exponent.to_integer().rem_euclid(4);
                if power >= 2 {
                    factor = -std::mem::take(&mut factor);
                }
                *exponent = Exponent::from_integer(power % 2);
            }
            Kind::Prime(prime) => {
                let whole = exponent.floor().to_integer();
                if whole != 0 {
                    // A power too large to write out stays an atom.
                    if let Some(power) = u32::try_from(whole.unsigned_abs())
                        .ok()
                        .filter(|power| u64::from(*power) * prime.bits() <= MAX_BITS)
                    {
                        let number = Rational::from_integer(Pow::pow(prime, power));
                        factor *= if whole < 0 { number.recip() } else { number };
                        *exponent -= whole;
                    }
                }
            }
        }
        !exponent.is_zero()
    });
    factor
}

/// A quotient of polynomials; what it is divided by is not zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fraction {
    pub(super) above: Poly,
    pub(super) below: Poly,
}

impl Fraction {
    pub(super) fn poly(above: Poly) -> Self {
        Self { above, below: Poly::constant(Rational::one()) }
    }

    pub(super) fn constant(value: Rational) -> Self {
        Self::poly(Poly::constant(value))
    }

    /// The value of a fraction without atoms.
    pub(super) fn as_constant(&self) -> Option<Rational> {
        Some(self.above.as_constant()? / self.below.as_constant().filter(|below| !below.is_zero())?)
    }

    pub(super) fn add(&self, other: &Self, atoms: &Atoms) -> Option<Self> {
        if self.below == other.below {
            return Some(Self { above: self.above.add(&other.above)?, below: self.below.clone() });
        }
        let above = self.above.mul(&other.below, atoms)?.add(&other.above.mul(&self.below, atoms)?)?;
        Some(Self { above, below: self.below.mul(&other.below, atoms)? })
    }

    pub(super) fn mul(&self, other: &Self, atoms: &Atoms) -> Option<Self> {
        Some(Self {
            above: self.above.mul(&other.above, atoms)?,
            below: self.below.mul(&other.below, atoms)?,
        })
    }

    /// One over it; a single term moves above the line.
    pub(super) fn inverse(&self, atoms: &Atoms) -> Option<Self> {
        if self.above.is_zero() {
            return None;
        }
        if let Some((monomial, coefficient)) = self.above.only_term() {
            let mut turned: Monomial = monomial.iter().map(|(atom, exponent)| (*atom, -exponent)).collect();
            let factor = reduce(&mut turned, atoms);
            let above = self.below.mul(&Poly::term(turned, coefficient.recip() * factor), atoms)?;
            return Some(Self::poly(above));
        }
        Some(Self { above: self.below.clone(), below: self.above.clone() })
    }

    pub(super) fn neg(&self) -> Self {
        Self { above: self.above.neg(), below: self.below.clone() }
    }

    /// The positive rational it is a multiple of, where there is one.
    pub(super) fn is_positive_constant(&self) -> Option<Rational> {
        self.as_constant().filter(Signed::is_positive)
    }
}
