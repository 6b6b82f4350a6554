//! Metrics count exactly what happened.

mod support;

use mentor_sandbox::{Dropped, Job, LimitKind, Limits, Metrics, Restore, Status, process_metrics};

use support::{job, sandbox};

fn status(metrics: &Metrics, status: Status) -> u64 {
    metrics.statuses.iter().find(|(at, _)| *at == status).unwrap().1
}

#[test]
fn metrics_count_exactly_what_happened() {
    for restore in [Restore::Barrier, Restore::Compare] {
        let process = process_metrics();
        let sandbox = sandbox("", restore);
        assert_eq!(sandbox.metrics().jobs(), 0);
        let mut jobs = vec![job("1", false); 20];
        jobs.extend(vec![job("1/0", false); 3]);
        jobs.extend(vec![job("while True: pass", true); 2]);
        jobs.push(job("import os; os.abort()", false));
        jobs.push(job("exit(4)", true));
        let pages: u64 = sandbox
            .run_batch(jobs, || true)
            .unwrap()
            .iter()
            .map(|result| u64::from(result.outcome.usage.pages))
            .sum();
        let endless = Limits { fuel: u64::MAX, ..Limits::default() };
        let stopped = vec![Job { limits: Some(endless), ..job("while True: pass", false) }; 4];
        assert!(sandbox.run_batch(stopped, || false).is_err());

        let metrics = sandbox.metrics();
        assert_eq!((metrics.jobs(), metrics.cancelled, metrics.states), (27, 4, 3));
        assert_eq!((status(&metrics, Status::Ok), status(&metrics, Status::Raised)), (20, 3));
        assert_eq!((status(&metrics, Status::Crashed), status(&metrics, Status::Exited)), (1, 1));
        assert_eq!((status(&metrics, Status::Limit), status(&metrics, Status::Failed)), (2, 0));
        assert!(
            metrics.limits.contains(&(LimitKind::Fuel, 2)) && metrics.limits.contains(&(LimitKind::Wall, 0))
        );
        assert_eq!(metrics.busy.counts.iter().sum::<u64>(), 27);
        assert_eq!(metrics.queued.counts.iter().sum::<u64>(), 31);
        assert!((1..=2).contains(&metrics.instances()) && metrics.made == metrics.instances());
        for (way, effort) in &metrics.restores {
            if *way == restore {
                assert!((27..=31).contains(&effort.restores), "{effort:?}");
                assert!(effort.pages >= pages, "{effort:?}");
            } else {
                assert_eq!((effort.restores, effort.pages, effort.sweeps), (0, 0, 0));
            }
        }

        drop(sandbox);
        let (after, made) = (process_metrics(), metrics.made);
        assert_eq!(after.jobs() - process.jobs(), 27);
        assert_eq!((after.made - process.made, after.instances()), (made, process.instances()));
        let closed = |metrics: &Metrics| metrics.dropped[Dropped::Closed as usize].1;
        assert_eq!(closed(&after) - closed(&process), made);
    }
}
