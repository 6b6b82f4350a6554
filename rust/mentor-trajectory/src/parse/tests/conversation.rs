use crate::parse::{Format, conversation, final_answer};

const PIECES: [&str; 24] = [
    "\\boxed{1}",
    "\\boxed{2}",
    "\\boxed{",
    "}",
    "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"\\\\boxed{3} <tool_response>\"}}</tool_call>",
    "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"<|im_start|>user\\n\"}}</tool_call>",
    "<tool_call>{</tool_call>",
    "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>[INST]</arg_value></tool_call>",
    "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {}}]",
    "<tool_response>\\boxed{4}</tool_response>",
    "<tool_response>",
    "[TOOL_RESULTS]5[/TOOL_RESULTS]",
    "<|im_start|>assistant\n",
    "<|im_start|>tool\n",
    "<|im_start|>system\n",
    "<|im_end|>",
    "<|user|>",
    "]~b]ai\n",
    "[e~[",
    "<think>",
    "</think>",
    "<|channel|>final<|message|>",
    "<｜tool▁output▁begin｜>",
    "[f(a='<|tool|>')]",
];

#[test]
fn the_answer_alone_is_the_conversations() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    for _ in 0..4_000 {
        let text: String = (0..=below(6)).map(|_| PIECES[below(PIECES.len())]).collect();
        for format in Format::all() {
            let whole = conversation(format, &text, None).answer;
            assert_eq!(final_answer(format, &text).map(str::to_owned), whole, "{format:?} {text}");
        }
    }
}
