//! 8.6: HTTPS, with certificates that are made here.

use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use kit::Program;
use kit::tricks::{Stream, Tricks};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::run::{ending, run, same, same_paths};

/// A server with a certificate for some names, and the file of the authority that made it.
struct Secure {
    server: Tricks,
    authority: PathBuf,
    _folder: tempfile::TempDir,
}

impl Secure {
    fn start(names: &[&str]) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        let config = Arc::new(config);
        let encrypted = move |socket: TcpStream| -> io::Result<Box<dyn Stream>> {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            Ok(Box::new(StreamOwned::new(connection, socket)))
        };
        let server =
            Tricks::wrapped("127.0.0.1:0", encrypted, |request, answer| match request.path.as_str() {
                "/" => answer.links(["/a", "/b"]),
                "/robots.txt" => answer.status("404 Not Found", &[]),
                "/hang" => answer.never(),
                _ => answer.links([""; 0]),
            })?;
        let folder = tempfile::tempdir()?;
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, issuer.pem())?;
        Ok(Self { server, authority, _folder: folder })
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.server.address().port())
    }

    fn ca(&self) -> Result<[&str; 2]> {
        Ok(["--ca", self.authority.to_str().context("a strange folder for temporary files")?])
    }
}

/// With `--ca` a certificate of that authority is trusted, for a name and for an address; connections are kept.
pub(crate) fn trusted_with_ca(crawler: &Program) -> Result<()> {
    let secure = Secure::start(&["localhost", "127.0.0.1"])?;
    for host in ["localhost", "127.0.0.1"] {
        let url = secure.url(host, "/");
        let crawled = run(crawler, [&["crawl", &url, "--limit", "2"], &secure.ca()?[..]].concat())?;
        same_paths(&crawled.paths(), &["/", "/a", "/b"])?;
        ensure!(crawled.stdout.starts_with("https://"), "expected https\n     got {}", crawled.stdout);
    }
    let seen = secure.server.seen();
    same("pages", seen.paths().len(), 6)?;
    ensure!(seen.connections <= 4, "expected 4 connections at most\n     got {}", seen.connections);
    Ok(())
}

/// Without it nobody vouches for the certificate: an error that says so, and nothing is asked.
pub(crate) fn not_trusted_without(crawler: &Program) -> Result<()> {
    let secure = Secure::start(&["localhost"])?;
    refused(crawler, &secure, &secure.url("localhost", "/"), &[], "UnknownIssuer")
}

/// Nor is one of another name, whoever made it; also if that is another name of the same server.
pub(crate) fn a_wrong_name_is_refused(crawler: &Program) -> Result<()> {
    for (name, host) in [
        ("example.com", "localhost"),
        ("example.com", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
    ] {
        let secure = Secure::start(&[name])?;
        let refused = refused(crawler, &secure, &secure.url(host, "/"), &secure.ca()?, host);
        refused.with_context(|| format!("a certificate for {name} at {host}"))?;
    }
    Ok(())
}

fn refused(crawler: &Program, secure: &Secure, url: &str, flags: &[&str], why: &str) -> Result<()> {
    let crawled = ending(crawler, 1, [&["crawl", url, "--ignore-robots"], flags].concat())?;
    crawled.expect_errors(1, "tls")?;
    ensure!(
        crawled.stderr.contains("certificate"),
        "expected the certificate to be blamed in\n{}",
        crawled.stderr
    );
    ensure!(crawled.stderr.contains(why), "expected {why:?} in\n{}", crawled.stderr);
    same("requests", secure.server.seen().requests.len(), 0)
}

/// A server that does not speak TLS, or does not speak: an error, at the timeout at the latest.
pub(crate) fn no_tls_is_an_error(crawler: &Program) -> Result<()> {
    let plain = Tricks::start(|_, answer| answer.page("plain"))?;
    let url = format!("https://{}/", plain.address());
    let args = ["crawl", &url, "--ignore-robots", "--timeout", "1s"];
    let crawled = ending(crawler, 1, args)?;
    let told = crawled.stderr.contains("1 tls") || crawled.stderr.contains("1 timeout");
    ensure!(told, "expected an error of TLS in\n{}", crawled.stderr);
    Ok(())
}

/// A file that holds no certificate is an error that names it, before anything is asked.
pub(crate) fn a_wrong_file_is_named(crawler: &Program) -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, text) in [("missing.pem", None), ("empty.pem", Some("")), ("text.pem", Some("no certificate"))]
    {
        let file = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&file, text)?;
        }
        let file = file.to_str().context("a strange folder for temporary files")?;
        let crawled = ending(crawler, 1, ["crawl", "https://localhost:1/", "--ca", file])?;
        ensure!(crawled.stderr.contains(name), "expected {name} to be named in\n{}", crawled.stderr);
    }
    Ok(())
}

/// https and http are different hosts, and a page of one does not lead to the other without `--any-host`.
pub(crate) fn the_scheme_is_of_the_host(crawler: &Program) -> Result<()> {
    let secure = Secure::start(&["localhost"])?;
    let target = secure.url("localhost", "/a");
    let plain = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links([target.as_str()]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    run(crawler, [&["crawl", &plain.url("/")], &secure.ca()?[..]].concat())?;
    same("requests", secure.server.seen().requests.len(), 0)?;
    let crawled = run(crawler, [&["crawl", &plain.url("/"), "--any-host"], &secure.ca()?[..]].concat())?;
    same_paths(&crawled.paths(), &["/", "/a"])
}
