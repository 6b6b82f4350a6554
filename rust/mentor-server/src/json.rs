//! Bodies read within bounds, answers written.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::Problem;
use crate::server::Shared;

/// A body read as JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        // A page in a browser can send anything but this without asking first.
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.trim_start().starts_with("application/json")) {
            return Err(Problem::bad("send the header Content-Type: application/json"));
        }
        let (limit, patience) = (shared.options.body, shared.options.patience);
        let collected = Limited::new(request.into_body(), limit).collect();
        let bytes = match tokio::time::timeout(patience, collected).await {
            Err(_) => return Err(Problem::slow(patience.as_secs())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Problem::too_large(limit)),
            Ok(Err(error)) => return Err(Problem::bad(format!("the body could not be read: {error}"))),
            Ok(Ok(body)) => body.to_bytes(),
        };
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| Problem::bad(format!("the body is not UTF-8: {error}")))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let at = if path == "." { String::new() } else { format!("{path}: ") };
            Problem::bad(format!("{at}{}", error.inner()))
        })?;
        reader.end().map_err(|error| Problem::bad(error.to_string()))?;
        Ok(Self(value))
    }
}

/// A text that may hold what a model or a program wrote: halves of surrogate pairs, which JSON can escape and UTF-8
/// has no place for, stand in it as Python's `surrogatepass` writes them.
pub struct Loose(Vec<u8>);

impl Loose {
    /// With the halves, for a program whose mistake they are.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// With U+FFFD for each of them.
    pub fn into_text(self) -> String {
        String::from_utf8(self.0).unwrap_or_else(|error| {
            let mut bytes = error.into_bytes();
            // Of UTF-8's three bytes of a surrogate the second is 0xA0 or more, which no other character has there.
            for at in 0..bytes.len() {
                if bytes[at] == 0xED && bytes.get(at + 1).is_some_and(|second| *second >= 0xA0) {
                    bytes[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Loose;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Loose, E> {
                Ok(Loose(bytes.to_vec()))
            }
        }

        reader.deserialize_bytes(Bytes)
    }
}

/// Written as JSON with status 200.
pub fn answer(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], Body::from(bytes)).into_response(),
        Err(error) => Problem::broken(format!("the answer could not be written: {error}")).into_response(),
    }
}
