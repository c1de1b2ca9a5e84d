use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const TEXT: &str = "\
fn one() {
    // ANCHOR: 8.2-one
    first();

    if second() {
        third();
    }
    // ANCHOR_END: 8.2-one
}

// ANCHOR: 8.2-two
fn two() {}
// ANCHOR_END: 8.2-two
";

fn fault(text: &str) -> String {
    Source::parse(text).err().map_or_else(String::new, |fault| fault.to_string())
}

#[test]
fn holes_have_names_and_bodies() {
    let source = Source::parse(TEXT).unwrap();
    let holes: Vec<_> = source.holes().map(|hole| (hole.name, hole.body)).collect();
    let one = "    first();\n\n    if second() {\n        third();\n    }\n";
    assert_eq!(holes, [("8.2-one", one), ("8.2-two", "fn two() {}\n")]);
}

#[test]
fn a_replacement_is_indented_as_the_hole() {
    let source = Source::parse(TEXT).unwrap();
    let stub = "if true {\n\n    stub();\n}";
    let emptied = source.emptied(|name| (name == "8.2-one").then(|| stub.to_owned()));
    let body =
        "    // ANCHOR: 8.2-one\n    if true {\n\n        stub();\n    }\n    // ANCHOR_END: 8.2-one\n";
    assert!(emptied.contains(body), "{emptied}");
    assert!(emptied.contains("fn two() {}\n"), "{emptied}");
}

#[test]
fn todo_in_front_of_more_code_is_a_statement() {
    let todo = |text: &str| Source::parse(text).unwrap().emptied(|_| Some("todo!(\"x\")".to_owned()));
    let last = "{\n    // ANCHOR: a\n    b\n    // ANCHOR_END: a\n}\n";
    let first = "{\n    // ANCHOR: a\n    b;\n    // ANCHOR_END: a\n\n    c\n}\n";
    assert_eq!(todo(last), "{\n    // ANCHOR: a\n    todo!(\"x\")\n    // ANCHOR_END: a\n}\n");
    assert_eq!(todo(first), "{\n    // ANCHOR: a\n    todo!(\"x\");\n    // ANCHOR_END: a\n\n    c\n}\n");
}

#[test]
fn wrong_markers_are_told_with_their_line() {
    let cases = [
        ("// ANCHOR: a\nx\n", "1: `a` has no end"),
        ("x\n// ANCHOR_END: a\n", "2: `a` ends here, but does not begin"),
        ("// ANCHOR: a\nx\n// ANCHOR: b\n", "3: `b` begins within `a`: holes are not nested"),
        ("// ANCHOR: a\nx\n// ANCHOR_END: b\n", "3: `b` ends within `a`"),
        ("// ANCHOR: a\nx\n// ANCHOR_END: a\n// ANCHOR: a\n", "4: a second hole `a`"),
        ("// ANCHOR: a\n\n// ANCHOR_END: a\n", "1: `a` has nothing in it"),
        ("// ANCHOR: a\n  x\n// ANCHOR_END: a\n", "2: `a` is not indented as its markers are"),
        ("  // ANCHOR: a\nx\n  // ANCHOR_END: a\n", "2: `a` is not indented as its markers are"),
        ("  // ANCHOR: a\n  x\n y\n  // ANCHOR_END: a\n", "3: `a` is not indented as its markers are"),
        ("// ANCHOR: a\nx\n // ANCHOR_END: a\n", "3: the end of `a` is indented otherwise than its begin"),
        ("x // ANCHOR: a\n", "1: a marker is alone on its line: `// ANCHOR: NAME` or `// ANCHOR_END: NAME`"),
        ("//ANCHOR: a\n", "1: a marker is alone on its line: `// ANCHOR: NAME` or `// ANCHOR_END: NAME`"),
        ("// ANCHOR: a b\n", "1: a hole's name is of letters, digits, dots and dashes, after one blank"),
        ("// ANCHOR:\n", "1: a hole's name is of letters, digits, dots and dashes, after one blank"),
    ];
    for (text, expected) in cases {
        assert_eq!(fault(text), expected, "{text}");
    }
}

/// A hole's body: an indent, and lines that are indented by so much more, or empty.
fn block() -> impl Strategy<Value = (usize, Vec<(usize, String)>)> {
    (0..4_usize, vec((0..3_usize, "[a-z{};ü ]{0,12}"), 1..6))
}

/// A text, and whether each of its holes is to be emptied.
fn text() -> impl Strategy<Value = (String, Vec<bool>)> {
    vec((vec("[ a-z{}/;ü]{0,16}", 0..4), block(), any::<bool>()), 0..6).prop_map(|pieces| {
        let (mut text, mut which) = (String::new(), Vec::new());
        for (n, (given, (indent, lines), empty)) in pieces.into_iter().enumerate() {
            for line in given {
                text.push_str(&format!("{line}\n"));
            }
            let indent = " ".repeat(4 * indent);
            text.push_str(&format!("{indent}// ANCHOR: ex8.1-{n}\n{indent}x\n"));
            for (deeper, line) in lines {
                text.push_str(&format!("{indent}{}{line}\n", " ".repeat(deeper)));
            }
            text.push_str(&format!("{indent}// ANCHOR_END: ex8.1-{n}\n"));
            which.push(empty);
        }
        (text, which)
    })
}

proptest! {
    #[test]
    fn emptied_and_restored_is_the_original((text, which) in text(), stub in "[a-z]{1,8}(\n[ a-z]{0,8}){0,3}") {
        let emptied_is = |name: &str| which[name[6..].parse::<usize>().unwrap()];
        let original = Source::parse(&text).unwrap();
        let emptied = original.emptied(|name| emptied_is(name).then(|| stub.clone()));
        let parsed = Source::parse(&emptied).unwrap();
        for (before, after) in original.holes().zip(parsed.holes()) {
            prop_assert_eq!(before.name, after.name);
            if !emptied_is(before.name) {
                prop_assert_eq!(before.body, after.body);
            }
        }
        prop_assert_eq!(parsed.restored(&original, emptied_is), text);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "((// )?ANCHOR(_END)?: ?[ab]?|  x|\n){0,30}") {
        if let Ok(source) = Source::parse(&text) {
            prop_assert_eq!(source.with(|_, _| None), text);
        }
    }
}

#[test]
fn what_somebody_is_at_work_on_is_found() {
    let find =
        |text: &str| Source::find(text).map(|s| s.holes().map(|h| (h.line, h.body.to_owned())).collect());
    for body in ["", "x;\n", "        y\n  z\n"] {
        let text = format!("fn f() {{\n    // ANCHOR: a\n{body}  // ANCHOR_END: a\n}}\n");
        assert_eq!(find(&text), Ok(vec![(3, body.to_owned())]));
        assert!(Source::parse(&text).is_err());
    }
    assert_eq!(find("// ANCHOR: a\n").map_err(|fault| fault.line), Err(1));
}
