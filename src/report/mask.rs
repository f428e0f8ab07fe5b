//! Text that is safe to show: secrets masked, control characters visible.
//!
//! Whatever a report says about scanned content goes through a [`Mask`] (which knows the report's secrets and hides them wherever they
//! stand, in paths and evidence too) and, on its way to a terminal, through [`printable`]. JSON keeps paths as they are and escapes what
//! is hostile with [`escape_json`].
//!
//! Which secrets are found is decided elsewhere: an excerpt says itself where they stand. But a line may hold others, which no rule knows or which are not
//! reported. So what is quoted of a source is short, and `unknown` hides in it whatever looks random.

mod line;
mod named;
mod printing;
mod readable;
mod unknown;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::finding::{Finding, Report};
use crate::secret::{MASK, Secret};
use crate::span::Span;

pub use line::{CUT, Line};
use printing::printable_bytes;
pub use printing::{escape_json, printable};

/// Characters of a line that are shown to each side of its secret.
const N_BESIDE: usize = 80;

/// Bytes at a secret's end by which it is looked for: its start may be a prefix that thousands share. Secrets that are shorter are words
/// that occur by chance; they are masked where they were found only.
const N_TAIL: usize = 8;

/// Hides a report's secrets, or shows them where the user demanded it.
pub struct Mask<'a> {
    exact: Known<'a>,
    /// The longer secrets, in small letters: names of hosts and headers come back so, and hexadecimal digits are the same in both cases.
    folded: Known<'a>,
    /// The secrets that are too short for that and no words either: they are hidden where they stand alone.
    short: HashSet<&'a [u8], RandomState>,
    /// Every [`N_PIECE`] bytes in a row of a secret in small letters, but for its public prefix: by these, copies that are not exact are known.
    pieces: HashSet<[u8; N_PIECE], RandomState>,
    show_secrets: bool,
    last: RefCell<Option<Quoted>>,
}

/// A line of which is known what is to be hidden in it. Keys of one encoded text, which may be thousands, all quote that text as their line.
struct Quoted {
    line: Secret,
    is_cut: (bool, bool),
    known: Vec<Span>,
    hidden: Vec<Span>,
}

/// Texts to look for.
#[derive(Default)]
struct Known<'a> {
    secrets: HashSet<Cow<'a, [u8]>, RandomState>,
    /// Lengths of the secrets that end in the same bytes.
    tails: HashMap<[u8; N_TAIL], BTreeSet<usize>, RandomState>,
}

impl<'a> Known<'a> {
    fn add(&mut self, secret: Cow<'a, [u8]>) {
        if let Some(&tail) = secret.last_chunk::<N_TAIL>() {
            self.tails.entry(tail).or_default().insert(secret.len());
            self.secrets.insert(secret);
        }
    }

    /// Where they stand in `text`, in order and without overlaps: secrets that overlap become one span.
    fn find(&self, text: &[u8]) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        if self.tails.is_empty() {
            return spans;
        }
        for (at, tail) in text.windows(N_TAIL).enumerate() {
            let Some(lengths) = self.tails.get(tail) else { continue };
            let end = at + N_TAIL;
            let mut starts = lengths.iter().rev().filter_map(|&length| end.checked_sub(length));
            let Some(mut start) = starts.find(|&start| self.secrets.contains(&text[start..end])) else { continue };
            while let Some(last) = spans.pop_if(|last| last.end > start) {
                start = start.min(last.start);
            }
            spans.push(Span::new(start, end));
        }
        spans
    }
}

/// Whether a secret is a word, as people choose passwords: that stands in paths and texts for other reasons, and is masked only where it was found.
fn is_word(secret: &[u8]) -> bool {
    secret.len() <= LONGEST_WORD && secret.iter().skip(1).all(u8::is_ascii_lowercase) && secret.first().is_some_and(u8::is_ascii_alphabetic)
}

/// The shortest secret that is looked for elsewhere than where it was found.
const N_SHORT: usize = 5;

/// The longest secret that may be a word.
const LONGEST_WORD: usize = 15;

/// So many bytes in a row that are a secret's too give a part of it away.
const N_PIECE: usize = 12;
/// The shortest run of key characters that is hidden for what it is a part of.
const N_RUN: usize = N_PIECE;
/// The shortest secret that is looked for in any case: shorter ones are words, too, that stand elsewhere in another case.
const N_FOLDED: usize = 16;

#[expect(clippy::disallowed_methods, reason = "a secret's bytes are needed to find and hide them, and to show them on the user's demand")]
fn bytes_of(secret: &Secret) -> &[u8] {
    secret.expose()
}

impl<'a> Mask<'a> {
    /// A mask for everything that `report` says.
    pub fn new(report: &'a Report, show_secrets: bool) -> Self {
        Self::of(report.findings.iter().chain(&report.suppressed).chain(&report.left_out), show_secrets)
    }

    /// A mask for everything that is said about these findings.
    pub fn of(findings: impl Iterator<Item = &'a Finding>, show_secrets: bool) -> Self {
        let (exact, folded) = (Known::default(), Known::default());
        let mut mask = Self { exact, folded, short: HashSet::default(), pieces: HashSet::default(), show_secrets, last: RefCell::default() };
        if !show_secrets {
            for finding in findings {
                let secret = bytes_of(&finding.secret);
                if is_word(secret) {
                    continue;
                }
                mask.know(secret);
                mask.know(finding.excerpt.secret.of(bytes_of(&finding.excerpt.line)));
                let is_partner_public = finding.rule.pair.as_ref().is_none_or(|pair| pair.is_public);
                if let Some(partner) = finding.partner.as_ref().filter(|_| !is_partner_public) {
                    mask.know(bytes_of(&partner.secret));
                }
                let hidden = secret[finding.n_public().min(secret.len())..].to_ascii_lowercase();
                mask.pieces.extend(hidden.windows(N_PIECE).filter_map(|piece| piece.first_chunk().copied()));
            }
        }
        mask
    }

    fn know(&mut self, secret: &'a [u8]) {
        self.exact.add(Cow::Borrowed(secret));
        if (N_SHORT..N_TAIL).contains(&secret.len()) && !secret.iter().all(u8::is_ascii_alphabetic) && !secret.iter().all(u8::is_ascii_digit) {
            self.short.insert(secret);
        }
        if secret.len() >= N_FOLDED {
            self.folded.add(Cow::Owned(secret.to_ascii_lowercase()));
        }
    }

    /// Runs of key characters that hold a piece of a secret, as it is or with its characters escaped: copies of which some characters are missing.
    /// What is `known` already splits runs.
    fn find_parts(&self, text: &[u8], known: &[Span]) -> Vec<Span> {
        if self.pieces.is_empty() {
            return Vec::new();
        }
        let mut text = text.to_owned();
        known.iter().for_each(|span| text[span.start..span.end].fill(0));
        text.make_ascii_lowercase();
        let is_of_run = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'%' | b'\\');
        let mut spans = Vec::new();
        let mut at = 0;
        for run in text.chunk_by(|a, b| is_of_run(a) == is_of_run(b)) {
            if run.len() >= N_RUN && is_of_run(&run[0]) {
                let has_piece = |run: &[u8]| run.windows(N_PIECE).any(|piece| self.pieces.contains(piece));
                if has_piece(run) || run.iter().any(|byte| matches!(byte, b'%' | b'\\')) && has_piece(&unescaped(run).to_ascii_lowercase()) {
                    spans.push(Span::new(at, at + run.len()));
                }
            }
            at += run.len();
        }
        spans
    }

    /// Where short secrets stand alone, in no order.
    fn find_short(&self, text: &[u8]) -> Vec<Span> {
        if self.short.is_empty() {
            return Vec::new();
        }
        let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let places = (N_SHORT..N_TAIL).flat_map(|n| (0..(text.len() + 1).saturating_sub(n)).map(move |start| Span::new(start, start + n)));
        let known = places.filter(|span| self.short.contains(span.of(text)));
        known.filter(|span| !is_part(span.start.checked_sub(1).and_then(|at| text.get(at))) && !is_part(text.get(span.end))).collect()
    }

    /// Everything in `text` that is a secret or a part of one, and what is `known` to be, in order and without overlaps.
    fn find_all(&self, text: &[u8], known: &[Span]) -> Vec<Span> {
        let folded = if self.folded.secrets.is_empty() { Vec::new() } else { self.folded.find(&text.to_ascii_lowercase()) };
        let mut all = [self.exact.find(text).as_slice(), &folded, known].concat();
        all.extend(self.find_short(text));
        all.extend(self.find_parts(text, &all));
        merged(all)
    }

    /// The text without secrets, otherwise as it is: for JSON, where a path must stay the path it is.
    pub fn hide(&self, text: &str) -> String {
        String::from_utf8_lossy(&masked_at(text, &self.find_all(text.as_bytes(), &[]))).into_owned()
    }

    /// The text without secrets and printable.
    pub fn text(&self, text: &str) -> String {
        printable(&self.hide(text))
    }

    /// [`Mask::text`] for a text of somebody else, in which secrets stand that were not found: what looks like one is hidden, too.
    pub fn quoted(&self, text: &str) -> String {
        self.without(text, |text| unknown::find(text, &[], (false, false)))
    }

    /// [`Mask::text`] for a sentence of ours that quotes words of a source: what looks random in it is hidden, too.
    pub fn told(&self, text: &str) -> String {
        self.without(text, unknown::find_random)
    }

    fn without(&self, text: &str, unknown: impl Fn(&[u8]) -> Vec<Span>) -> String {
        if self.show_secrets {
            return printable(text);
        }
        let text = self.hide(text);
        printable_bytes(&masked_at(&text, &unknown(text.as_bytes())))
    }

    /// The finding's secret: masked, or itself where the user demanded it, then not yet printable.
    pub fn secret(&self, finding: &Finding) -> String {
        if self.show_secrets { String::from_utf8_lossy(bytes_of(&finding.secret)).into_owned() } else { finding.masked() }
    }

    /// What is to be hidden in a line of a source: secrets, parts of them, what is `known` to be one, and what looks like one.
    fn hidden_in(&self, line: &[u8], is_cut: (bool, bool), known: Vec<Span>) -> Vec<Span> {
        let is_same = |last: &&Quoted| last.is_cut == is_cut && last.known == known && bytes_of(&last.line) == line;
        if let Some(last) = self.last.borrow().as_ref().filter(is_same) {
            return last.hidden.clone();
        }
        let found = self.find_all(line, &known);
        let unknown = unknown::find(line, &found, is_cut);
        let hidden = merged([found, unknown].concat());
        self.last.replace(Some(Quoted { line: Secret::new(line), is_cut, known, hidden: hidden.clone() }));
        hidden
    }

    /// What stands around the finding's secret in its line, `N_BESIDE` characters to each side: its own secret as [`Finding::masked`], and masked whatever
    /// else is one or looks like one.
    pub fn line(&self, finding: &Finding) -> Line {
        let excerpt = &finding.excerpt;
        let bytes = bytes_of(&excerpt.line);
        let bytes = if excerpt.is_cut.1 { bytes } else { bytes.strip_suffix(b"\r").unwrap_or(bytes) };
        let clipped = |span: Span| Span::new(span.start.min(bytes.len()), span.end.min(bytes.len()));
        let own = clipped(excerpt.secret);
        let mut hidden: Vec<Span> = Vec::new();
        if !self.show_secrets {
            let known: Vec<Span> = excerpt.masked.iter().copied().map(clipped).chain([own]).collect();
            let spans = self.hidden_in(bytes, excerpt.is_cut, known).into_iter();
            // What of another span overlaps the own secret is under its mask already.
            let outside = spans.flat_map(|span| [Span::new(span.start, span.end.min(own.start)), Span::new(span.start.max(own.end), span.end)]);
            hidden = outside.filter(|span| !span.is_empty()).collect();
        }
        hidden.push(own);
        hidden.sort_unstable();
        let mut text = String::from(if excerpt.is_cut.0 { CUT } else { "" });
        let (mut at, mut columns) = (0, 0..0);
        for span in hidden {
            text.push_str(&printable_bytes(Span::new(at, span.start).of(bytes)));
            if span == own {
                let start = text.chars().count();
                let shown = if self.show_secrets { printable_bytes(own.of(bytes)) } else { finding.masked() };
                text.push_str(&shown);
                columns = start..start + shown.chars().count();
            } else if span.start >= at {
                text.push_str(MASK);
            }
            at = at.max(span.end);
        }
        text.push_str(&printable_bytes(Span::new(at, bytes.len()).of(bytes)));
        if excerpt.is_cut.1 {
            text.push_str(CUT);
        }
        Line { text, columns }.around(N_BESIDE)
    }
}

/// `text` with the mask in place of each of `spans`, which are in order.
fn masked_at(text: &str, spans: &[Span]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    for span in spans {
        out.extend_from_slice(&text.as_bytes()[at..span.start]);
        out.extend_from_slice(MASK.as_bytes());
        at = span.end;
    }
    out.extend_from_slice(&text.as_bytes()[at..]);
    out
}

/// The spans in order; those that overlap become one. Such as only touch have a mask each, unlike [`crate::span::merged`].
fn merged(mut all: Vec<Span>) -> Vec<Span> {
    all.sort_unstable();
    let mut spans: Vec<Span> = Vec::new();
    for span in all {
        match spans.last_mut() {
            Some(last) if last.overlaps(span) => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    spans
}

/// `run` with `%5F`, `\x5f` and `\u005f` undone.
fn unescaped(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len());
    let mut at = 0;
    while at < run.len() {
        let (n_mark, n_digits) = match run[at..] {
            [b'%', ..] => (1, 2),
            [b'\\', b'x', ..] => (2, 2),
            [b'\\', b'u', ..] => (2, 4),
            _ => (0, 0),
        };
        let digits = run.get(at + n_mark..at + n_mark + n_digits).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += n_mark + n_digits;
            }
            None => {
                out.push(run[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, random, report};

    #[test]
    fn a_secret_is_hidden_whatever_its_case() {
        let key = format!("{}.{}", random(20), random(20));
        let report = report(vec![finding("mistral-api-key", "a.py", &key, &key)]);
        let mask = Mask::new(&report, false);
        for text in [key.clone(), key.to_lowercase(), key.to_uppercase(), key[3..19].to_uppercase()] {
            assert_eq!(mask.hide(&format!("to {text} ")), format!("to {MASK} "));
        }
        let short = [random(10), "Q".to_owned()].concat();
        let report = self::report(vec![finding("mistral-api-key", "a.py", &short, &short)]);
        let mask = Mask::new(&report, false);
        assert_eq!((mask.hide(&short), mask.hide(&short.to_lowercase())), (MASK.to_owned(), short.to_lowercase()), "a word");
    }

    #[test]
    fn a_line_shows_no_secret_and_says_where_its_own_is() {
        let (one, two) = (random(32), random(33));
        let finding = finding("mistral-api-key", "a.py", &format!("x=\"{two}\"; \t y = \"{one}\" # {one} é\r"), &one);
        let report = report(vec![finding]);
        let line = Mask::new(&report, false).line(&report.findings[0]);
        let masked = report.findings[0].masked();
        // The second key is found by no rule here, but it looks like one.
        assert_eq!(line.text, format!("x=\"{MASK}\";   y = \"{masked}\" # {MASK} é"));
        let own: String = line.text.chars().skip(line.columns.start).take(line.columns.len()).collect();
        assert_eq!(own, masked);
        let shown = Mask::new(&report, true).line(&report.findings[0]);
        assert_eq!(shown.text, format!("x=\"{two}\";   y = \"{one}\" # {one} é"));
        assert_eq!(shown.columns.len(), 32);
    }

    #[test]
    fn overlapping_and_outlying_spans_hide_all_they_cover() {
        let key = random(32);
        let mut finding = finding("mistral-api-key", "a.py", &format!("abcdef{key}ghijkl"), &key);
        finding.excerpt.masked = vec![Span::new(0, 3), Span::new(2, 8), Span::new(36, 40), Span::new(39, 41), Span::new(90, 99)];
        finding.excerpt.is_cut = (true, true);
        let report = report(vec![finding]);
        let line = Mask::new(&report, false).line(&report.findings[0]);
        let masked = report.findings[0].masked();
        assert_eq!(line.text, format!("...{MASK}{masked}{MASK}{MASK}..."), "what touches a cut may be a part of something longer");
        assert_eq!(line.columns.start, 11);
    }

    #[test]
    fn texts_are_searched_for_the_longest_known_secret() {
        let (short, long) = (random(20), format!("{}{}", random(33), random(20)));
        let report = report(vec![finding("mistral-api-key", "a", &short, &short), finding("mistral-api-key", "a", &long, &long)]);
        let mask = Mask::new(&report, false);
        assert_eq!(mask.hide(&format!("é/{long}{short}.txt")), format!("é/{MASK}{MASK}.txt"));
        assert_eq!(mask.hide("nothing to hide"), "nothing to hide");
        assert_eq!(Mask::new(&report, true).hide(&short), short);
    }

    #[test]
    fn copies_that_are_not_exact_are_hidden_too() {
        let key = random(32);
        let escaped: String = key.bytes().enumerate().map(|(i, byte)| if i % 5 == 0 { format!("%{byte:02X}") } else { char::from(byte).to_string() }).collect();
        let unicode: String =
            key.bytes().enumerate().map(|(i, byte)| if i % 7 == 0 { format!("\\u{byte:04x}") } else { char::from(byte).to_string() }).collect();
        let copies = [
            key[..31].to_owned(),
            key[1..].to_owned(),
            key[..12].to_owned(),
            format!("{} {}", &key[..15], &key[17..]),
            format!("{}' + '{}", &key[..16], &key[16..]),
            escaped,
            unicode,
        ];
        for copy in copies {
            let report = report(vec![finding("mistral-api-key", "a.py", &format!("x = '{key}' # was '{copy}'"), &key)]);
            let mask = Mask::new(&report, false);
            let line = mask.line(&report.findings[0]).text;
            assert!(!key.as_bytes().windows(12).any(|piece| line.as_bytes().windows(12).any(|shown| shown == piece)), "{line}");
            assert!(line.starts_with("x = '********") && line.contains(&format!("# was '{MASK}")) && line.ends_with('\''), "{line}");
            assert_eq!(mask.hide(&copy).replace(MASK, "").replace("' + '", "").trim(), "");
        }
    }
}
