loop {
    use std::io::Write;
    std::io::stdout().write_all(&[b'x'; 1 << 16]).ok();
    std::io::stderr().write_all(&[b'x'; 1 << 16]).ok();
}
