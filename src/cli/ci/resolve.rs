//! From a plan to commits that the clone has: what is missing is fetched, and a push is turned into a range, a branch or a tree.
//!
//! Nothing is left unscanned: where a range turns out to be empty, all files at its end are scanned instead.

use super::fetch::{Depth, Fetcher, STEPS, command_for};
use super::plan::{N_SHORT, Plan, Point, Policy, What};
use crate::cli::{Failure, git};
use crate::git::{ObjectId, Repo};

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
    /// The annotated tag that is pushed, if one is.
    pub tag: Option<ObjectId>,
    /// The commit whose policy counts; none for what is checked out.
    pub policy: Option<String>,
    /// Sentences about what was not as expected.
    pub notes: Vec<String>,
}

/// Finds or fetches what `plan` needs.
///
/// # Errors
/// A commit is missing and cannot be fetched: the scan would be incomplete.
pub fn resolve(plan: &Plan, may_fetch: bool) -> Result<Resolved, Failure> {
    let repo = git::open(None)?;
    let top = git::top(&repo);
    let fetcher = Fetcher::new(&top, may_fetch);
    let mut clone = Clone { repo, fetcher, default: None, notes: Vec::new() };
    // First, because it may fetch the branch where the range begins.
    let policy = clone.policy(&plan.policy)?;
    let target = match &plan.what {
        What::Range { from, to } => clone.range(from, to)?,
        What::Push { before, default, to, is_default } => clone.push(before.as_ref(), default.as_ref(), to, *is_default)?,
        What::History => clone.history()?,
        What::Tree(point) => {
            clone.get(point)?;
            Target::Tree(clone.id(point)?)
        }
    };
    let target = clone.never_empty(target)?;
    let tag = plan.tag.as_ref().and_then(|tag| clone.tag(tag));
    Ok(Resolved { repo: clone.repo, target, tag, policy, notes: clone.notes })
}

/// The clone while commits are looked for.
struct Clone {
    repo: Repo,
    fetcher: Fetcher,
    /// The remote's default branch, once it was asked for.
    default: Option<Result<Point, String>>,
    notes: Vec<String>,
}

impl Clone {
    fn id(&self, point: &Point) -> Result<String, Failure> {
        let found = self.repo.commit_id(&point.rev);
        // What was typed may be a branch that is known as one of origin only.
        match point.tracking().filter(|_| found.is_err()).map(|name| self.repo.commit_id(name)) {
            Some(Ok(id)) => Ok(id),
            _ => found.map_err(git::failure),
        }
    }

    fn has(&self, point: &Point) -> bool {
        self.id(point).is_ok()
    }

    /// Packs that a fetch brought are seen by a repository that is opened after it.
    fn fetch(&mut self, points: &[&Point], depth: Depth) -> Result<(), String> {
        self.fetcher.fetch(points, depth)?;
        self.repo = Repo::here().map_err(|error| error.to_string())?;
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
            Ok(()) => Err(self.missing(point, "origin does not have it")),
            Err(why) => Err(self.missing(point, &why)),
        }
    }

    /// The commit whose policy counts; none for what is checked out. What a branch was when it was fetched for another job does not count: its policy may
    /// have become stricter.
    fn policy(&mut self, policy: &Policy) -> Result<Option<String>, Failure> {
        let point = match policy {
            Policy::CheckedOut => return Ok(None),
            Policy::At(point) => point.clone(),
            Policy::OfDefault => self.default_branch().or_else(|why| self.default_of_clone(&why))?,
        };
        // A branch that was typed is meant as origin has it.
        let tracked = point.tracking().filter(|name| self.repo.commit_id(name).is_ok()).map(str::to_owned);
        let point = Point { rev: tracked.clone().unwrap_or(point.rev), ..point };
        if tracked.is_none() {
            self.get(&point)?;
        } else if let Err(why) = self.fetch(&[&point], Depth::AsItIs) {
            self.notes.push(format!("the policy is that of {} as it was fetched last, which may be long ago: {why}", point.short()));
        }
        self.id(&point).map(Some)
    }

    /// The remote's default branch.
    fn default_branch(&mut self) -> Result<Point, String> {
        let asked = self.default.take().unwrap_or_else(|| self.fetcher.default_branch());
        self.default = Some(asked.clone());
        asked
    }

    /// What was the remote's default branch when the clone was made.
    fn default_of_clone(&mut self, why: &str) -> Result<Point, Failure> {
        let point = Point { rev: "refs/remotes/origin/HEAD".to_owned(), refspec: None };
        if !self.has(&point) {
            return Err(Failure::incomplete(format!("the branch whose policy counts is not known: {why}")));
        }
        self.notes.push(format!("the policy is that of {} as it was fetched last, which may be long ago: {why}", point.short()));
        Ok(point)
    }

    /// Makes sure that all commits between are there, deepening the clone as far as it takes.
    fn connect(&mut self, from: &Point, to: &Point) -> Result<(), Failure> {
        self.get(from)?;
        self.get(to)?;
        let mut steps = STEPS.iter();
        while !self.repo.is_whole(&self.id(from)?, &self.id(to)?).map_err(git::failure)? {
            let tried = match steps.next() {
                Some(&n) => self.deepen(&[from, to], Depth::More(n)),
                None => Err(format!("{} commits more did not reach where they parted", STEPS.iter().sum::<u32>())),
            };
            if let Err(why) = tried {
                let what = format!("this clone is shallow, and what came after {} is not all there: {why}", from.short());
                return Err(Failure::incomplete(what).with_help(Some(self.help(&[from, to]))));
            }
        }
        Ok(())
    }

    /// Fetches more of the history of `points` and of what is checked out. That may be a merge which only this machine has: then more of its parents is
    /// fetched, and of whatever origin gives.
    fn deepen(&mut self, points: &[&Point], depth: Depth) -> Result<(), String> {
        let here = self.repo.commit_id("HEAD").ok().and_then(|id| Point::commit(&id));
        let Err(why) = self.fetch(&points.iter().copied().chain(&here).collect::<Vec<_>>(), depth) else { return Ok(()) };
        let parents: Vec<Point> = self.repo.parent_ids("HEAD").unwrap_or_default().iter().filter_map(|id| Point::commit(id)).collect();
        let is_elsewhere = |point: &&&Point| Some(&point.rev) != here.as_ref().map(|here| &here.rev) && point.refspec.is_some();
        let others: Vec<&Point> = points.iter().filter(is_elsewhere).copied().chain(&parents).collect();
        if parents.len() < 2 || others.is_empty() {
            return Err(why);
        }
        if self.fetch(&others, depth).is_ok() {
            return Ok(());
        }
        let n_fetched = others.iter().filter(|point| self.fetch(&[point], depth).is_ok()).count();
        if n_fetched > 0 { Ok(()) } else { Err(why) }
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
                Ok(()) if self.repo.n_between(&self.id(to)?, &self.id(before)?).map_err(git::failure)? == 0 => return self.range(before, to),
                Ok(()) => self.notes.push(format!("the push is forced: {} is not in what is pushed", before.short())),
                Err(_) => self.notes.push(format!("{} is not to be had any more, as after a forced push", before.short())),
            }
        }
        if is_default {
            return self.branch(to);
        }
        let from = match default {
            Some(default) => default.clone(),
            None => match self.default_branch() {
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

    /// The history of all branches that origin has: a clone may have been made of one of them.
    fn history(&mut self) -> Result<Target, Failure> {
        let all = Point { rev: "HEAD".to_owned(), refspec: Some("+refs/heads/*:refs/remotes/origin/*".to_owned()) };
        if self.repo.is_shallow() {
            self.whole(&[&all])?;
        } else if let Err(why) = self.fetch(&[&all], Depth::AsItIs) {
            self.notes.push(format!("only branches that this clone has are scanned: {why}"));
        }
        Ok(Target::History)
    }

    /// Makes a shallow clone whole.
    fn whole(&mut self, points: &[&Point]) -> Result<(), Failure> {
        if !self.repo.is_shallow() {
            return Ok(());
        }
        let fetched = self.deepen(points, Depth::Whole);
        match fetched {
            Ok(()) if !self.repo.is_shallow() => Ok(()),
            Ok(()) => Err(Failure::incomplete("this clone is shallow, and so is what origin gave").with_help(Some(self.help(points)))),
            Err(why) => Err(Failure::incomplete(format!("this clone is shallow, and the rest cannot be fetched: {why}")).with_help(Some(self.help(points)))),
        }
    }

    /// The annotated tag that `tag` names, whose message came with it; none if it has no message. What is checked out under its name is often the commit.
    fn tag(&mut self, tag: &Point) -> Option<ObjectId> {
        if let Some(id) = self.repo.tag_id(&tag.rev) {
            return Some(id);
        }
        let told = self.fetcher.id_of(&tag.rev).and_then(|id| Point::commit(&id).ok_or_else(|| "origin tells no id".to_owned()));
        let fetched = told.and_then(|point| match self.repo.has_object(&point.rev) {
            true => Ok(point),
            false => self.fetch(&[&point], Depth::AsItIs).map(|()| point),
        });
        match fetched {
            Ok(point) => self.repo.tag_id(&point.rev),
            Err(why) => {
                self.notes.push(format!("whether the tag has a message of its own is not known: {why}"));
                None
            }
        }
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

    fn missing(&self, point: &Point, why: &str) -> Failure {
        let is_short_id = |name: &str| matches!(name.len(), 4..40) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let help = if is_short_id(&point.rev) { "a commit that is to be fetched is named by its whole id".to_owned() } else { self.help(&[point]) };
        Failure::incomplete(format!("the commit {} is not in this clone: {why}", point.short())).with_help(Some(help))
    }

    /// What a person can do where something cannot be fetched.
    fn help(&self, points: &[&Point]) -> String {
        let is_shallow = self.repo.is_shallow();
        match command_for(points, is_shallow) {
            Some(command) if is_shallow => {
                format!("{command} fetches it, where origin lets it; or check out the whole history (`fetch-depth: 0`, `GIT_DEPTH: 0`, `clone: depth: full`)")
            }
            Some(command) => {
                format!("{command} fetches it, where origin still has it; if a branch was rewritten, name a commit that it has now with --base")
            }
            None => "name a commit or a branch that origin has".to_owned(),
        }
    }
}
