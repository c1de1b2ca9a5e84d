//! Where the URLs of CSS stand (CSS Syntax Level 3, 4): `url(…)` and the string of `@import`.
//!
//! One pass over flat tokens: what nests is of no interest, so no depth can be too deep. Strings of other functions
//! (`image-set`) are not read, nor is what `@namespace` names, which is no address.

use std::borrow::Cow;
use std::ops::Range;

/// A URL in CSS.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// What stands for it, with its quotes, and with `url(` and `)` where it has them.
    pub(crate) place: Range<usize>,
    /// Whether that is `url(…)`.
    pub(crate) function: bool,
    /// The URL, its escapes decoded.
    pub(crate) url: Cow<'a, str>,
}

/// The URLs of a style sheet, or of a `style` attribute.
pub(crate) fn references(css: &str) -> impl Iterator<Item = Reference<'_>> {
    Tokens { css, at: 0, rule: Rule::Other }
}

/// The at-rule whose beginning is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Import,
    Namespace,
    Other,
}

struct Tokens<'a> {
    css: &'a str,
    at: usize,
    rule: Rule,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Reference<'a>;

    fn next(&mut self) -> Option<Reference<'a>> {
        loop {
            let start = self.at;
            let found = match self.peek(0)? {
                b'/' if self.peek(1) == Some(b'*') => {
                    self.skip_comment();
                    None
                }
                b'"' | b'\'' => {
                    let string = self.string();
                    let wanted = std::mem::replace(&mut self.rule, Rule::Other) == Rule::Import;
                    string.filter(|_| wanted).map(|url| (false, url))
                }
                b'@' => {
                    self.at += 1;
                    self.rule = match self.name() {
                        name if name.eq_ignore_ascii_case("import") => Rule::Import,
                        name if name.eq_ignore_ascii_case("namespace") => Rule::Namespace,
                        _ => Rule::Other,
                    };
                    None
                }
                b'#' => {
                    self.at += 1;
                    self.name();
                    None
                }
                byte if is_name(byte) || self.is_escape() => self.ident(byte).map(|url| (true, url)),
                byte => {
                    self.at += 1;
                    if matches!(byte, b';' | b'{' | b'}') {
                        self.rule = Rule::Other;
                    }
                    None
                }
            };
            if let Some((function, url)) = found {
                return Some(Reference { place: start..self.at, function, url });
            }
        }
    }
}

impl<'a> Tokens<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.css.as_bytes().get(self.at + ahead).copied()
    }

    /// Whether a backslash begins an escape here: it does not before the end of a line.
    fn is_escape(&self) -> bool {
        self.peek(0) == Some(b'\\') && !matches!(self.peek(1), Some(b'\n' | b'\r' | b'\x0c'))
    }

    fn skip_comment(&mut self) {
        let end = memchr::memmem::find(&self.css.as_bytes()[self.at + 2..], b"*/");
        self.at = end.map_or(self.css.len(), |end| self.at + 2 + end + 2);
    }

    fn skip_space(&mut self) {
        while self.peek(0).is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The name, or the number with its unit, that begins here.
    fn name(&mut self) -> Cow<'a, str> {
        let start = self.at;
        let mut escaped = None;
        while let Some(byte) = self.peek(0) {
            if is_name(byte) {
                self.at += 1;
                if let Some(text) = &mut escaped {
                    let text: &mut String = text;
                    // A byte of a longer character: the others follow.
                    let end = self.css.ceil_char_boundary(self.at);
                    text.push_str(&self.css[self.at - 1..end]);
                    self.at = end;
                }
            } else if self.is_escape() {
                let at = self.at;
                let c = self.escape();
                escaped.get_or_insert_with(|| self.css[start..at].to_owned()).push(c);
            } else {
                break;
            }
        }
        escaped.map_or_else(|| Cow::Borrowed(&self.css[start..self.at]), Cow::Owned)
    }

    /// What `url(` and the name before it hold; none for every other name. `first` is its first byte.
    fn ident(&mut self, first: u8) -> Option<Cow<'a, str>> {
        let name = self.name();
        let is_url = name.eq_ignore_ascii_case("url") && !first.is_ascii_digit();
        if !is_url || self.peek(0) != Some(b'(') {
            return None;
        }
        self.at += 1;
        let rule = std::mem::replace(&mut self.rule, Rule::Other);
        self.skip_space();
        let url = match self.peek(0) {
            Some(b'"' | b'\'') => {
                let url = self.string();
                self.skip_space();
                // What else may stand there (`url("a" crossorigin())`) is left where it is, out of the place.
                self.at += usize::from(self.peek(0) == Some(b')'));
                url
            }
            _ => self.unquoted(),
        };
        url.filter(|_| rule != Rule::Namespace)
    }

    /// The string that begins here; none if its line ends before it does.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let quote = self.peek(0);
        self.at += 1;
        let mut text = Text::new(self.css, self.at);
        loop {
            match self.peek(0) {
                byte if byte == quote || byte.is_none() => {
                    let text = text.until(self.at);
                    self.at += usize::from(byte.is_some());
                    return Some(text);
                }
                Some(b'\n' | b'\r' | b'\x0c') => return None,
                Some(b'\\') if self.is_escape() => {
                    text.add(self.at);
                    if self.peek(1).is_some() {
                        let c = self.escape();
                        text.push(c);
                    } else {
                        self.at += 1;
                    }
                    text.from = self.at;
                }
                Some(b'\\') => {
                    text.add(self.at);
                    self.at += if self.css[self.at..].starts_with("\\\r\n") { 3 } else { 2 };
                    text.from = self.at;
                }
                _ => self.at += 1,
            }
        }
    }

    /// The URL without quotes that begins here, and its parenthesis; none, and what is left of it skipped, if it has
    /// what it must not have.
    fn unquoted(&mut self) -> Option<Cow<'a, str>> {
        let mut text = Text::new(self.css, self.at);
        loop {
            match self.peek(0) {
                None => return Some(text.until(self.at)),
                Some(b')') => {
                    self.at += 1;
                    return Some(text.until(self.at - 1));
                }
                Some(byte) if byte.is_ascii_whitespace() => {
                    let text = text.until(self.at);
                    self.skip_space();
                    match self.peek(0) {
                        None => return Some(text),
                        Some(b')') => {
                            self.at += 1;
                            return Some(text);
                        }
                        _ => return self.skip_bad_url(),
                    }
                }
                Some(b'\\') if self.is_escape() => {
                    text.add(self.at);
                    let c = self.escape();
                    text.push(c);
                    text.from = self.at;
                }
                Some(
                    b'"' | b'\'' | b'(' | b'\\' | b'\0'..=b'\x08' | b'\x0b' | b'\x0e'..=b'\x1f' | b'\x7f',
                ) => {
                    return self.skip_bad_url();
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_bad_url<T>(&mut self) -> Option<T> {
        while let Some(byte) = self.peek(0) {
            if self.is_escape() {
                self.escape();
            } else {
                self.at += 1;
                if byte == b')' {
                    break;
                }
            }
        }
        None
    }

    /// The character that the escape stands for that begins here.
    fn escape(&mut self) -> char {
        self.at += 1;
        let rest = &self.css[self.at..];
        let digits = rest.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            let c = rest.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
            self.at += if rest.is_empty() { 0 } else { c.len_utf8() };
            return c;
        }
        self.at += digits;
        if self.css[self.at..].starts_with("\r\n") {
            self.at += 2;
        } else if self.peek(0).is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        let code = u32::from_str_radix(&rest[..digits], 16).unwrap_or_default();
        char::from_u32(code).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// Text that is a slice of the sheet until the first escape.
struct Text<'a> {
    css: &'a str,
    from: usize,
    decoded: Option<String>,
}

impl<'a> Text<'a> {
    fn new(css: &'a str, from: usize) -> Self {
        Self { css, from, decoded: None }
    }

    fn add(&mut self, until: usize) {
        self.decoded.get_or_insert_default().push_str(&self.css[self.from..until]);
    }

    fn push(&mut self, c: char) {
        self.decoded.get_or_insert_default().push(c);
    }

    fn until(mut self, end: usize) -> Cow<'a, str> {
        if self.decoded.is_some() {
            self.add(end);
        }
        self.decoded.map_or_else(|| Cow::Borrowed(&self.css[self.from..end]), Cow::Owned)
    }
}

/// Whether `byte` is part of a name; all that are not ASCII are.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || !byte.is_ascii()
}
