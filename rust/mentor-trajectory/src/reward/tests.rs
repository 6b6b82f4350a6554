use super::*;
use crate::align::compare::Rules;
use crate::align::{FieldFault, Matching, Metric, Needs, Source};

fn settings(metric: Metric, formula: Formula) -> Settings {
    Settings {
        format: Format::Hermes,
        align: align::Settings {
            matching: if metric.counts() { Matching::Set } else { Matching::Multiset },
            rules: Rules::ignoring_arguments(),
            count_invalid: false,
            ..align::Settings::new(metric)
        },
        validity: Validity::All,
        formula,
    }
}

const MENTOR: Formula = Formula::Weighted { answer: 0.7, alignment: 0.3, validity: 0.1, discount: 0.2 };
const TEACHER: &str =
    r#"[{"calls": [{"name": "add", "arguments": {}}, {"name": "multiply", "arguments": {}}]}]"#;

fn text(names: &[&str]) -> String {
    let call = |name: &&str| format!("<tool_call>{{\"name\": \"{name}\", \"arguments\": {{}}}}</tool_call>");
    names.iter().map(call).collect()
}

fn reward(settings: &Settings, student: Student<'_>, answer: Answer, references: &str) -> Reward {
    let tools = ["add", "multiply"].into_iter().map(String::from).collect();
    let rows = [Row { student, answer, tools: Some(&tools), aligned: None }];
    let compiled = Compiled::new(&[Source::Text(references)], Needs::of(&settings.align, false))
        .expect("readable references");
    batch(settings, &rows, &compiled)[0]
}

#[test]
fn the_published_weights() {
    let f1 = settings(Metric::F1, MENTOR);
    let total = |names: &[&str], answer| reward(&f1, Student::Text(&text(names)), answer, TEACHER).total;
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    near(total(&["add", "multiply"], Answer::Right), 1.1);
    near(total(&["multiply", "add", "add"], Answer::Right), 1.1);
    near(total(&["add", "multiply"], Answer::Wrong), 0.16);
    near(total(&["add"], Answer::Right), 0.7 + 0.3 * 2.0 / 3.0 + 0.1);
    near(total(&["add", "nonsense"], Answer::Wrong), 0.3 * 0.2 * 2.0 / 3.0);
    near(total(&[], Answer::Wrong), 0.1);
    assert!(total(&["add"], Answer::Undecided).is_nan());
}

#[test]
fn invalid_calls_are_counted_apart() {
    let mut share = settings(Metric::F1, MENTOR);
    share.validity = Validity::Share;
    let text = text(&["add", "other"]) + "<tool_call>{</tool_call>";
    let row = reward(&share, Student::Text(&text), Answer::Right, TEACHER);
    assert_eq!((row.valid, row.malformed, row.unknown), (1, 1, 1));
    assert!((row.validity - 1.0 / 3.0).abs() < 1e-12);
    share.align.count_invalid = true;
    let counted = reward(&share, Student::Text(&text), Answer::Right, TEACHER);
    assert!(counted.alignment < row.alignment);
}

#[test]
fn what_is_not_known_is_not_zero() {
    let f1 = settings(Metric::F1, MENTOR);
    let row = reward(&f1, Student::Text(""), Answer::Right, "[]");
    assert!(row.alignment.is_nan() && row.total.is_nan());
    let outcome = settings(Metric::F1, Formula::Outcome { right: 1.0, wrong: 0.1 });
    assert!((reward(&outcome, Student::Text(""), Answer::Wrong, "[]").total - 0.1).abs() < 1e-12);
    let failed = reward(&f1, Student::Unscorable, Answer::Right, TEACHER);
    assert!(
        [failed.answer, failed.alignment, failed.validity, failed.total].iter().all(|part| part.is_nan())
    );
    let unweighted = Formula::Weighted { answer: 0.0, alignment: 1.0, validity: 0.0, discount: 1.0 };
    let row = reward(&settings(Metric::F1, unweighted), Student::Text(""), Answer::Undecided, TEACHER);
    assert!(row.total.abs() < 1e-12);
    let all_or_nothing = Formula::Weighted { answer: 0.7, alignment: 0.3, validity: 0.0, discount: 0.0 };
    let row = reward(&settings(Metric::F1, all_or_nothing), Student::Text(""), Answer::Wrong, "[]");
    assert!(row.total.abs() < 1e-12);
}

#[test]
fn strict_wants_both() {
    let strict = settings(Metric::Exact, Formula::Strict);
    let total = |names: &[&str], answer| reward(&strict, Student::Text(&text(names)), answer, TEACHER).total;
    assert!((total(&["add", "multiply"], Answer::Right) - 1.0).abs() < 1e-12);
    assert!(total(&["add", "multiply"], Answer::Wrong).abs() < 1e-12);
    assert!(total(&["multiply", "add"], Answer::Right).abs() < 1e-12);
    assert!(total(&["add"], Answer::Undecided).abs() < 1e-12);
    assert!(total(&["add", "multiply"], Answer::Undecided).is_nan());
}

#[test]
fn results_of_any_kind_do_not_matter() {
    let teacher = r#"[{"calls": [{"name": "add", "arguments": {}, "result": NaN}], "answer": "\ud800"}]"#;
    let row = reward(&settings(Metric::F1, MENTOR), Student::Text(&text(&["add"])), Answer::Right, teacher);
    assert!((row.total - 1.1).abs() < 1e-12);
}

#[test]
fn faults_name_row_and_path() {
    for (text, path, what) in [
        ("[", "", "expected a value at byte 1"),
        ("5", "", "expected a trajectory: {\"calls\": [...]} or a list of calls"),
        ("[{}]", "[0].calls", "expected a list of calls"),
        (r#"[{"calls": [{"name": "a"}, {}]}]"#, "[0].calls[1]", "no \"name\""),
        (r#"[[{"name": "a", "arguments": 5}]]"#, "[0][0]", "\"arguments\" is not an object"),
    ] {
        let fault = Compiled::new(&[Source::Text("[]"), Source::Text(text)], Needs::ALL).expect_err(text);
        assert_eq!(fault, FieldFault { row: 1, path: path.into(), what: what.into() }, "{text}");
    }
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let f1 = settings(Metric::F1, MENTOR);
    let texts: Vec<String> =
        (0..2_000).map(|i| text(&["add", "multiply", "other"][..i % 4]) + &"x".repeat(40)).collect();
    let rows: Vec<Row<'_>> = texts
        .iter()
        .map(|text| Row { student: Student::Text(text), answer: Answer::Right, tools: None, aligned: None })
        .collect();
    let sources: Vec<Source<'_>> = texts.iter().map(|_| Source::Text(TEACHER)).collect();
    let compiled = Compiled::new(&sources, Needs::of(&f1.align, false)).expect("readable references");
    let single: Vec<Reward> = (0..rows.len()).map(|i| score(&f1, &rows[i], compiled.of(i))).collect();
    assert_eq!(batch(&f1, &rows, &compiled), single);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        assert_eq!(pool::map_on(Some(&pool), &rows, |i, row| score(&f1, row, compiled.of(i))), single);
    }
}
