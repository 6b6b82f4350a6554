//! One live guest: takes a state and a job, runs it, and is at the image again when it returns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use wasmtime::{Global, Store, Trap, TypedFunc, UpdateDeadline, Val};

use crate::barrier::{Barrier, PAGE};
use crate::delta::{Changes, Line};
use crate::engine::{self, Compiled};
use crate::guest::STACK_POINTER;
use crate::harness::{self, Program};
use crate::host_tools::HostTools;
use crate::image::SharedImage;
use crate::mapping::Frozen;
use crate::memory::Memory;
use crate::metrics::Effort;
use crate::outcome::{LimitKind, Outcome, Status};
use crate::rest::Overlay;
use crate::restore::Restore;
use crate::sandbox::{Job, JobResult};
use crate::signals;
use crate::state::{Change, Inner, State};
use crate::verdict::{Ending, diverged, limited, verdict};
use crate::wasi::{Exit, Files, Host, Stop};
use crate::{Error, Limits};

pub(crate) struct Instance {
    store: Store<Host>,
    wasm_memory: wasmtime::Memory,
    stack_pointer: Global,
    turn: TypedFunc<(i32, i32), i32>,
    alloc: TypedFunc<i32, i32>,
    memory: Memory,
    rest: Option<(SharedImage, Restore)>,
    /// The state that the memory stays at between jobs; the image where there is none.
    stays_at: Option<Arc<Inner>>,
    /// The state that the last job started from.
    last_start: Option<Arc<Inner>>,
    effort: Effort,
}

impl Instance {
    /// A guest as its artifact has it: interpreter started, no harness yet. Nothing is restored.
    pub(crate) fn bare(compiled: &Compiled, files: Files) -> Result<Self, Error> {
        let mut store = Store::new(&compiled.engine, Host::new(files));
        store.limiter(|host| host);
        store.epoch_deadline_callback(|context| {
            let stop = context.data().must_stop();
            Ok(if stop { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
        });
        store.set_fuel(u64::MAX)?;
        store.set_epoch_deadline(1);
        store.data_mut().limits.memory = 4 << 30;
        let instance = compiled.guest.instantiate(&mut store)?;
        let missing = |name: &str| Error::Guest(format!("it exports no {name}"));
        let wasm_memory = instance.get_memory(&mut store, "memory").ok_or_else(|| missing("memory"))?;
        let stack_pointer =
            instance.get_global(&mut store, STACK_POINTER).ok_or_else(|| missing(STACK_POINTER))?;
        let turn = instance.get_typed_func(&mut store, "turn")?;
        let alloc = instance.get_typed_func(&mut store, "host_alloc")?;
        let memory = Memory::take_last().ok_or_else(|| Error::Engine("it made no memory".into()))?;
        store.data_mut().memory = Some(wasm_memory);
        Ok(Self {
            store,
            wasm_memory,
            stack_pointer,
            turn,
            alloc,
            memory,
            rest: None,
            stays_at: None,
            last_start: None,
            effort: Effort::default(),
        })
    }

    /// An instance at rest at `image`, ready for jobs.
    pub(crate) fn at_rest(
        compiled: &Compiled,
        image: &SharedImage,
        restore: Restore,
        tools: &Arc<HostTools>,
    ) -> Result<Self, Error> {
        let mut guest = Self::bare(compiled, image.files.clone())?;
        guest.store.data_mut().door.tools = Some(tools.clone());
        let failed = |e: std::io::Error| Error::Engine(format!("the guest's memory: {e}"));
        guest.extend(image.bytes.len()).map_err(Error::Engine)?;
        guest.memory.load(&image.bytes).map_err(failed)?;
        guest.stack_pointer.set(&mut guest.store, Val::I32(image.stack_pointer))?;
        if restore == Restore::Barrier {
            watch(&mut guest.store, guest.memory.arm().map_err(failed)?);
        }
        guest.rest = Some((image.clone(), restore));
        Ok(guest)
    }

    /// Runs the artifact's own turn once, to install the harness.
    pub(crate) fn bootstrap(&mut self, source: &str, limits: &Limits) -> Result<(), Error> {
        let files = self.store.data().files.clone();
        self.begin(files, 0, limits, &Arc::default())?;
        match self.turn(source.as_bytes()) {
            Ending::Returned => {}
            Ending::Exited(code) => return Err(Error::Guest(format!("its start exited with {code}"))),
            Ending::Trapped(trap) => return Err(Error::Guest(format!("its start trapped: {trap}"))),
            Ending::Stopped(stop) => return Err(Error::Guest(format!("its start called the host: {stop}"))),
            Ending::Broken(text) => return Err(Error::Engine(text)),
        }
        let complaint = String::from_utf8_lossy(&self.store.data().stderr.kept).into_owned();
        if complaint.is_empty() { Ok(()) } else { Err(Error::Guest(complaint)) }
    }

    /// Runs a job that stays: for making an image.
    pub(crate) fn run_bare(
        &mut self,
        program: &Program,
        seed: u64,
        limits: &Limits,
    ) -> Result<Outcome, Error> {
        let files = self.store.data().files.clone();
        self.begin(files, seed, limits, &Arc::default())?;
        let ending = self.turn(&harness::frame(program, seed));
        Ok(self.outcome(ending, limits))
    }

    /// Bytes of memory.
    pub(crate) fn size(&self) -> usize {
        self.memory.len()
    }

    /// Takes a chunk from the guest's own allocator: for making an image.
    pub(crate) fn allocate(&mut self, len: usize) -> Result<usize, Error> {
        let none = |reason: String| Error::Guest(format!("it gave no memory: {reason}"));
        let len = i32::try_from(len).map_err(|e| none(e.to_string()))?;
        match self.alloc.call(&mut self.store, len) {
            Ok(0) => Err(none("there is none left".into())),
            Ok(at) => Ok(at.cast_unsigned() as usize),
            Err(error) => Err(none(format!("{error:#}"))),
        }
    }

    /// Changes bytes of memory: for making an image.
    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Error> {
        if at.checked_add(bytes.len()).is_none_or(|end| end > self.memory.len()) {
            return Err(Error::Guest(format!("it names an object outside its memory, at {at}")));
        }
        self.memory.writable(at, bytes.len()).copy_from_slice(bytes);
        Ok(())
    }

    /// What an image is made of.
    pub(crate) fn into_rest(mut self) -> Result<(Frozen, i32, Files), Error> {
        let at = self.stack_pointer.get(&mut self.store).i32();
        let at = at.ok_or_else(|| Error::Guest("its stack pointer is no i32".into()))?;
        let bytes = Frozen::copy(self.memory.bytes())
            .map_err(|e| Error::Engine(format!("the image's memory: {e}")))?;
        Ok((bytes, at, self.store.data().files.clone()))
    }

    /// Runs one job and puts the image back. An error means that this instance must not be used again.
    pub(crate) fn run(
        &mut self,
        job: &Job,
        default: &Limits,
        cancel: &Arc<AtomicBool>,
    ) -> Result<JobResult, Error> {
        let (image, _) = self.rest.clone().ok_or_else(|| Error::Engine("a guest without an image".into()))?;
        let limits = job.limits.as_ref().unwrap_or(default);
        let unchanged = || job.state.clone().unwrap_or_else(|| State::initial(&image));
        if job.program.len() as u64 > limits.arguments {
            let mut outcome = Outcome::empty();
            limited(&mut outcome, LimitKind::Arguments, limits);
            return Ok(JobResult { outcome, state: job.keep_state.then(unchanged) });
        }
        let start = job.state.as_ref().map(|state| &state.inner);
        let files = start.map_or(image.files.clone(), |inner| image.files.with(&inner.files));
        self.begin(files, job.seed, limits, cancel)?;
        self.store.data_mut().door.replay.clone_from(&job.replay);
        self.go_to(start, &image)?;
        let started = Instant::now();
        let ending = self.turn(&harness::frame(&job.program, job.seed));
        let at_rest = matches!(ending, Ending::Returned);
        if let Ending::Broken(text) = ending {
            return Err(Error::Engine(text));
        }
        if cancel.load(Ordering::Relaxed) {
            self.restore(&image, None)?;
            return Err(Error::Cancelled);
        }
        let mut outcome = self.outcome(ending, limits);
        outcome.usage.wall = started.elapsed();
        let at_rest = at_rest && outcome.status != Status::Diverged;
        let mut changes = (job.keep_state && at_rest).then(|| Changes::new(&image.bytes));
        let size = self.memory.len();
        if !self.is_spent() {
            self.settle(start, &image);
            outcome.usage.pages = self.restore(&image, changes.as_mut())? as u32;
        } else if changes.is_some() {
            self.restore(&image, changes.as_mut())?;
        }
        let over_start = self.memory.stays();
        let after = |changes: Changes| {
            let change = Change { lines: changes.finish(), over_start, size };
            State::capture(&image, job.state.as_ref(), &change, &self.store.data().files)
        };
        let state = job.keep_state.then(|| changes.map_or_else(unchanged, after));
        Ok(JobResult { outcome, state })
    }

    /// Makes the memory that of the state which the job starts from.
    fn go_to(&mut self, start: Option<&Arc<Inner>>, image: &SharedImage) -> Result<(), Error> {
        if let Some(inner) = start
            && inner.size as u64 > self.store.data().limits.memory
        {
            let reason =
                format!("the state alone takes {} bytes; raise the memory limit above it", inner.size);
            return Err(Error::Option { field: "memory", reason });
        }
        if is_same(self.stays_at.as_ref(), start) {
            return Ok(());
        }
        self.stays_at = None;
        self.memory.leave(&image.bytes);
        if let Some(inner) = start {
            self.extend(inner.size).map_err(Error::Engine)?;
            for line in inner.lines() {
                line.put(self.memory.writable(line.at, Line::LEN));
            }
        }
        Ok(())
    }

    /// Stays at a state from which two jobs in a row have started. One with grown memory, or that is the image, is not
    /// worth it.
    fn settle(&mut self, start: Option<&Arc<Inner>>, image: &SharedImage) {
        if let Some(inner) = start
            && self.stays_at.is_none()
            && is_same(self.last_start.as_ref(), start)
            && inner.size == image.bytes.len()
            && inner.lines().next().is_some()
        {
            self.memory.stay(Overlay::new(&image.bytes, inner.lines()));
            self.stays_at = Some(inner.clone());
        }
        self.last_start = start.cloned();
    }

    /// Whether the instance is dropped after one job instead of being put back.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(self.rest, Some((_, Restore::Instantiate)))
    }

    /// Whether memory and stack pointer are at rest, byte for byte.
    pub(crate) fn verify(&mut self) -> Result<(), Error> {
        let (image, restore) =
            self.rest.clone().ok_or_else(|| Error::Engine("a guest without an image".into()))?;
        if restore == Restore::Instantiate {
            return Ok(());
        }
        if let Err(at) = self.memory.verify(&image.bytes) {
            return Err(Error::Engine(format!("the memory is not at rest at {at} after a restore")));
        }
        let same = self.stack_pointer.get(&mut self.store).i32() == Some(image.stack_pointer);
        if same { Ok(()) } else { Err(Error::Engine("the stack pointer differs after a restore".into())) }
    }

    /// What restores took since this was last asked.
    pub(crate) fn take_effort(&mut self) -> Effort {
        let sweeps = std::mem::take(&mut self.memory.sweeps);
        Effort { sweeps, ..std::mem::take(&mut self.effort) }
    }

    fn begin(
        &mut self,
        files: Files,
        seed: u64,
        limits: &Limits,
        cancel: &Arc<AtomicBool>,
    ) -> Result<(), Error> {
        self.store.data_mut().begin(files, seed, limits, cancel);
        self.store.set_fuel(limits.fuel)?;
        self.store.set_epoch_deadline(1);
        Ok(())
    }

    /// Hands bytes to the guest's `turn`.
    fn turn(&mut self, bytes: &[u8]) -> Ending {
        let Ok(len) = i32::try_from(bytes.len()) else {
            return Ending::Broken("a program of 2 GiB or more".into());
        };
        let result = self.alloc.call(&mut self.store, len.max(1)).and_then(|at| {
            let start = at.cast_unsigned() as usize;
            if at == 0 || start + bytes.len() > self.memory.len() {
                self.store.data_mut().memory_refused = true;
                return Err(Trap::AllocationTooLarge.into());
            }
            self.memory.writable(start, bytes.len()).copy_from_slice(bytes);
            self.turn.call(&mut self.store, (at, len))
        });
        match result {
            Ok(_) => Ending::Returned,
            Err(error) => match (error.downcast_ref::<Exit>(), error.downcast_ref::<Trap>()) {
                (Some(Exit(code)), _) => Ending::Exited(*code),
                (None, Some(trap)) => Ending::Trapped(*trap),
                (None, None) => match error.downcast_ref::<Stop>() {
                    Some(stop) => Ending::Stopped(stop.clone()),
                    None => Ending::Broken(format!("{error:#}")),
                },
            },
        }
    }

    /// Reads what the job did out of the store.
    fn outcome(&mut self, ending: Ending, limits: &Limits) -> Outcome {
        let left = self.store.get_fuel().unwrap_or(0);
        let memory = self.memory.len() as u64;
        let host = self.store.data_mut();
        let mut outcome = Outcome::empty();
        outcome.stdout_len = host.stdout.len;
        outcome.stderr_len = host.stderr.len;
        outcome.stdout = std::mem::take(&mut host.stdout.kept);
        outcome.stderr = std::mem::take(&mut host.stderr.kept);
        outcome.usage.fuel = limits.fuel.saturating_sub(left);
        outcome.usage.memory = memory;
        verdict(&mut outcome, ending, host);
        if !matches!(outcome.status, Status::Failed | Status::Diverged)
            && let Some(text) = host.door.leftover()
        {
            diverged(&mut outcome, &text);
        }
        outcome.host_calls = std::mem::take(&mut host.door.calls);
        outcome
    }

    fn extend(&mut self, size: usize) -> Result<(), String> {
        if size <= self.memory.len() {
            return Ok(());
        }
        self.memory.extend(size).map_err(|e| e.to_string())?;
        self.reload_length()
    }

    /// Makes Wasmtime read the memory's length again after it was changed from outside.
    fn reload_length(&mut self) -> Result<(), String> {
        let before = self.wasm_memory.grow(&mut self.store, 0).map_err(|e| format!("{e:#}"))?;
        if before as usize * (64 << 10) == self.memory.len() {
            Ok(())
        } else {
            Err("the memory's length is stale".into())
        }
    }

    /// Puts the memory back, and notes what the job changed.
    fn restore(&mut self, image: &SharedImage, changes: Option<&mut Changes<'_>>) -> Result<usize, Error> {
        let _span = tracing::trace_span!("restore").entered();
        let grown = self.memory.len() != image.bytes.len();
        let pages = self.memory.restore(&image.bytes, changes).map_err(|e| Error::Engine(e.to_string()))?;
        if grown {
            self.reload_length().map_err(Error::Engine)?;
        }
        self.stack_pointer.set(&mut self.store, Val::I32(image.stack_pointer))?;
        self.effort.restores += 1;
        self.effort.pages += pages as u64;
        Ok(pages)
    }
}

fn is_same(one: Option<&Arc<Inner>>, other: Option<&Arc<Inner>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// Lets a barrier see the faults of a store's guest.
fn watch<T>(store: &mut Store<T>, barrier: Arc<Barrier>) {
    use wasmtime::unix::StoreExt;
    let handler = move |_signal, info: *const libc::siginfo_t, _context| {
        // SAFETY: the kernel's siginfo of a fault, valid for the length of the handler.
        let address = unsafe { (*info).si_addr() } as usize;
        barrier.fault(address)
    };
    // SAFETY: the handler is async-signal-safe (see `Barrier::fault`) and claims only faults on this store's own
    // closed pages, after opening them.
    unsafe { store.set_signal_handler(handler) };
}

/// Whether a store to a closed page is seen: a guest of one function tries.
pub(crate) fn barrier_works() -> Result<bool, Error> {
    // (module (memory (export "m") 1) (func (export "f") (i32.store8 (i32.const 4096) (i32.const 7))))
    const GUEST: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\
        \x07\x09\x02\x01m\x02\0\x01f\0\0\x0a\x0c\x01\x0a\0\x41\x80\x20\x41\x07\x3a\0\0\x0b";
    let engine = engine::plain()?;
    signals::keep().map_err(|e| Error::Engine(e.to_string()))?;
    let _marked = signals::guest_thread();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    store.set_epoch_deadline(u64::MAX / 2);
    let module = wasmtime::Module::new(&engine, GUEST)?;
    let instance = wasmtime::Instance::new(&mut store, &module, &[])?;
    let mut memory = Memory::take_last().ok_or_else(|| Error::Engine("it made no memory".into()))?;
    let barrier = memory.arm().map_err(|e| Error::Engine(e.to_string()))?;
    watch(&mut store, barrier.clone());
    instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
    Ok(barrier.opened().map(|opened| opened.page).eq([1]) && memory.bytes()[PAGE] == 7)
}
