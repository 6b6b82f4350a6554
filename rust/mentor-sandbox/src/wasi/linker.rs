//! Every function that a guest may import, by name, and what surrounds each call: the guest's memory and its fuel.

use wasmtime::{Caller, Engine, Linker, Trap};

use super::errno::{Errno, Result};
use super::guest_memory::GuestMemory;
use super::host::{Exit, Host};
use super::{door, fd, io, path, poll, system};

/// Runs one function for the guest. An error is a trap: the work costs more fuel than the guest has left.
pub(super) fn enter(
    caller: &mut Caller<'_, Host>,
    function: impl FnOnce(&mut Host, &mut GuestMemory) -> Result<()>,
) -> wasmtime::Result<i32> {
    let Some(memory) = caller.data().memory else {
        return Ok(Errno::NoSys as i32);
    };
    let left = caller.get_fuel()?;
    let (bytes, host) = memory.data_and_store_mut(&mut *caller);
    host.enter(left);
    let result = function(host, &mut GuestMemory::new(bytes));
    let cost = host.cost();
    if cost > 0 {
        caller.set_fuel(left.saturating_sub(cost))?;
    }
    match result {
        _ if cost > left => Err(Trap::OutOfFuel.into()),
        Ok(()) => Ok(0),
        Err(errno) => Ok(errno as i32),
    }
}

/// Lists the functions: `name = function(arguments)`, one list for the linker and for the tests.
macro_rules! functions {
    ($use:ident) => {
        $use! {
            args_get = system::nothing_get(a: u32, b: u32);
            args_sizes_get = system::nothing_sizes_get(a: u32, b: u32);
            clock_res_get = poll::clock_res_get(a: u32, b: u32);
            clock_time_get = poll::clock_time_get(a: u32, b: i64, c: u32);
            environ_get = system::nothing_get(a: u32, b: u32);
            environ_sizes_get = system::nothing_sizes_get(a: u32, b: u32);
            fd_advise = io::advise(a: u32, b: u64, c: u64, d: u32);
            fd_allocate = io::allocate(a: u32, b: u64, c: u64);
            fd_close = fd::close(a: u32);
            fd_datasync = io::sync(a: u32);
            fd_fdstat_get = fd::fdstat_get(a: u32, b: u32);
            fd_fdstat_set_flags = fd::fdstat_set_flags(a: u32, b: u32);
            fd_fdstat_set_rights = fd::fdstat_set_rights(a: u32, b: u64, c: u64);
            fd_filestat_get = fd::filestat_get(a: u32, b: u32);
            fd_filestat_set_size = io::filestat_set_size(a: u32, b: u64);
            fd_filestat_set_times = fd::filestat_set_times(a: u32, b: u64, c: u64, d: u32);
            fd_pread = io::pread(a: u32, b: u32, c: u32, d: u64, e: u32);
            fd_prestat_dir_name = fd::prestat_dir_name(a: u32, b: u32, c: u32);
            fd_prestat_get = fd::prestat_get(a: u32, b: u32);
            fd_pwrite = io::pwrite(a: u32, b: u32, c: u32, d: u64, e: u32);
            fd_read = io::read(a: u32, b: u32, c: u32, d: u32);
            fd_readdir = fd::readdir(a: u32, b: u32, c: u32, d: u64, e: u32);
            fd_renumber = fd::renumber(a: u32, b: u32);
            fd_seek = io::seek(a: u32, b: i64, c: u32, d: u32);
            fd_sync = io::sync(a: u32);
            fd_tell = io::tell(a: u32, b: u32);
            fd_write = io::write(a: u32, b: u32, c: u32, d: u32);
            path_create_directory = path::create_directory(a: u32, b: u32, c: u32);
            path_filestat_get = path::filestat_get(a: u32, b: u32, c: u32, d: u32, e: u32);
            path_filestat_set_times =
                path::filestat_set_times(a: u32, b: u32, c: u32, d: u32, e: u64, f: u64, g: u32);
            path_link = path::link(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32);
            path_open = path::open(a: u32, b: u32, c: u32, d: u32, e: u32, f: u64, g: u64, h: u32, i: u32);
            path_readlink = path::readlink(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
            path_remove_directory = path::remove_directory(a: u32, b: u32, c: u32);
            path_rename = path::rename(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
            path_symlink = path::symlink(a: u32, b: u32, c: u32, d: u32, e: u32);
            path_unlink_file = path::unlink_file(a: u32, b: u32, c: u32);
            poll_oneoff = poll::poll_oneoff(a: u32, b: u32, c: u32, d: u32);
            proc_raise = system::proc_raise(a: u32);
            random_get = system::random_get(a: u32, b: u32);
            sched_yield = system::sched_yield();
            sock_accept = system::sock_accept(a: u32, b: u32, c: u32);
            sock_recv = system::sock_recv(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32);
            sock_send = system::sock_send(a: u32, b: u32, c: u32, d: u32, e: u32);
            sock_shutdown = system::sock_shutdown(a: u32, b: u32);
        }
    };
}

#[cfg(test)]
pub(crate) use functions;

/// All of `wasi_snapshot_preview1`, and `host.call`.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker: Linker<Host> = Linker::new(engine);
    macro_rules! link {
        ($($name:ident = $module:ident::$function:ident($($arg:ident: $ty:ty),*);)*) => {$(
            linker.func_wrap(
                "wasi_snapshot_preview1",
                stringify!($name),
                |mut caller: Caller<'_, Host>, $($arg: $ty),*| {
                    enter(&mut caller, |host, mem| $module::$function(host, mem, $($arg),*))
                },
            )?;
        )*};
    }
    functions!(link);
    linker.func_wrap("wasi_snapshot_preview1", "proc_exit", |code: i32| -> wasmtime::Result<()> {
        Err(wasmtime::Error::new(Exit(code)))
    })?;
    linker.func_wrap(
        "host",
        "call",
        |mut caller: Caller<'_, Host>, at: u32, len: u32, out: u32, out_len: u32| {
            door::call(&mut caller, at, len, out, out_len)
        },
    )?;
    Ok(linker)
}
