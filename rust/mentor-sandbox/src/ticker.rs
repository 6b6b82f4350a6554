//! The clock of an engine: one thread that advances the epoch, by which running guests notice their deadline.
//!
//! It runs while somebody holds a `Ticking`, and sleeps when nobody has for a while: an idle process is not woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::Engine;

use crate::Error;
use crate::process::PerProcess;

/// How often the epoch advances: the resolution of the wall deadline.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Ticks without a guest after which the thread sleeps.
const IDLE: u32 = 100;

/// The ticker of one engine; forked children get a thread of their own.
pub(crate) struct Ticker(PerProcess<(Thread, Arc<Pulse>)>);

#[derive(Default)]
struct Pulse {
    active: AtomicUsize,
    asleep: AtomicBool,
    closing: AtomicBool,
}

/// While this lives, the epoch advances.
pub(crate) struct Ticking<'t>(&'t Pulse);

impl Ticker {
    pub(crate) const fn new() -> Self {
        Self(PerProcess::new())
    }

    /// Keeps the epoch advancing; starts the thread if need be.
    pub(crate) fn start(&self, engine: &Engine) -> Result<Ticking<'_>, Error> {
        let (thread, pulse) = self.0.get_or_try_init(|| spawn(engine))?;
        pulse.active.fetch_add(1, Ordering::SeqCst);
        if pulse.asleep.load(Ordering::SeqCst) {
            thread.unpark();
        }
        Ok(Ticking(pulse))
    }
}

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some((thread, pulse)) = self.0.get() {
            pulse.closing.store(true, Ordering::SeqCst);
            thread.unpark();
        }
    }
}

fn spawn(engine: &Engine) -> Result<(Thread, Arc<Pulse>), Error> {
    let (weak, pulse) = (engine.weak(), Arc::<Pulse>::default());
    let own = pulse.clone();
    let work = move || {
        let mut idle = 0;
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
            idle = if own.active.load(Ordering::SeqCst) > 0 { 0 } else { idle + 1 };
            if idle >= IDLE {
                own.sleep();
                idle = 0;
            }
            if own.closing.load(Ordering::SeqCst) {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("mentor-ticker".into()).spawn(work);
    let thread = thread.map_err(|e| Error::Threads(e.to_string()))?;
    Ok((thread.thread().clone(), pulse))
}

impl Pulse {
    /// Parks until somebody needs ticks. Whoever counts itself in either sees `asleep`, or is seen here.
    fn sleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        while self.active.load(Ordering::SeqCst) == 0 && !self.closing.load(Ordering::SeqCst) {
            std::thread::park();
        }
        self.asleep.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guests of an engine are stopped by the epoch after a sleep as well as before.
    #[test]
    fn it_wakes_up_when_it_is_needed() {
        let engine = Engine::default();
        let ticker = Ticker::new();
        drop(ticker.start(&engine).unwrap());
        let (_, pulse) = ticker.0.get().unwrap();
        while !pulse.asleep.load(Ordering::SeqCst) {
            std::thread::sleep(TICK);
        }
        let ticking = ticker.start(&engine).unwrap();
        while pulse.asleep.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        drop(ticking);
    }
}
