//! Text to calls, calls to alignment, both to reward. No Python in here.
//!
//! ```text
//! model text --parse--> calls --align--> score in [0, 1] --reward--> number per row
//!                         ^ references (the teacher's calls), compiled once per batch
//! ```
//!
//! * [`json`]: strict JSON with offsets, lossless numbers, and a canonical form that makes equal values equal bytes.
//! * [`parse`]: calls in a model's text, each valid, malformed or unknown; [`answer`]: the final `\boxed{}`.
//! * [`align`]: one trajectory against its references under a metric.
//! * [`reward`]: the batch; [`official`]: the reward code published with the MENTOR paper, quirk by quirk.
//!
//! Everything is a function of its arguments: batches come back in order and equal to the last bit for any number of
//! threads. Nothing here panics on input, recurses deeper than a fixed bound, or takes more than linear time in text.
//!
//! ```
//! use mentor_trajectory::parse::{Format, Status, parse};
//! let calls = parse(Format::Hermes, r#"<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>"#, None);
//! assert_eq!(calls[0].status, Status::Valid);
//! ```

pub mod align;
pub mod answer;
pub mod json;
pub mod official;
pub mod parse;
pub mod pool;
pub mod reward;
mod work;
