//! Criterion's view of single calls, for telling one version of the core from the next.
//! `cargo bench --workspace --bench calls`; the table of promises is `--bench table`.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput};
use mentor_sandbox::bench::{self, Bench};
use mentor_sandbox::{Error, Job};

use support::{PASS, job, programs, sandbox, step};

const PROGRAMS: &[(&str, &str)] = &[
    ("pass", PASS),
    ("json", "json.dumps(json.loads('{\"a\": [1, 2.5, null]}'))"),
    ("loop of 1000", "s = 0\nfor i in range(1000): s += i * i"),
    ("200 pages", "x = [bytes(400) for i in range(2000)]"),
];

fn main() {
    let sandbox = sandbox(1);
    Bench::with(&sandbox, |[bench, kept]| {
        let mut criterion = Criterion::default().configure_from_args();
        calls(&mut criterion, bench, kept)?;
        sources(&mut criterion, bench);
        states(&mut criterion, bench)?;
        criterion.final_summary();
        Ok(())
    })
    .unwrap();
    let mut criterion = Criterion::default().configure_from_args();
    batches(&mut criterion);
    criterion.bench_function("metrics/count a call", |b| b.iter_custom(bench::count));
    criterion.final_summary();
}

fn calls(criterion: &mut Criterion, bench: &mut Bench, kept: &mut Bench) -> Result<(), Error> {
    let mut group = criterion.benchmark_group("call");
    for (name, source) in PROGRAMS {
        let job = job(source);
        bench.fresh(&job)?;
        group.bench_function(BenchmarkId::new("fresh", name), |b| b.iter(|| bench.fresh(&job).unwrap()));
        group.bench_function(BenchmarkId::new("never reset", name), |b| b.iter(|| kept.kept(&job).unwrap()));
    }
    group.finish();
    Ok(())
}

fn sources(criterion: &mut Criterion, bench: &mut Bench) {
    let mut group = criterion.benchmark_group("sources");
    let jobs: Vec<Job> = (0..1000).flat_map(programs).map(|source| job(&source)).collect();
    let mut different = jobs.iter().cycle();
    group.bench_function("different each time", |b| {
        b.iter(|| bench.fresh(different.next().unwrap()).unwrap());
    });
    let mut same = jobs[..6].iter().cycle();
    group.bench_function("six over and over", |b| b.iter(|| bench.fresh(same.next().unwrap()).unwrap()));
    group.finish();
}

fn states(criterion: &mut Criterion, bench: &mut Bench) -> Result<(), Error> {
    let start = Job { keep_state: true, ..job("x = 1") };
    let state = bench.fresh(&start)?.state.expect("a state was asked for");
    let next = step(&state, "x += 1");
    let mut group = criterion.benchmark_group("state");
    group.bench_function("first step", |b| b.iter(|| bench.fresh(&start).unwrap()));
    group.bench_function("step from a state", |b| b.iter(|| bench.fresh(&next).unwrap()));
    group.finish();
    Ok(())
}

fn batches(criterion: &mut Criterion) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut group = criterion.benchmark_group("1,000 calls in a batch");
    group.throughput(Throughput::Elements(1000)).sample_size(20);
    for threads in if cores > 1 { vec![1, cores] } else { vec![1] } {
        let sandbox = sandbox(threads);
        let jobs = vec![job(PASS); 1000];
        group.bench_function(BenchmarkId::new("threads", threads), |b| {
            b.iter(|| sandbox.run_batch(jobs.clone(), || true).unwrap());
        });
    }
    group.finish();
}
