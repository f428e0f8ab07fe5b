//! A fault of keysift's own, kept to the blob in which it shows: the others are scanned, the report names this one, and the scan is incomplete.

use std::panic::{self, AssertUnwindSafe};

/// keysift failed. What was found in other blobs is still there.
#[derive(Debug)]
pub(super) struct Fault;

/// Does `work`, and comes back even if it panics. Whoever calls uses nothing again that may have been left half done.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| Fault)
}
