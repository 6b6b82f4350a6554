//! Constants and power series in fixed point: integers in units of `2^-bits`.
//!
//! Errors hold for up to 8,192 bits. They are counted in units: every truncating operation errs by at most one. The bounds stated with each
//! function are what its callers add to their radius.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use std::cell::RefCell;

type Kept = RefCell<Option<(u64, BigInt)>>;

thread_local! {
    static PI: Kept = const { RefCell::new(None) };
    static LN2: Kept = const { RefCell::new(None) };
}

fn kept(place: &'static std::thread::LocalKey<Kept>, bits: u64, make: fn(u64) -> BigInt) -> BigInt {
    place.with_borrow_mut(|place| {
        if let Some((have, value)) = place
            && *have >= bits
        {
            return &*value >> (*have - bits);
        }
        let more = bits + bits / 4 + 64;
        let value = make(more);
        let wanted = &value >> (more - bits);
        *place = Some((more, value));
        wanted
    })
}

/// Pi, within 2 units.
pub(super) fn pi(bits: u64) -> BigInt {
    // Machin: 16 atan(1/5) - 4 atan(1/239).
    kept(&PI, bits, |bits| {
        let work = bits + 16;
        (inverse_tangent(5, work, false) * 16 - inverse_tangent(239, work, false) * 4) >> 16_u32
    })
}

/// The natural logarithm of 2, within 2 units.
pub(super) fn ln2(bits: u64) -> BigInt {
    kept(&LN2, bits, |bits| {
        let work = bits + 16;
        let term = |n, times: i32| inverse_tangent(n, work, true) * times;
        (term(26, 18) - term(4801, 2) + term(8749, 8)) >> 16_u32
    })
}

/// `atan(1/n)`, or `atanh(1/n)`; it errs by at most a unit per term.
fn inverse_tangent(n: u64, bits: u64, hyperbolic: bool) -> BigInt {
    let square = n * n;
    let mut power = (BigInt::one() << bits) / n;
    let mut sum = BigInt::zero();
    let mut odd = 1_u64;
    while !power.is_zero() {
        let term = &power / odd;
        if hyperbolic || odd % 4 == 1 {
            sum += term;
        } else {
            sum -= term;
        }
        power /= square;
        odd += 2;
    }
    sum
}

/// `e^x` of `|x| <= 1` in fixed point, within `2^(halvings + 12)` units; `halvings` is the second result.
pub(super) fn exp(x: &BigInt, bits: u64) -> (BigInt, u64) {
    let halvings = (isqrt(bits) / 2).clamp(4, 24);
    let small = x >> halvings;
    let one = BigInt::one() << bits;
    let mut sum = &one + &small;
    let mut term = small.clone();
    let mut n = 2_u64;
    loop {
        term = ((&term * &small) >> bits) / n;
        // An arithmetic shift of a negative number ends at -1.
        if term.magnitude().bits() <= 1 {
            break;
        }
        sum += &term;
        n += 1;
    }
    for _ in 0..halvings {
        sum = (&sum * &sum) >> bits;
    }
    (sum, halvings)
}

/// Cosine and sine of `|x| <= 1` in fixed point, each within `2^(2 * halvings + 12)` units.
pub(super) fn cos_sin(x: &BigInt, bits: u64) -> (BigInt, BigInt, u64) {
    let halvings = (isqrt(bits) / 3).clamp(3, 16);
    let small = x >> halvings;
    let square = (&small * &small) >> bits;
    let one = BigInt::one() << bits;
    let (mut cos, mut sin) = (one.clone(), small.clone());
    let (mut even, mut odd) = (one.clone(), small);
    let mut n = 1_u64;
    loop {
        even = -((&even * &square) >> bits) / ((2 * n - 1) * (2 * n));
        odd = -((&odd * &square) >> bits) / ((2 * n) * (2 * n + 1));
        if even.magnitude().bits() <= 1 && odd.magnitude().bits() <= 1 {
            break;
        }
        cos += &even;
        sin += &odd;
        n += 1;
    }
    for _ in 0..halvings {
        let doubled: BigInt = (&sin * &cos) >> (bits - 1);
        cos = &one - ((&sin * &sin) >> (bits - 1));
        sin = doubled;
    }
    (cos, sin, halvings)
}

/// `atan(x)` of `|x| <= 1/8`, within 4,096 units.
pub(super) fn atan(x: &BigInt, bits: u64) -> BigInt {
    alternating(x, bits, true)
}

/// `atanh(x)` of `|x| <= 1/8`, within 4,096 units.
pub(super) fn atanh(x: &BigInt, bits: u64) -> BigInt {
    alternating(x, bits, false)
}

fn alternating(x: &BigInt, bits: u64, alternate: bool) -> BigInt {
    let square = (x * x) >> bits;
    let mut power = x.clone();
    let mut sum = x.clone();
    let mut odd = 3_u64;
    let mut minus = true;
    loop {
        power = (&power * &square) >> bits;
        let term = &power / odd;
        if term.is_zero() || power.abs().bits() <= 1 {
            return sum;
        }
        if alternate && minus {
            sum -= term;
        } else {
            sum += term;
        }
        minus = !minus;
        odd += 2;
    }
}

fn isqrt(n: u64) -> u64 {
    n.isqrt()
}
