//! `/v1/step`: programs, each from a state and to the next one.

use axum::extract::State;
use mentor_sandbox::{Job, Program};
use serde::{Deserialize, Serialize};

use super::limits::Asked;
use super::outcome::Shown;
use super::{Answer, bounded, same_length, seeds, state};
use crate::json::{Json, Loose, answer};
use crate::problem::Problem;
use crate::server::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Null for the start.
    states: Vec<Option<String>>,
    sources: Vec<Loose>,
    seeds: Option<Vec<u64>>,
    #[serde(default)]
    limits: Asked,
}

#[derive(Serialize)]
struct Response<'a> {
    outcomes: Vec<Shown<'a>>,
    states: Vec<String>,
}

pub async fn step(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    let rows = request.states.len();
    bounded(&shared, "states", rows)?;
    same_length("sources", request.sources.len(), "states", rows)?;
    let seeds = seeds(request.seeds, "states", rows)?;
    let limits = Some(request.limits.within(&shared.options.limits)?);
    let initial = || shared.lanes.quick.sandbox.initial();
    let mut jobs = Vec::with_capacity(rows);
    for (row, ((given, source), seed)) in
        request.states.into_iter().zip(request.sources).zip(seeds).enumerate()
    {
        let start =
            given.map_or_else(|| Ok(initial()), |text| state::read(&text, &format!("states[{row}]")))?;
        let program = Program::Source(source.into_bytes());
        jobs.push(Job { state: Some(start), seed, limits, keep_state: true, ..Job::new(program) });
    }
    let starts: Vec<_> = jobs.iter().filter_map(|job| job.state.clone()).collect();
    let results = shared.lanes.run(jobs).await?;
    // A job that the machinery could not run has no state: the episode stays where it was.
    let ends = results.iter().zip(&starts).map(|(result, start)| result.state.as_ref().unwrap_or(start));
    let response = Response {
        states: ends.map(state::written).collect(),
        outcomes: results.iter().map(|result| Shown::from(&result.outcome)).collect(),
    };
    Ok::<_, Problem>(answer(&response))
}
