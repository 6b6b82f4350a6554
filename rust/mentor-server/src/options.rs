//! All that can be set, its defaults, and why a server could not start.

use std::net::SocketAddr;
use std::time::Duration;

use mentor_sandbox::{EngineOptions, Limits, PackageFile, Restore};

/// How a server is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen. Other than a loopback address needs a token.
    pub address: SocketAddr,
    /// What clients must send as `Authorization: Bearer TOKEN`; None lets every local client in.
    pub token: Option<String>,
    /// The guest and the cache of compiled code.
    pub engine: EngineOptions,
    /// Source that every program starts behind.
    pub prelude: String,
    /// What programs can import beside the guest's own library.
    pub packages: Vec<PackageFile>,
    /// The bounds of a job, and the most that a request may ask for.
    pub limits: Limits,
    /// Threads of the quick lane, and as many of the slow one; 0 means one per core.
    pub threads: usize,
    /// How memory is put back; None means the fastest way that works here.
    pub restore: Option<Restore>,
    /// The most bytes of a request's body.
    pub body: usize,
    /// The most jobs, texts or rows of a request.
    pub batch: usize,
    /// Requests that may wait for the quick lane; the next one is refused.
    pub queue: usize,
    /// Requests that may wait for the slow lane.
    pub slow_queue: usize,
    /// Open connections; the next one is refused.
    pub connections: usize,
    /// How long a client may take to send a request or to take its answer.
    pub patience: Duration,
    /// How long a request may work, waiting for its turns not counted.
    pub work: Duration,
    /// How long open requests may go on once the server drains.
    pub drain: Duration,
}

impl Options {
    /// The defaults: loopback, a port that the system chooses, no token.
    #[must_use]
    pub fn new(engine: EngineOptions) -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: None,
            engine,
            prelude: String::new(),
            packages: Vec::new(),
            limits: Limits::default(),
            threads: 0,
            restore: None,
            body: 16 << 20,
            batch: 4096,
            queue: 1024,
            slow_queue: 64,
            connections: 4096,
            patience: Duration::from_secs(20),
            work: Duration::from_mins(5),
            drain: Duration::from_secs(5),
        }
    }

    /// Refuses what would be unsafe or could never work.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        if self.token.is_none() && !self.address.ip().is_loopback() {
            return Err(StartError::NoToken(self.address));
        }
        if self.token.as_ref().is_some_and(|token| token.len() < SHORTEST_TOKEN) {
            return Err(StartError::ShortToken);
        }
        let sizes = [("body", self.body), ("batch", self.batch), ("connections", self.connections)];
        if let Some((field, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(StartError::Option { field, reason: "0; expected at least 1" });
        }
        let times = [("patience", self.patience), ("work", self.work)];
        if let Some((field, _)) = times.iter().find(|(_, time)| time.is_zero()) {
            return Err(StartError::Option { field, reason: "0 s; expected more than 0" });
        }
        Ok(())
    }
}

/// Shorter tokens can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Anybody who reaches the address could run programs.
    #[error("{0} can be reached from other machines, so a token is needed: set one, or listen on 127.0.0.1")]
    NoToken(SocketAddr),
    /// The token can be guessed.
    #[error("the token is shorter than {SHORTEST_TOKEN} characters; make one with: openssl rand -hex 32")]
    ShortToken,
    /// A value out of its range.
    #[error("{field}: {reason}")]
    Option {
        /// The option's name.
        field: &'static str,
        /// What is wrong and what is allowed.
        reason: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is the port taken, or the address not this machine's?")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The system gave no threads.
    #[error("the server's threads could not be started: {0}")]
    Threads(std::io::Error),
    /// The sandbox could not be made.
    #[error(transparent)]
    Sandbox(#[from] mentor_sandbox::Error),
}
