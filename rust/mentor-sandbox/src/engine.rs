//! Compiled code: Wasmtime's configuration, the guest compiled once and kept on disk, and the ticker.
//!
//! Compiled code is trusted native code, so its cache is private to the user (folder 0700, file 0600) and is
//! keyed by everything that it depends on: the guest's hash, the Wasmtime version and configuration, and the
//! processor's features. One engine serves every sandbox of a process that uses the same guest and cache.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, InstancePre, Module};

use crate::cache::{self, cache_error};
use crate::guest::{hex, missing};
use crate::mapping::Creator;
use crate::process::PerProcess;
use crate::signals;
use crate::ticker::{Ticker, Ticking};
use crate::wasi::{self, Host, SharedFile};
use crate::{Error, GuestFiles, Limits};

/// The engine's version, for diagnostics.
pub const WASMTIME_VERSION: &str = "48.0.8";
/// Raise this when the configuration below or the change made to the guest changes.
const CONFIG_VERSION: u32 = 1;
/// The guest's paths that check for themselves all raise cleanly at this size (measured; at 4 MiB some trap).
pub(crate) const WASM_STACK: usize = Limits::STACK;

/// What decides which compiled guest is used.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The guest's files.
    pub guest: GuestFiles,
    /// The folder for compiled code and images; made if it is missing.
    pub cache: PathBuf,
    /// Bytes that stored images may take; those not used for longest are removed. 0 stores none.
    pub image_bytes: u64,
}

impl EngineOptions {
    /// The default of `image_bytes`: some hundred images.
    pub const IMAGE_BYTES: u64 = 1 << 30;
}

/// What `prepare` did.
#[derive(Debug, Clone)]
pub struct CompileReport {
    /// The compiled guest.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Time spent compiling; None where the cache had it.
    pub compiled_in: Option<Duration>,
}

/// The engine and the compiled guest.
pub(crate) struct Compiled {
    pub engine: Engine,
    /// The module with everything that it imports.
    pub guest: InstancePre<Host>,
    pub stdlib: SharedFile,
    /// Names the guest in the identities of images: the same on any machine.
    pub identity: String,
    ticker: Ticker,
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_backtrace_max_frames(None)
        .consume_fuel(true)
        .epoch_interruption(true)
        // Bit-equal floats on every machine.
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(WASM_STACK)
        // Unused (no call is asynchronous), but checked against the line above.
        .async_stack_size(WASM_STACK)
        .memory_init_cow(false)
        .memory_reservation(4 << 30)
        .memory_guard_size(32 << 20)
        .with_host_memory(Arc::new(Creator));
    config
}

/// An engine with nothing compiled.
pub(crate) fn plain() -> Result<Engine, Error> {
    let engine = Engine::new(&config())?;
    signals::note();
    Ok(engine)
}

fn key(engine: &Engine, guest: &GuestFiles) -> String {
    use std::hash::{Hash, Hasher};
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut sha = Sha(Sha256::new());
    sha.write(guest.sha256.as_bytes());
    sha.write(&CONFIG_VERSION.to_le_bytes());
    // Covers Wasmtime's version, its tunables, the target and the processor's features.
    engine.precompile_compatibility_hash().hash(&mut sha);
    hex(&sha.0.finalize()[..16])
}

fn cached_path(cache: &Path, key: &str) -> PathBuf {
    cache.join(format!("guest-{key}.cwasm"))
}

/// Whether the guest is compiled already and whole, so that `prepare` returns at once.
pub fn is_compiled(options: &EngineOptions) -> Result<bool, Error> {
    let engine = plain()?;
    let path = cached_path(&options.cache, &key(&engine, &options.guest));
    Ok(path.exists() && map(&engine, &path).is_ok())
}

/// Compiles the guest unless the cache has it (about a minute on two cores). Safe under concurrent callers:
/// one compiles, the others wait; a killed compilation leaves nothing that a later one would use.
pub fn prepare(options: &EngineOptions) -> Result<CompileReport, Error> {
    compiled_module(&plain()?, options).map(|(_, report)| report)
}

fn compile_unless_there(engine: &Engine, options: &EngineOptions) -> Result<CompileReport, Error> {
    let path = cached_path(&options.cache, &key(engine, &options.guest));
    let report = |compiled_in| {
        let bytes = fs::metadata(&path).map_err(|e| cache_error(&path, e))?.len();
        Ok(CompileReport { path: path.clone(), bytes, compiled_in })
    };
    if path.exists() {
        return report(None);
    }
    cache::private_folder(&options.cache)?;
    let _lock = cache::lock(&path.with_extension("lock"))?;
    if path.exists() {
        return report(None);
    }
    cache::remove_parts(&path);
    let _span = tracing::info_span!("compile", guest = %&options.guest.sha256).entered();
    let started = Instant::now();
    let wasm = options.guest.load()?;
    let code = engine.precompile_module(&wasm)?;
    cache::write_whole(&path, &code)?;
    report(Some(started.elapsed()))
}

impl Compiled {
    /// The engine for these options, shared within the process; compiles the guest if need be.
    pub(crate) fn shared(options: &EngineOptions) -> Result<Arc<Self>, Error> {
        static SHARED: PerProcess<Mutex<HashMap<PathBuf, Arc<Compiled>>>> = PerProcess::new();
        let shared = SHARED.get_or_try_init(|| Ok::<_, Error>(Mutex::default()))?;
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let name = options.cache.join(&options.guest.sha256);
        if let Some(compiled) = shared.get(&name) {
            return Ok(compiled.clone());
        }
        let compiled = Arc::new(Self::load(options)?);
        shared.insert(name, compiled.clone());
        Ok(compiled)
    }

    /// To be called before guests run: their faults reach Wasmtime, and their clock goes, as long as what this
    /// returns lives.
    pub(crate) fn ticking(&self) -> Result<Ticking<'_>, Error> {
        signals::keep().map_err(|e| Error::Engine(format!("the handlers of signals: {e}")))?;
        self.ticker.start(&self.engine)
    }

    fn load(options: &EngineOptions) -> Result<Self, Error> {
        let engine = plain()?;
        let (module, _) = compiled_module(&engine, options)?;
        let path = &options.guest.stdlib;
        let stdlib = SharedFile::open(path).map_err(|e| missing(path, e))?;
        let identity = options.guest.identity();
        let guest = wasi::linker(&engine)?.instantiate_pre(&module)?;
        Ok(Self { engine, guest, stdlib, identity, ticker: Ticker::new() })
    }
}

/// Maps the compiled guest, compiling it if need be. A file that cannot be mapped is not what was written (a failing
/// disk, a copy cut short): it is made anew, once.
fn compiled_module(engine: &Engine, options: &EngineOptions) -> Result<(Module, CompileReport), Error> {
    let report = compile_unless_there(engine, options)?;
    if let Ok(module) = map(engine, &report.path) {
        return Ok((module, report));
    }
    fs::remove_file(&report.path).map_err(|e| cache_error(&report.path, e))?;
    let report = compile_unless_there(engine, options)?;
    Ok((map(engine, &report.path)?, report))
}

fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Module> {
    // SAFETY: the file was written by `compile_unless_there` of this version (its key covers guest, configuration
    // and processor) into a folder and a file that only this user can write.
    unsafe { Module::deserialize_file(engine, path) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_stated_version_is_the_locked_one() {
        let lock = include_str!("../../../Cargo.lock").replace("\r\n", "\n");
        let entry = format!("name = \"wasmtime\"\nversion = \"{}\"\n", super::WASMTIME_VERSION);
        assert!(lock.contains(&entry), "update WASMTIME_VERSION with Cargo.lock");
    }
}
