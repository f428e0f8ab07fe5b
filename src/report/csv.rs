//! A table for spreadsheets: RFC 4180 but for line feeds that stand alone, one row for each finding.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula; such a cell gets an apostrophe in front, by which spreadsheets know text.

use super::document::{Document, Found};
use super::mask::printable;

const COLUMNS: [&str; 24] = [
    "id",
    "severity",
    "confidence",
    "verdict",
    "rule",
    "rule_name",
    "provider",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "secret",
    "line_text",
    "why",
    "commit",
    "date",
    "at_tip",
    "revoke",
    "answer",
    "suppressed_by",
    "suppressed_because",
    "partner",
    "partner_value",
];

/// The table with its head; suppressed findings, if they are in the document, come last.
pub fn render(document: &Document) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).expect("writing to memory cannot fail");
    for finding in document.findings.iter().chain(document.suppressed.iter().flatten()) {
        writer.write_record(row(document, finding).map(|cell| defused(&cell))).expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("it was made of text")
}

fn row(document: &Document, finding: &Found) -> [String; COLUMNS.len()] {
    let commit = finding.commit.as_ref();
    let (suppression, partner) = (finding.suppression.as_ref(), finding.partner.as_ref());
    [
        finding.id.clone(),
        finding.severity.text().to_owned(),
        finding.confidence.text().to_owned(),
        finding.verdict.text().to_owned(),
        finding.rule.clone(),
        finding.rule_name.clone(),
        finding.provider.name.clone(),
        if finding.message { finding.path.clone() } else { document.head.shown(&finding.path) },
        finding.line.to_string(),
        finding.column.to_string(),
        finding.end_line.to_string(),
        finding.end_column.to_string(),
        finding.secret.clone(),
        finding.line_text.clone(),
        document.why(finding),
        commit.map_or(String::new(), |commit| commit.id.clone()),
        commit.map_or(String::new(), |commit| commit.date.clone()),
        finding.at_tip.map_or(String::new(), |is_there| if is_there { "yes" } else { "no" }.to_owned()),
        finding.revoke.clone(),
        finding.answer().unwrap_or_default(),
        suppression.map_or(String::new(), |suppression| suppression.by.clone()),
        suppression.and_then(|suppression| suppression.reason.clone()).unwrap_or_default(),
        partner.map_or(String::new(), |partner| partner.name.clone()),
        partner.map_or(String::new(), |partner| partner.value.clone()),
    ]
}

fn defused(cell: &str) -> String {
    let cell = printable(cell);
    // Spreadsheets skip what stands in front of a formula, and know the characters in full width and in small as well.
    let first = cell.trim_start().chars().next();
    if first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{everything, finding, hostile, random, report};

    fn rows(report: &crate::finding::Report) -> Vec<Vec<String>> {
        let text = render(&Document::new(report, false, true));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|record| record.expect("it is a table").iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn there_is_a_row_for_each_finding() {
        let rows = rows(&everything().0);
        assert_eq!(rows.len(), 8);
        assert_eq!(rows[0], COLUMNS);
        assert_eq!(&rows[1][1..6], ["high", "high", "unchecked", "mistral-api-key", "Mistral AI API key"]);
        assert_eq!(&rows[6][20..22], ["keysift:allow", "rotated in May"]);
    }

    #[test]
    fn no_cell_is_a_formula() {
        let key = random(32);
        for start in ["=", "+", "-", "@", " =", "\t=", "＝"] {
            let path = format!("{start}cmd|' /C calc'!A0\",\r\n=1");
            let rows = rows(&report(vec![finding("mistral-api-key", &path, &format!("{start}{key}"), &key)]));
            assert_eq!(rows.len(), 2);
            for cell in &rows[1] {
                let first = cell.trim_start().chars().next();
                assert!(!first.is_some_and(|c| "=+-@＝".contains(c)), "{cell}");
            }
        }
        assert_eq!(rows(&hostile()).len(), 3);
    }
}
