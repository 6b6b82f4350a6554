//! The table of laws: what each way of working is worth against `a = add(2, 3); b = multiply(a, 4)`.

use super::*;
use crate::align::{Metric, Needs, Outcome, Recorded, Recording, References, Settings, Step};
use crate::json::{Number, Object, Value};
use crate::parse::Call;
use std::collections::BTreeMap;

/// A call of an arithmetic tool with what it returns.
fn call(name: &str, numbers: &[f64]) -> Recorded {
    let value = |number: f64| Value::Number(Number::Float(number));
    let (arguments, result) = match (name, numbers) {
        ("sum_numbers", all) => {
            let list = Value::Array(all.iter().copied().map(value).collect());
            (vec![("numbers".to_owned(), list)], all.iter().sum())
        }
        (_, &[x]) => (vec![("x".to_owned(), value(x))], if name == "sqrt" { x.sqrt() } else { x.abs() }),
        (_, &[a, b]) => {
            let result = match name {
                "add" => a + b,
                "subtract" => a - b,
                "multiply" => a * b,
                "divide" => a / b,
                "power" => a.powf(b),
                _ => panic!("unknown tool {name}"),
            };
            (vec![("a".to_owned(), value(a)), ("b".to_owned(), value(b))], result)
        }
        _ => panic!("{name} of {numbers:?}"),
    };
    let call = Call { name: name.to_owned(), arguments: Object::from_entries(arguments) };
    Recorded { call, outcome: Outcome::Value(value(result)) }
}

type Calls<'a> = &'a [(&'a str, &'a [f64])];

fn recording(calls: Calls<'_>) -> Recording {
    Recording { calls: calls.iter().map(|(name, numbers)| call(name, numbers)).collect(), answer: None }
}

fn context(task: &str) -> Context {
    let pair = || vec!["a".to_owned(), "b".to_owned()];
    let commutative = BTreeMap::from([
        ("add".to_owned(), pair()),
        ("multiply".to_owned(), pair()),
        ("sum_numbers".to_owned(), vec!["numbers".to_owned()]),
    ]);
    Context { task: Some(task.to_owned()), commutative, ..Context::default() }
}

fn detail(student: &[Recorded], teacher: Calls<'_>, context: &Context) -> Detail {
    let references = References::new(vec![recording(teacher)], Needs::ALL, context);
    let steps: Vec<Step<'_>> =
        student.iter().map(|r| Step { call: Some(&r.call), outcome: &r.outcome }).collect();
    let explanation =
        references.explain(&Settings::new(Metric::Flow), &references.read(&steps, Needs::ALL), &steps, &[]);
    explanation.and_then(|explanation| explanation.flow).expect("a reference")
}

fn score(student: Calls<'_>, teacher: Calls<'_>, task: &str) -> f64 {
    detail(&recording(student).calls, teacher, &context(task)).score
}

const TEACHER: Calls<'static> = &[("add", &[2.0, 3.0]), ("multiply", &[5.0, 4.0])];
const TASK: &str = "Add 2 and 3, then multiply by 4.";

#[test]
fn the_table_of_laws() {
    let idle = ("add", &[7.0, 7.0][..]);
    let rows: &[(&str, Calls<'_>, f64)] = &[
        ("the same", TEACHER, 1.0),
        ("commuting arguments swapped", &[("add", &[3.0, 2.0]), ("multiply", &[4.0, 5.0])], 1.0),
        ("another tool", &[("sum_numbers", &[2.0, 3.0]), ("multiply", &[5.0, 4.0])], 0.95),
        ("another way", &[("multiply", &[2.0, 4.0]), ("multiply", &[3.0, 4.0]), ("add", &[8.0, 12.0])], 0.9),
        ("one slip", &[("add", &[2.0, 4.0]), ("multiply", &[6.0, 4.0])], 0.84),
        ("one idle call", &[TEACHER[0], TEACHER[1], idle], 0.8),
        ("five idle calls", &[TEACHER[0], TEACHER[1], idle, idle, idle, idle, idle], 0.44),
        ("the same twice", &[TEACHER[0], TEACHER[1], TEACHER[0], TEACHER[1]], 0.67),
        ("half the work", &[TEACHER[0]], 0.67),
        ("used before it was there", &[TEACHER[1], TEACHER[0]], 0.625),
        ("a guess", &[("multiply", &[4.0, 5.0])], 0.33),
        (
            "every tool once",
            &[
                ("add", &[2.0, 3.0]),
                ("subtract", &[2.0, 3.0]),
                ("multiply", &[2.0, 3.0]),
                ("divide", &[2.0, 3.0]),
                ("power", &[2.0, 3.0]),
                ("sum_numbers", &[2.0, 3.0]),
                ("abs_value", &[2.0]),
                ("sqrt", &[2.0]),
            ],
            0.2,
        ),
        ("the answer itself", &[("add", &[20.0, 0.0])], 0.0),
        ("the right names", &[("add", &[90.0, 11.0]), ("multiply", &[17.0, 13.0])], 0.0),
        ("nothing", &[], 0.0),
    ];
    for (name, student, expected) in rows {
        let found = score(student, TEACHER, TASK);
        assert!((found - expected).abs() < 0.005, "{name}: {found} is not {expected}");
    }
}

#[test]
fn other_ways_to_a_result() {
    let swapped: Calls<'_> = &[("multiply", &[4.0, 5.0]), ("multiply", &[2.0, 3.0]), ("add", &[6.0, 20.0])];
    let teacher: Calls<'_> = &[("multiply", &[2.0, 3.0]), ("multiply", &[4.0, 5.0]), ("add", &[6.0, 20.0])];
    assert_eq!(score(swapped, teacher, "2 times 3 and 4 times 5, together"), 1.0);
    let adds: Calls<'_> = &[("add", &[1.0, 2.0]), ("add", &[3.0, 4.0])];
    let sum: Calls<'_> = &[("sum_numbers", &[1.0, 2.0, 4.0])];
    assert!((score(sum, adds, "Sum 1, 2 and 4.") - 0.9).abs() < 1e-12);
    assert!((score(adds, sum, "Sum 1, 2 and 4.") - 0.9).abs() < 1e-12);
    assert!(
        (score(&[("power", &[7.0, 2.0])], &[("multiply", &[7.0, 7.0])], "7 squared") - 0.9).abs() < 1e-12
    );
    let negative = score(&[("add", &[9.0, -5.0])], &[("subtract", &[9.0, 5.0])], "9 less 5");
    assert!((negative - 0.9).abs() < 1e-12);
}

#[test]
fn nobody_is_asked_for_more_than_the_teacher() {
    // 12 and 60 are not in the text: the teacher knows what a dozen and an hour are.
    let teacher: Calls<'_> = &[("multiply", &[12.0, 60.0]), ("divide", &[720.0, 60.0])];
    assert_eq!(score(teacher, teacher, "A dozen hours in minutes, and back."), 1.0);
    let without_task = Context { task: None, ..context("") };
    assert_eq!(detail(&recording(TEACHER).calls, TEACHER, &without_task).score, 1.0);
}

#[test]
fn failures_and_what_is_no_call_earn_nothing() {
    let mut failed = recording(TEACHER).calls;
    failed[1].outcome = Outcome::Failed;
    let detail_of = |calls: &[Recorded]| detail(calls, TEACHER, &context(TASK));
    assert_eq!(detail_of(&failed).student_credit, [1.0, 0.0]);
    let references =
        References::new(vec![Recording { calls: failed.clone(), answer: None }], Needs::ALL, &context(TASK));
    let steps: Vec<Step<'_>> =
        failed.iter().map(|r| Step { call: Some(&r.call), outcome: &r.outcome }).collect();
    let settings = Settings::new(Metric::Flow);
    let scored =
        references.score(&settings, &references.read(&steps, Needs::ALL), &steps, &[]).expect("a reference");
    assert_eq!(scored.score, 1.0, "the failure is the reference's own");
    let steps = [steps[0], Step { call: None, outcome: steps[0].outcome }];
    let found = references
        .explain(&settings, &references.read(&steps, Needs::ALL), &steps, &[])
        .expect("a reference");
    assert_eq!(found.flow.expect("flow").student_credit, [1.0, 0.0]);
}

#[test]
fn effects_and_order_are_the_callers_to_say() {
    let swapped: Calls<'_> = &[("add", &[4.0, 9.0]), ("add", &[2.0, 3.0])];
    let teacher: Calls<'_> = &[("add", &[2.0, 3.0]), ("add", &[4.0, 9.0])];
    let mut known = context("2 and 3, 4 and 9");
    assert_eq!(detail(&recording(swapped).calls, teacher, &known).score, 1.0);
    known.order = vec![vec![(0, 1)]];
    let late = detail(&recording(swapped).calls, teacher, &known);
    assert_eq!(late.late, [false, true]);
    let other = recording(&[("sum_numbers", &[2.0, 3.0]), ("sum_numbers", &[4.0, 9.0])]).calls;
    assert!(detail(&other, teacher, &known).score > 0.8);
    known.effects.insert("add".into());
    assert_eq!(detail(&other, teacher, &known).score, 0.0, "another tool has not the effect");
}
