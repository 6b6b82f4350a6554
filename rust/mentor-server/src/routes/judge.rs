//! `/v1/judge`: answers against references.

use axum::extract::State;
use mentor_answer::policy::PRESETS;
use mentor_answer::{Decision, Judge, Policy};
use serde::{Deserialize, Serialize};

use super::{Answer, bounded, compute, same_length};
use crate::json::{Json, answer};
use crate::problem::Problem;
use crate::server::Shared;

/// A byte of an answer costs about this many bytes' reading of other texts.
const WEIGHT: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Null for a row without an answer, which is wrong.
    answers: Vec<Option<String>>,
    /// For each row the answers that are right.
    references: Vec<References>,
    #[serde(default = "usual")]
    policy: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum References {
    One(String),
    Any(Vec<String>),
}

fn usual() -> String {
    "default".into()
}

#[derive(Serialize)]
struct Response {
    /// Null where it is not decided: never a silent no.
    verdicts: Vec<Option<bool>>,
}

pub async fn judge(State(shared): State<Shared>, Json(request): Json<Request>) -> Answer {
    let rows = request.answers.len();
    bounded(&shared, "answers", rows)?;
    same_length("references", request.references.len(), "answers", rows)?;
    let Some(policy) = Policy::preset(&request.policy) else {
        let known = PRESETS.join(", ");
        return Err(Problem::bad(format!("policy: {:?}; expected one of {known}", request.policy)));
    };
    let verdicts = compute(&shared, move || {
        let judge = Judge::new(policy);
        let pairs: Vec<_> = request.answers.into_iter().zip(request.references).collect();
        let weight = pairs.iter().map(|(answer, _)| answer.as_ref().map_or(0, String::len) * WEIGHT).sum();
        Ok(mentor_trajectory::pool::map(&pairs, weight, |_, (answer, accepted)| {
            verdict(&judge, answer.as_deref(), accepted.all())
        }))
    })
    .await?;
    Ok(answer(&Response { verdicts }))
}

impl References {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Any(any) => any,
        }
    }
}

/// Whether any reference agrees; None where none does and one is undecided.
fn verdict(judge: &Judge, answer: Option<&str>, accepted: &[String]) -> Option<bool> {
    let Some(answer) = answer else { return Some(false) };
    let mut decided = true;
    for reference in accepted {
        match judge.decide(answer, reference).decision {
            Decision::Equal => return Some(true),
            Decision::Different => {}
            Decision::Undecided => decided = false,
        }
    }
    decided.then_some(false)
}
