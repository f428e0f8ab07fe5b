//! Installing, removing and showing the hooks of one repository.
//!
//! All asked types are planned before the first file changes: either all of them are installed or none.

use std::path::{Path, PathBuf};

use super::args::HookType;
use super::block::BlockState;
use super::file::{Change, Found, Spot, told};
use super::global;
use super::husky;
use super::manager::Manager;
use super::place::{self, Kind, Place, shown};
use super::script;
use super::state::State;
use crate::cli::{Failure, output};

/// Installs the hooks.
pub fn install(types: &[HookType], is_forced: bool) -> Result<(), Failure> {
    let place = place::find()?;
    if let Kind::Husky { scripts } = &place.kind {
        return install_in_husky(&place.folder, scripts, types);
    }
    if global::is_folder(&place.folder) {
        return Err(Failure::usage("keysift is installed for all your repositories already").with_help(Some(GLOBAL.to_owned())));
    }
    place::check_folder(&place.folder)?;
    let mut spots = Vec::with_capacity(types.len());
    for &hook in types {
        let spot = Spot::new(&place.folder, hook.name());
        let found = spot.found()?;
        spots.push((hook, spot, found));
    }
    if !is_forced {
        refuse_sleeping(&place)?;
        spots = not_run_by_a_manager(&place, spots)?;
    }
    let binary = binary_for(&place);
    let mut plans = Vec::with_capacity(spots.len());
    for (hook, spot, found) in spots {
        let text = script::native(hook, binary.as_deref());
        let change = spot.plan(&found, &text)?;
        if change == Change::Chain && !is_forced {
            refuse_dispatcher(&spot, &found, hook)?;
        }
        plans.push((hook, change, spot, text));
    }
    for (hook, change, spot, text) in plans {
        let changed = spot.apply(&change, &text)?;
        say(hook, &format!("{}{}", installed(&change, &spot), told(changed.as_deref())));
    }
    tell_of_folder(&place);
    Ok(())
}

/// What can be done where the hooks of all repositories are keysift's.
const GLOBAL: &str = "`keysift hook status --global` shows it, `keysift hook uninstall --global` ends it";

fn installed(change: &Change, spot: &Spot) -> String {
    let place = shown(&spot.path);
    match change {
        Change::Nothing => format!("is installed already: {place}"),
        Change::Write => format!("installed: {place}"),
        Change::Chain => format!("installed: {place}; the hook that was there is now {} and runs after it", shown(&spot.before)),
    }
}

/// Says what a folder that is not the repository's own means.
fn tell_of_folder(place: &Place) {
    match place.kind {
        Kind::Everywhere => {
            output::note(&format!("note: core.hooksPath of your own configuration names {}: its hooks run in all your repositories", place.shown()))
        }
        Kind::Named { is_shared: true } => {
            output::note(&format!("note: {} is part of the work tree: once committed, the hooks run for all and need keysift on PATH", place.shown()));
        }
        Kind::Named { is_shared: false } | Kind::Own | Kind::Husky { .. } => {}
    }
}

/// Refuses to rename a hook that goes by its own name, for it would do nothing then.
fn refuse_dispatcher(spot: &Spot, found: &Found, hook: HookType) -> Result<(), Failure> {
    let Found::Other(Some(text)) = found else { return Ok(()) };
    if !text.lines().any(asks_its_name) {
        return Ok(());
    }
    let help = format!("let it run `keysift hook run {}` itself; with --force it is renamed, and runs after keysift under another name", hook.name());
    Err(Failure::usage(format!("{} asks by which name it is called, which it would lose; nothing was changed", shown(&spot.path))).with_help(Some(help)))
}

/// Whether a line of a script asks by which name the script was called, as one that is linked under several does. Comments do not.
fn asks_its_name(line: &str) -> bool {
    let line = line.trim_start();
    let is_of_path = || ["$0", "${0}", "BASH_SOURCE", "$PROGRAM_NAME", "__FILE__", "__file__", "argv[0]"].iter().any(|path| line.contains(path));
    !line.starts_with('#') && (line.contains("${0##") || line.contains("basename") && is_of_path())
}

/// Refuses where husky is set up and not started: git would look elsewhere once it is.
fn refuse_sleeping(place: &Place) -> Result<(), Failure> {
    let Some(top) = &place.top else { return Ok(()) };
    if place.kind == Kind::Own && husky::sleeping(top).is_some() {
        let help = "start husky first (`npx husky`) and try again; with --force it is installed nevertheless, until husky has git look elsewhere";
        return Err(Failure::usage("there is a folder .husky, but git does not look there yet").with_help(Some(help.to_owned())));
    }
    Ok(())
}

/// The hooks that no manager's configuration has keysift run; it is said of the others.
///
/// Refuses to install beside a manager that does not run keysift and would write the hook files anew one day.
fn not_run_by_a_manager(place: &Place, spots: Vec<(HookType, Spot, Found)>) -> Result<Vec<(HookType, Spot, Found)>, Failure> {
    let Some(top) = &place.top else { return Ok(spots) };
    let (mut wanted, mut managed) = (Vec::new(), Vec::new());
    for (hook, spot, found) in spots {
        let manager_of_hook = match &found {
            Found::Other(Some(text)) => Manager::of_hook(text),
            _ => None,
        };
        match manager_of_hook.or_else(|| Manager::of_work_tree(top)) {
            None => wanted.push((hook, spot, found)),
            Some(manager) if !manager.runs_keysift(top, hook) => return Err(refusal(manager)),
            Some(manager) if manager_of_hook.is_some() => managed.push((hook, manager)),
            // Its configuration names keysift, but its hook is not there.
            Some(_) => wanted.push((hook, spot, found)),
        }
    }
    for (hook, manager) in managed {
        say(hook, &format!("is run by the configuration of {}: nothing was changed", manager.name()));
    }
    Ok(wanted)
}

fn refusal(manager: Manager) -> Failure {
    let help = format!("{}\nwith --force the hook is installed nevertheless and runs before that of {}", manager.snippet(), manager.name());
    Failure::usage(format!("{} writes the hooks of this repository; nothing was changed", manager.name())).with_help(Some(help))
}

fn install_in_husky(folder: &Path, scripts: &Path, types: &[HookType]) -> Result<(), Failure> {
    place::check_folder(scripts)?;
    let mut plans = Vec::with_capacity(types.len());
    for &hook in types {
        plans.push((hook, husky::with_block(folder, scripts, hook)?));
    }
    for (hook, text) in plans {
        let place = shown(&scripts.join(hook.name()));
        match text {
            Some(text) => {
                let kept = husky::write(scripts, hook, &text)?;
                say(hook, &format!("installed: a block in {place}; commit it, so that it runs for all{kept}"));
            }
            None => say(hook, &format!("is installed already: {place}")),
        }
    }
    if !types.iter().all(|&hook| husky::is_run(folder, hook)) {
        output::note("note: husky was not started here, so that git does not run its scripts yet: `npx husky` starts it");
    }
    Ok(())
}

/// The binary that the hooks name; none where others get them, too.
fn binary_for(place: &Place) -> Option<PathBuf> {
    match place.kind {
        Kind::Named { is_shared: true } => None,
        _ => binary(),
    }
}

/// The running binary, by the name it was called by: a package manager's link outlives the version that it points to.
pub fn binary() -> Option<PathBuf> {
    let running = std::env::current_exe().ok()?;
    let called = PathBuf::from(std::env::args_os().next()?);
    let named = match called.components().count() {
        0 | 1 => std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(&called)).find(|path| path.is_file()),
        _ => std::path::absolute(&called).ok(),
    };
    let is_running = |path: &PathBuf| path.is_absolute() && path.canonicalize().ok() == running.canonicalize().ok();
    named.filter(is_running).or(Some(running))
}

/// Takes the hooks away.
pub fn uninstall(types: &[HookType]) -> Result<(), Failure> {
    let place = place::find()?;
    for &hook in types {
        let done = match &place.kind {
            Kind::Husky { scripts } => husky::remove(scripts, hook)?,
            _ if global::is_folder(&place.folder) => {
                return Err(Failure::usage("keysift is installed for all your repositories, not for this one").with_help(Some(GLOBAL.to_owned())));
            }
            _ => Spot::new(&place.folder, hook.name()).remove()?.to_string(),
        };
        say(hook, &done);
    }
    Ok(())
}

/// Shows the state of the hooks; says whether all are installed.
pub fn status(types: &[HookType]) -> Result<bool, Failure> {
    let place = place::find()?;
    let mut are_all = true;
    let mut text = format!("hooks: {}\n", place.shown());
    for &hook in types {
        let state = state(&place, hook)?;
        are_all &= state.is_installed();
        text += &format!("{}: {}\n", hook.name(), state.text());
    }
    output::to_stdout(text.as_bytes())?;
    tell_of_folder(&place);
    Ok(are_all)
}

fn state(place: &Place, hook: HookType) -> Result<State, Failure> {
    if let Kind::Husky { scripts } = &place.kind {
        return Ok(match husky::state(scripts, hook)? {
            BlockState::Current if husky::is_run(&place.folder, hook) => State::Husky,
            BlockState::Current if place.folder == *scripts => State::NotExecutable,
            BlockState::Current => State::Asleep,
            BlockState::Behind => State::Behind,
            BlockState::Other => State::OutOfDate,
            BlockState::None => State::Not,
        });
    }
    let spot = Spot::new(&place.folder, hook.name());
    let script = if global::is_folder(&place.folder) { script::global } else { script::native };
    State::of(&spot, |binary| script(hook, binary), place.top.as_deref(), hook)
}

fn say(hook: HookType, what: &str) {
    output::note(&format!("{}: {what}", hook.name()));
}
