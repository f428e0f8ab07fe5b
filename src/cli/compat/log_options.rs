//! `--log-opts`: options of `git log`, as far as they choose commits in a way that we can follow, as a range or a history.
//!
//! What only says how `git log` shows a commit is taken and means nothing here. What chooses commits, paths or changes in another way is refused: to ignore it
//! would scan something else than was asked for.

use crate::cli::git::{self, GitJob};
use crate::cli::{Failure, setup};
use crate::git::RangeSpec;
use crate::git::history::HistoryOptions;
use crate::scan::Scope;

/// Options that say how a commit and its changes are shown, or leave out what is scanned here all the same; some take a value behind `=`.
const SHOWN: [&str; 72] = [
    "--abbrev",
    "--abbrev-commit",
    "--author-date-order",
    "--binary",
    "--break-rewrites",
    "--cc",
    "--color",
    "--color-moved",
    "--color-words",
    "--compact-summary",
    "--cumulative",
    "--date",
    "--date-order",
    "--decorate",
    "--diff-algorithm",
    "--diff-merges",
    "--dirstat",
    "--encoding",
    "--ext-diff",
    "--find-copies",
    "--find-copies-harder",
    "--find-renames",
    "--first-parent",
    "--format",
    "--full-diff",
    "--full-history",
    "--full-index",
    "--function-context",
    "--graph",
    "--histogram",
    "--ignore-all-space",
    "--ignore-blank-lines",
    "--ignore-cr-at-eol",
    "--ignore-space-at-eol",
    "--ignore-space-change",
    "--indent-heuristic",
    "--inter-hunk-context",
    "--log-size",
    "--mailmap",
    "--minimal",
    "--name-only",
    "--name-status",
    "--no-abbrev",
    "--no-abbrev-commit",
    "--no-color",
    "--no-decorate",
    "--no-ext-diff",
    "--no-mailmap",
    "--no-merges",
    "--no-notes",
    "--no-patch",
    "--no-prefix",
    "--no-renames",
    "--no-textconv",
    "--notes",
    "--numstat",
    "--oneline",
    "--patch",
    "--patch-with-stat",
    "--patience",
    "--pretty",
    "--raw",
    "--reverse",
    "--shortstat",
    "--show-signature",
    "--stat",
    "--summary",
    "--text",
    "--textconv",
    "--topo-order",
    "--unified",
    "--word-diff",
];

/// The same in short.
const SHOWN_SHORT: [&str; 14] = ["-a", "-b", "-c", "-m", "-p", "-s", "-t", "-u", "-w", "-z", "-B", "-C", "-M", "-W"];

/// What was chosen so far.
#[derive(Default)]
struct Chosen {
    history: HistoryOptions,
    /// What counts, and what does not with all that it reaches.
    to: Vec<String>,
    from: Vec<String>,
    /// Whether what follows is meant the other way round.
    is_not: bool,
    is_limited: bool,
}

/// What `git log` with these options would show.
pub fn job(options: &str) -> Result<GitJob, Failure> {
    let words = words(options)?;
    let mut words = words.iter().map(String::as_str);
    let mut chosen = Chosen { history: HistoryOptions { n_threads: setup::n_threads(None), ..HistoryOptions::default() }, ..Chosen::default() };
    while let Some(word) = words.next() {
        match word {
            "--" => {
                return Err(refused("paths cannot be chosen here", "leave out what follows `--`; the allow list of .keysift.toml suppresses findings by path"));
            }
            "--not" => chosen.is_not = !chosen.is_not,
            _ if word.starts_with('-') => chosen.option(word, &mut words)?,
            _ => chosen.revision(word)?,
        }
    }
    chosen.job()
}

impl Chosen {
    /// Takes an option; its value may be the next word.
    fn option<'a>(&mut self, word: &'a str, words: &mut impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let mut needed = || value.or_else(|| words.next()).ok_or_else(|| Failure::usage(format!("--log-opts: {name} needs a value")));
        match name {
            "--all" if word == name => {
                for every in ["HEAD", "refs/*"] {
                    self.name(every, false);
                }
            }
            "--branches" | "--tags" | "--remotes" if word == name => self.name(&format!("refs/{}/*", folder(name)), false),
            "--remotes" if value.is_some_and(is_plain) => self.name(&format!("refs/remotes/{}/*", value.unwrap_or_default()), false),
            "--since" | "--after" => (self.history.since, self.is_limited) = (Some(moment(needed()?, git::day_begins)?), true),
            "--until" | "--before" => (self.history.until, self.is_limited) = (Some(moment(needed()?, git::day_ends)?), true),
            "-n" | "--max-count" => (self.history.max_commits, self.is_limited) = (Some(number(needed()?)?), true),
            _ if SHOWN.contains(&name) || SHOWN_SHORT.contains(&word) || is_number_of_lines(word) => {}
            _ if name.starts_with("-n") || name.len() > 1 && name[1..].bytes().all(|byte| byte.is_ascii_digit()) => {
                (self.history.max_commits, self.is_limited) = (Some(number(word[1..].trim_start_matches('n'))?), true);
            }
            _ => return Err(refused(&format!("{name} is not understood"), "`keysift history --help` and `keysift range --help` list what can be chosen")),
        }
        Ok(())
    }

    /// Takes a name or a range.
    fn revision(&mut self, word: &str) -> Result<(), Failure> {
        if let Some(commit) = word.strip_suffix("^!") {
            self.name(commit, false);
            self.name(&format!("{commit}^@"), true);
        } else if word.contains("..") {
            let range = RangeSpec::parse(word).map_err(git::failure)?;
            self.name(&range.to, false);
            range.from.iter().for_each(|from| self.name(from, true));
        } else {
            let (name, is_left_out) = word.strip_prefix('^').map_or((word, false), |name| (name, true));
            self.name(name, is_left_out);
        }
        Ok(())
    }

    /// Takes the name of something that counts, or is left out.
    fn name(&mut self, name: &str, is_left_out: bool) {
        if is_left_out == self.is_not { &mut self.to } else { &mut self.from }.push(name.to_owned());
    }

    /// The scan of what was chosen.
    fn job(mut self) -> Result<GitJob, Failure> {
        let is_all = self.to.iter().any(|name| name == "refs/*");
        if self.from.is_empty() {
            // As for `git log`, which begins at HEAD if nothing else is named.
            let is_nothing = self.to.is_empty();
            self.history.branches = if is_all { Vec::new() } else { self.to };
            self.history.branches.extend(is_nothing.then(|| "HEAD".to_owned()));
            return Ok(GitJob::History(self.history));
        }
        if self.is_limited {
            return Err(Failure::usage("--log-opts: a range, `^` and `--not` cannot be combined with dates or a number of commits"));
        }
        let mut to = self.to.into_iter();
        let first = to.next().unwrap_or_else(|| "HEAD".to_owned());
        Ok(GitJob::Range(RangeSpec { from: self.from, to: first, also: to.collect(), ..RangeSpec::default() }, Scope::AddedLines))
    }
}

/// The folder of references that an option such as `--branches` means.
fn folder(option: &str) -> &str {
    if option == "--branches" { "heads" } else { &option[2..] }
}

/// Whether a value is no pattern.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.contains(['*', '?', '['])
}

/// Whether an option says how many lines are shown around a change, or how alike files are that count as one.
fn is_number_of_lines(word: &str) -> bool {
    let digits = ["-U", "-M", "-C", "-B", "-l"].iter().find_map(|start| word.strip_prefix(start));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'%' | b'/')))
}

/// The words of the options: quotes hold together what blanks would part.
fn words(options: &str) -> Result<Vec<String>, Failure> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in options.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(refused("a quote is not closed", "put a second one where the value ends"));
    }
    words.extend(word);
    Ok(words)
}

/// The options cannot be followed.
fn refused(why: &str, help: &str) -> Failure {
    Failure::usage(format!("--log-opts: {why}")).with_help(Some(help.to_owned()))
}

fn number(text: &str) -> Result<usize, Failure> {
    text.parse().map_err(|_| refused(&format!("`{text}` is no number of commits"), "write -5, -n 5 or --max-count=5"))
}

/// The moment that git would take: of a day the end that `of_day` tells, so that all of the day counts; else whatever date git knows.
fn moment(text: &str, of_day: impl Fn(jiff::civil::Date) -> i64) -> Result<i64, Failure> {
    if let Some(day) = crate::filter::parse_date(text) {
        return Ok(of_day(day));
    }
    crate::git::moment(text).ok_or_else(|| refused(&format!("`{text}` is no date"), "write YYYY-MM-DD, or in quotes what git knows: '2 weeks ago'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(options: &str) -> GitJob {
        super::job(options).expect("they are understood")
    }

    #[test]
    fn common_log_options_are_understood() {
        assert!(matches!(job("main..HEAD"), GitJob::Range(range, _) if range.from == ["main"] && range.to == "HEAD"));
        assert!(matches!(job("--no-merges --first-parent a^..b"), GitJob::Range(range, _) if range.from == ["a^"] && range.to == "b"));
        assert!(matches!(job("^main"), GitJob::Range(range, _) if range.from == ["main"]));
        assert!(matches!(job("--all"), GitJob::History(options) if options.branches.is_empty()));
        assert!(matches!(job("main dev"), GitJob::History(options) if options.branches == ["main", "dev"]));
        assert!(matches!(job("--since=1970-01-02 -n 5"), GitJob::History(options) if options.since == Some(86_400) && options.max_commits == Some(5)));
    }

    #[test]
    fn numbers_dates_and_names_have_many_forms() {
        for options in ["-5", "-n5", "-n 5", "--max-count=5", "--max-count 5", "-p -U0 -5", "-1 -n 5"] {
            assert!(matches!(job(options), GitJob::History(options) if options.max_commits == Some(5) && options.branches == ["HEAD"]), "{options}");
        }
        assert!(matches!(job("-1 v1"), GitJob::History(options) if options.max_commits == Some(1) && options.branches == ["v1"]));
        assert!(matches!(job("--branches --tags"), GitJob::History(options) if options.branches == ["refs/heads/*", "refs/tags/*"]));
        assert!(matches!(job("abc^!"), GitJob::Range(range, _) if range.from == ["abc^@"] && range.to == "abc"));
        let since = |options: &str| match job(options) {
            GitJob::History(options) => options.since.expect("a date"),
            other => panic!("{other:?}"),
        };
        assert_eq!(since("--after=1970-01-03"), 2 * 86_400);
        assert_eq!(since("--since='1970-01-02 00:00:00 +0000'"), 86_400);
        assert!(since("--since '2 weeks ago'") < since("--since=\"1 day ago\""));
        assert!(matches!(job("--before=1970-01-02 --all"), GitJob::History(options) if options.until == Some(2 * 86_400 - 1) && options.branches.is_empty()));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for options in ["--grep=x", "--since=sometime", "-n many", "-n", "-5x", "--all -- src", "-- src", "--branches=x", "'--all"] {
            assert!(super::job(options).is_err(), "{options}");
        }
        for options in [
            "--merges",
            "--left-only a...b",
            "-S x",
            "-Gx",
            "--author=me",
            "--no-walk a",
            "--stdin",
            "-g",
            "--remotes=a*",
            "a..b -5",
            "--not a --since=1970-01-01",
        ] {
            assert!(super::job(options).is_err(), "{options}");
        }
    }

    #[test]
    fn what_is_left_out_may_be_said_in_many_ways() {
        for options in
            ["a..b", "^a b", "b ^a", "b --not a", "--not a --not b", "--not ^b a", "--oneline --pretty=format:%H -p -U0 --stat b ^a", "-M90% -w a..b"]
        {
            let GitJob::Range(range, Scope::AddedLines) = job(options) else { panic!("{options}") };
            assert_eq!((range.from, range.to.as_str(), range.also), (vec!["a".to_owned()], "b", vec![]), "{options}");
        }
        let range = |options: &str| match job(options) {
            GitJob::Range(range, _) => ([vec![range.to], range.also].concat().join(" "), range.from.join(" ")),
            other => panic!("{other:?}"),
        };
        let pair = |to: &str, from: &str| (to.to_owned(), from.to_owned());
        assert_eq!(range("--branches --not --remotes=origin"), pair("refs/heads/*", "refs/remotes/origin/*"));
        assert_eq!(range("a..b --all"), pair("b HEAD refs/*", "a"));
        assert_eq!(range("a..b c..d ^e"), pair("b d", "a c e"));
        assert_eq!(range("^a"), pair("HEAD", "a"));
        assert_eq!(range("--not a"), pair("HEAD", "a"));
    }
}
