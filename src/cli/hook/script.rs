//! The text of the hooks: small POSIX shell scripts, which git runs with its own shell on every system.
//!
//! Each has a line with [`MARK`], by which it is recognized. A hook that cannot find keysift refuses: nothing passes unscanned.

use std::path::Path;

use super::args::HookType;
use super::before::{BEFORE, OLDER};

/// What tells our hooks from others; a number follows that grows when the text changes in a way that matters.
pub const MARK: &str = "# keysift-hook ";

/// Version of the hooks for one repository.
const NATIVE_VERSION: u32 = 2;

/// Version of the hooks for all repositories.
const GLOBAL_VERSION: u32 = 1;

/// Where a block of ours begins in a file that others write, too; [`MARK`] is part of it.
pub const BLOCK_START: &str = "# keysift-hook 1: begin";
/// Where it begins in a file that did not exist before.
pub const BLOCK_START_OF_NEW_FILE: &str = "# keysift-hook 1: begin (the file is new)";
/// Where it ends.
pub const BLOCK_END: &str = "# keysift-hook 1: end";

/// The line that names the binary begins like this.
const BINARY: &str = "keysift=";

/// Whether `text` is a hook of ours, of whatever version.
pub fn is_ours(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(MARK))
}

/// The binary that a script of ours looks for first.
pub fn binary_of(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(BINARY))?;
    let quoted = line.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(quoted.replace(r"'\''", "'"))
}

/// The hook for one repository. Without a `binary` it takes the one on `PATH`, wherever that is: such a hook can be shared.
pub fn native(hook: HookType, binary: Option<&Path>) -> String {
    let name = hook.name();
    let next =
        format!("case $0 in */*) next=${{0%/*}} ;; *) next=. ;; esac\nnext=$(CDPATH= cd -- \"$next\" && pwd -P) && next=$next{BEFORE}/{name} || exit 3\n");
    format!("{}{}{next}{}", header(NATIVE_VERSION, "`keysift hook uninstall`"), find(binary), body(hook))
}

/// The same as earlier versions wrote it.
fn older_native(hook: HookType, binary: Option<&Path>) -> String {
    let name = hook.name();
    let next = format!("case $0 in */*) next=${{0%/*}}/{name}{OLDER} ;; *) next=./{name}{OLDER} ;; esac\n");
    format!("{}{}{next}{}", header(1, "`keysift hook uninstall`"), find(binary), body(hook))
}

/// Whether a hook of ours is as keysift wrote it: nobody added or changed a line, which would be lost with it.
pub fn is_as_written(name: &str, text: &str) -> bool {
    let binary = binary_of(text);
    let binary = binary.as_deref().map(Path::new);
    let of_hook = |hook: HookType| [native(hook, binary), older_native(hook, binary), global(hook, binary)].iter().any(|written| written == text);
    text == hand_over(name) || HookType::ALL.into_iter().find(|hook| hook.name() == name).is_some_and(of_hook)
}

/// Whether a hook that somebody wrote runs keysift by a line of its own, so that the hook fails if keysift does. What cannot be told counts for no.
pub fn runs_by_hand(hook: HookType, text: &str) -> bool {
    let call = format!("keysift hook run {}", hook.name());
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && (!line.starts_with('#') || line.starts_with("#!"))).collect();
    let ends_at_failure = |line: &&str| line.strip_prefix("set -").is_some_and(|flags| flags.split(' ').next().is_some_and(|flags| flags.contains('e')));
    lines.iter().enumerate().any(|(at, line)| {
        let Some((before, after)) = line.split_once(&call) else { return false };
        let program = before.strip_prefix("exec ").unwrap_or(before);
        let is_command = (program.is_empty() || program.ends_with('/')) && !program.contains([' ', '#', ';', '|', '&', '"', '\'', '`', '(']);
        let (arguments, otherwise) = after.split_once("||").map_or((after, None), |(arguments, otherwise)| (arguments, Some(otherwise.trim())));
        let is_plain = (arguments.is_empty() || arguments.starts_with(' ')) && !arguments.contains([';', '|', '&', '#']);
        let counts = match otherwise {
            Some(otherwise) => matches!(otherwise, "exit" | "exit $?" | "exit 1" | "exit \"$?\""),
            None => before.starts_with("exec ") || at + 1 == lines.len() || lines[..at].iter().any(ends_at_failure),
        };
        is_command && is_plain && counts
    })
}

/// The hook for all repositories, which hands over to the repository's own.
pub fn global(hook: HookType, binary: Option<&Path>) -> String {
    format!("{}{}{}{}", header(GLOBAL_VERSION, "`keysift hook uninstall --global`"), find(binary), own_hook(hook.name()), body(hook))
}

/// A hook for all repositories that only hands over to the repository's own: git does not look for that any more.
pub fn hand_over(name: &str) -> String {
    format!("{}{}[ ! -x \"$next\" ] || exec \"$next\" \"$@\"\n", header(GLOBAL_VERSION, "`keysift hook uninstall --global`"), own_hook(name))
}

/// The lines for a file that others write, too: keysift comes first, and for a push the rest gets the same input again.
pub fn block(hook: HookType, is_new_file: bool) -> String {
    let start = if is_new_file { BLOCK_START_OF_NEW_FILE } else { BLOCK_START };
    let name = hook.name();
    let scan = match hook {
        HookType::PreCommit | HookType::PreMergeCommit => format!("keysift hook run {name} -- \"$@\" || exit $?\n"),
        HookType::PrePush => format!(
            "refs=$(cat)\n\
             {{ [ -z \"$refs\" ] || printf '%s\\n' \"$refs\" 2> /dev/null; }} | keysift hook run {name} -- \"$@\" || exit $?\n\
             if [ -n \"$refs\" ]; then\nexec << KEYSIFT_REFS\n$refs\nKEYSIFT_REFS\nelse\nexec < /dev/null\nfi\n"
        ),
    };
    format!("{start}\ncommand -v keysift > /dev/null || {{\n{}}}\n{scan}{BLOCK_END}\n", refuse("this hook needs keysift on PATH"))
}

fn header(version: u32, undo: &str) -> String {
    format!(
        "#!/bin/sh\n\
         {MARK}{version}: written by `keysift hook install`; {undo} removes it. Changes are lost.\n\
         # Scans for leaked keys before git goes on. Without keysift nothing passes.\n"
    )
}

/// Finds keysift where it was when the hook was installed, else on `PATH`.
fn find(binary: Option<&Path>) -> String {
    let refuse = refuse("this hook cannot find keysift");
    match binary.and_then(Path::to_str) {
        Some(path) => {
            let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
            let quoted = path.replace('\'', r"'\''");
            format!("{BINARY}'{quoted}'\n[ -x \"$keysift\" ] || keysift=$(command -v keysift) || {{\n{refuse}}}\n")
        }
        None => format!("keysift=$(command -v keysift) || {{\n{refuse}}}\n"),
    }
}

/// Lines that end the hook because keysift is missing.
fn refuse(what: &str) -> String {
    format!(
        "    echo 'error: {what}, so nothing was scanned and nothing passes' >&2\n    \
         echo 'help: install keysift so that it is on PATH, or run `keysift hook install` again; this is the hook '\"$0\" >&2\n    \
         exit 3\n"
    )
}

/// Sets `next` to the hook of the repository itself.
fn own_hook(name: &str) -> String {
    format!(
        "if [ -z \"${{GIT_DIR-}}\" ] && [ -d .git ]; then common=.git; else common=$(git rev-parse --git-common-dir 2> /dev/null) || common=.git; fi\n\
         next=$common/hooks/{name}\n"
    )
}

/// Runs keysift, then what `next` names; what either says no to does not pass.
fn body(hook: HookType) -> String {
    let name = hook.name();
    match hook {
        HookType::PreCommit | HookType::PreMergeCommit => {
            format!("\"$keysift\" hook run {name} -- \"$@\" || exit $?\n[ ! -x \"$next\" ] || exec \"$next\" \"$@\"\n")
        }
        // What is pushed comes by standard input, and both want it.
        HookType::PrePush => format!(
            "refs=$(cat)\n\
             feed() {{ [ -z \"$refs\" ] || printf '%s\\n' \"$refs\" 2> /dev/null; }}\n\
             feed | \"$keysift\" hook run {name} -- \"$@\" || exit $?\n\
             [ -x \"$next\" ] || exit 0\n\
             feed | \"$next\" \"$@\"\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_binary_whatever_its_path() {
        for path in ["/usr/bin/keysift", "/home/o'neil/my tools/$x/keysift"] {
            let script = native(HookType::PreCommit, Some(Path::new(path)));
            assert!(is_ours(&script));
            assert_eq!(binary_of(&script).as_deref(), Some(path), "{script}");
        }
        assert_eq!(binary_of(&native(HookType::PreCommit, None)), None);
    }

    #[test]
    fn a_line_that_was_added_is_seen() {
        for hook in HookType::ALL {
            for text in [native(hook, Some(Path::new("/bin/keysift"))), older_native(hook, None), global(hook, None), hand_over(hook.name())] {
                assert!(is_as_written(hook.name(), &text), "{text}");
                assert!(!is_as_written(hook.name(), &format!("{text}make lint\n")), "{text}");
            }
        }
    }

    #[test]
    fn a_hook_may_run_keysift_by_a_line_of_its_own() {
        let runs = |text: &str| runs_by_hand(HookType::PreCommit, text);
        for text in [
            "#!/bin/sh\nkeysift hook run pre-commit\n",
            "#!/bin/sh\nexec /opt/bin/keysift hook run pre-commit\nmake lint\n",
            "#!/bin/sh\nkeysift hook run pre-commit --baseline .b || exit $?\nmake lint\n",
            "#!/bin/sh\nset -eu\nkeysift hook run pre-commit\nmake lint\n",
        ] {
            assert!(runs(text), "{text}");
        }
        for text in [
            "#!/bin/sh\n# keysift hook run pre-commit\n",
            "#!/bin/sh\nkeysift hook run pre-commit\nmake lint\n",
            "#!/bin/sh\nkeysift hook run pre-commit || true\n",
            "#!/bin/sh\necho keysift hook run pre-commit\n",
            "#!/bin/sh\nfalse && keysift hook run pre-commit\n",
            "#!/bin/sh\nkeysift hook run pre-commits\n",
            "#!/bin/sh\nkeysift hook run pre-push\n",
        ] {
            assert!(!runs(text), "{text}");
        }
    }

    #[test]
    fn all_scripts_bear_the_mark() {
        for hook in HookType::ALL {
            let texts = [native(hook, None), global(hook, None), hand_over(hook.name()), block(hook, true), block(hook, false)];
            assert!(texts.iter().all(|text| is_ours(text)), "{texts:#?}");
        }
        assert!(!is_ours("#!/bin/sh\necho '# keysift-hook '\n"));
    }
}
