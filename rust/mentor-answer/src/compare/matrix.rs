//! Matrices: sums and products of them, then entry by entry.

use super::Pair;
use crate::eval::{Scope, Value};
use crate::node::{Bracket, Factor, Function, Node};
use crate::number::Decimal;
use crate::points::{Point, Region};
use crate::rewrite::map;
use crate::verdict::Verdict;
use std::cell::Cell;

/// Larger matrices are not multiplied.
const MAX_SIZE: usize = 16;

/// Matrices whose entries have more parts together are not multiplied.
const MAX_PARTS: usize = 4_000;

/// Larger matrices are not inverted.
const MAX_INVERTED: usize = 4;

type Rows = Vec<Vec<Node>>;

impl Pair<'_> {
    pub(super) fn matrices(&self, a: &Node, b: &Node) -> Verdict {
        match (rows(a), rows(b)) {
            (Some(x), Some(y)) => {
                if x.len() != y.len() || x.iter().zip(&y).any(|(r, s)| r.len() != s.len()) {
                    return Verdict::different("matrices of different sizes");
                }
                self.each(&x.concat(), &y.concat(), "entries of the matrices differ")
            }
            (None, None) => Verdict::undecided("matrices in an expression that is not computed"),
            _ => Verdict::different("a matrix against something else"),
        }
    }
}

/// The entries of a matrix, or of an expression of matrices.
pub(super) fn rows(node: &Node) -> Option<Rows> {
    match node {
        Node::Matrix(rows) => Some(rows.clone()),
        Node::Bracket(Bracket::Square, items, Bracket::Square) => {
            let row = |item: &Node| match item {
                Node::Bracket(Bracket::Square, entries, Bracket::Square) => Some(entries.clone()),
                _ => None,
            };
            items.iter().map(row).collect()
        }
        Node::Negative(inner) => Some(each(&rows(inner)?, &|entry| Node::Negative(Box::new(entry.clone())))),
        Node::Sum(terms) => {
            let mut total: Option<Rows> = None;
            for term in terms {
                let term = rows(term)?;
                total = Some(match total {
                    None => term,
                    Some(total) => sum(&total, &term)?,
                });
            }
            total
        }
        Node::Product(factors) => product(factors),
        Node::Power(pair) => {
            let (times, inverse) = match &pair.1 {
                Node::Number(times) => (times, false),
                Node::Negative(times) => (as_number(times)?, true),
                _ => return None,
            };
            let base = rows(&pair.0)?;
            let base = if inverse { inverted(&base)? } else { base };
            let times = times.small().filter(|times| (1..=8).contains(times))?;
            let mut result = base.clone();
            for _ in 1..times {
                result = multiplied(&result, &base)?;
            }
            Some(result)
        }
        Node::Call(Function::Transpose, arguments) => {
            let matrix = rows(arguments.first()?)?;
            let width = matrix.first()?.len();
            if matrix.iter().any(|row| row.len() != width) {
                return None;
            }
            Some((0..width).map(|column| matrix.iter().map(|row| row[column].clone()).collect()).collect())
        }
        _ => None,
    }
}

/// Sums and multiples of tuples as one tuple: `(1, 2) + 3(0, 1)`.
pub(super) fn tuple(node: &Node) -> Option<Node> {
    if !matches!(node, Node::Sum(_) | Node::Product(_) | Node::Negative(_)) {
        return None;
    }
    let row = map(node, &mut |inner| match inner {
        Node::Bracket(Bracket::Round | Bracket::Angle, items, _) if items.len() > 1 => {
            Some(Node::Matrix(vec![items.clone()]))
        }
        _ => None,
    });
    let mut rows = rows(&row)?;
    let only = rows.pop().filter(|_| rows.is_empty())?;
    Some(Node::Bracket(Bracket::Round, only, Bracket::Round))
}

fn as_number(node: &Node) -> Option<&Decimal> {
    if let Node::Number(number) = node { Some(number) } else { None }
}

/// The inverse of a small square matrix: its cofactors over its determinant.
fn inverted(matrix: &Rows) -> Option<Rows> {
    let size = matrix.len();
    if !(1..=MAX_INVERTED).contains(&size) || matrix.iter().any(|row| row.len() != size) {
        return None;
    }
    let determinant = |rows: Rows| {
        if rows.is_empty() {
            Node::integer(1)
        } else {
            Node::Call(Function::Determinant, vec![Node::Matrix(rows)])
        }
    };
    let whole = determinant(matrix.clone());
    let minor = |row: usize, column: usize| {
        let without = |(place, entries): (usize, &Vec<Node>)| {
            let kept = |(at, entry): (usize, &Node)| (at != column).then(|| entry.clone());
            (place != row).then(|| entries.iter().enumerate().filter_map(kept).collect())
        };
        determinant(matrix.iter().enumerate().filter_map(without).collect())
    };
    let entry = |row: usize, column: usize| {
        // Rows and columns change places.
        let cofactor = minor(column, row);
        let signed = if (row + column) % 2 == 1 { Node::Negative(Box::new(cofactor)) } else { cofactor };
        simplified(&Node::quotient(signed, whole.clone()))
    };
    Some((0..size).map(|row| (0..size).map(|column| entry(row, column)).collect()).collect())
}

fn each(matrix: &Rows, change: &dyn Fn(&Node) -> Node) -> Rows {
    matrix.iter().map(|row| row.iter().map(change).collect()).collect()
}

fn sum(a: &Rows, b: &Rows) -> Option<Rows> {
    if a.len() != b.len() {
        return None;
    }
    let row = |(x, y): (&Vec<Node>, &Vec<Node>)| {
        (x.len() == y.len())
            .then(|| x.iter().zip(y).map(|(p, q)| Node::Sum(vec![p.clone(), q.clone()])).collect())
    };
    a.iter().zip(b).map(row).collect()
}

fn product(factors: &[Factor]) -> Option<Rows> {
    let mut matrix: Option<Rows> = None;
    let mut numbers: Vec<Factor> = Vec::new();
    for factor in factors {
        if !super::has_matrix(&factor.node) {
            numbers.push(factor.clone());
            continue;
        }
        let next = rows(&factor.node).filter(|_| !factor.inverse)?;
        matrix = Some(match matrix {
            None => next,
            Some(matrix) => multiplied(&matrix, &next)?,
        });
    }
    let matrix = matrix?;
    if numbers.is_empty() {
        return Some(matrix);
    }
    Some(each(&matrix, &|entry| {
        let mut factors = numbers.clone();
        factors.push(Factor { node: entry.clone(), inverse: false });
        Node::Product(factors)
    }))
}

fn multiplied(a: &Rows, b: &Rows) -> Option<Rows> {
    let width = b.first()?.len();
    if a.len() > MAX_SIZE || width > MAX_SIZE || b.len() > MAX_SIZE || b.iter().any(|row| row.len() != width)
    {
        return None;
    }
    let entry = |row: &[Node], column: usize| {
        let terms = row.iter().zip(b).map(|(x, other)| Node::product(vec![x.clone(), other[column].clone()]));
        Node::Sum(terms.collect())
    };
    let row = |row: &Vec<Node>| {
        (row.len() == b.len()).then(|| (0..width).map(|column| entry(row, column)).collect())
    };
    let result: Rows = a.iter().map(row).collect::<Option<_>>()?;
    let mut parts = 0;
    for entry in result.iter().flatten() {
        entry.any(&mut |_| {
            parts += 1;
            parts > MAX_PARTS
        });
    }
    (parts <= MAX_PARTS).then(|| each(&result, &simplified))
}

/// A number where the entry is one.
fn simplified(entry: &Node) -> Node {
    let point = Point::new(0, Region::Positive);
    let fuel = Cell::new(2_000);
    if !super::has_symbol(entry)
        && let Ok(Value::Exact(value)) = Scope::new(&point, 64, false, false, &fuel).value(entry)
    {
        return Node::Exact(value);
    }
    entry.clone()
}
