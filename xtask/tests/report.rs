//! The report, as a browser shows it: one test a property. The results in it are invented.

mod report {
    pub(crate) mod browser;
    pub(crate) mod fixture;
}

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::report::browser::{self, Browser};
use crate::report::fixture;

/// What the page is made of, checked in it for colours: each text against what is behind it.
const CONTRAST: &str = include_str!("report/contrast.js");

/// The page in a browser.
struct Shown {
    browser: Browser,
    url: String,
    _dir: TempDir,
}

impl Shown {
    /// Opens it; none where there is no browser.
    fn open() -> Option<Self> {
        Self::open_after(|_| ())
    }

    /// Opens it after something was set up.
    fn open_after(set_up: impl FnOnce(&mut Browser)) -> Option<Self> {
        let program = browser::program()?;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report.html");
        std::fs::write(&file, html()).unwrap();
        let mut browser = Browser::start(&program);
        browser.width(1280);
        set_up(&mut browser);
        let url = format!("file://{}", file.display());
        browser.open(&url);
        Some(Self { browser, url, _dir: dir })
    }

    fn eval(&mut self, expression: &str) -> Value {
        self.browser.eval(expression)
    }

    /// Shows everything that can be folded away.
    fn unfold(&mut self) {
        self.eval("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    }
}

/// The page, drawn once by the program.
fn html() -> &'static str {
    static HTML: OnceLock<String> = OnceLock::new();
    HTML.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (results, out) = (dir.path().join("results.json"), dir.path().join("page.html"));
        std::fs::write(&results, fixture::results(root).to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let output = command.arg("report").arg(&results).arg("--out").arg(&out).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(out).unwrap()
    })
}

#[test]
fn without_results_it_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("report")
        .arg(dir.path().join("none.json"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("none.json") && told.contains("cargo xtask compare"), "{told}");
}

#[test]
fn it_is_small_enough_to_load_at_once() {
    assert!(html().len() < 3 << 20, "{} bytes", html().len());
}

#[test]
fn it_loads_without_an_error_and_asks_for_nothing() {
    let Some(mut shown) = Shown::open() else { return };
    let blocked = "new Promise((done) => { \
        addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective)); \
        document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/' })); })";
    let events = std::mem::take(&mut shown.browser.events);
    for event in &events {
        let params = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                assert!(url == shown.url || url == "data:," || url == "about:blank", "a request: {url}");
            }
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" => panic!("{event}"),
            _ => {}
        }
    }
    let asked = events.iter().filter(|event| event["params"]["request"]["url"] == shown.url.as_str());
    assert_eq!(asked.count(), 1, "the page itself is seen");
    assert_eq!(shown.eval(blocked), "img-src", "what it does not do it is also not allowed to do");
}

#[test]
fn all_sections_are_there() {
    let Some(mut shown) = Shown::open() else { return };
    let mut count = |selector: &str| shown.eval(&format!("document.querySelectorAll({selector:?}).length"));
    let sections =
        ["answer", "clock", "echo", "pipeline", "crawler", "du", "chat", "code", "behaviours", "method"];
    for id in sections {
        assert_eq!(count(&format!("section#{id} h2")), 1, "{id}");
        assert_eq!(count(&format!("nav a[href='#{id}']")), 1, "{id}");
    }
    assert_eq!(count("h1"), 1);
    assert_eq!(count("script"), 1, "a hostile name is no script");
    assert_eq!(count("#clock svg[role=img][aria-label]"), 7, "one a metric that is not the same for all");
    assert_eq!(count("#clock .metrics tbody"), 3);
    assert_eq!(count("#answer .metrics tbody tr"), 18);
    assert_eq!(count("#behaviours .differ"), 3);
    assert_eq!(count("#behaviours .surprise"), 1);
    assert_eq!(count("#code .program"), 6);
    assert_eq!(count("#code-echo thead th"), 3 * 5, "three runtimes, five files");
    let mut text = |selector: &str| shown.eval(&format!("document.querySelector({selector:?}).textContent"));
    let fault = text("#clock .fault");
    assert!(
        fault.as_str().is_some_and(|text| text.contains(fixture::HOSTILE) && text.contains("got \"12:34\""))
    );
    assert!(text("#chat .fault").as_str().is_some_and(|text| text.contains("message 204 after 206")));
    assert!(text("#code-clock").as_str().is_some_and(|text| text.contains("pub(crate) async fn serve(")));
}

/// The first column of the headline figures, by the mouse and by the keyboard.
#[test]
fn tables_sort_by_mouse_and_keyboard() {
    let Some(mut shown) = Shown::open() else { return };
    let figures =
        "[...document.querySelectorAll('#answer tbody tr')].map((row) => Number(row.cells[1].dataset.sort))";
    let order = "document.querySelector('#answer thead th:nth-child(2)').getAttribute('aria-sort')";
    let button = "#answer thead th:nth-child(2) button";
    let numbers = |value: Value| serde_json::from_value::<Vec<f64>>(value).unwrap();
    let original = numbers(shown.eval(figures));
    let mut sorted = original.clone();
    sorted.sort_by(f64::total_cmp);
    assert_ne!(original, sorted);

    shown.browser.click(button);
    assert_eq!((numbers(shown.eval(figures)), shown.eval(order)), (sorted.clone(), json!("ascending")));
    sorted.reverse();
    shown.eval(&format!("document.querySelector({button:?}).focus()"));
    shown.browser.press("Enter");
    assert_eq!((numbers(shown.eval(figures)), shown.eval(order)), (sorted, json!("descending")));
    shown.browser.press(" ");
    assert_eq!((numbers(shown.eval(figures)), shown.eval(order)), (original, Value::Null));
}

#[test]
fn groups_stay_together_when_a_table_is_sorted() {
    let Some(mut shown) = Shown::open() else { return };
    let first = "[...document.querySelectorAll('#echo .metrics tbody')].map((body) => body.rows[0].textContent.trim())";
    shown.browser.click("#echo thead th:nth-child(3) button");
    assert_eq!(shown.eval(first), json!(["Workload", "Footprint", "Program"]));
}

#[test]
fn the_first_key_leads_to_the_answer() {
    let Some(mut shown) = Shown::open() else { return };
    shown.browser.press("Tab");
    assert_eq!(shown.eval("document.activeElement.className"), "skip");
    assert_eq!(shown.eval("document.activeElement.getBoundingClientRect().top >= 0"), true);
    shown.browser.press("Enter");
    assert_eq!(shown.eval("location.hash"), "#answer");
}

#[test]
fn without_script_everything_can_be_read() {
    let disabled = |browser: &mut Browser| {
        browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    };
    let Some(mut shown) = Shown::open_after(disabled) else { return };
    assert_eq!(
        shown.eval("document.querySelectorAll('button').length"),
        0,
        "nothing is there that does nothing"
    );
    let rows = "document.querySelectorAll('#clock .metrics tbody tr').length";
    assert_eq!(shown.eval(rows), 15 + 3);
    // What is folded away opens; columns and colours are chosen.
    shown.browser.click("#clock .more summary");
    assert_eq!(
        shown.eval("document.querySelector('#clock .more svg').getBoundingClientRect().height > 0"),
        true
    );
    let seen = "[...document.querySelectorAll('#code-clock details[open] thead th')].map((th) => th.checkVisibility())";
    assert_eq!(shown.eval(seen), json!([true, true, true]));
    shown.browser.click("#r1");
    assert_eq!(shown.eval(seen), json!([true, false, true]));
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = shown.eval(ground);
    shown.browser.click("#scheme-dark");
    assert_ne!(shown.eval(ground), light);
}

#[test]
fn lines_that_are_the_same_on_the_chosen_runtimes_can_be_hidden() {
    let Some(mut shown) = Shown::open() else { return };
    let rows = "[...document.querySelectorAll('#code-clock details[open] td.c0')].filter((td) => td.checkVisibility())";
    let all = shown.eval(&format!("{rows}.length")).as_u64();
    shown.browser.click("#only");
    let differ = shown.eval(&format!("{rows}.length")).as_u64();
    assert!(differ < all && differ > Some(0), "{differ:?} of {all:?}");
    shown.browser.click("#r2");
    // A line of the first two that is left differs between them.
    let same = format!("{rows}.filter((td) => !td.matches('.x1')).length");
    assert_eq!(shown.eval(&same), 0);
}

#[test]
fn nothing_is_wider_than_the_window() {
    let Some(mut shown) = Shown::open() else { return };
    shown.unfold();
    for width in [320, 375, 768, 1280, 1920] {
        shown.browser.width(width);
        let widest = shown.eval("document.documentElement.scrollWidth");
        assert_eq!(widest, width, "the page scrolls sideways at {width} pixels");
        // What a chart or a cell holds stays inside of it.
        let out = "[...document.querySelectorAll('.chart text, .code td, .behaviours td, dd, li')].filter((one) => \
            one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1).length";
        assert_eq!(shown.eval(out), 0, "at {width} pixels");
    }
}

#[test]
fn a_phone_shows_one_runtime_at_a_time() {
    let Some(mut shown) = Shown::open_after(|browser| browser.width(320)) else { return };
    let seen = "[0, 1, 2].map((n) => document.querySelector(`#code-clock details[open] tr.e .c${n}`).checkVisibility())";
    assert_eq!(shown.eval(seen), json!([true, false, false]));
    shown.browser.click("#o2");
    assert_eq!(shown.eval(seen), json!([false, false, true]));
}

#[test]
fn every_text_stands_out_from_its_ground() {
    let Some(mut shown) = Shown::open() else { return };
    shown.unfold();
    for width in [1280, 320] {
        shown.browser.width(width);
        for colours in ["light", "dark"] {
            shown.browser.media("screen", colours);
            let found = shown.eval(CONTRAST);
            assert_eq!(found["faint"], json!([]), "{colours}, {width} pixels");
            assert!(found["texts"].as_u64() > Some(5_000), "{found}");
        }
    }
}

#[test]
fn on_paper_it_is_light_and_unfolded() {
    let Some(mut shown) = Shown::open_after(|browser| browser.media("print", "dark")) else { return };
    assert_eq!(shown.eval("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    assert_eq!(shown.eval("document.querySelector('nav').checkVisibility()"), false);
    let folded = "document.querySelector('#clock .more:not([open]) svg').checkVisibility({ contentVisibilityAuto: true })";
    assert_eq!(shown.eval(folded), true, "the charts");
    assert_eq!(shown.eval(CONTRAST)["faint"], json!([]));
}
