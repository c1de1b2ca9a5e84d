//! `clock`: a crowd of clients that hold a connection each and get a line a second.

mod crowd;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};

use self::crowd::Crowd;
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Group, Settings, Unit, Value};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Clients that come before the others, so that what a server allocates once is no client's share.
const WARM_UP: usize = 16;

/// Starts of which a round takes the median.
const STARTS: usize = 5;

static MEMORY: Measure = Measure::bytes("memory_per_client", "memory of a client").headline();
static PEAK: Measure = Measure::bytes("peak_memory", "peak memory");
static CPU: Measure = Measure::lower("cpu", "CPU while all tick", Unit::CpuSecondsPerSecond);
static LATE_P50: Measure = Measure::time("late_p50", "a line is late by, p50");
static LATE_P99: Measure = Measure::time("late_p99", "a line is late by, p99");
static LATE_MAX: Measure = Measure::time("late_max", "a line is late by, max");
static ACCEPT: Measure = Measure::time("accept_all", "until all are served");
static WRONG: Measure = Measure::lower("wrong_lines", "lines missed or repeated", Unit::Count);
static STARTUP: Measure = Measure::time("startup", "start until it listens").of(Group::Footprint);

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let startup = startup(contestant)?;
    let clients = settings.clients;
    let mut server = contestant.serve(&["--max-clients".to_owned(), clients.to_string()])?;
    let mut crowd = Crowd::new(server.address())?;
    crowd.join(WARM_UP)?;
    // Everything is read between two ticks.
    crowd.listen(between_ticks(1))?;
    let empty = server.resident()?;
    let accept = crowd.join(clients - WARM_UP)?;
    crowd.listen(between_ticks(1))?;

    crowd.forget_lateness();
    let (start, before) = (SystemTime::now(), server.cpu_time()?);
    crowd.listen(between_ticks(settings.scale.pick(2, 3, 5)))?;
    let (watched, used) = (start.elapsed()?, server.cpu_time()?.saturating_sub(before));

    let late = crowd.lateness().clone();
    let wrong = crowd.wrong()?;
    ensure!(contestant.outside || wrong == 0, "{wrong} lines were missed or repeated; each must come once");
    let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
    let share = server.resident()?.saturating_sub(empty) as f64 / (clients - WARM_UP) as f64;
    let samples = vec![
        (&MEMORY, share),
        (&PEAK, server.peak_resident()? as f64),
        (&CPU, used.as_secs_f64() / watched.as_secs_f64()),
        (&LATE_P50, seconds(late.value_at_quantile(0.5))),
        (&LATE_P99, seconds(late.value_at_quantile(0.99))),
        (&LATE_MAX, seconds(late.max())),
        (&ACCEPT, accept.as_secs_f64()),
        (&WRONG, wrong as f64),
        (&STARTUP, startup),
    ];
    drop(crowd);
    contestant.end(&mut server)?;
    Ok(samples)
}

fn startup(contestant: &Contestant) -> Result<f64> {
    let starts = (0..STARTS).map(|_| Ok(contestant.startup()?.as_secs_f64())).collect::<Result<Vec<_>>>()?;
    Ok(Value::new(starts).map_or(0.0, |value| value.median))
}

/// The middle of a second, when `ticks` whole seconds have begun from now on.
fn between_ticks(ticks: u64) -> SystemTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(now.as_secs() + ticks) + Duration::from_millis(500)
}
