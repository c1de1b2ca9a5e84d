//! A workspace for one runtime alone: without the modules and the features of the others.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use homework::Files;
use runner::exercises::{RUNTIMES, Runtime};

use super::cfg;

/// Leaves `kept` alone.
///
/// # Errors
/// When a source names the feature of another in a way that is not understood.
pub(super) fn alone(files: &mut Files, kept: &Runtime) -> Result<()> {
    let gone = || RUNTIMES.iter().filter(|runtime| runtime.name != kept.name);
    files.retain(|path, _| !gone().any(|runtime| is_of(path, runtime)));
    let features: Vec<String> = gone().map(|runtime| format!("feature = \"{}\"", runtime.name)).collect();
    for (path, text) in files.iter_mut().filter(|(path, _)| path.extension().is_some_and(|e| e == "rs")) {
        if features.iter().any(|feature| text.contains(feature.as_str())) {
            let at = || path.display().to_string();
            *text = cfg::without(text, &features).with_context(at)?;
            for feature in &features {
                let named = text.contains(feature.as_str());
                ensure!(!named, "{}: `{feature}` is in no `#[cfg(…)]`: write it as one", at());
            }
        }
    }
    Ok(())
}

/// Whether `path` is in the module of `runtime`, a folder or a file.
fn is_of(path: &Path, runtime: &Runtime) -> bool {
    let module =
        path.ancestors().find(|above| above.parent().is_some_and(|dir| dir.ends_with("src/runtime")));
    module.and_then(Path::file_stem).is_some_and(|stem| stem == runtime.module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_cfg_has_is_told() {
        let text = "fn on() -> bool {\n    cfg!(feature = \"tokio\")\n}\n";
        let mut files = Files::from([("xtask/kit/src/lib.rs".into(), text.to_owned())]);
        let error = alone(&mut files, &RUNTIMES[2]).unwrap_err().to_string();
        assert!(error.starts_with("xtask/kit/src/lib.rs: `feature = \"tokio\"` is in no"), "{error}");
    }

    #[test]
    fn a_module_is_a_folder_or_a_file() {
        let of = |path: &str| RUNTIMES.iter().find(|runtime| is_of(Path::new(path), runtime)).map(|r| r.name);
        assert_eq!(of("clock/src/runtime/async_std/serve.rs"), Some("async-std"));
        assert_eq!(of("xtask/common/src/runtime/tokio.rs"), Some("tokio"));
        assert_eq!(of("clock/src/runtime/mod.rs"), None);
        assert_eq!(of("clock/src/tokio.rs"), None);
    }
}
