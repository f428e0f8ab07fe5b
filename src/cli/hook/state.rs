//! Whether a hook is installed, and whether it does what it should.

use std::path::Path;

use super::args::HookType;
use super::file::{Found, Spot};
use super::manager::Manager;
use super::place::shown;
use super::script;
use crate::blob::path_text;
use crate::cli::Failure;

/// The state of one hook.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// Our hook is there.
    Installed {
        /// The hook from before that runs after it.
        before: Option<String>,
    },
    /// Our block is in husky's script.
    Husky,
    /// Our block is in husky's script, behind lines that may end it.
    Behind,
    /// Our block is in husky's script, which git does not run here.
    Asleep,
    /// A hook manager's hook is there, and its configuration runs keysift.
    Managed(Manager),
    /// Our hook is there, and another version or changed.
    OutOfDate,
    /// Our hook is there, and git does not run it.
    NotExecutable,
    /// Our hook is there, and finds no keysift.
    Stranded {
        /// Where it looks first.
        binary: String,
    },
    /// Another hook is there.
    Other(Option<Manager>),
    /// There is none.
    Not,
}

impl State {
    /// The state of the hook at `spot`, whose text for a binary `expected` gives.
    pub fn of(spot: &Spot, expected: impl Fn(Option<&Path>) -> String, top: Option<&Path>, hook: HookType) -> Result<Self, Failure> {
        let (text, is_executable) = match spot.found()? {
            Found::Ours { text, is_executable } => (text, is_executable),
            Found::Nothing => return Ok(Self::Not),
            Found::Other(text) => {
                let manager = text.as_deref().and_then(Manager::of_hook);
                let managed = manager.filter(|manager| top.is_some_and(|top| manager.runs_keysift(top, hook)));
                return Ok(managed.map_or(Self::Other(manager), Self::Managed));
            }
        };
        if !is_executable {
            return Ok(Self::NotExecutable);
        }
        let binary = script::binary_of(&text);
        if text != expected(binary.as_deref().map(Path::new)) {
            return Ok(Self::OutOfDate);
        }
        let is_found = binary.as_deref().is_some_and(|binary| Path::new(binary).is_file()) || is_on_path();
        if !is_found {
            return Ok(Self::Stranded { binary: binary.unwrap_or_default() });
        }
        Ok(Self::Installed { before: spot.is_chained().then(|| shown(&spot.before)) })
    }

    /// Whether it scans before git goes on.
    pub fn is_installed(&self) -> bool {
        matches!(self, Self::Installed { .. } | Self::Husky | Self::Managed(_))
    }

    /// For people.
    pub fn text(&self) -> String {
        match self {
            Self::Installed { before: None } => "installed".to_owned(),
            Self::Installed { before: Some(before) } => format!("installed, chained: {before} runs after it"),
            Self::Husky => "installed, as a block in husky's script".to_owned(),
            Self::Behind => "not sure to be reached: the block is behind other lines of husky's script; `keysift hook install` puts it before them".to_owned(),
            Self::Asleep => "not run: the block is in husky's script, but husky was not started here; `npx husky` does".to_owned(),
            Self::Managed(manager) => format!("installed, by the configuration of {}", manager.name()),
            Self::OutOfDate => "out of date: `keysift hook install` writes it anew".to_owned(),
            Self::NotExecutable => "not executable, so that git does not run it: `keysift hook install` writes it anew".to_owned(),
            Self::Stranded { binary } if binary.is_empty() => "installed, but keysift is not on PATH: everything is refused".to_owned(),
            Self::Stranded { binary } => format!("installed, but keysift is neither {binary} nor on PATH: everything is refused"),
            Self::Other(None) => "not installed: there is another hook, which `keysift hook install` keeps and runs after its own".to_owned(),
            Self::Other(Some(manager)) => {
                format!("not installed: the hook is that of {}; `keysift hook install` says what to add to its configuration", manager.name())
            }
            Self::Not => "not installed".to_owned(),
        }
    }
}

/// Whether a program of our name is on `PATH`.
fn is_on_path() -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("keysift{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).any(|folder| !path_text(&folder).is_empty() && folder.join(&name).is_file())
}
