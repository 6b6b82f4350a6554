//! `host.call`: the bytes that the harness hands out, beside WASI.

use super::errno::{Errno, Result};
use super::guest_memory::GuestMemory;
use super::host::Host;

/// The largest report that is looked at, whatever the limit.
const MAX_REPORT: u64 = 64 << 20;

/// The harness's report. The latest counts; the harness sends its own after the program has ended.
pub(crate) fn call(
    host: &mut Host,
    mem: &mut GuestMemory,
    at: u32,
    len: u32,
    out: u32,
    out_len: u32,
) -> Result<()> {
    if u64::from(len) > host.limits.result.saturating_add(1).min(MAX_REPORT) {
        host.report_refused = true;
        host.report = None;
        return Err(Errno::NoSpace);
    }
    mem.check(out, 4)?;
    mem.check(out_len, 4)?;
    host.charge_bytes(len as usize)?;
    host.report = Some(mem.slice(at, len)?.to_vec());
    mem.write_u32(out, 0)?;
    mem.write_u32(out_len, 0)
}
