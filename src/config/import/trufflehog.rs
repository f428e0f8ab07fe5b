//! trufflehog: its custom detectors, a YAML document, and the list of `--exclude-paths`, an expression on each line.

use super::write::Writer;
use super::yaml::{self, Node};
use crate::config::document::{ConfigError, Document};
use crate::config::gitleaks::{Allow, go};
use crate::filter::Target;
use crate::rule::RuleSet;
use crate::rule::pattern::{Expression, Pattern, Required};

/// Writes what the file says.
pub fn write(document: &Document, writer: &mut Writer) -> Result<(), ConfigError> {
    let has_detectors = document.text.lines().any(|line| line.trim_start_matches(['{', '"', '\'', ' ']).starts_with("detectors"));
    if !has_detectors {
        exclude_paths(document, writer);
        return Ok(());
    }
    let wrong = |line: usize, what: &str| ConfigError::Place {
        path: document.path.to_owned(),
        line: line as u64,
        column: 1,
        what: what.to_owned(),
        help: Some("a file of custom detectors is YAML with a list `detectors`; a file of --exclude-paths has an expression on each line".to_owned()),
    };
    let root = yaml::parse(document.text).map_err(|(line, what)| wrong(line, &what))?;
    for (key, _) in root.pairs().filter(|(key, _)| *key != "detectors") {
        writer.left_out(&format!("`{key}`"));
    }
    let detectors = root.get("detectors").ok_or_else(|| wrong(1, "there is no list `detectors`"))?;
    let built_in = RuleSet::built_in();
    detectors.items().for_each(|detector| self::detector(detector, &built_in, writer));
    Ok(())
}

fn exclude_paths(document: &Document, writer: &mut Writer) {
    let mut good = Vec::new();
    for (i, line) in document.text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())).filter(|(_, line)| !line.is_empty()) {
        match go::translated(line).and_then(|regex| Expression::parse(&regex).map(|_| regex)) {
            Ok(regex) => good.push(regex),
            Err(what) => writer.left_out(&format!("line {i}: {what}")),
        }
    }
    if !good.is_empty() {
        writer.allow(&Allow { name: "excluded paths".to_owned(), path_regexes: good, ..Allow::default() });
    }
}

/// Writes one detector: a rule for the expression that finds the secret, and silent ones for those that must match besides.
fn detector(detector: &Node, built_in: &RuleSet, writer: &mut Writer) {
    let name = detector.get("name").and_then(Node::text).unwrap_or("detector").to_owned();
    let mut regexes: Vec<(String, String)> = Vec::new();
    for (key, value) in detector.get("regex").into_iter().flat_map(Node::pairs) {
        regexes.push((key.to_owned(), value.text().unwrap_or_default().to_owned()));
    }
    let primary = detector.get("primary_regex_name").and_then(Node::text);
    if let Some(at) = regexes.iter().position(|(key, _)| Some(key.as_str()) == primary) {
        regexes.swap(0, at);
    }
    let keywords: Vec<String> = detector.texts("keywords").iter().map(|word| word.to_ascii_lowercase()).collect();
    let patterns: Result<Vec<Pattern>, String> = regexes
        .iter()
        .map(|(key, regex)| go::translated(regex).and_then(|regex| Pattern::parse(&regex)).map_err(|what| format!("expression `{key}`: {what}")))
        .collect();
    let mut patterns = match patterns {
        Ok(patterns) if !patterns.is_empty() => patterns.into_iter(),
        Ok(_) => return writer.left_out(&format!("detector {name}: it has no expression")),
        Err(what) => return writer.left_out(&format!("detector {name}: {what}")),
    };
    let Some(first) = patterns.next() else { return };
    let id = writer.id(&name, built_in);
    let mut required = Vec::new();
    for ((key, _), pattern) in regexes.iter().skip(1).zip(patterns) {
        let part = writer.id(&format!("{name} {key}"), built_in);
        required.push(Required { rule: part.clone(), within_lines: None, within_columns: None });
        writer.rule(&part, &format!("{name}: {key}"), &Pattern { is_silent: true, ..pattern }, &str::to_owned);
    }
    let entropy = detector.get("entropy").and_then(Node::text).and_then(|text| text.parse::<f64>().ok()).filter(|&bits| bits > 0.0);
    writer.rule(&id, &name, &Pattern { keywords, required, entropy, ..first }, &str::to_owned);
    if entropy.is_some() {
        writer.comment("There a secret of just this entropy is found, here it must have more.");
    }
    exceptions(detector, &name, &id, writer);
    let known =
        ["name", "keywords", "regex", "primary_regex_name", "entropy", "exclude_words", "exclude_regexes_capture", "exclude_regexes_match", "description"];
    for (key, _) in detector.pairs().filter(|(key, _)| !known.contains(key)) {
        let why = if key == "verify" { ": a server of one's own is asked only by `[confirm]` in a rule file with a provider" } else { "" };
        writer.left_out(&format!("detector {name}: `{key}`{why}"));
    }
}

/// Writes what a detector does not report.
fn exceptions(detector: &Node, name: &str, id: &str, writer: &mut Writer) {
    let of = |what: &str| Allow { name: format!("{what} of {name}"), rules: vec![id.to_owned()], ..Allow::default() };
    let words: Vec<String> = detector.texts("exclude_words").into_iter().filter(|word| !word.is_empty()).collect();
    if !words.is_empty() {
        writer.allow(&Allow { stopwords: words.iter().map(|word| word.to_ascii_lowercase()).collect(), ..of("exclude_words") });
    }
    for (key, target) in [("exclude_regexes_capture", Target::Secret), ("exclude_regexes_match", Target::Match)] {
        let mut good = Vec::new();
        for regex in detector.texts(key) {
            match go::translated(&regex).and_then(|regex| Expression::parse(&regex).map(|_| regex)) {
                Ok(regex) => good.push(regex),
                Err(what) => writer.left_out(&format!("detector {name}: `{key}`: {what}")),
            }
        }
        if !good.is_empty() {
            writer.allow(&Allow { regexes: good, target, ..of(key) });
        }
    }
}
