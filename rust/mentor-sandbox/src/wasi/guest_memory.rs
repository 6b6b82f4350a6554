//! Bounds-checked access to the guest's memory: every address and length is the guest's choice.

use super::errno::{Errno, Result};

/// The guest's memory for the length of one host call.
pub(crate) struct GuestMemory<'a>(pub &'a mut [u8]);

/// A range of guest memory named by an iovec.
pub(crate) struct Buffer {
    pub start: usize,
    pub len: usize,
}

/// Most iovecs in one call (Linux's `IOV_MAX`).
const MAX_IOVECS: u32 = 1024;

impl GuestMemory<'_> {
    pub(crate) fn slice(&self, at: u32, len: u32) -> Result<&[u8]> {
        let (start, end) = (at as usize, at as usize + len as usize);
        self.0.get(start..end).ok_or(Errno::Fault)
    }

    pub(crate) fn slice_mut(&mut self, at: u32, len: u32) -> Result<&mut [u8]> {
        let (start, end) = (at as usize, at as usize + len as usize);
        self.0.get_mut(start..end).ok_or(Errno::Fault)
    }

    pub(crate) fn text(&self, at: u32, len: u32) -> Result<&str> {
        std::str::from_utf8(self.slice(at, len)?).map_err(|_| Errno::Invalid)
    }

    pub(crate) fn read_u64(&self, at: u32) -> Result<u64> {
        let bytes = self.slice(at, 8)?.try_into().map_err(|_| Errno::Fault)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(crate) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        self.slice_mut(at, len)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn write_u32(&mut self, at: u32, value: u32) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, at: u32, value: u64) -> Result<()> {
        self.write(at, &value.to_le_bytes())
    }

    /// The buffers of a scatter or gather call, all checked before any is used.
    pub(crate) fn buffers(&self, at: u32, count: u32) -> Result<Vec<Buffer>> {
        if count > MAX_IOVECS {
            return Err(Errno::Invalid);
        }
        let entries = self.slice(at, count * 8)?;
        let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let mut buffers = Vec::with_capacity(count as usize);
        for entry in entries.chunks_exact(8) {
            let (start, len) = (word(&entry[..4]), word(&entry[4..]));
            self.slice(start, len)?;
            buffers.push(Buffer { start: start as usize, len: len as usize });
        }
        Ok(buffers)
    }
}
