//! Writing: to standard output, to standard error, to files.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use super::args::Color;
use crate::report::mask::printable;
use crate::report::text::wrap;

/// Writes to standard output. A reader that closed the pipe has what it wanted.
pub fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match whole(|| out.write_all(bytes).and_then(|()| out.flush())) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::incomplete(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}

/// Runs `write`, which a second Ctrl-C does not end in the middle.
#[cfg(feature = "confirm")]
fn whole<T>(write: impl FnOnce() -> T) -> T {
    crate::confirm::whole(write)
}

/// Without questions to providers nothing catches Ctrl-C.
#[cfg(not(feature = "confirm"))]
fn whole<T>(write: impl FnOnce() -> T) -> T {
    write()
}

/// Writes lines to standard error, without anything that could steer a terminal; if that is impossible there is nobody to tell.
pub fn note(lines: &str) {
    for line in lines.lines() {
        let line = without_commands(printable(line).into_bytes());
        let _ = writeln!(io::stderr(), "{}", String::from_utf8_lossy(&line));
    }
}

/// `text` without what a CI system that reads the output would take for a command: `##[…]` and `##vso[…]` anywhere, `::…` at the start of a line. A blank
/// makes them text.
pub fn without_commands(text: Vec<u8>) -> Vec<u8> {
    if memchr::memmem::find(&text, b"##").is_none() && memchr::memmem::find(&text, b"::").is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        // As the runners do: blanks of any script before it do not matter.
        let is_command = String::from_utf8_lossy(line).trim_start().starts_with("::");
        let mut is_first = true;
        for (at, &byte) in line.iter().enumerate() {
            let before = &line[..at];
            let opens = byte == b'[' && (before.ends_with(b"##") || before.len() >= 5 && before[before.len() - 5..].eq_ignore_ascii_case(b"##vso"));
            let leads = is_command && byte == b':' && before.ends_with(b":") && std::mem::take(&mut is_first);
            if opens || leads {
                out.push(b' ');
            }
            out.push(byte);
        }
    }
    out
}

/// Checks, before the work for it is done, that [`to_file`] can write to `path`; nothing is left there.
pub fn check_writable(path: &Path) -> Result<(), Failure> {
    let failure = |what: &str, help: &str| Err(Failure::incomplete(format!("cannot write {}: {what}", path.display())).with_help(Some(help.to_owned())));
    if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return failure("it is a folder", "name a file in it");
    }
    if path.is_symlink() && path.metadata().is_err() {
        return failure("it is a link that leads to no file", "name the file itself");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return failure(&format!("there is no folder {}", folder.display()), "make the folder first");
    }
    if !is_plain(path) {
        return Ok(());
    }
    let temporary = temporary(path)?;
    match std::fs::File::create(&temporary).and_then(|_| std::fs::remove_file(&temporary)) {
        Ok(()) => Ok(()),
        Err(error) => failure(&format!("no file can be made in {}: {error}", folder.display()), "name a file in a folder that you may write to"),
    }
}

/// The file that a report at `path` becomes, whichever way it is named: by this two names of one file are known.
pub fn resolved(path: &Path) -> PathBuf {
    let beside = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(beside).unwrap_or_else(|| path.to_owned())
}

/// Whether a report at `path` is written by renaming. A device, a pipe or a link would be replaced by that instead of written to.
fn is_plain(path: &Path) -> bool {
    std::fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file())
}

/// The file beside `path` that becomes the report.
fn temporary(path: &Path) -> Result<PathBuf, Failure> {
    let mut name = path.file_name().ok_or_else(|| Failure::usage(format!("{} is no file name", path.display())))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(name))
}

/// Writes a file whole or not at all: to a temporary file beside it, then by renaming. Through a link, and to what is no file, it is written directly.
pub fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |error: io::Error| Failure::incomplete(format!("cannot write {}: {error}", path.display()));
    if !is_plain(path) {
        return std::fs::write(path, bytes).map_err(failure);
    }
    let temporary = temporary(path)?;
    // Who may read a file that is there already stays as it is.
    let like_before = || path.metadata().map_or(Ok(()), |before| std::fs::set_permissions(&temporary, before.permissions()));
    let replace = || std::fs::write(&temporary, bytes).and_then(|()| like_before()).and_then(|()| std::fs::rename(&temporary, path));
    whole(replace).map_err(|error| {
        // The write may have left a part behind; if it did not, there is nothing to remove.
        let _ = std::fs::remove_file(&temporary);
        failure(error)
    })
}

/// Whether to color what goes to standard output.
pub fn wants_color(when: Color) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => auto_color() != anstream::ColorChoice::Never,
    }
}

/// Whether the environment and the terminal want color. `CLICOLOR_FORCE=0` forces nothing: then only a terminal gets color.
pub fn auto_color() -> anstream::ColorChoice {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|found| found == *value);
    let is_plain = !io::stdout().is_terminal() || is("TERM", "dumb") || is("CLICOLOR", "0");
    if is("CLICOLOR_FORCE", "0") && is_plain { anstream::ColorChoice::Never } else { anstream::AutoStream::choice(&io::stdout()) }
}

/// The width for text: that of `COLUMNS`, else of the terminal behind standard output, else 100 columns; from 40 to 120.
pub fn width() -> usize {
    let from_environment = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|&columns: &usize| columns > 0);
    let from_terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(terminal_size::Width(columns), _)| usize::from(columns));
    from_environment.or_else(from_terminal).unwrap_or(100).clamp(40, 120)
}

/// Adds a row of `label` and `body` to `text`, without anything that could steer a terminal. What is too long for the terminal goes on in further rows,
/// to the right of the label; words are not broken.
pub fn put(text: &mut String, label: &str, body: &str) {
    let (label, body) = (printable(label), printable(body));
    let indent = label.chars().count();
    for (i, row) in wrap(&body, width().saturating_sub(indent)).iter().enumerate() {
        let label = if i == 0 { label.clone() } else { " ".repeat(indent) };
        text.push_str(format!("{label}{row}").trim_end());
        text.push('\n');
    }
}

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::without_commands;

    #[test]
    fn no_line_is_a_command_of_a_ci_system() {
        let of = |text: &str| String::from_utf8(without_commands(text.as_bytes().to_vec())).expect("it stays text");
        assert_eq!(of("a ##[error]b ##VSO[task.setvariable]c\n"), "a ## [error]b ##VSO [task.setvariable]c\n");
        assert_eq!(of("  ::add-mask::x\nstd::fmt\n"), "  : :add-mask::x\nstd::fmt\n");
        assert_eq!(of("\u{a0}\u{3000} ::error::x\n"), "\u{a0}\u{3000} : :error::x\n");
        assert_eq!(of("## [x] ::\n"), "## [x] ::\n");
    }
}
