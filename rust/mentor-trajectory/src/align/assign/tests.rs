use super::*;

/// Every matching tried: the best total, and of those the first.
fn by_trying_all(rows: usize, columns: usize, weights: &[f64]) -> Vec<Option<usize>> {
    fn try_row(
        row: usize,
        rows: usize,
        columns: usize,
        weights: &[f64],
        taken: &mut Vec<Option<usize>>,
        best: &mut Option<(i64, Vec<usize>)>,
    ) {
        if row == rows {
            let total = taken
                .iter()
                .enumerate()
                .map(|(r, c)| c.map_or(0, |c| (weights[r * columns + c] * QUANTUM + 0.5) as i64));
            let total: i64 = total.sum();
            let places: Vec<usize> = taken.iter().map(|c| c.unwrap_or(usize::MAX)).collect();
            if best.as_ref().is_none_or(|(t, p)| total > *t || (total == *t && places < *p)) {
                *best = Some((total, places));
            }
            return;
        }
        for column in (0..columns).map(Some).chain([None]) {
            let fits = column.is_none_or(|c| weights[row * columns + c] > 0.0 && !taken.contains(&Some(c)));
            if fits {
                taken.push(column);
                try_row(row + 1, rows, columns, weights, taken, best);
                taken.pop();
            }
        }
    }
    let mut best = None;
    try_row(0, rows, columns, weights, &mut Vec::new(), &mut best);
    let (_, places) = best.expect("nothing is a matching too");
    places.into_iter().map(|c| (c != usize::MAX).then_some(c)).collect()
}

/// A small generator, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[test]
fn the_best_total_and_the_first_of_its_matchings() {
    let mut dice = Dice(1);
    for round in 0..6_000 {
        let (rows, columns) = (dice.below(6) as usize, dice.below(6) as usize);
        // Few levels make many ties.
        let levels = [2, 3, 4, 5, 101][round % 5];
        let weights: Vec<f64> =
            (0..rows * columns).map(|_| dice.below(levels) as f64 / (levels - 1) as f64).collect();
        let found = matching(rows, columns, |r, c| weights[r * columns + c]);
        assert_eq!(found, by_trying_all(rows, columns, &weights), "{rows} x {columns}: {weights:?}");
    }
}

#[test]
fn equal_calls_pair_in_order() {
    let same = |rows, columns| matching(rows, columns, |_, _| 1.0);
    assert_eq!(same(3, 2), [Some(0), Some(1), None]);
    assert_eq!(same(2, 3), [Some(0), Some(1)]);
    assert_eq!(same(EXACT, EXACT), (0..EXACT).map(Some).collect::<Vec<_>>());
    assert_eq!(same(0, 3), []);
    assert_eq!(matching(2, 2, |_, _| 0.0), [None, None]);
}

#[test]
fn a_short_side_is_matched_optimally_however_long_the_other() {
    let last = matching(2, 5_000, |row, column| if column + row == 4_999 { 1.0 } else { 0.5 });
    assert_eq!(last, [Some(4_999), Some(4_998)]);
    let rows = matching(5_000, 2, |row, column| if column + row == 4_999 { 1.0 } else { 0.5 });
    assert_eq!((rows[4_998], rows[4_999]), (Some(1), Some(0)));
}

#[test]
fn two_long_sides_are_matched_near_the_diagonal() {
    let band = Band::of(100, 300);
    assert!(!band.is_all() && band.columns_of(50).contains(&150) && !band.columns_of(0).contains(&200));
    let same = matching(200, 200, |row, column| if row == column { 1.0 } else { 0.9 });
    assert_eq!(same, (0..200).map(Some).collect::<Vec<_>>());
    assert_eq!(matching(100, 100, |row, column| f64::from(u8::from(row + column == 99)))[0], None);
}

#[test]
fn classes_are_problems_of_their_own() {
    let mut dice = Dice(5);
    for _ in 0..500 {
        let mut classes =
            |most| -> Vec<u32> { (0..dice.below(most)).map(|_| dice.below(3) as u32).collect() };
        let (rows, columns) = (classes(6), classes(6));
        let weights: Vec<f64> = (0..36).map(|_| dice.below(3) as f64 / 2.0).collect();
        let weight = |r: usize, c: usize| weights[r * 6 + c];
        let all = matching(
            rows.len(),
            columns.len(),
            |r, c| if rows[r] == columns[c] { weight(r, c) } else { 0.0 },
        );
        assert_eq!(matching_within(&rows, &columns, weight), all);
    }
}
