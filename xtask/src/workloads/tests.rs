//! Fakes that take part, for the tests of the workloads: each must be refused when it does less.

use anyhow::Result;
use kit::{Children, Implementation, Subcommand, refused};

use super::Contestant;
use crate::results::{Scale, Settings};

/// A contestant from elsewhere that knows our flags.
pub(super) struct Fake {
    pub(super) contestant: Contestant,
    /// Where its script is.
    _dir: tempfile::TempDir,
}

/// What a first look asks for.
pub(super) fn quick() -> Settings {
    Settings { scale: Scale::Quick, clients: 40, threads: 2, least_rounds: 1, most_rounds: 1 }
}

/// A program that is a shell's script, as one of ours.
pub(super) fn script(text: &str) -> Result<Fake> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("fake.sh");
    std::fs::write(&file, text)?;
    let file = file.to_string_lossy().into_owned();
    let implementation = Implementation::new("fake", ["sh", &file]);
    Ok(Fake { contestant: Contestant::new(implementation, false, &Children::default()), _dir: dir })
}

/// The same as a program from elsewhere, which knows no flags.
pub(super) fn foreign(text: &str) -> Result<Fake> {
    let mut fake = script(text)?;
    fake.contestant.outside = true;
    Ok(fake)
}

#[test]
fn ours_get_flags_and_all_get_their_threads() -> Result<()> {
    let text = "echo $* $GOMAXPROCS $TOKIO_WORKER_THREADS $ASYNC_STD_THREAD_COUNT $SMOL_THREADS";
    let said = |fake: &Fake| fake.contestant.run(&quick(), &["x", "--y"])?.line();
    let mut fake = script(text)?;
    assert_eq!(said(&fake)?, "x --y --threads 2 2 2 2 2");
    fake.contestant.outside = true;
    assert_eq!(said(&fake)?, "x --y 2 2 2 2");
    fake.contestant.implementation.flags = true;
    assert_eq!(said(&fake)?, "x --y --threads 2 2 2 2 2");
    Ok(())
}

#[test]
fn one_without_a_program_is_told_so() -> Result<()> {
    let mut fake = foreign("")?;
    let all = ["squares", "thumbs"];
    assert_eq!(fake.contestant.has(&all)?, all);
    fake.contestant.implementation.command.clear();
    refused(fake.contestant.has(&all), "`fake` has no program for squares, thumbs");
    let own = Subcommand { command: vec!["true".to_owned()], address: None };
    fake.contestant.implementation.commands.insert("thumbs".to_owned(), own);
    assert_eq!(fake.contestant.has(&all)?, ["thumbs"]);
    Ok(())
}
