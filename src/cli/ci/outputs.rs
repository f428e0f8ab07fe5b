//! What the following steps of a workflow are given: `$GITHUB_OUTPUT` and `$GITHUB_STEP_SUMMARY`.
//!
//! An output is one line, `name=value`. A value of several lines could bring outputs of its own, so it is refused.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::CiArgs;
use super::plan::Plan;
use crate::cli::Failure;
use crate::finding::{Exit, Report};
use crate::verdict::Verdict;

/// Largest summary that GitHub takes, in bytes.
const LARGEST_SUMMARY: usize = 1 << 20;

/// Where outputs go.
#[derive(Debug)]
pub struct Outputs {
    /// Whether workflow commands are understood.
    pub is_github: bool,
    output: Option<PathBuf>,
    summary: Option<PathBuf>,
    /// Whether outputs were written.
    is_told: Cell<bool>,
}

impl Outputs {
    /// The files that the environment names.
    pub fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let file = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let is_github = variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        Self { is_github, output: file("GITHUB_OUTPUT"), summary: file("GITHUB_STEP_SUMMARY"), is_told: Cell::new(false) }
    }

    /// Appends outputs.
    pub fn put(&self, values: &[(&str, String)]) -> Result<(), Failure> {
        let Some(file) = &self.output else { return Ok(()) };
        let mut text = String::new();
        for (name, value) in values {
            if value.contains(['\n', '\r']) {
                return Err(Failure::usage(format!("the output {name} would have several lines; name a file without line feeds in its path")));
            }
            text += &format!("{name}={value}\n");
        }
        append(file, &text)?;
        self.is_told.set(true);
        Ok(())
    }

    /// Appends the outputs of a run that ended without a scan; of one that scanned, and failed later, those of the scan stay.
    pub fn put_failure(&self, exit: Exit) -> Result<(), Failure> {
        if self.is_told.get() {
            return Ok(());
        }
        self.put(&[("exit-code", exit.code().to_string()), ("blobs-scanned", "0".to_owned())])
    }

    /// Appends to the job summary.
    ///
    /// `table` is made to fit; what would be too much of `rest` is left out.
    pub fn summarize(&self, table: &[u8], rest: &str) -> Result<(), Failure> {
        let Some(file) = &self.summary else { return Ok(()) };
        let mut end = rest.len().min(LARGEST_SUMMARY.saturating_sub(table.len() + 1));
        if end < rest.len() {
            end = rest.as_bytes()[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        }
        append(file, &String::from_utf8_lossy(table))?;
        append(file, &rest[..end])
    }
}

fn append(file: &Path, text: &str) -> Result<(), Failure> {
    let result = OpenOptions::new().append(true).create(true).open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    result.map_err(|error| Failure::incomplete(format!("cannot write {}: {error}", file.display())))
}

/// The outputs of a scan.
pub fn values(args: &CiArgs, report: &Report, plan: &Plan, code: u8) -> Result<Vec<(&'static str, String)>, Failure> {
    let text = |path: &PathBuf| {
        let wrong = || Failure::usage(format!("the path {} is not UTF-8, so that it cannot be an output", path.display()));
        path.to_str().map(str::to_owned).ok_or_else(wrong)
    };
    let n_live = report.findings.iter().filter(|finding| finding.confirmation.verdict == Verdict::Live).count();
    let mut values = vec![
        ("findings", report.findings.len().to_string()),
        ("live", n_live.to_string()),
        ("exit-code", code.to_string()),
        ("blobs-scanned", report.coverage.n_blobs.to_string()),
        ("may-upload", plan.may_upload.to_string()),
    ];
    if let Some(file) = &args.sarif_file {
        values.push(("sarif-file", text(file)?));
    }
    if let Some(file) = &args.report_file {
        values.push(("report-file", text(file)?));
    }
    Ok(values)
}
