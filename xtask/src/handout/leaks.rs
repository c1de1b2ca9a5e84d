//! The proof that nothing of the solution is left anywhere: no distinctive line of it, however it is broken.

use std::collections::BTreeSet;
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::{Result, bail};
use homework::Files;
use runner::exercises::RUNTIMES;

use super::holes::{Chosen, bodies, is_source, parse};

/// Shorter lines are nobody's: `Ok(())`, `loop {`.
const DISTINCTIVE: usize = 24;

/// So many lines of a hole that stand in the code of one check or tool are a piece of it; fewer are what any code has.
const PIECE: usize = 3;

/// As many leaks are told; one is enough to refuse.
const TOLD: usize = 10;

/// Holds when no file of `handout`, nor its name, has a line of what was in the holes of `chosen` in `source`.
///
/// A line that also stands in the programs' code that is given, or in what a hole is handed out with, is no secret; in
/// a comment or a text it is.
///
/// # Errors
/// With the files and lines, or when markers are wrong.
pub(super) fn check(source: &Files, handout: &Files, chosen: &Chosen<'_>) -> Result<Counts> {
    let mut given = given(handout)?;
    for (hole, (_, one)) in
        chosen.list.iter().flat_map(|pair| pair.1.holes.iter().map(move |hole| (hole, pair)))
    {
        let stubs = RUNTIMES.iter().filter_map(|runtime| one.replacement(hole, runtime.name));
        given.extend(stubs.map(|stub| squeezed(&stub) + "\0"));
    }
    let secrets = Secrets::new(&bodies(source, chosen)?, &given)?;
    let mut leaks = Vec::new();
    for (path, text) in handout {
        for (hole, line) in secrets.found(path, text) {
            leaks.push(format!("{}: `{line}` of the hole `{hole}`", path.display()));
        }
    }
    if leaks.is_empty() {
        return Ok(Counts { distinctive: secrets.lines.len(), given: secrets.given });
    }
    let more = leaks.len().saturating_sub(TOLD);
    leaks.truncate(TOLD);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    bail!("lines of the solution are left in the handout:\n{}{more}", leaks.join("\n"))
}

/// How many different lines of the solution there are, by whether they were looked for.
pub(super) struct Counts {
    pub(super) distinctive: usize,
    /// Those that stand in the code that is given as well.
    pub(super) given: usize,
}

/// Lines that must not be there.
struct Secrets {
    /// With the hole that each is in.
    lines: Vec<(String, String)>,
    given: usize,
    patterns: AhoCorasick,
}

impl Secrets {
    fn new(bodies: &[(String, String)], given: &str) -> Result<Self> {
        let (mut seen, mut count) = (BTreeSet::new(), 0);
        let mut lines = Vec::new();
        for (hole, line) in
            bodies.iter().flat_map(|(hole, body)| body.lines().map(move |line| (hole, line.trim())))
        {
            if line.len() < DISTINCTIVE || is_comment(line) || !seen.insert(squeezed(line)) {
                continue;
            }
            if given.contains(&squeezed(line)) {
                count += 1;
            } else {
                lines.push((hole.clone(), line.to_owned()));
            }
        }
        let patterns = AhoCorasick::new(lines.iter().map(|(_, line)| squeezed(line)))?;
        Ok(Self { lines, given: count, patterns })
    }

    /// Those in the file `path`, its name included, with their holes.
    fn found(&self, path: &Path, text: &str) -> Vec<(&str, &str)> {
        let mut found = self.among(&path.to_string_lossy());
        if path.extension().is_none_or(|extension| extension != "rs") {
            found.extend(self.among(text));
        } else {
            let (comments, code): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| is_comment(line));
            found.extend(self.among(&comments.concat()));
            let code = self.among(&code.concat());
            let of = |hole: usize| code.iter().filter(|n| self.lines[**n].0 == self.lines[hole].0).count();
            found.extend(code.iter().filter(|n| of(**n) >= PIECE));
        }
        found.into_iter().map(|n| (&*self.lines[n].0, &*self.lines[n].1)).collect()
    }

    /// The numbers of those in `text`.
    fn among(&self, text: &str) -> BTreeSet<usize> {
        let text = squeezed(text);
        self.patterns.find_overlapping_iter(&text).map(|found| found.pattern().as_usize()).collect()
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// The code that is given, squeezed: what is outside of the holes, without comments.
fn given(handout: &Files) -> Result<String> {
    let mut given = String::new();
    for (path, text) in handout.iter().filter(|(path, _)| is_source(path) || path.starts_with("xtask/common"))
    {
        let outside = parse(path, text)?.emptied(|_| Some(String::new()));
        let code = outside.lines().filter(|line| !is_comment(line));
        given.push_str(&squeezed(&code.collect::<String>()));
        given.push('\0');
    }
    Ok(given)
}

/// `text` without blanks and ends of lines, and without the `\` that a text in TOML or Rust is broken with.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "    let (client, peer) = listener.accept().await?;\n    // Dropping the task would cancel it.\n    \
                        tasks.spawn(connection.run());\n    let pause = pauses.next().unwrap_or_default();\n";

    fn secrets(given: &str) -> Secrets {
        Secrets::new(&[("8.2-accept-loop".to_owned(), BODY.to_owned())], given).unwrap()
    }

    fn found(secrets: &Secrets, text: &str) -> usize {
        secrets.found(Path::new("README.md"), text).len()
    }

    #[test]
    fn a_line_is_found_however_it_is_broken() {
        let secrets = secrets("");
        assert_eq!(found(&secrets, "Try `tasks.spawn(connection.run());` there."), 1);
        assert_eq!(
            found(&secrets, "let (client, peer) =\n    listener\n        .accept()\n        .await?;"),
            1
        );
        assert_eq!(found(&secrets, "hint = \"let (client, peer) = \\\n listener.accept().await?;\""), 1);
        assert_eq!(found(&secrets, "tasks.spawn(other.run());\n// Dropping the task would cancel it."), 0);
    }

    #[test]
    fn a_file_s_name_is_looked_at() {
        let secrets = secrets("");
        let path = Path::new("clock/tests/let pause = pauses.next().unwrap_or_default();.rs");
        assert_eq!(
            secrets.found(path, ""),
            [("8.2-accept-loop", "let pause = pauses.next().unwrap_or_default();")]
        );
    }

    #[test]
    fn code_of_a_check_may_have_a_line_but_no_piece() {
        let secrets = secrets("");
        let found = |text: &str| secrets.found(Path::new("clock/tests/checks/serve.rs"), text).len();
        assert_eq!(found("fn f() {\n    let pause = pauses.next().unwrap_or_default();\n}\n"), 0);
        assert_eq!(found("// let pause = pauses.next().unwrap_or_default();\n"), 1);
        assert_eq!(found(BODY), 3);
    }

    #[test]
    fn what_is_given_is_no_secret() {
        let secrets = secrets(&squeezed("let pause = pauses.next().unwrap_or_default();"));
        assert_eq!((secrets.given, secrets.lines.len()), (1, 2));
        assert_eq!(found(&secrets, "let pause = pauses.next().unwrap_or_default();"), 0);
    }

    #[test]
    fn a_comment_of_the_given_code_is_no_code() {
        let text = "// tasks.spawn(connection.run());\nfn main() {\n    // ANCHOR: 8.2-accept-loop\n    todo!()\n    \
                    // ANCHOR_END: 8.2-accept-loop\n}\n";
        let files = Files::from([("clock/src/main.rs".into(), text.to_owned())]);
        assert_eq!(given(&files).unwrap(), "fnmain(){}\0");
    }
}
