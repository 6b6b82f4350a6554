//! An image: a guest at rest after its prelude, as bytes. Every instance starts from one and returns to it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::barrier::PAGE;
use crate::engine::Compiled;
use crate::guest::hex;
use crate::harness::Program;
use crate::instance::Instance;
use crate::mapping::Frozen;
use crate::outcome::Outcome;
use crate::wasi::Files;
use crate::{Error, Limits, Status};

/// Where the guest looks for its standard library.
const STDLIB: &str = "/usr/local/lib/python315.zip";
/// What the prelude may use: it runs once, and imports are expensive.
const PRELUDE_FUEL: u64 = 100_000_000_000;

pub(crate) struct Image {
    pub bytes: Frozen,
    pub stack_pointer: i32,
    pub files: Files,
    /// Content hash: equal images give equal results.
    pub id: Arc<str>,
}

impl Image {
    /// Starts a guest, installs the harness, runs the prelude, and keeps what is there then.
    pub(crate) fn build(
        compiled: &Compiled,
        harness: &str,
        prelude: &str,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let _span = tracing::info_span!("image", prelude = prelude.len()).entered();
        let files = Files::new(&[(STDLIB, compiled.stdlib.clone())]);
        let memory = limits.memory.max(1 << 30);
        let limits =
            Limits { fuel: PRELUDE_FUEL, memory, wall: std::time::Duration::from_mins(10), ..*limits };
        let _ticking = compiled.ticking()?;
        let mut guest = Instance::bare(compiled, files)?;
        guest.bootstrap(harness, &limits)?;
        let source = Program::Source(prelude.into());
        check(&guest.run_bare(&source, 0, &limits)?)?;
        // Twice, so that the interpreter's inline caches for the harness are in the image too; and again at the
        // end, so that what a job leaves in freed memory is mostly there already and takes no part in states.
        let warm = || Program::Source("pass\n0".into());
        for program in [warm(), warm(), Program::Settle, warm(), warm()] {
            check(&guest.run_bare(&program, 0, &limits)?)?;
        }
        let (bytes, stack_pointer, files) = guest.into_rest()?;
        debug_assert_eq!(bytes.len() % PAGE, 0);
        let mut hash = Sha256::new();
        hash.update(compiled.key.as_bytes());
        hash.update(stack_pointer.to_le_bytes());
        hash.update(&bytes[..]);
        let id = hex(&hash.finalize()[..16]).into();
        Ok(Self { bytes, stack_pointer, files, id })
    }
}

fn check(outcome: &Outcome) -> Result<(), Error> {
    if outcome.status == Status::Ok {
        return Ok(());
    }
    let error = outcome.error.clone().unwrap_or_default();
    let text = format!("{} {}: {}\n{}", outcome.status.as_str(), error.kind, error.message, error.traceback);
    Err(Error::Prelude(text.trim_end().to_owned()))
}

/// Shared by a sandbox and its states.
pub(crate) type SharedImage = Arc<Image>;
