//! Numbers and units as people read them, the same in every format.

use crate::results::{Metric, Unit, Value};

/// How the values of a metric are written: all in the same unit, fit for the largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    divisor: f64,
    /// `MiB`, or nothing.
    pub(crate) unit: &'static str,
}

impl Scale {
    pub(crate) fn of(metric: &Metric) -> Self {
        let most = metric.values.values().map(|value| value.median).fold(0.0, f64::max);
        let (divisor, unit) = scale(metric.unit, most);
        Self { divisor, unit }
    }

    /// A number of that metric, without its unit.
    pub(crate) fn number(self, n: f64) -> String {
        number(n / self.divisor)
    }

    /// The ends of a value's interval, if it has a width.
    pub(crate) fn interval(self, value: &Value) -> Option<String> {
        interval(value, self.divisor)
    }
}

/// What a metric is, and in which unit its numbers are.
pub(crate) fn title(metric: &Metric) -> String {
    match Scale::of(metric).unit {
        "" => metric.title.clone(),
        unit => format!("{}, {unit}", metric.title),
    }
}

/// What to divide by, so that numbers up to `most` can be read, and what they are then.
pub(crate) fn scale(unit: Unit, most: f64) -> (f64, &'static str) {
    match unit {
        Unit::Bytes if most >= 10.0 * f64::from(1 << 20) => (f64::from(1 << 20), "MiB"),
        Unit::Bytes if most >= 10.0 * f64::from(1 << 10) => (f64::from(1 << 10), "KiB"),
        Unit::Bytes => (1.0, "bytes"),
        Unit::Seconds if most >= 1.0 => (1.0, "s"),
        Unit::Seconds if most >= 1e-3 => (1e-3, "ms"),
        // Below a tenth there are fewer than two digits left.
        Unit::Seconds if most >= 1e-7 => (1e-6, "µs"),
        Unit::Seconds => (1e-9, "ns"),
        Unit::CpuSecondsPerSecond => (1e-3, "ms/s"),
        Unit::Count => (1.0, ""),
        Unit::Ratio => (0.01, "%"),
        Unit::PerSecond if most >= 1e6 => (1e6, "million/s"),
        Unit::PerSecond if most >= 1e4 => (1e3, "thousand/s"),
        Unit::PerSecond => (1.0, "/s"),
    }
}

/// Three digits, or the whole number if it has more.
pub(crate) fn number(n: f64) -> String {
    let digits = match n.abs() {
        0.0..10.0 if n.fract() != 0.0 => 2,
        10.0..100.0 if n.fract() != 0.0 => 1,
        _ => 0,
    };
    format!("{n:.digits$}")
}

/// A number with its unit: `12.3 ms`, `100/s`, `7`.
pub(crate) fn amount(n: f64, unit: &str) -> String {
    let gap = if unit.is_empty() || unit.starts_with('/') { "" } else { " " };
    format!("{}{gap}{unit}", number(n))
}

/// The interval of `value`, divided by `scale`: `54.5–76.5`. None for what was counted, and for samples that are all the same.
pub(crate) fn interval(value: &Value, scale: f64) -> Option<String> {
    (value.low != value.high).then(|| format!("{}–{}", number(value.low / scale), number(value.high / scale)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        let shown = [0.0, 7.0, 7.126, 71.26, 712.6, 7126.4].map(number);
        assert_eq!(shown, ["0", "7", "7.13", "71.3", "713", "7126"]);
    }

    #[test]
    fn amounts_have_their_unit() {
        assert_eq!([amount(12.34, "ms"), amount(100.0, "/s"), amount(7.0, "")], ["12.3 ms", "100/s", "7"]);
    }

    #[test]
    fn units_fit_the_largest_value() {
        assert_eq!(scale(Unit::Bytes, 5935.0), (1.0, "bytes"));
        assert_eq!(scale(Unit::Bytes, 2e7), (1_048_576.0, "MiB"));
        assert_eq!(scale(Unit::Seconds, 0.004), (1e-3, "ms"));
        assert_eq!(scale(Unit::Seconds, 4.0), (1.0, "s"));
        assert_eq!(scale(Unit::Seconds, 2e-7), (1e-6, "µs"));
        assert_eq!(scale(Unit::Seconds, 5e-8), (1e-9, "ns"));
    }
}
