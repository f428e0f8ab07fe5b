//! The configuration, the ignore files and the baseline in force: those of a commit, if a change request must not bring its own.
//!
//! A file inside of the work tree is read from the commit, whoever named it and by whatever links; one elsewhere on the machine was not put there by the
//! change.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::blob::path_text;
use crate::cli::args::RunArgs;
use crate::cli::{Failure, git, setup};
use crate::config::{self, Config};
use crate::git::{Difference, GitError, Repo};
use crate::rule::RuleSet;
use crate::scan::Engine;
use crate::source::OWN_IGNORE_FILE;

/// Paths of a work tree, read from one commit.
struct Files<'a> {
    repo: &'a Repo,
    commit: &'a str,
    /// The canonical top of the work tree.
    top: PathBuf,
    /// The canonical current folder, to which what was typed is relative.
    here: PathBuf,
    /// Paths of the work tree that were asked for, with the links that led to them.
    asked: RefCell<BTreeSet<String>>,
    /// Whether the clone does not have what was asked for, though the commit does, as where it is partial.
    is_cut_off: Cell<bool>,
}

impl<'a> Files<'a> {
    fn new(repo: &'a Repo, commit: &'a str) -> Self {
        let top = git::top(repo);
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_else(|_| top.clone());
        Self { repo, commit, top, here, asked: RefCell::default(), is_cut_off: Cell::new(false) }
    }

    /// `path` from the top on and with `/` between parts; none if it leads out of the work tree. It lies in there if its text says so, or if any folder on
    /// its way does, whatever that folder is called here: what is in there may be the change's own.
    fn inside(&self, path: &Path) -> Option<String> {
        let absolute = self.here.join(path);
        let text = flat(&absolute);
        let by_text = || Some(text.as_deref()?.strip_prefix(&self.top).ok()?.to_owned());
        // The outermost folder decides: links below it are those of the commit.
        let by_folder = || {
            let text = text.as_deref()?;
            let folders: Vec<&Path> = text.ancestors().collect();
            folders.into_iter().rev().find_map(|folder| Some(self.below_top(folder)?.join(text.strip_prefix(folder).ok()?)))
        };
        // Behind a link `..` leads elsewhere than the text says.
        let inside = by_text().or_else(by_folder).or_else(|| self.below_top(&absolute))?;
        // A name that is no text is none that a commit is asked for.
        Some(inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
    }

    /// Where what is at `path` lies below the top, with all links followed.
    fn below_top(&self, path: &Path) -> Option<PathBuf> {
        Some(path.canonicalize().ok()?.strip_prefix(&self.top).ok()?.to_owned())
    }

    /// The text of a file: as the commit has it if it lies in the work tree, else from the disk.
    fn read(&self, path: &Path, largest: u64) -> Result<String, String> {
        let Some(inside) = self.inside(path) else { return config::read(path, largest) };
        let short = self.commit.get(..super::plan::N_SHORT).unwrap_or(self.commit);
        self.asked.borrow_mut().insert(inside.clone());
        match self.repo.file_at(self.commit, &inside) {
            Ok(Some(file)) if file.bytes.len() as u64 > largest => Err(format!("is larger than {largest} bytes")),
            Ok(Some(file)) => {
                self.asked.borrow_mut().extend(file.way);
                config::text_of(file.bytes)
            }
            Ok(None) => Err(format!("is not in the commit {short}, whose policy counts")),
            Err(error) => {
                self.is_cut_off.set(!matches!(error, GitError::File { .. }));
                Err(format!("cannot be read from the commit {short}: {error}"))
            }
        }
    }

    /// The path to read for a file that was named as `what`; none, with a sentence in `notes`, if only the change has it: then it does not count yet.
    ///
    /// # Errors
    /// Neither the commit nor the work tree has it.
    fn named(&self, path: &Path, what: &str, notes: &mut Vec<String>) -> Result<Option<PathBuf>, Failure> {
        let path = self.here.join(path);
        let Some(inside) = self.inside(&path) else { return Ok(Some(path)) };
        self.asked.borrow_mut().insert(inside.clone());
        // What cannot be read is told when it is.
        if !matches!(self.repo.file_at(self.commit, &inside), Ok(None)) {
            return Ok(Some(path));
        }
        let short = self.commit.get(..super::plan::N_SHORT).unwrap_or(self.commit);
        if path.symlink_metadata().is_err() {
            let what = format!("{what} {inside} is neither in the commit {short}, whose policy counts, nor in what is checked out");
            return Err(Failure::usage(what).with_help(Some("check the path; one that is not absolute is relative to the current folder".to_owned())));
        }
        notes.push(format!("{what} {inside} is not in the commit {short}, whose policy counts, and does not count"));
        Ok(None)
    }
}

impl Files<'_> {
    /// The rule files that `--rules` names: of a folder in the work tree those that the commit has.
    fn rules(&self, path: &Path) -> Result<Vec<PathBuf>, Failure> {
        let path = self.here.join(path);
        let Some(inside) = self.inside(&path) else {
            return config::own::files_of(&path).map_err(|error| Failure::usage(&error).with_help(error.help()));
        };
        let listed = self.repo.tree_at(self.commit).map_err(git::failure)?.changes;
        let is_named = |file: &&str| {
            let below = file.strip_prefix(inside.as_str()).and_then(|rest| rest.strip_prefix('/'));
            *file == inside || below.is_some_and(|name| !name.contains('/') && name.ends_with(".toml"))
        };
        let mut files: Vec<PathBuf> = listed.iter().map(|change| &*change.origin.path).filter(is_named).map(|file| self.top.join(file)).collect();
        files.sort();
        // A file that is not there, or a link, is told when it is read.
        Ok(if files.is_empty() { vec![path] } else { files })
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
    /// Files of the work tree that were read, or would have been if they were there; none for what is checked out.
    pub in_force: BTreeSet<String>,
}

/// The policy for a scan in `repo`: that of `commit`, or that of the work tree if there is none.
///
/// # Errors
/// The configuration, a rule file or the baseline is wrong, or was named and is nowhere.
pub fn load(repo: &Repo, commit: Option<&str>, args: &RunArgs) -> Result<Policy, Failure> {
    let top = git::top(repo);
    let Some(commit) = commit else {
        let (engine, config) = setup::engine(args.into(), std::slice::from_ref(&top), &top, args.min_confidence.into())?;
        return Ok(Policy { engine, config, whose: "what is checked out".to_owned(), notes: Vec::new(), in_force: BTreeSet::new() });
    };
    let short = commit.get(..super::plan::N_SHORT).unwrap_or(commit);
    let files = Files::new(repo, commit);
    let read = |path: &Path, largest: u64| files.read(path, largest);
    let mut notes = Vec::new();
    let variable = std::env::var_os("KEYSIFT_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from);
    let is_named = args.config.is_some() || variable.is_some();
    let config_path = match args.config.clone().or(variable) {
        _ if args.no_config => None,
        Some(path) => files.named(&path, "the configuration", &mut notes)?,
        None => Some(top.join(config::FILE_NAME)).filter(|_| !matches!(repo.file_at(commit, config::FILE_NAME), Ok(None))),
    };
    let wrong = |error: config::ConfigError| match files.is_cut_off.get() {
        true => Failure::incomplete(&error),
        false => Failure::usage(&error).with_help(error.help()),
    };
    let mut rules = RuleSet::built_in();
    let rule_files = args.rules.iter().map(|path| files.rules(path)).collect::<Result<Vec<_>, _>>()?;
    setup::add_rule_files(&read, &rule_files.concat(), &mut rules)?;
    let mut config = match config_path {
        Some(path) => Config { is_named, ..config::load_by(&read, &path, &mut rules).map_err(wrong)? },
        None => Config::default(),
    };
    setup::warn(&rules, &config);
    let baseline = match args.baseline.file.as_ref().or(config.baseline.as_ref()) {
        Some(path) => files.named(path, "the baseline", &mut notes)?,
        None => None,
    };
    let baseline = baseline.map(|path| config::baseline::load_by(&read, &path, &path_text(&top)).map(setup::accepted).map_err(wrong)).transpose()?;
    // Only of what was read from the commit it is said.
    config.path = config.path.map(|path| files.inside(&path).map_or(path, |inside| PathBuf::from(format!("{inside} at {short}"))));
    let (engine, config) = setup::engine_of(rules, config, args.min_confidence.into(), baseline);
    Ok(Policy { engine, config, whose: format!("the commit {short}"), notes, in_force: files.asked.into_inner() })
}

/// What `to` changes in files that decide what is reported, since it parted from `from`: one line for each, those `in_force` first, then those nearest
/// to the top.
pub fn changes(repo: &Repo, from: &str, to: &str, in_force: &BTreeSet<String>) -> Vec<String> {
    let is_policy = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        [config::FILE_NAME, config::baseline::FILE_NAME, OWN_IGNORE_FILE].contains(&name) || in_force.contains(path)
    };
    let mut differences = repo.differences(from, to).unwrap_or_default();
    differences.retain(|(path, _)| is_policy(path));
    differences.sort_by_cached_key(|(path, _)| (!in_force.contains(path), path.matches('/').count(), path.clone()));
    let line = |(path, how): (String, Difference)| {
        let how = match how {
            Difference::Added => "added",
            Difference::Changed => "changed",
            Difference::Removed => "removed",
        };
        format!("{path} ({how})")
    };
    differences.into_iter().map(line).collect()
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
