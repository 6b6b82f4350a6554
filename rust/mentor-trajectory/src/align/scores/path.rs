//! The best alignment of two lists that keeps both orders, by dynamic programming within the band.

use crate::align::assign::Band;

/// An alignment: what it is worth, and the pairs in it.
pub(super) struct Path {
    pub worth: f64,
    /// The column of each row.
    pub partners: Vec<Option<usize>>,
}

/// How a cell of the table is best entered.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Pair,
    WithoutRow,
    WithoutColumn,
}

/// The greatest `sum of pairs - gap * those without a partner`; a pair is taken before a gap where they are worth the
/// same.
pub(super) fn best(rows: usize, columns: usize, gap: f64, pair: impl Fn(usize, usize) -> f64) -> Path {
    let band = Band::of(rows, columns);
    let mut above = Row { from: 0, cells: (0..=columns).map(|column| -gap * column as f64).collect() };
    let mut steps: Vec<(usize, Vec<Step>)> = Vec::with_capacity(rows);
    for row in 0..rows {
        let reach = band.columns_of(row);
        // Cell `column + 1` stands behind the column; cell 0 before all of them.
        let from = if reach.start == 0 { 0 } else { reach.start + 1 };
        let mut here = Row { from, cells: Vec::with_capacity(reach.len() + 1) };
        let mut taken = Vec::with_capacity(reach.len() + 1);
        let mut left = f64::NEG_INFINITY;
        for cell in from..=reach.end {
            let paired = match cell.checked_sub(1) {
                Some(column) => above.get(column) + pair(row, column),
                None => f64::NEG_INFINITY,
            };
            let (without_row, without_column) = (above.get(cell) - gap, left - gap);
            let step = if paired >= without_row.max(without_column) {
                Step::Pair
            } else if without_row >= without_column {
                Step::WithoutRow
            } else {
                Step::WithoutColumn
            };
            left = paired.max(without_row).max(without_column);
            here.cells.push(left);
            taken.push(step);
        }
        steps.push((from, taken));
        above = here;
    }
    Path { worth: above.get(columns), partners: back(&steps, columns) }
}

/// Follows the steps from the end.
fn back(steps: &[(usize, Vec<Step>)], columns: usize) -> Vec<Option<usize>> {
    let mut partners = vec![None; steps.len()];
    let (mut row, mut cell) = (steps.len(), columns);
    while row > 0 {
        let (from, taken) = &steps[row - 1];
        match cell.checked_sub(*from).and_then(|place| taken.get(place)) {
            Some(Step::Pair) => {
                (row, cell) = (row - 1, cell - 1);
                partners[row] = Some(cell);
            }
            Some(Step::WithoutColumn) => cell -= 1,
            Some(Step::WithoutRow) | None => row -= 1,
        }
    }
    partners
}

/// The cells of one row that are looked at; all others cannot be entered.
struct Row {
    from: usize,
    cells: Vec<f64>,
}

impl Row {
    fn get(&self, cell: usize) -> f64 {
        let place = cell.checked_sub(self.from);
        place.and_then(|place| self.cells.get(place)).copied().unwrap_or(f64::NEG_INFINITY)
    }
}
