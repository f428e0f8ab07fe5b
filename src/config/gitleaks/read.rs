//! The text of a `.gitleaks.toml`, with the types that its keys have there, nothing translated yet.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::config::Value;
use crate::config::document::{ConfigError, Document};
use crate::filter::{Target, one_line};

/// One file.
#[derive(Debug, Default)]
pub struct File {
    pub rules: Vec<RuleText>,
    pub allowlists: Vec<Allowlist>,
    pub extend: Extend,
}

/// `[extend]`.
#[derive(Debug, Default)]
pub struct Extend {
    pub use_default: bool,
    pub path: Option<String>,
    pub disabled_rules: Vec<String>,
}

/// `[[rules]]`.
#[derive(Clone, Debug, Default)]
pub struct RuleText {
    pub id: String,
    pub description: Option<String>,
    pub regex: Option<String>,
    pub path: Option<String>,
    pub secret_group: usize,
    pub entropy: Option<f64>,
    pub keywords: Vec<String>,
    pub allowlists: Vec<Allowlist>,
    pub required: Vec<RequiredText>,
    pub skip_report: bool,
}

/// `[[rules.required]]`.
#[derive(Clone, Debug, Default)]
pub struct RequiredText {
    pub id: String,
    pub lines: Option<u64>,
    pub columns: Option<u64>,
}

/// Whether all checks of an allowlist must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    #[default]
    Or,
    And,
}

/// `[[allowlists]]` and `[[rules.allowlists]]`.
#[derive(Clone, Debug, Default)]
pub struct Allowlist {
    pub description: Option<String>,
    pub condition: Condition,
    pub commits: Vec<String>,
    pub paths: Vec<String>,
    pub target: Target,
    pub regexes: Vec<String>,
    pub stopwords: Vec<String>,
    pub target_rules: Vec<String>,
}

/// Keys of forks that narrow what a rule finds by a program, which nobody runs here.
const PROGRAMS: [&str; 3] = ["prefilter", "filter", "validate"];
/// Keys of forks that say how they weigh a rule.
const WEIGHTS: [&str; 3] = ["tokenefficiency", "specificity", "confidence"];

/// Reads a file; what is not known in it goes to `warnings`.
///
/// # Errors
/// A value of a wrong type, or one that their program refuses.
pub fn file<'t>(document: &Document<'t>, root: &DeTable<'t>, warnings: &mut Vec<String>) -> Result<File, ConfigError> {
    let mut reader = Reader { document, warnings };
    let mut file = File::default();
    for (key, value) in lower_keys(root) {
        match key.as_str() {
            "title" | "description" | "minversion" | "betterleaksminversion" => {}
            "rules" => file.rules = reader.tables("rules", value, Reader::rule)?,
            "extend" => file.extend = reader.extend(value)?,
            "allowlist" | "allowlists" => file.allowlists.extend(reader.allowlists(&key, value)?),
            _ => reader.unknown("", &key, value),
        }
    }
    Ok(file)
}

/// The keys of a table in small letters, as viper knows them.
fn lower_keys<'v, 't>(table: &'v DeTable<'t>) -> impl Iterator<Item = (String, &'v Value<'t>)> {
    table.iter().map(|(key, value)| (key.get_ref().to_ascii_lowercase(), value))
}

struct Reader<'a, 't> {
    document: &'a Document<'t>,
    warnings: &'a mut Vec<String>,
}

impl<'t> Reader<'_, 't> {
    fn rule(&mut self, at: Range<usize>, table: &DeTable<'t>) -> Result<RuleText, ConfigError> {
        let mut rule = RuleText::default();
        let mut programs = Vec::new();
        for (key, value) in lower_keys(table) {
            match key.as_str() {
                "id" => rule.id = self.string(&key, value)?,
                "description" => rule.description = self.some_string(&key, value)?,
                "regex" => rule.regex = self.some_string(&key, value)?,
                "path" => rule.path = self.some_string(&key, value)?,
                "secretgroup" => rule.secret_group = usize::try_from(self.number(&key, value)?).unwrap_or(usize::MAX),
                "entropy" => rule.entropy = Some(self.float(&key, value)?),
                "keywords" => rule.keywords = self.strings(&key, value)?,
                "tags" => {}
                "skipreport" => rule.skip_report = self.document.boolean(&key, value)?,
                "required" => rule.required = self.tables("rules.required", value, Self::required)?,
                "allowlist" | "allowlists" => rule.allowlists.extend(self.allowlists(&key, value)?),
                key if PROGRAMS.contains(&key) => programs.push(format!("`{key}`")),
                key if WEIGHTS.contains(&key) => {}
                _ => self.unknown("rules.", &key, value),
            }
        }
        if rule.id.trim().is_empty() {
            return Err(self.document.wrong(at, "a rule without an `id`", Some("give each of `[[rules]]` an id")));
        }
        if !programs.is_empty() {
            let what = format!("rule `{}`: {} is a program that is not run here, so that the rule may report more", rule.id, programs.join(" and "));
            self.warnings.push(one_line(&what));
        }
        Ok(rule)
    }

    fn required(&mut self, at: Range<usize>, table: &DeTable<'t>) -> Result<RequiredText, ConfigError> {
        let mut required = RequiredText::default();
        for (key, value) in lower_keys(table) {
            match key.as_str() {
                "id" => required.id = self.string(&key, value)?,
                "withinlines" => required.lines = Some(self.number(&key, value)?),
                "withincolumns" => required.columns = Some(self.number(&key, value)?),
                _ => self.unknown("rules.required.", &key, value),
            }
        }
        if required.id.is_empty() {
            return Err(self.document.wrong(at, "a required rule without an `id`", Some("name the rule that must be near")));
        }
        Ok(required)
    }

    fn extend(&mut self, value: &Value<'t>) -> Result<Extend, ConfigError> {
        let mut extend = Extend::default();
        for (key, value) in lower_keys(self.document.table("extend", value)?) {
            match key.as_str() {
                "usedefault" => extend.use_default = self.document.boolean(&key, value)?,
                "path" => extend.path = self.some_string(&key, value)?,
                "disabledrules" => extend.disabled_rules = self.strings(&key, value)?,
                "url" => self.warnings.push("`extend.url` is not followed: nothing is fetched".to_owned()),
                _ => self.unknown("extend.", &key, value),
            }
        }
        if extend.use_default && extend.path.is_some() {
            return Err(self.document.wrong(value.span(), "`extend.path` and `extend.useDefault` exclude each other", Some("keep one of them")));
        }
        Ok(extend)
    }

    /// One allowlist, as it was written once, or several.
    fn allowlists(&mut self, key: &str, value: &Value<'t>) -> Result<Vec<Allowlist>, ConfigError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(vec![self.allowlist(value.span(), table)?]),
            _ => self.tables(key, value, Self::allowlist),
        }
    }

    fn allowlist(&mut self, at: Range<usize>, table: &DeTable<'t>) -> Result<Allowlist, ConfigError> {
        let mut allowlist = Allowlist::default();
        for (key, value) in lower_keys(table) {
            match key.as_str() {
                "description" => allowlist.description = self.some_string(&key, value)?,
                "condition" => allowlist.condition = self.condition(value)?,
                "commits" => allowlist.commits = self.strings(&key, value)?,
                "paths" => allowlist.paths = self.strings(&key, value)?,
                "regextarget" => allowlist.target = self.target(value)?,
                "regexes" => allowlist.regexes = self.strings(&key, value)?,
                "stopwords" => allowlist.stopwords = self.strings(&key, value)?,
                "targetrules" => allowlist.target_rules = self.strings(&key, value)?,
                _ => self.unknown("allowlists.", &key, value),
            }
        }
        if [&allowlist.commits, &allowlist.paths, &allowlist.regexes, &allowlist.stopwords].iter().all(|list| list.is_empty()) {
            let help = "give it `commits`, `paths`, `regexes` or `stopwords`, or remove it";
            return Err(self.document.wrong(at, "an allowlist that checks nothing", Some(help)));
        }
        Ok(allowlist)
    }

    fn condition(&mut self, value: &Value<'t>) -> Result<Condition, ConfigError> {
        match self.string("condition", value)?.to_ascii_uppercase().as_str() {
            "AND" | "&&" => Ok(Condition::And),
            "" | "OR" | "||" => Ok(Condition::Or),
            _ => Err(self.document.wrong(value.span(), "unknown `condition`", Some("it is `AND` or `OR`"))),
        }
    }

    fn target(&mut self, value: &Value<'t>) -> Result<Target, ConfigError> {
        match self.string("regexTarget", value)?.as_str() {
            "" | "secret" => Ok(Target::Secret),
            "match" => Ok(Target::Match),
            "line" => Ok(Target::Line),
            _ => Err(self.document.wrong(value.span(), "unknown `regexTarget`", Some("it is `secret`, `match` or `line`"))),
        }
    }

    fn unknown(&mut self, table: &str, key: &str, value: &Value<'t>) {
        let place = self.document.wrong(value.span(), &format!("`{table}{key}` is not known and left out"), None);
        self.warnings.push(place.to_string());
    }

    fn tables<T>(
        &mut self,
        key: &str,
        value: &Value<'t>,
        read: fn(&mut Self, Range<usize>, &DeTable<'t>) -> Result<T, ConfigError>,
    ) -> Result<Vec<T>, ConfigError> {
        self.document.tables(key, value)?.into_iter().map(|(at, table)| read(self, at, table)).collect()
    }

    fn string(&self, key: &str, value: &Value<'t>) -> Result<String, ConfigError> {
        self.document.string(key, value).map(str::to_owned)
    }

    /// A string; an empty one is as good as none.
    fn some_string(&self, key: &str, value: &Value<'t>) -> Result<Option<String>, ConfigError> {
        Ok(Some(self.string(key, value)?).filter(|text| !text.is_empty()))
    }

    /// A list of strings, or one string.
    fn strings(&self, key: &str, value: &Value<'t>) -> Result<Vec<String>, ConfigError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(vec![text.to_string()]),
            _ => Ok(self.document.strings(key, value)?.into_iter().map(|item| item.text.to_owned()).collect()),
        }
    }

    fn number(&self, key: &str, value: &Value<'t>) -> Result<u64, ConfigError> {
        let number = self.float(key, value)?;
        let is_count = number >= 0.0 && number.fract() == 0.0 && number <= 1e9;
        if is_count { Ok(number as u64) } else { Err(self.document.wrong(value.span(), &format!("`{key}` is no count"), Some("write a whole number"))) }
    }

    fn float(&self, key: &str, value: &Value<'t>) -> Result<f64, ConfigError> {
        let text = match value.get_ref() {
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.document.wrong(value.span(), &format!("`{key}` is no number"), Some("write it without quotes")))
    }
}
