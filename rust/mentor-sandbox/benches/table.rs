//! The core's rows of the table in docs/benchmarks.md: ratios of two things timed in turns in one run.
//! Prints a JSON object a row; `make bench-sandbox` adds the rows that are measured from Python.

mod support;

use mentor_sandbox::bench::Bench;
use mentor_sandbox::{Job, Limits, Sandbox, State, Status};
use serde_json::{Value, json};

use support::{PASS, Pair, job, percentile, programs, sandbox, seconds, step};

const ROUNDS: usize = 40;
const CALLS: usize = 100;

fn main() {
    // `cargo test --all-targets` runs benches too: only its own verb should take the time.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let one = sandbox(1);
    let rows = [
        never_reset(&one),
        different_sources(&one),
        steps(&one),
        while_others_are_stopped(&one),
        throughput(),
        state_size(&one),
        live_states(&one),
    ];
    for row in rows {
        say(&row);
    }
}

#[allow(clippy::print_stdout)]
fn say(row: &Value) {
    println!("{row}");
}

fn in_turns(name: &str, pair: &Pair) -> Value {
    let times = |side: &Vec<Vec<f64>>| {
        let all: Vec<f64> = side.iter().flatten().map(|s| s * 1e6).collect();
        json!({"p50_us": percentile(all.clone(), 50), "p99_us": percentile(all, 99)})
    };
    json!({
        "row": name, "p50": pair.ratio(50), "p99": pair.ratio(99),
        "ours": times(&pair.ours), "floor": times(&pair.floor),
    })
}

fn never_reset(sandbox: &Sandbox) -> Value {
    let job = job(PASS);
    let pair = Bench::with(sandbox, |[fresh, kept]| {
        let ours = |_| drop(fresh.fresh(&job).unwrap());
        let floor = |_| drop(kept.kept(&job).unwrap());
        Ok(Pair::measure(ROUNDS, CALLS, ours, floor))
    });
    in_turns("fresh", &pair.unwrap())
}

/// Six kinds of programs in turn, with names and numbers of their own each time, in one guest; against six guests,
/// each of which has only ever run one of them.
fn different_sources(sandbox: &Sandbox) -> Value {
    let run = |guest: &mut Bench, job: &Job| assert_eq!(guest.fresh(job).unwrap().outcome.status, Status::Ok);
    let pair = Bench::with(sandbox, |[one, alone @ ..]: &mut [Bench; 7]| {
        let different = |call| programs(1_000_001 + call).map(|source| job(&source));
        let different: Vec<Job> = (0..(ROUNDS + 1) * CALLS).flat_map(different).collect();
        let same = programs(1_000_000).map(|source| job(&source));
        let ours = |call| run(one, &different[call]);
        let floor = |call| run(&mut alone[call / CALLS % 6], &same[call / CALLS % 6]);
        Ok(Pair::measure(ROUNDS, 6 * CALLS, ours, floor))
    });
    in_turns("sources", &pair.unwrap())
}

fn steps(sandbox: &Sandbox) -> Value {
    let pair = Bench::with(sandbox, |[stepping, calling]| {
        let state = stepping.fresh(&step(&sandbox.initial(), "x = 0"))?.state.expect("a state was asked for");
        let (next, call) = (step(&state, "x = 1"), job("x = 1"));
        let ours = |_| drop(stepping.fresh(&next).unwrap());
        let floor = |_| drop(calling.fresh(&call).unwrap());
        Ok(Pair::measure(ROUNDS, CALLS, ours, floor))
    });
    in_turns("step", &pair.unwrap())
}

/// Honest calls' throughput while every tenth call traps or runs out of fuel, by the throughput without them. A
/// stopped call's own time until it stopped is left out; putting its guest back is not.
fn while_others_are_stopped(sandbox: &Sandbox) -> Value {
    const HONEST: usize = 900;
    let little = Limits { fuel: 2_000_000, ..Limits::default() };
    let endless = Job { limits: Some(little), ..job("while True: pass") };
    let trap = job("import os; os.abort()");
    let honest = vec![job(PASS); HONEST];
    let mixed: Vec<Job> = (0..HONEST)
        .flat_map(|n| {
            let stopped = (n % 9 == 4).then(|| if n % 2 == 0 { endless.clone() } else { trap.clone() });
            std::iter::once(job(PASS)).chain(stopped)
        })
        .collect();
    let run = |jobs: &[Job]| {
        let mut results = Vec::new();
        let spent = seconds(|| results = sandbox.run_batch(jobs.to_vec(), || true).unwrap());
        let stopped = results.iter().map(|result| &result.outcome).filter(|out| out.status != Status::Ok);
        (spent, stopped.clone().count(), stopped.map(|out| out.usage.wall.as_secs_f64()).sum::<f64>())
    };
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        let (alone, none, _) = run(&honest);
        let (together, stopped, own) = run(&mixed);
        assert_eq!((none, stopped), (0, HONEST / 9));
        if round > 0 {
            ratios.push(alone / (together - own));
        }
    }
    // The worse end of a throughput is the low one.
    json!({"row": "stopped", "p50": percentile(ratios.clone(), 50), "p99": percentile(ratios, 1)})
}

fn throughput() -> Value {
    const BATCH: usize = 4000;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (one, all) = (sandbox(1), sandbox(cores));
    let rate = |sandbox: &Sandbox| {
        let jobs = vec![job(PASS); BATCH];
        BATCH as f64 / seconds(|| drop(sandbox.run_batch(jobs, || true).unwrap()))
    };
    let rounds: Vec<(f64, f64)> = (0..=ROUNDS / 2).map(|_| (rate(&one), rate(&all))).skip(1).collect();
    let scaled: Vec<f64> = rounds.iter().map(|(one, all)| all / one / cores as f64).collect();
    let median = |pick: fn(&(f64, f64)) -> f64| percentile(rounds.iter().map(pick).collect(), 50);
    json!({
        "row": "throughput", "p50": percentile(scaled.clone(), 50), "p99": percentile(scaled, 1), "cores": cores,
        "calls_a_second": {"1": median(|pair| pair.0), "all": median(|pair| pair.1)},
    })
}

fn state_size(sandbox: &Sandbox) -> Value {
    let first = run_step(sandbox, &sandbox.initial(), "x = 1");
    let second = run_step(sandbox, &first, "x += 1");
    json!({"row": "state", "bytes": second.size(), "first_bytes": first.size()})
}

/// Resident memory of many states, each one step from another of them.
fn live_states(sandbox: &Sandbox) -> Value {
    const STATES: usize = 100_000;
    let before = sandbox.metrics().resident;
    let mut states = vec![sandbox.initial()];
    while states.len() < STATES {
        let jobs = (0..1000)
            .map(|n| step(&states[(states.len() + n) / 1001], &format!("x{n} = {}", states.len() + n)));
        let results = sandbox.run_batch(jobs.collect(), || true).unwrap();
        states.extend(results.into_iter().filter_map(|result| result.state));
    }
    let after = sandbox.metrics().resident;
    let bytes = after.zip(before).map(|(after, before)| after.saturating_sub(before));
    json!({"row": "live", "states": states.len(), "bytes": bytes})
}

fn run_step(sandbox: &Sandbox, state: &State, source: &str) -> State {
    let mut results = sandbox.run_batch(vec![step(state, source)], || true).unwrap();
    results.remove(0).state.expect("a state was asked for")
}
