//! What became of one job.

use std::time::Duration;

use crate::host_tools::HostCall;

/// How a job ended. The guest's failure, a limit and the machinery's failure are never mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The program ended normally.
    Ok,
    /// The program raised an exception that it did not catch.
    Raised,
    /// A limit stopped the program; `Outcome::limit` says which.
    Limit,
    /// The program asked to exit.
    Exited,
    /// The guest trapped (abort, deadlock): the program's doing, not the host's.
    Crashed,
    /// A replay's program called host tools otherwise than the record. Says nothing about the program either.
    Diverged,
    /// The machinery failed. Says nothing about the program; never score it as the program's mistake.
    Failed,
}

impl Status {
    /// Every status, in the order of their discriminants.
    pub const ALL: &[Self] =
        &[Self::Ok, Self::Raised, Self::Limit, Self::Exited, Self::Crashed, Self::Diverged, Self::Failed];

    /// The status's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Raised => "raised",
            Self::Limit => "limit",
            Self::Exited => "exited",
            Self::Crashed => "crashed",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }
}

/// Which limit stopped a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// The instruction budget; deterministic.
    Fuel,
    /// The deadline.
    Wall,
    /// Linear memory.
    Memory,
    /// Files: their bytes or their number.
    Files,
    /// The guest's call stack.
    Stack,
    /// The size of the program or of the arguments.
    Arguments,
    /// The size of the calls of host tools.
    Host,
    /// The size of the value or error report.
    Result,
}

impl LimitKind {
    /// Every limit, in the order of their discriminants.
    pub const ALL: &[Self] = &[
        Self::Fuel,
        Self::Wall,
        Self::Memory,
        Self::Files,
        Self::Stack,
        Self::Arguments,
        Self::Host,
        Self::Result,
    ];

    /// The limit's name in the API: the field of `Limits`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Wall => "wall",
            Self::Memory => "memory",
            Self::Files => "files",
            Self::Stack => "stack",
            Self::Arguments => "arguments",
            Self::Host => "host",
            Self::Result => "result",
        }
    }
}

/// An exception that ended a program, or the reason for a crash or a failure. Untrusted text, bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestError {
    /// The exception's type name, or the trap's or the failure's kind.
    pub kind: String,
    /// Its message.
    pub message: String,
    /// `File "<program>", line 3, in f`, a line per frame; empty where there is none.
    pub traceback: String,
}

/// What a job used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Fuel, the harness's own share included. The same for the same job on any machine.
    pub fuel: u64,
    /// Linear memory at the end, bytes.
    pub memory: u64,
    /// Time on the worker, the restore excluded.
    pub wall: Duration,
    /// 4 KiB pages that were put back afterwards.
    pub pages: u32,
}

/// Everything that a job did, as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The kept prefix of standard output.
    pub stdout: Vec<u8>,
    /// The kept prefix of standard error.
    pub stderr: Vec<u8>,
    /// The true length of standard output.
    pub stdout_len: u64,
    /// The true length of standard error.
    pub stderr_len: u64,
    /// The value of the program's final expression or of the called function, as JSON text; None where there is none.
    pub value: Option<String>,
    /// Why it did not end normally.
    pub error: Option<GuestError>,
    /// The limit that stopped it.
    pub limit: Option<LimitKind>,
    /// The code that it exited with.
    pub exit_code: Option<i32>,
    /// What it used.
    pub usage: Usage,
    /// Its calls of host tools, in order.
    pub host_calls: Vec<HostCall>,
}

impl Outcome {
    /// The outcome of a job that the machinery could not run.
    #[must_use]
    pub fn failed(message: String) -> Self {
        let error = GuestError { kind: "SandboxFailure".into(), message, traceback: String::new() };
        Self { status: Status::Failed, error: Some(error), ..Self::empty() }
    }

    pub(crate) fn empty() -> Self {
        Self {
            status: Status::Ok,
            stdout: Vec::new(),
            stderr: Vec::new(),
            stdout_len: 0,
            stderr_len: 0,
            value: None,
            error: None,
            limit: None,
            exit_code: None,
            usage: Usage::default(),
            host_calls: Vec::new(),
        }
    }
}
