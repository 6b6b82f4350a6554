//! What an answer says, as a tree: numbers, expressions, collections, relations, words.
//!
//! The tree keeps what is ambiguous by nature, such as `(0, 1)`, which is a point or an interval: what it is compared
//! with decides. Chains of sums and products are flat, so the tree is never deeper than the parser's bound.

use crate::number::{Decimal, Rational};

/// A function with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Function {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Asin,
    Acos,
    Atan,
    Acot,
    Sinh,
    Cosh,
    Tanh,
    Exp,
    Ln,
    /// A logarithm without a base: to base 10, unless only base e makes sense of the pair.
    Log,
    /// Base, then argument.
    LogBase,
    /// Degree, then radicand.
    Root,
    Abs,
    Floor,
    Ceil,
    Sign,
    Gcd,
    Lcm,
    Max,
    Min,
    Mod,
    Binomial,
    Factorial,
    /// `n!!`.
    DoubleFactorial,
    RealPart,
    ImaginaryPart,
    Argument,
    Conjugate,
    /// The cosine and `i` times the sine.
    Cis,
    Determinant,
    Transpose,
}

/// A constant with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// 3.14159...
    Pi,
    /// 2.71828...
    E,
    /// The imaginary unit.
    I,
    /// Positive infinity.
    Infinity,
}

/// What stands between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Relation {
    Equal,
    Approximately,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Unequal,
    In,
    NotIn,
    /// Congruence, implication, arrows and the like: compared as written.
    Other(&'static str),
}

impl Relation {
    /// The relation read from right to left.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            // An arrow turned round says something else.
            Self::Other("to" | "implies" | "subset" | "propto") => Self::Other("turned round"),
            other => other,
        }
    }

    /// Whether it orders its sides.
    #[must_use]
    pub fn is_order(self) -> bool {
        matches!(self, Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual)
    }
}

/// A kind of bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bracket {
    Round,
    Square,
    Curly,
    /// `{` and `}`, which only group.
    Brace,
    Angle,
    Floor,
    Ceil,
    Bar,
}

/// What joins the items of a bare list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// Commas, semicolons, or "and".
    And,
    /// An "or" among them.
    Or,
    /// `\land` between statements.
    Both,
    /// `\lor` between statements.
    Either,
}

/// A union, intersection or difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SetOperation {
    Union,
    Intersection,
    Difference,
}

/// A set with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum NamedSet {
    Empty,
    Naturals,
    Integers,
    Rationals,
    Reals,
    Complexes,
}

impl NamedSet {
    /// The set that a letter stands for where a set must stand.
    #[must_use]
    pub fn by_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "N" => Self::Naturals,
            "Z" => Self::Integers,
            "Q" => Self::Rationals,
            "R" => Self::Reals,
            "C" => Self::Complexes,
            _ => return None,
        })
    }
}

/// A factor of a product, or a divisor.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// What is multiplied or divided by.
    pub node: Node,
    /// Whether it divides.
    pub inverse: bool,
}

/// One number or two: `5,12` and `1,234`.
#[derive(Clone, Debug, PartialEq)]
pub struct Commas {
    /// The numbers between the commas.
    pub items: Vec<Node>,
    /// The whole as one number: groups of three digits, or a decimal comma.
    pub number: Node,
    /// Whether the commas set off groups of three digits, so that one number is the first reading.
    pub grouped: bool,
}

/// A sum or product over an index.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Whether terms are multiplied.
    pub product: bool,
    /// The index.
    pub variable: String,
    /// The first value of the index.
    pub low: Node,
    /// The last value of the index.
    pub high: Node,
    /// The term.
    pub body: Node,
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number as it is written.
    Number(Decimal),
    /// An exact fraction that has no such writing.
    Exact(Rational),
    /// A variable, with its index if that is plain.
    Symbol(String),
    /// A constant.
    Constant(Constant),
    /// A sum.
    Sum(Vec<Node>),
    /// A product of factors and divisors.
    Product(Vec<Factor>),
    /// Base and exponent.
    Power(Box<(Node, Node)>),
    /// A negative.
    Negative(Box<Node>),
    /// A known function of its arguments.
    Call(Function, Vec<Node>),
    /// An unknown function, or an indexed symbol, of its arguments.
    Apply(String, Vec<Node>),
    /// Both signs of a value; true where minus comes first.
    Signed(Box<Node>, bool),
    /// A percentage: the number before the sign.
    Percent(Box<Node>),
    /// A number with its unit, as written.
    Quantity(Box<Node>, String),
    /// Items in brackets, where the brackets mean something.
    Bracket(Bracket, Vec<Node>, Bracket),
    /// A set by its elements.
    Set(Vec<Node>),
    /// A set by a condition on its element.
    Where(Box<(Node, Node)>),
    /// Items without brackets.
    List(Vec<Node>, Joint),
    /// One number or two.
    Commas(Box<Commas>),
    /// Sides and the relations between them, one less.
    Relation(Vec<Node>, Vec<Relation>),
    /// Rows of a matrix.
    Matrix(Vec<Vec<Node>>),
    /// An operation on sets.
    SetOperation(SetOperation, Box<(Node, Node)>),
    /// A set with a name.
    NamedSet(NamedSet),
    /// `1:2:3`.
    Ratio(Vec<Node>),
    /// Digits in a base.
    Based(String, u32),
    /// Words.
    Text(String),
    /// An ellipsis.
    Dots,
    /// A sum or product over an index.
    Series(Box<Series>),
    /// Values, each with its condition; the last may go without.
    Cases(Vec<(Node, Option<Node>)>),
    /// Something that is only compared as written: an integral, a limit.
    Opaque(String, Vec<Node>),
}

impl Node {
    /// A small integer.
    #[must_use]
    pub fn integer(value: i64) -> Self {
        Self::Exact(Rational::from_integer(value.into()))
    }

    /// The quotient of two nodes.
    #[must_use]
    pub fn quotient(above: Self, below: Self) -> Self {
        Self::Product(vec![Factor { node: above, inverse: false }, Factor { node: below, inverse: true }])
    }

    /// The product of nodes.
    #[must_use]
    pub fn product(nodes: Vec<Self>) -> Self {
        Self::Product(nodes.into_iter().map(|node| Factor { node, inverse: false }).collect())
    }

    /// The difference of two nodes.
    #[must_use]
    pub fn difference(a: &Self, b: &Self) -> Self {
        Self::Sum(vec![a.clone(), Self::Negative(Box::new(b.clone()))])
    }

    /// The nodes directly below.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Sum(items)
            | Self::Call(_, items)
            | Self::Apply(_, items)
            | Self::Set(items)
            | Self::Bracket(_, items, _)
            | Self::List(items, _)
            | Self::Relation(items, _)
            | Self::Ratio(items)
            | Self::Opaque(_, items) => items.iter().collect(),
            Self::Product(factors) => factors.iter().map(|factor| &factor.node).collect(),
            Self::Power(pair) | Self::Where(pair) | Self::SetOperation(_, pair) => vec![&pair.0, &pair.1],
            Self::Negative(inner)
            | Self::Signed(inner, _)
            | Self::Percent(inner)
            | Self::Quantity(inner, _) => {
                vec![inner]
            }
            Self::Matrix(rows) => rows.iter().flatten().collect(),
            Self::Cases(cases) => {
                cases.iter().flat_map(|(value, condition)| std::iter::once(value).chain(condition)).collect()
            }
            Self::Commas(commas) => vec![&commas.number],
            Self::Series(series) => vec![&series.low, &series.high, &series.body],
            Self::Number(_)
            | Self::Exact(_)
            | Self::Symbol(_)
            | Self::Constant(_)
            | Self::NamedSet(_)
            | Self::Based(..)
            | Self::Text(_)
            | Self::Dots => Vec::new(),
        }
    }

    /// Whether any node of the tree is as asked.
    pub fn any(&self, asked: &mut dyn FnMut(&Self) -> bool) -> bool {
        asked(self) || self.children().into_iter().any(|child| child.any(asked))
    }
}
