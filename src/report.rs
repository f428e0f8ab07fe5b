//! The report stage: what a scan gave, as bytes for people and for programs.
//!
//! [`render`] makes the bytes, the caller writes them. The same report gives the same bytes. No format shows a secret, unless the user
//! demanded it ([`Options::show_secrets`]; formats that are made to be uploaded not even then). Nothing here filters or looks for secrets.
//!
//! All formats are made of a [`Document`], which is what the JSON report holds.

mod confirmation;
mod csv;
pub mod diff;
pub mod document;
#[cfg(test)]
mod fixture;
pub mod github;
mod gitlab;
mod gitleaks;
mod html;
pub mod join;
mod json;
mod junit;
pub mod markdown;
pub mod mask;
mod sarif;
mod short;
pub mod text;
mod uri;
mod words;

use sha2::{Digest as _, Sha256};

use crate::finding::{Exit, Finding, Report};
use crate::number::{hex, n_distinct};
use crate::rule::GENERIC;

pub use document::Document;
pub use text::summary;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people, on a terminal.
    Text,
    /// For `grep` and editors: a line for each finding.
    Short,
    /// One JSON document, `docs/report.schema.json`.
    Json,
    /// One JSON object on each line: the findings, then a summary.
    Jsonl,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
    /// GitLab's secret detection report.
    Gitlab,
    /// Commands to the GitHub Actions runner: annotations.
    Github,
    /// A table for the summary of a job.
    Markdown,
    /// JUnit XML: each finding a failed test.
    Junit,
    /// A table for spreadsheets.
    Csv,
    /// One page for a browser.
    Html,
    /// gitleaks' JSON report, for programs that read it.
    Gitleaks,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::Short,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Gitlab,
        Self::Github,
        Self::Markdown,
        Self::Junit,
        Self::Csv,
        Self::Html,
        Self::Gitleaks,
    ];

    /// The word used in options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Short => "short",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Gitleaks => "gitleaks",
        }
    }

    /// Whether the format may show secrets to a user who demands it. The others are made to be uploaded and kept.
    pub const fn can_show_secrets(self) -> bool {
        matches!(self, Self::Text | Self::Short | Self::Json | Self::Jsonl | Self::Gitleaks)
    }
}

/// What the user wants to see.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Show secrets unmasked, in formats that may.
    pub show_secrets: bool,
    /// List suppressed findings too.
    pub show_suppressed: bool,
    /// List skipped blobs in the text report; the others always list what the report holds.
    pub show_skipped: bool,
    /// Use terminal colors in text.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// No summary, except for why a scan is incomplete.
    pub quiet: bool,
    /// What a service may tell analyses apart by: SARIF's `automationDetails`.
    pub category: Option<&'a str>,
    /// Which findings of a history a SARIF log has.
    pub sarif_scope: SarifScope,
    /// The repository's page at the service that runs the job, for links to its files; none if there is none.
    pub repository_url: Option<&'a str>,
    /// When the run began and ended, in seconds since 1970-01-01 UTC; only GitLab's report says so.
    pub ran: (i64, i64),
}

/// Which findings of a history a SARIF log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SarifScope {
    /// Those that are still there at the tip: a service shows others at lines that are no such thing, and closes them.
    #[default]
    Head,
    /// All.
    All,
}

/// The report in `format`.
pub fn render(format: Format, report: &Report, options: &Options<'_>) -> Vec<u8> {
    let show_secrets = options.show_secrets && format.can_show_secrets();
    render_document(format, &Document::new(report, show_secrets, options.show_suppressed), options)
}

/// The document in `format`; that it shows no secrets unless the format may is up to the caller.
pub fn render_document(format: Format, document: &Document, options: &Options<'_>) -> Vec<u8> {
    match format {
        Format::Text => text::render(document, options),
        Format::Short => short::render(document),
        Format::Json => json::render(document),
        Format::Jsonl => json::render_lines(document),
        Format::Sarif => sarif::render(document, options),
        Format::Gitlab => gitlab::render(document, options),
        Format::Github => github::render(document),
        Format::Markdown => markdown::render(document, options),
        Format::Junit => junit::render(document),
        Format::Csv => csv::render(document),
        Format::Html => html::render(document),
        Format::Gitleaks => gitleaks::render(document),
    }
    .into_bytes()
}

/// The document in a format for which nothing can be chosen but the format.
pub fn render_plain(format: Format, document: &Document, repository_url: Option<&str>) -> Vec<u8> {
    let options = Options {
        show_secrets: false,
        show_suppressed: false,
        show_skipped: false,
        color: false,
        width: 100,
        quiet: true,
        category: None,
        sarif_scope: SarifScope::Head,
        repository_url,
        ran: (0, 0),
    };
    render_document(format, document, &options)
}

/// Pieces of evidence that a sentence names; the rest is in the JSON report.
const N_EVIDENCE_SHOWN: usize = 3;

/// The strongest of the evidence, weights with texts, as a printable sentence fragment.
fn joined_evidence<'a>(evidence: impl Iterator<Item = (i32, &'a str)>, identifies_itself: bool) -> String {
    let mut positive: Vec<(i32, &str)> = evidence.filter(|(weight, _)| *weight > 0).collect();
    positive.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let texts: Vec<String> = positive.iter().take(N_EVIDENCE_SHOWN).map(|(_, text)| mask::printable(text)).collect();
    match texts.as_slice() {
        [] if identifies_itself => "its format identifies it".to_owned(),
        [] => "it has the format of a key and looks random".to_owned(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
    }
}

// Shorter secrets, or ones of fewer distinct bytes, could be guessed from a hash of them.
const SHORTEST_HASHED: usize = 20;
const FEWEST_DISTINCT: usize = 10;

/// The finding's identity, 16 hexadecimal digits: the start of a SHA-256 over rule, path, and secret, so that it survives moved lines.
/// For a secret that could be guessed from its hash, the line number stands for the secret. Two places of one secret in a blob share it.
pub fn fingerprint(finding: &Finding) -> String {
    #[expect(clippy::disallowed_methods, reason = "hashed together with rule and path, and only if it is too random to guess")]
    let secret = finding.secret.expose();
    let mut hash = Sha256::new();
    let line = finding.region.start.line.to_string();
    let (kind, last) = if is_guessable(secret) { ("line", line.as_bytes()) } else { ("secret", secret) };
    for part in ["keysift-finding/1".as_bytes(), finding.rule.id.as_bytes(), finding.origin.path.as_bytes(), kind.as_bytes(), last] {
        // Lengths keep the parts apart: a path may hold any separator.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..8])
}

fn is_guessable(secret: &[u8]) -> bool {
    secret.len() < SHORTEST_HASHED || n_distinct(secret) < FEWEST_DISTINCT
}

/// The digest by which an allow list can name the secret; none where the secret may be a password, which could be guessed from it.
fn safe_digest(finding: &Finding) -> Option<String> {
    (finding.rule.provider.id != GENERIC && finding.secret.n_bytes() >= SHORTEST_HASHED).then(|| finding.secret.digest())
}

/// How the run ended, in one word.
const fn meaning(exit: Exit) -> &'static str {
    match exit {
        Exit::Clean => "clean",
        Exit::Findings => "findings",
        Exit::Usage => "usage",
        Exit::Incomplete => "incomplete",
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{all_options, everything, finding, hostile, random};
    use super::*;
    use crate::span::Position;

    fn holds(haystack: &[u8], needle: &str) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
    }

    #[test]
    fn no_format_shows_a_secret_unless_demanded() {
        let (report, secrets) = everything();
        for format in Format::ALL {
            let masked = render(format, &report, &all_options());
            let shown = render(format, &report, &Options { show_secrets: true, ..all_options() });
            for secret in &secrets {
                // Even half of a secret would be too much.
                for part in [secret.as_str(), &secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
                    assert!(!holds(&masked, part), "{format:?}");
                }
                assert_eq!(holds(&shown, secret), format.can_show_secrets(), "{format:?}");
            }
        }
        assert!(secrets.iter().all(|secret| !summary(&Document::new(&report, false, true), &all_options()).contains(secret.as_str())));
    }

    #[test]
    fn other_secrets_of_a_line_are_in_no_format() {
        let (key, slack, pem) = (random(32), random(24), random(64));
        let words = "far away ".repeat(30);
        let line =
            format!("{words}{{\"slack\": \"xoxb-123456789012-{slack}\", \"db\": \"postgres://u:hunter2@h/db\", \"k\": \"{key}\", \"x\": \"{pem}\"}} {words}");
        let mut finding = finding("mistral-api-key", "a.json", &line, &key);
        finding.evidence = vec![super::fixture::evidence(&format!("inside `{pem}`"), 5)];
        let mut report = super::fixture::report(vec![finding.clone()]);
        report.suppressed = vec![finding];
        for format in Format::ALL {
            let bytes = render(format, &report, &all_options());
            assert!(!holds(&bytes, "hunter2") && !holds(&bytes, &"far away ".repeat(9)), "{format:?}");
            for secret in [&slack, &pem] {
                assert!(!secret.as_bytes().windows(12).any(|piece| memchr::memmem::find(&bytes, piece).is_some()), "{format:?}");
            }
        }
    }

    #[test]
    fn hostile_content_reaches_the_terminal_defused() {
        let report = hostile();
        for format in Format::ALL {
            for show_secrets in [false, true] {
                let bytes = render(format, &report, &Options { show_secrets, ..all_options() });
                let text = String::from_utf8(bytes).expect("a report is UTF-8");
                let bad: Vec<char> = text.chars().filter(|&c| c != '\n' && (c.is_control() || ('\u{200b}'..'\u{2070}').contains(&c))).collect();
                assert_eq!(bad, Vec::<char>::new(), "{format:?}");
            }
        }
        assert!(summary(&Document::new(&report, false, true), &all_options()).chars().all(|c| c == '\n' || !c.is_control()));
    }

    #[test]
    fn evidence_is_joined_strongest_first() {
        let all = [(1, "four"), (-9, "against"), (4, "one"), (3, "two"), (2, "three\x1b")];
        assert_eq!(joined_evidence(all.into_iter(), false), "one, two, and three\\x1b");
        assert_eq!(joined_evidence(all[..3].iter().copied(), false), "one and four");
        assert_eq!(joined_evidence([].into_iter(), false), "it has the format of a key and looks random");
        assert_eq!(joined_evidence([].into_iter(), true), "its format identifies it");
    }

    #[test]
    fn a_fingerprint_outlives_moved_lines_unless_the_secret_could_be_guessed() {
        let key = random(32);
        let first = finding("mistral-api-key", "a.py", &key, &key);
        let mut moved = first.clone();
        moved.region.start = Position { line: 99, column: 1 };
        assert_eq!(fingerprint(&first), fingerprint(&moved));
        assert_ne!(fingerprint(&first), fingerprint(&finding("mistral-api-key", "b.py", &key, &key)));
        assert_ne!(fingerprint(&first), fingerprint(&finding("openai-api-key", "a.py", &key, &key)));
        assert_eq!(fingerprint(&first).len(), 16);

        let weak = "aaaaaaaaaabbbbbbbbbbcccccccccc";
        let first = finding("generic-secret", "a.py", weak, weak);
        let other = finding("generic-secret", "a.py", "hunter2", "hunter2");
        assert_eq!(fingerprint(&first), fingerprint(&other), "nothing of a weak secret is in it");
        let mut moved = first.clone();
        moved.region.start = Position { line: 99, column: 1 };
        assert_ne!(fingerprint(&first), fingerprint(&moved));
    }
}
