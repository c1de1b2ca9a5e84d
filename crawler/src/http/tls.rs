//! Whom an encrypted connection trusts.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// Trusts what Mozilla trusts, and the certificates in `ca`.
///
/// # Errors
/// When `ca` cannot be read, or has no certificate in it.
pub(crate) fn config(ca: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = ca {
        let at = || format!("certificates in {}", file.display());
        let certificates = CertificateDer::pem_file_iter(file).with_context(at)?;
        let certificates = certificates.collect::<Result<Vec<_>, _>>().with_context(at)?;
        ensure!(
            !certificates.is_empty(),
            "{}: there is none (expected PEM, `-----BEGIN CERTIFICATE-----`)",
            at()
        );
        for certificate in certificates {
            roots.add(certificate).with_context(at)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The name that the certificate of `url`'s server has to bear; none if it can bear none.
pub(crate) fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(address) => Some(std::net::IpAddr::from(address).into()),
        Host::Ipv6(address) => Some(std::net::IpAddr::from(address).into()),
    }
}
