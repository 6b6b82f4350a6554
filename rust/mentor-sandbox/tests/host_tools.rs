//! Host tools and jobs that follow one another, with the memory checked after every job.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mentor_sandbox::{
    Error, HostAnswer, HostFault, HostTool, Job, LimitKind, Limits, Program, Restore, Sandbox,
    SandboxOptions, Status,
};
use support::{job, options};

static CALLS: AtomicUsize = AtomicUsize::new(0);

fn tool(
    name: &str,
    timeout: Duration,
    function: impl Fn(&str) -> Result<String, HostFault> + Send + Sync + 'static,
) -> HostTool {
    let parameters = vec!["value".to_owned()];
    HostTool { name: name.into(), parameters, doc: String::new(), timeout, function: Arc::new(function) }
}

fn sandbox(restore: Restore) -> Sandbox {
    let long = Duration::from_mins(1);
    let echo = tool("echo", long, |arguments| {
        CALLS.fetch_add(1, Ordering::Relaxed);
        Ok(format!("[{arguments}]"))
    });
    let stuck = tool("stuck", Duration::from_millis(20), |_| {
        std::thread::sleep(Duration::from_millis(500));
        Ok("1".into())
    });
    let broken = tool("broken", long, |_| Err(HostFault::Broken("no service".into())));
    let panics = tool("panics", long, |_| panic!("on purpose"));
    let host_tools = vec![echo, stuck, broken, panics];
    let prelude =
        "from mentor_host import *\nSEEN = []\ndef see(value):\n    SEEN.append(value)\n    return SEEN\n";
    Sandbox::new(&SandboxOptions { host_tools, verify: true, ..options(prelude, restore) }).unwrap()
}

#[test]
fn a_call_is_answered_recorded_and_replayed() {
    for restore in [Restore::Barrier, Restore::Compare] {
        let sandbox = sandbox(restore);
        let source =
            "a = echo('x' * 10)\ntry:\n    stuck()\nexcept TimeoutError as e:\n    a.append(str(e))\na";
        let first = sandbox.run_batch(vec![job(source, false)], || true).unwrap().remove(0).outcome;
        assert_eq!(first.status, Status::Ok, "{first:?}");
        let answers: Vec<_> = first.host_calls.iter().map(|call| call.answer.clone()).collect();
        let value = HostAnswer::Value(r#"[{"value": "xxxxxxxxxx"}]"#.into());
        assert_eq!(answers, [value, HostAnswer::TimedOut]);
        let before = CALLS.load(Ordering::Relaxed);
        let replay = Some(first.host_calls.clone().into());
        let again = Job { replay, ..job(source, false) };
        let again = sandbox.run_batch(vec![again], || true).unwrap().remove(0).outcome;
        assert_eq!(
            (again.value, again.host_calls, again.usage.fuel),
            (first.value, first.host_calls, first.usage.fuel)
        );
        assert_eq!(CALLS.load(Ordering::Relaxed), before);
    }
}

#[test]
fn the_machinerys_failure_ends_the_run_and_nothing_else() {
    let sandbox = sandbox(Restore::Barrier);
    for (source, text) in [("broken()", "no service"), ("panics()", "the function panicked")] {
        let source = format!("try:\n    {source}\nexcept BaseException:\n    pass");
        let outcome = sandbox.run_batch(vec![job(&source, false)], || true).unwrap().remove(0).outcome;
        assert_eq!(outcome.status, Status::Failed);
        assert!(outcome.error.unwrap().message.ends_with(text));
        let next = sandbox.run_batch(vec![job("echo(1)", false)], || true).unwrap().remove(0).outcome;
        assert_eq!(next.value.as_deref(), Some(r#"[{"value": 1}]"#));
    }
}

#[test]
fn deadline_and_cancellation_end_a_wait() {
    let sandbox = sandbox(Restore::Barrier);
    let limits = Some(Limits { wall: Duration::from_millis(30), ..Limits::default() });
    let late = Job { limits, ..job("while True:\n    try: stuck()\n    except Exception: pass", false) };
    let outcome = sandbox.run_batch(vec![late], || true).unwrap().remove(0).outcome;
    assert_eq!((outcome.status, outcome.limit), (Status::Limit, Some(LimitKind::Wall)));
    let endless = job("while True:\n    try: stuck()\n    except Exception: pass", false);
    assert!(matches!(sandbox.run_batch(vec![endless; 3], || false), Err(Error::Cancelled)));
    assert_eq!(sandbox.run_batch(vec![job("1", false)], || true).unwrap()[0].outcome.status, Status::Ok);
}

#[test]
fn a_tool_that_uses_its_own_sandbox_is_refused() {
    use std::sync::OnceLock;
    static OWN: OnceLock<Sandbox> = OnceLock::new();
    let nested = tool("nested", Duration::from_mins(1), |_| {
        let own = OWN.get().ok_or_else(|| HostFault::Broken("not made yet".into()))?;
        let raised = |e: Error| HostFault::Raised { kind: "Error".into(), message: e.to_string() };
        own.run_batch(vec![job("1", false)], || true).map(|_| "1".into()).map_err(raised)
    });
    let options = SandboxOptions { host_tools: vec![nested], ..options("", Restore::Barrier) };
    let own = OWN.get_or_init(|| Sandbox::new(&options).unwrap());
    let source = "import mentor_host\nmentor_host.nested()";
    let outcome = own.run_batch(vec![job(source, false)], || true).unwrap().remove(0).outcome;
    assert!(outcome.error.unwrap().message.contains("used the sandbox whose run waits for it"));
}

#[test]
fn jobs_that_follow_one_another_are_a_chain() {
    let sandbox = sandbox(Restore::Barrier);
    let see = |value: &str, follows: bool| {
        let arguments = format!(r#"{{"value": {value}}}"#);
        Job { follows, ..Job::new(Program::Call { name: "see".into(), arguments }) }
    };
    let trap = Job { follows: true, ..job("SEEN.append(9)\nimport os\nos.abort()", false) };
    let last = Job { keep_state: true, ..see("3", true) };
    let jobs = vec![see("1", false), trap, see("2", true), last, see("7", false)];
    let results = sandbox.run_batch(jobs, || true).unwrap();
    let values: Vec<_> = results.iter().map(|result| result.outcome.value.as_deref()).collect();
    assert_eq!(values, [Some("[1]"), None, Some("[1, 2]"), Some("[1, 2, 3]"), Some("[7]")]);
    assert_eq!(results[1].outcome.status, Status::Crashed);
    let kept: Vec<_> = results.iter().map(|result| result.state.is_some()).collect();
    assert_eq!(kept, [false, false, false, true, false]);
    let on = Job { state: results[3].state.clone(), ..see("4", false) };
    assert_eq!(
        sandbox.run_batch(vec![on], || true).unwrap()[0].outcome.value.as_deref(),
        Some("[1, 2, 3, 4]")
    );
    let first = sandbox.run_batch(vec![see("1", true)], || true);
    assert!(matches!(first, Err(Error::Option { field: "follows", .. })));
}
