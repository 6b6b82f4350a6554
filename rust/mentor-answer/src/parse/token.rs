//! Tokens, and the commands and words that make them.

use crate::node::{Bracket, Constant, Function, NamedSet, Relation, SetOperation};
use crate::number::Rational;

/// A token: what it is and where it stands in the cleaned text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub kind: Kind,
    /// Whether white space stands before it.
    pub space: bool,
    pub start: usize,
    pub end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Digits and a point: the whole part and, behind a point, the rest; separators are gone.
    Number(Written),
    /// Digits, some of them letters, in the base that follows them.
    Based(String, u32),
    /// A repeating decimal.
    Repeating(Rational),
    /// A decimal that goes on in an unknown way.
    Truncated,
    /// One letter, or a command that stands for one.
    Letter(String),
    /// Several letters without a meaning of their own.
    Word(String),
    /// The argument of a text command.
    Text(String),
    Function(Function),
    Constant(Constant),
    Relation(Relation),
    Open(Bracket),
    Close(Bracket),
    NamedSet(NamedSet),
    SetOperation(SetOperation),
    /// `\frac`, and with true `\binom`.
    Fraction(bool),
    /// A root of the given degree; 0 where the degree may follow in brackets.
    Root(u32),
    /// `\overline` and other marks over an argument.
    Over(&'static str),
    Plus,
    Minus,
    PlusMinus,
    MinusPlus,
    Times,
    Slash,
    Caret,
    Underscore,
    Bang,
    Comma,
    Semicolon,
    Colon,
    Pipe,
    Such,
    Prime,
    Percent,
    Permille,
    Degree,
    Ampersand,
    RowEnd,
    Dots,
    And,
    Or,
    /// `\land` and, with true, `\lor`.
    Logic(bool),
    /// `\over` and, with true, `\choose`: between what they put above each other.
    Infix(bool),
    Modulo,
    Begin(String),
    End,
    Currency(&'static str),
    /// `\sum` or, with true, `\prod`.
    Series(bool),
    /// `\int`, `\lim` and other things compared only as written.
    Opaque(&'static str),
}

/// A number as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    pub whole: String,
    pub part: Option<String>,
    pub power: i64,
    /// The groups between plain commas, if there are any.
    pub groups: Option<Vec<String>>,
}

impl Written {
    pub(crate) fn integer(digits: &str) -> Self {
        Self { whole: digits.to_owned(), part: None, power: 0, groups: None }
    }

    /// Whether it is digits and nothing else.
    pub(crate) fn is_plain(&self) -> bool {
        self.part.is_none() && self.power == 0 && self.groups.is_none()
    }
}

/// A function by its name, in LaTeX or in plain text.
pub(crate) fn function(name: &str) -> Option<Function> {
    Some(match name {
        "sin" => Function::Sin,
        "cos" => Function::Cos,
        "tan" | "tg" => Function::Tan,
        "cot" | "ctg" | "cotan" => Function::Cot,
        "sec" => Function::Sec,
        "csc" | "cosec" => Function::Csc,
        "arcsin" | "asin" => Function::Asin,
        "arccos" | "acos" => Function::Acos,
        "arctan" | "atan" | "arctg" => Function::Atan,
        "arccot" | "acot" => Function::Acot,
        "sinh" => Function::Sinh,
        "cosh" => Function::Cosh,
        "tanh" => Function::Tanh,
        "exp" => Function::Exp,
        "ln" => Function::Ln,
        "log" | "lg" => Function::Log,
        "abs" => Function::Abs,
        "floor" => Function::Floor,
        "ceil" => Function::Ceil,
        "sgn" | "sign" => Function::Sign,
        "gcd" | "GCD" | "hcf" => Function::Gcd,
        "lcm" | "LCM" => Function::Lcm,
        "max" => Function::Max,
        "min" => Function::Min,
        "binomial" => Function::Binomial,
        "factorial" => Function::Factorial,
        "Re" => Function::RealPart,
        "Im" => Function::ImaginaryPart,
        "arg" => Function::Argument,
        "cis" => Function::Cis,
        "det" => Function::Determinant,
        _ => return None,
    })
}

/// What a plain word means, if it has a meaning.
pub(crate) fn word(name: &str) -> Option<Kind> {
    if let Some(function) = function(name) {
        return Some(Kind::Function(function));
    }
    Some(match name {
        "sqrt" => Kind::Root(2),
        "cbrt" => Kind::Root(3),
        "pi" | "Pi" | "PI" => Kind::Constant(Constant::Pi),
        "inf" | "infinity" | "Infinity" | "oo" | "infty" => Kind::Constant(Constant::Infinity),
        "and" | "AND" => Kind::And,
        "or" | "OR" => Kind::Or,
        "mod" => Kind::Modulo,
        "union" | "U" => Kind::SetOperation(SetOperation::Union),
        "intersect" => Kind::SetOperation(SetOperation::Intersection),
        "percent" | "pct" | "percentage" => Kind::Percent,
        "pH" => Kind::Letter(name.to_owned()),
        "degrees" | "degree" | "deg" => Kind::Degree,
        "theta" | "alpha" | "beta" | "gamma" | "lambda" | "phi" | "omega" | "sigma" => {
            Kind::Letter(name.to_owned())
        }
        _ => return None,
    })
}

/// What a LaTeX command means; nothing for one that only spaces, and `Err` for one that is not known.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn command(name: &str) -> Result<Option<Kind>, ()> {
    if let Some(function) = function(name) {
        return Ok(Some(Kind::Function(function)));
    }
    Ok(Some(match name {
        "left" | "right" | "middle" | "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr" | "Bigl" | "Bigr"
        | "biggl" | "biggr" | "Biggl" | "Biggr" | "displaystyle" | "textstyle" | "quad" | "qquad"
        | "limits" | "nolimits" | "hspace" | "vspace" | "hline" | "nonumber" | "mathstrut" | "strut"
        | "allowbreak" | "rm" | "bf" | "it" | "cal" | "tiny" | "small" | "large" | "Large" | "LARGE"
        | "huge" | "Huge" | "normalsize" | "scriptsize" | "footnotesize" | "therefore" | "relax"
        | "noindent" | "enspace" | "thinspace" | "medspace" | "thickspace" | "negthinspace" | "space"
        | "degreeC" | "par" | "operatorname" | "mathop" | "mathbin" | "mathrel" | "mathord"
        | "dfracstyle" | "null" | "ensuremath" => return Ok(None),
        "frac" | "dfrac" | "tfrac" | "cfrac" | "sfrac" | "nicefrac" | "fracc" => Kind::Fraction(false),
        "binom" | "dbinom" | "tbinom" => Kind::Fraction(true),
        "sqrt" => Kind::Root(0),
        "surd" => Kind::Root(2),
        "cuberoot" => Kind::Root(3),
        "fourthroot" => Kind::Root(4),
        "pi" => Kind::Constant(Constant::Pi),
        "infty" | "infin" => Kind::Constant(Constant::Infinity),
        "imath" | "jmath" => Kind::Constant(Constant::I),
        "pm" | "plusmn" => Kind::PlusMinus,
        "mp" => Kind::MinusPlus,
        "times" | "cdot" | "ast" | "cdotp" | "bullet" | "star" => Kind::Times,
        "div" => Kind::Slash,
        "le" | "leq" | "leqslant" | "leqq" => Kind::Relation(Relation::LessEqual),
        "ge" | "geq" | "geqslant" | "geqq" => Kind::Relation(Relation::GreaterEqual),
        "lt" => Kind::Relation(Relation::Less),
        "gt" => Kind::Relation(Relation::Greater),
        "ne" | "neq" | "not" => Kind::Relation(Relation::Unequal),
        "approx" | "approxeq" | "simeq" | "cong" | "sim" | "doteq" => Kind::Relation(Relation::Approximately),
        "in" | "isin" => Kind::Relation(Relation::In),
        "notin" => Kind::Relation(Relation::NotIn),
        "equiv" => Kind::Relation(Relation::Other("equiv")),
        "to" | "rightarrow" | "longrightarrow" | "mapsto" => Kind::Relation(Relation::Other("to")),
        "implies" | "Rightarrow" | "Longrightarrow" => Kind::Relation(Relation::Other("implies")),
        "iff" | "Leftrightarrow" | "leftrightarrow" => Kind::Relation(Relation::Other("iff")),
        "propto" => Kind::Relation(Relation::Other("propto")),
        "perp" => Kind::Relation(Relation::Other("perp")),
        "parallel" => Kind::Relation(Relation::Other("parallel")),
        "subset" | "subseteq" | "subsetneq" => Kind::Relation(Relation::Other("subset")),
        "cup" | "bigcup" => Kind::SetOperation(SetOperation::Union),
        "cap" | "bigcap" => Kind::SetOperation(SetOperation::Intersection),
        "setminus" | "backslash" | "smallsetminus" => Kind::SetOperation(SetOperation::Difference),
        "emptyset" | "varnothing" | "empty" => Kind::NamedSet(NamedSet::Empty),
        "R" | "reals" | "Reals" => Kind::NamedSet(NamedSet::Reals),
        "N" => Kind::NamedSet(NamedSet::Naturals),
        "Z" => Kind::NamedSet(NamedSet::Integers),
        "Q" => Kind::NamedSet(NamedSet::Rationals),
        "C" => Kind::NamedSet(NamedSet::Complexes),
        "langle" => Kind::Open(Bracket::Angle),
        "rangle" => Kind::Close(Bracket::Angle),
        "lfloor" => Kind::Open(Bracket::Floor),
        "rfloor" => Kind::Close(Bracket::Floor),
        "lceil" => Kind::Open(Bracket::Ceil),
        "rceil" => Kind::Close(Bracket::Ceil),
        "lvert" => Kind::Open(Bracket::Bar),
        "rvert" => Kind::Close(Bracket::Bar),
        "lbrace" => Kind::Open(Bracket::Curly),
        "rbrace" => Kind::Close(Bracket::Curly),
        "lbrack" => Kind::Open(Bracket::Square),
        "rbrack" => Kind::Close(Bracket::Square),
        "lparen" => Kind::Open(Bracket::Round),
        "rparen" => Kind::Close(Bracket::Round),
        "vert" | "lVert" | "rVert" | "Vert" => Kind::Pipe,
        "mid" => Kind::Such,
        "colon" => Kind::Colon,
        "prime" => Kind::Prime,
        "circ" | "degree" => Kind::Degree,
        "ldots" | "dots" | "cdots" | "dotsc" | "dotsb" | "vdots" | "ddots" | "hdots" => Kind::Dots,
        "land" | "wedge" => Kind::Logic(false),
        "lor" | "vee" => Kind::Logic(true),
        "neg" | "lnot" => Kind::Over("not"),
        "over" => Kind::Infix(false),
        "choose" => Kind::Infix(true),
        "permille" => Kind::Permille,
        "bmod" | "mod" | "pmod" => Kind::Modulo,
        "newline" | "cr" => Kind::RowEnd,
        "overline" | "bar" => Kind::Over("bar"),
        "vec" | "overrightarrow" => Kind::Over("vec"),
        "hat" | "widehat" => Kind::Over("hat"),
        "tilde" | "widetilde" => Kind::Over("tilde"),
        "dot" => Kind::Over("dot"),
        "ddot" => Kind::Over("ddot"),
        "overset" | "underset" | "stackrel" => Kind::Opaque("stack"),
        "pounds" => Kind::Currency("GBP"),
        "euro" | "texteuro" => Kind::Currency("EUR"),
        "textdollar" => Kind::Currency("USD"),
        "sum" => Kind::Series(false),
        "prod" => Kind::Series(true),
        "int" | "iint" | "iiint" | "oint" => Kind::Opaque("int"),
        "lim" | "limsup" | "liminf" => Kind::Opaque("lim"),
        "cosec" => Kind::Function(Function::Csc),
        "angle" | "measuredangle" => Kind::Letter("angle".into()),
        "triangle" => Kind::Letter("triangle".into()),
        "varepsilon" => Kind::Letter("epsilon".into()),
        "varphi" => Kind::Letter("phi".into()),
        "vartheta" => Kind::Letter("theta".into()),
        "ell" => Kind::Letter("l".into()),
        "alpha" | "beta" | "gamma" | "delta" | "epsilon" | "zeta" | "eta" | "theta" | "iota" | "kappa"
        | "lambda" | "mu" | "nu" | "xi" | "rho" | "sigma" | "tau" | "upsilon" | "phi" | "chi" | "psi"
        | "omega" | "Gamma" | "Delta" | "Theta" | "Lambda" | "Pi" | "Sigma" | "Phi" | "Psi" | "Omega"
        | "Pr" | "partial" | "nabla" | "hbar" | "aleph" => Kind::Letter(name.to_owned()),
        _ => return Err(()),
    }))
}
