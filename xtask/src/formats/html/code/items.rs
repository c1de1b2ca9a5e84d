//! A module of Rust in pieces that have names, so that a function is found again in another module.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ImplItem, Item, ItemImpl, Result, Type};

/// Some lines of a module that belong together: an item with what is written above it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What the item is called; of a method also its type's name. Imports are one piece together.
    pub(super) name: String,
    /// Its lines, from 0, without blank ones around it
    pub(super) lines: Range<usize>,
}

/// The module's pieces in the order in which they stand. What is no Rust is one piece.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut starts = starts(text).unwrap_or_default();
    for (start, _) in &mut starts {
        // A comment above an item is about it; documentation is a part of it already.
        while *start > 0 && is_comment_or_blank(lines[*start - 1]) {
            *start -= 1;
        }
    }
    starts.insert(0, (0, "module".to_owned()));
    starts.dedup_by(|next, kept| next.1 == kept.1);
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([lines.len()]);
    let all = ends.zip(&starts).map(|(end, (start, name))| Piece {
        name: name.clone(),
        lines: trimmed(&lines, *start..end.max(*start)),
    });
    all.filter(|piece| !piece.lines.is_empty()).collect()
}

fn is_comment_or_blank(line: &str) -> bool {
    let comment = line.starts_with("//") && !line.starts_with("//!") && !line.starts_with("///");
    line.is_empty() || comment
}

/// `range` without the blank lines at its ends.
fn trimmed(lines: &[&str], mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && lines[range.start].is_empty() {
        range.start += 1;
    }
    while !range.is_empty() && lines[range.end - 1].is_empty() {
        range.end -= 1;
    }
    range
}

/// The line, from 0, on which each item begins, and its name.
fn starts(text: &str) -> Option<Vec<(usize, String)>> {
    let mut starts = Vec::new();
    let module = |input: ParseStream| {
        Attribute::parse_inner(input)?;
        while !input.is_empty() {
            let (start, ahead) = (line(input), input.fork());
            let item: Item = input.parse()?;
            starts.push((start, name(&item)));
            if let (Item::Impl(block), Some(body)) = (&item, body(&ahead)) {
                methods(&self_type(block), body, &mut starts)?;
            }
        }
        Ok(())
    };
    module.parse_str(text).ok()?;
    Some(starts)
}

/// Where the methods of a type's block begin.
fn methods(of: &str, body: TokenStream, starts: &mut Vec<(usize, String)>) -> Result<()> {
    let block = |input: ParseStream| {
        Attribute::parse_inner(input)?;
        while !input.is_empty() {
            let start = line(input);
            let name = match input.parse()? {
                ImplItem::Fn(method) => method.sig.ident.to_string(),
                ImplItem::Const(constant) => constant.ident.to_string(),
                ImplItem::Type(alias) => alias.ident.to_string(),
                _ => "…".to_owned(),
            };
            starts.push((start, format!("{of}::{name}")));
        }
        Ok(())
    };
    block.parse2(body)
}

/// The line of the next token, from 0.
fn line(input: ParseStream) -> usize {
    input.span().start().line - 1
}

/// What is in the first braces.
fn body(input: ParseStream) -> Option<TokenStream> {
    input.parse::<TokenStream>().ok()?.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    })
}

fn name(item: &Item) -> String {
    match item {
        Item::Use(_) => "use".to_owned(),
        Item::Mod(module) if module.content.is_none() => "mod".to_owned(),
        Item::Mod(module) => format!("mod {}", module.ident),
        Item::Fn(function) => function.sig.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Const(item) => item.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Impl(block) => match &block.trait_ {
            Some((path, ..)) => format!("impl {} for {}", last(path), self_type(block)),
            None => format!("impl {}", self_type(block)),
        },
        Item::Macro(call) => format!("{}!", last(&call.mac.path)),
        _ => "…".to_owned(),
    }
}

fn self_type(block: &ItemImpl) -> String {
    match &*block.self_ty {
        Type::Path(path) => last(&path.path),
        _ => "…".to_owned(),
    }
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map_or(String::new(), |segment| segment.ident.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_by_name() {
        let text = "//! Doc.\n\nuse a;\n\nuse b::c;\n\n/// One.\n#[inline]\nfn one() {}\n\n// Why two.\nstruct Two;\n\nimpl \
                    Two {\n    /// Three.\n    fn three(&self) {}\n\n    // Why four.\n    fn four() {}\n}\n\nimpl Drop for Two \
                    {\n    fn drop(&mut self) {}\n}\n";
        let found: Vec<(String, Range<usize>)> =
            pieces(text).into_iter().map(|p| (p.name, p.lines)).collect();
        let expected = [
            ("module", 0..1),
            ("use", 2..5),
            ("one", 6..9),
            ("Two", 10..12),
            ("impl Two", 13..14),
            ("Two::three", 14..16),
            ("Two::four", 17..20),
            ("impl Drop for Two", 21..22),
            ("Two::drop", 22..24),
        ];
        assert_eq!(found, expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn what_is_no_rust_is_one_piece() {
        let found = pieces("\nfn {\n\n}}\n");
        assert_eq!(found, [Piece { name: "module".to_owned(), lines: 1..4 }]);
        assert_eq!(pieces(""), []);
    }
}
