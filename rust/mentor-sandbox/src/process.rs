//! Values that belong to one process: threads, and what is guarded by locks.
//!
//! A forked child has a copy of everything but the threads, and a lock that one of them held stays locked for ever.
//! So what needs threads or locks is kept in a `PerProcess`: the child finds a place of its own and makes it anew.

use std::sync::OnceLock;

/// One value for each process, made when it is first asked for.
pub(crate) struct PerProcess<T> {
    own: OnceLock<(u32, T)>,
    /// The place of a forked child.
    child: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { own: OnceLock::new(), child: OnceLock::new() }
    }

    /// This process's value. Where several threads make it at once, one is kept.
    pub(crate) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let place = self.place();
        if let Some((_, value)) = place.own.get() {
            return Ok(value);
        }
        let fresh = make()?;
        Ok(&place.own.get_or_init(|| (std::process::id(), fresh)).1)
    }

    /// This process's value, if it was made.
    pub(crate) fn get(&self) -> Option<&T> {
        self.place().own.get().map(|(_, value)| value)
    }

    /// The first place that is empty or this process's.
    fn place(&self) -> &Self {
        let process = std::process::id();
        let mut place = self;
        while place.own.get().is_some_and(|(owner, _)| *owner != process) {
            place = place.child.get_or_init(|| Box::new(Self::new()));
        }
        place
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if let Some((owner, value)) = self.own.take()
            && owner != std::process::id()
        {
            // An ancestor's: its threads are not here to be joined.
            std::mem::forget(value);
        }
    }
}
