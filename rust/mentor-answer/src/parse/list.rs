//! Items between separators, relations, ratios, words.

use super::token::Kind;
use super::{Parsed, Parser, Unread};
use crate::node::{Bracket, Commas, Joint, NamedSet, Node, Relation, SetOperation};
use crate::number::Decimal;

/// Unions and the like in one expression: each is a level of the tree.
const MAX_SET_OPERATIONS: usize = 60;

impl Parser<'_> {
    /// The whole text.
    pub(super) fn answer(&mut self) -> Parsed<Node> {
        if let Some(commas) = self.only_commas() {
            return Ok(commas);
        }
        let (items, joint) = self.sequence()?;
        if self.at < self.tokens.len() || items.is_empty() {
            return Err(Unread::Words);
        }
        Ok(bare(items, joint))
    }

    /// A text that is one number, or numbers between commas without blanks: `1,234`, `5,12`, `-0,5`.
    fn only_commas(&self) -> Option<Node> {
        let negative = self.kind() == Some(&Kind::Minus);
        let start = usize::from(negative);
        let sign = |node| if negative { Node::Negative(Box::new(node)) } else { node };
        let plain = |digits: &str| Decimal::new(digits, None, 0).map(Node::Number);
        match &self.tokens[start.min(self.tokens.len())..] {
            [only] => {
                let Kind::Number(written) = &only.kind else { return None };
                let groups = written.groups.as_ref().filter(|_| written.part.is_none())?;
                let number = Node::Number(Decimal::new(&written.whole, None, 0)?);
                let mut items = groups.iter().map(|group| plain(group)).collect::<Option<Vec<_>>>()?;
                items[0] = sign(items[0].clone());
                Some(Node::Commas(Box::new(Commas { items, number: sign(number), grouped: true })))
            }
            [first, comma, second] if !comma.space && !second.space && comma.kind == Kind::Comma => {
                let (Kind::Number(whole), Kind::Number(part)) = (&first.kind, &second.kind) else {
                    return None;
                };
                if !whole.is_plain() || !part.is_plain() {
                    return None;
                }
                let number = Node::Number(Decimal::new(&whole.whole, Some(&part.whole), 0)?);
                let items = vec![sign(plain(&whole.whole)?), plain(&part.whole)?];
                Some(Node::Commas(Box::new(Commas { items, number: sign(number), grouped: false })))
            }
            _ => None,
        }
    }

    /// Items up to the end or to a token that no item begins with.
    ///
    /// Semicolons separate groups; "and" and "or" do where every group has the same several items.
    pub(super) fn sequence(&mut self) -> Parsed<(Vec<Node>, Joint)> {
        let mut hard: Vec<Vec<Vec<Node>>> = vec![vec![Vec::new()]];
        let mut joint = Joint::And;
        loop {
            match self.kind() {
                Some(Kind::Comma) => self.bump(),
                Some(Kind::Semicolon) => {
                    hard.push(vec![Vec::new()]);
                    self.bump();
                }
                Some(Kind::Logic(either)) => {
                    let found = if *either { Joint::Either } else { Joint::Both };
                    if joint != Joint::And && joint != found {
                        return Err(Unread::Words);
                    }
                    joint = found;
                    self.bump();
                }
                Some(Kind::And | Kind::Or) => {
                    if self.kind() == Some(&Kind::Or) {
                        joint = Joint::Or;
                    }
                    let comma = self.at > 0 && self.tokens[self.at - 1].kind == Kind::Comma;
                    if !comma && let Some(groups) = hard.last_mut() {
                        groups.push(Vec::new());
                    }
                    self.bump();
                }
                Some(kind) if !self.ends_item(kind) || self.turned_outwards(kind) => {
                    let item = self.nested(Self::item)?;
                    if let Some(group) = hard.last_mut().and_then(|groups| groups.last_mut()) {
                        group.push(item);
                    }
                    let next = self.kind();
                    if next.is_some_and(|kind| !self.ends_item(kind) && !separates(kind)) {
                        return Err(Unread::Words);
                    }
                }
                _ => break,
            }
        }
        let items = joined(hard);
        // Between conditions logic is what "and" and "or" are.
        let conditions = items.iter().any(|item| matches!(item, Node::Relation(..)));
        let joint = match joint {
            Joint::Both if conditions => Joint::And,
            Joint::Either if conditions => Joint::Or,
            other => other,
        };
        Ok((items, joint))
    }

    /// One item: words, or sides with relations between them.
    fn item(&mut self) -> Parsed<Node> {
        while matches!(self.kind(), Some(Kind::Relation(Relation::Equal | Relation::Approximately))) {
            self.bump();
        }
        let mut sides = Vec::new();
        let mut relations = Vec::new();
        if matches!(self.kind(), Some(Kind::Relation(relation)) if relation.is_order()) {
            // `> 5`: what is greater goes without saying.
            sides.push(Node::Symbol("?".into()));
        } else {
            sides.push(self.side()?);
        }
        while let Some(Kind::Relation(relation)) = self.kind() {
            let relation = *relation;
            relations.push(relation);
            self.bump();
            let side = self.side()?;
            sides.push(if matches!(relation, Relation::In | Relation::NotIn) { as_set(side) } else { side });
        }
        Ok(match sides.pop() {
            Some(only) if sides.is_empty() => only,
            Some(last) => {
                sides.push(last);
                Node::Relation(sides, relations)
            }
            None => return Err(Unread::Words),
        })
    }

    /// One side of a relation: words, a ratio, a set expression.
    fn side(&mut self) -> Parsed<Node> {
        if let Some(words) = self.words() {
            return Ok(words);
        }
        let first = self.sets()?;
        if self.choosing || self.kind() != Some(&Kind::Colon) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take(&Kind::Colon) {
            parts.push(self.sets()?);
        }
        Ok(Node::Ratio(parts))
    }

    fn sets(&mut self) -> Parsed<Node> {
        let mut node = self.sum()?;
        let mut count = 0;
        while let Some(Kind::SetOperation(operation)) = self.kind() {
            let operation: SetOperation = *operation;
            count += 1;
            if count > MAX_SET_OPERATIONS {
                return Err(Unread::Deep);
            }
            self.bump();
            let right = self.sum()?;
            node = Node::SetOperation(operation, Box::new((as_set(node), as_set(right))));
        }
        Ok(node)
    }

    /// A side of nothing but words, with numbers among them.
    fn words(&mut self) -> Option<Node> {
        let mut end = self.at;
        let mut long = false;
        while let Some(token) = self.tokens.get(end) {
            match &token.kind {
                Kind::Word(_) => long = true,
                Kind::Text(text) => long |= text.chars().count() > 1,
                // `\pi` is no word, whatever follows it.
                Kind::Letter(_) | Kind::Constant(_) | Kind::Function(_) | Kind::Modulo
                    if (end == self.at || token.space) && !self.text[token.start..].starts_with('\\') => {}
                Kind::Number(_) | Kind::Prime | Kind::Degree | Kind::Percent if end > self.at => {}
                // `north-east` and `5-km`, but `ad-bc` is a difference.
                Kind::Minus
                    if end > self.at
                        && !token.space
                        && self.is_word(end + 1)
                        && (matches!(self.tokens[end - 1].kind, Kind::Number(_))
                            || [end - 1, end + 1].iter().any(|at| self.is_long(*at))) => {}
                kind if self.ends_item(kind) || separates(kind) || matches!(kind, Kind::Relation(_)) => break,
                _ => return None,
            }
            end += 1;
        }
        // In braces and brackets short words are products of letters, and `F = ma` ends with one.
        let alone = end - self.at == 1;
        let behind = self.at.checked_sub(1).is_some_and(|before| {
            matches!(self.tokens[before].kind, Kind::Relation(Relation::Equal))
                && matches!(self.kind(), Some(Kind::Word(word)) if word.chars().count() == 2)
        });
        let nested = self.depth > 1;
        let short = |kind: &Kind| matches!(kind, Kind::Word(word) if word.chars().count() <= 3);
        // `xy = 6` is about a product.
        let equated =
            matches!(self.tokens.get(end).map(|token| &token.kind), Some(Kind::Relation(_) | Kind::Colon));
        if !long || (alone && (nested || equated || behind) && self.kind().is_some_and(short)) {
            return None;
        }
        let starts = matches!(self.kind(), Some(Kind::Function(_)));
        if starts && end - self.at < 3 {
            return None;
        }
        let text = match (&self.tokens[self.at].kind, alone) {
            (Kind::Text(text), true) => text.clone(),
            _ => self.text[self.tokens[self.at].start..self.tokens[end - 1].end].to_owned(),
        };
        self.at = end;
        Some(Node::Text(text))
    }

    /// Whether an item ends before the token.
    fn ends_item(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Close(_) | Kind::Such | Kind::Ampersand | Kind::RowEnd | Kind::End | Kind::Colon => true,
            Kind::Pipe => self.bars > 0 || self.choosing,
            _ => false,
        }
    }

    /// Whether the token opens an interval such as `]0, 1[`.
    fn turned_outwards(&self, kind: &Kind) -> bool {
        self.at == 0 && *kind == Kind::Close(Bracket::Square)
    }

    /// Whether a token has more than two characters.
    fn is_long(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.end - token.start > 2)
    }

    fn is_word(&self, at: usize) -> bool {
        matches!(
            self.tokens.get(at).map(|token| &token.kind),
            Some(Kind::Word(_) | Kind::Text(_) | Kind::Letter(_))
        )
    }
}

/// A letter where a set must stand: `x \in R`, `R \setminus \{0\}`.
fn as_set(node: Node) -> Node {
    match &node {
        Node::Symbol(letter) => NamedSet::by_letter(letter).map_or(node, Node::NamedSet),
        _ => node,
    }
}

/// A bare list, or its only item.
pub(super) fn bare(mut items: Vec<Node>, joint: Joint) -> Node {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        Some(last) => {
            items.push(last);
            Node::List(items, joint)
        }
        None => Node::List(items, joint),
    }
}

/// Groups of items as one list.
fn joined(hard: Vec<Vec<Vec<Node>>>) -> Vec<Node> {
    let several = hard.len() > 1;
    let mut all = Vec::new();
    for mut groups in hard {
        groups.retain(|group| !group.is_empty());
        let length = groups.first().map_or(0, Vec::len);
        let alike = groups.len() > 1 && length > 1 && groups.iter().all(|group| group.len() == length);
        let items: Vec<Node> = if alike {
            groups.into_iter().map(|group| Node::List(group, Joint::And)).collect()
        } else {
            groups.into_iter().flatten().collect()
        };
        if several && items.len() > 1 && !alike {
            all.push(Node::List(items, Joint::And));
        } else {
            all.extend(items);
        }
    }
    all
}

fn separates(kind: &Kind) -> bool {
    matches!(kind, Kind::Comma | Kind::Semicolon | Kind::And | Kind::Or | Kind::Logic(_))
}
