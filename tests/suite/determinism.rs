//! The same input gives the same bytes: whatever the number of threads, the order in which files were made, and the run.

use std::fs;
use std::path::Path;

use crate::common::corpus::{self, File};
use crate::common::{self, Keysift, Run, Tree, groq_line, mistral_line};

const FORMATS: [&str; 11] = ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html", "gitleaks"];
const THREADS: [&str; 2] = ["1", "16"];

/// Files with findings, suppressed ones, skips and paths that are left out.
fn files() -> Vec<(String, Vec<u8>)> {
    let of_corpus = corpus::rendered(5).into_iter().step_by(8).map(|File { path, text, .. }| (path, text.into_bytes()));
    let mut files: Vec<(String, Vec<u8>)> = of_corpus.collect();
    for i in 0..40 {
        files.push((format!("allowed/{i}.env"), mistral_line(i).into_bytes()));
        files.push((format!("noted/{i}.env"), format!("# keysift:allow-next-line reason=\"number {i}\"\n{}", groq_line(i)).into_bytes()));
        files.push((format!("media/{i}.gz"), vec![0x1F, 0x8B, 8, 0, i as u8]));
        files.push((format!("left/out/{i}.txt"), b"nothing".to_vec()));
        files.push((format!("several/{}/{i}.env", i % 7), [groq_line(i), mistral_line(i), groq_line(i)].concat().into_bytes()));
    }
    files.push((".gitignore".to_owned(), b"/left/out/\n".to_vec()));
    files.push((".keysift.toml".to_owned(), b"[[allow]]\npaths = [\"allowed/\"]\nreason = \"old\"\n".to_vec()));
    // A big file takes all threads at once.
    let big = (0..14_000).map(|i| if i % 1400 == 0 { groq_line(i) } else { format!("line {i} of a long file that goes on and on\n") });
    files.push(("big.txt".to_owned(), big.collect::<String>().into_bytes()));
    files
}

fn write_all<'f>(folder: &Path, files: impl Iterator<Item = &'f (String, Vec<u8>)>) {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
        fs::write(path, content).expect("files can be written");
    }
    #[cfg(unix)]
    for i in 0..20 {
        std::os::unix::fs::symlink("nowhere", folder.join(format!("link-{i}"))).expect("links can be made");
    }
}

fn scan(folder: &Path, format: &str, threads: &str) -> Run {
    let listing = ["--show-suppressed", "--show-skipped"];
    Keysift::new(folder).args(&["scan", "--format", format, "--threads", threads]).args(&listing).run().expect(1)
}

#[test]
fn the_same_bytes_whatever_the_threads_and_the_run() {
    let tree = Tree::new();
    write_all(tree.path(), files().iter());
    for format in FORMATS {
        let first = scan(tree.path(), format, THREADS[0]);
        for threads in THREADS {
            let n_more = if threads == THREADS[0] { 2 } else { 3 };
            for run in 0..n_more {
                assert!(scan(tree.path(), format, threads) == first, "{format}, {threads} threads, run {run}");
            }
        }
    }
}

#[test]
fn the_tree_has_something_of_everything() {
    let tree = Tree::new();
    write_all(tree.path(), files().iter());
    let report = tree.report(&["--show-suppressed", "--show-skipped"]);
    assert!(common::findings(&report).len() > 120);
    assert_eq!(report["suppressed"].as_array().map(Vec::len), Some(80));
    assert!(report["skipped"].as_array().is_some_and(|skipped| skipped.len() >= 40));
    assert!(common::number(&report["coverage"]["n_ignored"]) > 0);
    assert!(common::number(&report["coverage"]["n_blobs"]) > 170);
}

#[test]
fn the_order_in_which_files_were_made_does_not_matter() {
    let outer = Tree::new();
    let folder = outer.path().join("tree");
    let files = files();
    let reports_of = |order: &mut dyn Iterator<Item = &(String, Vec<u8>)>| {
        fs::create_dir(&folder).expect("it is not there");
        write_all(&folder, order);
        let reports = FORMATS.map(|format| scan(&folder, format, "16"));
        fs::remove_dir_all(&folder).expect("it is there");
        reports
    };
    let forward = reports_of(&mut files.iter());
    let backward = reports_of(&mut files.iter().rev());
    for (format, (forward, backward)) in FORMATS.iter().zip(forward.iter().zip(&backward)) {
        assert!(forward == backward, "{format}");
    }
}

#[test]
fn the_order_in_which_paths_are_named_does_not_matter() {
    let tree = Tree::with(&[("a/one.env", &mistral_line(1)), ("b/two.env", &groq_line(2)), ("c.env", &mistral_line(3))]);
    let one = tree.run(&["scan", "--format", "jsonl", "a", "b", "c.env"]).expect(1);
    let other = tree.run(&["scan", "--format", "jsonl", "c.env", "b", "a"]).expect(1);
    let without_summary = |run: &Run| run.out().lines().filter(|line| !line.contains("\"type\":\"summary\"")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(without_summary(&one), without_summary(&other));
    assert_eq!(without_summary(&one).len(), 3);
}
