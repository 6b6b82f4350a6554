//! How similar two texts are.

use crate::align::scores::levenshtein;
use std::collections::HashMap;

/// What is left of two texts beyond their common ends is compared up to this many pairs of characters.
const MOST_PAIRS: usize = 1 << 26;

/// 1 - edit distance / longer length, in characters; two empty texts are the same.
///
/// Texts so long that more than 2^26 pairs of characters would have to be looked at, after their common beginning and
/// end, count as different in between.
#[must_use]
pub(crate) fn text_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longer = a.len().max(b.len());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let distance = if a.len().saturating_mul(b.len()) > MOST_PAIRS {
        a.len().max(b.len())
    } else {
        let mut ids = HashMap::new();
        let mut token = |c: &char| {
            let next = ids.len() as u32;
            *ids.entry(*c).or_insert(next)
        };
        let (a, b): (Vec<u32>, Vec<u32>) =
            (a.iter().map(&mut token).collect(), b.iter().map(&mut token).collect());
        levenshtein(&a, &b)
    };
    1.0 - distance as f64 / longer as f64
}
