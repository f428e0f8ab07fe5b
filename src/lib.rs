//! keysift finds leaked credentials, says whose they are and why it thinks so.

pub mod blob;
pub mod finding;
pub mod rule;
pub mod secret;
pub mod span;
