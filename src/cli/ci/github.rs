//! GitHub Actions: the event file decides. Its shapes are those of <https://docs.github.com/actions/reference/events-that-trigger-workflows>.
//!
//! Read are `GITHUB_EVENT_NAME`, `GITHUB_SHA`, `GITHUB_REF`, `GITHUB_ACTOR` and the event's JSON. All of it may be an attacker's: ids and names are
//! checked before anything is done with them. Who wrote what is scanned is told from all that names a pull request or a repository, before the event is
//! looked at: `workflow_run` and `issue_comment` may be about a stranger's code, too.

use serde_json::Value;

use super::plan::{Author, Environment, NoPlan, Plan, Point, Policy, What, is_zeros};

/// The plan for a workflow's event.
pub fn plan(environment: &Environment<'_>, event: Option<&Value>, allows_target: bool) -> Result<Plan, NoPlan> {
    let name = environment.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let none = Value::Null;
    let event = event.unwrap_or(&none);
    let is_robot = environment.get("GITHUB_ACTOR").is_some_and(|actor| actor == "dependabot[bot]");
    let at = environment.commit("GITHUB_SHA").unwrap_or_else(Point::head);
    let mut plan = Plan {
        ci: "GitHub Actions",
        event: name.clone(),
        what: What::Tree(Point::head()),
        tag: None,
        policy: policy(environment, event),
        author: author(environment, event, &name),
        may_upload: !is_robot,
        why: format!("the event `{name}` brings no commits, so that all files are scanned"),
    };
    match name.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment" => pull_request(&mut plan, event, allows_target)?,
        "push" => push(&mut plan, environment, event, at)?,
        "merge_group" => merge_group(&mut plan, event)?,
        "schedule" | "workflow_dispatch" => {
            plan.what = What::History;
            plan.why = format!("the event `{name}` is no change, so that the whole history is scanned");
        }
        _ => {}
    }
    Ok(plan)
}

/// Who wrote what is scanned.
fn author(environment: &Environment<'_>, event: &Value, name: &str) -> Author {
    let full_name = |repository: &Value| repository["full_name"].as_str().map(str::to_owned);
    let (request, run) = (&event["pull_request"], &event["workflow_run"]);
    let (source, target) = match (request.is_object(), run.is_object()) {
        (true, _) => (&request["head"]["repo"], &request["base"]["repo"]),
        (false, true) => (&run["head_repository"], &event["repository"]),
        (false, false) if is_of_request(environment, event) => return Author::Unsaid,
        (false, false) if matches!(name, "push" | "merge_group" | "schedule") => return Author::Member,
        (false, false) => return environment.commit("GITHUB_SHA").map_or(Author::Unsaid, Author::MemberAt),
    };
    // A fork that was deleted is null.
    Author::of_repositories(full_name(source).or_else(|| source.is_null().then(String::new)), full_name(target))
}

/// Whether what is checked out may be a pull request's, though it is not the pull request that started the workflow.
fn is_of_request(environment: &Environment<'_>, event: &Value) -> bool {
    let is_started_by_one = event["workflow_run"]["event"].as_str().is_some_and(|name| name.starts_with("pull_request"));
    let has_some = |value: &Value| value["pull_requests"].as_array().is_some_and(|requests| !requests.is_empty());
    is_started_by_one
        || [&event["pull_request"], &event["issue"]["pull_request"]].iter().any(|request| request.is_object())
        || [&event["workflow_run"], &event["check_run"], &event["check_suite"]].iter().any(|about| has_some(about))
        || environment.get("GITHUB_REF").is_some_and(|name| name.starts_with("refs/pull/"))
}

/// Whose policy counts where the event itself does not decide: of a pull request that of the branch it is to go to, else of the default branch, whose
/// last commit such events name.
fn policy(environment: &Environment<'_>, event: &Value) -> Policy {
    if !is_of_request(environment, event) {
        return Policy::CheckedOut;
    }
    let (request, run) = (&event["pull_request"]["base"]["sha"], &event["workflow_run"]["pull_requests"][0]["base"]["sha"]);
    let told = [request, run].iter().find_map(|id| Point::commit(id.as_str()?));
    // A reference of the pull request itself names a commit of it.
    let is_own = environment.get("GITHUB_REF").is_some_and(|name| name.starts_with("refs/pull/"));
    let named = || environment.commit("GITHUB_SHA").filter(|_| !is_own);
    told.or_else(named).map_or(Policy::OfDefault, Policy::At)
}

fn pull_request(plan: &mut Plan, event: &Value, allows_target: bool) -> Result<(), NoPlan> {
    let request = &event["pull_request"];
    let (from, to) = (commit(&request["base"]["sha"], "pull_request.base.sha")?, commit(&request["head"]["sha"], "pull_request.head.sha")?);
    let is_fork = plan.author != Author::Member;
    if plan.event == "pull_request_target" && is_fork && !allows_target {
        return Err(NoPlan::new(
            "the workflow runs on `pull_request_target` for a pull request of a fork: it holds the repository's secrets and write access, and the code is \
             not trusted",
            "use the event `pull_request`; if the workflow runs nothing of the pull request, --allow-pull-request-target scans it",
        ));
    }
    plan.may_upload &= !is_fork || plan.event == "pull_request_target";
    plan.why = format!("the pull request brings what came after {}, up to {}", from.short(), to.short());
    plan.policy = Policy::At(from.clone());
    plan.what = What::Range { from, to };
    Ok(())
}

fn push(plan: &mut Plan, environment: &Environment<'_>, event: &Value, at: Point) -> Result<(), NoPlan> {
    let name = event["ref"].as_str().map(str::to_owned).or_else(|| environment.get("GITHUB_REF")).unwrap_or_default();
    let after = event["after"].as_str().unwrap_or_default();
    if event["deleted"] == Value::Bool(true) || is_zeros(after) {
        plan.why = "the push deletes a reference and brings no commit, so that all files of what is checked out are scanned".to_owned();
        return Ok(());
    }
    let default = event["repository"]["default_branch"].as_str();
    let to = Point::commit(after).unwrap_or(at);
    let before = event["before"].as_str().and_then(Point::commit);
    let is_default = default.is_some_and(|default| name.strip_prefix("refs/heads/") == Some(default));
    plan.why = match &before {
        Some(before) => format!("the push brings what came after {}, up to {}", before.short(), to.short()),
        None => format!("the push makes a new {}", if name.starts_with("refs/tags/") { "tag" } else { "branch" }),
    };
    plan.tag = if name.starts_with("refs/tags/") { Point::tag(&name) } else { None };
    plan.what = What::Push { before, default: default.and_then(Point::branch), to, is_default };
    Ok(())
}

fn merge_group(plan: &mut Plan, event: &Value) -> Result<(), NoPlan> {
    let group = &event["merge_group"];
    let (from, to) = (commit(&group["base_sha"], "merge_group.base_sha")?, commit(&group["head_sha"], "merge_group.head_sha")?);
    plan.why = format!("the merge group brings what came after {}, up to {}", from.short(), to.short());
    plan.policy = Policy::At(from.clone());
    plan.what = What::Range { from, to };
    Ok(())
}

/// The commit that a field of the event names.
fn commit(value: &Value, field: &str) -> Result<Point, NoPlan> {
    let wrong = || NoPlan::new(format!("the event has no commit id in `{field}`"), "give `--base COMMIT` and `--head COMMIT`, or `--scan tree`");
    value.as_str().and_then(Point::commit).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::ci::plan;

    fn id(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn point(digit: char) -> Point {
        Point::commit(&id(digit)).expect("an id")
    }

    fn of(name: &str, event: Value, allows_target: bool) -> Result<Plan, NoPlan> {
        let sha = id('f');
        let variable = |variable: &str| match variable {
            "GITHUB_ACTIONS" => Some("true".to_owned()),
            "GITHUB_EVENT_NAME" => Some(name.to_owned()),
            "GITHUB_SHA" => Some(sha.clone()),
            _ => None,
        };
        plan::plan(&Environment(&variable), || Ok(Some(event)), allows_target)
    }

    fn request(head: Value) -> Value {
        json!({ "pull_request": {
            "base": { "sha": id('a'), "repo": { "full_name": "o/r" } },
            "head": { "sha": id('b'), "repo": head },
        }})
    }

    #[test]
    fn a_pull_request_is_what_came_after_its_base_under_the_policy_of_the_base() {
        let plan = of("pull_request", request(json!({ "full_name": "o/r" })), false).expect("a plan");
        assert_eq!(plan.what, What::Range { from: point('a'), to: point('b') });
        assert_eq!(plan.policy, Policy::At(point('a')));
        assert_eq!((plan.author, plan.may_upload), (Author::Member, true));
    }

    #[test]
    fn forks_are_told_from_the_repository_even_when_they_are_gone() {
        for head in [json!({ "full_name": "stranger/r" }), Value::Null] {
            let plan = of("pull_request", request(head), false).expect("a plan");
            assert_eq!((plan.author, plan.may_upload), (Author::Stranger, false));
        }
    }

    #[test]
    fn pull_request_target_is_refused_for_forks_unless_it_is_asked_for() {
        let fork = || request(json!({ "full_name": "stranger/r" }));
        assert!(of("pull_request_target", fork(), false).expect_err("refused").help.contains("--allow-pull-request-target"));
        assert_eq!(of("pull_request_target", fork(), true).expect("a plan").author, Author::Stranger);
        assert_eq!(of("pull_request_target", request(json!({ "full_name": "o/r" })), false).expect("a plan").author, Author::Member);
    }

    #[test]
    fn what_another_event_says_of_a_pull_request_counts() {
        let run = |head: Value| json!({ "workflow_run": { "event": "pull_request", "head_repository": head }, "repository": { "full_name": "o/r" } });
        let policy = Policy::At(point('f'));
        for (head, author) in
            [(json!({ "full_name": "stranger/r" }), Author::Stranger), (Value::Null, Author::Stranger), (json!({ "full_name": "o/r" }), Author::Member)]
        {
            let plan = of("workflow_run", run(head), false).expect("a plan");
            assert_eq!((plan.author, plan.policy), (author, policy.clone()));
        }
        let told = json!({ "workflow_run": { "pull_requests": [{ "base": { "sha": id('a') } }] } });
        assert_eq!(of("workflow_run", told, false).expect("a plan").policy, Policy::At(point('a')));
        let comment = of("issue_comment", json!({ "issue": { "pull_request": {} } }), false).expect("a plan");
        assert_eq!((comment.author, comment.policy), (Author::Unsaid, policy));
        let later = of("pull_request_of_the_future", request(json!({ "full_name": "stranger/r" })), false).expect("a plan");
        assert_eq!((later.author, later.policy), (Author::Stranger, Policy::At(point('a'))));
        let dispatched = of("workflow_dispatch", json!({}), false).expect("a plan");
        assert_eq!((dispatched.author, dispatched.policy), (Author::MemberAt(point('f')), Policy::CheckedOut));
        assert_eq!(of("schedule", json!({}), false).expect("a plan").author, Author::Member);
    }

    #[test]
    fn pushes() {
        let push = |before: &str, name: &str| json!({ "ref": name, "before": before, "after": id('b'), "repository": { "default_branch": "main" } });
        let main = Point::branch("main");
        let what = |event| of("push", event, false).expect("a plan").what;
        let expected = |before: Option<Point>, is_default| What::Push { before, default: main.clone(), to: point('b'), is_default };
        assert_eq!(what(push(&id('a'), "refs/heads/topic")), expected(Some(point('a')), false));
        assert_eq!(what(push(&id('a'), "refs/heads/main")), expected(Some(point('a')), true));
        assert_eq!(what(push(&id('0'), "refs/heads/topic")), expected(None, false));
        assert_eq!(what(push(&id('0'), "refs/tags/main")), expected(None, false));
        let deleted = json!({ "ref": "refs/heads/topic", "before": id('a'), "after": id('0'), "deleted": true });
        assert_eq!(what(deleted), What::Tree(Point::head()));
        assert_eq!(of("push", push(&id('a'), "refs/heads/main"), false).expect("a plan").policy, Policy::CheckedOut);
    }

    #[test]
    fn a_merge_group_and_what_is_no_change() {
        let group = json!({ "merge_group": { "base_sha": id('a'), "head_sha": id('b') } });
        let plan = of("merge_group", group, false).expect("a plan");
        assert_eq!((plan.what, plan.policy), (What::Range { from: point('a'), to: point('b') }, Policy::At(point('a'))));
        for event in ["schedule", "workflow_dispatch"] {
            assert_eq!(of(event, json!({}), false).expect("a plan").what, What::History, "{event}");
        }
        for event in ["release", "issues", "workflow_call", ""] {
            assert_eq!(of(event, json!({}), false).expect("a plan").what, What::Tree(Point::head()), "{event}");
        }
    }

    #[test]
    fn what_is_no_id_is_not_taken_for_one() {
        for bad in [json!("--upload-pack=touch /tmp/x"), json!("HEAD"), json!(7), Value::Null, json!(id('0'))] {
            let event = json!({ "pull_request": { "base": { "sha": bad }, "head": { "sha": id('b') } } });
            assert!(of("pull_request", event, false).expect_err("no id").what.contains("pull_request.base.sha"));
        }
        assert!(of("pull_request", Value::Null, false).is_err());
        let push = json!({ "after": id('b'), "before": "$(id)", "repository": { "default_branch": "--exec=x" } });
        assert_eq!(of("push", push, false).expect("a plan").what, What::Push { before: None, default: None, to: point('b'), is_default: false });
    }
}
