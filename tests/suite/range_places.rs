//! Where `keysift range` says that a secret is now: in its own file, on its own line, wherever the file went, and only where it is.

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, findings, groq_line, key, mistral, mistral_line, number, text};
use serde_json::Value;

/// The repository with one commit, from which the ranges go on.
fn started() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("a.txt", "a\n");
    repo.commit("first");
    repo.git(&["branch", "start"]);
    repo
}

fn report(repo: &TestRepo) -> Value {
    Keysift::new(&repo.path()).args(&["range", "start..HEAD", "--format", "json", "--quiet"]).run().expect(1).json()
}

/// A path and a line.
type Place = (String, u64);

/// Path and line where each finding came in, and where it is now.
fn places(report: &Value) -> Vec<(String, u64, Option<Place>)> {
    let place = |value: &Value| (text(&value["path"]).to_owned(), number(&value["line"]));
    let now = |finding: &Value| finding["at_tip"].as_bool().expect("a range knows").then(|| place(&finding["tip"]));
    findings(report).iter().map(|finding| (place(finding).0, place(finding).1, now(finding))).collect()
}

fn at(path: &str, line: u64) -> (String, u64, Option<Place>) {
    (path.to_owned(), line, Some((path.to_owned(), line)))
}

#[test]
fn each_of_two_equal_files_has_its_own_place() {
    let repo = started();
    repo.write("a.env", mistral_line(1));
    repo.write("b.env", mistral_line(1));
    repo.commit("two files");
    assert_eq!(places(&report(&repo)), [at("a.env", 1), at("b.env", 1)]);
}

#[test]
fn each_of_two_equal_lines_has_its_own_place() {
    let repo = started();
    repo.write("a.env", mistral_line(1).repeat(2));
    repo.commit("two lines");
    assert_eq!(places(&report(&repo)), [at("a.env", 1), at("a.env", 2)]);
}

#[test]
fn a_line_that_was_there_before_is_not_the_one_that_came_in() {
    let repo = TestRepo::new();
    repo.write("a.env", mistral_line(1));
    repo.commit("first");
    repo.git(&["branch", "start"]);
    repo.write("a.env", format!("{}PORT=80\n{}", mistral_line(1), mistral_line(1)));
    repo.commit("once more");
    assert_eq!(places(&report(&repo)), [at("a.env", 3)]);
}

#[test]
fn a_file_that_was_renamed_and_edited_is_followed() {
    let repo = started();
    let rest = "HOST=a\nPORT=80\nUSER=c\n";
    repo.write("a.env", mistral_line(1) + rest);
    repo.commit("a leak");
    repo.git(&["mv", "a.env", "b.env"]);
    repo.write("b.env", format!("# moved\n{}{rest}", mistral_line(1)));
    repo.commit("the file moves");
    assert_eq!(places(&report(&repo)), [("a.env".to_owned(), 1, Some(("b.env".to_owned(), 2)))]);
}

#[test]
fn a_secret_without_its_name_is_still_there() {
    let repo = started();
    repo.write("a.env", mistral_line(1));
    repo.commit("a leak");
    repo.write("a.env", format!("PORT=80\nx={}\n", mistral(1)));
    repo.commit("the name goes");
    assert_eq!(places(&report(&repo)), [("a.env".to_owned(), 1, Some(("a.env".to_owned(), 2)))]);
}

#[test]
fn what_belongs_to_another_finding_is_not_the_place_of_one_that_is_gone() {
    let repo = started();
    repo.write("a.env", groq_line(1));
    repo.commit("a leak");
    repo.git(&["rm", "-q", "a.env"]);
    // Too little is the same for a renaming.
    repo.write("b.py", groq_line(1) + &"print(\"an unrelated line of a program\")\n".repeat(20));
    repo.commit("the same key elsewhere");
    assert_eq!(places(&report(&repo)), [("a.env".to_owned(), 1, None), at("b.py", 1)]);
}

#[test]
fn a_file_with_a_key_in_its_name_is_at_the_tip_while_it_is() {
    let repo = started();
    let path = format!("keys/{}.txt", key("groq-api-key", 1));
    repo.write(&path, "hello\n");
    repo.commit("a name");
    let found = report(&repo);
    assert_eq!(findings(&found)[0]["at_tip"], true, "{found}");
    let sarif = Keysift::new(&repo.path()).args(&["range", "start..HEAD", "--format", "sarif", "--quiet"]).run().expect(1).json();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert!(text(&place["artifactLocation"]["uri"]).starts_with("keys/"), "{sarif}");
    assert_eq!(place["region"], serde_json::json!({ "startLine": 1 }));
    repo.git(&["rm", "-q", &path]);
    repo.commit("the file goes");
    assert_eq!(findings(&report(&repo))[0]["at_tip"], false);
}

#[cfg(unix)]
#[test]
fn in_a_pull_request_the_place_is_that_of_the_merge_that_is_checked_out() {
    let world = common::action::World::new();
    let lines = "HOST=a\n".repeat(20);
    world.commit("a.env", &lines);
    world.push("main");
    world.branch("topic", "main");
    world.commit("a.env", &(lines.clone() + &mistral_line(1)));
    let head = world.id("HEAD");
    world.repo.git(&["checkout", "-q", "main"]);
    world.commit("a.env", &("PORT=80\n".repeat(7) + &lines));
    let base = world.push("main");
    let merge = world.pull_request("topic");
    world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", 1);
    let repository = serde_json::json!({ "full_name": "owner/project", "default_branch": "main" });
    let side = |name: &str, sha: &str| serde_json::json!({ "ref": name, "sha": sha, "repo": { "full_name": "owner/project", "fork": false } });
    let request = serde_json::json!({ "number": 1, "base": side("main", &base), "head": side("topic", &head) });
    let event = serde_json::json!({ "action": "synchronize", "number": 1, "pull_request": request, "repository": repository });
    let step = world.scan("pull_request", &event, &[]).ends_with(1);
    let report: Value = serde_json::from_slice(&std::fs::read(step.output("report-file")).expect("it was written")).expect("it is JSON");
    assert_eq!(places(&report), [("a.env".to_owned(), 21, Some(("a.env".to_owned(), 28)))]);
    assert_eq!(text(&report["repository"]["revision"]), merge);
    assert!(step.run.out().contains("::error file=a.env,line=28,"), "{}", step.run.out());
}
