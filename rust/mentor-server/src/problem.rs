//! Every refusal: a status, a kind that programs can tell apart, and a sentence for people.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was not answered as asked. Never the verdict on a program: that is an outcome, with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub kind: &'static str,
    pub message: String,
    retry_after: bool,
    close: bool,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), retry_after: false, close: false }
    }

    /// The request cannot be understood, or asks for what there is not.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub fn unauthorized() -> Self {
        let message = "a token is needed: send the header Authorization: Bearer TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub fn not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {path}; see /openapi.json"))
    }

    pub fn method(method: &str, path: &str) -> Self {
        let message = format!("{path} does not take {method}; see /openapi.json");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is longer than {limit} bytes; send fewer rows a request");
        Self { close: true, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message) }
    }

    pub fn too_many(field: &str, count: usize, limit: usize) -> Self {
        let message = format!("{field}: {count} of them; this server takes at most {limit} a request");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// The client did not send its body in time.
    pub fn slow(seconds: u64) -> Self {
        let message = format!("the body did not arrive within {seconds} s");
        Self { close: true, ..Self::new(StatusCode::REQUEST_TIMEOUT, "slow_client", message) }
    }

    /// The queue is full: said at once rather than late.
    pub fn busy(lane: &str) -> Self {
        let message = format!("the queue of the {lane} lane is full; send the request again");
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", message);
        Self { retry_after: true, ..problem }
    }

    /// The server is starting or stopping.
    pub fn unavailable(message: &str) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        Self { retry_after: true, close: true, ..problem }
    }

    /// The request worked for longer than a request may.
    pub fn overtime(seconds: u64) -> Self {
        let message = format!("the request worked for more than {seconds} s; send fewer programs a request");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "overtime", message)
    }

    /// The machinery failed as a whole. A job that it failed is an outcome with the status `failed`.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", message)
    }

    /// The same with the status that a protocol's clients know.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub fn is_temporary(&self) -> bool {
        self.retry_after
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"error": {"kind": self.kind, "message": self.message}}).to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        if self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
