//! Rules that are expressions over any text: those of users, and those of other scanners' configurations.
//!
//! A shape describes a key and nothing else, so that it can be looked for by tokens. A pattern may describe whatever stands around a secret, and says by a
//! group which part of it the secret is. What makes it cheap is a literal that every match holds: [`Search`] tells which, derived from the expression. An
//! expression is checked when it is read, with bounds on what it can make the compiler build, and compiled when it is first needed.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Most states that an expression may have when its repetitions are written out; each takes some dozens of bytes.
const MOST_STATES: usize = 50_000;
/// Most bytes of a compiled expression: more than [`MOST_STATES`] can take.
const LARGEST: usize = 32 << 20;
/// Most bytes of the table that an expression builds while it searches; a search that needs more is slower, not wrong.
const LARGEST_TABLE: usize = 4 << 20;
/// Longest text of an expression, in bytes.
const LONGEST: usize = 64 << 10;

/// An expression over bytes: `.` and classes are ASCII, and so is `(?i)`.
#[derive(Debug)]
pub struct Expression {
    text: String,
    n_groups: usize,
    n_states: usize,
    /// Compiled at first use; none if it could not be, which its bounds rule out.
    regex: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Checks an expression.
    ///
    /// # Errors
    /// What is wrong with it, in one line and without the expression, which may hold a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_hir(text).map(|(expression, _)| expression)
    }

    fn parse_hir(text: &str) -> Result<(Self, Hir), String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(text);
        let hir = parser.map_err(|error| reason(&error))?;
        let n_states = n_states(&hir);
        if n_states > MOST_STATES {
            return Err(format!("it has more than {MOST_STATES} states when its repetitions are written out: repeat less"));
        }
        let n_groups = hir.properties().explicit_captures_len();
        Ok((Self { text: text.to_owned(), n_groups, n_states, regex: OnceLock::new() }, hir))
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many states it has at most: what it costs in memory.
    pub const fn n_states(&self) -> usize {
        self.n_states
    }

    /// The compiled expression.
    pub fn regex(&self) -> Option<&Regex> {
        let compiled = || RegexBuilder::new(&self.text).unicode(false).size_limit(LARGEST).dfa_size_limit(LARGEST_TABLE).build().ok();
        self.regex.get_or_init(compiled).as_ref()
    }

    /// Whether it is found in `bytes`.
    pub fn is_found_in(&self, bytes: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(bytes))
    }
}

/// What a parser says, without the expression that it quotes.
fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it is no regular expression".to_owned(),
    }
}

/// How a rule finds a secret that has no shape of its own.
#[derive(Debug)]
pub struct Pattern {
    /// What matches.
    pub expression: Expression,
    /// Which group is the secret; 0 is the first that took part and is not empty, or the whole match if there is none.
    pub secret_group: usize,
    /// Texts in small letters, one of which must stand in the window, whatever its case; any will do if there is none.
    pub keywords: Vec<String>,
    /// Bits per character that the secret must exceed.
    pub entropy: Option<f64>,
    /// What is searched in the blob's path.
    pub path: Option<Expression>,
    /// What other rules must have found in the same window.
    pub required: Vec<Required>,
    /// Whether the rule reports nothing itself, and others require it.
    pub is_silent: bool,
    /// Whether `path` alone matches: what is found is the file, and no secret in it.
    pub is_of_path: bool,
    /// How it is looked for.
    pub search: Search,
}

/// A finding of another rule that must be near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Which rule.
    pub rule: String,
    /// At most so many lines away.
    pub within_lines: Option<u64>,
    /// At most so many bytes away in their lines.
    pub within_columns: Option<u64>,
}

/// Where a text has to be searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Texts in small letters one of which every match holds, whatever its case; empty if none is known.
    pub literals: Vec<Vec<u8>>,
    /// Most bytes of a match before the first of them; none if there is no bound.
    pub before: Option<usize>,
    /// Longest match in bytes; none if there is no bound.
    pub max_len: Option<usize>,
}

impl Pattern {
    /// The pattern of an expression, without anything else.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (expression, hir) = Expression::parse_hir(text)?;
        match hir.properties().minimum_len() {
            Some(0) => return Err("it matches the empty text, which stands everywhere".to_owned()),
            None => return Err("it matches nothing".to_owned()),
            Some(_) => {}
        }
        let search = search(&hir);
        Ok(Self {
            expression,
            secret_group: 0,
            keywords: Vec::new(),
            entropy: None,
            path: None,
            required: Vec::new(),
            is_silent: false,
            is_of_path: false,
            search,
        })
    }

    /// The pattern of files that their path alone tells.
    pub fn of_path(path: Expression) -> Self {
        let nothing = Expression { text: String::new(), n_groups: 0, n_states: 0, regex: OnceLock::new() };
        let search = Search::default();
        Self {
            expression: nothing,
            secret_group: 0,
            keywords: Vec::new(),
            entropy: None,
            path: Some(path),
            required: Vec::new(),
            is_silent: false,
            is_of_path: true,
            search,
        }
    }

    /// The same with the group that is the secret.
    ///
    /// # Errors
    /// The expression has no such group.
    pub fn with_group(self, secret_group: usize) -> Result<Self, String> {
        let n_groups = self.expression.n_groups;
        if secret_group > n_groups {
            return Err(format!("its secret is group {secret_group}, and the expression has {n_groups}"));
        }
        Ok(Self { secret_group, ..self })
    }

    /// Whether the expression has groups, so that the secret may be less than the match.
    pub const fn has_groups(&self) -> bool {
        self.expression.n_groups > 0
    }

    /// Whether nothing tells where to look for it, so that it reads every byte.
    pub fn reads_everything(&self) -> bool {
        !self.is_of_path && self.search.literals.is_empty() && self.keywords.is_empty()
    }

    /// Whether the rule looks at the blob at `path`; at one whose path is not known it does.
    pub fn is_for(&self, path: &str) -> bool {
        path.is_empty() || self.path.as_ref().is_none_or(|expression| expression.is_found_in(path.as_bytes()))
    }
}

/// States of the automaton that `hir` becomes, about.
fn n_states(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().fold(1usize, |sum, part| sum.saturating_add(n_states(part)));
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => 1 + class.ranges().len() / 4,
        HirKind::Class(Class::Unicode(class)) => 1 + class.ranges().len() * 4,
        HirKind::Repetition(repetition) => {
            let n = repetition.max.map_or_else(|| repetition.min.saturating_add(1), |max| max.max(1));
            // A split for each repetition.
            n_states(&repetition.sub).saturating_add(1).saturating_mul(n as usize)
        }
        HirKind::Capture(capture) => n_states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

/// The fewest bytes of a literal that is worth looking for.
const LITERAL_MIN: usize = 3;
/// The most bytes of a literal that are looked for.
const LITERAL_MAX: usize = 24;
/// The most literals of which one must be there.
const MOST_LITERALS: usize = 64;

/// Texts of which one stands in each match.
#[derive(Clone, Debug)]
struct Found {
    literals: Vec<Vec<u8>>,
    /// Most bytes before them.
    before: Option<usize>,
}

impl Found {
    /// How good they are to look for: long ones are rare, known places make searches short, and few are quick.
    fn rank(&self) -> (usize, bool, usize, std::cmp::Reverse<usize>) {
        let shortest = self.literals.iter().map(Vec::len).min().unwrap_or(0);
        (shortest.min(5), self.before.is_some(), shortest.min(LITERAL_MAX), std::cmp::Reverse(self.literals.len()))
    }

    fn is_good(&self) -> bool {
        !self.literals.is_empty() && self.literals.len() <= MOST_LITERALS && self.literals.iter().all(|literal| literal.len() >= LITERAL_MIN)
    }
}

fn search(hir: &Hir) -> Search {
    let max_len = hir.properties().maximum_len();
    match required(hir) {
        Some(Found { mut literals, before }) => {
            literals.sort_unstable();
            literals.dedup();
            Search { literals, before, max_len }
        }
        None => Search { max_len, ..Search::default() },
    }
}

/// The best texts of which every match of `hir` holds one.
fn required(hir: &Hir) -> Option<Found> {
    let whole = exact(hir).map(|literals| Found { literals, before: Some(0) }).filter(Found::is_good);
    if whole.is_some() {
        return whole;
    }
    match hir.kind() {
        HirKind::Concat(_) | HirKind::Capture(_) => required_of_all(&flatten(hir)),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut joined = Found { literals: Vec::new(), before: Some(0) };
            for branch in branches {
                let found = required(branch)?;
                joined.literals.extend(found.literals);
                joined.before = joined.before.zip(found.before).map(|(a, b)| a.max(b));
                if joined.literals.len() > MOST_LITERALS {
                    return None;
                }
            }
            Some(joined)
        }
        _ => None,
    }
}

/// The same for parts that stand one behind the other: the best of the texts that neighbors make together and of those that one part has.
fn required_of_all(parts: &[Hir]) -> Option<Found> {
    let none = || vec![Vec::new()];
    let mut best: Option<Found> = None;
    let mut offer = |found: Found| {
        if found.is_good() && best.as_ref().is_none_or(|best| found.rank() > best.rank()) {
            best = Some(found);
        }
    };
    let (mut run, mut run_before, mut before) = (none(), Some(0), Some(0usize));
    for part in parts {
        let behind = before.zip(part.properties().maximum_len()).map(|(before, len)| before.saturating_add(len));
        let texts = exact(part);
        match texts.as_ref().and_then(|texts| product(&run, texts)) {
            Some(joined) => run = joined,
            None => {
                offer(Found { literals: std::mem::replace(&mut run, texts.clone().unwrap_or_else(none)), before: run_before });
                run_before = if texts.is_some() { before } else { behind };
                if let Some(found) = required(part) {
                    let before = before.zip(found.before).map(|(a, b)| a.saturating_add(b));
                    offer(Found { before, ..found });
                }
            }
        }
        before = behind;
    }
    offer(Found { literals: run, before: run_before });
    best
}

fn flatten(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flatten).collect(),
        HirKind::Capture(capture) => flatten(&capture.sub),
        _ => vec![hir.clone()],
    }
}

/// All texts that `hir` matches, in small letters, if they are few.
fn exact(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) if literal.0.len() <= LITERAL_MAX => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(Class::Bytes(class)) => {
            const MOST_BYTES: usize = 12;
            let n_bytes: usize = class.ranges().iter().map(|range| range.len()).sum();
            let bytes = class.ranges().iter().filter(|_| n_bytes <= MOST_BYTES).flat_map(|range| range.start()..=range.end());
            let mut texts: Vec<Vec<u8>> = bytes.map(|byte| vec![byte.to_ascii_lowercase()]).collect();
            texts.sort_unstable();
            texts.dedup();
            (1..=MOST_BYTES / 2).contains(&texts.len()).then_some(texts)
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |texts, part| product(&texts, &exact(part)?)),
        HirKind::Alternation(branches) => {
            let mut texts = Vec::new();
            for branch in branches {
                texts.extend(exact(branch)?);
                if texts.len() > MOST_LITERALS {
                    return None;
                }
            }
            Some(texts)
        }
        HirKind::Repetition(repetition) if repetition.max == Some(1) && repetition.min == 0 => {
            let mut texts = exact(&repetition.sub)?;
            texts.push(Vec::new());
            Some(texts)
        }
        HirKind::Repetition(repetition) if repetition.max == Some(repetition.min) && repetition.min as usize <= LITERAL_MAX => {
            let once = exact(&repetition.sub)?;
            (0..repetition.min).try_fold(vec![Vec::new()], |texts, _| product(&texts, &once))
        }
        _ => None,
    }
}

/// Each text of `a` with each of `b` behind, if these are few and short.
fn product(a: &[Vec<u8>], b: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let longest = |texts: &[Vec<u8>]| texts.iter().map(Vec::len).max().unwrap_or(0);
    if a.len() * b.len() > MOST_LITERALS || longest(a) + longest(b) > LITERAL_MAX {
        return None;
    }
    Some(a.iter().flat_map(|first| b.iter().map(|second| [first.as_slice(), second].concat())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<String>, Option<usize>) {
        let search = Pattern::parse(text).expect("it is good").search;
        (search.literals.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect(), search.before)
    }

    #[test]
    fn a_literal_that_every_match_holds_is_found() {
        for (text, literals, before) in [
            (r"acme_[a-z0-9]{20}", &["acme_"][..], Some(0)),
            (r"(?i)\bACME[_-]?key\s*=\s*(\w{8,40})", &["acme-key", "acme_key", "acmekey"], Some(0)),
            (r"(?i)[\w.-]{0,50}?(?:acme|apex)[ \t]{0,20}=([a-z]{8})", &["acme", "apex"], Some(50)),
            (r".*password=(\S+)", &["password="], None),
            (r"(?:abc|x)[0-9]+zzz", &["zzz"], None),
            (r"(foo){2,}", &["foo"], Some(0)),
            (r"-----BEGIN[ A-Z]{0,20}KEY-----[\s\S]+?-----END", &["-----begin"], Some(0)),
        ] {
            assert_eq!(found(text), (literals.iter().map(|&text| text.to_owned()).collect(), before), "{text}");
        }
        for text in ["[a-z]{32}", "(?:abc)?[0-9]{8}", "ab[0-9]{8}", "abc|[0-9]{8}"] {
            assert!(Pattern::parse(text).expect("it is good").reads_everything(), "{text}");
        }
    }

    #[test]
    fn what_would_be_too_large_or_pointless_is_refused_at_once() {
        for (text, what) in [
            ("((a{1000}){1000}){1000}", "states"),
            ("(?:(?:[a-z]{0,900}x){0,900})", "states"),
            ("a*", "empty"),
            ("(?=a)b", "look"),
            (r"\pL+", "Unicode"),
            ("[a-z", "unclosed"),
        ] {
            let error = Pattern::parse(text).expect_err("it is bad");
            assert!(error.contains(what) && !error.contains('\n'), "{text}: {error}");
        }
        assert!(Pattern::parse(&"(".repeat(10_000)).is_err());
        assert!(Pattern::parse("(a)(b)").expect("it is good").with_group(3).is_err());
    }

    #[test]
    fn the_largest_expression_that_is_taken_compiles() {
        for text in ["[a-zA-Z0-9_+/=!-]{1,12000}", "(?i)(?:abc[0-9]{2}){5000}", r"(\w{40}|[^\s\x00-\x08]{60}){150}"] {
            let expression = Expression::parse(text).expect("it is within bounds");
            assert!(expression.regex().is_some(), "{text}: {} states", expression.n_states());
        }
    }
}
