//! Guests' faults reach Wasmtime's handlers, even where a library installed its own after them.
//!
//! Wasmtime installs handlers once a process, and they pass on what is not theirs to those that they found. A library
//! that installs its own later (the workers of torch's loaders, a JVM, `faulthandler.enable()`) is then given guests'
//! faults, the write barrier's among them, and most such handlers end the process. So the handlers are looked at
//! before guests run, and where another stands, one is put before it that tells faults apart by their thread: those
//! of threads that run guests go to Wasmtime's handler, all others to the one that was found.
//!
//! What the handler does is async-signal-safe: atomics, `pthread_self`, `sigaction` and a call.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use libc::{c_int, c_void, sigaction, siginfo_t};

/// The signals of guests' traps and of the write barrier.
const SIGNALS: [c_int; 3] = [libc::SIGSEGV, libc::SIGILL, libc::SIGFPE];

/// Wasmtime's actions, as they stood after it had installed them.
static WASMTIMES: OnceLock<[sigaction; 3]> = OnceLock::new();
/// The actions that were found in their place; null where none was.
static FOUND: [AtomicPtr<sigaction>; 3] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 3];

/// Notes Wasmtime's handlers; to be called after the making of an engine, which installs them.
pub(crate) fn note() {
    WASMTIMES.get_or_init(|| SIGNALS.map(current));
}

/// Sees to it that guests' faults are given to Wasmtime: three short system calls where all is as it was.
pub(crate) fn keep() -> std::io::Result<()> {
    let Some(wasmtimes) = WASMTIMES.get() else { return Ok(()) };
    for ((&signal, wasmtimes), found) in SIGNALS.iter().zip(wasmtimes).zip(&FOUND) {
        let now = current(signal);
        let known = [wasmtimes.sa_sigaction, sorting()];
        // Where Wasmtime has no handler (it uses another way on this system), there is nothing to keep.
        if known.contains(&now.sa_sigaction) || !takes_details(wasmtimes) {
            continue;
        }
        // The one before stays allocated, since the handler may be reading it. Libraries that do this are few.
        found.store(Box::into_raw(Box::new(now)), Ordering::Release);
        install(signal, &sigaction { sa_sigaction: sorting(), ..*wasmtimes })?;
    }
    Ok(())
}

fn sorting() -> usize {
    sort as *const () as usize
}

fn takes_details(action: &sigaction) -> bool {
    action.sa_flags & libc::SA_SIGINFO != 0
}

/// The action that stands.
fn current(signal: c_int) -> sigaction {
    // SAFETY: all zeros is a valid action (the default one), and it is written to only by the call, which cannot
    // fail for these signals.
    unsafe {
        let mut action = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action);
        action
    }
}

fn install(signal: c_int, action: &sigaction) -> std::io::Result<()> {
    // SAFETY: the action is `sort` with the flags that its signature needs, or one that stood before.
    let result = unsafe { libc::sigaction(signal, action, std::ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// The handler: passes a fault on by the thread that it happened in.
extern "C" fn sort(signal: c_int, details: *mut siginfo_t, context: *mut c_void) {
    let Some(index) = SIGNALS.iter().position(|&known| known == signal) else { return };
    let action = if runs_guests() {
        WASMTIMES.get().map(|all| &all[index])
    } else {
        // SAFETY: null, or a boxed action that is never freed.
        unsafe { FOUND[index].load(Ordering::Acquire).as_ref() }
    };
    let Some(action) = action else { return };
    match action.sa_sigaction {
        // As the system would have it: the fault happens again, and then under this action.
        libc::SIG_DFL | libc::SIG_IGN => {
            let _ = install(signal, action);
        }
        handler if takes_details(action) => {
            // SAFETY: with SA_SIGINFO, the field holds a function of this signature.
            let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) =
                unsafe { std::mem::transmute(handler) };
            handler(signal, details, context);
        }
        handler => {
            // SAFETY: without SA_SIGINFO, the field holds a function of this signature.
            let handler: extern "C" fn(c_int) = unsafe { std::mem::transmute(handler) };
            handler(signal);
        }
    }
}

/// A place for the identity of a thread that runs guests; 0 is free. Places are never freed: the handler walks them.
struct Place {
    thread: AtomicUsize,
    next: *const Place,
}

static PLACES: AtomicPtr<Place> = AtomicPtr::new(std::ptr::null_mut());

/// While this lives, its thread is one that runs guests.
pub(crate) struct GuestThread(&'static Place);

/// Marks this thread as one that runs guests.
pub(crate) fn guest_thread() -> GuestThread {
    let own = this_thread();
    let take =
        |place: &&Place| place.thread.compare_exchange(0, own, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    if let Some(place) = places().find(take) {
        return GuestThread(place);
    }
    let place = Box::leak(Box::new(Place { thread: AtomicUsize::new(own), next: std::ptr::null() }));
    let mut first = PLACES.load(Ordering::Acquire);
    loop {
        place.next = first;
        match PLACES.compare_exchange(first, place, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return GuestThread(place),
            Err(other) => first = other,
        }
    }
}

impl Drop for GuestThread {
    fn drop(&mut self) {
        self.0.thread.store(0, Ordering::Release);
    }
}

fn runs_guests() -> bool {
    let own = this_thread();
    places().any(|place| place.thread.load(Ordering::Acquire) == own)
}

fn this_thread() -> usize {
    // SAFETY: has no conditions.
    unsafe { libc::pthread_self() as usize }
}

fn places() -> impl Iterator<Item = &'static Place> {
    // SAFETY: null, or a leaked place whose `next` does not change once it is in the list.
    let place = |at: *const Place| unsafe { at.as_ref() };
    std::iter::successors(place(PLACES.load(Ordering::Acquire)), move |at| place(at.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_marked_as_long_as_its_guard_lives() {
        assert!(!runs_guests());
        let guard = guest_thread();
        let inner = guest_thread();
        assert!(runs_guests());
        std::thread::spawn(|| assert!(!runs_guests())).join().unwrap();
        drop(inner);
        assert!(runs_guests());
        drop(guard);
        assert!(!runs_guests());
    }

    #[test]
    fn places_are_used_again() {
        let count = || places().count();
        drop(guest_thread());
        let before = count();
        for _ in 0..100 {
            drop(guest_thread());
        }
        // Tests beside this one may hold places of their own.
        assert!(count() < before + 50);
    }
}
