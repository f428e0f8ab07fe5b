//! Writing a `.keysift.toml`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Imported;
use crate::config::gitleaks::Allow;
use crate::filter::{Target, one_line};
use crate::rule::RuleSet;
use crate::rule::pattern::Pattern;

/// A configuration that is being written.
#[derive(Debug)]
pub struct Writer {
    from: String,
    baseline: Option<String>,
    left_out: Vec<String>,
    remarks: Vec<String>,
    tables: String,
    ids: BTreeSet<String>,
}

impl Writer {
    pub fn new(from: &str) -> Self {
        Self { from: from.to_owned(), baseline: None, left_out: Vec::new(), remarks: Vec::new(), tables: String::new(), ids: BTreeSet::new() }
    }

    /// Notes what could not be carried over.
    pub fn left_out(&mut self, what: &str) {
        self.left_out.push(one_line(what));
    }

    /// Notes what whoever uses the configuration should know of it.
    pub fn remark(&mut self, what: &str) {
        self.remarks.push(one_line(what));
    }

    /// Names the baseline.
    pub fn baseline(&mut self, path: &str) {
        self.baseline = Some(path.to_owned());
    }

    /// `[rules]`, if it says anything.
    pub fn rules_table(&mut self, uses_built_in: bool, disabled: &[String]) {
        if uses_built_in && disabled.is_empty() {
            return;
        }
        self.line("\n[rules]");
        if !uses_built_in {
            self.line("built-in = false");
        }
        self.list("disable", disabled);
    }

    /// An id of ours for one of theirs: kebab-case, and no other rule's.
    pub fn id(&mut self, theirs: &str, built_in: &RuleSet) -> String {
        let lower = theirs.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let kebab = if words.is_empty() { "rule".to_owned() } else { words.join("-") };
        let is_free = |id: &String| built_in.get(id).is_none() && !self.ids.contains(id);
        let candidates = std::iter::once(kebab.clone()).chain((1..).map(|n| if n == 1 { format!("own-{kebab}") } else { format!("own-{kebab}-{n}") }));
        let id = candidates.into_iter().find(is_free).expect("there is always a number that is free");
        self.ids.insert(id.clone());
        id
    }

    /// `[[rule]]` with a pattern. `ours` gives our id for one that the pattern requires.
    pub fn rule(&mut self, id: &str, name: &str, pattern: &Pattern, ours: &dyn Fn(&str) -> String) {
        self.line("\n[[rule]]");
        self.pair("id", id);
        self.pair("name", &one_line(name));
        self.line("severity = \"high\"");
        if !pattern.is_of_path {
            self.pair("pattern", pattern.expression.text());
        }
        if pattern.secret_group > 0 {
            self.line(&format!("secret-group = {}", pattern.secret_group));
        }
        self.list("keywords", &pattern.keywords);
        if let Some(bits) = pattern.entropy {
            self.line(&format!("entropy = {}", toml::Value::Float(bits)));
        }
        if let Some(path) = &pattern.path {
            self.pair("path", path.text());
        }
        let within = |key: &str, n: Option<u64>| n.map(|n| format!(", {key} = {n}")).unwrap_or_default();
        let required: Vec<String> = pattern
            .required
            .iter()
            .map(|one| {
                format!("{{ rule = {}{}{} }}", quoted(&ours(&one.rule)), within("within-lines", one.within_lines), within("within-columns", one.within_columns))
            })
            .collect();
        if !required.is_empty() {
            self.line(&format!("required = [{}]", required.join(", ")));
        }
        if pattern.is_silent {
            self.line("silent = true");
        }
    }

    /// `[[allow]]`. Commits that are no whole ids match nothing, there as here.
    pub fn allow(&mut self, allow: &Allow) {
        let is_id = |id: &&String| matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let commits: Vec<String> = allow.commits.iter().filter(is_id).cloned().collect();
        if commits.len() < allow.commits.len() {
            self.left_out(&format!("{}: commits that are no whole ids match nothing", allow.name));
        }
        if commits.is_empty() && !allow.commits.is_empty() {
            return;
        }
        self.line("\n[[allow]]");
        self.list("rules", &allow.rules);
        self.list("path-regexes", &allow.path_regexes);
        self.list("commits", &commits);
        self.list("regexes", &allow.regexes);
        match allow.target {
            _ if allow.regexes.is_empty() => {}
            Target::Secret => {}
            Target::Match => self.line("regexes-in = \"match\""),
            Target::Line => self.line("regexes-in = \"line\""),
        }
        self.list("stopwords", &allow.stopwords);
        // It is written for whatever may come, and to be told at each scan what did not would help nobody.
        self.line("optional = true");
        let reason = allow.reason.clone().unwrap_or_else(|| format!("{}: {}", self.from, allow.name));
        self.pair("reason", &one_line(&reason));
    }

    /// The whole text.
    pub fn done(self) -> Imported {
        let mut text = format!("# Made by `keysift import` of {}.\n", self.from);
        for what in &self.left_out {
            writeln!(text, "# Not carried over: {what}").expect("writing to a String cannot fail");
        }
        for what in &self.remarks {
            writeln!(text, "# {}{}", what[..1].to_uppercase(), &what[1..]).expect("writing to a String cannot fail");
        }
        if let Some(path) = &self.baseline {
            writeln!(text, "\nbaseline = {}", quoted(path)).expect("writing to a String cannot fail");
        }
        text.push_str(&self.tables);
        Imported { text, n_left_out: self.left_out.len(), remarks: self.remarks }
    }

    /// A remark on what was written last.
    pub fn comment(&mut self, text: &str) {
        self.line(&format!("# {}", one_line(text)));
    }

    fn line(&mut self, line: &str) {
        self.tables.push_str(line);
        self.tables.push('\n');
    }

    fn pair(&mut self, key: &str, text: &str) {
        self.line(&format!("{key} = {}", quoted(text)));
    }

    fn list(&mut self, key: &str, texts: &[String]) {
        match texts {
            [] => {}
            [one] => self.line(&format!("{key} = [{}]", quoted(one))),
            several => {
                let lines: String = several.iter().map(|text| format!("  {},\n", quoted(text))).collect();
                self.line(&format!("{key} = [\n{lines}]"));
            }
        }
    }
}

/// A string of TOML on one line.
fn quoted(text: &str) -> String {
    let is_plain = !text.contains('\'') && !text.contains(|c: char| c.is_control());
    if is_plain && text.contains(['\\', '"']) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => write!(out, "\\u{:04X}", c as u32).expect("writing to a String cannot fail"),
            c => out.push(c),
        }
    }
    out + "\""
}
