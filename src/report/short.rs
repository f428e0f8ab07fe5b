//! One line for each finding, for `grep`, editors and short terminals: `path:line:column: severity: name [rule, confidence]: masked`, as compilers write it.

use super::document::{Document, Found};
use super::mask::printable;
use super::text::place;

/// The lines, those of suppressed findings last, if they are in the document; none if there is no finding.
pub fn render(document: &Document) -> String {
    document.findings.iter().chain(document.suppressed.iter().flatten()).map(|finding| line(document, finding)).collect()
}

fn line(document: &Document, finding: &Found) -> String {
    let verdict = finding.confirmation.as_ref().map_or(String::new(), |answer| format!(", {}", answer.verdict.text()));
    let (Found { severity, rule, confidence, .. }, secret) = (finding, finding.what());
    let gone = match &finding.commit {
        Some(commit) if finding.is_gone() => format!(" (only in commit {})", commit.short()),
        _ => String::new(),
    };
    let suppressed = finding.suppression.as_ref().map_or(String::new(), |suppression| format!(" (suppressed by {})", suppression.by));
    let (place, title) = (place(document, finding), finding.title());
    printable(&format!("{place}: {}{verdict}: {title} [{rule}, confidence {}]: {secret}{gone}{suppressed}", severity.text(), confidence.text())) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{answered, everything, in_history, report};

    #[test]
    fn a_finding_is_a_line() {
        let document = Document::new(&in_history(), false, false);
        let text = render(&document);
        let secret = &document.findings[1].secret;
        let line = format!("gone.env:12:5: high: Mistral AI API key [mistral-api-key, confidence high]: {secret} (only in commit 0123456789ab)");
        assert_eq!(text.lines().nth(1), Some(line.as_str()));
        assert_eq!(text.lines().count(), 3);
        assert!(render(&Document::new(&answered(), false, false)).starts_with("a.env:12:5: high, live: Mistral AI API key ["));
        assert!(render(&Document::new(&everything().0, false, true)).trim_end().ends_with(" (suppressed by .keysift.toml: allow entry 1)"));
        assert_eq!(render(&Document::new(&report(Vec::new()), false, false)), "");
    }
}
