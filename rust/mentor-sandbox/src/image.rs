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
use crate::wire::{self, put_bytes};
use crate::{Error, Limits, Status, holes, immortal, store};

/// Where the guest looks for its standard library, and where packages are put.
const STDLIB: &str = "/usr/local/lib/python315.zip";
const SITE: &str = "/usr/local/lib/python3.15/site-packages";
/// Longest path of a package's file, bytes.
const MAX_PATH: usize = 1024;

/// A read-only file of a package, in the folder `site-packages` of all guests of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Its path in that folder, with `/` between the parts: `math_verify/parser.py`.
    pub path: String,
    /// What is in it.
    pub content: Arc<Vec<u8>>,
}

/// All that an image depends on beside the guest.
#[derive(Clone, Copy)]
pub(crate) struct Recipe<'a> {
    pub harness: &'a str,
    pub prelude: &'a str,
    pub packages: &'a [PackageFile],
}

pub(crate) struct Image {
    pub bytes: Frozen,
    pub stack_pointer: i32,
    pub files: Files,
    /// Content hash: equal images give equal results.
    pub id: Arc<str>,
}

impl Recipe<'_> {
    /// The host's files in the guest, in the order of their paths.
    pub(crate) fn files(&self, compiled: &Compiled) -> Result<Files, Error> {
        let mut mounts = vec![(STDLIB.to_owned(), compiled.stdlib.clone())];
        for PackageFile { path, content } in self.packages {
            let usable = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\0', '\\']);
            if path.len() > MAX_PATH || !path.split('/').all(usable) {
                return Err(bad_package(format!("{path:?} is no path in a folder")));
            }
            mounts.push((format!("{SITE}/{path}"), content.clone().into()));
        }
        mounts.sort_by(|(one, _), (two, _)| one.cmp(two));
        if let Some([(path, _), _]) = mounts.array_windows().find(|[one, two]| one.0 == two.0) {
            return Err(bad_package(format!("{path} is there twice")));
        }
        let mounts: Vec<_> = mounts.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
        Ok(Files::new(&mounts))
    }

    /// Names the image before it is made: equal keys make equal images.
    pub(crate) fn key(&self, guest: &str) -> String {
        let mut text = vec![store::VERSION];
        for part in [guest, self.harness, immortal::FINDER, self.prelude] {
            put_bytes(&mut text, part.as_bytes());
        }
        text.extend_from_slice(&self.digest());
        hex(&wire::digest(&text))
    }

    /// Names the packages by their content.
    fn digest(&self) -> [u8; 16] {
        let mut files: Vec<_> = self.packages.iter().collect();
        files.sort_by(|one, two| one.path.cmp(&two.path));
        let mut text = Vec::new();
        for PackageFile { path, content } in files {
            put_bytes(&mut text, path.as_bytes());
            text.extend_from_slice(&wire::digest(content));
        }
        wire::digest(&text)
    }
}

fn bad_package(reason: String) -> Error {
    Error::Option { field: "packages", reason }
}

/// What the prelude may use: it runs once, and imports are expensive. The same for every caller, so that what an
/// image holds does not depend on a caller's limits.
fn limits() -> Limits {
    Limits {
        fuel: 100_000_000_000,
        wall: std::time::Duration::from_mins(10),
        memory: 2 << 30,
        files: 1 << 30,
        ..Limits::default()
    }
}

impl Image {
    /// Starts a guest, installs the harness, makes what is there immortal, runs the prelude, and keeps what there
    /// is then.
    pub(crate) fn build(compiled: &Compiled, recipe: Recipe, fresh: &Files) -> Result<Self, Error> {
        let limits = limits();
        let _ticking = compiled.ticking()?;
        let mut guest = Instance::bare(compiled, fresh.clone())?;
        guest.bootstrap(recipe.harness, &limits)?;
        if !recipe.packages.is_empty() {
            let source = format!("__import__('sys').path.append('{SITE}')");
            check(&guest.run_bare(&Program::Source(source.into()), 0, &limits)?)?;
        }
        immortal::make_all(&mut guest, &limits)?;
        check(&guest.run_bare(&Program::Source(recipe.prelude.into()), 0, &limits)?)?;
        let run = |guest: &mut Instance, program: &Program| check(&guest.run_bare(program, 0, &limits)?);
        // Twice, so that the interpreter's inline caches for the harness are in the image too.
        for program in [warm(), warm(), Program::Settle] {
            run(&mut guest, &program)?;
        }
        holes::fill(&mut guest, run, &[warm(), Program::Settle])?;
        // Again at the end, so that what a job leaves in freed memory is mostly there already and takes no part in
        // states.
        for program in [warm(), warm()] {
            run(&mut guest, &program)?;
        }
        let (bytes, stack_pointer, files) = guest.into_rest()?;
        debug_assert_eq!(bytes.len() % PAGE, 0);
        let mut changes = Vec::new();
        files.changes(fresh, None).put(&mut changes);
        let mut hash = Sha256::new();
        hash.update(compiled.identity.as_bytes());
        hash.update(recipe.digest());
        hash.update(&changes);
        hash.update(stack_pointer.to_le_bytes());
        hash.update(&bytes[..]);
        let id = hex(&hash.finalize()[..16]).into();
        Ok(Self { bytes, stack_pointer, files, id })
    }
}

/// The smallest job.
fn warm() -> Program {
    Program::Source("pass\n0".into())
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
