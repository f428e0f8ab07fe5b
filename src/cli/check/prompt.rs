//! The prompt for a key, which does not show what is typed.
//!
//! The terminal is silent before the prompt stands there; what was typed before the program ran, the system has shown. Ctrl-C does what it always does, after
//! the terminal is as it was; Ctrl-Z and Ctrl-\ do nothing, for they would leave it silent. What was pasted behind the first line is thrown away: the shell
//! would run it.

use std::io;

use zeroize::Zeroizing;

/// Asks with `text` for a line of standard input, which is a terminal. The line end does not belong to what is given.
///
/// # Errors
/// The terminal cannot be silenced, or not be read.
#[cfg(unix)]
pub fn read(text: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

    let before = tcgetattr(io::stdin())?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
    // Zero is what no key sends.
    silent.special_codes[SpecialCodeIndex::VSUSP] = 0;
    silent.special_codes[SpecialCodeIndex::VQUIT] = 0;
    let undo = move || {
        // If it cannot be set, there is nobody to tell.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &before);
        say("\n");
    };
    crate::confirm::undone_by(undo.clone(), || {
        tcsetattr(io::stdin(), OptionalActions::Drain, &silent)?;
        say(text);
        let line = line();
        undo();
        line
    })
}

/// A line of standard input. The terminal, which lets the line be edited, gives it in one piece.
#[cfg(unix)]
fn line() -> io::Result<Zeroizing<Vec<u8>>> {
    /// More than any terminal takes for a line.
    const LONGEST: usize = 64 << 10;
    let mut line = Zeroizing::new(vec![0; LONGEST]);
    let mut len = 0;
    while len < LONGEST && !line[..len].contains(&b'\n') {
        match rustix::io::read(io::stdin(), &mut line[len..]) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let end = line[..len].iter().position(|byte| *byte == b'\n').unwrap_or(len);
    line.truncate(end);
    Ok(line)
}

/// Writes to whoever sits at the terminal, wherever standard output and standard error go.
#[cfg(unix)]
fn say(text: &str) {
    use std::io::Write as _;
    let written = std::fs::File::options().write(true).open("/dev/tty").and_then(|mut terminal| terminal.write_all(text.as_bytes()));
    if written.is_err() {
        // Nobody sits there who could be told.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

/// Asks with `text` for a line of the console.
///
/// # Errors
/// The console cannot be silenced, or not be read.
#[cfg(not(unix))]
pub fn read(text: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    rpassword::prompt_password(text).map(|line| Zeroizing::new(line.into_bytes()))
}
