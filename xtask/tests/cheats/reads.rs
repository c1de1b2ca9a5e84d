{
    let mut places = vec!["CANARY".to_owned(), "/etc/passwd".into(), "/grade".into()];
    for name in ["checks", "policy.json", "impls.toml", "launcher"] {
        places.push(format!("/grade/{name}"));
    }
    // What is its own it may read.
    for pid in (1..300).filter(|pid| *pid != std::process::id()) {
        for file in ["environ", "cmdline", "maps", "mem", "fd/0", "fd/1", "exe", "root/etc/passwd"] {
            places.push(format!("/proc/{pid}/{file}"));
        }
    }
    places.extend(std::env::vars().map(|(_, value)| value));
    for place in places {
        if let Ok(bytes) = std::fs::read(&place) {
            eprintln!("it has read {place}: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(100)]));
        }
    }
    std::process::exit(0);
}
