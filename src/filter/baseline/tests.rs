//! Entries of a baseline and the findings that they accept, or do not.

use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::blob::{Commit, Origin};
use crate::finding::{Confidence, Excerpt, Layer};
use crate::rule::RuleSet;
use crate::secret::Secret;
use crate::span::{Position, Region, Span};
use crate::verdict::Confirmation;

const TODAY: Date = date(2026, 6, 15);
const STRONG: &str = "T0pS3cretButNoKeyOfAnybody1";
const WEAK: &str = "hunter2";

/// A finding of `rule` at `path`, for `secret` on `line`; `others` are further secrets on it.
fn finding_of(rule: &str, path: &str, line: &str, secret: &str, others: &[&str]) -> Finding {
    let span = |text: &str| {
        let start = line.find(text).expect("the line holds it");
        Span::new(start, start + text.len())
    };
    let mut masked: Vec<Span> = others.iter().copied().chain([secret]).map(span).collect();
    masked.sort_unstable();
    let at = |column| Position { line: 12, column };
    Finding {
        origin: Origin::new(path),
        region: Region { start: at(1), end: at(9), offset: 99, utf16: (1, 9) },
        rule: RuleSet::built_in().get(rule).expect("it is built in"),
        providers: Vec::new(),
        layer: Layer::Raw,
        secret: Secret::new(secret.as_bytes()),
        matched: None,
        confidence: Confidence::High,
        evidence: Vec::new(),
        partner: None,
        confirmation: Confirmation::default(),
        hosts: Vec::new(),
        excerpt: Excerpt { line: Secret::new(line.as_bytes()), secret: span(secret), masked, is_cut: (false, false) },
        suppression: None,
        unheard: None,
        line_hash: None,
        may_be_chosen: false,
        presence: None,
    }
}

fn finding(line: &str, secret: &str) -> Finding {
    finding_of("generic-secret", "a.env", line, secret, &[])
}

fn salt(byte: u8) -> Salt {
    Salt::new([byte; 16])
}

fn baseline(entries: Vec<Entry>) -> Baseline {
    Baseline::new("b", Format::Keysift(salt(7)), entries)
}

fn accepts(entry: &Entry, finding: &Finding) -> bool {
    baseline(vec![entry.clone()]).suppression(finding, TODAY).is_some()
}

fn in_commit(finding: &Finding, id: &str) -> Finding {
    let text = String::new;
    let commit = Commit { author_seconds: 0, author_date: text(), id: id.to_owned(), author: text(), email: text(), summary: text() };
    Finding { origin: Origin::in_commit(&finding.origin.path, Arc::new(commit)), ..finding.clone() }
}

#[test]
fn an_entry_is_for_one_rule_path_and_secret() {
    let line = format!("KEY={STRONG}");
    let first = finding(&line, STRONG);
    let entry = Entry::accepting(&first, &salt(7));
    assert!(accepts(&entry, &first));
    assert!(accepts(&entry, &finding(&format!("other text: '{STRONG}'"), STRONG)), "the line does not count");
    assert!(!accepts(&entry, &finding_of("generic-secret", "b.env", &line, STRONG, &[])));
    assert!(!accepts(&entry, &finding_of("mistral-api-key", "a.env", &line, STRONG, &[])));
    let other = format!("{STRONG}2");
    assert!(!accepts(&entry, &finding(&format!("KEY={other}"), &other)));
    assert!(!accepts(&Entry::accepting(&first, &salt(8)), &first), "digests of another salt are others");
}

#[test]
fn what_a_person_may_have_chosen_is_named_by_its_line_however_long_it_is() {
    let line = format!("password = '{STRONG}'");
    let of = |line: &str, may_be_chosen| Finding { may_be_chosen, ..finding(line, STRONG) };
    let entry = Entry::accepting(&of(&line, true), &salt(7));
    assert!(matches!(entry.mark, Mark::Line(..)));
    assert!(accepts(&entry, &of(&line, true)) && !accepts(&entry, &of(&format!("other = '{STRONG}'"), true)));
    // As it was written before anybody asked.
    let older = Entry::accepting(&of(&line, false), &salt(7));
    assert!(matches!(older.mark, Mark::Content(_)) && accepts(&older, &of(&line, true)));
}

#[test]
fn a_byte_order_mark_before_the_line_does_not_count() {
    let (line, marked) = (format!("password = '{WEAK}'"), format!("\u{feff}password = '{WEAK}'"));
    let entry = Entry::accepting(&finding(&line, WEAK), &salt(7));
    let entry_of_marked = Entry::accepting(&finding(&marked, WEAK), &salt(7));
    assert_eq!(entry.mark, entry_of_marked.mark);
    assert!(accepts(&entry, &finding(&marked, WEAK)) && accepts(&entry, &finding(&line, WEAK)));
    let older = Entry { mark: Mark::all_of(&finding(&marked, WEAK), &salt(7)).pop().expect("there are several"), ..entry.clone() };
    assert!(older.mark != entry.mark && accepts(&older, &finding(&marked, WEAK)) && !accepts(&older, &finding(&line, WEAK)));
}

#[test]
fn a_guessable_secret_is_named_by_its_line() {
    let entry = Entry::accepting(&finding(&format!("  password = '{WEAK}'"), WEAK), &salt(7));
    assert!(matches!(entry.mark, Mark::Line(..)));
    for same in [format!("password='{WEAK}'"), format!("\tpassword = \"{WEAK}\";"), format!("password   =   `{WEAK}`,\r")] {
        assert!(accepts(&entry, &finding(&same, WEAK)), "{same}");
    }
    for other in [format!("passphrase = '{WEAK}'"), format!("password = '{WEAK}' # old"), WEAK.to_owned()] {
        assert!(!accepts(&entry, &finding(&other, WEAK)), "{other}");
    }
    assert!(!accepts(&entry, &finding(&format!("  password = '{}'", "hunter3"), "hunter3")), "another secret in the same place");
}

#[test]
fn no_digest_is_made_of_another_secret_on_the_line() {
    let of = |other: &str| {
        let line = format!("password=hunter2 admin={other}");
        Entry::accepting(&finding_of("generic-secret", "a.env", &line, WEAK, &[other]), &salt(7)).mark
    };
    assert_eq!(of("letmein"), of("opensesame"));
}

#[test]
fn only_a_byte_of_a_guessable_secret_is_kept() {
    let check = |n: u32| match Mark::of(&finding(&format!("pin={n:06}"), &format!("{n:06}")), &salt(7)) {
        Mark::Line(line, check) => (line, check),
        other => panic!("{other:?}"),
    };
    let n_same = (0..2560).filter(|&n| check(n) == check(123_456)).count();
    assert!((1..40).contains(&n_same), "{n_same} of 2560 guesses fit: about one in 256");
}

#[test]
fn marks_are_read_as_they_are_written() {
    for mark in [Mark::Content([0xab; 16]), Mark::Line([0x1f; 16], 0x0e)] {
        assert_eq!(Mark::parse(&mark.text().expect("it is ours")), Some(mark));
    }
    let hex = "0".repeat(32);
    let bad = [
        "",
        "content:",
        &format!("content:{hex}0"),
        &format!("line:{hex}"),
        &format!("line:{hex}-0"),
        &format!("sha1:{hex}"),
        &format!("content:{}é", &hex[2..]),
    ];
    for text in bad {
        assert_eq!(Mark::parse(text), None, "{text}");
    }
    assert_eq!(Mark::LineNumber(3).text(), None);
}

#[test]
fn an_entry_that_expired_accepts_nothing_and_is_told() {
    let known = finding(&format!("KEY={STRONG}"), STRONG);
    let until = |day| Entry { until: Some(day), number: 4, owner: Some("ops".to_owned()), ..Entry::accepting(&known, &salt(7)) };
    assert!(accepts(&until(TODAY), &known));
    let old = baseline(vec![until(date(2026, 6, 14))]);
    assert_eq!(old.suppression(&known, TODAY), None);
    assert!(old.is_matched(&until(date(2026, 6, 14))));
    let used = old.usage(TODAY, |_| false);
    assert_eq!(used.stale.iter().map(|stale| (stale.entry.as_str(), stale.why.as_str())).collect::<Vec<_>>(), [("b:4", "expired on 2026-06-14 (owner: ops)")]);
}

#[test]
fn unused_entries_are_told_for_what_was_scanned() {
    let known = finding(&format!("KEY={STRONG}"), STRONG);
    let entry = Entry::accepting(&known, &salt(7));
    let elsewhere = Entry { path: "x/a.env".to_owned(), ..entry.clone() };
    let renamed = Entry { rule: Some("mistral-api-key".to_owned()), ..entry.clone() };
    let list = baseline(vec![entry, elsewhere, renamed]);
    assert!(list.suppression(&known, TODAY).is_some());
    let whys = |is_scanned: fn(&str) -> bool| list.usage(TODAY, is_scanned).stale.into_iter().map(|stale| stale.why).collect::<Vec<_>>();
    assert_eq!(whys(|_| true), ["matched no finding", "matched no finding, but another rule finds its secret there now"]);
    assert_eq!(whys(|path| path == "x/a.env"), ["matched no finding"]);
    assert_eq!(list.states(TODAY).map(|(_, state)| state).collect::<Vec<_>>(), [State::Used, State::Unused, State::OtherRule]);
}

#[test]
fn baselines_of_others_match_by_what_they_hold() {
    let known = finding(&format!("KEY={STRONG}"), STRONG);
    let entry = |mark| Entry { rule: None, mark, ..Entry::accepting(&known, &salt(7)) };
    let is_accepted = |format: Format, entry: Entry, finding: &Finding| Baseline::new("b", format, vec![entry]).suppression(finding, TODAY).is_some();
    let secret = |text: &str| entry(Mark::Secret(Secret::new(text.as_bytes())));
    assert!(is_accepted(Format::GitleaksReport, secret(STRONG), &known));
    assert!(!is_accepted(Format::GitleaksReport, secret(WEAK), &known));
    assert!(is_accepted(Format::DetectSecrets, entry(Mark::Sha1(known.secret.sha1())), &known));
    assert!(is_accepted(Format::GitleaksIgnore, entry(Mark::LineNumber(12)), &known));
    assert!(!is_accepted(Format::GitleaksIgnore, entry(Mark::LineNumber(13)), &known));
    let of_commit = Entry { commit: Some("c0ffee".to_owned()), ..entry(Mark::LineNumber(12)) };
    assert!(is_accepted(Format::GitleaksIgnore, of_commit.clone(), &in_commit(&known, "c0ffee")));
    assert!(!is_accepted(Format::GitleaksIgnore, of_commit.clone(), &in_commit(&known, "decaf0")));
    assert!(!is_accepted(Format::GitleaksIgnore, of_commit.clone(), &known));
    assert_eq!(Baseline::new("b", Format::GitleaksIgnore, vec![of_commit]).usage(TODAY, |_| true).stale, []);
}
