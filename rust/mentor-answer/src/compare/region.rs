//! Sets of real numbers: intervals, unions, inequalities in one variable.

use super::solve::name_of;
use super::{Pair, has_symbol, letters, scalar};
use crate::eval::{Scope, Value};
use crate::node::{Bracket, Joint, NamedSet, Node, Relation, SetOperation};
use crate::points::{Point, Region as Kind};
use crate::verdict::Verdict;
use std::cmp::Ordering;

/// More parts than this are not compared.
const MAX_PARTS: usize = 64;

/// The precision at which ends are ordered, in bits.
const PRECISION: u64 = 192;

/// An end of an interval.
#[derive(Clone, Debug)]
pub(super) enum End {
    Below,
    At(Node, Option<Value>),
    Above,
}

/// An interval.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub low: End,
    pub high: End,
    pub low_closed: bool,
    pub high_closed: bool,
}

/// A set of real numbers, and the variable that runs in it.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub variable: Option<String>,
    pub parts: Vec<Part>,
    /// Whether ends have letters in them, so that they have no order.
    pub symbolic: bool,
}

impl Pair<'_> {
    /// Two sets of numbers; nothing where one of them is none, or both are plain tuples.
    pub(super) fn regions(&self, a: &Node, b: &Node) -> Option<Verdict> {
        if !says_region(a) && !says_region(b) {
            return None;
        }
        if let (Node::NamedSet(NamedSet::Empty), Node::Set(items))
        | (Node::Set(items), Node::NamedSet(NamedSet::Empty)) = (a, b)
            && !items.is_empty()
        {
            return Some(Verdict::different("a set of something against the empty set"));
        }
        if let Some(verdict) = letters::compared(a, b) {
            return Some(verdict);
        }
        if let (Node::NamedSet(x), Node::NamedSet(y)) = (a, b) {
            return Some(if x == y {
                Verdict::equal("the same set")
            } else {
                Verdict::different("different sets")
            });
        }
        let outward = |node: &Node| {
            node.any(&mut |inner| {
                // At an infinite end there is nothing to turn.
                let Node::Bracket(open, items, close) = inner else { return false };
                let finite = |item: Option<&Node>| item.is_some_and(|item| scalar::infinite(item).is_none());
                *open == Bracket::Curly && finite(items.first())
                    || *close == Bracket::Curly && finite(items.last())
            })
        };
        if !self.policy.outward_brackets && outward(a) != outward(b) {
            return Some(Verdict::different("brackets turned outwards on one side only"));
        }
        let (x, y) = match (self.region(a), self.region(b)) {
            (Some(x), Some(y)) => (x, y),
            // Sums of sets and the like, or a number against a set.
            (Some(_), None) | (None, Some(_))
                if !matches!(a, Node::Relation(..)) && !matches!(b, Node::Relation(..)) =>
            {
                let plain = |node: &Node| {
                    !says_region(node) && !matches!(node, Node::Bracket(..) | Node::List(..) | Node::Set(_))
                };
                if plain(a) || plain(b) {
                    return Some(Verdict::different("a set of numbers against something else"));
                }
                return Some(Verdict::undecided("a set that is not computed"));
            }
            // `x + y < 5`: left to the sides.
            _ if matches!(a, Node::Relation(..)) || matches!(b, Node::Relation(..)) => return None,
            _ => return self.set_operations(a, b),
        };
        if let (Some(p), Some(q)) = (&x.variable, &y.variable)
            && p != q
            && p != "?"
            && q != "?"
            && !self.policy.ignore_names
        {
            if x.symbolic && y.symbolic {
                // `a < b` and `b > a`: left to the sides.
                return None;
            }
            return Some(Verdict::different("different variables"));
        }
        Some(self.same_region(x, y))
    }

    /// Set expressions of other things than real numbers, part by part.
    fn set_operations(&self, a: &Node, b: &Node) -> Option<Verdict> {
        match (a, b) {
            (Node::SetOperation(p, x), Node::SetOperation(q, y)) if p == q => {
                let straight = self.compare(&x.0, &y.0).is_equal() && self.compare(&x.1, &y.1).is_equal();
                let crossed = *p != SetOperation::Difference
                    && self.compare(&x.0, &y.1).is_equal()
                    && self.compare(&x.1, &y.0).is_equal();
                Some(if straight || crossed {
                    Verdict::equal("the same sets")
                } else {
                    Verdict::undecided("sets that are not computed")
                })
            }
            (Node::Where(x), Node::Where(y)) => {
                let same = self.compare(&x.0, &y.0).is_equal() && self.compare(&x.1, &y.1).is_equal();
                Some(if same {
                    Verdict::equal("the same condition")
                } else {
                    Verdict::undecided("sets by a condition")
                })
            }
            (Node::SetOperation(..) | Node::Where(_) | Node::NamedSet(_), _)
            | (_, Node::SetOperation(..) | Node::Where(_) | Node::NamedSet(_)) => {
                Some(Verdict::undecided("sets that are not computed"))
            }
            _ => None,
        }
    }

    fn same_region(&self, x: Region, y: Region) -> Verdict {
        let symbolic = x.symbolic || y.symbolic;
        let (x, y) = if symbolic { (x.parts, y.parts) } else { (self.merged(x.parts), self.merged(y.parts)) };
        if x.len() != y.len() {
            return if symbolic {
                Verdict::undecided("intervals with letters")
            } else {
                Verdict::different("different sets of numbers")
            };
        }
        let mut unknown = false;
        for (p, q) in x.iter().zip(&y) {
            if (p.low_closed, p.high_closed) != (q.low_closed, q.high_closed) {
                return Verdict::different("an end belongs to one set and not to the other");
            }
            for (e, f) in [(&p.low, &q.low), (&p.high, &q.high)] {
                let verdict = match (e, f) {
                    (End::Below, End::Below) | (End::Above, End::Above) => continue,
                    (End::At(e, _), End::At(f, _)) => self.compare(e, f),
                    _ => return Verdict::different("different ends"),
                };
                if verdict.is_different() {
                    return Verdict::different("different ends");
                }
                unknown |= !verdict.is_equal();
            }
        }
        if unknown {
            Verdict::undecided("ends that cannot be told apart")
        } else {
            Verdict::equal("the same set of numbers")
        }
    }

    /// A node as a set of real numbers.
    pub(super) fn region(&self, node: &Node) -> Option<Region> {
        let parts = |parts| Some(Region { variable: None, parts, symbolic: false });
        match node {
            Node::Bracket(open, items, close) => {
                let [low, high] = items.as_slice() else { return None };
                let closed = |bracket: &Bracket| match bracket {
                    Bracket::Round | Bracket::Curly => Some(false),
                    Bracket::Square => Some(true),
                    _ => None,
                };
                let part = Part {
                    low: self.end(low)?,
                    high: self.end(high)?,
                    low_closed: closed(open)?,
                    high_closed: closed(close)?,
                };
                self.interval(part)
            }
            Node::NamedSet(NamedSet::Reals) => {
                parts(vec![Part { low: End::Below, high: End::Above, low_closed: false, high_closed: false }])
            }
            Node::NamedSet(NamedSet::Empty) => parts(Vec::new()),
            Node::Set(items) | Node::List(items, _)
                if !items.iter().any(|item| says_region(item) || matches!(item, Node::Relation(..))) =>
            {
                let points = items.iter().map(|item| self.point(item)).collect::<Option<Vec<_>>>()?;
                parts(points)
            }
            Node::List(items, joint) => {
                let mut regions = items.iter().map(|item| self.region(item));
                let mut total = regions.next()??;
                for region in regions {
                    let region = region?;
                    let both = self.intersection(&total, &region)?;
                    let disjoint = self.merged(both.parts.clone()).is_empty();
                    total = if *joint == Joint::Or || disjoint { union(total, region)? } else { both };
                }
                Some(total)
            }
            Node::SetOperation(operation, pair) => {
                let (left, right) = (self.region(&pair.0)?, self.region(&pair.1)?);
                match operation {
                    SetOperation::Union => union(left, right),
                    SetOperation::Intersection => self.intersection(&left, &right),
                    SetOperation::Difference => {
                        let rest = self.complement(&right)?;
                        self.intersection(&left, &rest)
                    }
                }
            }
            Node::Where(pair) => {
                let element = match &pair.0 {
                    Node::Relation(sides, relations) if relations.as_slice() == [Relation::In] => {
                        sides.first()?
                    }
                    other => other,
                };
                let region = self.region(&pair.1)?;
                let variable = name_of(element)?;
                (region.variable.as_deref() == Some(&variable)).then_some(Region { variable: None, ..region })
            }
            Node::Relation(sides, relations) => self.solutions(sides, relations),
            Node::Commas(_) | Node::Dots | Node::Text(_) => None,
            other => parts(vec![self.point(other)?]),
        }
    }

    fn point(&self, node: &Node) -> Option<Part> {
        let end = self.end(node)?;
        matches!(end, End::At(_, Some(_))).then(|| Part {
            low: end.clone(),
            high: end,
            low_closed: true,
            high_closed: true,
        })
    }

    pub(super) fn end(&self, node: &Node) -> Option<End> {
        match scalar::infinite(node) {
            Some(1) => return Some(End::Above),
            Some(_) => return Some(End::Below),
            None => {}
        }
        if has_symbol(node) {
            return Some(End::At(node.clone(), None));
        }
        let value = self.constant(node).filter(|value| !matches!(value, Value::Complex(_)))?;
        Some(End::At(node.clone(), Some(value)))
    }

    /// An interval, if its ends are in order.
    fn interval(&self, part: Part) -> Option<Region> {
        let symbolic = [&part.low, &part.high].iter().any(|end| matches!(end, End::At(_, None)));
        if !symbolic && self.order(&part.low, &part.high)? == Ordering::Greater {
            return None;
        }
        let mut part = part;
        part.low_closed &= !matches!(part.low, End::Below);
        part.high_closed &= !matches!(part.high, End::Above);
        Some(Region { variable: None, parts: vec![part], symbolic })
    }

    pub(super) fn order(&self, a: &End, b: &End) -> Option<Ordering> {
        match (a, b) {
            (End::Below, End::Below) | (End::Above, End::Above) => Some(Ordering::Equal),
            (End::Below, _) | (_, End::Above) => Some(Ordering::Less),
            (End::Above, _) | (_, End::Below) => Some(Ordering::Greater),
            (End::At(x, Some(v)), End::At(y, Some(w))) => {
                let point = Point::new(0, Kind::Positive);
                let scope = Scope::new(&point, PRECISION, false, self.natural, &self.fuel);
                scope.order(v, w).or_else(|| self.compare(x, y).is_equal().then_some(Ordering::Equal))
            }
            _ => None,
        }
    }

    fn less(&self, a: &End, b: &End) -> bool {
        self.order(a, b) == Some(Ordering::Less)
    }

    pub(super) fn intersection(&self, x: &Region, y: &Region) -> Option<Region> {
        let variable = common(x, y).ok()?;
        if x.symbolic || y.symbolic {
            return self.symbolic_intersection(x, y, variable);
        }
        let mut parts = Vec::new();
        for p in &x.parts {
            for q in &y.parts {
                let (low, low_closed) = match self.order(&p.low, &q.low)? {
                    Ordering::Less => (&q.low, q.low_closed),
                    Ordering::Greater => (&p.low, p.low_closed),
                    Ordering::Equal => (&p.low, p.low_closed && q.low_closed),
                };
                let (high, high_closed) = match self.order(&p.high, &q.high)? {
                    Ordering::Less => (&p.high, p.high_closed),
                    Ordering::Greater => (&q.high, q.high_closed),
                    Ordering::Equal => (&p.high, p.high_closed && q.high_closed),
                };
                let kept = match self.order(low, high)? {
                    Ordering::Less => true,
                    Ordering::Equal => low_closed && high_closed,
                    Ordering::Greater => false,
                };
                if kept {
                    parts.push(Part { low: low.clone(), high: high.clone(), low_closed, high_closed });
                }
            }
        }
        (parts.len() <= MAX_PARTS).then_some(Region { variable, parts, symbolic: false })
    }

    /// `a < x` and `x < b`.
    #[allow(clippy::unused_self, reason = "reads as one of the rules")]
    fn symbolic_intersection(&self, x: &Region, y: &Region, variable: Option<String>) -> Option<Region> {
        let ([p], [q]) = (x.parts.as_slice(), y.parts.as_slice()) else { return None };
        let (low, high) = match (&p.low, &p.high, &q.low, &q.high) {
            (_, End::Above, End::Below, _) => (p, q),
            (End::Below, _, _, End::Above) => (q, p),
            _ => return None,
        };
        let part = Part {
            low: low.low.clone(),
            high: high.high.clone(),
            low_closed: low.low_closed,
            high_closed: high.high_closed,
        };
        Some(Region { variable, parts: vec![part], symbolic: true })
    }

    pub(super) fn complement(&self, region: &Region) -> Option<Region> {
        if region.symbolic {
            return None;
        }
        let mut parts = Vec::new();
        let (mut low, mut low_closed) = (End::Below, false);
        for part in self.merged(region.parts.clone()) {
            if !matches!(part.low, End::Below) {
                parts.push(Part { low, high: part.low, low_closed, high_closed: !part.low_closed });
            }
            (low, low_closed) = (part.high, !part.high_closed);
        }
        if !matches!(low, End::Above) {
            parts.push(Part { low, high: End::Above, low_closed, high_closed: false });
        }
        Some(Region { variable: region.variable.clone(), parts, symbolic: false })
    }

    /// The parts in order, those that touch made one, empty ones gone.
    fn merged(&self, mut parts: Vec<Part>) -> Vec<Part> {
        parts.retain(|part| {
            part.low_closed && part.high_closed || self.order(&part.low, &part.high) != Some(Ordering::Equal)
        });
        parts.sort_by(|p, q| {
            self.order(&p.low, &q.low).unwrap_or(Ordering::Equal).then(q.low_closed.cmp(&p.low_closed))
        });
        let mut out: Vec<Part> = Vec::with_capacity(parts.len());
        for part in parts {
            let Some(last) = out.last_mut() else {
                out.push(part);
                continue;
            };
            let order = self.order(&last.high, &part.low);
            let touches = order == Some(Ordering::Greater)
                || order == Some(Ordering::Equal) && (last.high_closed || part.low_closed);
            if !touches {
                out.push(part);
                continue;
            }
            if self.less(&last.high, &part.high) {
                last.high = part.high;
                last.high_closed = part.high_closed;
            } else if self.order(&last.high, &part.high) == Some(Ordering::Equal) {
                last.high_closed |= part.high_closed;
            }
        }
        out
    }
}

/// Whether a node can only be a set of numbers or a condition on one: a plain pair in brackets may be a point.
fn says_region(node: &Node) -> bool {
    match node {
        Node::SetOperation(..) | Node::Where(_) | Node::NamedSet(_) => true,
        Node::Bracket(open, items, close) => {
            let mixed = items.len() == 2 && open != close && !matches!(open, Bracket::Angle);
            let infinite = items.len() == 2 && items.iter().any(|item| scalar::infinite(item).is_some());
            mixed || infinite || matches!(open, Bracket::Curly)
        }
        Node::Relation(_, relations) => relations.iter().any(|relation| {
            relation.is_order() || matches!(relation, Relation::Unequal | Relation::In | Relation::NotIn)
        }),
        Node::List(items, _) => items.iter().any(says_region),
        _ => false,
    }
}

pub(super) fn union(mut x: Region, y: Region) -> Option<Region> {
    x.variable = common(&x, &y).ok()?;
    x.parts.extend(y.parts);
    x.symbolic |= y.symbolic;
    (x.parts.len() <= MAX_PARTS && !(x.symbolic && x.parts.len() > 1)).then_some(x)
}

/// Two conditions on different variables.
struct Mixed;

/// The variable of two conditions on the same one.
fn common(x: &Region, y: &Region) -> Result<Option<String>, Mixed> {
    match (&x.variable, &y.variable) {
        (Some(p), Some(q)) if p != q => Err(Mixed),
        (Some(p), _) => Ok(Some(p.clone())),
        (None, q) => Ok(q.clone()),
    }
}
