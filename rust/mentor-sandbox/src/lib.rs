//! A fresh, isolated CPython for every call, as a pure function:
//! `(state, job, seed, limits) -> (outcome, next state)`.
//!
//! The way of the data, one module a step:
//!
//! ```text
//! guest ─► engine ─► image ─► instance ─► pool ─► sandbox
//! (Wasm    (compiled  (memory   (a live     (one    (the public
//!  file)    code)      at rest)  guest)      thread  face)
//!                                            each)
//! ```
//!
//! * `guest` finds the Wasm artifact and makes the stack pointer reachable; `engine` compiles it, keeps the
//!   code on disk and ticks the clock that interrupts; `image` is a guest's memory after its prelude.
//! * `instance` runs one job in a resident guest and puts the image back afterwards, also after a trap.
//!   `memory` and `barrier` know which pages a job wrote; `signals` brings guests' faults to
//!   Wasmtime; they and `engine` hold all of this crate's `unsafe`.
//! * `wasi` is the only thing a guest can reach: in-memory files, a virtual clock, seeded randomness, its
//!   standard streams. There are no sockets, processes or host files.
//! * `metrics` counts what workers do, without locks; `trace` writes the crate's spans down for who wants them.
//! * `state` is what differs from the image after a job: a value that can be kept, copied, written down (`wire`)
//!   and run again; `delta` is its memory.
//!
//! A job never leaves anything behind: what it wrote is put back before the next one starts. An instance
//! whose restore cannot be completed is dropped and made anew.

mod barrier;
#[doc(hidden)]
pub mod bench;
mod cache;
mod callers;
mod delta;
mod engine;
mod error;
mod guest;
mod harness;
mod holes;
mod host_tools;
mod image;
mod immortal;
mod instance;
mod json;
mod limits;
mod mapping;
mod memory;
mod metrics;
mod outcome;
mod packed;
mod pages;
mod pool;
mod process;
mod rest;
mod restore;
mod sandbox;
mod shown;
mod signals;
mod state;
mod store;
mod ticker;
mod trace;
mod verdict;
mod wasi;
mod wire;
mod worker;

pub use engine::{CompileReport, EngineOptions, WASMTIME_VERSION, is_compiled, prepare};
pub use error::Error;
pub use guest::GuestFiles;
pub use host_tools::{HostAnswer, HostCall, HostFault, HostFunction, HostTool};
pub use image::PackageFile;
pub use limits::Limits;
pub use metrics::{Dropped, Effort, Histogram, Metrics, process_metrics, prometheus};
pub use outcome::{GuestError, LimitKind, Outcome, Status, Usage};
pub use restore::{Choice, Restore, choose};
pub use sandbox::{Job, JobResult, Program, Sandbox, SandboxOptions};
pub use shown::{SHOWN, shown, shown_refusal};
pub use state::State;
pub use store::Origin;
pub use trace::{TRACE_LEVELS, trace};
