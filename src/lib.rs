//! keysift finds leaked credentials, says whose they are and why it thinks so.
//!
//! The modules form layers, and each imports only from those above it in this list; `docs/architecture.md` tells why.

// The vocabulary.
pub mod span;
pub mod secret;
pub mod blob;
pub mod rule;
pub mod finding;

// The stages; none knows another.
pub mod source;
pub mod decode;
pub mod detect;
pub mod score;
pub mod filter;
pub mod report;

// The engine, which wires the stages.
pub mod scan;

// The face.
pub mod config;
pub mod cli;
