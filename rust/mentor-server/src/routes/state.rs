//! States as text: the bytes of `State.to_bytes` in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mentor_sandbox::State;

use crate::problem::Problem;

pub fn written(state: &State) -> String {
    STANDARD.encode(state.to_bytes())
}

pub fn read(text: &str, field: &str) -> Result<State, Problem> {
    let bytes =
        STANDARD.decode(text).map_err(|error| Problem::bad(format!("{field}: no base64: {error}")))?;
    State::from_bytes(&bytes).map_err(|error| Problem::bad(format!("{field}: {error}")))
}
