//! Cosines and sines of rational multiples of pi as surds.

use super::separation::turns;
use crate::node::{Function, Node};
use crate::number::Rational;
use num_integer::Integer;
use num_traits::ToPrimitive;

/// The value of a trigonometric function at an angle with simple surds; nothing at other angles.
pub(super) fn exact(function: Function, argument: &Node) -> Option<Node> {
    let turn = turns(argument)?;
    let half = Rational::new(1.into(), 2.into());
    let cos = || cosine(&turn);
    let sin = || cosine(&(&half - &turn));
    Some(match function {
        Function::Cos => cos()?,
        Function::Sin => sin()?,
        Function::Tan => Node::quotient(sin()?, cos()?),
        Function::Cot => Node::quotient(cos()?, sin()?),
        Function::Sec => Node::quotient(Node::integer(1), cos()?),
        Function::Csc => Node::quotient(Node::integer(1), sin()?),
        _ => return None,
    })
}

/// The cosine of so many times pi, in sixtieths of a half turn.
fn cosine(turn: &Rational) -> Option<Node> {
    let sixtieths = turn * Rational::from_integer(60.into());
    if !sixtieths.is_integer() {
        return None;
    }
    let place = sixtieths.to_integer().mod_floor(&120.into()).to_i64()?;
    let place = if place > 60 { 120 - place } else { place };
    let (place, negative) = if place > 30 { (60 - place, true) } else { (place, false) };
    let root = |n| Node::Call(Function::Root, vec![Node::integer(2), Node::integer(n)]);
    let minus = |node| Node::Negative(Box::new(node));
    let over = |terms, below| Node::quotient(Node::Sum(terms), Node::integer(below));
    let value = match place {
        0 => Node::integer(1),
        5 => over(vec![root(6), root(2)], 4),
        10 => over(vec![root(3)], 2),
        12 => over(vec![Node::integer(1), root(5)], 4),
        15 => over(vec![root(2)], 2),
        20 => over(vec![Node::integer(1)], 2),
        24 => over(vec![root(5), Node::integer(-1)], 4),
        25 => over(vec![root(6), minus(root(2))], 4),
        30 => Node::integer(0),
        _ => return None,
    };
    Some(if negative { minus(value) } else { value })
}
