//! Asking about one key: the verdict as after a scan, then what a key that works can reach, its limits, and how long the provider takes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::super::args::CheckArgs;
use super::super::{output, setup};
use super::detect::Found;
use crate::blob::Origin;
use crate::config::Config;
use crate::confirm::client::{Client, Exchange};
use crate::confirm::models::{Models, models};
use crate::confirm::request::{self, Request};
use crate::confirm::{self, Options, facts};
use crate::finding::{Confidence, Evidence, Excerpt, Finding, Layer};
use crate::score::reading;
use crate::secret::Secret;
use crate::span::{Position, Region, Span};
use crate::verdict::{Confirmation, Fact, Verdict};

/// How often the time is taken.
const N_MEASURED: usize = 3;
/// Requests a second: one person waits for one key.
const RATE: f64 = 2.0;
/// Headers about limits that are shown.
const N_LIMITS: usize = 12;

/// What was found out about a key.
#[derive(Default)]
pub struct Answer {
    /// The verdict.
    pub confirmation: Confirmation,
    /// The host that is asked first; the verdict may come from another one.
    pub first_host: Option<String>,
    /// The models the key reaches, if the provider lists any.
    pub models: Option<Models>,
    /// Whether the list was longer than what is read of it.
    pub is_list_cut: bool,
    /// The headers about limits: name and value.
    pub limits: Vec<(String, String)>,
    /// How long it takes, if it was measured.
    pub latency: Option<Latency>,
    /// Requests sent.
    pub n_requests: usize,
}

/// Medians of [`N_MEASURED`] requests, each over a connection of its own.
pub struct Latency {
    /// How many requests were answered.
    pub n: usize,
    /// Name lookup, TCP and TLS, and what a proxy needs.
    pub connect: Option<Duration>,
    /// From the connection to the answer's first byte.
    pub first_byte: Duration,
}

/// The base URL that the user's configuration gives for the key's provider.
fn endpoint<'c>(config: &'c Config, found: &Found) -> Option<&'c str> {
    config.confirm.endpoints.iter().find(|(id, _)| id == found.rule.provider.id).map(|(_, url)| url.as_str())
}

/// The host that is asked first about the key; none if nobody is asked.
pub fn first_host(config: &Config, found: &Found) -> Option<String> {
    if finding(found, "").why_never_asked().is_some() {
        return None;
    }
    let requests = request::requests(&found.rule.confirm()?, &found.secret, &[], endpoint(config, found)).ok()?;
    requests.into_iter().next().map(|request| request.host)
}

/// Asks. `name` is the variable that the key was in; empty if there was none. A verdict that is known when it is interrupted stays.
pub fn ask(args: &CheckArgs, config: &Config, found: &Found, name: &str) -> Answer {
    let endpoints = config.confirm.endpoints.clone();
    let options = Options { timeout: args.timeout(), rate: RATE, min_confidence: Confidence::Low, endpoints, ..Options::default() };
    confirm::until_interrupted(|is_over| {
        let mut findings = [finding(found, name)];
        let summary = confirm::confirm(&mut findings, &options, is_over);
        let [Finding { confirmation, .. }] = findings;
        let confirmation = of_whole(found, confirmation);
        let mut answer = Answer { confirmation, n_requests: summary.n_requests, first_host: first_host(config, found), ..Answer::default() };
        if !summary.is_interrupted
            && let Some(more) = More::new(args, config, found, &answer.confirmation)
        {
            let n_requests = Arc::clone(&more.n_requests);
            match finished(is_over, move || more.ask()) {
                Some(more) => answer = Answer { confirmation: answer.confirmation, first_host: answer.first_host, n_requests: answer.n_requests, ..more },
                None => output::note("note: interrupted: the verdict is known, models, limits and latency are not"),
            }
            answer.n_requests += n_requests.load(Ordering::Acquire);
        }
        answer
    })
}

/// What is believed of an answer: that what was sent is no key does not say that a part of it is none.
fn of_whole(found: &Found, confirmation: Confirmation) -> Confirmation {
    if confirmation.verdict != Verdict::Invalid || found.secret.n_bytes() <= found.rule.shape.max_len {
        return confirmation;
    }
    let reason = "it is rejected as it was given, but it is too long for such a key: what else is in it may be one".to_owned();
    Confirmation { verdict: Verdict::Unknown, reason: Some(reason), ..confirmation }
}

/// What `work` gives, unless `is_over` is set before it does.
fn finished<T: Send + 'static>(is_over: &AtomicBool, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    // Nobody waits for a request that is under way: it ends with the program.
    std::thread::Builder::new().spawn(move || sender.send(work())).ok()?;
    while !is_over.load(Ordering::Acquire) {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(result) => return Some(result),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
    }
    None
}

/// What else is asked about a key that works.
struct More {
    request: Request,
    models: Option<Request>,
    secret: Secret,
    is_live: bool,
    timeout: Duration,
    n_requests: Arc<AtomicUsize>,
}

impl More {
    /// None if the key does not work.
    fn new(args: &CheckArgs, config: &Config, found: &Found, confirmation: &Confirmation) -> Option<Self> {
        if !matches!(confirmation.verdict, Verdict::Live | Verdict::Restricted) {
            return None;
        }
        let (how, endpoint) = (found.rule.confirm()?, endpoint(config, found));
        let requests = request::requests(&how, &found.secret, &[], endpoint).ok()?;
        Some(Self {
            request: requests.into_iter().find(|request| Some(&request.host) == confirmation.host.as_ref())?,
            models: request::models_request(&how, &found.secret, &[], endpoint).ok().flatten(),
            secret: found.secret.clone(),
            is_live: confirmation.verdict == Verdict::Live,
            timeout: args.timeout(),
            n_requests: Arc::default(),
        })
    }

    fn ask(&self) -> Answer {
        let mut answer = Answer::default();
        let exchanges = self.measure();
        answer.latency = latency(&exchanges);
        if let Some(exchange) = exchanges.first() {
            answer.limits = limits(exchange, &self.secret);
            if self.is_live {
                self.list_models(&mut answer, exchange);
            }
        }
        answer
    }

    fn list_models(&self, answer: &mut Answer, exchange: &Exchange) {
        let listed = self.models.as_ref().and_then(|request| self.send(request));
        let reply = &listed.as_ref().unwrap_or(exchange).reply;
        let listed = Some(reply).filter(|reply| (200..300).contains(&reply.status)).and_then(|reply| models(&reply.body));
        answer.models = listed.map(|models| without_secret(models, &self.secret)).filter(|models| models.n > 0);
        answer.is_list_cut = reply.is_cut;
    }

    /// The same request several times, each over a new connection.
    fn measure(&self) -> Vec<Exchange> {
        let pause = Duration::from_secs_f64(1.0 / RATE);
        let one = |_| {
            std::thread::sleep(pause);
            self.send(&self.request)
        };
        (0..N_MEASURED).filter_map(one).collect()
    }

    fn send(&self, request: &Request) -> Option<Exchange> {
        self.n_requests.fetch_add(1, Ordering::AcqRel);
        Client::new(self.timeout).ok()?.send(request).ok()
    }
}

/// The models whose ids do not repeat the key: a server may send back what it was sent.
fn without_secret(mut models: Models, secret: &Secret) -> Models {
    for (_, ids) in &mut models.by_family {
        let named = std::mem::take(ids).into_iter().map(|id| (String::new(), id)).collect();
        *ids = harmless(named, secret).into_iter().map(|(_, id)| id).collect();
    }
    models.by_family.retain(|(_, ids)| !ids.is_empty());
    models.n = models.by_family.iter().map(|(_, ids)| ids.len()).sum();
    models
}

/// Those of the names and values that do not repeat the key.
fn harmless(named: Vec<(String, String)>, secret: &Secret) -> Vec<(String, String)> {
    let facts = named.into_iter().map(|(name, value)| Fact { name, value }).collect();
    let mut confirmation = Confirmation { facts, ..Confirmation::default() };
    facts::keep_secret(&mut confirmation, secret);
    confirmation.facts.into_iter().map(|fact| (fact.name, fact.value)).collect()
}

/// What the key says against itself.
fn against(found: &Found) -> Vec<Evidence> {
    #[expect(clippy::disallowed_methods, reason = "reads what the key says about itself, shows nothing of it")]
    let key = found.secret.expose();
    reading::against(found.rule, key, setup::today())
}

/// A finding of the key alone, with the name of its variable as its line.
fn finding(found: &Found, name: &str) -> Finding {
    let start = Position { line: 1, column: 1 };
    let end = Position { line: 1, column: 1 + found.secret.n_bytes() as u64 };
    Finding {
        origin: Origin::new("key"),
        region: Region { start, end, offset: 0, utf16: (start.column, end.column) },
        rule: found.rule,
        providers: Vec::new(),
        layer: Layer::Raw,
        secret: found.secret.clone(),
        matched: None,
        confidence: Confidence::High,
        evidence: against(found),
        partner: None,
        confirmation: Confirmation::default(),
        hosts: Vec::new(),
        excerpt: Excerpt { line: Secret::new(name.as_bytes()), secret: Span::new(0, 0), masked: Vec::new(), is_cut: (false, false) },
        suppression: None,
        presence: None,
        unheard: None,
        line_hash: None,
        may_be_chosen: false,
    }
}

fn latency(exchanges: &[Exchange]) -> Option<Latency> {
    let connect = median(exchanges.iter().filter_map(|exchange| exchange.connect).collect());
    let first_byte = median(exchanges.iter().map(|exchange| exchange.first_byte).collect())?;
    Some(Latency { n: exchanges.len(), connect, first_byte })
}

fn median(mut durations: Vec<Duration>) -> Option<Duration> {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied()
}

/// The headers that tell of limits.
fn limits(exchange: &Exchange, secret: &Secret) -> Vec<(String, String)> {
    let is_limit = |name: &str| name.contains("ratelimit") || name.contains("rate-limit") || name == "retry-after";
    let named = exchange.reply.headers.iter().filter(|(name, _)| is_limit(name));
    let mut limits = harmless(named.map(|(name, value)| (facts::clean(name), facts::clean(value))).collect(), secret);
    limits.sort();
    limits.dedup();
    limits.truncate(N_LIMITS);
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let of = |millis: &[u64]| median(millis.iter().map(|&n| Duration::from_millis(n)).collect()).map(|median| median.as_millis());
        assert_eq!((of(&[9, 1, 5]), of(&[2]), of(&[])), (Some(5), Some(2), None));
    }

    #[test]
    fn limits_are_shown_and_what_repeats_the_key_is_not() {
        let key = crate::rule::draw::Draws::new(3).text(32, crate::rule::draw::ALNUM);
        let headers = [("x-ratelimit-remaining-req", "59"), ("date", "today"), ("x-ratelimit-of", key.as_str()), ("x-ratelimit-limit-req", "60")];
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reply = confirm::Reply { status: 200, headers, ..confirm::Reply::default() };
        let exchange = Exchange { reply, connect: None, first_byte: Duration::ZERO };
        let names: Vec<String> = limits(&exchange, &Secret::new(key.as_bytes())).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(names, ["x-ratelimit-limit-req=60", "x-ratelimit-remaining-req=59"]);
    }
}
