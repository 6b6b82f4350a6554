//! Which open pages are worth keeping open, and putting them back.
//!
//! An open page costs a look after every job (0.1 to 0.4 us), a closed one a fault when it is written again (some
//! 5 us, shared by all pages that the fault opened). Nobody knows what the next job writes, so the rule is that of
//! renting skis: a page that no job wrote for so long that looking at it has cost about as much as the fault that
//! closing it risks, is closed. Whatever the jobs are, that is at most about twice the cost of knowing the future.
//!
//! * *Hot* pages were written by several jobs: copied back without a look, in runs of neighbours.
//! * *Cool* pages are compared first, which tells whether the job wrote them. Newly opened pages start here.
//! * Every `CENSUS` jobs hot pages are compared too, and idle ones cool down.

use crate::barrier::{Barrier, Opened, PAGE};

/// Jobs for which an idle page stays open whose fault was its own; halved with each doubling of the pages that
/// shared one, down to `LEAST`.
const PATIENCE: u8 = 16;
const LEAST: u8 = 2;
/// Jobs that must have written a page before it is copied without a look.
const PROVEN: u8 = 3;
/// Jobs between looks at the hot pages.
const CENSUS: u32 = 16;
/// Idle pages that are closed together; fewer wait for the census.
const TOGETHER: usize = 32;

#[derive(Clone, Copy)]
struct Cool {
    page: u32,
    patience: u8,
    idle: u8,
    written: u8,
}

impl Cool {
    fn opened(opened: Opened) -> Self {
        let patience = (PATIENCE >> opened.shared).max(LEAST);
        Self { page: opened.page, patience, idle: 0, written: 0 }
    }

    fn is_due(self) -> bool {
        self.idle >= self.patience
    }
}

/// The open pages of one memory.
#[derive(Default)]
pub(crate) struct Pages {
    /// Ascending.
    hot: Vec<u32>,
    cool: Vec<Cool>,
    since_census: u32,
}

impl Pages {
    /// Every open page, those opened since the last job included, in ascending order.
    pub(crate) fn all(&self, barrier: &Barrier) -> Vec<usize> {
        let known = self.hot.iter().copied().chain(self.cool.iter().map(|cool| cool.page));
        let opened = barrier.opened().map(|opened| opened.page);
        let mut pages: Vec<usize> = known.chain(opened).map(|page| page as usize).collect();
        pages.sort_unstable();
        pages
    }

    /// Forgets every page: the barrier has closed them all.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts the image back; returns how many pages were copied, and whether pages were closed.
    pub(crate) fn restore(
        &mut self,
        memory: &mut [u8],
        image: &[u8],
        barrier: &Barrier,
    ) -> std::io::Result<(usize, bool)> {
        self.cool.extend(barrier.take_opened().map(Cool::opened));
        let (cool, due) = self.put_back_cool(memory, image);
        self.since_census += 1;
        let census = self.since_census >= CENSUS;
        let hot = if census { self.census(memory, image) } else { self.put_back_hot(memory, image) };
        let closing = due > 0 && (census || due >= TOGETHER);
        if closing {
            self.close_due(barrier)?;
        }
        Ok((cool + hot, closing))
    }

    /// Copies the hot pages; returns how many there are.
    fn put_back_hot(&self, memory: &mut [u8], image: &[u8]) -> usize {
        for run in self.hot.chunk_by(|a, b| a + 1 == *b) {
            let (start, end) = (run[0] as usize * PAGE, (run[run.len() - 1] as usize + 1) * PAGE);
            memory[start..end].copy_from_slice(&image[start..end]);
        }
        self.hot.len()
    }

    /// Compares the cool pages, copies those that the job wrote, and moves the proven ones to the hot; returns how
    /// many were copied and how many are due to be closed.
    fn put_back_cool(&mut self, memory: &mut [u8], image: &[u8]) -> (usize, usize) {
        let (mut copied, mut due, mut proven) = (0, 0, false);
        for cool in &mut self.cool {
            if put_back(memory, image, cool.page) {
                copied += 1;
                cool.idle = 0;
                cool.written += 1;
                proven |= cool.written >= PROVEN;
            } else {
                cool.idle = cool.idle.saturating_add(1);
                due += usize::from(cool.is_due());
            }
        }
        if proven {
            let ready = self.cool.extract_if(.., |cool| cool.written >= PROVEN);
            self.hot.extend(ready.map(|cool| cool.page));
            self.hot.sort_unstable();
        }
        (copied, due)
    }

    /// Compares the hot pages: those that the last job did not write cool down. Returns how many were copied.
    fn census(&mut self, memory: &mut [u8], image: &[u8]) -> usize {
        self.since_census = 0;
        let cool = &mut self.cool;
        self.hot.retain(|&page| {
            let written = put_back(memory, image, page);
            if !written {
                cool.push(Cool { page, patience: PATIENCE, idle: 1, written: 0 });
            }
            written
        });
        self.hot.len()
    }

    fn close_due(&mut self, barrier: &Barrier) -> std::io::Result<()> {
        let mut pages: Vec<u32> =
            self.cool.extract_if(.., |cool| cool.is_due()).map(|cool| cool.page).collect();
        pages.sort_unstable();
        barrier.close(&pages)
    }
}

/// Makes a page equal to the image's; says whether it was not.
fn put_back(memory: &mut [u8], image: &[u8], page: u32) -> bool {
    let range = page as usize * PAGE..(page as usize + 1) * PAGE;
    let (now, then) = (&mut memory[range.clone()], &image[range]);
    let written = *now != *then;
    if written {
        now.copy_from_slice(then);
    }
    written
}
