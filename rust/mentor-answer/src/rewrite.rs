//! Trees made from trees.

use crate::node::{Commas, Factor, Node, Series};

/// The tree with every node replaced for which `change` gives another, from the top down.
pub(crate) fn map(node: &Node, change: &mut dyn FnMut(&Node) -> Option<Node>) -> Node {
    if let Some(other) = change(node) {
        return other;
    }
    let mut all = |items: &[Node]| items.iter().map(|item| map(item, change)).collect::<Vec<_>>();
    match node {
        Node::Sum(items) => Node::Sum(all(items)),
        Node::Call(function, items) => Node::Call(*function, all(items)),
        Node::Apply(name, items) => Node::Apply(name.clone(), all(items)),
        Node::Set(items) => Node::Set(all(items)),
        Node::Bracket(open, items, close) => Node::Bracket(*open, all(items), *close),
        Node::List(items, joint) => Node::List(all(items), *joint),
        Node::Relation(items, relations) => Node::Relation(all(items), relations.clone()),
        Node::Ratio(items) => Node::Ratio(all(items)),
        Node::Opaque(name, items) => Node::Opaque(name.clone(), all(items)),
        Node::Matrix(rows) => Node::Matrix(rows.iter().map(|row| all(row)).collect()),
        Node::Cases(cases) => Node::Cases(
            cases
                .iter()
                .map(|(value, condition)| (map(value, change), condition.as_ref().map(|c| map(c, change))))
                .collect(),
        ),
        Node::Product(factors) => Node::Product(
            factors
                .iter()
                .map(|factor| Factor { node: map(&factor.node, change), inverse: factor.inverse })
                .collect(),
        ),
        Node::Power(pair) => Node::Power(Box::new((map(&pair.0, change), map(&pair.1, change)))),
        Node::Where(pair) => Node::Where(Box::new((map(&pair.0, change), map(&pair.1, change)))),
        Node::SetOperation(operation, pair) => {
            Node::SetOperation(*operation, Box::new((map(&pair.0, change), map(&pair.1, change))))
        }
        Node::Negative(inner) => Node::Negative(Box::new(map(inner, change))),
        Node::Signed(inner, minus_first) => Node::Signed(Box::new(map(inner, change)), *minus_first),
        Node::Percent(inner) => Node::Percent(Box::new(map(inner, change))),
        Node::Quantity(inner, unit) => Node::Quantity(Box::new(map(inner, change)), unit.clone()),
        Node::Commas(commas) => Node::Commas(Box::new(Commas {
            items: all(&commas.items),
            number: map(&commas.number, change),
            grouped: commas.grouped,
        })),
        Node::Series(series) => Node::Series(Box::new(Series {
            product: series.product,
            variable: series.variable.clone(),
            low: map(&series.low, change),
            high: map(&series.high, change),
            body: map(&series.body, change),
        })),
        Node::Number(_)
        | Node::Exact(_)
        | Node::Symbol(_)
        | Node::Constant(_)
        | Node::NamedSet(_)
        | Node::Based(..)
        | Node::Text(_)
        | Node::Dots => node.clone(),
    }
}

/// The tree with a variable replaced.
pub(crate) fn substitute(node: &Node, name: &str, value: &Node) -> Node {
    map(node, &mut |inner| match inner {
        Node::Symbol(symbol) if symbol == name => Some(value.clone()),
        _ => None,
    })
}
