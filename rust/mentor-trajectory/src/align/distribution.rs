//! How similar two sets of trajectories are in how often they use each tool.

/// 1 - the Jensen-Shannon divergence, in bits, of two distributions given as counts: 1 for equal shares, 0 for nothing
/// in common. Two empty sets are the same, an empty one and another have nothing in common.
#[must_use]
pub fn similarity_of_counts(a: &[u64], b: &[u64]) -> f64 {
    let (of_a, of_b) = (a.iter().sum::<u64>(), b.iter().sum::<u64>());
    if of_a == 0 || of_b == 0 {
        return f64::from(u8::from(of_a == of_b));
    }
    let (of_a, of_b) = (of_a as f64, of_b as f64);
    let divergence: f64 = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| {
            let (a, b) = (a as f64 / of_a, b as f64 / of_b);
            let middle = f64::midpoint(a, b);
            f64::midpoint(surprise(a, middle), surprise(b, middle))
        })
        .sum();
    (1.0 - divergence).clamp(0.0, 1.0)
}

fn surprise(share: f64, middle: f64) -> f64 {
    if share == 0.0 { 0.0 } else { share * (share / middle).log2() }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the ends of the range are exact")]
mod tests {
    use super::similarity_of_counts;

    #[test]
    fn a_worked_example() {
        // Shares 1/2, 1/2 and 1, 0: the middle is 3/4, 1/4.
        let expected = 1.0 - 0.5 * (0.5 * (2.0_f64 / 3.0).log2() + 0.5 * 1.0 + (4.0_f64 / 3.0).log2());
        assert!((similarity_of_counts(&[3, 3], &[5, 0]) - expected).abs() < 1e-15);
        assert_eq!(similarity_of_counts(&[1, 2], &[2, 4]), 1.0);
        assert_eq!(similarity_of_counts(&[1, 0], &[0, 4]), 0.0);
        assert_eq!([similarity_of_counts(&[], &[]), similarity_of_counts(&[0], &[1])], [1.0, 0.0]);
    }
}
