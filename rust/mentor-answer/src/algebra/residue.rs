//! Constants modulo primes: different residues are different numbers, however large the numbers are.

use crate::eval::{Scope, Value};
use crate::node::{Factor, Node};
use crate::number::Rational;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

/// A prime just below 2^61, so that products fit 128 bits.
const PRIME: u64 = (1 << 61) - 1;

/// Whether two constants differ modulo a prime: false where they do not, or have no residue.
pub(crate) fn apart(a: &Node, b: &Node, scope: &mut Scope<'_>) -> bool {
    matches!((residue(a, scope), residue(b, scope)), (Some(x), Some(y)) if x != y)
}

fn residue(node: &Node, scope: &mut Scope<'_>) -> Option<u64> {
    match node {
        Node::Number(decimal) => {
            if let Some(value) = decimal.to_rational() {
                of_rational(&value)
            } else {
                let (digits, power) = decimal.parts()?;
                Some(times(of_integer(&digits), raise(10, &power.into())?))
            }
        }
        Node::Exact(value) => of_rational(value),
        Node::Sum(terms) => {
            let mut total = 0;
            for term in terms {
                total = (total + residue(term, scope)?) % PRIME;
            }
            Some(total)
        }
        Node::Negative(inner) => Some((PRIME - residue(inner, scope)?) % PRIME),
        Node::Product(factors) => {
            let mut total = 1;
            for Factor { node, inverse } in factors {
                let factor = residue(node, scope)?;
                total = times(total, if *inverse { inverted(factor)? } else { factor });
            }
            Some(total)
        }
        Node::Power(pair) => {
            let base = residue(&pair.0, scope)?;
            match scope.value(&pair.1).ok()? {
                Value::Exact(exponent) if exponent.is_integer() => raise(base, &exponent.to_integer()),
                _ => None,
            }
        }
        _ => match scope.value(node).ok()? {
            Value::Exact(value) => of_rational(&value),
            _ => None,
        },
    }
}

fn of_integer(value: &BigInt) -> u64 {
    value.mod_floor(&PRIME.into()).to_u64().unwrap_or(0)
}

fn of_rational(value: &Rational) -> Option<u64> {
    Some(times(of_integer(value.numer()), inverted(of_integer(value.denom()))?))
}

fn times(x: u64, y: u64) -> u64 {
    (u128::from(x) * u128::from(y) % u128::from(PRIME)) as u64
}

fn inverted(x: u64) -> Option<u64> {
    (x != 0).then(|| power(x, PRIME - 2))
}

/// A power; zero to a power that is not positive has none.
fn raise(base: u64, exponent: &BigInt) -> Option<u64> {
    if base == 0 {
        return exponent.is_positive().then_some(0);
    }
    Some(power(base, exponent.mod_floor(&(PRIME - 1).into()).to_u64()?))
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}
