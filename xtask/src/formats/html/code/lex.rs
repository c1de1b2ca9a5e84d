//! The words of a module, line by line, with what each of them is: enough to colour it, and to say which words differ.

use std::cmp::Ordering;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    /// Names of values, and punctuation
    Plain,
    Attribute,
    Comment,
    Documentation,
    Function,
    Keyword,
    Lifetime,
    Macro,
    Number,
    Text,
    Type,
}

impl Kind {
    /// Its class in the style sheet; none for what is not coloured.
    pub(super) fn class(self) -> Option<char> {
        match self {
            Self::Space | Self::Plain => None,
            Self::Attribute => Some('a'),
            Self::Comment => Some('c'),
            Self::Documentation => Some('d'),
            Self::Function => Some('f'),
            Self::Keyword => Some('k'),
            Self::Lifetime => Some('l'),
            Self::Macro => Some('m'),
            Self::Number => Some('n'),
            Self::Text => Some('s'),
            Self::Type => Some('t'),
        }
    }
}

/// A word within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// The deepest indentation that the style sheet knows.
const DEEPEST: usize = 6;

const KEYWORDS: [&str; 38] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where",
];

/// A line, prepared for being held against many others.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    /// Its words. Put together they are the line.
    pub(super) words: Vec<Word<'a>>,
    /// Its words but for blanks, sorted
    bag: Vec<&'a str>,
    /// How many bytes those have
    length: usize,
}

impl<'a> Line<'a> {
    fn new(words: Vec<Word<'a>>) -> Self {
        let mut bag: Vec<&str> = words.iter().filter(|word| !word.is_blank()).map(|word| word.text).collect();
        bag.sort_unstable();
        Self { length: bag.iter().map(|word| word.len()).sum(), words, bag }
    }

    /// How deep it is indented, in steps of four blanks, if it is: what does not fit continues there.
    pub(super) fn depth(&self) -> Option<usize> {
        let depth = self.words.first().filter(|word| word.is_blank())?.text.len() / 4;
        (depth > 0).then_some(depth.min(DEEPEST))
    }

    /// Its words but for blanks
    fn said(&self) -> impl Iterator<Item = &'a str> {
        self.words.iter().filter(|word| !word.is_blank()).map(|word| word.text)
    }

    /// Whether it says the same as `other`: blanks apart.
    pub(super) fn says(&self, other: &Self) -> bool {
        self.bag == other.bag && self.said().eq(other.said())
    }

    /// The part of the shorter line's letters with which both begin, word by word.
    pub(super) fn beginning(&self, other: &Self) -> f64 {
        let shared = self.said().zip(other.said()).take_while(|(a, b)| a == b);
        let shared: usize = shared.map(|(word, _)| word.len()).sum();
        shared as f64 / self.length.min(other.length).max(1) as f64
    }

    /// The part of their letters that two lines share, word by word (Dice's coefficient): 1 if they have the same words.
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        let all = self.length + other.length;
        if all == 0 {
            return 1.0;
        }
        let (mut a, mut b, mut shared) = (0, 0, 0);
        while let (Some(one), Some(another)) = (self.bag.get(a), other.bag.get(b)) {
            match one.cmp(another) {
                Ordering::Less => a += 1,
                Ordering::Greater => b += 1,
                Ordering::Equal => {
                    shared += 2 * one.len();
                    a += 1;
                    b += 1;
                }
            }
        }
        shared as f64 / all as f64
    }
}

impl Word<'_> {
    /// Whether it is nothing but blanks.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// The lines of `text`, in the order of `text.lines()`.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let tokens = tokens(text);
    let mut lines = vec![Vec::new()];
    let mut in_attribute = 0_usize;
    for (place, &(kind, token)) in tokens.iter().enumerate() {
        let opens = kind == TokenKind::Pound
            && tokens[place + 1..].iter().find(|t| t.1 != "!").is_some_and(|t| t.1 == "[");
        let inside = in_attribute > 0 || opens;
        match token {
            "#" if opens && in_attribute == 0 => in_attribute = 1,
            "[" if inside => in_attribute += 1,
            // The first of them was counted twice: with its `#`.
            "]" if inside => in_attribute -= if in_attribute == 2 { 2 } else { 1 },
            _ => {}
        }
        let kind = if inside { attribute(kind) } else { kind_of(kind, token, &tokens[place + 1..]) };
        push(&mut lines, kind, token);
    }
    // What follows the last line break is a line only if it is there: as in `str::lines`.
    if lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(Line::new).collect()
}

/// Adds `token` to the last line, and begins a new one at each line break in it. A comment is words, too.
fn push<'a>(lines: &mut Vec<Vec<Word<'a>>>, kind: Kind, token: &'a str) {
    for (number, part) in token.split('\n').enumerate() {
        if number > 0 {
            lines.push(Vec::new());
        }
        let part = part.strip_suffix('\r').unwrap_or(part);
        if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
            match kind {
                Kind::Comment | Kind::Documentation => {
                    let words = part
                        .split_inclusive(' ')
                        .flat_map(|word| word.split_at_checked(word.trim_end().len()));
                    let words = words.flat_map(|(word, blank)| [word, blank]).filter(|text| !text.is_empty());
                    line.extend(words.map(|text| Word { kind, text }));
                }
                _ => line.push(Word { kind, text: part }),
            }
        }
    }
}

fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
    let mut rest = text;
    let tokens = tokenize(text, FrontmatterAllowed::No).map(|token| {
        let (token_text, after) = rest.split_at(token.len as usize);
        rest = after;
        (token.kind, token_text)
    });
    tokens.collect()
}

fn attribute(kind: TokenKind) -> Kind {
    match kind {
        TokenKind::Whitespace => Kind::Space,
        TokenKind::Literal { .. } => Kind::Text,
        _ => Kind::Attribute,
    }
}

fn kind_of(kind: TokenKind, token: &str, after: &[(TokenKind, &str)]) -> Kind {
    match kind {
        TokenKind::Whitespace => Kind::Space,
        TokenKind::LineComment { doc_style } | TokenKind::BlockComment { doc_style, .. } => {
            if doc_style.is_some() { Kind::Documentation } else { Kind::Comment }
        }
        TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => Kind::Number,
        TokenKind::Literal { .. } => Kind::Text,
        TokenKind::Lifetime { .. } | TokenKind::RawLifetime => Kind::Lifetime,
        TokenKind::Ident if KEYWORDS.contains(&token) => Kind::Keyword,
        TokenKind::Ident => name(token, after),
        _ => Kind::Plain,
    }
}

/// What a name stands for, by how it is written and what follows it.
fn name(token: &str, after: &[(TokenKind, &str)]) -> Kind {
    let next = |n: usize| after.get(n).map_or("", |token| token.1);
    if token.starts_with(char::is_uppercase) {
        Kind::Type
    } else if next(0) == "(" || (next(0) == ":" && next(1) == ":" && next(2) == "<") {
        Kind::Function
    } else if next(0) == "!" && next(1) != "=" {
        Kind::Macro
    } else {
        Kind::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let words = lines(text).into_iter().flat_map(|line| line.words);
        words.filter(|word| !word.is_blank()).map(|word| (word.kind, word.text)).collect()
    }

    #[test]
    fn words_are_what_they_look_like() {
        let found = kinds("let a: Vec<u8> = vec![1]; // Why.\nf::<T>(\"x\", 'c') != b;");
        for expected in [
            (Kind::Keyword, "let"),
            (Kind::Plain, "a"),
            (Kind::Type, "Vec"),
            (Kind::Macro, "vec"),
            (Kind::Number, "1"),
            (Kind::Comment, "//"),
            (Kind::Comment, "Why."),
            (Kind::Function, "f"),
            (Kind::Text, "\"x\""),
            (Kind::Text, "'c'"),
            (Kind::Plain, "b"),
        ] {
            assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
        }
    }

    #[test]
    fn an_attribute_ends_with_its_bracket() {
        let found = kinds("#![allow(a)] #[cfg(any(x, y = [1]))] fn a() { b[0]; }");
        assert_eq!(found.iter().filter(|(kind, _)| *kind == Kind::Attribute).count(), 8 + 15, "{found:?}");
        assert!(found.contains(&(Kind::Keyword, "fn")) && found.contains(&(Kind::Plain, "b")), "{found:?}");
    }

    #[test]
    fn lines_are_those_of_the_text() {
        for text in [
            "",
            "a",
            "a\n",
            "\n\na b\r\n\n",
            "/* a\n b */ \"c\nd\"",
            "fn é() {}\n#[a\n]\n",
            "\"never closed\n",
            "#",
        ] {
            let joined: Vec<String> =
                lines(text).iter().map(|line| line.words.iter().map(|word| word.text).collect()).collect();
            assert_eq!(joined, text.lines().collect::<Vec<_>>(), "{text:?}");
        }
    }
}
