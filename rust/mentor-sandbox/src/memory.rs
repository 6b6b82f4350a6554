//! The host's view of one guest's memory between its jobs: it can be written, compared with the image and put back.

use std::sync::Arc;

use crate::barrier::{Barrier, PAGE};
use crate::delta::Changes;
use crate::mapping::{self, Frozen, Mapping};
use crate::pages::Pages;
use crate::rest::{Overlay, Rest};

/// One instance's memory.
pub(crate) struct Memory {
    mapping: Arc<Mapping>,
    barrier: Option<Arc<Barrier>>,
    pages: Pages,
    overlay: Option<Overlay>,
    image_len: usize,
    /// How often open pages were closed again.
    pub(crate) sweeps: u64,
}

impl Memory {
    /// The memory of the instance just made on this thread.
    pub(crate) fn take_last() -> Option<Self> {
        Some(Self::new(mapping::take_last()?))
    }

    fn new(mapping: Arc<Mapping>) -> Self {
        let image_len = mapping.size();
        Self { mapping, barrier: None, pages: Pages::new(0), overlay: None, image_len, sweeps: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.mapping.size()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes from the base are readable, and the guest, the only writer, is not running:
        // jobs borrow the instance mutably.
        unsafe { std::slice::from_raw_parts(self.mapping.base(), self.len()) }
    }

    /// Bytes of the memory to write, opened for it where a barrier is up.
    pub(crate) fn writable(&mut self, start: usize, len: usize) -> &mut [u8] {
        assert!(start + len <= self.len(), "a write outside the guest's memory");
        if let Some(barrier) = &self.barrier {
            barrier.open_range(start, len);
        }
        // SAFETY: in bounds (asserted), writable (opened above), and exclusively borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.mapping.base().add(start), len) }
    }

    /// Makes the memory as long as a state needs it. The new part reads zero.
    pub(crate) fn extend(&self, size: usize) -> std::io::Result<()> {
        if size > self.mapping.reserved() {
            return Err(std::io::Error::other("a state larger than the address space"));
        }
        if size > self.len() { self.mapping.grow(size) } else { Ok(()) }
    }

    /// Makes the memory's content that of the image, which is as long.
    pub(crate) fn load(&mut self, image: &Frozen) -> std::io::Result<()> {
        self.image_len = image.len();
        self.mapping.overlay(image)
    }

    /// Puts up the barrier: from now on what differs from the image is known.
    pub(crate) fn arm(&mut self) -> std::io::Result<Arc<Barrier>> {
        let barrier = Arc::new(Barrier::new(self.mapping.base(), self.image_len));
        barrier.close_all()?;
        self.pages = Pages::new(self.image_len);
        self.barrier = Some(barrier.clone());
        Ok(barrier)
    }

    /// Lets a state's pages be the rest from now on: the next `restore` puts them in place.
    pub(crate) fn stay(&mut self, overlay: Overlay) {
        self.overlay = Some(overlay);
    }

    /// Makes the image the rest again, and puts it in place where a state's pages are. Between jobs.
    pub(crate) fn leave(&mut self, image: &[u8]) {
        if let Some(overlay) = self.overlay.take() {
            for at in overlay.pages().map(|page| page * PAGE) {
                self.writable(at, PAGE).copy_from_slice(&image[at..at + PAGE]);
            }
        }
    }

    /// Whether the memory is at rest, to the byte, and else where it is not.
    pub(crate) fn verify(&self, image: &[u8]) -> Result<(), usize> {
        if self.len() != self.image_len {
            return Err(self.len().min(self.image_len));
        }
        let rest = Rest { image, overlay: self.overlay.as_ref() };
        let wrong = self.bytes().chunks(PAGE).enumerate().find(|(page, now)| *now != rest.page(*page));
        wrong.map_or(Ok(()), |(page, _)| Err(page * PAGE))
    }

    fn differing(&self, rest: Rest<'_>) -> Vec<usize> {
        let pages = self.bytes()[..self.image_len].chunks(PAGE).enumerate();
        pages.filter(|(page, now)| *now != rest.page(*page)).map(|(page, _)| page).collect()
    }

    /// Whether a state's pages are the rest.
    pub(crate) fn stays(&self) -> bool {
        self.overlay.is_some()
    }

    /// Puts back what is at rest, and notes what was not; returns how many pages were copied. Memory above the image
    /// is given back.
    pub(crate) fn restore(
        &mut self,
        image: &[u8],
        mut changes: Option<&mut Changes<'_>>,
    ) -> std::io::Result<usize> {
        let copied = match self.barrier.clone().filter(|barrier| !barrier.flooded()) {
            Some(barrier) => self.restore_open(image, &barrier, changes.as_deref_mut())?,
            None => self.restore_all(image, changes.as_deref_mut())?,
        };
        if let Some(changes) = changes {
            changes.above(self.image_len, &self.bytes()[self.image_len..]);
        }
        self.mapping.shrink(self.image_len)?;
        Ok(copied)
    }

    /// Where the barrier knows what may have been written.
    fn restore_open(
        &mut self,
        image: &[u8],
        barrier: &Barrier,
        changes: Option<&mut Changes<'_>>,
    ) -> std::io::Result<usize> {
        let rest = Rest { image, overlay: self.overlay.as_ref() };
        // SAFETY: the whole image is mapped and no job runs; `Pages` writes open pages only.
        let memory = unsafe { std::slice::from_raw_parts_mut(self.mapping.base(), self.image_len) };
        let (copied, closed) = self.pages.restore(memory, rest, barrier, changes)?;
        self.sweeps += u64::from(closed);
        Ok(copied)
    }

    /// By comparing every page.
    fn restore_all(&mut self, image: &[u8], mut changes: Option<&mut Changes<'_>>) -> std::io::Result<usize> {
        let rest = Rest { image, overlay: self.overlay.as_ref() };
        let pages = self.differing(rest);
        for page in &pages {
            // SAFETY: the page is within the image's length and writable: there is no barrier or it is flooded.
            let now = unsafe { std::slice::from_raw_parts_mut(self.mapping.base().add(page * PAGE), PAGE) };
            match &mut changes {
                Some(changes) => drop(changes.put_back(page * PAGE, now, rest.page(*page))),
                None => now.copy_from_slice(rest.page(*page)),
            }
        }
        if let Some(barrier) = &self.barrier {
            barrier.close_all()?;
            self.pages.clear();
            self.sweeps += 1;
        }
        Ok(pages.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::Line;

    fn memory(pages: usize) -> (Memory, Frozen) {
        let mapping = Arc::new(Mapping::new(pages * PAGE, 1 << 24, 1 << 16).unwrap());
        let mut memory = Memory::new(mapping);
        let image = Frozen::new::<std::io::Error>(pages * PAGE, |bytes| {
            bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = (at / PAGE % 200) as u8);
            Ok(())
        });
        let image = image.unwrap();
        memory.load(&image).unwrap();
        (memory, image)
    }

    const LINE: usize = Line::LEN;

    /// Restores; returns where lines were changed.
    fn noted(memory: &mut Memory, image: &[u8]) -> Vec<usize> {
        let mut changes = Changes::new(image);
        memory.restore(image, Some(&mut changes)).unwrap();
        changes.finish().lines().map(|line| line.at).collect()
    }

    #[test]
    fn a_write_is_noted_and_put_back() {
        for barrier in [true, false] {
            let (mut memory, image) = memory(8);
            if barrier {
                memory.arm().unwrap();
            }
            for _ in 0..100 {
                memory.writable(2 * PAGE - 1, 2).copy_from_slice(b"ab");
                assert_eq!(noted(&mut memory, &image), [2 * PAGE - LINE, 2 * PAGE]);
                assert!(memory.bytes() == &image[..]);
            }
        }
    }

    #[test]
    fn an_image_is_never_written() {
        let (mut one, image) = memory(3);
        one.writable(0, 3 * PAGE).fill(9);
        let mut two = Memory::new(Arc::new(Mapping::new(3 * PAGE, 1 << 20, 1 << 16).unwrap()));
        two.load(&image).unwrap();
        assert!(two.bytes() == &image[..]);
        assert_eq!((image[0], image[PAGE], image[2 * PAGE]), (0, 1, 2));
    }

    #[test]
    fn grown_memory_is_given_back_and_reads_zero_again() {
        let (mut memory, image) = memory(2);
        memory.arm().unwrap();
        for _ in 0..3 {
            memory.extend(6 * PAGE).unwrap();
            assert!(memory.bytes()[2 * PAGE..].iter().all(|&b| b == 0));
            memory.writable(3 * PAGE, 4).copy_from_slice(b"junk");
            memory.writable(PAGE, 4).copy_from_slice(b"more");
            assert_eq!(noted(&mut memory, &image), [PAGE, 3 * PAGE]);
            assert_eq!(memory.len(), 2 * PAGE);
        }
    }

    /// Jobs that write here and there: the memory is the image after each, and pages that jobs stopped writing are
    /// closed after a while, those that every job writes are not.
    #[test]
    fn idle_pages_are_closed_and_busy_ones_stay_open() {
        let (mut memory, image) = memory(600);
        memory.arm().unwrap();
        for page in (0..600).step_by(6) {
            memory.writable(page * PAGE, 1).fill(201);
        }
        assert_eq!(memory.restore(&image, None).unwrap(), 100);
        for job in 0..200 {
            memory.writable(3 * PAGE, 2 * PAGE).fill(1);
            memory.writable((100 + job % 3) * PAGE, 1).fill(1);
            memory.restore(&image, None).unwrap();
            assert!(memory.bytes() == &image[..], "{job}");
        }
        assert_eq!(memory.pages.all(), [3, 4, 100, 101, 102]);
    }

    /// A page that every job writes and leaves as it was looks idle; once closed it is open again at once, and then
    /// it stays open.
    #[test]
    fn pages_written_with_what_they_held_are_left_open() {
        let (mut memory, image) = memory(600);
        let barrier = memory.arm().unwrap();
        let mut openings = Vec::new();
        for job in 0..1000 {
            memory.writable(9 * PAGE, 1);
            if barrier.opened().count() > 0 {
                openings.push(job);
            }
            memory.restore(&image, None).unwrap();
        }
        assert_eq!(openings, [0, 16, 144]);
    }

    /// What an unusual job opened is closed at once, and kept where such jobs come one after the other.
    #[test]
    fn crowds_are_closed_unless_they_come_often() {
        let (mut memory, image) = memory(600);
        memory.arm().unwrap();
        let mut open_after = |page: usize, len: usize| {
            memory.writable(page * PAGE, len * PAGE).fill(201);
            memory.restore(&image, None).unwrap();
            assert!(memory.bytes() == &image[..]);
            memory.pages.all().len()
        };
        for _ in 0..5 {
            open_after(7, 1);
        }
        assert_eq!(open_after(100, 400), 1, "all but the hot page are closed");
        for _ in 0..10 {
            assert_eq!(open_after(7, 1), 1);
        }
        assert_eq!(open_after(100, 400), 1, "the first was long ago");
        assert_eq!(open_after(100, 400), 401);
        assert_eq!(open_after(7, 1), 401);
        assert_eq!(open_after(100, 400), 401);
        for _ in 0..5 {
            open_after(7, 1);
        }
        assert_eq!(open_after(7, 1), 1, "idle for too long");
        assert_eq!(memory.sweeps, 2);
    }

    /// Stores that walk up or down take few faults, and what was opened ahead of them is closed soon.
    #[test]
    fn a_walk_through_memory_is_opened_ahead() {
        let (mut memory, image) = memory(600);
        let barrier = memory.arm().unwrap();
        let fault =
            |memory: &Memory, page: usize| barrier.fault(memory.bytes().as_ptr() as usize + page * PAGE);
        for pages in [(10..300).collect::<Vec<_>>(), (310..600).rev().collect()] {
            let mut faults = 0;
            for page in pages {
                faults += usize::from(fault(&memory, page));
                memory.writable(page * PAGE, 1).fill(77);
            }
            assert!(faults <= 10, "{faults}");
        }
        assert!(!fault(&memory, 12), "an open page's fault is not the barrier's");
        for _ in 0..4 {
            memory.restore(&image, None).unwrap();
            assert!(memory.bytes() == &image[..]);
        }
        assert!(memory.pages.all().len() < 16);
    }

    /// Runs of open pages are counted as they grow, join and split, and there are never too many.
    #[test]
    fn runs_are_bounded() {
        let (mut memory, image) = memory(4000);
        let barrier = memory.arm().unwrap();
        for (page, len, runs) in [(5, 1, 1), (7, 1, 2), (6, 1, 1), (9, 2, 2), (0, 1, 3)] {
            memory.writable(page * PAGE, len * PAGE);
            assert_eq!(barrier.runs(), runs);
        }
        barrier.close(&[6, 9]).unwrap();
        assert_eq!(barrier.runs(), 4);
        for page in (0..4000).step_by(2) {
            memory.writable(page * PAGE, 1).fill(201);
        }
        assert!(barrier.flooded());
        assert_eq!(memory.restore(&image, None).unwrap(), 2000);
        assert!(memory.bytes() == &image[..]);
        assert_eq!((barrier.runs(), barrier.flooded()), (0, false));
    }

    /// Closing pages splits runs: every second page of a walk that is idle, or all but hot pages that alternate.
    #[test]
    fn runs_are_bounded_when_pages_are_closed() {
        let (mut memory, image) = memory(4000);
        let barrier = memory.arm().unwrap();
        memory.writable(0, 4000 * PAGE);
        for _ in 0..40 {
            for page in (0..4000).step_by(2) {
                memory.writable(page * PAGE, 1).fill(201);
            }
            memory.restore(&image, None).unwrap();
            assert!(memory.bytes() == &image[..]);
            assert!(barrier.runs() <= 1024, "{}", barrier.runs());
            assert_eq!(memory.pages.all().is_empty(), barrier.runs() == 0);
        }
    }

    #[test]
    fn a_flooded_barrier_is_put_back_by_comparing_and_put_up_again() {
        let (mut memory, image) = memory(64);
        let barrier = memory.arm().unwrap();
        memory.writable(0, 1).fill(1);
        assert!(barrier.flood());
        memory.writable(9 * PAGE, 1).fill(1);
        assert_eq!(noted(&mut memory, &image), [0, 9 * PAGE]);
        assert!(!barrier.flooded());
        memory.writable(5 * PAGE, 1).fill(1);
        assert_eq!(noted(&mut memory, &image), [5 * PAGE]);
    }
}
