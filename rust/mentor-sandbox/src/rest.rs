//! What a memory is put back to between jobs: the image, or the image with one state's pages over it.
//!
//! Jobs that start from one state, as all calls of a tool do, find it in place: nothing is applied before a job or
//! undone after it but what the job itself wrote.

use crate::barrier::PAGE;
use crate::delta::Line;

/// The pages that a state changes, whole.
pub(crate) struct Overlay {
    /// For each page of the image its place in `content` plus one, or 0.
    places: Vec<u32>,
    content: Vec<u8>,
}

impl Overlay {
    /// From the lines, in ascending order, in which the state differs from an image as long as it.
    pub(crate) fn new<'a>(image: &[u8], lines: impl Iterator<Item = Line<'a>>) -> Self {
        let mut overlay = Self { places: vec![0; image.len() / PAGE], content: Vec::new() };
        for line in lines {
            let (page, at) = (line.at / PAGE, line.at % PAGE);
            if overlay.places[page] == 0 {
                overlay.content.extend_from_slice(&image[page * PAGE..(page + 1) * PAGE]);
                overlay.places[page] = (overlay.content.len() / PAGE) as u32;
            }
            let start = overlay.content.len() - PAGE + at;
            line.put(&mut overlay.content[start..start + Line::LEN]);
        }
        overlay
    }

    /// The pages, ascending.
    pub(crate) fn pages(&self) -> impl Iterator<Item = usize> + '_ {
        self.places.iter().enumerate().filter(|(_, place)| **place != 0).map(|(page, _)| page)
    }

    fn page(&self, page: usize) -> Option<&[u8]> {
        let place = self.places[page] as usize;
        (place != 0).then(|| &self.content[(place - 1) * PAGE..place * PAGE])
    }
}

/// The content of a memory at rest.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    pub image: &'a [u8],
    pub overlay: Option<&'a Overlay>,
}

impl<'a> Rest<'a> {
    pub(crate) fn page(self, page: usize) -> &'a [u8] {
        let over = self.overlay.and_then(|overlay| overlay.page(page));
        over.unwrap_or_else(|| &self.image[page * PAGE..(page + 1) * PAGE])
    }
}
