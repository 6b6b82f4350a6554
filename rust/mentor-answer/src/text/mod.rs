//! Texts before they are parsed: characters and wrappers that never change an answer.

pub(crate) mod clean;
mod markup;
mod unicode;
