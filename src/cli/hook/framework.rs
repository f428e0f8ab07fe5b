//! What the pre-commit framework and prek want scanned, told by the environment that they make.
//!
//! Both stage nothing for `run --all-files`, name no commits at the first push to an empty remote, and show nothing else that tells these apart from a
//! commit; so the index is asked, too, and where nothing is staged everything that is tracked is scanned. Never nothing.

use super::args::Stage;
use crate::git::{RangeSpec, Remote};

/// What is to be scanned.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// A range that somebody asked for; an empty one is a mistake.
    Range(RangeSpec),
    /// What a push brings; if that is nothing that the remote does not have, it passes.
    Push(RangeSpec),
    /// What a push brings to a remote of which only its branches here are known; if that is nothing, what is tracked.
    FirstPush(RangeSpec),
    /// What is staged; if that is nothing, what is tracked.
    StagedOrTracked,
    /// What is tracked.
    Tracked,
}

/// Reads the environment: `variable` gives the value of one that is set.
pub fn plan(stage: Option<Stage>, variable: impl Fn(&str) -> Option<String>) -> Plan {
    let either = |new: &str, old: &str| variable(new).or_else(|| variable(old)).filter(|value| !value.is_empty());
    let from = either("PRE_COMMIT_FROM_REF", "PRE_COMMIT_ORIGIN").filter(|id| !id.bytes().all(|byte| byte == b'0'));
    let to = either("PRE_COMMIT_TO_REF", "PRE_COMMIT_SOURCE");
    let remote = variable("PRE_COMMIT_REMOTE_NAME");
    let local = variable("PRE_COMMIT_LOCAL_BRANCH");
    let is_running_push = remote.is_some() || local.is_some() || variable("PRE_COMMIT_REMOTE_BRANCH").is_some();
    let is_push = is_running_push || stage == Some(Stage::PrePush) || variable("PREK_HOOK_STAGE").as_deref() == Some("pre-push");
    match (from, to) {
        (Some(from), to) => {
            let range = RangeSpec { from: vec![from], to: to.unwrap_or_else(|| "HEAD".to_owned()), ..RangeSpec::default() };
            if is_push { Plan::Push(range) } else { Plan::Range(range) }
        }
        (None, to) if is_running_push => {
            let address = variable("PRE_COMMIT_REMOTE_URL");
            let remotes = remote.filter(|name| Some(name) != address.as_ref()).map(|name| Remote { name, address }).into_iter().collect();
            Plan::FirstPush(RangeSpec { remotes, to: to.or(local).unwrap_or_else(|| "HEAD".to_owned()), ..RangeSpec::default() })
        }
        // By hand, for a push that is not going on: then nothing says what it would bring.
        (None, _) if is_push => Plan::Tracked,
        (None, _) => Plan::StagedOrTracked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stage: Option<Stage>, environment: &[(&str, &str)]) -> Plan {
        plan(stage, |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn range(from: &[&str], remotes: &[&str], to: &str) -> RangeSpec {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let remote = |name: &&str| Remote { name: (*name).to_owned(), address: Some("../r.git".to_owned()) };
        RangeSpec { from: owned(from), remotes: remotes.iter().map(remote).collect(), to: to.to_owned(), ..RangeSpec::default() }
    }

    #[test]
    fn each_environment_of_the_frameworks_has_its_plan() {
        let commit = [("PRE_COMMIT", "1"), ("GIT_INDEX_FILE", ".git/index")];
        assert_eq!(of(None, &commit), Plan::StagedOrTracked);
        let asked = [("PRE_COMMIT_FROM_REF", "HEAD~1"), ("PRE_COMMIT_ORIGIN", "HEAD~1"), ("PRE_COMMIT_SOURCE", "HEAD"), ("PRE_COMMIT_TO_REF", "HEAD")];
        assert_eq!(of(None, &asked), Plan::Range(range(&["HEAD~1"], &[], "HEAD")));
        assert_eq!(of(Some(Stage::PrePush), &asked), Plan::Push(range(&["HEAD~1"], &[], "HEAD")));
        let push = [("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_REMOTE_URL", "../r.git"), ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")];
        let first = Plan::FirstPush(range(&[], &["origin"], "refs/heads/main"));
        assert_eq!(of(None, &push), first);
        assert_eq!(of(Some(Stage::PrePush), &push), first);
        let update = [push.as_slice(), &[("PRE_COMMIT_FROM_REF", "aa"), ("PRE_COMMIT_TO_REF", "bb")]].concat();
        assert_eq!(of(None, &update), Plan::Push(range(&["aa"], &[], "bb")));
        let by_prek = [push.as_slice(), &[("PREK_HOOK_STAGE", "pre-push"), ("PRE_COMMIT_TO_REF", "bb")]].concat();
        assert_eq!(of(None, &by_prek), Plan::FirstPush(range(&[], &["origin"], "bb")));
        let by_address = [("PRE_COMMIT_REMOTE_NAME", "../r.git"), ("PRE_COMMIT_REMOTE_URL", "../r.git")];
        assert_eq!(of(None, &by_address), Plan::FirstPush(range(&[], &[], "HEAD")));
    }

    #[test]
    fn a_push_that_is_not_going_on_scans_what_is_tracked() {
        assert_eq!(of(Some(Stage::PrePush), &[]), Plan::Tracked);
        assert_eq!(of(None, &[("PREK_HOOK_STAGE", "pre-push")]), Plan::Tracked);
        assert_eq!(of(Some(Stage::Manual), &[("PREK_HOOK_STAGE", "manual")]), Plan::StagedOrTracked);
    }

    #[test]
    fn zeros_name_no_commit() {
        let zeros = "0".repeat(40);
        assert_eq!(of(None, &[("PRE_COMMIT_FROM_REF", &zeros), ("PRE_COMMIT_TO_REF", "bb")]), Plan::StagedOrTracked);
    }
}
