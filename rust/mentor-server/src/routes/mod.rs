//! Paths: one file each, and what is common to all requests.

mod execute;
mod judge;
mod limits;
mod outcome;
mod parse;
mod run;
mod run_code;
mod score;
mod state;
mod step;
mod tools;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::guard::is_own_host;
use crate::problem::Problem;
use crate::server::Shared;

/// The OpenAPI document.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// All paths.
pub fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/v1/run", post(run::run))
        .route("/v1/step", post(step::step))
        .route("/v1/tools", post(tools::tools))
        .route("/v1/parse", post(parse::parse))
        .route("/v1/score", post(score::score))
        .route("/v1/judge", post(judge::judge))
        .route("/execute", post(execute::execute))
        .route("/run_code", post(run_code::run_code))
        .route("/openapi.json", get(openapi))
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async |uri: Uri| Problem::not_found(uri.path()))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| {
            Problem::method(method.as_str(), uri.path())
        })
        .layer(from_fn_with_state(shared.clone(), around))
        .with_state(shared.clone())
}

/// What anybody may ask, so that orchestrators can.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Counts every request and lets in who may come in.
async fn around(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (started, open) = (Instant::now(), shared.counters.open());
    // The path as it is declared: what clients make up would fill the metrics.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let admitted = admit(&shared, &request);
    let response = match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let route = path.as_ref().map_or("other", MatchedPath::as_str);
    open.answered(route, response.status().as_u16(), started.elapsed());
    response
}

fn admit(shared: &Shared, request: &Request) -> Result<(), Problem> {
    let free = OPEN.contains(&request.uri().path());
    if !free {
        if shared.options.token.is_none() && !is_own_host(request.headers(), shared.address) {
            return Err(Problem::bad("the Host header names another machine; use the server's address"));
        }
        shared.guard.admit(request.headers())?;
        if shared.draining.load(Ordering::Relaxed) {
            return Err(Problem::unavailable("the server is stopping"));
        }
    }
    Ok(())
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

async fn metrics(State(shared): State<Shared>) -> Response {
    let lanes = &shared.lanes;
    let (quick, slow) = (lanes.quick.sandbox.metrics(), lanes.slow.sandbox.metrics());
    let waiting = [("quick", lanes.quick.waiting()), ("slow", lanes.slow.waiting())];
    let sandboxes = mentor_sandbox::prometheus(&[("quick", &quick), ("slow", &slow)]);
    let page = shared.counters.page(&waiting) + &sandboxes;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page).into_response()
}

async fn ready(State(shared): State<Shared>) -> Response {
    if shared.draining.load(Ordering::Relaxed) {
        return Problem::unavailable("the server is stopping").into_response();
    }
    if shared.lanes.quick.waiting() >= shared.options.queue.max(1) {
        return Problem::busy("quick").into_response();
    }
    "ready\n".into_response()
}

/// Refuses more rows than a request may have.
fn bounded(shared: &Shared, field: &str, count: usize) -> Result<(), Problem> {
    let limit = shared.options.batch;
    if count > limit { Err(Problem::too_many(field, count, limit)) } else { Ok(()) }
}

/// Refuses columns of unequal length.
fn same_length(field: &str, count: usize, other: &str, rows: usize) -> Result<(), Problem> {
    if count == rows {
        return Ok(());
    }
    Err(Problem::bad(format!("{field}: {count} of them for {rows} {other}; expected one for each")))
}

/// One seed for each row; none given means 0 for all.
fn seeds(given: Option<Vec<u64>>, other: &str, rows: usize) -> Result<Vec<u64>, Problem> {
    let Some(seeds) = given else { return Ok(vec![0; rows]) };
    same_length("seeds", seeds.len(), other, rows)?;
    Ok(seeds)
}

/// Work on this machine's cores that is no sandbox's, behind the quick lane's queue as all work is.
async fn compute<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let place = shared.lanes.quick.enter().await?;
    crate::toolsets::blocking(move || {
        let _place = place;
        work()
    })
    .await
}

/// What requests name as `tools`: compiled for parsing.
fn compiled(tools: &[serde_json::Value]) -> Result<mentor_trajectory::parse::Tools, Problem> {
    use mentor_trajectory::json::{Dialect, parse};
    let mut compiled = mentor_trajectory::parse::Tools::default();
    for (place, tool) in tools.iter().enumerate() {
        let inner = tool.get("function").unwrap_or(tool);
        let name = tool.as_str().or_else(|| inner.get("name").and_then(serde_json::Value::as_str));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Err(Problem::bad(format!("tools[{place}]: expected a tool schema with a name")));
        };
        let parameters = inner.get("parameters").filter(|parameters| !parameters.is_null());
        let parameters = parameters.map(|value| parse(&value.to_string(), Dialect::STRICT)).transpose();
        let parameters =
            parameters.map_err(|fault| Problem::bad(format!("tools[{place}].parameters: {fault}")))?;
        compiled.insert(name.to_owned(), parameters.as_ref());
    }
    Ok(compiled)
}

/// What every handler gives.
type Answer = Result<Response, Problem>;
/// The reader of tool sources, shared with threads that block.
type Reader = Arc<crate::reader::Reader>;
