//! What a SARIF log says of the run: whether it succeeded, how it ended, what it covered, and its notifications.

use serde_json::json;
use serde_sarif::sarif::{Invocation, Location, Notification, ReportingDescriptorReference};

use super::{MOST_RESULTS, Writer, location, message, properties, without_links};
use crate::report::document::Skipped;
use crate::report::mask::printable;
use crate::report::{SarifScope, words};
use crate::verdict::Verdict;

/// The notifications, by their index among the driver's: id, text and help.
pub const NOTIFICATIONS: [(&str, &str, &str); 3] = [
    ("scan-incomplete", "Something that should have been scanned was not.", "The message says what and why. Without it, no finding does not mean no secret."),
    ("results-left-out", "Findings are not among the results of this log.", "The message says how many and why. The JSON report has all of them."),
    (
        "blobs-skipped",
        "Something was not scanned, by design.",
        "The message says what: compressed and media content, stores of version control, what ignore files leave out.",
    ),
];
const INCOMPLETE: usize = 0;
const LEFT_OUT: usize = 1;
const SKIPPED: usize = 2;
/// Notifications that name a single blob: so many of each kind.
const MOST_SKIPS: usize = 1_000;

impl Writer<'_> {
    /// How the scan ended, what it covered, and what is not in the log.
    pub fn invocation(&self, n_out_of_scope: usize, n_cut: usize) -> Invocation {
        let head = &self.document.head;
        let (open, unseen) = (self.document.open_verdicts(), self.document.doubts());
        // A verdict that is missing takes no finding away: the results are those of a whole scan.
        let (open, unseen): (Vec<String>, Vec<String>) = unseen.into_iter().partition(|why| open.contains(why));
        let reasons = unseen.iter().map(|why| ("error", why)).chain(open.iter().map(|why| ("warning", why)));
        let reasons = reasons.map(|(level, why)| self.notification(level, INCOMPLETE, why, Vec::new()));
        let (unread, skipped): (Vec<&Skipped>, Vec<&Skipped>) = head.skipped.iter().partition(|skip| skip.incomplete);
        let unread = unread.into_iter().take(MOST_SKIPS).map(|skip| self.skip("error", INCOMPLETE, skip));
        let skipped = skipped.into_iter().take(MOST_SKIPS).map(|skip| self.skip("note", SKIPPED, skip));
        let coverage = &head.coverage;
        let has_skipped = coverage.n_ignored > 0 || coverage.n_skipped.values().any(|&n| n > 0);
        let covered = has_skipped.then(|| format!("{}.", words::covered(coverage, head.rules.n_rules)));
        let covered = covered.map(|text| self.notification("note", SKIPPED, &text, Vec::new()));
        let are = |n: usize| if n == 1 { "1 finding is".to_owned() } else { format!("{n} findings are") };
        let history = format!("{} only in the history and left out; --sarif-scope all has them.", are(n_out_of_scope));
        let cut = format!("{} left out, none worse than the results: code scanning takes {MOST_RESULTS} of them and 10 MB.", are(n_cut));
        let by_verdict: Vec<String> = self.left_out().map(|(verdict, n)| format!("{n} {}", verdict.text())).collect();
        let n_by_verdict = self.left_out().map(|(_, n)| n).sum();
        let only = format!("Findings are left out by --only: {}.", by_verdict.join(", "));
        let left_out = [(n_out_of_scope, "note", history), (n_cut, "warning", cut), (n_by_verdict, "note", only)];
        let left_out = left_out.iter().filter(|(n, ..)| *n > 0).map(|(_, level, text)| self.notification(level, LEFT_OUT, text, Vec::new()));
        Invocation::builder()
            .execution_successful(unseen.is_empty())
            .exit_code(head.exit.code)
            .exit_code_description(head.exit.meaning.clone())
            .tool_execution_notifications(reasons.chain(unread).chain(left_out).chain(covered).chain(skipped).collect::<Vec<_>>())
            .properties(properties([
                ("minConfidence", json!(head.coverage.min_confidence)),
                ("belowMinConfidence", json!(head.coverage.n_below_confidence)),
                ("blobs", json!(head.coverage.n_blobs)),
                ("bytes", json!(head.coverage.n_bytes)),
                ("commits", json!(head.coverage.n_commits)),
                ("findings", json!(head.n_findings)),
                ("suppressed", json!(head.n_suppressed)),
                ("leftOutByVerdict", self.left_out().map(|(verdict, n)| (verdict.text().to_owned(), json!(n))).collect()),
                ("sarifScope", json!(if self.scope == SarifScope::All { "all" } else { "head" })),
            ]))
            .build()
    }

    /// How many findings `--only` leaves out, by verdict.
    fn left_out(&self) -> impl Iterator<Item = (Verdict, usize)> {
        self.document.head.confirmation.iter().flat_map(|answers| &answers.left_out).map(|(&verdict, &n)| (verdict, n)).filter(|(_, n)| *n > 0)
    }

    fn skip(&self, level: &str, index: usize, skip: &Skipped) -> Notification {
        let detail = skip.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let text = format!("'{}' was not scanned: {}{detail}.", skip.path, skip.reason.text());
        self.notification(level, index, &text, vec![location(self.artifact(&skip.path), None)])
    }

    fn notification(&self, level: &str, index: usize, text: &str, locations: Vec<Location>) -> Notification {
        let number = i64::try_from(index).unwrap_or(0);
        let descriptor = ReportingDescriptorReference::builder().id(NOTIFICATIONS[index].0).index(number).build();
        let text = without_links(&printable(text));
        let mut notification = Notification::builder().level(json!(level)).message(message(&text)).descriptor(descriptor).build();
        notification.locations = (!locations.is_empty()).then_some(locations);
        notification
    }
}
