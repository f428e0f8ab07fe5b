//! How a provider is asked whether a key works, as rule files say it: one read-only request, and what its answers mean.
//!
//! Also compiled into the build script; therefore it depends on no other module. The built-in rules carry it as text, which is read when somebody asks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Stands in a URL or an `auth` for what stands beside the key.
pub const PARTNER: &str = "{partner}";

/// `[confirm]` and `[rule.confirm]`: either how to ask, or why nobody does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Confirm {
    /// Why nobody is asked; excludes everything else but `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because_not: Option<String>,
    /// Whether nobody is asked because the service is gone: then the verdict is `unknown` instead of `unchecked`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// What is asked: an `https` URL, or a path on a host that the scanned text or the user names. [`PARTNER`] stands for what stands beside the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get: Option<String>,
    /// The same for a request that only reads, but has to be a POST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// Where else a key may be valid: asked, in this order, if the answer before was `invalid` or `unknown`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or_get: Vec<String>,
    /// Ends of the host names, each from a dot on, that the scanned text may name for a `get` that is a path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_suffixes: Vec<String>,
    /// How the key goes along: `bearer`, `basic` (as user name), `basic USER` (as that user's password; [`PARTNER`] is what stands beside it), `HEADER`,
    /// `HEADER SCHEME`, or `aws-v4 SERVICE` (not at all: the request is signed with it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Headers besides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Where models are listed, if `get` does not list them; only `keysift check` asks there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<String>,
    /// What to show of an accepted key's answer: a name, and the JSON pointer (`*` stands for each element) or `header NAME` where it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub show: BTreeMap<String, String>,
    /// What the answers mean: the first that fits decides, and what fits none says nothing.
    #[serde(rename = "answer", skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// A request with a body. The key is never in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Post {
    /// An `https` URL.
    pub url: String,
    /// The body; JSON.
    #[serde(default)]
    pub body: String,
    /// Why the request changes nothing.
    pub reads_only: String,
}

/// One kind of answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// What it means.
    pub is: Meaning,
    /// The HTTP statuses with which it comes.
    pub status: Statuses,
    /// What its JSON has: for each place what must stand there. A place is a JSON pointer (empty for the whole, `*` for each element), or several
    /// with ` or ` between them, of which one is enough.
    #[serde(default)]
    pub json: BTreeMap<String, Expected>,
    /// Of an answer that is `unknown`: whether it refuses the key, though good keys may get it, too. A random key that gets it was refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// Of an answer that is `unknown`, for it has no mark of the provider's: what it means where a random key gets one that is `invalid`, and so has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_random_refused: Option<Meaning>,
    /// How keys begin for which it holds [default: for all of the rule's].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_keys: Option<String>,
    /// What to tell the user: a sentence fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What an answer means for the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// It works.
    Live,
    /// It is recognized, but scope, quota, billing or network policy stops the call.
    Restricted,
    /// It does not work.
    Invalid,
    /// The provider disabled it because it leaked.
    Blocked,
    /// Nothing.
    Unknown,
}

/// One HTTP status or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Statuses {
    /// This one.
    One(u16),
    /// Any of these.
    Any(Vec<u16>),
}

impl Statuses {
    /// Whether `status` is one of them.
    pub fn has(&self, status: u16) -> bool {
        self.all().contains(&status)
    }

    /// All of them.
    pub const fn all(&self) -> &[u16] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Any(any) => any.as_slice(),
        }
    }
}

/// What must stand at a place of an answer's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// Exactly this.
    Bool(bool),
    /// Exactly this.
    Number(i64),
    /// A text or number that reads so, whatever the case; `*` stands for anything. A list or an object is compared as it is written.
    Text(String),
    /// Any of these texts; if there are none: any list.
    Texts(Vec<String>),
    /// Any object.
    Object(BTreeMap<String, String>),
}

impl Confirm {
    /// Checks what the types alone do not say.
    ///
    /// # Errors
    /// What is wrong, as a sentence without full stop.
    pub fn check(&self) -> Result<(), String> {
        if let Some(why) = &self.because_not {
            let is_alone = *self == Self { because_not: Some(why.clone()), closed: self.closed, ..Self::default() };
            return if is_alone { Ok(()) } else { Err("confirm has `because-not`, so it has nothing else but `closed`".to_owned()) };
        }
        if self.closed {
            return Err("confirm has `closed` only together with `because-not`".to_owned());
        }
        let url = match (&self.get, &self.post) {
            (Some(get), None) => get,
            (None, Some(post)) => &post.url,
            _ => return Err("confirm has either `get`, `post` or `because-not`".to_owned()),
        };
        if self.post.is_some() && !self.or_get.is_empty() {
            return Err("confirm has `or-get` only together with `get`".to_owned());
        }
        let is_path = url.starts_with('/') && self.post.is_none();
        let is_good = |url: &String| if is_path { url.starts_with('/') } else { is_fixed(url) };
        if !is_good(url) || !self.or_get.iter().chain(&self.models).all(is_good) {
            return Err("confirm asks `https` URLs without user, port and fragment, or a path".to_owned());
        }
        if !self.host_suffixes.is_empty() && !is_path {
            return Err("confirm has `host-suffixes` only for a `get` that is a path".to_owned());
        }
        if let Some(suffix) = self.host_suffixes.iter().find(|suffix| !is_suffix(suffix)) {
            return Err(format!("confirm: the host suffix `{suffix}` is no dot and a name of at least two parts in small letters"));
        }
        self.auth()?;
        self.check_answers()
    }

    fn check_answers(&self) -> Result<(), String> {
        for kind in [Meaning::Live, Meaning::Invalid] {
            if !self.answers.iter().any(|answer| answer.is == kind) {
                return Err(format!("confirm has no answer that is `{}`", kind.text()));
            }
        }
        for answer in &self.answers {
            if answer.json.is_empty() {
                return Err("an answer counts only with a mark of the provider in its `json`".to_owned());
            }
            answer.check_marks()?;
            if answer.is == Meaning::Live && !answer.status.all().iter().all(|status| (200..300).contains(status)) {
                return Err("an answer that is `live` has a status from 200 to 299".to_owned());
            }
            if answer.status.all().is_empty() || !answer.status.all().iter().all(|status| (200..600).contains(status)) {
                return Err("an answer has statuses from 200 to 599".to_owned());
            }
        }
        let of_answers = self.answers.iter().flat_map(|answer| answer.json.keys()).flat_map(|place| pointers(place));
        let shown = self.show.values().map(String::as_str).filter(|place| !place.starts_with("header "));
        match of_answers.chain(shown).find(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            Some(pointer) => Err(format!("confirm: `{pointer}` is no JSON pointer: it begins with `/`")),
            None => Ok(()),
        }
    }

    /// What holds for `key`: without the answers that are for other keys.
    pub fn of_key(mut self, key: &[u8]) -> Self {
        self.answers.retain_mut(|answer| answer.for_keys.take().is_none_or(|start| key.starts_with(start.as_bytes())));
        self
    }

    /// Whether what stands beside the key is needed to ask.
    pub fn needs_partner(&self) -> bool {
        self.has_partner_in_url() || matches!(self.auth(), Ok(Auth::BasicPair | Auth::Signed { .. }))
    }

    /// Whether what stands beside the key is a part of a URL.
    pub fn has_partner_in_url(&self) -> bool {
        self.get.iter().chain(&self.or_get).chain(&self.models).any(|url| url.contains(PARTNER))
    }

    /// How the key goes along.
    ///
    /// # Errors
    /// What is wrong with `auth`.
    pub fn auth(&self) -> Result<Auth, String> {
        let auth = self.auth.as_deref().ok_or("confirm has no `auth`")?;
        let (first, second) = auth.split_once(' ').map_or((auth, ""), |(first, second)| (first, second));
        if (first, second) == ("basic", PARTNER) {
            return Ok(Auth::BasicPair);
        }
        if first.is_empty() || !auth.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b' ') {
            return Err(format!("confirm: auth `{auth}` is none of bearer, basic, basic USER, aws-v4 SERVICE, HEADER, HEADER SCHEME"));
        }
        Ok(match (first, second) {
            ("bearer", "") => Auth::Header { name: "Authorization".to_owned(), scheme: Some("Bearer".to_owned()) },
            ("basic", "") => Auth::BasicUser,
            ("aws-v4", service) if !service.is_empty() => Auth::Signed { service: service.to_owned() },
            ("basic", user) => Auth::BasicPassword { user: user.to_owned() },
            (name, scheme) => Auth::Header { name: name.to_owned(), scheme: (!scheme.is_empty()).then(|| scheme.to_owned()) },
        })
    }
}

/// For people: in `keysift rules show` and `docs/confirm-endpoints.md`.
impl Confirm {
    /// Method and URL, or path, of each request, in the order of asking.
    pub fn requests(&self) -> Vec<String> {
        let posts = self.post.iter().map(|post| format!("POST {} {}", post.url, post.body));
        self.get.iter().chain(&self.or_get).map(|url| format!("GET {url}")).chain(posts).collect()
    }

    /// Where hosts come from, if the requests are paths.
    pub fn origin_of_hosts(&self) -> Option<String> {
        let is_path = self.get.as_ref().is_some_and(|get| get.starts_with('/'));
        is_path.then(|| match self.host_suffixes.as_slice() {
            [] => "only that of `[confirm.endpoints]`".to_owned(),
            suffixes => format!("those near the key that end with {}", suffixes.join(", ")),
        })
    }

    /// Where the key stands in a request.
    pub fn place_of_key(&self) -> String {
        match self.auth() {
            Ok(Auth::Header { name, scheme: None }) => name,
            Ok(Auth::Header { name, scheme: Some(scheme) }) => format!("{name}: {scheme}"),
            Ok(Auth::BasicUser) => "Authorization: Basic, as the user's name".to_owned(),
            Ok(Auth::BasicPassword { user }) => format!("Authorization: Basic, as the password of `{user}`"),
            Ok(Auth::BasicPair) => "Authorization: Basic, as the password of what stands beside it".to_owned(),
            Ok(Auth::Signed { .. }) => "none: the request is signed with it".to_owned(),
            Err(what) => what,
        }
    }
}

impl Answer {
    /// Gateways and proxies on the way answer in JSON, too: that something stands somewhere is no word on the key.
    fn check_marks(&self) -> Result<(), String> {
        if self.is == Meaning::Invalid && self.json.values().all(Expected::is_anything) {
            return Err("an answer that is `invalid` says in its `json` what refuses the key, not only that something is there".to_owned());
        }
        if self.is == Meaning::Live && self.json.keys().all(String::is_empty) {
            return Err("an answer that is `live` has a mark inside its JSON: any server may give an empty list or object".to_owned());
        }
        if self.refused && self.is != Meaning::Unknown {
            return Err("an answer has `refused` only if it is `unknown`".to_owned());
        }
        if self.if_random_refused.is_some_and(|meaning| self.is != Meaning::Unknown || !matches!(meaning, Meaning::Live | Meaning::Restricted)) {
            return Err("an answer has `if-random-refused` only if it is `unknown`, and only as `live` or `restricted`".to_owned());
        }
        if self.if_random_refused == Some(Meaning::Live) && !self.status.all().iter().all(|status| (200..300).contains(status)) {
            return Err("an answer with `if-random-refused = \"live\"` has a status from 200 to 299".to_owned());
        }
        Ok(())
    }

    /// Its statuses, what must stand in its JSON, and the reason.
    pub fn text(&self) -> String {
        let statuses: Vec<String> = self.status.all().iter().map(u16::to_string).collect();
        let places: Vec<String> =
            self.json.iter().map(|(place, expected)| format!("{} {}", if place.is_empty() { "the whole" } else { place }, expected.text())).collect();
        let because = self.because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
        let keys = self.for_keys.as_ref().map(|start| format!(" (of keys that begin with {start})")).unwrap_or_default();
        let refused = self.if_random_refused.map(|meaning| format!(" (but {} where a random key is refused)", meaning.text())).unwrap_or_default();
        format!("HTTP {}, {}{keys}{because}{refused}", statuses.join(" or "), places.join(", "))
    }
}

impl Expected {
    /// Whether it says nothing but that something is there.
    fn is_anything(&self) -> bool {
        match self {
            Self::Text(text) => text.bytes().all(|byte| byte == b'*'),
            Self::Texts(texts) => texts.iter().all(|text| text.bytes().all(|byte| byte == b'*')),
            Self::Object(_) => true,
            Self::Bool(_) | Self::Number(_) => false,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Bool(bool) => format!("is {bool}"),
            Self::Number(number) => format!("is {number}"),
            Self::Text(text) if text == "*" => "is there".to_owned(),
            Self::Text(text) => format!("reads `{text}`"),
            Self::Texts(texts) if texts.is_empty() => "is a list".to_owned(),
            Self::Texts(texts) => format!("reads `{}`", texts.join("` or `")),
            Self::Object(_) => "is an object".to_owned(),
        }
    }
}

/// How a key goes along with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// In a header of its own, behind a scheme or alone.
    Header {
        /// The header's name.
        name: String,
        /// What stands before the key, without the space.
        scheme: Option<String>,
    },
    /// As the user name of HTTP Basic, without a password.
    BasicUser,
    /// As the password of HTTP Basic.
    BasicPassword {
        /// The user's name.
        user: String,
    },
    /// As the password of HTTP Basic, whose user is what stands beside it.
    BasicPair,
    /// Not at all: the request is signed with it, under the id that stands beside it.
    Signed {
        /// Amazon's name of the service.
        service: String,
    },
}

impl Meaning {
    /// The word used in rule files.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Restricted => "restricted",
            Self::Invalid => "invalid",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// The JSON pointers of a place in an answer.
pub fn pointers(place: &str) -> impl Iterator<Item = &str> {
    place.split(" or ")
}

/// Whether `url` leads to a host that it names itself, on the standard port.
fn is_fixed(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or("");
    !host.is_empty()
        && host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
        && !url.contains('#')
}

fn is_suffix(suffix: &str) -> bool {
    let name = suffix.strip_prefix('.').unwrap_or("");
    name.contains('.') && !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}
