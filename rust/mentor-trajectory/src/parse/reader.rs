//! What the grammars have in common: reporting attempts, reading objects, and finding where a broken call ends.

use super::retry::{Ahead, Retry};
use super::tags::{Common, TURN_ENDS, common_at, find, is, place_of_byte};
use super::tools::Tools;
use super::walk::{Found, Grammar};
use super::{Attempt, CALL_KEYS, Call, Reason, Status};
use crate::json::{Dialect, Fault, Object, Value, parse_prefix, pick, skip_space};
use std::borrow::Cow;
use std::ops::Range;

pub(super) const NO_OBJECT: &str = "expected a JSON object";
const INCOMPLETE: &str = "the call is not complete";

/// The state of reading one text.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) tools: Option<&'a Tools>,
    pub(super) found: Found,
    pub(super) retry: Retry,
    /// The next place at which a sibling of a broken call may begin.
    pub(super) sibling: Ahead,
    /// The next closing bracket.
    pub(super) bracket: Ahead,
    /// Whether anything was read, for grammars whose first piece is special.
    pub(super) begun: bool,
    pub(super) grammar: &'static Grammar,
    stop: Ahead,
}

impl<'a> Reader<'a> {
    pub(super) fn new(grammar: &'static Grammar, text: &'a str, tools: Option<&'a Tools>) -> Self {
        let found = Found { last_turn: 0..text.len(), ..Found::default() };
        let (sibling, bracket, stop) = (Ahead::default(), Ahead::default(), Ahead::default());
        Self { text, tools, found, retry: Retry::default(), sibling, bracket, begun: false, stop, grammar }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The first byte from `at` on that is not JSON white space.
    pub(super) fn skip_space(&self, at: usize) -> usize {
        skip_space(self.bytes(), at)
    }

    /// The byte behind `what` if it stands at byte `at`.
    pub(super) fn after(&self, at: usize, what: &str) -> Option<usize> {
        self.bytes()[at..].starts_with(what.as_bytes()).then_some(at + what.len())
    }

    /// The end of a name that begins at byte `at`: letters, digits, `_`, `-`, `.` and whatever is not ASCII.
    pub(super) fn name_end(&self, at: usize) -> usize {
        let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | 0x80..);
        at + self.bytes()[at..].iter().take_while(part).count()
    }

    /// Reports a malformed attempt; gives its end.
    pub(super) fn malformed(
        &mut self,
        span: Range<usize>,
        offset: usize,
        what: impl Into<Cow<'static, str>>,
    ) -> usize {
        let end = span.end;
        debug_assert!(span.start <= offset && offset <= end, "{span:?} {offset}");
        let reason = Some(Reason { offset, what: what.into() });
        self.found.attempts.push(Attempt { status: Status::Malformed, call: None, span, reason });
        end
    }

    /// Reports a well-formed call, valid or unknown; gives its end.
    pub(super) fn finished(&mut self, call: Call, span: Range<usize>) -> usize {
        let end = span.end;
        let (status, reason) = if self.tools.is_none_or(|tools| tools.contains(&call.name)) {
            (Status::Valid, None)
        } else {
            let what = format!("no tool named {:?} is offered", call.name).into();
            (Status::Unknown, Some(Reason { offset: span.start, what }))
        };
        self.found.attempts.push(Attempt { status, call: Some(call), span, reason });
        end
    }

    /// Reports what was read of the attempt at `start`; where it is broken, its end is looked for from `inside` on.
    pub(super) fn report(
        &mut self,
        start: usize,
        inside: usize,
        read: Result<(Call, usize), Fault>,
    ) -> usize {
        match read {
            Ok((call, end)) => self.finished(call, start..end),
            Err(fault) => {
                let (body_end, end) = self.end_of_malformed(inside);
                self.broken(start..end, body_end, &fault)
            }
        }
    }

    /// Reports a malformed attempt whose body ends at a byte; gives the attempt's end.
    pub(super) fn broken(&mut self, span: Range<usize>, body_end: usize, fault: &Fault) -> usize {
        if fault.offset >= body_end && fault.what != NO_OBJECT {
            // What was read ran over the call's end.
            return self.malformed(span, body_end, INCOMPLETE);
        }
        self.malformed(span, fault.offset, fault.what)
    }

    /// Goes on at the first call of a group that begins at `start`, or reports that there is none.
    pub(super) fn group(&mut self, start: usize, group: &str, open: &str, what: &'static str) -> usize {
        let inside = start + group.len();
        let body = self.skip_space(inside);
        if self.after(body, open).is_some() {
            return body;
        }
        self.report(start, inside, Err(Fault { offset: body, what }))
    }

    /// The text from byte `at` up to a tag, which must be the next one, and the byte behind the tag.
    pub(super) fn upto(&self, at: usize, tag: &str, what: &'static str) -> Result<(&'a str, usize), Fault> {
        let end = place_of_byte(b'<', self.text, at, self.text.len()).unwrap_or(self.text.len());
        let behind = self.after(end, tag).ok_or(Fault { offset: end, what })?;
        Ok((self.text[at..end].trim(), behind))
    }

    /// Reads the object at byte `at`; also gives the byte behind it.
    pub(super) fn object(&self, at: usize) -> Result<(Object, usize), Fault> {
        if self.bytes().get(at) != Some(&b'{') {
            return Err(Fault { offset: at, what: NO_OBJECT });
        }
        match parse_prefix(self.text, at, Dialect::STRICT)? {
            (Value::Object(object), end) => Ok((object, end)),
            _ => Err(Fault { offset: at, what: NO_OBJECT }),
        }
    }

    /// Reads of the object at byte `at` what a call is made of; also gives the byte behind it.
    pub(super) fn call_values(&self, at: usize) -> Result<([Option<Value>; 3], usize), Fault> {
        if self.bytes().get(at) != Some(&b'{') {
            return Err(Fault { offset: at, what: NO_OBJECT });
        }
        pick(self.text, at, CALL_KEYS, Dialect::STRICT)
    }

    /// The end of a call whose content ends at `end` and that `close` ends, or else the end of the text or turn.
    pub(super) fn closed(&self, end: usize, close: &str, what: &'static str) -> Result<usize, Fault> {
        let after = self.skip_space(end);
        let closed = self.after(after, close).or_else(|| self.is_over(after).then_some(end));
        closed.ok_or(Fault { offset: after, what })
    }

    /// Whether the text or the turn ends at byte `at`, white space aside.
    pub(super) fn is_over(&self, at: usize) -> bool {
        let rest = &self.bytes()[at..];
        self.text[at..].trim_start().is_empty() || TURN_ENDS.iter().any(|end| is(rest, end))
    }

    /// Where a malformed call's body and the call end, looked for from byte `from` on: at the next closing tag that
    /// comes before another call, else at the next tag of any kind or the end of the text.
    fn end_of_malformed(&self, from: usize) -> (usize, usize) {
        let mut stop = None;
        let mut at = from;
        while let Some((place, border)) = self.next_border(at) {
            match border {
                Border::Close(len) => return (place, place + len),
                Border::Open => {
                    stop = stop.or(Some(place));
                    break;
                }
                Border::Turn | Border::Block => stop = stop.or(Some(place)),
            }
            at = place + 1;
        }
        let end = stop.unwrap_or(self.text.len());
        (end, end)
    }

    /// Where a group of calls that reaches byte `from` ends at the latest: at the next marker or turn, or the end of
    /// the text. Each call of this must not be asked for an earlier byte than the one before.
    pub(super) fn stop(&mut self, from: usize) -> usize {
        let mut ahead = std::mem::take(&mut self.stop);
        let stop = ahead.get(from, |from| {
            let mut at = from;
            while let Some((place, border)) = self.next_border(at) {
                if !matches!(border, Border::Block) {
                    return place;
                }
                at = place + 1;
            }
            self.text.len()
        });
        self.stop = ahead;
        stop
    }

    fn next_border(&self, from: usize) -> Option<(usize, Border)> {
        find(self.text, from, self.grammar.triggers, |at| {
            let bytes = &self.bytes()[at..];
            if let Some(close) = self.grammar.closes.iter().find(|tag| is(bytes, tag)) {
                return Some(Border::Close(close.len()));
            }
            if self.grammar.opens.iter().any(|tag| is(bytes, tag)) {
                return Some(Border::Open);
            }
            match common_at(self.text, at)? {
                Common::Thought(_) | Common::Result(_) => Some(Border::Block),
                Common::Turn(..) | Common::End => Some(Border::Turn),
            }
        })
    }
}

/// What may end a malformed call.
enum Border {
    /// A closing tag of this length.
    Close(usize),
    /// Another call.
    Open,
    /// The turn, or another one's head.
    Turn,
    /// Reasoning or a result.
    Block,
}
