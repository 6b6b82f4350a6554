//! Balls: a mantissa, a power of two, and a radius in units of that power.

use super::Fault;
use crate::number::Rational;
use num_bigint::{BigInt, Sign};
use num_integer::{Integer, Roots};
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// Exponents beyond this are out of range.
const MAX_EXPONENT: i64 = 1 << 60;

/// Radii are kept below two to this power.
const RADIUS_BITS: u64 = 31;

/// The numbers from `(mantissa - radius) * 2^exponent` to `(mantissa + radius) * 2^exponent`.
#[derive(Clone, Debug)]
pub struct Ball {
    pub(super) mantissa: BigInt,
    pub(super) exponent: i64,
    pub(super) radius: u64,
}

impl Ball {
    /// The integer, exactly.
    #[must_use]
    pub fn integer(value: BigInt) -> Self {
        Self { mantissa: value, exponent: 0, radius: 0 }
    }

    /// Everything from `-2^power` to `2^power`.
    #[must_use]
    pub fn error(power: i64) -> Self {
        Self { mantissa: BigInt::zero(), exponent: power, radius: 1 }
    }

    /// A fraction to a precision in bits.
    #[must_use]
    pub fn rational(value: &Rational, precision: u64) -> Self {
        if value.is_integer() {
            return Self::integer(value.numer().clone());
        }
        let above = value.numer().bits();
        let below = value.denom().bits();
        let shift = (precision + below).saturating_sub(above);
        let quotient = (value.numer() << shift) / value.denom();
        Self { mantissa: quotient, exponent: -(shift as i64), radius: 1 }
    }

    /// A ball from its parts, brought to a precision.
    pub(super) fn new(mantissa: BigInt, exponent: i64, radius: u128, precision: u64) -> Self {
        let radius_bits = u64::from(128 - radius.leading_zeros());
        let shift = mantissa.bits().saturating_sub(precision).max(radius_bits.saturating_sub(RADIUS_BITS));
        if shift == 0 {
            return Self { mantissa, exponent, radius: radius as u64 };
        }
        let inexact = u128::from(mantissa.trailing_zeros().is_some_and(|zeros| zeros < shift));
        let spread = if radius == 0 { 0 } else { (radius >> shift.min(127)) + 1 };
        let radius = (spread + inexact) as u64;
        Self { mantissa: mantissa >> shift, exponent: exponent + shift as i64, radius }
    }

    /// Whether the exponent is still within range.
    pub(super) fn checked(self) -> Result<Self, Fault> {
        if self.exponent.abs() > MAX_EXPONENT { Err(Fault::Beyond) } else { Ok(self) }
    }

    /// -1 or 1 where every number of the ball has that sign, 0 where it is exactly zero, else nothing.
    #[must_use]
    pub fn sign(&self) -> Option<i32> {
        if self.mantissa.magnitude().bits() > 64 || self.mantissa.magnitude() > &self.radius.into() {
            return Some(if self.mantissa.is_negative() { -1 } else { 1 });
        }
        (self.radius == 0).then_some(0)
    }

    /// Whether zero may be in the ball.
    #[must_use]
    pub fn may_be_zero(&self) -> bool {
        matches!(self.sign(), None | Some(0))
    }

    /// How the numbers of two balls compare, where it is the same for all of them.
    #[must_use]
    pub fn compare(&self, other: &Self, precision: u64) -> Option<Ordering> {
        match self.sub(other, precision).sign()? {
            -1 => Some(Ordering::Less),
            0 => Some(Ordering::Equal),
            _ => Some(Ordering::Greater),
        }
    }

    /// The negative.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self { mantissa: -&self.mantissa, ..*self }
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        match self.sign() {
            Some(-1) => self.neg(),
            Some(_) => self.clone(),
            None => {
                // From 0 to the largest magnitude.
                let top = self.mantissa.magnitude().to_u64().unwrap_or(u64::MAX).saturating_add(self.radius);
                let middle = BigInt::from(top.div_ceil(2));
                Self { mantissa: middle, exponent: self.exponent, radius: top.div_ceil(2) }
            }
        }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self, precision: u64) -> Self {
        let (a, b) = (self, other);
        if a.radius == 0 && a.mantissa.is_zero() {
            return b.clone();
        }
        if b.radius == 0 && b.mantissa.is_zero() {
            return a.clone();
        }
        let top = (a.exponent + a.mantissa.bits() as i64).max(b.exponent + b.mantissa.bits() as i64);
        let mut unit = a.exponent.min(b.exponent).max(top - precision as i64 - 2);
        for ball in [a, b] {
            if ball.radius > 0 {
                unit = unit.max(ball.exponent);
            }
        }
        let (first, r1) = a.in_units(unit);
        let (second, r2) = b.in_units(unit);
        Self::new(first + second, unit, r1 + r2, precision)
    }

    /// Mantissa and radius in units of `2^unit`; a ball with a radius is never finer than asked for.
    fn in_units(&self, unit: i64) -> (BigInt, u128) {
        let shift = unit - self.exponent;
        if shift <= 0 {
            let left = shift.unsigned_abs();
            // Only an exact ball has a larger exponent than the unit, and the unit is within the precision.
            return (&self.mantissa << left, u128::from(self.radius) << left.min(63));
        }
        let shift = shift.unsigned_abs();
        if shift > self.mantissa.bits() + 64 {
            return (BigInt::zero(), 1);
        }
        let spread = u128::from(self.radius >> shift.min(63)) + u128::from(self.radius > 0);
        let inexact = self.mantissa.trailing_zeros().is_some_and(|zeros| zeros < shift);
        (&self.mantissa >> shift, spread + u128::from(inexact))
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, other: &Self, precision: u64) -> Self {
        self.add(&other.neg(), precision)
    }

    /// The product.
    pub fn mul(&self, other: &Self, precision: u64) -> Result<Self, Fault> {
        let (a, b) = (self, other);
        let mantissa = &a.mantissa * &b.mantissa;
        let exponent = a.exponent + b.exponent;
        if a.radius == 0 && b.radius == 0 {
            return Self::new(mantissa, exponent, 0, precision).checked();
        }
        let (high_a, shift_a) = top_bits(&a.mantissa);
        let (high_b, shift_b) = top_bits(&b.mantissa);
        let terms = [
            (u128::from(high_a) * u128::from(b.radius), shift_a),
            (u128::from(high_b) * u128::from(a.radius), shift_b),
            (u128::from(a.radius) * u128::from(b.radius), 0),
        ];
        let size = |&(term, shift): &(u128, u64)| {
            if term == 0 { 0 } else { u64::from(128 - term.leading_zeros()) + shift }
        };
        let widest = terms.iter().map(size).max().unwrap_or(0);
        let unit = mantissa.bits().saturating_sub(precision).max(widest.saturating_sub(RADIUS_BITS - 3));
        let mut radius = u128::from(unit > 0);
        for (term, shift) in terms {
            radius += if term == 0 {
                0
            } else if unit >= shift {
                (term >> (unit - shift).min(127)) + 1
            } else {
                term << (shift - unit)
            };
        }
        Self::new(mantissa >> unit, exponent + unit as i64, radius, precision).checked()
    }

    /// The quotient.
    pub fn div(&self, other: &Self, precision: u64) -> Result<Self, Fault> {
        let (a, b) = (self, other);
        match b.sign() {
            Some(0) => return Err(Fault::Undefined),
            None => return Err(Fault::Imprecise),
            Some(_) => {}
        }
        let shift = (precision + b.mantissa.bits() + 2).saturating_sub(a.mantissa.bits());
        let quotient = (&a.mantissa << shift) / &b.mantissa;
        let exponent = a.exponent - b.exponent - shift as i64;
        if a.radius == 0 && b.radius == 0 {
            return Self::new(quotient, exponent, 1, precision).checked();
        }
        // |x/y - a/b| <= (r_a + |a/b| r_b) / (|b| - r_b), in the quotient's units.
        let least = b.mantissa.abs() - b.radius;
        let spread: BigInt = (BigInt::from(a.radius) << shift) + (quotient.abs() + 1) * b.radius;
        let radius: BigInt = spread / least + 2;
        let drop = radius.bits().saturating_sub(60);
        let units = (radius >> drop).to_u128().unwrap_or(u128::MAX >> 1) + 1;
        let inexact = u128::from(drop > 0);
        Self::new(quotient >> drop, exponent + drop as i64, units + inexact, precision).checked()
    }

    /// The real root of a number that is not negative.
    pub fn root(&self, degree: u32, precision: u64) -> Result<Self, Fault> {
        match self.sign() {
            Some(-1) => return Err(Fault::Undefined),
            Some(0) => return Ok(self.clone()),
            None => return Err(Fault::Imprecise),
            Some(_) => {}
        }
        let degree_bits = u64::from(degree);
        let wanted = (precision + 8) * degree_bits;
        let mut shift = wanted.saturating_sub(self.mantissa.bits()) as i64;
        shift += (self.exponent - shift).rem_euclid(i64::from(degree));
        let scaled = &self.mantissa << shift.unsigned_abs();
        let root = if degree == 2 { Roots::sqrt(&scaled) } else { scaled.nth_root(degree) };
        let exponent = (self.exponent - shift) / i64::from(degree);
        // The root's relative error is at most the radicand's.
        let spread: BigInt = (&root + 1) * self.radius / (&self.mantissa - self.radius) + 2;
        let drop = spread.bits().saturating_sub(60);
        let units = (spread >> drop).to_u128().unwrap_or(u128::MAX >> 1) + 2;
        Self::new(root >> drop, exponent + drop as i64, units, precision).checked()
    }

    /// An integer power.
    pub fn power(&self, exponent: &BigInt, precision: u64) -> Result<Self, Fault> {
        // Each squaring doubles the relative error.
        let work = precision + exponent.bits() + 8;
        if exponent.bits() > 60 {
            return Err(Fault::Beyond);
        }
        let mut result = Self::integer(BigInt::one());
        for bit in (0..exponent.bits()).rev() {
            result = result.mul(&result.clone(), work)?;
            if exponent.magnitude().bit(bit) {
                result = result.mul(self, work)?;
            }
        }
        if exponent.sign() == Sign::Minus {
            Self::integer(BigInt::one()).div(&result, precision)
        } else {
            Ok(result)
        }
    }

    /// The largest integer that is not greater, where it is the same for the whole ball.
    pub fn floor(&self) -> Result<BigInt, Fault> {
        if self.exponent >= 0 {
            if self.radius > 0 || self.exponent > 20_000 {
                return Err(if self.radius > 0 { Fault::Imprecise } else { Fault::Beyond });
            }
            return Ok(&self.mantissa << self.exponent.unsigned_abs());
        }
        let shift = self.exponent.unsigned_abs();
        if shift > self.mantissa.bits() + 64 && self.radius == 0 {
            return Ok(if self.mantissa.is_negative() { -BigInt::one() } else { BigInt::zero() });
        }
        let unit = BigInt::one() << shift.min(1 << 20);
        let low = (&self.mantissa - self.radius).div_floor(&unit);
        let high = (&self.mantissa + self.radius).div_floor(&unit);
        if low == high { Ok(low) } else { Err(Fault::Imprecise) }
    }

    /// Two to a power times the ball.
    pub(super) fn scaled(&self, power: i64) -> Self {
        Self { exponent: self.exponent + power, ..self.clone() }
    }

    /// An upper bound of the position of the highest bit: every number is below `2^magnitude`.
    #[must_use]
    pub fn magnitude(&self) -> i64 {
        if self.radius == 0 && self.mantissa.is_zero() {
            return -MAX_EXPONENT;
        }
        self.exponent + self.mantissa.bits().max(u64::from(64 - self.radius.leading_zeros())) as i64 + 1
    }

    /// A double close to the middle, for people to read and for seeding choices, never for deciding.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let drop = self.mantissa.bits().saturating_sub(64);
        let top = (&self.mantissa >> drop).to_f64().unwrap_or(0.0);
        top * 2_f64.powi(i32::try_from(self.exponent + drop as i64).unwrap_or(i32::MAX))
    }
}

/// An upper bound of a magnitude: 64 bits and a power of two.
fn top_bits(value: &BigInt) -> (u64, u64) {
    let shift = value.bits().saturating_sub(63);
    let high = (value.magnitude() >> shift).to_u64().unwrap_or(u64::MAX >> 1);
    (high + 1, shift)
}
