//! From a plan to commits that the clone has: what is missing is fetched, and a push is turned into a range, a branch or a tree.
//!
//! Nothing is left unscanned: where a range turns out to be empty, all files at its end are scanned instead.

use std::path::Path;

use super::fetch::{Depth, Fetcher, STEPS, command_for};
use super::plan::{N_SHORT, Plan, Point, Policy, What};
use crate::cli::{Failure, git};
use crate::git::Repo;

/// What is scanned, by commits that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// What the second reaches and the first does not.
    Range(String, String),
    /// All that the commit reaches.
    Branch(String),
    /// Everything that has a name.
    History,
    /// All files of the commit.
    Tree(String),
}

impl Target {
    /// As reports name it.
    pub fn text(&self) -> String {
        let short = |id: &str| id.get(..N_SHORT).unwrap_or(id).to_owned();
        match self {
            Self::Range(from, to) => format!("{}..{}", short(from), short(to)),
            Self::Branch(tip) => format!("history of {}", short(tip)),
            Self::History => "history".to_owned(),
            Self::Tree(commit) => format!("tree of {}", short(commit)),
        }
    }

    /// The commit at its end.
    pub fn tip(&self) -> &str {
        match self {
            Self::Range(_, tip) | Self::Branch(tip) | Self::Tree(tip) => tip,
            Self::History => "HEAD",
        }
    }
}

/// What is scanned, and under which policy.
#[derive(Debug)]
pub struct Resolved {
    /// The repository, opened after the last fetch.
    pub repo: Repo,
    /// What is scanned.
    pub target: Target,
    /// The commit whose policy counts; none for what is checked out.
    pub policy: Option<String>,
    /// Sentences about what was not as expected.
    pub notes: Vec<String>,
}

/// Finds or fetches what `plan` needs.
///
/// # Errors
/// A commit is missing and cannot be fetched: the scan would be incomplete.
pub fn resolve(plan: &Plan, place: &Path, may_fetch: bool) -> Result<Resolved, Failure> {
    let repo = git::open(place)?;
    let top = git::top(&repo);
    let fetcher = Fetcher::new(&top, may_fetch);
    let mut clone = Clone { place: place.to_owned(), repo, fetcher, notes: Vec::new() };
    let target = match &plan.what {
        What::Range { from, to } => clone.range(from, to)?,
        What::Push { before, default, to, is_default } => clone.push(before.as_ref(), default.as_ref(), to, *is_default)?,
        What::History => clone.history()?,
        What::Tree(point) => {
            clone.get(point)?;
            Target::Tree(clone.id(point)?)
        }
    };
    let policy = match (&plan.policy, &target) {
        (Policy::CheckedOut, _) => None,
        (Policy::At(point), _) => {
            clone.get(point)?;
            Some(clone.id(point)?)
        }
        (Policy::AtBase, Target::Range(from, _)) => Some(from.clone()),
        (Policy::AtBase, _) => Some(clone.default_of_remote()?),
    };
    let target = clone.never_empty(target)?;
    Ok(Resolved { repo: clone.repo, target, policy, notes: clone.notes })
}

/// The clone while commits are looked for.
struct Clone {
    place: std::path::PathBuf,
    repo: Repo,
    fetcher: Fetcher,
    notes: Vec<String>,
}

impl Clone {
    fn id(&self, point: &Point) -> Result<String, Failure> {
        self.repo.commit_id(&point.rev).map_err(git::failure)
    }

    fn has(&self, point: &Point) -> bool {
        self.repo.commit_id(&point.rev).is_ok()
    }

    /// Packs that a fetch brought are seen by a repository that is opened after it.
    fn fetch(&mut self, points: &[&Point], depth: Depth) -> Result<(), String> {
        self.fetcher.fetch(points, depth)?;
        self.repo = Repo::discover(&self.place).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Makes sure that the commit itself is there.
    fn get(&mut self, point: &Point) -> Result<(), Failure> {
        if self.has(point) {
            return Ok(());
        }
        let depth = if self.repo.is_shallow() { Depth::Only(1) } else { Depth::AsItIs };
        let fetched = self.fetch(&[point], depth);
        match fetched {
            Ok(()) if self.has(point) => Ok(()),
            Ok(()) => Err(missing(point, "origin does not have it", &[point])),
            Err(why) => Err(missing(point, &why, &[point])),
        }
    }

    /// Makes sure that all commits between are there, deepening the clone as far as it takes.
    fn connect(&mut self, from: &Point, to: &Point) -> Result<(), Failure> {
        self.get(from)?;
        self.get(to)?;
        let here = self.repo.commit_id("HEAD").ok().and_then(|id| Point::commit(&id));
        let points: Vec<&Point> = [Some(from), Some(to), here.as_ref()].into_iter().flatten().collect();
        let mut steps = STEPS.iter();
        while !self.repo.is_whole(&from.rev, &to.rev).map_err(git::failure)? {
            let tried = match steps.next() {
                Some(&n) => self.fetch(&points, Depth::More(n)),
                None => Err(format!("{} commits more did not reach where they parted", STEPS.iter().sum::<u32>())),
            };
            if let Err(why) = tried {
                let what = format!("this clone is shallow, and what came after {} is not all there: {why}", from.short());
                return Err(Failure::incomplete(what).with_help(Some(help(&points))));
            }
        }
        Ok(())
    }

    fn range(&mut self, from: &Point, to: &Point) -> Result<Target, Failure> {
        self.connect(from, to)?;
        Ok(Target::Range(self.id(from)?, self.id(to)?))
    }

    fn push(&mut self, before: Option<&Point>, default: Option<&Point>, to: &Point, is_default: bool) -> Result<Target, Failure> {
        self.get(to)?;
        if let Some(before) = before {
            match self.connect(before, to) {
                // A commit that is no ancestor was replaced: the push was forced.
                Ok(()) if self.repo.n_between(&to.rev, &before.rev).map_err(git::failure)? == 0 => return self.range(before, to),
                Ok(()) => self.notes.push(format!("the push is forced: {} is not in what is pushed", before.short())),
                Err(_) => self.notes.push(format!("{} is not to be had any more, as after a forced push", before.short())),
            }
        }
        if is_default {
            return self.branch(to);
        }
        let from = match default {
            Some(default) => default.clone(),
            None => match self.fetcher.default_branch() {
                Ok(default) => default,
                Err(why) => {
                    self.notes.push(format!("the default branch is not known: {why}"));
                    return self.branch(to);
                }
            },
        };
        // What was fetched earlier may be old, and a range from there would only be longer.
        let fetched = if self.has(&from) { Ok(()) } else { self.get(&from) };
        match fetched {
            // To the default branch itself, where a CI system does not say so.
            Ok(()) if default.is_none() && self.id(&from)? == self.id(to)? => self.branch(to),
            Ok(()) => self.range(&from, to),
            Err(_) => {
                self.notes.push(format!("{} cannot be fetched", from.short()));
                self.branch(to)
            }
        }
    }

    /// All that `to` reaches.
    fn branch(&mut self, to: &Point) -> Result<Target, Failure> {
        self.notes.push("the whole branch is scanned".to_owned());
        let id = self.id(to)?;
        let point = Point::commit(&id).unwrap_or_else(|| to.clone());
        self.whole(&[&point])?;
        Ok(Target::Branch(id))
    }

    fn history(&mut self) -> Result<Target, Failure> {
        let all = Point { rev: "HEAD".to_owned(), refspec: Some("+refs/heads/*:refs/remotes/origin/*".to_owned()) };
        self.whole(&[&all])?;
        Ok(Target::History)
    }

    /// Makes a shallow clone whole.
    fn whole(&mut self, points: &[&Point]) -> Result<(), Failure> {
        if !self.repo.is_shallow() {
            return Ok(());
        }
        let fetched = self.fetch(points, Depth::Whole);
        match fetched {
            Ok(()) if !self.repo.is_shallow() => Ok(()),
            Ok(()) => Err(Failure::incomplete("this clone is shallow, and so is what origin gave").with_help(Some(help(points)))),
            Err(why) => Err(Failure::incomplete(format!("this clone is shallow, and the rest cannot be fetched: {why}")).with_help(Some(help(points)))),
        }
    }

    /// The commit of the remote's default branch.
    fn default_of_remote(&mut self) -> Result<String, Failure> {
        let unknown = |why: String| Failure::incomplete(format!("the branch whose policy counts is not known: {why}"));
        let default = self.fetcher.default_branch().map_err(unknown)?;
        self.get(&default)?;
        self.id(&default)
    }

    /// A range without a commit is one of which everything was scanned before, or should have been: the files at its end are scanned.
    fn never_empty(&mut self, target: Target) -> Result<Target, Failure> {
        let Target::Range(from, to) = &target else { return Ok(target) };
        if self.repo.n_between(from, to).map_err(git::failure)? > 0 {
            return Ok(target);
        }
        self.notes.push("there is no new commit, so that all files are scanned".to_owned());
        Ok(Target::Tree(to.clone()))
    }
}

fn missing(point: &Point, why: &str, points: &[&Point]) -> Failure {
    Failure::incomplete(format!("the commit {} is not in this clone: {why}", point.short())).with_help(Some(help(points)))
}

fn help(points: &[&Point]) -> String {
    format!("{} fetches it, where origin lets it; or check out the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`, `clone: depth: full`)", command_for(points))
}
