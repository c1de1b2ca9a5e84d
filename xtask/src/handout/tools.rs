//! The tools of a handout are without their tests, which are about the whole workspace.

use std::path::Path;

use anyhow::{Context, Result};
use homework::Files;

use super::cfg;
use super::files::TOOLS;

/// Takes the tests of the tools away.
///
/// # Errors
/// When a source is not understood.
pub(super) fn untested(files: &mut Files) -> Result<()> {
    let is_of_a_tool = |path: &Path| TOOLS.iter().any(|tool| path.starts_with(tool));
    files.retain(|path, _| {
        !(is_of_a_tool(path) && path.iter().any(|part| part == "tests" || part == "tests.rs"))
    });
    for (path, text) in files.iter_mut().filter(|(path, _)| is_of_a_tool(path)) {
        if text.contains("cfg(test)") {
            *text = cfg::without(text, &["test"]).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_have_none_and_programs_have_theirs() {
        let source = "pub fn f() {}\n\n#[cfg(test)]\nmod tests;\n";
        let paths = ["clock/src/tick.rs", "xtask/homework/src/lib.rs", "xtask/homework/src/tests.rs"];
        let mut files: Files = paths.iter().map(|path| (path.into(), source.to_owned())).collect();
        untested(&mut files).unwrap();
        let left: Vec<&str> = files.values().map(String::as_str).collect();
        assert_eq!(left, [source, "pub fn f() {}\n\n"]);
    }
}
