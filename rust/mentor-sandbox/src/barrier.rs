//! Which pages of a memory were written: a write barrier made of page protection.
//!
//! The image's pages are read-only. The first store to one faults; the handler notes the page, opens it and
//! lets the store run again. Opened pages stay open across jobs and are put back after each, so a job that
//! writes where earlier ones wrote (nearly all do) costs no fault and no system call. When many pages have
//! been opened, all are closed with one call and the set is learned anew.
//!
//! Faults in host code that writes into the guest during a call pass through the same handler. Host code that
//! writes outside a call must call `Barrier::open_range` first.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// The unit of protection. Fixed: the guest's page size does not matter, the host's is checked at start.
pub(crate) const PAGE: usize = 4096;

/// The set of open pages of one memory. Shared with the signal handler, hence atomics and no allocation.
pub(crate) struct Barrier {
    base: usize,
    len: usize,
    armed: AtomicBool,
    open: Vec<AtomicBool>,
    list: Vec<AtomicU32>,
    count: AtomicUsize,
}

impl Barrier {
    /// A disarmed barrier over `len` bytes from `base`.
    pub(crate) fn new(base: *mut u8, len: usize) -> Self {
        let pages = len / PAGE;
        Self {
            base: base as usize,
            len: pages * PAGE,
            armed: AtomicBool::new(false),
            open: (0..pages).map(|_| AtomicBool::new(false)).collect(),
            list: (0..pages).map(|_| AtomicU32::new(0)).collect(),
            count: AtomicUsize::new(0),
        }
    }

    /// Closes every page: from now on each first store is noted.
    pub(crate) fn close_all(&self) -> std::io::Result<()> {
        for at in 0..self.count.swap(0, Ordering::Relaxed) {
            self.open[self.list[at].load(Ordering::Relaxed) as usize].store(false, Ordering::Relaxed);
        }
        self.armed.store(true, Ordering::SeqCst);
        protect(self.base, self.len, libc::PROT_READ)
    }

    /// The open pages' indices, in the order in which they were opened.
    pub(crate) fn pages(&self) -> impl Iterator<Item = usize> + '_ {
        let count = self.count.load(Ordering::Relaxed);
        self.list[..count].iter().map(|page| page.load(Ordering::Relaxed) as usize)
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Opens the pages of a range that host code is about to write outside a call.
    pub(crate) fn open_range(&self, start: usize, len: usize) {
        if len == 0 || !self.armed.load(Ordering::Relaxed) {
            return;
        }
        let last = ((start + len - 1) / PAGE).min(self.open.len().saturating_sub(1));
        for page in start / PAGE..=last {
            self.open_page(page);
        }
    }

    /// Called by the signal handler: true where the fault was the barrier's and the store can run again.
    ///
    /// Async-signal-safe: atomics and `mprotect` only.
    pub(crate) fn fault(&self, address: usize) -> bool {
        let inside =
            self.armed.load(Ordering::Relaxed) && address >= self.base && address < self.base + self.len;
        inside && self.open_page((address - self.base) / PAGE)
    }

    /// Opens one page; false where it was open already (then a fault there is not the barrier's).
    fn open_page(&self, page: usize) -> bool {
        if self.open[page].swap(true, Ordering::Relaxed) {
            return false;
        }
        let at = self.count.fetch_add(1, Ordering::Relaxed);
        self.list[at].store(page as u32, Ordering::Relaxed);
        protect(self.base + page * PAGE, PAGE, libc::PROT_READ | libc::PROT_WRITE).is_ok()
    }
}

fn protect(address: usize, len: usize, flags: libc::c_int) -> std::io::Result<()> {
    // SAFETY: the range lies within the mapping that `memory` made for this guest and that outlives the
    // barrier; only the protection changes, and only between the two states that the guest's code expects:
    // writable, or faulting into `Barrier::fault`.
    let result = unsafe { libc::mprotect(address as *mut libc::c_void, len, flags) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
