//! Terms and factors: signs, products with and without a sign, powers, units, mixed numbers.

use super::token::Kind;
use super::unit::scale;
use super::{Parsed, Parser, Unread};
use crate::kinds::units;
use crate::node::{Bracket, Constant, Factor, Function, NamedSet, Node};
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
        let total = match terms.pop() {
            Some(only) if terms.is_empty() => only,
            Some(last) => {
                terms.push(last);
                Node::Sum(terms)
            }
            None => return Err(Unread::Words),
        };
        let Some(Kind::Infix(binomial)) = self.kind() else { return Ok(total) };
        let binomial = *binomial;
        self.bump();
        let below = self.nested(Self::sum)?;
        Ok(if binomial {
            Node::Call(Function::Binomial, vec![total, below])
        } else {
            Node::quotient(total, below)
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
                    let left = self.modulo(std::mem::take(&mut factors))?;
                    factors.push(left);
                }
                Some(Kind::Word(word))
                    if scale(word).is_some() && factors.iter().all(|factor| is_numeric(&factor.node)) =>
                {
                    let node = Node::integer(scale(word).unwrap_or(1));
                    self.bump();
                    factors.push(Factor { node, inverse: false });
                }
                Some(Kind::Open(Bracket::Round)) if self.kind_at(1) == Some(&Kind::Modulo) => {
                    // `3 (mod 7)` in plain text.
                    self.bump();
                    let left = self.modulo(std::mem::take(&mut factors))?;
                    factors.push(left);
                    if !self.take(&Kind::Close(Bracket::Round)) {
                        return Err(Unread::Words);
                    }
                }
                Some(Kind::Number(_)) if matches!(factors.as_slice(), [Factor { node, .. }] if is_angle(node)) =>
                {
                    return self.compound(close(factors));
                }
                Some(Kind::Open(Bracket::Brace)) if self.kind_at(1) == Some(&Kind::Close(Bracket::Brace)) => {
                    // `25 {}^\circ`: a mark behind nothing is behind what stands before.
                    self.at += 2;
                    let before = close(std::mem::take(&mut factors));
                    let node = self.postfixes(before)?;
                    factors.push(Factor { node, inverse: false });
                }
                Some(_) => {
                    if let Some(unit) = self.unit(&factors) {
                        let number = close(std::mem::take(&mut factors));
                        if units::is_radian(&unit) {
                            return Ok(number);
                        }
                        return self.compound(Node::Quantity(Box::new(number), unit));
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

    /// What stands before and behind "mod".
    fn modulo(&mut self, left: Vec<Factor>) -> Parsed<Factor> {
        self.bump();
        let right = self.nested(Self::product)?;
        Ok(Factor { node: Node::Call(Function::Mod, vec![close(left), right]), inverse: false })
    }

    /// `5 hours 30 minutes`, `30° 15' 20''`, `2 h 15 min`: a sum of quantities.
    fn compound(&mut self, first: Node) -> Parsed<Node> {
        let mut parts = vec![first];
        while matches!(self.kind(), Some(Kind::Number(_))) {
            match self.nested(Self::product)? {
                part @ Node::Quantity(..) => parts.push(part),
                Node::Sum(more) => parts.extend(more),
                // The last letter has no number behind it that would show it to be a unit.
                other => parts.push(with_unit_letter(&other).ok_or(Unread::Words)?),
            }
        }
        if parts.len() > 1 {
            name_primes(&mut parts);
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
        let node = self.nested(Self::primary)?;
        self.postfixes(node)
    }

    fn postfixes(&mut self, mut node: Node) -> Parsed<Node> {
        for count in 0.. {
            let more = matches!(
                self.kind(),
                Some(
                    Kind::Caret
                        | Kind::Bang
                        | Kind::Underscore
                        | Kind::Prime
                        | Kind::Percent
                        | Kind::Permille
                        | Kind::Degree
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
                Exponent::Degree => self.degrees(node),
                Exponent::Prime => primed(node)?,
                Exponent::Node(Node::Symbol(sign))
                    if node == Node::NamedSet(NamedSet::Reals) && sign == "+" =>
                {
                    let infinity = Node::Constant(Constant::Infinity);
                    Node::Bracket(Bracket::Round, vec![Node::integer(0), infinity], Bracket::Round)
                }
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
            Some(Kind::Permille) => Node::quotient(node, Node::integer(1_000)),
            _ => self.degrees(node),
        })
    }

    /// Degrees of an angle, or of a temperature where its scale follows.
    fn degrees(&mut self, number: Node) -> Node {
        let unit = match self.kind() {
            Some(Kind::Letter(name) | Kind::Text(name) | Kind::Word(name)) => {
                match name.trim_matches(['{', '}', ' ']) {
                    "C" | "Celsius" | "celsius" | "centigrade" => "celsius",
                    "F" | "Fahrenheit" | "fahrenheit" => "fahrenheit",
                    _ => "degree",
                }
            }
            _ => "degree",
        };
        self.at += usize::from(unit != "degree");
        Node::Quantity(Box::new(number), unit.into())
    }

    pub(super) fn exponent(&mut self) -> Parsed<Exponent> {
        if self.take(&Kind::Degree) {
            return Ok(Exponent::Degree);
        }
        if self.take(&Kind::Prime) {
            return Ok(Exponent::Prime);
        }
        if matches!(self.kind(), Some(Kind::Plus | Kind::Minus))
            && matches!(self.kind_at(1), None | Some(Kind::Close(_) | Kind::Comma | Kind::Relation(_)))
        {
            // `Na^+`
            let sign = if self.kind() == Some(&Kind::Plus) { "+" } else { "-" };
            self.bump();
            return Ok(Exponent::Node(Node::Symbol(sign.into())));
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
        number @ Node::Number(_) => Ok(Node::Quantity(Box::new(number), "'".into())),
        Node::Quantity(number, mark) if mark == "'" => Ok(Node::Quantity(number, "''".into())),
        _ => Err(Unread::Words),
    }
}

fn is_angle(node: &Node) -> bool {
    matches!(node, Node::Quantity(_, unit) if matches!(unit.as_str(), "degree" | "'"))
}

/// A number times a letter that is a unit.
fn with_unit_letter(node: &Node) -> Option<Node> {
    let Node::Product(factors) = node else { return None };
    match factors.as_slice() {
        [Factor { node: number, inverse: false }, Factor { node: Node::Symbol(unit), inverse: false }]
            if units::known(unit) && is_numeric(number) =>
        {
            Some(Node::Quantity(Box::new(number.clone()), unit.clone()))
        }
        _ => None,
    }
}

/// Primes behind degrees are minutes and seconds of arc, others are feet and inches.
fn name_primes(parts: &mut [Node]) {
    let of_angle = matches!(parts.first(), Some(Node::Quantity(_, unit)) if unit == "degree");
    for part in parts {
        if let Node::Quantity(_, unit) = part {
            let name = match (unit.as_str(), of_angle) {
                ("'", true) => "arcminute",
                ("''", true) => "arcsecond",
                ("'", false) => "ft",
                ("''", false) => "in",
                _ => continue,
            };
            name.clone_into(unit);
        }
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
