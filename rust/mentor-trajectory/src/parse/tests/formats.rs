//! Every format's grammar, and what is wrong with texts that nearly follow it.

use crate::parse::{Format, Status, Tools, detect, parse};

/// What is found, in short: `name(arguments)`, `?name` for unknown tools, `!offset reason` for malformed attempts.
fn shown(format: Format, text: &str, tools: Option<&Tools>) -> Vec<String> {
    let show = |attempt: crate::parse::Attempt| match (attempt.status, attempt.call, attempt.reason) {
        (Status::Malformed, _, Some(reason)) => format!("!{} {}", reason.offset, reason.what),
        (Status::Unknown, Some(call), _) => format!("?{}", call.name),
        (_, Some(call), _) => {
            let entries = call.arguments.entries().iter().map(|(key, value)| format!("{key}={value:?}"));
            format!("{}({})", call.name, entries.collect::<Vec<_>>().join(" "))
        }
        (_, None, _) => "nothing".to_owned(),
    };
    parse(format, text, tools).into_iter().map(show).collect()
}

fn check(format: Format, cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(&shown(format, text, None), expected, "{text}");
    }
}

#[test]
fn arguments_between_tags() {
    let text = r#"a(k=String("1"))"#;
    check(
        Format::Qwen3Coder,
        &[
            ("<function=a></function>", &["a()"]),
            (
                "<tool_call>\n<function=a>\n<parameter=k>\n\"1\"\n</parameter>\n</function>\n</tool_call>",
                &[text],
            ),
            (
                "<function=a><parameter=k>\"1\"<parameter=j>true</function>",
                &[r#"a(k=String("1") j=Bool(true))"#],
            ),
            ("<tool_call><function=a><parameter=k>\"1\"</parameter></tool_call>", &[text]),
            ("<tool_call>", &["!11 the call is not complete"]),
            ("<tool_call>x</tool_call>", &["!11 expected <function=NAME>"]),
            ("<function=>", &["!10 an empty name"]),
            ("<function=a\n</function>", &["!11 expected the name's end and '>'"]),
            ("<function=a>x</function>", &["!12 expected <parameter=NAME> or </function>"]),
            ("<function=a><parameter=k>1", &["!26 the call is not complete"]),
            (
                "<function=a><parameter=k>1</tool_call><function=b></function>",
                &["!26 the call is not complete", "b()"],
            ),
        ],
    );
    check(
        Format::Minimax,
        &[
            (
                "<minimax:tool_call><invoke name=\"a\"></invoke><invoke name=\"b\"></invoke></minimax:tool_call>",
                &["a()", "b()"],
            ),
            ("<invoke name=\"a\"><parameter name=\"k\">\"1\"</parameter></invoke>", &[text]),
            ("<invoke name=a></invoke>", &["!13 expected a name in double quotes"]),
            ("<invoke name=\"a></invoke>", &["!15 expected the name's end and '>'"]),
            ("<minimax:tool_call></minimax:tool_call>", &["!19 the call is not complete"]),
        ],
    );
    check(
        Format::Glm45,
        &[
            ("<tool_call>a\n<arg_key>k</arg_key>\n<arg_value>\"1\"</arg_value>\n</tool_call>", &[text]),
            ("<tool_call>a</tool_call>", &["a()"]),
            ("<tool_call>a", &["!12 the call is not complete"]),
            ("<tool_call>{}</tool_call>", &["!11 expected the tool's name"]),
            ("<tool_call>a<arg_key>k<arg_value>1</arg_value></tool_call>", &["!22 expected </arg_key>"]),
            ("<tool_call>a<arg_key>k</arg_key>1</tool_call>", &["!32 expected <arg_value>"]),
            ("<tool_call>a b</tool_call>", &["!13 expected <arg_key> or </tool_call>"]),
        ],
    );
}

#[test]
fn values_are_what_the_schema_wants() {
    use crate::json::{Dialect, parse as json};
    let schema = r##"{"properties": {
        "text": {"type": "string"}, "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "int": {"type": "integer"}, "num": {"type": ["number", "null"]}, "bool": {"type": "boolean"},
        "list": {"type": "array"}, "ref": {"$ref": "#/$defs/O"}, "loop": {"$ref": "#/$defs/L"}, "free": {}},
        "$defs": {"O": {"type": "object"}, "L": {"anyOf": [{"$ref": "#/$defs/L"}, {"$ref": "#/$defs/L"}]}}}"##;
    let mut tools = Tools::default();
    tools.insert("a".to_owned(), Some(&json(schema, Dialect::STRICT).expect("a schema")));
    for (key, text, expected) in [
        ("text", "5", r#"String("5")"#),
        ("text", "null", r#"String("null")"#),
        ("maybe", "null", "Null"),
        ("maybe", "[1]", r#"String("[1]")"#),
        ("int", " 5 ", "Number(Int(5))"),
        ("int", "5.0", r#"String("5.0")"#),
        ("int", "null", r#"String("null")"#),
        ("num", "5", "Number(Int(5))"),
        ("num", "null", "Null"),
        ("num", "1e999", r#"String("1e999")"#),
        ("num", "NaN", r#"String("NaN")"#),
        ("bool", "True", "Bool(true)"),
        ("bool", "yes", r#"String("yes")"#),
        ("list", "[1]", "Array([Number(Int(1))])"),
        ("list", "{}", r#"String("{}")"#),
        ("ref", "{}", "Object(Object([]))"),
        ("loop", "5", "Number(Int(5))"),
        ("free", "x", r#"String("x")"#),
        ("free", "5", "Number(Int(5))"),
        ("other", "5", "Number(Int(5))"),
    ] {
        let call = format!("<function=a><parameter={key}>{text}</parameter></function>");
        assert_eq!(
            shown(Format::Qwen3Coder, &call, Some(&tools)),
            [format!("a({key}={expected})")],
            "{call}"
        );
    }
    let python = "<tool_call>a<arg_key>bool</arg_key><arg_value>True</arg_value><arg_key>free</arg_key><arg_value>('x', 1)</arg_value></tool_call>";
    let expected = r#"a(bool=Bool(true) free=Array([String("x"), Number(Int(1))]))"#;
    assert_eq!(shown(Format::Glm45, python, Some(&tools)), [expected]);
}

#[test]
fn names_before_an_object() {
    check(
        Format::Mistral,
        &[
            ("[TOOL_CALLS]a{}[TOOL_CALLS]b[ARGS]{}", &["a()", "b()"]),
            ("[TOOL_CALLS]a[CALL_ID]x1[ARGS]{}", &["a()"]),
            ("[TOOL_CALLS] [{\"name\": \"a\"}, {\"name\": \"b\"}] more", &["a()", "b()"]),
            ("[TOOL_CALLS] []", &[]),
            ("[TOOL_CALLS]", &["!12 the call is not complete"]),
            ("[TOOL_CALLS]a b", &["!14 expected a JSON object"]),
            ("[TOOL_CALLS]{}", &["!12 expected a list of calls, or a name with its arguments"]),
        ],
    );
    check(
        Format::DeepseekV3,
        &[
            (
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>a\n```json\n{}\n```<｜tool▁call▁end｜>",
                &["a()"],
            ),
            ("<｜tool▁call▁begin｜>a<｜tool▁sep｜>{}<｜tool▁call▁end｜>", &["a()"]),
            ("<｜tool▁call▁begin｜>function<｜tool▁sep｜>{}<｜tool▁call▁end｜>", &["function()"]),
            (
                "<｜tool▁call▁begin｜>tool<｜tool▁sep｜>a\n{}",
                &["!27 expected the kind \"function\", or arguments after the name"],
            ),
            ("<｜tool▁call▁begin｜>function a", &["!37 the call is not complete"]),
            (
                "<｜tool▁call▁begin｜>function<｜tool▁sep｜>a\n```json\n{} x",
                &["!66 expected ``` after the object"],
            ),
            ("<｜tool▁calls▁begin｜>function", &["!28 expected <｜tool▁call▁begin｜>"]),
        ],
    );
    check(
        Format::KimiK2,
        &[
            (
                "<|tool_call_begin|>functions.a.b-c:12<|tool_call_argument_begin|>{}<|tool_call_end|>",
                &["a.b-c()"],
            ),
            ("<|tool_call_begin|> a:0 <|tool_call_argument_begin|>{}", &["a()"]),
            (
                "<|tool_call_begin|>a<|tool_call_argument_begin|>{}",
                &["!19 expected an id like functions.NAME:0"],
            ),
            ("<|tool_call_begin|>a:0{}", &["!24 the call is not complete"]),
            ("<|tool_calls_section_begin|>x", &["!28 expected <|tool_call_begin|>"]),
        ],
    );
    check(
        Format::Harmony,
        &[
            (" to=functions.a<|channel|>commentary<|message|>{}<|call|>", &["a()"]),
            (
                "<|start|>assistant<|channel|>commentary to=functions.a <|constrain|>json<|message|>{}",
                &["a()"],
            ),
            ("<|channel|>commentary to=functions.a<|message|><|call|>", &["a()"]),
            ("<|channel|>analysis<|message|>to=functions.a {}<|end|>", &[]),
            ("<|start|>functions.a to=assistant<|message|>{}<|end|>", &[]),
            ("<|channel|>commentary to=browser.search<|message|>{}<|call|>", &[]),
            (
                "<|channel|>commentary to=functions.<|message|>{}<|call|>",
                &["!46 expected the function's name in its recipient"],
            ),
            ("<|channel|>commentary to=functions.a<|message|>x<|call|>", &["!47 expected a JSON object"]),
            ("<|channel|>commentary to=functions.a", &["!36 expected <|message|> behind the recipient"]),
        ],
    );
    check(
        Format::FunctionGemma,
        &[
            ("<start_function_call>call:a{}<end_function_call>", &["a()"]),
            (
                "<start_function_call>call:a{s:<escape>{x}, y<escape>, n:[1,{k:true}]}<end_function_call>",
                &[r#"a(s=String("{x}, y") n=Array([Number(Int(1)), Object(Object([("k", Bool(true))]))]))"#],
            ),
            ("<start_function_call>a{}", &["!21 expected call:NAME{"]),
            ("<start_function_call>call:{}", &["!26 expected the tool's name"]),
            ("<start_function_call>call:a", &["!27 the call is not complete"]),
            (
                "<start_function_call>call:a{s:x}<end_function_call>",
                &["!30 expected a value, texts between <escape>"],
            ),
            (
                "<start_function_call>call:a{s:<escape>x}<end_function_call>",
                &["!40 the call is not complete"],
            ),
        ],
    );
}

#[test]
fn lists_and_objects_in_a_row() {
    let broken = "[{\"name\": \"x}, {\"name\": \"a\", \"arguments\": {}}, {\"name\": \"b\"}]";
    for (format, marker) in [
        (Format::Granite, "<|tool_call|>"),
        (Format::Phi4Mini, "functools"),
        (Format::Mistral, "[TOOL_CALLS]"),
    ] {
        let at = |offset: usize, what: &str| format!("!{} {what}", marker.len() + offset);
        for (list, expected) in [
            ("[]", vec![]),
            ("[{\"name\": \"a\"}, {\"name\": \"b\"}]", vec!["a()".to_owned(), "b()".to_owned()]),
            ("[{\"name\": \"a\"}", vec!["a()".to_owned()]),
            ("[{\"name\": 5}, {\"name\": \"b\"}]", vec![at(1, "\"name\" is not a text"), "b()".to_owned()]),
            ("[1, {\"name\": \"b\"}]", vec![at(1, "expected a JSON object"), "b()".to_owned()]),
            // The missing quote swallows the next call's beginning; it is found all the same.
            (broken, vec![at(13, "the call is not complete"), "a()".to_owned(), "b()".to_owned()]),
            // Inside a broken call nothing is taken for the next one, unless it has a name and arguments.
            (
                "[{\"name\": \"x\", \"arguments\": {\"p\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}, oops}]",
                vec![at(67, "expected a key in double quotes")],
            ),
        ] {
            assert_eq!(shown(format, &format!("{marker}{list}"), None), expected, "{format:?} {list}");
        }
    }
    check(
        Format::Llama3Json,
        &[
            ("{\"name\": \"a\", \"parameters\": {}}; {\"name\": \"b\", \"arguments\": {}}", &["a()", "b()"]),
            ("so: {\"name\": \"a\", \"parameters\": {}} and {x}", &["a()"]),
            ("{\"name\": \"a\"}", &[]),
            ("{\"name\": \"a\", \"parameters\": {\"x\": 1}", &[]),
            ("<|python_tag|>{\"name\": \"a\"};{\"name\": \"b\"}", &["a()", "b()"]),
            ("<|python_tag|>f(1)", &["!14 expected a JSON object"]),
            (
                "<|python_tag|>{\"name\": x}; {\"name\": \"b\", \"parameters\": {}}",
                &["!23 expected a value", "b()"],
            ),
            ("{\"name\": \"x, \"parameters\": {\"q\": \"}}; {\"name\": \"b\", \"parameters\": {}}", &["b()"]),
        ],
    );
    check(
        Format::Pythonic,
        &[
            ("[a(x=1), b.c(y='z')]", &["a(x=Number(Int(1)))", r#"b.c(y=String("z"))"#]),
            ("so [a()] it is", &["a()"]),
            ("[a(1)]", &[]),
            ("[f(x=[g(y=1)])]", &[]),
            ("[a(x=y), b()]", &["!5 expected a literal value", "b()"]),
            ("[a(x='y)] and [b(x='z')]", &[r#"b(x=String("z"))"#]),
            ("[b(), a(x='y)]", &["b()", "!14 the call is not complete"]),
            ("<|python_start|>[a(1)]<|python_end|>", &["!19 expected an argument's name and '='"]),
            ("<|tool_call_start|>a()<|tool_call_end|>", &["!19 expected a list of calls"]),
        ],
    );
}

#[test]
fn the_format_of_a_text() {
    let hermes = "<tool_call>{\"name\": \"a\"}</tool_call>";
    for (text, expected) in [
        ("no call", None),
        (hermes, Some(Format::Hermes)),
        ("<tool_call>", Some(Format::Hermes)),
        ("<tool_call>[]", None),
        ("<tool_call>[{\"name\": \"a\"}]", Some(Format::Granite)),
        ("<tool_call>\n<function=a></function>", Some(Format::Qwen3Coder)),
        ("<tool_call>a\n</tool_call>", Some(Format::Glm45)),
        ("{\"name\": \"a\", \"parameters\": {}}", Some(Format::Llama3Json)),
        ("[a()]", Some(Format::Pythonic)),
        // The most well-formed calls decide, then the order.
        (&format!("[TOOL_CALLS]a{{}} {hermes}"), Some(Format::Mistral)),
        (&format!("[TOOL_CALLS]a{{}} {hermes}{hermes}"), Some(Format::Hermes)),
        (&format!("[TOOL_CALLS] {hermes}"), Some(Format::Hermes)),
        ("<tool_call>! [TOOL_CALLS]", Some(Format::Hermes)),
        // Without any, the forms without a marker.
        ("[a(x='<tool_call>')]", Some(Format::Pythonic)),
        ("<think><|python_tag|>{\"name\": \"a\"}</think>", None),
    ] {
        assert_eq!(detect(text), expected, "{text}");
        let named = expected.map_or_else(Vec::new, |format| parse(format, text, None));
        assert_eq!(parse(Format::Auto, text, None), named, "{text}");
    }
}

#[test]
fn only_the_models_turns_are_read() {
    let call = "<tool_call>{\"name\": \"a\"}</tool_call>";
    for (text, count) in [
        (format!("<|im_start|>system\n{call}<|im_end|>\n<|im_start|>assistant\n{call}<|im_end|>"), 1),
        (format!("{call}<|im_end|>\n<|im_start|>user\n{call}<|im_end|>\n<|im_start|>assistant\n{call}"), 2),
        (format!("<|start_header_id|>ipython<|end_header_id|>\n\n{call}<|eot_id|>"), 0),
        (format!("<|user|>{call}<|assistant|>{call}<|observation|>{call}"), 1),
        (format!("<|im_start|>system\n<tool_response><|im_end|><|im_start|>assistant\n{call}"), 1),
        (format!("<|im_start|>no role{call}"), 1),
    ] {
        assert_eq!(parse(Format::Hermes, &text, None).len(), count, "{text}");
    }
}
