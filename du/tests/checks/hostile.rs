//! 8.8: trees that are too deep, too wide, forbidden, mounted around, or that change while they are walked.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::{Program, Running};
use rustix::fs::{CWD, FileType, Mode, RenameFlags, mkdirat, mknodat, renameat_with};

use crate::tree::{Told, Tree, du, gnu, ran, told};

/// Memory that a tree may cost beyond what an empty one does: nothing grows with it.
const MORE: u64 = 2 << 20;

/// 1,200 levels, by `ulimit -n 64`, and 250 with a side branch at each to come back to; no path can name the deepest.
pub(crate) fn deeper_than_any_path(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    tree.chain("chain", 1200, false)?;
    tree.chain("comb", 250, true)?;
    let expected = gnu(&[], &tree.path())?;
    for limit in ["4", "20", "1000"] {
        let flags = ["--limit", limit, &tree.arg()];
        ran(program.command(flags).open_files(64))?.whole()?.has(1450, 1450 * 7)?;
        let got = ran(program.command(flags).arg("--disk").open_files(64))?.whole()?.bytes()?;
        ensure!(got == expected, "--limit {limit}: expected GNU du's {expected}\n     got {got}");
    }
    Ok(())
}

/// No more directories are open at a time than `--limit`, wherever the walk is.
pub(crate) fn no_more_are_open_than_the_limit(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    for name in ["a", "b", "c", "d"] {
        tree.chain(name, 100, true)?;
    }
    let root = tree.arg();
    for limit in [4, 8, 20] {
        let (text, again) = (limit.to_string(), [root.as_str(); 2]);
        let mut run = program.start(["--threads", "4", "--limit", &text].iter().chain(&again))?;
        let mut most = 0;
        while run.wait_for(Duration::ZERO)?.is_none() {
            most = most.max(open_below(&run, &root)?);
        }
        ensure!(most <= limit, "expected at most {limit} open directories\n     got {most}");
        ensure!(most >= 2, "expected to see some of the walk\n     got {most} open directories");
        run.until("800 files  0.0 GB\n")?;
    }
    Ok(())
}

/// How many descriptors of a program are of something in `root`.
fn open_below(run: &Running, root: &str) -> Result<usize> {
    // Stopped, they are those of one moment.
    if run.stop().is_err() {
        return Ok(0);
    }
    let count = fs::read_dir(format!("/proc/{}/fd", run.pid())).map(|all| {
        let targets = all.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        targets.filter(|target| target.starts_with(root)).count()
    });
    run.signal(kit::Signal::CONT)?;
    Ok(count.unwrap_or(0))
}

/// 100,000 files in one directory, and directories with megabytes of names in another: all are counted, and memory
/// is as ever.
pub(crate) fn wide_directories_cost_no_memory(program: &Program) -> Result<()> {
    const FILES: u64 = 100_000;
    let tree = Tree::in_memory()?;
    let (files, dirs, none) = (tree.dir("files")?, tree.dir("dirs")?, tree.dir("none")?);
    let (in_files, in_dirs) = (fs::File::open(&files)?, fs::File::open(&dirs)?);
    for n in 0..FILES {
        mknodat(&in_files, n.to_string(), FileType::RegularFile, Mode::RUSR, 0)?;
    }
    for n in 0..20_000 {
        mkdirat(&in_dirs, format!("{n:0200}"), Mode::RWXU)?;
    }
    let (_, least) = with_peak(program, &[], &none, &none)?;
    let expected = gnu(&[], &tree.path())?;
    for (flags, dir, files, bytes) in
        [(&[][..], &files, FILES, 0), (&[], &dirs, 0, 0), (&["--disk"], &tree.path(), FILES, expected)]
    {
        let (told, peak) = with_peak(program, flags, dir, &none)?;
        told.whole()?.has(files, bytes)?;
        let bound = least + MORE;
        ensure!(
            peak <= bound,
            "{}: expected at most {bound} bytes of memory\n     got {peak}",
            dir.display()
        );
    }
    Ok(())
}

/// What is told of a directory, and the most memory that it took. With it goes a directory in which nothing is, so
/// often that the totals do not fit into a pipe, which takes 64 KiB: until they are read, the program is still there.
fn with_peak(program: &Program, flags: &[&str], dir: &Path, none: &Path) -> Result<(Told, u64)> {
    const OFTEN: usize = 2000;
    let name = |dir: &Path| dir.to_str().context("a path that is UTF-8").map(str::to_owned);
    let roots = [vec![name(dir)?], vec![name(none)?; OFTEN]].concat();
    let mut run = program
        .command(flags.iter().copied().chain(roots.iter().map(String::as_str)))
        .arg("--json")
        .start()?;
    while run.unread()? == 0 && run.wait_for(Duration::from_millis(1))?.is_none() {}
    let peak = run.peak_resident()?;
    Ok((told(run)?, peak))
}

/// What cannot be read is a line on stderr with path and reason, and 1 at the end; the rest is counted.
pub(crate) fn the_unreadable_is_told_and_the_rest_walked(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    tree.file("a/none/hidden", 9000)?;
    tree.file("b/no entry/hidden", 9000)?;
    tree.file("c/line\nbreak/hidden", 9000)?;
    tree.file("d/open", 9000)?;
    fs::set_permissions(tree.path().join("a/none"), fs::Permissions::from_mode(0o000))?;
    fs::set_permissions(tree.path().join("b/no entry"), fs::Permissions::from_mode(0o644))?;
    fs::set_permissions(tree.path().join("c/line\nbreak"), fs::Permissions::from_mode(0o311))?;
    // The temporary folder is its owner's alone.
    fs::set_permissions(tree.beside("."), fs::Permissions::from_mode(0o755))?;
    let nobody: &[&str] = match rustix::process::geteuid().is_root() {
        true => &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
        false => &[],
    };
    let told = ran(program.command([&tree.arg()]).under(nobody))?;
    told.has(1, 9000)?;
    ensure!(
        told.code == Some(1) && told.json["failures"] == 3,
        "expected 3 failures, and 1\n     got {told:?}"
    );
    for path in ["a/none", "b/no entry/hidden", r"c/line\x0abreak"] {
        let line = format!("cannot read {}/{path}: Permission denied", tree.arg());
        ensure!(told.stderr.lines().any(|told| told.contains(&line)), "expected {line:?}\n     got {told:?}");
    }
    ensure!(told.stderr.lines().count() == 4, "expected a line each and a last one\n     got {told:?}");
    let got = ran(program.command(["--disk", &tree.arg()]).under(nobody))?.bytes()?;
    let gnu = nobody.iter().chain(&["du", "-s", "-B1"]).copied().collect::<Vec<_>>();
    let gnu = Command::new(gnu[0]).args(&gnu[1..]).arg(tree.path()).stderr(Stdio::null()).output()?;
    let gnu = String::from_utf8(gnu.stdout)?;
    ensure!(gnu.starts_with(&format!("{got}\t")), "expected GNU du's {gnu}\n     got {got}");
    Ok(())
}

/// A root that is not there is a failure; the others are walked.
pub(crate) fn a_root_that_is_not_there_is_told(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    tree.file("file", 5)?;
    let none = tree.beside("none").display().to_string();
    let told = du(program, [&none, &tree.arg()])?;
    told.has(1, 5)?;
    ensure!(told.code == Some(1), "expected 1\n     got {told:?}");
    ensure!(
        told.stderr.contains(&format!("cannot read {none}: No such file")),
        "expected why\n     got {told:?}"
    );
    Ok(())
}

/// Bind mounts of what is above, below and beside, and other file systems: GNU du's totals, with and without `-x`.
pub(crate) fn mounts_as_gnu_du(program: &Program) -> Result<()> {
    const MOUNTS: &str = "mount --bind up up/root/above && mount --rbind up/root up/root/self && \
        mount --bind up/beside up/root/beside && mount -t tmpfs none up/root/other && \
        head -c 5000 /dev/zero >up/root/other/file && mount --bind up/root/other/file up/root/mounted && \
        exec \"$@\"";
    let tree = Tree::new()?;
    for dir in ["up/root/above", "up/root/self/deep", "up/root/beside", "up/root/other"] {
        tree.dir(dir)?;
    }
    for file in ["up/beside/file", "up/root/file", "up/root/mounted", "up/file"] {
        tree.file(file, 5000)?;
    }
    let root = tree.arg();
    let mut under = vec!["unshare", "--mount", "env", "-C", &root, "sh", "-ec", MOUNTS, "sh"];
    if !rustix::process::geteuid().is_root() {
        under.splice(1..1, ["--user", "--map-root-user"]);
    }
    let gnu = |flags: &[&str]| -> Result<Option<u64>> {
        let output =
            Command::new(under[0]).args(&under[1..]).args(["du", "-s", "-B1"]).args(flags).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.split_once('\t').and_then(|(bytes, _)| bytes.parse().ok()))
    };
    if gnu(&["up"])?.is_none() {
        writeln!(std::io::stderr(), "nothing can be mounted here: checked without mounts")?;
        let got = ran(program.command(["--disk", &root]))?.whole()?.bytes()?;
        let expected = crate::tree::gnu(&[], &tree.path())?;
        ensure!(got == expected, "expected GNU du's {expected}\n     got {got}");
        return Ok(());
    }
    for flags in [&["up"][..], &["-x", "up"], &["up/root"], &["-x", "up/root"], &["up/root/other"]] {
        let expected = gnu(flags)?.context("GNU du's total")?;
        let told = ran(program.command(flags).arg("--disk").under(&under))?.whole()?;
        let got = told.bytes()?;
        ensure!(got == expected, "{flags:?}: expected GNU du's {expected}\n     got {got}");
        ran(program.command(flags).under(&under))?.whole()?;
    }
    Ok(())
}

/// Files and directories come and go: no error, and what stays is counted.
pub(crate) fn what_vanishes_is_no_error(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    for n in 0..20 {
        tree.file(&format!("{n}/stays/file"), 1000)?;
    }
    let churn = |round: usize| -> Result<()> {
        for n in 0..20 {
            let dir = tree.path().join(format!("{n}/comes/and goes"));
            fs::create_dir_all(&dir)?;
            fs::write(dir.join("file"), "x")?;
            fs::write(tree.path().join(format!("{n}/file {round}")), "x")?;
        }
        for n in 0..20 {
            fs::remove_dir_all(tree.path().join(format!("{n}/comes")))?;
            fs::remove_file(tree.path().join(format!("{n}/file {round}")))?;
        }
        Ok(())
    };
    while_changing(churn, || {
        let told = du(program, ["--disk", &tree.arg()])?.whole()?;
        ensure!(told.files()? >= 20, "expected what stays\n     got {told:?}");
        Ok(())
    })
}

/// A directory that is a symlink to elsewhere every other moment: never is anything counted that is there.
pub(crate) fn a_directory_swapped_for_a_link_is_not_followed(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    let outside = tree.beside("outside");
    fs::create_dir_all(outside.join("deep"))?;
    for name in ["file", "deep/file"] {
        fs::File::create(outside.join(name))?.set_len(1 << 40)?;
    }
    for n in 0..50 {
        tree.file(&format!("swapped {n}/deep/file"), 1)?;
        symlink(&outside, tree.path().join(format!("link {n}")))?;
    }
    let churn = |_| -> Result<()> {
        for n in 0..50 {
            let (dir, link) =
                (tree.path().join(format!("swapped {n}")), tree.path().join(format!("link {n}")));
            renameat_with(CWD, &dir, CWD, &link, RenameFlags::EXCHANGE)?;
        }
        Ok(())
    };
    while_changing(churn, || {
        let told: Told = du(program, ["--limit", "4", &tree.arg()])?.whole()?;
        ensure!(told.bytes()? < 1 << 40, "expected nothing from outside\n     got {told:?}");
        Ok(())
    })
}

/// Does `then` twenty times, while `change` goes on all the time.
fn while_changing(change: impl Fn(usize) -> Result<()> + Sync, then: impl Fn() -> Result<()>) -> Result<()> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let changing =
            scope.spawn(|| (0..).take_while(|_| !done.load(Ordering::Relaxed)).try_for_each(&change));
        let result = (0..20).try_for_each(|_| then());
        done.store(true, Ordering::Relaxed);
        let changed =
            changing.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the tree could not be changed")));
        result.and(changed)
    })
}

/// `--top`: what GNU du says of each directory, the largest first.
pub(crate) fn the_largest_directories(program: &Program) -> Result<()> {
    let tree = Tree::new()?;
    for n in 0..40_usize {
        tree.file(&format!("{}/{}/{n}", n % 3, n % 7), 3000 * n + 100)?;
    }
    let output = Command::new("du").args(["-B1"]).arg(tree.path()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = |line: &str| line.split_once('\t').map(|(bytes, path)| (path.to_owned(), bytes.parse()));
    let all: BTreeMap<_, _> = text.lines().filter_map(line).collect();
    for most in [0, 1, 5, 1000] {
        let told = du(program, ["--disk", "--top", &most.to_string(), &tree.arg()])?.whole()?;
        let top = told.json["top"].as_array().context("expected the largest")?;
        ensure!(top.len() == most.min(all.len()), "expected {most}\n     got {told:?}");
        let sizes: Vec<u64> = top.iter().filter_map(|sum| sum["bytes"].as_u64()).collect();
        ensure!(sizes.is_sorted_by(|a, b| a >= b), "expected the largest first\n     got {sizes:?}");
        for sum in top {
            let path = sum["path"].as_str().context("expected a path")?;
            let expected = all.get(path).cloned().transpose()?;
            ensure!(sum["bytes"].as_u64() == expected, "expected GNU du's {expected:?}\n     got {sum}");
        }
        let largest = all.values().cloned().collect::<Result<Vec<u64>, _>>()?;
        let least = sizes.last().copied().unwrap_or(u64::MAX);
        let larger = largest.iter().filter(|size| **size > least).count();
        ensure!(larger <= most, "expected none larger than {least} left out");
    }
    Ok(())
}
