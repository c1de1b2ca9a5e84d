//! What it takes a program to be there, measured alike for all: its start, its memory, its threads.
//!
//! A server starts until it listens; another program runs from start to end on the least that it can be given. Memory
//! is what is resident (`Rss` in `/proc/PID/smaps_rollup`, else `VmRSS` in `status`), and at its peak `VmHWM`.

use std::fs;
use std::net::TcpStream;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use kit::{DEADLINE, Running, Server};

use super::{Contestant, Measure, Samples, median};
use crate::results::{Group, Settings, Unit};

const fn foot(measure: Measure) -> Measure {
    measure.of(Group::Footprint)
}

static LISTENS: Measure = foot(Measure::time("startup", "start until it listens"));
static IDLE: Measure = foot(Measure::bytes("idle_memory", "memory without clients"));
static SMALLEST: Measure = foot(Measure::time("startup", "the smallest run, start to end"));
static SMALLEST_PEAK: Measure = foot(Measure::bytes("idle_memory", "memory of the smallest run"));
static PEAK: Measure = foot(Measure::bytes("peak_memory", "peak memory under load"));
static THREADS: Measure = foot(Measure::lower("threads", "threads under load", Unit::Count));

/// How often a program that ends by itself is looked at while it runs.
const OFTEN: Duration = Duration::from_millis(2);

/// How often a server is: its threads are what may change.
const SELDOM: Duration = Duration::from_millis(20);

/// How long the memory of a server that has just begun to listen may change, and how long it has not when it is still.
const SETTLING: Duration = Duration::from_millis(100);
const STILL: Duration = Duration::from_millis(5);

/// Starts of which a round takes the median.
fn starts(settings: &Settings) -> usize {
    settings.scale.pick(3, 5, 11)
}

/// How long a server takes until it says, or shows, that it listens, and its memory then.
pub(super) fn of_server(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    contestant.has(&["serve"])?;
    let (mut took, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..starts(settings) {
        let start = Instant::now();
        let mut server = Started::new(contestant, settings)?;
        took.push(start.elapsed().as_secs_f64());
        memory.push(settled(&server)? as f64);
        contestant.end(&mut server)?;
    }
    Ok(vec![(&LISTENS, median(took)?), (&IDLE, median(memory)?)])
}

/// A server that listens.
enum Started {
    Told(Box<Server>),
    /// It has a fixed address, and does not say so.
    Shown(Box<Running>),
}

impl Started {
    fn new(contestant: &Contestant, settings: &Settings) -> Result<Self> {
        let Some(address) = contestant.address() else {
            return Ok(Self::Told(Box::new(contestant.serve(settings, &[])?)));
        };
        let start = Instant::now();
        let mut server = contestant.run(settings, &["serve"])?;
        while TcpStream::connect_timeout(&address, DEADLINE).is_err() {
            // The pause between two tries is also the wait for an early end.
            let ended = server.wait_for(Duration::from_millis(1))?;
            ensure!(
                ended.is_none() && start.elapsed() < DEADLINE,
                "{}: expected it to listen at {address}\n     got nobody there",
                contestant.asked(&["serve"])
            );
        }
        Ok(Self::Shown(Box::new(server)))
    }
}

impl std::ops::Deref for Started {
    type Target = Running;
    fn deref(&self) -> &Running {
        match self {
            Self::Told(server) => server,
            Self::Shown(server) => server,
        }
    }
}

impl std::ops::DerefMut for Started {
    fn deref_mut(&mut self) -> &mut Running {
        match self {
            Self::Told(server) => server,
            Self::Shown(server) => server,
        }
    }
}

/// What is resident when it changes no more: threads may still begin when a server listens.
fn settled(server: &Running) -> Result<u64> {
    let start = Instant::now();
    let mut memory = server.resident()?;
    while start.elapsed() < SETTLING {
        ensure!(!server.ends_within(STILL)?, "expected a server that goes on\n     got its end");
        let now = server.resident()?;
        if now == memory {
            break;
        }
        memory = now;
    }
    Ok(memory)
}

/// How long a program takes from start to end on the least that it can be given, and its peak memory: the most that
/// was seen, since an end that comes between two looks hides a part of it.
pub(super) fn of_program(
    contestant: &Contestant,
    settings: &Settings,
    args: &[&str],
    right: impl Fn(&str) -> Result<()>,
) -> Result<Samples> {
    let (mut took, mut seen) = (Vec::new(), Seen::default());
    // Its memory is seen by who looks all the time, and its time is taken when nobody does.
    for every in [Duration::MAX, Duration::ZERO] {
        for _ in 0..starts(settings) {
            let run = watched(contestant, settings, args, DEADLINE, every)?;
            right(&run.text).with_context(|| contestant.asked(args))?;
            seen = seen.most(run.seen);
            if !every.is_zero() {
                took.push(run.took.as_secs_f64());
            }
        }
    }
    let mut samples = vec![(&SMALLEST, median(took)?)];
    samples.extend((seen.peak > 0).then_some((&SMALLEST_PEAK, seen.peak as f64)));
    Ok(samples)
}

/// What was seen of a process while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The most memory, in bytes.
    pub(super) peak: u64,
    /// The most threads.
    pub(super) threads: u64,
}

impl Seen {
    /// The most of both.
    pub(super) fn most(self, other: Self) -> Self {
        Self { peak: self.peak.max(other.peak), threads: self.threads.max(other.threads) }
    }

    /// As samples, if anything was seen.
    pub(super) fn samples(self) -> Samples {
        if self == Self::default() {
            return Samples::new();
        }
        vec![(&PEAK, self.peak as f64), (&THREADS, self.threads as f64)]
    }

    fn now(status: &str) -> Self {
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_ascii_whitespace().next()?.parse::<u64>().ok()
        };
        Self { peak: number("VmHWM:").unwrap_or(0) * 1024, threads: number("Threads:").unwrap_or(0) }
    }
}

/// A thread that looks at a process until this is dropped.
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Seen>>,
}

impl Watch {
    /// Looks at a server.
    pub(super) fn over(server: &Running) -> Result<Self> {
        Self::new(server.pid(), SELDOM)
    }

    fn new(pid: u32, every: Duration) -> Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let file = format!("/proc/{pid}/status");
        let watch = move || {
            let mut seen = Seen::default();
            // One that has ended says nothing of its memory.
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                seen = fs::read_to_string(&file).map_or(seen, |status| seen.most(Seen::now(&status)));
            }
            seen
        };
        let thread = thread::Builder::new().name("watch".to_owned()).spawn(watch)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// What it has seen.
    pub(super) fn end(mut self) -> Result<Seen> {
        self.stop = None;
        let thread = self.thread.take().context("it has ended")?;
        thread.join().map_err(|_| anyhow!("what watches a process has panicked"))
    }
}

/// One run of a program that ends by itself.
pub(super) struct Run {
    /// What it wrote to stdout.
    pub(super) text: String,
    /// From its start to its end.
    pub(super) took: Duration,
    /// CPU time of all its threads.
    pub(super) cpu: Duration,
    pub(super) seen: Seen,
}

/// Runs a program to its end, which has to be a good one and come within `limit`.
pub(super) fn run(
    contestant: &Contestant,
    settings: &Settings,
    args: &[&str],
    limit: Duration,
) -> Result<Run> {
    watched(contestant, settings, args, limit, OFTEN)
}

fn watched(
    contestant: &Contestant,
    settings: &Settings,
    args: &[&str],
    limit: Duration,
    every: Duration,
) -> Result<Run> {
    let start = Instant::now();
    let mut program = contestant.run(settings, args)?;
    let watch = Watch::new(program.pid(), every)?;
    // Nothing is ever said there: a program must not wait for it.
    program.close_stdin();
    let ended = to_the_end(&mut program, limit);
    let took = start.elapsed();
    let seen = watch.end()?;
    let asked = || contestant.asked(args);
    let (text, cpu) = ended.with_context(asked)?;
    let status = program.wait()?;
    ensure!(
        status.success(),
        "{}: expected a good end\n     got {status}: {}",
        asked(),
        program.stderr().trim_end()
    );
    Ok(Run { text, took, cpu, seen })
}

/// All that it writes, and the CPU time that it takes.
fn to_the_end(program: &mut Running, limit: Duration) -> Result<(String, Duration)> {
    let none = || format!("expected it to end\n     got no end in {limit:?}");
    let start = Instant::now();
    let text = program.rest_within(limit).map_err(|_| anyhow!(none()))?;
    ensure!(program.ends_within(limit.saturating_sub(start.elapsed()))?, none());
    // Its clock goes with it, as soon as its end is waited for.
    Ok((text, program.cpu_time()?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{quick, script};
    use super::*;

    #[test]
    fn a_run_is_seen_from_start_to_end() -> Result<()> {
        let fake = script("head -c 8000000 /dev/zero | tr '\\0' 'x' | wc -c; kill -0 $$")?;
        let run = run(&fake.contestant, &quick(), &["x"], DEADLINE)?;
        assert_eq!(run.text, "8000000\n");
        assert!(run.took > run.cpu && run.seen.threads == 1 && run.seen.peak > 100 << 10, "{:?}", run.seen);
        Ok(())
    }

    #[test]
    fn a_bad_end_is_told_with_its_reason() -> Result<()> {
        let fake = script("echo no such thing >&2; exit 3")?;
        let error =
            run(&fake.contestant, &quick(), &["do", "it"], DEADLINE).err().context("it is refused")?;
        let text = format!("{error:#}");
        assert!(text.contains("`fake do it`") && text.contains("3: no such thing"), "{text}");
        Ok(())
    }

    #[test]
    fn a_run_without_an_end_is_refused() -> Result<()> {
        for endless in ["exec sleep 60", "exec >&-; exec sleep 60"] {
            let fake = script(endless)?;
            let limit = Duration::from_millis(200);
            let error = run(&fake.contestant, &quick(), &[], limit).err().context("it is refused")?;
            assert!(format!("{error:#}").contains("no end in 200ms"), "{error:#}");
        }
        Ok(())
    }

    #[test]
    fn what_the_system_says_of_a_process() {
        let status = "Name:\tx\nVmHWM:\t    4096 kB\nVmRSS:\t 12 kB\nThreads:\t7\n";
        assert_eq!(Seen::now(status), Seen { peak: 4 << 20, threads: 7 });
        assert_eq!(Seen::now("Name:\tx\nThreads:\t1\n"), Seen { peak: 0, threads: 1 });
    }
}
