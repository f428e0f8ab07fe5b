//! A fault of keysift's own, kept to the blob in which it shows: the others are scanned, the report names this one, and the scan is incomplete.

use std::panic::{self, AssertUnwindSafe};

use crate::blob::{Origin, Skip, SkipReason};

/// keysift failed. What was found in other blobs is still there.
#[derive(Debug)]
pub(super) struct Fault;

impl Fault {
    /// What is told of the blob in which it shows.
    pub(super) fn skip(self, origin: Origin) -> Skip {
        Skip { origin, reason: SkipReason::Failed, detail: None }
    }
}

/// Does `work`, and comes back even if it panics. Whoever calls uses nothing again that may have been left half done.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| Fault)
}

/// Does `work` on what has this origin. A fault in it is a skip.
pub(super) fn guarded_at<T>(origin: Origin, work: impl FnOnce(&Origin) -> T) -> Result<T, Skip> {
    guarded(|| work(&origin)).map_err(|fault| fault.skip(origin))
}
