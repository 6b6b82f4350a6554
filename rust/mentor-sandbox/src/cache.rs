//! The cache folder: what it takes to share files with other processes of this user, and with nobody else.
//!
//! Folders are 0700 and files 0600, since compiled code is trusted and images decide what every call sees. A file
//! is written beside its place and renamed, so under its own name it is always whole; a lock lets one process
//! make it while others wait, and is free again when its holder dies.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::Error;

pub(crate) fn private_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|e| cache_error(folder, e))
}

fn private_file(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| cache_error(path, e))
}

/// Waits for a lock, which is held until the file is dropped.
pub(crate) fn lock(path: &Path) -> Result<File, Error> {
    let file = private_file(path)?;
    file.lock().map_err(|e| cache_error(path, e))?;
    Ok(file)
}

/// Writes beside the target and renames.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let mut file = private_file(&part)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&part);
    }
    written.map_err(|e| cache_error(path, e))
}

/// Removes what killed writers of this file left. Only the holder of its lock writes parts.
pub(crate) fn remove_parts(path: &Path) {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned() + ".part-";
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&stem) {
            // A part that stays costs its space, nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes the files with an extension that were not used for longest, until the rest take at most `max` bytes;
/// `newest` stays in any case. Files that vanish meanwhile are another process's doing.
pub(crate) fn prune(folder: &Path, extension: &str, max: u64, newest: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files = Vec::new();
    let mut total = 0;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension() == Some(OsStr::new(extension))
            && let Ok(about) = fs::metadata(&path)
        {
            total += about.len();
            files.push((about.modified().ok(), about.len(), path));
        }
    }
    files.sort();
    for (_, len, path) in files {
        if total > max && path != newest && fs::remove_file(&path).is_ok() {
            total -= len;
        }
    }
}

pub(crate) fn cache_error(path: &Path, source: std::io::Error) -> Error {
    let hint = "the cache needs some 400 MB in a folder that only you can write; set MENTOR_CACHE";
    Error::Io { path: path.to_owned(), source, hint }
}
