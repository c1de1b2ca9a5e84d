//! A workspace for one runtime alone: without the modules, the features and the `cfg` of the others.
//!
//! rustfmt follows a `mod` also where its `cfg` is off, so what is behind the feature of another runtime has to go
//! from the sources. It is found in their tokens, so that macros are no exception.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use homework::Files;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use runner::exercises::{RUNTIMES, Runtime};

/// Leaves `kept` alone.
///
/// # Errors
/// When a source names the feature of another in a way that is not understood here.
pub(super) fn alone(files: &mut Files, kept: &Runtime) -> Result<()> {
    let gone = || RUNTIMES.iter().filter(|runtime| runtime.name != kept.name);
    files.retain(|path, _| !gone().any(|runtime| is_of(path, runtime)));
    let names: Vec<&str> = gone().map(|runtime| runtime.name).collect();
    for (path, text) in files.iter_mut().filter(|(path, _)| path.extension().is_some_and(|e| e == "rs")) {
        if names.iter().any(|name| text.contains(&format!("feature = \"{name}\""))) {
            *text = without(text, &names).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// Whether `path` is in the module of `runtime`, a folder or a file.
fn is_of(path: &Path, runtime: &Runtime) -> bool {
    let module =
        path.ancestors().find(|above| above.parent().is_some_and(|dir| dir.ends_with("src/runtime")));
    module.and_then(Path::file_stem).is_some_and(|stem| stem == runtime.module)
}

/// `text` without what is compiled only with one of the features `gone`.
fn without(text: &str, gone: &[&str]) -> Result<String> {
    let tokens: TokenStream = text.parse().map_err(|error| anyhow!("it does not parse: {error}"))?;
    let mut edits = Vec::new();
    collect(text, tokens, gone, &mut edits)?;
    let mut left = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        left.replace_range(range, &new);
    }
    for name in gone {
        let named = format!("feature = \"{name}\"");
        ensure!(!left.contains(&named), "`{named}` is in no `#[cfg(…)]`: write it as one");
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

/// What is left of a predicate when features are gone.
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
        [.., TokenTree::Literal(value)] if is_feature(predicate) => {
            let value = value.to_string();
            let off = gone.iter().any(|gone| value.trim_matches('"') == *gone);
            if off { Rest::Never } else { Rest::If(format!("feature = {value}")) }
        }
        other => Rest::If(text[span(other.iter().cloned().collect())].to_owned()),
    }
}

fn is_feature(predicate: &[TokenTree]) -> bool {
    matches!(predicate, [TokenTree::Ident(name), _, _] if name == "feature")
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
        without(text, &["tokio", "async-std"]).unwrap()
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
    fn what_is_not_understood_is_told() {
        let error = |text: &str| without(text, &["tokio"]).unwrap_err().to_string();
        assert!(error("let on = cfg!(feature = \"tokio\");\n").contains("is in no `#[cfg(…)]`"));
        assert!(error("#[cfg(feature = \"tokio\")] a(); b();\n").contains("shares a line"));
    }

    #[test]
    fn a_module_is_a_folder_or_a_file() {
        let of = |path: &str| RUNTIMES.iter().find(|runtime| is_of(Path::new(path), runtime)).map(|r| r.name);
        assert_eq!(of("clock/src/runtime/async_std/serve.rs"), Some("async-std"));
        assert_eq!(of("xtask/common/src/runtime/tokio.rs"), Some("tokio"));
        assert_eq!(of("clock/src/runtime/mod.rs"), None);
        assert_eq!(of("clock/src/tokio.rs"), None);
    }
}
