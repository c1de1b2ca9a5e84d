fn main() {
    std::fs::write("CANARY", "changed by build.rs").unwrap();
}
