//! Dates and times of day, compared by what they name and never calculated.

use super::numerals;
use num_traits::ToPrimitive;

/// A date or a time of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Year where given, month, day; 0 for the whole month.
    Date(Option<i32>, u32, u32),
    /// Two readings of one date, such as `01/05/2024`: day first or month first.
    Numbers { year: i32, first: u32, second: u32 },
    /// Hour, minute, second where given, and whether it is before noon.
    Time { hour: u32, minute: u32, second: Option<u32>, half: Option<Half> },
    /// A day of the week, from Monday.
    Weekday(usize),
    /// A month, from January.
    Month(usize),
}

/// Before or after noon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Morning,
    Afternoon,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a date or a time of day.
pub(crate) fn moment(cleaned: &str) -> Option<Moment> {
    if cleaned.len() < 3
        || cleaned.len() > 40
        || !cleaned.is_ascii()
        || cleaned.contains(['\\', '(', '=']) && !cleaned.contains("\\text")
    {
        return None;
    }
    let text = cleaned.replace("\\text", " ").replace(['{', '}', '~'], " ").to_lowercase();
    let text = text.trim();
    time(text).or_else(|| numeric(text)).or_else(|| named(text)).or_else(|| alone(cleaned, text))
}

/// `on Tuesday`, `Jan`: a day of the week or a month, abbreviated only with a capital letter.
fn alone(cleaned: &str, text: &str) -> Option<Moment> {
    let word = ["on ", "in "].into_iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(text);
    let word = word.trim_end_matches('.');
    let capital = cleaned.contains(|c: char| c.is_ascii_uppercase());
    let place = |names: &[&str]| {
        names.iter().position(|name| {
            *name == word || capital && (3..=5).contains(&word.len()) && name.starts_with(word)
        })
    };
    place(&WEEKDAYS).map(Moment::Weekday).or_else(|| place(&MONTHS).map(Moment::Month))
}

fn small(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

/// `3:30`, `15:30:00`, `3:30 PM`, `3 p.m.`.
fn time(text: &str) -> Option<Moment> {
    if matches!(text, "noon" | "12 noon" | "midnight") {
        let half = if text == "midnight" { Half::Morning } else { Half::Afternoon };
        return Some(Moment::Time { hour: 12, minute: 0, second: None, half: Some(half) });
    }
    if let Some(spoken) = spoken(text) {
        return Some(spoken);
    }
    let compact: String = text.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let (digits, half) = if let Some(digits) = compact.strip_suffix("am") {
        (digits, Some(Half::Morning))
    } else if let Some(digits) = compact.strip_suffix("pm") {
        (digits, Some(Half::Afternoon))
    } else {
        (compact.as_str(), None)
    };
    if text.contains('.') && half.is_none() {
        return None;
    }
    let parts: Vec<&str> = digits.split(':').collect();
    if half.is_none() && parts.len() < 2 {
        return None;
    }
    // `1:2:3` is a ratio: minutes and seconds have two digits.
    if parts.len() > 3 || parts[0].len() > 2 || parts[1..].iter().any(|part| part.len() != 2) {
        return None;
    }
    let hour = small(parts[0])?;
    let minute = parts.get(1).map_or(Some(0), |part| small(part))?;
    let second = match parts.get(2) {
        Some(part) => Some(small(part)?),
        None => None,
    };
    let hours = if half.is_some() { 1..=12 } else { 0..=24 };
    (hours.contains(&hour) && minute < 60 && second.is_none_or(|second| second < 60))
        .then_some(Moment::Time { hour, minute, second, half })
}

/// `5 o'clock`, `half past three`, `quarter to nine`, `ten past four`.
fn spoken(text: &str) -> Option<Moment> {
    let hour = |text: &str| {
        let digits = small(text).map(i64::from);
        let number = digits.or_else(|| numerals::number(text)?.to_integer().to_i64());
        number.and_then(|hour| u32::try_from(hour).ok()).filter(|hour| (1..=12).contains(hour))
    };
    let time = |hour, minute| Some(Moment::Time { hour, minute, second: None, half: None });
    if let Some(full) = text.strip_suffix("o'clock") {
        return time(hour(full.trim())?, 0);
    }
    let minutes = |text: &str| match text.trim().trim_start_matches("a ") {
        "half" => Some(30),
        "quarter" => Some(15),
        other => numerals::number(other)?.to_integer().to_u32().filter(|minutes| *minutes < 60),
    };
    if let Some((before, full)) = text.split_once(" past ") {
        return time(hour(full)?, minutes(before)?);
    }
    let (before, full) = text.split_once(" to ")?;
    let full = hour(full)?;
    time(if full == 1 { 12 } else { full - 1 }, 60 - minutes(before).filter(|minutes| *minutes > 0)?)
}

/// `2024-01-05`, `2024/1/5`, `05.01.2024`, `1/5/2024`.
fn numeric(text: &str) -> Option<Moment> {
    let mark = ['-', '/', '.'].into_iter().find(|mark| text.matches(*mark).count() == 2)?;
    let parts: Vec<&str> = text.split(mark).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (x, y, z) = (small(a)?, small(b)?, small(c)?);
    if a.len() == 4 && b.len() <= 2 && c.len() <= 2 && (1..=12).contains(&y) && (1..=31).contains(&z) {
        return Some(Moment::Date(i32::try_from(x).ok(), y, z));
    }
    if c.len() != 4 || a.len() > 2 || b.len() > 2 || !(1..=31).contains(&x) || !(1..=31).contains(&y) {
        return None;
    }
    let year = i32::try_from(z).ok()?;
    match (x <= 12, y <= 12) {
        _ if mark == '.' && y <= 12 => Some(Moment::Date(Some(year), y, x)),
        (true, true) if x == y => Some(Moment::Date(Some(year), x, y)),
        (true, true) => Some(Moment::Numbers { year, first: x, second: y }),
        (true, false) => Some(Moment::Date(Some(year), x, y)),
        (false, true) => Some(Moment::Date(Some(year), y, x)),
        (false, false) => None,
    }
}

/// `January 5, 2024`, `5 Jan 2024`, `5th of January`.
fn named(text: &str) -> Option<Moment> {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let (mut month, mut day, mut year) = (None, None, None);
    for word in text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '-'))
        .filter(|word| !word.is_empty())
    {
        let place = MONTHS.iter().position(|name| {
            word.len() >= 3
                && (name == &word || (name.starts_with(word) && (word.len() == 3 || word == "sept")))
        });
        if let Some(place) = place {
            if month.replace(place as u32 + 1).is_some() {
                return None;
            }
            continue;
        }
        if matches!(word, "of" | "the") || WEEKDAYS.contains(&word) {
            continue;
        }
        let digits =
            ["st", "nd", "rd", "th"].into_iter().find_map(|tail| word.strip_suffix(tail)).unwrap_or(word);
        let value = small(digits)?;
        let place = if digits.len() <= 2 && day.is_none() { &mut day } else { &mut year };
        if place.replace(value).is_some() {
            return None;
        }
    }
    // A month of a year has no day.
    let day = match day {
        None if year.is_some() => 0,
        day => day.filter(|day| (1..=31).contains(day))?,
    };
    Some(Moment::Date(year.and_then(|year| i32::try_from(year).ok()), month?, day))
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Whether two moments are the same; nothing where they may be.
pub(crate) fn same(a: &Moment, b: &Moment) -> Option<bool> {
    use Moment::{Date, Month, Numbers, Time, Weekday};
    match (a, b) {
        (Date(y1, m1, d1), Date(y2, m2, d2)) => {
            let days = (m1, d1) == (m2, d2);
            match (y1, y2) {
                (Some(_), None) | (None, Some(_)) if days => None,
                _ => Some(days && y1 == y2),
            }
        }
        (Numbers { year, first, second }, Numbers { year: y, first: f, second: s }) => {
            Some(year == y && first == f && second == s)
        }
        (Numbers { year, first, second }, Date(y, m, d))
        | (Date(y, m, d), Numbers { year, first, second }) => {
            let years = y.is_none_or(|y| y == *year);
            let either = (first, second) == (m, d) || (second, first) == (m, d);
            if years && either { None } else { Some(false) }
        }
        (Time { .. }, Time { .. }) => Some(same_time(a, b)),
        (Weekday(x), Weekday(y)) | (Month(x), Month(y)) => Some(x == y),
        _ => Some(false),
    }
}

fn same_time(a: &Moment, b: &Moment) -> bool {
    let (
        Moment::Time { hour: h1, minute: m1, second: s1, half: p1 },
        Moment::Time { hour: h2, minute: m2, second: s2, half: p2 },
    ) = (a, b)
    else {
        return false;
    };
    let full = |hour: u32, half| match half {
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
        None => hour,
    };
    let hours = match (p1, p2) {
        (Some(_), Some(_)) | (None, None) => full(*h1, *p1) == full(*h2, *p2),
        // Half of the day is not said on one side: as written, or on the clock of 24 hours.
        _ => h1 == h2 || full(*h1, *p1) == full(*h2, *p2),
    };
    hours && m1 == m2 && s1.unwrap_or(0) == s2.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{moment, same};

    fn agree(a: &str, b: &str) -> Option<bool> {
        same(&moment(a).unwrap_or_else(|| panic!("{a}")), &moment(b).unwrap_or_else(|| panic!("{b}")))
    }

    #[test]
    fn moments() {
        assert_eq!(agree("2024-01-05", "January 5, 2024"), Some(true));
        assert_eq!(agree("2024-01-05", "2024-05-01"), Some(false));
        assert_eq!(agree("1/5/2024", "January 5, 2024"), None);
        assert_eq!(agree("1/5/2024", "5/1/2024"), Some(false));
        assert_eq!(agree("13/1/2024", "2024-01-13"), Some(true));
        assert_eq!(agree("5th of Jan", "january 5"), Some(true));
        assert_eq!(agree("3:30 PM", "15:30"), Some(true));
        assert_eq!(agree("3:30 PM", "3:30 p.m."), Some(true));
        assert_eq!(agree("3:30 AM", "3:30 PM"), Some(false));
        assert_eq!(agree("3:30", "3:30 pm"), Some(true));
        assert_eq!(agree("12:00", "1:00"), Some(false));
        assert_eq!(agree("December 2023", "Dec. 2023"), Some(true));
        assert_eq!(agree("noon", "12:00 PM"), Some(true));
        assert_eq!(agree("noon", "midnight"), Some(false));
        assert_eq!(agree("half past three", "3:30"), Some(true));
        assert_eq!(agree("quarter to one", "12:45"), Some(true));
        assert_eq!(agree("5 o'clock", "5:00"), Some(true));
        assert_eq!(agree("on Tuesday", "Tue"), Some(true));
        assert_eq!(agree("Monday", "Sunday"), Some(false));
        assert_eq!(agree("January", "Jan."), Some(true));
    }

    #[test]
    fn others() {
        for text in ["1:2:3", "3:4", "2018", "1/2/3", "5", "sun", "1.2.3", "12 apples", "1-2-3"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
