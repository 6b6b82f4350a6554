//! How much is read: a counter for tests, nothing otherwise.

#[cfg(test)]
thread_local! {
    static BYTES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that were looked at.
#[inline]
pub(crate) fn count(bytes: usize) {
    #[cfg(test)]
    BYTES.with(|sum| sum.set(sum.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// What `f` gives, and how many bytes it looked at.
#[cfg(test)]
pub(crate) fn counted<R>(f: impl FnOnce() -> R) -> (R, usize) {
    let before = BYTES.with(std::cell::Cell::get);
    let result = f();
    (result, BYTES.with(std::cell::Cell::get) - before)
}
