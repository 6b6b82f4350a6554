//! What holds of the whole door: conformance, limits, time, and fuzzing.
//!
//! `Guest` stands in for a guest: it lays arguments out in a memory and calls the functions as a module would.

mod account;
mod content;
mod frames;
mod fuzz;
mod limits;
mod links;
mod listing;
mod model;
mod paths;
mod public;
mod time;

use super::errno::{Errno, Result};
use super::files::Files;
use super::guest_memory::{GuestMemory, u32_at, u64_at};
use super::host::Host;
use super::{fd, io, path, poll, rights, system};
use crate::Limits;

pub(super) const CREATE: u32 = 1;
pub(super) const DIRECTORY: u32 = 2;
pub(super) const EXCLUSIVE: u32 = 4;
pub(super) const TRUNCATE: u32 = 8;
pub(super) const READ: u64 = rights::READ;
pub(super) const WRITE: u64 = rights::WRITE;
pub(super) const BOTH: u64 = READ | WRITE;
/// The root's descriptor.
pub(super) const ROOT: u32 = 3;

/// Where arguments lie in the guest's memory.
const OUT: u32 = 64;
const FIRST: u32 = 1 << 10;
const SECOND: u32 = 16 << 10;
const IOVEC: u32 = 32 << 10;
const DATA: u32 = 64 << 10;
const MEMORY: usize = 1 << 20;

pub(super) struct Guest {
    pub host: Host,
    memory: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub inode: u64,
    pub kind: u64,
    pub links: u64,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
    pub changed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub cookie: u64,
    pub inode: u64,
    pub kind: u8,
    pub text: String,
}

/// User data, error, type, bytes and flags.
pub(super) type Event = (u64, u16, u8, u64, u16);

impl Guest {
    pub(super) fn new() -> Self {
        Self::with(&Limits::default(), &[])
    }

    pub(super) fn with(limits: &Limits, mounts: &[(&str, &[u8])]) -> Self {
        let mounts: Vec<_> =
            mounts.iter().map(|(path, bytes)| (*path, std::sync::Arc::new(bytes.to_vec()).into())).collect();
        let mut host = Host::new(Files::new(&mounts));
        let files = host.files.clone();
        host.begin(files, 7, limits, &std::sync::Arc::default());
        Self { host, memory: vec![0; MEMORY] }
    }

    /// Calls a function, and checks that the tree's account of itself still holds.
    pub(super) fn call<T>(
        &mut self,
        function: impl FnOnce(&mut Host, &mut GuestMemory) -> Result<T>,
    ) -> Result<T> {
        self.host.enter(u64::MAX);
        let result = function(&mut self.host, &mut GuestMemory::new(&mut self.memory));
        self.host.files.tree().check();
        result
    }

    fn put(&mut self, at: u32, bytes: &[u8]) -> (u32, u32) {
        let start = at as usize;
        self.memory[start..start + bytes.len()].copy_from_slice(bytes);
        (at, bytes.len() as u32)
    }

    fn u32_out(&self) -> u32 {
        u32_at(&self.memory, OUT as usize)
    }

    fn u64_out(&self) -> u64 {
        u64_at(&self.memory, OUT as usize)
    }

    pub(super) fn open(&mut self, path: &str, flags: u32, rights: u64) -> Result<u32> {
        self.open_at(ROOT, 0, path, flags, rights, 0)
    }

    pub(super) fn open_at(
        &mut self,
        dir: u32,
        lookup: u32,
        path: &str,
        flags: u32,
        rights: u64,
        fdflags: u32,
    ) -> Result<u32> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        let all = rights::DIR | rights::FILE;
        self.call(|h, m| path::open(h, m, dir, lookup, at, len, flags, rights, all, fdflags, OUT))?;
        Ok(self.u32_out())
    }

    pub(super) fn close(&mut self, fd: u32) -> Result<()> {
        self.call(|h, m| fd::close(h, m, fd))
    }

    fn iovec(&mut self, len: u32) -> (u32, u32) {
        let list = [DATA.to_le_bytes(), len.to_le_bytes()].concat();
        self.put(IOVEC, &list);
        (IOVEC, 1)
    }

    pub(super) fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>> {
        let (at, count) = self.iovec(len);
        self.call(|h, m| io::read(h, m, fd, at, count, OUT))?;
        Ok(self.memory[DATA as usize..][..self.u32_out() as usize].to_vec())
    }

    pub(super) fn pread(&mut self, fd: u32, len: u32, offset: u64) -> Result<Vec<u8>> {
        let (at, count) = self.iovec(len);
        self.call(|h, m| io::pread(h, m, fd, at, count, offset, OUT))?;
        Ok(self.memory[DATA as usize..][..self.u32_out() as usize].to_vec())
    }

    pub(super) fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32> {
        self.put(DATA, bytes);
        let (at, count) = self.iovec(bytes.len() as u32);
        self.call(|h, m| io::write(h, m, fd, at, count, OUT))?;
        Ok(self.u32_out())
    }

    pub(super) fn pwrite(&mut self, fd: u32, bytes: &[u8], offset: u64) -> Result<u32> {
        self.put(DATA, bytes);
        let (at, count) = self.iovec(bytes.len() as u32);
        self.call(|h, m| io::pwrite(h, m, fd, at, count, offset, OUT))?;
        Ok(self.u32_out())
    }

    pub(super) fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64> {
        self.call(|h, m| io::seek(h, m, fd, offset, whence, OUT))?;
        Ok(self.u64_out())
    }

    pub(super) fn tell(&mut self, fd: u32) -> Result<u64> {
        self.call(|h, m| io::tell(h, m, fd, OUT))?;
        Ok(self.u64_out())
    }

    pub(super) fn resize(&mut self, fd: u32, size: u64) -> Result<()> {
        self.call(|h, m| io::filestat_set_size(h, m, fd, size))
    }

    fn stat_out(&self) -> Stat {
        let field = |k: usize| u64_at(&self.memory, OUT as usize + 8 * k);
        let [inode, kind, links, size, accessed, modified, changed] = [1, 2, 3, 4, 5, 6, 7].map(field);
        assert_eq!((field(0), kind >> 8), (1, 0));
        Stat { inode, kind, links, size, accessed, modified, changed }
    }

    pub(super) fn fstat(&mut self, fd: u32) -> Result<Stat> {
        self.call(|h, m| fd::filestat_get(h, m, fd, OUT))?;
        Ok(self.stat_out())
    }

    /// Does not follow a link at the end.
    pub(super) fn stat(&mut self, path: &str) -> Result<Stat> {
        self.stat_at(ROOT, 0, path)
    }

    pub(super) fn stat_at(&mut self, dir: u32, lookup: u32, path: &str) -> Result<Stat> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::filestat_get(h, m, dir, lookup, at, len, OUT))?;
        Ok(self.stat_out())
    }

    /// Type, flags, rights and inheriting rights of a descriptor.
    pub(super) fn fdstat(&mut self, fd: u32) -> Result<(u8, u16, u64, u64)> {
        self.call(|h, m| fd::fdstat_get(h, m, fd, OUT))?;
        let at = OUT as usize;
        let flags = u16::from_le_bytes([self.memory[at + 2], self.memory[at + 3]]);
        Ok((self.memory[at], flags, u64_at(&self.memory, at + 8), u64_at(&self.memory, at + 16)))
    }

    pub(super) fn mkdir(&mut self, path: &str) -> Result<()> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::create_directory(h, m, ROOT, at, len))
    }

    pub(super) fn rmdir(&mut self, path: &str) -> Result<()> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::remove_directory(h, m, ROOT, at, len))
    }

    pub(super) fn unlink(&mut self, path: &str) -> Result<()> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::unlink_file(h, m, ROOT, at, len))
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let (at, len) = self.put(FIRST, from.as_bytes());
        let (to, to_len) = self.put(SECOND, to.as_bytes());
        self.call(|h, m| path::rename(h, m, ROOT, at, len, ROOT, to, to_len))
    }

    pub(super) fn link(&mut self, lookup: u32, from: &str, to: &str) -> Result<()> {
        let (at, len) = self.put(FIRST, from.as_bytes());
        let (to, to_len) = self.put(SECOND, to.as_bytes());
        self.call(|h, m| path::link(h, m, ROOT, lookup, at, len, ROOT, to, to_len))
    }

    pub(super) fn symlink(&mut self, target: &str, path: &str) -> Result<()> {
        let (target, target_len) = self.put(FIRST, target.as_bytes());
        let (at, len) = self.put(SECOND, path.as_bytes());
        self.call(|h, m| path::symlink(h, m, target, target_len, ROOT, at, len))
    }

    pub(super) fn readlink(&mut self, path: &str, room: u32) -> Result<String> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::readlink(h, m, ROOT, at, len, DATA, room, OUT))?;
        let bytes = &self.memory[DATA as usize..][..self.u32_out() as usize];
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn set_times(&mut self, path: &str, accessed: u64, modified: u64, flags: u32) -> Result<()> {
        let (at, len) = self.put(FIRST, path.as_bytes());
        self.call(|h, m| path::filestat_set_times(h, m, ROOT, 0, at, len, accessed, modified, flags))
    }

    /// One call of `fd_readdir`: the whole names that fit, and the bytes used.
    pub(super) fn list(&mut self, fd: u32, cookie: u64, room: u32) -> Result<(Vec<Name>, u32)> {
        self.call(|h, m| fd::readdir(h, m, fd, DATA, room, cookie, OUT))?;
        let used = self.u32_out();
        let mut bytes = &self.memory[DATA as usize..][..used as usize];
        let mut names = Vec::new();
        while bytes.len() >= 24 && bytes.len() >= 24 + u32_at(bytes, 16) as usize {
            let end = 24 + u32_at(bytes, 16) as usize;
            let text = String::from_utf8(bytes[24..end].to_vec()).unwrap();
            names.push(Name { cookie: u64_at(bytes, 0), inode: u64_at(bytes, 8), kind: bytes[20], text });
            bytes = &bytes[end..];
        }
        Ok((names, used))
    }

    /// The names in a directory, without the dots.
    pub(super) fn names(&mut self, path: &str) -> Vec<String> {
        let dir = self.open(path, DIRECTORY, 0).unwrap();
        let (names, _) = self.list(dir, 2, 512 << 10).unwrap();
        self.close(dir).unwrap();
        names.into_iter().map(|name| name.text).collect()
    }

    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) {
        let fd = self.open(path, CREATE | TRUNCATE, WRITE).unwrap();
        assert_eq!(self.write(fd, bytes), Ok(bytes.len() as u32));
        self.close(fd).unwrap();
    }

    pub(super) fn content(&mut self, path: &str) -> Vec<u8> {
        let fd = self.open_at(ROOT, 1, path, 0, READ, 0).unwrap();
        let bytes = self.read(fd, 512 << 10).unwrap();
        self.close(fd).unwrap();
        bytes
    }

    pub(super) fn clock(&mut self, id: u32) -> Result<u64> {
        self.call(|h, m| poll::clock_time_get(h, m, id, 0, OUT))?;
        Ok(self.u64_out())
    }

    /// Waits for subscriptions of 48 bytes; gives the events.
    pub(super) fn poll(&mut self, subscriptions: &[[u8; 48]]) -> Result<Vec<Event>> {
        self.put(FIRST, subscriptions.as_flattened());
        let count = subscriptions.len() as u32;
        self.call(|h, m| poll::poll_oneoff(h, m, FIRST, DATA, count, OUT))?;
        let events = self.memory[DATA as usize..].chunks(32).take(self.u32_out() as usize);
        let short = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        Ok(events.map(|e| (u64_at(e, 0), short(e, 8), e[10], u64_at(e, 16), short(e, 24))).collect())
    }
}
