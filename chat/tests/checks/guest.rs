//! How a client comes in.

use anyhow::{Context, Result, ensure};
use kit::{Client, Server};

pub(crate) const NO_FLAGS: [&str; 0] = [];

/// What a client is asked, without a newline behind it.
pub(crate) const PROMPT: &str = "Enter your name: ";

/// A client that was asked for its name, and nothing before that.
pub(crate) fn asked(server: &Server) -> Result<Client> {
    let mut client = server.connect()?;
    expect_prompt(&mut client)?;
    Ok(client)
}

/// A client that is in the room as `name`; who else is here was read.
pub(crate) fn enter(server: &Server, name: &str) -> Result<Client> {
    let client = server.connect()?;
    entered(client, name)
}

/// Lets `client` in as `name`.
pub(crate) fn entered(mut client: Client, name: &str) -> Result<Client> {
    expect_prompt(&mut client)?;
    client.send(name)?;
    client.expect_line(&format!("You are {name}"))?;
    let here = client.line()?;
    let known = here.starts_with("Here: ") || here == "Nobody else is here";
    ensure!(known, "expected who is here\n     got {here:?}");
    Ok(client)
}

/// `names` in the room, in this order: each has heard of those after it.
pub(crate) fn enter_all<const N: usize>(server: &Server, names: [&str; N]) -> Result<[Client; N]> {
    let mut clients = Vec::new();
    for name in names {
        let newcomer = enter(server, name)?;
        for client in &mut clients {
            expect_arrival(client, name)?;
        }
        clients.push(newcomer);
    }
    clients.try_into().ok().context("as many clients as names")
}

pub(crate) fn expect_prompt(client: &mut Client) -> Result<()> {
    let prompt = client.until(PROMPT)?;
    ensure!(prompt == PROMPT, "expected {PROMPT:?}\n     got {prompt:?}");
    Ok(())
}

pub(crate) fn expect_arrival(client: &mut Client, name: &str) -> Result<()> {
    client.expect_line(&format!("{name} has arrived"))
}
