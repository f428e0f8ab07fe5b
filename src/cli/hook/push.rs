//! What is being pushed: the lines that git writes to the hook `pre-push`, as ranges of commits.
//!
//! The format is that of `githooks(5)`: `<local ref> SP <local id> SP <remote ref> SP <remote id> LF`, where an id of zeros stands for nothing.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Read};

use crate::cli::Failure;
use crate::git::{ObjectId, RangeSpec, Remote};

/// More than git writes for a million references.
const LARGEST: u64 = 256 << 20;

/// One reference that is pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The reference as the remote calls it.
    pub name: String,
    /// What it becomes; zeros if it is deleted.
    pub local: ObjectId,
    /// What the remote has; zeros if the reference is new.
    pub remote: ObjectId,
}

/// Reads what git says from standard input.
pub fn read() -> Result<Vec<Update>, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let help = "git calls it when something is pushed; `keysift range FROM..TO` scans commits at any time";
        return Err(Failure::usage("`keysift hook run pre-push` reads what is pushed from standard input").with_help(Some(help.to_owned())));
    }
    let mut text = Vec::new();
    let failed = |why: &str| Failure::incomplete(format!("cannot read from git what is pushed: {why}"));
    stdin.lock().take(LARGEST + 1).read_to_end(&mut text).map_err(|error| failed(&error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(failed("it is too much"));
    }
    if text.is_empty() && is_device() {
        return Err(not_called_by_git("nothing of what is pushed"));
    }
    parse(&text)
}

/// The error for a call that lacks what git gives to the hook.
pub fn not_called_by_git(what: &str) -> Failure {
    let help =
        "call it as `keysift hook run pre-push -- \"$@\"`, with the standard input that git gives to the hook; in lefthook `use_stdin: true` hands it on";
    Failure::incomplete(format!("`keysift hook run pre-push` was told {what}, so that nothing was scanned")).with_help(Some(help.to_owned()))
}

/// Whether standard input is a device such as `/dev/null`: git has a pipe for its hooks.
#[cfg(unix)]
fn is_device() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    stdin.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_device() -> bool {
    false
}

/// Parses what git writes.
fn parse(text: &[u8]) -> Result<Vec<Update>, Failure> {
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let unknown = || Failure::incomplete(format!("cannot understand what git says is pushed: `{}`", String::from_utf8_lossy(line)));
            // The local reference may be an expression with blanks in it.
            let mut fields = line.rsplitn(4, |&byte| byte == b' ');
            let (remote, name, local, _) = (fields.next(), fields.next(), fields.next(), fields.next().ok_or_else(unknown)?);
            let id = |field: Option<&[u8]>| field.and_then(|field| ObjectId::from_hex(field).ok()).ok_or_else(unknown);
            let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
            Ok(Update { name, local: id(local)?, remote: id(remote)? })
        })
        .collect()
}

/// References that are pushed, with what their commits are compared with.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// What the remote has; its end is one of the references.
    pub range: RangeSpec,
    /// All of the references.
    pub tips: Vec<ObjectId>,
}

/// The commits that `remote` gets: those of references that it has, and those of new ones. What is known of it by its remote-tracking branches counts
/// for new ones only: of the others git has just asked the remote itself, and where its history was rewritten to remove a secret, an old branch must
/// not bring it back unseen.
pub fn groups(updates: &[Update], remote: Option<&Remote>, mut is_known: impl FnMut(&ObjectId) -> bool) -> Vec<Group> {
    let (mut has, mut changed, mut new) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for update in updates {
        let is_there = !update.remote.is_null() && (has.contains(&update.remote) || is_known(&update.remote));
        has.extend(is_there.then_some(update.remote));
        if !update.local.is_null() {
            if is_there { &mut changed } else { &mut new }.insert(update.local);
        }
    }
    let group = |tips: &BTreeSet<ObjectId>, has: &BTreeSet<ObjectId>, remotes: Vec<Remote>| {
        let to = tips.first()?.to_string();
        Some(Group {
            range: RangeSpec { from: has.iter().map(ToString::to_string).collect(), remotes, to, also: Vec::new() },
            tips: tips.iter().copied().collect(),
        })
    };
    let of_changed = group(&changed, &has, Vec::new());
    // What the first group scans needs no second scan.
    has.extend(&changed);
    let of_new = group(&new, &has, remote.cloned().into_iter().collect());
    of_changed.into_iter().chain(of_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> ObjectId {
        ObjectId::from_hex(digit.to_string().repeat(40).as_bytes()).expect("forty digits are an id")
    }

    fn origin() -> Remote {
        Remote { name: "origin".to_owned(), address: Some("../r.git".to_owned()) }
    }

    fn line(local: char, remote: char) -> String {
        format!("refs/heads/a {} refs/heads/b {}\n", id(local), id(remote))
    }

    #[test]
    fn lines_of_git_are_read() {
        let update = |name: &str, local, remote| Update { name: format!("refs/heads/{name}"), local: id(local), remote: id(remote) };
        assert_eq!(parse(line('1', '2').as_bytes()).expect("it is valid"), [update("b", '1', '2')]);
        let text = format!("HEAD^{{/a message}} {} refs/heads/b {}\n(delete) {} refs/heads/c {}\n", id('1'), id('0'), id('0'), id('3'));
        assert_eq!(parse(text.as_bytes()).expect("it is valid"), [update("b", '1', '0'), update("c", '0', '3')]);
        assert_eq!(parse(b"").expect("it is valid"), []);
        for wrong in ["nonsense\n", "a b c d\n", &line('1', '2')[..60]] {
            assert_eq!(parse(wrong.as_bytes()).expect_err("it is wrong").exit, crate::finding::Exit::Incomplete, "{wrong}");
        }
    }

    #[test]
    fn new_references_are_told_from_changed_ones() {
        let updates = |text: &str| parse(text.as_bytes()).expect("it is valid");
        let of = |text: &str| groups(&updates(text), Some(&origin()), |id| *id != self::id('9'));
        let group = |from: &[char], remotes: &[&str], tips: &[char]| Group {
            range: RangeSpec {
                from: from.iter().map(|&digit| id(digit).to_string()).collect(),
                remotes: remotes.iter().map(|_| origin()).collect(),
                to: id(tips[0]).to_string(),
                also: Vec::new(),
            },
            tips: tips.iter().map(|&digit| id(digit)).collect(),
        };
        assert_eq!(of(&line('1', '2')), [group(&['2'], &[], &['1'])]);
        assert_eq!(of(&line('1', '0')), [group(&[], &["origin"], &['1'])]);
        assert_eq!(of(&line('1', '9')), [group(&[], &["origin"], &['1'])], "nobody fetched what the remote has");
        assert_eq!(of(&line('0', '2')), [], "deleted");
        let all = [line('1', '2'), line('3', '0'), line('4', '0'), line('0', '5')].concat();
        assert_eq!(of(&all), [group(&['2', '5'], &[], &['1']), group(&['1', '2', '5'], &["origin"], &['3', '4'])]);
    }
}
