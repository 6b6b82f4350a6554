//! Multiple choice: the letter, however it is dressed.

/// A chosen letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// In upper case.
    pub letter: char,
    /// Whether brackets, a stop or a word say that it is a choice; a bare letter may be a variable.
    pub marked: bool,
    /// The letter as written.
    pub written: char,
    /// What follows the letter: the text of the choice.
    pub text: String,
}

const LEADS: [&str; 4] = ["option", "choice", "answer", "letter"];

/// Reads `C`, `(C)`, `C.`, `C)`, `[C]`, `Option C`, `C. Paris`.
pub(crate) fn choice(cleaned: &str) -> Option<Choice> {
    if cleaned.len() > 200 {
        return None;
    }
    let mut text = cleaned.trim();
    let mut marked = false;
    for lead in LEADS {
        if let Some(head) = text.get(..lead.len())
            && head.eq_ignore_ascii_case(lead)
            && text[lead.len()..].starts_with([' ', ':'])
        {
            text = text[lead.len()..].trim_start_matches([' ', ':']);
            marked = true;
        }
    }
    let mut rest = text;
    for command in ["\\textbf", "\\text", "\\mathrm", "\\mathbf", "\\left", "\\mbox"] {
        rest = rest.strip_prefix(command).unwrap_or(rest);
    }
    let opened = rest.trim_start_matches(['(', '[', '{', ' ', '*']);
    let brackets = rest[..rest.len() - opened.len()].contains(['(', '[']);
    let letter = opened.chars().next().filter(char::is_ascii_alphabetic)?;
    if !matches!(letter.to_ascii_uppercase(), 'A'..='J') {
        return None;
    }
    let behind = &opened[1..];
    let closed = behind.trim_start_matches("\\right").trim_start_matches([')', ']', '}', '.', ':', '*']);
    let closers = &behind[..behind.len() - closed.len()];
    let dressed = brackets && closers.contains([')', ']']);
    let follows = closed.trim_matches([' ', '}']);
    if brackets && !dressed {
        return None;
    }
    if follows.is_empty() {
        let marked = marked || dressed || !closers.trim_end_matches('}').is_empty();
        return Some(Choice {
            letter: letter.to_ascii_uppercase(),
            marked,
            written: letter,
            text: String::new(),
        });
    }
    // `C. Paris`, `(C) Paris`, `C) 42`, `C: 42`; `A+1` and `(a) b` of small letters are something else.
    let stopped = closers.trim_end_matches(['}', '*']).ends_with(['.', ')', ':', ']'])
        && closed.starts_with([' ', '$', '\\']);
    if !stopped || letter.is_ascii_lowercase() && !dressed {
        return None;
    }
    Some(Choice {
        letter: letter.to_ascii_uppercase(),
        marked: true,
        written: letter,
        text: follows.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::choice;

    #[test]
    fn choices() {
        for (text, letter, marked) in [
            ("C", 'C', false),
            ("(C)", 'C', true),
            ("c)", 'C', true),
            ("[B]", 'B', true),
            ("C.", 'C', true),
            ("Option D", 'D', true),
            ("\\text{(C)}", 'C', true),
            ("\\textbf{(C) }", 'C', true),
            ("C. Paris", 'C', true),
            ("(C) 42", 'C', true),
        ] {
            let found = choice(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.letter, found.marked), (letter, marked), "{text}");
        }
        for text in ["A+1", "(a,b)", "AB", "x", "", "(A", "a cat", "(a+b)", "A(x)"] {
            assert_eq!(choice(text), None, "{text}");
        }
    }
}
