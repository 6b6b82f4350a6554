//! LaTeX commands to tokens.

use super::lex::Lexer;
use super::token::{Kind, command, word};
use crate::node::{Bracket, Constant, NamedSet, Relation};

/// Commands whose argument is words.
const WORDY: [&str; 14] = [
    "text",
    "textbf",
    "textit",
    "textrm",
    "textnormal",
    "texttt",
    "textup",
    "textsf",
    "mbox",
    "hbox",
    "emph",
    "mathrm",
    "operatorname",
    "unit",
];

/// Commands that say how their argument looks, and leave it mathematics.
const LOOKS: [&str; 13] = [
    "mathbf",
    "mathit",
    "mathsf",
    "mathcal",
    "mathfrak",
    "mathscr",
    "boldsymbol",
    "bm",
    "pmb",
    "mathtt",
    "boxed",
    "fbox",
    "cancel",
];

/// Commands that vanish with their argument.
const VANISHING: [&str; 8] =
    ["hspace", "vspace", "phantom", "hphantom", "label", "tag", "color", "textcolor"];

impl Lexer<'_> {
    pub(super) fn backslash(&mut self) -> Option<()> {
        let rest = self.rest();
        let Some(next) = rest[1..].chars().next() else {
            self.skip(1);
            return Some(());
        };
        if next.is_ascii_alphabetic() {
            return self.command();
        }
        let kind = match next {
            '\\' => Kind::RowEnd,
            '{' => Kind::Open(Bracket::Curly),
            '}' => Kind::Close(Bracket::Curly),
            '|' => Kind::Pipe,
            '%' => Kind::Percent,
            '$' => Kind::Currency("USD"),
            ',' | ';' | ':' | '!' | '>' | '/' | ' ' | '(' | ')' | '[' | ']' | '&' | '#' | '_' | '-' | '.'
            | '\'' => {
                self.blank(2);
                return Some(());
            }
            _ => return None,
        };
        self.push(kind, 2);
        Some(())
    }

    fn command(&mut self) -> Option<()> {
        let rest = self.rest();
        let length = 1 + rest[1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &rest[1..length];
        let behind = &rest[length..];
        if WORDY.contains(&name) && behind.trim_start().starts_with('{') {
            return self.wordy(name, length);
        }
        match name {
            "left" | "right" => {
                let gap = behind.len() - behind.trim_start().len();
                let open = name == "left";
                let side = |bracket| if open { Kind::Open(bracket) } else { Kind::Close(bracket) };
                match behind.trim_start().chars().next() {
                    Some('.') => self.skip(length + gap + 1),
                    Some('|') => self.push(side(Bracket::Bar), length + gap + 1),
                    Some('<' | '>') => self.push(side(Bracket::Angle), length + gap + 1),
                    _ => self.skip(length),
                }
                return Some(());
            }
            "not" => {
                let gap = behind.len() - behind.trim_start().len();
                let (kind, more) = match behind.trim_start() {
                    after if after.starts_with('=') => (Relation::Unequal, gap + 1),
                    after if after.starts_with("\\in") => (Relation::NotIn, gap + 3),
                    _ => return None,
                };
                self.push(Kind::Relation(kind), length + more);
                return Some(());
            }
            "mathbb" | "Bbb" => return self.blackboard(length),
            "begin" | "end" => return self.environment(name == "begin", length),
            _ => {}
        }
        if LOOKS.contains(&name) {
            self.skip(length);
            return Some(());
        }
        if VANISHING.contains(&name) && behind.starts_with('{') {
            let inner = group(behind)?;
            self.blank(length + inner.len() + 2);
            return Some(());
        }
        // `\quadx`: a known command with letters stuck to it.
        for end in (2..=length).rev() {
            if let Ok(kind) = command(&rest[1..end]) {
                match kind {
                    Some(kind) => self.push(kind, end),
                    None => self.blank(end),
                }
                return Some(());
            }
        }
        self.push(Kind::Letter(name.to_owned()), length);
        Some(())
    }

    /// A command whose argument is words.
    fn wordy(&mut self, name: &str, length: usize) -> Option<()> {
        let behind = &self.rest()[length..];
        let gap = behind.len() - behind.trim_start().len();
        let inner = group(&behind[gap..])?;
        let whole = length + gap + inner.len() + 2;
        let content = inner.trim().trim_matches(',').trim();
        let mathematical = matches!(name, "mathrm" | "operatorname");
        let currency = match content {
            "\\$" | "$" => Some("USD"),
            "€" => Some("EUR"),
            "£" => Some("GBP"),
            _ => None,
        };
        if let Some(code) = currency {
            self.push(Kind::Currency(code), whole);
        } else if content == ":" {
            self.push(Kind::Colon, whole);
        } else if content.is_empty() {
            if inner.contains(',') {
                self.push(Kind::Comma, whole);
            } else {
                self.blank(whole);
            }
        } else if let Some(kind) =
            word(content).filter(|kind| mathematical || !matches!(kind, Kind::Letter(_)))
        {
            if matches!(inner.trim_start().chars().next(), Some(',')) {
                self.push(Kind::Comma, 0);
            }
            self.push(kind, whole);
        } else if mathematical && content.chars().count() == 1 && content.starts_with(char::is_alphabetic) {
            let kind = match content {
                "e" => Kind::Constant(Constant::E),
                "i" => Kind::Constant(Constant::I),
                letter => Kind::Letter(letter.to_owned()),
            };
            self.push(kind, whole);
        } else {
            self.push(Kind::Text(content.to_owned()), whole);
        }
        Some(())
    }

    fn blackboard(&mut self, length: usize) -> Option<()> {
        let behind = &self.rest()[length..];
        let (letter, width) = match group(behind) {
            Some(inner) => (inner.trim(), inner.len() + 2),
            None => (behind.trim_start().get(..1)?, behind.len() - behind.trim_start().len() + 1),
        };
        let kind = match letter {
            "R" => Kind::NamedSet(NamedSet::Reals),
            "N" => Kind::NamedSet(NamedSet::Naturals),
            "Z" => Kind::NamedSet(NamedSet::Integers),
            "Q" => Kind::NamedSet(NamedSet::Rationals),
            "C" => Kind::NamedSet(NamedSet::Complexes),
            other => Kind::Letter(other.to_owned()),
        };
        self.push(kind, length + width);
        Some(())
    }

    fn environment(&mut self, begins: bool, length: usize) -> Option<()> {
        let behind = &self.rest()[length..];
        let name = group(behind.trim_start())?;
        let gap = behind.len() - behind.trim_start().len();
        let mut width = length + gap + name.len() + 2;
        let name = name.trim().trim_end_matches('*').to_owned();
        if begins && matches!(name.as_str(), "array" | "tabular") {
            let after = &self.rest()[width..];
            if let Some(columns) = group(after.trim_start()) {
                width += after.len() - after.trim_start().len() + columns.len() + 2;
            }
        }
        self.push(if begins { Kind::Begin(name) } else { Kind::End }, width);
        Some(())
    }
}

/// What stands in the braces that a text begins with.
fn group(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 1_usize;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(&inner[..at]);
                }
            }
            _ => {}
        }
    }
    None
}
