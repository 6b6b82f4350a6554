//! Fills the holes in a guest's heap, so that what jobs allocate lies together.
//!
//! Starting an interpreter and importing modules leaves thousands of free chunks between what stays, and an allocator
//! takes the one that fits best: a job's few kilobytes of temporary objects came to lie on some thirty pages, each of
//! which had to be put back. Once every hole is taken for good, they come from the heap's end, side by side.

use crate::Error;
use crate::harness::Program;
use crate::instance::Instance;

/// The largest chunks to take: in a larger hole, what jobs allocate lies together too.
const LARGE: usize = 64 << 10;
/// Sizes above are powers of two, those below are a sixteenth apart: what is left of a hole is a smaller hole.
const FINE: usize = 4096;
/// The unit of sizes, and the smallest.
const STEP: usize = 8;
/// Free memory at the heap's end, for jobs to use before they must grow it.
const SLACK: usize = 1 << 20;

/// Takes every hole, and leaves some free memory at the heap's end. `run` runs a program in the guest, `work` is what
/// jobs do: what such a run itself holds lies in holes that are free only afterwards, so holes are taken before and
/// after it.
pub(crate) fn fill(
    guest: &mut Instance,
    run: impl Fn(&mut Instance, &Program) -> Result<(), Error>,
    work: &[Program],
) -> Result<(), Error> {
    let end = end(guest)?;
    take_below(guest, end)?;
    work.iter().try_for_each(|program| run(guest, program))?;
    take_below(guest, end)?;
    run(guest, &Program::Source(format!("len(bytearray({SLACK}))").into()))
}

/// Takes large chunks until one lies at the end of the heap; returns where.
fn end(guest: &mut Instance) -> Result<usize, Error> {
    let size = guest.size();
    loop {
        let at = guest.allocate(LARGE)?;
        if guest.size() > size {
            return Ok(at);
        }
    }
}

/// Takes what is free below an address: the largest chunks first, of each size until there are none.
fn take_below(guest: &mut Instance, end: usize) -> Result<(), Error> {
    let smaller = |size: &usize| {
        let less = if *size > FINE { size / 2 } else { (size / 16).next_multiple_of(STEP) };
        Some(size - less.max(STEP))
    };
    for size in std::iter::successors(Some(LARGE), smaller).take_while(|size| *size > 0) {
        while guest.allocate(size)? < end {}
    }
    Ok(())
}
