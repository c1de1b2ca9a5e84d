//! What the results say, in a few plain sentences: for the terminal, and for the top of the report.
//!
//! A difference that is a tie is told as none: it counts as a factor of 1 wherever figures are put together.

mod figures;

use std::cmp::Ordering;

use self::figures::{Figure, Kind, figures, mean, ours};
use crate::formats::units::{amount, number, scale};
use crate::results::{Compared, Results, Scale, Standing};

/// The runtime that people move off.
const LEFT: &str = "async-std";

/// A mean of factors that is no further from 1 is told as equal.
const EQUAL: f64 = 0.01;

/// The part of the cores that others may use before the machine is called busy.
const QUIET: f64 = 0.05;

/// How uncertain a median may be, in parts of it, before that is told.
const SURE: f64 = 0.1;

/// The answer, sentence by sentence: who is ahead, by how much, what it takes, what a move off async-std changes, and
/// how far all that can be trusted.
pub(crate) fn sentences(results: &Results) -> Vec<String> {
    let names = ours(results);
    let all = figures(results, &names);
    let mut told = Vec::new();
    if names.len() < 2 || all.is_empty() {
        told.push("There is nothing to compare: no figure was measured on two runtimes.".to_owned());
    } else {
        let headlines: Vec<&Figure> = all.iter().filter(|figure| figure.metric.headline).collect();
        told.extend(wins(&headlines, &names));
        for kind in [Kind::Speed, Kind::Memory, Kind::Cpu] {
            told.extend(ahead(&all, &names, kind));
        }
        told.extend(largest(&headlines));
        told.extend(together(&all, &names, "program_size", |best| {
            format!("{best}'s programs are the smallest")
        }));
        told.extend(together(&all, &names, "runtime_lines", |best| {
            format!("{best} takes the fewest lines of concurrent code")
        }));
        for name in names.iter().filter(|name| **name != LEFT && names.contains(&LEFT)) {
            told.push(moved(&all, name));
        }
    }
    let doubtful =
        results.exercises.iter().flat_map(broken).chain(failed(results)).chain(doubts(results, &all));
    // Before all that may not hold, but after what it is about.
    let doubtful: Vec<String> = doubtful.collect();
    told.splice(1..1, doubtful);
    told.extend(left_out(results));
    told
}

/// Who is the best in how many of the headline figures.
fn wins(headlines: &[&Figure], names: &[&str]) -> Option<String> {
    let won = |name: &str| headlines.iter().filter(|f| f.metric.standing(name) == Standing::Best).count();
    let mut won: Vec<(&str, usize)> = names.iter().map(|name| (*name, won(name))).collect();
    won.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let tied = headlines.len() - won.iter().map(|(_, count)| count).sum::<usize>();
    let count = |n: usize| if n == 0 { "none".to_owned() } else { n.to_string() };
    let parts: Vec<String> = won
        .iter()
        .enumerate()
        .map(|(place, (name, n))| {
            format!("{name} {}{}", if place == 0 { "is the best in " } else { "in " }, count(*n))
        })
        .collect();
    if !headlines.is_empty() && tied == headlines.len() {
        return Some(format!(
            "Headline figures ({tied}): none has a winner; the best are equal within their spread."
        ));
    }
    let tied = match tied {
        0 => String::new(),
        1 => "; in 1 the best are equal within their spread".to_owned(),
        n => format!("; in {n} the best are equal within their spread"),
    };
    (!headlines.is_empty())
        .then(|| format!("Headline figures ({}): {}{tied}.", headlines.len(), list(&parts)))
}

/// Who is ahead in the figures of one kind put together, and how far the others are behind.
fn ahead(all: &[Figure], names: &[&str], kind: Kind) -> Option<String> {
    let of_kind: Vec<&Figure> =
        all.iter().filter(|f| kind.has(&f.metric) && names.iter().all(|n| f.has(n))).collect();
    let behind = |best: &str| {
        let others = names.iter().filter(|name| **name != best);
        others.map(|name| Some((*name, mean(&of_kind, best, name)?))).collect::<Option<Vec<_>>>()
    };
    let worth = |others: &[(&str, f64)]| others.iter().map(|(_, factor)| factor.ln()).sum::<f64>();
    let standings = names.iter().filter_map(|name| Some((*name, behind(name)?)));
    let (best, others) = standings.max_by(|a, b| worth(&a.1).total_cmp(&worth(&b.1)))?;
    let from = match of_kind.len() {
        1 => "1 figure".to_owned(),
        n => format!("the geometric mean of {n} figures, ties as equal"),
    };
    let what = format!("{} ({from})", kind.title());
    if others.iter().all(|(_, factor)| (factor - 1.0).abs() <= EQUAL) {
        return Some(format!("{what}: no difference between {}.", list(names)));
    }
    let others: Vec<String> =
        others.iter().map(|(name, factor)| format!("{name} {}", kind.behind(*factor))).collect();
    Some(format!("{what}: {best} is ahead; {}.", list(&others)))
}

/// The headline figure in which the runtimes are furthest apart.
fn largest(headlines: &[&Figure]) -> Option<String> {
    let apart = headlines.iter().filter_map(|figure| {
        let (best, _) = figure.metric.best()?;
        let factors = figure.metric.values.keys().filter_map(|name| Some((name, figure.factor(best, name)?)));
        let (worst, factor) = factors.max_by(|a, b| a.1.total_cmp(&b.1))?;
        (factor > 1.0 + EQUAL).then_some((figure, best, worst, factor))
    });
    let (figure, best, worst, factor) = apart.max_by(|a, b| a.3.total_cmp(&b.3))?;
    let metric = &figure.metric;
    let most = metric.values.values().map(|value| value.median).fold(0.0, f64::max);
    let (divisor, unit) = scale(metric.unit, most);
    let shown = |name: &str| amount(metric.values[name].median / divisor, unit);
    Some(format!(
        "The largest difference is in {}, {}: {} on {best} and {} on {worst}, a factor of {}.",
        figure.exercise,
        metric.title,
        shown(best),
        shown(worst),
        number(factor)
    ))
}

/// What the figure `name` adds up to over all exercises, and who has the least of it.
fn together(all: &[Figure], names: &[&str], name: &str, least: impl Fn(&str) -> String) -> Option<String> {
    let figures: Vec<&Figure> =
        all.iter().filter(|f| f.metric.name == name && names.iter().all(|n| f.has(n))).collect();
    let unit = figures.first()?.metric.unit;
    let sum = |name: &&str| figures.iter().map(|f| f.metric.values[*name].median).sum::<f64>();
    let mut sums: Vec<(&str, f64)> = names.iter().map(|name| (*name, sum(name))).collect();
    sums.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (best, of_best) = sums[0];
    let (divisor, shown_unit) = scale(unit, sums.last()?.1);
    let shown = |n: f64| amount(n / divisor, shown_unit);
    let others: Vec<String> = sums[1..].iter().map(|(name, n)| format!("{name} {}", shown(*n))).collect();
    let programs = if figures.len() == 1 { "in its one program" } else { "in all programs together" };
    if sums.iter().all(|(_, n)| n / of_best <= 1.0 + EQUAL) {
        return None;
    }
    Some(format!("{}: {} {programs}; {}.", least(best), shown(of_best), list(&others)))
}

/// What a move to the runtime `to` changes.
fn moved(all: &[Figure], to: &str) -> String {
    let both: Vec<&Figure> = all.iter().filter(|f| f.has(LEFT) && f.has(to)).collect();
    let headlines = both.iter().filter(|f| f.metric.headline);
    let headlines: Vec<Ordering> = headlines.filter_map(|figure| figure.order(to, LEFT)).collect();
    let count = |order: Ordering| headlines.iter().filter(|other| **other == order).count();
    let (better, worse, same) = (count(Ordering::Greater), count(Ordering::Less), count(Ordering::Equal));
    let changes = [
        (Kind::Speed, "time"),
        (Kind::Memory, "memory"),
        (Kind::Cpu, "CPU time"),
        (Kind::Size, "size of the programs"),
        (Kind::Lines, "lines of concurrent code"),
    ];
    let changes = changes.into_iter().filter_map(|(kind, what)| {
        let of_kind: Vec<&Figure> = both.iter().copied().filter(|f| kind.has(&f.metric)).collect();
        Some(format!("{what} {}", change(mean(&of_kind, LEFT, to)?)))
    });
    let changes: Vec<String> = changes.collect();
    let changes =
        if changes.is_empty() { String::new() } else { format!(" On average: {}.", list(&changes)) };
    format!(
        "From {LEFT} to {to}, headline figures: {better} better, {worse} worse, {same} the same.{changes}"
    )
}

/// A factor as what is added or saved.
fn change(factor: f64) -> String {
    let percent = (factor - 1.0) * 100.0;
    match percent.abs() {
        ..1.0 => "the same".to_owned(),
        _ if factor >= 2.0 => format!("× {}", number(factor)),
        percent_off => format!("{}{percent_off:.0} %", if percent < 0.0 { '−' } else { '+' }),
    }
}

/// The implementations of an exercise that do not work.
fn broken(compared: &Compared) -> impl Iterator<Item = String> {
    let broken = compared.implementations.iter().filter_map(|i| Some((&i.name, i.broken.as_ref()?)));
    broken.map(|(name, why)| {
        let why = why.lines().next().unwrap_or_default();
        format!("{} on {name} is broken and counts nowhere: {why}", compared.exercise)
    })
}

/// How many checks do not hold, and where.
fn failed(results: &Results) -> Option<String> {
    let mut places = Vec::new();
    for compared in &results.exercises {
        for implementation in &compared.implementations {
            let (passed, all) = compared.score(&implementation.name);
            if passed < all {
                places.push(format!(
                    "{} on {} {} of {all}",
                    compared.exercise,
                    implementation.name,
                    all - passed
                ));
            }
        }
    }
    (!places.is_empty()).then(|| format!("Checks fail: {}.", list(&places)))
}

/// Why the figures may say less than they seem to.
fn doubts(results: &Results, all: &[Figure]) -> Vec<String> {
    let mut doubts = Vec::new();
    if results.interrupted {
        doubts.push("It was interrupted: what had not been measured by then is missing.".to_owned());
    }
    if results.settings.scale == Scale::Quick {
        doubts.push(
            "This was a first look (--quick), with small sizes and few rounds: too little to decide by."
                .to_owned(),
        );
    }
    let noise = &results.noise;
    let (usual, most) = (noise.others * 100.0, noise.others_most * 100.0);
    if noise.others > QUIET {
        doubts.push(format!(
            "The machine was busy: others used {usual:.0} % of the cores, at times {most:.0} %."
        ));
    } else if noise.others_most > 4.0 * QUIET {
        doubts.push(format!(
            "The machine was quiet but for moments: others used at most {most:.0} % of the cores."
        ));
    }
    let unsure =
        |figure: &&Figure| figure.metric.headline && figure.metric.values.values().any(|v| v.spread() > SURE);
    match all.iter().filter(unsure).count() {
        0 => {}
        1 => doubts.push("1 headline figure is uncertain by more than 10 %.".to_owned()),
        n => doubts.push(format!("{n} headline figures are uncertain by more than 10 %.")),
    }
    doubts
}

/// Who is shown elsewhere alone.
fn left_out(results: &Results) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for implementation in results.exercises.iter().flat_map(|compared| &compared.implementations) {
        if implementation.outside && !names.contains(&&*implementation.name) {
            names.push(&implementation.name);
        }
    }
    (!names.is_empty())
        .then(|| format!("Programs from elsewhere ({}) are in the tables and charts alone.", list(&names)))
}

/// `a, b and c`
fn list<S: AsRef<str>>(parts: &[S]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests;
