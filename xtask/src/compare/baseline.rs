//! What has changed since another comparison.

use crate::results::{Better, Group, Metric, Results, SIGNIFICANT, Settings, Value, rank_sum};

/// One figure of one implementation, then and now.
#[derive(Clone, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) exercise: &'a str,
    pub(crate) implementation: &'a str,
    pub(crate) metric: &'a Metric,
    pub(crate) before: &'a Value,
    pub(crate) now: &'a Value,
    /// How probable it is that samples differ so much by chance; none for what is counted.
    pub(crate) p: Option<f64>,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Better,
    Worse,
    /// None that can be told from chance.
    None,
}

impl Change<'_> {
    /// The value now, in parts of the one before.
    pub(crate) fn ratio(&self) -> f64 {
        if self.before.median == self.now.median { 1.0 } else { self.now.median / self.before.median }
    }

    pub(crate) fn kind(&self) -> Kind {
        let chance = self.p.is_some_and(|p| p > SIGNIFICANT);
        if chance || self.before.ties(self.now) {
            return Kind::None;
        }
        let less = self.now.median < self.before.median;
        if less == (self.metric.better == Better::Lower) { Kind::Better } else { Kind::Worse }
    }

    /// By how many percent it has become worse: how much longer it takes, how much less it does.
    pub(crate) fn worse_by(&self) -> f64 {
        let ratio = self.ratio();
        100.0 * if self.metric.better == Better::Lower { ratio - 1.0 } else { 1.0 - ratio }
    }

    /// Whether it fails a comparison that allows `percent`. What a program is made of may grow.
    pub(crate) fn fails(&self, percent: f64) -> bool {
        self.metric.group != Group::Program && self.kind() == Kind::Worse && self.worse_by() > percent
    }
}

/// Every figure that both have, in the order of `now`.
pub(crate) fn changes<'a>(before: &'a Results, now: &'a Results) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for compared in &now.exercises {
        let Some(then) = before.exercises.iter().find(|then| then.exercise == compared.exercise) else {
            continue;
        };
        for metric in &compared.metrics {
            let Some(known) = then.metrics.iter().find(|known| known.name == metric.name) else { continue };
            for implementation in &compared.implementations {
                let name = &*implementation.name;
                let (Some(before), Some(now)) = (known.values.get(name), metric.values.get(name)) else {
                    continue;
                };
                let counted = before.samples.len() == 1 && now.samples.len() == 1;
                let p = (!counted).then(|| rank_sum(&before.samples, &now.samples));
                let exercise = &*compared.exercise;
                changes.push(Change { exercise, implementation: name, metric, before, now, p });
            }
        }
    }
    changes
}

/// Why results with these settings cannot be compared with `before`; none if they can.
pub(crate) fn hindrance(before: &Results, settings: &Settings) -> Option<String> {
    let sizes =
        |s: &Settings| format!("{:?}, {} clients, {} threads", s.scale, s.clients, s.threads).to_lowercase();
    let (then, now) = (sizes(&before.settings), sizes(settings));
    (then != now).then(|| format!("the baseline was measured with other sizes ({then}; now {now})"))
}

/// What makes changes doubtful.
pub(crate) fn doubts(before: &Results, now: &Results) -> Vec<String> {
    let (then, here) = (&before.machine, &now.machine);
    let mut doubts = Vec::new();
    for (what, then, now) in [
        ("processor", &then.cpu, &here.cpu),
        ("kernel", &then.kernel, &here.kernel),
        ("compiler", &then.rustc, &here.rustc),
    ] {
        if then != now {
            doubts.push(format!("another {what}: {then} then, {now} now"));
        }
    }
    if then.cores != here.cores {
        doubts.push(format!("{} cores then, {} now", then.cores, here.cores));
    }
    let fewest = before.settings.least_rounds.min(now.settings.least_rounds);
    if fewest < 5 {
        doubts.push(format!("{fewest} rounds are too few to tell a change from chance"));
    }
    for (when, results) in [("then", before), ("now", now)] {
        if results.interrupted {
            doubts.push(format!("what was measured {when} was interrupted"));
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    /// The sample with each value of smol multiplied.
    fn times(factor: f64) -> Results {
        let mut results = sample();
        for metric in &mut results.exercises[0].metrics {
            let smol = metric.values.get_mut("smol").unwrap();
            *smol = Value::new(smol.samples.iter().map(|sample| sample * factor).collect()).unwrap();
        }
        results
    }

    fn smol(before: &Results, now: &Results) -> (Kind, f64, bool) {
        let changes = changes(before, now);
        let change = changes.iter().find(|change| change.implementation == "smol").unwrap();
        (change.kind(), change.ratio(), change.fails(50.0))
    }

    #[test]
    fn a_change_is_told_from_chance() {
        let before = sample();
        assert_eq!(changes(&before, &before).len(), 3);
        assert!(changes(&before, &before).iter().all(|c| c.kind() == Kind::None && c.ratio() == 1.0));
        assert_eq!(smol(&before, &times(1.05)).0, Kind::None, "within the spread");
        assert_eq!(smol(&before, &times(4.0)), (Kind::Worse, 4.0, true));
        assert_eq!(smol(&before, &times(0.25)), (Kind::Better, 0.25, false));
    }

    #[test]
    fn how_much_worse_depends_on_the_direction() {
        let (mut before, mut now) = (sample(), times(0.25));
        for results in [&mut before, &mut now] {
            results.exercises[0].metrics[0].better = Better::Higher;
        }
        assert_eq!(smol(&before, &now), (Kind::Worse, 0.25, true));
        now.exercises[0].metrics[0].group = Group::Program;
        assert!(!smol(&before, &now).2, "what it is made of may grow");
    }

    #[test]
    fn other_sizes_and_machines_are_told() {
        let (before, mut now) = (sample(), sample());
        assert_eq!(hindrance(&before, &now.settings), None);
        now.settings.clients += 1;
        assert!(hindrance(&before, &now.settings).is_some_and(|why| why.contains("200 clients")));
        now.machine.cpu = "another".to_owned();
        now.interrupted = true;
        let doubts = doubts(&before, &now).join("\n");
        for part in ["another processor: a processor then, another now", "3 rounds", "now was interrupted"] {
            assert!(doubts.contains(part), "{part:?} is not in {doubts}");
        }
    }
}
