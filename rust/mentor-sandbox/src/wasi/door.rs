//! `host.call`: the guest's one door beside WASI. The harness reports through it, and programs call host tools
//! where the embedder gave some.
//!
//! A frame is a report (`N`, `V`, `X` or `E` and what belongs to it, see `harness`), which has no answer, or a
//! call: `H`, a tool's name, NUL, and its arguments as JSON. The answer to a call is `V` and the result's JSON,
//! or `E` or `T` (a time-out) and JSON `[tool, type, message]`.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Caller, Trap};

use super::errno::{Errno, Result};
use super::guest_memory::GuestMemory;
use super::host::Host;
use super::linker::enter;
use crate::host_tools::{HostAnswer, HostCall, HostTool, HostTools};
use crate::json;

/// The largest report, whatever the limits say: the guest cannot make the host allocate more.
const MAX_REPORT: u64 = 64 << 20;
/// What a recorded call counts beside its texts, so that many small calls are bounded too.
const OVERHEAD: u64 = 128;
/// Characters of a call in a message about it.
const SHOWN: usize = 200;

/// The error that unwinds a guest whose job ends at the door.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The program calls otherwise than the record that it replays.
    #[error("{0}")]
    Diverged(String),
    /// A host tool could not be called.
    #[error("a host tool could not be called: {0}")]
    Failed(String),
}

/// One job's side of the door.
#[derive(Default)]
pub(crate) struct Door {
    /// The sandbox's host tools; None while an image is made.
    pub tools: Option<Arc<HostTools>>,
    /// The harness's latest report. A program can send one too, but the harness's own comes last.
    pub report: Option<Vec<u8>>,
    /// A report was larger than the limit.
    pub report_refused: bool,
    /// Calls were refused for the limit `host`.
    pub calls_refused: bool,
    /// The calls so far.
    pub calls: Vec<HostCall>,
    /// What to replay instead of calling anything.
    pub replay: Option<Arc<[HostCall]>>,
    /// The answer that waits to be written to the guest.
    pub(super) answer: Option<wasmtime::Result<Vec<u8>>>,
    /// Bytes of the calls so far.
    used: u64,
}

impl Door {
    /// Makes everything ready for one job.
    pub(crate) fn begin(&mut self) {
        *self = Self { tools: self.tools.take(), ..Self::default() };
    }

    /// For a replay that is over: what of the record the program did not call.
    pub(crate) fn leftover(&self) -> Option<String> {
        let record = self.replay.as_deref()?;
        let next = record.get(self.calls.len())?;
        let (made, all, next) = (self.calls.len(), record.len(), shown(&next.name, &next.arguments));
        Some(format!("the program made {made} of {all} recorded host calls; the next one was {next}"))
    }
}

/// 0, or -1 where the guest's binding raises an `OSError`.
pub(crate) fn call(
    caller: &mut Caller<'_, Host>,
    at: u32,
    len: u32,
    out: u32,
    out_len: u32,
) -> wasmtime::Result<i32> {
    if enter(caller, |host, mem| take(host, mem, at, len, out, out_len))? != 0 {
        return Ok(-1);
    }
    let answer = caller.data_mut().door.answer.take().unwrap_or_else(|| Ok(Vec::new()))?;
    let start = if answer.is_empty() { 0 } else { allocate(caller, answer.len())? };
    let code = enter(caller, |host, mem| {
        host.charge_bytes(answer.len())?;
        mem.write(start, &answer)?;
        mem.write_u32(out, start)?;
        mem.write_u32(out_len, answer.len() as u32)
    })?;
    Ok(if code == 0 { 0 } else { -1 })
}

/// Room for an answer, made by the guest's own allocator.
fn allocate(caller: &mut Caller<'_, Host>, len: usize) -> wasmtime::Result<u32> {
    let alloc = caller.get_export("host_alloc").and_then(wasmtime::Extern::into_func);
    let alloc = alloc.ok_or_else(|| wasmtime::Error::msg("the guest exports no host_alloc"))?;
    let start = alloc.typed::<i32, i32>(&*caller)?.call(&mut *caller, i32::try_from(len)?)?;
    if start == 0 {
        caller.data_mut().memory_refused = true;
        return Err(Trap::AllocationTooLarge.into());
    }
    Ok(start.cast_unsigned())
}

/// Takes a frame: keeps a report, or leaves the answer to a call.
pub(crate) fn take(
    host: &mut Host,
    mem: &mut GuestMemory,
    at: u32,
    len: u32,
    out: u32,
    out_len: u32,
) -> Result<()> {
    mem.check(out, 4)?;
    mem.check(out_len, 4)?;
    let frame = mem.buffer(at, len)?;
    let is_call = mem.bytes(frame).first() == Some(&b'H');
    if !is_call && u64::from(len) > host.limits.result.saturating_add(1).min(MAX_REPORT) {
        host.door.report_refused = true;
        host.door.report = None;
        return Err(Errno::NoSpace);
    }
    if is_call && !host.afford(u64::from(len) + OVERHEAD) {
        host.door.answer = Some(Ok(host.refusal("")));
        return Ok(());
    }
    host.charge_bytes(frame.len())?;
    let frame = mem.bytes(frame).to_vec();
    if is_call {
        host.door.answer = Some(host.answer(&frame[1..]));
    } else {
        host.door.report = Some(frame);
    }
    Ok(())
}

impl Host {
    /// Counts bytes of a call; whether the job's limit has room for them.
    fn afford(&mut self, bytes: u64) -> bool {
        self.door.used = self.door.used.saturating_add(bytes);
        self.door.used <= self.limits.host
    }

    fn refusal(&mut self, name: &str) -> Vec<u8> {
        self.door.calls_refused = true;
        let limit = self.limits.host;
        refused(name, "LimitExceeded", &format!("the host calls of this run take more than {limit} bytes"))
    }

    /// Calls a host tool and waits.
    fn make(
        &self,
        tools: &HostTools,
        tool: &HostTool,
        arguments: &str,
    ) -> std::result::Result<HostCall, Stop> {
        let started = Instant::now();
        let answer = tools.callers().call(tool, arguments, || self.must_stop()).map_err(Stop::Failed)?;
        let (name, arguments) = (tool.name.clone(), arguments.to_owned());
        Ok(HostCall { name, arguments, answer, wall: started.elapsed() })
    }

    /// Answers a call, from a host tool or from the record that is replayed, and records it.
    fn answer(&mut self, frame: &[u8]) -> wasmtime::Result<Vec<u8>> {
        let Some((name, arguments)) = parse(frame) else {
            return Ok(refused("", "ValueError", "a host call is a name, NUL and a JSON object"));
        };
        let Some(tools) = self.door.tools.clone() else {
            return Ok(refused(name, "RuntimeError", "host tools cannot be called while the image is made"));
        };
        let Some(tool) = tools.get(name) else {
            let known = tools.names();
            return Ok(refused(
                name,
                "LookupError",
                &format!("no such host tool; the host tools are {known}"),
            ));
        };
        let replayed = self.door.recorded(name, arguments)?;
        let mut call = replayed.map_or_else(|| self.make(&tools, tool, arguments), Ok)?;
        let bytes = match &call.answer {
            HostAnswer::Value(json) => json.len(),
            HostAnswer::Raised { kind, message } => kind.len() + message.len(),
            _ => 0,
        };
        if !self.afford(bytes as u64) {
            call.answer = HostAnswer::TooLarge;
        }
        self.door.calls.push(call.clone());
        match call.answer {
            HostAnswer::Value(json) => Ok([b"V", json.as_bytes()].concat()),
            HostAnswer::Raised { kind, message } => Ok(refused(name, &kind, &message)),
            HostAnswer::TimedOut => {
                let text = format!("the host tool took longer than {:?}", tool.timeout);
                Ok(error(b'T', name, "TimeoutError", &text))
            }
            HostAnswer::TooLarge => Ok(self.refusal(name)),
            HostAnswer::Stopped => Err(Trap::Interrupt.into()),
        }
    }
}

impl Door {
    /// The next call of the record that is replayed, if one is.
    fn recorded(&self, name: &str, arguments: &str) -> std::result::Result<Option<HostCall>, Stop> {
        let Some(record) = self.replay.as_deref() else {
            return Ok(None);
        };
        let index = self.calls.len();
        let now = shown(name, arguments);
        match record.get(index) {
            Some(call) if call.name == name && call.arguments == arguments => Ok(Some(call.clone())),
            Some(call) => {
                let then = shown(&call.name, &call.arguments);
                Err(Stop::Diverged(format!("host call {index} was {then} and is now {now}")))
            }
            None => Err(Stop::Diverged(format!("host call {index} is not in the record: {now}"))),
        }
    }
}

fn parse(frame: &[u8]) -> Option<(&str, &str)> {
    let (name, arguments) = std::str::from_utf8(frame).ok()?.split_once('\0')?;
    (arguments.starts_with('{') && json::is_readable(arguments)).then_some((name, arguments))
}

fn refused(name: &str, kind: &str, message: &str) -> Vec<u8> {
    error(b'E', name, kind, message)
}

fn error(frame: u8, name: &str, kind: &str, message: &str) -> Vec<u8> {
    let mut bytes = vec![frame];
    bytes.extend_from_slice(serde_json::json!([name, kind, message]).to_string().as_bytes());
    bytes
}

/// A call for a message.
fn shown(name: &str, arguments: &str) -> String {
    let text: String = arguments.chars().take(SHOWN).collect();
    let more = if text.len() < arguments.len() { "..." } else { "" };
    format!("{name}({text}{more})")
}
