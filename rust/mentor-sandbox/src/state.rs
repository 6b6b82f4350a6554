//! A state: what differs from the image after a job, as a value.
//!
//! Some kilobytes for a small step: the words of memory that differ (`delta`), and the host's half (files, open
//! descriptors, the virtual clock). It names its image and refers to nothing of it. Using one twice is forking;
//! dropping it frees it. A thousand episodes that start from one large state share it: what their states hold
//! lies over it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::delta::{Delta, Line};
use crate::image::Image;
use crate::wasi::{Changes, Files};
use crate::wire::{self, Malformed, Reader, put_bytes, put_number};

/// The first bytes of a state that was written down, and the version of what follows.
const MAGIC: &[u8] = b"mentor state";
const VERSION: u8 = 1;
/// The unit in which Wasm memories grow.
const WASM_PAGE: usize = 64 << 10;
/// Wasm's 32-bit address space, in that unit.
const MAX_WASM_PAGES: u64 = 1 << 16;
/// A state of at least so many bytes of memory is shared by those that come of it.
const SHARED: usize = 16 << 10;
/// Until what differs from it is so large a part of it.
const SHARED_UNTIL: usize = 2;

/// The memory and files of a guest at rest, relative to its image. Cheap to clone.
#[derive(Clone)]
pub struct State {
    image: Arc<str>,
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// The memory's size in bytes.
    pub size: usize,
    /// What lies over `base`: over the image where there is none.
    memory: Arc<Delta>,
    base: Option<Arc<Delta>>,
    pub files: Changes,
    digest: OnceLock<[u8; 16]>,
    /// Whether it is known to fit its image: it came from a guest, or `fits` looked.
    fits: AtomicBool,
}

/// What a job did to memory.
pub(crate) struct Change {
    /// The lines that it changed, over the state that it started from or over the image.
    pub lines: Delta,
    pub over_start: bool,
    /// The memory's size in bytes.
    pub size: usize,
}

impl Inner {
    /// The lines of memory that differ from the image.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.memory.lines_over(self.base.iter().flat_map(|base| base.lines()))
    }

    /// The same differences over nothing; None where they lie over nothing already.
    fn flattened(&self) -> Option<Delta> {
        self.base.as_ref().map(|_| Delta::of(self.lines()))
    }
}

impl State {
    /// The image itself.
    pub(crate) fn initial(image: &Image) -> Self {
        let (memory, files) = (Delta::default(), image.files.changes(&image.files, None));
        Self::new(image, image.bytes.len(), (memory, None), files)
    }

    /// What a guest holds after a job that ran from `start`.
    pub(crate) fn capture(image: &Image, start: Option<&Self>, change: &Change, files: &Files) -> Self {
        let start = start.map(|start| &*start.inner);
        let files = files.changes(&image.files, start.map(|start| &start.files));
        let shared = start.map(|start| start.base.as_ref().unwrap_or(&start.memory));
        let shared = shared.filter(|base| base.bytes().len() >= SHARED);
        let below = start.filter(|_| change.over_start);
        let lines = || change.lines.lines_over(below.into_iter().flat_map(Inner::lines));
        let over = shared.and_then(|base| {
            let over = Delta::over(lines(), base);
            (over.bytes().len() <= base.bytes().len() / SHARED_UNTIL).then(|| (over, Some(base.clone())))
        });
        let parts = over.unwrap_or_else(|| (Delta::of(lines()), None));
        Self::new(image, change.size, parts, files)
    }

    fn new(image: &Image, size: usize, parts: (Delta, Option<Arc<Delta>>), files: Changes) -> Self {
        let (memory, base) = (Arc::new(parts.0), parts.1);
        let inner = Inner { size, memory, base, files, digest: OnceLock::new(), fits: true.into() };
        Self { image: image.id.clone(), inner: Arc::new(inner) }
    }

    /// The identity of the image that this state belongs to.
    #[must_use]
    pub fn image_id(&self) -> &str {
        &self.image
    }

    /// Bytes of memory, files and names that differ from the image, whether other states share them or not.
    #[must_use]
    pub fn size(&self) -> usize {
        let Inner { memory, files, .. } = &*self.inner;
        files.size() + self.inner.flattened().as_ref().unwrap_or(memory).bytes().len()
    }

    /// Names the state by its content: equal states have equal digests, in any process.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        *self.inner.digest.get_or_init(|| wire::digest(&self.body()))
    }

    /// The state as bytes: versioned, checked by a digest, and of about its size.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::seal(MAGIC, VERSION, &self.body())
    }

    fn body(&self) -> Vec<u8> {
        let Inner { size, memory, files, .. } = &*self.inner;
        let all = self.inner.flattened();
        let memory = all.as_ref().unwrap_or(memory).bytes();
        let mut body = Vec::with_capacity(memory.len() + files.size() + 128);
        put_bytes(&mut body, self.image.as_bytes());
        put_number(&mut body, (size / WASM_PAGE) as u64);
        put_bytes(&mut body, memory);
        files.put(&mut body);
        body
    }

    /// Reads what `to_bytes` gave. The bytes may be anything; whether a state fits its image is seen when a
    /// sandbox runs it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).map_err(|e| Error::State(format!("its {} bytes hold {e}", bytes.len())))
    }

    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let (body, digest) = wire::unseal(MAGIC, VERSION, bytes)?;
        let mut reader = Reader::new(body);
        let image = reader.text()?.into();
        let size = reader.number(MAX_WASM_PAGES)? as usize * WASM_PAGE;
        let memory = Arc::new(Delta::checked(reader.bytes()?, size)?);
        let files = Changes::read(&mut reader)?;
        reader.end()?;
        let inner = Inner { size, memory, base: None, files, digest: digest.into(), fits: false.into() };
        Ok(Self { image, inner: Arc::new(inner) })
    }

    /// Whether the state can be run from this image.
    pub(crate) fn check(&self, image: &Image) -> Result<(), Error> {
        if *self.image != *image.id {
            let (expected, found) = (image.id.to_string(), self.image.to_string());
            return Err(Error::WrongImage { expected, found });
        }
        let inner = &self.inner;
        if inner.fits.load(Ordering::Relaxed) {
            return Ok(());
        }
        if inner.size < image.bytes.len() {
            return Err(Error::State("its memory is smaller than its image's".into()));
        }
        image.files.with(&inner.files).check().map_err(|reason| Error::State(reason.into()))?;
        inner.fits.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Equal where every later run would be: same image, same differences, same files.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.inner, &other.inner);
        let memory = || match (&one.base, &two.base) {
            (None, None) => one.memory == two.memory,
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => one.memory == two.memory,
            _ => one.lines().eq(two.lines()),
        };
        let same = || one.size == two.size && one.files == two.files && memory();
        self.image == other.image && (Arc::ptr_eq(one, two) || same())
    }
}

impl Eq for State {}

impl std::hash::Hash for State {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.digest().hash(hasher);
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State(image {}, {} bytes)", self.image, self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::Changes;
    use crate::mapping::Frozen;

    fn image() -> Image {
        let files = Files::new(&[("/lib/x", Arc::new(vec![1]).into())]);
        Image { bytes: sevens(2), stack_pointer: 0, files, id: "0123".into() }
    }

    fn sevens(pages: usize) -> Frozen {
        Frozen::copy(&vec![7; pages * WASM_PAGE]).unwrap()
    }

    /// What changed in memory since it was as `rest` is.
    fn change(image: &Image, memory: &[u8], rest: Option<&[u8]>) -> Change {
        let mut changes = Changes::new(&image.bytes);
        let end = image.bytes.len();
        changes.put_back(0, &mut memory[..end].to_vec(), rest.unwrap_or(&image.bytes));
        changes.above(end, &memory[end..]);
        Change { lines: changes.finish(), over_start: rest.is_some(), size: memory.len() }
    }

    /// A state with memory above the image, lines changed, the clock moved.
    fn state(image: &Image) -> State {
        let mut memory = image.bytes.to_vec();
        memory.resize(3 * WASM_PAGE, 0);
        memory[100] = 1;
        memory[2 * WASM_PAGE + 9] = 2;
        let mut files = image.files.clone();
        files.now();
        State::capture(image, None, &change(image, &memory, None), &files)
    }

    #[test]
    fn a_state_comes_back_from_its_bytes() {
        let image = image();
        for state in [state(&image), State::initial(&image)] {
            let again = State::from_bytes(&state.to_bytes()).unwrap();
            assert_eq!(again, state);
            assert_eq!(again.digest(), state.digest());
            again.check(&image).unwrap();
        }
        assert_ne!(state(&image), State::initial(&image));
        assert_ne!(state(&image).digest(), State::initial(&image).digest());
    }

    #[test]
    fn what_comes_of_a_large_state_shares_it() {
        let image = image();
        let capture = |start: Option<&State>, memory: &[u8], rest: Option<&[u8]>| {
            State::capture(&image, start, &change(&image, memory, rest), &image.files)
        };
        let mut memory = image.bytes.to_vec();
        memory[..SHARED].fill(9);
        let (large, rest) = (capture(None, &memory, None), memory.clone());
        memory[0] = 1;
        memory[64..128].fill(7);
        let small = capture(Some(&large), &memory, None);
        let small_over_start = capture(Some(&large), &memory, Some(&rest));
        let next = capture(Some(&small), &memory, None);
        let next_over_start = capture(Some(&small), &memory, Some(&memory));
        assert!(small.inner.memory.bytes().len() < 80);
        let shared = [&small, &small_over_start, &next, &next_over_start];
        for state in shared {
            assert!(Arc::ptr_eq(state.inner.base.as_ref().unwrap(), &large.inner.memory));
        }
        let plain = capture(None, &memory, None);
        for state in shared.into_iter().chain([&State::from_bytes(&small.to_bytes()).unwrap()]) {
            assert_eq!(*state, plain);
            let parts = |state: &State| (state.digest(), state.to_bytes(), state.size());
            assert_eq!(parts(state), parts(&plain));
        }
        assert_ne!(small, large);
        memory[SHARED..2 * SHARED].fill(3);
        let other = capture(Some(&next), &memory, None);
        assert!(other.inner.base.is_none());
    }

    #[test]
    fn another_image_is_refused() {
        let other = Image { id: "4567".into(), ..image() };
        let refused = state(&image()).check(&other).unwrap_err();
        assert!(matches!(refused, Error::WrongImage { .. }), "{refused}");
    }

    /// Behind a right digest, as only someone who wants to harm would have it.
    #[test]
    fn forged_bytes_are_refused_or_harmless() {
        let image = image();
        let body = state(&image).body();
        for at in 0..body.len() {
            for value in 0..=255 {
                let mut forged = body.clone();
                forged[at] = value;
                if let Ok(read) = State::from_bytes(&wire::seal(MAGIC, VERSION, &forged))
                    && read.check(&image).is_ok()
                {
                    for line in read.inner.lines() {
                        assert!(line.at < read.inner.size);
                    }
                }
            }
        }
        let small = Image { bytes: sevens(4), ..image };
        let read = State::from_bytes(&wire::seal(MAGIC, VERSION, &body)).unwrap();
        assert_eq!(
            read.check(&small).unwrap_err().to_string(),
            "the state cannot be used: its memory is smaller than its image's"
        );
    }

    #[test]
    fn what_is_no_state_says_why() {
        for (bytes, text) in [
            (&b""[..], "its 0 bytes hold the end, too early at byte 0"),
            (b"something else altogether", "its 25 bytes hold another kind of data at byte 0"),
            (b"mentor state\x02", "its 13 bytes hold another version of the format at byte 12"),
        ] {
            let found = State::from_bytes(bytes).unwrap_err().to_string();
            assert_eq!(found, format!("the state cannot be used: {text}"));
        }
    }
}
