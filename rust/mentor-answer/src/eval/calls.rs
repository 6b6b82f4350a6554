//! Known functions.

use super::{Evaluated, Scope, Value, combinatorics, negative};
use crate::node::{Function, Node};
use crate::number::{Rational, power};
use crate::real::{self, Ball, Complex, Fault};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

impl Scope<'_> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Node]) -> Evaluated {
        if let (Function::Determinant, [Node::Matrix(rows)]) = (function, arguments) {
            return self.determinant(rows);
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value(argument)?);
        }
        match (function, values.as_slice()) {
            (Function::LogBase, [base, value]) => self.logarithm(base, value),
            (Function::Root, [degree, value]) => {
                let degree =
                    degree.exact_integer().and_then(|degree| degree.to_u32()).ok_or(Fault::Beyond)?;
                self.root(value, degree)
            }
            (Function::Binomial, [n, k]) => {
                let (n, k) = (integer(n)?, integer(k)?);
                let factors = k.to_u64().unwrap_or(u64::MAX).min((&n - &k).to_u64().unwrap_or(u64::MAX));
                self.spend(n.bits() * k.bits() + (factors / 32).saturating_mul(factors) / 32)?;
                combinatorics::binomial(&n, &k).map(|value| Value::Exact(Rational::from_integer(value)))
            }
            (Function::Mod, [a, b]) => {
                let (Value::Exact(a), Value::Exact(b)) = (a, b) else { return Err(Fault::Beyond) };
                if b.is_zero() {
                    return Err(Fault::Undefined);
                }
                self.exact(a - b * (a / b).floor())
            }
            (Function::Gcd | Function::Lcm, [first, rest @ ..]) => {
                let mut total = integer(first)?;
                for value in rest {
                    let value = integer(value)?;
                    total = if function == Function::Gcd { total.gcd(&value) } else { total.lcm(&value) };
                }
                self.exact(Rational::from_integer(total))
            }
            (Function::Max | Function::Min, [first, rest @ ..]) => {
                let wanted = if function == Function::Max { Ordering::Greater } else { Ordering::Less };
                let mut best = first.clone();
                for value in rest {
                    let order = self.order(value, &best).ok_or(Fault::Imprecise)?;
                    if order == wanted {
                        best = value.clone();
                    }
                }
                Ok(best)
            }
            (_, [value]) => self.of_one(function, value),
            _ => Err(Fault::Beyond),
        }
    }

    fn of_one(&self, function: Function, value: &Value) -> Evaluated {
        self.spend_series()?;
        let p = self.precision;
        let one = Value::integer(1);
        match function {
            Function::Exp => self.exp(value),
            Function::Cis => {
                let turned = self.multiply(value, &Value::Complex(Complex::i()))?;
                self.exp(&turned)
            }
            Function::Ln => self.ln(value),
            Function::Log if self.natural => self.ln(value),
            Function::Log => self.logarithm(&Value::integer(10), value),
            Function::Sin => Ok(self.trigonometric(value)?.1),
            Function::Cos => Ok(self.trigonometric(value)?.0),
            Function::Tan => self.trigonometric(value).and_then(|(cos, sin)| self.divide(&sin, &cos)),
            Function::Cot => self.trigonometric(value).and_then(|(cos, sin)| self.divide(&cos, &sin)),
            Function::Sec => self.trigonometric(value).and_then(|(cos, _)| self.divide(&one, &cos)),
            Function::Csc => self.trigonometric(value).and_then(|(_, sin)| self.divide(&one, &sin)),
            Function::Asin => Ok(Value::Real(real::asin(&value.ball(p)?, p)?)),
            Function::Acos => Ok(Value::Real(real::acos(&value.ball(p)?, p)?)),
            Function::Atan => match value {
                Value::Exact(zero) if zero.is_zero() => Ok(Value::integer(0)),
                _ => Ok(Value::Real(real::atan(&value.ball(p)?, p)?)),
            },
            Function::Acot => {
                let half = real::pi(p).div(&Ball::integer(2.into()), p)?;
                Ok(Value::Real(half.sub(&real::atan(&value.ball(p)?, p)?, p)))
            }
            Function::Sinh | Function::Cosh | Function::Tanh => {
                let (up, down) = (self.exp(value)?, self.exp(&negative(value.clone()))?);
                let difference = self.add(&up, &negative(down.clone()))?;
                let sum = self.add(&up, &down)?;
                match function {
                    Function::Sinh => self.divide(&difference, &Value::integer(2)),
                    Function::Cosh => self.divide(&sum, &Value::integer(2)),
                    _ => self.divide(&difference, &sum),
                }
            }
            Function::Abs => match value {
                Value::Exact(value) => Ok(Value::Exact(value.abs())),
                Value::Real(ball) => Ok(Value::Real(ball.abs())),
                Value::Complex(value) => self.root(&Value::Real(value.norm(p)?), 2),
            },
            Function::Floor => self.floor(value),
            Function::Ceil => Ok(negative(self.floor(&negative(value.clone()))?)),
            Function::Sign => {
                let order = self.order(value, &Value::integer(0)).ok_or(Fault::Imprecise)?;
                Ok(Value::integer(order as i64))
            }
            Function::Factorial | Function::DoubleFactorial => {
                self.factorial(value, function == Function::Factorial)
            }
            Function::RealPart => Ok(Value::Real(value.complex(p).re)),
            Function::ImaginaryPart => Ok(Value::Real(value.complex(p).im)),
            Function::Argument => Ok(Value::Real(value.complex(p).argument(p)?)),
            Function::Conjugate => Ok(match value {
                Value::Complex(value) => Value::Complex(value.conjugate()),
                real => real.clone(),
            }),
            _ => Err(Fault::Beyond),
        }
    }

    fn trigonometric(&self, value: &Value) -> Result<(Value, Value), Fault> {
        match value {
            Value::Exact(zero) if zero.is_zero() => Ok((Value::integer(1), Value::integer(0))),
            Value::Complex(z) => {
                // cos z = (e^iz + e^-iz) / 2, sin z = (e^iz - e^-iz) / 2i.
                let turned = z.mul(&Complex::i(), self.precision)?;
                let up = Value::Complex(turned.exp(self.precision)?);
                let down = Value::Complex(turned.neg().exp(self.precision)?);
                let two = Value::integer(2);
                let cos = self.divide(&self.add(&up, &down)?, &two)?;
                let sin = self.divide(&self.add(&up, &negative(down))?, &Value::Complex(Complex::i()))?;
                Ok((cos, self.divide(&sin, &two)?))
            }
            _ => {
                let (cos, sin) = real::cos_sin(&value.ball(self.precision)?, self.precision)?;
                Ok((Value::Real(cos), Value::Real(sin)))
            }
        }
    }

    fn floor(&self, value: &Value) -> Evaluated {
        let floor = match value {
            Value::Exact(value) => value.floor().to_integer(),
            Value::Real(ball) => ball.floor()?,
            Value::Complex(_) => return Err(Fault::Undefined),
        };
        self.exact(Rational::from_integer(floor))
    }

    fn factorial(&self, value: &Value, single: bool) -> Evaluated {
        let n = integer(value)?;
        if n.is_negative() {
            return Err(Fault::Undefined);
        }
        if let Some(n) = n.to_u64().filter(|n| *n <= combinatorics::MAX_EXACT) {
            self.spend(n)?;
            let product = combinatorics::falling(n, if single { 1 } else { 2 });
            return self.exact(Rational::from_integer(product));
        }
        if !single {
            return Err(Fault::Beyond);
        }
        Ok(Value::Real(combinatorics::stirling(&n, self.precision)?))
    }

    /// The logarithm to a base; exact where both are powers of one number.
    fn logarithm(&self, base: &Value, value: &Value) -> Evaluated {
        let quotient = self.divide(&self.ln(value)?, &self.ln(base)?)?;
        let (Value::Exact(b), Value::Exact(v), Value::Real(ball)) = (base, value, &quotient) else {
            return Ok(quotient);
        };
        // Of all fractions with a small denominator only a close one can be it.
        for below in 1..=6_u32 {
            let near = (ball.to_f64() * f64::from(below)).round();
            if (ball.to_f64() * f64::from(below) - near).abs() > 1e-9 || near.abs() > 1e6 {
                continue;
            }
            let above = BigInt::from(near as i64);
            if let (Some(x), Some(y)) = (power(b, &above, 1 << 14), power(v, &below.into(), 1 << 14))
                && x == y
            {
                return Ok(Value::Exact(Rational::new(above, below.into())));
            }
        }
        Ok(quotient)
    }

    /// By elimination, which keeps exact entries exact.
    fn determinant(&mut self, rows: &[Vec<Node>]) -> Evaluated {
        let size = rows.len();
        if size > 12 || rows.iter().any(|row| row.len() != size) {
            return Err(Fault::Beyond);
        }
        let mut values = Vec::with_capacity(size);
        for row in rows {
            values.push(row.iter().map(|entry| self.value(entry)).collect::<Result<Vec<_>, _>>()?);
        }
        let mut total = Value::Exact(Rational::one());
        for column in 0..size {
            let zero = |value: &Value| matches!(value, Value::Exact(value) if value.is_zero());
            let Some(pivot) = (column..size).find(|row| !zero(&values[*row][column])) else {
                return Ok(Value::integer(0));
            };
            if pivot != column {
                values.swap(pivot, column);
                total = negative(total);
            }
            let pivot = values[column].clone();
            total = self.multiply(&total, &pivot[column])?;
            for row in values.iter_mut().skip(column + 1) {
                let ratio = negative(self.divide(&row[column], &pivot[column])?);
                for (entry, above) in row.iter_mut().zip(&pivot).skip(column) {
                    *entry = self.add(entry, &self.multiply(&ratio, above)?)?;
                }
            }
        }
        Ok(total)
    }
}

fn integer(value: &Value) -> Result<BigInt, Fault> {
    value.exact_integer().ok_or(Fault::Beyond)
}
