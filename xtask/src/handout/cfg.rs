//! Sources without what is compiled only under certain conditions.
//!
//! rustfmt follows a `mod` also where its `cfg` is off, so what is behind it has to go from the text. It is found in the
//! tokens, so that macros are no exception.

use std::ops::Range;

use anyhow::{Result, anyhow, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// `text` without what is compiled only where one of the options `gone` is on: `test`, `feature = "tokio"`.
///
/// # Errors
/// When it does not parse, or when what goes shares a line with what stays.
pub(super) fn without(text: &str, gone: &[impl AsRef<str>]) -> Result<String> {
    let tokens: TokenStream = text.parse().map_err(|error| anyhow!("it does not parse: {error}"))?;
    let mut edits = Vec::new();
    let gone: Vec<&str> = gone.iter().map(AsRef::as_ref).collect();
    collect(text, tokens, &gone, &mut edits)?;
    let mut left = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        left.replace_range(range, &new);
    }
    Ok(left)
}

/// The changes, in the order of the text.
type Edits = Vec<(Range<usize>, String)>;

fn collect(text: &str, tokens: TokenStream, gone: &[&str], edits: &mut Edits) -> Result<()> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        let attributes = attributes(&trees[at..]);
        let mut off = false;
        for n in 0..attributes {
            let Some(predicate) = cfg(&trees[at + 2 * n + 1]) else { continue };
            match rest(&predicate.clone().into_iter().collect::<Vec<_>>(), text, gone) {
                Rest::Never => off = true,
                Rest::Always => {
                    let last = trees[at + 2 * n + 1].span().byte_range().end;
                    let first = trees[at + 2 * n].span().byte_range().start;
                    edits.push((lines(text, first..last)?, String::new()));
                }
                Rest::If(new) => edits.push((span(predicate), new)),
            }
        }
        let (first, thing) = (at, at + 2 * attributes);
        if off {
            let end = end(&trees, thing);
            let range = trees[first].span().byte_range().start..trees[end - 1].span().byte_range().end;
            // Attributes of what goes were changed for nothing.
            edits.retain(|(edit, _)| edit.start < range.start);
            edits.push((lines(text, range)?, String::new()));
            at = end;
            continue;
        }
        if let Some(TokenTree::Group(group)) = trees.get(thing) {
            collect(text, group.stream(), gone, edits)?;
        }
        at = thing + 1;
    }
    Ok(())
}

/// How many outer attributes the `trees` begin with; each is `#` and a group.
fn attributes(trees: &[TokenTree]) -> usize {
    let pairs = trees.chunks_exact(2);
    let is_one = |pair: &&[TokenTree]| match pair {
        [TokenTree::Punct(mark), TokenTree::Group(group)] => {
            mark.as_char() == '#' && group.delimiter() == Delimiter::Bracket
        }
        _ => false,
    };
    pairs.take_while(is_one).count()
}

/// The predicate of a `[cfg(…)]`.
fn cfg(attribute: &TokenTree) -> Option<TokenStream> {
    let TokenTree::Group(attribute) = attribute else { return None };
    match &attribute.stream().into_iter().collect::<Vec<_>>()[..] {
        [TokenTree::Ident(name), TokenTree::Group(predicate)] if name == "cfg" => Some(predicate.stream()),
        _ => None,
    }
}

/// Where the item, arm, variant or element that begins at `at` ends: with `,`, `;` or braces.
fn end(trees: &[TokenTree], mut at: usize) -> usize {
    let closes = |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), ',' | ';'));
    while at < trees.len() {
        let braces = matches!(&trees[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        if closes(trees.get(at)) {
            return at + 1;
        }
        if braces {
            return at + 1 + usize::from(closes(trees.get(at + 1)));
        }
        at += 1;
    }
    at
}

/// What is left of a predicate when options are gone.
enum Rest {
    Always,
    Never,
    If(String),
}

fn rest(predicate: &[TokenTree], text: &str, gone: &[&str]) -> Rest {
    match predicate {
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            let list: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
            let parts = list.split(comma).filter(|part| !part.is_empty());
            combined(&name.to_string(), parts.map(|part| rest(part, text, gone)).collect())
        }
        option => {
            let option = &text[span(option.iter().cloned().collect())];
            if gone.contains(&option) { Rest::Never } else { Rest::If(option.to_owned()) }
        }
    }
}

/// What is left of `any`, `all` or `not` of what is left of its parts.
fn combined(name: &str, parts: Vec<Rest>) -> Rest {
    let always = parts.iter().any(|part| matches!(part, Rest::Always));
    let never = parts.iter().any(|part| matches!(part, Rest::Never));
    let left = |part| if let Rest::If(text) = part { Some(text) } else { None };
    let left: Vec<String> = parts.into_iter().filter_map(left).collect();
    match (name, &left[..]) {
        ("any", _) if always => Rest::Always,
        ("any", []) => Rest::Never,
        ("all", _) if never => Rest::Never,
        ("all", []) => Rest::Always,
        ("any" | "all", [one]) => Rest::If(one.clone()),
        ("not", []) if always => Rest::Never,
        ("not", []) => Rest::Always,
        (name, left) => Rest::If(format!("{name}({})", left.join(", "))),
    }
}

/// Where `tokens` are.
fn span(tokens: TokenStream) -> Range<usize> {
    let mut ranges = tokens.into_iter().map(|tree| tree.span().byte_range());
    let first = ranges.next().unwrap_or_default();
    let end = ranges.last().map_or(first.end, |last| last.end);
    first.start..end
}

/// The whole lines of `range`, which has them for itself.
fn lines(text: &str, range: Range<usize>) -> Result<Range<usize>> {
    let start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |newline| range.end + newline + 1);
    let alone = text[start..range.start].trim().is_empty() && text[range.end..end].trim().is_empty();
    ensure!(alone, "what goes shares a line with what stays: {}", text[start..end].trim());
    Ok(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smol(text: &str) -> String {
        without(text, &["feature = \"tokio\"", "feature = \"async-std\""]).unwrap()
    }

    #[test]
    fn modules_and_their_macro_go() {
        let text = "\
#[cfg(feature = \"async-std\")]
mod async_std;
#[cfg(feature = \"smol\")]
mod smol;

#[cfg(not(any(feature = \"tokio\", feature = \"async-std\", feature = \"smol\")))]
compile_error!(\"no runtime\");
#[cfg(any(feature = \"tokio\", feature = \"async-std\"))]
/// Of two of them.
fn two() {}
";
        let left = "\
#[cfg(feature = \"smol\")]
mod smol;

#[cfg(not(feature = \"smol\"))]
compile_error!(\"no runtime\");
";
        assert_eq!(smol(text), left);
    }

    #[test]
    fn arms_and_variants_go_also_in_macros() {
        let text = "\
macro_rules! runtimes {
    () => {
        enum Runtime {
            /// Work stealing
            #[cfg(feature = \"tokio\")]
            Tokio,
            #[cfg(feature = \"smol\")]
            Smol,
        }
    };
}
fn run() {
    match runtime {
        #[cfg(feature = \"tokio\")]
        Runtime::Tokio => tokio::start(threads, tokio::run(command))?,
        #[cfg(feature = \"async-std\")]
        Runtime::AsyncStd => {
            start()
        }
        #[cfg(feature = \"smol\")]
        Runtime::Smol => smol::start(threads)?,
    }
}
";
        let left = "\
macro_rules! runtimes {
    () => {
        enum Runtime {
            #[cfg(feature = \"smol\")]
            Smol,
        }
    };
}
fn run() {
    match runtime {
        #[cfg(feature = \"smol\")]
        Runtime::Smol => smol::start(threads)?,
    }
}
";
        assert_eq!(smol(text), left);
    }

    #[test]
    fn what_is_for_all_others_stays() {
        assert_eq!(smol("#[cfg(not(feature = \"tokio\"))]\nfn f() {}\n"), "fn f() {}\n");
        let unix = "#[cfg(all(unix, not(test), feature = \"smol\"))]\nfn f() {}\n";
        assert_eq!(smol(unix), unix);
    }

    #[test]
    fn tests_go() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
        assert_eq!(without(text, &["test"]).unwrap(), "fn f() {}\n\n");
    }

    #[test]
    fn what_shares_a_line_is_told() {
        let error = without("#[cfg(test)] a(); b();\n", &["test"]).unwrap_err().to_string();
        assert!(error.contains("shares a line"), "{error}");
    }
}
