//! Time zones by name, and what was probably meant by a wrong one.
//!
//! The names are those of the IANA database, which is compiled in: a zone means the same on every machine.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::{self, TimeZone};

/// How alike (0 to 1) a zone's name must be to be worth suggesting.
const ALIKE: f64 = 0.8;

/// The zone called `name`, in any case.
///
/// # Errors
/// What to say when there is none: with up to three names that are alike.
pub(crate) fn named(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| unknown(name))
}

/// The zone of the environment: `TZ` as POSIX has it (a name, a rule as `EST5EDT`, a file), else the
/// system's.
///
/// # Errors
/// What to say of a `TZ` that is none of these.
pub(crate) fn local() -> Result<TimeZone, String> {
    TimeZone::try_system().map_err(|error| match std::env::var("TZ") {
        Ok(name) => format!("TZ={name}: {}", unknown(&name)),
        Err(_) => format!("the system's time zone: {error}; name one with --tz"),
    })
}

/// The time of day on this machine's clock now.
pub(crate) fn here() -> Time {
    TimeZone::system().to_datetime(Timestamp::now()).time()
}

fn unknown(name: &str) -> String {
    let alike = suggestions(name).join(", ");
    let advice =
        if alike.is_empty() { "names are like Europe/Paris".into() } else { format!("similar: {alike}") };
    format!("no time zone is called {name:?}; {advice}")
}

/// The names most like `name`, best first: with its continent, or by the place alone.
fn suggestions(name: &str) -> Vec<String> {
    let wanted = folded(name);
    let likeness = |zone: &str| {
        let place = zone.rsplit('/').next().unwrap_or(zone);
        strsim::jaro_winkler(&folded(zone), &wanted).max(strsim::jaro_winkler(&folded(place), &wanted))
    };
    let mut alike: Vec<_> =
        tz::db().available().map(|zone| (likeness(zone.as_str()), zone.to_string())).collect();
    alike.retain(|(likeness, _)| *likeness >= ALIKE);
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    alike.into_iter().take(3).map(|(_, zone)| zone).collect()
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        assert_eq!(named("europe/paris").unwrap().iana_name(), Some("Europe/Paris"));
    }

    #[test]
    fn a_wrong_name_suggests_the_right_one() {
        for (wrong, right) in
            [("newyork", "America/New_York"), ("Asia/Tokio", "Asia/Tokyo"), ("Europe/Pariss", "Europe/Paris")]
        {
            let error = named(wrong).unwrap_err();
            assert!(error.contains(right), "{wrong}: {error}");
        }
        assert!(named("\u{1f600}").unwrap_err().contains("Europe/Paris"));
    }
}
