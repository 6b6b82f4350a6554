//! The one door of the guest: WASI preview 1 over values in memory.
//!
//! `tree` is the file system, `files` a job's descriptors over it, `host` all that one job can reach, `calls`
//! the functions themselves, `clock` the ones about time. Nothing here touches the host's files, clock,
//! randomness or network, and every length that the guest chooses is checked before memory is taken for it.

mod calls;
mod errno;
mod files;
mod guest_memory;
mod host;
mod poll;
mod tree;

pub(crate) use calls::linker;
pub(crate) use files::Files;
pub(crate) use host::{Exit, Host};
