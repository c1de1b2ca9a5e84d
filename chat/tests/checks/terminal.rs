//! 8.10: `chat join` on a terminal.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use expectrl::Session;
use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use kit::{DEADLINE, Program, ReservedPort, Server, Signal, Unfinished, accepted, eventually};
use rustix::process::{Pid, kill_process};

use crate::guest::{NO_FLAGS, PROMPT, enter, enter_all, entered, expect_arrival};

/// What a shell does when nothing is to come behind the program.
const EXEC: &str = "exec \"$@\"";

const COLUMNS: u16 = 80;
const ROWS: u16 = 20;

/// A program on a terminal, and what that shows. Dropping it ends both.
struct Terminal {
    session: OsSession,
    shown: vt100::Parser,
    /// All that was written to it.
    written: Vec<u8>,
    unfinished: Unfinished,
}

/// The rows of a screen, for the message of a check that fails.
struct Shown(Vec<String>);

impl Terminal {
    /// Starts `chat join` at the `server`.
    fn join(chat: &Program, server: &Server, flags: &[&str]) -> Result<Self> {
        Self::start(chat, &server.address().to_string(), flags, EXEC)
    }

    /// Starts `chat join ADDRESS` by a shell that does `script`.
    fn start(chat: &Program, address: &str, flags: &[&str], script: &str) -> Result<Self> {
        let unfinished = chat.unfinished();
        let chat = chat.command(["join", address].iter().chain(flags)).into_command()?;
        let mut shell = Command::new("sh");
        // The pseudo-terminal comes without echo, which other terminals have.
        shell.args(["-c", &format!("stty echo; {script}"), "sh"]);
        shell.arg(chat.get_program()).args(chat.get_args());
        shell.env_remove("NO_COLOR").env("TERM", "xterm");
        let mut session = Session::spawn(shell)?;
        session.get_process_mut().set_window_size(COLUMNS, ROWS)?;
        let size = |n| NonZeroU16::new(n).context("no size");
        let shown = vt100::Parser::new(size(ROWS)?, size(COLUMNS)?, 0);
        Ok(Self { session, shown, written: Vec::new(), unfinished })
    }

    /// Types `keys`.
    fn types(&mut self, keys: &str) -> Result<()> {
        self.session.write_all(keys.as_bytes())?;
        Ok(self.session.flush()?)
    }

    /// Makes the window as wide as that.
    fn resize(&mut self, columns: u16) -> Result<()> {
        self.session.get_process_mut().set_window_size(columns, ROWS)?;
        let size = |n| NonZeroU16::new(n).context("no size");
        self.shown.screen_mut().set_size(size(ROWS)?, size(columns)?);
        Ok(())
    }

    /// Waits until the screen `holds` what is expected.
    fn shows(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) -> Result<()> {
        let look = || {
            self.read();
            let screen = self.shown.screen();
            let (_, columns) = screen.size();
            Ok((holds(screen), Shown(screen.rows(0, columns.get()).collect())))
        };
        eventually(&format!("{what} on the screen"), look, |(holds, _)| *holds)?;
        Ok(())
    }

    /// Waits until `text` is somewhere on the screen.
    fn shows_text(&mut self, text: &str) -> Result<()> {
        self.shows(&format!("{text:?}"), |screen| screen.contents().contains(text))
    }

    /// Takes in what was written to the terminal.
    fn read(&mut self) {
        let mut bytes = [0; 4096];
        // At the end of the program there is an error, and no more.
        while let Ok(n @ 1..) = self.session.try_read(&mut bytes) {
            self.shown.process(&bytes[..n]);
            self.written.extend_from_slice(&bytes[..n]);
            self.unfinished.look(&bytes[..n]);
        }
    }

    /// How many sockets the program has open.
    fn sockets(&self) -> Result<usize> {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.session.get_process().pid()))?;
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        Ok(targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(self.session.get_process().pid().as_raw()).context("no process")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Waits for the end of the program, and expects that the terminal was given back.
    fn expect_exit(&mut self, code: i32) -> Result<()> {
        let status = || {
            // Who does not read what it writes keeps it from ending.
            self.read();
            Ok(self.session.get_process().status()?)
        };
        let status = eventually("its end", status, |status| *status != WaitStatus::StillAlive)?;
        let exited = matches!(status, WaitStatus::Exited(_, got) if got == code);
        ensure!(exited, "expected exit code {code}\n     got {status:?}");
        self.read();
        let screen = self.shown.screen();
        ensure!(!screen.alternate_screen(), "expected the screen that was there before");
        ensure!(!screen.hide_cursor(), "expected a cursor");
        ensure!(!screen.bracketed_paste(), "expected no marks around what is pasted");
        ensure!(self.session.get_process().get_echo()?, "expected the terminal to echo again");
        Ok(())
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|row| write!(f, "\n  | {row}"))
    }
}

/// The name is asked for, what others say is shown, and what is typed is heard; Ctrl-C gives the terminal back as
/// it was, with 130.
pub(crate) fn talks_and_hears(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(NO_FLAGS)?;
    let mut bob = enter(&server, "bob")?;
    // The shell is still there to see what it leaves behind.
    let script = "echo before; \"$@\"; echo code $?; stty -a; echo end";
    let mut terminal = Terminal::start(client, &server.address().to_string(), &[], script)?;
    terminal.shows_text("Enter your name: ")?;
    ensure!(!terminal.session.get_process().get_echo()?, "expected no echo of what is typed");
    terminal.types("ann\r")?;
    expect_arrival(&mut bob, "ann")?;
    terminal.shows_text("2 here")?;
    terminal.shows_text("Here: bob")?;
    bob.send("hello, ann \x1b[2Jand gr\u{fc}\u{df}e")?;
    bob.expect_line("bob: hello, ann [2Jand gr\u{fc}\u{df}e")?;
    terminal.shows_text("bob: hello, ann [2Jand gr\u{fc}\u{df}e")?;
    // Edited before it is sent, then once more from the history.
    terminal.types("xi\x01\x1b[3~h\r")?;
    bob.expect_line("ann: hi")?;
    terminal.shows_text("ann: hi")?;
    terminal.types("\x1b[A!\r")?;
    bob.expect_line("ann: hi!")?;
    terminal.shows("one screen of its own", vt100::Screen::alternate_screen)?;
    terminal.types("left over\x03")?;
    bob.expect_line("ann has left")?;
    terminal.shows_text("end")?;
    terminal.shows("the screen as it was before", |screen| {
        let text = screen.contents();
        let words: Vec<&str> = text.split_whitespace().collect();
        let back = ["before", "130", "echo", "icanon", "isig"].iter().all(|word| words.contains(word));
        back && !screen.alternate_screen() && !screen.hide_cursor() && !words.contains(&"hello,")
    })
}

/// A server that is gone is dialled until it is back; then the name is given again, and what was said before is
/// still there. What was typed meanwhile was not lost.
pub(crate) fn comes_back(server: &Program, client: &Program) -> Result<()> {
    let port = ReservedPort::new()?;
    let listen = port.address()?.to_string();
    let flags = ["--listen", listen.as_str()];
    let first = server.serve(flags)?;
    let mut terminal = Terminal::join(client, &first, &["--name", "ann"])?;
    terminal.shows_text("You are ann")?;
    let mut bob = entered(first.connect()?, "bob")?;
    bob.send("before")?;
    terminal.shows_text("bob: before")?;
    // Killed.
    drop(first);
    terminal.shows_text("connection lost")?;
    terminal.shows_text("reconnecting in ")?;
    terminal.types("draft\r")?;
    terminal.shows_text("not sent")?;
    let again = server.serve(flags)?;
    terminal.shows_text("back")?;
    terminal.shows_text("ann at ")?;
    let mut carl = enter(&again, "carl")?;
    terminal.shows_text("carl has arrived")?;
    terminal.types("\r")?;
    carl.expect_line("ann: draft")?;
    terminal.shows_text("bob: before")
}

/// A server of one client: lets it give its name, and answers as it is told to.
fn visit(listener: &TcpListener, answer: &str) -> Result<BufReader<TcpStream>> {
    let client = accepted(listener)?;
    client.set_read_timeout(Some(DEADLINE))?;
    (&client).write_all(PROMPT.as_bytes())?;
    let mut client = BufReader::new(client);
    let mut name = String::new();
    client.read_line(&mut name).context("expected a name")?;
    ensure!(name == "ann\n", "expected the name ann\n     got {name:?}");
    client.get_ref().write_all(answer.as_bytes())?;
    Ok(client)
}

/// Back at a server that still has the name in use, it lets go of that connection, and comes again later.
pub(crate) fn comes_again_for_its_name(chat: &Program) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let mut terminal = Terminal::start(chat, &address, &["--name", "ann"], EXEC)?;
    let first = visit(&listener, "You are ann\nNobody else is here\n")?;
    terminal.shows_text("You are ann")?;
    let sockets = terminal.sockets()?;
    drop(first);
    let mut second = visit(&listener, &format!("The name ann is in use.\n{PROMPT}"))?;
    let n = second.read(&mut [0]).context("expected it to hang up")?;
    ensure!(n == 0, "expected no other name");
    terminal.shows_text("The name ann is in use")?;
    let _third = visit(&listener, "You are ann\nNobody else is here\n")?;
    terminal.shows_text("ann at ")?;
    // The second is still open at this end.
    eventually("one connection", || terminal.sockets(), |open| *open == sockets)?;
    Ok(())
}

/// A terminal that cannot keep up is told how many messages it missed.
pub(crate) fn shows_what_was_skipped(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(["--rate", "0", "--queue", "4"])?;
    let mut terminal = Terminal::join(client, &server, &["--name", "ann"])?;
    terminal.shows_text("You are ann")?;
    let mut talker = enter(&server, "talker")?;
    terminal.shows_text("talker has arrived")?;
    terminal.signal(Signal::STOP)?;
    // Far more than the kernel keeps for it.
    let text = "x".repeat(4000);
    for _ in 0..2000 {
        talker.send(&text)?;
        talker.expect_line(&format!("talker: {text}"))?;
    }
    terminal.signal(Signal::CONT)?;
    terminal.shows_text(" messages skipped \u{2500}\u{2500}")?;
    talker.send("still there?")?;
    terminal.shows_text("talker: still there?")
}

/// Ctrl-D on an empty line leaves, with 0, after all was said; SIGTERM gives the terminal back as well.
pub(crate) fn is_left_as_it_was(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut bob] = enter_all(&server, ["bob"])?;
    let mut terminal = Terminal::join(chat, &server, &["--name", "ann"])?;
    terminal.shows_text("You are ann")?;
    expect_arrival(&mut bob, "ann")?;
    let lines: String = (0..60).map(|n| format!("{n}\r")).collect();
    terminal.types(&format!("{lines}\x04"))?;
    for n in 0..60 {
        bob.expect_line(&format!("ann: {n}"))?;
    }
    bob.expect_line("ann has left")?;
    terminal.expect_exit(0)?;
    let mut terminal = Terminal::join(chat, &server, &["--name", "ann"])?;
    terminal.shows_text("You are ann")?;
    terminal.signal(Signal::TERM)?;
    terminal.expect_exit(130)
}

/// Who leaves sends all that was said and then the end, and still hears what comes until the server's.
pub(crate) fn hears_the_last_of_it(chat: &Program) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let mut terminal = Terminal::start(chat, &address, &["--name", "ann"], EXEC)?;
    let mut server = visit(&listener, "You are ann\n")?;
    terminal.shows_text("You are ann")?;
    terminal.types("good bye\r\x04")?;
    let mut said = String::new();
    server.read_to_string(&mut said).context("expected an end")?;
    ensure!(said == "good bye\n", "expected \"good bye\\n\" and an end\n     got {said:?}");
    server.get_ref().write_all(b"bob: see you\n")?;
    terminal.shows_text("bob: see you")?;
    drop(server);
    terminal.expect_exit(0)
}

/// A name that is refused is asked for again.
pub(crate) fn asks_for_a_name_again(chat: &Program) -> Result<()> {
    let server = chat.serve(["--max-name", "5"])?;
    let mut ann = enter(&server, "ann")?;
    let mut terminal = Terminal::join(chat, &server, &["--name", "Ann"])?;
    terminal.shows_text("The name Ann is in use")?;
    terminal.shows_text("Enter your name: ")?;
    terminal.types("Annabel\r")?;
    terminal.shows_text("at most 5 characters")?;
    terminal.types("Anna\r")?;
    terminal.shows_text("You are Anna")?;
    expect_arrival(&mut ann, "Anna")
}

/// The screen is drawn anew at the size that its window gets.
pub(crate) fn follows_its_window(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let _bob = enter(&server, "bob")?;
    let mut terminal = Terminal::join(chat, &server, &["--name", "ann"])?;
    terminal.shows_text("2 here")?;
    terminal.types("not yet said")?;
    terminal.shows_text("> not yet said")?;
    terminal.resize(40)?;
    terminal.shows("all but who is here", |screen| {
        let text = screen.contents();
        text.contains("Here: bob") && text.contains("> not yet said") && !text.contains("2 here")
    })?;
    terminal.resize(100)?;
    terminal.shows_text("2 here")
}

/// Nobody there: an error that names the address, 1, and no screen is taken.
pub(crate) fn is_not_taken_for_nobody(chat: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let address = nobody.address()?.to_string();
    let mut terminal = Terminal::start(chat, &address, &[], EXEC)?;
    terminal.shows_text(&address)?;
    terminal.shows_text("refused")?;
    terminal.expect_exit(1)?;
    let written = String::from_utf8_lossy(&terminal.written);
    ensure!(!written.contains("\x1b["), "expected no screen to be taken\n     got {written:?}");
    Ok(())
}
