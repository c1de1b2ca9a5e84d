//! Building the programs, running the checks against them, and remembering what came of it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Artifact;
use kit::Implementation;
use runner::cargo::{NotBuilt, program};
use runner::checks::{Checks, Impls, Verdict, tally};
use runner::exercises::Runtime;
use runner::progress::Step;

use super::super::desk::{Desk, Piece, Standing};
use super::super::record::{Record, Score};

/// The name of the file of implementations.
const FILE: &str = "student";

/// What came of one exercise on one runtime.
pub(crate) struct Checked<'d> {
    pub(crate) piece: Piece<'d>,
    pub(crate) judged: Judged,
    /// What was solved on the same files, and was looked at again.
    pub(crate) again: Vec<(Piece<'d>, Ran)>,
}

/// How it was judged.
pub(crate) enum Judged {
    /// Nothing was written yet.
    Untouched,
    /// The compiler has said why.
    NotBuilt,
    Ran(Ran),
}

/// The verdicts of its checks: its own first, in the order of their table.
pub(crate) struct Ran {
    pub(crate) verdicts: Vec<Verdict>,
}

impl Ran {
    /// Those that do not hold.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| !verdict.passed)
    }
}

/// The programs of one crate, and its checks.
struct Built<'d> {
    desk: &'d Desk<'d>,
    checks: Checks,
    artifacts: Vec<Artifact>,
}

/// Builds and checks `pieces`.
///
/// # Errors
/// When Cargo or the checks cannot be run to their end.
pub(crate) fn run<'d>(desk: &'d Desk<'_>, pieces: &[Piece<'d>]) -> Result<Vec<Checked<'d>>> {
    let mut all = Vec::new();
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        let beside = rest.iter().take_while(|piece| piece.of.of == first.of.of).count();
        let (these, others) = rest.split_at(beside);
        rest = others;
        all.extend(of_one_crate(desk, these)?);
    }
    Ok(all)
}

/// Builds and checks `pieces` of one crate.
fn of_one_crate<'d>(desk: &'d Desk<'_>, pieces: &[Piece<'d>]) -> Result<Vec<Checked<'d>>> {
    let untouched = |piece: &Piece<'d>| desk.standing(*piece) == Standing::Untouched;
    let begun: Vec<Piece<'d>> = pieces.iter().filter(|piece| !untouched(piece)).copied().collect();
    let built = if begun.is_empty() { None } else { build(desk, begun[0])? };
    let mut ran: Vec<(Piece<'d>, Ran)> = Vec::new();
    if let Some(built) = &built {
        for &runtime in &desk.runtimes {
            ran.extend(built.run(&on(&begun, runtime))?);
        }
    }
    let mut all = Vec::new();
    for &piece in pieces {
        let at = ran.iter().position(|(other, _)| other.is(piece));
        let judged = match (at, untouched(&piece)) {
            (Some(at), _) => Judged::Ran(ran.swap_remove(at).1),
            (None, true) => Judged::Untouched,
            (None, false) => Judged::NotBuilt,
        };
        all.push(Checked { piece, judged, again: Vec::new() });
    }
    if let (Some(built), [one]) = (&built, &mut all[..]) {
        one.again = built.again(one)?;
    }
    Ok(all)
}

fn on<'d>(pieces: &[Piece<'d>], runtime: &Runtime) -> Vec<Piece<'d>> {
    pieces.iter().filter(|piece| piece.runtime.name == runtime.name).copied().collect()
}

/// The program and the checks of the crate of `piece`; none when the compiler does not take it.
fn build<'d>(desk: &'d Desk<'_>, piece: Piece<'_>) -> Result<Option<Built<'d>>> {
    let (cargo, name) = (desk.cargo, piece.of.of);
    let step = Step::new(format!("build {name}"));
    let artifacts = match cargo.build(&step, &["test", "--no-run", "-p", name, "--test", "checks"]) {
        Err(error) if error.is::<NotBuilt>() => return Ok(None),
        built => built?,
    };
    step.done("");
    let checks = Checks::find(cargo, piece.exercise(), &artifacts)?;
    Ok(Some(Built { desk, checks, artifacts }))
}

impl<'d> Built<'d> {
    /// Runs the checks of `pieces`, which are of one crate and on one runtime.
    fn run(&self, pieces: &[Piece<'d>]) -> Result<Vec<(Piece<'d>, Ran)>> {
        let Some(&first) = pieces.first() else { return Ok(Vec::new()) };
        let names = self.checks.in_order(&self.impls(first, None)?)?;
        let all: BTreeSet<String> = names.iter().cloned().collect();
        let of_piece = |piece: Piece<'_>| -> BTreeSet<String> {
            piece.of.checks_of(&piece.one.id, &all).into_iter().map(|(check, _)| check.to_owned()).collect()
        };
        let claims: Vec<String> = pieces.iter().flat_map(|piece| of_piece(*piece)).collect();
        let ids: Vec<&str> = pieces.iter().map(|piece| &*piece.one.id).collect();
        let whose =
            if self.desk.runtimes.len() > 1 { format!(" on {}", first.runtime.name) } else { String::new() };
        let step = Step::counted(format!("checks of {}{whose}", ids.join(", ")), 0);
        let mut verdicts = self.checks.run_claimed(&step, &self.impls(first, Some(claims))?)?;
        let failed = verdicts.iter().filter(|verdict| !verdict.passed).count();
        step.end(failed == 0, tally(verdicts.len() - failed, failed));
        verdicts.sort_by_key(|verdict| names.iter().position(|name| *name == verdict.check));

        let mut ran = Vec::new();
        for &piece in pieces {
            let own = of_piece(piece);
            let mut verdicts: Vec<Verdict> =
                verdicts.iter().filter(|verdict| own.contains(&verdict.check)).cloned().collect();
            // What it is called for is more telling than what happens to fail with it.
            let section = format!("{}/", piece.one.id);
            verdicts.sort_by_key(|verdict| !verdict.check.starts_with(&section));
            let all_ran = own.iter().all(|check| verdicts.iter().any(|verdict| verdict.check == *check));
            ensure!(all_ran && !own.is_empty(), "not all checks of {} ran: try once more", piece.one.id);
            ran.push((piece, Ran { verdicts }));
        }
        self.remember(&ran)?;
        Ok(ran)
    }

    /// When `one` is solved: what else was solved on these files before they changed, run again.
    fn again(&self, one: &Checked<'d>) -> Result<Vec<(Piece<'d>, Ran)>> {
        let Judged::Ran(ran) = &one.judged else { return Ok(Vec::new()) };
        if ran.failed().next().is_some() {
            return Ok(Vec::new());
        }
        let desk = self.desk;
        let beside = |other: &Piece<'_>| {
            other.of.of == one.piece.of.of
                && other.runtime.name == one.piece.runtime.name
                && !other.is(one.piece)
        };
        let stale = |other: &Piece<'_>| desk.standing(*other) == Standing::Solved && desk.is_stale(*other);
        let pieces: Vec<Piece<'d>> = desk.pieces().filter(beside).filter(stale).collect();
        self.run(&pieces)
    }

    fn remember(&self, ran: &[(Piece<'_>, Ran)]) -> Result<()> {
        Record::update(&self.desk.root, |record| {
            for (piece, ran) in ran {
                let failed = ran.failed().count();
                // As the files were before the build: what was saved meanwhile was not checked.
                let of = self.desk.fingerprint(*piece);
                let score = Score { passed: ran.verdicts.len() - failed, failed, of };
                record.put(&piece.one.id, piece.runtime.name, score);
            }
        })
    }

    /// The program, on the runtime of `piece`, claiming these checks.
    fn impls(&self, piece: Piece<'_>, claims: Option<Vec<String>>) -> Result<Impls> {
        let program = program(&self.artifacts, piece.of.of)?;
        let program = program.to_str().context("the target folder's name is no UTF-8")?;
        let runtime = piece.runtime.name;
        let one = Implementation::new(runtime, [program, "--runtime", runtime]);
        Impls::write(self.desk.cargo, piece.exercise(), FILE, vec![Implementation { claims, ..one }])
    }
}
