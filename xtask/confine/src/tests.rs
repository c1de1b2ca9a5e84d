use super::*;

#[test]
fn a_policy_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("policy.json");
    let policy = Policy { write: vec!["/tmp/x".into()], starts_processes: true, ..Policy::default() };
    fs::write(&file, serde_json::to_string(&policy).unwrap()).unwrap();
    let read = Policy::read(&file).unwrap();
    assert_eq!(read.write, policy.write);
    assert!(read.starts_processes && !read.open);
    fs::write(&file, "{}").unwrap();
    let told = format!("{:#}", Policy::read(&file).unwrap_err());
    assert!(told.contains("policy.json is no policy"), "{told}");
}

#[test]
fn the_libraries_of_this_program_are_found() {
    let folders = libraries().unwrap();
    assert!(!folders.is_empty());
    assert!(folders.iter().all(|folder| folder.is_dir()), "{folders:?}");
}
