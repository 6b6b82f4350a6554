//! Threads that yield: the slow lane's run at a lower priority than the quick lane's.
//!
//! The only `unsafe` of this crate.

/// How far the slow lane steps back, as `nice` counts: with every core busy on quick work it still gets a quarter.
const STEPS: i32 = 5;

/// Runs `make` on a thread of lower priority, which the threads that it starts inherit. Elsewhere than on Linux,
/// where a priority belongs to the process, all threads are alike.
pub fn yielding<T: Send>(make: impl FnOnce() -> T + Send) -> std::thread::Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            step_back();
            make()
        });
        thread.join()
    })
}

#[cfg(target_os = "linux")]
fn step_back() {
    // SAFETY: takes and returns plain numbers; 0 names the calling thread. A refusal leaves the priority as it is,
    // which costs fairness and nothing else.
    let _ = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, STEPS) };
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}
