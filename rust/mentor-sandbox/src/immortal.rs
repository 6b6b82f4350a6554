//! Objects that are never freed need no count of references.
//!
//! Counting references is writing: a job that does nothing changed counts on some fifty pages all over memory, and
//! each of them had to be looked at afterwards. CPython leaves the count of an object alone that has a certain value
//! (PEP 683, "immortal"), as it does with its own singletons. So before the prelude runs, everything that the
//! interpreter and the harness are made of gets that value: it lives as long as the guest anyway. What the prelude and
//! programs make is counted and freed as ever.

use crate::harness::Program;
use crate::instance::Instance;
use crate::outcome::{Outcome, Status};
use crate::{Error, Limits};

/// Defines `_reactor._find`, which names objects by their addresses until there are no more.
pub(crate) const FINDER: &str = include_str!("harness/immortals.py");
const NEXT: &str = "__import__('_reactor')._find()";
const DONE: &str = "del __import__('_reactor')._find";

/// An immortal object's count (CPython 3.15, `Include/refcount.h`, `_Py_IMMORTAL_INITIAL_REFCNT` where pointers have
/// 32 bits). It is an object's first word.
const COUNT: u32 = 5 << 28;

/// Makes every object of a guest immortal.
pub(crate) fn make_all(guest: &mut Instance, limits: &Limits) -> Result<(), Error> {
    let run = |guest: &mut Instance, source: &str| -> Result<Outcome, Error> {
        let outcome = guest.run_bare(&Program::Source(source.into()), 0, limits)?;
        if outcome.status == Status::Ok {
            return Ok(outcome);
        }
        let error = outcome.error.unwrap_or_default();
        Err(Error::Guest(format!("its objects could not be listed: {}: {}", error.kind, error.message)))
    };
    run(guest, FINDER)?;
    loop {
        let found = run(guest, NEXT)?.value.unwrap_or_default();
        let found: Vec<u32> = serde_json::from_str(&found)
            .map_err(|e| Error::Guest(format!("its list of objects is none: {e}")))?;
        if found.is_empty() {
            break;
        }
        for address in found {
            guest.write(address as usize, &COUNT.to_le_bytes())?;
        }
    }
    run(guest, DONE)?;
    Ok(())
}
