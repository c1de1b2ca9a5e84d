//! 8.8: random trees, against what others say of them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use kit::Program;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestError, TestRunner};

use crate::tree::{Told, Tree, du, fifo, gnu, inodes, odd, sizes};

/// Trees that a check tries: the program runs some times for each.
const CASES: u32 = 16;

/// One thing that is made in a directory that is there already.
#[derive(Clone, Debug)]
enum Made {
    Dir,
    File(usize),
    /// A file that has fewer blocks than its size says.
    Sparse(u32),
    Symlink,
    /// Another name for a file that was made before.
    Link(Index),
    /// A file that has another name outside.
    Outside(usize),
    Fifo,
}

/// What is made, where, and under which name.
type Plan = Vec<(Index, Vec<u8>, Made)>;

/// The names of a tree, odd ones among them; two that are equal are made different.
fn plans() -> impl Strategy<Value = Plan> {
    let made = prop_oneof![
        4 => Just(Made::Dir),
        4 => (0_usize..20_000).prop_map(Made::File),
        1 => any::<u32>().prop_map(Made::Sparse),
        1 => Just(Made::Symlink),
        2 => any::<Index>().prop_map(Made::Link),
        1 => (0_usize..20_000).prop_map(Made::Outside),
        1 => Just(Made::Fifo),
    ];
    let byte = any::<u8>().prop_filter("no name has them", |byte| !matches!(byte, 0 | b'/'));
    let name = prop::collection::vec(byte, 1..12).prop_filter("taken", |name| name != b"." && name != b"..");
    prop::collection::vec((any::<Index>(), name, made), 0..60)
}

/// Makes what is planned: in memory, since a disk may count blocks twice at the moment when it gives them to a file.
fn make(plan: &Plan) -> Result<Tree> {
    let tree = Tree::in_memory()?;
    let (mut dirs, mut files): (Vec<PathBuf>, Vec<PathBuf>) = (vec![tree.path()], Vec::new());
    for (n, (place, name, made)) in plan.iter().enumerate() {
        let mut path = place.get(&dirs).join(odd(name));
        if path.symlink_metadata().is_ok() {
            path.as_mut_os_string().push(n.to_string());
        }
        match made {
            Made::Dir => {
                fs::create_dir(&path)?;
                dirs.push(path);
            }
            Made::File(len) => {
                fs::write(&path, vec![b'x'; *len])?;
                files.push(path);
            }
            Made::Sparse(len) => fs::File::create(&path)?.set_len(u64::from(*len))?,
            // To a directory above: who follows it never ends.
            Made::Symlink => symlink("..", &path)?,
            Made::Link(which) if !files.is_empty() => fs::hard_link(which.get(&files), &path)?,
            Made::Link(_) => {}
            Made::Outside(len) => {
                let outside = tree.beside(&n.to_string());
                fs::write(&outside, vec![b'x'; *len])?;
                fs::hard_link(outside, &path)?;
            }
            Made::Fifo => fifo(&path)?,
        }
    }
    Ok(tree)
}

/// Tries a property with random trees; of one that fails, the smallest that still does is told.
fn each_tree(cases: u32, holds: impl Fn(&Path) -> Result<()>) -> Result<()> {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    let tried = TestRunner::new(config).run(&plans(), |plan| {
        let told = make(&plan).and_then(|tree| holds(&tree.path()));
        told.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    tried.map_err(|failed| match failed {
        TestError::Fail(why, plan) => anyhow!("{why}\n  in {}", listed(&plan)),
        TestError::Abort(why) => anyhow!("{why}"),
    })
}

/// A plan as one line for each thing that is made.
fn listed(plan: &Plan) -> String {
    let things = plan.iter().map(|(place, name, made)| format!("\n    {place:?} {:?} {made:?}", odd(name)));
    things.collect()
}

fn bytes(program: &Program, flags: &[&str], root: &Path) -> Result<Told> {
    let root = root.to_str().context("a path that is UTF-8")?;
    du(program, flags.iter().chain(&[root]))?.whole()
}

/// The sizes of all files, by as many jobs and with as few descriptors as may be.
pub(crate) fn sizes_of_files(program: &Program) -> Result<()> {
    each_tree(CASES, |root| {
        let (files, size) = sizes(root)?;
        bytes(program, &[], root)?.has(files, size)?;
        bytes(program, &["--limit", "4"], root)?.has(files, size)?;
        bytes(program, &["--threads", "8", "--limit", "32"], root)?.has(files, size)?;
        bytes(program, &["--naive"], root)?.has(files, size)
    })
}

/// `--disk`: byte for byte what GNU du says. Here everything is in one file system.
pub(crate) fn disk_as_gnu_du(program: &Program) -> Result<()> {
    each_tree(CASES, |root| {
        let (expected, files) = (gnu(&[], root)?, inodes(root)?.len() as u64);
        for flags in [
            &["--disk"][..],
            &["--disk", "--limit", "4"],
            &["--disk", "--threads", "8", "--limit", "32"],
            &["--disk", "-x"],
        ] {
            // A file with several names is one.
            bytes(program, flags, root)?.has(files, expected).with_context(|| format!("{flags:?}"))?;
        }
        Ok(())
    })
}

/// `--exclude`: what is left is what GNU du leaves.
pub(crate) fn excludes_as_gnu_du(program: &Program) -> Result<()> {
    const GLOBS: [&str; 6] = ["*[a-m]*", "t", "?", "*/?*/*", "t/*[0-9]*", "[!a-z]*"];
    each_tree(CASES / 2, |root| {
        for glob in GLOBS {
            let exclude = format!("--exclude={glob}");
            let expected = gnu(&[&exclude], root).unwrap_or(0);
            let got = bytes(program, &["--disk", &exclude], root)?.bytes()?;
            ensure!(got == expected, "{exclude}: expected GNU du's {expected}\n     got {got}");
        }
        Ok(())
    })
}
