//! The configuration, the ignore files and the baseline in force: those of a commit, if a change request must not bring its own.
//!
//! A file inside of the work tree is read from the commit, whoever named it; one elsewhere on the machine was not put there by the change.

use std::path::{Component, Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::blob::path_text;
use crate::cli::args::RunArgs;
use crate::cli::{Failure, git, setup};
use crate::config::{self, Config};
use crate::git::{Changes, Difference, Repo};
use crate::rule::RuleSet;
use crate::scan::Engine;

/// Name of keysift's own ignore files.
const IGNORE_FILE: &str = ".keysiftignore";

/// Paths of a work tree, read from one commit.
struct Files<'a> {
    repo: &'a Repo,
    commit: &'a str,
    top: PathBuf,
}

impl Files<'_> {
    /// `path`, which is relative to the top or absolute, from the top on and with `/` between parts; none if it leads out of the work tree.
    fn inside(&self, path: &Path) -> Option<String> {
        let absolute = flat(&self.top.join(path))?;
        let parts: Option<Vec<&str>> = absolute.strip_prefix(&self.top).ok()?.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The text of a file: as the commit has it if it lies in the work tree, else from the disk.
    fn read(&self, path: &Path, largest: u64) -> Result<String, String> {
        let Some(inside) = self.inside(path) else { return config::read(path, largest) };
        let short = self.commit.get(..super::plan::N_SHORT).unwrap_or(self.commit);
        match self.repo.file_at(self.commit, &inside) {
            Ok(Some(bytes)) if bytes.len() as u64 > largest => Err(format!("is larger than {largest} bytes")),
            Ok(Some(bytes)) => config::text_of(bytes),
            Ok(None) => Err(format!("is not in the commit {short}, whose policy counts")),
            Err(error) => Err(format!("cannot be read from the commit {short}: {error}")),
        }
    }

    /// Whether the file is there to be read.
    fn has(&self, path: &Path) -> bool {
        match self.inside(path) {
            Some(inside) => matches!(self.repo.file_at(self.commit, &inside), Ok(Some(_))),
            None => path.exists(),
        }
    }
}

/// `path` without `.` and `..`, by its text alone: what links in the work tree lead to is not asked. None if it goes above the root.
fn flat(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            other => out.push(other),
        }
    }
    Some(out)
}

/// What is in force.
#[derive(Debug)]
pub struct Policy {
    /// The engine made of it.
    pub engine: Engine,
    /// What of the configuration the engine does not need.
    pub config: Config,
    /// Whose policy it is: a sentence fragment.
    pub whose: String,
    /// Sentences about what was named and is not there.
    pub notes: Vec<String>,
}

/// The policy for a scan in `repo`: that of `commit`, or that of the work tree if there is none.
///
/// # Errors
/// The configuration, a rule file or the baseline is wrong.
pub fn load(repo: &Repo, commit: Option<&str>, args: &RunArgs) -> Result<Policy, Failure> {
    let top = git::top(repo);
    let Some(commit) = commit else {
        let (engine, config) = setup::engine(args.into(), std::slice::from_ref(&top), &top, args.min_confidence.into())?;
        return Ok(Policy { engine, config, whose: "what is checked out".to_owned(), notes: Vec::new() });
    };
    let short = commit.get(..super::plan::N_SHORT).unwrap_or(commit);
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_else(|_| top.clone());
    let files = Files { repo, commit, top: top.clone() };
    let read = |path: &Path, largest: u64| files.read(path, largest);
    let mut notes = Vec::new();
    // A file that only the change request has does not count yet.
    let mut named = |path: &Path, what: &str| {
        let path = here.join(path);
        let is_there = files.has(&path);
        if !is_there {
            notes.push(format!("{what} {} is not in the commit {short}, whose policy counts, and does not count", path_text(&path)));
        }
        is_there.then_some(path)
    };
    let variable = std::env::var_os("KEYSIFT_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from);
    let is_named = args.config.is_some() || variable.is_some();
    let config_path = match args.config.clone().or(variable) {
        _ if args.no_config => None,
        Some(path) => named(&path, "the configuration"),
        None => Some(top.join(config::FILE_NAME)).filter(|path| files.has(path)),
    };
    let wrong = |error: config::ConfigError| Failure::usage(&error).with_help(error.help());
    let mut rules = RuleSet::built_in();
    let mut config = match config_path {
        Some(path) => Config { is_named, ..config::load_by(&read, &path, &mut rules).map_err(wrong)? },
        None => Config::default(),
    };
    let baseline = match &args.baseline.file {
        Some(path) => named(path, "the baseline"),
        None => config.baseline.clone().and_then(|path| named(&path, "the baseline")),
    };
    let baseline = baseline.map(|path| config::baseline::load_by(&read, &path, &path_text(&top)).map_err(wrong)).transpose()?;
    config.path = config.path.map(|path| PathBuf::from(format!("{} at {short}", path_text(path.strip_prefix(&top).unwrap_or(&path)))));
    let (engine, config) = setup::engine_of(rules, config, args.min_confidence.into(), baseline);
    Ok(Policy { engine, config, whose: format!("the commit {short}"), notes })
}

/// What `to` changes in files that decide what is reported, since it parted from `from`: one line for each.
pub fn changes(repo: &Repo, from: &str, to: &str, args: &RunArgs, config: &Config) -> Vec<String> {
    let files = Files { repo, commit: from, top: git::top(repo) };
    let typed = args.config.iter().chain(&args.baseline.file).chain(&config.baseline).chain(&config.rule_files);
    let named: Vec<String> = typed.filter_map(|path| files.inside(path)).collect();
    let is_policy = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        [config::FILE_NAME, config::baseline::FILE_NAME, IGNORE_FILE].contains(&name) || named.iter().any(|named| named == path)
    };
    let differences = repo.differences(from, to).unwrap_or_default();
    let line = |(path, how): (String, Difference)| {
        let how = match how {
            Difference::Added => "added",
            Difference::Changed => "changed",
            Difference::Removed => "removed",
        };
        format!("{path} ({how})")
    };
    differences.into_iter().filter(|(path, _)| is_policy(path)).map(line).collect()
}

/// Takes out of the files of a commit what the ignore files of `policy` leave out, and gives how many these are. git's own ignore files do not count:
/// what is committed was not ignored.
pub fn leave_out(repo: &Repo, policy: &str, listed: &mut Changes) -> Result<u64, Failure> {
    let top = git::top(repo);
    let mut ignores: Vec<(String, Gitignore)> = Vec::new();
    for file in repo.tree_at(policy).map_err(git::failure)?.changes {
        let path = file.origin.path.to_string();
        let Some(folder) = path.strip_suffix(IGNORE_FILE).filter(|folder| folder.is_empty() || folder.ends_with('/')) else { continue };
        let bytes = repo.file_at(policy, &path).map_err(git::failure)?.unwrap_or_default();
        let mut builder = GitignoreBuilder::new(top.join(folder));
        for line in String::from_utf8_lossy(&bytes).lines() {
            builder.add_line(None, line).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
        }
        ignores.push((folder.to_owned(), builder.build().map_err(|error| Failure::usage(format!("{path}: {error}")))?));
    }
    // The nearest one decides.
    ignores.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
    let is_left_out = |path: &str| {
        let verdicts = ignores.iter().filter(|(folder, _)| path.starts_with(folder.as_str()));
        let verdict = verdicts.map(|(_, ignore)| ignore.matched_path_or_any_parents(top.join(path), false)).find(|verdict| !verdict.is_none());
        matches!(verdict, Some(Match::Ignore(_)))
    };
    let n_before = listed.changes.len();
    listed.changes.retain(|change| !is_left_out(&change.origin.path));
    Ok((n_before - listed.changes.len()) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_flattened_by_their_text() {
        assert_eq!(flat(Path::new("/a/./b/../c")), Some(PathBuf::from("/a/c")));
        assert_eq!(flat(Path::new("/a/../../b")), None);
    }
}
