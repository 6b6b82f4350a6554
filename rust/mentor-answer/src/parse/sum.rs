//! Terms and factors: signs, products with and without a sign, powers, units, mixed numbers.

use super::token::Kind;
use super::unit::scale;
use super::{Parsed, Parser, Unread};
use crate::node::{Bracket, Constant, Factor, Function, Node};
use crate::number::Rational;

/// Factorials, percent signs and the like behind one number.
const MAX_POSTFIXES: usize = 12;

impl Parser<'_> {
    pub(super) fn sum(&mut self) -> Parsed<Node> {
        let mut terms = Vec::new();
        loop {
            let mut negative = false;
            let mut signed = None;
            loop {
                match self.kind() {
                    Some(Kind::Plus) => {}
                    Some(Kind::Minus) => negative = !negative,
                    Some(Kind::PlusMinus) => signed = Some(false),
                    Some(Kind::MinusPlus) => signed = Some(true),
                    _ => break,
                }
                self.bump();
            }
            let mut term = self.product()?;
            if negative {
                term = Node::Negative(Box::new(term));
            }
            if let Some(minus_first) = signed {
                term = Node::Signed(Box::new(term), minus_first);
            }
            terms.push(term);
            if !matches!(self.kind(), Some(Kind::Plus | Kind::Minus | Kind::PlusMinus | Kind::MinusPlus)) {
                break;
            }
        }
        Ok(match terms.pop() {
            Some(only) if terms.is_empty() => only,
            Some(last) => {
                terms.push(last);
                Node::Sum(terms)
            }
            None => return Err(Unread::Words),
        })
    }

    pub(super) fn product(&mut self) -> Parsed<Node> {
        let mut factors = vec![Factor { node: self.power()?, inverse: false }];
        loop {
            match self.kind() {
                Some(Kind::Times) => {
                    self.bump();
                    let node = self.signed_power()?;
                    factors.push(Factor { node, inverse: false });
                }
                Some(Kind::Slash) => {
                    self.bump();
                    let node = self.divisor()?;
                    factors.push(Factor { node, inverse: true });
                }
                Some(Kind::Modulo) => {
                    self.bump();
                    let right = self.nested(Self::product)?;
                    let left = close(std::mem::take(&mut factors));
                    factors
                        .push(Factor { node: Node::Call(Function::Mod, vec![left, right]), inverse: false });
                }
                Some(Kind::Word(word))
                    if scale(word).is_some() && factors.iter().all(|factor| is_numeric(&factor.node)) =>
                {
                    let node = Node::integer(scale(word).unwrap_or(1));
                    self.bump();
                    factors.push(Factor { node, inverse: false });
                }
                Some(_) => {
                    if let Some(unit) = self.unit(&factors) {
                        let number = close(std::mem::take(&mut factors));
                        let quantity = Node::Quantity(Box::new(number), unit);
                        return self.compound(quantity);
                    }
                    if !self.starts_factor() {
                        break;
                    }
                    let node = self.power()?;
                    factors.push(Factor { node, inverse: false });
                }
                None => break,
            }
        }
        Ok(close(factors))
    }

    /// What a slash divides by; notes where letters without a sign follow.
    fn divisor(&mut self) -> Parsed<Node> {
        let first = self.signed_power()?;
        let glued = self.kind().is_some_and(|kind| {
            matches!(
                kind,
                Kind::Letter(_)
                    | Kind::Word(_)
                    | Kind::Constant(_)
                    | Kind::Root(_)
                    | Kind::Open(Bracket::Round)
            )
        });
        if !glued || self.space_at(0) {
            return Ok(first);
        }
        self.loose_slash = true;
        if !self.tight {
            return Ok(first);
        }
        let mut factors = vec![Factor { node: first, inverse: false }];
        while self.starts_factor() {
            let node = self.power()?;
            factors.push(Factor { node, inverse: false });
        }
        Ok(close(factors))
    }

    /// `5 hours 30 minutes` is a sum of quantities.
    fn compound(&mut self, first: Node) -> Parsed<Node> {
        let mut parts = vec![first];
        while matches!(self.kind(), Some(Kind::Number(_))) {
            match self.nested(Self::product)? {
                part @ Node::Quantity(..) => parts.push(part),
                Node::Sum(more) => parts.extend(more),
                _ => return Err(Unread::Words),
            }
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Node::Sum(parts)
            }
        })
    }

    fn signed_power(&mut self) -> Parsed<Node> {
        let mut negative = false;
        while matches!(self.kind(), Some(Kind::Minus | Kind::Plus)) {
            negative ^= self.kind() == Some(&Kind::Minus);
            self.bump();
        }
        let node = self.power()?;
        Ok(if negative { Node::Negative(Box::new(node)) } else { node })
    }

    /// Whether the next token multiplies without a sign.
    fn starts_factor(&self) -> bool {
        match self.kind() {
            Some(Kind::Number(_)) => {
                // Two numbers side by side are no product.
                !matches!(self.tokens[self.at - 1].kind, Kind::Number(_) | Kind::Repeating(_) | Kind::Percent)
            }
            Some(Kind::Open(_)) => true,
            Some(Kind::Pipe) => self.bars == 0 && !self.choosing,
            Some(kind) => matches!(
                kind,
                Kind::Letter(_)
                    | Kind::Word(_)
                    | Kind::Text(_)
                    | Kind::Function(_)
                    | Kind::Constant(_)
                    | Kind::Fraction(_)
                    | Kind::Root(_)
                    | Kind::Over(_)
                    | Kind::Begin(_)
                    | Kind::Series(_)
                    | Kind::Opaque(_)
            ),
            None => false,
        }
    }

    /// A primary with what is written behind it.
    pub(super) fn power(&mut self) -> Parsed<Node> {
        let mut node = self.nested(Self::primary)?;
        for count in 0.. {
            let more = matches!(
                self.kind(),
                Some(
                    Kind::Caret | Kind::Bang | Kind::Underscore | Kind::Prime | Kind::Percent | Kind::Degree
                )
            );
            if !more {
                break;
            }
            if count >= MAX_POSTFIXES {
                return Err(Unread::Deep);
            }
            node = self.postfix(node)?;
        }
        Ok(node)
    }

    fn postfix(&mut self, node: Node) -> Parsed<Node> {
        let kind = self.kind().cloned();
        self.bump();
        Ok(match kind {
            Some(Kind::Caret) => match self.exponent()? {
                Exponent::Degree => Node::Quantity(Box::new(node), "degree".into()),
                Exponent::Prime => primed(node)?,
                Exponent::Node(exponent) if is_transpose(&node, &exponent) => {
                    Node::Call(Function::Transpose, vec![node])
                }
                Exponent::Node(exponent) => Node::Power(Box::new((node, exponent))),
            },
            Some(Kind::Bang) if self.kind() == Some(&Kind::Bang) && !self.space_at(0) => {
                self.bump();
                Node::Call(Function::DoubleFactorial, vec![node])
            }
            Some(Kind::Bang) => Node::Call(Function::Factorial, vec![node]),
            Some(Kind::Underscore) => self.subscript(node)?,
            Some(Kind::Prime) => primed(node)?,
            Some(Kind::Percent) => Node::Percent(Box::new(node)),
            _ => Node::Quantity(Box::new(node), "degree".into()),
        })
    }

    pub(super) fn exponent(&mut self) -> Parsed<Exponent> {
        if self.take(&Kind::Degree) {
            return Ok(Exponent::Degree);
        }
        if self.take(&Kind::Prime) {
            return Ok(Exponent::Prime);
        }
        let braced = self.kind() == Some(&Kind::Open(Bracket::Brace));
        if braced && self.kind_at(2) == Some(&Kind::Close(Bracket::Brace)) {
            let mark = match self.kind_at(1) {
                Some(Kind::Degree) => Some(Exponent::Degree),
                Some(Kind::Prime) => Some(Exponent::Prime),
                Some(Kind::Plus) => Some(Exponent::Node(Node::Symbol("+".into()))),
                Some(Kind::Times) => Some(Exponent::Node(Node::Symbol("*".into()))),
                _ => None,
            };
            if let Some(mark) = mark {
                self.at += 3;
                return Ok(mark);
            }
        }
        let mut negative = false;
        while matches!(self.kind(), Some(Kind::Minus | Kind::Plus)) {
            negative ^= self.kind() == Some(&Kind::Minus);
            self.bump();
        }
        let mut node = self.nested(Self::primary)?;
        if self.take(&Kind::Caret) {
            let Exponent::Node(upper) = self.nested(Self::exponent)? else { return Err(Unread::Words) };
            node = Node::Power(Box::new((node, upper)));
        }
        Ok(Exponent::Node(if negative { Node::Negative(Box::new(node)) } else { node }))
    }
}

/// What stands above.
pub(super) enum Exponent {
    Degree,
    Prime,
    Node(Node),
}

/// One factor, or the product of several.
pub(super) fn close(mut factors: Vec<Factor>) -> Node {
    match factors.pop() {
        Some(Factor { node, inverse: false }) if factors.is_empty() => node,
        last => {
            factors.extend(last);
            Node::Product(factors)
        }
    }
}

/// A whole number and a fraction less than one, side by side: `3 1/2`.
pub(super) fn mixed(whole: &Node, fraction: &Node) -> Option<Node> {
    let Node::Product(factors) = fraction else { return None };
    let [
        Factor { node: Node::Number(above), inverse: false },
        Factor { node: Node::Number(below), inverse: true },
    ] = factors.as_slice()
    else {
        return None;
    };
    let Node::Number(number) = whole else { return None };
    if !(number.is_plain_integer() && above.is_plain_integer() && below.is_plain_integer()) {
        return None;
    }
    let (above, below) = (above.to_rational()?, below.to_rational()?);
    let proper = above < below && above > Rational::from_integer(0.into());
    proper.then(|| number.to_rational().map(|whole| Node::Exact(whole + above / below))).flatten()
}

fn primed(node: Node) -> Parsed<Node> {
    match node {
        Node::Symbol(name) => Ok(Node::Symbol(name + "'")),
        Node::Apply(name, arguments) => Ok(Node::Apply(name + "'", arguments)),
        // Feet, minutes of arc and the like.
        number @ (Node::Number(_) | Node::Quantity(..)) => Ok(Node::Quantity(Box::new(number), "'".into())),
        _ => Err(Unread::Words),
    }
}

fn is_transpose(node: &Node, exponent: &Node) -> bool {
    let mark = matches!(exponent, Node::Symbol(name) if matches!(name.as_str(), "T" | "top"));
    mark && matches!(node, Node::Matrix(_))
}

/// Whether a node is a number without letters in it.
pub(super) fn is_numeric(node: &Node) -> bool {
    !node.any(&mut |inner| {
        matches!(
            inner,
            Node::Symbol(_)
                | Node::Apply(..)
                | Node::Text(_)
                | Node::Constant(Constant::I | Constant::E)
                | Node::Bracket(..)
                | Node::Matrix(_)
                | Node::Set(_)
                | Node::List(..)
        )
    })
}
