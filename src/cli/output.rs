//! Writing: to standard output, to standard error, to files.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::Failure;
use super::args::Color;
use crate::report::mask::printable;

/// Writes to standard output. A reader that closed the pipe has what it wanted.
pub fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::incomplete(format!("cannot write to standard output: {error}"))),
        _ => Ok(()),
    }
}

/// Writes lines to standard error, without anything that could steer a terminal; if that is impossible there is nobody to tell.
pub fn note(lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Writes a file whole or not at all: to a temporary file beside it, then by renaming.
pub fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |error: io::Error| Failure::incomplete(format!("cannot write {}: {error}", path.display()));
    let is_plain = std::fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file());
    if !is_plain {
        // A device, a pipe or a link: renaming would replace it instead of writing to it.
        return std::fs::write(path, bytes).map_err(failure);
    }
    let mut name = path.file_name().ok_or_else(|| Failure::usage(format!("{} is no file name", path.display())))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path)).map_err(|error| {
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
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// The width of the terminal, or 100 columns.
pub fn width() -> usize {
    let from_environment = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    from_environment.filter(|&columns: &usize| columns >= 20).unwrap_or(100).min(120)
}

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}
