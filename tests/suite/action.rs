//! The steps of `action.yml`, run for real in bash: for every event, in clones of a bare `origin` as `actions/checkout` leaves them.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::action::{World, ZEROS, action, entries, push, request, with_request};
use crate::common::{self, mistral, mistral_line, project};
use serde_json::{Value, json};

mod pull_requests {
    use super::*;

    #[test]
    fn a_key_fails_the_job_in_a_shallow_and_in_a_whole_clone() {
        for depth in [1, 0] {
            let (world, base, head) = with_request(&[("a.env", &mistral_line(1)), ("b.txt", "clean\n")], depth);
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1);
            assert_eq!((step.output("findings"), step.output("live"), step.output("may-upload")), ("1", "0", "true"));
            assert_ne!(step.output("blobs-scanned"), "0");
            let report: Value = serde_json::from_slice(&fs::read(step.output("report-file")).expect("it was written")).expect("it is JSON");
            assert_eq!(report["findings"][0]["path"], "a.env");
            let sarif: Value = serde_json::from_slice(&fs::read(step.output("sarif-file")).expect("it was written")).expect("it is JSON");
            assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
            step.says("a.env").says("1 finding");
            assert!(step.run.out().contains("::error file=a.env,line=1,"), "{}", step.run.out());
            for text in [step.run.out(), step.run.err(), &step.summary] {
                assert!(!text.contains(&mistral(1)), "the key is shown: {text}");
            }
        }
    }

    #[test]
    fn a_clean_one_passes_and_says_what_was_scanned() {
        let (world, base, head) = with_request(&[("b.txt", "clean\n")], 1);
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(0);
        step.says("No findings").says("1 commit");
        assert_eq!(step.output("findings"), "0");
    }

    #[test]
    fn a_key_that_a_later_commit_took_out_again_is_found() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(2)), ("a.env", "clean\n")], 1);
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1);
    }

    #[test]
    fn old_keys_of_the_base_are_not_its_business() {
        let world = World::new();
        world.commit("old.env", &mistral_line(3));
        let base = world.push("main");
        world.branch("topic", "main");
        world.commit("b.txt", "clean\n");
        let head = world.id("HEAD");
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(0);
    }

    #[test]
    fn a_clone_is_deepened_until_both_sides_meet() {
        let world = World::new();
        world.branch("topic", "main~2");
        world.commit("a.env", &mistral_line(4));
        for i in 0..40 {
            world.commit("b.txt", &format!("{i}\n"));
        }
        let head = world.id("HEAD");
        world.repo.git(&["checkout", "-q", "main"]);
        for i in 0..40 {
            world.commit("c.txt", &format!("{i}\n"));
        }
        let base = world.push("main");
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1);
        step.says("41 commits");
    }

    #[test]
    fn what_may_not_be_fetched_makes_the_scan_incomplete() {
        let (world, base, head) = with_request(&[("b.txt", "clean\n")], 1);
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[("args", "--no-fetch")]).ends_with(3);
        step.says("git fetch").says("--no-fetch forbids");
    }

    #[test]
    fn what_origin_does_not_have_makes_the_scan_incomplete() {
        let (world, _, head) = with_request(&[("b.txt", "clean\n")], 1);
        let gone = "1234567812345678123456781234567812345678";
        world.scan("pull_request", &request(gone, &head, "owner/project"), &[]).ends_with(3).says("git fetch --unshallow origin");
    }

    #[test]
    fn the_policy_is_that_of_the_base_and_what_changes_in_it_is_listed() {
        let accepting = "[[allow]]\npaths = [\"**\"]\n";
        let (world, base, head) = with_request(&[("a.env", &mistral_line(5)), (".keysift.toml", accepting), (".keysiftignore", "*\n")], 1);
        let step = world.scan("pull_request", &request(&base, &head, "stranger/project"), &[]).ends_with(1);
        step.says(".keysift.toml (added)").says(".keysiftignore (added)").says("policy: that of the commit");
        assert!(step.run.out().contains("::warning title=keysift%3A policy changed::.keysift.toml (added)"), "{}", step.run.out());
        // Neither does it count when the workflow names it.
        let inputs = [("config", ".keysift.toml")];
        world.scan("pull_request", &request(&base, &head, "owner/project"), &inputs).ends_with(1).says("does not count");
        // Nor for all files.
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[("scan", "tree")]).ends_with(1);
    }

    #[test]
    fn what_the_base_accepts_is_accepted() {
        let world = World::new();
        world.commit(".keysift.toml", "[[allow]]\npaths = [\"fixtures/**\"]\nreason = \"made up\"\n");
        let base = world.push("main");
        world.branch("topic", "main");
        world.commit("fixtures/a.env", &mistral_line(6));
        let head = world.id("HEAD");
        world.commit(".keysift.toml", "");
        let stricter = world.id("HEAD");
        for (tip, listed) in [(head, false), (stricter, true)] {
            world.pull_request(&tip);
            world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
            let step = world.scan("pull_request", &request(&base, &tip, "owner/project"), &[]).ends_with(0);
            assert_eq!(step.summary.contains(".keysift.toml (changed)"), listed, "{}", step.summary);
            step.says("Suppressed: 1");
        }
    }

    #[test]
    fn a_fork_may_not_upload_and_its_target_event_is_refused() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(7))], 1);
        let event = request(&base, &head, "stranger/project");
        assert_eq!(world.scan("pull_request", &event, &[]).ends_with(1).output("may-upload"), "false");
        world.scan("pull_request_target", &event, &[]).ends_with(2).says("--allow-pull-request-target");
        world.scan("pull_request_target", &event, &[("args", "--allow-pull-request-target")]).ends_with(1);
        // Whatever is asked, no provider learns of its keys, and any finding counts.
        let asked = [("confirm", "true"), ("fail-on", "live")];
        world.scan("pull_request", &event, &asked).ends_with(1).says("no provider is asked");
        // The repository's own branch is trusted, and found although main is checked out.
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("pull_request_target", &request(&base, &head, "owner/project"), &[]).ends_with(1);
    }

    #[test]
    fn a_merge_group_is_scanned() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(8))], 1);
        let event = json!({ "action": "checks_requested", "merge_group": { "base_sha": base, "head_sha": head, "base_ref": "refs/heads/main" } });
        world.scan("merge_group", &event, &[]).ends_with(1);
    }
}

mod pushes {
    use super::*;

    #[test]
    fn what_came_after_the_commit_before() {
        let world = World::new();
        world.commit("old.env", &mistral_line(10));
        let before = world.push("main");
        world.commit("b.txt", "clean\n");
        let clean = world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("push", &push("refs/heads/main", &before, &clean), &[]).ends_with(0).says("1 commit");
        world.commit("a.env", &mistral_line(11));
        let after = world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        let step = world.scan("push", &push("refs/heads/main", &clean, &after), &[]).ends_with(1);
        assert_eq!(step.output("findings"), "1");
    }

    #[test]
    fn the_first_push_of_a_branch_is_what_it_has_more_than_the_default_branch() {
        let world = World::new();
        world.branch("topic", "main~1");
        world.commit("a.env", &mistral_line(12));
        world.commit("b.txt", "clean\n");
        let after = world.push("topic");
        world.checkout("refs/heads/topic", "refs/remotes/origin/topic", 1);
        world.scan("push", &push("refs/heads/topic", ZEROS, &after), &[]).ends_with(1).says("2 commits");
    }

    #[test]
    fn the_first_push_of_the_default_branch_is_all_of_it() {
        let world = World::new();
        world.commit("a.env", &mistral_line(13));
        world.commit("a.env", "clean\n");
        let after = world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("push", &push("refs/heads/main", ZEROS, &after), &[]).ends_with(1).says("the whole branch is scanned");
    }

    #[test]
    fn a_branch_without_a_new_commit_has_its_files_scanned() {
        let world = World::new();
        let after = world.push("topic");
        world.checkout("refs/heads/topic", "refs/remotes/origin/topic", 1);
        let step = world.scan("push", &push("refs/heads/topic", ZEROS, &after), &[]).ends_with(0);
        assert_eq!(step.says("there is no new commit").output("blobs-scanned"), "1");
    }

    #[test]
    fn a_forced_push_begins_at_the_default_branch() {
        let world = World::new();
        world.branch("topic", "main");
        world.commit("a.txt", "first\n");
        let before = world.push("topic");
        world.repo.git(&["reset", "-q", "--hard", "main"]);
        world.commit("a.env", &mistral_line(14));
        let after = world.push("topic");
        for depth in [1, 0] {
            world.checkout("refs/heads/topic", "refs/remotes/origin/topic", depth);
            world.scan("push", &push("refs/heads/topic", &before, &after), &[]).ends_with(1).says("forced");
            // What was there before may be gone for good.
            let gone = "1234567812345678123456781234567812345678";
            world.scan("push", &push("refs/heads/topic", gone, &after), &[]).ends_with(1).says("forced");
        }
    }

    #[test]
    fn tags_and_deletions() {
        let world = World::new();
        world.repo.git(&["tag", "-a", "-m", "one", "v1"]);
        world.repo.git(&["push", "-q", "origin", "v1"]);
        let tagged = world.id("v1");
        world.checkout("refs/tags/v1", "refs/tags/v1", 1);
        world.scan("push", &push("refs/tags/v1", ZEROS, &tagged), &[]).ends_with(0).says("all files are scanned");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        let step = world.scan("push", &push("refs/heads/topic", &tagged, ZEROS), &[]).ends_with(0);
        assert_eq!(step.says("deletes a reference").output("blobs-scanned"), "1");
        world.branch("release", "main");
        world.commit("a.env", &mistral_line(15));
        world.repo.git(&["tag", "v2"]);
        world.repo.git(&["push", "-q", "origin", "v2"]);
        world.checkout("refs/tags/v2", "refs/tags/v2", 1);
        world.scan("push", &push("refs/tags/v2", ZEROS, &world.id("v2")), &[]).ends_with(1);
    }
}

mod tags {
    use super::*;

    #[test]
    fn the_message_of_a_tag_is_scanned_with_it() {
        let world = World::new();
        let tag = |name: &str, seed| {
            world.repo.git(&["tag", "-a", "-m", &format!("release\n\n{}", mistral_line(seed)), name]);
            world.repo.git(&["push", "-q", "origin", name]);
            (format!("refs/tags/{name}"), world.id(name))
        };
        let on_main = tag("v1", 16);
        world.branch("release", "main");
        world.commit("b.txt", "clean\n");
        let off_main = tag("v2", 17);
        for (name, commit) in [on_main, off_main] {
            world.checkout(&name, &name, 1);
            world.scan("push", &push(&name, ZEROS, &commit), &[]).ends_with(1).says("1 finding");
            // As `actions/checkout` leaves it: the tag's name, and the commit.
            world.repo.git_in("clone", &["update-ref", &name, &commit]);
            world.repo.git_in("clone", &["gc", "-q", "--prune=now"]);
            world.scan("push", &push(&name, ZEROS, &commit), &[]).ends_with(1).says("1 finding");
            world.repo.git_in("clone", &["gc", "-q", "--prune=now"]);
            world.scan("push", &push(&name, ZEROS, &commit), &[("args", "--no-fetch --base HEAD~0")]).ends_with(0).says("a message of its own is not known");
        }
    }
}

mod other_events {
    use super::*;

    #[test]
    fn a_schedule_scans_branches_that_a_whole_clone_does_not_have() {
        let world = World::new();
        world.branch("old", "main~1");
        world.commit("a.env", &mistral_line(28));
        world.push("old");
        let origin = format!("file://{}/origin.git", world.repo.tree.path().display());
        world.repo.git_in("", &["clone", "-q", "--single-branch", "-b", "main", &origin, "clone"]);
        world.scan("schedule", &json!({}), &[("args", "--no-fetch")]).ends_with(0).says("only branches that this clone has");
        world.scan("schedule", &json!({}), &[]).ends_with(1);
    }

    #[test]
    fn a_merge_that_only_this_machine_has_can_be_deepened() {
        let world = World::new();
        world.branch("topic", "main");
        world.commit("a.env", &mistral_line(29));
        for i in 0..5 {
            world.commit("b.txt", &format!("{i}\n"));
        }
        world.push("topic");
        world.repo.git(&["checkout", "-q", "main"]);
        for i in 0..5 {
            world.commit("c.txt", &format!("{i}\n"));
        }
        world.push("main");
        world.checkout("refs/heads/topic", "refs/remotes/origin/topic", 3);
        let git = |arguments: &[&str]| world.repo.git_in("clone", arguments);
        git(&["fetch", "-q", "--depth=3", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
        git(&["merge", "-q", "--allow-unrelated-histories", "-m", "on this machine", "refs/remotes/origin/main"]);
        let run = world.ci(&[("JENKINS_URL", "x"), ("CHANGE_ID", "1"), ("CHANGE_TARGET", "main")], &[]).expect(1);
        assert!(run.err().contains("of 7 commits"), "{}", run.err());
    }

    #[test]
    fn a_schedule_scans_the_history_of_all_branches() {
        let world = World::new();
        world.branch("old", "main~1");
        world.commit("a.env", &mistral_line(20));
        world.commit("a.env", "clean\n");
        world.push("old");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        for event in ["schedule", "workflow_dispatch"] {
            let step = world.scan(event, &json!({ "repository": { "default_branch": "main" } }), &[]).ends_with(1);
            assert_eq!(step.output("findings"), "1");
        }
    }

    #[test]
    fn what_is_no_change_has_its_files_scanned_with_ignore_files_in_force() {
        let world = World::new();
        world.commit("a.env", &mistral_line(21));
        world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("release", &json!({}), &[]).ends_with(1);
        world.commit(".keysiftignore", "*.env\n");
        world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("release", &json!({}), &[]).ends_with(0);
        world.commit(".keysiftignore", "*\n");
        world.push("main");
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world.scan("release", &json!({}), &[]).ends_with(3).says("nothing was scanned");
    }

    #[test]
    fn inputs_stand_over_the_event() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(22)), ("b.txt", "clean\n")], 0);
        let event = request(&base, &head, "owner/project");
        let inputs = [("base", format!("{head}~1"))];
        let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.scan("pull_request", &event, &inputs).ends_with(0).says("1 commit");
        world.scan("pull_request", &event, &[("scan", "full")]).ends_with(1);
        world.scan("pull_request", &event, &[("fail-on", "none")]).ends_with(0).says("1 finding");
        world.scan("release", &json!({}), &[("scan", "diff")]).ends_with(2).says("brings no commits");
        assert_eq!(world.scan("pull_request", &event, &[("summary", "false")]).ends_with(1).summary, "");
    }

    #[test]
    fn a_base_may_be_a_branch_of_origin() {
        for depth in [1, 0] {
            let (world, base, head) = with_request(&[("a.env", &mistral_line(24))], depth);
            let event = request(&base, &head, "owner/project");
            for name in ["main", "origin/main", "refs/heads/main"] {
                world.scan("pull_request", &event, &[("base", name)]).ends_with(1).says("1 commit");
            }
            world.scan("pull_request", &event, &[("base", &base[..10])]).ends_with(1);
            world.scan("pull_request", &event, &[("base", "abcdef1234")]).ends_with(3).says("its whole id");
        }
    }

    #[test]
    fn inputs_are_taken_whole_or_refused() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(25))], 1);
        let event = request(&base, &head, "owner/project");
        assert_eq!(world.scan("pull_request", &event, &[("args", "\n  --quiet\n--exit-code 7\n")]).ends_with(7).output("findings"), "1");
        let step = world.scan("pull_request", &event, &[("args", "--report-file own.json")]).ends_with(1);
        assert_eq!(step.output("report-file"), "own.json");
        for (input, value) in [("confirm", "True"), ("summary", "no"), ("upload-sarif", "yes"), ("path", "nowhere")] {
            let step = world.scan("pull_request", &event, &[(input, value)]).ends_with(2);
            assert!(step.run.out().contains(&format!("the input {input} ")), "{}", step.run.out());
        }
        for (input, value) in [("args", "--nope"), ("scan", "AUTO"), ("fail-on", "live"), ("category", "\u{e9}")] {
            assert_eq!(world.scan("pull_request", &event, &[(input, value)]).ends_with(2).output("blobs-scanned"), "0", "{input}");
        }
    }

    #[test]
    fn a_checkout_may_lie_below_the_workspace() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(26))], 1);
        let (clone, aside) = (world.clone_path(), world.repo.tree.path().join("aside"));
        fs::rename(&clone, &aside).expect("folders can be moved");
        fs::create_dir(&clone).expect("folders can be made");
        fs::rename(&aside, clone.join("project")).expect("folders can be moved");
        let event = request(&base, &head, "owner/project");
        world.scan("pull_request", &event, &[]).ends_with(2);
        let step = world.scan("pull_request", &event, &[("path", "project")]).ends_with(1);
        assert!(step.run.out().contains("::error file=a.env,"), "{}", step.run.out());
    }

    #[test]
    fn outputs_are_true_where_the_summary_cannot_be_written() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(27))], 1);
        world.repo.tree.write("event.json", request(&base, &head, "owner/project").to_string());
        let top = world.repo.tree.path();
        let (event, folder) = (top.join("event.json").display().to_string(), top.display().to_string());
        let variables = [("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_EVENT_PATH", event.as_str()), ("GITHUB_STEP_SUMMARY", folder.as_str())];
        let step = world.step("scan", &[], &[("steps.install.outputs.keysift", env!("CARGO_BIN_EXE_keysift"))], &variables).ends_with(3);
        assert_eq!(step.output("findings"), "1");
        assert_ne!(step.output("blobs-scanned"), "0");
    }

    #[test]
    fn exceptions_for_something_else_are_no_news() {
        let world = World::new();
        world.commit(".keysift.toml", "[[allow]]\npaths = [\"fixtures/**\"]\n");
        let base = world.push("main");
        world.branch("topic", "main");
        let head = world.commit("b.txt", "clean\n");
        world.pull_request("topic");
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(0);
        assert!(!step.run.err().contains("matched no finding"), "{}", step.run.err());
        world.scan("schedule", &json!({}), &[]).ends_with(0).says("matched no finding");
    }

    #[test]
    fn inputs_and_events_run_nothing() {
        let (world, base, head) = with_request(&[("b.txt", "clean\n")], 1);
        let mark = world.repo.tree.path().join("mark");
        let hostile = format!("$(touch {0});`touch {0}`;--upload-pack=touch {0}", mark.display());
        for input in ["base", "head", "config", "baseline", "args", "scan"] {
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[(input, &hostile)]);
            assert!(!mark.exists(), "{input}: {}", step.run.err());
        }
        let step = world.scan("pull_request", &request(&format!("--upload-pack=touch {}", mark.display()), &head, "owner/project"), &[]).ends_with(2);
        assert!(!mark.exists() && step.output("findings").is_empty());
        let event = json!({ "ref": "refs/heads/x", "before": ZEROS, "after": head, "repository": { "default_branch": hostile } });
        world.scan("push", &event, &[]);
        assert!(!mark.exists());
    }

    #[test]
    fn what_the_clone_configures_is_not_run() {
        let (world, base, head) = with_request(&[("a.env", &mistral_line(23))], 1);
        let mark = world.repo.tree.path().join("mark");
        let touch = format!("touch {}", mark.display());
        world.repo.tree.write("hook", format!("#!/bin/sh\n{touch}\n"));
        let hook = world.repo.tree.path().join("hook");
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("a script can be made executable");
        for name in ["reference-transaction", "post-checkout", "post-merge"] {
            fs::create_dir_all(world.clone_path().join(".git/hooks")).expect("folders can be made");
            fs::copy(&hook, world.clone_path().join(".git/hooks").join(name)).expect("files can be copied");
        }
        let uploader = format!("{touch}; git-upload-pack");
        let helper = format!("!{touch}");
        for (name, value) in [
            ("core.fsmonitor", hook.to_str().expect("text")),
            ("core.sshCommand", &touch),
            ("core.askPass", hook.to_str().expect("text")),
            ("credential.helper", &helper),
            ("remote.origin.uploadpack", &uploader),
            ("core.alternateRefsCommand", &touch),
        ] {
            world.repo.git_in("clone", &["config", name, value]);
        }
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1);
        assert!(!mark.exists());
        world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
        world.repo.git_in("clone", &["config", "protocol.ext.allow", "always"]);
        world.repo.git_in("clone", &["remote", "set-url", "origin", &format!("ext::sh -c touch% {}", mark.display())]);
        world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(3);
        assert!(!mark.exists());
    }
}

mod declaration {
    use super::*;

    #[test]
    fn expressions_stand_in_env_and_never_in_a_script() {
        let action = action();
        for step in action["runs"]["steps"].as_vec().expect("steps") {
            if let Some(run) = step["run"].as_str() {
                assert!(!run.contains("${{"), "{run}");
                assert!(run.lines().count() <= 3, "the YAML stays thin: {run}");
            }
            if let Some(uses) = step["uses"].as_str() {
                let (_, sha) = uses.split_once('@').expect("it is pinned");
                assert!(sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
            }
        }
        assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
    }

    #[test]
    fn inputs_and_outputs_are_the_promised_ones() {
        let action = action();
        let names = |key: &str| -> Vec<String> { entries(&action[key]).into_iter().map(|(name, _)| name.to_owned()).collect() };
        let inputs = ["scan", "path", "base", "head", "config", "baseline", "confirm", "fail-on", "upload-sarif", "category", "summary", "args", "version"];
        assert_eq!(names("inputs"), inputs);
        assert_eq!(names("outputs"), ["findings", "live", "exit-code", "sarif-file", "report-file", "blobs-scanned"]);
        for (name, input) in entries(&action["inputs"]) {
            assert!(input["default"].as_str().is_some() && input["description"].as_str().is_some(), "{name}");
        }
    }
}

mod installation {
    use super::*;

    /// Makes a release of the tested binary for this machine in `folder`; `sums` changes its checksums.
    fn release(folder: &Path, sums: impl Fn(String) -> String) {
        let script = format!(
            "mkdir -p download/v9.9.9 && cd download/v9.9.9 && cp '{}' keysift && m=$(uname -m) && [ \"$m\" != arm64 ] || m=aarch64; \
             s=unknown-linux-musl; [ \"$(uname -s)\" != Darwin ] || s=apple-darwin; \
             tar -czf keysift-$m-$s.tar.gz keysift && rm keysift && (sha256sum *.tar.gz || shasum -a 256 *.tar.gz) > SHA256SUMS",
            env!("CARGO_BIN_EXE_keysift")
        );
        fs::create_dir_all(folder).expect("folders can be made");
        let status = Command::new("bash").args(["-c", &script]).current_dir(folder).status().expect("bash is installed");
        assert!(status.success());
        let file = folder.join("download/v9.9.9/SHA256SUMS");
        let text = fs::read_to_string(&file).expect("it was written");
        fs::write(&file, sums(text)).expect("it can be written");
    }

    fn install(world: &World, version: &str, reference: &str) -> common::action::Step {
        let releases = format!("file://{}/releases", world.repo.tree.path().display());
        let values = [("github.action_ref", reference), ("github.action_repository", "owner/keysift")];
        // Without cargo on PATH nothing is built.
        world.step("install", &[("version", version)], &values, &[("KEYSIFT_RELEASES", &releases), ("PATH", "/usr/bin:/bin")])
    }

    fn world() -> World {
        let world = World::new();
        world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
        world
    }

    #[test]
    fn the_release_of_the_input_or_of_the_tag_is_installed() {
        let world = world();
        release(&world.repo.tree.path().join("releases"), |sums| sums);
        for (version, reference) in [("9.9.9", "main"), ("v9.9.9", ""), ("", "v9.9.9")] {
            let step = install(&world, version, reference);
            assert_eq!(step.run.code, 0, "{}", step.run.err());
            let version = Command::new(step.output("keysift")).arg("--version").output().expect("it runs");
            assert!(String::from_utf8_lossy(&version.stdout).starts_with("keysift "));
        }
    }

    #[test]
    fn checksums_may_have_been_through_windows() {
        let world = world();
        release(&world.repo.tree.path().join("releases"), |sums| sums.replace('\n', "\r\n"));
        let step = install(&world, "9.9.9", "main");
        assert_eq!(step.run.code, 0, "{}", step.run.err());
    }

    #[test]
    fn a_release_that_cannot_be_reached_is_not_taken_for_one_that_is_not_there() {
        let world = world();
        let values = [("github.action_ref", "v9.9.9"), ("github.action_repository", "owner/keysift")];
        let step = world.step("install", &[], &values, &[("KEYSIFT_RELEASES", "https://127.0.0.1:9/releases"), ("PATH", "/usr/bin:/bin")]);
        assert_eq!(step.run.code, 1, "{}", step.run.err());
    }

    #[test]
    fn what_has_no_right_checksum_is_not_installed() {
        let wrong = |sums: String| format!("{}{}", "0".repeat(64), &sums[64..]);
        let doubled = |sums: String| format!("{sums}{}", wrong(sums.clone()));
        let foreign = |sums: String| sums.replace("keysift-", "other-");
        for (sums, code) in [(&wrong as &dyn Fn(String) -> String, 1), (&doubled, 1), (&foreign, 4)] {
            let world = world();
            release(&world.repo.tree.path().join("releases"), sums);
            let step = install(&world, "9.9.9", "main");
            assert_eq!(step.run.code, code, "{}", step.run.err());
            assert_eq!(step.output("keysift"), "");
            assert!(!world.repo.tree.path().join("runner-temp/keysift-bin/keysift").exists());
        }
    }

    #[test]
    fn a_wrong_checksum_is_never_passed_over_by_building() {
        let world = world();
        release(&world.repo.tree.path().join("releases"), |sums| format!("{}{}", "0".repeat(64), &sums[64..]));
        let step = install(&world, "", "v9.9.9");
        assert_eq!(step.run.code, 1, "{}", step.run.err());
        assert!(step.run.err().contains("nothing was installed"), "{}", step.run.err());
    }

    #[test]
    fn without_a_release_it_is_built() {
        let world = world();
        // A cargo that is quick.
        let cargo = "#!/bin/sh\nwhile [ \"$1\" != --target-dir ]; do shift; done\nmkdir -p \"$2/release\" && echo built > \"$2/release/keysift\"\n";
        world.repo.tree.write("bin/cargo", cargo);
        let folder = world.repo.tree.path().join("bin");
        fs::set_permissions(folder.join("cargo"), fs::Permissions::from_mode(0o755)).expect("a script can be made executable");
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let releases = format!("file://{}/none", world.repo.tree.path().display());
        for (version, reference) in [("", "main"), ("", "v9.9.9"), ("source", "v9.9.9")] {
            let values = [("github.action_ref", reference), ("github.action_repository", "owner/keysift")];
            let step = world.step("install", &[("version", version)], &values, &[("PATH", &path), ("KEYSIFT_RELEASES", &releases)]);
            assert_eq!(step.run.code, 0, "{}", step.run.err());
            assert!(step.output("keysift").ends_with("target/release/keysift"));
        }
        // A release that was asked for and is not there is no reason to take something else.
        let values = [("github.action_ref", "main"), ("github.action_repository", "owner/keysift")];
        let step = world.step("install", &[("version", "8.8.8")], &values, &[("PATH", &path), ("KEYSIFT_RELEASES", &releases)]);
        assert_eq!(step.run.code, 4, "{}", step.run.err());
    }

    #[test]
    fn the_scripts_are_executable() {
        for script in ["install.sh", "action-install.sh", "action-scan.sh"] {
            let mode = fs::metadata(project().join("scripts").join(script)).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "{script}");
        }
    }
}
