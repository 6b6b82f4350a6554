//! The value of an expression: exact as long as that is possible, then a ball around it.

use crate::node::{Constant, Factor, Node, Series};
use crate::number::Rational;
use crate::points::Point;
use crate::real::{self, Ball, Complex, Fault};
use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive};
use std::cell::Cell;
use std::cmp::Ordering;

mod arithmetic;
mod calls;
mod combinatorics;

/// Exact integers are kept up to this many bits, exact fractions up to a sixteenth of it.
const MAX_BITS: u64 = 1 << 17;

/// Sums and products over an index have at most this many terms.
const MAX_TERMS: i64 = 2_000;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Exact(Rational),
    Real(Ball),
    Complex(Complex),
}

/// What an evaluation may use: a point for the variables, a precision, and what is left to spend.
pub(crate) struct Scope<'a> {
    /// The values of variables.
    pub point: &'a Point,
    /// In bits.
    pub precision: u64,
    /// Whether a root or logarithm of a negative number is complex rather than undefined.
    pub complex: bool,
    /// Whether `log` is to base e.
    pub natural: bool,
    /// Steps left, shared by everything done for one pair.
    pub fuel: &'a Cell<u64>,
    bound: Vec<(String, BigInt)>,
}

type Evaluated = Result<Value, Fault>;

impl Value {
    pub(crate) fn integer(value: i64) -> Self {
        Self::Exact(Rational::from_integer(value.into()))
    }

    pub(crate) fn ball(&self, precision: u64) -> Result<Ball, Fault> {
        match self {
            Self::Exact(value) => Ok(Ball::rational(value, precision)),
            Self::Real(ball) => Ok(ball.clone()),
            Self::Complex(_) => Err(Fault::Undefined),
        }
    }

    pub(crate) fn complex(&self, precision: u64) -> Complex {
        match self {
            Self::Exact(value) => Complex::real(Ball::rational(value, precision)),
            Self::Real(ball) => Complex::real(ball.clone()),
            Self::Complex(value) => value.clone(),
        }
    }

    /// A real number where the imaginary part is exactly zero.
    fn simplified(self) -> Self {
        match self {
            Self::Complex(Complex { re, im }) if im.sign() == Some(0) => Self::Real(re),
            other => other,
        }
    }

    fn exact_integer(&self) -> Option<BigInt> {
        match self {
            Self::Exact(value) if value.is_integer() => Some(value.to_integer()),
            _ => None,
        }
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        point: &'a Point,
        precision: u64,
        complex: bool,
        natural: bool,
        fuel: &'a Cell<u64>,
    ) -> Self {
        Self { point, precision, complex, natural, fuel, bound: Vec::new() }
    }

    fn spend(&self, steps: u64) -> Result<(), Fault> {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(steps));
        if left < steps { Err(Fault::Beyond) } else { Ok(()) }
    }

    /// The value of an expression; a fault for what is none.
    pub(crate) fn value(&mut self, node: &Node) -> Evaluated {
        self.spend(1 + self.precision / 64)?;
        match node {
            Node::Number(decimal) => {
                if let Some(value) = decimal.to_rational() {
                    Ok(Value::Exact(value))
                } else {
                    let (digits, exponent) = decimal.parts().ok_or(Fault::Beyond)?;
                    let ten = Ball::integer(10.into()).power(&exponent.into(), self.precision)?;
                    Ok(Value::Real(Ball::integer(digits).mul(&ten, self.precision)?))
                }
            }
            Node::Exact(value) => Ok(Value::Exact(value.clone())),
            Node::Symbol(name) => Ok(Value::Exact(self.symbol(name))),
            Node::Constant(constant) => self.constant(*constant),
            Node::Sum(terms) => {
                let mut total = Value::integer(0);
                for term in terms {
                    let value = self.value(term)?;
                    total = self.add(&total, &value)?;
                }
                Ok(total)
            }
            Node::Negative(inner) => Ok(negative(self.value(inner)?)),
            Node::Product(factors) => self.product(factors),
            Node::Power(pair) => {
                let (base, exponent) = &**pair;
                if *base == Node::Constant(Constant::E) {
                    let exponent = self.value(exponent)?;
                    return self.exp(&exponent);
                }
                let base = self.value(base)?;
                let exponent = self.value(exponent)?;
                self.power(&base, &exponent)
            }
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Apply(name, arguments) => {
                let mut full = name.clone();
                for argument in arguments {
                    let Value::Exact(value) = self.value(argument)? else { return Err(Fault::Beyond) };
                    full.push('_');
                    full.push_str(&value.to_string());
                }
                Ok(Value::Exact(self.symbol(&full)))
            }
            Node::Percent(inner) => {
                let value = self.value(inner)?;
                self.divide(&value, &Value::integer(100))
            }
            Node::Quantity(inner, unit) => {
                let part = crate::kinds::units::degrees(unit).ok_or(Fault::Beyond)?;
                let number = self.value(inner)?;
                let turn =
                    self.multiply(&number, &Value::Exact(part / Rational::from_integer(180.into())))?;
                self.multiply(&turn, &Value::Real(real::pi(self.precision)))
            }
            Node::Series(series) => self.series(series),
            Node::Commas(commas) => self.value(&commas.number),
            _ => Err(Fault::Beyond),
        }
    }

    fn symbol(&self, name: &str) -> Rational {
        match self.bound.iter().rev().find(|(bound, _)| bound == name) {
            Some((_, value)) => Rational::from_integer(value.clone()),
            None => self.point.value(name),
        }
    }

    fn constant(&mut self, constant: Constant) -> Evaluated {
        match constant {
            Constant::Pi => Ok(Value::Real(real::pi(self.precision))),
            Constant::E => self.exp(&Value::integer(1)),
            Constant::I => Ok(Value::Complex(Complex::i())),
            Constant::Infinity => Err(Fault::Undefined),
        }
    }

    fn product(&mut self, factors: &[Factor]) -> Evaluated {
        let mut total = Value::integer(1);
        for Factor { node, inverse } in factors {
            let value = self.value(node)?;
            total = if *inverse { self.divide(&total, &value)? } else { self.multiply(&total, &value)? };
        }
        Ok(total)
    }

    fn series(&mut self, series: &Series) -> Evaluated {
        let bound = |value: Value| value.exact_integer().ok_or(Fault::Beyond);
        let low = bound(self.value(&series.low)?)?;
        if series.high == Node::Constant(Constant::Infinity) {
            return self.geometric(series, low);
        }
        let high = bound(self.value(&series.high)?)?;
        let terms = (&high - &low).to_i64().filter(|terms| *terms < MAX_TERMS).ok_or(Fault::Beyond)?;
        let mut total = Value::integer(i64::from(series.product));
        for step in 0..=terms {
            self.bound.push((series.variable.clone(), &low + step));
            let value = self.value(&series.body);
            self.bound.pop();
            let value = value?;
            total = if series.product { self.multiply(&total, &value)? } else { self.add(&total, &value)? };
        }
        Ok(total)
    }

    /// The sum of an endless series whose terms have the same quotient throughout.
    fn geometric(&mut self, series: &Series, low: BigInt) -> Evaluated {
        let quotient = crate::algebra::quotient_of_terms(&series.body, &series.variable)
            .filter(|quotient| !series.product && quotient.abs() < Rational::one())
            .ok_or(Fault::Beyond)?;
        self.bound.push((series.variable.clone(), low));
        let first = self.value(&series.body);
        self.bound.pop();
        self.divide(&first?, &Value::Exact(Rational::one() - quotient))
    }

    /// How two real values compare, where that is certain.
    pub(crate) fn order(&self, a: &Value, b: &Value) -> Option<Ordering> {
        match (a, b) {
            (Value::Exact(x), Value::Exact(y)) => Some(x.cmp(y)),
            _ => a.ball(self.precision).ok()?.compare(&b.ball(self.precision).ok()?, self.precision),
        }
    }
}

pub(crate) fn negative(value: Value) -> Value {
    match value {
        Value::Exact(value) => Value::Exact(-value),
        Value::Real(ball) => Value::Real(ball.neg()),
        Value::Complex(value) => Value::Complex(value.neg()),
    }
}
