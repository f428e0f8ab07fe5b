//! `action.yml`, run step by step in bash as the runner of GitHub does, in clones that real git made of a bare `origin`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use super::repo::{TestRepo, isolate};
use super::{Keysift, Run, project};

/// A YAML file of the project.
pub fn yaml(path: &Path) -> Yaml {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut documents = YamlLoader::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(documents.len(), 1, "{}", path.display());
    documents.remove(0)
}

/// The action's own declaration.
pub fn action() -> Yaml {
    yaml(&project().join("action.yml"))
}

/// The entries of a mapping whose keys are strings.
pub fn entries(yaml: &Yaml) -> Vec<(&str, &Yaml)> {
    let map = yaml.as_hash().unwrap_or_else(|| panic!("{yaml:?} is no mapping"));
    map.iter().map(|(key, value)| (key.as_str().expect("keys are strings"), value)).collect()
}

/// An origin with a work tree beside it, from which commits are pushed, and clones as `actions/checkout` makes them.
pub struct World {
    /// The work tree of whoever pushes.
    pub repo: TestRepo,
}

/// What a step of the action did.
pub struct Step {
    /// How bash ended.
    pub run: Run,
    /// The outputs that it set.
    pub outputs: BTreeMap<String, String>,
    /// The job summary.
    pub summary: String,
}

impl World {
    /// An origin whose branch `main` has three commits.
    pub fn new() -> Self {
        let repo = TestRepo::new();
        repo.git_in("", &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        repo.git(&["remote", "add", "origin", "../origin.git"]);
        let world = Self { repo };
        for i in 0..3 {
            world.repo.write("readme", format!("version {i}\n"));
            world.repo.commit(&format!("commit {i}"));
        }
        world.push("main");
        world
    }

    /// Writes a file, commits it and gives the commit's id.
    pub fn commit(&self, path: &str, text: &str) -> String {
        self.repo.write(path, text);
        self.repo.commit(path)
    }

    /// Makes a branch at `from` and goes there.
    pub fn branch(&self, name: &str, from: &str) {
        self.repo.git(&["checkout", "-q", "-b", name, from]);
    }

    /// Pushes HEAD to a branch of origin, whatever stands there.
    pub fn push(&self, branch: &str) -> String {
        self.repo.git(&["push", "-q", "--force", "origin", &format!("HEAD:refs/heads/{branch}")]);
        self.id("HEAD")
    }

    /// The id of a revision of the work tree.
    pub fn id(&self, revision: &str) -> String {
        self.repo.git(&["rev-parse", &format!("{revision}^{{commit}}")])
    }

    /// Offers `head` to `main` as a pull request: origin gets the two references that GitHub makes. Gives the merge commit.
    pub fn pull_request(&self, head: &str) -> String {
        self.repo.git(&["push", "-q", "--force", "origin", &format!("{head}:refs/pull/1/head")]);
        self.repo.git(&["checkout", "-q", "--detach", "main"]);
        self.repo.git(&["merge", "-q", "--no-ff", "-m", "merge", head]);
        self.repo.git(&["push", "-q", "--force", "origin", "HEAD:refs/pull/1/merge"]);
        self.id("HEAD")
    }

    /// A clone of one reference with a detached HEAD, as `actions/checkout` leaves it; `depth` 0 is the whole history of all branches.
    pub fn checkout(&self, reference: &str, local: &str, depth: u32) {
        let origin = format!("file://{}/origin.git", self.repo.tree.path().display());
        let _ = fs::remove_dir_all(self.repo.tree.path().join("clone"));
        self.repo.git_in("", &["init", "-q", "clone"]);
        let git = |arguments: &[&str]| self.repo.git_in("clone", arguments);
        git(&["remote", "add", "origin", &origin]);
        let refspec = format!("+{reference}:{local}");
        match depth {
            0 => git(&["fetch", "-q", "--no-tags", "origin", "+refs/heads/*:refs/remotes/origin/*", &refspec]),
            n => git(&["fetch", "-q", "--no-tags", &format!("--depth={n}"), "origin", &refspec]),
        };
        git(&["checkout", "-q", "--detach", local]);
    }

    /// Where the clone is.
    pub fn clone_path(&self) -> PathBuf {
        self.repo.tree.path().join("clone")
    }

    /// Runs the scan step of the action in the clone, for an event with this content.
    pub fn scan(&self, event_name: &str, event: &Value, inputs: &[(&str, &str)]) -> Step {
        self.repo.tree.write("event.json", event.to_string());
        let event_file = self.repo.tree.path().join("event.json");
        let variables = [("GITHUB_EVENT_NAME", event_name), ("GITHUB_EVENT_PATH", event_file.to_str().expect("a temporary path is text"))];
        self.step("scan", inputs, &[("steps.install.outputs.keysift", env!("CARGO_BIN_EXE_keysift"))], &variables)
    }

    /// Runs `keysift ci` in the clone with the variables of another CI system than GitHub.
    pub fn ci(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        self.ci_in("clone", variables, arguments)
    }

    /// [`World::ci`] in a folder of the clone.
    pub fn ci_in(&self, folder: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let prepared = Keysift::new(&self.repo.tree.path().join(folder)).args(&["ci"]).args(arguments);
        variables.iter().fold(prepared, |prepared, (name, value)| prepared.env(name, value)).run()
    }

    /// Runs the step `id` of the action in the clone. `values` are those of expressions, `variables` those of the environment.
    pub fn step(&self, id: &str, inputs: &[(&str, &str)], values: &[(&str, &str)], variables: &[(&str, &str)]) -> Step {
        let action = action();
        let steps = action["runs"]["steps"].as_vec().expect("a composite action has steps");
        let step = steps.iter().find(|step| step["id"].as_str() == Some(id)).unwrap_or_else(|| panic!("there is a step {id}"));
        assert_eq!(step["shell"].as_str(), Some("bash"));
        let top = self.repo.tree.path();
        let temporary = top.join("runner-temp");
        fs::create_dir_all(&temporary).expect("folders can be made");
        let (outputs, summary) = (top.join("outputs"), top.join("summary"));
        fs::write(&outputs, "").expect("files can be written");
        fs::write(&summary, "").expect("files can be written");
        let value = |expression: &str| -> String {
            let known = values.iter().find(|(name, _)| *name == expression).map(|(_, value)| (*value).to_owned());
            let input = || {
                let name = expression.strip_prefix("inputs.")?;
                let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| (*value).to_owned());
                Some(given.unwrap_or_else(|| action["inputs"][name]["default"].as_str().expect("every input has a default").to_owned()))
            };
            let path = || (expression == "github.action_path").then(|| project().display().to_string());
            known.or_else(input).or_else(path).unwrap_or_default()
        };
        let mut command = Command::new("bash");
        // As the runner starts it.
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().expect("the step runs something")]);
        command.current_dir(self.clone_path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").expect("there is a PATH"));
        isolate(&mut command, top);
        for (name, expression) in entries(&step["env"]) {
            let expression = expression.as_str().expect("values are strings");
            let inner = expression.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")).unwrap_or_else(|| panic!("{expression} is one expression"));
            command.env(name, value(inner));
        }
        command.env("GITHUB_ACTIONS", "true").env("CI", "true").env("RUNNER_TEMP", &temporary);
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary).envs(variables.iter().copied());
        let output = command.stdin(Stdio::null()).output().expect("bash is installed");
        let run = Run { code: output.status.code().expect("it is not killed"), stdout: output.stdout, stderr: output.stderr };
        let text = fs::read_to_string(&outputs).expect("outputs are text");
        let outputs = text.lines().map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).expect("name=value")).collect();
        Step { run, outputs, summary: fs::read_to_string(&summary).expect("a summary is text") }
    }
}

impl Step {
    /// Panics with all that was said unless the step ended with `code` and says so in its outputs.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        let (out, error) = (String::from_utf8_lossy(&self.run.stdout), String::from_utf8_lossy(&self.run.stderr));
        assert_eq!(self.run.code, code, "stdout:\n{out}\nstderr:\n{error}");
        assert_eq!(self.output("exit-code"), code.to_string());
        self
    }

    /// The value of an output; an empty one if it was not set.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Panics unless standard error or the summary has `text`.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let error = String::from_utf8_lossy(&self.run.stderr);
        assert!(error.contains(text) || self.summary.contains(text), "no `{text}` in:\n{error}\n{}", self.summary);
        self
    }
}

/// What stands for no commit in events.
pub const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A pull request's event, as far as its shape is read.
pub fn request(base: &str, head: &str, from: &str) -> Value {
    json!({
        "action": "synchronize",
        "number": 1,
        "pull_request": {
            "number": 1,
            "base": { "ref": "main", "sha": base, "repo": { "full_name": "owner/project", "fork": false } },
            "head": { "ref": "topic", "sha": head, "repo": { "full_name": from, "fork": from != "owner/project" } },
        },
        "repository": { "full_name": "owner/project", "default_branch": "main" },
    })
}

/// A push's event.
pub fn push(reference: &str, before: &str, after: &str) -> Value {
    json!({
        "ref": reference,
        "before": before,
        "after": after,
        "created": before == ZEROS,
        "deleted": after == ZEROS,
        "repository": { "full_name": "owner/project", "default_branch": "main" },
    })
}

/// A world with a pull request that brings `files`, checked out with this depth; gives base and head.
pub fn with_request(files: &[(&str, &str)], depth: u32) -> (World, String, String) {
    let world = World::new();
    let base = world.id("main");
    world.branch("topic", "main");
    files.iter().for_each(|(path, text)| {
        world.commit(path, text);
    });
    let head = world.id("HEAD");
    world.pull_request("topic");
    world.checkout("refs/pull/1/merge", "refs/remotes/pull/1/merge", depth);
    (world, base, head)
}
