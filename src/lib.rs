//! keysift finds leaked credentials, says whose they are and why it thinks so.
//!
//! The modules form layers, and each imports only from those above it in this list; `docs/architecture.md` tells why.

// The vocabulary.
pub mod base64;
pub mod blob;
pub mod case;
pub mod finding;
pub mod literals;
pub mod look;
pub mod number;
pub mod rule;
pub mod secret;
pub mod span;
pub mod text;
#[cfg(target_arch = "x86_64")]
mod vector;
pub mod verdict;

// The stages; none knows another.
#[cfg(feature = "confirm")]
pub mod confirm;
pub mod decode;
pub mod detect;
pub mod filter;
pub mod git;
pub mod report;
pub mod score;
pub mod source;

// The engine, which wires the stages.
pub mod scan;

// The face.
pub mod cli;
pub mod config;
