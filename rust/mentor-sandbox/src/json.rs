//! Whether a guest's text is JSON that every reader of outcomes can read.
//!
//! The grammar is Python's: JSON, and `NaN`, `Infinity` and `-Infinity`. Depth and the digits of integers are
//! bounded, since a program may write reports of its own and Python's reader raises beyond its bounds.

/// The deepest nesting; the harness refuses deeper values with a clear error (values.py).
const DEPTH: usize = 200;
/// The longest integer that CPython converts by default.
const DIGITS: usize = 4300;

/// Whether the text is one such value and nothing else.
pub(crate) fn is_readable(text: &str) -> bool {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.value(0).is_some() && scan.space().is_none()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The next byte that is no space, not consumed; None at the end.
    fn space(&mut self) -> Option<u8> {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, expected: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(expected).then(|| self.at += expected.len())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.space()? {
            b'"' => self.string(),
            b'[' | b'{' if depth == DEPTH => None,
            b'[' => self.items(b']', |scan| scan.value(depth + 1)),
            b'{' => self.items(b'}', |scan| {
                scan.space()?;
                scan.string()?;
                scan.space()?;
                scan.take(b":")?;
                scan.value(depth + 1)
            }),
            b't' => self.take(b"true"),
            b'f' => self.take(b"false"),
            b'n' => self.take(b"null"),
            b'N' => self.take(b"NaN"),
            b'I' => self.take(b"Infinity"),
            b'-' => {
                self.at += 1;
                self.take(b"Infinity").or_else(|| self.number())
            }
            _ => self.number(),
        }
    }

    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.space()? == end {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            let next = self.space()?;
            self.at += 1;
            match next {
                b',' => {}
                next if next == end => return Some(()),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.take(b"\"")?;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                0..0x20 => return None,
                b'\\' => {
                    let escape = *self.bytes.get(self.at)?;
                    self.at += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.bytes.get(self.at..self.at + 4)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then(|| self.at += 4)?;
                        }
                        _ => return None,
                    }
                }
                _ => {}
            }
        }
    }

    fn digits(&mut self) -> Option<usize> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(count)
    }

    /// A number, its sign read already.
    fn number(&mut self) -> Option<()> {
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let whole = self.digits()?;
        if leading_zero && whole > 1 {
            return None;
        }
        let fraction = self.take(b".").map(|()| self.digits());
        let exponent = self.take(b"e").or_else(|| self.take(b"E")).map(|()| {
            let _sign = self.take(b"+").or_else(|| self.take(b"-"));
            self.digits()
        });
        let whole_number = fraction.is_none() && exponent.is_none();
        let complete = fraction != Some(None) && exponent != Some(None);
        (complete && !(whole_number && whole > DIGITS)).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pythons_reader_takes_is_readable() {
        let texts =
            ["null", " [1, -2.5e+7,\n{\"a\": [], \"\\ud800\\\"\": {}}] ", "NaN", "-Infinity", "0", "\"é\""];
        for text in texts {
            assert!(is_readable(text), "{text}");
        }
        assert!(is_readable(&format!("{}{}", "[".repeat(200), "]".repeat(200))));
        assert!(is_readable(&"9".repeat(4300)));
        assert!(is_readable(&format!("{}.5", "9".repeat(5000))));
    }

    #[test]
    fn anything_else_is_not() {
        let texts = [
            "",
            " ",
            "nul",
            "[1,]",
            "[1",
            "{\"a\"}",
            "{1: 2}",
            "{\"a\": 1,}",
            "01",
            "1.",
            ".5",
            "1e",
            "-",
            "+1",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "1 2",
            "]",
            "[1}",
            "-NaN",
            "\"\\u12",
        ];
        for text in texts {
            assert!(!is_readable(text), "{text}");
        }
        assert!(!is_readable(&format!("{}{}", "[".repeat(201), "]".repeat(201))));
        assert!(!is_readable(&"9".repeat(4301)));
    }
}
