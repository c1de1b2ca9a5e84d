eprintln!("{}", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checks/tree.rs")));
