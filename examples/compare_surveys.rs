//! Scans histories twice, by what is new in each blob and whole, and tells where the findings differ.
//!
//! `cargo run --release --example compare_surveys -- REPO…`

use std::path::Path;
use std::process::ExitCode;

use keysift::finding::Finding;
use keysift::git::history::HistoryOptions;
use keysift::git::{GitError, Repo};
use keysift::rule::RuleSet;
use keysift::scan::{self, Job, Progress, Thoroughness, check};

/// What is compared of a finding, all but the secret itself.
fn fact(finding: &Finding) -> String {
    let Finding { origin, region, rule, confidence, evidence, suppression, presence, .. } = finding;
    let commit = origin.commit.as_ref().map(|commit| &commit.id);
    format!("{} {}:{region:?} {commit:?} {confidence:?} {evidence:?} {suppression:?} {presence:?}", rule.id, origin.path)
}

fn findings(place: &str, thoroughness: Thoroughness) -> Result<Vec<Finding>, GitError> {
    let engine = check::engine(RuleSet::built_in());
    let progress = Progress::default();
    let job = Job { targets: vec![], root: Path::new(place).to_owned(), n_threads: 2, lists_skips: false, progress: &progress };
    let repo = Repo::discover(Path::new(place))?;
    Ok(scan::history(&engine, &job, &repo, &HistoryOptions::default(), thoroughness)?.findings)
}

/// Whether both scans find the same.
fn is_same(place: &str) -> Result<bool, GitError> {
    let (novel, whole) = (findings(place, Thoroughness::Novel)?, findings(place, Thoroughness::Whole)?);
    let secrets = |findings: &[Finding]| findings.iter().map(|finding| finding.secret.clone()).collect::<Vec<_>>();
    let facts = |findings: &[Finding]| findings.iter().map(fact).collect::<Vec<_>>();
    let (of_novel, of_whole) = (facts(&novel), facts(&whole));
    of_whole.iter().filter(|fact| !of_novel.contains(fact)).for_each(|fact| println!("  only whole: {fact}"));
    of_novel.iter().filter(|fact| !of_whole.contains(fact)).for_each(|fact| println!("  only novel: {fact}"));
    let is_same = of_novel == of_whole && secrets(&novel) == secrets(&whole);
    println!("{place}: {} findings by what is new, {} whole: {}", novel.len(), whole.len(), if is_same { "the same" } else { "DIFFERENT" });
    Ok(is_same)
}

fn main() -> ExitCode {
    let mut is_same_everywhere = true;
    for place in std::env::args().skip(1) {
        match is_same(&place) {
            Ok(same) => is_same_everywhere &= same,
            Err(error) => {
                eprintln!("error: {place}: {error}");
                is_same_everywhere = false;
            }
        }
    }
    if is_same_everywhere { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
