//! Which open pages are worth keeping open, and putting them back.
//!
//! An open page costs a look after every job (0.1 to 0.4 us), a closed one a fault when it is written again (some
//! 5 us, shared by all pages that the fault opened). Nobody knows what the next job writes, so the rule is that of
//! renting skis: a page that no job wrote for so long that looking at it has cost about as much as the fault that
//! closing it risks, is closed.
//!
//! * *Hot* pages were changed by several jobs: copied back without a look, in runs of neighbours.
//! * *Cool* pages are compared first, which tells whether the job changed them. Newly opened pages start here. Many
//!   of them are written by every job and hold what they held before, such as counts of references: that shows only
//!   when such a page is opened again right after it was closed, and then it is left open ever longer.
//! * Every `CENSUS` jobs hot pages are compared too, and idle ones cool down.
//! * A *crowd* is what one job opens that writes far more than others. Looking at it would slow every job that
//!   follows, so all but the hot pages are closed at once; unless crowds come that often that keeping them is cheaper.

use crate::barrier::{Barrier, PAGE};
use crate::delta::Changes;
use crate::rest::Rest;

/// Jobs for which an idle page stays open whose fault was its own; halved with each doubling of the pages that
/// shared one, down to `LEAST`.
const PATIENCE: u16 = 16;
const LEAST: u16 = 2;
/// By how many doublings patience grows where closing was a mistake, and at the most.
const LESSON: u8 = 3;
const LEARNT: u8 = 6;
/// Jobs that must have changed a page before it is copied without a look.
const PROVEN: u8 = 3;
/// Jobs between looks at the hot pages.
const CENSUS: u32 = 16;
/// Pages past their patience that are closed together; fewer wait for the census.
const TOGETHER: usize = 32;
/// Pages that one job opens which make a crowd.
const CROWD: usize = 192;
/// Jobs between crowds below which they are kept, and for which they may then be idle: opening a page costs about as
/// much as so many looks at it.
const OFTEN: u16 = 4;

#[derive(Clone, Copy)]
struct Cool {
    page: u32,
    patience: u16,
    idle: u16,
    changed: u8,
}

impl Cool {
    fn is_due(self) -> bool {
        self.idle >= self.patience
    }
}

/// What is remembered of a page while it is closed.
#[derive(Clone, Copy, Default)]
struct Memory {
    /// The job after which it was closed for being idle; 0 for never.
    closed: u32,
    /// Doublings of its patience.
    learnt: u8,
}

/// The open pages of one memory.
pub(crate) struct Pages {
    /// Ascending.
    hot: Vec<u32>,
    cool: Vec<Cool>,
    memories: Vec<Memory>,
    jobs: u32,
    /// The job after which a crowd was closed.
    crowd_closed: u32,
    /// Crowds come often: they are kept.
    crowded: bool,
}

impl Pages {
    /// For a memory of `len` bytes, all of it closed.
    pub(crate) fn new(len: usize) -> Self {
        Self {
            hot: Vec::new(),
            cool: Vec::new(),
            memories: vec![Memory::default(); len / PAGE],
            jobs: 0,
            crowd_closed: 0,
            crowded: false,
        }
    }

    /// Every open page that is known, in ascending order: after `restore`, all of them.
    #[cfg(test)]
    pub(crate) fn all(&self) -> Vec<u32> {
        self.open()
    }

    fn open(&self) -> Vec<u32> {
        let mut pages: Vec<u32> =
            self.hot.iter().copied().chain(self.cool.iter().map(|cool| cool.page)).collect();
        pages.sort_unstable();
        pages
    }

    fn clear_if(&mut self, all_closed: bool) {
        if all_closed {
            self.clear();
        }
    }

    /// The barrier has closed them all.
    pub(crate) fn clear(&mut self) {
        self.hot.clear();
        self.cool.clear();
    }

    /// Puts back what is at rest, and notes what was not; returns how many pages were copied, and whether a crowd was
    /// closed.
    pub(crate) fn restore(
        &mut self,
        memory: &mut [u8],
        rest: Rest<'_>,
        barrier: &Barrier,
        changes: Option<&mut Changes<'_>>,
    ) -> std::io::Result<(usize, bool)> {
        self.jobs = self.jobs.wrapping_add(1);
        let known = self.cool.len();
        for opened in barrier.take_opened() {
            self.learn(opened.page);
            self.cool_down(opened.page, (PATIENCE >> opened.shared).max(LEAST), 0);
        }
        let crowd = self.cool.len() - known >= CROWD;
        let census = self.jobs.is_multiple_of(CENSUS);
        let (copied, due, alone) = match changes {
            None => {
                let cool = self.look_at_cool(|page| put_back(memory, rest, page));
                let hot = if census {
                    self.look_at_hot(|page| put_back(memory, rest, page))
                } else {
                    self.put_back_hot(memory, rest)
                };
                (cool.0 + hot, cool.1, cool.2)
            }
            Some(changes) => {
                let pages = self.note(memory, rest, changes);
                let has_changed = |page| pages.binary_search(&page).is_ok();
                let (_, due, alone) = self.look_at_cool(has_changed);
                if census {
                    self.look_at_hot(has_changed);
                }
                (pages.len(), due, alone)
            }
        };
        if crowd {
            self.crowded = self.just_now(self.crowd_closed);
        }
        let closing = if self.crowded { alone >= CROWD } else { crowd };
        if closing {
            self.close_crowd(barrier)?;
        } else if due >= TOGETHER || (census && due > 0) {
            self.close_due(barrier)?;
        }
        Ok((copied, closing))
    }

    /// Puts every open page back and notes what was changed; returns the pages that were, in ascending order.
    fn note(&self, memory: &mut [u8], rest: Rest<'_>, changes: &mut Changes<'_>) -> Vec<u32> {
        let mut pages = self.open();
        pages.retain(|&page| {
            let at = page as usize * PAGE;
            changes.put_back(at, &mut memory[at..at + PAGE], rest.page(page as usize))
        });
        pages
    }

    /// Whether a job (0 for none) was one of the last few.
    fn just_now(&self, job: u32) -> bool {
        job != 0 && self.jobs.wrapping_sub(job) <= u32::from(OFTEN)
    }

    /// A page that was closed and is open again at once should not have been closed.
    fn learn(&mut self, page: u32) {
        let Memory { closed, learnt } = self.memories[page as usize];
        if self.just_now(closed) {
            self.memories[page as usize].learnt = (learnt + LESSON).min(LEARNT);
        }
    }

    fn cool_down(&mut self, page: u32, patience: u16, idle: u16) {
        let patience = patience << self.memories[page as usize].learnt;
        self.cool.push(Cool { page, patience, idle, changed: 0 });
    }

    /// Copies the hot pages; returns how many there are.
    fn put_back_hot(&self, memory: &mut [u8], rest: Rest<'_>) -> usize {
        if rest.overlay.is_some() {
            for &page in &self.hot {
                let at = page as usize * PAGE;
                memory[at..at + PAGE].copy_from_slice(rest.page(page as usize));
            }
            return self.hot.len();
        }
        for run in self.hot.chunk_by(|a, b| a + 1 == *b) {
            let (start, end) = (run[0] as usize * PAGE, (run[run.len() - 1] as usize + 1) * PAGE);
            memory[start..end].copy_from_slice(&rest.image[start..end]);
        }
        self.hot.len()
    }

    /// Asks of each cool page whether the job changed it, and moves the proven ones to the hot; returns how many it
    /// changed, how many are past their patience, and how many were idle for `OFTEN` jobs.
    fn look_at_cool(&mut self, mut has_changed: impl FnMut(u32) -> bool) -> (usize, usize, usize) {
        let (mut changed, mut due, mut alone, mut proven) = (0, 0, 0, false);
        for cool in &mut self.cool {
            if has_changed(cool.page) {
                changed += 1;
                cool.idle = 0;
                cool.changed += 1;
                proven |= cool.changed >= PROVEN;
            } else {
                cool.idle = cool.idle.saturating_add(1);
                due += usize::from(cool.is_due());
                alone += usize::from(cool.idle >= OFTEN);
            }
        }
        if proven {
            let ready = self.cool.extract_if(.., |cool| cool.changed >= PROVEN);
            self.hot.extend(ready.map(|cool| cool.page));
            self.hot.sort_unstable();
        }
        (changed, due, alone)
    }

    /// Asks the same of the hot pages: those that the last job did not change cool down. Returns how many it did.
    fn look_at_hot(&mut self, mut has_changed: impl FnMut(u32) -> bool) -> usize {
        for page in std::mem::take(&mut self.hot) {
            if has_changed(page) {
                self.hot.push(page);
            } else {
                self.cool_down(page, PATIENCE, 1);
            }
        }
        self.hot.len()
    }

    fn close_crowd(&mut self, barrier: &Barrier) -> std::io::Result<()> {
        self.crowd_closed = self.jobs;
        let (crowded, memories) = (self.crowded, &self.memories);
        let keep = |cool: &Cool| memories[cool.page as usize].learnt > 0 || (crowded && cool.idle < OFTEN);
        self.cool.retain(keep);
        let all = !barrier.close_all_but(&self.open())?;
        self.clear_if(all);
        Ok(())
    }

    fn close_due(&mut self, barrier: &Barrier) -> std::io::Result<()> {
        let due = self.cool.extract_if(.., |cool| cool.is_due());
        let mut pages: Vec<u32> = due.map(|cool| cool.page).collect();
        pages.sort_unstable();
        for page in &pages {
            self.memories[*page as usize].closed = self.jobs;
        }
        let all = !barrier.close(&pages)?;
        self.clear_if(all);
        Ok(())
    }
}

/// Makes a page what it is at rest; says whether it was not.
fn put_back(memory: &mut [u8], rest: Rest<'_>, page: u32) -> bool {
    let at = page as usize * PAGE;
    let (now, then) = (&mut memory[at..at + PAGE], rest.page(page as usize));
    let changed = *now != *then;
    if changed {
        now.copy_from_slice(then);
    }
    changed
}
