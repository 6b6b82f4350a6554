//! Every labelled pair of `pairs.txt` is judged as labelled, either way round, whatever is wrapped around it.

use mentor_answer::{Decision, Policy, Reading, judge};

const PAIRS: &str = include_str!("pairs.txt");

fn pairs() -> impl Iterator<Item = (Decision, &'static str, &'static str)> {
    PAIRS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut parts = line.split(" ;; ");
        let mut part = || parts.next().unwrap_or_else(|| panic!("three parts in {line}"));
        let label = if part() == "=" { Decision::Equal } else { Decision::Different };
        (label, part(), part())
    })
}

fn decide(answer: &str, reference: &str) -> Decision {
    judge(&Policy::default(), &Reading::new(answer), &Reading::new(reference)).decision
}

#[test]
fn labels() {
    let mut wrong = Vec::new();
    for (label, answer, reference) in pairs() {
        let found = decide(answer, reference);
        if found != label {
            wrong.push(format!("{answer} | {reference}: {found}, not {label}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn either_way_round() {
    for (_, answer, reference) in pairs() {
        assert_eq!(decide(answer, reference), decide(reference, answer), "{answer} | {reference}");
    }
}

#[test]
fn every_answer_equals_itself() {
    for (_, answer, reference) in pairs() {
        for text in [answer, reference] {
            assert_eq!(decide(text, text), Decision::Equal, "{text}");
            assert_eq!(decide(&format!("  {text} "), text), Decision::Equal, "{text}");
        }
    }
}

#[test]
fn delimiters_change_nothing() {
    for (label, answer, reference) in pairs() {
        if answer.contains(['$', '€']) || answer.contains("\\(") || answer.contains("\\[") {
            continue;
        }
        for wrapped in
            [format!("\\boxed{{{answer}}}"), format!("The answer is: {answer}"), format!("{answer}.")]
        {
            if wrapped.ends_with("..") || answer.ends_with('.') {
                continue;
            }
            assert_eq!(decide(&wrapped, reference), label, "{wrapped} | {reference}");
        }
        let mathematics = answer.contains('\\') && !answer.contains("\\text");
        if mathematics {
            for (left, right) in [("$", "$"), ("\\(", "\\)"), ("$$", "$$"), ("\\[", "\\]")] {
                assert_eq!(
                    decide(&format!("{left} {answer} {right}"), reference),
                    label,
                    "{left} {answer} | {reference}"
                );
            }
        }
    }
}
