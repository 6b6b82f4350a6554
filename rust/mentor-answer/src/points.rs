//! Where expressions are compared: points at random, but the same ones every time.

use crate::number::Rational;

/// What kind of numbers the variables take at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// Between 0 and 1.
    Small,
    /// Between 1 and 8.
    Positive,
    /// Between -8 and 0.
    Negative,
    /// From 2 to 13.
    Natural,
    /// Between 10 and 300.
    Large,
    /// Of either sign, up to 4.
    Mixed,
}

/// The points, in the order they are tried.
pub(crate) const REGIONS: [Region; 14] = [
    Region::Positive,
    Region::Small,
    Region::Negative,
    Region::Natural,
    Region::Mixed,
    Region::Large,
    Region::Positive,
    Region::Small,
    Region::Mixed,
    Region::Positive,
    Region::Negative,
    Region::Large,
    Region::Small,
    Region::Natural,
];

/// A value for every name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    seed: u64,
    region: Region,
}

impl Point {
    pub(crate) fn new(seed: u64, region: Region) -> Self {
        Self { seed, region }
    }

    /// The value of a variable; another name has an independent one.
    pub(crate) fn value(&self, name: &str) -> Rational {
        let mut hash = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xcbf2_9ce4_8422_2325;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = mixed(hash);
        // A prime denominator, so that values are nothing special.
        let below = [1009_i64, 1013, 1019, 1021][(hash >> 60) as usize % 4];
        let part = ((hash >> 8) % (below as u64 - 1)) as i64 + 1;
        let whole = (hash & 0xff) as i64;
        let fraction = |whole: i64| Rational::new((whole * below + part).into(), below.into());
        match self.region {
            Region::Small => fraction(0),
            Region::Positive => fraction(1 + whole % 7),
            Region::Negative => fraction(-1 - whole % 8),
            Region::Natural => Rational::from_integer((2 + whole % 12).into()),
            Region::Large => fraction(10 + whole),
            Region::Mixed => fraction(whole % 8 - 4),
        }
    }
}

/// The finaliser of splitmix64.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
