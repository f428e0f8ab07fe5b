//! Pipes that the user named: `<(…)` of a shell, `/dev/stdin`, a FIFO.
//!
//! Opening a FIFO waits for somebody who writes to it. A thread waits in our place, and is given up after [`PATIENCE`]: a scan must not hang for a name.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Entry, Place};
use crate::blob::{Skip, SkipReason};

/// How long somebody may take to open the other end. What is written later than the first byte has all the time.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pipe at `path`, opened, or why it is not.
pub(super) fn entry(path: &Path, place: &Place) -> Entry {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let origin = place.origin(&absolute);
    match open(path) {
        Ok(file) => Entry::Blob { origin, file },
        Err(error) => Entry::Skip(Skip { origin, reason: SkipReason::Named, detail: Some(error.to_string()) }),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    // The receiver may have given up; then the file is closed.
    thread::Builder::new().spawn(move || drop(sender.send(File::open(path))))?;
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "nobody writes to this pipe")))
}
