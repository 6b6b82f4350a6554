//! `/run_code`: what SandboxFusion answers, as verl asks it: a Python program with standard input and files.
//!
//! verl asks again where the status is 504 and takes every other failure for the program's, so what is temporary
//! here is said with 504.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use mentor_sandbox::{Job, LimitKind, Limits, Outcome, Program, Status};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Answer;
use crate::json::{Json, answer};
use crate::problem::Problem;
use crate::server::Shared;

/// Programs run where they may write.
const BEFORE: &str = include_str!("run_code_before.py");
const AFTER: &str = include_str!("run_code_after.py");
/// What SandboxFusion gives a program unless told otherwise.
const USUAL_SECONDS: f64 = 10.0;

#[derive(Deserialize)]
pub struct Request {
    code: String,
    #[serde(default)]
    stdin: Option<String>,
    #[serde(default = "python")]
    language: String,
    #[serde(default)]
    run_timeout: Option<f64>,
    #[serde(default, rename = "memory_limit_MB")]
    memory_limit: Option<i64>,
    /// Contents in base64 by path.
    #[serde(default)]
    files: BTreeMap<String, Option<String>>,
    #[serde(default)]
    fetch_files: Vec<String>,
}

fn python() -> String {
    "python".into()
}

#[derive(Serialize)]
struct Response {
    status: &'static str,
    message: String,
    compile_result: Option<()>,
    run_result: Option<Ran>,
    executor_pod_name: Option<()>,
    files: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Ran {
    status: &'static str,
    execution_time: f64,
    return_code: Option<i32>,
    stdout: String,
    stderr: String,
}

pub async fn run_code(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    if request.language != "python" {
        let message = format!("language: {:?}; this server runs python", request.language);
        return Err(Problem::bad(message));
    }
    let limits = limits(&request, &shared.options.limits)?;
    let jobs = jobs(&request, limits);
    let results = shared.lanes.run(jobs).await.map_err(|problem| {
        if problem.is_temporary() { problem.with_status(StatusCode::GATEWAY_TIMEOUT) } else { problem }
    })?;
    let [before, ran, after] = results.as_slice() else { return Err(Problem::broken("no result")) };
    if before.outcome.status != Status::Ok {
        let why = before.outcome.error.as_ref().map(|error| error.message.clone()).unwrap_or_default();
        return Err(match before.outcome.status {
            Status::Failed => Problem::broken(why),
            _ => Problem::bad(format!("files: {why}")),
        });
    }
    let fetched = after.outcome.value.as_deref().and_then(|text| serde_json::from_str(text).ok());
    Ok(answer(&response(&ran.outcome, fetched.unwrap_or_default())))
}

fn limits(request: &Request, most: &Limits) -> Result<Limits, Problem> {
    let seconds = request.run_timeout.unwrap_or(USUAL_SECONDS);
    let wall = Duration::try_from_secs_f64(seconds)
        .map_err(|error| Problem::bad(format!("run_timeout: {seconds} s: {error}")))?;
    let asked = request.memory_limit.and_then(|megabytes| u64::try_from(megabytes).ok());
    let memory = asked.filter(|&megabytes| megabytes > 0).map_or(most.memory, |megabytes| {
        // The guest's own image is no part of what the program asked for.
        megabytes.saturating_mul(1 << 20).saturating_add(IMAGE)
    });
    let limits = Limits { wall: wall.min(most.wall), memory: memory.min(most.memory), ..*most };
    limits.validate().map_err(|error| Problem::bad(error.to_string()))?;
    Ok(limits)
}

/// Memory of a guest at rest.
const IMAGE: u64 = 40 << 20;

/// Files and standard input, the program, and the files that are asked for.
fn jobs(request: &Request, limits: Limits) -> Vec<Job> {
    // A JSON text is a Python literal too once it is a JSON string: its escapes are Python's.
    let literal = |value: serde_json::Value| json!(value.to_string()).to_string();
    let given = json!({"stdin": request.stdin.as_deref().unwrap_or_default(), "files": request.files});
    let before = format!("{BEFORE}_before({})\ndel _before\n", literal(given));
    let after = format!("{AFTER}_after({})\n", literal(json!(request.fetch_files)));
    let job = |source: &str, follows| Job {
        follows,
        limits: Some(limits),
        ..Job::new(Program::Source(source.as_bytes().to_vec()))
    };
    vec![job(&before, false), job(&request.code, true), job(&after, true)]
}

fn response(outcome: &Outcome, files: BTreeMap<String, String>) -> Response {
    let mut stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
    if let (Some(error), Status::Raised | Status::Crashed | Status::Limit) = (&outcome.error, outcome.status)
    {
        let head = if error.traceback.is_empty() { "" } else { "Traceback (most recent call last):\n" };
        for part in [head, error.traceback.trim_end(), "\n", &error.kind, ": ", &error.message, "\n"] {
            stderr.push_str(part);
        }
    }
    let timed_out = matches!(outcome.limit, Some(LimitKind::Wall | LimitKind::Fuel));
    let return_code = match outcome.status {
        Status::Ok => Some(0),
        Status::Exited => Some(outcome.exit_code.unwrap_or(0)),
        _ if timed_out => None,
        _ => Some(1),
    };
    let failed = matches!(outcome.status, Status::Failed | Status::Diverged);
    let ran = Ran {
        status: if timed_out { "TimeLimitExceeded" } else { "Finished" },
        execution_time: outcome.usage.wall.as_secs_f64(),
        return_code,
        stdout: String::from_utf8_lossy(&outcome.stdout).into_owned(),
        stderr,
    };
    Response {
        status: match return_code {
            _ if failed => "SandboxError",
            Some(0) => "Success",
            _ => "Failed",
        },
        message: outcome.error.as_ref().map(|error| error.message.clone()).unwrap_or_default(),
        compile_result: None,
        run_result: (!failed).then_some(ran),
        executor_pod_name: None,
        files,
    }
}
