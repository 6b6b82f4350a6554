//! `/v1/tools`: a tool source's schemas, and calls of its tools, each alone or in episodes.

use axum::extract::State;
use mentor_sandbox::{Job, JobResult, Program, shown, shown_refusal};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::outcome::Shown;
use super::{Answer, Reader, bounded, state};
use crate::json::{Json, answer};
use crate::problem::Problem;
use crate::reader::Ready;
use crate::server::Shared;
use crate::toolsets::{Executed, blocking};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Python source whose top-level functions are the tools.
    source: String,
    /// The tools to offer; null for every public function.
    schemas: Option<Box<RawValue>>,
    /// Calls that see nothing of one another.
    #[serde(default)]
    calls: Vec<Call>,
    /// Calls that see what the ones before them did.
    #[serde(default)]
    episodes: Vec<Episode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    #[serde(default = "nothing")]
    arguments: Box<RawValue>,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Episode {
    /// Null for the start.
    state: Option<String>,
    calls: Vec<Call>,
}

#[derive(Serialize)]
struct Response<'a> {
    schemas: &'a RawValue,
    results: Vec<Row<'a>>,
    episodes: Vec<Ended<'a>>,
}

#[derive(Serialize)]
struct Ended<'a> {
    results: Vec<Row<'a>>,
    state: String,
}

/// The result of a call: the fields of `mentor.ToolResult`.
#[derive(Serialize)]
struct Row<'a> {
    ok: bool,
    failed: bool,
    text: String,
    outcome: Option<Shown<'a>>,
}

fn nothing() -> Box<RawValue> {
    RawValue::from_string("{}".into()).unwrap_or_default()
}

pub async fn tools(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    let Request { source, schemas, calls, episodes } = request;
    let rows = calls.len() + episodes.iter().map(|episode| episode.calls.len()).sum::<usize>();
    bounded(&shared, "calls", rows.max(episodes.len()))?;
    let set = shared.toolsets.tools(&shared.lanes, &shared.reader, &source, schemas).await?;
    let plan = Plan::new(calls, episodes, &set)?;
    let ready = prepared(shared.reader.clone(), &set, &plan).await?;
    let jobs = plan.jobs(&ready);
    let results = shared.lanes.run(jobs).await?;
    let reading = set.reading.as_ref().ok_or_else(|| Problem::broken("the source was not read"))?;
    let mut rows = Plan::results(&ready, &results).into_iter();
    let ran = Plan::ran(&ready);
    let alone = rows.by_ref().take(plan.alone).collect();
    let ended = plan.episodes.iter().map(|(start, range)| {
        // The state behind the last call that ran and was not the machinery's failure.
        let mine = results.iter().zip(&ran).filter(|(_, at)| range.contains(at));
        let last = mine.filter_map(|(result, _)| result.state.as_ref()).next_back();
        let end = state::written(last.unwrap_or(start));
        Ended { results: rows.by_ref().take(range.len()).collect(), state: end }
    });
    let ended: Vec<_> = ended.collect();
    Ok(answer(&Response { schemas: &reading.schemas, results: alone, episodes: ended }))
}

async fn prepared(
    reader: Reader,
    set: &std::sync::Arc<Executed>,
    plan: &Plan,
) -> Result<Vec<Ready>, Problem> {
    if plan.calls.is_empty() {
        return Ok(Vec::new());
    }
    let calls: Vec<(String, Box<RawValue>)> =
        plan.calls.iter().map(|(call, _)| (call.name.clone(), call.arguments.clone())).collect();
    let set = set.clone();
    blocking(move || {
        let reading = set.reading.as_ref().ok_or_else(|| Problem::broken("the source was not read"))?;
        let calls: Vec<(&str, &RawValue)> =
            calls.iter().map(|(name, arguments)| (name.as_str(), &**arguments)).collect();
        reader.prepare(reading, &calls)
    })
    .await
}

/// All calls in one row, with where each starts.
struct Plan {
    /// Each call with the state that it starts from; None for one that goes on where the one before it ended.
    calls: Vec<(Call, Option<mentor_sandbox::State>)>,
    /// Calls that are alone: the first ones.
    alone: usize,
    /// Each episode's start and calls.
    episodes: Vec<(mentor_sandbox::State, std::ops::Range<usize>)>,
}

impl Plan {
    fn new(calls: Vec<Call>, episodes: Vec<Episode>, set: &Executed) -> Result<Self, Problem> {
        let alone = calls.len();
        let mut plan = Self {
            calls: calls.into_iter().map(|call| (call, Some(set.state.clone()))).collect(),
            alone,
            episodes: Vec::new(),
        };
        for (row, episode) in episodes.into_iter().enumerate() {
            let field = || format!("episodes[{row}].state");
            let start =
                episode.state.map_or_else(|| Ok(set.state.clone()), |text| state::read(&text, &field()))?;
            let first = plan.calls.len();
            plan.calls.extend(episode.calls.into_iter().map(|call| (call, None)));
            plan.episodes.push((start, first..plan.calls.len()));
        }
        for (place, (call, _)) in plan.calls.iter().enumerate() {
            if !call.arguments.get().starts_with('{') {
                return Err(Problem::bad(format!("calls[{place}].arguments: expected an object")));
            }
        }
        Ok(plan)
    }

    /// The jobs of the calls that may run.
    fn jobs(&self, ready: &[Ready]) -> Vec<Job> {
        let mut starts: Vec<_> = self.calls.iter().map(|(_, start)| start.clone()).collect();
        for (start, range) in &self.episodes {
            // The first of them that runs starts the chain.
            let first = range.clone().find(|&at| matches!(ready[at], Ready::Run { .. }));
            if let Some(first) = first {
                starts[first] = Some(start.clone());
            }
        }
        let mut jobs = Vec::with_capacity(ready.len());
        for (at, ((call, _), ready)) in self.calls.iter().zip(ready).enumerate() {
            let Ready::Run { entry, arguments } = ready else { continue };
            let program = Program::Call { name: entry.clone(), arguments: arguments.clone() };
            let start = starts[at].take();
            let (follows, keep_state) = (start.is_none(), at >= self.alone);
            jobs.push(Job { state: start, follows, seed: call.seed, keep_state, ..Job::new(program) });
        }
        jobs
    }

    /// The calls that ran, by place.
    fn ran(ready: &[Ready]) -> Vec<usize> {
        (0..ready.len()).filter(|&at| ready[at].runs()).collect()
    }

    /// A result for each call, whether it ran or not.
    fn results<'a>(ready: &[Ready], results: &'a [JobResult]) -> Vec<Row<'a>> {
        let mut results = results.iter();
        let row = |ready: &Ready| match (ready, ready.runs().then(|| results.next()).flatten()) {
            (Ready::Run { .. }, Some(JobResult { outcome, .. })) => Row {
                ok: outcome.status == mentor_sandbox::Status::Ok,
                failed: outcome.status == mentor_sandbox::Status::Failed,
                text: shown(outcome),
                outcome: Some(outcome.into()),
            },
            (Ready::Refused { refused }, _) => {
                Row { ok: false, failed: false, text: shown_refusal(refused), outcome: None }
            }
            (Ready::Run { .. }, None) => {
                Row { ok: false, failed: true, text: shown_refusal("no result"), outcome: None }
            }
        };
        ready.iter().map(row).collect()
    }
}
