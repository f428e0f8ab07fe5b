//! Whether a hook that keysift did not write runs keysift.
//!
//! It is read line by line, as far as that tells anything: only a shell knows what a script does. What is no script of a shell, or runs keysift by way of
//! another script, is not seen; then keysift is installed before it and runs twice, which does no harm.

use super::args::HookType;

/// How a script calls keysift for a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Not as far as can be seen.
    None,
    /// It goes on, whatever keysift says.
    Unheeded,
    /// It ends where keysift says no.
    Heeded,
}

/// How the script `text` calls keysift for `hook`. Some scripts end at the first command that fails, whatever they say themselves.
pub fn call(text: &str, hook: HookType, ends_at_failure: bool) -> Call {
    let text = text.replace("\\\n", " ");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let ends_at_failure = ends_at_failure || lines.iter().any(|line| sets_errexit(line));
    let code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let of_line = |at: usize| {
        let next = lines[at + 1..].iter().copied().find(code);
        of_line(lines[at], next, hook, ends_at_failure)
    };
    (0..lines.len()).filter(|&at| code(&lines[at])).map(of_line).max().unwrap_or(Call::None)
}

/// Whether a line has the shell end at the first command that fails.
fn sets_errexit(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("#!") || word.ends_with("/env")).peekable();
    let is_set = words.next_if_eq(&"set").is_some();
    let is_head = line.starts_with("#!");
    (is_set || is_head) && words.any(|word| word == "errexit" || word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.contains('e')))
}

/// How one line calls keysift; `next` is the one after it.
fn of_line(line: &str, next: Option<&str>, hook: HookType, ends_at_failure: bool) -> Call {
    let mut rest = line;
    let mut found = Call::None;
    while !rest.is_empty() {
        let end = rest.find([';', '&', '|', '(', ')']).unwrap_or(rest.len());
        let (command, behind) = rest.split_at(end);
        if let Some(call) = command_of(command, hook) {
            found = found.max(heed(call, behind, next, ends_at_failure));
        }
        rest = behind.trim_start_matches([';', '&', '|', '(', ')']);
    }
    found
}

/// A command that scans what the hook is about.
#[derive(Clone, Copy)]
struct Scan {
    /// Whether the shell asks what it said: by `if`, or because it is the last thing that the shell does.
    is_asked: bool,
    /// Whether it says that all is well whatever it finds.
    is_mute: bool,
}

/// Words before a command that leave it one.
const BEFORE: &[&str] = &["{", "then", "else", "do", "command", "time", "env"];

/// Words before a command by which the shell asks or says what it said.
const ASKING: &[&str] = &["if", "elif", "while", "until", "!", "exec", "return"];

/// `command` as a scan of keysift for `hook`, if it is one.
fn command_of(command: &str, hook: HookType) -> Option<Scan> {
    let mut words = command.split_whitespace().map(|word| word.trim_matches(['"', '\''])).peekable();
    let mut is_asked = false;
    while let Some(word) = words.next_if(|word| BEFORE.contains(word) || ASKING.contains(word) || is_variable(word)) {
        is_asked |= ASKING.contains(&word);
    }
    // By a path, or by a variable of that name.
    let program = words.next()?.trim_end_matches('}').to_ascii_lowercase();
    let program = program.rsplit(['/', '\\', '$', '{', '-', '=']).next()?;
    if !matches!(program, "keysift" | "keysift.exe") {
        return None;
    }
    let arguments: Vec<&str> = words.collect();
    let is_mute = arguments.contains(&"--exit-code=0") || arguments.windows(2).any(|pair| pair == ["--exit-code", "0"]);
    scans(&arguments, hook).then_some(Scan { is_asked, is_mute })
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// Whether keysift, called with these arguments, scans what the hook is about.
fn scans(arguments: &[&str], hook: HookType) -> bool {
    let is_push = hook == HookType::PrePush;
    let has = |word: &str| arguments.contains(&word);
    match arguments {
        ["hook", "run", event, ..] if is_push => matches!(*event, "pre-push" | "framework"),
        ["hook", "run", event, ..] => matches!(*event, "pre-commit" | "pre-merge-commit" | "framework"),
        ["range", ..] => is_push,
        ["staged", ..] => !is_push,
        ["git", ..] => !is_push && (has("--staged") || has("--pre-commit")),
        _ => false,
    }
}

/// Whether what the scan says counts, by what stands behind it.
fn heed(scan: Scan, behind: &str, next: Option<&str>, ends_at_failure: bool) -> Call {
    let first = |text: &str| text.split([' ', '\t', ';', '&', '|', '}']).find(|word| !word.is_empty()).unwrap_or_default().to_owned();
    let is_heeded = if scan.is_mute {
        false
    } else if let Some(otherwise) = behind.strip_prefix("||") {
        let otherwise = otherwise.trim();
        !matches!(first(otherwise).as_str(), "true" | ":" | "echo" | "printf") && otherwise.strip_prefix("exit").map(str::trim) != Some("0")
    } else if behind.starts_with('|') || (behind.starts_with('&') && !behind.starts_with("&&")) {
        false
    } else {
        let after = behind.trim_start_matches([';', '&', ')', ' ']);
        let after = if after.is_empty() || after.starts_with('#') { next.unwrap_or_default() } else { after };
        let ends_here = after.is_empty() || matches!(first(after).as_str(), "fi" | "esac" | "done" | "}" | ";;");
        scan.is_asked || ends_at_failure || behind.starts_with("&&") || ends_here || after == "exit" || after.contains("$?")
    };
    if is_heeded { Call::Heeded } else { Call::Unheeded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> [Call; 3] {
        HookType::ALL.map(|hook| call(text, hook, false))
    }

    const NONE: [Call; 3] = [Call::None; 3];
    const COMMITS: [Call; 3] = [Call::Heeded, Call::Heeded, Call::None];
    const PUSHES: [Call; 3] = [Call::None, Call::None, Call::Heeded];
    const UNHEEDED: [Call; 3] = [Call::Unheeded, Call::Unheeded, Call::None];

    #[test]
    fn calls_that_count() {
        for text in [
            "#!/bin/sh\nkeysift hook run pre-commit\n",
            "#!/bin/sh\nexec keysift staged --quiet\nnpm test\n",
            "keysift staged || exit 1\nnpm test\n",
            "keysift staged || {\n    echo no\n    exit 1\n}\nnpm test\n",
            "if ! keysift git . --staged --pre-commit; then exit 1; fi\nnpm test\n",
            "set -eu\nkeysift staged\nnpm test\n",
            "#!/bin/bash -e\nkeysift staged\nnpm test\n",
            "set -o errexit\nNO_COLOR=1 \"$HOME/bin/keysift\" staged\nnpm test\n",
            "\"$KEYSIFT\" hook run \\\n    framework || exit $?\nnpm test\n",
            "\"${KEYSIFT:-keysift}\" hook run pre-commit && npm test\n",
            "cd x && C:\\\\bin\\\\keysift.exe staged\n",
            "keysift staged\nstatus=$?\nnpm test\nexit $status\n",
        ] {
            assert_eq!(of(text)[..2], COMMITS[..2], "{text}");
        }
        for text in ["printf '%s\\n' \"$refs\" | keysift hook run pre-push -- \"$@\" || exit $?\nnpm test\n", "keysift range origin/main..HEAD\n"] {
            assert_eq!(of(text), PUSHES, "{text}");
        }
    }

    #[test]
    fn calls_that_change_nothing() {
        for text in [
            "keysift staged || true\n",
            "keysift staged || :\n",
            "keysift staged || exit 0\n",
            "keysift staged || echo 'keys!'\nnpm test\n",
            "keysift staged\nnpm test\n",
            "keysift staged; npm test\n",
            "keysift staged --exit-code 0\n",
            "keysift staged &\n",
            "keysift staged | tee log\n",
        ] {
            assert_eq!(of(text), UNHEEDED, "{text}");
        }
        assert_eq!(call("keysift staged\nnpm test\n", HookType::PreCommit, true), Call::Heeded);
    }

    #[test]
    fn what_is_no_call() {
        for text in [
            "",
            "# keysift hook run pre-commit\n",
            "echo 'run keysift staged first'\n",
            "keysift scan src\n",
            "keysift hook install\n",
            "mykeysift staged\n",
            "command -v keysift > /dev/null || exit 1\n",
            "keysift --version\n",
            "keysift\n",
        ] {
            assert_eq!(of(text), NONE, "{text}");
        }
    }
}
