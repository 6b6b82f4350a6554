//! The best one-to-one matching of two lists of calls.
//!
//! Rows are the reference's calls, columns the student's, weights similarities in [0, 1]; a pair of weight 0 is no
//! pair. The total is the greatest there is, and among the matchings with that total the one is taken that gives the
//! first row the earliest column, then the second row, and so on (a column before none). So the result is a function
//! of the weights alone, and a column that no best matching needs can be taken away without changing it.
//!
//! Shortest augmenting paths (Hungarian method, as Jonker and Volgenant) find the total, [`first`] the earliest. With
//! more than [`EXACT`] calls on both sides a greedy matching within a [`band`] stands in, in linear time.

mod band;
mod first;
mod solve;

pub use band::Band;

/// The longest shorter side that is matched optimally.
pub const EXACT: usize = 64;

/// A place that is none.
const NONE: u32 = u32::MAX;

/// Similarities are compared as whole multiples of 2^-30, so that sums are exact and ties are ties.
const QUANTUM: f64 = (1_u64 << 30) as f64;

/// The column of each row.
#[must_use]
pub fn matching(rows: usize, columns: usize, weight: impl FnMut(usize, usize) -> f64) -> Vec<Option<usize>> {
    matching_within(&vec![0; rows], &vec![0; columns], weight)
}

/// The same where only rows and columns of one class may pair, each with a weight: every class is a problem of its
/// own.
#[must_use]
pub fn matching_within(
    row_classes: &[u32],
    column_classes: &[u32],
    mut weight: impl FnMut(usize, usize) -> f64,
) -> Vec<Option<usize>> {
    let mut whole = |row: usize, column: usize| (weight(row, column) * QUANTUM + 0.5) as i64;
    let band = Band::of(row_classes.len(), column_classes.len());
    if !band.is_all() {
        return band::greedy(band, |row, column| {
            if row_classes[row] == column_classes[column] { whole(row, column) } else { 0 }
        });
    }
    let mut partners = vec![None; row_classes.len()];
    let (mut rows, mut columns, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for first in 0..row_classes.len() {
        let class = row_classes[first];
        if row_classes[..first].contains(&class) {
            continue;
        }
        members(row_classes, class, &mut rows);
        members(column_classes, class, &mut columns);
        weights.clear();
        for &row in &rows {
            weights.extend(columns.iter().map(|&column| whole(row, column)));
        }
        if rows.len() == 1 || columns.len() <= 1 {
            // Who is alone takes the first of the best.
            if let Some((best, _)) = first_best(&weights) {
                partners[rows[best / columns.len()]] = Some(columns[best % columns.len()]);
            }
            continue;
        }
        let mut best = solve::solve(rows.len(), columns.len(), &weights);
        first::prefer_first(&mut best);
        for (&row, &column) in rows.iter().zip(&best.column_of) {
            partners[row] = columns.get(column as usize).copied();
        }
    }
    partners
}

/// The first of the greatest weights and its place, if any is above 0.
fn first_best(weights: &[i64]) -> Option<(usize, i64)> {
    let above = |best: Option<(usize, i64)>, (place, &weight): (usize, &i64)| match best {
        Some((_, most)) if weight <= most => best,
        _ if weight > 0 => Some((place, weight)),
        _ => best,
    };
    weights.iter().enumerate().fold(None, above)
}

/// The places of a class.
fn members(classes: &[u32], class: u32, places: &mut Vec<usize>) {
    places.clear();
    places.extend((0..classes.len()).filter(|&place| classes[place] == class));
}

#[cfg(test)]
mod tests;
