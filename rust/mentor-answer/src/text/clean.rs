//! What never changes an answer is taken off: boxes, delimiters, lead-ins, emphasis, a final stop.
//!
//! The result is the answer's normal text: it is what the cache is keyed by and what "as written" means.

use super::markup;
use super::unicode::{Meaning, meaning};
use mentor_trajectory::answer::extract_answer;

/// A text without its wrappers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// The text, in ASCII and LaTeX where that can say it, with single blanks.
    pub text: String,
    /// Whether a text command such as `\text{...}` was around the whole.
    pub marked: bool,
}

/// Takes the wrappers off a text.
pub(crate) fn clean(raw: &str) -> Cleaned {
    let boxed = raw.contains("\\boxed").then(|| extract_answer(raw)).flatten();
    let mut text = characters(&markup::plain(boxed.unwrap_or(raw)));
    let mut marked = false;
    // Each round shortens the text, and a text has few wrappers; a hostile one is left with the rest.
    for _ in 0..24 {
        let Some(inner) = unwrapped(&text, &mut marked) else { break };
        text = inner;
    }
    Cleaned { text, marked }
}

/// The text in ASCII and LaTeX, white space as single blanks.
fn characters(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut script: Option<char> = None;
    // Escaped once too often: outside of environments `\\frac` is `\frac`.
    let rows = raw.contains("\\begin");
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let (meant, opener) = if c.is_ascii() {
            (if c.is_ascii_control() { Meaning::Char(' ') } else { Meaning::Char(c) }, None)
        } else {
            match meaning(c) {
                Meaning::Superscript(inner) => (Meaning::Char(inner), Some('^')),
                Meaning::Subscript(inner) => (Meaning::Char(inner), Some('_')),
                other => (other, None),
            }
        };
        if script != opener {
            if script.is_some() {
                out.push('}');
            }
            if let Some(opener) = opener {
                out.push(opener);
                out.push('{');
            }
            script = opener;
        }
        match meant {
            Meaning::Char(' ') => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            Meaning::Char('\\') if !rows && chars.peek() == Some(&'\\') => {
                let mut ahead = chars.clone();
                ahead.next();
                if !ahead.peek().is_some_and(char::is_ascii_alphabetic) {
                    out.push('\\');
                }
            }
            Meaning::Char(c) => out.push(c),
            Meaning::Text(text) => out.push_str(text),
            Meaning::Over(command) => {
                if let Some(last) = out.pop() {
                    out.push_str(command);
                    out.push('{');
                    out.push(last);
                    out.push('}');
                }
            }
            Meaning::Superscript(_) | Meaning::Subscript(_) | Meaning::Nothing => {}
        }
    }
    if script.is_some() {
        out.push('}');
    }
    out
}

const PAIRS: [(&str, &str); 11] = [
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("```", "```"),
    ("`", "`"),
    ("**", "**"),
    ("__", "__"),
    ("*", "*"),
    ("\"", "\""),
    ("<answer>", "</answer>"),
];

/// Commands that only say how their argument looks.
const LOOKS: [&str; 12] = [
    "text",
    "textbf",
    "textit",
    "textrm",
    "textnormal",
    "texttt",
    "mathrm",
    "mathbf",
    "mbox",
    "emph",
    "underline",
    "hbox",
];

const LEAD_INS: [&str; 31] = [
    "the final answer is",
    "final answer is",
    "the correct answer is",
    "the answer is",
    "answer is",
    "the correct option is",
    "the correct choice is",
    "the result is",
    "the solution is",
    "the solutions are",
    "the value is",
    "the final answer",
    "final answer",
    "the answer",
    "answer",
    "ans",
    "result",
    "solution",
    "\\therefore",
    "\\Rightarrow",
    "\\implies",
    "\\rightarrow",
    "\\to",
    "therefore",
    "thus",
    "hence",
    "so",
    "we get",
    "we have",
    "it is",
    "####",
];

const TAILS: [&str; 5] =
    ["is the final answer", "is the correct answer", "is the answer", "is correct", "in total"];

/// One wrapper less, if there is one.
fn unwrapped(text: &str, marked: &mut bool) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        return Some(trimmed.to_owned());
    }
    if let Some(rest) = stopped(text).or_else(|| introduced(text)) {
        return Some(rest.to_owned());
    }
    for (left, right) in PAIRS {
        if let Some(inner) = text.strip_prefix(left).and_then(|rest| rest.strip_suffix(right))
            && !inner.is_empty()
            && !inner.contains(left)
            && !inner.contains(right)
            && !inner.ends_with('\\')
        {
            return Some(inner.to_owned());
        }
    }
    for look in LOOKS {
        let argument = text.strip_prefix('\\').and_then(|rest| rest.strip_prefix(look)).map(str::trim_start);
        if let Some(inner) =
            argument.and_then(|rest| rest.strip_prefix('{')).and_then(|rest| rest.strip_suffix('}'))
            && balanced(inner)
        {
            *marked |= look != "mathbf";
            return Some(inner.to_owned());
        }
    }
    for (begin, end) in
        [("\\begin{equation}", "\\end{equation}"), ("\\displaystyle", ""), ("\\(", ""), ("\\[", "")]
    {
        let inner = text.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
        // A lone opening delimiter goes too: the text was cut off.
        if let Some(inner) = inner.filter(|inner| !inner.contains("\\)") && !inner.contains("\\]")) {
            return Some(inner.to_owned());
        }
    }
    None
}

/// Without a stop or another mark at the end.
fn stopped(text: &str) -> Option<&str> {
    let ends = |mark: &str| text.strip_suffix(mark).filter(|rest| !rest.is_empty());
    if let Some(rest) = ends(".").filter(|rest| !rest.ends_with('.') && !rest.ends_with("\\right")) {
        return Some(rest);
    }
    for tail in TAILS {
        if text.len() > tail.len()
            && text.is_char_boundary(text.len() - tail.len())
            && text[text.len() - tail.len()..].eq_ignore_ascii_case(tail)
        {
            return Some(&text[..text.len() - tail.len()]).filter(|rest| rest.ends_with([' ', '$', ')']));
        }
    }
    ends(",")
        .or_else(|| ends(";"))
        .or_else(|| ends(":"))
        .or_else(|| ends("\\\\"))
        .or_else(|| ends("\\,").or_else(|| ends("\\;")).or_else(|| ends("\\!")).or_else(|| ends("~")))
}

/// Without "the answer is" and the like in front.
fn introduced(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('=') {
        return Some(rest).filter(|rest| !rest.is_empty());
    }
    // `**Answer:** 42`
    let text = ["**", "__"].into_iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    for lead in LEAD_INS {
        if text.len() <= lead.len()
            || !text.is_char_boundary(lead.len())
            || !text[..lead.len()].eq_ignore_ascii_case(lead)
        {
            continue;
        }
        let rest = &text[lead.len()..];
        let noun = lead.ends_with(['r', 's', 't', 'n']) && !lead.ends_with("is") && !lead.ends_with("thus");
        let marked = rest.trim_start().strip_prefix([':', '=']).or_else(|| rest.strip_prefix(','));
        let spaced = rest.strip_prefix(' ').filter(|_| !noun || lead == "####");
        if let Some(rest) = marked.or(spaced)
            && !rest.trim().is_empty()
        {
            let closed =
                rest.trim_start().strip_prefix("**").or_else(|| rest.trim_start().strip_prefix("__"));
            return Some(closed.filter(|_| marked.is_some()).unwrap_or(rest));
        }
        if lead == "####" {
            return Some(rest);
        }
    }
    None
}

/// Whether braces balance, and no brace closes the wrapper's own.
fn balanced(inner: &str) -> bool {
    let mut depth = 0_i64;
    let mut escaped = false;
    for byte in inner.bytes() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn wrappers_come_off() {
        for (raw, expected) in [
            ("  42. ", "42"),
            ("$42$", "42"),
            ("$$ 42 $$", "42"),
            ("\\( 42 \\).", "42"),
            ("so \\boxed{\\frac12}", "\\frac12"),
            ("The answer is: 5", "5"),
            ("the final answer is $\\boxed{7}$", "7"),
            ("Answer: 5 apples.", "5 apples"),
            ("#### 18", "18"),
            ("= 5", "5"),
            ("\\text{(C)}", "(C)"),
            ("**5**", "5"),
            ("*5*", "5"),
            ("**Answer:** 42", "42"),
            ("x<sup>2</sup>", "x^{2}"),
            ("2**10", "2**10"),
            ("x²", "x^{2}"),
            ("x₁₂", "x_{12}"),
            ("½", "\\frac{1}{2}"),
            ("\\\\frac{1}{2}", "\\frac{1}{2}"),
            ("１２", "12"),
            ("𝑥", "x"),
            ("0.3\u{305}", "0.\\overline{3}"),
            ("sound", "sound"),
            ("answers vary", "answers vary"),
            ("42 is the answer", "42"),
            ("...", "..."),
            ("", ""),
            ("$", "$"),
        ] {
            assert_eq!(clean(raw).text, expected, "{raw}");
        }
    }
}
