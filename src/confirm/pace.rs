//! When a host may be asked again: a request at a time and so many a second, what the host itself demands, and how long trying again goes on.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::Reply;
use crate::rule::draw::Draws;

/// After so many requests in a row to which it gave no answer a host is not asked again.
const N_ERRORS: u32 = 5;
/// After so many answers in a row that it is too busy, whatever the keys, a host is not asked again: each of them may have cost a long wait.
const N_REFUSED: u32 = 6;
/// A limit that so many keys in a row met is the host's, and not that of their accounts.
const N_LIMITED: usize = 2;
/// The first pause before trying again is at most this long; each further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longer pauses count as this one; nobody waits for them anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(366 * 86400);
/// How often a request is sent at most.
pub const N_TRIES: u32 = 3;
/// A key may take so many times as long as a request.
pub const BUDGET: u32 = 3;

/// A key of the run: the place of its question, and whether it is the random key that stands for the question's.
pub type Key = (usize, bool);

/// The state of one host.
#[derive(Debug)]
pub struct Lane {
    /// Time between two requests: a bucket that holds one token.
    interval: Duration,
    /// When the next token is there.
    token_at: Instant,
    /// Until when the host wants nothing, or is left alone before another try.
    held_until: Instant,
    n_errors: u32,
    /// How many answers in a row put a request off.
    n_refused: u32,
    /// The keys that met a limit since it last answered a request without one.
    limited: BTreeSet<Key>,
}

impl Lane {
    /// A host that may be asked `rate` times a second, from `now` on.
    pub fn new(rate: f64, now: Instant) -> Self {
        let rate = if rate.is_finite() { rate.clamp(0.001, 1000.0) } else { 1.0 };
        Self { interval: Duration::from_secs_f64(1.0 / rate), token_at: now, held_until: now, n_errors: 0, n_refused: 0, limited: BTreeSet::new() }
    }

    /// When it may be asked next.
    pub fn next_at(&self) -> Instant {
        self.token_at.max(self.held_until)
    }

    /// Until when the host wants nothing.
    pub const fn held_until(&self) -> Instant {
        self.held_until
    }

    /// A request was sent.
    pub fn sent(&mut self, now: Instant) {
        self.token_at = now + self.interval;
    }

    /// The host wants no request before `pause` is over.
    pub fn hold(&mut self, now: Instant, pause: Duration) {
        // A pause that no clock can count is as good as one that nobody waits for.
        self.held_until = self.held_until.max(now + pause.min(LONGEST_PAUSE));
    }

    /// The host answered.
    pub const fn answered(&mut self) {
        self.n_errors = 0;
    }

    /// Notes whether the answer about `key` was that there are too many requests.
    pub fn limited(&mut self, key: Key, is_limited: bool) {
        if is_limited {
            self.limited.insert(key);
        } else {
            self.limited.clear();
        }
    }

    /// Whether a limit that was met holds for all keys. While only one has met it, it may be that key's own.
    pub fn is_limited(&self) -> bool {
        self.limited.len() >= N_LIMITED
    }

    /// Notes whether the answer put the request off: too many of them, or the host has trouble.
    pub const fn refused(&mut self, is_refused: bool) {
        self.n_refused = if is_refused { self.n_refused.saturating_add(1) } else { 0 };
    }

    /// Whether it put off so many requests that nobody asks it again.
    pub const fn is_shut(&self) -> bool {
        self.n_refused >= N_REFUSED
    }

    /// The network failed.
    pub const fn failed(&mut self) {
        self.n_errors = self.n_errors.saturating_add(1);
    }

    /// Whether it failed so often that nobody asks it again.
    pub const fn is_broken(&self) -> bool {
        self.n_errors >= N_ERRORS
    }
}

/// The pause before the try after `n_tries`: exponential, with full jitter.
pub fn backoff(n_tries: u32, draws: &mut Draws) -> Duration {
    let longest = FIRST_PAUSE * 2u32.saturating_pow(n_tries.saturating_sub(1)).min(64);
    Duration::from_millis(draws.below(longest.as_millis() as usize + 1) as u64)
}

/// How long the host wants nothing more, by the headers of its answer; none if they do not say. A pause that is not said with a refusal counts only if
/// nothing remains until then.
pub fn demanded(reply: &Reply, now: Timestamp) -> Option<Duration> {
    let is_refused = matches!(reply.status, 429 | 503);
    let after =
        header(reply, "retry-after").filter(|_| is_refused).and_then(|value| date(value, now).or_else(|| seconds(value)).or_else(|| amount(value, now)));
    after.or_else(|| reset(reply, is_refused, now))
}

/// The longest of the resets that matter.
fn reset(reply: &Reply, is_refused: bool, now: Timestamp) -> Option<Duration> {
    let resets = reply.headers.iter().filter_map(|(name, value)| {
        let kind =
            name.strip_prefix("x-ratelimit-reset").or_else(|| name.strip_prefix("x-rate-limit-reset")).or_else(|| name.strip_prefix("ratelimit-reset"))?;
        let remaining = format!("{}{kind}", name[..name.len() - kind.len()].replace("reset", "remaining"));
        let left = header(reply, &remaining).map(|left| left.trim().parse::<f64>());
        // Requests that list models use up no tokens.
        let is_used_up = !kind.contains("token") && matches!(left, Some(Ok(left)) if left <= 0.0);
        if is_used_up || (is_refused && left.is_none()) { amount(value, now) } else { None }
    });
    resets.max()
}

fn header<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    reply.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// A pause in words: whole seconds, not less than it is.
pub fn text(pause: Duration) -> String {
    let seconds = pause.min(LONGEST_PAUSE).as_millis().div_ceil(1000);
    format!("{seconds} {}", if seconds == 1 { "second" } else { "seconds" })
}

/// An HTTP date.
fn date(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    match DateTimeParser::new().parse_timestamp(text) {
        Ok(at) => Some(Duration::try_from(at.duration_since(now)).unwrap_or_default()),
        // The last days that can be written are no time that can be counted.
        Err(_) => (text.ends_with("GMT") && text.split(' ').any(|word| word == "9999")).then_some(LONGEST_PAUSE),
    }
}

/// A number of seconds, never a time: how long a number it may be, is not said anywhere.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse::<f64>().ok().and_then(counted)
}

/// A pause of so many seconds. What no clock can count is the longest; what is no pause is none.
fn counted(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE))
}

/// Seconds, seconds or milliseconds since 1970, a date, or a text such as `1m30.5s`.
fn amount(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        let since_now = |epoch: f64| (epoch - now.as_millisecond() as f64 / 1000.0).max(0.0);
        let seconds = match number {
            n if n >= 1e12 => since_now(n / 1000.0),
            n if n >= 1e9 => since_now(n),
            n => n,
        };
        return counted(seconds);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Duration::try_from(at.duration_since(now)).unwrap_or_default());
    }
    parts(text)
}

/// `6m0s`, `120ms`, `1h2m3.5s`.
fn parts(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let n_digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest[..n_digits].parse().ok()?;
        let n_letters = rest[n_digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        let unit = match &rest[n_digits..n_digits + n_letters] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        seconds += number * unit;
        rest = &rest[n_digits + n_letters..];
    }
    if text.is_empty() { None } else { counted(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-01T12:00:00Z";

    fn pause(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        demanded(&Reply { status, headers, ..Reply::default() }, NOW.parse().expect("the test gives what is needed")).map(|pause| pause.as_millis() as u64)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(pause(429, &[("retry-after", "7")]), Some(7000));
        assert_eq!(pause(503, &[("retry-after", "Sun, 01 Mar 2026 12:00:20 GMT")]), Some(20_000));
        assert_eq!(pause(429, &[("retry-after", "Sun, 01 Mar 2020 12:00:20 GMT")]), Some(0));
        assert_eq!(pause(200, &[("retry-after", "7")]), None);
        assert_eq!(pause(429, &[]), None);
    }

    #[test]
    fn a_reset_counts_when_nothing_remains() {
        let reset = |value, left| pause(200, &[("x-ratelimit-reset-requests", value), ("x-ratelimit-remaining-requests", left)]);
        for (value, expected) in [
            ("1s", 1000),
            ("6m0s", 360_000),
            ("120ms", 120),
            ("1m30.5s", 90_500),
            ("12", 12_000),
            ("1772366405", 5000),
            ("1772366405000", 5000),
            ("2026-03-01T12:00:09Z", 9000),
        ] {
            assert_eq!(reset(value, "0"), Some(expected), "{value}");
            assert_eq!(reset(value, "3"), None, "{value}");
        }
        assert_eq!(pause(429, &[("x-ratelimit-reset", "3")]), Some(3000));
        assert_eq!(pause(200, &[("x-ratelimit-reset", "3")]), None);
        assert_eq!(pause(200, &[("x-ratelimit-reset-tokens", "3s"), ("x-ratelimit-remaining-tokens", "0")]), None);
    }

    #[test]
    fn a_pause_that_cannot_be_counted_is_the_longest() {
        let longest = Some(LONGEST_PAUSE.as_millis() as u64);
        for text in ["1000000000", "1772366405", "99999999999999999999", "1e400", "inf", "Fri, 31 Dec 9999 23:59:59 GMT", "9999999999999999999999999d"] {
            assert_eq!(pause(429, &[("retry-after", text)]), longest, "{text:?}");
        }
        for text in ["1e400", "inf", "9999999999999999999999999d"] {
            assert_eq!(pause(429, &[("x-ratelimit-reset", text)]), longest, "{text:?}");
        }
    }

    #[test]
    fn pauses_in_words_are_whole_seconds() {
        let shown = [0, 1, 999, 1000, 1001].map(|millis| text(Duration::from_millis(millis)));
        assert_eq!(shown, ["0 seconds", "1 second", "1 second", "1 second", "2 seconds"]);
    }

    #[test]
    fn nonsense_in_headers_says_nothing() {
        for text in ["", " ", "soon", "-1", "-inf", "NaN", "1x", "s", "1..2s", "é"] {
            assert_eq!(pause(429, &[("retry-after", text)]), None, "{text:?}");
            assert_eq!(pause(429, &[("x-ratelimit-reset", text)]), None, "{text:?}");
        }
    }

    #[test]
    fn a_limit_is_the_hosts_once_two_keys_in_a_row_met_it() {
        let mut lane = Lane::new(1.0, Instant::now());
        let mut after = |key, is_limited| {
            lane.limited(key, is_limited);
            lane.is_limited()
        };
        assert!(!after((0, false), true) && !after((0, false), true), "one key");
        assert!(!after((1, false), false) && !after((2, false), true), "another one met none");
        assert!(after((2, true), true) && after((2, true), true), "two");
        assert!(!after((3, false), false));
    }

    #[test]
    fn a_lane_keeps_its_distance_and_breaks_after_five_failures_in_a_row() {
        let start = Instant::now();
        let mut lane = Lane::new(2.0, start);
        assert_eq!(lane.next_at(), start);
        lane.sent(start);
        assert_eq!(lane.next_at(), start + Duration::from_millis(500));
        lane.hold(start, Duration::from_secs(3));
        lane.sent(start);
        assert_eq!(lane.next_at(), start + Duration::from_secs(3));
        (0..4).for_each(|_| lane.failed());
        lane.answered();
        (0..4).for_each(|_| lane.failed());
        assert!(!lane.is_broken());
        lane.failed();
        assert!(lane.is_broken());
    }

    #[test]
    fn a_lane_shuts_after_six_answers_in_a_row_that_put_a_request_off() {
        let mut lane = Lane::new(1.0, Instant::now());
        (0..5).for_each(|_| lane.refused(true));
        lane.refused(false);
        (0..5).for_each(|_| lane.refused(true));
        assert!(!lane.is_shut());
        lane.refused(true);
        assert!(lane.is_shut());
    }

    #[test]
    fn rates_that_make_no_sense_do_no_harm() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            Lane::new(rate, Instant::now()).sent(Instant::now());
        }
    }

    #[test]
    fn pauses_grow_and_are_drawn() {
        let mut draws = Draws::new(1);
        for (n_tries, longest) in [(1, 500), (2, 1000), (3, 2000)] {
            let drawn: Vec<u128> = (0..200).map(|_| backoff(n_tries, &mut draws).as_millis()).collect();
            assert!(drawn.iter().all(|pause| *pause <= longest) && drawn.iter().any(|pause| *pause > longest / 2), "{n_tries}");
        }
    }
}
