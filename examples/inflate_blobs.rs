//! Inflates every blob of a repository once and does nothing with it: the floor that scans of a history are measured against.
//!
//! `cargo run --release --example inflate_blobs -- REPO [--threads N]`

use std::path::Path;
use std::process::ExitCode;

use keysift::git::Repo;
use keysift::git::history::{Base, Blob, Message, Skipped, Visitor};

/// Looks at nothing.
struct Idle;

impl Visitor for Idle {
    type State = ();

    fn blob(&mut self, _: Blob<'_>, _: Option<Base<'_, ()>>) {}

    fn message(&mut self, _: Message<'_>) {}

    fn skip(&mut self, skipped: Skipped<'_>) {
        eprintln!("{} {} is skipped: {}", skipped.what, skipped.id, skipped.why);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (repo, n_threads) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [repo] => (repo, Some(2)),
        [repo, "--threads", n_threads] => (repo, n_threads.parse().ok()),
        _ => ("", None),
    };
    let Some(n_threads) = n_threads else {
        eprintln!("usage: inflate_blobs REPO [--threads N]");
        return ExitCode::FAILURE;
    };
    match Repo::discover(Path::new(repo)) {
        Ok(repo) => {
            let (n_blobs, n_bytes) = repo.inflate(n_threads, || Idle);
            println!("{n_blobs} blobs, {n_bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
