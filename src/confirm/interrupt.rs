//! Ctrl-C, and being asked to end, while there is something to bring to an end first: the questions to providers and not the report, or the terminal's state.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// What a signal does.
enum OnSignal {
    /// It ends the program, as ever.
    End,
    /// The first sets a flag, the second ends the program.
    Flag(Arc<AtomicBool>),
    /// It does this, then ends the program.
    Undo(Box<dyn Fn() + Send>),
}

static IN_FORCE: Mutex<OnSignal> = Mutex::new(OnSignal::End);
static IS_SET_UP: Once = Once::new();

/// Held while something is written that is worth nothing if only a part of it is there.
static WRITING: Mutex<()> = Mutex::new(());
/// How long the end waits for that: a reader that has stopped reading holds nobody up.
const PATIENCE: Duration = Duration::from_secs(1);

/// The exit code of a program that Ctrl-C ended: 128 and the signal's number.
const CODE: i32 = 130;

/// Runs `work` with a flag that the first Ctrl-C (or SIGTERM, or SIGHUP) sets.
pub fn until_interrupted<T>(work: impl FnOnce(&AtomicBool) -> T) -> T {
    let flag = Arc::new(AtomicBool::new(false));
    during(OnSignal::Flag(Arc::clone(&flag)), || work(&flag))
}

/// Runs `work`, during which Ctrl-C (or SIGTERM, or SIGHUP) ends the program as ever, but not before `undo` is done.
pub fn undone_by<T>(undo: impl Fn() + Send + 'static, work: impl FnOnce() -> T) -> T {
    during(OnSignal::Undo(Box::new(undo)), work)
}

fn during<T>(on_signal: OnSignal, work: impl FnOnce() -> T) -> T {
    *IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) = on_signal;
    // Without a handler, Ctrl-C ends the program at once: that is no reason not to work.
    IS_SET_UP.call_once(|| drop(ctrlc::set_handler(handle)));
    let result = work();
    *IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) = OnSignal::End;
    result
}

/// Runs `write`, which a signal does not end in the middle.
pub fn whole<T>(write: impl FnOnce() -> T) -> T {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}

/// Called in a thread of its own.
fn handle() {
    match &*IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) {
        OnSignal::Flag(flag) if !flag.swap(true, Ordering::AcqRel) => return,
        OnSignal::Undo(undo) => undo(),
        OnSignal::Flag(_) | OnSignal::End => {}
    }
    let start = Instant::now();
    // What is being written gets to its end, and nothing else begins.
    let _written = loop {
        match WRITING.try_lock() {
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(2)),
            written => break written,
        }
    };
    std::process::exit(CODE)
}
