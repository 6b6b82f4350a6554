//! Images on disk: each is built once on a machine, and later read.
//!
//! An image's file is named by all that the image is made of (`Recipe::key`), guarded by a checksum, and removed
//! when all of them take too much and it was not used for longest. The store only saves time: whatever is wrong
//! with a file or a folder, the image is built, and `Origin` says so.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use crate::cache;
use crate::engine::Compiled;
use crate::image::{Image, Recipe, SharedImage};
use crate::mapping::Frozen;
use crate::packed;
use crate::process::PerProcess;
use crate::wasi::{Changes, Files};
use crate::wire::{self, Reader, put_bytes, put_number};
use crate::{EngineOptions, Error};

const MAGIC: &[u8] = b"mentor image";
/// Raise this when what follows changes, or what an image is.
pub(crate) const VERSION: u8 = 2;
const EXTENSION: &str = "image";
/// The unit in which Wasm memories grow, and how many of them there can be.
const WASM_PAGE: usize = 64 << 10;
const MAX_WASM_PAGES: u64 = 1 << 16;

/// Where a sandbox's image came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Another sandbox of this process has it.
    Shared,
    /// It was read from the store.
    Loaded,
    /// It was built, and is in the store now.
    Built,
    /// It was built, and will be again by the next process.
    Unstored {
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shared => f.write_str("shared"),
            Self::Loaded => f.write_str("loaded"),
            Self::Built => f.write_str("built"),
            Self::Unstored { reason } => write!(f, "built, not stored: {reason}"),
        }
    }
}

/// The images of this process's sandboxes, by their keys.
fn held() -> Result<MutexGuard<'static, HashMap<String, Weak<Image>>>, Error> {
    static HELD: PerProcess<Mutex<HashMap<String, Weak<Image>>>> = PerProcess::new();
    let held = HELD.get_or_try_init(|| Ok::<_, Error>(Mutex::default()))?;
    Ok(held.lock().unwrap_or_else(PoisonError::into_inner))
}

/// One image's place.
struct Place {
    key: String,
    folder: PathBuf,
    path: PathBuf,
}

/// The image of a recipe, from wherever it is quickest to have; `build` makes it. All images together take at most
/// `max` bytes of disk; with 0 none is stored.
pub(crate) fn image(
    compiled: &Compiled,
    recipe: Recipe,
    options: &EngineOptions,
    build: impl FnOnce(&Files) -> Result<Image, Error>,
) -> Result<(SharedImage, Origin), Error> {
    let _span = tracing::info_span!("image", prelude = recipe.prelude.len()).entered();
    let fresh = recipe.files(compiled)?;
    let key = recipe.key(&compiled.identity);
    let folder = options.cache.join("images");
    let path = folder.join(&key).with_extension(EXTENSION);
    let place = Place { key, folder, path };
    if options.image_bytes == 0 {
        let reason = "the bound on stored images is 0".to_owned();
        return Ok((Arc::new(build(&fresh)?), Origin::Unstored { reason }));
    }
    if let Some(found) = place.find(&fresh)? {
        return Ok(found);
    }
    // One builds; the others wait here, and find it.
    let lock = place.lock();
    if lock.is_ok()
        && let Some(found) = place.find(&fresh)?
    {
        return Ok(found);
    }
    // Held before the lock is free: threads that wait for it share this one.
    let image = place.hold(build(&fresh)?)?;
    let stored = lock.and_then(|_lock| place.write(&image, &fresh, options.image_bytes));
    let origin = stored.map_or_else(|e| Origin::Unstored { reason: e.to_string() }, |()| Origin::Built);
    Ok((image, origin))
}

impl Place {
    fn find(&self, fresh: &Files) -> Result<Option<(SharedImage, Origin)>, Error> {
        let image = held()?.get(&self.key).and_then(Weak::upgrade);
        if let Some(image) = image {
            return Ok(Some((image, Origin::Shared)));
        }
        match load(&self.path, fresh) {
            Ok(image) => Ok(Some((self.hold(image)?, Origin::Loaded))),
            // Missing, cut short by a failing disk, or of a version that never was: built anew.
            Err(_) => Ok(None),
        }
    }

    /// Keeps an image for this process's other sandboxes; where one of them was faster, it is that one's.
    fn hold(&self, image: Image) -> Result<SharedImage, Error> {
        let mut held = held()?;
        held.retain(|_, image| image.strong_count() > 0);
        if let Some(image) = held.get(&self.key).and_then(Weak::upgrade) {
            return Ok(image);
        }
        let image = Arc::new(image);
        held.insert(self.key.clone(), Arc::downgrade(&image));
        Ok(image)
    }

    /// Some images share a lock, so that there are never many: they wait for each other, rarely.
    fn lock(&self) -> Result<File, Error> {
        cache::private_folder(&self.folder)?;
        cache::lock(&self.folder.join(format!("{}.lock", &self.key[..2])))
    }

    fn write(&self, image: &Image, fresh: &Files, max: u64) -> Result<(), Error> {
        cache::remove_parts(&self.path);
        cache::write_whole(&self.path, &encode(image, fresh))?;
        cache::prune(&self.folder, EXTENSION, max, &self.path);
        Ok(())
    }
}

fn encode(image: &Image, fresh: &Files) -> Vec<u8> {
    let mut body = Vec::new();
    put_bytes(&mut body, image.id.as_bytes());
    put_number(&mut body, image.stack_pointer.cast_unsigned().into());
    put_number(&mut body, (image.bytes.len() / WASM_PAGE) as u64);
    image.files.changes(fresh, None).put(&mut body);
    packed::put(&mut body, &image.bytes);
    wire::seal(MAGIC, VERSION, &body)
}

fn load(path: &Path, fresh: &Files) -> io::Result<Image> {
    let bytes = fs::read(path)?;
    let image = decode(&bytes, fresh)?;
    // What was used lately is removed last. Without it the order is that of making.
    let _ = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    Ok(image)
}

fn decode(bytes: &[u8], fresh: &Files) -> io::Result<Image> {
    let malformed = io::Error::other::<wire::Malformed>;
    let (body, _) = wire::unseal(MAGIC, VERSION, bytes).map_err(malformed)?;
    let mut reader = Reader::new(body);
    let mut head = || {
        let id = reader.text()?.into();
        let stack_pointer = (reader.number(u32::MAX.into())? as u32).cast_signed();
        let size = reader.number(MAX_WASM_PAGES)? as usize * WASM_PAGE;
        Ok((id, stack_pointer, size, Changes::read(&mut reader)?))
    };
    let (id, stack_pointer, size, changes) = head().map_err(malformed)?;
    let files = fresh.with(&changes);
    files.check().map_err(io::Error::other)?;
    let bytes = Frozen::new(size, |memory| packed::read(&mut reader, memory).map_err(malformed))?;
    Ok(Image { bytes, stack_pointer, files, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Files {
        Files::new(&[("/lib/x", Arc::new(vec![1]).into())])
    }

    fn image(fresh: &Files) -> Image {
        let mut memory = vec![0; 3 * WASM_PAGE];
        memory[70_000..70_100].fill(7);
        let mut files = fresh.clone();
        files.now();
        Image { bytes: Frozen::copy(&memory).unwrap(), stack_pointer: -16, files, id: "0123".into() }
    }

    #[test]
    fn an_image_comes_back_from_its_bytes() {
        let fresh = fresh();
        let image = image(&fresh);
        let bytes = encode(&image, &fresh);
        assert!(bytes.len() < 1_000, "{}", bytes.len());
        let again = decode(&bytes, &fresh).unwrap();
        assert!(again.bytes[..] == image.bytes[..]);
        assert_eq!((again.stack_pointer, &again.files, &again.id), (-16, &image.files, &image.id));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let fresh = fresh();
        let bytes = encode(&image(&fresh), &fresh);
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut], &fresh).is_err(), "cut at {cut}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut broken = bytes.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&broken, &fresh).is_err(), "bit {bit}");
        }
    }
}
