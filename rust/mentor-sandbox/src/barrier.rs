//! Which pages of a memory were written: a write barrier made of page protection.
//!
//! The image's pages are read-only. The first store to one faults; the handler notes the page, opens it and
//! lets the store run again. A page stays open, and so costs no fault and no system call, until `close` says
//! otherwise; which pages are worth keeping open is decided by `pages`. Where stores walk through memory, pages are
//! opened ahead of them, twice as many each time, so that a long walk takes few faults.
//!
//! Faults in host code that writes into the guest during a call pass through the same handler. Host code that
//! writes outside a call must call `Barrier::open_range` first.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// The unit of protection. Fixed: the guest's page size does not matter, the host's is checked at start.
pub(crate) const PAGE: usize = 4096;

/// Most pages opened by one fault.
const AHEAD: usize = 64;
/// Walks through memory that are followed at once.
const WALKS: usize = 4;
/// How many pages a walk may skip.
const NEAR: usize = 4;

/// A page that was opened, and how many were opened with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub page: u32,
    /// The number's logarithm, base 2: reopening such a page costs that part of a fault.
    pub shared: u8,
}

/// The pages from `start` that one fault opened.
#[derive(Default)]
struct Walk {
    start: AtomicUsize,
    count: AtomicUsize,
}

impl Walk {
    fn set(&self, (start, count): (usize, usize)) {
        self.start.store(start, Ordering::Relaxed);
        self.count.store(count, Ordering::Relaxed);
    }
}

/// Most runs of open pages. Each takes two of the mappings that a process may have, some 65,000 by default, of which
/// this leaves enough to other instances and to the rest of the process. A job beyond it has paid for so many faults
/// that comparing everything once costs no more.
const MOST_RUNS: usize = 1024;

/// The open pages of one memory. Shared with the signal handler, hence atomics and no allocation.
pub(crate) struct Barrier {
    base: usize,
    len: usize,
    armed: AtomicBool,
    open: Vec<AtomicBool>,
    /// The pages opened since they were last taken: the index and, in the top byte, `Opened::shared`.
    opened: Vec<AtomicU32>,
    count: AtomicUsize,
    /// Runs of open pages.
    runs: AtomicUsize,
    /// The pages that the latest faults opened: where a walk would go on.
    walks: [Walk; WALKS],
    /// Counts new walks: each takes the place of the oldest.
    begun: AtomicUsize,
    /// All is open, and what was written is found by comparing.
    flooded: AtomicBool,
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
            opened: (0..pages).map(|_| AtomicU32::new(0)).collect(),
            count: AtomicUsize::new(0),
            runs: AtomicUsize::new(0),
            walks: Default::default(),
            begun: AtomicUsize::new(0),
            flooded: AtomicBool::new(false),
        }
    }

    /// Closes every page: from now on each first store is noted.
    pub(crate) fn close_all(&self) -> std::io::Result<()> {
        for open in &self.open {
            open.store(false, Ordering::Relaxed);
        }
        self.count.store(0, Ordering::Relaxed);
        self.runs.store(0, Ordering::Relaxed);
        self.armed.store(true, Ordering::SeqCst);
        protect(self.base, self.len, libc::PROT_READ)?;
        self.flooded.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Closes every page but some, given in ascending order: one system call, and one for each run of those. False
    /// where those are too many runs: then all are closed.
    pub(crate) fn close_all_but(&self, kept: &[u32]) -> std::io::Result<bool> {
        self.close_all()?;
        for run in kept.chunk_by(|a, b| a + 1 == *b) {
            if self.runs.fetch_add(1, Ordering::Relaxed) >= MOST_RUNS {
                return self.close_all().map(|()| false);
            }
            for page in run {
                self.open[*page as usize].store(true, Ordering::Relaxed);
            }
            let (start, len) = (self.base + run[0] as usize * PAGE, run.len() * PAGE);
            protect(start, len, libc::PROT_READ | libc::PROT_WRITE)?;
        }
        Ok(true)
    }

    /// Closes pages, given in ascending order: one system call for each run of neighbours. False where what stays
    /// open is too many runs (every second page of a walk, say): then all are closed.
    pub(crate) fn close(&self, pages: &[u32]) -> std::io::Result<bool> {
        for run in pages.chunk_by(|a, b| a + 1 == *b) {
            for page in run {
                self.open[*page as usize].store(false, Ordering::Relaxed);
            }
            // One run fewer, but for what goes on at either end.
            self.runs.fetch_add(self.open_around(run[0] as usize, run.len()), Ordering::Relaxed);
            if self.runs.fetch_sub(1, Ordering::Relaxed) > MOST_RUNS {
                return self.close_all().map(|()| false);
            }
            protect(self.base + run[0] as usize * PAGE, run.len() * PAGE, libc::PROT_READ)?;
        }
        Ok(true)
    }

    /// The pages opened since the last `take_opened`.
    pub(crate) fn opened(&self) -> impl Iterator<Item = Opened> + '_ {
        self.first_opened(self.count.load(Ordering::Relaxed))
    }

    /// As `opened`, and they are known from now on.
    pub(crate) fn take_opened(&self) -> impl Iterator<Item = Opened> + '_ {
        self.first_opened(self.count.swap(0, Ordering::Relaxed))
    }

    fn first_opened(&self, count: usize) -> impl Iterator<Item = Opened> + '_ {
        let entries = self.opened[..count].iter().map(|entry| entry.load(Ordering::Relaxed));
        entries.map(|entry| Opened { page: entry & 0xff_ffff, shared: (entry >> 24) as u8 })
    }

    #[cfg(test)]
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// Whether the barrier gave up for now: any page may have been written.
    pub(crate) fn flooded(&self) -> bool {
        self.flooded.load(Ordering::Relaxed)
    }

    /// Opens the pages of a range that host code is about to write outside a call.
    pub(crate) fn open_range(&self, start: usize, len: usize) {
        if len == 0 || !self.armed.load(Ordering::Relaxed) || self.flooded() {
            return;
        }
        let end = ((start + len).div_ceil(PAGE)).min(self.open.len());
        let mut page = start / PAGE;
        while page < end {
            if self.is_open(page) {
                page += 1;
                continue;
            }
            let run = (page..end).take_while(|&at| !self.is_open(at)).count();
            self.open_run(page, run);
            page += run;
        }
    }

    /// How many of the two neighbours of a range of pages are open.
    fn open_around(&self, start: usize, count: usize) -> usize {
        let end = start + count;
        usize::from(start > 0 && self.is_open(start - 1))
            + usize::from(end < self.open.len() && self.is_open(end))
    }

    fn is_open(&self, page: usize) -> bool {
        self.open[page].load(Ordering::Relaxed)
    }

    /// Called by the signal handler: true where the fault was the barrier's and the store can run again.
    ///
    /// Async-signal-safe: atomics and `mprotect` only.
    pub(crate) fn fault(&self, address: usize) -> bool {
        let inside =
            self.armed.load(Ordering::Relaxed) && address >= self.base && address < self.base + self.len;
        let page = address.wrapping_sub(self.base) / PAGE;
        // A fault on a page that is open is not the barrier's.
        inside && !self.flooded() && !self.is_open(page) && {
            let (start, count) = self.ahead(page);
            self.open_run(start, count)
        }
    }

    /// The closed pages to open for a store to `page`: more than one where it goes on from an earlier fault, upwards
    /// or downwards.
    fn ahead(&self, page: usize) -> (usize, usize) {
        for walk in &self.walks {
            let (start, count) = (walk.start.load(Ordering::Relaxed), walk.count.load(Ordering::Relaxed));
            let wanted = (2 * count).min(AHEAD);
            let found = if count == 0 {
                continue;
            } else if (start + count..start + count + NEAR).contains(&page) {
                let end = (page + wanted).min(self.open.len());
                (page, (page..end).take_while(|&at| !self.is_open(at)).count())
            } else if page < start && page + NEAR >= start {
                let first = (page + 1).saturating_sub(wanted);
                let count = (first..=page).rev().take_while(|&at| !self.is_open(at)).count();
                (page + 1 - count, count)
            } else {
                continue;
            };
            walk.set(found);
            return found;
        }
        self.walks[self.begun.fetch_add(1, Ordering::Relaxed) % WALKS].set((page, 1));
        (page, 1)
    }

    /// Opens closed pages that lie side by side.
    fn open_run(&self, start: usize, count: usize) -> bool {
        let at = self.count.fetch_add(count, Ordering::Relaxed);
        let shared = count.max(1).ilog2() << 24;
        for (entry, page) in self.opened[at..at + count].iter().zip(start..) {
            self.open[page].store(true, Ordering::Relaxed);
            entry.store(page as u32 | shared, Ordering::Relaxed);
        }
        // One run more, but for those that it joins.
        self.runs.fetch_add(1, Ordering::Relaxed);
        let runs = self.runs.fetch_sub(self.open_around(start, count), Ordering::Relaxed);
        if runs > MOST_RUNS {
            return self.flood();
        }
        let access = libc::PROT_READ | libc::PROT_WRITE;
        protect(self.base + start * PAGE, count * PAGE, access).is_ok() || self.flood()
    }

    /// Opens everything: that needs no mapping, and so cannot fail for want of one.
    pub(crate) fn flood(&self) -> bool {
        self.flooded.store(true, Ordering::Relaxed);
        protect(self.base, self.len, libc::PROT_READ | libc::PROT_WRITE).is_ok()
    }
}

fn protect(address: usize, len: usize, flags: libc::c_int) -> std::io::Result<()> {
    // SAFETY: the range lies within the mapping that `mapping` made for this guest and that outlives the
    // barrier; only the protection changes, and only between the two states that the guest's code expects:
    // writable, or faulting into `Barrier::fault`.
    let result = unsafe { libc::mprotect(address as *mut libc::c_void, len, flags) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
