//! What a provider said about a key, or why nobody asked.

use serde::Serialize;

/// Whether a key works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The provider accepts it.
    Live,
    /// The provider recognizes it, but scope, quota, billing or network policy stops the call.
    Restricted,
    /// The provider disabled it because it leaked.
    Blocked,
    /// The provider rejects it.
    Invalid,
    /// The provider was asked, and the answer says nothing.
    Unknown,
    /// Nobody asked.
    #[default]
    Unchecked,
}

impl Verdict {
    /// The word used in options and reports.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Restricted => "restricted",
            Self::Blocked => "blocked",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A verdict with what it rests on. Nothing in it is secret, and all of it is printable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// Whether the key works.
    pub verdict: Verdict,
    /// Why the verdict is what it is: a sentence fragment.
    pub reason: Option<String>,
    /// The HTTP status of the answer that decided.
    pub status: Option<u16>,
    /// The host that was asked.
    pub host: Option<String>,
    /// What the answer tells about an accepted key, sorted by name.
    pub facts: Vec<Fact>,
}

/// Something that the provider's answer tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// What it is about: a word or two of the rule file.
    pub name: String,
    /// What it is, of bounded length and without control characters.
    pub value: String,
}

impl Confirmation {
    /// Nobody asked, because of `reason`.
    pub fn unchecked(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }
}
