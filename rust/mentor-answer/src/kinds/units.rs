//! Units: which are known, and what they are in terms of each other.

use crate::number::Rational;
use num_traits::{One, Pow};

/// Dimensions that no conversion connects.
const DIMENSIONS: usize = 16;

const LENGTH: usize = 0;
const MASS: usize = 1;
const TIME: usize = 2;
const ANGLE: usize = 3;
const CURRENT: usize = 4;
const YEAR: usize = 5;
const BYTES: usize = 6;
const CELSIUS: usize = 7;
const FAHRENHEIT: usize = 8;
const KELVIN: usize = 9;
const DOLLAR: usize = 10;
const EURO: usize = 11;
const STERLING: usize = 12;
const YEN: usize = 13;
const RUPEE: usize = 14;
const YUAN: usize = 15;

/// A unit in terms of the base units: powers, and a factor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    powers: [i8; DIMENSIONS],
    /// How many base units it is.
    pub factor: Rational,
}

impl Unit {
    /// Whether two units measure the same thing.
    pub(crate) fn converts_to(&self, other: &Self) -> bool {
        self.powers == other.powers
    }

    /// Plain "units", which measure nothing in particular.
    pub(crate) fn is_counted(&self) -> bool {
        self.powers == [0; DIMENSIONS]
    }

    /// Degrees.
    pub(crate) fn is_angle(&self) -> bool {
        let mut powers = [0; DIMENSIONS];
        powers[ANGLE] = 1;
        self.powers == powers
    }
}

/// Whether a word is a unit of measurement.
pub(crate) fn known(word: &str) -> bool {
    unit(word).is_some()
}

/// Reads a unit: words, powers, quotients. Nothing for a word that is no unit of measurement.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    if text.len() > 60 {
        return None;
    }
    let text: String = text.chars().filter(|c| !matches!(c, '{' | '}' | '.')).collect();
    let text =
        text.replace(" per ", "/").replace("\\text", "").replace("\\mathrm", "").replace("\\cdot", " ");
    let mut result = Unit { powers: [0; DIMENSIONS], factor: Rational::one() };
    for (place, side) in text.split('/').enumerate() {
        let mut next = 1_i8;
        let mut any = false;
        for word in side.split([' ', '*']).filter(|word| !word.is_empty()) {
            match word {
                "square" | "sq" => next = 2,
                "cubic" | "cu" => next = 3,
                _ => {
                    let (name, power) = split_power(word)?;
                    let (powers, above, below) = entry(name)?;
                    let power = power.checked_mul(next)?.checked_mul(if place == 0 { 1 } else { -1 })?;
                    for (dimension, times) in powers {
                        result.powers[dimension] += times * power;
                    }
                    result.factor *= Pow::pow(Rational::new(above.into(), below.into()), i32::from(power));
                    next = 1;
                    any = true;
                }
            }
        }
        if !any {
            return None;
        }
    }
    Some(result)
}

/// `cm^2` and `s^-1`: the name and the power.
fn split_power(word: &str) -> Option<(&str, i8)> {
    let Some((name, power)) = word.split_once('^') else { return Some((word, 1)) };
    if power == "\\circ" {
        return Some((word, 1));
    }
    power.parse::<i8>().ok().filter(|power| (-4..=4).contains(power)).map(|power| (name, power))
}

type Entry = (Vec<(usize, i8)>, i64, i64);

fn entry(name: &str) -> Option<Entry> {
    if let Some(found) = exact(name) {
        return Some(found);
    }
    let lower = name.to_lowercase();
    if lower.len() < 3 {
        return None;
    }
    exact(&lower).or_else(|| exact(lower.strip_suffix('s')?))
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn exact(name: &str) -> Option<Entry> {
    let length = |above, below| (vec![(LENGTH, 1)], above, below);
    let mass = |above, below| (vec![(MASS, 1)], above, below);
    let time = |above, below| (vec![(TIME, 1)], above, below);
    let volume = |above, below| (vec![(LENGTH, 3)], above, below);
    let money = |kind, above, below| (vec![(kind, 1)], above, below);
    let force = vec![(MASS, 1), (LENGTH, 1), (TIME, -2)];
    let energy = vec![(MASS, 1), (LENGTH, 2), (TIME, -2)];
    let power = vec![(MASS, 1), (LENGTH, 2), (TIME, -3)];
    let pressure = vec![(MASS, 1), (LENGTH, -1), (TIME, -2)];
    Some(match name {
        "unit" | "units" => (Vec::new(), 1, 1),
        "nm" | "nanometer" => length(1, 1_000_000_000),
        "um" | "micrometer" | "micron" => length(1, 1_000_000),
        "mm" | "millimeter" | "millimetre" => length(1, 1_000),
        "cm" | "centimeter" | "centimetre" => length(1, 100),
        "dm" | "decimeter" | "decimetre" => length(1, 10),
        "m" | "meter" | "metre" => length(1, 1),
        "km" | "kilometer" | "kilometre" => length(1_000, 1),
        "in" | "inch" | "inches" => length(254, 10_000),
        "ft" | "foot" | "feet" => length(3_048, 10_000),
        "yd" | "yard" => length(9_144, 10_000),
        "mi" | "mile" => length(1_609_344, 1_000),
        "mg" | "milligram" => mass(1, 1_000_000),
        "g" | "gram" | "gm" => mass(1, 1_000),
        "kg" | "kilogram" | "kgs" => mass(1, 1),
        "ton" | "tonne" => mass(1_000, 1),
        "lb" | "lbs" | "pound" => mass(45_359_237, 100_000_000),
        "oz" | "ounce" => mass(45_359_237, 1_600_000_000),
        "ms" | "millisecond" => time(1, 1_000),
        "s" | "sec" | "second" => time(1, 1),
        "min" | "minute" | "mins" => time(60, 1),
        "h" | "hr" | "hour" | "hrs" => time(3_600, 1),
        "day" => time(86_400, 1),
        "week" => time(604_800, 1),
        "month" => (vec![(YEAR, 1)], 1, 12),
        "year" | "yr" | "yrs" => (vec![(YEAR, 1)], 1, 1),
        "ml" | "mL" | "milliliter" | "millilitre" | "cc" => volume(1, 1_000_000),
        "l" | "L" | "liter" | "litre" => volume(1, 1_000),
        "gallon" | "gal" => volume(3_785_411_784, 1_000_000_000_000),
        "quart" | "qt" => volume(946_352_946, 1_000_000_000_000),
        "pint" | "pt" => volume(473_176_473, 1_000_000_000_000),
        "acre" => (vec![(LENGTH, 2)], 40_468_564_224, 10_000_000),
        "hectare" | "ha" => (vec![(LENGTH, 2)], 10_000, 1),
        "mph" => (vec![(LENGTH, 1), (TIME, -1)], 1_609_344, 3_600_000),
        "kph" | "kmh" | "kmph" => (vec![(LENGTH, 1), (TIME, -1)], 1_000, 3_600),
        "degree" | "deg" | "°" | "^\\circ" | "\\degree" => (vec![(ANGLE, 1)], 1, 1),
        "N" | "newton" => (force, 1, 1),
        "J" | "joule" => (energy, 1, 1),
        "kJ" | "kilojoule" => (energy, 1_000, 1),
        "W" | "watt" => (power, 1, 1),
        "kW" | "kilowatt" => (power, 1_000, 1),
        "Pa" | "pascal" => (pressure, 1, 1),
        "kPa" | "kilopascal" => (pressure, 1_000, 1),
        "Hz" | "hertz" => (vec![(TIME, -1)], 1, 1),
        "A" | "amp" | "ampere" => (vec![(CURRENT, 1)], 1, 1),
        "byte" => (vec![(BYTES, 1)], 1, 1),
        "bit" => (vec![(BYTES, 1)], 1, 8),
        "KB" | "kB" | "kilobyte" => (vec![(BYTES, 1)], 1_000, 1),
        "MB" | "megabyte" => (vec![(BYTES, 1)], 1_000_000, 1),
        "GB" | "gigabyte" => (vec![(BYTES, 1)], 1_000_000_000, 1),
        "celsius" => (vec![(CELSIUS, 1)], 1, 1),
        "fahrenheit" => (vec![(FAHRENHEIT, 1)], 1, 1),
        "kelvin" | "K" => (vec![(KELVIN, 1)], 1, 1),
        "USD" | "usd" | "dollar" | "buck" => money(DOLLAR, 1, 1),
        "cent" | "¢" => money(DOLLAR, 1, 100),
        "EUR" | "eur" | "euro" => money(EURO, 1, 1),
        "GBP" | "gbp" => money(STERLING, 1, 1),
        "JPY" | "jpy" | "yen" => money(YEN, 1, 1),
        "INR" | "inr" | "rupee" | "Rs" => money(RUPEE, 1, 1),
        "CNY" | "cny" | "yuan" | "RMB" => money(YUAN, 1, 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn units_convert() {
        for (one, other, ratio) in [
            ("km", "m", 1000),
            ("square meters", "cm^2", 10_000),
            ("hours", "min", 60),
            ("km/h", "meters per hour", 1000),
            ("dollars", "cents", 100),
            ("L", "cm^{3}", 1000),
            ("feet", "inches", 12),
        ] {
            let (one, other) = (unit(one).unwrap(), unit(other).unwrap());
            assert!(one.converts_to(&other));
            assert_eq!(one.factor / other.factor, crate::number::Rational::from_integer(ratio.into()));
        }
        assert!(!unit("kg").unwrap().converts_to(&unit("km").unwrap()));
        assert_eq!(unit("apples"), None);
    }
}
