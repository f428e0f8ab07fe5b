//! `keysift hook`: installs, removes and shows hooks of git, and is what they call.
//!
//! Installing writes files and reads the user's own git configuration; what a hook calls reads the repository alone, as every scan does.

pub mod args;
mod block;
mod file;
mod framework;
mod global;
mod husky;
mod index;
mod install;
mod manager;
mod place;
mod push;
mod run;
mod script;
mod state;

use super::Failure;
use crate::finding::Exit;
use args::{HookArgs, HookCommand};

/// Runs the command and gives the exit code.
pub fn run(args: &HookArgs) -> Result<u8, Failure> {
    match &args.command {
        HookCommand::Install { which, force } => {
            if which.global { global::install(&which.types()) } else { install::install(&which.types(), *force) }?;
            Ok(Exit::Clean.code())
        }
        HookCommand::Uninstall(which) => {
            if which.global { global::uninstall(which) } else { install::uninstall(&which.types()) }?;
            Ok(Exit::Clean.code())
        }
        HookCommand::Status(which) => {
            let are_all = if which.global { global::status(&which.types()) } else { install::status(&which.types()) }?;
            Ok(if are_all { Exit::Clean.code() } else { NOT_ALL })
        }
        HookCommand::Run(args) => run::run(args),
    }
}

/// Exit code of `keysift hook status` if a hook that was asked for is missing.
const NOT_ALL: u8 = 1;
