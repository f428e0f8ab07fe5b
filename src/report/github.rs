//! Annotations for GitHub Actions: workflow commands, which the runner reads from standard output
//! (<https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>).
//!
//! A step may make ten annotations of each kind; the worst findings get them, and a last one says how many more there are. What finds no place among its own
//! kind takes one of a lesser kind, before those that belong there. Nothing from outside begins a line
//! or can end a command: paths and texts are escaped as the runner undoes it, and they are printable. There is no `::add-mask::`, which would have to hold
//! the secret.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::document::{Document, Found, Level};
use super::mask::printable;
use super::words;

/// Annotations of one kind that GitHub shows of a step.
const MOST: usize = 10;
/// Of them the warnings that are not about findings: that the scan is incomplete, and what `keysift ci` has to say of the policy.
const N_OTHER_WARNINGS: usize = 2;

/// The commands, one a line; none if there is nothing to say.
pub fn render(document: &Document) -> String {
    let mut seen = HashSet::new();
    let mut findings = document.worst_first();
    // Of what several commits brought to one place, one annotation says it all; without a place, each names its commit.
    findings.retain(|finding| finding.place().is_none() || seen.insert(finding.alert()));
    let mut out = String::new();
    let mut waiting: Vec<&Found> = Vec::new();
    for (level, command, n_most) in [(Level::Error, "error", MOST), (Level::Warning, "warning", MOST - N_OTHER_WARNINGS), (Level::Note, "notice", MOST - 1)] {
        waiting.extend(findings.iter().filter(|finding| finding.level() == level));
        let n = n_most.min(waiting.len());
        for finding in waiting.drain(..n) {
            let mut properties = Vec::new();
            // Of what is only in the history no file is there to be annotated.
            if let Some(place) = finding.place() {
                properties.push(("file", place.path.to_owned()));
                properties.push(("line", place.line.to_string()));
                properties.push(("endLine", place.end_line.to_string()));
                if place.line == place.end_line {
                    properties.push(("col", place.columns.0.to_string()));
                    properties.push(("endColumn", place.columns.1.to_string()));
                }
            }
            properties.push(("title", finding.title()));
            put(&mut out, command, &properties, &words::sentence(document, finding));
        }
    }
    let n_more = waiting.len();
    if n_more > 0 {
        let (is, findings) = if n_more == 1 { ("is", "finding") } else { ("are", "findings") };
        put(&mut out, "notice", &[("title", "keysift".to_owned())], &format!("There {is} {n_more} more {findings}; the report has all of them."));
    }
    let doubts = document.doubts();
    if let Some(first) = doubts.first() {
        let more = if doubts.len() > 1 { format!(" ({} more reasons)", doubts.len() - 1) } else { String::new() };
        put(&mut out, "warning", &[("title", "keysift: the scan is incomplete".to_owned())], &format!("{first}{more}"));
    }
    out
}

fn put(out: &mut String, command: &str, properties: &[(&str, String)], text: &str) {
    let properties: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    writeln!(out, "::{command} {}::{}", properties.join(","), data(text)).expect("writing to a String cannot fail");
}

/// `text` as the data of a workflow command, which nothing in it ends: printable, on one line, with `%` as the runner wants it.
pub fn data(text: &str) -> String {
    // A tab or a line feed of a path is shown as an escape: the runner would undo `%0A` before it looks at nothing else.
    printable(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Report;
    use crate::report::fixture::{everything, finding, hostile, in_history, random, report};

    fn lines(report: &Report) -> Vec<String> {
        render(&Document::new(report, false, false)).lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_annotation_has_its_place_and_its_title() {
        let key = random(32);
        let all = lines(&report(vec![finding("mistral-api-key", "a, b:100%.py", &key, &key)]));
        assert_eq!(all.len(), 1);
        let start =
            "::error file=a%2C b%3A100%25.py,line=12,endLine=12,col=1,endColumn=33,title=Mistral AI API key::Exposed Mistral AI API key (confidence high): ";
        assert!(all[0].starts_with(start), "{}", all[0]);
        assert_eq!(lines(&report(Vec::new())), Vec::<String>::new());
    }

    #[test]
    fn ten_are_shown_worst_first_and_the_rest_is_counted() {
        let key = random(32);
        let mut findings: Vec<_> = (0..30).map(|i| finding("mistral-api-key", &format!("{i}.py"), &key, &key)).collect();
        findings.push(finding("openai-admin-key", "worst.py", &key, &key));
        findings.extend((0..15).map(|i| finding("generic-secret", &format!("note{i}.py"), &key, &key)));
        let all = lines(&report(findings));
        let n = |start: &str| all.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!((n("::error "), n("::warning "), n("::notice ")), (10, 8, 10));
        assert!(all[0].contains("file=worst.py"), "{}", all[0]);
        assert!(all[10].starts_with("::warning file=9.py"), "{}", all[10]);
        assert_eq!(all[27], "::notice title=keysift::There are 19 more findings; the report has all of them.");
    }

    #[test]
    fn hostile_content_makes_no_command_of_its_own() {
        let mut attack = hostile();
        attack.findings[0].origin.path = "x\n::set-output name=a::b\r::stop-commands::y".into();
        for line in lines(&attack) {
            assert!(["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command)), "{line}");
            assert!(!line.contains('\r') && !line.contains("%0A") && line.matches("::").count() >= 2, "{line}");
            assert!(
                line.split("::").nth(1).is_some_and(|command| command.starts_with("error file=x\\n%3A%3Aset-output") || !command.contains("set-output")),
                "{line}"
            );
        }
    }

    #[test]
    fn what_commits_brought_again_to_one_place_is_said_once() {
        let mut report = in_history();
        report.findings.extend(report.findings.clone());
        let all = lines(&report);
        assert_eq!((all.len(), all.iter().filter(|line| line.contains("file=b.env")).count()), (5, 1), "{all:?}");
    }

    #[test]
    fn what_is_only_in_the_history_has_no_file() {
        let all = lines(&in_history());
        assert!(all[0].contains("file=b.env,line=3,endLine=3,col=10"), "{}", all[0]);
        assert!(all[1].starts_with("::error title=") && all[2].starts_with("::error title="), "{all:?}");
        assert!(all[1].contains(" in commit 0123456789ab, gone.env:12 (the file no longer holds it): "), "{all:?}");
        assert!(
            all[1].ends_with("; taking it out of the file is done already.") && all[2].contains(" in the message of commit 0123456789ab, line 12: "),
            "{all:?}"
        );
    }

    #[test]
    fn an_incomplete_scan_is_a_warning() {
        let all = lines(&everything().0);
        assert!(all.last().is_some_and(|line| line.starts_with("::warning title=keysift%3A the scan is incomplete::locked.txt could not be read")), "{all:?}");
    }
}
