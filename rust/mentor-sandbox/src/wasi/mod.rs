//! The one door of the guest: WASI preview 1 over values in memory.
//!
//! ```text
//! linker ─► fd, io, path, poll, ─► host ─► files ─► tree ─► node ─► content
//! (names     system, door          (one    (open     (walk,
//!  and fuel) (the functions)        job)    files)    slab)
//! ```
//!
//! `changes` is what a state keeps of all this, `encode` its bytes.
//!
//! Nothing here touches the host's files, clock, randomness or network, every length that the guest chooses is
//! checked before memory is taken for it, and what a call does is bounded by what it was given. `guest_memory` is
//! the only place that computes with the guest's addresses.

mod changes;
mod clock;
mod content;
mod door;
mod encode;
mod errno;
mod fd;
mod files;
mod guest_memory;
mod host;
mod io;
mod linker;
mod node;
mod path;
mod poll;
mod rights;
mod shared;
mod slab;
mod system;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

pub(crate) use changes::Changes;
pub(crate) use door::Stop;
pub(crate) use files::Files;
pub(crate) use host::{Exit, Host};
pub(crate) use linker::linker;
pub(crate) use shared::SharedFile;
