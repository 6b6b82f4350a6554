//! Which format a text is in.
//!
//! The formats whose markers occur are tried in the order of their first marker, and the one with the most well-formed
//! calls is it; of several with as many, the first. If none has a well-formed call, the forms without a marker are
//! tried: Llama's objects, then Python's lists. If they have none either, the first format that has an attempt at all
//! is it. So a text is read in one format: what stands in it in another is prose, or malformed if the marker is shared.
//!
//! What follows the marker that four formats share decides between them: `{` Hermes, `[` Granite, `<function`
//! Qwen3-Coder, a name GLM, anything else Hermes.

use super::tags::{find, is, place_of};
use super::tools::Tools;
use super::walk::Found;
use super::{Format, Status, read};
use crate::json::skip_space;

const SHARED: &str = "<tool_call>";

/// Phi's markers, which begin with a letter: looked for by themselves, since letters are everywhere.
const PHI: [&str; 2] = ["functools[", "functools{"];

/// The markers that belong to one format.
const MARKERS: [(&str, Format); 15] = [
    ("<function=", Format::Qwen3Coder),
    ("<|python_tag|>", Format::Llama3Json),
    ("[TOOL_CALLS]", Format::Mistral),
    ("<｜tool▁calls▁begin｜>", Format::DeepseekV3),
    ("<｜tool▁call▁begin｜>", Format::DeepseekV3),
    ("<|channel|>", Format::Harmony),
    ("<|message|>", Format::Harmony),
    ("<|tool_call|>", Format::Granite),
    ("<start_function_call>", Format::FunctionGemma),
    ("<|python_start|>", Format::Pythonic),
    ("<|tool_call_start|>", Format::Pythonic),
    ("<|tool_calls_section_begin|>", Format::KimiK2),
    ("<|tool_call_begin|>", Format::KimiK2),
    ("<minimax:tool_call>", Format::Minimax),
    ("<invoke name=", Format::Minimax),
];

/// Reads a text in the format that it is in; none if it holds no call in any.
pub(super) fn decide(text: &str, tools: Option<&Tools>) -> (Option<Format>, Found) {
    let mut first = None;
    let mut best = None;
    let mut most = 0;
    let marked = marked(text);
    for &format in &marked {
        let found = read(format, text, tools);
        let well_formed = well_formed(&found);
        if well_formed > most {
            most = well_formed;
            best = Some((Some(format), found));
        } else if first.is_none() && !found.attempts.is_empty() {
            first = Some((Some(format), found));
        }
    }
    let bare =
        |format| Some((Some(format), read(format, text, tools))).filter(|(_, found)| well_formed(found) > 0);
    best.or_else(|| bare(Format::Llama3Json))
        .or_else(|| bare(Format::Pythonic))
        .or(first)
        .unwrap_or_else(|| (None, read(marked.first().copied().unwrap_or(Format::Hermes), text, tools)))
}

fn well_formed(found: &Found) -> usize {
    found.attempts.iter().filter(|attempt| attempt.status != Status::Malformed).count()
}

/// The formats whose markers occur, in the order of the first ones.
fn marked(text: &str) -> Vec<Format> {
    let mut places: Vec<(usize, Format)> = Vec::new();
    let mut at = 0;
    while let Some((place, format)) = find(text, at, b"<[", |at| marker(text, at)) {
        if places.iter().all(|(_, known)| *known != format) {
            places.push((place, format));
        }
        at = place + 1;
    }
    if let Some(place) = PHI.iter().filter_map(|marker| place_of(marker, text, 0)).min() {
        let later = places.partition_point(|(other, _)| *other < place);
        places.insert(later, (place, Format::Phi4Mini));
    }
    places.into_iter().map(|(_, format)| format).collect()
}

fn marker(text: &str, at: usize) -> Option<Format> {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    if let Some((_, format)) = MARKERS.iter().find(|(marker, _)| is(rest, marker)) {
        return Some(*format);
    }
    if !is(rest, SHARED) {
        return None;
    }
    let body = &bytes[skip_space(bytes, at + SHARED.len())..];
    Some(match body.first() {
        Some(b'[') => Format::Granite,
        Some(b'<') if body.starts_with(b"<function") => Format::Qwen3Coder,
        Some(b) if b.is_ascii_alphanumeric() || matches!(b, b'_' | 0x80..) => Format::Glm45,
        _ => Format::Hermes,
    })
}
