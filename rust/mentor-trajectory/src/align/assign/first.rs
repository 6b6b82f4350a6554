//! Of all matchings with the greatest total, the first: rows in order take the earliest column that any of them allows.
//!
//! By the prices a matching is optimal exactly if it holds tight pairs only, and everybody whose price is not 0 has a
//! partner. So a row may take an earlier column if those whom this displaces find other tight partners: along a cycle
//! back to the column that the row gives up, or along paths that end with somebody of price 0 left alone.

use super::NONE;
use super::solve::Matched;

/// Turns an optimal matching into the first one.
pub(super) fn prefer_first(matched: &mut Matched<'_>) {
    drop_worthless(matched);
    let rows = matched.column_of.len();
    let mut exchange = Exchange { visited: vec![false; rows], pool: false, row: 0, given_up: NONE };
    for row in 0..rows as u32 {
        let end = matched.column_of[row as usize].min(matched.columns as u32);
        for column in 0..end {
            if matched.is_tight(row, column) && exchange.take(matched, row, column) {
                break;
            }
        }
    }
}

/// A pair of weight 0 is no pair; both prices are 0 then.
fn drop_worthless(matched: &mut Matched<'_>) {
    for row in 0..matched.column_of.len() {
        let column = matched.column_of[row];
        if column != NONE && matched.weight(row as u32, column) == 0 {
            matched.column_of[row] = NONE;
            matched.row_of[column as usize] = NONE;
        }
    }
}

/// One row's attempt to take a column. Rows before it keep theirs.
struct Exchange {
    visited: Vec<bool>,
    /// Whether it has been tried to leave somebody alone.
    pool: bool,
    row: u32,
    given_up: u32,
}

impl Exchange {
    fn take(&mut self, matched: &mut Matched<'_>, row: u32, column: u32) -> bool {
        self.visited.fill(false);
        self.visited[..=row as usize].fill(true);
        self.pool = false;
        (self.row, self.given_up) = (row, matched.column_of[row as usize]);
        let owner = matched.row_of[column as usize];
        // Taken before the others look for a place, put back if they find none.
        matched.row_of[column as usize] = row;
        let done = if owner == NONE { self.leave_alone(matched) } else { self.displace(matched, owner) };
        if done {
            matched.column_of[row as usize] = column;
            if self.given_up != NONE && matched.row_of[self.given_up as usize] == row {
                matched.row_of[self.given_up as usize] = NONE;
            }
        } else {
            matched.row_of[column as usize] = owner;
        }
        done
    }

    /// Finds another partner for a row, or leaves it without.
    fn displace(&mut self, matched: &mut Matched<'_>, row: u32) -> bool {
        if std::mem::replace(&mut self.visited[row as usize], true) {
            return false;
        }
        for column in 0..matched.columns as u32 {
            if matched.is_tight(row, column) && self.move_to(matched, row, column) {
                return true;
            }
        }
        let alone = matched.row_price[row as usize] == 0 && self.leave_alone(matched);
        if alone {
            matched.column_of[row as usize] = NONE;
        }
        alone
    }

    fn move_to(&mut self, matched: &mut Matched<'_>, row: u32, column: u32) -> bool {
        let owner = matched.row_of[column as usize];
        let found = if column == self.given_up {
            // Still the first row's by name: the cycle is closed.
            owner == self.row
        } else if owner == NONE {
            self.leave_alone(matched)
        } else {
            self.displace(matched, owner)
        };
        if found {
            matched.column_of[row as usize] = column;
            matched.row_of[column as usize] = row;
        }
        found
    }

    /// Whether the column that is given up may stay alone, or another one in its place.
    fn leave_alone(&mut self, matched: &mut Matched<'_>) -> bool {
        if std::mem::replace(&mut self.pool, true) {
            return false;
        }
        if self.given_up == NONE || matched.column_price[self.given_up as usize] == 0 {
            return true;
        }
        for row in 0..matched.column_of.len() {
            let column = matched.column_of[row];
            let can_go = column == NONE || matched.column_price[column as usize] == 0;
            if can_go && !self.visited[row] && self.displace(matched, row as u32) {
                if column != NONE && matched.row_of[column as usize] == row as u32 {
                    matched.row_of[column as usize] = NONE;
                }
                return true;
            }
        }
        false
    }
}
