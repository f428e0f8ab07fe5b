//! JUnit XML, for whatever shows test results: each finding is a failed test, each reason for an incomplete scan an error, and a clean scan a test that passed.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::document::{Document, Found};
use super::mask::printable;
use super::words;

/// The report as one suite.
pub fn render(document: &Document) -> String {
    let name = &printable(&document.head.tool.name);
    let mut suite = TestSuite::new(name);
    for finding in &document.findings {
        suite.add_test_case(failed(document, finding));
    }
    for why in document.doubts() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(printable(&why)).set_type("incomplete");
        suite.add_test_case(case("the scan is complete", "keysift", status));
    }
    if suite.test_cases.is_empty() {
        suite.add_test_case(case("no findings", "keysift", TestCaseStatus::success()));
    }
    suite.set_system_out(format!("{}\n{}", words::found_in(document), words::covered(&document.head.coverage, document.head.rules.n_rules)));
    let mut report = Report::new(name);
    report.add_test_suite(suite);
    report.to_string().expect("XML is written to memory")
}

fn failed(document: &Document, finding: &Found) -> TestCase {
    let at = printable(&finding.where_text());
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let text = format!("{at}:{}\n{}\n", finding.column, printable(&finding.line_text));
    status.set_message(words::sentence(document, finding)).set_type(finding.severity.text()).set_description(text);
    let mut case = case(&format!("{at}: {}", finding.title()), &finding.rule, status);
    // What is only in the history has no file that could be opened.
    if let Some(place) = finding.place() {
        case.extra.insert("file".into(), printable(place.path).into());
        case.extra.insert("line".into(), place.line.to_string().into());
    }
    case
}

fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(printable(name), status);
    case.set_classname(printable(class));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{everything, hostile, report};

    fn text(report: &crate::finding::Report) -> String {
        render(&Document::new(report, false, false))
    }

    #[test]
    fn findings_fail_and_a_clean_scan_passes() {
        let all = text(&everything().0);
        assert!(all.contains("<testsuites name=\"keysift\" tests=\"6\" failures=\"5\" errors=\"1\">"), "{all}");
        assert_eq!((all.matches("<testcase ").count(), all.matches("<failure ").count(), all.matches("<error ").count()), (6, 5, 1));
        assert!(all.contains("classname=\"mistral-api-key\"") && all.contains("file=\"src/chat.py\""), "{all}");
        let clean = text(&report(Vec::new()));
        assert!(clean.contains("tests=\"1\" failures=\"0\" errors=\"0\"") && clean.contains("<testcase name=\"no findings\""), "{clean}");
    }

    #[test]
    fn what_is_only_in_the_history_is_named_by_its_commit() {
        let all = text(&crate::report::fixture::in_history());
        assert_eq!(all.matches(" file=").count(), 1, "{all}");
        assert!(all.contains("name=\"commit 0123456789ab, gone.env:12: Mistral AI API key\""), "{all}");
        assert!(all.contains("; taking it out of the file is done already."), "{all}");
    }

    #[test]
    fn hostile_content_stays_text() {
        let all = text(&hostile());
        assert!(all.chars().all(|c| c == '\n' || !c.is_control()), "{all}");
        assert_eq!(all.matches("<testcase ").count(), 3);
    }
}
