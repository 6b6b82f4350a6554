//! Set expressions in letters: the same if the same elements are in them, whatever the letters stand for.

use crate::node::{Node, SetOperation};
use crate::verdict::Verdict;

/// More letters than this are not tried.
const MAX_LETTERS: usize = 8;

/// Two expressions of letters that stand for sets; nothing where one of them is something else.
pub(super) fn compared(a: &Node, b: &Node) -> Option<Verdict> {
    if !matches!((a, b), (Node::SetOperation(..), _) | (_, Node::SetOperation(..))) {
        return None;
    }
    let mut letters = Vec::new();
    if !collect(a, &mut letters) || !collect(b, &mut letters) || letters.len() > MAX_LETTERS {
        return None;
    }
    // An element is in some of the sets and not in the others: every way of it.
    let same = (0..1_u32 << letters.len()).all(|ways| holds(a, &letters, ways) == holds(b, &letters, ways));
    Some(if same { Verdict::equal("the same elements") } else { Verdict::different("different elements") })
}

/// Notes the letters of an expression; false where it has anything else in it.
fn collect<'n>(node: &'n Node, letters: &mut Vec<&'n str>) -> bool {
    match node {
        Node::Symbol(name) => {
            if !letters.contains(&name.as_str()) {
                letters.push(name);
            }
            true
        }
        Node::SetOperation(_, pair) => collect(&pair.0, letters) && collect(&pair.1, letters),
        _ => false,
    }
}

fn holds(node: &Node, letters: &[&str], ways: u32) -> bool {
    match node {
        Node::Symbol(name) => {
            letters.iter().position(|known| known == name).is_some_and(|at| ways >> at & 1 == 1)
        }
        Node::SetOperation(operation, pair) => {
            let (left, right) = (holds(&pair.0, letters, ways), holds(&pair.1, letters, ways));
            match operation {
                SetOperation::Union => left || right,
                SetOperation::Intersection => left && right,
                SetOperation::Difference => left && !right,
            }
        }
        _ => false,
    }
}
