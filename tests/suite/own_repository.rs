//! keysift scans its own repository clean: neither its rules nor its tests hold anything that looks like a key.

use crate::common::{Keysift, findings, number, project};

#[test]
fn our_own_repository_is_clean() {
    // As a user would: without the build folder, which `.gitignore` leaves out, and with everything else.
    let run = Keysift::new(project()).args(&["scan", "--format", "json", "--show-suppressed", "."]).run();
    let report = run.json();
    let found: Vec<String> =
        findings(&report).iter().map(|finding| format!("{}:{}: {} ({})", finding["path"], finding["line"], finding["rule"], finding["line_text"])).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let run = run.expect(0);
    assert!(number(&report["coverage"]["n_blobs"]) > 100, "{}", run.err());
    assert_eq!(report["suppressed"].as_array().map(Vec::len), Some(0), "there is nothing that has to be suppressed: {}", report["suppressed"]);
}
