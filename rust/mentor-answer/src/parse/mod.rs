//! Text to tree: tokens, then a descent bounded in depth.
//!
//! ```text
//! lex    characters to tokens; digits: numbers; token: the tables of commands and words
//! list   items, separators, relations      sum    terms and factors, units, mixed numbers
//! atom   numbers, names, functions         group  brackets, sets, matrices, bars
//! ```

mod atom;
mod command;
mod digits;
mod group;
mod lex;
mod list;
mod sum;
mod token;
mod unit;

use crate::node::Node;
use lex::lex;
use token::{Kind, Token};

/// Brackets, powers and functions nest at most this deep.
const MAX_DEPTH: usize = 100;

/// Why a text has no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no mathematics.
    Words,
    /// It nests too deep.
    Deep,
}

type Parsed<T> = Result<T, Unread>;

/// A tree, and whether another reading of the same text is about as likely.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub node: Node,
    /// The same text with `a/bc` as `a/(bc)`, where that is not what `node` says.
    pub other: Option<Node>,
}

/// Reads a cleaned text.
pub(crate) fn parse(text: &str) -> Parsed<Tree> {
    let tokens = lex(text).ok_or(Unread::Words)?;
    let tokens = group::split_groups(tokens);
    let mut parser = Parser::new(text, tokens.clone());
    let node = parser.answer()?;
    let other = if parser.loose_slash {
        let mut tight = Parser::new(text, tokens);
        tight.tight = true;
        tight.answer().ok()
    } else {
        None
    };
    Ok(Tree { node, other })
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Bars that are open, each of which the next bar closes.
    bars: usize,
    /// Whether the first element of a set is being read, behind which a bar says "such that".
    choosing: bool,
    /// Indices of sums, which hide `i` and `e`.
    bound: Vec<String>,
    /// Whether `a/bc` is `a/(bc)`.
    tight: bool,
    /// Whether there was an `a/bc`.
    loose_slash: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, tokens: Vec<Token>) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            depth: 0,
            bars: 0,
            choosing: false,
            bound: Vec::new(),
            tight: false,
            loose_slash: false,
        }
    }

    fn kind(&self) -> Option<&Kind> {
        self.kind_at(0)
    }

    fn kind_at(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// Whether white space stands before the token some places ahead.
    fn space_at(&self, ahead: usize) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.space)
    }

    fn bump(&mut self) {
        self.at += 1;
    }

    /// Steps over a token if it is the given one.
    fn take(&mut self, kind: &Kind) -> bool {
        let found = self.kind() == Some(kind);
        self.at += usize::from(found);
        found
    }

    /// One level deeper.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Unread::Deep);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}
