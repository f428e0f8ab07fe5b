//! The samples of the documentation are what the program prints.

mod common;

use std::fs;

use common::{Keysift, Run, Tree, mistral, mistral_line, project};

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
