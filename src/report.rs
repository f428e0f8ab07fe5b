//! The report stage: what a scan gave, as bytes for people and for programs.
//!
//! [`render`] makes the bytes, the caller writes them. The same report gives the same bytes. No format shows a secret, unless the user
//! demanded it ([`Options::show_secrets`]; SARIF, which is uploaded, not even then). Nothing here filters, sorts, or looks for secrets.

mod confirmation;
#[cfg(test)]
mod fixture;
pub mod json;
pub mod mask;
pub mod sarif;
pub mod text;

use sha2::{Digest as _, Sha256};

use crate::finding::{Exit, Finding, Report};
use crate::rule::{ContextNeed, GENERIC};

pub use text::summary;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal.
    Text,
    /// One JSON document, `docs/report.schema.json`.
    Json,
    /// One JSON object on each line: the findings, then a summary.
    Jsonl,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
}

/// What the user wants to see.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Show secrets unmasked (never in SARIF).
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
}

/// The report in `format`.
pub fn render(format: Format, report: &Report, options: &Options) -> Vec<u8> {
    match format {
        Format::Text => text::render(report, options),
        Format::Json => json::render(report, options),
        Format::Jsonl => json::render_lines(report, options),
        Format::Sarif => sarif::render(report, options),
    }
    .into_bytes()
}

/// Pieces of evidence that a sentence names; the rest is in the JSON report.
const N_EVIDENCE_SHOWN: usize = 3;

/// Why the finding is believed, as a printable sentence without capital and full stop: its strongest evidence, joined.
pub fn evidence_sentence(finding: &Finding) -> String {
    let mut positive: Vec<_> = finding.evidence.iter().filter(|evidence| evidence.weight > 0).collect();
    positive.sort_by_key(|evidence| std::cmp::Reverse(evidence.weight));
    let texts: Vec<String> = positive.iter().take(N_EVIDENCE_SHOWN).map(|evidence| mask::printable(&evidence.text)).collect();
    match texts.as_slice() {
        [] => match finding.rule.context {
            ContextNeed::Helpful => "its format identifies it".to_owned(),
            ContextNeed::Required => "it has the format of a key and looks random".to_owned(),
        },
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
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_guessable(secret: &[u8]) -> bool {
    let mut is_there = [false; 256];
    for &byte in secret {
        is_there[usize::from(byte)] = true;
    }
    secret.len() < SHORTEST_HASHED || is_there.iter().filter(|&&there| there).count() < FEWEST_DISTINCT
}

/// The digest by which an allow list can name the secret; none where the secret may be a password, which could be guessed from it.
fn safe_digest(finding: &Finding) -> Option<String> {
    (finding.rule.provider.id != GENERIC && finding.secret.n_bytes() >= SHORTEST_HASHED).then(|| finding.secret.digest())
}

/// What was found: the rule's name, with its provider's unless that is said already or unknown.
fn title(finding: &Finding) -> String {
    let (rule, provider) = (finding.rule.name, finding.rule.provider);
    if provider.id == GENERIC || rule.contains(provider.name) { rule.to_owned() } else { format!("{rule} ({})", provider.name) }
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
    use super::fixture::{all_options, everything, evidence, finding, hostile, random};
    use super::*;
    use crate::span::Position;

    const FORMATS: [Format; 4] = [Format::Text, Format::Json, Format::Jsonl, Format::Sarif];

    fn holds(haystack: &[u8], needle: &str) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
    }

    #[test]
    fn no_format_shows_a_secret_unless_demanded() {
        let (report, secrets) = everything();
        for format in FORMATS {
            let masked = render(format, &report, &all_options());
            let shown = render(format, &report, &Options { show_secrets: true, ..all_options() });
            for secret in &secrets {
                // Even half of a secret would be too much.
                for part in [secret.as_str(), &secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
                    assert!(!holds(&masked, part), "{format:?}");
                }
                assert_eq!(holds(&shown, secret), format != Format::Sarif, "{format:?}");
            }
        }
        assert!(secrets.iter().all(|secret| !summary(&report, &all_options()).contains(secret.as_str())));
    }

    #[test]
    fn hostile_content_reaches_the_terminal_defused() {
        let report = hostile();
        for format in FORMATS {
            for show_secrets in [false, true] {
                let bytes = render(format, &report, &Options { show_secrets, ..all_options() });
                let text = String::from_utf8(bytes).expect("a report is UTF-8");
                let bad: Vec<char> = text.chars().filter(|&c| c != '\n' && (c.is_control() || ('\u{200b}'..'\u{2070}').contains(&c))).collect();
                assert_eq!(bad, Vec::<char>::new(), "{format:?}");
            }
        }
        assert!(summary(&report, &all_options()).chars().all(|c| c == '\n' || !c.is_control()));
    }

    #[test]
    fn evidence_is_joined_strongest_first() {
        let mut finding = finding("mistral-api-key", "a.py", "key", "key");
        finding.evidence = vec![evidence("four", 1), evidence("against", -9), evidence("one", 4), evidence("two", 3), evidence("three\x1b", 2)];
        assert_eq!(evidence_sentence(&finding), "one, two, and three\\x1b");
        finding.evidence.truncate(3);
        assert_eq!(evidence_sentence(&finding), "one and four");
        finding.evidence.clear();
        assert_eq!(evidence_sentence(&finding), "it has the format of a key and looks random");
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
