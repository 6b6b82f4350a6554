//! Characters outside ASCII as the LaTeX or ASCII that means the same.

/// What a character stands for.
pub(super) enum Meaning {
    /// The same as this text.
    Text(&'static str),
    /// The same as this character.
    Char(char),
    /// A digit or sign of an exponent.
    Superscript(char),
    /// A digit or sign of an index.
    Subscript(char),
    /// A bar or dot over the character before it.
    Over(&'static str),
    /// Nothing at all.
    Nothing,
}

/// The meaning of a character that is not ASCII.
pub(super) fn meaning(c: char) -> Meaning {
    use Meaning::{Char, Nothing, Over, Subscript, Superscript, Text};
    if let Some(text) = symbol(c) {
        return Text(text);
    }
    if let Some(letter) = greek(c) {
        return Text(letter);
    }
    match c {
        '⁰' => Superscript('0'),
        '¹' => Superscript('1'),
        '²' => Superscript('2'),
        '³' => Superscript('3'),
        '⁴'..='⁹' => Superscript(shifted(c, '⁴', '4')),
        '⁺' => Superscript('+'),
        '⁻' => Superscript('-'),
        '⁽' => Superscript('('),
        '⁾' => Superscript(')'),
        'ⁿ' => Superscript('n'),
        'ˣ' => Superscript('x'),
        '₀'..='₉' => Subscript(shifted(c, '₀', '0')),
        '₊' => Subscript('+'),
        '₋' => Subscript('-'),
        'ₙ' => Subscript('n'),
        'ₖ' => Subscript('k'),
        'ᵢ' => Subscript('i'),
        '\u{305}' | '\u{304}' => Over("\\overline"),
        '\u{307}' => Over("\\dot"),
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{ad}'
        | '\u{fe0e}'
        | '\u{fe0f}' => Nothing,
        '\u{ff01}'..='\u{ff5e}' => Char(shifted(c, '\u{ff01}', '!')),
        '\u{1d400}'..='\u{1d6a3}' => {
            let place = (c as u32 - 0x1d400) % 52;
            Char(if place < 26 { nth('A', place) } else { nth('a', place - 26) })
        }
        '\u{1d7ce}'..='\u{1d7ff}' => Char(nth('0', (c as u32 - 0x1d7ce) % 10)),
        '٠'..='٩' => Char(shifted(c, '٠', '0')),
        '۰'..='۹' => Char(shifted(c, '۰', '0')),
        '०'..='९' => Char(shifted(c, '०', '0')),
        c if c.is_whitespace() => Char(' '),
        c if c.is_control() => Nothing,
        c => Char(c),
    }
}

fn nth(first: char, place: u32) -> char {
    char::from_u32(first as u32 + place).unwrap_or(first)
}

fn shifted(c: char, from: char, to: char) -> char {
    nth(to, c as u32 - from as u32)
}

fn symbol(c: char) -> Option<&'static str> {
    Some(match c {
        '−' | '–' | '—' | '‐' | '‑' | '‒' | '﹣' => "-",
        '×' | '✕' | '⨯' => "\\times ",
        '·' | '⋅' | '∙' | '•' | '∗' | '・' => "\\cdot ",
        '÷' => "\\div ",
        '⁄' | '∕' | '／' => "/",
        '≤' | '⩽' | '≦' => "\\le ",
        '≥' | '⩾' | '≧' => "\\ge ",
        '≠' => "\\ne ",
        '≈' | '≃' | '≅' | '∼' => "\\approx ",
        '≡' => "\\equiv ",
        '∈' => "\\in ",
        '∉' => "\\notin ",
        '∪' => "\\cup ",
        '∩' => "\\cap ",
        '∖' => "\\setminus ",
        '∅' | 'Ø' | '⌀' => "\\emptyset ",
        '∞' => "\\infty ",
        '√' => "\\surd ",
        '∛' => "\\cuberoot ",
        '∜' => "\\fourthroot ",
        'π' | '𝜋' | '𝝅' => "\\pi ",
        '°' | 'º' | '˚' => "^{\\circ}",
        '′' | '‘' | '’' => "'",
        '″' => "''",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '±' => "\\pm ",
        '∓' => "\\mp ",
        '→' => "\\to ",
        '⇒' => "\\Rightarrow ",
        '⇔' => "\\iff ",
        '∧' => "\\land ",
        '∨' => "\\lor ",
        '…' | '⋯' => "\\ldots ",
        'ℝ' => "\\mathbb{R}",
        'ℤ' => "\\mathbb{Z}",
        'ℕ' => "\\mathbb{N}",
        'ℚ' => "\\mathbb{Q}",
        'ℂ' => "\\mathbb{C}",
        '∑' => "\\sum ",
        '∏' => "\\prod ",
        '∫' => "\\int ",
        '∠' => "\\angle ",
        '△' | '▲' => "\\triangle ",
        '∥' => "\\parallel ",
        '⊥' => "\\perp ",
        '⟨' | '〈' => "\\langle ",
        '⟩' | '〉' => "\\rangle ",
        '⌊' => "\\lfloor ",
        '⌋' => "\\rfloor ",
        '⌈' => "\\lceil ",
        '⌉' => "\\rceil ",
        'ℓ' => "\\ell ",
        '∣' => "|",
        '，' | '、' => ", ",
        '。' => ".",
        '½' => "\\frac{1}{2}",
        '⅓' => "\\frac{1}{3}",
        '⅔' => "\\frac{2}{3}",
        '¼' => "\\frac{1}{4}",
        '¾' => "\\frac{3}{4}",
        '⅕' => "\\frac{1}{5}",
        '⅖' => "\\frac{2}{5}",
        '⅗' => "\\frac{3}{5}",
        '⅘' => "\\frac{4}{5}",
        '⅙' => "\\frac{1}{6}",
        '⅚' => "\\frac{5}{6}",
        '⅐' => "\\frac{1}{7}",
        '⅛' => "\\frac{1}{8}",
        '⅜' => "\\frac{3}{8}",
        '⅝' => "\\frac{5}{8}",
        '⅞' => "\\frac{7}{8}",
        '⅑' => "\\frac{1}{9}",
        '⅒' => "\\frac{1}{10}",
        '％' | '﹪' => "%",
        '‰' => "\\permille ",
        _ => return None,
    })
}

fn greek(c: char) -> Option<&'static str> {
    const LOWER: [&str; 25] = [
        "\\alpha ",
        "\\beta ",
        "\\gamma ",
        "\\delta ",
        "\\epsilon ",
        "\\zeta ",
        "\\eta ",
        "\\theta ",
        "\\iota ",
        "\\kappa ",
        "\\lambda ",
        "\\mu ",
        "\\nu ",
        "\\xi ",
        "o",
        "\\pi ",
        "\\rho ",
        "\\sigma ",
        "\\sigma ",
        "\\tau ",
        "\\upsilon ",
        "\\phi ",
        "\\chi ",
        "\\psi ",
        "\\omega ",
    ];
    match c {
        'α'..='ω' => LOWER.get(c as usize - 'α' as usize).copied(),
        'µ' => Some("\\mu "),
        'ϕ' => Some("\\phi "),
        'ϵ' => Some("\\epsilon "),
        'Γ' => Some("\\Gamma "),
        'Δ' | '∆' => Some("\\Delta "),
        'Θ' => Some("\\Theta "),
        'Λ' => Some("\\Lambda "),
        'Π' => Some("\\Pi "),
        'Σ' => Some("\\Sigma "),
        'Φ' => Some("\\Phi "),
        'Ψ' => Some("\\Psi "),
        '\u{3a9}' | '\u{2126}' => Some("\\Omega "),
        _ => None,
    }
}
