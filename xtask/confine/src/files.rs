//! Which files a program may use: Landlock, which Linux has since 5.13.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, Scope, path_beneath_rules,
};

use super::Policy;

/// What must be there: from this version on (Linux 6.2) files are also kept from being moved and cut short.
const LEAST: ABI = ABI::V3;

/// What is used where it is there: devices (6.10), signals and abstract sockets (6.12).
const MOST: ABI = ABI::V6;

/// Whether this system can do it.
pub fn supported() -> bool {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    ruleset.handle_access(AccessFs::from_all(LEAST)).and_then(Ruleset::create).is_ok()
}

/// The folders that the libraries of this program were loaded from, which other programs of this machine need too.
///
/// # Errors
/// When the system does not tell.
pub fn libraries() -> Result<BTreeSet<PathBuf>> {
    let maps = fs::read_to_string("/proc/self/maps").context("cannot read /proc/self/maps")?;
    let own = std::env::current_exe().context("cannot find this program")?;
    let files = maps.lines().filter_map(|line| line.find('/').map(|at| PathBuf::from(&line[at..])));
    let libraries = files.filter(|file| *file != own && file.to_string_lossy().contains(".so"));
    Ok(libraries.filter_map(|file| file.parent().map(PathBuf::from)).collect())
}

/// Keeps this process, and what it becomes, from all files but those of `policy`.
pub(super) fn restrict(policy: &Policy) -> Result<()> {
    let all = AccessFs::from_all(MOST);
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(MOST))?
        .create()?
        .add_rules(path_beneath_rules(&policy.list, AccessFs::ReadDir))?
        .add_rules(path_beneath_rules(&policy.read, read))?
        .add_rules(path_beneath_rules(&policy.execute, read | AccessFs::Execute))?
        .add_rules(path_beneath_rules(&policy.write, all & !AccessFs::Execute))?;
    let status = ruleset.restrict_self()?;
    ensure!(
        status.ruleset != RulesetStatus::NotEnforced && status.no_new_privs,
        "the system does not enforce it"
    );
    Ok(())
}
