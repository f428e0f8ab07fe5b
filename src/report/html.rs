//! One page for a browser, in one file, which asks for nothing from anywhere.
//!
//! The page's policy (`Content-Security-Policy`) allows its own style and script, by their hashes, and nothing else: no request, no form, no frame, no event
//! attribute. What comes from scanned content is in it in two ways: escaped in what is written here, and as JSON without `<`, which the script puts into the
//! page as text only. Charts are drawn here, so that numbers are there without a script, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::document::{Document, Found};
use super::mask::{escape_json, printable};
use super::words;
use crate::base64;
use crate::number::n_of;
use crate::rule::{GENERIC, Severity};
use crate::verdict::Verdict;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");
/// Providers with a bar of their own.
const MOST_BARS: usize = 8;
/// Rows of the lists of skipped blobs and suppressed findings.
const MOST_LISTED: usize = 500;

/// What the script shows; it holds printable text only.
#[derive(Serialize)]
struct Data {
    /// Whether the providers were asked.
    asked: bool,
    rules: BTreeMap<String, RuleData>,
    findings: Vec<Row>,
}

#[derive(Serialize)]
struct RuleData {
    note: Option<String>,
    steps: Vec<String>,
    /// Where keys are revoked; none if that is no web address.
    page: Option<String>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    severity: &'static str,
    confidence: &'static str,
    verdict: &'static str,
    provider: String,
    title: String,
    rule: String,
    path: String,
    line: u64,
    column: u64,
    /// Whether it is only in the history.
    gone: bool,
    secret: String,
    text: String,
    /// Where the mask of the secret stands in the text.
    mark: Option<(usize, usize)>,
    why: String,
    evidence: Vec<(i32, String)>,
    fits: Vec<String>,
    answer: Option<String>,
    commit: Option<String>,
    paths: Vec<String>,
    layer: Option<&'static str>,
    unheard: Option<String>,
}

/// The page.
pub fn render(document: &Document) -> String {
    let style_hash = base64::encode(&Sha256::digest(STYLE.as_bytes()));
    let script_hash = base64::encode(&Sha256::digest(SCRIPT.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; base-uri 'none'; form-action 'none'");
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>keysift: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        n_of(document.findings.len() as u64, "finding")
    );
    page += &header(document);
    page += "<main>\n";
    page += &charts(document);
    page += include_str!("html/findings.html");
    page += &coverage(document);
    page += &suppressed(document);
    page += "</main>\n";
    let tool = &document.head.tool;
    let masked = "Masked are the secrets that were found, and in what is quoted of the source whatever else looks random; a password made of words does not.";
    writeln!(page, "<footer><p>{} {}. {masked}</p></footer>", escaped(&tool.name), escaped(&tool.version)).expect("writing to a String cannot fail");
    writeln!(page, "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>", data(document))
        .expect("writing to a String cannot fail");
    page
}

fn header(document: &Document) -> String {
    let head = &document.head;
    let n = document.findings.len() as u64;
    let doubts = document.doubts();
    let (class, outcome) = match (n, doubts.is_empty()) {
        (0, true) => ("good", "No findings".to_owned()),
        (0, false) => ("doubt", "No findings, but the scan is incomplete".to_owned()),
        (_, true) => ("bad", n_of(n, "finding")),
        (_, false) => ("bad", format!("{}, and the scan is incomplete", n_of(n, "finding"))),
    };
    let targets = head.targets.iter().map(|target| if target == "." { whole(document) } else { target.as_str() });
    let targets: Vec<&str> = targets.filter(|target| *target != head.root).collect();
    let mut facts = Vec::new();
    if targets.is_empty() {
        facts.push(("Scanned", head.root.clone()));
    } else {
        facts.extend([("Scanned", targets.join(", ")), ("In", head.root.clone())]);
    }
    if let Some(repository) = &head.repository {
        facts.extend(repository.uri.clone().map(|uri| ("Repository", uri)));
        facts.extend(repository.branch.clone().map(|branch| ("Branch", branch)));
        facts.extend(repository.revision.clone().map(|revision| ("Revision", revision)));
    }
    facts.extend(head.config.clone().map(|config| ("Configuration", config)));
    let facts: String = facts.iter().map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value))).collect();
    let covered = format!("{}{}.", words::kinds_in(document), words::covered(&head.coverage, head.rules.n_rules));
    let reasons: String = doubts.iter().take(MOST_LISTED).map(|why| format!("<li>{}</li>", escaped(why))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!("<div class=\"doubts\"><h2>Incomplete</h2><ul>{reasons}</ul></div>\n") };
    format!(
        "<header>\n<p class=\"brand\">keysift</p>\n<h1 class=\"{class}\">{outcome}</h1>\n<p class=\"summary\">{}</p>\n<dl class=\"facts\">{facts}</dl>\n{reasons}</header>\n",
        escaped(&covered)
    )
}

/// What `.` stands for: the root, or the folder below it where the command was run.
fn whole(document: &Document) -> &str {
    let named = document.head.reach.iter().flat_map(|reach| &reach.paths).find(|named| named.typed == "." && named.path != ".");
    named.map_or(document.head.root.as_str(), |named| named.path.as_str())
}

fn charts(document: &Document) -> String {
    let mut severities: Vec<(String, &str, u64)> = Vec::new();
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
        severities.push((severity.text().to_owned(), severity.text(), count(document, |finding| finding.severity == severity)));
    }
    let mut verdicts: Vec<(String, &str, u64)> = Vec::new();
    for verdict in [Verdict::Live, Verdict::Restricted, Verdict::Blocked, Verdict::Invalid, Verdict::Unknown, Verdict::Unchecked] {
        verdicts.push((verdict.text().to_owned(), verdict.text(), count(document, |finding| finding.verdict == verdict)));
    }
    verdicts.retain(|(_, _, n)| *n > 0);
    let mut by_provider: BTreeMap<&str, u64> = BTreeMap::new();
    document.findings.iter().for_each(|finding| *by_provider.entry(&finding.provider.name).or_default() += 1);
    let mut by_provider: Vec<(&str, u64)> = by_provider.into_iter().collect();
    by_provider.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let n_others: u64 = by_provider.iter().skip(MOST_BARS).map(|(_, n)| n).sum();
    let mut providers: Vec<(String, &str, u64)> = by_provider.iter().take(MOST_BARS).map(|(name, n)| (printable(name), "provider", *n)).collect();
    if n_others > 0 {
        providers.push((n_of((by_provider.len() - MOST_BARS) as u64, "other provider"), "", n_others));
    }
    if document.findings.is_empty() {
        return String::new();
    }
    let verdicts = if document.was_asked() { chart("Verdict", "verdict", &verdicts) } else { String::new() };
    let charts = [chart("Severity", "severity", &severities), verdicts, chart("Provider", "provider", &providers)];
    format!("<section class=\"charts\" aria-label=\"Totals\">\n{}</section>\n", charts.concat())
}

fn count(document: &Document, is_one: impl Fn(&Found) -> bool) -> u64 {
    document.findings.iter().filter(|finding| is_one(finding)).count() as u64
}

/// A table of bars: label, class of the bar, number. A label is a button that filters where there is something to choose. What has no class is a rest of
/// several, which has no bar of its own.
fn chart(title: &str, filter: &str, bars: &[(String, &str, u64)]) -> String {
    let most = bars.iter().filter(|(_, class, _)| !class.is_empty()).map(|(_, _, n)| *n).max().unwrap_or(0).max(1);
    let mut rows = String::new();
    for (label, class, n) in bars {
        let label = escaped(label);
        let name = if class.is_empty() || *n == 0 {
            label.clone()
        } else {
            format!("<button type=\"button\" data-filter=\"{filter}\" data-value=\"{label}\">{label}</button>")
        };
        let width = *n as f64 * 100.0 / most as f64;
        let drawn = format!(
            "<svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect width=\"{width:.2}\" height=\"10\" class=\"bar {class}\"/></svg>"
        );
        let bar = if class.is_empty() { "" } else { &drawn };
        writeln!(rows, "<tr><th scope=\"row\">{name}</th><td class=\"track\">{bar}</td><td class=\"number\">{n}</td></tr>")
            .expect("writing to a String cannot fail");
    }
    format!("<table class=\"chart\"><caption>{title}</caption><tbody>\n{rows}</tbody></table>\n")
}

fn coverage(document: &Document) -> String {
    let head = &document.head;
    let coverage = &head.coverage;
    let mut rows = vec![
        ("Blobs scanned".to_owned(), coverage.n_blobs.to_string()),
        ("Bytes scanned".to_owned(), coverage.n_bytes.to_string()),
        ("Binary blobs among them".to_owned(), coverage.n_binary.to_string()),
        ("Commits scanned".to_owned(), coverage.n_commits.to_string()),
        ("Commits left out by dates, number or branch".to_owned(), coverage.n_commits_left_out.to_string()),
        ("Paths left out by ignore files".to_owned(), coverage.n_ignored.to_string()),
        ("Git-lfs pointers without their content".to_owned(), coverage.n_lfs.to_string()),
        ("Submodules left out".to_owned(), coverage.n_submodules.to_string()),
        (format!("Findings of less than {} confidence", coverage.min_confidence.text()), coverage.n_below_confidence.to_string()),
        ("Suppressed findings".to_owned(), head.n_suppressed.to_string()),
        ("Rules looked for".to_owned(), head.rules.n_rules.to_string()),
    ];
    rows.extend(coverage.n_skipped.iter().map(|(reason, n)| (format!("Skipped: {}", reason.text()), n.to_string())));
    if !head.rules.disabled.is_empty() {
        rows.push(("Rules switched off".to_owned(), head.rules.disabled.join(", ")));
    }
    let rows: String = rows.iter().map(|(name, value)| format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(name), escaped(value))).collect();
    let mut skipped: String = String::new();
    for skip in head.skipped.iter().take(MOST_LISTED) {
        let detail = skip.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let text = format!(": {}{detail}", skip.reason.text());
        writeln!(skipped, "<li><code>{}</code>{}</li>", escaped(&skip.path), escaped(&text)).expect("writing to a String cannot fail");
    }
    let n_more = head.skipped.len().saturating_sub(MOST_LISTED);
    let more = if n_more > 0 { format!("<li>{n_more} more in the JSON report</li>") } else { String::new() };
    let skipped = if skipped.is_empty() {
        String::new()
    } else {
        format!("<details><summary>{} listed</summary><ul>\n{skipped}{more}</ul></details>\n", n_of(head.skipped.len() as u64, "skipped blob"))
    };
    format!(
        "<section aria-labelledby=\"coverage\">\n<h2 id=\"coverage\">Coverage</h2>\n<table class=\"plain\"><tbody>\n{rows}</tbody></table>\n{skipped}</section>\n"
    )
}

fn suppressed(document: &Document) -> String {
    let Some(findings) = document.suppressed.as_ref().filter(|findings| !findings.is_empty()) else { return String::new() };
    let mut rows = String::new();
    for finding in findings.iter().take(MOST_LISTED) {
        let suppression = finding.suppression.as_ref();
        let by = suppression.map_or(String::new(), |suppression| suppression.by.clone());
        let reason = suppression.and_then(|suppression| suppression.reason.clone()).unwrap_or_else(|| "no reason given".to_owned());
        let place = format!("{}:{}", finding.path, finding.line);
        let cells = [&place, &finding.title(), &finding.secret, &by, &reason].map(|cell| format!("<td>{}</td>", escaped(cell)));
        writeln!(rows, "<tr>{}</tr>", cells.concat()).expect("writing to a String cannot fail");
    }
    let n_more = findings.len().saturating_sub(MOST_LISTED);
    let more = if n_more > 0 { format!("<p>{n_more} more in the JSON report.</p>\n") } else { String::new() };
    let heads: String = ["Where", "What", "Masked", "By", "Reason"].map(|name| format!("<th scope=\"col\">{name}</th>")).concat();
    format!(
        "<section aria-labelledby=\"suppressed\">\n<h2 id=\"suppressed\">Suppressed</h2>\n<div class=\"scroll\"><table class=\"plain\"><thead><tr>{heads}</tr></thead>\
         <tbody>\n{rows}</tbody></table></div>\n{more}</section>\n"
    )
}

/// The findings as JSON that stays inside of its element whatever it holds.
fn data(document: &Document) -> String {
    let page = |url: &String, provider: &str| (provider != GENERIC && url.starts_with("https://")).then(|| printable(url));
    let rules = document.head.rules.used.iter().map(|rule| {
        let steps = rule.rotate.iter().map(|step| printable(step)).collect();
        let data = RuleData { note: rule.note.as_ref().map(|note| printable(note)), steps, page: page(&rule.revoke, &rule.provider.id) };
        (printable(&rule.id), data)
    });
    let data = Data {
        asked: document.was_asked(),
        rules: rules.collect(),
        findings: document.worst_first().into_iter().map(|finding| row(document, finding)).collect(),
    };
    let json = serde_json::to_string(&data).expect("these structs hold nothing that JSON cannot");
    escape_json(&json).replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn row(document: &Document, finding: &Found) -> Row {
    let place = finding.place();
    let commit = finding.commit.as_ref().map(|commit| printable(&format!("{} of {} by {}: {}", commit.short(), commit.date, commit.author, commit.summary)));
    let at = place.unwrap_or_else(|| finding.origin());
    Row {
        id: printable(&finding.id),
        severity: finding.severity.text(),
        confidence: finding.confidence.text(),
        verdict: finding.verdict.text(),
        provider: printable(&finding.provider.name),
        title: printable(&finding.title()),
        rule: printable(&finding.rule),
        path: printable(at.path),
        line: at.line,
        column: if finding.tip.is_some() { finding.tip.as_ref().map_or(1, |tip| tip.column) } else { finding.column },
        gone: place.is_none(),
        secret: printable(&finding.secret),
        text: printable(&finding.line_text),
        mark: finding.line_mark,
        why: document.why(finding),
        evidence: finding.evidence.iter().map(|evidence| (evidence.weight, printable(&evidence.text))).collect(),
        fits: finding.providers.iter().map(|provider| printable(&provider.name)).collect(),
        answer: finding.answer().map(|answer| printable(&answer)),
        commit,
        paths: finding.paths.iter().filter(|path| *path != at.path).map(|path| printable(path)).collect(),
        layer: finding.layer.text(),
        unheard: finding.unheard.as_ref().map(|why| printable(why)),
    }
}

/// Text for an element or an attribute in quotes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{answered, everything, finding, hostile, in_history, random, report};

    fn text(report: &crate::finding::Report) -> String {
        render(&Document::new(report, false, true))
    }

    fn data_of(page: &str) -> serde_json::Value {
        let (_, rest) = page.split_once("id=\"data\">").expect("there is data");
        serde_json::from_str(rest.split_once("</script>").expect("it ends").0).expect("it is JSON")
    }

    #[test]
    fn hashes_are_written_as_policies_want_them() {
        assert_eq!([&b""[..], b"f", b"fo", b"foo", b"foobar"].map(base64::encode), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]);
        let page = text(&report(Vec::new()));
        assert!(page.contains(&format!("script-src 'sha256-{}'", base64::encode(&Sha256::digest(SCRIPT.as_bytes())))));
        assert!(!page.contains("unsafe-inline") && !page.contains("http:"), "nothing is allowed that is not ours");
    }

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        assert!(!STYLE.contains('<') && !SCRIPT.to_ascii_lowercase().contains("</script") && !SCRIPT.contains("<!--"));
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "setAttribute(\"style", "XMLHttpRequest"] {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn all_findings_are_there_worst_first() {
        let page = text(&everything().0);
        let data = data_of(&page);
        let titles: Vec<&str> = data["findings"].as_array().expect("a list").iter().filter_map(|one| one["severity"].as_str()).collect();
        assert_eq!(titles, ["critical", "high", "high", "high", "medium"]);
        assert!(page.contains("<h1 class=\"bad\">5 findings, and the scan is incomplete</h1>"));
        assert!(page.contains("rotated in May") && page.contains("locked.txt could not be read"));
        assert_eq!(
            data_of(&text(&answered()))["findings"][0]["answer"],
            "live (HTTP 200 from api.mistral.ai); models: 37 models: 12 large, 3 embedding; owner: acme"
        );
        let history = data_of(&text(&in_history()));
        assert_eq!((&history["findings"][0]["path"], &history["findings"][1]["gone"]), (&serde_json::json!("b.env"), &serde_json::json!(true)));
    }

    #[test]
    fn content_makes_no_markup() {
        let key = random(32);
        let attack = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&<!--";
        let mut bad = finding("mistral-api-key", attack, &format!("{attack}{key}"), &key);
        bad.evidence[0].text = attack.to_owned();
        let mut report = report(vec![bad.clone()]);
        (report.root, report.targets, report.config) = (format!("/{attack}"), vec![attack.to_owned()], Some(attack.to_owned()));
        report.incomplete = vec![attack.to_owned()];
        bad.suppression = Some(crate::finding::Suppression { by: attack.to_owned(), reason: Some(attack.to_owned()) });
        report.suppressed = vec![bad];
        let page = text(&report);
        assert_eq!((page.matches("<script").count(), page.matches("</script>").count(), page.matches("<img").count()), (2, 2, 0));
        assert!(!page.contains("<!--") && data_of(&page)["findings"][0]["path"] == attack);
        assert!(text(&hostile()).chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'));
    }
}
