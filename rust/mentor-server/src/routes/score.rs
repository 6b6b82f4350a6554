//! `/v1/score`: students' calls against their references.

use axum::extract::State;
use mentor_trajectory::align::compare::{Rule, Rules, Scope};
use mentor_trajectory::align::{
    Calls, Compiled, Entry, Needs, Outcome, Settings, Source, recordings, score_batch,
};
use mentor_trajectory::parse::{Attempt, Status};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::parse::format;
use super::{Answer, bounded, compute, same_length};
use crate::json::{Json, answer};
use crate::problem::Problem;
use crate::server::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// A text, a list of calls, or null for a row without a student.
    students: Vec<Option<Box<RawValue>>>,
    /// A trajectory, a list of several, or null for a row without references.
    references: Vec<Option<Box<RawValue>>>,
    #[serde(default = "f1")]
    metric: String,
    #[serde(default = "multiset")]
    r#match: String,
    #[serde(default = "exact")]
    arguments: String,
    #[serde(default = "hermes")]
    format: String,
}

fn f1() -> String {
    "f1".into()
}

fn multiset() -> String {
    "multiset".into()
}

fn exact() -> String {
    "exact".into()
}

fn hermes() -> String {
    "hermes".into()
}

#[derive(Serialize)]
struct Response {
    /// In [0, 1]; null where a row has no student or no references.
    scores: Vec<Option<f64>>,
}

/// A student as it was given.
enum Student {
    None,
    Text(String),
    Read(Vec<Attempt>, Vec<Outcome>),
}

pub async fn score(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    let rows = request.students.len();
    bounded(&shared, "students", rows)?;
    same_length("references", request.references.len(), "students", rows)?;
    let scope = scope(&request.arguments)?;
    let rules = Rules::all(Rule { scope, ..Rule::default() });
    let settings = Settings::from_names(&request.metric, &request.r#match, rules, true)
        .map_err(|error| Problem::bad(error.to_string()))?;
    let format = format(&request.format)?;
    let scores = compute(&shared, move || {
        let students: Vec<Student> =
            request.students.iter().enumerate().map(student).collect::<Result<_, _>>()?;
        let texts: Vec<&str> =
            request.references.iter().map(|given| given.as_ref().map_or("[]", |text| text.get())).collect();
        let sources: Vec<Source> = texts.iter().map(|text| Source::Text(text)).collect();
        let compiled = Compiled::new(&sources, Needs::of(&settings, false)).map_err(|fault| {
            Problem::bad(format!("references[{}]{}: {}", fault.row, fault.path, fault.what))
        })?;
        let entries: Vec<Entry> = students.iter().enumerate().map(entry).collect();
        Ok(score_batch(&settings, format, &entries, &compiled, &[]))
    })
    .await?;
    let scores = scores.into_iter().map(|score| (!score.is_nan()).then_some(score)).collect();
    Ok(answer(&Response { scores }))
}

fn scope(word: &str) -> Result<Scope, Problem> {
    Ok(match word {
        "exact" => Scope::All,
        "ignore" => Scope::Nothing,
        "subset" => Scope::Subset,
        "superset" => Scope::Superset,
        _ => {
            let known = "exact, ignore, subset, superset";
            return Err(Problem::bad(format!("arguments: {word:?}; expected one of {known}")));
        }
    })
}

fn student((row, given): (usize, &Option<Box<RawValue>>)) -> Result<Student, Problem> {
    let Some(given) = given else { return Ok(Student::None) };
    if given.get().starts_with('"') {
        let text = serde_json::from_str(given.get());
        return text.map(Student::Text).map_err(|error| Problem::bad(format!("students[{row}]: {error}")));
    }
    let mut read = recordings(given.get())
        .map_err(|(path, what)| Problem::bad(format!("students[{row}]{path}: {what}")))?;
    if read.len() > 1 {
        return Err(Problem::bad(format!("students[{row}]: {} trajectories; expected one", read.len())));
    }
    let calls = read.pop().unwrap_or_default().calls;
    let attempt = |call| Attempt { status: Status::Valid, call: Some(call), span: 0..0, reason: None };
    let (attempts, outcomes) =
        calls.into_iter().map(|recorded| (attempt(recorded.call), recorded.outcome)).unzip();
    Ok(Student::Read(attempts, outcomes))
}

fn entry((row, student): (usize, &Student)) -> Entry<'_> {
    let calls = match student {
        Student::None => Calls::None,
        Student::Text(text) => Calls::Text(text),
        Student::Read(attempts, outcomes) => Calls::Read(attempts, outcomes),
    };
    Entry { calls, row }
}
