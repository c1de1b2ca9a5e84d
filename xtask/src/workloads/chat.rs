//! `chat`: crowds that talk one message at a time and all at once, and the same with one that never reads.

mod crowd;

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use self::crowd::Crowd;
use super::{Contestant, Measure, Samples, Workload};
use crate::results::Settings;

pub(crate) const WORKLOAD: Workload = Workload { round };

/// How long each kind of talk goes on.
const SPAN: Duration = Duration::from_secs(1);

/// Clients of the small crowd.
const FEW: usize = 100;

/// The most of the large one: arrivals cost the square of it.
const MANY: usize = 1000;

/// What is measured with one crowd.
struct Measures {
    one: Measure,
    one_p99: Measure,
    flood: Measure,
    flood_p99: Measure,
    deaf: Measure,
    deaf_p99: Measure,
    memory: Measure,
    peak: Measure,
}

static SMALL: Measures = Measures {
    one: Measure::rate("few_one", "100 clients, one message at a time: deliveries"),
    one_p99: Measure::time("few_one_p99", "100, one at a time: to the last one, p99"),
    flood: Measure::rate("few_flood", "100, flooded: deliveries"),
    flood_p99: Measure::time("few_flood_p99", "100, flooded: to the last one, p99"),
    deaf: Measure::rate("few_deaf", "100, flooded beside one that never reads: deliveries"),
    deaf_p99: Measure::time("few_deaf_p99", "100, beside one that never reads: p99"),
    memory: Measure::bytes("few_memory", "100, quiet: memory"),
    peak: Measure::bytes("few_peak", "100, flooded: peak memory"),
};

static LARGE: Measures = Measures {
    one: Measure::rate("many_one", "all clients, one message at a time: deliveries"),
    one_p99: Measure::time("many_one_p99", "all, one at a time: to the last one, p99"),
    flood: Measure::rate("many_flood", "all, flooded: deliveries"),
    flood_p99: Measure::time("many_flood_p99", "all, flooded: to the last one, p99"),
    deaf: Measure::rate("many_deaf", "all, flooded beside one that never reads: deliveries"),
    deaf_p99: Measure::time("many_deaf_p99", "all, beside one that never reads: p99"),
    memory: Measure::bytes("many_memory", "all, quiet: memory"),
    peak: Measure::bytes("many_peak", "all, flooded: peak memory"),
};

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let mut samples = talk(contestant, FEW, &SMALL)?;
    samples.extend(talk(contestant, settings.clients.min(MANY), &LARGE)?);
    Ok(samples)
}

fn talk(contestant: &Contestant, clients: usize, measures: &'static Measures) -> Result<Samples> {
    // Room for all that the crowd has under way: nothing is skipped for those who read.
    let queue = (2 * crowd::UNDER_WAY).to_string();
    let flags = ["--rate", "0", "--queue", &queue, "--idle-timeout", "0s"].map(str::to_owned);
    let mut server = contestant.serve(&flags)?;
    let mut crowd = Crowd::new(server.address())?;
    crowd.join(clients)?;
    let memory = server.resident()?;
    let one = crowd.one_at_a_time(SPAN)?;
    let flood = crowd.flood(SPAN)?;
    let peak = server.peak_resident()?;
    crowd.seat_a_deaf_one()?;
    let deaf = match crowd.flood(SPAN) {
        // A server that waits for it delivers nothing any more: that is a result, if it is none of ours.
        Err(_) if contestant.outside => None,
        spoken => Some(spoken?),
    };
    drop(crowd);
    contestant.end(&mut server)?;
    let mut samples = vec![
        (&measures.one, one.rate),
        (&measures.one_p99, one.p99()),
        (&measures.flood, flood.rate),
        (&measures.flood_p99, flood.p99()),
        (&measures.deaf, deaf.as_ref().map_or(0.0, |deaf| deaf.rate)),
        (&measures.memory, memory as f64),
        (&measures.peak, peak as f64),
    ];
    samples.extend(deaf.map(|deaf| (&measures.deaf_p99, deaf.p99())));
    Ok(samples)
}

/// What came of a span of talk.
struct Spoken {
    /// Messages that a client got, in a second, over all clients.
    rate: f64,
    /// From sending to the last receiver, in microseconds.
    times: Histogram<u64>,
}

impl Spoken {
    fn p99(&self) -> f64 {
        Duration::from_micros(self.times.value_at_quantile(0.99)).as_secs_f64()
    }
}
