//! Ctrl-C while providers are asked: the first ends the questions and not the program, the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

/// What Ctrl-C sets; none while nobody asks, when it ends the program as ever.
static IN_FORCE: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);
static IS_SET_UP: Once = Once::new();

/// The exit code of a program that Ctrl-C ended: 128 and the signal's number.
const CODE: i32 = 130;

/// Runs `work` with a flag that the first Ctrl-C sets.
pub fn until_interrupted<T>(work: impl FnOnce(&AtomicBool) -> T) -> T {
    let flag = Arc::new(AtomicBool::new(false));
    *IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&flag));
    // Without a handler, Ctrl-C ends the program at once: that is no reason not to work.
    IS_SET_UP.call_once(|| drop(ctrlc::set_handler(on_interrupt)));
    let result = work(&flag);
    *IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    result
}

/// Called in a thread of its own.
fn on_interrupt() {
    let in_force = IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match in_force {
        Some(flag) if !flag.swap(true, Ordering::AcqRel) => {}
        _ => std::process::exit(CODE),
    }
}
