//! `chat`: crowds that talk one message at a time and all at once, and the same with one that never reads.

use std::time::Duration;

use anyhow::{Context, Result};
use kit::Server;
use load::chat::{Crowd, Stalled, UNDER_WAY};

use super::footprint::{self, Seen, Watch};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::Settings;

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Clients of the small crowd.
const FEW: usize = 100;

/// The most of the large one: arrivals cost the square of it.
const MANY: usize = 1000;

/// How long after the last arrival a crowd is complete, where clients are greeted before they are in the room.
const QUIET: Duration = Duration::from_millis(200);

/// What is measured with each crowd, in deliveries and the time to the last receiver.
struct Measures {
    one: Measure,
    one_p99: Measure,
    flood: Measure,
    flood_p50: Measure,
}

static SMALL: Measures = Measures {
    one: Measure::rate("few_one", "deliveries, one message at a time, 100 clients"),
    one_p99: Measure::time("few_one_p99", "to the last of 100 clients, one message at a time, p99"),
    flood: Measure::rate("few_flood", "deliveries, flooded, 100 clients"),
    flood_p50: Measure::time("few_flood_p50", "to the last of 100 clients, flooded, p50"),
};

static LARGE: Measures = Measures {
    one: Measure::rate("many_one", "deliveries, one message at a time, all clients"),
    one_p99: Measure::time("many_one_p99", "to the last of all clients, one message at a time, p99"),
    flood: Measure::rate("many_flood", "deliveries, flooded, all clients").headline(),
    flood_p50: Measure::time("many_flood_p50", "to the last of all clients, flooded, p50"),
};

static DEAF: Measure =
    Measure::rate("many_deaf", "deliveries, flooded beside one that never reads, all clients");
static DEAF_P50: Measure =
    Measure::time("many_deaf_p50", "to the last of all clients, beside one that never reads, p50");
static CPU: Measure = Measure::time("many_flood_cpu", "CPU of a delivery, flooded, all clients");
static MEMORY: Measure = Measure::bytes("memory_per_client", "memory of a client");

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let mut samples = footprint::of_server(contestant, settings)?;
    let mut seen = Seen::default();
    for (clients, large) in [(FEW, false), (settings.clients.min(MANY), true)] {
        // Room for all that the crowd has under way: nothing is skipped for those who read.
        let queue = (2 * UNDER_WAY).to_string();
        let flags = ["--rate", "0", "--queue", &queue, "--idle-timeout", "0s"];
        let mut server = contestant.serve(settings, &flags)?;
        let watch = Watch::over(&server)?;
        let told = talk(contestant, settings, &server, clients, large);
        samples.extend(told.with_context(|| format!("{clients} clients"))?);
        seen = seen.most(Seen { peak: server.peak_resident()?, ..watch.end()? });
        contestant.end(&mut server)?;
    }
    samples.extend(seen.samples());
    Ok(samples)
}

/// What a crowd measures; a large one also what it takes, and what one that never reads does to it.
fn talk(
    contestant: &Contestant,
    settings: &Settings,
    server: &Server,
    clients: usize,
    large: bool,
) -> Result<Samples> {
    let span = |quick, standard| Duration::from_millis(settings.scale.pick(quick, standard, 1000));
    let measures = if large { &LARGE } else { &SMALL };
    let mut crowd = Crowd::new(server.address())?;
    let empty = server.resident()?;
    crowd.join(clients, if contestant.takes_flags() { Duration::ZERO } else { QUIET })?;
    let memory = server.resident()?.saturating_sub(empty) as f64 / clients as f64;
    let one = crowd.one_at_a_time(if large { span(30, 120) } else { span(20, 50) })?;
    let before = server.cpu_time()?;
    let flood = crowd.flood(if large { span(60, 120) } else { span(40, 60) })?;
    let used = server.cpu_time()?.saturating_sub(before);
    let mut samples = vec![
        (&measures.one, one.rate()),
        (&measures.one_p99, one.quantile(0.99)),
        (&measures.flood, flood.rate()),
        (&measures.flood_p50, flood.quantile(0.5)),
    ];
    if large {
        samples.extend([(&MEMORY, memory), (&CPU, used.as_secs_f64() / flood.delivered as f64)]);
        crowd.seat_a_deaf_one()?;
        match crowd.flood(span(40, 80)) {
            // One that waits for it delivers nothing any more: that is a result, if it is none of ours.
            Err(error) if contestant.outside && error.is::<Stalled>() => samples.push((&DEAF, 0.0)),
            spoken => {
                let spoken = spoken.context("beside one that never reads")?;
                samples.extend([(&DEAF, spoken.rate()), (&DEAF_P50, spoken.quantile(0.5))]);
            }
        }
    }
    Ok(samples)
}
