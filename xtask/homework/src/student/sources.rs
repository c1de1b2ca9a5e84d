//! The sources of a crate, and the holes that are in them now.

use std::path::PathBuf;

use runner::exercises::Runtime;

use crate::markers::Source;
use crate::{Files, Texts};

/// The sources of a crate.
pub(crate) struct Sources {
    /// What all runtimes share.
    shared: Part,
    runtimes: Vec<(&'static Runtime, Part)>,
}

/// Some of the sources.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) files: Files,
    pub(crate) places: Vec<Place>,
    /// What is wrong with their markers: `clock/src/runtime/smol/serve.rs:31: …`
    pub(crate) faults: Vec<String>,
}

/// A hole as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) hole: String,
    /// In the workspace.
    pub(crate) path: PathBuf,
    /// Where its body begins.
    pub(crate) line: usize,
    pub(crate) body: String,
}

impl Sources {
    pub(crate) fn find(texts: Texts) -> Self {
        let runtimes = texts.runtimes.into_iter().map(|(runtime, files)| (runtime, Part::find(files)));
        Self { shared: Part::find(texts.shared), runtimes: runtimes.collect() }
    }

    /// What a program on `runtime` is made of.
    pub(crate) fn on(&self, runtime: &Runtime) -> impl Iterator<Item = &Part> {
        let own = self.runtimes.iter().filter(move |(other, _)| other.name == runtime.name);
        own.map(|(_, part)| part).chain([&self.shared])
    }

    /// The same for as long as nothing is changed of what a program on `runtime` is made of.
    pub(crate) fn fingerprint(&self, runtime: &Runtime) -> String {
        let mut hash = Fnv::default();
        for (path, text) in self.on(runtime).flat_map(|part| &part.files) {
            hash.add(path.as_os_str().as_encoded_bytes());
            hash.add(text.as_bytes());
        }
        format!("{:016x}", hash.0)
    }
}

impl Part {
    fn find(files: Files) -> Self {
        let (mut places, mut faults) = (Vec::new(), Vec::new());
        for (path, text) in &files {
            match Source::find(text) {
                Ok(source) => places.extend(source.holes().map(|hole| Place {
                    hole: hole.name.to_owned(),
                    path: path.clone(),
                    line: hole.line,
                    body: hole.body.to_owned(),
                })),
                Err(fault) => faults.push(format!("{}:{fault}", path.display())),
            }
        }
        Self { files, places, faults }
    }
}

impl Place {
    /// Whether `replacement` is all that is in it.
    pub(crate) fn has(&self, replacement: &str) -> bool {
        // Neither its indentation nor the semicolon that a `todo!` may have makes it something else.
        let bare = |text: &str| {
            let words: String = text.split_whitespace().collect();
            words.trim_end_matches(';').to_owned()
        };
        bare(replacement) == bare(&self.body)
    }

    /// `clock/src/runtime/smol/serve.rs:31`
    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.path.display(), self.line)
    }
}

/// FNV-1a: the same on each machine and with each compiler, and nobody gains by a collision.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Adds `bytes`, and where they end.
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xff]) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
