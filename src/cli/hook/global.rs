//! The hooks of all repositories of a user: a folder of our own, named by `core.hooksPath` of the global git configuration.
//!
//! With `core.hooksPath` git looks for no hook in a repository any more. So there is a script for every hook that git knows, which hands over to
//! the repository's own. The configuration is read and written by the `git` command itself, for the user's own file only.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::{HookType, WhichArgs};
use super::file::{Change, Found, Spot, told};
use super::install::binary;
use super::place::{self, shown};
use super::script;
use super::state::State;
use crate::blob::path_text;
use crate::cli::{Failure, output};

/// Every hook that git looks for in the hooks folder, but for one: git takes the mere presence of `push-to-checkout` for a reason not to update the
/// work tree itself.
const NAMES: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Installs the hooks for all repositories.
pub fn install(types: &[HookType]) -> Result<(), Failure> {
    let folder = folder()?;
    if let Some(other) = configured()?.filter(|other| !is_same(other, &folder)) {
        let help = format!(
            "your own hooks lie there; run `keysift hook run TYPE` from them, or `git config --global --unset core.hooksPath` and try again\n\
             (hooks of {} would then not run any more)",
            path_text(&other)
        );
        return Err(Failure::usage(format!("core.hooksPath of your git configuration is {} already", path_text(&other))).with_help(Some(help)));
    }
    place::check_folder(&folder)?;
    let binary = binary();
    let mut plans = Vec::with_capacity(NAMES.len());
    for name in NAMES {
        let spot = Spot::new(&folder, name);
        let text = match types.iter().find(|hook| hook.name() == *name) {
            Some(&hook) => script::global(hook, binary.as_deref()),
            None => script::hand_over(name),
        };
        let change = spot.plan(&spot.found()?, &text)?;
        if change == Change::Chain {
            let help = "move it away and try again";
            return Err(Failure::usage(format!("{} is not a hook of keysift", shown(&spot.path))).with_help(Some(help.to_owned())));
        }
        plans.push((spot, change, text));
    }
    for (spot, change, text) in &plans {
        if let Some(changed) = spot.apply(change, text)? {
            output::note(&format!("{}: written anew{}", shown(&spot.path), told(Some(&changed))));
        }
    }
    // Last, so that git never looks into a folder that is not complete.
    git_config(&["core.hooksPath", folder_text(&folder)?])?;
    let names: Vec<&str> = types.iter().map(|hook| hook.name()).collect();
    output::note(&format!("installed for all your repositories: {} in {}", names.join(", "), shown(&folder)));
    output::note("note: a repository that sets core.hooksPath itself, as husky does, needs `keysift hook install` of its own");
    Ok(())
}

/// Takes the hooks of all repositories away.
pub fn uninstall(which: &WhichArgs) -> Result<(), Failure> {
    if !which.types.is_empty() {
        let help = "`keysift hook install --global --type …` with the types that remain writes the others anew";
        return Err(Failure::usage("the hooks for all repositories are removed together").with_help(Some(help.to_owned())));
    }
    let folder = folder()?;
    let is_ours = configured()?.is_some_and(|configured| is_same(&configured, &folder));
    if is_ours {
        git_config(&["--unset", "core.hooksPath"])?;
    }
    for name in NAMES {
        let spot = Spot::new(&folder, name);
        if matches!(spot.found()?, Found::Ours { .. }) {
            let removed = spot.remove()?;
            if removed.changed.is_some() {
                output::note(&format!("{name}: {removed}"));
            }
        }
    }
    // It stays where something else is in it.
    let _ = std::fs::remove_dir(&folder);
    output::note(if is_ours { "removed for all your repositories" } else { "was not installed for all your repositories" });
    Ok(())
}

/// Shows the state of the hooks for all repositories; says whether all are installed.
pub fn status(types: &[HookType]) -> Result<bool, Failure> {
    let folder = folder()?;
    let configured = configured()?;
    let is_used = configured.as_ref().is_some_and(|configured| is_same(configured, &folder));
    let mut are_all = is_used;
    let mut text = format!("hooks of all repositories: {}\n", configured.as_deref().map_or_else(|| "none (core.hooksPath is not set)".to_owned(), path_text));
    for &hook in types {
        let state = if is_used { State::of(&Spot::new(&folder, hook.name()), |binary| script::global(hook, binary), None, hook)? } else { State::Not };
        are_all &= state.is_installed();
        text += &format!("{}: {}\n", hook.name(), state.text());
    }
    output::to_stdout(text.as_bytes())?;
    Ok(are_all)
}

/// Whether a hooks folder is that for all repositories.
pub fn is_folder(place: &Path) -> bool {
    folder().is_ok_and(|folder| is_same(place, &folder))
}

/// The folder for the hooks of all repositories.
fn folder() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) { variable("APPDATA") } else { variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config"))) };
    let name = if cfg!(windows) { "APPDATA" } else { "HOME" };
    base.map(|base| base.join("keysift").join("hooks"))
        .ok_or_else(|| Failure::usage(format!("{name} is not set, so that there is no place for hooks of all repositories")))
}

/// What the global configuration says; `None` if it says nothing.
fn configured() -> Result<Option<PathBuf>, Failure> {
    let text = git_config(&["--includes", "--type=path", "--get", "core.hooksPath"])?;
    Ok(text.filter(|text| !text.is_empty()).map(PathBuf::from))
}

/// Runs `git config --global`; `None` if the value is not set.
fn git_config(arguments: &[&str]) -> Result<Option<String>, Failure> {
    let failed = |why: String| Failure::incomplete(format!("`git config --global {}` failed: {why}", arguments.join(" ")));
    let output = Command::new("git").args(["config", "--global"]).args(arguments).stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    match output.status.code() {
        Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned())),
        Some(1) => Ok(None),
        _ => Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

fn folder_text(folder: &Path) -> Result<&str, Failure> {
    folder.to_str().ok_or_else(|| Failure::usage(format!("{} is no UTF-8", path_text(folder))))
}

fn is_same(a: &Path, b: &Path) -> bool {
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    resolved(a) == resolved(b)
}
