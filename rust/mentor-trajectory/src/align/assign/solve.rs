//! Shortest augmenting paths: rows enter one by one, each taking the column or giving up the row that costs least.

use super::NONE;

/// An optimal matching with the prices that prove it: `prices of row + column >= weight`, equal for every pair, and 0
/// for whoever has no partner.
pub(super) struct Matched<'a> {
    pub columns: usize,
    pub weights: &'a [i64],
    pub column_of: Vec<u32>,
    pub row_of: Vec<u32>,
    pub row_price: Vec<i64>,
    pub column_price: Vec<i64>,
}

impl Matched<'_> {
    pub fn weight(&self, row: u32, column: u32) -> i64 {
        self.weights[row as usize * self.columns + column as usize]
    }

    /// Whether some optimal matching may hold this pair.
    pub fn is_tight(&self, row: u32, column: u32) -> bool {
        let weight = self.weight(row, column);
        weight > 0 && self.row_price[row as usize] + self.column_price[column as usize] == weight
    }

    fn pair(&mut self, row: u32, column: u32) {
        self.column_of[row as usize] = column;
        self.row_of[column as usize] = row;
    }
}

/// The matching of the greatest total; weights are not negative.
pub(super) fn solve(rows: usize, columns: usize, weights: &[i64]) -> Matched<'_> {
    let mut matched = Matched {
        columns,
        weights,
        column_of: vec![NONE; rows],
        row_of: vec![NONE; columns],
        row_price: vec![0; rows],
        column_price: vec![0; columns],
    };
    let mut search = Search::new(columns);
    for row in 0..rows as u32 {
        if !enter(&mut matched, row) {
            search.run(&mut matched, row);
        }
    }
    matched
}

/// Gives a row the column that it gains most by, if that column is free; whether the row is settled.
fn enter(matched: &mut Matched<'_>, row: u32) -> bool {
    let start = row as usize * matched.columns;
    let weights = &matched.weights[start..start + matched.columns];
    let (mut best, mut column) = (0, NONE);
    for (place, (&weight, &price)) in weights.iter().zip(&matched.column_price).enumerate() {
        let gain = weight - price;
        if gain < best || gain == 0 {
            continue;
        }
        let free = |column: u32| matched.row_of[column as usize] == NONE;
        if gain > best || (!free(column) && free(place as u32)) {
            (best, column) = (gain, place as u32);
        }
    }
    matched.row_price[row as usize] = best;
    if column == NONE {
        return true;
    }
    let free = matched.row_of[column as usize] == NONE;
    if free {
        matched.pair(row, column);
    }
    free
}

/// The search for the cheapest way to let one more row in.
struct Search {
    /// The least cost at which each column is reached, and from which row.
    cost: Vec<i64>,
    from: Vec<u32>,
    /// The columns whose rows have not been looked at, and those whose have.
    left: Vec<u32>,
    visited: Vec<u32>,
}

/// How a search ends: at a free column, or at a row that had better have none.
enum End {
    Column(u32),
    Row(u32),
}

impl Search {
    fn new(columns: usize) -> Self {
        let (left, visited) = (Vec::with_capacity(columns), Vec::with_capacity(columns));
        Self { cost: vec![0; columns], from: vec![NONE; columns], left, visited }
    }

    fn run(&mut self, matched: &mut Matched<'_>, row: u32) {
        let (end, total) = self.find(matched, row);
        matched.row_price[row as usize] -= total;
        for &column in &self.visited {
            let place = column as usize;
            let rest = total - self.cost[place];
            matched.row_price[matched.row_of[place] as usize] -= rest;
            matched.column_price[place] += rest;
        }
        let mut column = match end {
            End::Column(column) => column,
            End::Row(leaving) => {
                let left = matched.column_of[leaving as usize];
                matched.column_of[leaving as usize] = NONE;
                left
            }
        };
        while column != NONE {
            let taker = self.from[column as usize];
            let left = matched.column_of[taker as usize];
            matched.pair(taker, column);
            column = if taker == row { NONE } else { left };
        }
    }

    fn find(&mut self, matched: &Matched<'_>, row: u32) -> (End, i64) {
        self.cost.fill(i64::MAX);
        self.visited.clear();
        self.left.clear();
        self.left.extend(0..matched.columns as u32);
        let (mut current, mut base) = (row, 0);
        // The row that can leave at the least cost.
        let mut leave = (matched.row_price[row as usize], row);
        loop {
            let Some(place) = self.reach(matched, current, base) else {
                return (End::Row(leave.1), leave.0);
            };
            let column = self.left[place];
            let cost = self.cost[column as usize];
            let free = matched.row_of[column as usize] == NONE;
            if leave.0 < cost || (leave.0 == cost && !free) {
                return (End::Row(leave.1), leave.0);
            }
            if free {
                return (End::Column(column), cost);
            }
            self.left.swap_remove(place);
            self.visited.push(column);
            (current, base) = (matched.row_of[column as usize], cost);
            leave = leave.min((base + matched.row_price[current as usize], current));
        }
    }

    /// Looks at the columns that are left from one row; the place of the cheapest, a free one where two cost the same.
    fn reach(&mut self, matched: &Matched<'_>, row: u32, base: i64) -> Option<usize> {
        let start = row as usize * matched.columns;
        let weights = &matched.weights[start..start + matched.columns];
        let price = base + matched.row_price[row as usize];
        let (mut least, mut at, mut at_free) = (i64::MAX, None, false);
        for (place, &column) in self.left.iter().enumerate() {
            let column = column as usize;
            let cost = price + matched.column_price[column] - weights[column];
            let known = &mut self.cost[column];
            if cost < *known {
                *known = cost;
                self.from[column] = row;
            }
            if *known < least || (*known == least && !at_free) {
                let free = matched.row_of[column] == NONE;
                if *known < least || free {
                    (least, at, at_free) = (*known, Some(place), free);
                }
            }
        }
        at
    }
}
