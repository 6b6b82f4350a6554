//! The judge: two texts in, a verdict out.

use crate::compare::Pair;
use crate::kinds::choice::{Choice, choice};
use crate::kinds::formula::formula;
use crate::kinds::moment::{self, Moment, moment};
use crate::kinds::numerals;
use crate::kinds::permutation::permutation;
use crate::kinds::words;
use crate::node::{Function, Node};
use crate::parse::{Tree, Unread, parse};
use crate::policy::{Domain, Policy, Prose};
use crate::text::clean::{Cleaned, clean};
use crate::verdict::Verdict;

/// Longer texts are compared as texts and as plain numbers only.
const MAX_BYTES: usize = 6_000;

/// A text without what never changes an answer: equal normal texts are equal answers.
pub struct Normal(Cleaned);

impl Normal {
    /// Normalises a text; no text fails.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.len() > MAX_BYTES * 20 {
            return Self(Cleaned { text: text.trim().to_owned(), marked: false });
        }
        Self(clean(text))
    }

    /// The normal text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

/// What a text says, read once.
pub struct Reading {
    cleaned: Cleaned,
    choice: Option<Choice>,
    moment: Option<Moment>,
    tree: Result<Tree, Unread>,
}

impl From<Normal> for Reading {
    fn from(Normal(cleaned): Normal) -> Self {
        if cleaned.text.len() > MAX_BYTES {
            return Self { cleaned, choice: None, moment: None, tree: Err(Unread::Deep) };
        }
        let text = &cleaned.text;
        let numeral =
            text.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| numerals::number(text)).flatten();
        let tree = match numeral {
            Some(value) => Ok(Tree { node: Node::Exact(value), other: None }),
            // "Not available", no quotient.
            None if text.eq_ignore_ascii_case("n/a") => {
                Ok(Tree { node: Node::Text(text.clone()), other: None })
            }
            None => parse(text),
        };
        Self { choice: choice(text), moment: moment(text), tree, cleaned }
    }
}

impl Reading {
    /// Reads a text; no text fails.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Normal::new(text).into()
    }

    /// The normal text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.cleaned.text
    }

    /// What kind of answer it is, for people.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.cleaned.text.is_empty() {
            return "nothing";
        }
        match &self.moment {
            Some(Moment::Time { .. }) => return "a time",
            Some(_) => return "a date",
            None => {}
        }
        if self.choice.as_ref().is_some_and(|choice| choice.marked) {
            return "a choice";
        }
        match &self.tree {
            Ok(tree) => kind(&tree.node),
            Err(Unread::Words) => "words",
            Err(Unread::Deep) => "too long or too deep",
        }
    }

    /// Whether a text that has no tree looks like mathematics all the same.
    fn looks_mathematical(&self) -> bool {
        let text = &self.cleaned.text;
        text.contains(['\\', '^', '_', '=', '<', '>', '+', '*', '|'])
            || text.bytes().filter(u8::is_ascii_digit).count() * 2 > text.len()
    }
}

fn kind(node: &Node) -> &'static str {
    match node {
        Node::Number(_) | Node::Exact(_) => "a number",
        Node::Negative(inner) => kind(inner),
        Node::Commas(commas) if commas.grouped => "a number",
        Node::Commas(_) | Node::List(..) => "a list",
        Node::Percent(_) => "a percentage",
        Node::Quantity(..) => "a quantity",
        Node::Bracket(..) => "a tuple or an interval",
        Node::Set(_) | Node::Where(_) | Node::SetOperation(..) | Node::NamedSet(_) => "a set",
        Node::Relation(_, relations) if relations.iter().any(|r| r.is_order()) => "an inequality",
        Node::Relation(..) => "an equation",
        Node::Matrix(_) => "a matrix",
        Node::Ratio(_) => "a ratio",
        Node::Based(..) => "a number in a base",
        Node::Text(_) => "words",
        _ => "an expression",
    }
}

/// Whether an answer says what a reference says.
#[must_use]
pub fn judge(policy: &Policy, answer: &Reading, reference: &Reading) -> Verdict {
    let (a, b) = (answer, reference);
    if a.cleaned.text.is_empty() || b.cleaned.text.is_empty() {
        return Verdict::different("there is no answer");
    }
    if policy.domain == Domain::Aime {
        return aime(policy, a, b);
    }
    if a.cleaned.text == b.cleaned.text {
        return Verdict::equal("the same text");
    }
    if let Some(verdict) = long(a, b) {
        return verdict;
    }
    if let Some(verdict) = choices(policy, a, b) {
        return verdict;
    }
    if let Some(verdict) = moments(a, b) {
        return verdict;
    }
    if let Some(verdict) = permutations(a, b) {
        return verdict;
    }
    if let (Some(x), Some(y)) = (formula(a.text()), formula(b.text()))
        && x == y
    {
        return Verdict::equal("the same formula");
    }
    let (x, y) = match (&a.tree, &b.tree) {
        (Ok(x), Ok(y)) => (x, y),
        (Err(Unread::Deep), _) | (_, Err(Unread::Deep)) => return Verdict::undecided("nested too deep"),
        _ => return unread(policy, a, b),
    };
    if a.cleaned.marked || b.cleaned.marked {
        // `\text{dog}` is a word, whatever its letters are.
        if let (Node::Text(p), Node::Text(q)) = (&x.node, &y.node) {
            let verdict = Pair::new(policy).texts(p, q);
            return if verdict.is_equal() { verdict } else { Verdict::different("different words") };
        }
    }
    let verdict = Pair::new(policy).compare(&x.node, &y.node);
    if verdict.is_different() { second_reading(policy, x, y, verdict) } else { verdict }
}

/// Different, unless another reading of one side would be equal: then that is not known.
fn second_reading(policy: &Policy, x: &Tree, y: &Tree, verdict: Verdict) -> Verdict {
    for (p, q) in [
        (x.other.as_ref(), Some(&y.node)),
        (Some(&x.node), y.other.as_ref()),
        (x.other.as_ref(), y.other.as_ref()),
    ] {
        if let (Some(p), Some(q)) = (p, q)
            && Pair::new(policy).compare(p, q).is_equal()
        {
            return Verdict::undecided("equal if a slash divides by all letters that follow");
        }
    }
    let log = |node: &Node| node.any(&mut |inner| matches!(inner, Node::Call(Function::Log, _)));
    if log(&x.node) || log(&y.node) {
        let mut natural = Pair::new(policy);
        natural.natural = true;
        if natural.compare(&x.node, &y.node).is_equal() {
            return Verdict::undecided("equal if log is the natural logarithm");
        }
    }
    verdict
}

/// Texts too long to read: equal texts are known already, so only plain numbers are left.
fn long(a: &Reading, b: &Reading) -> Option<Verdict> {
    let long = |reading: &Reading| reading.cleaned.text.len() > MAX_BYTES;
    if !long(a) && !long(b) {
        return None;
    }
    Some(match (digits(&a.cleaned.text), digits(&b.cleaned.text)) {
        (Some(x), Some(y)) if x == y => Verdict::equal("the same number"),
        (Some(_), Some(_)) => Verdict::different("different numbers"),
        _ => Verdict::undecided("too long to read"),
    })
}

/// A plain decimal of any length: its sign, and its digits before and behind the point without needless zeros.
fn digits(text: &str) -> Option<(bool, &str, &str)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0 || !plain(whole) || !plain(part) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    Some((negative && whole.len() + part.len() > 0, whole, part))
}

fn choices(policy: &Policy, a: &Reading, b: &Reading) -> Option<Verdict> {
    let (x, y) = (a.choice.as_ref()?, b.choice.as_ref()?);
    if !x.marked && !y.marked && x.written != y.written {
        let folded = policy.fold_variables && x.letter == y.letter;
        return Some(if folded {
            Verdict::equal("the same letter")
        } else {
            Verdict::different("different letters")
        });
    }
    if x.letter != y.letter {
        return Some(Verdict::different("different choices"));
    }
    if !x.text.is_empty() && !y.text.is_empty() && words::plain(&x.text, true) != words::plain(&y.text, true)
    {
        return Some(Verdict::undecided("the same choice with different texts"));
    }
    Some(Verdict::equal("the same choice"))
}

fn moments(a: &Reading, b: &Reading) -> Option<Verdict> {
    match (&a.moment, &b.moment) {
        (Some(x), Some(y)) => Some(match moment::same(x, y) {
            Some(true) => Verdict::equal("the same date or time"),
            Some(false) => Verdict::different("different dates or times"),
            None => Verdict::undecided("dates that may be the same"),
        }),
        (Some(moment), None) => moment_and_other(moment, b),
        (None, Some(moment)) => moment_and_other(moment, a),
        (None, None) => None,
    }
}

/// Two permutations in cycles, where at least one side can be nothing else.
fn permutations(a: &Reading, b: &Reading) -> Option<Verdict> {
    let (x, y) = (permutation(a.text())?, permutation(b.text())?);
    if !x.certain && !y.certain {
        return None;
    }
    Some(if x.same(&y) {
        Verdict::equal("the same permutation")
    } else {
        Verdict::different("different permutations")
    })
}

/// A date against anything else; a time such as `7:32` may be a ratio, and the name of a day other words.
fn moment_and_other(moment: &Moment, other: &Reading) -> Option<Verdict> {
    let ratio = matches!(moment, Moment::Time { half: None, .. } | Moment::Weekday(_) | Moment::Month(_));
    let text = matches!(
        &other.tree,
        Ok(Tree { node: Node::Text(_) | Node::Relation(..) | Node::Ratio(_), .. }) | Err(_)
    );
    (!ratio && !text).then_some(Verdict::different("a date or time against something else"))
}

/// At least one side has no tree.
fn unread(policy: &Policy, a: &Reading, b: &Reading) -> Verdict {
    let as_node = |reading: &Reading| match &reading.tree {
        Ok(tree) => Some(tree.node.clone()),
        Err(_) if reading.looks_mathematical() && !words::is_sentence(reading.text()) => None,
        Err(_) => Some(Node::Text(reading.cleaned.text.clone())),
    };
    if let (Some(x), Some(y)) = (as_node(a), as_node(b)) {
        Pair::new(policy).compare(&x, &y)
    } else {
        let (x, y) = (compact(&a.cleaned.text), compact(&b.cleaned.text));
        if x == y {
            return Verdict::equal("the same text without blanks");
        }
        let text = |reading: &Reading| matches!(&reading.tree, Ok(Tree { node: Node::Text(_), .. }));
        if text(a) || text(b) {
            return Pair::new(policy).texts(&a.cleaned.text, &b.cleaned.text);
        }
        Verdict::undecided("mathematics that is not read")
    }
}

/// The text without blanks and without commands that only space.
fn compact(text: &str) -> String {
    let mut out = text.replace("\\left", "").replace("\\right", "");
    for blank in ["\\,", "\\;", "\\:", "\\!", "\\ ", "~", " "] {
        out = out.replace(blank, "");
    }
    out
}

/// Whole numbers from 0 to 999, with leading zeros or not; the reference as well.
fn aime(policy: &Policy, a: &Reading, b: &Reading) -> Verdict {
    let policy = Policy { domain: Domain::Any, prose: Prose::Last, ..policy.clone() };
    let whole = |reading: &Reading| {
        let text = reading.cleaned.text.trim();
        let digits = !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    match (whole(a), whole(b)) {
        (Some(x), Some(y)) if x == y => Verdict::equal("the same whole number"),
        (Some(_), Some(_)) => Verdict::different("different whole numbers"),
        _ => judge(&policy, a, b),
    }
}
