//! Long lists of calls: only pairs near the diagonal are looked at, so that time grows with length, not its square.

use super::EXACT;
use std::cmp::Reverse;
use std::ops::Range;

/// Which columns are compared with which rows.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    rows: usize,
    columns: usize,
    /// How many columns to each side; nothing if all are.
    reach: Option<usize>,
}

impl Band {
    /// All pairs if either side has at most [`EXACT`] calls, else those near the diagonal.
    #[must_use]
    pub fn of(rows: usize, columns: usize) -> Self {
        let reach = (rows.min(columns) > EXACT).then(|| EXACT.max(EXACT * columns / rows));
        Self { rows, columns, reach }
    }

    /// Whether all pairs are compared.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.reach.is_none()
    }

    /// The columns compared with a row.
    #[must_use]
    pub fn columns_of(&self, row: usize) -> Range<usize> {
        let Some(reach) = self.reach else {
            return 0..self.columns;
        };
        let middle = row * self.columns / self.rows;
        middle.saturating_sub(reach)..(middle + reach + 1).min(self.columns)
    }

    /// How far a pair lies off the diagonal.
    fn offset(&self, row: usize, column: usize) -> usize {
        (row * self.columns).abs_diff(column * self.rows)
    }
}

/// Pairs by weight, near the diagonal first: at least half of the best total that the band allows.
pub(super) fn greedy(band: Band, mut weight: impl FnMut(usize, usize) -> i64) -> Vec<Option<usize>> {
    let mut pairs = Vec::new();
    for row in 0..band.rows {
        for column in band.columns_of(row) {
            let weight = weight(row, column);
            if weight > 0 {
                pairs.push((Reverse(weight), band.offset(row, column), row, column));
            }
        }
    }
    pairs.sort_unstable();
    let mut column_of = vec![None; band.rows];
    let mut taken = vec![false; band.columns];
    for (_, _, row, column) in pairs {
        if column_of[row].is_none() && !taken[column] {
            column_of[row] = Some(column);
            taken[column] = true;
        }
    }
    column_of
}
