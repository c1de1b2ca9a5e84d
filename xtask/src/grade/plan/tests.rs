use std::fs;
use std::process::{Command, Stdio};

use clap::Parser;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

/// A folder whose name would be more than a name to any language that it is not quoted in.
const HOSTILE: &str = "it's \"the\" class; touch pwned #: `touch pwned` $HOME & {x}";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn args(words: &[&str]) -> Args {
    Cli::try_parse_from(["plan"].iter().chain(words)).unwrap().args
}

fn plan(words: &[&str]) -> Plan {
    args(words).plan(Path::new("/work space/it's"), "the plan").unwrap()
}

fn file<'p>(plan: &'p Plan, name: &str) -> &'p str {
    &plan.files.iter().find(|(known, _)| *known == name).unwrap().1
}

/// The documents of a file of YAML.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml_ng::Deserializer::from_str(text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

/// Holds when `document` is of the schema `name` in tests/schemas.
fn valid(name: &str, document: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    let schema = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(faults, [""; 0]);
}

/// Holds when bash can parse `script`.
fn parses(script: &str) {
    let mut bash = Command::new("bash").args(["-n", "-c", script]).stdin(Stdio::null()).spawn().unwrap();
    assert!(bash.wait().unwrap().success(), "{script}");
}

/// What the assignment `name=` in `script` gives a shell, run without the rest of the script.
fn assigned(script: &str, name: &str) -> String {
    let line = script.lines().find(|line| line.starts_with(&format!("{name}="))).unwrap();
    let printed =
        Command::new("bash").arg("-c").arg(format!("{line}\nprintf %s \"${name}\"")).output().unwrap();
    String::from_utf8(printed.stdout).unwrap()
}

#[test]
fn github_takes_the_workflow() {
    for submissions in ["submissions", HOSTILE] {
        let plan =
            plan(&["--for", "github", "--shards", "3", "--minutes", "90", "--submissions", submissions]);
        let workflow = documents(file(&plan, "grade.yml")).remove(0);
        valid("github-workflow.json", &workflow);
        assert_eq!(workflow["env"], json!({ "SUBMISSIONS": submissions, "SHARDS": 3 }));
        let grade = &workflow["jobs"]["grade"];
        assert_eq!(grade["strategy"]["matrix"]["shard"], json!([1, 2, 3]));
        assert_eq!((&grade["strategy"]["fail-fast"], &grade["timeout-minutes"]), (&json!(false), &json!(90)));
        assert_eq!(workflow["permissions"], json!({ "contents": "read" }));
        assert_eq!(workflow["jobs"]["merge"]["needs"], "grade");
        for job in ["grade", "merge"] {
            for step in workflow["jobs"][job]["steps"].as_array().unwrap() {
                let Some(script) = step["run"].as_str() else { continue };
                parses(script);
                assert!(!script.contains("${{"), "an expression in a script is a script of others: {script}");
            }
        }
    }
}

#[test]
fn kubernetes_takes_the_jobs() {
    let flags = [
        "--submissions-claim",
        "in",
        "--results-claim",
        "out",
        "--image",
        "example.org/ch8:1",
        "--cpus",
        "4",
    ];
    let base = ["--for", "kubernetes", "--shards", "3", "--submissions", HOSTILE];
    let plan = plan(&[&base[..], &flags].concat());
    let mut documents = documents(file(&plan, "grade.yaml"));
    documents.extend(self::documents(file(&plan, "merge.yaml")));
    let kinds: Vec<&str> = documents.iter().filter_map(|document| document["kind"].as_str()).collect();
    assert_eq!(kinds, ["NetworkPolicy", "Job", "Job"]);
    for document in &documents {
        valid("kubernetes.json", document);
    }
    let spec = &documents[1]["spec"];
    assert_eq!(
        [&spec["completionMode"], &spec["completions"], &spec["parallelism"], &spec["activeDeadlineSeconds"]],
        [&json!("Indexed"), &json!(3), &json!(3), &json!(10_800)]
    );
    for job in &documents[1..] {
        let pod = &job["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(
            container["securityContext"],
            json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": { "drop": ["ALL"] }
            })
        );
        assert_eq!(container["image"], "example.org/ch8:1");
        let env = container["env"].as_array().unwrap();
        let submissions = env.iter().find(|variable| variable["name"] == "SUBMISSIONS").unwrap();
        assert_eq!(submissions["value"], format!("/submissions/{HOSTILE}"));
        let claims: Vec<&Value> = pod["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| &v["persistentVolumeClaim"]["claimName"])
            .collect();
        assert_eq!(claims[..2], [&json!("in"), &json!("out")]);
        let script = container["args"][0].as_str().unwrap();
        parses(script);
        assert!(!script.contains("$("), "Kubernetes puts variables in the place of `$(NAME)`: {script}");
    }
    parses(file(&plan, "run.sh"));
    let pods = &documents[1]["spec"]["template"]["metadata"]["labels"];
    assert_eq!(&documents[0]["spec"]["podSelector"]["matchLabels"], pods);
}

#[test]
fn slurm_takes_the_scripts() {
    let words = [
        "--for",
        "slurm",
        "--shards",
        "3",
        "--submissions",
        HOSTILE,
        "--results=-out'",
        "--template",
        "it's",
    ];
    let plan = plan(&words);
    // Those of sbatch's manual.
    let known = ["job-name", "array", "ntasks", "cpus-per-task", "mem", "time", "output"];
    for (name, script) in &plan.files {
        parses(script);
        let options = script.lines().filter_map(|line| line.strip_prefix("#SBATCH --"));
        let options: Vec<(&str, &str)> = options.filter_map(|option| option.split_once('=')).collect();
        assert!(options.iter().all(|(option, _)| known.contains(option)), "{name}: {options:?}");
        assert_eq!(options.len(), script.matches("#SBATCH").count());
        if !name.ends_with(".sbatch") {
            continue;
        }
        // Options come before the first command.
        let first = script.lines().find(|line| !line.starts_with('#')).unwrap();
        assert!(script.find(first) > script.rfind("#SBATCH"), "{name}");
        assert_eq!(assigned(script, "submissions"), HOSTILE);
        assert_eq!(assigned(script, "results"), "./-out'");
        assert_eq!(options.contains(&("array", "1-3")), *name == "grade.sbatch");
    }
    let grade = file(&plan, "grade.sbatch");
    assert!(
        grade.contains("cargo xtask grade --template 'it'\\''s' --resume --shard \"$shard/3\""),
        "{grade}"
    );
    assert!(file(&plan, "submit.sh").contains(r"cd '/work space/it'\''s'"));
    assert!(file(&plan, "submit.sh").contains("--dependency=\"afterany:"));
}

#[test]
fn nothing_is_left_to_fill_in() {
    for engine in Engine::value_variants() {
        let name = engine.to_possible_value().unwrap();
        let plan = plan(&["--for", name.get_name(), "--shards", "256"]);
        for (file, text) in &plan.files {
            assert!(!text.contains("<<") && text.ends_with('\n'), "{file}:\n{text}");
        }
    }
}

#[test]
fn names_that_an_engine_cannot_have_are_refused() {
    for words in [
        &["--for", "github", "--shards", "2", "--submissions", "../x"][..],
        &["--for", "github", "--shards", "2", "--submissions", "/x"],
        &["--for", "github", "--shards", "2", "--submissions", "${{ secrets.X }}"],
        &["--for", "kubernetes", "--shards", "2", "--submissions", "$(HOME)"],
        &["--for", "kubernetes", "--shards", "2", "--image", "a b"],
        &["--for", "kubernetes", "--shards", "2", "--results-claim", "A"],
        &["--for", "slurm", "--shards", "2", "--name", "a;b"],
        &["--for", "github", "--shards", "2", "--template", ".."],
        &["--for", "slurm", "--shards", "2", "--results", "a\nb"],
    ] {
        let refused = args(words).plan(Path::new("/x"), "plan").err().map(|error| error.to_string());
        let flag = words[4];
        assert!(refused.as_deref().is_some_and(|told| told.starts_with(flag)), "{words:?}: {refused:?}");
    }
    for shards in ["0", "257", "x"] {
        assert!(Cli::try_parse_from(["plan", "--for", "slurm", "--shards", shards]).is_err());
    }
}
