//! `keysift check`: asks its provider whether one key works.
//!
//! The key comes from standard input, a hidden prompt or a variable of the environment, and goes to one provider or to nobody. It is written nowhere: no
//! file, no argument, no output. Nothing is sent where several providers could have issued the key.

mod advice;
mod ask;
mod detect;
mod echo;
mod paste;
mod prompt;
mod report;

use std::io::{IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::args::CheckArgs;
use super::confirm::{EndpointNotes, check_providers};
use super::{Failure, output, setup};
use crate::config::Config;
use crate::rule::RuleSet;
use detect::Detected;
use paste::Pasted;

/// Most bytes that are read: no key is longer, and nobody pipes a disk.
const LARGEST_INPUT: u64 = 64 << 10;

/// The exit code of a key that works.
const LIVE: u8 = 0;
/// Of one that does not work, or not now: `restricted`, `invalid`, `blocked`.
const NOT_WORKING: u8 = 1;
/// Of a wrong command line, and of a key of which it is not clear whose it is.
const USAGE: u8 = 2;
/// Of one about which nothing was found out.
const UNKNOWN: u8 = 3;

/// Runs the command and gives the exit code.
pub fn run(args: &CheckArgs) -> Result<u8, Failure> {
    if !args.refused.is_empty() {
        let help = "give it on standard input, at the prompt, or with --env NAME";
        let what = "`keysift check` takes no key as an argument: other programs could read it there, and the shell would keep it in its history";
        return Err(Failure::usage(what).with_help(Some(help.to_owned())));
    }
    let (rules, config) = configuration(args)?;
    check_providers(args.provider.as_slice(), &config)?;
    let text = read(args)?;
    let pasted = paste::clean(&text);
    if let Some((what, fix)) = refusal(args, &pasted) {
        return report::refused(args, what, fix);
    }
    let hint = args.env.as_deref().or(pasted.name.as_deref());
    let detected = detect::detect(&rules, &pasted.key, hint, args.provider.as_deref());
    let mut notes = pasted.notes;
    notes.extend(detected.remarks());
    let found = match detected {
        Detected::One(found) => found,
        Detected::Several(candidates) => return report::candidates(args, &pasted.key, &candidates, &notes),
        Detected::Nobody { .. } => return report::candidates(args, &pasted.key, &[], &notes),
    };
    // What is wrong with the form of a key is said before the key is sent.
    report::announce(args, &found, &notes, &EndpointNotes::new(&config), ask::first_host(&config, &found).as_deref());
    let mut answer = ask::ask(args, &config, &found, hint.unwrap_or_default());
    echo::hide(&mut answer, &found);
    report::answer(args, &found, &notes, &answer)
}

/// Why what was read is sent to nobody, whosever it may be, and what to do.
fn refusal(args: &CheckArgs, pasted: &Pasted) -> Option<(&'static str, &'static str)> {
    let alone = "copy the key alone, in one piece";
    if pasted.key.is_empty() {
        return Some(("there is no key: what was read is empty", "give it on standard input, at the prompt, or with --env NAME"));
    }
    if pasted.key.iter().any(|byte| matches!(byte, b'{' | b'}' | b'"')) {
        return Some(("what was read is no key: it looks like JSON, or a part of it", alone));
    }
    if pasted.key.iter().any(|byte| !byte.is_ascii_graphic()) {
        return Some(("what was read is no key: inside of it are blanks, line breaks or characters that no key has", alone));
    }
    (args.provider.is_some() && pasted.has_more_lines).then_some(("what was read has several lines, and --provider sends it whatever its form", alone))
}

/// The rules, and the configuration that the user named; none is looked for.
fn configuration(args: &CheckArgs) -> Result<(RuleSet, Config), Failure> {
    let mut rules = RuleSet::built_in();
    let variable = std::env::var_os("KEYSIFT_CONFIG").filter(|value| !value.is_empty());
    let config = match args.config.as_deref().or(variable.as_deref().map(Path::new)) {
        Some(path) => Config { is_named: true, ..setup::load_config(path, &mut rules)? },
        None => Config::default(),
    };
    Ok((rules, config))
}

/// What was given as the key, whole.
fn read(args: &CheckArgs) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if let Some(name) = &args.env {
        let value = std::env::var_os(name).ok_or_else(|| Failure::usage("the variable that --env names is not set"))?;
        return Ok(Zeroizing::new(value.into_encoded_bytes()));
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return prompt::read("Key (what you type is not shown): ").map_err(|_| Failure::usage("the key could not be read at the prompt"));
    }
    // Room for all of it from the start: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_INPUT as usize + 1));
    stdin.lock().take(LARGEST_INPUT + 1).read_to_end(&mut bytes).map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > LARGEST_INPUT {
        return Err(Failure::usage("standard input has more than 64 KiB: that is no key").with_help(Some("`keysift scan -` finds keys in a text".to_owned())));
    }
    Ok(bytes)
}

/// A line for people who wait, unless the answer is for a program.
fn say(args: &CheckArgs, line: &str) {
    if !args.json {
        output::note(line);
    }
}
