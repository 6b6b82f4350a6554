//! What it costs that a guest can be stopped: the same loops compiled without any means, with epochs, with fuel,
//! with both, and (feature `bench-yields`, which compiles Wasmtime anew) with fuel that yields to the host.
//!
//! `cargo bench --workspace --bench interrupts` takes a small module with loops like an interpreter's; with
//! `MENTOR_BENCH_GUEST=1` the real guest as well, compiled once for each configuration: minutes each.
//! Prints a JSON object a loop: each configuration's time by that of the first, the fastest of rounds in turns.

mod support;

use std::path::Path;
use std::time::Duration;

use mentor_sandbox::GuestFiles;
use serde_json::{Map, Value, json};
use wasmtime::{
    Config, Engine, Instance, Linker, Module, Store, TypedFunc, UpdateDeadline, Val, WasmParams, WasmResults,
};

use support::seconds;

const ROUNDS: usize = 100;
const STACK: usize = 8 << 20;
/// Fuel between two yields: some 5 ms.
#[cfg(feature = "bench-yields")]
const SLICE: u64 = 10_000_000;

/// Name and argument of the small module's functions; each takes some milliseconds.
const LOOPS: &[(&str, i32)] = &[("interpret", 100_000), ("count", 5_000_000), ("walk", 200), ("recurse", 25)];

/// Python for the real guest; each takes some milliseconds.
const PROGRAMS: &[(&str, &str)] = &[
    ("for loop", "s = 0\nfor i in range(20000): s += i * i"),
    ("function calls", "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(17)"),
    (
        "strings and dictionaries",
        "d = {}\nfor i in range(4000): d[str(i)] = d.get(str(i - 1), '') [-8:] + 'x'",
    ),
    ("sorting, in C", "x = sorted((i * 7919 % 10007 for i in range(10000)), key=lambda v: -v)"),
    ("big numbers, in C", "x = 3 ** 20000 % (10 ** 300 + 7)"),
];

#[derive(Debug, Clone, Copy)]
struct Means {
    name: &'static str,
    epochs: bool,
    fuel: bool,
    yields: bool,
}

const ALL: &[Means] = &[
    Means { name: "none", epochs: false, fuel: false, yields: false },
    Means { name: "epochs", epochs: true, fuel: false, yields: false },
    Means { name: "fuel", epochs: false, fuel: true, yields: false },
    Means { name: "both", epochs: true, fuel: true, yields: false },
    #[cfg(feature = "bench-yields")]
    Means { name: "fuel that yields", epochs: false, fuel: true, yields: true },
];

fn main() {
    // `cargo test --all-targets` runs benches too: only its own verb should take the time.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // Guests need more stack than a main thread may have.
    let bench = std::thread::Builder::new().stack_size(STACK + (24 << 20)).spawn(|| {
        small_module();
        if std::env::var_os("MENTOR_BENCH_GUEST").is_some() {
            real_guest();
        }
    });
    bench.unwrap().join().unwrap();
}

fn small_module() {
    let wasm = wat::parse_str(include_str!("support/interpreter.wat")).unwrap();
    let mut machines: Vec<Machine> =
        ALL.iter().map(|means| Machine::new(*means, |engine| Module::new(engine, &wasm))).collect();
    for (name, times) in LOOPS {
        let functions: Vec<TypedFunc<i32, i32>> =
            machines.iter_mut().map(|machine| machine.function(name)).collect();
        let mut results = Vec::new();
        compare("small module", name, |at| results.push(machines[at].call(&functions[at], *times)));
        let agree = |round: &[i32]| round.iter().all(|result| *result == round[0]);
        assert!(results.chunks(ALL.len()).all(agree), "{name}: the configurations disagree");
    }
}

fn real_guest() {
    let folder = std::env::var("MENTOR_GUEST").expect("set MENTOR_GUEST to the guest's folder of artifacts");
    let files = GuestFiles::in_folder(Path::new(&folder)).unwrap();
    let mut guests: Vec<Machine> = ALL
        .iter()
        .map(|means| {
            let mut guest = None;
            let spent = seconds(|| guest = Some(Machine::new(*means, |engine| kept(engine, *means, &files))));
            say(&json!({"loaded": means.name, "seconds": spent}));
            guest.unwrap()
        })
        .collect();
    for (name, source) in PROGRAMS {
        compare("real guest", name, |at| guests[at].run(source));
    }
}

/// The real guest's compiled code, kept beside the bench's own build for the next time.
fn kept(engine: &Engine, means: Means, files: &GuestFiles) -> wasmtime::Result<Module> {
    let name = format!("interrupts-{}-{}.cwasm", means.name.replace(' ', "-"), &files.sha256[..16]);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // SAFETY: the file was written below, by this bench, into the folder of its own build; Wasmtime refuses what was
    // compiled by another version or for another configuration.
    if let Ok(module) = unsafe { Module::deserialize_file(engine, &path) } {
        return Ok(module);
    }
    let code = engine.precompile_module(&std::fs::read(&files.wasm)?)?;
    std::fs::write(&path, code)?;
    // SAFETY: as above.
    unsafe { Module::deserialize_file(engine, &path) }
}

/// Times `work` for every configuration in turns and prints the fastest of each by that of the first: the loops are
/// the same each time, so what is above the fastest is the machine's noise.
fn compare(guest: &str, name: &str, mut work: impl FnMut(usize)) {
    let mut fastest = vec![f64::INFINITY; ALL.len()];
    for _ in 0..ROUNDS {
        for (at, best) in fastest.iter_mut().enumerate() {
            *best = best.min(seconds(|| work(at)));
        }
    }
    let ratios =
        ALL.iter().zip(&fastest).map(|(means, best)| (means.name.to_owned(), (best / fastest[0]).into()));
    let ratios: Map<String, Value> = ratios.collect();
    say(&json!({"guest": guest, "loop": name, "us": fastest[0] * 1e6, "ratios": ratios}));
}

#[allow(clippy::print_stdout)]
fn say(row: &Value) {
    println!("{row}");
}

/// The sandbox's configuration but for what interrupts, and for the memory, which is Wasmtime's own.
fn engine(means: Means) -> Engine {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(STACK)
        .async_stack_size(STACK + (2 << 20))
        .consume_fuel(means.fuel)
        .epoch_interruption(means.epochs);
    let engine = Engine::new(&config).unwrap();
    if means.epochs {
        let weak = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
    }
    engine
}

/// A module under one configuration. What it imports answers as a system that has nothing: `ENOSYS`.
struct Machine {
    means: Means,
    store: Store<()>,
    instance: Instance,
}

impl Machine {
    fn new(means: Means, load: impl FnOnce(&Engine) -> wasmtime::Result<Module>) -> Self {
        const ENOSYS: i32 = 52;
        let engine = engine(means);
        let module = load(&engine).unwrap();
        let mut store = Store::new(&engine, ());
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
        store.set_epoch_deadline(1);
        if means.fuel {
            store.set_fuel(u64::MAX).unwrap();
        }
        let mut linker = Linker::new(&engine);
        for import in module.imports() {
            let kind = import.ty().unwrap_func().clone();
            let refuse = |_: wasmtime::Caller<'_, ()>, _: &[Val], results: &mut [Val]| {
                results.fill(Val::I32(ENOSYS));
                Ok(())
            };
            linker.func_new(import.module(), import.name(), kind, refuse).unwrap();
        }
        let instance = linker.instantiate(&mut store, &module).unwrap();
        #[cfg(feature = "bench-yields")]
        if means.yields {
            store.fuel_async_yield_interval(Some(SLICE)).unwrap();
        }
        Self { means, store, instance }
    }

    fn function<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> TypedFunc<P, R> {
        self.instance.get_typed_func(&mut self.store, name).unwrap()
    }

    fn call<P: WasmParams + Sync, R: WasmResults + Sync>(
        &mut self,
        function: &TypedFunc<P, R>,
        given: P,
    ) -> R {
        #[cfg(feature = "bench-yields")]
        if self.means.yields {
            return to_the_end(function.call_async(&mut self.store, given)).unwrap();
        }
        assert!(!self.means.yields, "yields need the feature bench-yields");
        function.call(&mut self.store, given).unwrap()
    }

    /// Runs source in the real guest's one interpreter.
    fn run(&mut self, source: &str) {
        let (alloc, turn) =
            (self.function::<i32, i32>("host_alloc"), self.function::<(i32, i32), i32>("turn"));
        let len = i32::try_from(source.len()).unwrap();
        let at = self.call(&alloc, len);
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory.write(&mut self.store, at.cast_unsigned() as usize, source.as_bytes()).unwrap();
        self.call(&turn, (at, len));
    }
}

/// Polls a future that is always ready to go on, as a loop that has other work between two polls would.
#[cfg(feature = "bench-yields")]
fn to_the_end<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
