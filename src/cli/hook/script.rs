//! The text of the hooks: small POSIX shell scripts, which git runs with its own shell on every system.
//!
//! Each has a line with [`MARK`], by which it is recognized. A hook that cannot find keysift refuses: nothing passes unscanned.

use std::path::Path;

use super::args::HookType;

/// What tells our hooks from others; a number follows that grows when the text changes in a way that matters.
pub const MARK: &str = "# keysift-hook ";

/// Version of the scripts.
const VERSION: u32 = 1;

/// What is appended to the name of a hook that was there before.
pub const BEFORE: &str = ".before-keysift";

/// What the first line of a block of ours says behind the version, in a file that others write, too.
const BEGIN: &str = "begin";
/// The same in a file that did not exist before.
const BEGIN_OF_NEW_FILE: &str = "begin (the file is new)";
/// What its last line says.
const END: &str = "end";

/// The line that names the binary begins like this.
const BINARY: &str = "keysift=";

/// Whether `text` is a hook of ours, of whatever version.
pub fn is_ours(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(MARK))
}

/// Whether `text` has the mark of the version that is written today.
pub fn is_of_this_version(text: &str) -> bool {
    text.contains(&format!("{MARK}{VERSION}:"))
}

/// The first or last line of a block of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The first one.
    Begin {
        /// Whether the file did not exist before.
        is_new_file: bool,
    },
    /// The last one.
    End,
}

/// What a line is to a block of ours, of whatever version.
pub fn edge(line: &str) -> Option<Edge> {
    let (version, what) = line.strip_prefix(MARK)?.split_once(": ")?;
    if !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match what.trim_end() {
        BEGIN => Some(Edge::Begin { is_new_file: false }),
        BEGIN_OF_NEW_FILE => Some(Edge::Begin { is_new_file: true }),
        END => Some(Edge::End),
        _ => None,
    }
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
    let next = format!("case $0 in */*) next=${{0%/*}}/{name}{BEFORE} ;; *) next=./{name}{BEFORE} ;; esac\n");
    format!("{}{}{next}{}", header("`keysift hook uninstall`"), find(binary), body(hook))
}

/// Whether a hook of ours is as keysift wrote it: nobody added or changed a line, which would be lost with it. Of those of other
/// versions it is not known.
pub fn is_as_written(name: &str, text: &str) -> bool {
    let binary = binary_of(text);
    let binary = binary.as_deref().map(Path::new);
    let is_of = |hook: HookType| text == native(hook, binary) || text == global(hook, binary);
    !is_of_this_version(text) || text == hand_over(name) || HookType::ALL.into_iter().find(|hook| hook.name() == name).is_some_and(is_of)
}

/// The hook for all repositories, which hands over to the repository's own.
pub fn global(hook: HookType, binary: Option<&Path>) -> String {
    format!("{}{}{}{}", header("`keysift hook uninstall --global`"), find(binary), own_hook(hook.name()), body(hook))
}

/// A hook for all repositories that only hands over to the repository's own: git does not look for that any more.
pub fn hand_over(name: &str) -> String {
    format!("{}{}[ ! -x \"$next\" ] || exec \"$next\" \"$@\"\n", header("`keysift hook uninstall --global`"), own_hook(name))
}

/// The lines for a file that others write, too: keysift comes first, and for a push the rest gets the same input again.
pub fn block(hook: HookType, is_new_file: bool) -> String {
    let begin = if is_new_file { BEGIN_OF_NEW_FILE } else { BEGIN };
    let name = hook.name();
    let scan = match hook {
        HookType::PreCommit | HookType::PreMergeCommit => format!("keysift hook run {name} -- \"$@\" || exit $?\n"),
        HookType::PrePush => format!(
            "refs=$(cat)\n\
             {{ [ -z \"$refs\" ] || printf '%s\\n' \"$refs\" 2> /dev/null; }} | keysift hook run {name} -- \"$@\" || exit $?\n\
             if [ -n \"$refs\" ]; then\nexec << KEYSIFT_REFS\n$refs\nKEYSIFT_REFS\nelse\nexec < /dev/null\nfi\n"
        ),
    };
    let refuse = refuse("this hook needs keysift on PATH");
    format!("{MARK}{VERSION}: {begin}\ncommand -v keysift > /dev/null || {{\n{refuse}}}\n{scan}{MARK}{VERSION}: {END}\n")
}

fn header(undo: &str) -> String {
    format!(
        "#!/bin/sh\n\
         {MARK}{VERSION}: written by `keysift hook install`; {undo} removes it. Changes are lost.\n\
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
            for text in [native(hook, Some(Path::new("/opt/it's/keysift"))), native(hook, None), global(hook, None), hand_over(hook.name())] {
                assert!(is_as_written(hook.name(), &text), "{text}");
                assert!(!is_as_written(hook.name(), &format!("{text}make lint\n")), "{text}");
            }
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
