//! Real and complex numbers with rigorous error bounds, to any precision.
//!
//! A [`Ball`] holds a real number between two bounds; every operation returns a ball that holds the exact result for
//! every number in its arguments. So two balls that do not meet are two different numbers, for certain.

mod ball;
mod complex;
mod functions;
mod series;

pub use ball::Ball;
pub use complex::Complex;
pub use functions::{acos, asin, atan, cos_sin, exp, ln, pi};

/// Why a number could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such number: a division by zero, the logarithm of zero.
    Undefined,
    /// The bounds are too wide to tell: more precision may help.
    Imprecise,
    /// Too large, or a function that is not computed.
    Beyond,
}

#[cfg(test)]
mod tests;
