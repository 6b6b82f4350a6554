//! Units: which are known, and what they are in terms of each other.

use crate::number::Rational;
use num_traits::{One, Pow, Zero};

/// Dimensions that no conversion connects.
const DIMENSIONS: usize = 15;

const LENGTH: usize = 0;
const MASS: usize = 1;
const TIME: usize = 2;
const ANGLE: usize = 3;
const CURRENT: usize = 4;
const YEAR: usize = 5;
const BYTES: usize = 6;
const TEMPERATURE: usize = 7;
const SUBSTANCE: usize = 8;
const DOLLAR: usize = 9;
const EURO: usize = 10;
const STERLING: usize = 11;
const YEN: usize = 12;
const RUPEE: usize = 13;
const YUAN: usize = 14;

/// Prefixes of units: as symbols and as words, and the power of ten.
const PREFIXES: [(&str, &str, i32); 11] = [
    ("T", "tera", 12),
    ("G", "giga", 9),
    ("M", "mega", 6),
    ("k", "kilo", 3),
    ("h", "hecto", 2),
    ("d", "deci", -1),
    ("c", "centi", -2),
    ("m", "milli", -3),
    ("u", "micro", -6),
    ("n", "nano", -9),
    ("p", "pico", -12),
];

/// Symbols of units, and the prefixes that are usual before them: others make words of other meanings.
const PREFIXED: [(&str, &str); 18] = [
    ("m", "kdcmunp"),
    ("g", "kmun"),
    ("s", "mun"),
    ("L", "hdcmu"),
    ("l", "hdcmu"),
    ("N", "kM"),
    ("J", "kMG"),
    ("W", "kMGTm"),
    ("Wh", "kMGT"),
    ("Pa", "khMG"),
    ("Hz", "kMGT"),
    ("A", "kmu"),
    ("V", "kMm"),
    ("eV", "kMGT"),
    ("cal", "k"),
    ("B", "kMGT"),
    ("mol", "km"),
    ("ohm", "kM"),
];

/// A unit in terms of the base units: powers, a factor, and where its zero is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    powers: [i8; DIMENSIONS],
    /// How many base units it is.
    pub factor: Rational,
    /// What zero of it is in base units: not zero for degrees of temperature.
    pub zero: Rational,
}

impl Unit {
    /// Whether two units measure the same thing.
    pub(crate) fn converts_to(&self, other: &Self) -> bool {
        self.powers == other.powers
    }

    /// The unit with its zero at no base units, as differences are measured.
    pub(crate) fn steps(&self) -> Self {
        Self { zero: Rational::zero(), ..self.clone() }
    }

    /// Plain "units", which measure nothing in particular.
    pub(crate) fn is_counted(&self) -> bool {
        self.powers == [0; DIMENSIONS]
    }
}

/// How many degrees of angle a unit is, if it measures angles.
pub(crate) fn degrees(text: &str) -> Option<Rational> {
    let mut powers = [0; DIMENSIONS];
    powers[ANGLE] = 1;
    unit(text).filter(|unit| unit.powers == powers).map(|unit| unit.factor)
}

/// Whether a unit is a radian, which is a plain number.
pub(crate) fn is_radian(text: &str) -> bool {
    matches!(text.trim(), "rad" | "rads" | "radian" | "radians")
}

/// Two units as what both may measure: `pounds` beside a currency are a currency.
pub(crate) fn both(one: &str, other: &str) -> (Option<Unit>, Option<Unit>) {
    let (x, y) = (unit(one), unit(other));
    let sterling = |text: &str| matches!(text.trim(), "pound" | "pounds").then(|| unit("GBP")).flatten();
    match (&x, &y) {
        (Some(p), Some(q)) if !p.converts_to(q) => {
            let money = |side: Option<Unit>, beside: &Unit| side.filter(|side| side.converts_to(beside));
            (money(sterling(one), q).or(x.clone()), money(sterling(other), p).or(y.clone()))
        }
        _ => (x, y),
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
    let mut result = Unit { powers: [0; DIMENSIONS], factor: Rational::one(), zero: Rational::zero() };
    for (place, side) in text.split('/').enumerate() {
        let mut next = 1_i8;
        let mut any = false;
        for word in side.split([' ', '*']).filter(|word| !word.is_empty()) {
            match word {
                "square" | "sq" => next = 2,
                "cubic" | "cu" => next = 3,
                _ => {
                    let (name, power) = split_power(word)?;
                    let Entry(powers, factor) = entry(name)?;
                    let power = power.checked_mul(next)?.checked_mul(if place == 0 { 1 } else { -1 })?;
                    for (dimension, times) in powers {
                        result.powers[dimension] += times * power;
                    }
                    result.factor *= Pow::pow(factor, i32::from(power));
                    result.zero = zero(name);
                    next = 1;
                    any = true;
                }
            }
        }
        if !any {
            return None;
        }
    }
    if result.powers.iter().map(|power| power.abs()).sum::<i8>() != 1 {
        // Parts of other units are differences of temperature.
        result.zero = Rational::zero();
    }
    Some(result)
}

/// Absolute zero in a scale of temperature, as base units above it that zero of the scale is.
fn zero(name: &str) -> Rational {
    match name {
        "celsius" | "Celsius" => Rational::new(27_315.into(), 100.into()),
        "fahrenheit" | "Fahrenheit" => Rational::new(229_835.into(), 900.into()),
        _ => Rational::zero(),
    }
}

/// `cm^2` and `s^-1`: the name and the power.
fn split_power(word: &str) -> Option<(&str, i8)> {
    let Some((name, power)) = word.split_once('^') else { return Some((word, 1)) };
    if power == "\\circ" {
        return Some((word, 1));
    }
    power.parse::<i8>().ok().filter(|power| (-4..=4).contains(power)).map(|power| (name, power))
}

/// Powers of base units, and a factor.
struct Entry(Vec<(usize, i8)>, Rational);

fn entry(name: &str) -> Option<Entry> {
    if let Some(found) = exact(name).or_else(|| prefixed(name)) {
        return Some(found);
    }
    let lower = name.to_lowercase();
    if lower.len() < 3 {
        return None;
    }
    let word = |name: &str| exact(name).or_else(|| prefixed_word(name));
    word(&lower).or_else(|| word(lower.strip_suffix('s')?))
}

/// `km`, `MHz`: a symbol with a prefix.
fn prefixed(name: &str) -> Option<Entry> {
    let (prefix, symbol) = (name.get(..1)?, name.get(1..)?);
    let (_, usual) = PREFIXED.iter().find(|(known, _)| *known == symbol)?;
    let (_, _, power) = PREFIXES.iter().find(|(known, ..)| *known == prefix && usual.contains(*known))?;
    Some(scaled(exact(symbol)?, *power))
}

/// `kilometer`, `milligram`: a word with a prefix.
fn prefixed_word(name: &str) -> Option<Entry> {
    let (rest, power) =
        PREFIXES.iter().find_map(|(_, word, power)| Some((name.strip_prefix(word)?, power)))?;
    // Symbols have their own prefixes.
    Some(scaled(exact(rest).filter(|_| rest.len() > 2)?, *power))
}

fn scaled(Entry(powers, factor): Entry, power: i32) -> Entry {
    let ten = Rational::from_integer(10.into());
    Entry(powers, factor * Pow::pow(ten, power))
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn exact(name: &str) -> Option<Entry> {
    let of = |powers: &[(usize, i8)], above: i64, below: i64| {
        Entry(powers.to_vec(), Rational::new(above.into(), below.into()))
    };
    let length = |above, below| of(&[(LENGTH, 1)], above, below);
    let mass = |above, below| of(&[(MASS, 1)], above, below);
    let time = |seconds| of(&[(TIME, 1)], seconds, 1);
    let volume = |above, below| of(&[(LENGTH, 3)], above, below);
    let angle = |below| of(&[(ANGLE, 1)], 1, below);
    let money = |kind, below| of(&[(kind, 1)], 1, below);
    let energy = |above, below| of(&[(MASS, 1), (LENGTH, 2), (TIME, -2)], above, below);
    let pressure = |pascals| of(&[(MASS, 1), (LENGTH, -1), (TIME, -2)], pascals, 1);
    Some(match name {
        "unit" | "units" => of(&[], 1, 1),
        "m" | "meter" | "metre" => length(1, 1),
        "micron" => length(1, 1_000_000),
        "in" | "inch" | "inches" => length(254, 10_000),
        "ft" | "foot" | "feet" => length(3_048, 10_000),
        "yd" | "yard" => length(9_144, 10_000),
        "mi" | "mile" => length(1_609_344, 1_000),
        "g" | "gram" | "gramme" | "gm" => mass(1, 1_000),
        "kgs" => mass(1, 1),
        "ton" | "tonne" => mass(1_000, 1),
        "lb" | "lbs" | "pound" => mass(45_359_237, 100_000_000),
        "oz" | "ounce" => mass(45_359_237, 1_600_000_000),
        "s" | "sec" | "second" => time(1),
        "min" | "minute" | "mins" => time(60),
        "h" | "hr" | "hour" | "hrs" => time(3_600),
        "day" => time(86_400),
        "week" => time(604_800),
        "fortnight" => time(1_209_600),
        "month" => of(&[(YEAR, 1)], 1, 12),
        "year" | "yr" | "yrs" => of(&[(YEAR, 1)], 1, 1),
        "decade" => of(&[(YEAR, 1)], 10, 1),
        "century" | "centuries" => of(&[(YEAR, 1)], 100, 1),
        "l" | "L" | "liter" | "litre" => volume(1, 1_000),
        "cc" => volume(1, 1_000_000),
        "gallon" | "gal" => volume(3_785_411_784, 1_000_000_000_000),
        "quart" | "qt" => volume(946_352_946, 1_000_000_000_000),
        "pint" | "pt" => volume(473_176_473, 1_000_000_000_000),
        "acre" => of(&[(LENGTH, 2)], 40_468_564_224, 10_000_000),
        "hectare" | "ha" => of(&[(LENGTH, 2)], 10_000, 1),
        "mph" => of(&[(LENGTH, 1), (TIME, -1)], 1_609_344, 3_600_000),
        "kph" | "kmh" | "kmph" => of(&[(LENGTH, 1), (TIME, -1)], 1_000, 3_600),
        "degree" | "deg" | "°" | "^\\circ" | "\\degree" => angle(1),
        "arcminute" => angle(60),
        "arcsecond" => angle(3_600),
        "N" | "newton" => of(&[(MASS, 1), (LENGTH, 1), (TIME, -2)], 1, 1),
        "J" | "joule" => energy(1, 1),
        "Wh" => energy(3_600, 1),
        "cal" | "calorie" => energy(4_184, 1_000),
        "eV" => scaled(energy(1_602_176_634, 1_000_000_000), -19),
        "W" | "watt" => of(&[(MASS, 1), (LENGTH, 2), (TIME, -3)], 1, 1),
        "V" | "volt" => of(&[(MASS, 1), (LENGTH, 2), (TIME, -3), (CURRENT, -1)], 1, 1),
        "ohm" | "Omega" | "\\Omega" => of(&[(MASS, 1), (LENGTH, 2), (TIME, -3), (CURRENT, -2)], 1, 1),
        "Pa" | "pascal" => pressure(1),
        "bar" => pressure(100_000),
        "atm" | "atmosphere" => pressure(101_325),
        "Hz" | "hertz" => of(&[(TIME, -1)], 1, 1),
        "A" | "amp" | "ampere" => of(&[(CURRENT, 1)], 1, 1),
        "mol" | "mole" => of(&[(SUBSTANCE, 1)], 1, 1),
        "B" | "byte" => of(&[(BYTES, 1)], 1, 1),
        "bit" => of(&[(BYTES, 1)], 1, 8),
        "KB" => of(&[(BYTES, 1)], 1_000, 1),
        "kelvin" | "K" | "celsius" => of(&[(TEMPERATURE, 1)], 1, 1),
        "fahrenheit" => of(&[(TEMPERATURE, 1)], 5, 9),
        "USD" | "usd" | "dollar" | "buck" => money(DOLLAR, 1),
        "cent" | "¢" => money(DOLLAR, 100),
        "EUR" | "eur" | "euro" => money(EURO, 1),
        "GBP" | "gbp" => money(STERLING, 1),
        "pence" | "penny" => money(STERLING, 100),
        "JPY" | "jpy" | "yen" => money(YEN, 1),
        "INR" | "inr" | "rupee" | "Rs" => money(RUPEE, 1),
        "CNY" | "cny" | "yuan" | "RMB" => money(YUAN, 1),
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
            ("kWh", "Wh", 1000),
            ("kilometers", "m", 1000),
            ("degrees", "arcminutes", 60),
        ] {
            let (one, other) = (unit(one).unwrap(), unit(other).unwrap());
            assert!(one.converts_to(&other));
            assert_eq!(one.factor / other.factor, crate::number::Rational::from_integer(ratio.into()));
        }
        assert!(!unit("kg").unwrap().converts_to(&unit("km").unwrap()));
        for text in ["apples", "pm of", "kapples", "megam", "cent of"] {
            assert_eq!(unit(text), None, "{text}");
        }
        let (celsius, fahrenheit) = (unit("celsius").unwrap(), unit("Fahrenheit").unwrap());
        let absolute = |unit: super::Unit, degrees: i64| {
            unit.factor * crate::number::Rational::from_integer(degrees.into()) + unit.zero
        };
        assert_eq!(absolute(celsius, 25), absolute(fahrenheit, 77));
    }
}
