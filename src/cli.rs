//! The command line: what was typed, turned into what is meant, and run.
//!
//! Findings go to standard output, everything else to standard error. A report written to a file appears whole or not at all.

mod args;
mod baseline;
#[cfg(feature = "confirm")]
mod check;
mod ci;
mod compat;
#[cfg(feature = "confirm")]
mod confirm;
mod explain;
mod git;
mod hook;
mod import;
mod man;
mod output;
mod report;
mod rules;
mod run;
mod scan;
mod setup;
mod typo;

use std::io::Write as _;
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::finding::Exit;
use args::{Args, Command};

/// Why a command could not do its work: what, and what to do next. The exit code is that of wrong usage unless the scan had begun.
#[derive(Debug)]
struct Failure {
    what: String,
    help: Option<String>,
    exit: Exit,
}

impl Failure {
    fn usage(what: impl ToString) -> Self {
        Self { what: what.to_string(), help: None, exit: Exit::Usage }
    }

    fn incomplete(what: impl ToString) -> Self {
        Self { what: what.to_string(), help: None, exit: Exit::Incomplete }
    }

    fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// Runs keysift with the arguments of the process. Whatever happens, it does not end as if all was scanned.
pub fn main() -> ExitCode {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        panic::set_hook(Box::new(tell_fault));
    }
    panic::catch_unwind(run_typed).unwrap_or_else(|_| ExitCode::from(Exit::Incomplete.code()))
}

/// Says that keysift failed and where, and nothing of what it was at: the text of a panic may quote what was scanned.
fn tell_fault(fault: &PanicHookInfo<'_>) {
    let place = fault.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    output::note(&format!("error: keysift itself failed{place}"));
    output::note("help: this is a bug; please report it with the line above and the version of keysift");
}

fn run_typed() -> ExitCode {
    let typed: Vec<_> = std::env::args_os().skip(1).collect();
    let args = match Args::try_parse() {
        Ok(args) if args.command.is_some() => args,
        Ok(args) => match typo::of_command(&typed) {
            None => args,
            Some(failure) => return failed(&failure),
        },
        Err(error) => {
            if let Some(failure) = typo::of_command(&typed).filter(|_| error.use_stderr()) {
                return failed(&failure);
            }
            if error.use_stderr() && typed.first().is_some_and(|word| word == "ci") {
                ci::tell_wrong_usage();
            }
            if error.kind() == ErrorKind::DisplayHelp && typed.len() == 1 {
                return overview();
            }
            // Help and version are answers, everything else is wrong usage.
            if error.use_stderr() {
                // Where that cannot be written there is nobody to tell.
                let _ = error.print();
                return ExitCode::from(Exit::Usage.code());
            }
            return answer(&error.render());
        }
    };
    let result = match args.command.unwrap_or(Command::Scan(args.scan)) {
        Command::Scan(args) => scan::run(&args),
        Command::Staged { whole_files, run } => git::staged(whole_files, &run),
        Command::Range(args) => git::range(&args),
        Command::History(args) => git::history(&args),
        Command::Git(args) => compat::git(&args),
        Command::Dir(args) => compat::dir(&args),
        Command::Stdin(args) => compat::stdin(&args),
        Command::Ci(args) => ci::run(args),
        Command::Hook(args) => hook::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Baseline(args) => baseline::run(&args.command),
        Command::Explain(args) => explain::run(&args),
        Command::Man { folder } => man::run(folder.as_deref()),
        Command::Report(args) => report::run(&args),
        #[cfg(feature = "confirm")]
        Command::Confirm(args) => confirm::run(&args),
        #[cfg(feature = "confirm")]
        Command::Check(args) => check::run(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "keysift", &mut script);
            output::to_stdout(&script).map(|()| Exit::Clean.code())
        }
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failed(&failure),
    }
}

/// Prints the help of keysift itself: its options are those of `scan`, whose help describes them, so that each has only its row here.
fn overview() -> ExitCode {
    let mut command = Args::command();
    command.build();
    let about = command.get_long_about().cloned().unwrap_or_default();
    let help = command.about(about).mut_arg("help", |option| option.help("Print help")).render_help();
    answer(&help)
}

/// Prints what was asked for, in color where that is wanted.
fn answer(text: &StyledStr) -> ExitCode {
    let mut colored = anstream::AutoStream::new(Vec::new(), output::auto_color());
    colored.write_all(text.ansi().to_string().as_bytes()).expect("writing to memory cannot fail");
    match output::to_stdout(&colored.into_inner()) {
        Ok(()) => ExitCode::from(Exit::Clean.code()),
        Err(failure) => failed(&failure),
    }
}

/// Says why a command failed, and gives its exit code.
fn failed(failure: &Failure) -> ExitCode {
    output::note(&format!("error: {}", failure.what));
    if let Some(help) = &failure.help {
        output::note(&format!("help: {help}"));
    }
    ExitCode::from(failure.exit.code())
}
