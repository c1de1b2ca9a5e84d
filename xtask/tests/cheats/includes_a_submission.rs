eprintln!("{}", include_str!("OTHER/du/src/runtime/smol/du.rs"));
