//! Servers on loopback that play the providers: plain HTTP, and a proxy that ends TLS for whatever host it is asked for, so that the real URLs of the rules can
//! be asked end to end. What they answer is the test's, the hostile answers included. They note each request, and when it came and was done.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The host that was meant, with the port if one was named: by the tunnel, else by the `Host` header.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// When it had been read.
    pub start: Instant,
    /// When the answer had been written; none if it never was.
    pub end: Option<Instant>,
}

impl Seen {
    /// The value of a header, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// What stands behind `Bearer`.
    pub fn bearer(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or("")
    }
}

/// What a server does with a request.
pub enum Say {
    /// Answers with status, headers and body.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Writes these bytes and ends the connection.
    Raw(Vec<u8>),
    /// Writes the first bytes, then the others again and again with this pause between them.
    Again(Vec<u8>, Vec<u8>, Duration),
}

impl Say {
    /// JSON with a status.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Http(status, vec![("Content-Type", "application/json".to_owned())], body.as_bytes().to_vec())
    }

    /// A web page with a status.
    pub fn page(status: u16) -> Self {
        let body = b"<!DOCTYPE html><html><title>Attention Required!</title><p>Log in to go on.</html>".to_vec();
        Self::Http(status, vec![("Content-Type", "text/html".to_owned())], body)
    }

    /// Adds a header.
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Http(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Http(status, headers, body)
            }
            other => other,
        }
    }

    /// Nothing, for as long as the other side waits.
    pub fn nothing() -> Self {
        Self::Again(Vec::new(), Vec::new(), Duration::from_millis(20))
    }
}

/// The certificate that a proxy shows in the place of the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// A good one.
    Good,
    /// One for another name.
    OtherName,
    /// One that has expired.
    Expired,
    /// One of an authority that nobody knows.
    OtherAuthority,
    /// None: bytes that are no TLS.
    Nonsense,
}

/// How a proxy behaves.
#[derive(Clone, Copy, Debug)]
pub struct Proxy {
    /// What it shows.
    pub certificate: Certificate,
    /// `user:password`, if it wants one.
    pub login: Option<&'static str>,
    /// Whether it answers a wish for a tunnel with a web page and this status.
    pub page: Option<u16>,
}

/// A proxy that does what it should.
pub const GOOD_PROXY: Proxy = Proxy { certificate: Certificate::Good, login: None, page: None };

type Answer = dyn Fn(&Seen, usize) -> Say + Send + Sync;

struct Inner {
    answer: Box<Answer>,
    proxy: Option<(Proxy, Authority)>,
    /// Whether connections end before a request was read.
    resets: bool,
    seen: Mutex<Vec<Seen>>,
    tunnels: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

/// A server that runs until it is dropped.
pub struct Server {
    inner: Arc<Inner>,
    /// Where it listens.
    pub address: SocketAddr,
    folder: TempDir,
}

impl Server {
    /// A server without TLS. `answer` gets each request and how many came before it.
    pub fn plain(answer: impl Fn(&Seen, usize) -> Say + Send + Sync + 'static) -> Self {
        Self::new("127.0.0.1:0", None, false, Box::new(answer)).expect("loopback is there")
    }

    /// The same on the loopback address of IPv6; none where there is none.
    pub fn plain_v6(answer: impl Fn(&Seen, usize) -> Say + Send + Sync + 'static) -> Option<Self> {
        Self::new("[::1]:0", None, false, Box::new(answer)).ok()
    }

    /// A server that resets each connection.
    pub fn resetting() -> Self {
        Self::new("127.0.0.1:0", None, true, Box::new(|_, _| unreachable!("no request is read"))).expect("loopback is there")
    }

    /// A proxy that plays the hosts it is asked for.
    pub fn proxy(proxy: Proxy, answer: impl Fn(&Seen, usize) -> Say + Send + Sync + 'static) -> Self {
        let authority = Authority::new("An authority of a test");
        Self::new("127.0.0.1:0", Some((proxy, authority)), false, Box::new(answer)).expect("loopback is there")
    }

    fn new(address: &str, proxy: Option<(Proxy, Authority)>, resets: bool, answer: Box<Answer>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let folder = tempfile::tempdir()?;
        if let Some((_, authority)) = &proxy {
            std::fs::write(folder.path().join("ca.pem"), &authority.pem)?;
        }
        let (seen, tunnels, is_over) = Default::default();
        let inner = Arc::new(Inner { answer, proxy, resets, seen, tunnels, is_over });
        let of_thread = Arc::clone(&inner);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if of_thread.is_over.load(Ordering::Acquire) {
                    return;
                }
                let inner = Arc::clone(&of_thread);
                // The other side may end a connection whenever it likes.
                thread::spawn(move || drop(inner.connection(stream)));
            }
        });
        Ok(Self { inner, address, folder })
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file with the certificate of the authority that a proxy's certificates come from.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The requests that came, in the order of coming.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().expect("no holder panics").clone()
    }

    /// The tunnels that a proxy was asked for: `host:port`, the refused ones included.
    pub fn tunnels(&self) -> Vec<String> {
        self.inner.tunnels.lock().expect("no holder panics").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.inner.is_over.store(true, Ordering::Release);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

impl Inner {
    fn connection(&self, mut stream: TcpStream) -> io::Result<()> {
        if self.resets {
            // What was sent and not read makes the system answer the end of the connection with a reset.
            stream.read_exact(&mut [0])?;
            return Ok(());
        }
        let Some((proxy, authority)) = &self.proxy else { return self.serve(&mut stream, None) };
        let Some(wish) = read_request(&mut stream, None)? else { return Ok(()) };
        let Some(host) = Some(wish.path.clone()).filter(|_| wish.method == "CONNECT") else {
            return stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
        };
        self.tunnels.lock().expect("no holder panics").push(host.clone());
        let is_right = |login: &str| wish.header("proxy-authorization") == format!("Basic {}", super::base64(login.as_bytes()));
        if !proxy.login.is_none_or(is_right) {
            return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
        }
        if let Some(status) = proxy.page {
            return write_answer(&mut stream, &Say::page(status), &self.is_over);
        }
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        if proxy.certificate == Certificate::Nonsense {
            stream.read_exact(&mut [0])?;
            return stream.write_all(b"220 mail.example ESMTP, and this is no TLS at all\r\n");
        }
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let connection = ServerConnection::new(authority.config(name, proxy.certificate)).map_err(io::Error::other)?;
        self.serve(&mut StreamOwned::new(connection, stream), Some(name))
    }

    fn serve(&self, stream: &mut dyn Stream, host: Option<&str>) -> io::Result<()> {
        while let Some(request) = read_request(stream, host)? {
            let n_before = {
                let mut seen = self.seen.lock().expect("no holder panics");
                seen.push(request.clone());
                seen.len() - 1
            };
            let say = (self.answer)(&request, n_before);
            write_answer(stream, &say, &self.is_over)?;
            self.seen.lock().expect("no holder panics")[n_before].end = Some(Instant::now());
            if !matches!(say, Say::Http(..)) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The next request; none if the other side ended the connection.
fn read_request(stream: &mut dyn Stream, host: Option<&str>) -> io::Result<Option<Seen>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or("").split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let mut seen = Seen { host: String::new(), method, path, headers, body: Vec::new(), start: Instant::now(), end: None };
    seen.host = host.unwrap_or(seen.header("host")).to_owned();
    seen.body = vec![0; seen.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut seen.body)?;
    seen.start = Instant::now();
    Ok(Some(seen))
}

fn write_answer(stream: &mut dyn Stream, say: &Say, is_over: &AtomicBool) -> io::Result<()> {
    match say {
        Say::Http(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Any\r\nContent-Length: {}\r\n", body.len());
            headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
            stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())?;
        }
        Say::Raw(bytes) => stream.write_all(bytes)?,
        Say::Again(first, again, pause) => {
            stream.write_all(first)?;
            while !is_over.load(Ordering::Acquire) {
                stream.write_all(again)?;
                stream.flush()?;
                thread::sleep(*pause);
            }
        }
    }
    stream.flush()
}

/// A certificate authority that is made when the test runs, and the certificates it gave out.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("the values are the test's own");
        let mut params = CertificateParams::new(Vec::new()).expect("the values are the test's own");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let pem = params.self_signed(&key).expect("the values are the test's own").pem();
        Self { pem, issuer: Issuer::new(params, key), configs: Mutex::default() }
    }

    /// What a server for `name` needs, with a certificate of this kind.
    fn config(&self, name: &str, certificate: Certificate) -> Arc<ServerConfig> {
        let mut configs = self.configs.lock().expect("no holder panics");
        let config = configs.entry(name.to_owned()).or_insert_with(|| {
            let shown = if certificate == Certificate::OtherName { "other.example" } else { name };
            let key = KeyPair::generate().expect("the values are the test's own");
            let mut params = CertificateParams::new(vec![shown.to_owned()]).expect("the values are the test's own");
            if certificate == Certificate::Expired {
                params.not_after = date_time_ymd(2020, 1, 1);
            }
            let other;
            let issuer = if certificate == Certificate::OtherAuthority {
                other = Self::new("An authority that nobody knows");
                &other.issuer
            } else {
                &self.issuer
            };
            let signed: CertificateDer<'static> = params.signed_by(&key, issuer).expect("the values are the test's own").into();
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("the values are the test's own");
            Arc::new(builder.with_no_client_auth().with_single_cert(vec![signed], key).expect("the values are the test's own"))
        });
        Arc::clone(config)
    }
}
