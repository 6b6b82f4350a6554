//! Address space: the linear memories that Wasmtime uses, mapped by us, and the frozen bytes of images.
//!
//! Wasmtime asks [`Creator`] for a memory while it instantiates; the maker of the instance takes the handle with
//! [`take_last`]. A mapping reserves the whole 32-bit address space and a guard, so its base never moves; only the
//! accessible size changes.
//!
//! An image's bytes exist once. On Linux they are a sealed file in memory that every instance maps privately: a
//! page becomes the instance's own when it is first written, so an instance costs what its jobs write (a few MB)
//! and is made without copying.

use std::cell::RefCell;
use std::ops::Deref;
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::barrier::PAGE;

/// One mapping: `[base, base + size)` is accessible, the rest of the reservation and the guard is not.
pub(crate) struct Mapping {
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
    pub(crate) fn new(minimum: usize, reserved: usize, guard: usize) -> std::io::Result<Self> {
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

    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    pub(crate) fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    pub(crate) fn grow(&self, size: usize) -> std::io::Result<()> {
        let old = self.size();
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
    pub(crate) fn shrink(&self, size: usize) -> std::io::Result<()> {
        let old = self.size();
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

impl Mapping {
    /// Makes the memory's first bytes those of an image, which must not be larger. No job may run.
    #[cfg(target_os = "linux")]
    pub(crate) fn overlay(&self, image: &Frozen) -> std::io::Result<()> {
        debug_assert!(image.len() <= self.size());
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: replaces pages of our own mapping, which nothing borrows while no job runs, by pages of a sealed
        // file of at least that length; private, so a store never reaches the file.
        let at =
            unsafe { libc::mmap(self.base.cast(), image.len(), access, flags, image.file.as_raw_fd(), 0) };
        if at == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        // A first store while the mapping is whole: its parts can be merged again after they were split.
        // SAFETY: the byte is ours and keeps its value.
        unsafe { self.base.write_volatile(self.base.read_volatile()) };
        Ok(())
    }

    /// Makes the memory's first bytes those of an image, which must not be larger. No job may run.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn overlay(&self, image: &Frozen) -> std::io::Result<()> {
        debug_assert!(image.len() <= self.size());
        // SAFETY: within the accessible size, and nothing borrows the memory while no job runs.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), self.base, image.len()) };
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

/// The memory of the instance just made on this thread.
pub(crate) fn take_last() -> Option<Arc<Mapping>> {
    LAST.with_borrow_mut(Option::take)
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

/// The bytes of an image: written once, then read-only and shared.
#[cfg(target_os = "linux")]
pub(crate) struct Frozen {
    file: OwnedFd,
    start: *const u8,
    len: usize,
}

#[cfg(target_os = "linux")]
// SAFETY: the bytes are constant from the moment `new` returns: the file is sealed against writing.
unsafe impl Send for Frozen {}
#[cfg(target_os = "linux")]
// SAFETY: as above.
unsafe impl Sync for Frozen {}

#[cfg(target_os = "linux")]
impl Frozen {
    /// `len` bytes, zero but for what `fill` writes; what it leaves alone takes no memory.
    pub(crate) fn new<E: From<std::io::Error>>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        // SAFETY: a constant name and flags; the result is checked.
        let fd = unsafe {
            libc::memfd_create(c"mentor-image".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING)
        };
        if fd < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        // SAFETY: a descriptor just made, owned by nothing else.
        let owned = unsafe { OwnedFd::from_raw_fd(fd) };
        let check = |result: libc::c_int| {
            if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        };
        let size = libc::off_t::try_from(len).map_err(std::io::Error::other)?;
        // SAFETY: plain calls on our own descriptor.
        check(unsafe { libc::ftruncate(fd, size) })?;
        let map = |access| {
            // SAFETY: a new mapping of our own file at an address of the kernel's choice.
            let at = unsafe { libc::mmap(std::ptr::null_mut(), len, access, libc::MAP_SHARED, fd, 0) };
            if at == libc::MAP_FAILED { Err(std::io::Error::last_os_error()) } else { Ok(at.cast::<u8>()) }
        };
        let start = map(libc::PROT_READ | libc::PROT_WRITE)?;
        // SAFETY: `len` bytes just mapped for writing, borrowed by nothing else.
        let filled = fill(unsafe { std::slice::from_raw_parts_mut(start, len) });
        // SAFETY: the mapping made above; the slice is gone.
        check(unsafe { libc::munmap(start.cast(), len) })?;
        filled?;
        let seals = libc::F_SEAL_WRITE | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;
        // SAFETY: as above.
        check(unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, seals) })?;
        Ok(Self { file: owned, start: map(libc::PROT_READ)?, len })
    }
}

#[cfg(target_os = "linux")]
impl Deref for Frozen {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: mapped for reading as long as this value lives, and constant.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Frozen {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and no borrow outlives this value.
        unsafe { libc::munmap(self.start.cast_mut().cast(), self.len) };
    }
}

/// The bytes of an image: written once, then read-only and shared.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Frozen(Vec<u8>);

#[cfg(not(target_os = "linux"))]
impl Frozen {
    /// `len` bytes, zero but for what `fill` writes.
    pub(crate) fn new<E: From<std::io::Error>>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut bytes = vec![0; len];
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }
}

#[cfg(not(target_os = "linux"))]
impl Deref for Frozen {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Frozen {
    /// A copy of a memory; its zero pages take none.
    pub(crate) fn copy(bytes: &[u8]) -> std::io::Result<Self> {
        Self::new(bytes.len(), |target| {
            for (to, from) in target.chunks_mut(PAGE).zip(bytes.chunks(PAGE)) {
                if from.iter().any(|&byte| byte != 0) {
                    to.copy_from_slice(from);
                }
            }
            Ok(())
        })
    }
}
