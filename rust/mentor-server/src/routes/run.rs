//! `/v1/run`: programs, each in a fresh guest.

use axum::extract::State;
use mentor_sandbox::{Job, Program};
use serde::Deserialize;

use super::limits::Asked;
use super::outcome::Shown;
use super::{Answer, bounded, seeds};
use crate::json::{Json, Loose, answer};
use crate::server::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    sources: Vec<Loose>,
    seeds: Option<Vec<u64>>,
    #[serde(default)]
    limits: Asked,
}

pub async fn run(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    bounded(&shared, "sources", request.sources.len())?;
    let seeds = seeds(request.seeds, "sources", request.sources.len())?;
    let limits = Some(request.limits.within(&shared.options.limits)?);
    let job =
        |(source, seed): (Loose, u64)| Job { seed, limits, ..Job::new(Program::Source(source.into_bytes())) };
    let results = shared.lanes.run(request.sources.into_iter().zip(seeds).map(job).collect()).await?;
    let outcomes: Vec<Shown> = results.iter().map(|result| Shown::from(&result.outcome)).collect();
    Ok(answer(&Response { outcomes }))
}

#[derive(serde::Serialize)]
struct Response<'a> {
    outcomes: Vec<Shown<'a>>,
}
