//! Every bound on a job, in one type.

use std::time::Duration;

use crate::Error;

/// What one job may use. All are enforced by the host; none relies on the guest's cooperation.
///
/// `fuel` is deterministic: the same job stops at the same instruction on any machine under any load. `wall`
/// is not, and exists to protect the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Wasm instructions, roughly; 2 to 3 thousand million run in a second.
    pub fuel: u64,
    /// Time from the moment the job starts to run. Checked every 10 ms.
    pub wall: Duration,
    /// Bytes of linear memory, the image's own 42 MiB included.
    pub memory: u64,
    /// Bytes kept of each of the standard streams; the rest is counted and dropped.
    pub output: u64,
    /// Bytes in all files that the job may have at once.
    pub files: u64,
    /// Files and directories that the job may have at once.
    pub entries: u32,
    /// Bytes of the name of a file or directory.
    pub name_length: u32,
    /// Components of a path.
    pub path_depth: u32,
    /// Bytes of a job's program, or of the arguments of the function that it calls.
    pub arguments: u64,
    /// Bytes of the job's calls of host tools: arguments and results together.
    pub host: u64,
    /// Bytes of a job's value or error report.
    pub result: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Wasm's 32-bit address space.
const MAX_MEMORY: u64 = 4 << 30;

impl Limits {
    /// What applies where nothing is said.
    pub const DEFAULT: Self = Self {
        fuel: 2_000_000_000,
        wall: Duration::from_secs(5),
        memory: 256 << 20,
        output: 64 << 10,
        files: 16 << 20,
        entries: 4096,
        name_length: 255,
        path_depth: 64,
        arguments: 16 << 20,
        host: 4 << 20,
        result: 1 << 20,
    };

    /// Bytes of the guest's call stack; the same for every job. CPython's own guards raise before it is reached,
    /// code that they do not cover gets the verdict `Stack`.
    pub const STACK: usize = 8 << 20;

    /// Checks each bound's range.
    pub fn validate(&self) -> Result<(), Error> {
        let positive = [("fuel", self.fuel), ("result", self.result)];
        for (field, value) in positive {
            if value == 0 {
                return Err(Error::Option { field, reason: "0; expected at least 1".into() });
            }
        }
        if self.wall.is_zero() {
            return Err(Error::Option { field: "wall", reason: "0 s; expected more than 0".into() });
        }
        if self.memory > MAX_MEMORY {
            let reason = format!("{} bytes; a 32-bit guest has at most {MAX_MEMORY}", self.memory);
            return Err(Error::Option { field: "memory", reason });
        }
        Ok(())
    }
}
