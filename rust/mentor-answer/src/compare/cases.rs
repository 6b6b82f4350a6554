//! Expressions by cases: compared where a condition changes, and between as expressions.

use super::region::End;
use super::solve::only_symbol;
use super::{Pair, scalar};
use crate::node::{Function, Joint, Node, Relation};
use crate::rewrite::{map, substitute};
use crate::verdict::Verdict;

/// Places at which the conditions of a pair may change.
const MAX_PLACES: usize = 16;

/// An expression where one condition of each of its cases holds; nothing where none does.
type Chosen = Option<Node>;

impl Pair<'_> {
    pub(super) fn cases(&self, a: &Node, b: &Node) -> Verdict {
        self.case_by_case(a, b).unwrap_or(Verdict::undecided("cases that are not computed"))
    }

    fn case_by_case(&self, a: &Node, b: &Node) -> Option<Verdict> {
        let mut conditions = Vec::new();
        for side in [a, b] {
            side.any(&mut |inner| {
                match inner {
                    Node::Cases(cases) => conditions.extend(cases.iter().filter_map(|(_, c)| c.clone())),
                    Node::Call(Function::Abs, arguments) => {
                        let zero = vec![arguments[0].clone(), Node::integer(0)];
                        conditions.push(Node::Relation(zero, vec![Relation::Equal]));
                    }
                    _ => {}
                }
                false
            });
        }
        let variable = only_symbol(&Node::List(conditions.clone(), Joint::And))?;
        let mut unknown = false;
        for (at, place) in samples(&self.places(&conditions)?) {
            let (x, y) = match (self.choose(a, &variable, &at)?, self.choose(b, &variable, &at)?) {
                (None, None) => continue,
                (Some(x), Some(y)) => (x, y),
                _ => {
                    unknown = true;
                    continue;
                }
            };
            let value = |node: Node| if place { substitute(&node, &variable, &at) } else { node };
            let verdict = self.compare(&value(x), &value(y));
            if verdict.is_different() {
                return Some(Verdict::different("different where the same condition holds"));
            }
            unknown |= !verdict.is_equal();
        }
        (!unknown).then_some(Verdict::equal("the same in every case"))
    }

    /// Where any condition begins or ceases to hold, in order.
    fn places(&self, conditions: &[Node]) -> Option<Vec<Node>> {
        let mut ends: Vec<End> = Vec::new();
        for condition in conditions {
            for part in self.region(condition)?.parts {
                ends.extend(
                    [part.low, part.high].into_iter().filter(|end| matches!(end, End::At(_, Some(_)))),
                );
            }
        }
        if ends.len() > MAX_PLACES {
            return None;
        }
        let mut failed = false;
        ends.sort_by(|p, q| {
            self.order(p, q).unwrap_or_else(|| {
                failed = true;
                std::cmp::Ordering::Equal
            })
        });
        ends.dedup_by(|p, q| self.order(p, q) == Some(std::cmp::Ordering::Equal));
        let node = |end| if let End::At(node, _) = end { Some(node) } else { None };
        if failed { None } else { ends.into_iter().map(node).collect() }
    }

    /// The expression as it is at a place; nothing inside where no condition holds, nothing at all where that is unknown.
    fn choose(&self, node: &Node, variable: &str, at: &Node) -> Option<Chosen> {
        let (mut known, mut defined) = (true, true);
        let chosen = map(node, &mut |inner| match inner {
            Node::Cases(cases) => {
                for (value, condition) in cases {
                    match condition.as_ref().map_or(Some(true), |c| self.holds(c, variable, at)) {
                        Some(true) => return Some(value.clone()),
                        Some(false) => {}
                        None => known = false,
                    }
                }
                defined = false;
                None
            }
            Node::Call(Function::Abs, arguments) => {
                let value = self.constant(&substitute(&arguments[0], variable, at));
                match value.and_then(|value| scalar::sign(&value)) {
                    Some(-1) => Some(Node::Negative(Box::new(arguments[0].clone()))),
                    Some(_) => Some(arguments[0].clone()),
                    None => {
                        known = false;
                        None
                    }
                }
            }
            _ => None,
        });
        known.then_some(defined.then_some(chosen))
    }

    /// Whether a condition holds at a place.
    fn holds(&self, condition: &Node, variable: &str, at: &Node) -> Option<bool> {
        match condition {
            Node::Relation(sides, relations) => {
                for (pair, relation) in sides.windows(2).zip(relations) {
                    let difference = substitute(&Node::difference(&pair[0], &pair[1]), variable, at);
                    let sign = scalar::sign(&self.constant(&difference)?)?;
                    let holds = match relation {
                        Relation::Less => sign < 0,
                        Relation::LessEqual => sign <= 0,
                        Relation::Greater => sign > 0,
                        Relation::GreaterEqual => sign >= 0,
                        Relation::Equal => sign == 0,
                        Relation::Unequal => sign != 0,
                        _ => return None,
                    };
                    if !holds {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Node::List(items, joint) => {
                let all =
                    items.iter().map(|item| self.holds(item, variable, at)).collect::<Option<Vec<_>>>()?;
                Some(if *joint == Joint::Or { all.contains(&true) } else { !all.contains(&false) })
            }
            _ => None,
        }
    }
}

/// The places, and one between each two and beyond the outer ones; whether it is one of the places.
fn samples(places: &[Node]) -> Vec<(Node, bool)> {
    let mut samples = Vec::with_capacity(2 * places.len() + 1);
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return vec![(Node::integer(0), false)];
    };
    samples.push((Node::difference(first, &Node::integer(1)), false));
    for pair in places.windows(2) {
        samples.push((pair[0].clone(), true));
        samples.push((Node::quotient(Node::Sum(pair.to_vec()), Node::integer(2)), false));
    }
    samples.push((last.clone(), true));
    samples.push((Node::Sum(vec![last.clone(), Node::integer(1)]), false));
    samples
}
