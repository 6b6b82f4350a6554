//! What an expression is made of: numbers, names, functions, fractions, roots, sums over an index.

use super::sum::{Exponent, close, mixed};
use super::token::{Kind, Token, Written};
use super::unit::scale;
use super::{Parsed, Parser, Unread};
use crate::kinds::numerals;
use crate::node::{Bracket, Constant, Factor, Function, Node, Series};
use crate::number::Decimal;
use num_traits::ToPrimitive;

/// Letters that name functions when brackets follow.
const FUNCTION_NAMES: [&str; 12] = ["f", "g", "h", "F", "G", "H", "P", "T", "phi", "psi", "Pr", "Var"];

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parsed<Node> {
        let Some(kind) = self.kind().cloned() else { return Err(Unread::Words) };
        match kind {
            Kind::Open(bracket) => return self.bracket(bracket),
            Kind::Close(Bracket::Square) => return self.reversed_interval(),
            Kind::Caret | Kind::Underscore => return self.choices_of(),
            Kind::Pipe => return self.bars(),
            _ => self.bump(),
        }
        Ok(match kind {
            Kind::Number(written) => self.number(&written)?,
            Kind::Repeating(value) => Node::Exact(value),
            Kind::Based(digits, base) => Node::Based(digits, base),
            Kind::Truncated => Node::Opaque("goes on".into(), Vec::new()),
            Kind::Letter(name) => self.letter(name)?,
            Kind::Constant(constant) => self.constant(constant),
            Kind::Word(word) => self.letters(&word)?,
            Kind::Text(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(only), None) if only.is_alphabetic() => Node::Symbol(text),
                    _ => Node::Text(text),
                }
            }
            // `\max = 5`: what is greatest goes without saying.
            Kind::Function(function) if matches!(self.kind(), Some(Kind::Relation(_))) => {
                Node::Symbol(format!("{function:?}"))
            }
            Kind::Function(function) => self.function(function)?,
            Kind::Fraction(binomial) => self.fraction(binomial)?,
            Kind::Root(degree) => self.root(degree)?,
            Kind::Over(mark) => self.over(mark)?,
            Kind::Currency(code) => {
                let negative = self.take(&Kind::Minus);
                let number = self.nested(Self::power)?;
                let number = self.scaled_amount(number);
                let number = if negative { Node::Negative(Box::new(number)) } else { number };
                Node::Quantity(Box::new(number), code.into())
            }
            Kind::Begin(name) => self.environment(&name)?,
            Kind::Series(product) => self.series(product)?,
            Kind::Opaque(name) => self.opaque(name)?,
            Kind::NamedSet(set) => Node::NamedSet(set),
            Kind::Dots => Node::Dots,
            _ => return Err(Unread::Words),
        })
    }

    /// An amount of money with the word or letter behind it that multiplies it: `\$2.5 billion`, `\$3M`.
    fn scaled_amount(&mut self, number: Node) -> Node {
        let times = match self.kind() {
            Some(Kind::Word(word)) => scale(word),
            Some(Kind::Letter(letter)) if !self.space_at(0) => match letter.as_str() {
                "k" | "K" => Some(1_000),
                "M" => Some(1_000_000),
                "B" => Some(1_000_000_000),
                _ => None,
            },
            _ => None,
        };
        let Some(times) = times else { return number };
        self.bump();
        Node::product(vec![number, Node::integer(times)])
    }

    /// A number, or a mixed one.
    fn number(&mut self, written: &Written) -> Parsed<Node> {
        let decimal =
            Decimal::new(&written.whole, written.part.as_deref(), written.power).ok_or(Unread::Words)?;
        let node = Node::Number(decimal);
        if !written.is_plain() {
            return Ok(node);
        }
        match self.kind() {
            Some(Kind::Fraction(false)) => {
                let start = self.at;
                self.bump();
                let fraction = self.fraction(false)?;
                if let Some(value) = mixed(&node, &fraction) {
                    return Ok(value);
                }
                self.at = start;
            }
            Some(Kind::Number(above))
                if self.space_at(0) && above.is_plain() && self.kind_at(1) == Some(&Kind::Slash) =>
            {
                if let Some(Kind::Number(below)) = self.kind_at(2)
                    && below.is_plain()
                {
                    let number =
                        |digits: &str| Decimal::new(digits, None, 0).map(Node::Number).ok_or(Unread::Words);
                    let fraction = Node::quotient(number(&above.whole)?, number(&below.whole)?);
                    if let Some(value) = mixed(&node, &fraction) {
                        self.at += 3;
                        return Ok(value);
                    }
                }
            }
            _ => {}
        }
        Ok(node)
    }

    fn letter(&mut self, name: String) -> Parsed<Node> {
        if matches!(name.as_str(), "angle" | "triangle") {
            // Points name it: `\angle ABC`.
            if let Some(Kind::Word(points) | Kind::Letter(points)) = self.kind().cloned() {
                self.bump();
                return Ok(Node::Symbol(format!("{name} {points}")));
            }
            return Ok(Node::Symbol(name));
        }
        if !FUNCTION_NAMES.contains(&name.as_str()) {
            return Ok(Node::Symbol(name));
        }
        if let (Some(Kind::Degree), Some(Kind::Letter(inner))) = (self.kind(), self.kind_at(1)) {
            // Of functions a circle is their composition.
            let composed = format!("{name}∘{inner}");
            self.at += 2;
            return Ok(Node::Symbol(composed));
        }
        if self.take_inverse() {
            return Ok(Node::Apply(name + "^-1", self.arguments()?));
        }
        let primes = (0..3).take_while(|ahead| self.kind_at(*ahead) == Some(&Kind::Prime)).count();
        if self.kind_at(primes) == Some(&Kind::Open(Bracket::Round)) && !self.space_at(primes) {
            self.at += primes;
            return Ok(Node::Apply(name + &"'".repeat(primes), self.arguments()?));
        }
        Ok(Node::Symbol(name))
    }

    /// `^{-1}` between a function's name and its argument.
    fn take_inverse(&mut self) -> bool {
        let kinds = [
            Kind::Caret,
            Kind::Open(Bracket::Brace),
            Kind::Minus,
            Kind::Number(Written::integer("1")),
            Kind::Close(Bracket::Brace),
            Kind::Open(Bracket::Round),
        ];
        let found = kinds.iter().enumerate().all(|(ahead, kind)| self.kind_at(ahead) == Some(kind));
        self.at += if found { 5 } else { 0 };
        found
    }

    /// `^nC_k` and `_nP_k`: combinations and permutations.
    fn choices_of(&mut self) -> Parsed<Node> {
        self.bump();
        let n = self.nested(Self::script)?;
        let Some(Kind::Letter(letter)) = self.kind().cloned() else { return Err(Unread::Words) };
        self.bump();
        if !self.take(&Kind::Underscore) {
            return Err(Unread::Words);
        }
        let k = self.nested(Self::script)?;
        let factorial = |node| Node::Call(Function::Factorial, vec![node]);
        match letter.as_str() {
            "C" => Ok(Node::Call(Function::Binomial, vec![n, k])),
            "P" => Ok(Node::quotient(factorial(n.clone()), factorial(Node::difference(&n, &k)))),
            _ => Err(Unread::Words),
        }
    }

    fn constant(&self, constant: Constant) -> Node {
        let name = match constant {
            Constant::E => "e",
            Constant::I => "i",
            _ => return Node::Constant(constant),
        };
        if self.bound.iter().any(|bound| bound == name) {
            Node::Symbol(name.into())
        } else {
            Node::Constant(constant)
        }
    }

    /// A short word among mathematics: its letters, one by one. The first is read, the others are left as tokens.
    fn letters(&mut self, word: &str) -> Parsed<Node> {
        let count = word.chars().count();
        let capitals = word.chars().all(|c| c.is_ascii_uppercase());
        if !word.chars().all(|c| c.is_ascii_alphabetic()) || count > if capitals { 6 } else { 3 } {
            return Err(Unread::Words);
        }
        let at = self.at - 1;
        let whole = self.tokens[at].clone();
        let letter = |(place, c): (usize, char)| {
            let kind = match c {
                'e' => Kind::Constant(Constant::E),
                'i' => Kind::Constant(Constant::I),
                other => Kind::Letter(other.to_string()),
            };
            let start = whole.start + place;
            Token { kind, space: whole.space && place == 0, start, end: start + 1 }
        };
        let letters: Vec<Token> = word.chars().enumerate().map(letter).collect();
        self.tokens.splice(at..=at, letters);
        self.at = at;
        self.primary()
    }

    /// An index below: a base of a number, part of a name, or an expression.
    pub(super) fn subscript(&mut self, node: Node) -> Parsed<Node> {
        let start = self.at;
        let index = match (&node, self.kind()) {
            // A base of two digits needs no braces.
            (Node::Number(_), Some(Kind::Number(base))) if base.is_plain() => {
                let base = Decimal::new(&base.whole, None, 0).map(Node::Number);
                self.bump();
                base.ok_or(Unread::Words)?
            }
            _ if self.is_name_in_braces() => {
                self.at += 3;
                Node::Text(String::new())
            }
            _ => self.nested(Self::script)?,
        };
        let text: String = self.tokens[start..self.at]
            .iter()
            .filter(|token| !matches!(token.kind, Kind::Open(Bracket::Brace) | Kind::Close(Bracket::Brace)))
            .map(|token| match &token.kind {
                Kind::Text(text) => text.as_str(),
                // `\max` and `\text{max}` are the same name.
                Kind::Function(_) => {
                    let name = &self.text[token.start..token.end];
                    name.rsplit(['{', '\\']).next().unwrap_or(name).trim_matches(['}', ' '])
                }
                _ => &self.text[token.start..token.end],
            })
            .collect();
        match node {
            Node::Number(number) => {
                let base = match &index {
                    Node::Number(base) => base.small(),
                    Node::Text(_) => numerals::number(&text).and_then(|base| base.to_integer().to_u32()),
                    _ => None,
                };
                let base = base.filter(|base| (2..=36).contains(base)).ok_or(Unread::Words)?;
                let digits =
                    number.to_rational().filter(|_| number.is_plain_integer()).ok_or(Unread::Words)?;
                Ok(Node::Based(digits.to_integer().to_string(), base))
            }
            Node::Symbol(name) => {
                // `F_n` has an index that varies, `F_1` and `x_{max}` have names.
                let varies = text.chars().count() == 1 && text.chars().all(|c| c.is_ascii_lowercase());
                let plain = !text.is_empty() && text.chars().all(char::is_alphanumeric) && !varies;
                Ok(if plain {
                    Node::Symbol(format!("{name}_{text}"))
                } else {
                    Node::Apply(name, vec![index])
                })
            }
            Node::Text(name) => Ok(Node::Text(format!("{name} {text}"))),
            _ => Err(Unread::Words),
        }
    }

    /// Whether one word in braces follows, as in `v_{max}` and `1010_{two}`.
    fn is_name_in_braces(&self) -> bool {
        self.kind() == Some(&Kind::Open(Bracket::Brace))
            && matches!(self.kind_at(1), Some(Kind::Word(_) | Kind::Text(_) | Kind::Function(_)))
            && self.kind_at(2) == Some(&Kind::Close(Bracket::Brace))
    }

    /// One token or one group, as an argument without brackets.
    pub(super) fn script(&mut self) -> Parsed<Node> {
        match self.kind() {
            Some(Kind::Open(Bracket::Brace)) => self.bracket(Bracket::Brace),
            Some(Kind::Number(written)) if written.is_plain() && written.whole.len() > 1 => {
                // `\frac12`: one digit is an argument, the rest goes on.
                let (first, rest) = written.whole.split_at(1);
                let (first, rest) = (Written::integer(first), Written::integer(rest));
                self.tokens[self.at].kind = Kind::Number(rest);
                self.tokens[self.at].space = false;
                self.tokens[self.at].start += 1;
                Decimal::new(&first.whole, None, 0).map(Node::Number).ok_or(Unread::Words)
            }
            Some(Kind::Number(written)) => {
                let decimal = Decimal::new(&written.whole, written.part.as_deref(), written.power);
                self.bump();
                decimal.map(Node::Number).ok_or(Unread::Words)
            }
            Some(Kind::Minus) => {
                self.bump();
                Ok(Node::Negative(Box::new(self.nested(Self::script)?)))
            }
            _ => self.primary(),
        }
    }

    fn fraction(&mut self, binomial: bool) -> Parsed<Node> {
        let above = self.nested(Self::script)?;
        let below = self.nested(Self::script)?;
        Ok(if binomial {
            Node::Call(Function::Binomial, vec![above, below])
        } else {
            Node::quotient(above, below)
        })
    }

    fn root(&mut self, degree: u32) -> Parsed<Node> {
        let mut index = Node::integer(i64::from(degree.max(2)));
        if degree == 0 && self.kind() == Some(&Kind::Open(Bracket::Square)) {
            self.bump();
            index = self.nested(Self::sum)?;
            if !self.take(&Kind::Close(Bracket::Square)) {
                return Err(Unread::Words);
            }
        }
        // Digits without braces are meant as one number: `\sqrt 12`.
        let radicand = match self.kind() {
            Some(Kind::Number(written)) => {
                let decimal = Decimal::new(&written.whole, written.part.as_deref(), written.power);
                self.bump();
                Node::Number(decimal.ok_or(Unread::Words)?)
            }
            _ => self.nested(Self::script)?,
        };
        Ok(Node::Call(Function::Root, vec![index, radicand]))
    }

    fn over(&mut self, mark: &str) -> Parsed<Node> {
        let start = self.at;
        let inner = self.nested(Self::script)?;
        if inner.any(&mut |node| *node == Node::Constant(Constant::I)) {
            return Ok(Node::Call(Function::Conjugate, vec![inner]));
        }
        let span = self.tokens[start].start..self.tokens[self.at - 1].end;
        let name = self.text.get(span).ok_or(Unread::Words)?.trim_matches(['{', '}', ' ']);
        if name.is_empty() || !name.chars().any(char::is_alphabetic) {
            return Err(Unread::Words);
        }
        Ok(Node::Symbol(format!("{mark} {name}")))
    }

    fn function(&mut self, function: Function) -> Parsed<Node> {
        let mut power = None;
        let mut base = None;
        loop {
            if self.take(&Kind::Caret) {
                let Exponent::Node(exponent) = self.nested(Self::exponent)? else {
                    return Err(Unread::Words);
                };
                power = Some(exponent);
            } else if self.take(&Kind::Underscore) {
                base = Some(self.nested(Self::script)?);
            } else {
                break;
            }
        }
        let (function, power) = match inverse(function).filter(|_| power.as_ref().is_some_and(is_minus_one)) {
            Some(inverse) => (inverse, None),
            None => (function, power),
        };
        let bracketed = matches!(self.kind(), Some(Kind::Open(_)))
            || (self.kind() == Some(&Kind::Pipe) && self.bars == 0);
        let mut arguments = match self.kind() {
            Some(Kind::Open(Bracket::Round | Bracket::Square | Bracket::Brace | Bracket::Curly)) => {
                self.arguments()?
            }
            _ if bracketed => vec![self.nested(Self::primary)?],
            _ => vec![self.nested(Self::argument)?],
        };
        if arguments.is_empty() {
            return Err(Unread::Words);
        }
        let node = match (function, base) {
            // `log(8, 2)` of programs.
            (Function::Log | Function::Ln, None) if arguments.len() == 2 => {
                arguments.reverse();
                Node::Call(Function::LogBase, arguments)
            }
            (Function::Log, Some(base)) => Node::Call(Function::LogBase, vec![base, arguments.remove(0)]),
            (_, Some(_)) => return Err(Unread::Words),
            (function, None) => Node::Call(function, arguments),
        };
        Ok(match power {
            Some(power) => Node::Power(Box::new((node, power))),
            None => node,
        })
    }

    /// The items in brackets, as arguments.
    fn arguments(&mut self) -> Parsed<Vec<Node>> {
        Ok(match self.nested(super::Parser::primary)? {
            Node::Bracket(_, items, _) | Node::List(items, _) | Node::Set(items) => items,
            one => vec![one],
        })
    }

    /// An argument without brackets: the factors up to a sign, a slash or another function.
    fn argument(&mut self) -> Parsed<Node> {
        let negative = self.take(&Kind::Minus);
        let mut factors = vec![Factor { node: self.power()?, inverse: false }];
        while matches!(
            self.kind(),
            Some(
                Kind::Letter(_)
                    | Kind::Constant(_)
                    | Kind::Number(_)
                    | Kind::Fraction(_)
                    | Kind::Root(_)
                    | Kind::Word(_)
            )
        ) {
            let node = self.power()?;
            factors.push(Factor { node, inverse: false });
        }
        let node = close(factors);
        Ok(if negative { Node::Negative(Box::new(node)) } else { node })
    }

    fn series(&mut self, product: bool) -> Parsed<Node> {
        let name = if product { "prod" } else { "sum" };
        if !self.take(&Kind::Underscore) || !self.take(&Kind::Open(Bracket::Brace)) {
            return self.opaque(name);
        }
        let variable = match self.kind() {
            Some(Kind::Letter(name)) => name.clone(),
            Some(Kind::Constant(Constant::I)) => "i".into(),
            _ => return Err(Unread::Words),
        };
        self.bump();
        if !self.take(&Kind::Relation(crate::node::Relation::Equal)) {
            return Err(Unread::Words);
        }
        let low = self.nested(Self::sum)?;
        if !self.take(&Kind::Close(Bracket::Brace)) || !self.take(&Kind::Caret) {
            return Err(Unread::Words);
        }
        let Exponent::Node(high) = self.nested(Self::exponent)? else { return Err(Unread::Words) };
        self.bound.push(variable.clone());
        let body = self.nested(Self::product);
        self.bound.pop();
        Ok(Node::Series(Box::new(Series { product, variable, low, high, body: body? })))
    }

    /// An integral, a limit: its bounds and what follows, in order.
    fn opaque(&mut self, name: &str) -> Parsed<Node> {
        let mut parts = Vec::new();
        loop {
            if self.take(&Kind::Underscore) {
                parts.push(self.nested(Self::script)?);
            } else if self.take(&Kind::Caret) {
                let Exponent::Node(node) = self.nested(Self::exponent)? else { return Err(Unread::Words) };
                parts.push(node);
            } else {
                break;
            }
        }
        parts.push(self.nested(Self::product)?);
        Ok(Node::Opaque(name.into(), parts))
    }
}

fn is_minus_one(node: &Node) -> bool {
    matches!(node, Node::Negative(inner) if matches!(&**inner, Node::Number(one) if one.small() == Some(1)))
}

fn inverse(function: Function) -> Option<Function> {
    Some(match function {
        Function::Sin => Function::Asin,
        Function::Cos => Function::Acos,
        Function::Tan => Function::Atan,
        Function::Cot => Function::Acot,
        _ => return None,
    })
}
