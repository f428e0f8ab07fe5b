//! The confirm stage: asks providers whether the keys that were found work, and only when the user says so.
//!
//! One request for each provider and secret, to a host that the rule names, and never about a key whose provider is not clear. A stage like the others:
//! it knows the vocabulary and no other stage. [`question`] says who is asked what, `run` asks.

pub mod address;
pub mod client;
mod control;
pub mod echo;
pub mod facts;
pub mod interrupt;
pub mod json;
pub mod judge;
pub mod models;
mod pace;
mod proxy;
pub mod question;
pub mod request;
mod run;
mod sign;
mod timing;
mod tls;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Duration;

pub use interrupt::{undone_by, until_interrupted, whole};
pub use question::{Plan, plan};

use crate::finding::{Confidence, Finding};

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

/// Whom to ask, and how hard.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ids of the providers to ask; if there are none: all.
    pub providers: Vec<String>,
    /// How many unique keys are asked about.
    pub n_max: usize,
    /// How long one request may take; a key may take three times as long, with all that is tried again.
    pub timeout: Duration,
    /// Requests a second to one host.
    pub rate: f64,
    /// The least confidence of a finding that is asked about.
    pub min_confidence: Confidence,
    /// Ids of providers, and the base URLs under which the user's configuration has them asked.
    pub endpoints: Vec<(String, String)>,
    /// Whether `live` and `restricted` are believed only of endpoints that answer a random key otherwise.
    pub has_control: bool,
    /// Ids of providers whose rules come from a configuration that nobody named: where they lead is scanned content, so they are not asked.
    pub untrusted_providers: Vec<String>,
    /// How far it is, for those who watch.
    pub progress: Arc<Progress>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            n_max: 200,
            timeout: Duration::from_secs(10),
            rate: 1.0,
            min_confidence: Confidence::Medium,
            endpoints: Vec::new(),
            has_control: true,
            untrusted_providers: Vec::new(),
            progress: Arc::default(),
        }
    }
}

/// How far asking is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Unique keys to ask about.
    pub n_keys: AtomicUsize,
    /// Those of them that have their verdict.
    pub n_done: AtomicUsize,
}

/// What was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Unique keys that have an answer, or would have if their provider gave one.
    pub n_keys: usize,
    /// Requests sent, those with random keys and those tried again included.
    pub n_requests: usize,
    /// Findings that nobody was asked about, for whatever reason.
    pub n_unasked: usize,
    /// Those of them that [`Options::n_max`] left out.
    pub n_beyond_max: usize,
    /// Whether it was ended early; the findings left say so.
    pub is_interrupted: bool,
}

/// Asks about `findings` and writes the answers into them. Returns soon after `is_over` is set; what is unanswered then is `unchecked`.
pub fn confirm(findings: &mut [Finding], options: &Options, is_over: &AtomicBool) -> Summary {
    run::run(findings, options, is_over)
}
