//! The wire between host and harness: how a job is framed and what a report says.

use serde_json::Value;

use crate::host_tools::HostTools;
use crate::json;
use crate::outcome::GuestError;

const HARNESS: &str = concat!(include_str!("harness/values.py"), include_str!("harness/jobs.py"));
const HOST_TOOLS: &str = include_str!("harness/host_tools.py");

/// The source of the harness, run once as the image is made. It has the module `mentor_host` only where there
/// are host tools.
pub(crate) fn source(tools: &HostTools) -> String {
    if tools.is_empty() {
        return format!("{HARNESS}\ndel _to_json\n");
    }
    // A JSON text is a Python literal too once it is a JSON string: its escapes are Python's.
    let specification = Value::String(tools.specification());
    format!("{HARNESS}\n{HOST_TOOLS}\n_host_tools(_to_json, {specification})\ndel _to_json, _host_tools\n")
}

/// What the harness is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// Execute source in `__main__`; the value is that of a final expression. UTF-8, in which lone surrogates may
    /// stand as Python's `surrogatepass` writes them.
    Source(Vec<u8>),
    /// Call a function of `__main__` with keyword arguments given as a JSON object.
    Call {
        /// The function's name.
        name: String,
        /// The arguments, JSON text.
        arguments: String,
    },
    /// Collect garbage and exempt what is left from collection, so that later jobs write fewer pages.
    Settle,
}

impl Program {
    /// Bytes of what the caller chose: the source, or the function's name and arguments.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Source(source) => source.len(),
            Self::Call { name, arguments } => name.len() + arguments.len(),
            Self::Settle => 0,
        }
    }
}

/// One job as the harness reads it.
pub(crate) fn frame(program: &Program, seed: u64) -> Vec<u8> {
    let kind = match program {
        Program::Source(_) => b'R',
        Program::Call { .. } => b'C',
        Program::Settle => b'S',
    };
    let mut frame = vec![kind];
    frame.extend_from_slice(&seed.to_le_bytes());
    match program {
        Program::Source(source) => frame.extend_from_slice(source),
        Program::Call { name, arguments } => {
            frame.extend_from_slice(name.as_bytes());
            frame.push(0);
            frame.extend_from_slice(arguments.as_bytes());
        }
        Program::Settle => {}
    }
    frame
}

/// What the harness said about the program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Report {
    Nothing,
    Value(String),
    Error(GuestError),
    Exit(i32),
}

/// Reads a report; None where it is not one (a program wrote to the door itself).
pub(crate) fn read(report: &[u8]) -> Option<Report> {
    let (kind, body) = report.split_first()?;
    let body = std::str::from_utf8(body).ok()?;
    match kind {
        b'N' if body.is_empty() => Some(Report::Nothing),
        b'V' => json::is_readable(body).then(|| Report::Value(body.to_owned())),
        b'X' => body.parse().ok().map(Report::Exit),
        b'E' => {
            let Value::Array(parts) = serde_json::from_str(&replace_lone_surrogates(body)).ok()? else {
                return None;
            };
            let mut texts = parts.iter().map(Value::as_str);
            let mut text = |limit| Some(bounded(texts.next()??, limit));
            let (kind, message, traceback) = (text(KIND)?, text(MESSAGE)?, text(TRACEBACK)?);
            Some(Report::Error(GuestError { kind, message, traceback }))
        }
        _ => None,
    }
}

/// Characters kept of an error's parts. The harness keeps to less; a program's own report need not.
const KIND: usize = 500;
const MESSAGE: usize = 8192;
const TRACEBACK: usize = 32_768;

fn bounded(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Guest text may hold lone surrogates, which no Rust string can: each becomes U+FFFD.
fn replace_lone_surrogates(json: &str) -> String {
    let bytes = json.as_bytes();
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6).filter(|d| d.starts_with(b"\\u"))?;
        u32::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    let (mut out, mut at, mut kept) = (String::new(), 0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str(&json[kept..at]);
                out.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            (Some(_), _) => at += 6,
            (None, _) => at += 2,
        }
    }
    if kept == 0 { json.to_owned() } else { out + &json[kept..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read_and_nonsense_is_none() {
        assert_eq!(read(b"N"), Some(Report::Nothing));
        assert_eq!(read(b"V[1,2]"), Some(Report::Value("[1,2]".into())));
        assert_eq!(read(b"X3"), Some(Report::Exit(3)));
        let error = GuestError {
            kind: "KeyError".into(),
            message: "\u{fffd}\\u".into(),
            traceback: "\u{1f600}".into(),
        };
        assert_eq!(read(br#"E["KeyError","\ud800\\u","\ud83d\ude00"]"#), Some(Report::Error(error)));
        let long = format!(r#"E["{0}","{0}","{0}"]"#, "é".repeat(40_000));
        let Some(Report::Error(error)) = read(long.as_bytes()) else { panic!("it is an error") };
        let lengths = [error.kind, error.message, error.traceback].map(|text| text.chars().count());
        assert_eq!(lengths, [KIND, MESSAGE, TRACEBACK]);
        for bad in
            [&b""[..], b"Q", b"X", b"Xabc", b"E", b"E{}", b"E[1,2,3]", b"E[\"a\"]", b"V\xff", b"Nx", b"V[1"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
