//! What is sent to find out whether a key works: the requests of a rule's `[confirm]` with their hosts, and the same as curl lines for people.
//!
//! Hosts come from the rule, from the user's configuration, or, under names that belong to the provider, from the text around the key. The key is in a
//! header and nowhere else.

use reqwest::Url;
use reqwest::blocking::RequestBuilder;
use reqwest::header::{HeaderName, HeaderValue};

use super::sign;
use crate::rule::confirm::{Auth, Confirm, PARTNER};
use crate::secret::Secret;

/// Who asks, said to every server.
pub const USER_AGENT: &str = concat!("keysift/", env!("CARGO_PKG_VERSION"), " (secret scanner; confirms leaked keys)");

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// HTTP GET.
    Get,
    /// HTTP POST, where the rule says that it only reads.
    Post,
}

impl Method {
    /// As it stands in the request.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One request about one key.
#[derive(Clone, Debug)]
pub struct Request {
    /// How it is made.
    pub method: Method,
    /// To where, without the key.
    pub url: String,
    /// The host of `url`, with the port if it names one.
    pub host: String,
    /// Headers besides the key's and [`USER_AGENT`].
    pub headers: Vec<(String, String)>,
    /// What a POST sends; JSON without the key.
    pub body: Option<String>,
    /// Whether the scanned text named the host: its addresses are checked before anybody connects to them.
    pub is_host_from_text: bool,
    auth: Auth,
    secret: Secret,
    partner: Option<Beside>,
    /// Whether the partner is not the one that was found to be the key's own.
    is_with_other: bool,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Key<'k> {
    /// The key.
    pub secret: &'k Secret,
    /// What stands beside it, as it is and as it may be shown, where both work only together.
    pub partner: Option<(&'k Secret, &'k str)>,
}

impl<'k> From<&'k Secret> for Key<'k> {
    fn from(secret: &'k Secret) -> Self {
        Self { secret, partner: None }
    }
}

/// What stands beside a key.
#[derive(Clone, Debug)]
struct Beside {
    secret: Secret,
    shown: String,
}

impl Beside {
    /// The text, if it may stand in a URL and as the name of a user.
    fn plain(&self) -> Result<&str, String> {
        #[expect(clippy::disallowed_methods, reason = "it is sent to its own provider; a secret is kept out of URLs when rules are loaded")]
        let text = std::str::from_utf8(self.secret.expose()).ok();
        let is_plain = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        text.filter(is_plain).ok_or_else(|| "what stands beside it has characters that are no letters, digits, `-` and `_`".to_owned())
    }
}

/// How the ids of Amazon's temporary keys begin.
const TEMPORARY: &str = "ASIA";

/// Hosts that are asked about one key, whoever named them: the text around keys is no way to have a crowd of servers asked.
const N_HOSTS: usize = 4;

/// What stands where a request could be made only at a server that the user names.
const NO_HOST: &str = "its provider has no host of its own: `[confirm.endpoints]` can name the server";

/// The requests that ask about `key`, in the order of asking. `hosts` are those that the text near the key names, nearest first, and `endpoint` is
/// the base URL that the user's configuration gives for the provider. They go to four hosts at most.
///
/// # Errors
/// Why nobody can be asked: a sentence fragment.
pub fn requests<'k>(confirm: &Confirm, key: impl Into<Key<'k>>, hosts: &[String], endpoint: Option<&str>) -> Result<Vec<Request>, String> {
    let key = key.into();
    if let Some(why) = &confirm.because_not {
        return Err(why.clone());
    }
    let first = confirm.get.as_ref().or(confirm.post.as_ref().map(|post| &post.url)).ok_or("its rule names no endpoint")?;
    let mut requests: Vec<Request> = Vec::new();
    for place in places(confirm, hosts, endpoint, first)?.into_iter().take(N_HOSTS) {
        for url in std::iter::once(first).chain(&confirm.or_get) {
            let request = request(confirm, key, &place, url, confirm.post.as_ref().map(|post| post.body.clone()).filter(|_| url == first))?;
            if requests.iter().all(|other| other.url != request.url) {
                requests.push(request);
            }
        }
    }
    let mut asked: Vec<String> = Vec::new();
    requests.retain(|request| {
        if !asked.contains(&request.host) {
            asked.push(request.host.clone());
        }
        asked.iter().take(N_HOSTS).any(|host| *host == request.host)
    });
    Ok(requests)
}

/// Whether the text names more hosts than [`requests`] asks.
pub(super) fn has_more_hosts(confirm: &Confirm, hosts: &[String], endpoint: Option<&str>) -> bool {
    let url = confirm.get.as_deref().unwrap_or_default();
    url.starts_with('/') && places(confirm, hosts, endpoint, url).is_ok_and(|places| places.len() > N_HOSTS)
}

/// The request that lists the models a key can reach; none if the rule names no list of its own.
///
/// # Errors
/// Why nobody can be asked: a sentence fragment.
pub fn models_request<'k>(confirm: &Confirm, key: impl Into<Key<'k>>, hosts: &[String], endpoint: Option<&str>) -> Result<Option<Request>, String> {
    let Some(url) = confirm.models.as_ref().filter(|_| confirm.because_not.is_none()) else { return Ok(None) };
    let place = places(confirm, hosts, endpoint, url)?.swap_remove(0);
    request(confirm, key.into(), &place, url, None).map(Some)
}

/// Whose host a request goes to.
enum Place {
    /// The one in the rule's URL.
    Rule,
    /// One that the text names, where the rule gives a path.
    Text(String),
    /// The user's own.
    Endpoint(Url),
}

/// Where `url` may be asked for; at least one place.
fn places(confirm: &Confirm, hosts: &[String], endpoint: Option<&str>, url: &str) -> Result<Vec<Place>, String> {
    if let Some(endpoint) = endpoint {
        return Ok(vec![Place::Endpoint(check_endpoint(endpoint)?)]);
    }
    if !url.starts_with('/') {
        return Ok(vec![Place::Rule]);
    }
    if confirm.host_suffixes.is_empty() {
        return Err(NO_HOST.to_owned());
    }
    let own: Vec<Place> = hosts.iter().filter(|host| is_of_provider(host, &confirm.host_suffixes)).cloned().map(Place::Text).collect();
    if own.is_empty() {
        return Err(format!("no host that ends with {} stands near it", confirm.host_suffixes.join(" or ")));
    }
    Ok(own)
}

/// Whether `host` lies under one of `suffixes`, each of which begins with a dot.
fn is_of_provider(host: &str, suffixes: &[String]) -> bool {
    let is_part = |part: &str| {
        let is_plain = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=63).contains(&part.len()) && is_plain && !part.starts_with('-') && !part.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_part) && suffixes.iter().any(|suffix| suffix.starts_with('.') && host.ends_with(suffix.as_str()))
}

/// Reads a base URL of `[confirm.endpoints]`.
///
/// # Errors
/// What is wrong with it.
pub fn check_endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("the endpoint is no URL: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("the endpoint is scheme, host, port and path, without user, query and fragment".to_owned());
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("an endpoint without TLS may only be a loopback address, such as http://127.0.0.1:4000".to_owned()),
        _ => Err("the endpoint begins with https://".to_owned()),
    }
}

/// Whether `url` leads to this machine, by its address or as `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn request(confirm: &Confirm, key: Key<'_>, place: &Place, text: &str, body: Option<String>) -> Result<Request, String> {
    let (auth, secret) = (confirm.auth()?, key.secret);
    let partner = key.partner.map(|(secret, shown)| Beside { secret: secret.clone(), shown: shown.to_owned() });
    let text = match &partner {
        Some(partner) if confirm.needs_partner() => text.replace(PARTNER, partner.plain()?),
        None if confirm.needs_partner() => return Err("what it works together with does not stand near it".to_owned()),
        _ => text.to_owned(),
    };
    if matches!(auth, Auth::Signed { .. }) && partner.as_ref().is_some_and(|partner| partner.plain().is_ok_and(|id| id.starts_with(TEMPORARY))) {
        return Err("a temporary key works only with its session token".to_owned());
    }
    if !is_visible(secret) {
        return Err("it has characters that are no visible ASCII, which no header takes".to_owned());
    }
    let url = match place {
        Place::Rule => text,
        Place::Text(host) => format!("https://{host}{text}"),
        Place::Endpoint(base) => {
            let path = text.strip_prefix("https://").map_or(text.as_str(), |rest| rest.find('/').map_or("", |at| &rest[at..]));
            format!("{}{path}", without_overlap(base.as_str().trim_end_matches('/'), base.path(), path))
        }
    };
    let parsed = Url::parse(&url).map_err(|error| format!("its rule's endpoint is no URL: {error}"))?;
    let name = parsed.host_str().unwrap_or_default();
    let host = parsed.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    Ok(Request {
        method: if body.is_some() { Method::Post } else { Method::Get },
        url,
        host,
        headers: headers(confirm),
        body,
        is_host_from_text: matches!(place, Place::Text(_)),
        auth,
        secret: secret.clone(),
        partner,
        is_with_other: false,
    })
}

/// The headers of the rule, and that JSON is wanted, unless it says so itself.
fn headers(confirm: &Confirm) -> Vec<(String, String)> {
    let own = confirm.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    let accept = ("Accept".to_owned(), "application/json".to_owned());
    let is_said = confirm.headers.keys().any(|name| name.eq_ignore_ascii_case("accept"));
    Some(accept).filter(|_| !is_said).into_iter().chain(own).collect()
}

/// `base` without the parts at the end of its path `base_path` with which `path` begins: many clients want the first part of the path in the base URL, too.
fn without_overlap<'b>(base: &'b str, base_path: &str, path: &str) -> &'b str {
    let parts = |path: &str| path.split('?').next().unwrap_or("").split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (of_base, of_path) = (parts(base_path), parts(path));
    let n = (1..=of_base.len().min(of_path.len())).rev().find(|n| of_base.ends_with(&of_path[..*n])).unwrap_or(0);
    (0..n).fold(base, |base, _| base.rsplit_once('/').map_or(base, |(front, _)| front.trim_end_matches('/')))
}

fn is_visible(secret: &Secret) -> bool {
    #[expect(clippy::disallowed_methods, reason = "looks at the kinds of its bytes, shows nothing")]
    let bytes = secret.expose();
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic)
}

impl Request {
    /// The same request about another key, which is visible ASCII.
    pub(super) fn about(&self, secret: Secret) -> Self {
        Self { secret, ..self.clone() }
    }

    /// Puts the headers and the body in, the key's header among them.
    pub(super) fn fill(&self, mut builder: RequestBuilder) -> RequestBuilder {
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &self.body {
            builder = builder.header("Content-Type", "application/json").body(body.clone());
        }
        #[expect(clippy::disallowed_methods, reason = "the key is sent to its own provider")]
        let key = String::from_utf8_lossy(self.secret.expose());
        match &self.auth {
            Auth::BasicUser => builder.basic_auth(key, None::<&str>),
            Auth::BasicPassword { user } => builder.basic_auth(user, Some(key)),
            Auth::BasicPair => builder.basic_auth(self.id(), Some(key)),
            Auth::Signed { service } => self.signed(builder, service),
            Auth::Header { name, scheme } => {
                let text = scheme.as_ref().map_or_else(|| key.to_string(), |scheme| format!("{scheme} {key}"));
                let (Ok(name), Ok(mut value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&text)) else { return builder };
                value.set_sensitive(true);
                builder.header(name, value)
            }
        }
    }

    /// The same with another partner than the key's own.
    pub fn with_other(self) -> Self {
        Self { is_with_other: true, ..self }
    }

    /// The partner with which it asks, as it may be shown, if that is not the key's own.
    pub fn other(&self) -> Option<&str> {
        self.partner.as_ref().filter(|_| self.is_with_other).map(|partner| partner.shown.as_str())
    }

    /// What stands beside the key; without it no request of a rule that needs it is made.
    fn id(&self) -> &str {
        self.partner.as_ref().and_then(|partner| partner.plain().ok()).unwrap_or_default()
    }

    fn signed(&self, builder: RequestBuilder, service: &str) -> RequestBuilder {
        let Ok(url) = Url::parse(&self.url) else { return builder };
        let signed = sign::sign(&url, service, self.id(), &self.secret, jiff::Timestamp::now());
        builder.header("X-Amz-Date", signed.date).header("Authorization", signed.authorization)
    }

    /// The request as a command for a shell, with `masked` in the place of the key.
    pub fn curl(&self, masked: &str) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
        let mut line = "curl -sS".to_owned();
        let partner = self.partner.as_ref().map(|partner| partner.shown.as_str()).unwrap_or_default();
        let region = Url::parse(&self.url).map(|url| sign::region(&url).to_owned()).unwrap_or_default();
        let mut add = |option: &str, value: &str| line.push_str(&format!(" {option} {}", quoted(value)));
        match &self.auth {
            Auth::BasicUser => add("-u", &format!("{masked}:")),
            Auth::BasicPassword { user } => add("-u", &format!("{user}:{masked}")),
            Auth::BasicPair => add("-u", &format!("{partner}:{masked}")),
            Auth::Signed { service } => {
                add("--aws-sigv4", &format!("aws:amz:{region}:{service}"));
                add("-u", &format!("{partner}:{masked}"));
            }
            Auth::Header { name, scheme: None } => add("-H", &format!("{name}: {masked}")),
            Auth::Header { name, scheme: Some(scheme) } => add("-H", &format!("{name}: {scheme} {masked}")),
        }
        for (name, value) in &self.headers {
            add("-H", &format!("{name}: {value}"));
        }
        add("-A", USER_AGENT);
        if let Some(body) = &self.body {
            add("-H", "Content-Type: application/json");
            add("--data", body);
        }
        line + " " + &quoted(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Confirm {
        toml::from_str(text).expect("the test's own text")
    }

    fn urls(text: &str, hosts: &[&str], endpoint: Option<&str>) -> Result<Vec<String>, String> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        Ok(requests(&of(text), &Secret::new(b"key"), &hosts, endpoint)?.into_iter().map(|request| request.url).collect())
    }

    const FIXED: &str = "get = 'https://a.example.com/v1/models?limit=1'\nor-get = ['https://b.example.com/v1/models?limit=1']\nauth = 'bearer'";
    const PATH: &str = "get = '/openai/models'\nauth = 'api-key'\nhost-suffixes = ['.openai.azure.com']";

    #[test]
    fn a_rule_with_hosts_is_asked_there_and_nowhere_else() {
        let expected = ["https://a.example.com/v1/models?limit=1", "https://b.example.com/v1/models?limit=1"];
        assert_eq!(urls(FIXED, &["c.example.com"], None).expect("the test gives what is needed"), expected);
    }

    #[test]
    fn an_endpoint_replaces_the_host_and_keeps_the_path() {
        for base in ["https://gateway.example:8443/base", "https://gateway.example:8443/base/"] {
            assert_eq!(urls(FIXED, &[], Some(base)).expect("the test gives what is needed"), ["https://gateway.example:8443/base/v1/models?limit=1"]);
        }
        assert_eq!(urls(PATH, &[], Some("http://[::1]:4000")).expect("the test gives what is needed"), ["http://[::1]:4000/openai/models"]);
    }

    #[test]
    fn an_endpoint_that_ends_as_the_path_begins_does_not_double_it() {
        for (base, expected) in [
            ("https://gw.example/v1", "https://gw.example/v1/models?limit=1"),
            ("https://gw.example/v1/", "https://gw.example/v1/models?limit=1"),
            ("https://gw.example/openai/v1", "https://gw.example/openai/v1/models?limit=1"),
            ("https://gw.example/v1/models", "https://gw.example/v1/models?limit=1"),
            ("https://gw.example/v1/x", "https://gw.example/v1/x/v1/models?limit=1"),
            ("https://gw.example/xv1", "https://gw.example/xv1/v1/models?limit=1"),
            ("https://v1", "https://v1/v1/models?limit=1"),
        ] {
            assert_eq!(urls(FIXED, &[], Some(base)).expect("the test gives what is needed"), [expected], "{base}");
        }
        assert_eq!(urls(PATH, &[], Some("http://[::1]:4000/openai")).expect("the test gives what is needed"), ["http://[::1]:4000/openai/models"]);
    }

    #[test]
    fn a_key_is_sent_to_four_hosts_at_most() {
        let hosts: Vec<String> = (0..300).map(|i| format!("h{i}.openai.azure.com")).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let expected = ["h0", "h1", "h2", "h3"].map(|name| format!("https://{name}.openai.azure.com/openai/models"));
        assert_eq!(urls(PATH, &hosts, None).expect("the test gives what is needed"), expected);
        let many: Vec<String> = (0..9).map(|i| format!("'https://h{i}.example.com/x'")).collect();
        let fixed = format!("get = 'https://a.example.com/x'\nor-get = [{}]\nauth = 'bearer'", many.join(","));
        assert_eq!(urls(&fixed, &[], None).expect("the test gives what is needed").len(), 4);
        let named = |n: usize| (0..n).map(|i| format!("h{i}.openai.azure.com")).collect::<Vec<_>>();
        let more = |text: &str, n: usize, endpoint| has_more_hosts(&of(text), &named(n), endpoint);
        assert_eq!([more(PATH, 4, None), more(PATH, 5, None), more(FIXED, 5, None), more(PATH, 5, Some("https://gw.example"))], [false, true, false, false]);
    }

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for good in ["https://gateway.example", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1/x", "http://localhost:3"] {
            assert!(check_endpoint(good).is_ok(), "{good}");
        }
        for bad in [
            "http://gateway.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://a",
            "https://u:p@a",
            "https://a?b",
            "https://a#b",
            "a",
            "",
        ] {
            assert!(check_endpoint(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_of_the_text_lies_under_the_providers_name() {
        assert_eq!(urls(PATH, &["x.openai.azure.com"], None).expect("the test gives what is needed"), ["https://x.openai.azure.com/openai/models"]);
        for host in [
            "openai.azure.com",
            ".openai.azure.com",
            "xopenai.azure.com",
            "x.openai.azure.com.evil.example",
            "evil.example/x.openai.azure.com",
            "user@x.openai.azure.com",
            "X.openai.azure.com",
            "x..openai.azure.com",
            "x:1.openai.azure.com",
            "127.0.0.1",
        ] {
            assert!(urls(PATH, &[host], None).is_err(), "{host}");
        }
    }

    #[test]
    fn what_no_header_takes_is_not_sent() {
        for key in [b"".as_slice(), b"a b", b"a\r\nX: y", b"a\x7f", "schlüssel".as_bytes()] {
            assert!(requests(&of(FIXED), &Secret::new(key), &[], None).is_err(), "{key:?}");
        }
    }

    #[test]
    fn curl_lines_show_the_mask_and_quote_for_the_shell() {
        let text = "auth = 'X-Key Token'\n[post]\nurl = 'https://a.example.com/q'\nbody = \"it's\"\nreads-only = 'a query'\n[headers]\nX-Version = '1'";
        let request = requests(&of(text), &Secret::new(b"hidden"), &[], None).expect("the test gives what is needed").remove(0);
        let expected = format!(
            r"curl -sS -H 'X-Key: Token h***n' -H 'Accept: application/json' -H 'X-Version: 1' -A '{USER_AGENT}' -H 'Content-Type: application/json' --data 'it'\''s' 'https://a.example.com/q'"
        );
        assert_eq!(request.curl("h***n"), expected);
        assert_eq!(request.method, Method::Post);
        assert!(!format!("{request:?}").contains("hidden"));
    }

    #[test]
    fn basic_authentication_has_the_key_as_user_or_as_password() {
        for (auth, user) in [("basic", "M:"), ("basic api", "api:M")] {
            let expected = format!("curl -sS -u '{user}' -H 'Accept: application/json' -A '{USER_AGENT}' 'https://a.example.com/'");
            let confirm = of(&format!("get = 'https://a.example.com/'\nauth = '{auth}'"));
            assert_eq!(requests(&confirm, &Secret::new(b"k"), &[], None).expect("the test gives what is needed")[0].curl("M"), expected);
        }
    }
}
