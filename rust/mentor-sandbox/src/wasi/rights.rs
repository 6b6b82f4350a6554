//! WASI's rights: what a descriptor may do.
//!
//! They are reported as they are, can only be narrowed, and two are enforced: reading and writing. The rest is
//! history (later versions of WASI have none), and a guest that is alone with its files gains nothing by them.

pub(crate) const READ: u64 = 1 << 1;
pub(crate) const WRITE: u64 = 1 << 6;
const SEEK: u64 = 1 << 2;
const FLAGS: u64 = 1 << 3;
const TELL: u64 = 1 << 5;
const FILESTAT_GET: u64 = 1 << 21;
const POLL: u64 = 1 << 27;
/// `fd_datasync`, `fd_sync`, `fd_advise`, `fd_allocate`, `fd_filestat_set_size`, `fd_filestat_set_times`.
const CONTENT: u64 = 1 | 1 << 4 | 1 << 7 | 1 << 8 | 1 << 22 | 1 << 23;
/// `fd_readdir`, `fd_filestat_set_times` and all of `path_*` but the setting of a size.
pub(crate) const DIR: u64 =
    FLAGS | 0x3fe00 | 1 << 18 | 1 << 20 | FILESTAT_GET | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26;
pub(crate) const FILE: u64 = READ | WRITE | SEEK | TELL | FLAGS | CONTENT | FILESTAT_GET | POLL;
pub(crate) const STDIN: u64 = READ | FLAGS | FILESTAT_GET | POLL;
pub(crate) const STDOUT: u64 = WRITE | FLAGS | FILESTAT_GET | POLL;
