//! Elementary functions of balls: arguments are reduced, series summed in fixed point, and all errors added up.

use super::{Ball, Fault, series};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

/// Arguments of more bits before the point are out of range for functions that reduce them.
const MAX_ARGUMENT_BITS: i64 = 4_096;

/// Square roots taken before the logarithm's series.
const ROOTS: u64 = 6;

/// Halvings before the inverse tangent's series: |x| < 4 becomes less than 1/8.
const HALVINGS: u32 = 4;

/// Pi.
#[must_use]
pub fn pi(precision: u64) -> Ball {
    Ball::new(series::pi(precision + 4), -(precision as i64 + 4), 2, precision)
}

fn ln2(precision: u64) -> Ball {
    Ball::new(series::ln2(precision + 4), -(precision as i64 + 4), 2, precision)
}

/// The middle in units of `2^-bits`, within one unit, and the radius in the same units, rounded up.
fn fixed(x: &Ball, bits: u64) -> (BigInt, BigInt) {
    let shift = x.exponent + bits as i64;
    let by = shift.unsigned_abs();
    if shift >= 0 {
        return (&x.mantissa << by, BigInt::from(x.radius) << by);
    }
    let radius = if x.radius == 0 { BigInt::zero() } else { (BigInt::from(x.radius) >> by) + 1 };
    (if by > x.mantissa.bits() + 1 { BigInt::zero() } else { &x.mantissa >> by }, radius)
}

/// A ball from a fixed-point middle and radius.
fn from_fixed(middle: BigInt, radius: BigInt, bits: u64, precision: u64) -> Result<Ball, Fault> {
    let drop = radius.bits().saturating_sub(60);
    let units = if drop == 0 {
        radius.to_u128().ok_or(Fault::Imprecise)?
    } else {
        (radius >> drop).to_u128().ok_or(Fault::Imprecise)? + 2
    };
    let middle = if drop == 0 { middle } else { middle >> drop };
    Ball::new(middle, drop as i64 - bits as i64, units, precision).checked()
}

/// `e^x`.
pub fn exp(x: &Ball, precision: u64) -> Result<Ball, Fault> {
    let size = x.magnitude();
    if size > 62 {
        return Err(Fault::Beyond);
    }
    let bits = precision + 48;
    // n = x / ln 2, rounded: x - n ln 2 is at most about a half in size.
    let wide = bits + size.max(0).unsigned_abs();
    let (middle, radius) = fixed(x, wide);
    let log = series::ln2(wide);
    let half: BigInt = &log >> 1_u32;
    let n = (&middle + half).div_floor(&log);
    let reduced = (middle - &n * &log) >> (wide - bits);
    let n = n.to_i64().ok_or(Fault::Beyond)?;
    let radius: BigInt = (radius >> (wide - bits)) + 1;
    if radius.bits() > bits {
        return Err(Fault::Imprecise);
    }
    let (value, halvings) = series::exp(&reduced, bits);
    // |e^(t + r) - e^t| <= 2 e^t r for r <= 1, and e^t < 2; reducing errs by at most 4 units more.
    let spread = ((radius + 4) << 2_u32) + (BigInt::one() << (halvings + 13));
    Ok(from_fixed(value, spread, bits, precision)?.scaled(n)).and_then(Ball::checked)
}

/// The natural logarithm of a positive number.
pub fn ln(x: &Ball, precision: u64) -> Result<Ball, Fault> {
    match x.sign() {
        Some(0 | -1) => return Err(Fault::Undefined),
        None => return Err(Fault::Imprecise),
        Some(_) => {}
    }
    let bits = precision + ROOTS + 40;
    // x = y 2^n with y in [1/2, 1).
    let n = x.exponent + x.mantissa.bits() as i64;
    let y = x.scaled(-n);
    let (mut middle, radius) = fixed(&y, bits);
    // y's relative error: y is at least a half, and stays away from zero.
    let relative: BigInt = (radius << 2_u32) + 4;
    if relative.bits() + 2 > bits {
        return Err(Fault::Imprecise);
    }
    for _ in 0..ROOTS {
        middle = (middle << bits).sqrt();
    }
    let one = BigInt::one() << bits;
    let ratio = ((&middle - &one) << bits) / (&middle + &one);
    let log = series::atanh(&ratio, bits) << (ROOTS + 1);
    // Each root errs by a unit or less, halved by the next; atanh by 4,096 units.
    let spread = relative + (BigInt::from(4_200) << (ROOTS + 1));
    let part = from_fixed(log, spread, bits, precision + 4)?;
    if n == 0 {
        return Ok(part);
    }
    let whole = ln2(precision + 64).mul(&Ball::integer(n.into()), precision + 64)?;
    Ok(whole.add(&part, precision))
}

/// Cosine and sine.
pub fn cos_sin(x: &Ball, precision: u64) -> Result<(Ball, Ball), Fault> {
    let size = x.magnitude();
    if size > MAX_ARGUMENT_BITS {
        return Err(Fault::Beyond);
    }
    let bits = precision + 64;
    let wide = bits + size.max(0).unsigned_abs() + 4;
    let (middle, radius) = fixed(x, wide);
    let half_pi = series::pi(wide) >> 1_u32;
    let quarter: BigInt = &half_pi >> 1_u32;
    let n = (&middle + quarter).div_floor(&half_pi);
    let reduced = (middle - &n * &half_pi) >> (wide - bits);
    let radius: BigInt = (radius >> (wide - bits)) + 8;
    if radius.bits() > bits {
        return Err(Fault::Imprecise);
    }
    let (cos, sin, halvings) = series::cos_sin(&reduced, bits);
    let spread = radius + (BigInt::one() << (2 * halvings + 13));
    let ball = |middle| from_fixed(middle, spread.clone(), bits, precision);
    let (cos, sin) = (ball(cos)?, ball(sin)?);
    Ok(match n.mod_floor(&4.into()).to_u8() {
        Some(0) => (cos, sin),
        Some(1) => (sin.neg(), cos),
        Some(2) => (cos.neg(), sin.neg()),
        _ => (sin, cos.neg()),
    })
}

/// The inverse tangent, in (-pi/2, pi/2).
pub fn atan(x: &Ball, precision: u64) -> Result<Ball, Fault> {
    let work = precision + 16;
    if x.magnitude() > 2 {
        let sign = x.sign().ok_or(Fault::Imprecise)?;
        let half_pi = pi(work).scaled(-1);
        let rest = atan(&Ball::integer(BigInt::one()).div(x, work)?, work)?;
        let half_pi = if sign < 0 { half_pi.neg() } else { half_pi };
        return Ok(half_pi.sub(&rest, precision));
    }
    // atan(x) = 2 atan(x / (1 + sqrt(1 + x^2))).
    let one = Ball::integer(BigInt::one());
    let mut small = x.clone();
    for _ in 0..HALVINGS {
        let root = small.mul(&small, work)?.add(&one, work).root(2, work)?;
        small = small.div(&root.add(&one, work), work)?;
    }
    let bits = work + 16;
    let (middle, radius) = fixed(&small, bits);
    let spread = radius + 4_200;
    Ok(from_fixed(series::atan(&middle, bits), spread, bits, precision)?.scaled(i64::from(HALVINGS)))
}

/// The inverse sine, in [-pi/2, pi/2].
pub fn asin(x: &Ball, precision: u64) -> Result<Ball, Fault> {
    let work = precision + 16;
    let one = Ball::integer(BigInt::one());
    let rest = one.sub(&x.mul(x, work)?, work);
    match rest.sign() {
        Some(-1) => Err(Fault::Undefined),
        Some(0) => {
            let half_pi = pi(work).scaled(-1);
            Ok(if x.sign() == Some(-1) { half_pi.neg() } else { half_pi })
        }
        None => Err(Fault::Imprecise),
        Some(_) => atan(&x.div(&rest.root(2, work)?, work)?, precision),
    }
}

/// The inverse cosine, in [0, pi].
pub fn acos(x: &Ball, precision: u64) -> Result<Ball, Fault> {
    Ok(pi(precision + 16).scaled(-1).sub(&asin(x, precision + 16)?, precision))
}
