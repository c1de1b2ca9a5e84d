//! What a check is run against: a name and a command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// One implementation of an exercise.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Implementation {
    /// Its name in the checks' names and in tables: `tokio`, `go`.
    pub name: String,
    /// The exercise that it implements (`clock`); none for each exercise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// The program and its first arguments; a check adds the subcommand and its flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Programs of their own for some subcommands, for implementations that are not one binary.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub commands: BTreeMap<String, Subcommand>,
    /// The sections (`8.2`) and checks (`8.2/line_at_once`) that it claims to pass; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<String>>,
    /// It takes this project's flags: another build of it. Other programs are compared without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flags: bool,
}

/// A program that is one subcommand.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Subcommand {
    /// The program and its arguments, in place of the implementation's command and the subcommand.
    pub command: Vec<String>,
    /// Where it listens, if it is a server that takes no `--listen` and does not say where it listens. Checks
    /// of such an implementation run one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
}

/// The file that `CH8_IMPLS` names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    implementation: Vec<Implementation>,
}

impl Implementation {
    /// The implementation that runs `command` for each subcommand, and claims everything.
    pub fn new(name: impl Into<String>, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let command = command.into_iter().map(Into::into).collect();
        Self {
            name: name.into(),
            exercise: None,
            command,
            commands: BTreeMap::new(),
            claims: None,
            flags: false,
        }
    }

    /// The implementations of `exercise` in a TOML file of `[[implementation]]` tables.
    ///
    /// # Errors
    /// When the file cannot be read, is not of that form, or names an implementation twice.
    pub fn load(file: &Path, exercise: &str) -> Result<Vec<Self>> {
        let at = || format!("implementations in {}", file.display());
        let text = std::fs::read_to_string(file).with_context(at)?;
        let File { mut implementation } = toml::from_str(&text).with_context(at)?;
        implementation.retain(|i| i.exercise.as_deref().is_none_or(|e| e == exercise));
        for (n, one) in implementation.iter().enumerate() {
            let program = !one.command.is_empty() || !one.commands.is_empty();
            ensure!(program, "{}: `{}` has neither `command` nor `commands`", at(), one.name);
            let twice = implementation[..n].iter().any(|other| other.name == one.name);
            ensure!(!twice, "{}: `{}` comes twice", at(), one.name);
        }
        Ok(implementation)
    }

    /// Whether it claims to pass the check `section/property`.
    pub fn claims(&self, section: &str, property: &str) -> bool {
        self.claims.as_ref().is_none_or(|claims| {
            claims.iter().any(|claim| match claim.split_once('/') {
                None => claim == section,
                Some((s, p)) => s == section && p == property,
            })
        })
    }

    /// The command line for `args`, which begins with the subcommand if there is one, and the address where
    /// it then listens, if that is fixed.
    ///
    /// # Errors
    /// When it has no program for that subcommand.
    pub fn command_line(&self, args: &[String]) -> Result<(Vec<String>, Option<SocketAddr>)> {
        if let Some((subcommand, flags)) = args.split_first()
            && let Some(own) = self.commands.get(subcommand)
        {
            return Ok((own.command.iter().chain(flags).cloned().collect(), own.address));
        }
        ensure!(
            !self.command.is_empty(),
            "`{}` has no program for {args:?}, and should not claim it",
            self.name
        );
        Ok((self.command.iter().chain(args).cloned().collect(), None))
    }

    /// Whether it can run only once at a time.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.commands.values().any(|own| own.address.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Vec<Implementation>> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("impls.toml");
        std::fs::write(&file, text)?;
        Implementation::load(&file, "clock")
    }

    #[test]
    fn a_file_of_implementations() -> Result<()> {
        let all = load(
            r#"
            [[implementation]]
            name = "go"
            exercise = "clock"
            claims = ["8.1", "8.2/line_at_once"]
            [implementation.commands]
            serve = { command = ["/go/clock2"], address = "127.0.0.1:8000" }

            [[implementation]]
            name = "other"
            exercise = "echo"
            command = ["x"]
            "#,
        )?;
        let [go] = &all[..] else { panic!("{all:?}") };
        assert!(go.claims("8.1", "anything") && go.claims("8.2", "line_at_once"));
        assert!(!go.claims("8.2", "anything") && !go.claims("8.10", "x"));
        let (command, address) = go.command_line(&["serve".into()])?;
        assert_eq!(command, ["/go/clock2"]);
        assert_eq!(address, Some(([127, 0, 0, 1], 8000).into()));
        assert!(go.command_line(&["watch".into()]).is_err());
        Ok(())
    }

    #[test]
    fn another_build_takes_the_flags() -> Result<()> {
        let text = "[[implementation]]\nname = 'branch'\ncommand = ['x']\n";
        assert!(!load(text)?[0].flags);
        let branch = &load(&format!("{text}flags = true"))?[0];
        assert!(branch.flags && toml::to_string(branch)?.contains("flags = true"));
        assert!(!toml::to_string(&load(text)?[0])?.contains("flags"));
        Ok(())
    }

    #[test]
    fn a_wrong_file_is_refused() {
        for wrong in [
            "",
            "[[implementation]]\nname = 'x'",
            "[[implementation]]\nname = 'x'\ncommand = ['y']\nclaim = ['8.1']",
            "[[implementation]]\nname = 'x'\ncommand = ['y']\n[[implementation]]\nname = 'x'\ncommand = ['z']",
        ] {
            assert!(load(wrong).is_err(), "{wrong}");
        }
    }
}
