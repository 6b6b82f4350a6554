//! Words against words, and words against mathematics.

use super::Pair;
use crate::kinds::words::{self, Inside};
use crate::node::{NamedSet, Node};
use crate::policy::Prose;
use crate::verdict::Verdict;

/// Words that stand for a set of numbers.
const SETS: [(&str, NamedSet); 12] = [
    ("all real numbers", NamedSet::Reals),
    ("all reals", NamedSet::Reals),
    ("real numbers", NamedSet::Reals),
    ("reals", NamedSet::Reals),
    ("all integers", NamedSet::Integers),
    ("empty set", NamedSet::Empty),
    ("no solution", NamedSet::Empty),
    ("no solutions", NamedSet::Empty),
    ("no real solution", NamedSet::Empty),
    ("no real solutions", NamedSet::Empty),
    ("none", NamedSet::Empty),
    ("null set", NamedSet::Empty),
];

/// Letters that usually are variables, so that a word of them may be a product.
const VARIABLES: &str = "abcdhkmnpqrstuvwxyz";

impl Pair<'_> {
    pub(super) fn words(&self, a: &Node, b: &Node) -> Verdict {
        match (a, b) {
            (Node::Text(x), Node::Text(y)) => self.texts(x, y),
            (Node::Text(text), other) | (other, Node::Text(text)) => self.text_and_other(text, other),
            _ => Verdict::undecided("words that are not read"),
        }
    }

    pub(crate) fn texts(&self, x: &str, y: &str) -> Verdict {
        let fold = self.policy.fold_text;
        let (p, q) = (words::plain(x, fold), words::plain(y, fold));
        if p == q && !p.is_empty() {
            return Verdict::equal("the same words");
        }
        if let (Some(m), Some(n)) = (words::number(x), words::number(y)) {
            return if m == n {
                Verdict::equal("the same number in words")
            } else {
                Verdict::different("different numbers")
            };
        }
        if let (Some(m), Some(n)) = (set(x), set(y)) {
            return if m == n {
                Verdict::equal("the same set in words")
            } else {
                Verdict::different("different sets")
            };
        }
        if p.replace(' ', "") == q.replace(' ', "") && !p.is_empty() {
            return Verdict::equal("the same letters");
        }
        // A product of letters in another order, perhaps.
        let small = |text: &str| text.chars().all(char::is_lowercase);
        let anagram = small(x) && small(y) && p.len() == q.len() && p.len() <= 3 && !p.contains(' ') && {
            let sorted = |text: &str| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            sorted(&p) == sorted(&q) && p.chars().all(|c| VARIABLES.contains(c))
        };
        if anagram {
            Verdict::undecided("words, or products of letters")
        } else {
            Verdict::different("different words")
        }
    }

    fn text_and_other(&self, text: &str, other: &Node) -> Verdict {
        if let Some(number) = words::number(text) {
            return self.compare(&Node::integer(number), other);
        }
        if let Some(set) = set(text) {
            return self.compare(&Node::NamedSet(set), other);
        }
        if let Node::Relation(sides, _) = other
            && let Some(last @ Node::Text(_)) = sides.last()
        {
            return self.compare(&Node::Text(text.to_owned()), last);
        }
        if let Some(product) = letters(text) {
            // `xy` against `x \cdot y`.
            let verdict = self.compare(&product, other);
            return if verdict.is_different() {
                Verdict::different("words against mathematics")
            } else {
                verdict
            };
        }
        if let Node::Quantity(inner, unit) = other {
            // `12 apples` against a sentence.
            let quantity = self.text_and_other(text, inner);
            return if quantity.is_different() && words::plain(text, true).contains(&words::plain(unit, true))
            {
                Verdict::undecided("a sentence against a quantity")
            } else {
                quantity
            };
        }
        self.sentence(text, other)
    }

    fn sentence(&self, text: &str, other: &Node) -> Verdict {
        let found = match (words::inside(text), self.policy.prose) {
            (Inside::Several, Prose::Last) => words::last_number(text).map_or(Inside::Several, Inside::One),
            (found, _) => found,
        };
        match found {
            Inside::One(part) => match crate::parse::parse(part) {
                Ok(tree) if !matches!(tree.node, Node::Text(_)) => {
                    let verdict = self.compare(&tree.node, other);
                    if verdict.is_different() {
                        Verdict::different("what the sentence says differs")
                    } else {
                        verdict
                    }
                }
                _ => Verdict::undecided("a sentence that is not read"),
            },
            Inside::Several => Verdict::undecided("a sentence with several numbers"),
            Inside::Nothing => Verdict::different("words against mathematics"),
        }
    }
}

fn set(text: &str) -> Option<NamedSet> {
    let plain = words::plain(text, true);
    SETS.iter().find(|(name, _)| *name == plain).map(|(_, set)| *set)
}

/// A short word as a product of its letters.
fn letters(text: &str) -> Option<Node> {
    let short = text.len() <= 3 && text.len() > 1 && text.chars().all(|c| c.is_ascii_alphabetic());
    short.then(|| Node::product(text.chars().map(|c| Node::Symbol(c.to_string())).collect()))
}
