//! A headless Chromium, spoken to by the DevTools protocol through a pair of pipes: messages of JSON, each ended by a zero
//! byte.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take. A browser that starts on a busy machine takes seconds.
const DEADLINE: Duration = Duration::from_secs(60);

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser to test with, if there is one. `CH8_CHROMIUM` is its path, or `required` where its absence is a fault.
pub(crate) fn program() -> Option<PathBuf> {
    let asked = env::var_os("CH8_CHROMIUM");
    let required = asked.as_ref().is_some_and(|asked| asked == "required");
    let path = env::var_os("PATH").unwrap_or_default();
    let mut in_path = env::split_paths(&path).flat_map(|dir| PROGRAMS.map(|program| dir.join(program)));
    let found = match asked {
        Some(asked) if !required && !asked.is_empty() => Some(PathBuf::from(asked)),
        _ => in_path.find(|program| program.is_file()),
    };
    assert!(found.is_some() || !required, "no chromium in PATH, and CH8_CHROMIUM=required");
    if found.is_none() {
        let skipped =
            "SKIPPED: the report is not tested, since there is no chromium (CH8_CHROMIUM names one)";
        writeln!(io::stderr(), "\n{skipped}\n").ok();
    }
    found
}

/// A browser with one page. It ends when it is dropped.
pub(crate) struct Browser {
    child: Child,
    _profile: TempDir,
    commands: io::PipeWriter,
    messages: Receiver<Value>,
    sent: u64,
    session: Option<String>,
    /// What it has told by itself, oldest first
    pub(crate) events: Vec<Value>,
}

impl Browser {
    pub(crate) fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (for_child, commands) = io::pipe().unwrap();
        let (answers, from_child) = io::pipe().unwrap();
        let mut command = Command::new(program);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--hide-scrollbars", "--remote-debugging-pipe"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mapping = |parent_fd, child_fd| FdMapping { parent_fd, child_fd };
        command.fd_mappings(vec![mapping(for_child.into(), 3), mapping(from_child.into(), 4)]).unwrap();
        let child =
            command.spawn().unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
        // Its ends of the pipes belong to it alone: else their end would never be seen.
        drop(command);
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(0).map_while(Result::ok) {
                if sender.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut browser =
            Self { child, _profile: profile, commands, messages, sent: 0, session: None, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method of the protocol, and returns its result.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).unwrap();
        let start = Instant::now();
        loop {
            let message = self.next(start, method);
            if message["id"] == json!(self.sent) {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn next(&self, start: Instant, waits_for: &str) -> Value {
        let left = DEADLINE.saturating_sub(start.elapsed());
        self.messages.recv_timeout(left).unwrap_or_else(|error| panic!("{waits_for}: {error}"))
    }

    /// Opens `url`, and waits until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        let seen = self.events.len();
        self.call("Page.navigate", json!({ "url": url }));
        let start = Instant::now();
        while !self.events[seen..].iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next(start, "the load event");
            self.events.push(event);
        }
    }

    /// The width of the window, in pixels of the page.
    pub(crate) fn width(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// The medium (`screen`, `print`) and the colours that the system prefers (`light`, `dark`).
    pub(crate) fn media(&mut self, medium: &str, colours: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
    }

    /// The value of a JavaScript expression, or of the promise that it is.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", params);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Clicks into the middle of the first element of `selector`, as a mouse does.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses a key: `Tab`, `Enter`, or a blank.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            " " => (32, " "),
            other => panic!("no such key: {other}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
