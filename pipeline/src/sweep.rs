//! How long a picture takes with how many workers: which numbers are tried, and what came out as a table and as a
//! plot (exercise 8.5: "what is the optimal number?").

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::file::replace;

/// How often each number is tried; the median counts. All take turns, so that a slow moment of the machine does
/// not hit one alone.
const ROUNDS: usize = 3;

/// What is tried, and how long it took so far.
#[derive(Debug)]
pub(crate) struct Sweep {
    workers: Vec<usize>,
    /// For each of them the times, of one round after another.
    times: Vec<Vec<Duration>>,
}

impl Sweep {
    /// 1, 2, 4, … workers, and one for each of `rows`.
    pub(crate) fn new(rows: u32) -> Self {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let powers = std::iter::successors(Some(1_usize), |n| n.checked_mul(2));
        let workers: Vec<usize> = powers.take_while(|n| *n < rows).chain([rows]).collect();
        let times = vec![Vec::new(); workers.len()];
        Self { workers, times }
    }

    /// How many workers are to be tried next; none when all is done.
    pub(crate) fn next(&self) -> Option<usize> {
        let fewest = self.times.iter().map(Vec::len).min()?;
        let next = self.times.iter().position(|times| times.len() == fewest)?;
        (fewest < ROUNDS).then(|| self.workers[next])
    }

    /// Takes note that those workers took so long.
    pub(crate) fn took(&mut self, time: Duration) {
        let fewest = self.times.iter().map(Vec::len).min();
        if let Some(times) = self.times.iter_mut().find(|times| Some(times.len()) == fewest) {
            times.push(time);
        }
    }

    /// The numbers of workers, the median time of each in milliseconds, and how many times as fast as the first
    /// that is.
    fn medians(&self) -> Vec<(usize, f64, f64)> {
        let median = |times: &Vec<Duration>| {
            let mut times = times.clone();
            times.sort();
            times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        let medians: Vec<f64> = self.times.iter().map(median).collect();
        let faster = |time: &f64| medians[0] / time.max(f64::MIN_POSITIVE);
        self.workers.iter().zip(&medians).map(|(workers, time)| (*workers, *time, faster(time))).collect()
    }

    /// What came out, for people; the best is marked.
    pub(crate) fn table(&self) -> String {
        let medians = self.medians();
        let best = medians.iter().map(|(_, time, _)| *time).fold(f64::INFINITY, f64::min);
        let mut text = "workers        time  times as fast as 1\n".to_owned();
        for (workers, time, faster) in medians {
            let mark = if time <= best { "  best" } else { "" };
            // Writing to a string does not fail.
            _ = writeln!(text, "{workers:>7}{time:>9.1} ms{faster:>20.2}{mark}");
        }
        text
    }

    /// Draws what came out into `file`, if there is one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn plot(&self, file: Option<&Path>) -> Result<()> {
        file.map_or(Ok(()), |file| replace(file, self.svg().as_bytes()))
    }

    /// The workers, each step twice as many, and how many times as fast as one they are.
    fn svg(&self) -> String {
        let medians = self.medians();
        let most = medians.iter().map(|(_, _, faster)| *faster).fold(1.0, f64::max).ceil();
        let steps = medians.len().saturating_sub(1).max(1) as f64;
        let x = |n: usize| MARGIN + n as f64 / steps * (WIDTH - 2.0 * MARGIN);
        let y = |value: f64| HEIGHT - MARGIN - value / most * (HEIGHT - 2.0 * MARGIN);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{MARGIN}\" y=\"24\" font-size=\"14\">Mandelbrot: times as fast as one worker, by workers</text>\n"
        );
        let mut value = 0.0;
        while value <= most {
            let (end, height) = (WIDTH - MARGIN, y(value));
            // Writing to a string does not fail.
            _ = writeln!(
                svg,
                "<line x1=\"{MARGIN}\" x2=\"{end}\" y1=\"{height:.1}\" y2=\"{height:.1}\" stroke=\"#ddd\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
                MARGIN - 8.0,
                height + 4.0,
            );
            value += 1.0;
        }
        let point =
            |(n, (_, _, faster)): (usize, &(usize, f64, f64))| format!("{:.1},{:.1}", x(n), y(*faster));
        let points: Vec<String> = medians.iter().enumerate().map(point).collect();
        let line = points.join(" ");
        _ = writeln!(svg, "<polyline points=\"{line}\" fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"/>");
        for (n, (workers, _, faster)) in medians.iter().enumerate() {
            let (across, up, below) = (x(n), y(*faster), HEIGHT - MARGIN + 18.0);
            _ = writeln!(
                svg,
                "<circle cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"3\" fill=\"#06c\"/>\n\
                 <text x=\"{across:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{workers}</text>",
            );
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// Width and height of a plot, and the room around its axes.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 48.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_with_a_worker_a_row() {
        assert_eq!(Sweep::new(8).workers, [1, 2, 4, 8]);
        assert_eq!(Sweep::new(9).workers, [1, 2, 4, 8, 9]);
        assert_eq!(Sweep::new(1).workers, [1]);
    }

    #[test]
    fn all_take_turns_and_the_median_counts() {
        let mut sweep = Sweep::new(4);
        let mut tried = Vec::new();
        for millis in [900, 100, 110, 200, 90, 120, 190, 950, 100] {
            tried.extend(sweep.next());
            sweep.took(Duration::from_millis(millis));
        }
        assert_eq!(tried, [1, 2, 4, 1, 2, 4, 1, 2, 4]);
        assert_eq!(sweep.next(), None);
        let expected = "workers        time  times as fast as 1\n\
                        \u{20}     1    200.0 ms                1.00\n\
                        \u{20}     2    100.0 ms                2.00  best\n\
                        \u{20}     4    110.0 ms                1.82\n";
        assert_eq!(sweep.table(), expected);
        let svg = sweep.svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"));
        assert_eq!(svg.matches("<circle").count(), 3);
    }
}
