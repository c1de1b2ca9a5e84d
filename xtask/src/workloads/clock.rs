//! `clock`: a crowd of clients that hold a connection each and get a line a second.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use kit::Server;

use super::footprint::{self, Seen, Watch};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Settings, Unit};
use load::clock::Crowd;

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Clients that come before the others, so that what a server allocates once is no client's share.
const WARM_UP: usize = 16;

/// The part of a second in which a round begins: after the lines of it, and long enough before those of the next.
const EARLY: Duration = Duration::from_millis(150);
const LATE: Duration = Duration::from_millis(550);

/// How many of all lines may be missed or repeated by a program from elsewhere, whose ticks drift: one in so many.
const TOO_MANY: u64 = 4;

static MEMORY: Measure = Measure::bytes("memory_per_client", "memory of a client").headline();
static CPU: Measure =
    Measure::lower("cpu", "CPU while each client gets a line a second", Unit::CpuSecondsPerSecond);
static LATE_P50: Measure = Measure::time("late_p50", "a line is late by, p50");
static LATE_P99: Measure = Measure::time("late_p99", "a line is late by, p99").headline();
static LATE_MAX: Measure = Measure::time("late_max", "a line is late by, max");
static ACCEPT: Measure = Measure::time("accept_all", "until all clients are served");
static WRONG: Measure = Measure::lower("wrong_lines", "lines missed or repeated", Unit::Count);

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let mut samples = footprint::of_server(contestant, settings)?;
    let max_clients = settings.clients.to_string();
    let mut server = contestant.serve(settings, &["--max-clients", &max_clients])?;
    let watch = Watch::over(&server)?;
    let clients = settings.clients;
    let told = ticks(contestant, &server, settings).with_context(|| format!("{clients} clients"))?;
    let seen = Seen { peak: server.peak_resident()?, ..watch.end()? };
    contestant.end(&mut server)?;
    samples.extend(told);
    samples.extend(seen.samples());
    Ok(samples)
}

/// What is measured while a crowd comes, and gets its lines.
fn ticks(contestant: &Contestant, server: &Server, settings: &Settings) -> Result<Samples> {
    let clients = settings.clients;
    let mut crowd = Crowd::new(server.address())?;
    // Everything is read between two ticks.
    crowd.listen(between_ticks(SystemTime::now()))?;
    crowd.join(WARM_UP)?;
    let empty = server.resident()?;
    let accept = crowd.join(clients - WARM_UP)?;
    crowd.listen(between_ticks(SystemTime::now()))?;

    crowd.forget_lateness();
    let (start, before) = (SystemTime::now(), server.cpu_time()?);
    let ticks = settings.scale.pick(1, 2, 5);
    crowd.listen(start + Duration::from_secs(ticks))?;
    let (watched, used) = (start.elapsed()?, server.cpu_time()?.saturating_sub(before));

    let late = crowd.lateness().clone();
    let wrong = crowd.wrong()?;
    right(contestant, wrong, ticks * clients as u64)?;
    let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
    let share = server.resident()?.saturating_sub(empty) as f64 / (clients - WARM_UP) as f64;
    Ok(vec![
        (&MEMORY, share),
        (&CPU, used.as_secs_f64() / watched.as_secs_f64()),
        (&LATE_P50, seconds(late.value_at_quantile(0.5))),
        (&LATE_P99, seconds(late.value_at_quantile(0.99))),
        (&LATE_MAX, seconds(late.max())),
        (&ACCEPT, accept.as_secs_f64()),
        (&WRONG, wrong as f64),
    ])
}

/// Whether so many of `all` lines may be `wrong`.
fn right(contestant: &Contestant, wrong: u64, all: u64) -> Result<()> {
    let most = if contestant.outside { all / TOO_MANY } else { 0 };
    ensure!(
        wrong <= most,
        "expected each of {all} lines once, and at most {most} wrong ones\n     got {wrong} missed or repeated"
    );
    Ok(())
}

/// When to begin: `now`, if the next line is far enough.
fn between_ticks(now: SystemTime) -> SystemTime {
    let into = Duration::from_nanos(now.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos().into());
    match into {
        into if into < EARLY => now + (EARLY - into),
        into if into < LATE => now,
        into => now + (Duration::from_secs(1) - into) + EARLY,
    }
}

#[cfg(test)]
mod tests {
    use kit::refused;

    use super::super::tests::{foreign, script};
    use super::*;

    #[test]
    fn a_round_begins_between_two_lines() {
        let at = |millis: u64| UNIX_EPOCH + Duration::from_millis(millis);
        for (now, begin) in [(7_000, 7_150), (7_149, 7_150), (7_300, 7_300), (7_600, 8_150), (7_999, 8_150)] {
            assert_eq!(between_ticks(at(now)), at(begin), "{now}");
        }
    }

    #[test]
    fn lines_that_are_missed_or_repeated() -> Result<()> {
        right(&script("")?.contestant, 0, 100)?;
        refused(right(&script("")?.contestant, 1, 100), "got 1 missed");
        right(&foreign("")?.contestant, 25, 100)?;
        refused(right(&foreign("")?.contestant, 26, 100), "got 26 missed");
        Ok(())
    }
}
