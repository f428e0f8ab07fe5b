//! Whom TLS trusts: Mozilla's certificate authorities, and those of the system, which `SSL_CERT_FILE` and `SSL_CERT_DIR` replace.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// The settings of all connections.
///
/// # Errors
/// That TLS cannot be set up.
pub fn config() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // A certificate of the system that cannot be read is one less that is trusted; what then fails says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|_| "TLS cannot be set up".to_owned())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
