//! Balls hold the true value, and are narrow, at several precisions.

use super::{Ball, Complex, acos, asin, atan, cos_sin, exp, ln, pi};
use crate::number::Rational;
use num_bigint::BigInt;

fn rational(above: i64, below: i64) -> Rational {
    Rational::new(above.into(), below.into())
}

fn ball(above: i64, below: i64, precision: u64) -> Ball {
    Ball::rational(&rational(above, below), precision)
}

/// Both hold the same number: they meet, and the first is narrow.
fn meets(a: &Ball, b: &Ball, precision: u64) {
    assert!(a.sub(b, precision + 64).may_be_zero(), "{a:?}\n{b:?}");
    let width = a.exponent + i64::from(64 - a.radius.leading_zeros());
    assert!(width <= a.magnitude() + 40 - precision as i64, "{precision}: {a:?}");
}

type Real = fn(&Ball, u64) -> Result<Ball, super::Fault>;

const POINTS: [(i64, i64); 12] = [
    (1, 3),
    (-1, 3),
    (7, 5),
    (-22, 7),
    (1, 1000),
    (355, 113),
    (100, 1),
    (-73, 2),
    (1, 2),
    (12345, 7),
    (5, 4),
    (99, 100),
];

#[test]
fn functions_agree_with_themselves_at_higher_precision() {
    for (above, below) in POINTS {
        for precision in [64, 100, 200, 500, 1500] {
            let (low, high) = (ball(above, below, precision + 20), ball(above, below, 2 * precision));
            let functions: [Real; 5] =
                [exp, |x, p| Ok(cos_sin(x, p)?.0), |x, p| Ok(cos_sin(x, p)?.1), atan, |x, p| ln(&x.abs(), p)];
            for function in functions {
                let rough = function(&low, precision).unwrap();
                meets(&rough, &function(&high, 2 * precision).unwrap(), precision);
            }
        }
    }
}

#[test]
fn identities_hold() {
    for (above, below) in POINTS {
        for precision in [80, 300, 900] {
            let x = ball(above, below, precision + 30);
            let (cos, sin) = cos_sin(&x, precision).unwrap();
            let square = |b: &Ball| b.mul(b, precision).unwrap();
            meets(&square(&cos).add(&square(&sin), precision), &ball(1, 1, precision), precision - 4);
            let positive = x.abs();
            meets(
                &exp(&ln(&positive, precision + 20).unwrap(), precision).unwrap(),
                &positive,
                precision - 4,
            );
            let tangent = sin.div(&cos, precision).unwrap();
            let back = atan(&tangent, precision).unwrap();
            if x.magnitude() <= 1 {
                meets(&back, &x, precision - 8);
            }
            let root = positive.root(3, precision).unwrap();
            meets(&root.power(&BigInt::from(3), precision).unwrap(), &positive, precision - 6);
            meets(&square(&positive.root(2, precision).unwrap()), &positive, precision - 4);
            meets(
                &x.mul(&ball(1, 1, 9).div(&x, precision).unwrap(), precision).unwrap(),
                &ball(1, 1, 9),
                precision - 4,
            );
        }
    }
}

#[test]
fn known_values() {
    let close = |value: Ball, expected: f64| {
        assert!((value.to_f64() - expected).abs() <= expected.abs() * 1e-15, "{value:?} is not {expected}");
    };
    close(pi(100), std::f64::consts::PI);
    close(exp(&ball(1, 1, 80), 80).unwrap(), std::f64::consts::E);
    close(exp(&ball(-40, 1, 80), 80).unwrap(), (-40_f64).exp());
    close(ln(&ball(10, 1, 80), 80).unwrap(), std::f64::consts::LN_10);
    close(cos_sin(&ball(1_000_000, 1, 120), 80).unwrap().0, 1e6_f64.cos());
    close(atan(&ball(-3, 1, 80), 80).unwrap(), (-3_f64).atan());
    close(asin(&ball(3, 5, 120), 80).unwrap(), 0.6_f64.asin());
    close(acos(&ball(-3, 5, 120), 80).unwrap(), (-0.6_f64).acos());
    close(asin(&ball(-1, 1, 80), 80).unwrap(), -std::f64::consts::FRAC_PI_2);
    close(ball(7, 3, 80).power(&BigInt::from(-9), 80).unwrap(), (7.0_f64 / 3.0).powi(-9));
}

#[test]
fn differences_far_below_a_double_are_seen() {
    let huge = |n: i64| Ball::integer(9.into()).power(&BigInt::from(n), 128).unwrap();
    assert_eq!(huge(387_420_489).compare(&huge(387_420_488), 128), Some(std::cmp::Ordering::Greater));
    let near = ball(1, 1, 300).add(&Ball::integer(1.into()).scaled(-250), 300);
    assert_eq!(near.compare(&ball(1, 1, 300), 300), Some(std::cmp::Ordering::Greater));
    assert!(huge(5).sub(&huge(5), 64).may_be_zero());
}

#[test]
fn complex_powers() {
    let i = Complex::i();
    let square = i.integer_power(&2.into(), 100).unwrap();
    assert_eq!((square.re.sign(), square.im.sign()), (Some(-1), Some(0)));
    // e^(i pi) = -1.
    let turn = Complex { re: ball(0, 1, 9), im: pi(200) }.exp(150).unwrap();
    meets(&turn.re, &ball(-1, 1, 9), 140);
    assert!(turn.im.may_be_zero());
    // i^i = e^(-pi/2).
    let real = i.ln(140).unwrap().mul(&i, 140).unwrap().exp(120).unwrap();
    assert!((real.re.to_f64() - (-std::f64::consts::FRAC_PI_2).exp()).abs() < 1e-15);
}

#[test]
fn floors() {
    assert_eq!(ball(-7, 2, 80).floor().unwrap(), BigInt::from(-4));
    assert_eq!(ball(7, 2, 80).floor().unwrap(), BigInt::from(3));
    assert!(pi(64).sub(&pi(64), 64).floor().is_err());
}
