//! `/execute`: what ReCall's sandbox answers, and MENTOR's with it: a call behind an environment's source.
//!
//! There the source and the call run in the server's own process; here each in a fresh guest. `result` is the
//! call's value as JSON, `output` what both printed, `error` the exception's text, as there. `timeout` is heeded.

use std::time::Duration;

use axum::extract::State;
use mentor_sandbox::{Job, Limits, Outcome, Program, Status};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Answer;
use crate::json::{Json, answer};
use crate::problem::Problem;
use crate::server::Shared;
use crate::toolsets::Faulty;

#[derive(Deserialize)]
pub struct Request {
    env: String,
    call: String,
    #[serde(default = "usual")]
    timeout: f64,
}

/// Seconds, as there.
fn usual() -> f64 {
    5.0
}

#[derive(Serialize)]
struct Response {
    output: String,
    result: Option<Box<RawValue>>,
    error: Option<String>,
}

pub async fn execute(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    let environment = match shared.toolsets.environment(&shared.lanes, &request.env).await? {
        Ok(environment) => environment,
        Err(Faulty(outcome)) => return Ok(answer(&said(&outcome, &[])?)),
    };
    let wall = Duration::try_from_secs_f64(request.timeout)
        .map_err(|error| Problem::bad(format!("timeout: {} s: {error}", request.timeout)))?;
    let limits = Limits { wall: wall.min(shared.options.limits.wall), ..shared.options.limits };
    limits.validate().map_err(|error| Problem::bad(error.to_string()))?;
    let program = Program::Source(request.call.into_bytes());
    let job = Job { state: Some(environment.state.clone()), limits: Some(limits), ..Job::new(program) };
    let results = shared.lanes.run(vec![job]).await?;
    let result = results.first().ok_or_else(|| Problem::broken("no result"))?;
    Ok(answer(&said(&result.outcome, &environment.stdout)?))
}

/// A failure of the machinery is an error of this server's, so that no client takes it for the call's.
fn said(outcome: &Outcome, before: &[u8]) -> Result<Response, Problem> {
    let message = outcome.error.as_ref().map(|error| error.message.clone());
    if outcome.status == Status::Failed {
        return Err(Problem::broken(message.unwrap_or_default()));
    }
    let output = [before, &outcome.stdout].concat();
    let exited = || format!("exited with code {}", outcome.exit_code.unwrap_or_default());
    let error = match outcome.status {
        Status::Ok => None,
        Status::Exited => Some(exited()),
        status => Some(message.unwrap_or_else(|| status.as_str().to_owned())),
    };
    let result = outcome.value.clone().and_then(|text| RawValue::from_string(text).ok());
    Ok(Response { output: String::from_utf8_lossy(&output).into_owned(), result, error })
}
