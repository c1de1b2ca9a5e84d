eprintln!("{}", include_str!("CANARY"));
