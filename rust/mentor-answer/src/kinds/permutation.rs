//! Permutations in cycles: `(1 2 3)(4 5)`.

use std::collections::BTreeMap;

/// Points that one permutation may move.
const MAX_POINTS: usize = 200;

/// What a permutation moves, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permutation {
    moved: BTreeMap<u32, u32>,
    /// Whether points stand apart, so that it can be nothing else; `(123)` is a number as well.
    pub certain: bool,
}

impl Permutation {
    /// Whether two say the same, whichever of them is certain.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.moved == other.moved
    }
}

/// Reads disjoint cycles of points set apart by blanks, or of one digit each.
pub(crate) fn permutation(cleaned: &str) -> Option<Permutation> {
    if !cleaned.starts_with('(') || !cleaned.ends_with(')') || cleaned.len() > 1_000 {
        return None;
    }
    let mut text = cleaned.to_owned();
    for blank in ["\\,", "\\;", "\\ ", "~", "\\quad"] {
        text = text.replace(blank, " ");
    }
    let mut moved = BTreeMap::new();
    let mut certain = false;
    for cycle in text[1..text.len() - 1].split(')') {
        let cycle = cycle.trim_start().trim_start_matches('(').trim();
        let apart = cycle.contains(' ');
        let points: Vec<u32> = if apart {
            cycle.split_whitespace().map(point).collect::<Option<_>>()?
        } else {
            cycle.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?
        };
        // `(1 234)` is a number with a blank in it.
        certain |= apart && cycle.split_whitespace().skip(1).any(|point| point.len() != 3);
        if points.is_empty() || moved.len() + points.len() > MAX_POINTS {
            return None;
        }
        for (place, from) in points.iter().enumerate() {
            if moved.insert(*from, points[(place + 1) % points.len()]).is_some() {
                return None;
            }
        }
    }
    moved.retain(|from, to| from != to);
    Some(Permutation { moved, certain })
}

fn point(text: &str) -> Option<u32> {
    (text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::permutation;

    #[test]
    fn cycles() {
        let read = |text| permutation(text).unwrap();
        assert!(read("(1 2 3)(4 5)").same(&read("(5\\ 4)(2\\,3\\,1)")));
        assert!(read("(123)").same(&read("(1 2 3)")));
        assert!(!read("(1 2 3)").same(&read("(1 3 2)")));
        assert!(read("(1 2)(3)").same(&read("(1 2)")));
        assert_eq!(
            (read("(123)").certain, read("(1 234)").certain, read("(1 2)").certain),
            (false, false, true)
        );
        for text in ["(1 2)(2 3)", "(x)", "(1, 2)", "1 2", "()", "(1 2", "((1 2))("] {
            assert_eq!(permutation(text), None, "{text}");
        }
    }
}
