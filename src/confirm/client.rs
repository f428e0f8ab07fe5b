//! One exchange with a provider over HTTPS, bounded in time and size.
//!
//! HTTP/1.1 only; no redirects, no cookies, no referer, no decompression. Proxies come from the usual environment variables (see `proxy`), extra certificates from `SSL_CERT_FILE` and `SSL_CERT_DIR`. A server without TLS is asked only on this machine, and never by a proxy.
//! Headers of more than about 400 KiB or 100 lines end the exchange; the body is read up to [`LARGEST_BODY`]. What goes wrong is told in our own
//! words: the errors of the libraries may quote what the other side sent.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::blocking::{self, ClientBuilder, Response};
use reqwest::header::{CONTENT_ENCODING, LOCATION};
use rustls::CertificateError;

use super::address::{Guard, Guarded, NotPublic};
use super::request::{Method, Request, USER_AGENT, is_loopback};
use super::timing::{Clock, Timed};
use super::{LARGEST_BODY, Reply, proxy, tls};

/// Bytes of a header's value that are kept.
const LONGEST_HEADER: usize = 1024;

/// Asks servers. All threads may share one.
#[derive(Debug)]
pub struct Client {
    by_tls: blocking::Client,
    on_this_machine: blocking::Client,
    guard: Arc<Guard>,
    clock: Clock,
    timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The answer.
    pub reply: Reply,
    /// How long the connection took to stand: name lookup, TCP, TLS and what the proxy needs; none if one was there already. Right only for a client that
    /// makes one exchange at a time.
    pub connect: Option<Duration>,
    /// How long the answer's head took to come, from when the connection stood.
    pub first_byte: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It took too long.
    Timeout,
    /// No connection: why, as a sentence fragment.
    Connect(String),
    /// The server's certificate, or its TLS: why, as a sentence fragment.
    Tls(String),
    /// The proxy gives no way: why, as a sentence fragment.
    Proxy(String),
    /// The host's name, which the scanned text gave, leads to an address that is not public.
    NotPublic,
    /// A redirect, which is not followed.
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is compressed although nobody asked for that.
    Encoded {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is no HTTP, has too many headers, or ends in the middle.
    Broken,
}

impl Trouble {
    /// What happened: a sentence fragment in our own words.
    pub fn text(&self) -> String {
        match self {
            Self::Timeout => "no answer in time".to_owned(),
            Self::Connect(why) => format!("no connection: {why}"),
            Self::Tls(why) => format!("no trusted connection: {why}"),
            Self::Proxy(why) => format!("no way through the proxy: {why}"),
            Self::NotPublic => "its host's name leads to an address that is not public".to_owned(),
            // Where to is not said: the other side may have made the name of what it was sent.
            Self::Redirect { .. } => "it was redirected, which is not followed".to_owned(),
            Self::Encoded { .. } => "the answer is compressed although that was not asked for".to_owned(),
            Self::Broken => "the connection ended before the answer was whole, or the answer is no HTTP".to_owned(),
        }
    }

    /// The HTTP status, where there was one.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Redirect { status } | Self::Encoded { status } => Some(*status),
            _ => None,
        }
    }

    /// Whether the network or the server failed, so that the next try may do better.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Timeout | Self::Connect(_) | Self::Broken)
    }

    /// Whether no answer came at all.
    pub const fn is_of_network(&self) -> bool {
        self.status().is_none()
    }
}

impl Client {
    /// A client whose exchanges, from the name lookup to the end of the body, take at most `timeout` each.
    ///
    /// # Errors
    /// What of the environment (certificates, proxies) cannot be used.
    pub fn new(timeout: Duration) -> Result<Self, String> {
        let (guard, clock) = (Arc::new(Guard::default()), Clock::default());
        let proxy = proxy::from(|name| std::env::var_os(name))?;
        let tls = tls::config()?;
        let build = |builder: ClientBuilder| builder.build().map_err(|_| "the network client cannot be set up: look at the proxy variables".to_owned());
        let plain = || {
            blocking::Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .http1_only()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(Guarded(Arc::clone(&guard))))
                .connector_layer(Timed(clock.clone()))
                .connect_timeout(timeout)
                .timeout(timeout)
                // The library's own reading of the environment is off.
                .no_proxy()
        };
        let by_tls = plain().https_only(true);
        let by_tls = proxy.into_iter().fold(by_tls, ClientBuilder::proxy);
        Ok(Self { by_tls: build(by_tls)?, on_this_machine: build(plain())?, guard, clock, timeout })
    }

    /// Sends `request` and reads the answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn send(&self, request: &Request) -> Result<Exchange, Trouble> {
        let url = Url::parse(&request.url).map_err(|_| Trouble::Connect("the endpoint is no URL".to_owned()))?;
        if request.is_host_from_text {
            self.guard.mark(url.host_str().unwrap_or_default());
        }
        let client = if url.scheme() == "http" && is_loopback(&url) { &self.on_this_machine } else { &self.by_tls };
        let builder = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
        };
        // The timeout of a request, unlike that of its client, holds for head and body together.
        let builder = request.fill(builder.header("Accept-Encoding", "identity").timeout(self.timeout));
        self.clock.take();
        let start = Instant::now();
        let response = builder.send().map_err(|error| trouble(error.without_url()))?;
        let until_head = start.elapsed();
        let connect = self.clock.take();
        let reply = reply(response)?;
        Ok(Exchange { reply, connect, first_byte: until_head.saturating_sub(connect.unwrap_or_default()) })
    }
}

/// Reads the answer, whose head is there.
fn reply(response: Response) -> Result<Reply, Trouble> {
    let status = response.status().as_u16();
    if response.status().is_redirection() && response.headers().contains_key(LOCATION) {
        return Err(Trouble::Redirect { status });
    }
    let is_encoded = |value: &reqwest::header::HeaderValue| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if response.headers().get_all(CONTENT_ENCODING).iter().any(is_encoded) {
        return Err(Trouble::Encoded { status });
    }
    let short = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_HEADER)]).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), short(value.as_bytes()))).collect();
    let mut body = Vec::new();
    response.take(LARGEST_BODY as u64 + 1).read_to_end(&mut body).map_err(|error| unread(&error))?;
    let is_cut = body.len() > LARGEST_BODY;
    body.truncate(LARGEST_BODY);
    Ok(Reply { status, headers, body, is_cut })
}

/// Why the body could not be read.
fn unread(error: &io::Error) -> Trouble {
    let is_timeout = error.kind() == io::ErrorKind::TimedOut
        || error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()).is_some_and(reqwest::Error::is_timeout);
    if is_timeout { Trouble::Timeout } else { Trouble::Broken }
}

/// What an error of the library means, in our own words.
fn trouble(error: reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Timeout;
    }
    let mut texts = Vec::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = next {
        match known(cause) {
            // Whether the other side's end of a handshake comes as an end or as a reset is chance.
            Some(Trouble::Broken) if error.is_connect() => break,
            Some(found) => return found,
            None => {}
        }
        texts.push(cause.to_string());
        next = cause.source();
    }
    let says = |words: &str| texts.iter().any(|text| text.contains(words));
    match () {
        () if says("proxy authorization required") => Trouble::Proxy("it wants a user and a password, or others".to_owned()),
        () if says("tunnel error") => Trouble::Proxy("it does not connect to the host, or its answer is no HTTP".to_owned()),
        () if says("dns error") => Trouble::Connect("the name is not known".to_owned()),
        () if error.is_connect() => Trouble::Connect("it ended before it stood".to_owned()),
        () => Trouble::Broken,
    }
}

/// What a cause means that is of a known type, or wraps one.
fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Trouble> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(Trouble::Tls(tls_text(error)));
    }
    if cause.is::<NotPublic>() {
        return Some(Trouble::NotPublic);
    }
    let error = cause.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref() {
        return known(inner);
    }
    let text = match error.kind() {
        io::ErrorKind::ConnectionRefused => "the host refuses it",
        io::ErrorKind::ConnectionReset => return Some(Trouble::Broken),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => "the network does not lead there",
        io::ErrorKind::TimedOut => return Some(Trouble::Timeout),
        _ => return None,
    };
    Some(Trouble::Connect(text.to_owned()))
}

fn tls_text(error: &rustls::Error) -> String {
    let text = match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the certificate has expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "the certificate is not valid yet",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "the certificate is for another name",
            CertificateError::UnknownIssuer => "nobody trusted signed the certificate; SSL_CERT_FILE can name an authority of your own",
            CertificateError::Revoked => "the certificate is revoked",
            _ => "the certificate is not valid",
        },
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS",
        _ => "the TLS handshake failed",
    };
    text.to_owned()
}
