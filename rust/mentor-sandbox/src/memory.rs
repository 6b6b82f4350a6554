//! A guest's linear memory, mapped by us: it can be written back, compared with an image and shrunk again.
//!
//! Wasmtime asks [`Creator`] for a memory while it instantiates; the maker of the instance takes the handle
//! with [`Memory::take_last`]. The mapping reserves the whole 32-bit address space and guard, so its base never
//! moves; only the accessible size changes.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::barrier::{Barrier, PAGE};

/// How memory is put back after a job. Both give identical results; the choice is made once at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restore {
    /// A write barrier by page protection knows what was written (Linux).
    Barrier,
    /// Every page is compared with the image: slower, works everywhere.
    Compare,
}

impl Restore {
    /// Every way, in the order of their discriminants.
    pub const ALL: &[Self] = &[Self::Barrier, Self::Compare];

    /// The fastest way that works on this system.
    #[must_use]
    pub fn best() -> Self {
        // SAFETY: sysconf reads a constant.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        // On macOS Wasmtime handles faults by Mach ports, which do not reach a store's handler.
        if cfg!(target_os = "linux") && usize::try_from(page) == Ok(PAGE) {
            Self::Barrier
        } else {
            Self::Compare
        }
    }

    /// The way's name in diagnostics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Barrier => "barrier",
            Self::Compare => "compare",
        }
    }
}

/// One mapping: `[base, base + size)` is accessible, the rest of the reservation and the guard is not.
struct Mapping {
    base: *mut u8,
    reserved: usize,
    mapped: usize,
    size: AtomicUsize,
}

// SAFETY: the mapping is plain memory owned by this value; the pointer is only dereferenced by the one
// instance that it belongs to, and Wasmtime's contract for `LinearMemory` asks for Send + Sync handles.
unsafe impl Send for Mapping {}
// SAFETY: as above; `size` is atomic and every other field is constant.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(minimum: usize, reserved: usize, guard: usize) -> std::io::Result<Self> {
        let mapped = reserved + guard;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), mapped, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        let mapping = Self { base: base.cast(), reserved, mapped, size: AtomicUsize::new(0) };
        // Huge pages would be split by the barrier at once.
        #[cfg(target_os = "linux")]
        // SAFETY: advice on our own mapping.
        unsafe {
            libc::madvise(base, reserved, libc::MADV_NOHUGEPAGE);
        }
        mapping.grow(minimum)?;
        Ok(mapping)
    }

    fn grow(&self, size: usize) -> std::io::Result<()> {
        let old = self.size.load(Ordering::Relaxed);
        if size > old {
            // SAFETY: `old..size` lies within the reservation (the caller checked) and was inaccessible.
            let result = unsafe {
                libc::mprotect(self.base.add(old).cast(), size - old, libc::PROT_READ | libc::PROT_WRITE)
            };
            if result != 0 {
                return Err(std::io::Error::last_os_error());
            }
        }
        self.size.store(size, Ordering::Relaxed);
        Ok(())
    }

    /// Gives the memory above `size` back: it is inaccessible and reads zero when grown again.
    fn shrink(&self, size: usize) -> std::io::Result<()> {
        let old = self.size.load(Ordering::Relaxed);
        if size >= old {
            return Ok(());
        }
        // SAFETY: the range is our own and no job runs, so nothing refers to it; MADV_DONTNEED on a private
        // anonymous mapping makes it zero.
        let failed = unsafe {
            let start = self.base.add(size).cast();
            libc::madvise(start, old - size, libc::MADV_DONTNEED) != 0
                || libc::mprotect(start, old - size, libc::PROT_NONE) != 0
        };
        if failed {
            return Err(std::io::Error::last_os_error());
        }
        self.size.store(size, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and this is its last handle.
        unsafe { libc::munmap(self.base.cast(), self.mapped) };
    }
}

struct Linear(Arc<Mapping>);

// SAFETY: base and capacity are constant for the life of the value; `byte_size` bytes from the base are
// accessible to the guest (the barrier's closed pages become so on the first store); what is added by `grow_to`
// is zero: it is either fresh from the kernel or was given back by MADV_DONTNEED.
unsafe impl LinearMemory for Linear {
    fn byte_size(&self) -> usize {
        self.0.size.load(Ordering::Relaxed)
    }
    fn byte_capacity(&self) -> usize {
        self.0.reserved
    }
    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        self.0.grow(new_size).map_err(Into::into)
    }
    fn as_ptr(&self) -> *mut u8 {
        self.0.base
    }
}

thread_local! {
    /// The mapping made by the latest instantiation on this thread.
    static LAST: RefCell<Option<Arc<Mapping>>> = const { RefCell::new(None) };
}

/// Makes the memories of all instances.
pub(crate) struct Creator;

// SAFETY: `new_memory` returns a memory of at least the asked reservation and guard, zero-filled.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let reserved = reserved.unwrap_or(4 << 30).max(minimum);
        let mapping = Mapping::new(minimum, reserved, guard).map_err(|e| e.to_string())?;
        let mapping = Arc::new(mapping);
        LAST.with_borrow_mut(|last| *last = Some(mapping.clone()));
        Ok(Box::new(Linear(mapping)))
    }
}

/// The host's view of one instance's memory, between its jobs.
pub(crate) struct Memory {
    mapping: Arc<Mapping>,
    barrier: Option<Arc<Barrier>>,
    image_len: usize,
    /// How often all open pages were closed again.
    pub(crate) sweeps: u64,
}

/// Beyond this many open pages all are closed again: copying them back would cost more than learning anew.
const SWEEP: usize = 2048;

impl Memory {
    /// The memory of the instance just made on this thread.
    pub(crate) fn take_last() -> Option<Self> {
        let mapping = LAST.with_borrow_mut(Option::take)?;
        let image_len = mapping.size.load(Ordering::Relaxed);
        Some(Self { mapping, barrier: None, image_len, sweeps: 0 })
    }

    pub(crate) fn len(&self) -> usize {
        self.mapping.size.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes from the base are readable, and the guest, the only writer, is not running:
        // jobs borrow the instance mutably.
        unsafe { std::slice::from_raw_parts(self.mapping.base, self.len()) }
    }

    /// Bytes of the memory to write, opened for it where a barrier is up.
    pub(crate) fn writable(&mut self, start: usize, len: usize) -> &mut [u8] {
        assert!(start + len <= self.len(), "a write outside the guest's memory");
        if let Some(barrier) = &self.barrier {
            barrier.open_range(start, len);
        }
        // SAFETY: in bounds (asserted), writable (opened above), and exclusively borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.mapping.base.add(start), len) }
    }

    /// Makes the memory as long as a state needs it. The new part reads zero.
    pub(crate) fn extend(&self, size: usize) -> std::io::Result<()> {
        if size > self.mapping.reserved {
            return Err(std::io::Error::other("a state larger than the address space"));
        }
        if size > self.len() { self.mapping.grow(size) } else { Ok(()) }
    }

    /// From now on the memory's content is `image`, and what differs from it is known.
    pub(crate) fn arm(
        &mut self,
        image_len: usize,
        restore: Restore,
    ) -> std::io::Result<Option<Arc<Barrier>>> {
        self.image_len = image_len;
        if restore == Restore::Compare {
            return Ok(None);
        }
        let barrier = Arc::new(Barrier::new(self.mapping.base, image_len));
        barrier.close_all()?;
        self.barrier = Some(barrier.clone());
        Ok(Some(barrier))
    }

    /// The pages, by index, that may differ from the image: the open ones or those found by comparing, and
    /// every page above the image.
    pub(crate) fn touched(&self, image: &[u8]) -> Vec<usize> {
        let mut pages: Vec<usize> = if let Some(barrier) = &self.barrier {
            barrier.pages().collect()
        } else {
            let pairs = self.bytes().chunks(PAGE).zip(image.chunks(PAGE));
            pairs.enumerate().filter(|(_, (now, then))| now != then).map(|(page, _)| page).collect()
        };
        pages.sort_unstable();
        pages.extend(self.image_len / PAGE..self.len() / PAGE);
        pages
    }

    /// Puts the image back; returns how many pages were copied. Memory above the image is given back.
    pub(crate) fn restore(&mut self, image: &[u8]) -> std::io::Result<usize> {
        self.mapping.shrink(self.image_len)?;
        let Some(barrier) = self.barrier.clone() else {
            let pages = self.touched(image);
            for page in &pages {
                self.copy_page(*page, image);
            }
            return Ok(pages.len());
        };
        let count = barrier.count();
        for page in barrier.pages() {
            self.copy_page(page, image);
        }
        if count > SWEEP {
            barrier.close_all()?;
            self.sweeps += 1;
        }
        Ok(count)
    }

    fn copy_page(&mut self, page: usize, image: &[u8]) {
        let at = page * PAGE;
        // SAFETY: the page is within the image's length and writable: it is open, or there is no barrier.
        let target = unsafe { std::slice::from_raw_parts_mut(self.mapping.base.add(at), PAGE) };
        target.copy_from_slice(&image[at..at + PAGE]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(pages: usize) -> Memory {
        let mapping = Arc::new(Mapping::new(pages * PAGE, 1 << 20, 1 << 16).unwrap());
        Memory { image_len: pages * PAGE, mapping, barrier: None, sweeps: 0 }
    }

    #[test]
    fn a_write_is_noted_and_put_back() {
        for restore in [Restore::Barrier, Restore::Compare] {
            let mut memory = memory(8);
            memory.writable(5 * PAGE, 3).copy_from_slice(b"img");
            let image = memory.bytes().to_vec();
            memory.arm(image.len(), restore).unwrap();
            memory.writable(2 * PAGE - 1, 2).copy_from_slice(b"ab");
            assert_eq!(memory.touched(&image), [1, 2], "{restore:?}");
            assert_eq!(memory.restore(&image).unwrap(), 2, "{restore:?}");
            assert!(memory.bytes() == image, "{restore:?}");
        }
    }

    #[test]
    fn grown_memory_is_given_back_and_reads_zero_again() {
        let mut memory = memory(2);
        let image = memory.bytes().to_vec();
        memory.arm(image.len(), Restore::Barrier).unwrap();
        for _ in 0..3 {
            memory.extend(6 * PAGE).unwrap();
            assert!(memory.bytes()[2 * PAGE..].iter().all(|&b| b == 0));
            memory.writable(3 * PAGE, 4).copy_from_slice(b"junk");
            assert_eq!(memory.touched(&image), [2, 3, 4, 5]);
            memory.restore(&image).unwrap();
            assert_eq!(memory.len(), 2 * PAGE);
        }
    }

    #[test]
    fn many_open_pages_are_closed_again() {
        let pages = SWEEP + 10;
        let mapping = Arc::new(Mapping::new(pages * PAGE, 1 << 24, 1 << 16).unwrap());
        let mut memory = Memory { image_len: pages * PAGE, mapping, barrier: None, sweeps: 0 };
        let image = memory.bytes().to_vec();
        let barrier = memory.arm(image.len(), Restore::Barrier).unwrap().unwrap();
        memory.writable(0, pages * PAGE).fill(7);
        assert_eq!(barrier.count(), pages);
        assert_eq!(memory.restore(&image).unwrap(), pages);
        assert_eq!(barrier.count(), 0);
        assert!(memory.bytes() == image);
    }
}
