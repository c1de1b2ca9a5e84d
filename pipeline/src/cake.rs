//! The cake shop: how long each step takes, and what came of a day, without the cooks and the cakes' way
//! between them (8.4, the simulation at the section's end).

use std::fmt::Write;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Normal};

/// A step of the work: its times are distributed normally, and cut at 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) mean: Duration,
    /// The standard deviation.
    pub(crate) deviation: Duration,
}

/// What is to be done, and by how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shop {
    pub(crate) cakes: u32,
    pub(crate) bake: Step,
    pub(crate) ice: Step,
    pub(crate) inscribe: Step,
    /// Cakes that may stand between two steps; 0 is from hand to hand.
    pub(crate) bake_buffer: usize,
    pub(crate) ice_buffer: usize,
    pub(crate) icers: usize,
    /// Where the times come from.
    pub(crate) seed: u64,
}

/// A cake, and how long each step will take with it. Known beforehand, so that the times of a cake do not
/// depend on who gets it, nor on the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cake {
    pub(crate) bake: Duration,
    pub(crate) ice: Duration,
    pub(crate) inscribe: Duration,
}

impl Shop {
    /// The cakes of a run, in their order.
    pub(crate) fn cakes(&self, run: u32) -> Vec<Cake> {
        let mut random = StdRng::seed_from_u64(self.seed.wrapping_add(u64::from(run)));
        let mut draw = |step: Step| {
            let (mean, deviation) = (step.mean.as_secs_f64(), step.deviation.as_secs_f64());
            // A standard deviation that is a duration is never negative or infinite.
            let time = Normal::new(mean, deviation).map_or(mean, |normal| normal.sample(&mut random));
            Duration::from_secs_f64(time.max(0.0))
        };
        let cake = |_| Cake { bake: draw(self.bake), ice: draw(self.ice), inscribe: draw(self.inscribe) };
        (0..self.cakes).map(cake).collect()
    }

    /// What limits the shop: the slowest step, and the time that it takes for a cake.
    fn bottleneck(&self) -> (&'static str, Duration) {
        let icers = u32::try_from(self.icers).unwrap_or(u32::MAX);
        let steps = [
            ("baking", self.bake.mean),
            ("icing", self.ice.mean / icers),
            ("inscribing", self.inscribe.mean),
        ];
        // Of several the first.
        steps.into_iter().rev().max_by_key(|(_, time)| *time).unwrap_or_default()
    }
}

/// How a step, with all its cooks, spent its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) working: Duration,
    /// Waiting for a cake from the step before.
    pub(crate) for_input: Duration,
    /// Waiting until the next step took a cake, or there was room for it.
    pub(crate) for_room: Duration,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.working += other.working;
        self.for_input += other.for_input;
        self.for_room += other.for_room;
    }
}

/// What a run was like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Day {
    /// From the first cake's beginning to the last one's end.
    pub(crate) took: Duration,
    pub(crate) baking: Spent,
    pub(crate) icing: Spent,
    pub(crate) inscribing: Spent,
}

/// What the runs were like, for people: a table of what waited for what (the mean of all runs), the time with
/// its standard deviation, and what would limit the shop if nobody waited.
pub(crate) fn report(shop: &Shop, days: &[Day]) -> String {
    let runs = u32::try_from(days.len()).unwrap_or(u32::MAX).max(1);
    let mean = |spent: fn(&Day) -> Spent| {
        let mut all = Spent::default();
        days.iter().for_each(|day| all += spent(day));
        Spent { working: all.working / runs, for_input: all.for_input / runs, for_room: all.for_room / runs }
    };
    let mut text = String::new();
    let row = |name: &str, spent: Spent| {
        let [working, input, room] =
            [spent.working, spent.for_input, spent.for_room].map(|t| format!("{:.1} ms", millis(t)));
        format!("{name:<11}{working:>12}{input:>19}{room:>17}\n")
    };
    text.push_str("               worked  waited for a cake  waited for room\n");
    text.push_str(&row("baking", mean(|day| day.baking)));
    text.push_str(&row("icing", mean(|day| day.icing)));
    text.push_str(&row("inscribing", mean(|day| day.inscribing)));
    let took: Vec<f64> = days.iter().map(|day| millis(day.took)).collect();
    let (time, spread) = mean_and_deviation(&took);
    let cakes = f64::from(shop.cakes);
    let (slowest, each) = shop.bottleneck();
    // Writing to a string does not fail.
    _ = match runs {
        1 => writeln!(text, "{} cakes in {time:.1} ms: {:.1} a second", shop.cakes, cakes / time * 1000.0),
        _ => writeln!(
            text,
            "{} cakes in {time:.1} ms ± {spread:.1} ({runs} runs): {:.1} a second",
            shop.cakes,
            cakes / time * 1000.0
        ),
    };
    if !each.is_zero() {
        _ = writeln!(text, "at most {:.1} a second by {slowest}, the slowest step", 1000.0 / millis(each));
    }
    text
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The mean, and the standard deviation of the sample (0 for a single one).
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn plain() -> Shop {
        let step = Step { mean: 10 * MS, deviation: Duration::ZERO };
        Shop {
            cakes: 20,
            bake: step,
            ice: step,
            inscribe: step,
            bake_buffer: 0,
            ice_buffer: 0,
            icers: 1,
            seed: 1,
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_times() {
        let mut shop = plain();
        shop.bake.deviation = 5 * MS;
        assert_eq!(shop.cakes(3), shop.cakes(3));
        assert_ne!(shop.cakes(3), shop.cakes(4), "runs differ");
        shop.seed = 2;
        assert_ne!(shop.cakes(3), plain().cakes(3));
        assert!(plain().cakes(0).iter().all(|cake| cake.bake == 10 * MS && cake.ice == 10 * MS));
    }

    #[test]
    fn the_slowest_step_is_the_limit() {
        let mut shop = plain();
        shop.ice.mean = 50 * MS;
        assert_eq!(shop.bottleneck(), ("icing", 50 * MS));
        shop.icers = 10;
        shop.bake.mean = 11 * MS;
        assert_eq!(shop.bottleneck(), ("baking", 11 * MS));
    }

    #[test]
    fn a_report() {
        let spent = |working, for_input, for_room| Spent { working, for_input, for_room };
        let day = Day {
            took: 220 * MS,
            baking: spent(200 * MS, Duration::ZERO, 10 * MS),
            icing: spent(200 * MS, 10 * MS, 10 * MS),
            inscribing: spent(200 * MS, 20 * MS, Duration::ZERO),
        };
        let expected = "               worked  waited for a cake  waited for room\n\
                        baking         200.0 ms             0.0 ms          10.0 ms\n\
                        icing          200.0 ms            10.0 ms          10.0 ms\n\
                        inscribing     200.0 ms            20.0 ms           0.0 ms\n\
                        20 cakes in 220.0 ms: 90.9 a second\n\
                        at most 100.0 a second by baking, the slowest step\n";
        assert_eq!(report(&plain(), &[day]), expected);
        let slower = Day { took: 240 * MS, ..day };
        let text = report(&plain(), &[day, slower]);
        assert!(text.contains("20 cakes in 230.0 ms ± 14.1 (2 runs): 87.0 a second"), "{text}");
    }

    proptest! {
        #[test]
        fn no_time_is_negative(mean in 0..50_u64, deviation in 0..200_u64, seed: u64) {
            let mut shop = plain();
            shop.ice = Step { mean: Duration::from_millis(mean), deviation: Duration::from_millis(deviation) };
            shop.seed = seed;
            let times: Vec<f64> = shop.cakes(0).iter().map(|cake| cake.ice.as_secs_f64()).collect();
            // Ten standard deviations away is nobody.
            prop_assert!(times.iter().all(|time| *time <= (mean + 10 * deviation) as f64 / 1000.0));
        }
    }
}
