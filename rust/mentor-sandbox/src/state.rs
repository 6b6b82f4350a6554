//! A state: what differs from the image after a job, as a value.
//!
//! Some 7 kB for a small step: the 64-byte lines of memory that differ, and the host's half (files, open
//! descriptors, the virtual clock). Using one twice is forking; dropping it frees it.

use std::sync::Arc;

use crate::image::SharedImage;
use crate::wasi::Files;

/// The unit in which differences are kept.
pub(crate) const LINE: usize = 64;

/// The memory and files of a guest at rest, relative to its image. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) image: SharedImage,
    pub(crate) inner: Arc<Inner>,
}

/// Equal where every later run would be: same image, same differences, same files.
#[derive(PartialEq, Eq)]
pub(crate) struct Inner {
    /// The memory's size in bytes.
    pub size: usize,
    /// Index of each differing line, ascending.
    pub lines: Vec<u32>,
    /// Their content, `LINE` bytes each.
    pub content: Vec<u8>,
    pub files: Files,
}

impl State {
    /// The image itself.
    pub(crate) fn initial(image: SharedImage) -> Self {
        let (size, files) = (image.bytes.len(), image.files.clone());
        let inner = Inner { size, lines: Vec::new(), content: Vec::new(), files };
        Self { image, inner: Arc::new(inner) }
    }

    /// The identity of the image that this state belongs to.
    #[must_use]
    pub fn image_id(&self) -> &str {
        &self.image.id
    }

    /// Bytes that this state takes, the files' content aside.
    #[must_use]
    pub fn size(&self) -> usize {
        self.inner.content.len() + self.inner.lines.len() * size_of::<u32>()
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.image.id == other.image.id
            && (Arc::ptr_eq(&self.inner, &other.inner) || self.inner == other.inner)
    }
}

impl Eq for State {}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State(image {}, {} lines)", self.image.id, self.inner.lines.len())
    }
}

/// The lines of the given pages that differ from the image; above the image, those that are not zero.
pub(crate) fn difference(memory: &[u8], image: &[u8], pages: &[usize], page: usize) -> (Vec<u32>, Vec<u8>) {
    let zero = [0u8; LINE];
    let (mut lines, mut content) = (Vec::new(), Vec::new());
    for start in pages.iter().map(|index| index * page) {
        for at in (start..start + page).step_by(LINE) {
            let now = &memory[at..at + LINE];
            let then = image.get(at..at + LINE).unwrap_or(&zero);
            if now != then {
                lines.push((at / LINE) as u32);
                content.extend_from_slice(now);
            }
        }
    }
    (lines, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_kept() {
        let image = vec![1u8; 2 * 4096];
        let mut memory = image.clone();
        memory.resize(3 * 4096, 0);
        memory[4096 + 70] = 9;
        memory[2 * 4096] = 5;
        let (lines, content) = difference(&memory, &image, &[0, 1, 2], 4096);
        assert_eq!(lines, [65, 128]);
        assert_eq!(content.len(), 2 * LINE);
        assert_eq!((content[6], content[LINE]), (9, 5));
    }
}
