//! Whether the configuration of a hook manager has keysift run for a hook.
//!
//! It is read as the manager reads it, as far as that takes no other file: what it extends or includes is not followed. What is no YAML that can be read
//! without harm is searched line by line.

use std::path::Path;

use super::Manager;
use crate::cli::hook::args::HookType;
use crate::config::import::yaml::{self, Node};

/// Whether the configuration at `path` with this text runs keysift for `hook`.
pub fn runs_keysift(manager: Manager, path: &Path, text: &str, hook: HookType) -> bool {
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let tree = if is_toml { toml::from_str(text).ok().map(|table| of_toml(toml::Value::Table(table))) } else { yaml::parse(text).ok() };
    match (tree, manager) {
        (Some(root), Manager::Lefthook) => root.get(hook.name()).is_some_and(|section| in_lefthook(section, hook)),
        (Some(root), Manager::PreCommit) => in_pre_commit(&root, hook),
        (None, _) => {
            let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            match manager {
                Manager::Lefthook => lines.any(|line| line.contains(&call_of(hook))),
                Manager::PreCommit => lines.any(|line| line.contains(FRAMEWORK) || names_our_hook(line)),
            }
        }
    }
}

/// How the framework calls keysift.
const FRAMEWORK: &str = "keysift hook run framework";

/// How a manager without a protocol of its own calls it.
fn call_of(hook: HookType) -> String {
    format!("keysift hook run {}", hook.name())
}

/// Whether a line of `.pre-commit-config.yaml` names one of our hooks.
fn names_our_hook(line: &str) -> bool {
    let line = line.trim_start_matches(['-', ' ', '{']);
    let id = line.strip_prefix("id:").map(|id| id.split([',', '}', '#']).next().unwrap_or_default().trim().trim_matches(['"', '\'']));
    id.is_some_and(|id| stages_of(id).is_some())
}

/// The stages of our hooks, as `.pre-commit-hooks.yaml` has them.
fn stages_of(id: &str) -> Option<&'static [&'static str]> {
    match id {
        "keysift" | "keysift-system" => Some(&["pre-commit", "pre-merge-commit", "pre-push", "manual"]),
        "keysift-push" => Some(&["pre-push"]),
        _ => None,
    }
}

/// Whether one of the hooks of `.pre-commit-config.yaml` or `prek.toml` is ours, and runs at this stage.
fn in_pre_commit(root: &Node, hook: HookType) -> bool {
    let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let default = root.get("default_stages").map(|_| root.texts("default_stages"));
    let mut repos = root.get("repos").into_iter().flat_map(Node::items);
    repos.any(|repo| {
        let is_local = text_of(repo, "repo") == "local";
        repo.get("hooks").into_iter().flat_map(Node::items).any(|entry| {
            let of_repo = stages_of(&text_of(entry, "id")).filter(|_| !is_local);
            if of_repo.is_none() && !text_of(entry, "entry").contains(FRAMEWORK) {
                return false;
            }
            let chosen = entry.get("stages").map(|_| entry.texts("stages"));
            let of_repo = of_repo.map(|stages| stages.iter().map(|&stage| stage.to_owned()).collect());
            // A hook without stages runs at all of them.
            chosen.or(of_repo).or_else(|| default.clone()).is_none_or(|stages: Vec<String>| stages.iter().any(|stage| is_stage(stage, hook)))
        })
    })
}

/// Whether a stage is that of a hook, by its name or by the one of earlier versions of pre-commit.
fn is_stage(stage: &str, hook: HookType) -> bool {
    stage == hook.name() || hook.name().strip_prefix("pre-") == Some(stage)
}

/// Whether one of the commands or jobs of a hook of lefthook is keysift, and none that is always left out.
fn in_lefthook(section: &Node, hook: HookType) -> bool {
    if section.get("skip").and_then(Node::text) == Some("true") {
        return false;
    }
    let is_ours = section.get("run").and_then(Node::text).is_some_and(|run| run.contains(&call_of(hook)));
    let commands = section.get("commands").into_iter().flat_map(Node::pairs).map(|(_, command)| command);
    let jobs = section.get("jobs").into_iter().flat_map(Node::items);
    let group = section.get("group").into_iter();
    is_ours || commands.chain(jobs).chain(group).any(|inner| in_lefthook(inner, hook))
}

/// The same tree for TOML.
fn of_toml(value: toml::Value) -> Node {
    match value {
        toml::Value::Table(table) => Node::Map(table.into_iter().map(|(key, value)| (key, of_toml(value))).collect()),
        toml::Value::Array(items) => Node::List(items.into_iter().map(of_toml).collect()),
        toml::Value::String(text) => Node::Text(text),
        other => Node::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(manager: Manager, name: &str, text: &str) -> [bool; 3] {
        HookType::ALL.map(|hook| runs_keysift(manager, Path::new(name), text, hook))
    }

    #[test]
    fn entries_of_pre_commit_are_read_as_it_reads_them() {
        let of = |hooks: &str| of(Manager::PreCommit, ".pre-commit-config.yaml", &format!("repos:\n-   repo: x\n    hooks:\n{hooks}"));
        for hooks in ["    -   id: keysift\n", "    - id: keysift # note\n", "    - {id: keysift}\n", "    - id: \"keysift-system\"\n"] {
            assert_eq!(of(hooks), [true, true, true], "{hooks}");
        }
        assert_eq!(of("    - id: 'keysift-push'\n"), [false, false, true]);
        assert_eq!(of("    - id: keysift\n      stages: [manual]\n"), [false; 3]);
        assert_eq!(of("    - id: keysift\n      stages: [commit]\n"), [true, false, false]);
        assert_eq!(of("    - id: keysift\n      stages: [pre-commit]\n    - id: keysift-push\n"), [true, false, true]);
        assert_eq!(of("    # - id: keysift\n    - id: keysifter\n    - id: x\n      name: keysift\n"), [false; 3]);
    }

    #[test]
    fn local_entries_and_default_stages_count() {
        let of = |text: &str| of(Manager::PreCommit, ".pre-commit-config.yaml", text);
        let local = "repos:\n- repo: local\n  hooks:\n  - id: mine\n    entry: keysift hook run framework\n";
        assert_eq!(of(local), [true; 3]);
        assert_eq!(of(&format!("default_stages: [pre-push]\n{local}")), [false, false, true]);
        assert_eq!(of(&local.replace("keysift hook run framework", "true").replace("mine", "keysift")), [false; 3]);
        // What cannot be read as a tree is searched.
        assert_eq!(of("x: &x 1\ny: *x\nrepos:\n- repo: x\n  hooks:\n  -   id: keysift # note\n"), [true; 3]);
        let prek = "[[repos]]\nrepo = \"x\"\nhooks = [{ id = \"keysift\", stages = [\"pre-commit\"] }]\n";
        assert_eq!(super::tests::of(Manager::PreCommit, "prek.toml", prek), [true, false, false]);
    }

    #[test]
    fn commands_of_lefthook_count_unless_they_are_left_out() {
        let of = |text: &str| of(Manager::Lefthook, "lefthook.yml", text);
        let command = "pre-push:\n  commands:\n    keysift:\n      run: keysift hook run pre-push {1} {2}\n";
        assert_eq!(of(command), [false, false, true]);
        assert_eq!(of(&format!("{command}      skip: true\n")), [false; 3]);
        assert_eq!(of(&command.replace("  commands:", "  skip: true\n  commands:")), [false; 3]);
        assert_eq!(of(&format!("{command}      skip:\n        - merge\n")), [false, false, true]);
        assert_eq!(of("pre-commit:\n  jobs:\n    - group:\n        jobs:\n          - run: keysift hook run pre-commit\n"), [true, false, false]);
        assert_eq!(of("pre-commit:\n  commands:\n    keysift:\n      run: keysift hook run pre-push\n"), [false; 3]);
    }

    #[test]
    fn hostile_configurations_do_no_harm() {
        for text in [&"[".repeat(100_000), &"{a: ".repeat(100_000), "\u{0}", ""] {
            assert_eq!(of(Manager::PreCommit, ".pre-commit-config.yaml", text), [false; 3]);
        }
    }
}
