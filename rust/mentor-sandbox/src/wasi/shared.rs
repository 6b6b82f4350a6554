//! Read-only files of the host's, the same for every job: in memory, or on disk and read where a guest reads.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A read-only file, compared by identity: there are few, and they are large.
#[derive(Debug, Clone)]
pub(crate) enum SharedFile {
    Memory(Arc<Vec<u8>>),
    /// An open file of so many bytes. It is read by position, so it may be read by many at once.
    Disk(Arc<File>, u64),
}

impl SharedFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self::Disk(Arc::new(file), len))
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(_, len) => *len,
        }
    }

    /// Fills `target` from `at`; returns how many bytes there were.
    pub(crate) fn read(&self, at: u64, target: &mut [u8]) -> io::Result<usize> {
        let count = self.len().saturating_sub(at).min(target.len() as u64) as usize;
        let target = &mut target[..count];
        match self {
            Self::Memory(bytes) if count > 0 => {
                target.copy_from_slice(&bytes[at as usize..at as usize + count]);
            }
            Self::Memory(_) => {}
            Self::Disk(file, _) => read_through(file, at, target)?,
        }
        Ok(count)
    }
}

/// Reads by way of memory of the host's own: `target` may be a guest's, whose closed pages a system call cannot write
/// (it fails, where a store of the host's is seen by the barrier).
fn read_through(file: &File, at: u64, target: &mut [u8]) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    let mut from = at;
    for part in target.chunks_mut(buffer.len()) {
        let buffer = &mut buffer[..part.len()];
        std::os::unix::fs::FileExt::read_exact_at(file, buffer, from)?;
        part.copy_from_slice(buffer);
        from += buffer.len() as u64;
    }
    Ok(())
}

impl From<Arc<Vec<u8>>> for SharedFile {
    fn from(bytes: Arc<Vec<u8>>) -> Self {
        Self::Memory(bytes)
    }
}

impl PartialEq for SharedFile {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Memory(one), Self::Memory(two)) => Arc::ptr_eq(one, two),
            (Self::Disk(one, _), Self::Disk(two, _)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

impl Eq for SharedFile {}

impl Hash for SharedFile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_the_same_from_memory_and_from_disk() {
        let path = std::env::temp_dir().join(format!("mentor-shared-{}", std::process::id()));
        let content: Vec<u8> = (0..50_000u32).map(|at| (at / 7) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let disk = SharedFile::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let memory = SharedFile::from(Arc::new(content));
        for (at, len) in [(0, 4), (7, 40_000), (49_997, 9), (50_000, 1), (u64::MAX, 3), (0, 0), (0, 50_000)] {
            let read = |file: &SharedFile| {
                let mut target = vec![b'-'; len];
                (file.read(at, &mut target).unwrap(), target)
            };
            assert_eq!(read(&disk), read(&memory), "{len} bytes at {at}");
        }
        assert!(disk == disk.clone() && disk != memory);
    }
}
