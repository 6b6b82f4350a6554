//! Whatever the bytes are: no panic, the same verdict either way round and every time, nothing equal by accident.
//!
//! `MENTOR_FUZZ_CASES` says how many texts each law is tried on; without it few.

use mentor_answer::{Decision, Policy, Reading, judge};

const PAIRS: &str = include_str!("pairs.txt");

/// Pieces that answers are made of.
const PIECES: [&str; 88] = [
    "\\frac",
    "\\sqrt",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\\{",
    "\\}",
    "^",
    "_",
    "+",
    "-",
    "*",
    "/",
    "=",
    "<",
    "\\le ",
    ">",
    ",",
    ";",
    ":",
    "|",
    "!",
    "%",
    "\\%",
    "$",
    "\\$",
    "x",
    "y",
    "e",
    "i",
    "n",
    "\\pi ",
    "\\infty ",
    "\\sin ",
    "\\log ",
    "\\sum_{k=1}^{n}",
    "\\binom",
    "\\pm ",
    "\\cup ",
    "\\in ",
    "\\text{",
    "\\begin{pmatrix}",
    "\\end{pmatrix}",
    "&",
    "\\\\",
    "1",
    "2",
    "0",
    "17",
    "3.5",
    "1,234",
    ".",
    "...",
    " ",
    "and",
    "or",
    "cm",
    "²",
    "½",
    "∞",
    "\u{305}",
    "\\over ",
    "\\circ ",
    "\\equiv ",
    "\\pmod{7}",
    "\\land ",
    "\\begin{cases}",
    "\\end{cases}",
    "\\mathbb{R}",
    "A",
    "C",
    "f(x)",
    "'",
    "\"",
    "_{16}",
    "°",
    "¢",
    "‰",
    "minus two thirds",
    "half past ",
    "(1 2 3)",
    "at least ",
    "<sup>",
    "&lt;",
    "**",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

fn check(a: &str, b: &str) -> Decision {
    let policy = Policy::default();
    let (x, y) = (Reading::new(a), Reading::new(b));
    let first = judge(&policy, &x, &y);
    assert_eq!(first, judge(&policy, &x, &y), "{a} | {b}");
    first.decision
}

/// How many cases, as asked for.
fn cases(usual: usize) -> usize {
    std::env::var("MENTOR_FUZZ_CASES")
        .map_or(usual, |text| text.parse().expect("MENTOR_FUZZ_CASES is a number"))
}

#[test]
fn pieces_at_random() {
    let mut random = Random(1);
    for _ in 0..cases(6_000) {
        let mut text =
            || (0..=random.below(14)).map(|_| PIECES[random.below(PIECES.len())]).collect::<String>();
        let (a, b) = (text(), text());
        assert_eq!(check(&a, &b), check(&b, &a), "{a} | {b}");
    }
}

#[test]
fn mutated_answers() {
    let mut random = Random(2);
    let texts: Vec<&str> = PAIRS.lines().flat_map(|line| line.split(" ;; ").skip(1)).collect();
    for _ in 0..cases(6_000) {
        let original = texts[random.below(texts.len())];
        let mut mutated: Vec<char> = original.chars().collect();
        for _ in 0..=random.below(3) {
            let at = random.below(mutated.len() + 1);
            match random.below(4) {
                0 if at < mutated.len() => {
                    mutated.remove(at);
                }
                1 if at < mutated.len() => mutated.swap(at, 0),
                2 => {
                    let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
                    mutated.splice(at..at, piece);
                }
                _ => {
                    let half = mutated[at / 2..at].to_vec();
                    mutated.splice(at..at, half);
                }
            }
        }
        check(&mutated.into_iter().collect::<String>(), original);
    }
}

#[test]
fn bytes_at_random() {
    let mut random = Random(3);
    for _ in 0..cases(3_000) {
        let bytes: Vec<u8> =
            (0..random.below(60)).map(|_| u8::try_from(random.below(256)).unwrap_or(0)).collect();
        check(&String::from_utf8_lossy(&bytes), "\\frac{1}{2}");
    }
}

#[test]
fn hostile_texts_end() {
    let repeat = |text: &str, times: usize| text.repeat(times);
    let hostile = [
        repeat("x", 100_000),
        repeat("1", 100_000),
        repeat("{", 5_000),
        repeat("(", 5_000),
        format!("{}5{}", repeat("(", 5_000), repeat(")", 5_000)),
        "9^{9^{9}}".into(),
        "9**9**9**9".into(),
        "(((9!)!)!)".into(),
        "2^{2^{2^{2^{2^2}}}}".into(),
        "1e999999999".into(),
        "1e99999999999999999999".into(),
        "\\frac{1}{0}".into(),
        format!("5{}", repeat("!", 3_000)),
        repeat("1/", 2_000) + "1",
        repeat("-", 5_000) + "1",
        repeat("\\frac{", 500) + "1" + &repeat("}{2}", 500),
        repeat("\\sqrt{", 90) + "2" + &repeat("}", 90),
        repeat("(x+1)*", 900) + "1",
        "(x+y+z+w)^{50}".into(),
        "(x+1)^{10000}".into(),
        "\\sum_{k=1}^{1999} k^{1000}".into(),
        "\\sum_{k=1}^{1900}\\sum_{j=1}^{1900} kj".into(),
        "\\binom{100000}{50000}".into(),
        "\\sin(10^{1000})".into(),
        "e^{e^{e^{e^{e}}}}".into(),
        repeat("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", 20),
        repeat("\\begin{pmatrix}x&y\\\\z&w\\end{pmatrix}", 20),
        repeat("[0,1]\\cup", 500) + "[2,3]",
        repeat("1,", 2_900) + "1",
        repeat("word ", 1_000),
        format!("0.{}", repeat("3", 5_000)),
        repeat("\\text{", 300) + "a" + &repeat("}", 300),
        "\\boxed{".into(),
        "(x+1)^{10^9}".into(),
        "(2+3i)^{5000}".into(),
        "((((x+1)^{9})^{9})^{9})^{9}".into(),
        repeat("1/x", 900),
        "\\sum_{i=1}^{1000}\\sum_{j=1}^{1000}\\frac{i}{j}".into(),
        repeat("\\binom{40000}{20000}+", 40) + "1",
        format!("1{},111", repeat(",11", 1_500)),
        repeat("\\begin{cases}1&x>0\\\\2&x<0\\end{cases}+", 30) + "1",
        format!("\\begin{{pmatrix}}{}\\end{{pmatrix}}^{{-8}}", repeat("a&b&c&d\\\\", 4)),
        repeat("(1 2)", 150),
        repeat("&lt;", 20_000),
        repeat("**a** ", 10_000),
    ];
    for text in &hostile {
        for other in ["5", "x+1", "9^{9^{8}}", "(1,2)", "[0,1)", "x=3", "\\sqrt{2}", "north"] {
            if !(text.starts_with("((((") && text.contains('5') && other == "5") {
                assert_ne!(check(text, other), Decision::Equal, "{text:.40} | {other}");
            }
        }
        assert_eq!(check(text, text), Decision::Equal, "{text:.40}");
        assert_ne!(check(text, &format!("1+({text})")), Decision::Equal, "{text:.40}");
    }
}
