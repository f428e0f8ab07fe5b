//! The samples of the documentation are what the program prints.

use std::collections::BTreeSet;
use std::fs;

use keysift::rule::{GENERIC, RuleSet};

use crate::common::{Keysift, Run, Tree, mistral, mistral_line, project};

/// The first block of `page` that begins with a finding.
fn sample(page: &str) -> String {
    let text = fs::read_to_string(project().join(page)).expect("the page is part of the project");
    let (_, rest) = text.split_once("```text\nseverity ").unwrap_or_else(|| panic!("{page} shows a finding"));
    let (sample, _) = rest.split_once("```").expect("a block ends");
    format!("severity {sample}")
}

/// The text with what is visible of masked secrets made the same: it is drawn.
fn without_tails(text: &str) -> String {
    let mut parts = text.split("********");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "********" + "????" + part.get(4..).unwrap_or_default())
}

/// The numbers that stand before `noun` in `text`.
fn numbers_of(noun: &str, text: &str) -> Vec<usize> {
    let before = text.match_indices(noun).filter_map(|(at, _)| text[..at].rsplit([' ', '|', '(', '\n']).next());
    before.filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn the_numbers_of_rules_and_providers_are_those_of_the_program() {
    let rules = RuleSet::built_in().rules;
    let providers: BTreeSet<&str> = rules.iter().map(|rule| rule.provider.id).filter(|id| *id != GENERIC).collect();
    for page in ["README.md", "docs/benchmarks.md"] {
        let text = fs::read_to_string(project().join(page)).expect("the page is part of the project");
        let said = numbers_of(" rules", &text);
        assert!(!said.is_empty() && said.iter().all(|n| *n == rules.len()), "{page} speaks of {said:?} rules, there are {}", rules.len());
        let said = numbers_of(" providers", &text);
        assert!(said.iter().all(|n| *n == providers.len()), "{page} speaks of {said:?} providers, there are {}", providers.len());
    }
}

fn run(tree: &Tree) -> Run {
    Keysift::new(tree.path()).args(&["scan"]).run().expect(1)
}

#[test]
fn the_first_finding_of_a_newcomer() {
    let tree = Tree::with(&[(".env", &mistral_line(1))]);
    let typed = tree.path().to_str().expect("UTF-8").replace('\\', "/");
    let run = Keysift::new(Tree::new().path()).args(&["scan", &typed]).run().expect(1);
    assert_eq!(without_tails(&format!("{}{}", run.out().replace(&typed, "/tmp/try"), run.err())), without_tails(&sample("README.md")));
}

#[test]
fn the_finding_that_the_page_about_reports_explains() {
    let text = format!("{}client = Mistral(api_key=\"{}\")\n", "\n".repeat(11), mistral(1));
    let run = run(&Tree::with(&[("src/chat.py", &text)]));
    assert_eq!(without_tails(run.out().trim_end()), without_tails(sample("docs/reports.md").trim_end()));
}
