for _ in 0..1_000_000 {
    let thread = std::thread::Builder::new().stack_size(16 << 10);
    thread.spawn(|| std::thread::sleep(std::time::Duration::from_secs(1000))).ok();
}
std::process::exit(0);
