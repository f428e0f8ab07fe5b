//! `keysift man`: the man pages, made from the declaration of the command line.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use super::args::Args;
use super::{Failure, output};
use crate::finding::Exit;

/// What the declaration of the command line does not hold, as roff.
const LAST_SECTIONS: &str = "\
.SH \"EXIT STATUS\"
.TP
0
everything was scanned, nothing was found
.TP
1
something was found
.TP
2
the command line or the configuration is wrong
.TP
3
nothing was found, but not everything could be scanned or there was nothing to scan, or the report could not be written
.SH ENVIRONMENT
.TP
KEYSIFT_CONFIG
the configuration file, unless one is named
.TP
NO_COLOR, CLICOLOR_FORCE
whether reports on a terminal have color
.SH FILES
.TP
\\&.keysift.toml
the configuration of a project
.TP
\\&.keysiftignore
what is not scanned, as in .gitignore
.TP
\\&.keysift-baseline
findings that were accepted
";

/// Writes a page for each command into `folder`, or that of keysift to standard output, and gives the exit code.
pub fn run(folder: Option<&Path>) -> Result<u8, Failure> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    match folder {
        None => output::to_stdout(&page(command, "keysift")?)?,
        Some(folder) if !folder.is_dir() => {
            return Err(Failure::usage(format!("there is no folder {}", folder.display())).with_help(Some("make the folder first".to_owned())));
        }
        Some(folder) => write_all(&command, "keysift", folder)?,
    }
    Ok(Exit::Clean.code())
}

/// The page of `command` and those of its subcommands, each as `keysift-NAME.1`.
fn write_all(command: &clap::Command, name: &str, folder: &Path) -> Result<(), Failure> {
    output::to_file(&folder.join(format!("{name}.1")), &page(command.clone(), name)?)?;
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    visible.into_iter().try_for_each(|command| write_all(command, &format!("{name}-{}", command.get_name()), folder))
}

fn page(command: clap::Command, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let is_main = command.get_name() == "keysift";
    Man::new(command.display_name(name.to_owned()))
        .title(name)
        .render(&mut bytes)
        .map_err(|error| Failure::incomplete(format!("the man page of {name} cannot be made: {error}")))?;
    if is_main {
        bytes.extend_from_slice(LAST_SECTIONS.as_bytes());
    }
    Ok(bytes)
}
