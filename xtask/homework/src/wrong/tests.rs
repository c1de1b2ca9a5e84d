use super::*;

const GOOD: &str = r#"
    exercise = "8.2"
    title = "one after the other"
    why = "it serves in the loop"
    runtimes = ["tokio", "smol"]
    fails = ["8.2/two_at_a_time"]
    [[hole]]
    name = "8.2-loop"
    body = '''
serve().await;
    more();
'''
    [[hole]]
    name = "8.2-loop"
    runtime = "smol"
    body = "smol();"
"#;

const EXERCISES: &str = r#"
    [[exercise]]
    id = "8.2"
    title = "t"
    task = "t"
    points = 1
    hints = ["a", "b", "c"]
    holes = ["8.2-loop"]
    checks = ["8.2"]
"#;

fn one(text: &str) -> Wrong {
    Wrong { name: "8.2-one".to_owned(), ..toml::from_str::<Wrong>(text).unwrap() }
}

fn found(text: &str) -> String {
    let all = [Assignments::parse(EXERCISES, "clock").unwrap()];
    let wrong = [one(text)];
    let mut faults = faults(&wrong, &all, &["tokio", "async-std", "smol"]);
    let checks = ["8.2/line", "8.2/two_at_a_time", "8.7/go"].map(str::to_owned).into();
    faults.extend(claim_faults(&wrong, &all[0], &checks));
    faults.join("\n")
}

#[test]
fn a_body_is_the_runtime_s_own_or_everybody_s() {
    let one = one(GOOD);
    assert_eq!(one.body("8.2-loop", "smol").as_deref(), Some("smol();"));
    assert_eq!(one.body("8.2-loop", "tokio").as_deref(), Some("serve().await;\n    more();"));
    assert_eq!(one.body("8.2-other", "tokio"), None);
}

#[test]
fn one_in_order_has_no_faults() {
    assert_eq!(found(GOOD), "");
}

#[test]
fn what_is_wrong_with_a_wrong_program_is_said() {
    for (from, to, expected) in [
        ("\"it serves in the loop\"", "\" \"", "says `why`"),
        ("[\"8.2/two_at_a_time\"]", "[]", "at least a runtime, a check that `fails`"),
        ("\"tokio\", ", "\"toki\", ", "`toki` is no runtime"),
        (
            "runtime = \"smol\"",
            "runtime = \"async-std\"",
            "is for `async-std`, which is not among its `runtimes`",
        ),
        ("runtime = \"smol\"", "", "a second body for the hole `8.2-loop`"),
        ("8.2/two_at_a_time", "8.2/three_at_a_time", "there is no check `8.2/three_at_a_time`"),
        ("8.2/two_at_a_time", "8.7/go", "8.2: none of its wrong programs fails a check of its own"),
        ("exercise = \"8.2\"", "exercise = \"8.3\"", "there is no exercise `8.3`"),
        ("exercise = \"8.2\"", "exercise = \"8.3\"", "no wrong program of it is in"),
        ("8.2-loop", "8.2-poll", "no exercise of clock has the hole `8.2-poll`"),
        ("fails =", "may_fail = [\"8.2/two_at_a_time\"]\nfails =", "not both"),
        ("\"smol();\"", "\"\"", "has nothing in it"),
    ] {
        let found = found(&GOOD.replace(from, to));
        assert!(found.contains(expected), "{expected:?} is not in: {found}");
    }
    let alone = GOOD.replacen("name = \"8.2-loop\"", "name = \"8.2-loop\"\nruntime = \"tokio\"", 1);
    let alone = alone.replace("\"tokio\", \"smol\"", "\"tokio\", \"smol\", \"async-std\"");
    assert!(found(&alone).contains("the hole `8.2-loop` has no body on async-std"));
}

#[test]
fn files_are_read_by_name_and_a_bad_one_is_named() -> Result<()> {
    let root = tempfile::tempdir()?;
    assert!(Wrong::read(root.path())?.is_empty());
    let dir = root.path().join(DIR);
    fs::create_dir_all(&dir)?;
    for name in ["8.2-b.toml", "8.2-a.toml", "README.md"] {
        fs::write(dir.join(name), GOOD)?;
    }
    let names = |all: Vec<Wrong>| all.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(Wrong::read(root.path())?), ["8.2-a", "8.2-b"]);
    fs::write(dir.join("8.2-c.toml"), "fail = 1")?;
    let error = Wrong::read(root.path()).err().map(|error| format!("{error:#}")).unwrap_or_default();
    assert!(error.contains("wrong/8.2-c.toml"), "{error}");
    Ok(())
}
