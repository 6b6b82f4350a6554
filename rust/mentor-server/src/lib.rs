//! The sandbox and the reward core over HTTP.
//!
//! ```text
//! connection ─► routes ─► lanes ─► mentor-sandbox
//! (accepts,     (one file  (quick, slow: queues that refuse at once,
//!  drops who     a path)    work that ends with its client)
//!  is slow)        └────► mentor-trajectory, mentor-answer
//! ```
//!
//! * `options` is all that can be set; `server` starts, drains and stops.
//! * `connection` accepts, bounds how slowly a client may send or read, and lets open requests end as it drains.
//! * `lanes` is why one stuck program does not hold up the others: every job first runs with a slice of its limits
//!   in the quick lane; what needs more runs again, from the start, in the slow lane, whose threads yield to the
//!   quick ones. Jobs are pure, so running one twice is seen by nobody.
//! * `toolsets` keeps tool sources executed, `reader` reads their schemas with the very code that Python users run.
//! * `problem` is every refusal; `json` reads bodies and writes answers; `counters` is what `/metrics` shows.

mod connection;
mod counters;
mod guard;
mod json;
mod lanes;
mod nice;
mod options;
mod problem;
mod reader;
mod routes;
mod server;
mod toolsets;

pub use options::{Options, StartError};
pub use routes::OPENAPI;
pub use server::Server;
