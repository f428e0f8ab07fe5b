//! Reports made by hand, for the tests of this stage. Keys are drawn at run time: no text here looks like one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Options, SarifScope};
use crate::blob::{Commit, Origin, Skip, SkipReason};
use crate::finding::{
    BaselineUse, Confidence, Coverage, Evidence, Excerpt, Finding, Layer, NamedPath, Presence, Reach, ReachKind, Report, Repository, StaleEntry, Suppression,
    TipPlace,
};
use crate::rule::{GENERIC_AMBIGUOUS, Provider, RuleSet};
use crate::secret::Secret;
use crate::span::{Position, Region, Span, n_chars};
use crate::verdict::{Answers, Confirmation, Fact, FailOn, Undecided, Verdict};

/// Everything shown, nothing unmasked.
pub fn all_options() -> Options<'static> {
    Options {
        show_secrets: false,
        show_suppressed: true,
        show_skipped: true,
        color: false,
        width: 80,
        quiet: false,
        category: None,
        sarif_scope: SarifScope::Head,
        repository_url: None,
        ran: (0, 61),
    }
}

/// `n` random letters and digits, different ones each time.
pub fn random(n: usize) -> String {
    static STATE: AtomicU64 = AtomicU64::new(1);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let draw = |_| {
        // Knuth's MMIX generator: its high bits are random enough for a key.
        let step = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        let state = STATE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).expect("the step always gives a state");
        alphabet[(state >> 33) as usize % alphabet.len()] as char
    };
    (0..n).map(draw).collect()
}

/// A key of OpenAI's format.
pub fn openai_key(prefix: &str) -> String {
    ["sk-", prefix, &random(74), "T3Bl", "bkFJ", &random(74)].concat()
}

/// A piece of evidence.
pub fn evidence(text: &str, weight: i32) -> Evidence {
    Evidence { kind: "assigned-name", weight, text: text.to_owned() }
}

/// The built-in provider called `id`.
pub fn provider(id: &str) -> &'static Provider {
    RuleSet::built_in().providers.into_iter().find(|provider| provider.id == id).expect("it is built in")
}

/// A finding on line 12 of `path`, whose `line` holds `secret`.
pub fn finding(rule: &str, path: &str, line: &str, secret: &str) -> Finding {
    let rule = RuleSet::built_in().get(rule).expect("it is built in");
    let start = line.find(secret).expect("the line holds the secret");
    let span = Span::new(start, start + secret.len());
    let column = n_chars(&line.as_bytes()[..start]) + 1;
    let at = |column| Position { line: 12, column };
    Finding {
        origin: Origin::new(path),
        region: Region {
            start: at(column),
            end: at(column + n_chars(secret.as_bytes())),
            offset: 200 + start as u64,
            utf16: (column, column + n_chars(secret.as_bytes())),
        },
        rule,
        providers: Vec::new(),
        layer: Layer::Raw,
        secret: Secret::new(secret.as_bytes()),
        matched: None,
        confidence: Confidence::High,
        evidence: vec![evidence("assigned to `API_KEY`", 5)],
        partner: None,
        confirmation: Confirmation::default(),
        hosts: Vec::new(),
        excerpt: Excerpt { line: Secret::new(line.as_bytes()), secret: span, masked: vec![span], is_cut: (false, false) },
        suppression: None,
        unheard: None,
        line_hash: None,
        may_be_chosen: false,
        presence: None,
    }
}

/// A complete report with `findings`.
pub fn report(findings: Vec<Finding>) -> Report {
    Report {
        targets: vec![".".to_owned()],
        root: "/home/me/my project".to_owned(),
        reach: Reach { kind: ReachKind::Files, paths: vec![NamedPath { path: ".".to_owned(), typed: ".".to_owned() }] },
        findings,
        suppressed: Vec::new(),
        skips: Vec::new(),
        coverage: Coverage::default(),
        min_confidence: Confidence::Low,
        incomplete: Vec::new(),
        n_rules: 26,
        config: None,
        disabled_rules: Vec::new(),
        baseline: None,
        repository: None,
        answers: None,
        left_out: Vec::new(),
    }
}

/// A report that has something in every field, and the secrets in it. They stand in paths, evidence, and reasons too.
pub fn everything() -> (Report, Vec<String>) {
    let secrets = vec![random(32), openai_key("proj-"), openai_key("admin-"), random(40), random(32), random(32), random(24)];
    let [mistral, openai, admin, ambiguous, in_path, old, allowed] = secrets.as_slice() else { unreachable!("seven were just made") };
    let mut two_on_a_line = finding("openai-api-key", "config/a b%.json", &format!("{{\"m\": \"{mistral}\", \"o\": \"{openai}\"}}"), openai);
    two_on_a_line.excerpt.masked.insert(0, Span::new(7, 39));
    two_on_a_line.excerpt.is_cut = (true, true);
    let mut decoded = finding("openai-admin-key", "deploy.yaml", &format!("  key: {}", random(220)), "key");
    decoded.layer = Layer::Base64;
    decoded.secret = Secret::new(admin.as_bytes());
    decoded.excerpt.secret = Span::new(7, 227);
    decoded.excerpt.masked = vec![decoded.excerpt.secret];
    let mut unsure = finding(GENERIC_AMBIGUOUS, "src/any.py", &format!("KEY = '{ambiguous}'"), ambiguous);
    unsure.providers = vec![provider("mistral"), provider("openai")];
    unsure.confidence = Confidence::Low;
    unsure.evidence.clear();
    let mut leaky = finding("mistral-api-key", &format!("keys/{in_path}.txt"), &format!("{in_path} {in_path}"), in_path);
    leaky.evidence = vec![evidence(&format!("stands in [keys/{in_path}](https://evil.example) {{0}}"), 3), evidence(&format!("near `{mistral}`"), 2)];
    leaky.confidence = Confidence::Medium;
    let suppressed = |finding: Finding, by: &str, reason: Option<String>| Finding { suppression: Some(Suppression { by: by.to_owned(), reason }), ..finding };
    let mut report =
        report(vec![finding("mistral-api-key", "src/chat.py", &format!("Mistral(\"{mistral}\")"), mistral), two_on_a_line, decoded, unsure, leaky]);
    report.suppressed = vec![
        suppressed(finding("mistral-api-key", "src/old.py", &format!("old = {old}"), old), "keysift:allow", Some("rotated in May".to_owned())),
        suppressed(finding("generic-secret", "../x.py", &format!("x = {allowed}"), allowed), ".keysift.toml: allow entry 1", None),
    ];
    report.skips = vec![
        Skip { origin: Origin::new("link"), reason: SkipReason::Symlink, detail: None },
        Skip { origin: Origin::new("locked.txt"), reason: SkipReason::Unreadable, detail: Some("permission denied".to_owned()) },
    ];
    let n_skipped = BTreeMap::from([(SkipReason::Symlink, 1), (SkipReason::Unreadable, 1)]);
    report.coverage = Coverage { n_blobs: 1234, n_bytes: 5_670_000, n_binary: 2, n_skipped, n_ignored: 7, n_below_confidence: 3, ..Coverage::default() };
    report.min_confidence = Confidence::Medium;
    report.incomplete = vec!["locked.txt could not be read: permission denied".to_owned()];
    report.config = Some(format!("{mistral}/keysift.toml"));
    report.disabled_rules = vec!["generic-secret".to_owned()];
    let stale = StaleEntry { entry: format!("{openai}.json: entry 3"), rule: None, path: format!("x/{mistral}"), why: "matched no finding".to_owned() };
    report.baseline = Some(BaselineUse { path: format!("{openai}.json"), n_entries: 3, stale: vec![stale] });
    (report, secrets)
}

/// A complete report of a run that asked the providers: one key each that is live, invalid, unknown and unchecked, and an invalid one that is left out.
pub fn answered() -> Report {
    let found = |rule: &str, path: &str, confirmation: Confirmation| {
        let key = random(32);
        Finding { confirmation, ..finding(rule, path, &format!("KEY={key}"), &key) }
    };
    let from = |verdict, status, host: &str| Confirmation { verdict, status, host: Some(host.to_owned()), ..Confirmation::default() };
    let fact = |name: &str, value: &str| Fact { name: name.to_owned(), value: value.to_owned() };
    let facts = vec![fact("models", "37 models: 12 large, 3 embedding"), fact("owner", "acme")];
    let because = |reason: &str, confirmation| Confirmation { reason: Some(reason.to_owned()), ..confirmation };
    let late = "no answer in time";
    let findings = vec![
        found("mistral-api-key", "a.env", Confirmation { facts, ..from(Verdict::Live, Some(200), "api.mistral.ai") }),
        found("openai-api-key", "b.env", because("it is revoked", from(Verdict::Invalid, Some(401), "api.openai.com"))),
        found("mistral-api-key", "c.env", because(late, from(Verdict::Unknown, None, "api.mistral.ai"))),
        found(GENERIC_AMBIGUOUS, "d.env", Confirmation::unchecked("it is not known whose key it is")),
    ];
    let left_out = vec![found("openai-api-key", "e.env", from(Verdict::Invalid, Some(401), "api.openai.com"))];
    let answers = Answers {
        n_findings: BTreeMap::from([(Verdict::Live, 1), (Verdict::Invalid, 2), (Verdict::Unknown, 1), (Verdict::Unchecked, 1)]),
        n_left_out: BTreeMap::from([(Verdict::Invalid, 1)]),
        only: Vec::new(),
        fail_on: FailOn::Live,
        n_keys: 4,
        n_requests: 6,
        undecided: vec![Undecided { verdict: Verdict::Unknown, reason: late.to_owned(), n_findings: 1, n_left_out: 0 }],
    };
    Report { answers: Some(answers), left_out, ..report(findings) }
}

/// A report on a history: a secret that is still there elsewhere, one that is gone, and one in a message.
pub fn in_history() -> Report {
    let commit = Arc::new(Commit {
        author_seconds: 0,
        author_date: "1970-01-01T00:00:00Z".to_owned(),
        id: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        author: "A U Thor".to_owned(),
        email: "author@example.com".to_owned(),
        summary: "first".to_owned(),
    });
    let in_commit = |path: &str, presence: Option<Presence>| {
        let key = random(32);
        let found = finding("mistral-api-key", path, &format!("KEY={key}"), &key);
        Finding { origin: Origin::in_commit(path, Arc::clone(&commit)), line_hash: Some("abc:1".to_owned()), presence, ..found }
    };
    let at = Position { line: 3, column: 9 };
    let region = Region { start: at, end: Position { column: 41, ..at }, offset: 50, utf16: (10, 42) };
    let at_tip = TipPlace { path: "b.env".into(), region, line_hash: Some("def:2".to_owned()) };
    let paths = vec!["a.env".into(), "b.env".into()];
    let mut message = in_commit("message of commit 0123456789ab", None);
    message.origin.is_message = true;
    let findings = vec![
        in_commit("a.env", Some(Presence { at_tip: Some(at_tip), paths: paths.clone() })),
        in_commit("gone.env", Some(Presence { at_tip: None, paths })),
        message,
    ];
    let uri = Some("https://github.com/acme/app".to_owned());
    let repository = Repository { uri, revision: Some(commit.id.clone()), branch: Some("main".to_owned()) };
    Report { repository: Some(repository), ..report(findings) }
}

/// A report in which every text that comes from outside attacks the terminal.
pub fn hostile() -> Report {
    let attack = "\x1b]0;owned\x07\x1b[2J\r\n\u{9b}31m\u{7f}\u{202e}\u{2066}\u{200b}\0\u{8}";
    let key = random(32);
    let mut finding = finding("mistral-api-key", attack, &format!("{attack}\"{key}\"{attack}"), &key);
    finding.excerpt.line = Secret::new(&[attack.as_bytes(), b"\"", key.as_bytes(), b"\"\xff\xfe\x80", attack.as_bytes()].concat());
    finding.evidence = vec![evidence(attack, 5), evidence(attack, -5)];
    finding.confirmation = Confirmation {
        verdict: Verdict::Live,
        reason: Some(attack.to_owned()),
        status: Some(200),
        host: Some(attack.to_owned()),
        refused_by: Vec::new(),
        facts: vec![Fact { name: attack.to_owned(), value: attack.to_owned() }],
    };
    let mut report = report(vec![finding.clone()]);
    report.targets = vec![attack.to_owned()];
    report.root = format!("/{attack}");
    report.reach.paths = vec![NamedPath { path: attack.to_owned(), typed: attack.to_owned() }];
    finding.suppression = Some(Suppression { by: attack.to_owned(), reason: Some(attack.to_owned()) });
    report.suppressed = vec![finding];
    report.skips = vec![Skip { origin: Origin::new(attack), reason: SkipReason::Unreadable, detail: Some(attack.to_owned()) }];
    report.incomplete = vec![attack.to_owned()];
    report.config = Some(attack.to_owned());
    report.disabled_rules = vec![attack.to_owned()];
    let stale = StaleEntry { entry: attack.to_owned(), rule: Some(attack.to_owned()), path: attack.to_owned(), why: attack.to_owned() };
    report.baseline = Some(BaselineUse { path: attack.to_owned(), n_entries: 1, stale: vec![stale] });
    let undecided = vec![Undecided { verdict: Verdict::Unknown, reason: attack.to_owned(), n_findings: 1, n_left_out: 1 }];
    report.answers = Some(Answers { n_findings: BTreeMap::from([(Verdict::Unknown, 1)]), undecided, ..Answers::default() });
    report
}
