//! What Cargo tells with `--message-format=json`.

use std::path::PathBuf;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;
use common::text::printable;

/// What is said about the compiler's words is no longer than that.
pub(crate) const TOLD: usize = 8 << 10;

/// The executables of which Cargo tells, as far as they are `wanted`.
pub(crate) fn executables(output: &[u8], wanted: impl Fn(&cargo_metadata::Artifact) -> bool) -> Vec<PathBuf> {
    let messages = Message::parse_stream(output).flatten();
    let artifacts = messages.filter_map(|message| match message {
        Message::CompilerArtifact(artifact) if wanted(&artifact) => artifact.executable,
        _ => None,
    });
    artifacts.map(|path| path.into_std_path_buf()).collect()
}

/// The errors of which the compiler tells, bounded.
pub(crate) fn diagnostics(output: &[u8]) -> String {
    let mut told = String::new();
    for message in Message::parse_stream(output).flatten() {
        let Message::CompilerMessage(message) = message else { continue };
        if matches!(message.message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice) {
            let rendered = message.message.rendered.unwrap_or(message.message.message);
            told.push_str(&printable(&console::strip_ansi_codes(&rendered).into_owned().into_bytes()));
        }
        if told.len() > TOLD {
            let end = (0..=TOLD).rev().find(|&end| told.is_char_boundary(end)).unwrap_or(0);
            told.truncate(end);
            told.push_str("\n… and more\n");
            break;
        }
    }
    told.trim_end().to_owned()
}
