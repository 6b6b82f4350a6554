use super::*;

const EOS: &str = "<|im_end|>";

fn row<'a>(text: &'a str, truth: &'a str, teacher: &[&'a str]) -> Row<'a> {
    Row { text, truths: vec![truth], teacher: teacher.to_vec(), correct: None }
}

fn one(variant: &str, text: &str, truth: &str, teacher: &[&str], correct: bool) -> f64 {
    let variant = Variant::from_name(variant).expect("a variant");
    let row = Row { correct: Some(correct), ..row(text, truth, teacher) };
    scores(variant, &[row], EOS)[0]
}

fn asked<'a>(text: &'a str, truth: &'a str) -> Question<'a> {
    questions(&[row(text, truth, &[])], EOS).remove(0)
}

fn prediction(text: &str) -> Option<String> {
    match asked(&format!("{text}{EOS}"), "1") {
        Question::Ask { prediction, .. } => Some(prediction.to_owned()),
        settled => {
            assert_eq!(settled, Question::Settled(0.1));
            None
        }
    }
}

#[test]
fn the_end_of_the_sequence_comes_first() {
    assert_eq!(asked("\\boxed{1}", "\\boxed{"), Question::Settled(0.0));
    assert_eq!(asked(&format!("\\boxed{{1}}{EOS}\n"), "1"), Question::Settled(0.0));
    assert_ne!(questions(&[row("\\boxed{1}", "1", &[])], ""), [Question::Settled(0.0)]);
}

#[test]
fn boxes() {
    for (text, expected) in [
        ("\\boxed{5}", Some("5")),
        ("\\boxed{1} \\boxed{2}", Some("2")),
        ("\\boxed{1} \\boxed 7$ \\boxed{3}", Some("7")),
        ("\\boxed 7", Some("7<|im_end|>")),
        ("\\boxed{1} \\boxed{2", None),
        ("\\boxed5 {x}", None),
        ("\\boxed\n{5}", None),
        ("\\boxedx{5}", None),
        ("\\boxed}{{}", None),
        ("\\fbox{5}", None),
        ("\\boxed{ \u{a0}\u{1c}}", None),
        ("\\boxed{\u{200b}}", Some("\u{200b}")),
        ("\\boxed{{}}", Some("{}")),
        ("nothing", None),
    ] {
        assert_eq!(prediction(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn ground_truths_are_unwrapped_or_raise() {
    let text = format!("\\boxed{{5}}{EOS}");
    let ask = |truth| Question::Ask { prediction: "5", truths: vec![truth] };
    assert_eq!(asked(&text, "x = \\boxed{5}"), ask("5"));
    assert_eq!(asked(&text, "\\boxed 5"), ask("\\boxed 5"));
    assert_eq!(asked(&text, "\\boxed{5"), Question::Raises);
    assert_eq!(asked(&text, "\\boxed{5} \\fbox{6} \\boxed"), Question::Raises);
    assert!(one("SPARSE", &text, "\\boxed{5", &[], true).is_nan());
}

#[test]
fn calls() {
    let used = |body: &str| {
        let usage = calls::tool_usage(&format!("<tool_call>{body}</tool_call>"))?;
        Some((usage.known.names().join(" "), usage.invalid))
    };
    let some = |names: &str, invalid| Some((names.to_owned(), invalid));
    for (body, expected) in [
        (r#"{"name": "add"}"#, some("add", false)),
        (
            r#" {"name": "nope", "name": "\u0061dd", "x": NaN, "y": -Infinity, "z": 1e999, "w": "\ud800"} "#,
            some("add", false),
        ),
        ("\u{a0}{\"name\": \"add\"}\u{3000}\u{1c}", some("add", false)),
        ("\u{200b}{\"name\": \"add\"}", some("", false)),
        (r#"{"name": "Add"}"#, some("", true)),
        (r#"{"name": " add"}"#, some("", true)),
        (r#"{"name": "add""#, some("", false)),
        (r#"{"name":\"add"#, some("", false)),
        (r#"{"name":\"add""#, some("add", false)),
        (r#"{"name":\"add\"}"#, some("", true)),
        (r#"{"name":\sss"add""#, some("add", false)),
        (r#"{"name": \"add""#, some("", false)),
        (r#"{"name":\"" "name":\"add""#, some("add", false)),
        (r#"{"name":\"""name":\"add""#, some("add", false)),
        (r#"{"name": 5}"#, some("", true)),
        (r#"{"name": true}"#, some("", true)),
        (r#"{"name": NaN}"#, some("", true)),
        (r#"{"name": 0.0}"#, some("", false)),
        (r#"{"name": null}"#, some("", false)),
        (r#"{"name": []}"#, some("", false)),
        (r#"{"name": ["add"]}"#, None),
        (r#"{"name": {"a": 1}}"#, None),
        (r#"[{"name": "add"}]"#, some("", false)),
        (r#"["name"]"#, some("", false)),
        ("5", some("", false)),
        ("<tool_call>{\"name\": \"add\"}", some("", false)),
        ("", some("", false)),
    ] {
        assert_eq!(used(body), expected, "{body}");
    }
    let deep = |n: usize| format!("{{\"name\": \"add\", \"x\": {}{}}}", "[".repeat(n), "]".repeat(n));
    assert_eq!(used(&deep(300)), some("add", false));
    assert_eq!(used(&deep(60_000)), some("", false));
    let long = |n: usize| format!("{{\"name\": \"add\", \"x\": {}}}", "1".repeat(n));
    assert_eq!(used(&long(4_300)), some("add", false));
    assert_eq!(used(&long(4_301)), some("", false));
}

#[test]
fn formulas() {
    let text = |names: &[&str]| {
        let call = |name: &&str| format!("<tool_call>{{\"name\": \"{name}\"}}</tool_call>");
        names.iter().map(call).collect::<String>() + "\\boxed{1}" + EOS
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    let teacher = ["add", "power"];
    for (names, correct, expected) in [
        (&["add", "power"][..], true, [1.0, 1.1, 1.0, 0.8, 1.1]),
        (&["add", "power"], false, [0.1, 0.16, 0.06, 0.1, 0.16]),
        (&["add", "odd"], true, [1.0, 0.7, 1.0, 0.7, 0.9]),
        (&["sqrt"], false, [0.1, 0.1, 0.0, 0.1, 0.1]),
        (&[], false, [0.1, 0.1, 0.0, 0.1, 0.1]),
        (&["odd"], false, [0.1, 0.0, 0.0, 0.0, 0.0]),
    ] {
        for (variant, expected) in
            ["SPARSE", "MENTOR", "ABLATION2", "ABLATION3", "ABLATION4"].iter().zip(expected)
        {
            near(one(variant, &text(names), "1", &teacher, correct), expected);
        }
    }
    near(one("MENTOR", &text(&["add"]), "1", &[], true), 0.1);
    near(one("ABLATION3", &text(&["add"]), "1", &[], true), 0.8);
    // The teacher's set counts tools that are not known, each once.
    near(one("MENTOR", &text(&["add"]), "1", &["add", "add"], true), 1.1);
    near(one("MENTOR", &text(&["add"]), "1", &["add", "odd"], true), 0.8);
    near(one("ABLATION4", &text(&["add"]), "1", &["add", "odd", "odd"], true), 1.0);
    let undecided = row("\\boxed{1}<|im_end|>", "1", &["add"]);
    assert!(scores(Variant::Sparse, &[undecided], EOS)[0].is_nan());
    let raising = format!("<tool_call>{{\"name\": [1]}}</tool_call>\\boxed{{1}}{EOS}");
    assert!(one("MENTOR", &raising, "1", &[], true).is_nan());
    near(one("SPARSE", &raising, "1", &[], true), 1.0);
}
