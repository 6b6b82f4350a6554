//! The ways of putting memory back, and which one works here.

use std::sync::OnceLock;

use crate::barrier::PAGE;

/// How memory is put back after a job. All give identical results; the choice is made once at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restore {
    /// A write barrier by page protection knows what was written (Linux).
    Barrier,
    /// Every page is compared with the image: slower, works everywhere.
    Compare,
    /// Every job gets a new instance: the slowest and simplest, for comparison.
    Instantiate,
}

/// The way chosen for this system, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub restore: Restore,
    /// Why not a faster one, or that it is the fastest.
    pub reason: &'static str,
}

impl Restore {
    /// Every way, in the order of their discriminants.
    pub const ALL: &[Self] = &[Self::Barrier, Self::Compare, Self::Instantiate];

    /// The way's name in the API and in diagnostics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Barrier => "barrier",
            Self::Compare => "compare",
            Self::Instantiate => "instantiate",
        }
    }

    /// The way of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.as_str() == name)
    }
}

/// The fastest way that works on this system, tried once a process: a closed page is written by a guest, and the
/// barrier must see it.
#[must_use]
pub fn choose() -> Choice {
    static CHOICE: OnceLock<Choice> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        let compare = |reason| Choice { restore: Restore::Compare, reason };
        // SAFETY: sysconf reads a constant.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        // On macOS Wasmtime handles faults by Mach ports, which do not reach a store's handler.
        if !cfg!(target_os = "linux") {
            return compare("the write barrier needs Linux's signals");
        }
        if usize::try_from(page) != Ok(PAGE) {
            return compare("the write barrier needs pages of 4 KiB");
        }
        match crate::instance::barrier_works() {
            Ok(true) => Choice { restore: Restore::Barrier, reason: "the fastest, and a trial of it worked" },
            Ok(false) => compare("a trial of the write barrier saw no fault"),
            Err(_) => compare("a trial of the write barrier could not be made"),
        }
    })
}
