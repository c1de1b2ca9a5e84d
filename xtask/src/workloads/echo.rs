//! `echo`: clients that send a line of 64 bytes and wait for its three answers, again and again, without a delay.

mod load;

use std::time::Duration;

use anyhow::{Context, Result};
use kit::Server;

use self::load::Load;
use super::{Contestant, Measure, Samples, Workload};
use crate::results::Settings;

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Connections that come before the others, so that what a server allocates once is no client's share.
const WARM_UP: usize = 16;

/// How long a load runs before it is measured.
const RUN_UP: Duration = Duration::from_millis(150);

/// A load, and what is measured under it.
struct Case {
    /// Connections; none for as many as the settings say.
    connections: Option<usize>,
    /// Lines of each connection that are under way at a time.
    in_flight: usize,
    trips: Measure,
    p50: Measure,
    p99: Measure,
    p999: Measure,
    cpu: Measure,
}

/// The case `$key`, which titles call `$what`.
macro_rules! case {
    ($key:literal, $what:literal, $connections:expr, $in_flight:literal) => {
        Case {
            connections: $connections,
            in_flight: $in_flight,
            trips: Measure::rate(concat!("trips_", $key), concat!("round trips, ", $what)),
            p50: Measure::time(concat!("p50_", $key), concat!("p50, ", $what)),
            p99: Measure::time(concat!("p99_", $key), concat!("p99, ", $what)),
            p999: Measure::time(concat!("p999_", $key), concat!("p99.9, ", $what)),
            cpu: Measure::time(concat!("cpu_", $key), concat!("CPU of a round trip, ", $what)),
        }
    };
}

/// The crowd comes first, when the memory is that of connections alone.
static CASES: [Case; 4] = [
    case!("crowd", "all clients", None, 1),
    case!("1", "1 client", Some(1), 1),
    case!("64", "64 clients", Some(64), 1),
    case!("64_16", "64 clients, 16 lines each", Some(64), 16),
];

static MEMORY: Measure = Measure::bytes("memory_per_client", "memory of a client");
static PEAK: Measure = Measure::bytes("peak_memory", "peak memory");

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let clients = settings.clients;
    // The clients of one case may not have left when those of the next one come.
    let most = 2 * clients + 1024;
    let flags = ["--delay", "0s", "--idle-timeout", "1h", "--max-clients"].map(str::to_owned);
    let mut server = contestant.serve(&[&flags[..], &[most.to_string()]].concat())?;
    let mut warm_up = Load::new(server.address(), WARM_UP, 1)?;
    warm_up.run(RUN_UP)?;
    let empty = server.resident()?;
    let mut samples = Samples::new();
    for case in &CASES {
        let connections = case.connections.unwrap_or(clients);
        let mut load = Load::new(server.address(), connections, case.in_flight)?;
        under(&mut load, case, &server, settings, &mut samples)
            .with_context(|| format!("{connections} clients with {} lines each", case.in_flight))?;
        if case.connections.is_none() {
            let share = server.resident()?.saturating_sub(empty) as f64 / connections as f64;
            samples.push((&MEMORY, share));
        }
    }
    samples.push((&PEAK, server.peak_resident()? as f64));
    drop(warm_up);
    contestant.end(&mut server)?;
    Ok(samples)
}

/// Measures `case` while the server is under `load`.
fn under(
    load: &mut Load,
    case: &'static Case,
    server: &Server,
    settings: &Settings,
    samples: &mut Samples,
) -> Result<()> {
    load.run(RUN_UP)?;
    let before = server.cpu_time()?;
    let span = load.run(Duration::from_millis(settings.scale.pick(200, 400, 1000)))?;
    let used = server.cpu_time()?.saturating_sub(before);
    let trips = span.took.len() as f64;
    let quantile = |q: f64| Duration::from_nanos(span.took.value_at_quantile(q)).as_secs_f64();
    samples.extend([
        (&case.trips, trips / span.elapsed.as_secs_f64()),
        (&case.p50, quantile(0.5)),
        (&case.p99, quantile(0.99)),
        (&case.p999, quantile(0.999)),
        (&case.cpu, used.as_secs_f64() / trips),
    ]);
    Ok(())
}
