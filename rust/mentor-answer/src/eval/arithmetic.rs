//! Sums, products, powers, roots, logarithms: exact where that is possible.

use super::{Evaluated, MAX_BITS, Scope, Value, negative};
use crate::number::{self, Rational};
use crate::real::{self, Ball, Complex, Fault};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

impl Scope<'_> {
    /// Keeps exact values of bearable size, and makes balls of the others.
    pub(super) fn exact(&self, value: Rational) -> Evaluated {
        let bits = number::bits(&value);
        // A fraction is reduced, which takes the square of its length.
        let words = 1 + (bits >> 6);
        self.spend(if value.is_integer() { words } else { words + words * words / 2 })?;
        let limit = if value.is_integer() { MAX_BITS } else { MAX_BITS / 16 };
        Ok(if bits > limit {
            Value::Real(Ball::rational(&value, self.precision))
        } else {
            Value::Exact(value)
        })
    }

    /// Whether a sum or product of two exact values is worth keeping exact.
    #[allow(clippy::unused_self, reason = "reads as one of the rules")]
    fn fits(&self, x: &Rational, y: &Rational) -> bool {
        x.is_integer() && y.is_integer() || number::bits(x) + number::bits(y) <= MAX_BITS / 16
    }

    /// Pays for a calculation with bounds.
    fn spend_ball(&self) -> Result<(), Fault> {
        self.spend(2 + self.precision / 16)
    }

    pub(crate) fn add(&self, a: &Value, b: &Value) -> Evaluated {
        if !matches!((a, b), (Value::Exact(_), Value::Exact(_))) {
            self.spend_ball()?;
        }
        match (a, b) {
            (Value::Exact(x), Value::Exact(y)) if self.fits(x, y) => self.exact(number::sum(x, y)),
            (Value::Complex(_), _) | (_, Value::Complex(_)) => {
                Ok(Value::Complex(a.complex(self.precision).add(&b.complex(self.precision), self.precision)))
            }
            _ => Ok(Value::Real(a.ball(self.precision)?.add(&b.ball(self.precision)?, self.precision))),
        }
    }

    pub(crate) fn multiply(&self, a: &Value, b: &Value) -> Evaluated {
        if !matches!((a, b), (Value::Exact(_), Value::Exact(_))) {
            self.spend_ball()?;
        }
        match (a, b) {
            (Value::Exact(x), Value::Exact(y)) if self.fits(x, y) => self.exact(number::product(x, y)),
            (Value::Complex(_), _) | (_, Value::Complex(_)) => {
                let product = a.complex(self.precision).mul(&b.complex(self.precision), self.precision)?;
                Ok(Value::Complex(product).simplified())
            }
            _ => Ok(Value::Real(a.ball(self.precision)?.mul(&b.ball(self.precision)?, self.precision)?)),
        }
    }

    pub(crate) fn divide(&self, a: &Value, b: &Value) -> Evaluated {
        match (a, b) {
            (_, Value::Exact(zero)) if zero.is_zero() => Err(Fault::Undefined),
            (Value::Exact(x), Value::Exact(y)) if number::bits(x) + number::bits(y) <= MAX_BITS / 16 => {
                self.exact(x / y)
            }
            (Value::Complex(_), _) | (_, Value::Complex(_)) => {
                let quotient = a.complex(self.precision).div(&b.complex(self.precision), self.precision)?;
                Ok(Value::Complex(quotient).simplified())
            }
            _ => Ok(Value::Real(a.ball(self.precision)?.div(&b.ball(self.precision)?, self.precision)?)),
        }
    }

    /// Pays for a power series.
    pub(super) fn spend_series(&self) -> Result<(), Fault> {
        let words = self.precision / 64;
        self.spend(20 + words * words)
    }

    pub(crate) fn exp(&self, exponent: &Value) -> Evaluated {
        self.spend_series()?;
        match exponent {
            Value::Exact(zero) if zero.is_zero() => Ok(Value::integer(1)),
            Value::Complex(value) => Ok(Value::Complex(value.exp(self.precision)?)),
            _ => Ok(Value::Real(real::exp(&exponent.ball(self.precision)?, self.precision)?)),
        }
    }

    pub(super) fn power(&self, base: &Value, exponent: &Value) -> Evaluated {
        if let Value::Exact(exact) = exponent {
            if exact.is_integer() {
                return self.integer_power(base, &exact.to_integer());
            }
            if let Some(degree) = exact.denom().to_u32().filter(|degree| *degree <= 64) {
                let root = self.root(base, degree)?;
                return self.integer_power(&root, exact.numer());
            }
        }
        match base {
            Value::Exact(one) if one.is_one() => return Ok(Value::integer(1)),
            Value::Exact(zero) if zero.is_zero() => {
                let positive = exponent.ball(self.precision)?.sign() == Some(1);
                return if positive { Ok(Value::integer(0)) } else { Err(Fault::Undefined) };
            }
            _ => {}
        }
        let log = self.ln(base)?;
        self.exp(&self.multiply(&log, exponent)?)
    }

    pub(super) fn integer_power(&self, base: &Value, exponent: &BigInt) -> Evaluated {
        match base {
            Value::Exact(value) => {
                if value.is_zero() && !exponent.is_positive() {
                    return if exponent.is_zero() { Ok(Value::integer(1)) } else { Err(Fault::Undefined) };
                }
                let limit =
                    if value.is_integer() && exponent.is_positive() { MAX_BITS } else { MAX_BITS / 16 };
                match number::power(value, exponent, limit) {
                    Some(power) => self.exact(power),
                    None => Ok(Value::Real(
                        self.large_power(&Ball::rational(value, self.precision + 64), exponent)?,
                    )),
                }
            }
            Value::Real(ball) => Ok(Value::Real(self.large_power(ball, exponent)?)),
            Value::Complex(value) => {
                self.spend(exponent.bits() * 4)?;
                Ok(Value::Complex(value.integer_power(exponent, self.precision)?).simplified())
            }
        }
    }

    fn large_power(&self, base: &Ball, exponent: &BigInt) -> Result<Ball, Fault> {
        // Refused before it is paid for: what is left must do for comparing such numbers otherwise.
        if exponent.bits() > 60 {
            return Err(Fault::Beyond);
        }
        self.spend(exponent.bits() * 2)?;
        base.power(exponent, self.precision)
    }

    /// The root that people mean: real where there is one, the principal one otherwise.
    pub(crate) fn root(&self, radicand: &Value, degree: u32) -> Evaluated {
        if degree == 0 || degree > 4_096 {
            return Err(Fault::Beyond);
        }
        match radicand {
            Value::Exact(value) if value.is_negative() => {
                let positive = self.root(&Value::Exact(-value), degree)?;
                self.root_of_negative(positive, degree)
            }
            Value::Exact(value) => match number::exact_root(value, degree) {
                Some(root) => Ok(Value::Exact(root)),
                None => {
                    Ok(Value::Real(Ball::rational(value, self.precision + 16).root(degree, self.precision)?))
                }
            },
            Value::Real(ball) if ball.sign() == Some(-1) => {
                let positive = Value::Real(ball.neg().root(degree, self.precision)?);
                self.root_of_negative(positive, degree)
            }
            Value::Real(ball) => Ok(Value::Real(ball.root(degree, self.precision)?)),
            Value::Complex(value) => {
                let log = value.ln(self.precision)?;
                let part = self.divide(&Value::Complex(log), &Value::integer(i64::from(degree)))?;
                self.exp(&part)
            }
        }
    }

    fn root_of_negative(&self, positive: Value, degree: u32) -> Evaluated {
        if degree.is_odd() {
            return Ok(negative(positive));
        }
        if !self.complex {
            return Err(Fault::Undefined);
        }
        if degree == 2 {
            return self.multiply(&positive, &Value::Complex(Complex::i()));
        }
        let angle = real::pi(self.precision).div(&Ball::integer(degree.into()), self.precision)?;
        let (cos, sin) = real::cos_sin(&angle, self.precision)?;
        self.multiply(&positive, &Value::Complex(Complex { re: cos, im: sin }))
    }

    pub(crate) fn ln(&self, value: &Value) -> Evaluated {
        self.spend_series()?;
        match value {
            Value::Exact(one) if one.is_one() => Ok(Value::integer(0)),
            Value::Exact(zero) if zero.is_zero() => Err(Fault::Undefined),
            Value::Complex(value) => Ok(Value::Complex(value.ln(self.precision)?)),
            _ => {
                let ball = value.ball(self.precision)?;
                if ball.sign() == Some(-1) {
                    if !self.complex {
                        return Err(Fault::Undefined);
                    }
                    let re = real::ln(&ball.neg(), self.precision)?;
                    return Ok(Value::Complex(Complex { re, im: real::pi(self.precision) }));
                }
                Ok(Value::Real(real::ln(&ball, self.precision)?))
            }
        }
    }
}
