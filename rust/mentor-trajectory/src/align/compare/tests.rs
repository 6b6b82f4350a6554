use super::*;
use crate::json::{Dialect, parse};

fn value(text: &str) -> Value {
    parse(text, Dialect::STRICT).expect("valid JSON")
}

fn object(text: &str) -> Object {
    match value(text) {
        Value::Object(object) => object,
        other => panic!("{other:?} is no object"),
    }
}

fn agreement(rule: &Rule, student: &str, teacher: &str) -> (f64, bool) {
    let Agreement { score, same } = rule.agreement(&object(student), &object(teacher));
    (score, same)
}

#[test]
fn scopes_choose_the_parameters_that_count() {
    let scoped = |scope| Rule { scope, ..Rule::default() };
    let (less, more) = (r#"{"a": 1}"#, r#"{"a": 1.0, "b": 2}"#);
    for (scope, forth, back) in [
        (Scope::All, (0.5, false), (0.5, false)),
        (Scope::Nothing, (1.0, true), (1.0, true)),
        (Scope::Subset, (1.0, true), (0.5, false)),
        (Scope::Superset, (0.5, false), (1.0, true)),
        (Scope::Keys(vec!["a".into(), "c".into()]), (1.0, true), (1.0, true)),
        (Scope::Keys(vec!["b".into()]), (0.0, false), (0.0, false)),
    ] {
        assert_eq!(agreement(&scoped(scope.clone()), less, more), forth, "{scope:?}");
        assert_eq!(agreement(&scoped(scope.clone()), more, less), back, "{scope:?}");
    }
    assert_eq!(agreement(&Rule::default(), "{}", "{}"), (1.0, true));
}

#[test]
fn values_agree_by_their_rule() {
    let close = ValueRule::Close { relative: 0.01, absolute: 0.5 };
    let text = ValueRule::Text { threshold: 0.8 };
    let bfcl = ValueRule::Bfcl { accepted: None };
    let listed = ValueRule::Bfcl { accepted: Some(vec![value("\"New York\""), value("5"), value("\"\"")]) };
    for (rule, student, teacher, expected) in [
        (&ValueRule::Exact, "9007199254740993", "9007199254740992.0", (0.0, false)),
        (&ValueRule::Exact, r#"{"a": 1, "b": [0.0]}"#, r#"{"b": [-0.0], "a": 1.0}"#, (1.0, true)),
        (&ValueRule::Ignore, "1", "2", (1.0, true)),
        (&close, "[100, {\"x\": 1}]", "[101, {\"x\": 1.5}]", (1.0, true)),
        (&close, "100", "102", (0.0, false)),
        (&close, "\"100\"", "100", (0.0, false)),
        (&text, "\"kitten\"", "\"sitting\"", (1.0 - 3.0 / 7.0, false)),
        (&text, "\"weather\"", "\"weathers\"", (0.875, true)),
        (&text, "1", "1.0", (1.0, true)),
        (&bfcl, "\"New-York, U.S.\"", "\"new york us\"", (1.0, true)),
        (&bfcl, "[\"A b\"]", "[\"ab\"]", (1.0, true)),
        (&bfcl, "\"1\"", "1", (0.0, false)),
        (&listed, "\"NEW YORK\"", "\"Boston\"", (1.0, true)),
        (&listed, "5.0", "\"Boston\"", (1.0, true)),
        (&listed, "\"Boston\"", "\"Boston\"", (0.0, false)),
    ] {
        let Agreement { score, same } = rule.agreement(&value(student), &value(teacher));
        assert_eq!((score, same), expected, "{rule:?} {student} {teacher}");
    }
}

#[test]
fn rules_of_parameters() {
    let parameters = BTreeMap::from([
        ("note".to_owned(), ValueRule::Ignore),
        ("unit".to_owned(), ValueRule::Bfcl { accepted: Some(vec![value("\"\""), value("\"km\"")]) }),
    ]);
    let rule = Rule { parameters, ..Rule::default() };
    assert_eq!(agreement(&rule, r#"{"a": 1, "note": 5}"#, r#"{"a": 1, "unit": "km"}"#), (1.0, true));
    assert_eq!(agreement(&rule, r#"{"a": 1}"#, r#"{"a": 2, "note": 6}"#), (0.0, false));
}

#[test]
fn long_texts_take_bounded_time() {
    let (a, b) = ("a".repeat(1 << 20), "b".repeat(1 << 20));
    assert_eq!(text_similarity(&a, &b), 0.0);
    assert_eq!(text_similarity(&a, &(a.clone() + "b")), 1.0 - 1.0 / f64::from((1 << 20) + 1));
    assert_eq!(text_similarity("", ""), 1.0);
    assert_eq!(text_similarity("é", "e"), 0.0);
}

#[test]
fn bounds_are_checked() {
    let rules = Rules {
        usual: Rule::default(),
        tools: BTreeMap::from([(
            "add".to_owned(),
            Rule {
                parameters: BTreeMap::from([("a".to_owned(), ValueRule::Text { threshold: f64::NAN })]),
                ..Rule::default()
            },
        )]),
    };
    let fault = rules.check().expect_err("not a number");
    assert_eq!(
        fault.to_string(),
        r#"field 'arguments["add"]["a"].threshold': expected a finite number in [0, 1], not NaN"#
    );
}
