//! Reads every file of a tree and does nothing with it: the floor under a directory scan, for `docs/benchmarks.md`.
//!
//! It walks and reads as keysift does (the same walker, the same folders left out, one `open` and for a small file two `read`s, a buffer for
//! each thread), so that what a scan costs above it is the scanning.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use ignore::{DirEntry, WalkBuilder, WalkState};

/// Reads every file of a tree, in parallel, and prints how many files and bytes there are.
#[derive(Parser)]
struct Args {
    /// The folder to read
    path: PathBuf,
    /// Use this many threads [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N")]
    threads: Option<usize>,
    /// Read what .gitignore and .ignore leave out, too
    #[arg(long)]
    no_ignore: bool,
}

const BUFFER: usize = 256 << 10;
/// Version-control stores, which a scan of a tree does not enter.
const STORES: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".bzr"];

#[derive(Default)]
struct Total {
    n_files: AtomicU64,
    n_bytes: AtomicU64,
    n_failed: AtomicU64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let total = Total::default();
    let n_threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut walker = WalkBuilder::new(&args.path);
    walker.threads(n_threads).standard_filters(false).require_git(false);
    if !args.no_ignore {
        walker.parents(true).ignore(true).git_ignore(true).git_exclude(true);
    }
    walker.filter_entry(|entry| !STORES.iter().any(|store| entry.file_name() == *store));
    walker.build_parallel().run(|| {
        let mut buffer = vec![0; BUFFER];
        let total = &total;
        Box::new(move |entry| {
            let counter = match entry.map_err(io::Error::other).and_then(|entry| read(&entry, &mut buffer)) {
                Ok(None) => return WalkState::Continue,
                Ok(Some(n_bytes)) => {
                    total.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
                    &total.n_files
                }
                Err(_) => &total.n_failed,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            WalkState::Continue
        })
    });
    let Total { n_files, n_bytes, n_failed } = total;
    println!("{} files, {} bytes, {} unreadable", n_files.into_inner(), n_bytes.into_inner(), n_failed.load(Ordering::Relaxed));
    if n_failed.into_inner() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads a file to its end and returns its length; nothing for what is no regular file.
fn read(entry: &DirEntry, buffer: &mut [u8]) -> io::Result<Option<u64>> {
    if !entry.file_type().is_some_and(|file_type| file_type.is_file()) {
        return Ok(None);
    }
    let mut file = File::open(entry.path())?;
    let mut n_bytes = 0;
    loop {
        match file.read(buffer) {
            Ok(n) => {
                n_bytes += n as u64;
                if n == 0 {
                    return Ok(Some(n_bytes));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
