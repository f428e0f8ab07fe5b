//! The user's allow list: entries that say which findings are known and accepted.
//!
//! An entry matches if every list that it gives matches, and a list if one of its items does. The parts of an entry can only be made
//! from text that was checked, so that matching cannot fail. Where entries come from is not known here.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{one_line, readable_reason};
use crate::blob::Origin;
use crate::finding::Suppression;
use crate::rule::Rule;
use crate::rule::pattern::Expression;
use crate::secret::Secret;

/// The user's exceptions, in the order of the configuration file.
#[derive(Debug, Default)]
pub struct AllowList {
    /// The configuration file, as shown to the user.
    config: String,
    entries: Vec<(AllowEntry, AtomicU64)>,
}

/// One exception. A list that is empty says nothing; an entry whose lists are all empty matches no finding.
#[derive(Debug, Default)]
pub struct AllowEntry {
    /// Where the secret is.
    pub paths: Vec<PathPattern>,
    /// Ids of rules and of providers.
    pub rules: Vec<String>,
    /// Which secrets, by digest.
    pub digests: Vec<SecretDigest>,
    /// Which secrets, by what is found in them, or in what [`Self::target`] says.
    pub regexes: Vec<SecretPattern>,
    /// Where `regexes` are searched.
    pub target: Target,
    /// Which blobs, by what is found in their paths.
    pub path_regexes: Vec<PathRegex>,
    /// Which commits, by their whole ids in small letters.
    pub commits: Vec<String>,
    /// Which secrets, by a text in small letters that they hold, whatever its case.
    pub stopwords: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which the entry counts.
    pub until: Option<Date>,
    /// What it is called in reports, if not by its number.
    pub name: Option<String>,
    /// Whether nobody is told that it matched nothing: another scanner's entries are written for whatever may come.
    pub is_optional: bool,
}

/// Where the expressions of an entry are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// In the secret.
    #[default]
    Secret,
    /// In what the rule's pattern matched, which is the secret for other rules.
    Match,
    /// In the secret's line, a bounded stretch of it if it is long.
    Line,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct AllowCase<'a> {
    /// Where the secret is.
    pub path: &'a str,
    /// The id of the commit that brought it, if it is known.
    pub commit: Option<&'a str>,
    /// What found it.
    pub rule: &'a Rule,
    /// The secret.
    pub secret: &'a Secret,
    /// What the rule's pattern matched, where that is more.
    pub matched: Option<&'a Secret>,
    /// Its line.
    pub line: &'a [u8],
}

impl<'a> AllowCase<'a> {
    /// A secret found at `origin`.
    pub fn of(origin: &'a Origin, rule: &'a Rule, secret: &'a Secret, matched: Option<&'a Secret>, line: &'a [u8]) -> Self {
        Self { path: &origin.path, commit: origin.commit.as_ref().map(|commit| commit.id.as_str()), rule, secret, matched, line }
    }
}

impl AllowList {
    /// The list of `entries`; `config` names their file in reports.
    pub fn new(config: &str, entries: Vec<AllowEntry>) -> Self {
        Self { config: one_line(config), entries: entries.into_iter().map(|entry| (entry, AtomicU64::new(0))).collect() }
    }

    /// Whether the list allows a secret; the first entry that does gives the reason.
    ///
    /// All entries that match count as used. A finding that a comment suppresses already should be asked about too: else the entry for
    /// it is reported as unused.
    pub fn allowed(&self, case: &AllowCase<'_>, today: Date) -> Option<Suppression> {
        let digest = OnceCell::new();
        let mut suppression = None;
        for (index, (entry, n_used)) in self.entries.iter().enumerate() {
            if entry.is_expired(today) || !entry.matches(case, &digest) {
                continue;
            }
            n_used.fetch_add(1, Ordering::Relaxed);
            suppression.get_or_insert_with(|| Suppression { by: self.name(index), reason: entry.reason.as_deref().and_then(readable_reason) });
        }
        suppression
    }

    /// A line for each entry that no longer counts and, where all was scanned that entries may be for, for each that matched no finding so far.
    pub fn unused(&self, today: Date, is_all_scanned: bool) -> Vec<String> {
        let line = |(index, (entry, n_used)): (usize, &(AllowEntry, AtomicU64))| match entry.until {
            Some(until) if entry.is_expired(today) => Some(format!("{} expired on {until}", self.name(index))),
            _ if is_all_scanned && !entry.is_optional && n_used.load(Ordering::Relaxed) == 0 => Some(format!("{} matched no finding", self.name(index))),
            _ => None,
        };
        self.entries.iter().enumerate().filter_map(line).collect()
    }

    fn name(&self, index: usize) -> String {
        match &self.entries[index].0.name {
            Some(name) => format!("{}: {name}", self.config),
            None => format!("{}: allow entry {}", self.config, index + 1),
        }
    }
}

impl AllowEntry {
    fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// `digest` keeps the secret's digest between entries: most lists never need it.
    fn matches(&self, case: &AllowCase<'_>, digest: &OnceCell<String>) -> bool {
        let AllowCase { path, rule, secret, .. } = *case;
        self.is_limited()
            && (self.rules.is_empty() || self.rules.iter().any(|id| id == rule.id || id == rule.provider.id))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.matches(path)))
            && (self.path_regexes.is_empty() || self.path_regexes.iter().any(|pattern| pattern.matches(path)))
            && (self.commits.is_empty() || case.commit.is_some_and(|id| self.commits.iter().any(|known| known == id)))
            && (self.digests.is_empty() || self.digests.iter().any(|known| known.0 == *digest.get_or_init(|| secret.digest())))
            && (self.stopwords.is_empty() || has_stopword(&self.stopwords, secret))
            && (self.regexes.is_empty() || self.regexes.iter().any(|pattern| pattern.matches(case, self.target)))
    }

    /// Whether a list is given; an entry that limits nothing would allow everything.
    pub const fn is_limited(&self) -> bool {
        let blobs = self.paths.is_empty() && self.path_regexes.is_empty() && self.commits.is_empty();
        let secrets = self.digests.is_empty() && self.regexes.is_empty() && self.stopwords.is_empty();
        !(blobs && secrets && self.rules.is_empty())
    }
}

/// Whether a secret holds one of these texts, whatever the case of letters.
fn has_stopword(stopwords: &[String], secret: &Secret) -> bool {
    #[expect(clippy::disallowed_methods, reason = "compares the secret with the user's words, keeps and shows nothing")]
    let bytes = Zeroizing::new(secret.expose().to_ascii_lowercase());
    stopwords.iter().any(|word| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
}

/// Which blobs, by path relative to the report's root.
///
/// `*` and `?` do not match `/`, `**` does. A pattern without `/` matches the file name in any folder; one that ends in `/` matches all
/// that is below the folder. Any other is matched against the whole path; a leading `/` or `./` says the same and is left out.
#[derive(Debug)]
pub struct PathPattern(GlobSet);

impl PathPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let anchored = text.strip_prefix("./").or_else(|| text.strip_prefix('/')).unwrap_or(text);
        let pattern = match (anchored, text.contains('/')) {
            ("", _) => return Err("it names no path".to_owned()),
            (folder, true) if folder.ends_with('/') => format!("{folder}**"),
            (path, true) => path.to_owned(),
            (name, false) => format!("**/{name}"),
        };
        // Backslash escapes everywhere: paths are written with `/` on every system.
        let glob = GlobBuilder::new(&pattern).literal_separator(true).backslash_escape(true).build().map_err(|e| e.kind().to_string())?;
        GlobSetBuilder::new().add(glob).build().map(Self).map_err(|e| e.kind().to_string())
    }

    fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// A regular expression that is searched in paths.
#[derive(Debug)]
pub struct PathRegex(Expression);

impl PathRegex {
    /// Parses an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty expression matches every path".to_owned());
        }
        Expression::parse(text).map(Self)
    }

    fn matches(&self, path: &str) -> bool {
        self.0.is_found_in(path.as_bytes())
    }
}

/// A secret's digest, as [`Secret::digest`] writes it.
#[derive(Debug, PartialEq, Eq)]
pub struct SecretDigest(String);

impl SecretDigest {
    /// Parses `sha256:` and 64 hexadecimal digits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let hex = text.strip_prefix("sha256:").ok_or("it does not begin with `sha256:`")?;
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("`sha256:` is not followed by 64 hexadecimal digits".to_owned());
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// A regular expression that is searched in secrets, over bytes: classes such as `\w` are ASCII.
#[derive(Debug)]
pub struct SecretPattern(Expression);

impl SecretPattern {
    /// Parses an expression.
    ///
    /// # Errors
    /// What is wrong with it, without the expression, which may hold a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty expression matches every secret".to_owned());
        }
        Expression::parse(text).map(Self)
    }

    fn matches(&self, case: &AllowCase<'_>, target: Target) -> bool {
        let secret = match target {
            Target::Line => return self.0.is_found_in(case.line),
            Target::Match => case.matched.unwrap_or(case.secret),
            Target::Secret => case.secret,
        };
        #[expect(clippy::disallowed_methods, reason = "compares the secret with the user's pattern, keeps and shows nothing")]
        let bytes = secret.expose();
        self.0.is_found_in(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 6, 15);

    fn rule() -> &'static Rule {
        RuleSet::built_in().get("mistral-api-key").expect("the rule is built in")
    }

    fn paths(patterns: &[&str]) -> Vec<PathPattern> {
        patterns.iter().map(|text| PathPattern::parse(text).expect("the pattern is good")).collect()
    }

    fn regexes(patterns: &[&str]) -> Vec<SecretPattern> {
        patterns.iter().map(|text| SecretPattern::parse(text).expect("the expression is good")).collect()
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn ask(list: &AllowList, path: &str) -> Option<Suppression> {
        let secret = Secret::new(b"test-S3CR3T");
        list.allowed(&AllowCase { path, commit: None, rule: rule(), secret: &secret, matched: None, line: b"" }, TODAY)
    }

    fn matches(entry: AllowEntry, path: &str) -> bool {
        ask(&AllowList::new("c", vec![entry]), path).is_some()
    }

    #[test]
    fn path_patterns_reach_as_far_as_documented() {
        for (pattern, yes, no) in [
            ("*.md", vec!["a.md", "x/y/a.md"], vec!["a.md/b", "a.mdx"]),
            (".env", vec![".env", "x/.env"], vec![".env.local", "x.env"]),
            ("tests/", vec!["tests/a", "tests/x/y"], vec!["tests", "src/tests/a", "tests2/a"]),
            ("**/tests/", vec!["tests/a", "src/tests/a"], vec!["src/tests2/a"]),
            ("tests/fixtures/**", vec!["tests/fixtures/a", "tests/fixtures/x/y"], vec!["x/tests/fixtures/a", "tests/fixtures"]),
            ("src/*.rs", vec!["src/a.rs"], vec!["src/x/a.rs", "x/src/a.rs"]),
            ("/a.txt", vec!["a.txt"], vec!["x/a.txt"]),
            ("./a.txt", vec!["a.txt"], vec!["x/a.txt"]),
            ("src/{a,b}?.[ch]", vec!["src/a1.c", "src/b2.h"], vec!["src/c1.c", "src/a/.c"]),
            (r"x/\*.txt", vec!["x/*.txt"], vec!["x/a.txt"]),
        ] {
            let pattern_of = PathPattern::parse(pattern).expect("the pattern is good");
            for path in yes {
                assert!(pattern_of.matches(path), "{pattern} should match {path}");
            }
            for path in no {
                assert!(!pattern_of.matches(path), "{pattern} should not match {path}");
            }
        }
    }

    #[test]
    fn parts_that_say_nothing_or_are_malformed_are_refused() {
        for pattern in ["", "/", "./", "a/[", "{a"] {
            assert!(PathPattern::parse(pattern).is_err(), "{pattern}");
        }
        for digest in ["", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:zz", &format!("sha256:{}", "g".repeat(64))] {
            assert!(SecretDigest::parse(digest).is_err(), "{digest}");
        }
        assert_eq!(SecretPattern::parse("a(").expect_err("it is open"), "unclosed group");
        assert!(SecretPattern::parse("").is_err());
        assert!(SecretPattern::parse("(?:[a-z]{1000}){1000}").is_err(), "it compiles to more than the limit");
    }

    #[test]
    fn expressions_are_searched_in_ascii() {
        assert!(matches(AllowEntry { regexes: regexes(&[r"(?i)s3\w+3t$"]), ..Default::default() }, "a"));
        assert!(!matches(AllowEntry { regexes: regexes(&["^S3"]), ..Default::default() }, "a"));
    }

    #[test]
    fn a_digest_names_one_secret_in_either_case() {
        let digest = Secret::new(b"test-S3CR3T").digest();
        let upper = digest.to_uppercase().replace("SHA256:", "sha256:");
        for text in [digest, upper] {
            let digests = vec![SecretDigest::parse(&text).expect("it is a digest")];
            assert!(matches(AllowEntry { digests, ..Default::default() }, "a"));
        }
        let other = vec![SecretDigest::parse(&Secret::new(b"other").digest()).expect("it is a digest")];
        assert!(!matches(AllowEntry { digests: other, ..Default::default() }, "a"));
    }

    #[test]
    fn all_lists_must_match_and_one_item_of_each() {
        let entry = |rules: &[&str], patterns: &[&str]| AllowEntry { rules: ids(rules), paths: paths(patterns), ..Default::default() };
        assert!(matches(entry(&["openai", "mistral"], &["x/", "*.md"]), "a.md"));
        assert!(matches(entry(&["mistral-api-key"], &[]), "a.md"));
        assert!(!matches(entry(&["openai"], &["*.md"]), "a.md"));
        assert!(!matches(entry(&["mistral"], &["x/"]), "a.md"));
    }

    #[test]
    fn an_entry_without_a_condition_matches_nothing() {
        assert!(!matches(AllowEntry { reason: Some("all of it".to_owned()), ..Default::default() }, "a"));
    }

    #[test]
    fn the_first_entry_gives_the_reason_and_every_match_counts_as_used() {
        let entry = |pattern, reason: &str| AllowEntry { paths: paths(&[pattern]), reason: Some(reason.to_owned()), ..Default::default() };
        let list = AllowList::new(".keysift.toml", vec![entry("x/", "no"), entry("*.md", "docs\x1b"), entry("a.*", "also")]);
        let expected = Suppression { by: ".keysift.toml: allow entry 2".to_owned(), reason: Some("docs".to_owned()) };
        assert_eq!(ask(&list, "a.md"), Some(expected));
        assert_eq!(list.unused(TODAY, true), [".keysift.toml: allow entry 1 matched no finding"]);
        assert_eq!(list.unused(TODAY, false), <[String; 0]>::default());
        let list = AllowList::new("c", vec![AllowEntry { is_optional: true, ..entry("x/", "imported") }]);
        assert_eq!(list.unused(TODAY, true), <[String; 0]>::default());
    }

    #[test]
    fn an_entry_ends_with_its_last_day_and_is_reported_as_expired() {
        let entry = |until| AllowEntry { paths: paths(&["*"]), until: Some(until), ..Default::default() };
        assert!(matches(entry(TODAY), "a"));
        let list = AllowList::new("c.toml", vec![entry(date(2026, 6, 14))]);
        assert_eq!(ask(&list, "a"), None);
        assert_eq!(list.unused(TODAY, false), ["c.toml: allow entry 1 expired on 2026-06-14"]);
    }
}
