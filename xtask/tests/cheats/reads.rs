{
    let mut places = vec!["CANARY".to_owned(), "/etc/passwd".into(), "/grade".into()];
    for name in ["checks", "policy.json", "impls.toml", "launcher"] {
        places.push(format!("/grade/{name}"));
    }
    // What is its own it may read: a thread has a folder in /proc, too.
    let others = |pid: &u32| !std::path::Path::new(&format!("/proc/self/task/{pid}")).exists();
    for pid in (1..300).filter(others) {
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
