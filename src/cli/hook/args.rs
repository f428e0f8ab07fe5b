//! What can be typed after `keysift hook`.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::RunArgs;

/// `keysift hook`.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: HookCommand,
}

/// The commands about hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Make git run keysift before commits, merges and pushes. A hook that is there already is kept and runs after it
    Install {
        /// Which hooks.
        #[command(flatten)]
        which: WhichArgs,
        /// Install beside a hook manager that writes the hooks of this repository itself, or before a hook that goes by its own name [default: say what to
        /// add to them]
        #[arg(long, conflicts_with = "global")]
        force: bool,
    },
    /// Take the hooks away again and put back what was there before
    Uninstall(WhichArgs),
    /// Say which hooks are installed; the exit code is 0 if all of them are, else 1
    Status(WhichArgs),
    /// What the hooks call: scan what is about to be committed or pushed
    Run(Box<HookRunArgs>),
}

/// Which hooks, of which repositories.
#[derive(Debug, Args)]
pub struct WhichArgs {
    /// For all your repositories, by core.hooksPath of your global git configuration; hooks of the repositories themselves run as before
    /// [default: for the repository of the current folder]
    #[arg(long)]
    pub global: bool,

    /// Which hooks, separated by commas [default: all three]
    #[arg(long = "type", value_enum, value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<HookType>,
}

impl WhichArgs {
    /// The types that are meant, each once, in the order in which git runs them.
    pub fn types(&self) -> Vec<HookType> {
        HookType::ALL.into_iter().filter(|one| self.types.is_empty() || self.types.contains(one)).collect()
    }
}

/// The hooks that keysift installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "these are git's names")]
pub enum HookType {
    /// Before a commit
    PreCommit,
    /// Before the commit of a merge without conflicts
    PreMergeCommit,
    /// Before anything is sent to a remote
    PrePush,
}

impl HookType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PreMergeCommit, Self::PrePush];

    /// The name of the file that git looks for.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrePush => "pre-push",
        }
    }
}

/// `keysift hook run`.
#[derive(Debug, Args)]
pub struct HookRunArgs {
    /// Which hook runs
    #[arg(value_enum, value_name = "TYPE")]
    pub event: Event,

    /// What git gives to the hook: for pre-push the name and the address of the remote
    #[arg(value_name = "ARG")]
    pub args: Vec<OsString>,

    /// For `framework`: the stage that the hook is for [default: told by the environment]
    #[arg(long, value_enum, value_name = "STAGE")]
    pub stage: Option<Stage>,

    /// What every scan can be told.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What makes a hook run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Event {
    /// A commit: scans what is staged
    PreCommit,
    /// A merge: scans what is staged and not from one of its sides
    PreMergeCommit,
    /// A push: scans the commits that the remote does not have; reads from standard input what is pushed, as git tells it
    PrePush,
    /// pre-commit or prek: scans what their environment says
    Framework,
}

/// Stages of the pre-commit framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Before a commit
    PreCommit,
    /// Before the commit of a merge
    PreMergeCommit,
    /// Before a push
    PrePush,
    /// By hand
    Manual,
}
