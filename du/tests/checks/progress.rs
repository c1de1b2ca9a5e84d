//! Exercise 8.9: `-v`.

use anyhow::{Context, Result, ensure};
use expectrl::process::unix::WaitStatus;
use expectrl::{Expect, Regex, Session};
use kit::{Program, eventually, shown};

use crate::tree::Tree;

fn tree() -> Result<Tree> {
    let tree = Tree::new()?;
    for n in 0..300 {
        tree.file(&format!("a/{}/{n}", n % 20), 100)?;
    }
    tree.file("b/one", 100)?;
    Ok(tree)
}

/// The roots `b`, and `a` so often that the walk takes minutes.
fn roots(tree: &Tree) -> Vec<String> {
    let (a, b) = (format!("{}/a", tree.arg()), format!("{}/b", tree.arg()));
    [vec![b], vec![a; 2000]].concat()
}

/// Files in one line of the totals.
fn files(line: &str) -> Option<u64> {
    line.split_once(" files  ")?.0.parse().ok()
}

/// The totals of each root come again and again, in the order of the roots, and never become less.
pub(crate) fn each_root_again_and_again(program: &Program) -> Result<()> {
    let tree = tree()?;
    let roots = [&format!("{}/a", tree.arg()), &format!("{}/b", tree.arg())];
    let list = tree.beside("list");
    let ends: Vec<String> = roots.iter().map(|root| format!("under {root}")).collect();
    std::fs::write(&list, format!("{}\n{}\n", roots[0], roots[1]))?;
    for flags in [&[][..], &["--naive"]] {
        let mut seen = 0;
        // Each run has some ticks: enough of them come together.
        eventually(
            "totals of several ticks",
            || {
                let args = ["-v", "--every", "1ms", "--files-from"];
                let mut run =
                    program.start(args.iter().chain(&[&*list.display().to_string()]).chain(flags))?;
                let last = run.rest()?;
                run.expect_exit(0)?;
                let text = run.stderr() + &last;
                let ticks: Vec<Vec<&str>> =
                    text.lines().collect::<Vec<_>>().chunks(3).map(<[&str]>::to_vec).collect();
                let mut before = [0; 3];
                for tick in &ticks {
                    let [a, b, all] = &tick[..] else { anyhow::bail!("expected 3 lines\n     got {tick:?}") };
                    let right = a.ends_with(&ends[0]) && b.ends_with(&ends[1]) && !all.contains("under");
                    ensure!(right, "expected the roots in their order and the total\n     got {tick:?}");
                    let now = [a, b, all].map(|line| files(line).unwrap_or(0));
                    let grows = now.iter().zip(before).all(|(now, before)| *now >= before);
                    ensure!(grows && now[0] + now[1] == now[2], "expected sums\n     got {tick:?}");
                    before = now;
                }
                ensure!(before == [300, 1, 301], "expected all at the end\n     got {before:?}");
                seen += ticks.len() - 1;
                Ok(seen)
            },
            |seen| *seen > 3,
        )?;
    }
    Ok(())
}

/// Without `-v` there is nothing on stderr.
pub(crate) fn silent_without_v(program: &Program) -> Result<()> {
    let tree = tree()?;
    let mut run = program.start(["--every", "1ms"].iter().chain(&[&*tree.arg(); 100]))?;
    run.until("30100 files  0.0 GB\n")?;
    run.expect_exit(0)?;
    ensure!(run.stderr().is_empty(), "expected nothing\n     got {:?}", run.stderr());
    Ok(())
}

/// On a terminal the totals are in place, Return ends it, and nothing of them is left but the result.
pub(crate) fn in_place_on_a_terminal(program: &Program) -> Result<()> {
    let tree = tree()?;
    let roots = roots(&tree);
    // Far longer than until the next files: none must put it off.
    let mut command = program.command(["-v", "--every", "100ms", "--threads", "1"]).into_command()?;
    command.args(&roots).env("TERM", "xterm");
    let mut terminal = Session::spawn(command)?;
    // Drawn again over the last: the cursor goes up.
    for _ in 0..3 {
        shown(&mut terminal, Regex("\x1b\\[[0-9]*A"))?;
    }
    shown(&mut terminal, Regex("1 files  0.0 GB under [^ ]*/b"))?;
    terminal.send("\r")?;
    shown(&mut terminal, Regex("[0-9]+ files  [0-9.]+ GB \\(partial\\)\r\n"))
        .context("expected partial totals")?;
    let status = terminal.get_process().wait()?;
    ensure!(matches!(status, WaitStatus::Exited(_, 130)), "expected 130\n     got {status:?}");
    Ok(())
}

/// With `NO_COLOR`, lines on a terminal too.
pub(crate) fn no_color_is_lines(program: &Program) -> Result<()> {
    let tree = tree()?;
    let roots = roots(&tree);
    let start = program.command(["-v", "--every", "20ms"]).env("NO_COLOR", "1");
    let mut command = start.into_command()?;
    command.args(&roots[..200]);
    let mut terminal = Session::spawn(command)?;
    let lines = shown(&mut terminal, Regex("59701 files  0.0 GB\r\n"))?;
    let shown = String::from_utf8_lossy(lines.before()).into_owned();
    ensure!(!shown.contains('\x1b'), "expected lines alone\n     got {shown:?}");
    Ok(())
}
