//! What keysift does from the outside: every file here is about one thing that a user sees, and runs the program itself.
//!
//! They are one program, because each of fifty would hold all of the code again: that takes gigabytes, and most of the time of a build goes into linking them.
//! `cargo test --test suite hooks::` runs those of one file.

mod common;

mod action;
mod architecture;
mod base64_lines;
mod baseline;
mod catalogue;
mod check;
mod ci_docs;
mod ci_policy;
mod ci_samples;
mod confirm;
mod confirm_pairs;
mod confirm_proxy;
mod confirm_rules;
mod confirm_server;
mod corpus;
mod credential_files;
mod determinism;
mod explain;
mod foreign_config;
mod frameworks;
mod git_changes;
mod git_edges;
mod git_gaps;
mod git_history;
mod git_names;
mod git_scan;
mod gitleaks_face;
mod hex_layer;
mod hook_remotes;
mod hooks;
mod hostile;
mod html;
mod named_forms;
mod neighbors;
mod no_network;
mod output;
mod own_repository;
mod own_rules;
mod pairs;
mod path_rules;
mod providers_page;
mod range_places;
mod readme;
mod region;
mod reports;
mod rules;
mod secrets_stay;
mod structured;
mod suppress;
mod walk;
mod written;
