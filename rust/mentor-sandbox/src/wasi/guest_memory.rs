//! Bounds-checked access to the guest's memory. Every address and length is the guest's choice, and this is the
//! only place that computes with them: sums are made in 64 bits, so none wraps around.

use super::errno::{Errno, Result};

/// The guest's memory for the length of one host call.
pub(crate) struct GuestMemory<'a>(&'a mut [u8]);

/// A range of guest memory that was found to be inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Buffer {
    start: usize,
    len: usize,
}

impl Buffer {
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

/// Most iovecs in one call (Linux's `IOV_MAX`).
const MAX_IOVECS: u32 = 1024;
const IOVEC: usize = 8;

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(memory: &'a mut [u8]) -> Self {
        Self(memory)
    }

    /// The buffer of so many items of a size.
    pub(crate) fn array(&self, at: u32, count: u32, size: usize) -> Result<Buffer> {
        let (start, len) = (u64::from(at), u64::from(count) * size as u64);
        if start + len > self.0.len() as u64 {
            return Err(Errno::Fault);
        }
        Ok(Buffer { start: start as usize, len: len as usize })
    }

    pub(crate) fn buffer(&self, at: u32, len: u32) -> Result<Buffer> {
        self.array(at, len, 1)
    }

    /// Checks that a result of a fixed size can be stored, before a call has any effect.
    pub(crate) fn check(&self, at: u32, size: usize) -> Result<()> {
        self.array(at, 1, size).map(drop)
    }

    /// A buffer's bytes; none if the memory were smaller than when it was checked.
    pub(crate) fn bytes(&self, buffer: Buffer) -> &[u8] {
        self.0.get(buffer.start..buffer.start + buffer.len).unwrap_or_default()
    }

    pub(crate) fn bytes_mut(&mut self, buffer: Buffer) -> &mut [u8] {
        self.0.get_mut(buffer.start..buffer.start + buffer.len).unwrap_or_default()
    }

    pub(crate) fn slice(&self, at: u32, len: u32) -> Result<&[u8]> {
        Ok(self.bytes(self.buffer(at, len)?))
    }

    pub(crate) fn text(&self, at: u32, len: u32) -> Result<&str> {
        std::str::from_utf8(self.slice(at, len)?).map_err(|_| Errno::IllegalText)
    }

    pub(crate) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        let buffer = self.buffer(at, len)?;
        self.bytes_mut(buffer).copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn write_u32(&mut self, at: u32, value: u32) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, at: u32, value: u64) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    /// The buffers of a scatter or gather call, all checked before any is used. They may overlap each other and
    /// their own list; together they hold at most what the call can count.
    pub(crate) fn buffers(&self, at: u32, count: u32) -> Result<Vec<Buffer>> {
        if count > MAX_IOVECS {
            return Err(Errno::Invalid);
        }
        let list = self.bytes(self.array(at, count, IOVEC)?);
        let (mut buffers, mut total) = (Vec::with_capacity(count as usize), 0u64);
        for iovec in list.chunks_exact(IOVEC) {
            let buffer = self.buffer(u32_at(iovec, 0), u32_at(iovec, 4))?;
            total += buffer.len as u64;
            buffers.push(buffer);
        }
        if total > i32::MAX as u64 { Err(Errno::Invalid) } else { Ok(buffers) }
    }
}

/// A number in a structure that the guest filled; 0 beyond its end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_inside_or_refused() {
        let mut bytes = [1u8; 64];
        let mut mem = GuestMemory::new(&mut bytes);
        for (at, len, inside) in [
            (0, 64, true),
            (64, 0, true),
            (63, 1, true),
            (64, 1, false),
            (65, 0, false),
            (0, u32::MAX, false),
            (u32::MAX, 1, false),
            (u32::MAX, u32::MAX, false),
            (32, u32::MAX - 31, false),
        ] {
            assert_eq!(mem.slice(at, len).is_ok(), inside, "{at} {len}");
        }
        assert_eq!(mem.array(0, 0x2000_0001, 8).err(), Some(Errno::Fault));
        assert_eq!(mem.write_u32(61, 7), Err(Errno::Fault));
        assert_eq!(mem.slice(56, 8).unwrap(), [1; 8]);
        mem.write_u64(56, u64::MAX).unwrap();
        assert_eq!(mem.slice(56, 8).unwrap(), [255; 8]);
    }

    #[test]
    fn iovecs_may_overlap_but_not_leave_the_memory() {
        let mut bytes = [0u8; 64];
        let mut mem = GuestMemory::new(&mut bytes);
        mem.write(0, &[0, 0, 0, 0, 64, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0]).unwrap();
        let buffers = mem.buffers(0, 2).unwrap();
        assert_eq!(buffers, [Buffer { start: 0, len: 64 }, Buffer { start: 8, len: 4 }]);
        assert!(mem.buffers(u32::MAX, 0).is_err() && mem.buffers(64, 0).unwrap().is_empty());
        assert_eq!(mem.buffers(0, 1025), Err(Errno::Invalid));
        assert_eq!(mem.buffers(60, 1), Err(Errno::Fault));
        mem.write_u32(12, u32::MAX).unwrap();
        assert_eq!(mem.buffers(0, 2), Err(Errno::Fault));
    }
}
