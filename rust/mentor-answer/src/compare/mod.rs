//! Two trees: whether they say the same under a policy.
//!
//! [`Pair::compare`] looks at what the two are and hands them to the module that knows: `scalar` for expressions,
//! `collection` for lists, sets and tuples, `relation` for equations and inequalities, `region` for sets of
//! numbers, `quantity` for units and percent, `wording` for words.

mod cases;
mod collection;
mod congruence;
mod letters;
mod matrix;
mod quantity;
mod region;
mod relation;
mod scalar;
mod solve;
mod towers;
mod wording;

use crate::node::{Bracket, Commas, Factor, Function, Joint, NamedSet, Node};
use crate::policy::Policy;
use crate::verdict::Verdict;
use std::cell::Cell;

/// Steps that one pair may take, of about a tenth of a microsecond each.
const FUEL: u64 = 60_000;

/// The most values that signs such as `\pm` are spread to.
const MAX_SPREAD: usize = 16;

/// The work on one pair.
pub(crate) struct Pair<'p> {
    pub policy: &'p Policy,
    /// Whether `log` is to base e.
    pub natural: bool,
    pub fuel: Cell<u64>,
}

impl<'p> Pair<'p> {
    pub(crate) fn new(policy: &'p Policy) -> Self {
        Self { policy, natural: false, fuel: Cell::new(FUEL) }
    }

    fn spend(&self, steps: u64) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(steps));
        left >= steps
    }

    /// Whether two trees say the same.
    pub(crate) fn compare(&self, a: &Node, b: &Node) -> Verdict {
        if !self.spend(4) {
            return Verdict::undecided("too much to compare");
        }
        if a == b && !has_unknown(a) {
            return Verdict::equal("the same expression");
        }
        if let Some(verdict) = self.commas(a, b) {
            return verdict;
        }
        match (coordinates(a), coordinates(b)) {
            (Some(point), None) => return self.compare(&point, b),
            (None, Some(point)) => return self.compare(a, &point),
            _ => {}
        }
        if let (Node::Symbol(letter), Node::NamedSet(set)) | (Node::NamedSet(set), Node::Symbol(letter)) =
            (a, b)
            && NamedSet::by_letter(letter) == Some(*set)
        {
            return Verdict::equal("a set of numbers by its letter");
        }
        let (spread_a, spread_b) = (spread(a), spread(b));
        if spread_a.is_some() || spread_b.is_some() {
            return self.compare(spread_a.as_ref().unwrap_or(a), spread_b.as_ref().unwrap_or(b));
        }
        if is_text(a) || is_text(b) {
            return self.words(a, b);
        }
        if matches!(a, Node::Relation(..)) || matches!(b, Node::Relation(..)) {
            return self.relations(a, b);
        }
        if let Some(verdict) = self.regions(a, b) {
            return verdict;
        }
        if is_collection(a) || is_collection(b) {
            let (x, y) = (matrix::tuple(a), matrix::tuple(b));
            if x.is_some() || y.is_some() {
                return self.compare(x.as_ref().unwrap_or(a), y.as_ref().unwrap_or(b));
            }
            return self.collections(a, b);
        }
        if let Some(verdict) = self.quantities(a, b) {
            return verdict;
        }
        match (a, b) {
            (Node::Ratio(x), Node::Ratio(y)) => self.ratios(x, y),
            (Node::Ratio(x), other) | (other, Node::Ratio(x)) => self.ratio_as_value(x, other),
            (Node::Based(x, base), Node::Based(y, other)) => self.based((x, *base), (y, *other)),
            (Node::Based(digits, base), other) | (other, Node::Based(digits, base)) => {
                self.based_as_value(digits, *base, other)
            }
            _ if has_matrix(a) || has_matrix(b) => self.matrices(a, b),
            _ if has_cases(a) || has_cases(b) => self.cases(a, b),
            _ => self.scalars(a, b),
        }
    }

    /// `1,234` and `5,12`, which are one number or several.
    fn commas(&self, a: &Node, b: &Node) -> Option<Verdict> {
        let list = |commas: &Commas| Node::List(commas.items.clone(), Joint::And);
        if let (Node::Commas(_), Node::Relation(..)) | (Node::Relation(..), Node::Commas(_)) = (a, b) {
            // `1,2` beside `x \in \{1,2\}`: the value decides.
            let value = |node: &Node| self.named(node).map(|(_, value)| value);
            let (x, y) = (value(a), value(b));
            return (x.is_some() || y.is_some())
                .then(|| self.compare(x.as_ref().unwrap_or(a), y.as_ref().unwrap_or(b)));
        }
        match (a, b) {
            (Node::Commas(x), Node::Commas(y)) => Some(self.compare(&x.number, &y.number).or(|| {
                if x.grouped && y.grouped {
                    Verdict::different("different numbers")
                } else {
                    self.compare(&list(x), &list(y))
                }
            })),
            (Node::Commas(commas), other) => {
                let several = is_collection(other) || matches!(other, Node::Signed(..));
                Some(if several {
                    self.compare(&list(commas), other)
                } else {
                    self.compare(&commas.number, other)
                })
            }
            (other, Node::Commas(commas)) => {
                let several = is_collection(other) || matches!(other, Node::Signed(..));
                Some(if several {
                    self.compare(other, &list(commas))
                } else {
                    self.compare(other, &commas.number)
                })
            }
            _ => None,
        }
    }
}

/// The coordinates of a point with its name before them: `P(3, 4)`.
fn coordinates(node: &Node) -> Option<Node> {
    let capital = |name: &String| name.len() == 1 && name.bytes().all(|b| b.is_ascii_uppercase());
    match node {
        Node::Apply(name, items) if capital(name) && items.len() > 1 => {
            Some(Node::Bracket(Bracket::Round, items.clone(), Bracket::Round))
        }
        Node::Product(factors) => match factors.as_slice() {
            [Factor { node: Node::Symbol(name), inverse: false }, Factor { node: point, inverse: false }]
                if capital(name)
                    && matches!(point, Node::Bracket(Bracket::Round, items, Bracket::Round) if items.len() > 1) =>
            {
                Some(point.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Words, or a unit or other thing around them.
fn is_text(node: &Node) -> bool {
    matches!(node, Node::Text(_))
}

/// Items in order or not.
fn is_collection(node: &Node) -> bool {
    matches!(node, Node::List(..) | Node::Set(_) | Node::Bracket(..))
}

/// Whether an expression has matrices in it that are not inside a determinant.
fn has_matrix(node: &Node) -> bool {
    match node {
        Node::Matrix(_) => true,
        Node::Call(Function::Determinant, _) => false,
        _ => node.children().into_iter().any(has_matrix),
    }
}

/// Whether an expression depends on conditions.
fn has_cases(node: &Node) -> bool {
    node.any(&mut |inner| matches!(inner, Node::Cases(_)))
}

/// Whether something in the tree may stand for anything.
fn has_unknown(node: &Node) -> bool {
    node.any(&mut |inner| matches!(inner, Node::Opaque(name, _) if name == "goes on"))
}

/// Whether a variable, or an unknown function, is in the tree.
fn has_symbol(node: &Node) -> bool {
    node.any(&mut |inner| matches!(inner, Node::Symbol(_) | Node::Apply(..)))
}

/// Both values of an expression with `\pm`, as a list; nothing without it, or where it is inside a collection.
fn spread(node: &Node) -> Option<Node> {
    if matches!(node, Node::Relation(..) | Node::List(..) | Node::Set(_) | Node::Text(_)) {
        return None;
    }
    let values = signs(node)?;
    Some(Node::List(values, Joint::And))
}

/// The values of an expression with `\pm`: one for each choice of independent signs.
fn signs(node: &Node) -> Option<Vec<Node>> {
    let mut marks = 0_usize;
    let mut opposite = false;
    node.any(&mut |inner| {
        if let Node::Signed(_, minus_first) = inner {
            marks += 1;
            opposite |= minus_first;
        }
        false
    });
    if marks == 0 {
        return None;
    }
    // `a \pm b \mp c` is two values; `(\pm a, \pm b)` is four.
    let choices = if opposite { 2 } else { 1 << marks.min(5) };
    if choices > MAX_SPREAD {
        return None;
    }
    let value = |choice: usize| {
        let mut place = 0;
        with_signs(node, &mut |minus_first| {
            let bit = if opposite { choice } else { choice >> place & 1 };
            place += 1;
            (bit == 1) ^ minus_first
        })
    };
    Some((0..choices).map(value).collect())
}

/// The tree with every double sign chosen.
fn with_signs(node: &Node, negative: &mut dyn FnMut(bool) -> bool) -> Node {
    crate::rewrite::map(node, &mut |inner| match inner {
        Node::Signed(value, minus_first) => {
            let minus = negative(*minus_first);
            let value = with_signs(value, negative);
            Some(if minus { Node::Negative(Box::new(value)) } else { value })
        }
        _ => None,
    })
}

/// Whether a bracket pair is round or square on both sides alike.
fn is_plain_pair(open: Bracket, close: Bracket) -> bool {
    open == close && matches!(open, Bracket::Round | Bracket::Square | Bracket::Angle)
}
