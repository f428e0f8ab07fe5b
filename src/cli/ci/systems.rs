//! The other CI systems, by their variables. Where a system does not say what a push replaced, what came after the default branch is scanned.
//!
//! Whether a job is about a change request, and who wrote it, is told from all variables that say so, and not from the name of the event: a job that
//! another one started, or a person, may be about the same change request.

use super::plan::{Author, Environment, NoPlan, Plan, Point, Policy, What};

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
    /// Whether it is about a change request.
    is_request: bool,
    /// Where the change request is to go; with the policy in force there.
    target: Option<Point>,
    /// What the change request was checked to have started from, if that is known better than by the target.
    base: Option<Point>,
    to: Option<Point>,
    before: Option<Point>,
    default: Option<Point>,
    is_default: bool,
    tag: Option<Point>,
    author: Author,
}

impl Facts {
    /// The plan for a change request, or `otherwise`.
    fn plan(self, otherwise: impl FnOnce(Self) -> Plan) -> Plan {
        if self.is_request { self.change_request() } else { otherwise(self) }
    }

    fn change_request(mut self) -> Plan {
        let to = self.to.take().unwrap_or_else(Point::head);
        let (what, why) = match self.base.take().or_else(|| self.target.clone()) {
            Some(from) => {
                let why = format!("the change request brings what came after {}, up to {}", from.short(), to.short());
                (What::Range { from, to }, why)
            }
            None => (What::Push { before: None, default: self.default.take(), to, is_default: false }, "it is a change request".to_owned()),
        };
        let policy = self.target.take().map_or(Policy::OfDefault, Policy::At);
        self.made(what, policy, why)
    }

    fn push(mut self) -> Plan {
        let to = self.to.take().unwrap_or_else(Point::head);
        let why = match &self.before {
            Some(before) => format!("the push brings what came after {}, up to {}", before.short(), to.short()),
            None => format!("the push brings {}", to.short()),
        };
        let what = What::Push { before: self.before.take(), default: self.default.take(), to, is_default: self.is_default };
        self.made(what, Policy::CheckedOut, why)
    }

    fn history(self) -> Plan {
        let why = format!("the event `{}` is no change, so that the whole history is scanned", self.event);
        self.made(What::History, Policy::CheckedOut, why)
    }

    fn tree(self) -> Plan {
        let why = format!("the event `{}` brings no commits, so that all files are scanned", self.event);
        self.made(What::Tree(Point::head()), Policy::CheckedOut, why)
    }

    fn made(self, what: What, policy: Policy, why: String) -> Plan {
        let may_upload = self.author == Author::Member;
        Plan { ci: self.ci, event: self.event, what, tag: self.tag, policy, author: self.author, may_upload, why }
    }
}

/// GitLab CI. `CI_PIPELINE_SOURCE` is the event; a child pipeline has one of its own and all variables of the merge request. Of a merge request:
/// `CI_MERGE_REQUEST_DIFF_BASE_SHA`, `CI_MERGE_REQUEST_TARGET_BRANCH_SHA` (of merged results and merge trains), `CI_MERGE_REQUEST_TARGET_BRANCH_NAME`,
/// `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA`, and of a fork `CI_MERGE_REQUEST_SOURCE_PROJECT_ID` other than `CI_MERGE_REQUEST_PROJECT_ID`. Of a pull request
/// of another host: `CI_EXTERNAL_PULL_REQUEST_…`. Of a push: `CI_COMMIT_BEFORE_SHA`, `CI_COMMIT_SHA`, `CI_COMMIT_BRANCH`, `CI_COMMIT_TAG`,
/// `CI_DEFAULT_BRANCH`.
fn gitlab(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let own = ["CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_ID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID"];
    let external = ["CI_EXTERNAL_PULL_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY"];
    let event = environment.get("CI_PIPELINE_SOURCE").unwrap_or_default();
    let is_own = environment.has_any(&own) || event == "merge_request_event";
    let is_external = environment.has_any(&external) || event == "external_pull_request_event";
    // Only pipelines of change requests have neither.
    let is_nameless = !environment.has_any(&["CI_COMMIT_BRANCH", "CI_COMMIT_TAG"]);
    let pair = |source, target| Author::of_repositories(environment.get(source), environment.get(target));
    let author = match (is_own, is_external) {
        (true, _) => pair("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"),
        (false, true) => pair("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"),
        (false, false) if is_nameless => Author::Unsaid,
        (false, false) => Author::Member,
    };
    let default = environment.get("CI_DEFAULT_BRANCH");
    let commit = |names: &[&str]| names.iter().find_map(|name| environment.commit(name));
    let target = commit(&["CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"]);
    let branches = ["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"];
    let facts = Facts {
        ci: "GitLab CI",
        is_request: is_own || is_external || is_nameless && event == "parent_pipeline",
        event,
        target: target.or_else(|| branches.iter().find_map(|name| environment.branch(name))),
        base: environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        to: commit(&["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"]),
        before: environment.commit("CI_COMMIT_BEFORE_SHA"),
        is_default: default.is_some() && environment.get("CI_COMMIT_BRANCH") == default,
        default: environment.branch("CI_DEFAULT_BRANCH"),
        tag: environment.tag("CI_COMMIT_TAG"),
        author,
    };
    Ok(facts.plan(|facts| match facts.event.as_str() {
        "push" => facts.push(),
        "schedule" | "web" => facts.history(),
        _ => facts.tree(),
    }))
}

/// Bitbucket Pipelines. Of a pull request: `BITBUCKET_PR_ID`, `BITBUCKET_PR_DESTINATION_COMMIT` (often shortened, then of no use),
/// `BITBUCKET_PR_DESTINATION_BRANCH`. Of a push: `BITBUCKET_COMMIT`, `BITBUCKET_TAG`; what it replaced and the default branch are not told. Forks run no
/// pipelines here.
fn bitbucket(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let is_request = environment.has_any(&["BITBUCKET_PR_ID", "BITBUCKET_PR_DESTINATION_COMMIT", "BITBUCKET_PR_DESTINATION_BRANCH"]);
    let facts = Facts {
        ci: "Bitbucket Pipelines",
        event: if is_request { "pull request" } else { "push" }.to_owned(),
        is_request,
        target: environment.commit("BITBUCKET_PR_DESTINATION_COMMIT").or_else(|| environment.branch("BITBUCKET_PR_DESTINATION_BRANCH")),
        to: environment.commit("BITBUCKET_COMMIT"),
        tag: environment.tag("BITBUCKET_TAG"),
        ..Facts::default()
    };
    Ok(facts.plan(Facts::push))
}

/// Azure Pipelines. `BUILD_REASON` is the event. Of a pull request, whatever the reason: `SYSTEM_PULLREQUEST_TARGETBRANCH`,
/// `SYSTEM_PULLREQUEST_SOURCECOMMITID`, `SYSTEM_PULLREQUEST_ISFORK`, `BUILD_SOURCEBRANCH` in `refs/pull/`. Of a push: `BUILD_SOURCEVERSION`,
/// `BUILD_SOURCEBRANCH`; what it replaced and the default branch are not told.
fn azure(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let event = environment.get("BUILD_REASON").unwrap_or_default();
    let branch = environment.get("BUILD_SOURCEBRANCH").unwrap_or_default();
    let of_request = ["SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_TARGETBRANCH", "SYSTEM_PULLREQUEST_SOURCECOMMITID"];
    let is_request = event == "PullRequest" || environment.has_any(&of_request) || branch.starts_with("refs/pull/");
    let author = match environment.get("SYSTEM_PULLREQUEST_ISFORK") {
        Some(says) if says.eq_ignore_ascii_case("false") => Author::Member,
        Some(_) => Author::Stranger,
        None if is_request => Author::Unsaid,
        None => Author::Member,
    };
    let facts = Facts {
        ci: "Azure Pipelines",
        event,
        is_request,
        target: environment.branch("SYSTEM_PULLREQUEST_TARGETBRANCH"),
        to: environment.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID").or_else(|| environment.commit("BUILD_SOURCEVERSION")),
        tag: branch.strip_prefix("refs/tags/").and_then(Point::tag),
        author,
        ..Facts::default()
    };
    Ok(facts.plan(|facts| match facts.event.as_str() {
        "IndividualCI" | "BatchedCI" => facts.push(),
        "Schedule" | "Manual" => facts.history(),
        _ => facts.tree(),
    }))
}

/// CircleCI. `CIRCLE_SHA1`, `CIRCLE_TAG`; `CIRCLE_PULL_REQUEST` for a pull request, and `CIRCLE_PR_NUMBER`, `CIRCLE_PR_REPONAME` or a `CIRCLE_BRANCH` in
/// `pull/` for one of a fork. Where it is to go and what was replaced are not told: `--base` can be given `<< pipeline.git.base_revision >>`.
///
/// A pull request has no build of its own: it shows that of the push, which mostly was before it. So the policy is never that of a branch that is pushed.
fn circle(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let branch = environment.get("CIRCLE_BRANCH").unwrap_or_default();
    let is_fork = environment.has_any(&["CIRCLE_PR_REPONAME", "CIRCLE_PR_NUMBER", "CIRCLE_PR_USERNAME"]) || branch.starts_with("pull/");
    let is_request = is_fork || environment.get("CIRCLE_PULL_REQUEST").is_some();
    let tag = environment.tag("CIRCLE_TAG");
    let author = match (is_fork, is_request) {
        (true, _) => Author::Stranger,
        (false, true) => Author::Member,
        (false, false) if branch.is_empty() && tag.is_none() => Author::Unsaid,
        (false, false) => Author::Member,
    };
    let event = if is_request { "pull request" } else { "push" }.to_owned();
    let facts = Facts { ci: "CircleCI", event, is_request, to: environment.commit("CIRCLE_SHA1"), tag, author, ..Facts::default() };
    let plan = facts.plan(Facts::push);
    let policy = if plan.tag.is_none() { Policy::OfDefault } else { plan.policy.clone() };
    Ok(Plan { policy, ..plan })
}

/// Jenkins. Of a change request: `CHANGE_ID`, `CHANGE_TARGET`, `CHANGE_FORK`; what is checked out may be a merge that only this machine has. Plugins that
/// build change requests in jobs of a single branch have variables of their own. Of a push: `GIT_PREVIOUS_SUCCESSFUL_COMMIT`, `GIT_PREVIOUS_COMMIT`,
/// `GIT_COMMIT`, `BRANCH_IS_PRIMARY`, `TAG_NAME`.
fn jenkins(environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let of_branch_source = environment.has_any(&["CHANGE_ID", "CHANGE_TARGET"]);
    let is_request = of_branch_source || environment.has_any(&["ghprbPullId", "gitlabMergeRequestIid", "GERRIT_CHANGE_NUMBER"]);
    let target = ["CHANGE_TARGET", "ghprbTargetBranch", "gitlabTargetBranch", "GERRIT_BRANCH"];
    let author = match (environment.get("CHANGE_FORK"), is_request) {
        (Some(_), _) => Author::Stranger,
        (None, true) if !of_branch_source => Author::Unsaid,
        (None, _) => Author::Member,
    };
    let facts = Facts {
        ci: "Jenkins",
        event: if is_request { "change request" } else { "push" }.to_owned(),
        is_request,
        target: target.iter().filter(|_| is_request).find_map(|name| environment.branch(name)),
        before: environment.commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT").or_else(|| environment.commit("GIT_PREVIOUS_COMMIT")),
        is_default: environment.is_true("BRANCH_IS_PRIMARY"),
        tag: environment.tag("TAG_NAME"),
        author,
        ..Facts::default()
    };
    Ok(facts.plan(Facts::push))
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
        assert_eq!((plan.policy, plan.author), (Policy::At(Point::branch("main").expect("a name")), Author::Member));
        let merged = of(&[request.as_slice(), &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", C), ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", A)]].concat());
        assert_eq!(merged.what, What::Range { from: commit(A), to: commit(C) });
        assert_eq!(merged.policy, Policy::At(commit(A)));
        let fork = of(&[&[("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "8")], request.as_slice()].concat());
        assert_eq!(fork.author, Author::Stranger);
        // Whatever started the pipeline, it is about the same merge request.
        for source in ["parent_pipeline", "api", "trigger", "pipeline", "web", "schedule", "push", "chat", "later"] {
            let child = of(&[&[("CI_PIPELINE_SOURCE", source), ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "8")], request.as_slice()].concat());
            assert_eq!((child.what, child.policy, child.author), (fork.what.clone(), fork.policy.clone(), Author::Stranger), "{source}");
        }
        let unsaid: Vec<_> = request.iter().copied().filter(|(name, _)| !name.ends_with("_ID")).collect();
        assert_eq!(of(&unsaid).author, Author::Unsaid);
        let external = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "external_pull_request_event"),
            ("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "stranger/project"),
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "owner/project"),
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "release"),
            ("CI_COMMIT_SHA", B),
        ];
        let plan = of(&external);
        assert_eq!((plan.policy, plan.author), (Policy::At(Point::branch("release").expect("a name")), Author::Stranger));
        let nameless = of(&[("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "parent_pipeline")]);
        assert_eq!((nameless.policy, nameless.author), (Policy::OfDefault, Author::Unsaid));
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
        assert_eq!(plan.author, Author::Stranger);
        for reason in ["Manual", "ResourceTrigger", "BuildCompletion", "Schedule", "IndividualCI"] {
            let other = of(&[&[("BUILD_REASON", reason)], request.as_slice()].concat());
            assert_eq!((other.what, other.policy, other.author), (plan.what.clone(), plan.policy.clone(), Author::Stranger), "{reason}");
        }
        let by_hand = of(&[("TF_BUILD", "True"), ("BUILD_REASON", "Manual"), ("BUILD_SOURCEBRANCH", "refs/pull/3/merge")]);
        assert_eq!((by_hand.policy, by_hand.author), (Policy::OfDefault, Author::Unsaid));
        let pushed = [("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEVERSION", C)];
        assert_eq!(of(&pushed).what, push(None, None, commit(C), false));
        assert_eq!(of(&[("TF_BUILD", "True"), ("BUILD_REASON", "Schedule")]).what, What::History);
    }

    #[test]
    fn circle_and_jenkins() {
        let plan = of(&[("CIRCLECI", "true"), ("CIRCLE_SHA1", B), ("CIRCLE_PULL_REQUEST", "https://example.org/1"), ("CIRCLE_PR_REPONAME", "r")]);
        assert_eq!(plan.what, push(None, None, commit(B), false));
        assert_eq!((plan.policy, plan.author), (Policy::OfDefault, Author::Stranger));
        assert_eq!(of(&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "pull/3")]).author, Author::Stranger);
        let pushed = of(&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "topic")]);
        assert_eq!((pushed.policy, pushed.author), (Policy::OfDefault, Author::Member));
        assert_eq!(of(&[("CIRCLECI", "true"), ("CIRCLE_TAG", "v1")]).policy, Policy::CheckedOut);
        assert_eq!(of(&[("CIRCLECI", "true")]).author, Author::Unsaid);
        let plan = of(&[("JENKINS_URL", "x"), ("CHANGE_ID", "3"), ("CHANGE_TARGET", "main"), ("CHANGE_FORK", "stranger")]);
        assert_eq!(plan.what, What::Range { from: Point::branch("main").expect("a name"), to: Point::head() });
        assert_eq!(plan.author, Author::Stranger);
        for request in [("ghprbPullId", "ghprbTargetBranch"), ("gitlabMergeRequestIid", "gitlabTargetBranch"), ("GERRIT_CHANGE_NUMBER", "GERRIT_BRANCH")] {
            let plan = of(&[("JENKINS_URL", "x"), (request.0, "3"), (request.1, "main")]);
            assert_eq!((plan.policy, plan.author), (Policy::At(Point::branch("main").expect("a name")), Author::Unsaid), "{request:?}");
        }
        let pushed = [("JENKINS_URL", "x"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", A), ("GIT_COMMIT", B)];
        assert_eq!(of(&pushed).what, push(Some(A), None, Point::head(), false));
    }

    #[test]
    fn an_unknown_system_is_told_what_it_can_be_told() {
        let error = plan::plan(&Environment(&|_| None), || Ok(None), false).expect_err("no CI");
        assert!(error.help.contains("--base") && error.help.contains("--scan tree"), "{}", error.help);
    }
}
