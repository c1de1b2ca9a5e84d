//! `echo`: clients that send a line of 64 bytes and wait for its three answers, again and again, without a delay.

use std::time::Duration;

use anyhow::{Context, Result};
use kit::Server;
use load::echo::Load;

use super::footprint::{self, Seen, Watch};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::Settings;

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Connections that come before the others, so that what a server allocates once is no client's share.
const WARM_UP: usize = 16;

/// A load, and what is measured under it.
struct Case {
    /// Connections; none for as many as the settings say.
    connections: Option<usize>,
    /// Lines of each connection that are under way at a time.
    in_flight: usize,
    trips: Measure,
    p99: Measure,
    /// With one line at a time the rate tells the median, and the CPU time of a few lines is mostly that of waking up.
    p999: Option<Measure>,
    cpu: Option<Measure>,
}

impl Case {
    const fn new(
        connections: Option<usize>,
        in_flight: usize,
        (trips, p99): (Measure, Measure),
        p999: Option<Measure>,
        cpu: Option<Measure>,
    ) -> Self {
        Self { connections, in_flight, trips, p99, p999, cpu }
    }
}

/// The crowd comes first, when the memory is that of connections alone.
static CASES: [Case; 4] = [
    Case::new(
        None,
        1,
        (
            Measure::rate("trips_crowd", "round trips, all clients"),
            Measure::time("p99_crowd", "round trip, all clients, p99"),
        ),
        None,
        None,
    ),
    Case::new(
        Some(1),
        1,
        (
            Measure::rate("trips_1", "round trips, 1 client"),
            Measure::time("p99_1", "round trip, 1 client, p99"),
        ),
        None,
        None,
    ),
    Case::new(
        Some(64),
        1,
        (
            Measure::rate("trips_64", "round trips, 64 clients").headline(),
            Measure::time("p99_64", "round trip, 64 clients, p99").headline(),
        ),
        Some(Measure::time("p999_64", "round trip, 64 clients, p99.9")),
        Some(Measure::time("cpu_64", "CPU of a round trip, 64 clients")),
    ),
    Case::new(
        Some(64),
        16,
        (
            Measure::rate("trips_64_16", "round trips, 64 clients, 16 lines each"),
            Measure::time("p99_64_16", "round trip, 64 clients, 16 lines each, p99"),
        ),
        None,
        Some(Measure::time("cpu_64_16", "CPU of a round trip, 64 clients, 16 lines each")),
    ),
];

static MEMORY: Measure = Measure::bytes("memory_per_client", "memory of a client");

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let mut samples = footprint::of_server(contestant, settings)?;
    // The clients of one case may not have left when those of the next one come.
    let most = (2 * settings.clients + 1024).to_string();
    let flags = ["--delay", "0s", "--idle-timeout", "1h", "--max-clients", &most];
    let mut server = contestant.serve(settings, &flags)?;
    let watch = Watch::over(&server)?;
    cases(&server, settings, &mut samples)?;
    let seen = Seen { peak: server.peak_resident()?, ..watch.end()? };
    contestant.end(&mut server)?;
    samples.extend(seen.samples());
    Ok(samples)
}

fn cases(server: &Server, settings: &Settings, samples: &mut Samples) -> Result<()> {
    let run_up = run_up(settings);
    let mut warm_up = Load::new(server.address(), WARM_UP, 1)?;
    warm_up.run(run_up)?;
    let empty = server.resident()?;
    for case in &CASES {
        let connections = case.connections.unwrap_or(settings.clients);
        let mut load = Load::new(server.address(), connections, case.in_flight)?;
        under(&mut load, case, server, settings, samples)
            .with_context(|| format!("{connections} clients with {} lines each", case.in_flight))?;
        if case.connections.is_none() {
            let share = server.resident()?.saturating_sub(empty) as f64 / connections as f64;
            samples.push((&MEMORY, share));
        }
    }
    Ok(())
}

/// How long a load runs before it is measured.
fn run_up(settings: &Settings) -> Duration {
    Duration::from_millis(settings.scale.pick(15, 50, 150))
}

/// Measures `case` while the server is under `load`.
fn under(
    load: &mut Load,
    case: &'static Case,
    server: &Server,
    settings: &Settings,
    samples: &mut Samples,
) -> Result<()> {
    load.run(run_up(settings))?;
    let before = server.cpu_time()?;
    let span = load.run(Duration::from_millis(settings.scale.pick(55, 160, 1000)))?;
    let used = server.cpu_time()?.saturating_sub(before);
    let trips = span.took.len() as f64;
    let quantile = |q: f64| Duration::from_nanos(span.took.value_at_quantile(q)).as_secs_f64();
    samples.extend([(&case.trips, trips / span.elapsed.as_secs_f64()), (&case.p99, quantile(0.99))]);
    samples.extend(case.p999.as_ref().map(|p999| (p999, quantile(0.999))));
    samples.extend(case.cpu.as_ref().map(|cpu| (cpu, used.as_secs_f64() / trips)));
    Ok(())
}
