//! The samples of docs/ci, run: what each tells its CI system to run finds a key in a change request, passes a clean one, and leaves the file that it keeps.
//!
//! The script is taken out of the sample as the system would, and runs in bash with the variables that the system sets. Only `cargo` is not the real one: it notes
//! what it was to install, for keysift is there already.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::action::{World, push, request, with_request, yaml};
use crate::common::repo::{TestRepo, isolate};
use crate::common::{Run, mistral_line, project};
use yaml_rust2::{Yaml, YamlLoader};

/// The first block of code of a page.
fn sample(page: &str, language: &str) -> String {
    let text = fs::read_to_string(project().join(page)).expect("it is there");
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("{page} has no {language}"));
    rest.split_once("```").expect("it ends").0.to_owned()
}

fn yaml_sample(page: &str) -> Yaml {
    YamlLoader::load_from_str(&sample(page, "yaml")).expect("it is YAML").remove(0)
}

fn texts(list: &Yaml) -> Vec<String> {
    list.as_vec().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// The values of this key in a list of steps.
fn of_steps(steps: &Yaml, key: &str) -> Vec<String> {
    steps.as_vec().expect("steps").iter().filter_map(|step| step[key].as_str().map(str::to_owned)).collect()
}

/// The variables that a CI system sets.
type Variables = Vec<(&'static str, String)>;

/// What a CI system runs, and what it keeps.
struct Job {
    script: Vec<String>,
    /// The file that is kept, from the folder of the clone.
    kept: String,
    /// What a kept file of a finding has.
    holds: &'static str,
}

/// A folder with keysift and a `cargo` that only notes how it was called.
fn programs(top: &Path) -> PathBuf {
    let bin = top.join("bin");
    fs::create_dir_all(&bin).expect("folders can be made");
    symlink(env!("CARGO_BIN_EXE_keysift"), bin.join("keysift")).expect("links can be made");
    fs::write(bin.join("cargo"), format!("#!/bin/sh\necho \"$@\" >> {}\n", top.join("installed").display())).expect("files can be written");
    fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    bin
}

fn bash(top: &Path, folder: &Path, script: &[String], variables: &[(&str, &str)]) -> Run {
    let bin = top.join("bin");
    let bin = if bin.is_dir() { bin } else { programs(top) };
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script.join("\n")]).current_dir(folder).env_clear();
    let path = std::env::var("PATH").expect("there is a PATH");
    isolate(&mut command, top);
    command.env("PATH", format!("{}:{path}", bin.display())).envs(variables.iter().copied());
    let output = command.stdin(Stdio::null()).output().expect("bash is installed");
    Run { code: output.status.code().expect("it is not killed"), stdout: output.stdout, stderr: output.stderr }
}

/// Runs the job for a change request with a key and for one without. `variables` gets base and head.
fn finds_and_passes(job: &Job, installs: bool, variables: impl Fn(&str, &str) -> Variables) {
    for (content, code) in [(mistral_line(1), 1), ("clean\n".to_owned(), 0)] {
        let (world, base, head) = with_request(&[("a.env", &content)], 0);
        let top = world.repo.tree.path();
        let variables = variables(&base, &head);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        bash(top, &world.clone_path(), &job.script, &variables).expect(code);
        let kept = fs::read_to_string(world.clone_path().join(&job.kept)).unwrap_or_else(|error| panic!("{}: {error}", job.kept));
        assert_eq!(kept.contains(job.holds), code == 1, "{kept}");
        let installed = fs::read_to_string(top.join("installed")).unwrap_or_default();
        assert_eq!(installed, if installs { "install keysift --locked\n" } else { "" });
    }
}

fn owned<const N: usize>(variables: [(&'static str, &str); N]) -> Variables {
    variables.map(|(name, value)| (name, value.to_owned())).to_vec()
}

#[test]
fn the_gitlab_job_finds_and_keeps_its_report() {
    let job = &yaml_sample("docs/ci/gitlab.md")["keysift"];
    let kept = job["artifacts"]["reports"]["secret_detection"].as_str().expect("a file").to_owned();
    finds_and_passes(&Job { script: texts(&job["script"]), kept, holds: "\"a.env\"" }, true, |base, head| {
        owned([
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_COMMIT_SHA", head),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_MERGE_REQUEST_IID", "1"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ])
    });
}

#[test]
fn the_azure_pipeline_finds_and_publishes_its_log() {
    let pipeline = yaml_sample("docs/ci/azure.md");
    let published = of_steps(&pipeline["steps"], "publish").remove(0);
    assert_eq!((published.as_str(), of_steps(&pipeline["steps"], "artifact")), ("$(Build.ArtifactStagingDirectory)", vec!["CodeAnalysisLogs".to_owned()]));
    // The system puts the value in before bash sees the script.
    let script = of_steps(&pipeline["steps"], "script").iter().map(|line| line.replace(&published, "staging")).collect::<Vec<_>>();
    let script = [vec!["mkdir staging".to_owned()], script].concat();
    finds_and_passes(&Job { script, kept: "staging/keysift.sarif".to_owned(), holds: "\"uri\": \"a.env\"" }, true, |_, head| {
        owned([
            ("TF_BUILD", "True"),
            ("BUILD_REASON", "PullRequest"),
            ("BUILD_SOURCEBRANCH", "refs/pull/1/merge"),
            ("BUILD_SOURCEVERSION", "HEAD"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "1"),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", head),
        ])
    });
}

#[test]
fn the_bitbucket_step_finds_and_keeps_its_report() {
    let pipelines = yaml_sample("docs/ci/bitbucket.md");
    let step = &pipelines["definitions"]["steps"][0]["step"];
    assert_eq!((&pipelines["pipelines"]["pull-requests"]["**"][0]["step"], &pipelines["pipelines"]["branches"]["main"][0]["step"]), (step, step));
    let job = Job { script: texts(&step["script"]), kept: texts(&step["artifacts"]).remove(0), holds: "\"path\": \"a.env\"" };
    let variables = |base: &str, head: &str| {
        owned([
            ("BITBUCKET_BUILD_NUMBER", "1"),
            ("BITBUCKET_COMMIT", head),
            ("BITBUCKET_BRANCH", "topic"),
            ("BITBUCKET_PR_ID", "1"),
            ("BITBUCKET_PR_DESTINATION_COMMIT", &base[..12]),
            ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
        ])
    };
    finds_and_passes(&job, true, variables);
    // The whole history, started by hand.
    let (world, _, head) = with_request(&[("a.env", &mistral_line(2)), ("a.env", "taken out\n")], 0);
    let script = texts(&pipelines["pipelines"]["custom"]["history"][0]["step"]["script"]);
    let variables = [("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", head.as_str()), ("BITBUCKET_BRANCH", "topic")];
    bash(world.repo.tree.path(), &world.clone_path(), &script, &variables).expect(1);
}

#[test]
fn the_circleci_job_finds_and_stores_its_report() {
    let config = yaml_sample("docs/ci/circleci.md");
    let steps = &config["jobs"]["keysift"]["steps"];
    let stored = steps.as_vec().expect("steps").iter().find_map(|step| step["store_artifacts"]["path"].as_str());
    let job = Job { script: of_steps(steps, "run"), kept: stored.expect("a path").to_owned(), holds: "\"path\": \"a.env\"" };
    finds_and_passes(&job, true, |_, head| {
        owned([("CIRCLECI", "true"), ("CIRCLE_SHA1", head), ("CIRCLE_BRANCH", "topic"), ("CIRCLE_PULL_REQUEST", "https://example.org/1")])
    });
}

#[test]
fn the_jenkins_stage_finds_and_archives_its_report() {
    let file = sample("docs/ci/jenkins.md", "groovy");
    let quoted = |before: &str| {
        let (_, rest) = file.split_once(before).unwrap_or_else(|| panic!("no {before}"));
        rest.split_once('\'').expect("it ends").0.to_owned()
    };
    let job = Job { script: vec![quoted("sh '")], kept: quoted("archiveArtifacts artifacts: '"), holds: "\"path\": \"a.env\"" };
    finds_and_passes(&job, false, |_, _| owned([("JENKINS_URL", "https://example.org/"), ("CHANGE_ID", "1"), ("CHANGE_TARGET", "main")]));
}

#[test]
fn the_six_lines_for_github_find_on_each_of_their_events() {
    for page in ["README.md", "docs/ci/github.md"] {
        let workflow = yaml_sample(page);
        assert_eq!(texts(&workflow["on"]), ["push", "pull_request"]);
        let job = &workflow["jobs"]["keysift"];
        assert_eq!(job["permissions"].as_hash().map(|rights| rights.len()), Some(1), "{page}: to read the contents is enough");
        let uses = of_steps(&job["steps"], "uses");
        assert!(uses[0].starts_with("actions/checkout@") && uses[1].starts_with("OWNER/keysift@"), "{page}: {uses:?}");
        let has_inputs = job["steps"].as_vec().expect("steps").iter().any(|step| !step["with"].is_badvalue());
        assert!(!has_inputs, "{page}: shallow, and the defaults of the action");
    }
    let (world, base, head) = with_request(&[("a.env", &mistral_line(3))], 1);
    world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1).says("a.env");
    let world = World::new();
    let before = world.id("main");
    let after = world.commit("b.env", &mistral_line(4));
    world.push("main");
    world.checkout("refs/heads/main", "refs/remotes/origin/main", 1);
    world.scan("push", &push("refs/heads/main", &before, &after), &[]).ends_with(1).says("b.env");
}

#[test]
fn the_entry_for_pre_commit_is_that_of_our_hook_and_stops_a_key() {
    let page = fs::read_to_string(project().join("docs/ci/pre-commit.md")).expect("it is there");
    let (local, ours) = (yaml_sample("docs/ci/pre-commit.md"), yaml(&project().join(".pre-commit-hooks.yaml")));
    let hook = &local["repos"][0]["hooks"][0];
    let of_ours = ours.as_vec().expect("a list").iter().find(|one| one["id"] == hook["id"]).expect("it has the id of ours");
    for key in ["entry", "pass_filenames", "require_serial", "stages"] {
        assert_eq!(hook[key], of_ours[key], "{key}");
    }
    assert_eq!(texts(&hook["additional_dependencies"]), [format!("keysift=={}", env!("CARGO_PKG_VERSION"))]);
    assert!(page.contains(&format!("rev: v{}", env!("CARGO_PKG_VERSION"))), "{page}");

    let repo = TestRepo::new();
    repo.write("readme", "nothing\n");
    repo.commit("first");
    let entry = [hook["entry"].as_str().expect("a command").to_owned()];
    for (content, code) in [("clean\n".to_owned(), 0), (mistral_line(5), 1)] {
        repo.write("a.env", content);
        repo.git(&["add", "."]);
        bash(repo.tree.path(), &repo.path(), &entry, &[("PRE_COMMIT", "1")]).expect(code);
    }
}
