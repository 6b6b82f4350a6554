//! Threads that run host functions, so that a worker can stop waiting for one that does not return.
//!
//! A thread that has finished waits for the next function; one that is stuck is left behind and another is made,
//! up to a bound. Threads end with the sandbox, a stuck one when its function returns.
//!
//! A host function may use a sandbox itself, but not one whose job waits for that function: with all workers
//! waiting, nobody would serve it. So each thread knows the pools that wait for what it does, and a pool refuses
//! batches from such a thread.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::host_tools::{HostAnswer, HostFault, HostTool};

/// The most threads of one sandbox, stuck ones included.
const MAX_THREADS: usize = 256;
/// How often a waiting worker looks whether its job must stop.
const TICK: Duration = Duration::from_millis(10);

/// Pools by identity.
pub(crate) type Waiting = Arc<[usize]>;

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::new(Arc::new([]));
}

/// The pools whose jobs wait for what this thread does.
pub(crate) fn waiting() -> Waiting {
    WAITING.with_borrow(Waiting::clone)
}

/// Sets them, for a thread that begins to serve.
pub(crate) fn set_waiting(pools: Waiting) {
    WAITING.set(pools);
}

type Answer = Result<String, HostFault>;

struct Task {
    tool: HostTool,
    arguments: String,
    waiting: Waiting,
    reply: SyncSender<Answer>,
}

/// A task with the thread's own sender, which is held by whoever may use the thread next: so a thread whose
/// sandbox is gone finds its channel closed.
struct Message(Task, Sender<Self>);

type Idle = Mutex<Vec<Sender<Message>>>;

/// The threads of one sandbox.
#[derive(Default)]
pub(crate) struct Callers {
    idle: Arc<Idle>,
    threads: Arc<AtomicUsize>,
}

impl Callers {
    /// Calls a tool and waits for its answer, its time-out, or `must_stop`. An error is the machinery's.
    pub(crate) fn call(
        &self,
        tool: &HostTool,
        arguments: &str,
        must_stop: impl Fn() -> bool,
    ) -> Result<HostAnswer, String> {
        let started = Instant::now();
        let (reply, answer) = sync_channel(1);
        let (tool, timeout) = (tool.clone(), tool.timeout);
        self.hand_over(Task { tool, arguments: arguments.to_owned(), waiting: waiting(), reply })?;
        loop {
            if must_stop() {
                return Ok(HostAnswer::Stopped);
            }
            let left = timeout.saturating_sub(started.elapsed());
            match answer.recv_timeout(left.min(TICK)) {
                Ok(Ok(json)) => return Ok(HostAnswer::Value(json)),
                Ok(Err(HostFault::Raised { kind, message })) => {
                    return Ok(HostAnswer::Raised { kind, message });
                }
                Ok(Err(HostFault::Broken(text))) => return Err(text),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Ok(HostAnswer::TimedOut),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err("its thread died".into()),
            }
        }
    }

    /// To a thread that waits, or to a new one.
    fn hand_over(&self, mut task: Task) -> Result<(), String> {
        loop {
            let Some(thread) = lock(&self.idle).pop() else { break };
            match thread.send(Message(task, thread.clone())) {
                Ok(()) => return Ok(()),
                Err(unsent) => task = unsent.0.0,
            }
        }
        if self.threads.fetch_add(1, Ordering::Relaxed) >= MAX_THREADS {
            self.threads.fetch_sub(1, Ordering::Relaxed);
            return Err(format!("{MAX_THREADS} calls that ran past their time-outs are still running"));
        }
        let (sender, messages) = channel();
        let idle = Arc::downgrade(&self.idle);
        let threads = self.threads.clone();
        let thread = std::thread::Builder::new().name("mentor-host-tool".into());
        let started = thread.spawn(move || {
            serve(&messages, &idle);
            threads.fetch_sub(1, Ordering::Relaxed);
        });
        match started {
            Ok(_) => {
                sender.send(Message(task, sender.clone())).map_err(|_| "its thread ended at once".into())
            }
            Err(error) => {
                self.threads.fetch_sub(1, Ordering::Relaxed);
                Err(format!("no thread could be started for it: {error}"))
            }
        }
    }
}

/// One thread: serves until its sandbox is gone.
fn serve(messages: &Receiver<Message>, idle: &Weak<Idle>) {
    while let Ok(Message(Task { tool, arguments, waiting, reply }, own)) = messages.recv() {
        set_waiting(waiting);
        let answer = catch_unwind(AssertUnwindSafe(|| (tool.function)(&arguments)))
            .unwrap_or_else(|_| Err(HostFault::Broken("the function panicked".into())));
        drop(tool);
        if let Some(idle) = idle.upgrade() {
            lock(&idle).push(own);
        }
        // Nobody waits for an answer that comes too late.
        let _ = reply.send(answer);
    }
}

fn lock(idle: &Idle) -> MutexGuard<'_, Vec<Sender<Message>>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
