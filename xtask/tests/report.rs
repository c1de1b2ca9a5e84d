//! The report, as a browser shows it.

mod report {
    pub(crate) mod fixture;
}

use std::path::Path;
use std::process::Command;
use report::fixture;

#[test]
fn write() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::create_dir_all("/tmp/h7r").unwrap();
    std::fs::write("/tmp/h7r/results.json", fixture::results(root).to_string()).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["report", "/tmp/h7r/results.json"]).output().unwrap();
    panic!("{out:?}");
}
