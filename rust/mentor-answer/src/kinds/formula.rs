//! Chemical formulas, however their digits and letters are set: `\mathrm{H_2O}` and `H2O`.

const ELEMENTS: &str = " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As \
    Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb \
    Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu ";

/// What only says how letters look.
const LOOKS: [&str; 5] = ["\\mathrm", "\\text", "\\ce", "\\rm", "\\,"];

/// Letters and digits of a formula of several elements, or of several atoms of one; nothing for another text.
pub(crate) fn formula(cleaned: &str) -> Option<String> {
    if cleaned.len() > 100 || !cleaned.contains(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let mut text = cleaned.to_owned();
    for look in LOOKS {
        text = text.replace(look, "");
    }
    text.retain(|c| !matches!(c, '{' | '}' | '_' | ' '));
    let mut rest = text.as_str();
    let mut parts = 0;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' => 1,
            // A charge.
            '^' | '+' | '-' if parts > 0 => 1,
            '0'..='9' if parts > 0 => rest.bytes().take_while(u8::is_ascii_digit).count(),
            'A'..='Z' => element(rest)?,
            _ => return None,
        };
        parts += usize::from(first.is_ascii_alphanumeric());
        rest = &rest[length..];
    }
    (parts > 1).then_some(text)
}

/// The length of the symbol of an element at the start: the longer one where both are.
fn element(text: &str) -> Option<usize> {
    [2, 1].into_iter().find(|length| {
        text.get(..*length).is_some_and(|symbol| {
            symbol.bytes().all(|b| b.is_ascii_alphabetic()) && ELEMENTS.contains(&format!(" {symbol} "))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::formula;

    #[test]
    fn formulas() {
        for (text, expected) in [
            ("\\mathrm{H_2SO_4}", "H2SO4"),
            ("\\ce{Ca(OH)2}", "Ca(OH)2"),
            ("CO_{2}", "CO2"),
            ("NaCl", "NaCl"),
        ] {
            assert_eq!(formula(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["x_2", "H", "2", "A_1", "(1,2)", "He said", "\\frac{1}{2}"] {
            assert_eq!(formula(text), None, "{text}");
        }
    }
}
