//! The functions of `wasi_snapshot_preview1`, and `host.call`, by which the harness reports.
//!
//! Each takes what the guest gave (integers), checks it, and answers with a value or an error number. What
//! cannot exist here (links, sockets, file times) is refused with the number that POSIX gives it.

#![expect(clippy::unnecessary_wraps, clippy::too_many_arguments, reason = "WASI decides the signatures")]

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::{Caller, Engine, Linker};

use super::errno::{Errno, Result};
use super::files::{READ, Target, WRITE};
use super::guest_memory::GuestMemory;
use super::host::{Exit, Host};
use super::poll::{clock_res_get, clock_time_get, poll_oneoff};
use super::tree::{Node, NodeId};

const CHARACTER: u8 = 2;
const DIRECTORY: u8 = 3;
const REGULAR: u8 = 4;

const O_CREATE: u32 = 1;
const O_DIRECTORY: u32 = 2;
const O_EXCLUSIVE: u32 = 4;
const O_TRUNCATE: u32 = 8;
const F_APPEND: u32 = 1;
const RIGHT_READ: i64 = 1 << 1;
const RIGHT_WRITE: i64 = 1 << 6;

/// The largest read or seek buffer and report that is looked at in one go.
const MAX_REPORT: u32 = 64 << 20;

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

fn args_get(_: &mut Host, _: Mem, _argv: u32, _buffer: u32) -> Result<()> {
    Ok(())
}

fn args_sizes_get(_: &mut Host, mem: Mem, count: u32, size: u32) -> Result<()> {
    mem.write_u32(count, 0)?;
    mem.write_u32(size, 0)
}

fn random_get(host: &mut Host, mem: Mem, at: u32, len: u32) -> Result<()> {
    host.random.fill(mem.slice_mut(at, len)?);
    Ok(())
}

fn fd_prestat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    if fd != 3 || host.files.dir(fd).is_err() {
        return Err(Errno::BadFd);
    }
    mem.write_u32(out, 0)?;
    mem.write_u32(out.wrapping_add(4), 1)
}

fn fd_prestat_dir_name(_: &mut Host, mem: Mem, fd: u32, out: u32, len: u32) -> Result<()> {
    if fd != 3 {
        return Err(Errno::BadFd);
    }
    if len < 1 { Err(Errno::NameTooLong) } else { mem.write(out, b"/") }
}

fn fd_fdstat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    let (kind, append) = match host.files.get(fd)? {
        Target::Stdin | Target::Stdout | Target::Stderr => (CHARACTER, false),
        Target::Dir(_) => (DIRECTORY, false),
        Target::File { append, .. } => (REGULAR, *append),
    };
    let mut stat = [0u8; 24];
    stat[0] = kind;
    stat[2] = u8::from(append);
    stat[8..].fill(0xff);
    mem.write(out, &stat)
}

fn fd_fdstat_set_flags(host: &mut Host, _: Mem, fd: u32, flags: u32) -> Result<()> {
    if let Target::File { append, .. } = host.files.get_mut(fd)? {
        *append = flags & F_APPEND != 0;
    }
    Ok(())
}

fn write_filestat(mem: Mem, out: u32, kind: u8, size: u64, inode: u64) -> Result<()> {
    let mut stat = [0u8; 64];
    stat[0] = 1;
    stat[8..16].copy_from_slice(&inode.to_le_bytes());
    stat[16] = kind;
    stat[24] = 1;
    stat[32..40].copy_from_slice(&size.to_le_bytes());
    mem.write(out, &stat)
}

fn node_filestat(host: &Host, mem: Mem, out: u32, id: NodeId) -> Result<()> {
    let (kind, size) = match host.files.tree().node(id)? {
        Node::Dir(_) => (DIRECTORY, 0),
        _ => (REGULAR, host.files.tree().read(id)?.len() as u64),
    };
    write_filestat(mem, out, kind, size, u64::from(id) + 16)
}

fn fd_filestat_get(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    match host.files.get(fd)? {
        Target::Dir(id) | Target::File { node: id, .. } => node_filestat(host, mem, out, *id),
        _ => write_filestat(mem, out, CHARACTER, 0, u64::from(fd) + 1),
    }
}

/// Keeps the file limit's verdict: the guest's own error may be lost on its way.
fn noted<T>(host: &mut Host, result: Result<T>) -> Result<T> {
    host.files_refused |= matches!(result, Err(Errno::NoSpace));
    result
}

fn fd_filestat_set_size(host: &mut Host, _: Mem, fd: u32, size: u64) -> Result<()> {
    let (node, _, _) = host.files.writable(fd)?;
    let cap = host.limits.files;
    let result = host.files.tree_mut().resize(node, size, cap);
    noted(host, result)
}

fn fd_read(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    let buffers = mem.buffers(iovs, count)?;
    let target = &mut mem.0;
    let total = host.files.read(fd, &mut |content| {
        let mut done = 0;
        for buffer in &buffers {
            let part = buffer.len.min(content.len() - done);
            target[buffer.start..buffer.start + part].copy_from_slice(&content[done..done + part]);
            done += part;
        }
        done
    })?;
    mem.write_u32(out, total as u32)
}

fn fd_pread(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, at: i64, out: u32) -> Result<()> {
    at_offset(host, fd, at, |host| fd_read(host, mem, fd, iovs, count, out))
}

/// Does something at an offset and puts the descriptor's position back.
fn at_offset(host: &mut Host, fd: u32, at: i64, work: impl FnOnce(&mut Host) -> Result<()>) -> Result<()> {
    let back = i64::try_from(host.files.seek(fd, 0, 1)?).map_err(|_| Errno::Invalid)?;
    host.files.seek(fd, at, 0)?;
    let result = work(host);
    host.files.seek(fd, back, 0)?;
    result
}

fn fd_write(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    let buffers = mem.buffers(iovs, count)?;
    let mut total = 0u32;
    for buffer in &buffers {
        let bytes = &mem.0[buffer.start..buffer.start + buffer.len];
        match host.files.get(fd)? {
            Target::Stdout => host.stdout.write(bytes),
            Target::Stderr => host.stderr.write(bytes),
            _ => {
                let cap = host.limits.files;
                let result = host.files.write(fd, bytes, cap);
                noted(host, result)?;
            }
        }
        total = total.saturating_add(buffer.len as u32);
    }
    mem.write_u32(out, total)
}

fn fd_pwrite(host: &mut Host, mem: Mem, fd: u32, iovs: u32, count: u32, at: i64, out: u32) -> Result<()> {
    at_offset(host, fd, at, |host| fd_write(host, mem, fd, iovs, count, out))
}

fn fd_seek(host: &mut Host, mem: Mem, fd: u32, offset: i64, whence: u32, out: u32) -> Result<()> {
    let at = host.files.seek(fd, offset, whence)?;
    mem.write_u64(out, at)
}

fn fd_tell(host: &mut Host, mem: Mem, fd: u32, out: u32) -> Result<()> {
    fd_seek(host, mem, fd, 0, 1, out)
}

fn fd_close(host: &mut Host, _: Mem, fd: u32) -> Result<()> {
    host.files.close(fd)
}

fn fd_renumber(host: &mut Host, _: Mem, from: u32, to: u32) -> Result<()> {
    host.files.renumber(from, to)
}

/// Only that the descriptor exists: content is in memory and has nothing to be flushed to.
fn fd_sync(host: &mut Host, _: Mem, fd: u32) -> Result<()> {
    host.files.get(fd).map(drop)
}

fn fd_advise(host: &mut Host, _: Mem, fd: u32, _: i64, _: i64, _: u32) -> Result<()> {
    host.files.get(fd).map(drop)
}

fn fd_filestat_set_times(host: &mut Host, _: Mem, fd: u32, _: i64, _: i64, _: u32) -> Result<()> {
    host.files.get(fd).map(drop)
}

fn fd_readdir(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32, cookie: u64, out: u32) -> Result<()> {
    let entries = host.files.tree().list(host.files.dir(fd)?)?;
    let skip = usize::try_from(cookie).map_err(|_| Errno::Invalid)?;
    let room = len as usize;
    let mut bytes = Vec::new();
    for (index, (name, id)) in entries.iter().enumerate().skip(skip) {
        if bytes.len() >= room {
            break;
        }
        let kind = if host.files.tree().is_dir(*id) { DIRECTORY } else { REGULAR };
        bytes.extend_from_slice(&(index as u64 + 1).to_le_bytes());
        bytes.extend_from_slice(&(u64::from(*id) + 16).to_le_bytes());
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&[kind, 0, 0, 0]);
        bytes.extend_from_slice(name.as_bytes());
    }
    // A full buffer tells the guest that there is more.
    bytes.truncate(room);
    mem.write(at, &bytes)?;
    mem.write_u32(out, bytes.len() as u32)
}

fn path_filestat_get(host: &mut Host, mem: Mem, fd: u32, _: u32, at: u32, len: u32, out: u32) -> Result<()> {
    let place = host.files.tree().walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    node_filestat(host, mem, out, place.node.ok_or(Errno::NoEntry)?)
}

fn path_filestat_set_times(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    _: u32,
    at: u32,
    len: u32,
    _: i64,
    _: i64,
    _: u32,
) -> Result<()> {
    let place = host.files.tree().walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    place.node.map(drop).ok_or(Errno::NoEntry)
}

fn path_open(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    _: u32,
    at: u32,
    len: u32,
    flags: u32,
    rights: i64,
    _: i64,
    fdflags: u32,
    out: u32,
) -> Result<()> {
    let path = mem.text(at, len)?;
    let place = host.files.tree().walk(host.files.dir(fd)?, path)?;
    let write = rights & RIGHT_WRITE != 0;
    let node = match place.node {
        Some(_) if flags & O_CREATE != 0 && flags & O_EXCLUSIVE != 0 => return Err(Errno::Exist),
        Some(id) => id,
        None if flags & O_CREATE == 0 => return Err(Errno::NoEntry),
        None if flags & O_DIRECTORY != 0 || path.ends_with('/') => return Err(Errno::Invalid),
        None => {
            let cap = host.limits.files;
            let created = host.files.tree_mut().create(&place, Node::File(Arc::default()), cap);
            noted(host, created)?
        }
    };
    let target = if host.files.tree().is_dir(node) {
        if write || flags & O_TRUNCATE != 0 {
            return Err(Errno::IsDir);
        }
        Target::Dir(node)
    } else {
        if flags & O_DIRECTORY != 0 {
            return Err(Errno::NotDir);
        }
        if host.files.tree().is_shared(node) && (write || flags & O_TRUNCATE != 0) {
            return Err(Errno::ReadOnly);
        }
        if flags & O_TRUNCATE != 0 {
            host.files.tree_mut().resize(node, 0, u64::MAX)?;
        }
        let mode = if write { WRITE } else { 0 } | if rights & RIGHT_READ != 0 { READ } else { 0 };
        Target::File { node, at: 0, mode, append: fdflags & F_APPEND != 0 }
    };
    let opened = host.files.open(target)?;
    mem.write_u32(out, opened)
}

fn path_create_directory(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let path = mem.text(at, len)?.trim_end_matches('/');
    let place = host.files.tree().walk(host.files.dir(fd)?, path)?;
    let cap = host.limits.files;
    let created = host.files.tree_mut().create(&place, Node::Dir(BTreeMap::new()), cap);
    noted(host, created).map(drop)
}

fn path_remove_directory(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let place = host.files.tree().walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    host.files.tree_mut().remove_dir(&place)
}

fn path_unlink_file(host: &mut Host, mem: Mem, fd: u32, at: u32, len: u32) -> Result<()> {
    let place = host.files.tree().walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    let node = place.node.ok_or(Errno::NoEntry)?;
    if host.files.tree().is_dir(node) {
        return Err(Errno::IsDir);
    }
    let open = host.files.is_open(node);
    host.files.tree_mut().unlink(&place, open)
}

fn path_rename(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    at: u32,
    len: u32,
    to_fd: u32,
    to: u32,
    to_len: u32,
) -> Result<()> {
    let tree = host.files.tree();
    let from = tree.walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    let to = tree.walk(host.files.dir(to_fd)?, mem.text(to, to_len)?)?;
    let files = host.files.clone();
    host.files.tree_mut().rename(&from, &to, |id| files.is_open(id))
}

fn path_link(_: &mut Host, _: Mem, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSupported)
}

fn path_symlink(_: &mut Host, _: Mem, _: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSupported)
}

fn path_readlink(
    host: &mut Host,
    mem: Mem,
    fd: u32,
    at: u32,
    len: u32,
    _: u32,
    _: u32,
    _: u32,
) -> Result<()> {
    let place = host.files.tree().walk(host.files.dir(fd)?, mem.text(at, len)?)?;
    place.node.ok_or(Errno::NoEntry)?;
    Err(Errno::Invalid)
}

fn sched_yield(_: &mut Host, _: Mem) -> Result<()> {
    Ok(())
}

fn sock_accept(_: &mut Host, _: Mem, _: u32, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSocket)
}

fn sock_recv(_: &mut Host, _: Mem, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSocket)
}

fn sock_send(_: &mut Host, _: Mem, _: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSocket)
}

fn sock_shutdown(_: &mut Host, _: Mem, _: u32, _: u32) -> Result<()> {
    Err(Errno::NotSocket)
}

/// The harness's report. The latest counts; the harness sends its own after the program has ended.
fn call(host: &mut Host, mem: Mem, at: u32, len: u32, out: u32, out_len: u32) -> Result<()> {
    if u64::from(len) > host.limits.result.saturating_add(1).min(u64::from(MAX_REPORT)) {
        host.report_refused = true;
        host.report = None;
        return Err(Errno::NoSpace);
    }
    host.report = Some(mem.slice(at, len)?.to_vec());
    mem.write_u32(out, 0)?;
    mem.write_u32(out_len, 0)
}

fn with_guest(
    caller: &mut Caller<'_, Host>,
    function: impl FnOnce(&mut Host, &mut GuestMemory) -> Result<()>,
) -> i32 {
    let Some(memory) = caller.data().memory else {
        return Errno::NoSys as i32;
    };
    let (bytes, host) = memory.data_and_store_mut(caller);
    match function(host, &mut GuestMemory(bytes)) {
        Ok(()) => 0,
        Err(errno) => errno as i32,
    }
}

/// Every function that the guest imports.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker: Linker<Host> = Linker::new(engine);
    macro_rules! wasi {
        ($($name:ident $(= $function:ident)? ($($arg:ident: $ty:ty),*);)*) => {$(
            linker.func_wrap(
                "wasi_snapshot_preview1",
                stringify!($name),
                |mut caller: Caller<'_, Host>, $($arg: $ty),*| -> i32 {
                    with_guest(&mut caller, |host, mem| wasi!(@name $name $($function)?)(host, mem, $($arg),*))
                },
            )?;
        )*};
        (@name $name:ident) => { $name };
        (@name $name:ident $function:ident) => { $function };
    }
    wasi! {
        args_get(a: u32, b: u32);
        args_sizes_get(a: u32, b: u32);
        environ_get = args_get(a: u32, b: u32);
        environ_sizes_get = args_sizes_get(a: u32, b: u32);
        clock_res_get(a: u32, b: u32);
        clock_time_get(a: u32, b: i64, c: u32);
        fd_advise(a: u32, b: i64, c: i64, d: u32);
        fd_close(a: u32);
        fd_datasync = fd_sync(a: u32);
        fd_fdstat_get(a: u32, b: u32);
        fd_fdstat_set_flags(a: u32, b: u32);
        fd_filestat_get(a: u32, b: u32);
        fd_filestat_set_size(a: u32, b: u64);
        fd_filestat_set_times(a: u32, b: i64, c: i64, d: u32);
        fd_pread(a: u32, b: u32, c: u32, d: i64, e: u32);
        fd_prestat_get(a: u32, b: u32);
        fd_prestat_dir_name(a: u32, b: u32, c: u32);
        fd_pwrite(a: u32, b: u32, c: u32, d: i64, e: u32);
        fd_read(a: u32, b: u32, c: u32, d: u32);
        fd_readdir(a: u32, b: u32, c: u32, d: u64, e: u32);
        fd_renumber(a: u32, b: u32);
        fd_seek(a: u32, b: i64, c: u32, d: u32);
        fd_sync(a: u32);
        fd_tell(a: u32, b: u32);
        fd_write(a: u32, b: u32, c: u32, d: u32);
        path_create_directory(a: u32, b: u32, c: u32);
        path_filestat_get(a: u32, b: u32, c: u32, d: u32, e: u32);
        path_filestat_set_times(a: u32, b: u32, c: u32, d: u32, e: i64, f: i64, g: u32);
        path_link(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32);
        path_open(a: u32, b: u32, c: u32, d: u32, e: u32, f: i64, g: i64, h: u32, i: u32);
        path_readlink(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
        path_remove_directory(a: u32, b: u32, c: u32);
        path_rename(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
        path_symlink(a: u32, b: u32, c: u32, d: u32, e: u32);
        path_unlink_file(a: u32, b: u32, c: u32);
        poll_oneoff(a: u32, b: u32, c: u32, d: u32);
        random_get(a: u32, b: u32);
        sched_yield();
        sock_accept(a: u32, b: u32, c: u32);
        sock_recv(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
        sock_send(a: u32, b: u32, c: u32, d: u32, e: u32);
        sock_shutdown(a: u32, b: u32);
    }
    linker.func_wrap("wasi_snapshot_preview1", "proc_exit", |code: i32| -> wasmtime::Result<()> {
        Err(wasmtime::Error::new(Exit(code)))
    })?;
    linker.func_wrap(
        "host",
        "call",
        |mut caller: Caller<'_, Host>, at: u32, len: u32, out: u32, out_len: u32| -> i32 {
            let code = with_guest(&mut caller, |host, mem| call(host, mem, at, len, out, out_len));
            if code == 0 { 0 } else { -1 }
        },
    )?;
    Ok(linker)
}
