//! Going on behind a broken call without reading the same bytes over and over.
//!
//! A string without its closing quote makes a reader run far, so a sibling that it ran over is tried again from its
//! own beginning. But a text can be made such that every such try runs far too. So of the places that lie before the
//! furthest fault so far only a few are tried; then reading goes on behind that fault. Every byte is thus read a
//! bounded number of times, whatever the text.

/// How many places before the furthest fault are tried, one after the other.
pub(super) const MAX_TRIES: u32 = 8;

/// What was tried.
#[derive(Debug, Default)]
pub(super) struct Retry {
    furthest: usize,
    tries: u32,
}

impl Retry {
    /// Notes that reading failed at a byte.
    pub(super) fn failed(&mut self, at: usize) {
        self.furthest = self.furthest.max(at);
    }

    /// Whether reading may begin at a byte; if not, it goes on at [`Retry::furthest`].
    pub(super) fn allows(&mut self, at: usize) -> bool {
        if at >= self.furthest {
            self.tries = 0;
            return true;
        }
        self.tries += 1;
        self.tries <= MAX_TRIES
    }

    /// The furthest fault so far.
    pub(super) fn furthest(&self) -> usize {
        self.furthest
    }
}

/// A search forwards whose last answer is kept, so that asking again from a later place costs nothing.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    last: Option<(usize, usize)>,
}

impl Ahead {
    /// What `search` finds from a byte on; its answers must be the next of some fixed places.
    pub(super) fn get(&mut self, from: usize, search: impl FnOnce(usize) -> usize) -> usize {
        match self.last {
            Some((searched, found)) if (searched..=found).contains(&from) => found,
            _ => {
                let found = search(from);
                self.last = Some((from, found));
                found
            }
        }
    }
}
