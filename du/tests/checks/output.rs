//! 8.8: what is printed.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use anyhow::{Result, ensure};
use kit::Program;
use serde_json::json;

use crate::tree::{Tree, du, fifo, odd, ran};

fn prints(program: &Program, args: &[&str], expected: &str) -> Result<()> {
    let mut run = program.start(args)?;
    let got = run.rest()?;
    run.expect_exit(0)?;
    ensure!(got == expected, "{args:?}: expected {expected:?}\n     got {got:?}");
    Ok(())
}

/// The line of the book: files that are no directories, and their size in GB of 10⁹ bytes.
pub(crate) fn the_books_line(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    fs::File::create(tree.file("a/sparse", 0)?)?.set_len(1_260_000_000)?;
    tree.file("b/c/d", 100)?;
    prints(program, &[&tree.arg()], "2 files  1.3 GB\n")?;
    prints(program, &["--naive", &tree.arg()], "2 files  1.3 GB\n")?;
    // Without a root, where it is.
    let mut here = program.command(["--json"]).under(["env", "-C", &tree.arg()]).start()?;
    let text = here.rest()?;
    ensure!(text.contains(r#""path":".","files":2"#), "expected the folder that it is in\n     got {text:?}");
    Ok(())
}

/// Several roots: a line for each in their order, one given twice too, and the total.
pub(crate) fn a_line_for_each_root(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    tree.file("b/one", 10)?;
    for n in 0..3 {
        tree.file(&format!("a/{n}"), 10)?;
    }
    let (a, b) = (format!("{}/a", tree.arg()), format!("{}/b", tree.arg()));
    let expected = format!(
        "1 files  0.0 GB under {b}\n3 files  0.0 GB under {a}\n1 files  0.0 GB under {b}\n5 files  0.0 GB\n"
    );
    prints(program, &[&b, &a, &b], &expected)?;
    prints(program, &["--naive", &b, &a, &b], &expected)?;
    // Each for itself: which of them is walked first decides nothing.
    fs::hard_link(tree.path().join("a/0"), tree.path().join("b/zero"))?;
    let expected = format!("3 files  0.0 GB under {a}\n2 files  0.0 GB under {b}\n5 files  0.0 GB\n");
    prints(program, &["--disk", &a, &b], &expected)
}

/// A root that is no directory counts as a file. A link is not followed, a FIFO is not opened.
pub(crate) fn a_file_as_a_root_counts(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    let file = tree.file("dir/file", 1234)?;
    let (link, pipe) = (tree.path().join("link"), tree.path().join("fifo"));
    symlink("dir", &link)?;
    fifo(&pipe)?;
    for flags in [&[][..], &["--naive"]] {
        for (root, size) in [(&file, 1234), (&link, 3), (&pipe, 0)] {
            let root = root.display().to_string();
            du(program, flags.iter().copied().chain([&*root]))?.whole()?.has(1, size)?;
        }
    }
    du(program, [&tree.arg()])?.whole()?.has(3, 1237)
}

/// `--si` and `--iec`.
pub(crate) fn units(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    tree.file("file", 1536)?;
    prints(program, &["--si", &tree.arg()], "1 files  1.5 kB\n")?;
    prints(program, &["--iec", &tree.arg()], "1 files  1.5 KiB\n")?;
    prints(
        program,
        &["--si", "--top", "1", &tree.arg()],
        &format!("1.5 kB  {}\n1 files  1.5 kB\n", tree.arg()),
    )
}

/// `--json`: names that are no UTF-8 can be had back.
pub(crate) fn json_keeps_the_bytes_of_names(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    let root = tree.path().join(odd(b"\xff\\\n"));
    fs::create_dir(&root)?;
    fs::write(root.join("file"), "12345")?;
    let list = tree.beside("list");
    fs::write(&list, [root.as_os_str().as_bytes(), b"\0"].concat())?;
    let told = du(program, ["-0", "--files-from", &list.display().to_string(), "--top", "1"])?.whole()?;
    let root = format!(r"{}/\xff\\\x0a", tree.arg().replace('\\', r"\\"));
    let expected = json!({
        "schema": 1, "partial": false, "disk": false,
        "roots": [{ "path": root, "files": 1, "bytes": 5 }],
        "total": { "files": 1, "bytes": 5 },
        "failures": 0,
        "top": [{ "path": root, "files": 1, "bytes": 5 }],
    });
    ensure!(told.json == expected, "expected {expected}\n     got {}", told.json);
    Ok(())
}

/// `--files-from`: a root a line, from a file or from stdin, whose bytes then cancel nothing.
pub(crate) fn roots_from_a_file(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    let (a, b) = (tree.file("a name", 1)?, tree.file("b", 10)?);
    let names = format!("{}\n{}\n{}\n", a.display(), b.display(), b.display());
    let list = tree.beside("list");
    fs::write(&list, &names)?;
    du(program, ["--files-from", &list.display().to_string()])?.whole()?.has(3, 21)?;
    let mut run = program.start(["--files-from", "-"])?;
    run.stdin(names.as_bytes())?;
    run.close_stdin();
    run.until("3 files  0.0 GB\n")?;
    run.expect_exit(0)?;
    let none = ran(program.command(["--files-from", "/dev/null"]))?.whole()?;
    none.has(0, 0)
}

/// `du | true`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    // With a reader there is something to read.
    for reader in [true, false] {
        let mut run = program.start(["--files-from", "-"])?;
        if !reader {
            run.close_stdout();
        }
        run.stdin(format!("{}\n", tree.arg()).as_bytes())?;
        run.close_stdin();
        if reader {
            ensure!(!run.rest()?.is_empty(), "expected a line\n     got none");
        }
        run.expect_exit(0)?;
        ensure!(run.stderr().is_empty(), "expected no complaint\n     got {}", run.stderr());
    }
    Ok(())
}
