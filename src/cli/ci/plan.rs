//! What a CI system says is to be scanned, as a value; made from environment and event alone, by functions that read nothing else.

use std::fmt;

use super::github;
use super::systems;

/// A commit to be found in the clone, or else to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What names it in the clone.
    pub rev: String,
    /// What `git fetch origin` is given to bring it; none for what is checked out.
    pub refspec: Option<String>,
}

impl Point {
    /// What is checked out.
    pub fn head() -> Self {
        Self { rev: "HEAD".to_owned(), refspec: None }
    }

    /// The commit with this id; none if it is no whole id or the zeros that stand for no commit.
    pub fn commit(id: &str) -> Option<Self> {
        let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && !is_zeros(id);
        is_id.then(|| Self { rev: id.to_ascii_lowercase(), refspec: Some(id.to_ascii_lowercase()) })
    }

    /// The branch `name` of origin; none if no branch can have this name.
    pub fn branch(name: &str) -> Option<Self> {
        let name = name.strip_prefix("refs/heads/").unwrap_or(name);
        is_branch_name(name).then(|| {
            let rev = format!("refs/remotes/origin/{name}");
            Self { refspec: Some(format!("+refs/heads/{name}:{rev}")), rev }
        })
    }

    /// The tag `name` of origin; none if no tag can have this name.
    pub fn tag(name: &str) -> Option<Self> {
        let name = name.strip_prefix("refs/tags/").unwrap_or(name);
        is_branch_name(name).then(|| {
            let rev = format!("refs/tags/{name}");
            Self { refspec: Some(format!("+{rev}:{rev}")), rev }
        })
    }

    /// What a person typed: a commit's id, a branch, or any other name that the clone knows. None if it can be no name.
    pub fn typed(name: &str) -> Option<Self> {
        let is_name = !name.starts_with('-') && !name.is_empty() && !name.contains(|c: char| c.is_control() || c.is_whitespace());
        let branch = ["refs/remotes/origin/", "origin/"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        let typed = || Self { rev: name.to_owned(), refspec: Self::branch(branch).and_then(|branch| branch.refspec) };
        is_name.then(|| Self::commit(name).unwrap_or_else(typed))
    }

    /// The name under which the clone keeps what is fetched; none for a commit that has no name there.
    pub fn tracking(&self) -> Option<&str> {
        Some(self.refspec.as_deref()?.split_once(':')?.1)
    }

    /// As people write it.
    pub fn short(&self) -> &str {
        match self.rev.strip_prefix("refs/remotes/") {
            Some(branch) => branch,
            None if self.refspec.as_deref() == Some(self.rev.as_str()) => self.rev.get(..N_SHORT).unwrap_or(&self.rev),
            None => &self.rev,
        }
    }
}

/// Digits of a commit's id by which people name it.
pub const N_SHORT: usize = 12;

/// Whether `id` stands for "no commit".
pub fn is_zeros(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte == b'0')
}

/// Whether git would let a branch have this name, and nothing in it means something to git's command line or to a refspec.
fn is_branch_name(name: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !"~^:?*[\\{}\"'`$;&|<>()!".contains(c);
    let has_bad_part = name.split('/').any(|part| part.is_empty() || part.starts_with(['.', '-']) || part.ends_with(".lock") || part.ends_with('.'));
    name.len() <= 255 && name.chars().all(is_plain) && !has_bad_part && !name.contains("..") && !name.contains("@{")
}

/// What is to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What `to` reaches and `from` does not, which is what came in since both parted.
    Range {
        /// Where it begins.
        from: Point,
        /// Where it ends.
        to: Point,
    },
    /// What a push brings: what came after `before` if that is known and was not rewritten, else what came after the default branch, else the branch.
    Push {
        /// What the branch was before; none if it is new or nobody says.
        before: Option<Point>,
        /// The default branch; none if the remote has to be asked.
        default: Option<Point>,
        /// What is pushed.
        to: Point,
        /// Whether it goes to the default branch itself.
        is_default: bool,
    },
    /// The whole history.
    History,
    /// All files of a commit.
    Tree(Point),
}

/// Whose configuration, ignore files and baseline count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Those that are checked out: whoever pushes may change them.
    CheckedOut,
    /// Those of this commit: a change request must not accept its own findings.
    At(Point),
    /// Those of the default branch, because the CI system does not tell where the change request is to go.
    OfDefault,
}

/// Who wrote what is scanned. It is told from the environment before the event is looked at: whatever starts a job, a stranger's code stays a stranger's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Author {
    /// Somebody who may write to the repository.
    #[default]
    Member,
    /// Such a person, if this commit is what is checked out: a job can check out something else, and nobody says whose that is.
    MemberAt(Point),
    /// Somebody with a fork of it.
    Stranger,
    /// The CI system does not say which.
    Unsaid,
}

impl Author {
    /// By the names or ids of the repository that the change comes from and the one that it is to go to.
    pub fn of_repositories(source: Option<String>, target: Option<String>) -> Self {
        match (source, target) {
            (Some(source), Some(target)) if source == target => Self::Member,
            (Some(_), Some(_)) => Self::Stranger,
            _ => Self::Unsaid,
        }
    }

    /// The same with what is checked out known; `head` is that commit's id.
    pub fn at(self, head: Option<&str>) -> Self {
        match self {
            Self::MemberAt(point) if head == Some(point.rev.as_str()) => Self::Member,
            Self::MemberAt(_) => Self::Unsaid,
            known => known,
        }
    }
}

/// What a CI system says is to be scanned, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The CI system, as it calls itself.
    pub ci: &'static str,
    /// The event in its words.
    pub event: String,
    /// What is scanned.
    pub what: What,
    /// The tag that is pushed, if one is: it may have a message of its own.
    pub tag: Option<Point>,
    /// Where configuration, ignore files and baseline are read.
    pub policy: Policy,
    /// Who wrote the code.
    pub author: Author,
    /// Whether results can be uploaded with the rights that the job has.
    pub may_upload: bool,
    /// Why this is scanned: a sentence fragment.
    pub why: String,
}

/// Why there is no plan: what, and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlan {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
}

impl NoPlan {
    /// Both of its sentences.
    pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }
}

/// The variables of an environment.
pub struct Environment<'a>(pub &'a dyn Fn(&str) -> Option<String>);

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

impl Environment<'_> {
    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    /// Whether a variable says yes.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// The commit that a variable names by its whole id.
    pub fn commit(&self, name: &str) -> Option<Point> {
        Point::commit(self.get(name)?.trim())
    }

    /// The tag that a variable names.
    pub fn tag(&self, name: &str) -> Option<Point> {
        Point::tag(self.get(name)?.trim())
    }

    /// Whether any of these variables is set.
    pub fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }

    /// The branch that a variable names.
    pub fn branch(&self, name: &str) -> Option<Point> {
        Point::branch(self.get(name)?.trim())
    }
}

/// The plan of the CI system whose variables are set. `event` gives the content of the file that GitHub names.
///
/// # Errors
/// No CI system is known by these variables, or what it says cannot be scanned.
pub fn plan(environment: &Environment<'_>, event: impl FnOnce() -> Result<Option<serde_json::Value>, NoPlan>, allows_target: bool) -> Result<Plan, NoPlan> {
    if environment.is_true("GITHUB_ACTIONS") {
        return github::plan(environment, event()?.as_ref(), allows_target);
    }
    let system = systems::SYSTEMS.iter().find(|system| (system.is_here)(environment));
    let unknown = || {
        NoPlan::new(
            "no CI system is known by the environment",
            "give `--base BRANCH` (and `--head COMMIT`) to scan what came after it under its policy, `--scan full` for the whole history, or `--scan tree` for all files; \
             known are GitHub Actions, GitLab CI, Bitbucket Pipelines, Azure Pipelines, CircleCI and Jenkins",
        )
    };
    (system.ok_or_else(unknown)?.plan)(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_a_whole_id() {
        let id = "0123456789abcdef0123456789ABCDEF01234567";
        assert_eq!(Point::commit(id).expect("whole").rev, id.to_ascii_lowercase());
        for id in ["", "HEAD", "0123456", "--upload-pack=x", &"0".repeat(40), &"g".repeat(40)] {
            assert_eq!(Point::commit(id), None, "{id}");
        }
    }

    #[test]
    fn a_branch_name_cannot_be_anything_else() {
        assert_eq!(Point::branch("refs/heads/a/b-1").expect("a name").refspec.as_deref(), Some("+refs/heads/a/b-1:refs/remotes/origin/a/b-1"));
        assert_eq!(Point::branch("main").expect("a name").short(), "origin/main");
        assert_eq!(Point::tag("refs/tags/v1").expect("a name").refspec.as_deref(), Some("+refs/tags/v1:refs/tags/v1"));
        for name in ["", "-x", "a:b", "a*", "a b", "a..b", "a/../b", "a\nb", "/a", "a/", "a//b", "a@{1}", "x.lock", "$(id)", "a/.b", "a/-b", "^a"] {
            assert_eq!(Point::branch(name), None, "{name}");
        }
    }
    #[test]
    fn what_is_typed_is_a_name_of_the_clone_or_a_branch_of_origin() {
        for name in ["main", "origin/main", "refs/remotes/origin/main", "refs/heads/main"] {
            let point = Point::typed(name).expect("a name");
            assert_eq!((point.rev.as_str(), point.tracking()), (name, Some("refs/remotes/origin/main")));
        }
        assert_eq!(Point::typed("HEAD~1").expect("a name").refspec, None);
        assert_eq!(Point::typed(&"a".repeat(40)).expect("an id").tracking(), None);
        assert_eq!(["", "-x", "a b", "a\nb"].map(Point::typed), [const { None }; 4]);
    }

    #[test]
    fn an_author_is_a_member_only_where_that_is_said() {
        let of = |source: &str, target: &str| {
            Author::of_repositories(Some(source.to_owned()).filter(|s| !s.is_empty()), Some(target.to_owned()).filter(|s| !s.is_empty()))
        };
        assert_eq!(
            [of("7", "7"), of("8", "7"), of("", "7"), of("7", ""), of("", "")],
            [Author::Member, Author::Stranger, Author::Unsaid, Author::Unsaid, Author::Unsaid]
        );
        let id = "a".repeat(40);
        let author = || Author::MemberAt(Point::commit(&id).expect("an id"));
        assert_eq!([author().at(Some(&id)), author().at(Some("b")), author().at(None)], [Author::Member, Author::Unsaid, Author::Unsaid]);
        assert_eq!(Author::Stranger.at(Some(&id)), Author::Stranger);
    }
}
