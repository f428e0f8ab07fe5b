//! What the documentation of CI systems lets people copy: it is YAML, its options and inputs exist, its variables are read. And what the project's own
//! workflows may do.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::common::{self, Keysift, files_below, project};
use yaml_rust2::{Yaml, YamlLoader};

/// The pages, by path.
fn pages() -> Vec<(PathBuf, String)> {
    let files = files_below(&project().join("docs/ci")).into_iter().chain([project().join("README.md")]);
    files.map(|file| (file.clone(), fs::read_to_string(&file).expect("documentation is text"))).collect()
}

/// The blocks of code of this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    page.split(opening.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

fn parse(name: &str, text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    assert_eq!(documents.len(), 1, "{name}");
    documents.remove(0)
}

/// All mappings in a document.
fn mappings<'a>(yaml: &'a Yaml, found: &mut Vec<&'a Yaml>) {
    match yaml {
        Yaml::Hash(map) => {
            found.push(yaml);
            map.values().for_each(|value| mappings(value, found));
        }
        Yaml::Array(list) => list.iter().for_each(|value| mappings(value, found)),
        _ => {}
    }
}

/// The names of a mapping's entries.
fn keys(yaml: &Yaml) -> BTreeSet<String> {
    yaml.as_hash().map(|map| map.keys().filter_map(Yaml::as_str).map(str::to_owned).collect()).unwrap_or_default()
}

#[test]
fn samples_are_yaml_and_name_inputs_that_exist() {
    let action = parse("action.yml", &fs::read_to_string(project().join("action.yml")).expect("it is there"));
    let inputs = keys(&action["inputs"]);
    let (mut n_blocks, mut n_uses) = (0, 0);
    for (path, text) in pages() {
        for block in blocks(&text, "yaml") {
            n_blocks += 1;
            let document = parse(&path.display().to_string(), block);
            let mut found = Vec::new();
            mappings(&document, &mut found);
            for step in found.into_iter().filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("OWNER/keysift@"))) {
                n_uses += 1;
                let unknown: Vec<String> = keys(&step["with"]).difference(&inputs).cloned().collect();
                assert!(unknown.is_empty(), "{}: inputs that action.yml does not have: {unknown:?}", path.display());
            }
        }
    }
    assert!(n_blocks >= 8 && n_uses >= 3, "{n_blocks} {n_uses}");
    let page = fs::read_to_string(project().join("docs/ci/github.md")).expect("it is there");
    inputs.iter().for_each(|input| assert!(page.contains(&format!("`{input}`")), "docs/ci/github.md says nothing of the input {input}"));
    keys(&action["outputs"]).iter().for_each(|output| assert!(page.contains(&format!("`{output}`")), "docs/ci/github.md says nothing of the output {output}"));
}

#[test]
fn the_readme_adds_the_action_with_six_lines() {
    let readme = fs::read_to_string(project().join("README.md")).expect("it is there");
    let sample = blocks(&readme, "yaml").into_iter().find(|block| block.contains("OWNER/keysift@")).expect("README.md shows the action");
    assert_eq!(sample.lines().count(), 6, "{sample}");
}

#[test]
fn options_in_samples_exist() {
    let help = Keysift::new(project()).args(&["ci", "--help"]).run().expect(0);
    let known: BTreeSet<&str> = help.out().split_whitespace().filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches([',', '.'])).collect();
    let mut n_commands = 0;
    for (path, text) in pages() {
        for line in text.lines() {
            let Some((_, command)) = line.split_once("keysift ci ") else { continue };
            n_commands += 1;
            let command = command.split(['`', '\'']).next().unwrap_or_default();
            for option in command.split_whitespace().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap_or_default();
                assert!(known.contains(option), "{}: `keysift ci` has no {option}", path.display());
            }
        }
    }
    assert!(n_commands >= 6, "{n_commands}");
}

#[test]
fn variables_in_the_pages_are_read() {
    let sources: String = files_below(&project().join("src/cli/ci")).iter().map(|file| fs::read_to_string(file).expect("source is text")).collect();
    let is_variable = |word: &str| {
        let has_form = word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        has_form && ["CI_", "BITBUCKET_", "SYSTEM_", "BUILD_", "CIRCLE_", "CHANGE_", "GIT_PREV", "BRANCH_"].iter().any(|prefix| word.starts_with(prefix))
    };
    let mut n_variables = 0;
    for (path, text) in pages() {
        // Those in samples are for the CI system.
        let prose = text.split("```").step_by(2).collect::<String>();
        for word in prose.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| is_variable(word)) {
            n_variables += 1;
            assert!(sources.contains(&format!("\"{word}\"")), "{}: {word} is not read", path.display());
        }
    }
    assert!(n_variables >= 20, "{n_variables}");
}

#[test]
fn workflows_start_without_rights_and_name_actions_by_commit() {
    for name in ["ci", "dogfood", "release"] {
        let path = project().join(".github/workflows").join(format!("{name}.yml"));
        // A package of crates.io has no workflows.
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let workflow = parse(name, &text);
        assert!(workflow["permissions"].as_hash().is_some_and(|rights| rights.is_empty()), "{name}: `permissions: {{}}` stands on top");
        let mut found = Vec::new();
        mappings(&workflow, &mut found);
        for uses in found.iter().filter_map(|step| step["uses"].as_str()).filter(|uses| *uses != "./") {
            let (_, commit) = uses.split_once('@').unwrap_or_else(|| panic!("{name}: {uses} names no version"));
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}: {uses}");
            assert!(text.lines().any(|line| line.contains(uses) && line.contains(" # v")), "{name}: the version of {uses} stands in no comment");
        }
        for step in found.iter().filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"))) {
            assert_eq!(step["with"]["persist-credentials"].as_bool(), Some(false), "{name}");
        }
        for run in found.iter().filter_map(|step| step["run"].as_str()) {
            assert!(!run.contains("${{"), "{name}: an expression in a script: {run}");
        }
    }
}

#[test]
fn man_pages_are_written_for_every_command() {
    let tree = common::Tree::new();
    tree.run(&["man", "."]).expect(0);
    let names: BTreeSet<String> = files_below(tree.path()).iter().map(|file| file.file_name().expect("a file").to_string_lossy().into_owned()).collect();
    for name in ["keysift.1", "keysift-scan.1", "keysift-ci.1", "keysift-hook-install.1", "keysift-baseline-create.1"] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("help")), "{names:?}");
    let page = String::from_utf8(tree.read("keysift-ci.1")).expect("a page is text");
    assert!(page.starts_with(".ie") || page.contains(".TH keysift-ci 1"), "{page}");
    for option in ["base", "no\\-fetch", "allow\\-pull\\-request\\-target"] {
        assert!(page.contains(option), "{option} is not in the page");
    }
    assert_eq!(tree.run(&["man"]).expect(0).stdout, tree.read("keysift.1"));
    tree.run(&["man", "nowhere"]).expect(2);
}
