//! Who is compared: ours, each built as its users would, and programs from elsewhere.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use kit::{Children, Implementation};
use runner::cargo::Cargo;
use runner::exercises::{Exercise, RUNTIMES, runtimes};
use runner::interrupt::Interrupt;

use crate::build::{Profile, alone};
use crate::workloads::Contestant;

/// An exercise, and who takes part in it.
pub(crate) struct Entry {
    pub(crate) exercise: &'static Exercise,
    pub(crate) contestants: Vec<Contestant>,
}

/// Builds ours, and lines them up with those of the file `impls`.
///
/// # Errors
/// When a build fails, or the file is wrong: before anything is built.
pub(crate) fn line_up(
    cargo: &Cargo,
    chosen: &[&'static Exercise],
    impls: Option<&Path>,
    children: &Children,
    interrupt: &Interrupt,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (exercise, outside) in outside(impls, chosen)? {
        let mut contestants = Vec::new();
        for runtime in &RUNTIMES {
            interrupt.check()?;
            let program = alone(cargo, exercise.name, runtime, Profile::Release)?;
            let implementation = Implementation::new(runtime.name, [program.to_string_lossy()]);
            contestants.push(Contestant::new(implementation, false, children));
        }
        for implementation in outside {
            let contestant = Contestant::new(implementation, true, children);
            if let Some(address) = contestant.address() {
                let taken = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
                ensure!(
                    !taken,
                    "`{}` listens at {address}, where somebody already listens",
                    contestant.name()
                );
            }
            contestants.push(contestant);
        }
        entries.push(Entry { exercise, contestants });
    }
    Ok(entries)
}

/// Programs from elsewhere, for each of the `chosen` exercises.
fn outside(
    file: Option<&Path>,
    chosen: &[&'static Exercise],
) -> Result<Vec<(&'static Exercise, Vec<Implementation>)>> {
    let mut all = Vec::new();
    for exercise in chosen {
        let mut list = file.map_or(Ok(Vec::new()), |file| Implementation::load(file, exercise.name))?;
        for implementation in &mut list {
            let name = &implementation.name;
            ensure!(
                runtimes(Some(name)).is_empty(),
                "an implementation from elsewhere cannot be named `{name}`"
            );
            absolute(implementation)?;
        }
        all.push((*exercise, list));
    }
    if let Some(file) = file
        && all.iter().all(|(_, list)| list.is_empty())
    {
        let names: BTreeSet<&str> = chosen.iter().map(|e| e.name).collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        bail!("{} has no implementation of {names}", file.display());
    }
    Ok(all)
}

/// Makes the programs' paths absolute, since the checks run in another folder.
fn absolute(implementation: &mut Implementation) -> Result<()> {
    let own = implementation.commands.values_mut().map(|subcommand| &mut subcommand.command);
    for program in own.chain([&mut implementation.command]).filter_map(|command| command.first_mut()) {
        // A bare name is looked up in PATH.
        if program.contains('/') {
            let path = std::path::absolute(&program)?;
            ensure!(path.is_file(), "there is no program {}", path.display());
            *program = path.to_str().context("a program's name is no UTF-8")?.to_owned();
        }
    }
    Ok(())
}
