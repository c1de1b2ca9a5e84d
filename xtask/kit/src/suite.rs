//! A table of checks, multiplied by the implementations and run by libtest-mimic.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{Children, Implementation, Program};

/// How long one check may take, whatever it does.
const LIMIT: Duration = Duration::from_secs(60);

/// Checks that run at a time: they wait far more than they compute.
const AT_A_TIME: usize = 8;

/// How long checks whose verdict is known may take to end, without their programs.
const LEAVE: Duration = Duration::from_secs(20);

/// Checks that have not ended, though their verdict may be known: what they made is removed at their end.
static BUSY: Mutex<usize> = Mutex::new(0);
static LESS_BUSY: Condvar = Condvar::new();

thread_local! {
    /// Of a check's own thread: whether its verdict is known without it.
    static GIVEN_UP: RefCell<Arc<AtomicBool>> = RefCell::default();
}

/// Held by a check whose programs can run only once at a time.
static TURN: Mutex<()> = Mutex::new(());

/// One property of a program, and the section or exercise that asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// `8.2` for a section, `ex8.1` for an exercise.
    pub section: &'static str,
    /// The property, as a name: `a_second_client_waits`.
    pub property: &'static str,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    One(fn(&Program) -> Result<()>),
    Pair(fn(&Program, &Program) -> Result<()>),
}

impl Check {
    /// A check of one program: runs for each implementation.
    pub const fn one(section: &'static str, property: &'static str, run: fn(&Program) -> Result<()>) -> Self {
        Self { section, property, run: Run::One(run) }
    }

    /// A check in which a server (first) and a client meet: runs for each ordered pair of implementations.
    pub const fn pair(
        section: &'static str,
        property: &'static str,
        run: fn(&Program, &Program) -> Result<()>,
    ) -> Self {
        Self { section, property, run: Run::Pair(run) }
    }
}

/// Runs the checks of `exercise` as `cargo test` and nextest expect it of a test binary. The implementations
/// are `built`, or those of the file that `CH8_IMPLS` names.
///
/// Names are `8.2/line_at_once/smol`, and `8.2/watch_ends/tokio-smol` (server-client) for pairs.
pub fn suite(exercise: &str, built: Vec<Implementation>, checks: &[Check]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    let implementations = match std::env::var_os("CH8_IMPLS") {
        None => built,
        Some(file) => match Implementation::load(Path::new(&file), exercise) {
            Ok(implementations) => implementations,
            Err(error) => {
                use std::io::Write;
                writeln!(std::io::stderr(), "error: CH8_IMPLS: {error:#}").ok();
                return ExitCode::from(2);
            }
        },
    };
    arguments.test_threads.get_or_insert(AT_A_TIME);
    let all = Children::default();
    kill_when_interrupted(all.clone());
    let trials = checks.iter().flat_map(|check| trials(*check, &implementations, &all)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    settle(LEAVE);
    conclusion.exit_code()
}

/// Waits until no check is busy, and not longer than `limit`.
fn settle(limit: Duration) {
    let busy = BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    drop(LESS_BUSY.wait_timeout_while(busy, limit, |busy| *busy > 0));
}

/// Whether the verdict of this thread's check is known without it: there is nothing to wait for.
pub(crate) fn is_given_up() -> bool {
    GIVEN_UP.with_borrow(|given_up| given_up.load(Ordering::Relaxed))
}

/// One of the checks that are counted as busy.
struct Busy;

impl Busy {
    fn begin() -> Self {
        *BUSY.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *BUSY.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LESS_BUSY.notify_all();
    }
}

/// What a check has come to.
pub(crate) enum End {
    /// Its own end.
    Own(thread::Result<Result<()>>),
    /// A program of it has come to a `todo!`.
    Unfinished,
}

/// Runs `check` and gives its verdict: within `limit`, with what its programs wrote to stderr, and with none
/// of them left alive. When one of them comes to a `todo!`, that is the verdict, at once.
///
/// # Errors
/// What was expected and what came instead.
pub fn verdict(
    limit: Duration,
    children: &Children,
    check: impl FnOnce() -> Result<()> + Send + 'static,
) -> Result<(), String> {
    let (done, verdict) = mpsc::channel();
    children.judged_by(done.clone());
    let (busy, given_up) = (Busy::begin(), Arc::<AtomicBool>::default());
    let known = Arc::clone(&given_up);
    thread::spawn(move || {
        let _busy = busy;
        GIVEN_UP.set(known);
        let result = catch_unwind(AssertUnwindSafe(check));
        // The receiver is gone when the verdict was known before.
        done.send(End::Own(result)).ok();
    });
    let end = verdict.recv_timeout(limit);
    given_up.store(true, Ordering::Relaxed);
    children.kill();
    let stderr = children.stderr();
    // What a check gets of a program that has come to a `todo!` is no matter.
    let failure = match (children.is_unfinished(), end) {
        (Some(words), _) => words,
        (None, Ok(End::Own(Ok(Ok(()))))) => return Ok(()),
        (None, Ok(End::Own(Ok(Err(error))))) => format!("{error:#}"),
        (None, Ok(End::Own(Err(panic)))) => format!("the check panicked: {}", panic_message(&*panic)),
        (None, _) => format!("expected the check to end\n     got no end in {limit:?}"),
    };
    Err(format!("{failure}\n{stderr}"))
}

fn trials(check: Check, implementations: &[Implementation], all: &Children) -> Vec<Trial> {
    let claiming = || implementations.iter().filter(|i| i.claims(check.section, check.property)).cloned();
    let name = |implementation: &str| format!("{}/{}/{implementation}", check.section, check.property);
    match check.run {
        Run::One(run) => {
            let trial = |i: Implementation| trial(name(&i.name), all, [i], move |[program]| run(program));
            claiming().map(trial).collect()
        }
        Run::Pair(run) => claiming()
            .flat_map(|server| claiming().map(move |client| (server.clone(), client)))
            .map(|(server, client)| {
                let name = name(&format!("{}-{}", server.name, client.name));
                trial(name, all, [server, client], move |[server, client]| run(server, client))
            })
            .collect(),
    }
}

fn trial<const N: usize>(
    name: String,
    all: &Children,
    implementations: [Implementation; N],
    run: impl FnOnce(&[Program; N]) -> Result<()> + Send + 'static,
) -> Trial {
    let all = all.clone();
    let exclusive = implementations.iter().any(Implementation::is_exclusive);
    Trial::test(name, move || {
        let _turn = exclusive.then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner));
        let children = all.group();
        let programs = implementations.map(|i| Program::new(i, children.clone()));
        verdict(LIMIT, &children, move || run(&programs)).map_err(Failed::from)
    })
}

/// Kills `children` when this process is interrupted, and then ends it: a terminal's Ctrl-C does not reach the
/// programs, which have process groups of their own.
pub fn kill_when_interrupted(children: Children) {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            children.kill();
            signal_hook::low_level::exit(128 + signal);
        }
    });
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::tricks::Tricks;

    #[test]
    fn a_check_whose_verdict_is_known_may_clean_up() {
        let (told, made) = mpsc::channel();
        let (never, event) = mpsc::channel::<()>();
        let verdict = verdict(Duration::from_millis(50), &Children::default(), move || {
            let dir = tempfile::tempdir()?;
            told.send(dir.path().to_owned())?;
            event.recv_timeout(Duration::from_millis(500)).unwrap_err();
            Ok(())
        });
        assert!(verdict.is_err(), "it has no end in its time");
        let dir = made.recv().unwrap();
        settle(LEAVE);
        assert!(!dir.exists(), "{} is left", dir.display());
        drop(never);
    }

    /// What `wait` ends with in a check that is given up, and that it ends before its own time.
    fn given_up(wait: impl FnOnce() -> Result<()> + Send + 'static) -> String {
        let (told, waited) = mpsc::channel();
        let verdict = verdict(Duration::from_millis(50), &Children::default(), move || {
            told.send(wait().unwrap_err().to_string())?;
            Ok(())
        });
        assert!(verdict.is_err(), "it has no end in its time");
        waited.recv_timeout(crate::DEADLINE / 2).expect("it is not waited for")
    }

    #[test]
    fn a_check_whose_verdict_is_known_waits_for_nothing() {
        let state = given_up(|| crate::eventually("nothing", || Ok(()), |()| false));
        assert_eq!(state, "expected nothing, and was given up");
        let visitor = given_up(|| crate::accepted(&TcpListener::bind("127.0.0.1:0")?).map(drop));
        assert_eq!(visitor, "expected somebody who connects, and was given up");
        let request = given_up(|| {
            let server = Tricks::start(|_, answer| answer.never())?;
            server.wait_for("a request", |seen| !seen.paths().is_empty()).map(drop)
        });
        assert!(request.starts_with("expected a request\n"), "{request}");
    }
}
