//! Numbers as they are written: exact decimals of any length, and what their writing says about them.

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, Zero};

/// An exact fraction.
pub type Rational = BigRational;

/// Decimals with more digits, or powers of ten beyond this, are compared as written but never computed with.
const MAX_DIGITS: usize = 4_000;

/// An unsigned decimal: `digits * 10^exponent`, exact at any length.
#[derive(Clone, Debug)]
pub struct Decimal {
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
    /// Digits written from the first that is not zero; the zeros behind a point count.
    pub significant: usize,
    /// Whether it was written with a decimal point.
    pub point: bool,
}

/// Decimals are equal by value, however they are written.
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.digits == other.digits && self.exponent == other.exponent
    }
}

impl Decimal {
    /// From the digits before and behind the point, and a power of ten; `None` if that power is absurd.
    #[must_use]
    pub fn new(whole: &str, part: Option<&str>, power: i64) -> Option<Self> {
        let part_digits = part.unwrap_or("");
        let mut digits = String::with_capacity(whole.len() + part_digits.len());
        digits.push_str(whole);
        digits.push_str(part_digits);
        let significant = digits.trim_start_matches('0').len();
        let mut exponent = power.checked_sub(i64::try_from(part_digits.len()).ok()?)?;
        let kept = digits.trim_end_matches('0').len();
        exponent = exponent.checked_add(i64::try_from(digits.len() - kept).ok()?)?;
        digits.truncate(kept);
        let lead = digits.len() - digits.trim_start_matches('0').len();
        digits.drain(..lead);
        if digits.is_empty() {
            exponent = 0;
        }
        Some(Self { digits, exponent, significant, point: part.is_some() })
    }

    /// The exact value; `None` where it is too long to compute with.
    #[must_use]
    pub fn to_rational(&self) -> Option<Rational> {
        if self.exponent == 0 && self.digits.len() < 19 {
            let value: i64 = if self.digits.is_empty() { 0 } else { self.digits.parse().ok()? };
            return Some(Rational::from_integer(value.into()));
        }
        let power = usize::try_from(self.exponent.unsigned_abs()).ok()?;
        if self.digits.len() > MAX_DIGITS || power > MAX_DIGITS {
            return None;
        }
        let whole = BigInt::parse_bytes(self.digits.as_bytes(), 10).unwrap_or_default();
        Some(if self.exponent < 0 {
            over_ten(whole, power)
        } else {
            Rational::from_integer(whole * Pow::pow(BigInt::from(10), power))
        })
    }

    /// The digits as an integer and the power of ten, for computing with bounds.
    #[must_use]
    pub fn parts(&self) -> Option<(BigInt, i64)> {
        if self.digits.len() > MAX_DIGITS {
            return None;
        }
        Some((BigInt::parse_bytes(self.digits.as_bytes(), 10).unwrap_or_default(), self.exponent))
    }

    /// The value as a small natural number.
    #[must_use]
    pub fn small(&self) -> Option<u32> {
        let value = self.to_rational().filter(|_| self.exponent.unsigned_abs() < 10)?;
        value.is_integer().then(|| u32::try_from(value.to_integer()).ok()).flatten()
    }

    /// Whether it is an integer written without a point.
    #[must_use]
    pub fn is_plain_integer(&self) -> bool {
        !self.point && self.exponent >= 0
    }
}

/// `whole / 10^power` in lowest terms; only twos and fives can be common.
fn over_ten(mut whole: BigInt, power: usize) -> Rational {
    let (mut twos, mut fives) = (power, power);
    let common = whole.trailing_zeros().map_or(0, |zeros| (zeros as usize).min(twos));
    whole >>= common;
    twos -= common;
    while fives > 0 && (&whole % 5_u32).is_zero() {
        whole /= 5_u32;
        fives -= 1;
    }
    Rational::new_raw(whole, Pow::pow(BigInt::from(5), fives) << twos)
}

/// The exact value of `whole.part` with `period` repeated for ever.
#[must_use]
pub fn repeating(whole: &str, part: &str, period: &str) -> Option<Rational> {
    if period.is_empty() || whole.len() + part.len() + period.len() > 400 {
        return None;
    }
    let number = |text: &str| BigInt::parse_bytes(text.as_bytes(), 10).unwrap_or_default();
    let scale = Pow::pow(BigInt::from(10), part.len());
    let nines: BigInt = Pow::pow(BigInt::from(10), period.len()) - 1;
    let fixed = number(&format!("{whole}{part}"));
    Some(Rational::new(fixed * &nines + number(period), nines * scale))
}

/// Whether the fraction can be written as a decimal that ends.
#[must_use]
pub fn terminates(value: &Rational) -> bool {
    let mut below = value.denom().magnitude().clone();
    let twos = below.trailing_zeros().unwrap_or(0);
    below >>= twos;
    let five = BigUint::from(5_u8);
    while !below.is_one() {
        if !(&below % &five).is_zero() {
            return false;
        }
        below /= &five;
    }
    true
}

/// The sum; whole numbers are added without looking for common factors.
#[must_use]
pub fn sum(x: &Rational, y: &Rational) -> Rational {
    if x.is_integer() && y.is_integer() { Rational::from_integer(x.numer() + y.numer()) } else { x + y }
}

/// The product; whole numbers are multiplied without looking for common factors.
#[must_use]
pub fn product(x: &Rational, y: &Rational) -> Rational {
    if x.is_integer() && y.is_integer() { Rational::from_integer(x.numer() * y.numer()) } else { x * y }
}

/// The size of numerator and denominator together, in bits.
#[must_use]
pub fn bits(value: &Rational) -> u64 {
    value.numer().bits() + value.denom().bits()
}

/// `base^exponent`, where the result has at most `limit` bits.
#[must_use]
pub fn power(base: &Rational, exponent: &BigInt, limit: u64) -> Option<Rational> {
    if exponent.is_zero() || base.is_one() {
        return Some(Rational::one());
    }
    if base.is_zero() {
        return exponent.is_positive().then(Rational::zero);
    }
    if base.numer().magnitude().is_one() && base.denom().is_one() {
        let even = !exponent.bit(0);
        return Some(if even { Rational::one() } else { base.clone() });
    }
    let times = u32::try_from(exponent.magnitude()).ok()?;
    if bits(base).saturating_sub(1).checked_mul(u64::from(times))? > limit {
        return None;
    }
    let raised = Rational::new_raw(Pow::pow(base.numer(), times), Pow::pow(base.denom(), times));
    Some(if exponent.is_negative() { raised.recip() } else { raised })
}

/// The exact root of a fraction that is not negative, if it has one.
#[must_use]
pub fn exact_root(value: &Rational, degree: u32) -> Option<Rational> {
    let root = |n: &BigInt| {
        let r = n.nth_root(degree);
        (Pow::pow(&r, degree) == *n).then_some(r)
    };
    Some(Rational::new_raw(root(value.numer())?, root(value.denom())?))
}
