//! One mirror's part in a race (exercise 8.11), and how the race ended.

use std::io::{self, Write};
use std::time::Duration;

use url::Url;

use crate::frontier::is_home;
use crate::http::{Client, Failure, Net};

/// Fetches the whole of `url`. Redirects are followed, to other hosts only if `any_host`.
///
/// # Errors
/// Also an answer that is no success: an error page must not win.
pub(crate) async fn ask<N: Net>(client: &Client<N>, url: &Url, any_host: bool) -> Result<Vec<u8>, Failure> {
    let mut answer = client.follow(url, |target| any_host || is_home(url, target)).await?;
    if !answer.head.status.is_success() {
        return Err(Failure::Status(answer.head.status));
    }
    let mut body = Vec::new();
    let read = answer.read(|bytes| {
        body.extend_from_slice(bytes);
        Ok(())
    });
    read.await?;
    Ok(body)
}

/// Tells who won. That nobody hears it is as good.
pub(crate) fn won(url: &Url, bytes: usize, took: Duration) {
    writeln!(io::stderr(), "fastest: {url} ({bytes} bytes in {took:.2?})").ok();
}

/// All have failed.
///
/// # Errors
/// Always: with a line for each.
pub(crate) fn lost(failures: &[(Url, Failure)]) -> anyhow::Result<()> {
    let lines: String = failures.iter().map(|(url, failure)| format!("\n  {url}: {failure}")).collect();
    anyhow::bail!("none came:{lines}")
}
