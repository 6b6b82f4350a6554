//! A memory as few bytes: its pages that are not zero, in chunks, compressed.
//!
//! A chunk is the count of its pages, for each the count of zero pages before it, and their content as an LZ4
//! block with its length. LZ4, since unpacking is on the way of every start: it takes as long as copying.

use lz4_flex::block;

use crate::wire::{Malformed, Reader, put_bytes, put_number};

const PAGE: usize = 4096;
/// Pages in a chunk: four of LZ4's windows.
const CHUNK: usize = 64;

/// Appends a memory of whole pages.
pub(crate) fn put(out: &mut Vec<u8>, memory: &[u8]) {
    let pages = memory.as_chunks::<PAGE>().0;
    let filled: Vec<usize> = (0..pages.len()).filter(|&index| pages[index] != [0; PAGE]).collect();
    let mut next = 0;
    for chunk in filled.chunks(CHUNK) {
        put_number(out, chunk.len() as u64);
        let mut content = Vec::with_capacity(chunk.len() * PAGE);
        for &index in chunk {
            put_number(out, (index - next) as u64);
            content.extend_from_slice(&pages[index]);
            next = index + 1;
        }
        put_bytes(out, &block::compress(&content));
    }
}

/// Unpacks all that is left to read into a memory that is zero.
pub(crate) fn read(reader: &mut Reader, memory: &mut [u8]) -> Result<(), Malformed> {
    let pages = memory.as_chunks_mut::<PAGE>().0;
    let mut content = vec![0; CHUNK * PAGE];
    let mut next = 0;
    while !reader.is_empty() {
        let count = reader.number(CHUNK as u64)? as usize;
        let mut chunk = [0; CHUNK];
        for index in &mut chunk[..count] {
            *index = next + reader.number(pages.len() as u64)? as usize;
            next = *index + 1;
        }
        if next > pages.len() {
            return reader.bad("a page outside the memory");
        }
        let content = &mut content[..count * PAGE];
        if !block::decompress_into(reader.bytes()?, content).is_ok_and(|len| len == content.len()) {
            return reader.bad("pages that cannot be unpacked");
        }
        for (&index, page) in chunk.iter().zip(content.as_chunks::<PAGE>().0) {
            pages[index].copy_from_slice(page);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Vec<u8> {
        let mut memory = vec![0; 100 * PAGE];
        for page in (0..100).filter(|page| page % 3 != 1) {
            memory[page * PAGE + page] = 1 + (page % 200) as u8;
        }
        memory
    }

    #[test]
    fn a_memory_comes_back() {
        for memory in [memory(), vec![0; 5 * PAGE], Vec::new()] {
            let mut packed = Vec::new();
            put(&mut packed, &memory);
            assert!(packed.len() < 10_000, "{}", packed.len());
            let mut unpacked = vec![0; memory.len()];
            read(&mut Reader::new(&packed), &mut unpacked).unwrap();
            assert!(unpacked == memory);
        }
    }

    #[test]
    fn malformed_bytes_are_refused_or_stay_inside() {
        let mut packed = Vec::new();
        put(&mut packed, &memory());
        let mut target = vec![0; 100 * PAGE];
        for cut in 1..packed.len() {
            // Whole chunks are a memory too.
            let _ = read(&mut Reader::new(&packed[..cut]), &mut target);
        }
        for at in (0..packed.len()).step_by(3) {
            for bit in [0, 3, 7] {
                packed[at] ^= 1 << bit;
                let _ = read(&mut Reader::new(&packed), &mut target);
                packed[at] ^= 1 << bit;
            }
        }
        let outside = read(&mut Reader::new(&packed), &mut target[..40 * PAGE]).unwrap_err();
        assert_eq!(outside.what, "a page outside the memory");
    }
}
