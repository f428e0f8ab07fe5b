//! `keysift report`: JSON reports converted, merged and compared; and where the reports of a run go.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::args::{Color, Format, ReportArgs, ReportCommand, ReportCommandArgs, Target, Written};
use super::{Failure, output};
use crate::blob::path_text;
use crate::finding::Exit;
use crate::report::document::{self, Document};
use crate::report::join::{self, JoinError};
use crate::report::{self, Options, diff};

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Short => Self::Short,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Sarif => Self::Sarif,
            Format::Gitlab => Self::Gitlab,
            Format::Github => Self::Github,
            Format::Markdown => Self::Markdown,
            Format::Junit => Self::Junit,
            Format::Csv => Self::Csv,
            Format::Html => Self::Html,
            Format::Gitleaks => Self::Gitleaks,
        }
    }
}

/// Where the reports of a run go: that of `--format` and `--output`, and those of `--report`.
///
/// # Errors
/// Two go to the same place, or one to a place where none can be written.
pub fn targets(format: Option<Format>, output: Option<&Path>, reports: &ReportArgs, usual: Format) -> Result<Vec<Target>, Failure> {
    let takes_stdout = reports.targets.iter().any(|target| target.path.is_none());
    let mut targets = Vec::new();
    // Whoever sends another report to standard output does not want the usual one there.
    if format.is_some() || output.is_some() || !takes_stdout {
        targets.push(Target::new(format.unwrap_or(usual), output.map(Path::to_owned)));
    }
    targets.extend(reports.targets.iter().cloned());
    if targets.iter().filter(|target| target.path.is_none()).count() > 1 {
        let help = "give each of them a path, or leave out --format";
        return Err(Failure::usage("standard output can take one report only").with_help(Some(help.to_owned())));
    }
    let mut seen = BTreeSet::new();
    for path in targets.iter().filter_map(|target| target.path.as_ref()) {
        if !seen.insert(output::resolved(path)) {
            return Err(Failure::usage(format!("two reports cannot both be written to {}", path.display())));
        }
        output::check_writable(path)?;
    }
    Ok(targets)
}

/// Writes what `make` gives for each target there. One that fails keeps none of the others from being written.
pub fn write(targets: &[Target], mut make: impl FnMut(&Target) -> Vec<u8>) -> Result<(), Failure> {
    let mut result = Ok(());
    for target in targets {
        let bytes = make(target);
        let written = match &target.path {
            Some(path) => output::to_file(path, &bytes),
            // These escape it, and GitHub's are commands.
            None if matches!(target.format, Format::Json | Format::Jsonl | Format::Sarif | Format::Gitlab | Format::Github | Format::Gitleaks) => {
                output::to_stdout(&bytes)
            }
            None => output::to_stdout(&output::without_commands(bytes)),
        };
        result = result.and(written);
    }
    result
}

/// When a run that begins and ends now does so, in seconds since 1970 UTC; `SOURCE_DATE_EPOCH` says so for reports that are to be the same again.
pub fn now() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    fixed.unwrap_or_else(|| jiff::Timestamp::now().as_second())
}

/// The repository's page at the service in whose job this is run, as GitHub's variables say it.
pub fn repository_url() -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':'));
    (server.starts_with("https://") && is_plain(&server) && is_plain(&repository)).then(|| format!("{}/{repository}", server.trim_end_matches('/')))
}

/// Runs `keysift report`.
pub fn run(args: &ReportCommandArgs) -> Result<u8, Failure> {
    match &args.command {
        ReportCommand::Convert { file, written } => {
            let targets = targets(written.format, written.output.as_deref(), &written.reports, Format::Text)?;
            spare(&targets, std::slice::from_ref(file))?;
            write_document(&read(file)?, written, &targets)?;
            Ok(Exit::Clean.code())
        }
        ReportCommand::Merge { files, any_root, written } => {
            let targets = targets(written.format, written.output.as_deref(), &written.reports, Format::Json)?;
            spare(&targets, files)?;
            let documents = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            let whole = join::merge(documents, *any_root).map_err(unlike)?;
            write_document(&whole, written, &targets)?;
            Ok(whole.head.exit.code)
        }
        ReportCommand::Diff { old, new, any_root, json } => {
            let (old, new) = (read(old)?, read(new)?);
            let diff = diff::diff(&old, &new, *any_root).map_err(unlike)?;
            output::to_stdout(if *json { diff.json() } else { diff.text() }.as_bytes())?;
            Ok(diff.code())
        }
    }
}

/// Refuses to write over a report that is read.
fn spare(targets: &[Target], files: &[PathBuf]) -> Result<(), Failure> {
    let read: BTreeSet<PathBuf> = files.iter().map(|file| output::resolved(file)).collect();
    match targets.iter().filter_map(|target| target.path.as_ref()).find(|path| read.contains(&output::resolved(path))) {
        Some(path) => Err(Failure::usage(format!("{} is a report to be read; write the new one to another file", path.display()))),
        None => Ok(()),
    }
}

/// Reports that do not belong together.
fn unlike(error: JoinError) -> Failure {
    let help = "--any-root takes reports of folders that stand for the same one";
    let help = matches!(error, JoinError::Roots(..)).then(|| help.to_owned());
    Failure::usage(error).with_help(help)
}

fn read(file: &Path) -> Result<Document, Failure> {
    let name = path_text(file);
    let mut bytes = Vec::new();
    // One byte more than can be read is enough to know that it is too much.
    let most = document::LARGEST as u64 + 1;
    let result = if file.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    result.map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
    document::read(&bytes).map_err(|error| Failure::usage(format!("{name} is no report that can be read: {error}")))
}

fn write_document(document: &Document, written: &Written, targets: &[Target]) -> Result<(), Failure> {
    let unsafe_format = targets.iter().find(|target| !report::Format::from(target.format).can_show_secrets());
    if let Some(target) = unsafe_format.filter(|_| document.head.secrets_shown) {
        let name = report::Format::from(target.format).name();
        let help = "scan again without --show-secrets";
        return Err(Failure::usage(format!("the report shows secrets, and {name} reports are made to be uploaded")).with_help(Some(help.to_owned())));
    }
    let now = now();
    let repository_url = repository_url();
    let options = Options {
        show_secrets: document.head.secrets_shown,
        show_suppressed: true,
        show_skipped: true,
        color: false,
        width: output::width(),
        quiet: false,
        category: written.reports.sarif_category.as_deref(),
        sarif_scope: written.reports.sarif_scope.into(),
        repository_url: repository_url.as_deref(),
        ran: (now, now),
    };
    write(targets, |target| {
        let color = target.path.is_none() && output::wants_color(Color::Auto);
        report::render_document(target.format.into(), document, &Options { color, ..options })
    })?;
    // Why a scan is incomplete is said with every format: a table has no place for it.
    let is_for_programs = !targets.iter().any(|target| matches!(target.format, Format::Text | Format::Short));
    output::note(&report::summary(document, &Options { quiet: is_for_programs, ..options }));
    tell_left_out(targets, document, &options);
    Ok(())
}

/// Says which findings a SARIF log leaves out: who reads only that would miss them.
pub fn tell_left_out(targets: &[Target], document: &Document, options: &Options<'_>) {
    let n = document.findings.iter().filter(|finding| finding.place().is_none()).count();
    let is_cut = options.sarif_scope == report::SarifScope::Head && targets.iter().any(|target| target.format == Format::Sarif);
    if n > 0 && is_cut && !options.quiet {
        let are = if n == 1 { "1 finding is" } else { &format!("{n} findings are") };
        output::note(&format!("note: {are} only in the history and not in the SARIF report; `--sarif-scope all` writes them, too"));
    }
}
