//! Our reader beside `serde_json`'s, on texts put together at random.

use super::{Dialect, Number, Object, Value, parse};

/// Marsaglia's xorshift: the same texts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "\"a\"",
    "\"b\"",
    "\"a\":",
    "\"\"",
    "\"é\"",
    "\"\\n\"",
    "\"\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\udc00\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\t\"",
    "\"",
    "\\",
    "0",
    "1",
    "-1",
    "-",
    "01",
    "1.5",
    "1.",
    ".5",
    "1e5",
    "1E-3",
    "12345678901234567890123",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    "\u{feff}",
];

/// A text that is valid JSON about as often as not.
fn text(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0..=2 => PIECES[8 + random.below(32)].to_owned(),
        3 => PIECES[random.below(PIECES.len())].to_owned(),
        4 => {
            let items: Vec<String> = (0..random.below(4)).map(|_| text(random, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let keys = ["\"a\"", "\"b\"", "\"\\u0061\"", "\"c\"", "5"];
            let entry = |random: &mut Random| {
                let known = if random.below(9) == 0 { 5 } else { 4 };
                let key = keys[random.below(known)];
                format!("{key} : {}", text(random, depth - 1))
            };
            let entries: Vec<String> = (0..random.below(12)).map(|_| entry(random)).collect();
            format!("{{{}}}", entries.join(" ,"))
        }
    }
}

fn of_serde(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Number(of_literal(&number.to_string())),
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::Array(items.iter().map(of_serde).collect()),
        serde_json::Value::Object(entries) => Value::Object(Object::from_entries(
            entries.iter().map(|(k, v)| (k.clone(), of_serde(v))).collect(),
        )),
    }
}

fn of_literal(literal: &str) -> Number {
    if literal.contains(['.', 'e', 'E']) {
        return Number::Float(literal.parse().expect("a float literal"));
    }
    literal.parse().map_or_else(|_| Number::Big(literal.into()), Number::Int)
}

fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value.write_canonical(&mut out);
    out
}

#[test]
fn equals_serde_on_random_texts() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..20_000 {
        let text = text(&mut random, 3);
        match (parse(&text, Dialect::STRICT), serde_json::from_str::<serde_json::Value>(&text)) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(canonical(&ours), canonical(&of_serde(&theirs)), "{text}");
                good += 1;
            }
            (Err(fault), Err(_)) => {
                assert!(fault.offset <= text.len(), "{text}: {fault}");
                bad += 1;
            }
            (ours, theirs) => panic!("{text:?}: {ours:?} but {theirs:?}"),
        }
    }
    assert!(good > 2_000 && bad > 2_000, "{good} valid, {bad} not");
}

#[test]
fn faults_and_limits() {
    for (text, offset, what) in [
        ("", 0, "expected a value"),
        ("1 2", 2, "text after the JSON value"),
        ("[1,]", 3, "expected a value"),
        ("{\"a\" 1}", 5, "expected ':'"),
        ("\"\u{1}\"", 1, "a control character in a string"),
        ("\"a", 2, "a string without its closing quote"),
        ("[1e999]", 1, "a number beyond the range of doubles"),
        ("-Infinity", 0, "NaN and infinities are not JSON"),
    ] {
        assert_eq!(
            parse(text, Dialect::STRICT).map_err(|f| (f.offset, f.what)),
            Err((offset, what)),
            "{text}"
        );
    }
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (depth, dialect) in [(128, Dialect::STRICT), (990, Dialect::PYTHON)] {
        assert!(parse(&nested(depth), dialect).is_ok());
        let fault = parse(&nested(depth + 1), dialect).expect_err("too deep");
        assert_eq!((fault.offset, fault.what), (depth, "nested too deeply"));
    }
    let digits = |count: usize| "9".repeat(count);
    assert!(parse(&digits(4_300), Dialect::STRICT).is_ok());
    assert!(parse(&digits(4_301), Dialect::STRICT).is_err());
    assert!(parse(&(digits(4_301) + ".0"), Dialect::PYTHON).is_ok());
}
