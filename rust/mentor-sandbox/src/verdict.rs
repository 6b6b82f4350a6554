//! What became of a run: decided from how it ended, from what the host saw, and last from what the guest reports.

use wasmtime::Trap;

use crate::Limits;
use crate::harness::{self, Report};
use crate::outcome::{GuestError, LimitKind, Outcome, Status};
use crate::wasi::{Host, Stop};

/// How a run ended, as far as the host can tell.
pub(crate) enum Ending {
    Returned,
    Exited(i32),
    Trapped(Trap),
    Stopped(Stop),
    /// Not the guest's doing.
    Broken(String),
}

/// Decides status, value, error and limit. Limits and traps are the host's knowledge; the rest is the report.
pub(crate) fn verdict(outcome: &mut Outcome, ending: Ending, host: &mut Host) {
    match ending {
        Ending::Returned => reported(outcome, host),
        Ending::Exited(code) => exited(outcome, code),
        Ending::Trapped(Trap::OutOfFuel) => limited(outcome, LimitKind::Fuel, &host.limits),
        Ending::Trapped(Trap::Interrupt) => limited(outcome, LimitKind::Wall, &host.limits),
        Ending::Trapped(Trap::StackOverflow) => limited(outcome, LimitKind::Stack, &host.limits),
        Ending::Trapped(_) if host.memory_refused => limited(outcome, LimitKind::Memory, &host.limits),
        Ending::Stopped(Stop::Diverged(text)) => diverged(outcome, &text),
        Ending::Stopped(stop @ Stop::Failed(_)) => {
            outcome.status = Status::Failed;
            outcome.error = Some(error("SandboxFailure", &stop.to_string()));
        }
        Ending::Trapped(trap) => {
            outcome.status = Status::Crashed;
            outcome.error = Some(error("Trap", &trap.to_string()));
        }
        Ending::Broken(text) => {
            outcome.status = Status::Failed;
            outcome.error = Some(error("SandboxFailure", &text));
        }
    }
}

fn reported(outcome: &mut Outcome, host: &mut Host) {
    let report = host.door.report.take();
    if host.door.report_refused && report.is_none() {
        return limited(outcome, LimitKind::Result, &host.limits);
    }
    match report.as_deref().and_then(harness::read) {
        Some(Report::Nothing) => {}
        Some(Report::Value(json)) => outcome.value = Some(json),
        Some(Report::Exit(code)) => exited(outcome, code),
        Some(Report::Error(why)) => raised(outcome, why, host),
        None => {
            raised(outcome, error("UnreportableError", "the program ended without a readable report"), host);
        }
    }
}

/// A program that raised after a refusal went over that limit: its own error may be a consequence.
fn raised(outcome: &mut Outcome, why: GuestError, host: &Host) {
    outcome.status = Status::Raised;
    if host.memory_refused {
        limited(outcome, LimitKind::Memory, &host.limits);
    } else if host.files_refused {
        limited(outcome, LimitKind::Files, &host.limits);
    } else if host.door.calls_refused {
        limited(outcome, LimitKind::Host, &host.limits);
    }
    outcome.error = Some(why);
}

fn exited(outcome: &mut Outcome, code: i32) {
    outcome.status = Status::Exited;
    outcome.exit_code = Some(code);
}

pub(crate) fn diverged(outcome: &mut Outcome, text: &str) {
    outcome.status = Status::Diverged;
    outcome.error = Some(error("ReplayDivergence", text));
    (outcome.value, outcome.limit, outcome.exit_code) = (None, None, None);
}

pub(crate) fn limited(outcome: &mut Outcome, limit: LimitKind, limits: &Limits) {
    let text = match limit {
        LimitKind::Fuel => format!("the program used its {} units of fuel", limits.fuel),
        LimitKind::Wall => format!("the program ran for {:?}", limits.wall),
        LimitKind::Memory => format!("the program needed more than {} bytes of memory", limits.memory),
        LimitKind::Files => {
            format!(
                "the program's files needed more than {} bytes or {} entries",
                limits.files, limits.entries
            )
        }
        LimitKind::Stack => format!("the program needed more than {} bytes of call stack", Limits::STACK),
        LimitKind::Arguments => {
            format!("the program or its arguments took more than {} bytes", limits.arguments)
        }
        LimitKind::Host => format!("the program's calls of host tools took more than {} bytes", limits.host),
        LimitKind::Result => format!("the program's value took more than {} bytes", limits.result),
    };
    outcome.status = Status::Limit;
    outcome.limit = Some(limit);
    outcome.error = Some(error("LimitExceeded", &text));
}

fn error(kind: &str, message: &str) -> GuestError {
    GuestError { kind: kind.into(), message: message.into(), traceback: String::new() }
}
