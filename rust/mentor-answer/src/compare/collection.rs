//! Lists, sets, tuples: what is ordered, what is not, and names given to the items.

use super::{Pair, is_collection, is_plain_pair, matrix, signs};
use crate::node::{Bracket, Joint, Node};
use crate::verdict::{Decision, Verdict};

/// Larger unordered collections are compared in order only.
const MAX_UNORDERED: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Brackets: ordered.
    Tuple(Bracket),
    /// Braces: unordered, and each item once.
    Set,
    /// No brackets: unordered.
    Bare,
}

struct Collected {
    kind: Kind,
    items: Vec<Node>,
    /// The names of the items, where every item has one: `x = 1, y = 2`.
    names: Option<Vec<Node>>,
}

impl Pair<'_> {
    pub(super) fn collections(&self, a: &Node, b: &Node) -> Verdict {
        let logic = |node: &Node| match node {
            Node::List(_, joint @ (Joint::Both | Joint::Either)) => Some(*joint),
            _ => None,
        };
        if logic(a) != logic(b) {
            return match (logic(a), logic(b)) {
                (Some(_), Some(_)) => Verdict::different("both statements against either"),
                _ => Verdict::undecided("statements against items"),
            };
        }
        if let (Some(x), Some(y)) = (matrix::rows(a), matrix::rows(b)) {
            if x.len() == y.len() && x.iter().zip(&y).all(|(r, s)| r.len() == s.len()) {
                return self.each(&x.concat(), &y.concat(), "entries of the matrices differ");
            }
            return Verdict::different("matrices of different sizes");
        }
        if let (Node::Matrix(rows), Node::Bracket(_, items, _))
        | (Node::Bracket(_, items, _), Node::Matrix(rows)) = (a, b)
        {
            return self.vector(rows, items);
        }
        match (self.items(a), self.items(b)) {
            (Some(x), Some(y)) => self.items_agree(&x, &y),
            (Some(x), None) => self.one_item(&x, b),
            (None, Some(y)) => self.one_item(&y, a),
            (None, None) => Verdict::undecided("brackets that are not read"),
        }
    }

    /// A column or row against a tuple: the same entries are the same vector.
    fn vector(&self, rows: &[Vec<Node>], items: &[Node]) -> Verdict {
        let line = rows.len() == 1 || rows.iter().all(|row| row.len() == 1);
        if !line {
            return Verdict::different("a matrix against a tuple");
        }
        self.each(&rows.concat(), items, "entries of the vectors differ")
    }

    /// A collection against something that is none: equal if it is the only item.
    fn one_item(&self, items: &Collected, other: &Node) -> Verdict {
        match items.items.as_slice() {
            [only] => self.compare(only, other),
            // `1200 dollars and 50 cents`.
            several if items.kind == Kind::Bare => match super::quantity::together(several) {
                Some(total) => self.compare(&total, other),
                None => Verdict::different("several items against one"),
            },
            _ => Verdict::different("several items against one"),
        }
    }

    fn items(&self, node: &Node) -> Option<Collected> {
        let (kind, items) = match node {
            Node::List(items, _) => (Kind::Bare, items),
            Node::Set(items) => (Kind::Set, items),
            Node::Bracket(open, items, close) if is_plain_pair(*open, *close) => (Kind::Tuple(*open), items),
            _ => return None,
        };
        let mut names = Vec::new();
        let mut values = Vec::new();
        for item in items {
            let (name, value) = match self.named(item) {
                Some((name, value)) if kind == Kind::Bare => (name, value),
                _ => (None, item.clone()),
            };
            // A bare list in a bare list is an item of several parts.
            let value = match value {
                Node::List(inner, Joint::And) if kind == Kind::Bare => {
                    Node::Bracket(Bracket::Round, inner, Bracket::Round)
                }
                value => value,
            };
            if let Some(both) = signs(&value).filter(|_| kind != Kind::Tuple(Bracket::Round)) {
                for value in both {
                    names.push(name.clone());
                    values.push(value);
                }
            } else {
                names.push(name);
                values.push(value);
            }
        }
        // Only where every item is named do names mean anything; `n = 1, 2, 3` names them all at once.
        let names = names.into_iter().collect::<Option<Vec<_>>>();
        Some(Collected { kind, items: values, names })
    }

    fn items_agree(&self, x: &Collected, y: &Collected) -> Verdict {
        if let (Some(p), Some(q)) = (&x.names, &y.names)
            && let Some(verdict) = self.by_name((p, &x.items), (q, &y.items))
        {
            return verdict;
        }
        match (x.kind, y.kind) {
            (Kind::Tuple(p), Kind::Tuple(q)) => {
                let alike = p == q || p == Bracket::Angle || q == Bracket::Angle;
                if !alike && self.policy.ordered_tuples {
                    return Verdict::different("different brackets");
                }
                if self.policy.ordered_tuples {
                    self.in_order(&x.items, &y.items)
                } else {
                    self.unordered(&x.items, &y.items, false)
                }
            }
            (Kind::Tuple(_), Kind::Set) | (Kind::Set, Kind::Tuple(_)) => {
                if self.policy.ordered_tuples {
                    return Verdict::different("a set against a tuple");
                }
                self.unordered(&x.items, &y.items, true)
            }
            (Kind::Tuple(_), Kind::Bare) | (Kind::Bare, Kind::Tuple(_)) if self.policy.ordered_tuples => {
                self.in_order(&x.items, &y.items)
            }
            (Kind::Set, _) | (_, Kind::Set) => self.unordered(&x.items, &y.items, true),
            _ if self.policy.ordered_lists => self.in_order(&x.items, &y.items),
            _ if ordered_names(x) || ordered_names(y) => self.in_order(&x.items, &y.items),
            // Solutions given twice are given once.
            _ => self.unordered(&x.items, &y.items, x.items.iter().chain(&y.items).all(is_collection)),
        }
    }

    /// Items by their names, where each side gives every item a name of its own, and they are the same names.
    fn by_name(&self, (p, x): (&[Node], &[Node]), (q, y): (&[Node], &[Node])) -> Option<Verdict> {
        if x.len() != y.len() || !distinct(p) || !distinct(q) {
            return None;
        }
        let place = |name: &Node| q.iter().position(|other| other == name);
        let places = p.iter().map(place).collect::<Option<Vec<_>>>()?;
        let ordered: Vec<Node> = places.into_iter().map(|place| y[place].clone()).collect();
        Some(self.each(x, &ordered, "values of the same name differ"))
    }

    fn in_order(&self, x: &[Node], y: &[Node]) -> Verdict {
        self.each(x, y, "items differ")
    }

    /// Every item has its like on the other side; in sets repeated items count once.
    fn unordered(&self, x: &[Node], y: &[Node], set: bool) -> Verdict {
        if !set && x.len() != y.len() {
            return Verdict::different("different numbers of items");
        }
        if x.len().max(y.len()) > MAX_UNORDERED {
            let verdict = self.in_order(x, y);
            return if verdict.is_equal() { verdict } else { Verdict::undecided("too many items") };
        }
        let there = self.each_has_its_like(x, y, set);
        // A perfect matching is one from either side.
        let back = if there == Decision::Equal && !set { there } else { self.each_has_its_like(y, x, set) };
        match (there, back) {
            (Decision::Equal, Decision::Equal) => Verdict::equal("the same items"),
            (Decision::Different, _) | (_, Decision::Different) => {
                Verdict::different("an item without its like")
            }
            _ => Verdict::undecided("items that cannot be told apart"),
        }
    }

    /// Whether every item of one side has its like on the other, one of its own unless they are sets.
    fn each_has_its_like(&self, x: &[Node], y: &[Node], set: bool) -> Decision {
        let mut used = vec![false; y.len()];
        let mut unknown = false;
        for (place, item) in x.iter().enumerate() {
            let (mut found, mut open) = (false, false);
            // The one in the same place is the likeliest.
            let rest = (0..y.len()).filter(|other| *other != place);
            for other in std::iter::once(place).filter(|place| *place < y.len()).chain(rest) {
                if used[other] && !set {
                    continue;
                }
                match self.compare(item, &y[other]).decision {
                    Decision::Equal => {
                        used[other] = true;
                        found = true;
                        break;
                    }
                    Decision::Undecided => open = true,
                    Decision::Different => {}
                }
            }
            if !found && !open {
                return Decision::Different;
            }
            unknown |= !found;
        }
        if unknown { Decision::Undecided } else { Decision::Equal }
    }
}

fn distinct(names: &[Node]) -> bool {
    names.iter().enumerate().all(|(place, name)| !names[..place].contains(name))
}

/// Whether names put the items in an order: `x = 1, y = 2`, but not `x_1 = 1, x_2 = 2` or `x = 1, x = 2`.
fn ordered_names(items: &Collected) -> bool {
    let Some(names) = &items.names else { return false };
    let stem = |node: &Node| match node {
        Node::Symbol(name) => name.split('_').next().unwrap_or(name).to_owned(),
        other => format!("{other:?}"),
    };
    names.len() > 1 && names.iter().any(|name| stem(name) != stem(&names[0]))
}
