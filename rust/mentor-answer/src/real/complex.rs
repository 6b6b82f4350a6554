//! Complex numbers: two balls, with principal values.

use super::{Ball, Fault, atan, cos_sin, exp, ln, pi};
use num_bigint::BigInt;
use num_traits::Zero;

/// A complex number.
#[derive(Clone, Debug)]
pub struct Complex {
    /// The real part.
    pub re: Ball,
    /// The imaginary part.
    pub im: Ball,
}

impl Complex {
    /// A real number as a complex one.
    #[must_use]
    pub fn real(re: Ball) -> Self {
        Self { re, im: Ball::integer(BigInt::zero()) }
    }

    /// The imaginary unit.
    #[must_use]
    pub fn i() -> Self {
        Self { re: Ball::integer(BigInt::zero()), im: Ball::integer(1.into()) }
    }

    /// The negative.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self { re: self.re.neg(), im: self.im.neg() }
    }

    /// The conjugate.
    #[must_use]
    pub fn conjugate(&self) -> Self {
        Self { re: self.re.clone(), im: self.im.neg() }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self, precision: u64) -> Self {
        Self { re: self.re.add(&other.re, precision), im: self.im.add(&other.im, precision) }
    }

    /// The product.
    pub fn mul(&self, other: &Self, precision: u64) -> Result<Self, Fault> {
        let (a, b) = (self, other);
        let real = a.re.mul(&b.re, precision)?.sub(&a.im.mul(&b.im, precision)?, precision);
        let imaginary = a.re.mul(&b.im, precision)?.add(&a.im.mul(&b.re, precision)?, precision);
        Ok(Self { re: real, im: imaginary })
    }

    /// The square of the absolute value.
    pub fn norm(&self, precision: u64) -> Result<Ball, Fault> {
        Ok(self.re.mul(&self.re, precision)?.add(&self.im.mul(&self.im, precision)?, precision))
    }

    /// The quotient.
    pub fn div(&self, other: &Self, precision: u64) -> Result<Self, Fault> {
        let norm = other.norm(precision)?;
        let product = self.mul(&other.conjugate(), precision)?;
        Ok(Self { re: product.re.div(&norm, precision)?, im: product.im.div(&norm, precision)? })
    }

    /// The argument, in (-pi, pi].
    pub fn argument(&self, precision: u64) -> Result<Ball, Fault> {
        match (self.re.sign(), self.im.sign()) {
            (Some(0), Some(0)) => Err(Fault::Undefined),
            (Some(1), _) => atan(&self.im.div(&self.re, precision)?, precision),
            (_, Some(side @ (1 | -1))) => {
                let half_pi = pi(precision).scaled(-1);
                let half_pi = if side < 0 { half_pi.neg() } else { half_pi };
                Ok(half_pi.sub(&atan(&self.re.div(&self.im, precision)?, precision)?, precision))
            }
            (Some(-1), Some(0)) => Ok(pi(precision)),
            _ => Err(Fault::Imprecise),
        }
    }

    /// `e^z`.
    pub fn exp(&self, precision: u64) -> Result<Self, Fault> {
        let size = exp(&self.re, precision)?;
        let (cos, sin) = cos_sin(&self.im, precision)?;
        Ok(Self { re: size.mul(&cos, precision)?, im: size.mul(&sin, precision)? })
    }

    /// The principal logarithm.
    pub fn ln(&self, precision: u64) -> Result<Self, Fault> {
        Ok(Self { re: ln(&self.norm(precision)?, precision)?.scaled(-1), im: self.argument(precision)? })
    }

    /// An integer power.
    pub fn integer_power(&self, exponent: &BigInt, precision: u64) -> Result<Self, Fault> {
        if exponent.bits() > 60 {
            return Err(Fault::Beyond);
        }
        let work = precision + exponent.bits() * 2 + 8;
        let mut result = Self::real(Ball::integer(1.into()));
        for bit in (0..exponent.bits()).rev() {
            result = result.mul(&result.clone(), work)?;
            if exponent.magnitude().bit(bit) {
                result = result.mul(self, work)?;
            }
        }
        if exponent < &BigInt::zero() {
            return Self::real(Ball::integer(1.into())).div(&result, precision);
        }
        Ok(result)
    }
}
