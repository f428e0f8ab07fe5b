//! What a change request cannot decide about itself: whose policy counts, and whether providers are asked about its keys. In clones of a bare `origin`,
//! with the variables and events of the CI systems.

#![cfg(unix)]

mod common;

use std::os::unix::fs::symlink;

use common::action::{World, request, with_request};
use common::mistral_line;

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
    fn a_named_file_that_is_nowhere_is_wrong_usage() {
        let (world, base, head) = with_request(&[("b.txt", "clean\n"), ("own.toml", "")], 1);
        for (input, name, code) in [("config", "nope.toml", 2), ("baseline", "nope", 2), ("config", "own.toml", 0), ("config", "/nope.toml", 2)] {
            let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[(input, name)]);
            step.ends_with(code).says(name);
        }
    }
}
