//! A batch over all cores, in order; small batches stay on the caller's thread.
//!
//! The crate has a thread pool of its own, made on first use, with as many threads as rayon's default
//! (`RAYON_NUM_THREADS` or the number of cores). A process that was forked off has none of its parent's threads, so
//! it makes its own pool.

use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

/// Below this many bytes of input a batch is not worth handing over.
const PARALLEL_BYTES: usize = 32 << 10;

static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// `f` of every item, in order. `weight` is the batch's size in bytes of input.
pub fn map<T: Sync, R: Send>(items: &[T], weight: usize, f: impl Fn(usize, &T) -> R + Sync + Send) -> Vec<R> {
    let alone = items.len() < 2 || weight < PARALLEL_BYTES;
    // One thread is the caller's: handing over to another would only wait for it to be scheduled.
    let pool = if alone { None } else { pool().filter(|pool| pool.current_num_threads() > 1) };
    map_on(pool.as_deref(), items, f)
}

/// `f` of every item, in order, on a pool's threads or on the caller's.
pub(crate) fn map_on<T: Sync, R: Send>(
    pool: Option<&ThreadPool>,
    items: &[T],
    f: impl Fn(usize, &T) -> R + Sync + Send,
) -> Vec<R> {
    match pool {
        Some(pool) => pool.install(|| items.par_iter().enumerate().map(|(row, item)| f(row, item)).collect()),
        None => items.iter().enumerate().map(|(row, item)| f(row, item)).collect(),
    }
}

/// The pool of this process; nothing if another thread is about to make it, or the system gives no threads.
fn pool() -> Option<Arc<ThreadPool>> {
    let mut place = match POOL.try_lock() {
        Ok(place) => place,
        Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
        // Waiting could be for ever: the thread that held the lock may not exist in a forked process.
        Err(TryLockError::WouldBlock) => return None,
    };
    let process = std::process::id();
    if let Some((owner, pool)) = &*place
        && *owner == process
    {
        return Some(Arc::clone(pool));
    }
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().build().ok()?);
    if let Some(inherited) = place.replace((process, Arc::clone(&pool))) {
        // Dropping it would wait for threads that this process does not have.
        std::mem::forget(inherited);
    }
    Some(pool)
}

#[cfg(test)]
mod tests {
    #[test]
    fn order_is_kept() {
        let items: Vec<usize> = (0..1_000).collect();
        for weight in [0, usize::MAX] {
            let rows = super::map(&items, weight, |row, item| (row, *item * 2));
            assert!(rows.iter().enumerate().all(|(place, row)| *row == (place, place * 2)));
        }
    }
}
