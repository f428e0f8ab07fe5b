//! Nobody is asked unless the command line says so: every command runs to its end under a filter of system calls that kills a process at its first socket, and
//! the same filter kills `--confirm`, so that it works.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::mistral_line;
use crate::common::repo::TestRepo;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// The calls that make or use sockets, as numbers of this architecture.
#[cfg(target_arch = "x86_64")]
const SOCKET_CALLS: [i64; 8] = [
    41, /* socket */
    42, /* connect */
    44, /* sendto */
    46, /* sendmsg */
    49, /* bind */
    50, /* listen */
    53, /* socketpair */
    425,
];
#[cfg(target_arch = "aarch64")]
const SOCKET_CALLS: [i64; 8] =
    [198 /* socket */, 203 /* connect */, 206 /* sendto */, 211 /* sendmsg */, 200 /* bind */, 201 /* listen */, 199, 425];

/// The filter: everything is allowed but sockets, and `io_uring`, which could make them without a call of its own.
fn filter() -> BpfProgram {
    let rules = SOCKET_CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let arch = std::env::consts::ARCH.try_into().expect("the architecture is known");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::KillProcess, arch).expect("the rules are valid");
    filter.try_into().expect("the filter is small enough")
}

/// Runs keysift under the filter in `folder`, with `input`.
fn run(folder: &Path, arguments: &[&str], input: &Path) -> Output {
    let home = tempfile::tempdir().expect("there is a folder for temporary files");
    let filter = filter();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keysift"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", home.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::from(std::fs::File::open(input).expect("the input is there")));
    // SAFETY: between fork and exec only what is safe in a signal handler may run. `apply_filter` makes two system calls (prctl, seccomp) with a pointer to
    // the program that was made before the fork; it takes no lock, and memory only for an error, which ends the child.
    unsafe {
        command.pre_exec(move || seccompiler::apply_filter(&filter).map_err(|_| std::io::Error::from_raw_os_error(1)));
    }
    command.output().expect("the binary starts")
}

#[track_caller]
fn survives(folder: &Path, arguments: &[&str], codes: &[i32]) {
    let output = run(folder, arguments, Path::new("/dev/null"));
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.signal(), None, "{arguments:?} wanted a socket: {text}");
    assert!(codes.contains(&output.status.code().expect("it ended by itself")), "{arguments:?}: {:?} {text}", output.status);
}

/// A repository with a key that is committed and one that is staged.
fn repository() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("a.env", mistral_line(1));
    repo.commit("one");
    repo.write("b.env", mistral_line(2));
    repo.git(&["add", "-A"]);
    repo
}

#[test]
fn no_scan_opens_a_socket() {
    let repo = repository();
    let folder = &repo.path();
    for arguments in [
        &["scan", "."][..],
        &["scan", "--format", "json", "--show-suppressed", "--show-skipped"],
        &["scan", "--format", "sarif", "--output", "report.sarif"],
        &["scan", "-j", "1"],
        &["staged"],
        &["staged", "--whole-files"],
        &["history"],
        &["history", "--all", "--unreachable"],
        &["range", "HEAD~0..HEAD"],
        &["git"],
        &["dir", "."],
        &["hook", "run", "pre-commit"],
        &["hook", "run", "framework"],
    ] {
        survives(folder, arguments, &[0, 1, 3]);
    }
    for arguments in [&["scan", "-"][..], &["stdin"]] {
        let output = run(folder, arguments, &folder.join("a.env"));
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {:?}", output.status);
    }
}

#[test]
fn no_other_command_opens_a_socket() {
    let repo = repository();
    for arguments in [
        &["rules", "list"][..],
        &["rules", "show", "mistral"],
        &["explain", "a.env:1"],
        &["baseline", "create"],
        &["baseline", "show"],
        &["hook", "status"],
        &["completions", "bash"],
        &["--help"],
    ] {
        survives(&repo.path(), arguments, &[0, 1]);
    }
}

#[cfg(feature = "confirm")]
mod asking {
    use super::*;
    use crate::common::{Tree, mistral};

    /// The signal by which the filter kills.
    const SIGSYS: i32 = 31;

    #[test]
    fn showing_what_would_be_sent_opens_no_socket() {
        let tree = Tree::with(&[("a.env", &mistral_line(1))]);
        survives(tree.path(), &["confirm", "--dry-run"], &[0]);
        survives(tree.path(), &["confirm", "--list-endpoints"], &[0]);
        survives(tree.path(), &["confirm", "--list-endpoints", "--json"], &[0]);
    }

    #[test]
    fn a_key_of_which_it_is_not_clear_whose_it_is_goes_nowhere() {
        let tree = Tree::with(&[("key", &mistral(1))]);
        let output = run(tree.path(), &["check"], &tree.path().join("key"));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }

    #[test]
    fn the_filter_kills_who_asks() {
        let tree = Tree::with(&[("a.env", &mistral_line(1)), ("key", &mistral_line(1))]);
        let output = run(tree.path(), &["scan", "--confirm"], Path::new("/dev/null"));
        assert_eq!(output.status.signal(), Some(SIGSYS), "{output:?}");
        let output = run(tree.path(), &["check"], &tree.path().join("key"));
        assert_eq!(output.status.signal(), Some(SIGSYS), "{output:?}");
    }
}
