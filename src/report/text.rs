//! The report for people on a terminal, and the summary of coverage that goes to stderr.
//!
//! One block for each finding: what, where (a place that terminals make clickable), the masked line, why, and what to do now. Everything is
//! printable: one row is one line feed, and the only escape bytes are our own colors. Our own marks are ASCII. Words are never broken, so
//! that a URL or a path can be clicked and copied; a row with one that is longer than the terminal is wide is longer too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::{Commit, Document, Found, Provider};
use super::mask::{Line, printable};
use super::{Options, confirmation, words};

use crate::rule::{GENERIC, Severity};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// No terminal is so narrow that less would help.
const NARROWEST: usize = 24;
/// Reasons for an incomplete scan that the summary names; it counts the rest.
const N_REASONS_SHOWN: usize = 10;
/// Rules that are switched off and named.
const N_RULES_NAMED: usize = 20;

/// The report, one block for each finding; empty if there is nothing to show.
pub fn render(document: &Document, options: &Options<'_>) -> String {
    let mut page = Page::new(options);
    for finding in &document.findings {
        page.block(document, finding);
    }
    let suppressed = document.suppressed.as_deref().filter(|_| options.show_suppressed).unwrap_or_default();
    if !suppressed.is_empty() {
        page.row(&[(BOLD, &format!("suppressed: {}", suppressed.len()))]);
        for finding in suppressed {
            page.suppressed(document, finding);
        }
        page.row(&[]);
    }
    let skipped = &document.head.skipped;
    if options.show_skipped && !skipped.is_empty() {
        page.row(&[(BOLD, &format!("skipped: {}", skipped.len()))]);
        for skip in skipped {
            let detail = skip.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
            page.listed(&document.head.shown(&skip.path), &format!(": {}{detail}", skip.reason.text()));
        }
        page.row(&[]);
    }
    page.out
}

/// What was found and scanned, and why it is not everything, in a few rows with a line feed each. With `quiet` only the last.
pub fn summary(document: &Document, options: &Options<'_>) -> String {
    let head = &document.head;
    let mut page = Page::new(options);
    if !options.quiet {
        page.wrapped("", &words::found_in(document));
        page.wrapped("", &words::covered(&head.coverage, head.rules.n_rules));
        if let Some(answers) = &head.confirmation {
            page.wrapped("", &confirmation::summary(answers));
        }
        if let Some(config) = &head.config {
            page.wrapped("", &format!("configuration: {}", printable(config)));
        }
        if !head.rules.disabled.is_empty() {
            let by = head.config.as_ref().map_or(String::new(), |config| format!(" by {config}"));
            let text = match head.rules.disabled.len() {
                n if n > N_RULES_NAMED => format!("switched off: {n} rules, named in the JSON report"),
                _ => format!("switched off{by}: {}", head.rules.disabled.join(", ")),
            };
            page.wrapped("", &text);
        }
    }
    let reasons = document.doubts();
    for why in reasons.iter().take(N_REASONS_SHOWN) {
        page.labeled(YELLOW, "incomplete:", why);
    }
    let n_more = reasons.len().saturating_sub(N_REASONS_SHOWN);
    if n_more > 0 {
        page.labeled(YELLOW, "incomplete:", &format!("{n_more} more reasons, listed in the JSON report"));
    }
    page.out
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium | Severity::Low => YELLOW,
    }
}

/// The text being written, row by row.
struct Page<'a> {
    out: String,
    /// The providers whose steps stand there already.
    told: BTreeSet<String>,
    options: &'a Options<'a>,
}

impl<'a> Page<'a> {
    fn new(options: &'a Options<'a>) -> Self {
        Self { out: String::new(), told: BTreeSet::new(), options }
    }

    fn width(&self) -> usize {
        self.options.width.max(NARROWEST)
    }

    /// One row of styled pieces. All text passes here, whoever forgot to make it printable.
    fn row(&mut self, pieces: &[(Style, &str)]) {
        for &(style, text) in pieces {
            let text = printable(text);
            if self.options.color && style != Style::new() {
                write!(self.out, "{style}{text}{style:#}").expect("writing to a String cannot fail");
            } else {
                self.out.push_str(&text);
            }
        }
        self.out.push('\n');
    }

    /// Rows of text, each behind `indent`.
    fn wrapped(&mut self, indent: &str, text: &str) {
        for row in wrap(text, self.width().saturating_sub(indent.len())) {
            self.row(&[(Style::new(), indent), (Style::new(), &row)]);
        }
    }

    /// A styled label and a text that wraps to the right of it.
    fn labeled(&mut self, style: Style, label: &str, text: &str) {
        let indent = " ".repeat(label.len() + 1);
        for (i, row) in wrap(text, self.width().saturating_sub(indent.len())).iter().enumerate() {
            if i == 0 {
                self.row(&[(style, label), (Style::new(), " "), (Style::new(), row)]);
            } else {
                self.row(&[(Style::new(), &indent), (Style::new(), row)]);
            }
        }
    }

    fn block(&mut self, document: &Document, finding: &Found) {
        let line_number = finding.line.to_string();
        let gutter = " ".repeat(line_number.len());
        self.heading(finding);
        let place = place(document, finding);
        self.row(&[(DIM, &format!("{gutter}--> ")), (BOLD, &place)]);
        // Of a file that its path tells nothing is shown.
        if !finding.is_file() {
            self.row(&[(DIM, &format!("{gutter} |"))]);
            let line = line_of(finding).cut_to(self.width().saturating_sub(gutter.len() + 3));
            self.row(&[(DIM, &format!("{line_number} | ")), (Style::new(), &line.text)]);
            let marks = "^".repeat(line.columns.len().max(1));
            self.row(&[(DIM, &format!("{gutter} | ")), (Style::new(), &" ".repeat(line.columns.start)), (RED, &marks)]);
        }
        let is_first = self.told.insert(finding.provider.id.clone());
        for (label, text) in facts(document, finding, is_first) {
            self.labeled(DIM, &format!("{gutter} = {label}:"), &text);
        }
        self.row(&[]);
    }

    fn heading(&mut self, finding: &Found) {
        let verdict = finding.confirmation.as_ref().map_or(String::new(), |answer| format!(", {}", answer.verdict.text()));
        let (severity, title) = (format!("severity {}{verdict}", finding.severity.text()), finding.title());
        let rest = format!("{}, confidence {}", finding.rule, finding.confidence.text());
        let n_columns = severity.len() + title.chars().count() + rest.len() + 5;
        let (style, none) = (severity_style(finding.severity), Style::new());
        if n_columns <= self.width() {
            self.row(&[(style, &severity), (none, ": "), (BOLD, &title), (DIM, &format!(" [{rest}]"))]);
        } else {
            self.labeled(style, &format!("{severity}:"), &title);
            self.wrapped("  ", &format!("[{rest}]"));
        }
    }

    fn suppressed(&mut self, document: &Document, finding: &Found) {
        let (by, reason) = finding.suppression.as_ref().map_or(("", None), |suppression| (suppression.by.as_str(), suppression.reason.as_deref()));
        let reason = reason.unwrap_or("no reason given");
        let rest = format!(": {} {}, by {by}: {reason}", finding.rule, finding.what());
        self.listed(&place(document, finding), &rest);
    }

    /// An entry of a list, in one row whatever its length: lists are for `grep`, and a path may hold spaces.
    fn listed(&mut self, place: &str, rest: &str) {
        self.row(&[(Style::new(), "  "), (BOLD, place), (Style::new(), rest)]);
    }
}

/// The place in a form that can be opened from where the command was run.
pub(super) fn place(document: &Document, finding: &Found) -> String {
    let path = if finding.message { finding.path.clone() } else { document.head.shown(&finding.path) };
    format!("{path}:{}:{}", finding.line, finding.column)
}

/// The line as it is shown. Reports of earlier versions do not say where its secret stands; then it is looked for.
fn line_of(finding: &Found) -> Line {
    let text = printable(&finding.line_text);
    let looked_for = || {
        let start = text.find(&finding.secret).map_or(0, |at| text[..at].chars().count());
        start..start + finding.secret.chars().count()
    };
    let n_chars = text.chars().count();
    let columns = finding.line_mark.map_or_else(looked_for, |(start, end)| start..end);
    let end = columns.end.min(n_chars);
    Line { columns: columns.start.min(end)..end, text }
}

/// What is said below the line, in order of importance to who must act. What to do is said with the first finding of a provider.
fn facts(document: &Document, finding: &Found, is_first: bool) -> Vec<(&'static str, String)> {
    let mut facts = vec![("secret", finding.what().to_owned())];
    facts.extend(finding.answer().map(|answer| ("verdict", answer)));
    facts.push(("because", document.why(finding)));
    if !finding.providers.is_empty() {
        let candidate = |provider: &Provider| match &provider.revoke {
            Some(page) => format!("{} ({page})", provider.name),
            None => provider.name.clone(),
        };
        facts.push(("fits", finding.providers.iter().map(candidate).collect::<Vec<_>>().join(", ")));
    }
    facts.extend(finding.layer.text().map(|layer| ("layer", format!("written in {layer}; the secret above is decoded"))));
    if let Some(commit) = &finding.commit {
        let Commit { author, date, summary, .. } = commit;
        facts.push(("commit", format!("{} of {date} by {author}: {summary}", commit.short())));
    }
    if let Some(is_at_tip) = finding.at_tip {
        let state = if is_at_tip { "still there at the tip" } else { "not there at the tip any more, but in the history of every clone" };
        let others: Vec<&str> = finding.paths.iter().filter(|path| **path != finding.path).map(String::as_str).collect();
        let also = if others.is_empty() { String::new() } else { format!("; also at {}", others.join(", ")) };
        facts.push(("state", format!("{state}{also}")));
    }
    facts.extend(finding.note.iter().chain(&finding.unheard).map(|note| ("note", note.clone())));
    if let Some(first) = finding.rotate.first() {
        let again = || match finding.provider.id == GENERIC {
            true => "as for the first finding of an unknown provider".to_owned(),
            false => format!("as for the first finding of {}", finding.provider.name),
        };
        facts.push(("now", if is_first { format!("{first} {}", finding.revoke) } else { again() }));
    }
    facts
}

/// The text in rows of at most `width` characters, broken at spaces; a longer word has a row of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut n_columns = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let n = word.chars().count();
        if n_columns > 0 && n_columns + 1 + n > width {
            rows.push(String::new());
            n_columns = 0;
        }
        let row = rows.last_mut().expect("there is a first row and none is taken away");
        if n_columns > 0 {
            row.push(' ');
            n_columns += 1;
        }
        row.push_str(word);
        n_columns += n;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{CANARY, CHECKSUM_WRONG, EXPIRED, Evidence, Finding, Report};
    use crate::report::fixture::{all_options, answered, everything, evidence, finding, random, report};

    fn summary(report: &Report, options: &Options<'_>) -> String {
        super::summary(&Document::new(report, options.show_secrets, options.show_suppressed), options)
    }

    fn plain(report: &Report, options: &Options<'_>) -> String {
        colored(report, &Options { color: false, ..*options })
    }

    fn colored(report: &Report, options: &Options<'_>) -> String {
        render(&Document::new(report, options.show_secrets, options.show_suppressed), options)
    }

    #[test]
    fn a_finding_is_a_block_with_what_where_why_and_what_now() {
        let key = random(32);
        let mut finding = finding("mistral-api-key", "src/chat.py", &format!("client = Mistral(api_key=\"{key}\")"), &key);
        finding.evidence = vec![evidence("an argument of `Mistral(...)`", 6), evidence("near the host `api.mistral.ai`", 3)];
        let masked = finding.masked();
        let text = plain(&report(vec![finding]), &all_options());
        let expected = format!(
            "\
severity high: Mistral AI API key [mistral-api-key, confidence high]
  --> src/chat.py:12:27
   |
12 | client = Mistral(api_key=\"{masked}\")
   |                           ^^^^^^^^^^^^
   = secret: {masked}
   = because: an argument of `Mistral(...)` and near the host `api.mistral.ai`
   = now: Delete the key in the Mistral console (a Codestral key:
          https://console.mistral.ai/codestral); deletion takes effect at once.
          https://console.mistral.ai/api-keys

"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_to_do_is_said_once_for_each_provider() {
        let of = |rule: &str, path: &str| {
            let key = random(32);
            finding(rule, path, &key, &key)
        };
        let text = plain(&report(vec![of("mistral-api-key", "a"), of("openai-api-key", "b"), of("mistral-api-key", "c")]), &all_options());
        assert_eq!(text.matches("console.mistral.ai/api-keys").count(), 1, "{text}");
        assert!(text.contains("platform.openai.com/api-keys") && text.ends_with("   = now: as for the first finding of Mistral AI\n\n"), "{text}");
    }

    #[test]
    fn what_a_key_says_against_itself_is_told() {
        let key = random(36);
        let mut finding = finding("mistral-api-key", "a.env", &key, &key);
        finding.evidence = vec![evidence("assigned to `MISTRAL_API_KEY`", 5), evidence("far from it", -1)];
        for (kind, text) in [(CHECKSUM_WRONG, "its checksum does not fit"), (CANARY, "its keys are traps"), (EXPIRED, "it expired on 2001-01-01")] {
            let against = Evidence { kind, weight: -200, text: text.to_owned() };
            let told = plain(&report(vec![Finding { evidence: [finding.evidence.clone(), vec![against]].concat(), ..finding.clone() }]), &all_options());
            assert!(told.replace("\n             ", " ").contains(&format!("= because: assigned to `MISTRAL_API_KEY`; but {text}\n")), "{told}");
        }
    }

    #[test]
    fn candidates_of_an_ambiguous_key_are_named_with_their_pages() {
        let (report, _) = everything();
        let text = plain(&report, &all_options());
        assert!(text.contains("= fits: Mistral AI (https://console.mistral.ai/api-keys), OpenAI"), "{text}");
        assert!(text.contains("= note: An admin key manages the organization"), "{text}");
    }

    #[test]
    fn color_is_ours_alone_and_only_on_demand() {
        let (report, _) = everything();
        let plain = plain(&report, &all_options());
        assert!(!plain.contains('\x1b'));
        let colored = self::colored(&report, &Options { color: true, ..all_options() });
        assert!(colored.contains("\x1b["));
        let mut stripped = String::new();
        for (i, piece) in colored.split('\x1b').enumerate() {
            stripped.push_str(if i == 0 { piece } else { piece.split_once('m').expect("each escape is a color").1 });
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn rows_fit_the_terminal_and_the_marks_stay_below_the_secret() {
        let (report, _) = everything();
        for width in [0, 10, 30, 40, 80, 120] {
            let options = Options { width, ..all_options() };
            let blocks = plain(&report, &Options { show_suppressed: false, show_skipped: false, ..options });
            for row in blocks.lines().chain(summary(&report, &options).lines()) {
                let n_columns = row.chars().count();
                let is_one_word = row.split_whitespace().count() <= 3;
                assert!(n_columns <= width.max(NARROWEST) || is_one_word, "{width}: {row}");
            }
            let rows: Vec<&str> = blocks.lines().collect();
            for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.contains('^')) {
                let (from, to) = (row.find('^').expect("just seen"), row.len());
                let under: String = rows[i - 1].chars().skip(from).take(to - from).collect();
                assert!(under.contains(crate::secret::MASK), "{width}: {under}");
            }
        }
    }

    #[test]
    fn suppressed_and_skipped_are_listed_on_demand_with_reasons() {
        let (report, _) = everything();
        let all = plain(&report, &all_options());
        assert!(all.contains("suppressed: 2\n  src/old.py:12:7: mistral-api-key ********"), "{all}");
        assert!(all.contains(", by keysift:allow: rotated in May\n"), "{all}");
        assert!(all.contains("by .keysift.toml: allow entry 1: no reason given\n"), "{all}");
        assert!(all.contains("skipped: 2\n  link: symbolic link\n  locked.txt: unreadable (permission denied)\n"), "{all}");
        let less = plain(&report, &Options { show_suppressed: false, show_skipped: false, ..all_options() });
        assert!(!less.contains("suppressed") && !less.contains("skipped"));
    }

    #[test]
    fn the_summary_says_what_was_scanned_and_what_was_not() {
        let (report, _) = everything();
        let expected = "\
5 findings (severity: 1 critical, 3 high, 1 medium); 2 suppressed; 3 not
shown, of less than medium confidence (--min-confidence)
scanned 1234 blobs (5.6 MB, 2 of them binary) for 26 rules; skipped 2 (1
unreadable, 1 symbolic link); 7 paths left out by ignore files
configuration: ********/keysift.toml
switched off by ********/keysift.toml: generic-secret
incomplete: locked.txt could not be read: permission denied
";
        assert_eq!(summary(&report, &Options { width: 72, color: false, ..all_options() }), expected);
        let quiet = Options { quiet: true, color: false, ..all_options() };
        assert_eq!(summary(&report, &quiet), "incomplete: locked.txt could not be read: permission denied\n");
    }

    #[test]
    fn a_verdict_stands_in_the_heading_and_in_a_row() {
        let text = plain(&answered(), &Options { width: 120, ..all_options() });
        assert!(text.starts_with("severity high, live: Mistral AI API key [mistral-api-key, confidence high]\n"), "{text}");
        assert!(text.contains("\n   = verdict: live (HTTP 200 from api.mistral.ai); models: 37"), "{text}");
        assert!(text.contains("severity medium, unchecked: "), "{text}");
        assert!(!plain(&everything().0, &all_options()).contains("verdict"), "nobody asked");
    }

    #[test]
    fn the_summary_says_what_the_providers_said_and_what_they_did_not() {
        let report = answered();
        let text = summary(&report, &Options { width: 200, ..all_options() });
        assert!(text.contains("\nconfirmed: 1 live, 2 invalid, 1 unknown (no answer in time), 1 unchecked; left out by --only: 1 invalid;"), "{text}");
        assert!(text.ends_with("\nincomplete: 1 finding is unknown: no answer in time\n"), "{text}");
    }

    #[test]
    fn an_empty_report_is_no_text_and_an_honest_summary() {
        let mut empty = report(Vec::new());
        assert_eq!(plain(&empty, &all_options()), "");
        assert_eq!(summary(&empty, &all_options()), "no findings\nscanned 0 blobs (0 bytes) for 26 rules\n");
        empty.incomplete = (0..12).map(|i| format!("reason {i}")).collect();
        let text = summary(&empty, &all_options());
        assert!(text.ends_with("incomplete: reason 9\nincomplete: 2 more reasons, listed in the JSON report\n"), "{text}");
    }

    #[test]
    fn sizes_are_read_at_a_glance() {
        let cases = [(1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (999_999, "999.9 kB"), (5_670_000, "5.6 MB"), (2_000_000_000, "2.0 GB")];
        for (n_bytes, text) in cases {
            assert_eq!(words::size_text(n_bytes), text);
        }
    }
}
