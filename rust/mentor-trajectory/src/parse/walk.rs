//! One walk over a text for all formats: whose turn it is, what is reasoning, what tools returned, and where a call
//! may begin. What a call looks like is the grammar's business.

use super::Attempt;
use super::reader::Reader;
use super::tags::{Common, RESULTS, Speaker, THOUGHTS, common_at, find, is, place_of};
use super::tools::Tools;
use std::ops::Range;

/// How calls are found and read.
#[derive(Debug)]
pub(super) struct Grammar {
    /// The bytes that tags and calls begin with: one to three.
    pub(super) triggers: &'static [u8],
    /// What begins a call or a group of calls.
    pub(super) opens: &'static [&'static str],
    /// What may begin a call without saying so: not looked for when a malformed call's end is.
    pub(super) bare: &'static [&'static str],
    /// What ends a call.
    pub(super) closes: &'static [&'static str],
    /// Reads what begins at a byte with an opening of this number (`opens`, then `bare`), and says where to go on.
    pub(super) read: fn(&mut Reader<'_>, usize, usize) -> usize,
}

/// What stands in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The attempts at calls, in order, none overlapping.
    pub(super) attempts: Vec<Attempt>,
    /// What tools returned: the contents' places, in order.
    pub(super) results: Vec<Range<usize>>,
    /// The model's last turn, or what follows the last result.
    pub(super) last_turn: Range<usize>,
}

enum Next {
    Call(usize),
    Common(Common),
}

/// Reads a text from its first byte to its last. What comes before the first turn's head is the model's.
pub(super) fn walk(grammar: &'static Grammar, text: &str, tools: Option<&Tools>) -> Found {
    let mut reader = Reader::new(grammar, text, tools);
    walk_with(&mut reader, |reader, start, which| Some((grammar.read)(reader, start, which)));
    reader.found
}

/// The walk itself. `read` reads what begins at a byte with an opening of this number and says where to go on, or
/// nothing if the rest of the text is of no interest.
pub(super) fn walk_with<'a>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>, usize, usize) -> Option<usize>,
) {
    let (grammar, text) = (reader.grammar, reader.text);
    let mut speaker = Speaker::Assistant;
    let mut thoughts_close = [true; THOUGHTS.len()];
    let mut at = 0;
    while let Some((start, next)) = next(grammar, text, at, speaker) {
        at = match next {
            Next::Call(which) => match read(reader, start, which) {
                Some(at) => at,
                None => return,
            },
            Next::Common(Common::Thought(which)) => {
                let (open, close) = THOUGHTS[which];
                let inside = start + open.len();
                let end = if thoughts_close[which] { place_of(close, text, inside) } else { None };
                thoughts_close[which] = end.is_some();
                end.map_or(inside, |end| end + close.len())
            }
            Next::Common(Common::Result(which)) => result(reader, start, which),
            Next::Common(Common::Turn(next, inside)) => {
                speaker = next;
                turn(reader, start, speaker, inside)
            }
            Next::Common(Common::End) => start + 1,
        };
    }
}

fn next(grammar: &Grammar, text: &str, from: usize, speaker: Speaker) -> Option<(usize, Next)> {
    let bytes = text.as_bytes();
    let reading = speaker == Speaker::Assistant;
    find(text, from, grammar.triggers, |at| {
        if reading {
            let mut openings = grammar.opens.iter().chain(grammar.bare);
            if let Some(which) = openings.position(|open| is(&bytes[at..], open)) {
                return Some(Next::Call(which));
            }
        }
        match common_at(text, at)? {
            Common::End => None,
            Common::Thought(_) if !reading => None,
            Common::Result(_) if speaker == Speaker::System => None,
            common => Some(Next::Common(common)),
        }
    })
}

/// Notes a result between tags; one without its closing tag takes the rest of the text.
fn result(reader: &mut Reader<'_>, start: usize, which: usize) -> usize {
    let (open, close) = RESULTS[which];
    let inside = start + open.len();
    let len = reader.text.len();
    let (end, behind) =
        place_of(close, reader.text, inside).map_or((len, len), |end| (end, end + close.len()));
    reader.found.results.push(inside..end);
    reader.found.last_turn = behind..len;
    behind
}

/// Begins a turn. A tool's turn is a result, unless its content stands between tags of its own.
fn turn(reader: &mut Reader<'_>, start: usize, speaker: Speaker, inside: usize) -> usize {
    let text = reader.text;
    let last = &mut reader.found.last_turn;
    match speaker {
        Speaker::Assistant => {
            *last = inside..text.len();
            inside
        }
        Speaker::User | Speaker::System => {
            last.end = last.end.min(start).max(last.start);
            inside
        }
        Speaker::Tool => {
            let content = inside + text[inside..].len() - text[inside..].trim_start().len();
            if matches!(common_at(text, content), Some(Common::Result(_))) {
                return inside;
            }
            let over = |at| matches!(common_at(text, at), Some(Common::End | Common::Turn(..))).then_some(());
            let end = find(text, inside, b"<[", over).map_or(text.len(), |(end, ())| end);
            *last = end..end;
            reader.found.results.push(inside..end);
            end
        }
    }
}
