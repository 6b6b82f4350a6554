//! Words against words, and words against mathematics.

use super::Pair;
use crate::kinds::words::{self, Inside};
use crate::kinds::{numerals, units};
use crate::node::{Constant, NamedSet, Node, Relation};
use crate::policy::Prose;
use crate::verdict::Verdict;

/// Words that stand for a set of numbers.
const SETS: [(&str, NamedSet); 17] = [
    ("all real numbers", NamedSet::Reals),
    ("all reals", NamedSet::Reals),
    ("real numbers", NamedSet::Reals),
    ("reals", NamedSet::Reals),
    ("all integers", NamedSet::Integers),
    ("empty set", NamedSet::Empty),
    ("no solution", NamedSet::Empty),
    ("no solutions", NamedSet::Empty),
    ("no solution exists", NamedSet::Empty),
    ("no solutions exist", NamedSet::Empty),
    ("there is no solution", NamedSet::Empty),
    ("there are no solutions", NamedSet::Empty),
    ("no real roots", NamedSet::Empty),
    ("no real solution", NamedSet::Empty),
    ("no real solutions", NamedSet::Empty),
    ("none", NamedSet::Empty),
    ("null set", NamedSet::Empty),
];

/// Words before the number that something is bounded by; longer ones before those they begin with.
const BOUNDS: [(&str, Relation); 14] = [
    ("greater than or equal to ", Relation::GreaterEqual),
    ("less than or equal to ", Relation::LessEqual),
    ("no more than ", Relation::LessEqual),
    ("not more than ", Relation::LessEqual),
    ("no less than ", Relation::GreaterEqual),
    ("not less than ", Relation::GreaterEqual),
    ("at least ", Relation::GreaterEqual),
    ("at most ", Relation::LessEqual),
    ("more than ", Relation::Greater),
    ("greater than ", Relation::Greater),
    ("larger than ", Relation::Greater),
    ("less than ", Relation::Less),
    ("fewer than ", Relation::Less),
    ("smaller than ", Relation::Less),
];

/// Words that say the same.
const SYNONYMS: [(&str, &str); 5] = [
    ("dne", "does not exist"),
    ("undefined", "not defined"),
    ("no limit", "does not exist"),
    ("impossible", "not possible"),
    ("infinitely many solutions", "infinitely many"),
];

/// Words of which a product of letters is hardly one of the two.
const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];

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
        let one = |known: bool, equal, different| {
            if known { Verdict::equal(equal) } else { Verdict::different(different) }
        };
        if let (Some(m), Some(n)) = (numerals::number(x), numerals::number(y)) {
            return one(m == n, "the same number in words", "different numbers");
        }
        if let (Some(m), Some(n)) = (numerals::ordinal(x), numerals::ordinal(y)) {
            return one(m == n, "the same place in an order", "different places in an order");
        }
        if let (Some(m), Some(n)) = (bound(x), bound(y)) {
            return self.compare(&m, &n);
        }
        if let (Some(m), Some(n)) = (counted(x), counted(y))
            && [&m, &n].iter().all(|side| matches!(side, Node::Quantity(_, unit) if units::known(unit)))
        {
            return self.compare(&m, &n);
        }
        let meant = |words: &str| {
            SYNONYMS.iter().find(|(known, _)| *known == words.to_lowercase()).map(|(_, as_in)| *as_in)
        };
        let (r, s) = (meant(&p).unwrap_or(&p), meant(&q).unwrap_or(&q));
        if (meant(&p).is_some() || meant(&q).is_some()) && r.eq_ignore_ascii_case(s) {
            return Verdict::equal("words that say the same");
        }
        if let (Some(m), Some(n)) = (set(x), set(y)) {
            return if m == n {
                Verdict::equal("the same set in words")
            } else {
                Verdict::different("different sets")
            };
        }
        let says = |sentence: &str, word: &str| {
            sentence.strip_suffix(word).is_some_and(|head| head.ends_with(" is ") || head.ends_with(" are "))
        };
        if !p.is_empty() && !q.is_empty() && (says(&p, &q) || says(&q, &p)) {
            return Verdict::equal("what the sentence says");
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
        if anagram && !p.contains(VOWELS) {
            Verdict::equal("the same product of letters")
        } else if anagram {
            Verdict::undecided("words, or products of letters")
        } else {
            Verdict::different("different words")
        }
    }

    fn text_and_other(&self, text: &str, other: &Node) -> Verdict {
        if let Some(counted) = counted(text) {
            return self.compare(&counted, other);
        }
        if let (Some(place), Node::Quantity(number, tail)) = (numerals::ordinal(text), other)
            && matches!(tail.as_str(), "st" | "nd" | "rd" | "th")
        {
            return self.compare(&Node::integer(place), number);
        }
        if let Node::Quantity(number, tail) = other
            && let Some((mark, noun)) = tail.split_once(' ')
            && matches!(mark, "st" | "nd" | "rd" | "th")
            && let Some(place) = text.strip_suffix(noun).and_then(numerals::ordinal)
        {
            return self.compare(&Node::integer(place), number);
        }
        if matches!(other, Node::Relation(..) | Node::Bracket(..) | Node::SetOperation(..) | Node::Where(_))
            && let Some(bound) = bound(text)
        {
            return self.compare(&bound, other);
        }
        if let Some(infinity) = infinity(text) {
            return self.compare(&infinity, other);
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

/// A number in words, and what is counted behind it if there is such: `three apples`.
fn counted(text: &str) -> Option<Node> {
    let (number, rest) = numerals::leading(text)?;
    let number = Node::Exact(number);
    if rest.is_empty() {
        return Some(number);
    }
    let few = rest.split(' ').count() <= 2 && rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    (few && numerals::ordinal(text).is_none()).then(|| Node::Quantity(Box::new(number), rest.to_owned()))
}

/// `at least 5`, as an inequality of whatever it is about.
fn bound(text: &str) -> Option<Node> {
    let lower = text.trim();
    let (lead, relation) = BOUNDS
        .iter()
        .find(|(lead, _)| lower.get(..lead.len()).is_some_and(|head| head.eq_ignore_ascii_case(lead)))?;
    let tree = crate::parse::parse(lower[lead.len()..].trim()).ok()?;
    let known = !matches!(tree.node, Node::Text(_) | Node::Relation(..) | Node::List(..));
    known.then(|| Node::Relation(vec![Node::Symbol("?".into()), tree.node], vec![*relation]))
}

/// `diverges to infinity`, `negative infinity`.
fn infinity(text: &str) -> Option<Node> {
    let plain = words::plain(text, true);
    let rest = ["diverges to ", "tends to ", "goes to ", "approaches "]
        .into_iter()
        .find_map(|lead| plain.strip_prefix(lead))
        .unwrap_or(&plain);
    let infinity = Node::Constant(Constant::Infinity);
    match rest {
        "infinity" | "positive infinity" | "+infinity" => Some(infinity),
        "negative infinity" | "minus infinity" => Some(Node::Negative(Box::new(infinity))),
        _ => None,
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
