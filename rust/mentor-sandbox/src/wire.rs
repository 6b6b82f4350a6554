//! Bytes that may come from anywhere: how states and images are written down and read back.
//!
//! Numbers are LEB128, texts and byte strings carry their length. A reader never takes memory for a length
//! that it has not seen the bytes of, and says where and why what it was given is malformed.

use sha2::{Digest, Sha256};

/// Where reading stopped, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub(crate) struct Malformed {
    pub at: usize,
    pub what: &'static str,
}

pub(crate) type Result<T> = std::result::Result<T, Malformed>;

pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn bad<T>(&self, what: &'static str) -> Result<T> {
        Err(Malformed { at: self.at, what })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        match self.bytes[self.at..].get(..len) {
            Some(part) => {
                self.at += len;
                Ok(part)
            }
            None => self.bad("the end, too early"),
        }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// A number of at most `max`, in its shortest form.
    pub(crate) fn number(&mut self, max: u64) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift > 0 && byte == 0 || part << shift >> shift != part {
                break;
            }
            value |= part << shift;
            if byte < 0x80 {
                return if value <= max { Ok(value) } else { self.bad("a number out of range") };
            }
        }
        self.bad("a malformed number")
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.number(u64::MAX)?;
        // More than the address space holds is more than is there.
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).or_else(|_| self.bad("text that is not UTF-8"))
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { self.bad("more bytes than expected") }
    }
}

/// What follows a magic word and a version, guarded by its digest: `magic, version, digest, body`.
pub(crate) fn seal(magic: &[u8], version: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(magic.len() + 1 + 16 + body.len());
    out.extend_from_slice(magic);
    out.push(version);
    out.extend_from_slice(&digest(body));
    out.extend_from_slice(body);
    out
}

/// The body and digest of what `seal` made, once all three guards hold.
pub(crate) fn unseal<'a>(magic: &[u8], version: u8, bytes: &'a [u8]) -> Result<(&'a [u8], [u8; 16])> {
    let mut reader = Reader::new(bytes);
    if reader.take(magic.len())? != magic {
        return Err(Malformed { at: 0, what: "another kind of data" });
    }
    if reader.byte()? != version {
        return Err(Malformed { at: magic.len(), what: "another version of the format" });
    }
    let stated = reader.array()?;
    let body = &bytes[reader.at..];
    if digest(body) == stated { Ok((body, stated)) } else { reader.bad("content that its checksum denies") }
}

/// The first half of a SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(bytes)[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_in_their_shortest_form_only() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, value);
            let mut reader = Reader::new(&out);
            assert_eq!((reader.number(u64::MAX), reader.end()), (Ok(value), Ok(())));
        }
        for bytes in [&[0x80, 0][..], &[0xff; 10], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]]
        {
            assert_eq!(Reader::new(bytes).number(u64::MAX).unwrap_err().what, "a malformed number");
        }
        assert_eq!(Reader::new(&[5]).number(4).unwrap_err().to_string(), "a number out of range at byte 1");
    }

    #[test]
    fn a_length_beyond_the_end_takes_nothing() {
        let mut out = Vec::new();
        put_number(&mut out, u64::MAX);
        out.extend_from_slice(b"abc");
        assert_eq!(Reader::new(&out).bytes().unwrap_err().what, "the end, too early");
    }

    #[test]
    fn a_seal_holds_against_every_flipped_bit_and_cut() {
        let sealed = seal(b"kind", 1, b"some content");
        assert_eq!(unseal(b"kind", 1, &sealed).unwrap().0, b"some content");
        for bit in 0..sealed.len() * 8 {
            let mut broken = sealed.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(b"kind", 1, &broken).is_err(), "bit {bit}");
        }
        for cut in 0..sealed.len() {
            assert!(unseal(b"kind", 1, &sealed[..cut]).is_err(), "cut at {cut}");
        }
        assert!(unseal(b"kind", 2, &sealed).is_err());
    }
}
