//! A word that was meant as a command and is none: without a command, words are paths, and "no such file" helps nobody who mistyped `scan`.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;

use super::Failure;
use super::args::Args;
use crate::config::did_you_mean;

/// Commands that users of other scanners know, and what does their work here.
const OF_OTHERS: [(&str, &str); 4] = [
    ("detect", "`keysift git` scans a repository, `keysift dir` files and folders"),
    ("protect", "`keysift git --staged` or `keysift staged` scans what is staged"),
    ("filesystem", "`keysift scan` scans files and folders"),
    ("directory", "`keysift dir` scans files and folders"),
];

/// What is wrong with the first of `arguments`, the name of the program not among them, if it was meant as a command.
pub fn of_command(arguments: &[OsString]) -> Option<Failure> {
    let word = arguments.first()?.to_str()?;
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-');
    let commands = Args::command();
    let is_command = || commands.get_subcommands().any(|command| command.get_name() == word) || word == "help";
    if !is_word || is_command() || Path::new(word).exists() {
        return None;
    }
    let of_others = OF_OTHERS.iter().find(|(name, _)| *name == word).map(|(_, help)| (String::new(), (*help).to_owned()));
    let (hint, help) = of_others.or_else(|| {
        let hint = did_you_mean(word, commands.get_subcommands().map(clap::Command::get_name));
        (!hint.is_empty()).then(|| (hint, "`keysift --help` lists the commands; anything else is a path to scan".to_owned()))
    })?;
    Some(Failure::usage(format!("there is no command and no file `{word}`{hint}")).with_help(Some(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(word: &str) -> Option<String> {
        of_command(&[word.into()]).map(|failure| failure.what)
    }

    #[test]
    fn a_mistyped_command_is_told_from_a_path() {
        assert_eq!(said("scann").as_deref(), Some("there is no command and no file `scann` (did you mean `scan`?)"));
        assert_eq!(said("stagd").as_deref(), Some("there is no command and no file `stagd` (did you mean `staged`?)"));
        assert_eq!(said("detect").as_deref(), Some("there is no command and no file `detect`"));
        for other in ["scan", "help", "--help", "src", "src/scann", "Dockerfile.old", "qqqq", ""] {
            assert_eq!(said(other), None, "{other}");
        }
    }
}
