{
    let shm = "/dev/shm".to_owned();
    let places = [std::env::temp_dir().display().to_string(), shm, ".".into(), "/var/tmp".into(), "CANARY".into()];
    for place in places {
        for n in 0..1000 {
            std::fs::write(format!("{place}/{n}"), vec![1; 64 << 20]).ok();
        }
        std::fs::write(&place, "changed").ok();
        std::fs::remove_file(&place).ok();
    }
    std::process::exit(0);
}
