//! The other CI systems, by their variables. Where a system does not say what a push replaced, what came after the default branch is scanned.

use super::plan::{Environment, NoPlan, Plan, Point, Policy, What};

/// A CI system.
pub struct System {
    /// Whether its variables are set.
    pub is_here: fn(&Environment<'_>) -> bool,
    /// What it says.
    pub plan: fn(&Environment<'_>) -> Result<Plan, NoPlan>,
}

/// All that are known, besides GitHub.
pub const SYSTEMS: &[System] = &[
    System { is_here: |environment| environment.is_true("GITLAB_CI"), plan: gitlab },
    System { is_here: |environment| environment.get("BITBUCKET_BUILD_NUMBER").is_some(), plan: bitbucket },
    System { is_here: |environment| environment.is_true("TF_BUILD"), plan: azure },
    System { is_here: |environment| environment.is_true("CIRCLECI"), plan: circle },
    System { is_here: |environment| environment.get("JENKINS_URL").is_some(), plan: jenkins },
];

/// What most of them have in common.
#[derive(Default)]
struct Facts {
    ci: &'static str,
    event: String,
    /// Where a change request is to go, if there is one; with the policy in force there.
    target: Option<Point>,
    /// What the change request was checked to have started from, if that is known better than by the target.
    base: Option<Point>,
    to: Option<Point>,
    before: Option<Point>,
    default: Option<Point>,
    is_default: bool,
    is_fork: bool,
}

impl Facts {
    fn change_request(self) -> Plan {
        let to = self.to.unwrap_or_else(Point::head);
        let (what, why) = match self.base.or_else(|| self.target.clone()) {
            Some(from) => {
                let why = format!("the change request brings what came after {}, up to {}", from.short(), to.short());
                (What::Range { from, to }, why)
            }
            None => (What::Push { before: None, default: self.default.clone(), to, is_default: false }, "it is a change request".to_owned()),
        };
        let policy = self.target.map_or(Policy::AtBase, Policy::At);
        Plan { ci: self.ci, event: self.event, what, policy, is_fork: self.is_fork, may_upload: !self.is_fork, why }
    }

    fn push(self) -> Plan {
        let to = self.to.unwrap_or_else(Point::head);
        let why = match &self.before {
            Some(before) => format!("the push brings what came after {}, up to {}", before.short(), to.short()),
            None => format!("the push brings {}", to.short()),
        };
        let what = What::Push { before: self.before, default: self.default, to, is_default: self.is_default };
        Plan { ci: self.ci, event: self.event, what, policy: Policy::CheckedOut, is_fork: self.is_fork, may_upload: true, why }
    }

    fn history(self) -> Plan {
        let why = format!("the event `{}` is no change, so that the whole history is scanned", self.event);
        Plan { ci: self.ci, event: self.event, what: What::History, policy: Policy::CheckedOut, is_fork: false, may_upload: true, why }
    }

    fn tree(self) -> Plan {
        let why = format!("the event `{}` brings no commits, so that all files are scanned", self.event);
        Plan { ci: self.ci, event: self.event, what: What::Tree(Point::head()), policy: Policy::CheckedOut, is_fork: false, may_upload: true, why }
    }
}

/// GitLab CI. `CI_PIPELINE_SOURCE` is the event. Of a merge request: `CI_MERGE_REQUEST_DIFF_BASE_SHA`, `CI_MERGE_REQUEST_TARGET_BRANCH_SHA` (of merged
/// results and merge trains), `CI_MERGE_REQUEST_TARGET_BRANCH_NAME`, `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA`, and of a fork
/// `CI_MERGE_REQUEST_SOURCE_PROJECT_ID` other than `CI_MERGE_REQUEST_PROJECT_ID`. Of a push: `CI_COMMIT_BEFORE_SHA`, `CI_COMMIT_SHA`,
/// `CI_COMMIT_BRANCH`, `CI_DEFAULT_BRANCH`.
fn gitlab(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let (source, target) = (environment.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), environment.get("CI_MERGE_REQUEST_PROJECT_ID"));
    let default = environment.get("CI_DEFAULT_BRANCH");
    let facts = Facts {
        ci: "GitLab CI",
        event: environment.get("CI_PIPELINE_SOURCE").unwrap_or_default(),
        target: environment.commit("CI_MERGE_REQUEST_TARGET_BRANCH_SHA").or_else(|| environment.branch("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")),
        base: environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        to: environment.commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| environment.commit("CI_COMMIT_SHA")),
        before: environment.commit("CI_COMMIT_BEFORE_SHA"),
        is_default: default.is_some() && environment.get("CI_COMMIT_BRANCH") == default,
        default: environment.branch("CI_DEFAULT_BRANCH"),
        is_fork: source.is_some() && source != target,
    };
    Ok(match facts.event.as_str() {
        "merge_request_event" | "external_pull_request_event" => facts.change_request(),
        "push" => facts.push(),
        "schedule" | "web" => facts.history(),
        _ => facts.tree(),
    })
}

/// Bitbucket Pipelines. Of a pull request: `BITBUCKET_PR_ID`, `BITBUCKET_PR_DESTINATION_COMMIT` (often shortened, then of no use),
/// `BITBUCKET_PR_DESTINATION_BRANCH`. Of a push: `BITBUCKET_COMMIT`; what it replaced and the default branch are not told. Forks run no pipelines here.
fn bitbucket(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let is_request = environment.get("BITBUCKET_PR_ID").is_some();
    let facts = Facts {
        ci: "Bitbucket Pipelines",
        event: if is_request { "pull request" } else { "push" }.to_owned(),
        target: environment.commit("BITBUCKET_PR_DESTINATION_COMMIT").or_else(|| environment.branch("BITBUCKET_PR_DESTINATION_BRANCH")),
        to: environment.commit("BITBUCKET_COMMIT"),
        ..Facts::default()
    };
    Ok(if is_request { facts.change_request() } else { facts.push() })
}

/// Azure Pipelines. `BUILD_REASON` is the event. Of a pull request: `SYSTEM_PULLREQUEST_TARGETBRANCH`, `SYSTEM_PULLREQUEST_SOURCECOMMITID`,
/// `SYSTEM_PULLREQUEST_ISFORK`. Of a push: `BUILD_SOURCEVERSION`; what it replaced and the default branch are not told.
fn azure(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let facts = Facts {
        ci: "Azure Pipelines",
        event: environment.get("BUILD_REASON").unwrap_or_default(),
        target: environment.branch("SYSTEM_PULLREQUEST_TARGETBRANCH"),
        to: environment.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID").or_else(|| environment.commit("BUILD_SOURCEVERSION")),
        is_fork: environment.is_true("SYSTEM_PULLREQUEST_ISFORK"),
        ..Facts::default()
    };
    Ok(match facts.event.as_str() {
        "PullRequest" => facts.change_request(),
        "IndividualCI" | "BatchedCI" => facts.push(),
        "Schedule" | "Manual" => facts.history(),
        _ => facts.tree(),
    })
}

/// CircleCI. `CIRCLE_SHA1`; `CIRCLE_PULL_REQUEST` for a pull request and `CIRCLE_PR_NUMBER` or `CIRCLE_PR_REPONAME` for one of a fork. Where it is to go
/// and what was replaced are not told: `--base` can be given `<< pipeline.git.base_revision >>`.
fn circle(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let is_fork = environment.get("CIRCLE_PR_REPONAME").is_some() || environment.get("CIRCLE_PR_NUMBER").is_some();
    let is_request = is_fork || environment.get("CIRCLE_PULL_REQUEST").is_some();
    let event = if is_request { "pull request" } else { "push" }.to_owned();
    let facts = Facts { ci: "CircleCI", event, to: environment.commit("CIRCLE_SHA1"), is_fork, ..Facts::default() };
    Ok(if is_request { facts.change_request() } else { facts.push() })
}

/// Jenkins. Of a change request: `CHANGE_ID`, `CHANGE_TARGET`, `CHANGE_FORK`; what is checked out may be a merge that only this machine has. Of a push:
/// `GIT_PREVIOUS_SUCCESSFUL_COMMIT`, `GIT_PREVIOUS_COMMIT`, `GIT_COMMIT`, `BRANCH_IS_PRIMARY`.
fn jenkins(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let is_request = environment.get("CHANGE_ID").is_some();
    let facts = Facts {
        ci: "Jenkins",
        event: if is_request { "change request" } else { "push" }.to_owned(),
        target: environment.branch("CHANGE_TARGET"),
        to: None,
        before: environment.commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT").or_else(|| environment.commit("GIT_PREVIOUS_COMMIT")),
        is_default: environment.is_true("BRANCH_IS_PRIMARY"),
        is_fork: environment.get("CHANGE_FORK").is_some(),
        ..Facts::default()
    };
    Ok(if is_request { facts.change_request() } else { facts.push() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ci::plan;

    fn of(environment: &[(&str, &str)]) -> Plan {
        let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        plan::plan(&Environment(&variable), || Ok(None), false).expect("a plan")
    }

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const C: &str = "cccccccccccccccccccccccccccccccccccccccc";
    const ZEROS: &str = "0000000000000000000000000000000000000000";

    fn commit(id: &str) -> Point {
        Point::commit(id).expect("an id")
    }

    fn push(before: Option<&str>, default: Option<&str>, to: Point, is_default: bool) -> What {
        What::Push { before: before.map(commit), default: default.and_then(Point::branch), to, is_default }
    }

    #[test]
    fn gitlab_pipelines() {
        let request = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", A),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "7"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
            ("CI_COMMIT_SHA", B),
            ("CI_COMMIT_BEFORE_SHA", ZEROS),
        ];
        let plan = of(&request);
        assert_eq!(plan.what, What::Range { from: commit(A), to: commit(B) });
        assert_eq!((plan.policy, plan.is_fork), (Policy::At(Point::branch("main").expect("a name")), false));
        let merged = of(&[request.as_slice(), &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", C), ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", A)]].concat());
        assert_eq!(merged.what, What::Range { from: commit(A), to: commit(C) });
        assert_eq!(merged.policy, Policy::At(commit(A)));
        let fork = of(&[&[("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "8")], request.as_slice()].concat());
        assert!(fork.is_fork);
        let branch = |before, name| {
            let pushed = [("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BEFORE_SHA", before), ("CI_COMMIT_SHA", B)];
            of(&[pushed.as_slice(), &[("CI_COMMIT_BRANCH", name), ("CI_DEFAULT_BRANCH", "main")]].concat()).what
        };
        assert_eq!(branch(A, "topic"), push(Some(A), Some("main"), commit(B), false));
        assert_eq!(branch(ZEROS, "main"), push(None, Some("main"), commit(B), true));
        assert_eq!(of(&[("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "schedule")]).what, What::History);
        assert_eq!(of(&[("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "trigger")]).what, What::Tree(Point::head()));
    }

    #[test]
    fn bitbucket_pipelines() {
        let request = [
            ("BITBUCKET_BUILD_NUMBER", "1"),
            ("BITBUCKET_PR_ID", "3"),
            ("BITBUCKET_PR_DESTINATION_COMMIT", "aaaaaaaaaaaa"),
            ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
            ("BITBUCKET_COMMIT", B),
        ];
        let plan = of(&request);
        let main = Point::branch("main").expect("a name");
        assert_eq!(plan.what, What::Range { from: main.clone(), to: commit(B) });
        assert_eq!(plan.policy, Policy::At(main));
        assert_eq!(of(&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", B)]).what, push(None, None, commit(B), false));
    }

    #[test]
    fn azure_pipelines() {
        let request = [
            ("TF_BUILD", "True"),
            ("BUILD_REASON", "PullRequest"),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", B),
            ("SYSTEM_PULLREQUEST_ISFORK", "True"),
            ("BUILD_SOURCEVERSION", C),
        ];
        let plan = of(&request);
        assert_eq!(plan.what, What::Range { from: Point::branch("main").expect("a name"), to: commit(B) });
        assert!(plan.is_fork);
        let pushed = [("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEVERSION", C)];
        assert_eq!(of(&pushed).what, push(None, None, commit(C), false));
        assert_eq!(of(&[("TF_BUILD", "True"), ("BUILD_REASON", "Schedule")]).what, What::History);
    }

    #[test]
    fn circle_and_jenkins() {
        let plan = of(&[("CIRCLECI", "true"), ("CIRCLE_SHA1", B), ("CIRCLE_PULL_REQUEST", "https://example.org/1"), ("CIRCLE_PR_REPONAME", "r")]);
        assert_eq!(plan.what, push(None, None, commit(B), false));
        assert_eq!(plan.policy, Policy::AtBase);
        assert!(plan.is_fork);
        let plan = of(&[("JENKINS_URL", "x"), ("CHANGE_ID", "3"), ("CHANGE_TARGET", "main"), ("CHANGE_FORK", "stranger")]);
        assert_eq!(plan.what, What::Range { from: Point::branch("main").expect("a name"), to: Point::head() });
        assert!(plan.is_fork);
        let pushed = [("JENKINS_URL", "x"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", A), ("GIT_COMMIT", B)];
        assert_eq!(of(&pushed).what, push(Some(A), None, Point::head(), false));
    }

    #[test]
    fn an_unknown_system_is_told_what_it_can_be_told() {
        let error = plan::plan(&Environment(&|_| None), || Ok(None), false).expect_err("no CI");
        assert!(error.help.contains("--base") && error.help.contains("--scan tree"), "{}", error.help);
    }
}
