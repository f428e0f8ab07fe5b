//! Keys in base64 that a tool broke into lines, as `base64` and PEM do, wherever in the lines they stand.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, base64, findings, groq_line, number};

/// The base64 of a text, in lines of this width.
fn broken(text: &str, width: usize, start: &str, end: &str) -> String {
    let lines = base64(text.as_bytes()).into_bytes();
    lines.chunks(width).map(|line| format!("{start}{}{end}", String::from_utf8_lossy(line))).collect()
}

/// A text with so many letters before the line of a key.
fn with_key(n_before: usize) -> String {
    format!("{}\n{}and so on for some more words\n", "x".repeat(n_before), groq_line(1))
}

#[test]
fn a_key_is_found_at_every_place_of_the_lines() {
    let tree = Tree::new();
    for n_before in 0..60 {
        for width in [64, 76] {
            tree.write(format!("{n_before}-{width}.txt"), broken(&with_key(n_before), width, "", "\n"));
        }
    }
    let report = Keysift::new(tree.path()).args(&["scan", "--format", "json", "--quiet", "."]).run().expect(1).json();
    assert_eq!(findings(&report).len(), 120, "{report}");
}

#[test]
fn what_is_around_the_lines_does_not_matter() {
    let text = with_key(30);
    for (content, lines) in [
        (format!("-----BEGIN DATA-----\r\n{}-----END DATA-----\r\n", broken(&text, 64, "", "\r\n")), 2..=4),
        (format!("data:\n  key.env: |\n{}\nother: 1\n", broken(&text, 76, "    ", "\n")), 3..=4),
        (broken(&text, 76, "\t", "\n").trim_end().to_owned(), 1..=2),
    ] {
        let tree = Tree::new();
        tree.write("file", &content);
        let run = Keysift::new(tree.path()).args(&["scan", "--format", "json", "--quiet", "."]).run().expect(1);
        let report = run.json();
        let found = findings(&report);
        assert_eq!(found.len(), 1, "{content}: {report}");
        assert_eq!((number(&found[0]["line"]), number(&found[0]["end_line"])), (*lines.start(), *lines.end()), "{content}: {report}");
    }
}

#[test]
fn of_a_long_text_every_key_is_found_once() {
    let tree = Tree::new();
    let text: String = (0..400).map(|i| format!("{}\n{}", "some words that mean nothing ".repeat(300), groq_line(i))).collect();
    tree.write("file", broken(&text, 76, "", "\n"));
    let report = Keysift::new(tree.path()).args(&["scan", "--format", "json", "--quiet", "."]).run().expect(1).json();
    assert_eq!(findings(&report).len(), 400);
}

#[test]
fn staged_changes_and_history_have_them_too() {
    let repo = TestRepo::new();
    let clean: String = "words and words ".repeat(60);
    repo.write("file", broken(&clean, 64, "", "\n"));
    repo.commit("clean");
    let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(&[arguments, &["--format", "json", "--quiet"]].concat()).run();
    run(&["history"]).expect(0);
    let text = format!("{clean}{}{clean}", with_key(30));
    repo.write("file", broken(&text, 64, "", "\n"));
    repo.git(&["add", "-A"]);
    assert_eq!(findings(&run(&["staged"]).expect(1).json()).len(), 1);
    repo.commit("a key");
    // Lines of the text that are far from the key are no change of it.
    repo.write("file", broken(&format!("{text}more"), 64, "", "\n"));
    repo.git(&["add", "-A"]);
    run(&["staged"]).expect(0);
    repo.commit("more");
    repo.git(&["gc", "-q"]);
    for command in [&["history"][..], &["range", "HEAD~2..HEAD"]] {
        assert_eq!(findings(&run(command).expect(1).json()).len(), 1, "{command:?}");
    }
}
