//! 8.9: an end before the end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Program, Running, Signal};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::tree::Tree;

/// Files in the tree.
const FILES: usize = 2000;

/// Roots enough that nobody sees the end: the same one again and again.
const MANY: usize = 2000;

/// What the program may compute after it was asked to end, all its threads together: a fraction of a second,
/// where the whole walk takes many. Not by the clock on the wall, on which a loaded machine does other things.
const WORK: Duration = Duration::from_millis(500);

/// What the program computes before it has told what it has found, at the latest; and no less by the clock on the wall,
/// for machines of many cores.
const LONG: Duration = Duration::from_secs(2);

fn tree() -> Result<Tree> {
    let tree = Tree::in_memory()?;
    for n in 0..FILES {
        tree.file(&format!("{}/{n}", n % 100), 100)?;
    }
    Ok(tree)
}

/// Starts a walk of which nobody sees the end.
fn endless(program: &Program, tree: &Tree, flags: &[&str]) -> Result<Running> {
    // The naive one has a task for each root before anything else, and takes its time.
    let many = if flags.contains(&"--naive") { MANY / 20 } else { MANY };
    let list = tree.beside("list");
    std::fs::write(&list, format!("{}\n", tree.arg()).repeat(many))?;
    let list = list.display().to_string();
    program.start(["--files-from", &list].iter().chain(flags))
}

/// Asks for the end, and expects it at once: the totals so far, and 130. The files in them.
fn cancelled(mut run: Running, ask: impl FnOnce(&mut Running) -> Result<()>) -> Result<u64> {
    let before = run.cpu_time()?;
    ask(&mut run)?;
    let text = run.rest()?;
    // It has ended, and nobody has waited for it yet: its clock can still be read.
    let work = run.cpu_time()?.saturating_sub(before);
    run.expect_exit(130)?;
    ensure!(work < WORK, "expected an end at once\n     got it after {work:?} of work");
    let told: serde_json::Value = serde_json::from_str(&text).context("expected totals")?;
    let files = told["total"]["files"].as_u64().context("expected files")?;
    ensure!(told["partial"] == true, "expected a mark that there is more\n     got {}", told["partial"]);
    ensure!(files < (FILES * MANY) as u64, "expected a part\n     got all {files}");
    Ok(files)
}

/// Waits until the walk has gone on for a while.
fn under_way(run: &Running) -> Result<()> {
    let long = Duration::from_millis(50);
    kit::eventually("the walk to be under way", || run.cpu_time(), |used| *used > long).map(drop)
}

/// Return, or any byte, also of the naive walk.
pub(crate) fn a_byte_cancels(program: &Program) -> Result<()> {
    let tree = tree()?;
    for flags in [&[][..], &["--disk", "--top", "3"], &["--naive"]] {
        let shown = ["--json", "-v", "--every", "20ms"];
        let run = endless(program, &tree, &[&shown, flags].concat())?;
        let start = Instant::now();
        let found = || {
            let found = run.stderr().lines().any(|line| line.starts_with(|c| ('1'..='9').contains(&c)));
            // It would go on to the deadline, on all cores.
            let soon = start.elapsed() < LONG || run.cpu_time()? < LONG;
            ensure!(found || soon, "{flags:?}: expected files to be found\n     got none");
            Ok(found)
        };
        kit::eventually("files to be found", found, |found| *found)?;
        let files = cancelled(run, |run| run.stdin(b"\n"))?;
        ensure!(files > 0, "{flags:?}: expected what was found so far");
    }
    Ok(())
}

/// Ctrl-C and SIGTERM, although stdin has ended.
pub(crate) fn signals_cancel(program: &Program) -> Result<()> {
    let tree = tree()?;
    for signal in [Signal::INT, Signal::TERM] {
        let mut run = endless(program, &tree, &["--json"])?;
        run.close_stdin();
        under_way(&run)?;
        let files = cancelled(run, |run| run.signal(signal))?;
        ensure!(files > 0, "expected what was found so far");
    }
    Ok(())
}

/// At any moment: the end is in order, and the sums are a part.
pub(crate) fn cancels_at_any_moment(program: &Program) -> Result<()> {
    let tree = tree()?;
    let config = Config { cases: 20, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let tried = TestRunner::new(config).run(&(0_u64..30_000, any::<bool>()), |(micros, byte)| {
        let moment = || -> Result<()> {
            let mut run = endless(program, &tree, &["--json", "--threads", "4", "--limit", "16"])?;
            kit::eventually("it to listen to signals", || catches_interrupts(&run), |catches| *catches)?;
            run.wait_for(Duration::from_micros(micros))?;
            let ask = |run: &mut Running| match byte {
                true => run.stdin(b"x"),
                false => run.signal(Signal::INT),
            };
            cancelled(run, ask).map(drop)
        };
        moment().map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    tried.map_err(|failed| anyhow::anyhow!("{failed}"))
}

/// Whether Ctrl-C is its own and no more the system's.
fn catches_interrupts(run: &Running) -> Result<bool> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", run.pid()))?;
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).context("signals caught")?;
    Ok(u64::from_str_radix(caught.trim(), 16)? & 1 << (Signal::INT.as_raw() - 1) != 0)
}

/// In the text each line of the totals is marked.
pub(crate) fn partial_totals_are_marked(program: &Program) -> Result<()> {
    let tree = tree()?;
    let mut run = endless(program, &tree, &[])?;
    under_way(&run)?;
    run.stdin(b"x")?;
    let text = run.rest()?;
    run.expect_exit(130)?;
    let lines = text.lines().count();
    let marked = text.lines().filter(|line| line.ends_with(" (partial)")).count();
    ensure!(lines == MANY + 1 && marked == lines, "expected marks\n     got {marked} on {lines} lines");
    Ok(())
}

/// `du </dev/null` walks on; and while stdin is open and silent, nothing waits for it.
pub(crate) fn the_end_of_stdin_cancels_nothing(program: &Program) -> Result<()> {
    let tree = tree()?;
    let roots = vec![tree.arg(); 10];
    let mut run = program.start(&roots)?;
    run.close_stdin();
    run.until("20000 files  0.0 GB\n")?;
    run.expect_exit(0)?;
    let mut silent = program.start(&roots)?;
    silent.until("20000 files  0.0 GB\n")?;
    silent.expect_exit(0)
}
