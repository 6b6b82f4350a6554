//! Brackets of every kind, sets, bars, matrices.

use super::list::bare;
use super::token::{Kind, Token, Written};
use super::{Parsed, Parser, Unread};
use crate::node::{Bracket, Function, Joint, NamedSet, Node};

/// In brackets `(2,102)` is two numbers: commas group digits only where other commas have blanks behind them.
pub(super) fn split_groups(tokens: Vec<Token>) -> Vec<Token> {
    if !tokens.iter().any(|token| matches!(&token.kind, Kind::Number(Written { groups: Some(_), .. }))) {
        return tokens;
    }
    let mut depth = 0_i64;
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len() + 4);
    for (place, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(bracket) if bracket != Bracket::Brace => depth += 1,
            Kind::Close(bracket) if bracket != Bracket::Brace => depth -= 1,
            _ => {}
        }
        let before = place.checked_sub(1).and_then(|before| tokens.get(before));
        let after = tokens.get(place + 1);
        let opened = before.is_some_and(|before| match before.kind {
            Kind::Open(_) => true,
            Kind::Comma => !token.space,
            _ => false,
        });
        let closed = after.is_some_and(|after| match after.kind {
            Kind::Close(_) => true,
            Kind::Comma => tokens.get(place + 2).is_some_and(|next| !next.space),
            _ => false,
        });
        match &token.kind {
            Kind::Number(Written { groups: Some(groups), part: None, .. })
                if depth > 0
                    && opened
                    && closed
                    && !groups[1..].iter().any(|group| group.starts_with('0')) =>
            {
                for (i, group) in groups.iter().enumerate() {
                    let space = i == 0 && token.space;
                    let (start, end) = (token.start, token.end);
                    if i > 0 {
                        out.push(Token { kind: Kind::Comma, space, start, end });
                    }
                    out.push(Token { kind: Kind::Number(Written::integer(group)), space, start, end });
                }
            }
            _ => out.push(token.clone()),
        }
    }
    out
}

/// Environments that only put lines below each other.
const ALIGNED: [&str; 7] = ["aligned", "align", "gathered", "split", "gather", "equation", "alignat"];

impl Parser<'_> {
    pub(super) fn bracket(&mut self, open: Bracket) -> Parsed<Node> {
        self.bump();
        let bars = std::mem::take(&mut self.bars);
        let choosing = std::mem::replace(&mut self.choosing, false);
        let node = match open {
            Bracket::Curly => self.set(),
            Bracket::Bar => self.nested(Self::sum).and_then(|inner| {
                if !self.take(&Kind::Close(Bracket::Bar)) && !self.take(&Kind::Pipe) {
                    return Err(Unread::Words);
                }
                Ok(size(inner))
            }),
            _ => self.items(open),
        };
        self.bars = bars;
        self.choosing = choosing;
        node
    }

    fn items(&mut self, open: Bracket) -> Parsed<Node> {
        let comma_first = self.tokens.get(self.at).map(|token| &token.kind) == Some(&Kind::Comma);
        let (mut items, joint) = self.nested(Self::sequence)?;
        match self.kind().cloned() {
            Some(Kind::Close(close)) => {
                self.bump();
                let trailing = self.tokens[self.at - 2].kind == Kind::Comma;
                let single = items.len() == 1 && !trailing && !comma_first;
                match (open, close) {
                    (Bracket::Brace, Bracket::Brace) if items.is_empty() => {
                        Ok(Node::NamedSet(NamedSet::Empty))
                    }
                    (Bracket::Brace, Bracket::Brace) => Ok(bare(items, joint)),
                    (Bracket::Floor, Bracket::Floor) if single => Ok(Node::Call(Function::Floor, items)),
                    (Bracket::Ceil, Bracket::Ceil) if single => Ok(Node::Call(Function::Ceil, items)),
                    (Bracket::Round | Bracket::Square, Bracket::Round | Bracket::Square)
                        if single && open == close =>
                    {
                        let only = items.remove(0);
                        let keep =
                            open == Bracket::Square && matches!(only, Node::Bracket(Bracket::Square, ..));
                        Ok(if keep { Node::Bracket(open, vec![only], close) } else { only })
                    }
                    (Bracket::Round | Bracket::Square, Bracket::Round | Bracket::Square)
                    | (Bracket::Angle, Bracket::Angle) => Ok(Node::Bracket(open, items, close)),
                    _ => Err(Unread::Words),
                }
            }
            // `{x | x > 2}` in plain text.
            Some(Kind::Such | Kind::Colon) if open == Bracket::Brace && items.len() == 1 => {
                self.bump();
                self.condition(items.remove(0), Bracket::Brace)
            }
            _ => Err(Unread::Words),
        }
    }

    fn set(&mut self) -> Parsed<Node> {
        self.choosing = true;
        let (mut items, _) = self.nested(Self::sequence)?;
        self.choosing = false;
        match self.kind() {
            Some(Kind::Close(Bracket::Curly | Bracket::Brace)) => {
                self.bump();
                Ok(if items.is_empty() { Node::NamedSet(NamedSet::Empty) } else { Node::Set(items) })
            }
            Some(Kind::Such | Kind::Pipe | Kind::Colon) if items.len() == 1 => {
                self.bump();
                self.condition(items.remove(0), Bracket::Curly)
            }
            _ => Err(Unread::Words),
        }
    }

    fn condition(&mut self, element: Node, close: Bracket) -> Parsed<Node> {
        let (items, joint) = self.nested(Self::sequence)?;
        if items.is_empty() || !self.take(&Kind::Close(close)) {
            return Err(Unread::Words);
        }
        Ok(Node::Where(Box::new((element, bare(items, joint)))))
    }

    /// `]0, 1[`: the brackets turned outwards.
    pub(super) fn reversed_interval(&mut self) -> Parsed<Node> {
        self.bump();
        // The next square bracket closes it, whichever way it is turned.
        let square =
            |token: &Token| matches!(token.kind, Kind::Open(Bracket::Square) | Kind::Close(Bracket::Square));
        let end = self.tokens[self.at..].iter().position(square).ok_or(Unread::Words)? + self.at;
        let outward = self.tokens[end].kind == Kind::Open(Bracket::Square);
        self.tokens[end].kind = Kind::Close(Bracket::Square);
        let (items, _) = self.nested(Self::sequence)?;
        if self.at != end {
            return Err(Unread::Words);
        }
        self.bump();
        let close = if outward { Bracket::Curly } else { Bracket::Square };
        if items.len() != 2 {
            return Err(Unread::Words);
        }
        // A curly bracket stands for one that is turned outwards.
        Ok(Node::Bracket(Bracket::Curly, items, close))
    }

    pub(super) fn bars(&mut self) -> Parsed<Node> {
        self.bump();
        self.bars += 1;
        let choosing = std::mem::replace(&mut self.choosing, false);
        let inner = self.nested(Self::sum);
        self.choosing = choosing;
        self.bars -= 1;
        let inner = inner?;
        if self.take(&Kind::Pipe) { Ok(size(inner)) } else { Err(Unread::Words) }
    }

    pub(super) fn environment(&mut self, name: &str) -> Parsed<Node> {
        let aligned = ALIGNED.contains(&name);
        if aligned {
            // There an ampersand only says where lines are put below each other.
            let end =
                self.at + self.tokens[self.at..].iter().take_while(|token| token.kind != Kind::End).count();
            let tail = self.tokens.split_off(end);
            let at = self.at;
            let mut place = 0;
            self.tokens.retain(|token| {
                place += 1;
                place <= at || token.kind != Kind::Ampersand
            });
            self.tokens.extend(tail);
        }
        let mut rows: Vec<Vec<Node>> = vec![Vec::new()];
        loop {
            match self.kind() {
                Some(Kind::End) => {
                    self.bump();
                    break;
                }
                Some(Kind::RowEnd) => {
                    self.bump();
                    rows.push(Vec::new());
                }
                Some(Kind::Ampersand) => self.bump(),
                Some(Kind::Text(word)) if name == "cases" && is_condition_word(word) => self.bump(),
                Some(_) => {
                    let (items, joint) = self.nested(Self::sequence)?;
                    if items.is_empty() {
                        return Err(Unread::Words);
                    }
                    if let Some(row) = rows.last_mut() {
                        row.push(bare(items, joint));
                    }
                }
                None => return Err(Unread::Words),
            }
        }
        rows.retain(|row| !row.is_empty());
        if rows.is_empty() {
            return Err(Unread::Words);
        }
        match name {
            "matrix" | "pmatrix" | "bmatrix" | "Bmatrix" | "smallmatrix" | "array" | "tabular" => {
                Ok(Node::Matrix(rows))
            }
            "vmatrix" | "Vmatrix" => Ok(Node::Call(Function::Determinant, vec![Node::Matrix(rows)])),
            _ if aligned || name == "cases" => {
                let relation = |row: &Vec<Node>| matches!(row.as_slice(), [Node::Relation(..)]);
                if rows.iter().all(relation) || (name != "cases" && rows.iter().all(|row| row.len() == 1)) {
                    return Ok(bare(rows.into_iter().flatten().collect(), Joint::And));
                }
                if name == "cases" { cases(rows) } else { Err(Unread::Words) }
            }
            _ => Err(Unread::Words),
        }
    }
}

/// Words before a condition, which say nothing, and the one that stands for all that is left.
fn is_condition_word(word: &str) -> bool {
    let word = word.trim_matches([' ', ',', '.', '~']).to_ascii_lowercase();
    matches!(word.as_str(), "if" | "for" | "when" | "where" | "otherwise" | "else" | "")
}

/// Rows of values and conditions.
fn cases(rows: Vec<Vec<Node>>) -> Parsed<Node> {
    let last = rows.len() - 1;
    let case = |(place, mut row): (usize, Vec<Node>)| match (row.pop(), row.pop(), row.is_empty()) {
        (Some(value), None, true) if place == last => Ok((value, None)),
        (Some(condition), Some(value), true) => Ok((value, Some(condition))),
        _ => Err(Unread::Words),
    };
    rows.into_iter().enumerate().map(case).collect::<Parsed<_>>().map(Node::Cases)
}

/// What bars around something mean.
fn size(inner: Node) -> Node {
    let function = if matches!(inner, Node::Matrix(_)) { Function::Determinant } else { Function::Abs };
    Node::Call(function, vec![inner])
}
