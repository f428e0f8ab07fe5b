//! A table in Markdown, for the summary of a job or a comment.
//!
//! Table and list are HTML, in blocks without an empty line: in such a block nothing is Markdown, so that what comes from scanned content has to be defused
//! in one language only. It stands in `<code>`, where services make no links, mentions, or references of it.

use std::fmt::Write as _;

use super::document::{Document, Found};
use super::mask::printable;
use super::uri::{self, Uri};
use super::{Options, words};
use crate::number::n_of;
use crate::rule::GENERIC;

/// GitHub takes a mebibyte for the summary of a step.
const MOST_BYTES: usize = 1_000_000;
/// Bytes for what stands behind the table.
const ROOM_BEHIND: usize = 20_000;
/// Reasons for an incomplete scan that are named.
const MOST_REASONS: usize = 10;
/// Characters of a cell; a path can have thousands.
const LONGEST_CELL: usize = 300;
/// Characters of the reason for a finding.
const LONGEST_WHY: usize = 140;

/// The summary.
pub fn render(document: &Document, options: &Options<'_>) -> String {
    let mut out = String::from("## keysift\n\n");
    let findings = document.worst_first();
    let n = findings.len() as u64;
    let outcome = match document.head.exit.meaning.as_str() {
        _ if n > 0 => format!("**{}**", n_of(n, "finding")),
        "clean" => "**No findings.** Everything was scanned.".to_owned(),
        _ => "**No findings, but not everything could be scanned.**".to_owned(),
    };
    writeln!(out, "{outcome}\n").expect("writing to a String cannot fail");
    if !findings.is_empty() {
        put_table(&mut out, document, &findings, options);
    }
    put_coverage(&mut out, document);
    if n > 0 {
        out += "\nRevoke first, then remove.";
        if findings.iter().any(|finding| finding.commit.is_some()) {
            out += " Taking a key out of the history does not replace that: clones, forks, and caches keep it.";
        }
        out.push('\n');
    }
    out
}

/// The table of findings, as many as there is room for.
fn put_table(out: &mut String, document: &Document, findings: &[&Found], options: &Options<'_>) {
    let head = ["Severity", "Verdict", "What", "Where", "Why", "Masked", "What to do"];
    let cells: String = head.iter().filter(|name| document.was_asked() || **name != "Verdict").map(|name| format!("<th>{name}</th>")).collect();
    write!(out, "<table>\n<tr>{cells}</tr>\n").expect("writing to a String cannot fail");
    let mut n_shown = 0;
    for finding in findings {
        let row = row(document, finding, options);
        if out.len() + row.len() > MOST_BYTES - ROOM_BEHIND {
            break;
        }
        out.push_str(&row);
        n_shown += 1;
    }
    out.push_str("</table>\n\n");
    if n_shown < findings.len() {
        let n_more = n_of((findings.len() - n_shown) as u64, "more finding");
        writeln!(out, "{n_more}, the least severe, are in the JSON report only.\n").expect("writing to a String cannot fail");
    }
}

/// The list of what was found and scanned, and of why that is not everything.
fn put_coverage(out: &mut String, document: &Document) {
    out.push_str("<ul>\n");
    for line in [words::found_in(document), words::covered(&document.head.coverage, document.head.rules.n_rules)] {
        writeln!(out, "<li>{}</li>", code(&line)).expect("writing to a String cannot fail");
    }
    let doubts = document.doubts();
    for why in doubts.iter().take(MOST_REASONS) {
        writeln!(out, "<li><b>incomplete:</b> {}</li>", code(why)).expect("writing to a String cannot fail");
    }
    if doubts.len() > MOST_REASONS {
        writeln!(out, "<li>{} more reasons in the JSON report</li>", doubts.len() - MOST_REASONS).expect("writing to a String cannot fail");
    }
    out.push_str("</ul>\n");
}

fn row(document: &Document, finding: &Found, options: &Options<'_>) -> String {
    let place = match page_of(document, finding, options) {
        Some(page) => format!("<a href=\"{}\">{}</a>", reference(&page), code(&finding.where_text())),
        None => code(&finding.where_text()),
    };
    let what = format!("{}<br>{}, confidence {}", cell(&finding.title()), code(&finding.rule), finding.confidence.text());
    let is_page = finding.provider.id != GENERIC && finding.revoke.starts_with("https://");
    let step = finding.rotate.first().map_or(String::new(), |step| cell(step));
    let now = if is_page { format!("{step} <a href=\"{0}\">{0}</a>", cell(&finding.revoke)) } else { step };
    let mut cells = vec![cell(finding.severity.text())];
    if document.was_asked() {
        cells.push(cell(finding.verdict.text()));
    }
    cells.extend([what, place, code(&cut(&document.why(finding), LONGEST_WHY)), code(&finding.line_text), now]);
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    format!("<tr>{cells}</tr>\n")
}

/// The page of the service that shows the line, in the commit that has it.
fn page_of(document: &Document, finding: &Found, options: &Options<'_>) -> Option<String> {
    let service = options.repository_url?;
    let revision = document.head.repository.as_ref().and_then(|repository| repository.revision.as_deref());
    let (commit, path, line) = match (finding.place(), &finding.commit) {
        (Some(place), _) => (revision?, place.path, place.line),
        (None, Some(commit)) if finding.message => return Some(format!("{service}/commit/{}", commit.id)),
        (None, commit) => (commit.as_ref()?.id.as_str(), finding.path.as_str(), finding.line),
    };
    match uri::of(path, &document.head.root) {
        Uri::Relative(path) => Some(format!("{service}/blob/{commit}/{path}#L{line}")),
        Uri::Absolute(_) => None,
    }
}

/// An address for an attribute; it is percent-encoded already.
fn reference(url: &str) -> String {
    url.replace('&', "&amp;").replace('"', "%22").replace('<', "%3C").replace('>', "%3E").replace('\'', "%27")
}

/// The beginning of a text.
fn cut(text: &str, n_chars: usize) -> String {
    match text.char_indices().nth(n_chars) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", cell(text))
}

/// [`escaped`] text that is not longer than a cell may be.
fn cell(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => escaped(&text[..end]) + "...",
        None => escaped(&text),
    }
}

/// `text` as text in Markdown and in HTML: printable, on one line, with every character that means something in either as a reference.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        // Behind `www` a dot makes a link of what follows.
        let is_of_link = c == '.' && out.len() >= 3 && out.as_bytes()[out.len() - 3..].eq_ignore_ascii_case(b"www");
        if !is_of_link && (c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | ',' | '.' | ';' | '(' | ')' | '%' | '=' | '\'')) {
            out.push(c);
        } else {
            write!(out, "&#{};", u32::from(c)).expect("writing to a String cannot fail");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Report;
    use crate::report::fixture::{all_options, answered, everything, finding, hostile, in_history, random, report};

    fn text(report: &Report) -> String {
        render(&Document::new(report, false, false), &all_options())
    }

    #[test]
    fn a_clean_scan_says_what_was_scanned() {
        assert_eq!(
            text(&report(Vec::new())),
            "## keysift\n\n**No findings.** Everything was scanned.\n\n<ul>\n<li><code>no findings</code></li>\n\
             <li><code>scanned 0 blobs (0 bytes) for 26 rules</code></li>\n</ul>\n"
        );
    }

    #[test]
    fn the_worst_comes_first_and_the_rest_is_there() {
        let text = text(&everything().0);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("<tr><td>")).collect();
        assert_eq!(rows.len(), 5);
        assert!(rows[0].starts_with("<tr><td>critical</td>"), "{}", rows[0]);
        let history = self::text(&in_history());
        assert!(history.contains("commit 0123456789ab, gone.env&#58;12</code>") && history.contains("message of commit 0123456789ab, line 12"), "{history}");
        assert!(text.contains("<b>incomplete:</b> <code>locked.txt could not be read&#58; permission denied</code>"), "{text}");
    }

    #[test]
    fn paths_and_lines_make_no_markup() {
        let key = random(32);
        let attack = "a|`</code></td><img src=x onerror=1>\n\n# [x](https://evil.example) @team #1 www.evil.example ![i](j) ~~~ **b**";
        let mut bad = finding("mistral-api-key", attack, &format!("{attack}{key}"), &key);
        bad.evidence.clear();
        let text = text(&report(vec![bad]));
        assert!(!text.contains("www."), "{text}");
        let row = text.lines().find(|line| line.starts_with("<tr><td>")).expect("there is a row");
        let tags: Vec<&str> = row.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
        assert!(
            tags.iter().all(|tag| ["tr", "td", "/td", "/tr", "br", "code", "/code", "/a", "a href=\"https&#58;//console.mistral.ai/api-keys\""].contains(tag)),
            "{tags:?}"
        );
        for mark in ['|', '`', '[', ']', '@', '#', '*', '~', '!'] {
            assert!(!row.replace("&#", "").contains(mark), "{mark}: {row}");
        }
        assert!(!text.contains("\n# "), "{text}");
        assert!(!self::text(&hostile()).contains('\u{202e}'));
    }

    #[test]
    fn a_row_says_by_which_rule_why_and_where_it_can_be_looked_at() {
        let mut report = in_history();
        report.findings[0].presence = None;
        report.findings[0].origin.path = "a b#.env".into();
        let options = Options { repository_url: Some("https://github.com/acme/app"), ..all_options() };
        let text = render(&Document::new(&report, false, false), &options);
        let head = "<tr><th>Severity</th><th>What</th><th>Where</th><th>Why</th><th>Masked</th><th>What to do</th></tr>";
        assert!(text.contains(head), "nobody was asked: {text}");
        assert!(
            text.contains("<br><code>mistral-api-key</code>, confidence high</td>") && text.contains("<code>assigned to &#96;API&#95;KEY&#96;</code>"),
            "{text}"
        );
        let id = "0123456789abcdef0123456789abcdef01234567";
        for page in [format!("blob/{id}/a%20b%23.env#L12"), format!("blob/{id}/gone.env#L12"), format!("commit/{id}")] {
            assert!(text.contains(&format!("<a href=\"https://github.com/acme/app/{page}\">")), "{page}: {text}");
        }
        assert!(text.ends_with("Taking a key out of the history does not replace that: clones, forks, and caches keep it.\n"), "{text}");
        let (asked, plain) = (self::text(&answered()), self::text(&everything().0));
        assert!(asked.contains("<th>Verdict</th>") && asked.contains("<td>live</td>"), "{asked}");
        assert!(!plain.contains("<a href=\"https://github.com") && plain.ends_with("\nRevoke first, then remove.\n"), "{plain}");
    }

    #[test]
    fn it_is_cut_below_what_github_takes() {
        let key = random(32);
        let findings = (0..10_000).map(|i| finding("mistral-api-key", &format!("folder/{i}.py"), &key, &key)).collect();
        let text = text(&report(findings));
        assert!(text.len() < 1 << 20 && text.len() > 900_000, "{}", text.len());
        assert!(text.contains(" more findings, the least severe, are in the JSON report only."), "{}", &text[text.len() - 500..]);
    }
}
