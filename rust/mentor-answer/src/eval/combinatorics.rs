//! Factorials and binomial coefficients.

use crate::real::{Ball, Fault, exp, ln, pi};
use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Larger factorials are only bounded, not written out.
pub(super) const MAX_EXACT: u64 = 4_000;

/// `n (n - step) (n - 2 step) ...`: the factorial, or the double one.
pub(super) fn falling(n: u64, step: u64) -> BigInt {
    let mut product = BigInt::one();
    let mut small = 1_u64;
    let mut factor = n;
    while factor > 1 {
        if let Some(next) = small.checked_mul(factor) {
            small = next;
        } else {
            product *= small;
            small = factor;
        }
        factor = factor.saturating_sub(step);
    }
    product * small
}

/// `n` over `k`.
pub(super) fn binomial(n: &BigInt, k: &BigInt) -> Result<BigInt, Fault> {
    if k.is_negative() || (k > n && !n.is_negative()) {
        return Ok(BigInt::zero());
    }
    if n.is_negative() {
        return Err(Fault::Beyond);
    }
    let k = std::cmp::min(k.clone(), n - k).to_u64().filter(|k| *k <= MAX_EXACT / 2).ok_or(Fault::Beyond)?;
    if n.bits() * k > 1 << 16 {
        return Err(Fault::Beyond);
    }
    let mut result = BigInt::one();
    for step in 0..k {
        result = result * (n - step) / (step + 1);
    }
    Ok(result)
}

/// A factorial by Stirling's series: `1/12n - 1/360n^3 < ln n! - (n ln n - n + ln(2 pi n) / 2) < 1/12n`.
pub(super) fn stirling(n: &BigInt, precision: u64) -> Result<Ball, Fault> {
    let size = n.bits();
    if size > 50 {
        return Err(Fault::Beyond);
    }
    let work = precision + 64 + size;
    let whole = Ball::integer(n.clone());
    let two_pi_n = pi(work).mul(&Ball::integer(n * 2), work)?;
    let main = whole.mul(&ln(&whole, work)?, work)?.sub(&whole, work);
    let half = ln(&two_pi_n, work)?.div(&Ball::integer(2.into()), work)?;
    let correction = Ball::integer(BigInt::one()).div(&Ball::integer(n * 12), work)?;
    // 360 n^3 > 2^(3 (size - 1) + 8).
    let error = Ball::error(-(3 * (size as i64 - 1) + 8));
    let log = main.add(&half, work).add(&correction, work).add(&error, work);
    exp(&log, precision)
}

#[cfg(test)]
mod tests {
    use super::{binomial, falling, stirling};
    use crate::real::Ball;

    #[test]
    fn factorials() {
        assert_eq!(falling(0, 1), 1.into());
        assert_eq!(falling(20, 1), 2_432_902_008_176_640_000_i64.into());
        assert_eq!(falling(9, 2), 945.into());
        assert_eq!(binomial(&10.into(), &3.into()), Ok(120.into()));
        assert_eq!(binomial(&3.into(), &10.into()), Ok(0.into()));
        let exact = Ball::integer(falling(300, 1));
        let bound = stirling(&300.into(), 200).unwrap();
        assert!(bound.sub(&exact, 300).may_be_zero());
        let next = stirling(&301.into(), 200).unwrap();
        assert_eq!(next.compare(&bound, 300), Some(std::cmp::Ordering::Greater));
    }
}
