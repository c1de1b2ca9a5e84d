//! One request of a crawl, from the job to what came of it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use hyper::StatusCode;
use texting_robots::Robot;
use tracing::info;
use url::Url;

use crate::content::{self, Content};
use crate::crawl::{Done, Visit};
use crate::extract::{self, Html, Link, Wanted};
use crate::frontier::{Job, Outcome, Rules};
use crate::http::{Answer, Client, Failure, Misdirection, Net, Validators, redirected};
use crate::mirror::{Head, Store};

/// Of a robots.txt, so much is read (RFC 9309, 2.5).
const ROBOTS: usize = 500 << 10;

/// Patterns in a robots.txt. Each is tried with each URL, so that with tens of thousands of them a server could keep a crawl
/// busy for hours. Few have a hundred.
const PATTERNS: usize = 500;

/// Fetches what a crawl asks for.
pub(crate) struct Visitor<N> {
    client: Client<N>,
    /// What robots.txt knows us by.
    token: String,
    /// Where to keep what is fetched, if it is kept.
    store: Option<Arc<Store>>,
}

impl<N: Net> Visitor<N> {
    /// Fetches with `client`, as the robot that `user_agent` begins with.
    pub(crate) fn new(client: Client<N>, user_agent: &str) -> Self {
        let end = user_agent.find(['/', ' ']).unwrap_or(user_agent.len());
        Self { client, token: user_agent[..end].to_owned(), store: None }
    }

    /// Keeps what is fetched, and fetches only what has changed since it was kept.
    pub(crate) fn with_store(self, store: Arc<Store>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// Jobs that may be done at a time.
    pub(crate) fn limit(&self) -> usize {
        self.client.limit()
    }

    /// Does one job. Dropping the future closes its connection.
    pub(crate) async fn visit(&self, job: Job) -> Done {
        match job {
            Job::Robots { host, url } => Done::Robots { host, rules: self.robots(&url).await },
            Job::Page { id, url } => {
                let (mut visit, began) = (Visit::none(id), Instant::now());
                visit.error = self.page(&url, &mut visit).await.err();
                visit.took = began.elapsed();
                Done::Page(visit)
            }
        }
    }

    async fn page(&self, url: &str, visit: &mut Visit) -> Result<(), Failure> {
        let url = parsed(url)?;
        let known = match &self.store {
            Some(store) => {
                let url = url.clone();
                self.stored(store, move |store| Ok(store.validators(url.as_str()))).await?
            }
            None => None,
        };
        let mut answer = self.client.get(&url, known.as_ref()).await?;
        let head = &answer.head;
        let status = head.status;
        visit.status = Some(status);
        visit.content_type = head.content_type().map(str::to_owned);
        if let Some(location) = head.location() {
            let target = redirected(&url, location);
            answer.drain().await;
            let target = target.map_err(Failure::Redirect)?;
            if let Some(store) = &self.store {
                store.redirect(url.as_str(), target.as_str());
            }
            visit.outcome = Outcome::Redirect(target);
        } else if head.is_busy() {
            visit.outcome = Outcome::Busy(head.retry_after(SystemTime::now()));
            answer.drain().await;
        } else if status == StatusCode::NOT_MODIFIED
            && known.is_some()
            && let Some(store) = &self.store
        {
            answer.drain().await;
            let kept = move |store: &Store| {
                let (head, body) = store.kept(url.as_str())?;
                Ok((
                    all_links(&url, head.content_type.as_deref(), &body),
                    body.len() as u64,
                    head.content_type,
                ))
            };
            let (links, bytes, content_type) = self.stored(store, kept).await?;
            (visit.bytes, visit.content_type, visit.outcome) = (bytes, content_type, Outcome::Links(links));
        } else if !status.is_success() {
            answer.drain().await;
            return Err(Failure::Status(status));
        } else if let Some(store) = &self.store {
            self.keep(store, url, &mut answer, visit).await?;
        } else if head.is_html() {
            links(&url, &mut answer, visit).await?;
        } else {
            visit.bytes = head.length().unwrap_or(0);
            answer.drain().await;
        }
        Ok(())
    }

    /// Reads a whole body, keeps it, and finds what it links to.
    async fn keep(
        &self,
        store: &Arc<Store>,
        url: Url,
        answer: &mut Answer<'_, N>,
        visit: &mut Visit,
    ) -> Result<(), Failure> {
        let mut body = Vec::new();
        let read = answer.read(|part| {
            body.extend_from_slice(part);
            Ok(())
        });
        read.await?;
        visit.bytes = body.len() as u64;
        let Validators { etag, last_modified } = answer.head.validators();
        let head = Head { content_type: visit.content_type.clone(), etag, last_modified };
        let keep = move |store: &Store| {
            store.save(url.as_str(), &head, &body)?;
            Ok(all_links(&url, head.content_type.as_deref(), &body))
        };
        visit.outcome = Outcome::Links(self.stored(store, keep).await?);
        Ok(())
    }

    /// What `work` does with the store, on a thread that may block.
    async fn stored<T: Send + 'static>(
        &self,
        store: &Arc<Store>,
        work: impl FnOnce(&Store) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let store = Arc::clone(store);
        let done = self.client.net.blocking(move || work(&store)).await;
        done.map_err(|error| Failure::Store(format!("{error:#}")))
    }

    /// What a server lets robots do (RFC 9309, 2.3.1).
    async fn robots(&self, url: &str) -> Rules {
        match self.robots_txt(url).await {
            Ok(rules) => rules,
            Err(Failure::Redirect(Misdirection::Loop(_) | Misdirection::TooMany(_))) => Rules::None,
            Err(failure) => {
                info!(url, %failure, "nothing is allowed");
                Rules::Closed(Arc::new(failure))
            }
        }
    }

    async fn robots_txt(&self, url: &str) -> Result<Rules, Failure> {
        let mut answer = self.client.follow(&parsed(url)?, |_| true).await?;
        let status = answer.head.status;
        if !status.is_success() {
            answer.drain().await;
            let unknown = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            return if unknown { Err(Failure::Status(status)) } else { Ok(Rules::None) };
        }
        let mut text = Vec::new();
        let read = answer.read(|bytes| {
            text.extend_from_slice(bytes);
            if text.len() > ROBOTS { Err(Failure::TooLarge(ROBOTS)) } else { Ok(()) }
        });
        match read.await {
            // What is beyond is not there.
            Ok(()) | Err(Failure::TooLarge(_)) => {}
            Err(failure) => return Err(failure),
        }
        text.truncate(ROBOTS);
        // Milliseconds for a long one: not on a thread that others wait for.
        let token = self.token.clone();
        let rules = self.client.net.blocking(move || rules(&token, &text));
        rules.await.map_err(Failure::Unreadable)
    }
}

/// Finds the links of a page as it comes. One that is too large has those of its beginning.
async fn links<N: Net>(url: &Url, answer: &mut Answer<'_, N>, visit: &mut Visit) -> Result<(), Failure> {
    let mut html = Html::new(url, answer.head.charset(), Wanted::Pages);
    let bytes = &mut visit.bytes;
    let read = answer.read(|part| {
        *bytes += part.len() as u64;
        html.push(part).map_err(|error| Failure::Unreadable(error.to_string()))
    });
    let read = read.await;
    if matches!(read, Ok(()) | Err(Failure::TooLarge(_))) {
        let links = html.finish().map_err(|error| Failure::Unreadable(error.to_string()))?;
        visit.outcome = Outcome::Links(links);
    }
    read
}

/// All links of a body that was fetched from `url`. What cannot be read has none.
fn all_links(url: &Url, content_type: Option<&str>, body: &[u8]) -> Vec<Link> {
    let charset = content::charset(content_type);
    match Content::of(content_type) {
        Content::Html => {
            let mut html = Html::new(url, charset, Wanted::All);
            html.push(body).and_then(|()| html.finish()).unwrap_or_default()
        }
        Content::Css => extract::css(url, charset, body),
        Content::Script | Content::Svg | Content::Other => Vec::new(),
    }
}

/// What a robots.txt says to `token`.
fn rules(token: &str, text: &[u8]) -> Result<Rules, String> {
    let lines = text.split(|byte| matches!(byte, b'\r' | b'\n'));
    let is_pattern = |line: &&[u8]| {
        memchr::memchr(b':', line).is_some_and(|at| line[at..].contains(&b'*') && !is_agent(line))
    };
    if lines.filter(is_pattern).count() > PATTERNS {
        return Err(format!("robots.txt has more than {PATTERNS} patterns"));
    }
    let robot = Robot::new(token, text).map_err(|error| error.to_string())?;
    Ok(Rules::Some(Box::new(robot)))
}

/// Whether a line of robots.txt says whom the next ones are for, as `User-agent: *` does.
fn is_agent(line: &[u8]) -> bool {
    line.trim_ascii_start().get(..10).is_some_and(|name| name.eq_ignore_ascii_case(b"user-agent"))
}

fn parsed(url: &str) -> Result<Url, Failure> {
    url.parse().map_err(|error| Failure::Unreadable(format!("{url}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_for_whom_they_name() {
        let text = b"User-agent: *\nDisallow: /\n\nUser-agent: me\nDisallow: /private/\n";
        let allowed = |token, url| match rules(token, text) {
            Ok(Rules::Some(robot)) => robot.allowed(url),
            _ => panic!("rules"),
        };
        assert!(
            allowed("me", "http://a/x")
                && !allowed("me", "http://a/private/x")
                && !allowed("you", "http://a/x")
        );
    }

    #[test]
    fn patterns_are_bounded() {
        let with = |n| format!("USER-AGENT: *\r{}", "Disallow: /a*b*c$\r".repeat(n));
        assert!(rules("me", with(PATTERNS).as_bytes()).is_ok());
        assert!(rules("me", with(PATTERNS + 1).as_bytes()).is_err());
        assert!(rules("me", "User-agent: *\nDisallow: /a\n".repeat(10_000).as_bytes()).is_ok());
    }
}
