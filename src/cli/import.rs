//! `keysift import`: writes our configuration from another scanner's.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Failure, output};
use crate::blob::path_text;
use crate::config::import::{self, From};
use crate::finding::Exit;

/// `keysift import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// Whose configuration it is
    #[arg(value_enum)]
    pub from: Scanner,

    /// `.gitleaks.toml`; `.secrets.baseline`; trufflehog's file of custom detectors, or of `--exclude-paths`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Write to FILE, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace a file that is there [default: it is left as it is, and that is an error]
    #[arg(long)]
    pub force: bool,
}

/// A scanner whose configuration is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scanner {
    /// gitleaks, and its forks
    Gitleaks,
    /// detect-secrets
    DetectSecrets,
    /// trufflehog
    Trufflehog,
}

/// Runs the command and gives the exit code.
pub fn run(args: &ImportArgs) -> Result<u8, Failure> {
    if let Some(output) = &args.output {
        if output.symlink_metadata().is_ok() && !args.force {
            let help = "name another file, or replace it with --force".to_owned();
            return Err(Failure::usage(format!("{} is there already", output.display())).with_help(Some(help)));
        }
        output::check_writable(output)?;
    }
    let from = match args.from {
        Scanner::Gitleaks => From::Gitleaks,
        Scanner::DetectSecrets => From::DetectSecrets,
        Scanner::Trufflehog => From::Trufflehog,
    };
    let baseline = path_from(args.output.as_deref(), &args.file);
    let imported = import::import(from, &args.file, &baseline).map_err(|error| Failure::usage(&error).with_help(error.help()))?;
    match &args.output {
        Some(path) => output::to_file(path, imported.text.as_bytes())?,
        None => output::to_stdout(imported.text.as_bytes())?,
    }
    imported.remarks.iter().for_each(|remark| output::note(&format!("note: {remark}")));
    if imported.n_left_out > 0 {
        let things = if imported.n_left_out == 1 { "1 thing".to_owned() } else { format!("{} things", imported.n_left_out) };
        output::note(&format!("warning: {things} could not be carried over; comments at the top say what"));
    }
    Ok(Exit::Clean.code())
}

/// How a configuration at `output` names `file`: relative to its folder where it lies there, else as it was typed or by its whole path.
fn path_from(output: Option<&Path>, file: &Path) -> String {
    let Some(output) = output else { return path_text(file) };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Ok(file)) = (folder.canonicalize(), file.canonicalize()) else { return path_text(file) };
    path_text(file.strip_prefix(folder).unwrap_or(&file))
}
