//! What GitHub shows of a run: annotations, by workflow commands on standard output, and the job summary, in Markdown.
//!
//! Everything in them that comes from the repository may be an attacker's: it is escaped so that it ends no command and makes no markup.

use super::plan::Plan;
use super::resolve::Resolved;
use crate::finding::{Finding, Report};
use crate::report::mask::{Mask, printable};

/// Annotations that GitHub shows of a step.
const N_ANNOTATIONS: usize = 10;
/// Findings in a summary; GitHub refuses more than 1 MiB.
const N_ROWS: usize = 500;

/// What is known of a run besides its report.
pub struct Context<'a> {
    /// What the CI system said.
    pub plan: &'a Plan,
    /// What was made of it.
    pub resolved: &'a Resolved,
    /// Whose policy was in force: a sentence fragment.
    pub whose_policy: &'a str,
    /// What the change request changes in the policy.
    pub policy_changes: &'a [String],
    /// Sentences for the reader.
    pub notes: &'a [String],
}

/// Findings, worst first.
fn worst_first(report: &Report) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.rule.severity, finding.confidence)));
    findings
}

/// Workflow commands for the worst findings, for what leaves the scan incomplete and for changes of the policy.
pub fn annotations(report: &Report, context: &Context<'_>) -> String {
    let mask = Mask::new(report, false);
    let mut out = String::new();
    for finding in worst_first(report).into_iter().take(N_ANNOTATIONS) {
        let (start, end) = (finding.region.start, finding.region.end);
        let title = property(&format!("{} [{}]", finding.rule.name, finding.rule.id));
        let path = property(&mask.hide(&finding.origin.path));
        let message =
            format!("A credential of {} was committed: {}. Revoke it; a removed line stays in the history.", finding.rule.provider.name, finding.masked());
        out += &format!("::error file={path},line={},endLine={},title={title}::{}\n", start.line, end.line, data(&message));
    }
    for why in report.incomplete.iter().take(N_ANNOTATIONS) {
        out += &format!("::error title=keysift%3A incomplete::{}\n", data(&mask.hide(why)));
    }
    for change in context.policy_changes.iter().take(N_ANNOTATIONS) {
        out += &format!("::warning title=keysift%3A policy changed::{}\n", data(&mask.hide(&format!("{change}; it counts once it is merged"))));
    }
    out
}

/// Text of a workflow command, after <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value in a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The job summary.
pub fn summary(report: &Report, context: &Context<'_>, code: u8) -> String {
    let mask = Mask::new(report, false);
    let cell = |text: &str| markdown(&mask.hide(text));
    let verdict = match (report.findings.len(), report.incomplete.is_empty()) {
        (0, true) => "nothing found".to_owned(),
        (0, false) => "incomplete".to_owned(),
        (1, _) => "1 finding".to_owned(),
        (n, _) => format!("{n} findings"),
    };
    let mut out = format!("## keysift: {verdict}\n\n");
    if !report.findings.is_empty() {
        out += "| Severity | Provider | Where | Secret | Confidence |\n|---|---|---|---|---|\n";
    }
    let findings = worst_first(report);
    for finding in findings.iter().take(N_ROWS) {
        let place = format!("{}:{}", finding.origin.path, finding.region.start.line);
        let commit = finding.origin.commit.as_ref().map(|commit| format!(" in {}", commit.id.get(..super::plan::N_SHORT).unwrap_or(&commit.id)));
        out += &format!(
            "| {} | {} | {}{} | {} | {} |\n",
            finding.rule.severity.text(),
            cell(finding.rule.provider.name),
            cell(&place),
            commit.unwrap_or_default(),
            cell(&finding.masked()),
            finding.confidence.text()
        );
    }
    if findings.len() > N_ROWS {
        out += &format!("\n{} more are in the report.\n", findings.len() - N_ROWS);
    }
    if !report.findings.is_empty() {
        out += "\nRevoke each key at its provider: removing the line, or rewriting history, does not make it safe again.\n";
    }
    let coverage = &report.coverage;
    out += &format!("\n- Scanned: {} blobs, {} bytes, {} commits", coverage.n_blobs, coverage.n_bytes, coverage.n_commits);
    out += &format!(" ({}), because {}\n", cell(&context.resolved.target.text()), cell(&context.plan.why));
    out += &format!("- Policy: that of {}\n", cell(&context.whose_policy));
    out += &format!("- Suppressed: {}; exit code: {code}\n", report.suppressed.len());
    for why in &report.incomplete {
        out += &format!("- **Incomplete**: {}\n", cell(why));
    }
    for note in context.notes {
        out += &format!("- {}\n", cell(note));
    }
    for change in context.policy_changes {
        out += &format!("- **Policy changed** by this change, and not yet in force: {}\n", cell(change));
    }
    out
}

/// Text that is text in Markdown: what could be markup, a link or a mention is escaped.
fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '\n' | '\r' => out.push(' '),
            // A mention or a link is made of these without any markup.
            '@' => out += "&#64;",
            ':' => out += "&#58;",
            '#' => out += "&#35;",
            c if c.is_ascii_punctuation() && !matches!(c, ',' | '/' | ';' | '\'' | '"') => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_workflow_command_or_makes_markup() {
        assert_eq!(property("a,b::error file=x%0A"), "a%2Cb%3A%3Aerror file=x%250A");
        assert!(!data("a\n::add-mask::x").contains('\n'));
        let hostile = "<img src=x> [a](https://e.org) `c` |d| @team #1 https://e.org ![x](y)";
        let safe = markdown(hostile);
        for bad in ["<", "](", "://", "@", " |", "#1"] {
            assert!(!safe.replace("\\|", "").replace("&#35;", "").contains(bad) || bad == "](" && safe.contains("\\]\\("), "{bad}: {safe}");
        }
    }
}
