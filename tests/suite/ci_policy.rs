//! What a change request cannot decide about itself: whose policy counts, and whether providers are asked about its keys. In clones of a bare `origin`,
//! with the variables and events of the CI systems.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::common::action::{World, request, with_request};
use crate::common::{mistral, mistral_line};
use serde_json::json;

/// A configuration that accepts everything.
const ACCEPTS_ALL: &str = "[[allow]]\npaths = [\"**\"]\n";

mod files_by_another_name {
    use super::*;

    #[test]
    fn a_link_to_the_work_tree_brings_no_policy_of_the_change() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(1)), (".keysift.toml", ACCEPTS_ALL), ("ci/k.toml", ACCEPTS_ALL)], 1);
        let (clone, top) = (world.clone_path(), world.repo.tree.path().to_owned());
        symlink(&clone, top.join("link")).expect("links can be made");
        symlink(clone.join("ci"), top.join("folder")).expect("links can be made");
        symlink(clone.join("ci/k.toml"), top.join("k.toml")).expect("links can be made");
        for name in ["link/.keysift.toml", "link/ci/../ci/k.toml", "folder/k.toml", "folder/../.keysift.toml", "k.toml"] {
            let config = top.join(name).display().to_string();
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[("config", &config)]).ends_with(1);
            step.says("does not count");
        }
        if cfg!(target_os = "linux") {
            world.scan("pull_request", &request(&base, &head, "owner/project"), &[("config", "/proc/self/cwd/ci/k.toml")]).ends_with(1);
        }
        let baseline = top.join("link/ci/k.toml").display().to_string();
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[("baseline", &baseline)]).ends_with(1).says("does not count");
    }

    #[test]
    fn what_lies_elsewhere_on_the_machine_counts() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(2))], 1);
        world.repo.tree.write("central.toml", ACCEPTS_ALL);
        let config = world.repo.tree.path().join("central.toml").display().to_string();
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[("config", &config)]).ends_with(0);
        assert!(!step.run.err().contains("central.toml at "), "{}", step.run.err());
    }

    #[test]
    fn links_of_the_commit_are_followed_inside_of_it() {
        let world = World::new();
        world.repo.write("conf/k.toml", "[[allow]]\npaths = [\"fixtures/**\"]\n");
        world.repo.write("conf/ignored", "ignored/\n");
        symlink("conf", world.repo.path().join("linked")).expect("links can be made");
        symlink("./linked/../linked/k.toml", world.repo.path().join(".keysift.toml")).expect("links can be made");
        symlink("conf/ignored", world.repo.path().join(".keysiftignore")).expect("links can be made");
        world.repo.commit("links");
        let base = world.push("main");
        world.branch("topic", "main");
        world.commit("fixtures/a.env", &mistral_line(3));
        world.commit("ignored/b.env", &mistral_line(4));
        world.commit("conf/k.toml", ACCEPTS_ALL);
        let head = world.id("HEAD");
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        let event = request(&base, &head, "owner/project");
        for inputs in [[("config", "")], [("config", ".keysift.toml")], [("config", "linked/k.toml")]] {
            let step = world.scan("pull_request", &event, &inputs).ends_with(1);
            assert_eq!(step.says("conf/k.toml (changed)").output("findings"), "1");
        }
        world.scan("pull_request", &event, &[("scan", "tree")]).ends_with(0).says("Suppressed: 1");
    }

    #[test]
    fn a_link_that_leads_out_of_the_commit_is_no_policy() {
        for target in ["../outside.toml", "/etc/hostname", "nowhere", ".keysift.toml"] {
            let world = World::new();
            symlink(target, world.repo.path().join(".keysift.toml")).expect("links can be made");
            world.repo.commit("a link");
            let base = world.push("main");
            world.branch("topic", "main");
            let head = world.commit("b.txt", "clean\n");
            world.pull_request("topic");
            world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
            world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(2).says("a link on the way to it");
        }
    }

    #[test]
    fn a_policy_that_a_partial_clone_does_not_have_makes_the_scan_incomplete() {
        let world = World::new();
        world.repo.git_in("origin.git", &["config", "uploadpack.allowFilter", "true"]);
        world.commit(".keysift.toml", "[[allow]]\npaths = [\"x\"]\n");
        let base = world.push("main");
        world.branch("topic", "main");
        let head = world.commit(".keysift.toml", ACCEPTS_ALL);
        world.push("topic");
        let origin = format!("file://{}/origin.git", world.repo.tree.path().display());
        world.repo.git_in("", &["clone", "-q", "--filter=blob:none", "-b", "topic", &origin, "clone"]);
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(3);
        step.says(".keysift.toml: cannot be read").says("this clone is partial");
    }

    #[test]
    fn a_named_file_that_is_nowhere_is_wrong_usage() {
        let (world, base, head) = with_request(&[("b.txt", "clean\n"), ("own.toml", "")], 1);
        for (input, name, code) in [("config", "nope.toml", 2), ("baseline", "nope", 2), ("config", "own.toml", 0), ("config", "/nope.toml", 2)] {
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[(input, name)]);
            step.ends_with(code).says(name);
        }
    }
}

/// What GitLab sets in a job of a merge request whose event is `source`, from a fork if `project` is not 7.
fn merge_request<'a>(base: &'a str, head: &'a str, source: &'a str, project: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", source),
        ("CI_COMMIT_SHA", head),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_MERGE_REQUEST_IID", "1"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", project),
        ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
    ]
}

mod jobs_by_another_name {
    use super::*;

    #[test]
    fn a_merge_request_is_one_in_every_pipeline() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(10)), (".keysift.toml", ACCEPTS_ALL), ("a.env", "clean\n")], 1);
        for source in ["merge_request_event", "parent_pipeline", "api", "trigger", "web", "schedule"] {
            let run = world.ci(&merge_request(&base, &head, source, "7"), &[]).expect(1);
            assert!(run.err().contains(".keysift.toml (added)") && run.err().contains("of 3 commits"), "{source}: {}", run.err());
        }
    }

    #[test]
    fn a_pull_request_is_one_whatever_the_reason_of_the_build() {
        let (world, _, head) = with_request(&[("a.env", &mistral_line(11)), (".keysift.toml", ACCEPTS_ALL)], 1);
        for reason in ["PullRequest", "Manual", "ResourceTrigger", "BuildCompletion"] {
            let target = ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main");
            world.ci(&[("TF_BUILD", "True"), ("BUILD_REASON", reason), ("BUILD_SOURCEVERSION", &head), target], &[]).expect(1);
        }
        // Nothing but the reference says that it is one, and nothing where it is to go.
        let by_hand = [("TF_BUILD", "True"), ("BUILD_REASON", "Manual"), ("BUILD_SOURCEBRANCH", "refs/pull/1/merge")];
        assert!(world.ci(&by_hand, &[]).expect(1).err().contains(".keysift.toml (added)"));
    }

    #[test]
    fn a_workflow_that_another_one_started_has_the_policy_of_the_default_branch() {
        let (world, _, _) = with_request(&[("a.env", &mistral_line(12)), (".keysift.toml", ACCEPTS_ALL)], 1);
        let repository = json!({ "full_name": "owner/project", "default_branch": "main" });
        let run = json!({ "workflow_run": { "event": "pull_request", "head_repository": { "full_name": "stranger/project" } }, "repository": repository });
        world.scan("workflow_run", &run, &[]).ends_with(1).says(".keysift.toml (added)");
        let comment = json!({ "issue": { "number": 1, "pull_request": {} }, "repository": repository });
        world.scan("issue_comment", &comment, &[]).ends_with(1).says(".keysift.toml (added)");
    }

    #[test]
    fn no_provider_is_asked_about_the_keys_of_a_fork_or_of_nobody_knows_whom() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(13))], 1);
        // Should one be asked all the same, it is nobody.
        let nobody = ("HTTPS_PROXY", "http://127.0.0.1:9");
        let ask = |variables: &[(&str, &str)], says: &str| {
            let run = world.ci(&[variables, &[nobody]].concat(), &["--confirm", "--fail-on", "live"]).expect(1);
            assert!(run.err().contains("no provider is asked") && run.err().contains(says) && !run.err().contains("confirmed:"), "{}", run.err());
        };
        for source in ["merge_request_event", "parent_pipeline", "web"] {
            ask(&merge_request(&base, &head, source, "8"), "comes from a fork");
        }
        let external = [("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "external_pull_request_event"), ("CI_COMMIT_SHA", head.as_str())];
        let repositories =
            [("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY", "stranger/project"), ("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY", "owner/project")];
        ask(&[external.as_slice(), &repositories].concat(), "comes from a fork");
        ask(&external, "nothing says");
        let azure = [("TF_BUILD", "True"), ("BUILD_REASON", "Manual"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "main")];
        ask(&[azure.as_slice(), &[("SYSTEM_PULLREQUEST_ISFORK", "True")]].concat(), "comes from a fork");
        ask(&azure, "nothing says");
        let unknown = world.ci(&[nobody], &["--confirm", "--base", "main"]).expect(1);
        assert!(unknown.err().contains("nothing says"), "{}", unknown.err());

        let run = json!({ "workflow_run": { "event": "pull_request", "head_repository": { "full_name": "stranger/project" } },
                          "repository": { "full_name": "owner/project", "default_branch": "main" } });
        world.scan("workflow_run", &run, &[("confirm", "true")]).ends_with(1).says("comes from a fork");
        world.scan("workflow_dispatch", &json!({}), &[("confirm", "true")]).ends_with(1).says("nothing says");
    }
}

mod ranges_and_policies {
    use super::*;

    #[test]
    fn a_base_chooses_the_range_and_not_the_policy() {
        let (world, base, head) = with_request(&[(".keysift.toml", ACCEPTS_ALL), ("a.env", &mistral_line(20))], 0);
        let own = format!("{head}~1");
        let event = request(&base, &head, "owner/project");
        world.scan("pull_request", &event, &[("base", &own)]).ends_with(1).says("of 1 commit").says(".keysift.toml (added)");
        let circle = [("CIRCLECI", "true"), ("CIRCLE_SHA1", head.as_str()), ("CIRCLE_PULL_REQUEST", "https://example.org/1")];
        let run = world.ci(&circle, &["--base", &own]).expect(1);
        assert!(run.err().contains("of 1 commit") && run.err().contains(".keysift.toml (added)"), "{}", run.err());
        // What a push was found to be stands for the pull request that is opened afterwards.
        let pushed = [("CIRCLECI", "true"), ("CIRCLE_SHA1", head.as_str()), ("CIRCLE_BRANCH", "topic")];
        world.ci(&pushed, &[]).expect(1);
        // There was no commit before the first one.
        world.ci(&circle, &["--base", ""]).expect(1);
        // Where nobody says where it is to go, what was named says it.
        world.ci(&[], &["--base", &base]).expect(1);
        // A branch means that of origin.
        world.repo.git_in("clone", &["branch", "main", &own]);
        world.ci(&[], &["--base", "main"]).expect(1);
    }

    #[test]
    fn the_policy_of_a_branch_is_the_one_that_origin_has_now() {
        let world = World::new();
        world.commit(".keysift.toml", ACCEPTS_ALL);
        world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 0);
        let base = world.commit(".keysift.toml", "# Strict from now on.\n");
        world.push("main");
        world.branch("topic", "main");
        let head = world.commit("a.env", &mistral_line(21));
        world.push("topic");
        // The workspace was kept.
        world.repo.git_in("clone", &["fetch", "-q", "origin", "+refs/heads/topic:refs/remotes/origin/request"]);
        world.repo.git_in("clone", &["checkout", "-q", "--detach", "refs/remotes/origin/request"]);
        let request = merge_request(&base, &head, "merge_request_event", "7");
        let run = world.ci(&request, &["--no-fetch"]).expect(0);
        assert!(run.err().contains("origin/main as it was fetched last"), "{}", run.err());
        world.ci(&request, &[]).expect(1);
        world.repo.git_in("clone", &["update-ref", "refs/remotes/origin/main", &format!("{base}~1")]);
        world.ci(&[("JENKINS_URL", "x"), ("CHANGE_ID", "1"), ("CHANGE_TARGET", "main")], &[]).expect(1);
    }

    #[test]
    fn what_matters_is_listed_however_much_else_is() {
        let junk: Vec<(String, &str)> = (0..120).map(|i| (format!("!{i:03}/.keysiftignore"), "x\n")).collect();
        let world = World::new();
        world.commit("ci/k.toml", "# Nothing.\n");
        let base = world.push("main");
        world.branch("topic", "main");
        junk.iter().for_each(|(path, text)| world.repo.write(path, text));
        world.repo.write(".keysift.toml", ACCEPTS_ALL);
        world.repo.write("ci/k.toml", ACCEPTS_ALL);
        let head = world.repo.commit("junk");
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        let event = request(&base, &head, "owner/project");
        let step = world.scan("pull_request", &event, &[("config", "ci/k.toml")]).ends_with(0);
        let warnings: Vec<&str> = step.run.out().lines().filter(|line| line.starts_with("::warning")).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("::ci/k.toml (changed), .keysift.toml (added), !000") && warnings[0].contains("and 112 more"), "{warnings:?}");
        step.says("22 more changes of the policy");
        assert!(step.summary.contains("ci/k.toml (changed)"), "{}", step.summary);
        for (folder, variables, arguments) in [("clone", vec![("KEYSIFT_CONFIG", "ci/k.toml")], vec![]), ("clone/ci", vec![], vec!["--config", "k.toml"])] {
            let variables = [variables.as_slice(), &merge_request(&base, &head, "merge_request_event", "7")].concat();
            let run = world.ci_in(folder, &variables, &arguments).expect(0);
            assert!(run.err().contains("not yet in force: ci/k.toml (changed)"), "{folder}: {}", run.err());
        }
    }

    #[test]
    fn a_key_in_a_path_is_masked_wherever_the_path_is_named() {
        let key = mistral(22);
        let config = format!("d/{key}/k.toml");
        let allows = "[[allow]]\npaths = [\"nothing\"]\nuntil = 2020-01-01\n";
        let world = World::new();
        world.commit(&config, allows);
        let base = world.push("main");
        world.branch("topic", "main");
        world.commit(&config, "# Nothing.\n");
        world.commit(&format!("e/{key}/.keysiftignore"), "x\n");
        let head = world.commit("a.env", &mistral_line(22));
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        for inputs in [vec![], vec![("config", config.as_str())]] {
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &inputs).ends_with(1);
            assert_eq!(step.run.err().contains("expired"), !inputs.is_empty(), "{}", step.run.err());
            for text in [step.run.out(), step.run.err(), &step.summary] {
                let shown: Vec<&str> = text.lines().filter(|line| line.contains(&key) && !line.starts_with("configuration: ")).collect();
                assert!(shown.is_empty(), "{shown:?}");
            }
        }
    }
}
