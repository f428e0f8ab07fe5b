//! The confirm stage: asks providers whether the keys that were found work, and only when the user says so.
//!
//! One request for each provider and secret, to a host that the rule names. A stage like the others: it knows the vocabulary and no other stage.

pub mod facts;
pub mod json;
pub mod judge;
pub mod models;

/// A provider's answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The start of the body, at most [`LARGEST_BODY`] bytes.
    pub body: Vec<u8>,
    /// Whether the body went on.
    pub is_cut: bool,
}

/// Bytes of a body that are read.
pub const LARGEST_BODY: usize = 64 << 10;
