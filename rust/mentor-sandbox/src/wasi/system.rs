//! The functions that have little to say here: arguments, environment, randomness, signals, sockets.

#![expect(clippy::unnecessary_wraps, clippy::too_many_arguments, reason = "WASI decides the signatures")]

use super::errno::{Errno, Result};
use super::guest_memory::GuestMemory;
use super::host::Host;

type Mem<'a, 'b> = &'a mut GuestMemory<'b>;

/// There are neither arguments nor an environment.
pub(crate) fn nothing_get(_: &mut Host, _: Mem, _list: u32, _buffer: u32) -> Result<()> {
    Ok(())
}

pub(crate) fn nothing_sizes_get(_: &mut Host, mem: Mem, count: u32, size: u32) -> Result<()> {
    mem.check(size, 4)?;
    mem.write_u32(count, 0)?;
    mem.write_u32(size, 0)
}

pub(crate) fn random_get(host: &mut Host, mem: Mem, at: u32, len: u32) -> Result<()> {
    let target = mem.buffer(at, len)?;
    host.charge_bytes(target.len())?;
    host.random.fill(mem.bytes_mut(target));
    Ok(())
}

pub(crate) fn sched_yield(_: &mut Host, _: Mem) -> Result<()> {
    Ok(())
}

pub(crate) fn proc_raise(_: &mut Host, _: Mem, _signal: u32) -> Result<()> {
    Err(Errno::NotSupported)
}

/// No descriptor is a socket.
fn not_a_socket(host: &Host, fd: u32) -> Result<()> {
    host.files.get(fd)?;
    Err(Errno::NotSocket)
}

pub(crate) fn sock_accept(host: &mut Host, _: Mem, fd: u32, _: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_recv(
    host: &mut Host,
    _: Mem,
    fd: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
    _: u32,
) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_send(host: &mut Host, _: Mem, fd: u32, _: u32, _: u32, _: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}

pub(crate) fn sock_shutdown(host: &mut Host, _: Mem, fd: u32, _: u32) -> Result<()> {
    not_a_socket(host, fd)
}
