//! The pass over a repository's history, held against what the `git` command says of repositories that it made itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gix::ObjectId;
use gix::objs::Kind;
use keysift::git::Repo;
use keysift::git::history::{Attributed, Base, Blob, HistoryOptions, Message, Pass, Skipped, Standing, Visitor};
use tempfile::TempDir;

/// A repository in a folder of its own.
struct Sample {
    folder: TempDir,
}

impl Sample {
    /// An empty repository with a work tree; `options` go to `git init`.
    fn new(options: &[&str]) -> Self {
        let sample = Self { folder: tempfile::tempdir().expect("there is a folder for temporary files") };
        let mut arguments = vec!["init", "-q", "-b", "main"];
        arguments.extend(options);
        sample.git(&arguments);
        sample
    }

    /// A repository with the history that [`history`] draws from `seed`.
    fn drawn(seed: u64, n_commits: usize, options: &[&str]) -> Self {
        let sample = Self::new(options);
        sample.import(&history(seed, n_commits));
        sample
    }

    /// Where it is.
    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its git directory.
    fn git_dir(&self) -> PathBuf {
        PathBuf::from(self.git(&["rev-parse", "--absolute-git-dir"]))
    }

    /// What `git` prints, without the line end.
    fn git(&self, arguments: &[&str]) -> String {
        self.feed(arguments, b"")
    }

    /// Feeds `git` from standard input.
    fn feed(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut child =
            command(self.path()).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git is installed");
        let mut stdin = child.stdin.take().expect("it is a pipe");
        let input = input.to_owned();
        // What git refuses to read is seen in how it ends.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("git runs");
        writer.join().expect("the writer does not panic");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Takes in a history.
    fn import(&self, stream: &str) {
        self.feed(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    }

    /// Writes a file and commits it with everything else.
    fn commit(&self, path: &str, content: &str) -> ObjectId {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("folders can be made");
        fs::write(file, content).expect("files can be written");
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", &format!("Change {path}")]);
        self.id("HEAD")
    }

    /// The object that a revision names.
    fn id(&self, revision: &str) -> ObjectId {
        ObjectId::from_hex(self.git(&["rev-parse", revision]).as_bytes()).expect("git prints ids")
    }

    /// All blobs that git has, by its own list.
    fn blobs(&self) -> BTreeSet<ObjectId> {
        let list = self.git(&["cat-file", "--batch-all-objects", "--batch-check", "--unordered"]);
        list.lines().filter_map(|line| line.split_once(" blob ")).map(|(id, _)| ObjectId::from_hex(id.as_bytes()).expect("git prints ids")).collect()
    }

    /// What the pass shows, on two threads.
    fn seen(&self) -> Seen {
        seen(self.path())
    }

    /// Asserts that the pass shows what git has.
    fn check(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.pass.incomplete, Vec::<String>::new());
        assert_eq!(seen.skipped, []);
        assert_eq!(seen.blobs.keys().copied().collect::<BTreeSet<_>>(), self.blobs(), "the blobs that git lists");
        let listed = self.git(&["cat-file", "--batch-all-objects", "--batch-check", "--unordered"]);
        let n_messages = listed.lines().filter(|line| line.contains(" commit ") || line.contains(" tag ")).count();
        assert_eq!(seen.messages.len(), n_messages, "the commits and tags that git lists");
        seen
    }

    /// The files of `objects/pack` that end so.
    fn pack_files(&self, extension: &str) -> Vec<PathBuf> {
        let folder = self.git_dir().join("objects/pack");
        let mut files: Vec<PathBuf> = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is readable").path()).collect();
        files.retain(|path| path.extension().is_some_and(|found| found == extension));
        files.sort();
        files
    }
}

/// `git` in a folder, with nothing but its own defaults.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "A U Thor").env(format!("GIT_{role}_EMAIL"), "author@example.com");
        command.env(format!("GIT_{role}_DATE"), "1700000000 +0100");
    }
    command
}

/// What a pass showed.
struct Seen {
    pass: Pass,
    blobs: BTreeMap<ObjectId, u64>,
    messages: BTreeMap<ObjectId, String>,
    skipped: Vec<(ObjectId, String)>,
    n_derived: usize,
}

/// Checks what it is shown, and keeps it.
#[derive(Default)]
struct Checker {
    blobs: Vec<(ObjectId, u64)>,
    messages: Vec<(ObjectId, String)>,
    skipped: Vec<(ObjectId, String)>,
    n_derived: usize,
}

impl Visitor for Checker {
    type State = (ObjectId, u64);

    fn blob(&mut self, blob: Blob<'_>, base: Option<Base<'_, Self::State>>) -> Self::State {
        let digest = gix::objs::compute_hash(blob.id.kind(), Kind::Blob, blob.bytes).expect("no collision attack");
        assert_eq!(digest, blob.id, "the bytes are those of the id");
        if let Some(base) = base {
            assert_eq!(*base.state, (base.id.to_owned(), base.bytes.len() as u64), "the state is that of the base");
            let mut at = 0;
            for segment in base.segments {
                assert_eq!(segment.at, at, "segments follow each other");
                assert!(segment.len > 0);
                at += segment.len;
                if let Some(from) = segment.from {
                    assert_eq!(base.bytes[from..from + segment.len], blob.bytes[segment.at..at], "copies are copies");
                }
            }
            assert_eq!(at, blob.bytes.len(), "segments cover the blob");
            self.n_derived += 1;
        }
        self.blobs.push((blob.id.to_owned(), blob.bytes.len() as u64));
        (blob.id.to_owned(), blob.bytes.len() as u64)
    }

    fn message(&mut self, message: Message<'_>) {
        self.messages.push((message.id.to_owned(), String::from_utf8_lossy(message.text).into_owned()));
    }

    fn skip(&mut self, skipped: Skipped<'_>) {
        self.skipped.push((skipped.id.to_owned(), format!("{}: {}", skipped.what, skipped.why)));
    }
}

/// Runs the pass over the repository at `path` on two threads, and once more on one.
fn seen(path: &Path) -> Seen {
    let alone = seen_by(path, 1);
    let seen = seen_by(path, 2);
    assert_eq!(seen.blobs, alone.blobs);
    assert_eq!(seen.messages, alone.messages);
    seen
}

/// Runs the pass on so many threads.
fn seen_by(path: &Path, n_threads: usize) -> Seen {
    let (pass, checkers) = Repo::discover(path).and_then(|repo| repo.each_blob(n_threads, Checker::default)).expect("the repository can be read");
    let (mut blobs, mut messages, mut skipped, mut n_derived) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), 0);
    for checker in checkers {
        for (id, len) in checker.blobs {
            assert_eq!(blobs.insert(id, len), None, "{id} is shown once");
        }
        for (id, text) in checker.messages {
            assert_eq!(messages.insert(id, text), None, "the message of {id} is shown once");
        }
        skipped.extend(checker.skipped);
        n_derived += checker.n_derived;
    }
    skipped.sort();
    assert_eq!((pass.n_blobs, pass.n_messages), (blobs.len() as u64, messages.len() as u64));
    assert_eq!(pass.n_bytes, blobs.values().sum::<u64>());
    Seen { pass, blobs, messages, skipped, n_derived }
}

/// Random numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        // The generator SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % n as u64).expect("it is below a usize")
    }
}

/// A history for `git fast-import`: branches, merges (of up to four parents), renames, deletions, files that come back, deep folders.
fn history(seed: u64, n_commits: usize) -> String {
    let mut dice = Dice(seed);
    let mut stream = String::new();
    let line = |dice: &mut Dice| format!("line {} {}\n", dice.below(1 << 30), dice.below(1 << 30));
    let mut files: Vec<String> = (0..6).map(|_| (0..20 + dice.below(200)).map(|_| line(&mut dice)).collect()).collect();
    let paths = ["a.txt", "src/b.txt", "src/deep/er/c.txt", "d/e.txt", "copy of a.txt", "src/deep/f.txt", "ünï.txt"];
    for i in 1..=n_commits {
        let branch = dice.below(3);
        writeln!(
            stream,
            "commit refs/heads/branch-{branch}\nmark :{i}\ncommitter A <a@example.com> {} +0000\ndata 9\nCommit {:02}",
            1_600_000_000 + i * 60,
            i % 100
        )
        .expect("memory can be written");
        if i > 1 {
            let mut parents = vec![1 + dice.below(i - 1)];
            if dice.below(4) == 0 {
                parents.extend((0..1 + dice.below(3)).map(|_| 1 + dice.below(i - 1)));
            }
            let mut seen = BTreeSet::new();
            parents.retain(|parent| seen.insert(*parent));
            for (k, parent) in parents.iter().enumerate() {
                writeln!(stream, "{} :{parent}", if k == 0 { "from" } else { "merge" }).expect("memory can be written");
            }
        }
        for _ in 0..1 + dice.below(3) {
            let path = paths[dice.below(paths.len())];
            if dice.below(8) == 0 {
                writeln!(stream, "D {path}").expect("memory can be written");
                continue;
            }
            let which = dice.below(files.len());
            let mut lines: Vec<String> = files[which].lines().map(|line| format!("{line}\n")).collect();
            if dice.below(3) > 0 {
                let at = dice.below(lines.len());
                lines[at] = line(&mut dice);
                lines.insert(at, line(&mut dice));
                files[which] = lines.concat();
            }
            writeln!(stream, "M {} inline \"{path}\"\ndata {}\n{}", ["100644", "100755"][dice.below(2)], files[which].len(), files[which])
                .expect("memory can be written");
        }
    }
    stream.push_str("done\n");
    stream
}

/// Changes bytes of a file, which git writes without permission to write.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("it is readable");
    change(&mut bytes);
    fs::remove_file(path).expect("it can be removed");
    fs::write(path, bytes).expect("it can be written");
}

#[test]
fn one_pack_of_deltas() {
    let sample = Sample::drawn(1, 120, &[]);
    sample.git(&["repack", "-adfq", "--depth=50", "--window=20"]);
    let seen = sample.check();
    assert!(seen.n_derived * 2 > seen.blobs.len(), "most blobs are shown with their base");
}

#[test]
fn bases_named_by_id() {
    let sample = Sample::drawn(2, 80, &[]);
    sample.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]);
    assert!(sample.check().n_derived > 0);
}

#[test]
fn random_histories() {
    for seed in 100..110 {
        let sample = Sample::drawn(seed, 40, &[]);
        sample.check();
        sample.git(&["repack", "-adfq"]);
        sample.check();
    }
}

#[test]
fn loose_objects_only() {
    let sample = Sample::new(&[]);
    for i in 0..5 {
        sample.commit(&format!("f/{i}"), &format!("content {i}\n"));
    }
    sample.git(&["tag", "-a", "-m", "What the tag says", "v1"]);
    let seen = sample.check();
    assert_eq!(seen.blobs.len(), 5);
    assert!(seen.messages.values().any(|text| text == "What the tag says\n"));
    assert!(seen.messages.values().any(|text| text == "Change f/0\n"));
}

#[test]
fn packs_and_loose_objects_that_share_content() {
    let sample = Sample::drawn(3, 40, &[]);
    sample.git(&["repack", "-dq"]);
    // A second pack that holds everything again, with other deltas, a third with new things, and everything loose.
    let list = sample.git(&["rev-list", "--objects", "--all", "--no-object-names"]);
    let pack = sample.git_dir().join("objects/pack/pack");
    sample.feed(&["pack-objects", "-q", "--no-reuse-delta", "--window=50", pack.to_str().expect("it is UTF-8")], list.as_bytes());
    sample.git(&["checkout", "-q", "branch-0"]);
    sample.commit("new", "new content\n");
    sample.git(&["repack", "-q"]);
    let first = &sample.pack_files("pack")[0];
    sample.commit("newer", "newer content\n");
    let other = Sample::new(&[]);
    other.feed(&["unpack-objects", "-q"], &fs::read(first).expect("it is readable"));
    let status = Command::new("cp").arg("-rn").arg(other.git_dir().join("objects/.")).arg(sample.git_dir().join("objects")).status();
    assert!(status.expect("cp runs").success());
    assert!(sample.pack_files("pack").len() >= 3);
    sample.check();
    sample.git(&["multi-pack-index", "write"]);
    sample.git(&["commit-graph", "write", "--reachable"]);
    sample.check();
}

#[test]
fn kept_packs() {
    let sample = Sample::drawn(4, 20, &[]);
    sample.git(&["repack", "-adq"]);
    let pack = &sample.pack_files("pack")[0];
    fs::write(pack.with_extension("keep"), "").expect("it can be written");
    sample.git(&["checkout", "-q", "branch-1"]);
    sample.commit("new", "new content\n");
    sample.git(&["repack", "-adq"]);
    assert_eq!(sample.pack_files("pack").len(), 2);
    sample.check();
}

#[test]
fn objects_that_are_borrowed() {
    let lender = Sample::drawn(5, 30, &[]);
    lender.git(&["symbolic-ref", "HEAD", "refs/heads/branch-0"]);
    let borrower = Sample { folder: tempfile::tempdir().expect("there is a folder for temporary files") };
    borrower.git(&["clone", "-q", "--shared", lender.path().to_str().expect("it is UTF-8"), "."]);
    borrower.commit("own", "own content\n");
    assert!(borrower.check().blobs.len() > lender.blobs().len());
    fs::rename(lender.path().join(".git"), lender.path().join("gone")).expect("it can be renamed");
    let seen = borrower.seen();
    assert!(seen.pass.incomplete.iter().any(|sentence| sentence.contains("is missing; bring it back")), "{:?}", seen.pass.incomplete);
}

#[test]
fn bare_and_empty_repositories() {
    assert_eq!(Sample::new(&[]).check().blobs.len(), 0);
    assert_eq!(Sample::new(&["--bare"]).check().blobs.len(), 0);
    assert!(!Sample::drawn(6, 20, &["--bare"]).check().blobs.is_empty());
}

#[test]
fn sha256_repositories() {
    let sample = Sample::drawn(7, 40, &["--object-format=sha256"]);
    sample.git(&["repack", "-adfq"]);
    assert!(sample.check().n_derived > 0);
    sample.git(&["checkout", "-q", "branch-0"]);
    sample.commit("new", "new content\n");
    sample.check();
}

#[test]
fn stashes_notes_and_what_nothing_leads_to() {
    let sample = Sample::new(&[]);
    sample.commit("a", "a\n");
    fs::write(sample.path().join("a"), "stashed\n").expect("it can be written");
    sample.git(&["stash", "-q"]);
    sample.git(&["notes", "add", "-m", "noted"]);
    let loose = sample.feed(&["hash-object", "-w", "--stdin"], b"unreachable\n");
    sample.feed(&["update-index", "--add", "--cacheinfo", &format!("100644,{loose},b")], b"");
    let seen = sample.check();
    for content in ["stashed\n", "noted\n", "unreachable\n"] {
        let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, content.as_bytes()).expect("no collision attack");
        assert!(seen.blobs.contains_key(&id), "{content}");
    }
}

#[test]
fn long_chains_and_wide_trees_of_deltas() {
    let sample = Sample::new(&[]);
    let mut stream = String::new();
    let mut content: Vec<String> = (0..400).map(|i| format!("line {i} of a long file that is changed again and again\n")).collect();
    for i in 0..600 {
        content[i % 400].push_str("more\n");
        let text = content.concat();
        writeln!(stream, "blob\ndata {}\n{text}", text.len()).expect("memory can be written");
    }
    sample.feed(&["fast-import", "--quiet"], stream.as_bytes());
    let list: String = sample.blobs().iter().map(|id| format!("{id} f\n")).collect();
    let folder = sample.git_dir().join("objects/pack");
    let old = [sample.pack_files("pack"), sample.pack_files("idx")].concat();
    sample
        .feed(&["pack-objects", "-q", "--no-reuse-delta", "--depth=4000", "--window=10", folder.join("pack").to_str().expect("it is UTF-8")], list.as_bytes());
    old.iter().for_each(|file| fs::remove_file(file).expect("it can be removed"));
    let seen = sample.check();
    assert!(seen.n_derived > 500, "{}", seen.n_derived);
}

#[test]
fn large_blobs_are_shown_and_larger_ones_are_skipped() {
    let sample = Sample::new(&[]);
    let large = vec![b'x'; 20 << 20];
    sample.feed(&["hash-object", "-w", "--stdin"], &large);
    let changed = [b"start".as_slice(), &large, b"end"].concat();
    sample.feed(&["hash-object", "-w", "--stdin"], &changed);
    sample.check();
    let ids: String = sample.blobs().iter().map(|id| format!("{id} f\n")).collect();
    let pack = sample.git_dir().join("objects/pack/pack");
    sample.feed(&["pack-objects", "-q", pack.to_str().expect("it is UTF-8")], ids.as_bytes());
    sample.git(&["prune-packed"]);
    assert_eq!(sample.check().n_derived, 1);
    let larger = sample.feed(&["hash-object", "-w", "--stdin"], &vec![b'x'; (256 << 20) + 1]);
    let seen = sample.seen();
    assert_eq!(seen.skipped, [(ObjectId::from_hex(larger.as_bytes()).expect("an id"), "object: it is too large to be held in memory".to_owned())]);
}

#[test]
fn a_corrupt_pack_loses_what_is_corrupt_and_nothing_else() {
    let sample = Sample::drawn(8, 60, &[]);
    sample.git(&["repack", "-adfq"]);
    let all = sample.blobs();
    let pack = sample.pack_files("pack")[0].clone();
    let intact = fs::read(&pack).expect("it is readable");
    let mut dice = Dice(8);
    let mut n_lost = 0;
    for _ in 0..60 {
        // The head of the pack says how many objects it has.
        let (at, bit) = (12 + dice.below(intact.len() - 12), 1 << dice.below(8));
        damage(&pack, |bytes| {
            bytes.clone_from(&intact);
            bytes[at] ^= bit;
        });
        let (pass, checkers) = Repo::discover(sample.path()).and_then(|repo| repo.each_blob(2, Lenient::default)).expect("it can be opened");
        let shown: BTreeSet<ObjectId> = checkers.iter().flat_map(|checker| checker.shown.iter().copied()).collect();
        let skipped: BTreeSet<ObjectId> = checkers.iter().flat_map(|checker| checker.skipped.iter().copied()).collect();
        assert_eq!(shown.len() as u64, pass.n_blobs, "each blob is shown once");
        assert_eq!(skipped.len() as u64, pass.n_skipped, "each object is skipped once");
        assert!(shown.is_disjoint(&skipped));
        assert!(shown.is_subset(&all));
        // A header with another kind, or of another base, is found out by nobody but `git fsck`; what is lost must be told all the same.
        let n_told = shown.len() + skipped.len();
        assert!(n_told >= all.len() || at < intact.len() - 20, "at {at}: {n_told} of {}", all.len());
        n_lost += all.difference(&shown).filter(|id| skipped.contains(*id)).count();
    }
    assert!(n_lost > 0, "some damage was noticed");
}

#[test]
fn a_corrupt_object_that_is_stored_twice_is_read_from_the_other_place() {
    let sample = Sample::drawn(9, 20, &[]);
    sample.git(&["repack", "-adfq"]);
    let list = sample.git(&["rev-list", "--objects", "--all", "--no-object-names"]);
    let first = sample.pack_files("pack")[0].clone();
    let pack = sample.git_dir().join("objects/pack/pack");
    sample.feed(&["pack-objects", "-q", "--no-reuse-delta", "--depth=0", pack.to_str().expect("it is UTF-8")], list.as_bytes());
    let before = sample.check().blobs;
    // Compressed bytes from one end to the other: nothing of this pack can be read any more.
    damage(&first, |bytes| {
        let end = bytes.len() - 20;
        bytes[14..end].fill(0x11);
    });
    let seen = sample.seen();
    assert_eq!((seen.blobs, seen.skipped), (before, Vec::new()));
}

#[test]
fn truncated_packs_and_foreign_indexes_are_told() {
    let sample = Sample::drawn(10, 30, &[]);
    sample.git(&["repack", "-adfq"]);
    let (pack, index) = (sample.pack_files("pack")[0].clone(), sample.pack_files("idx")[0].clone());
    let intact = fs::read(&pack).expect("it is readable");
    damage(&pack, |bytes| bytes.truncate(intact.len() / 2));
    let seen = sample.seen();
    assert!(seen.pass.n_skipped > 0 && seen.pass.n_blobs > 0);
    damage(&pack, |bytes| bytes.truncate(8));
    let seen = sample.seen();
    assert!(seen.pass.incomplete[0].contains("cannot be read"), "{:?}", seen.pass.incomplete);
    damage(&pack, |bytes| bytes.clone_from(&intact));
    damage(&index, |bytes| bytes.truncate(bytes.len() - 1));
    assert!(sample.seen().pass.incomplete[0].contains("cannot be read"));
    fs::remove_file(&index).expect("it can be removed");
    let seen = sample.seen();
    assert!(seen.pass.incomplete[0].contains("has no index; make it with `git index-pack`"), "{:?}", seen.pass.incomplete);
}

#[test]
fn a_lying_index_does_no_harm() {
    let sample = Sample::drawn(11, 20, &[]);
    sample.git(&["repack", "-adfq"]);
    let index = sample.pack_files("idx")[0].clone();
    let intact = fs::read(&index).expect("it is readable");
    let mut dice = Dice(11);
    for _ in 0..80 {
        damage(&index, |bytes| {
            bytes.clone_from(&intact);
            for _ in 0..1 + dice.below(20) {
                let at = dice.below(bytes.len());
                bytes[at] = u8::try_from(dice.below(256)).expect("it is below 256");
            }
        });
        let (pass, _) = Repo::discover(sample.path()).and_then(|repo| repo.each_blob(2, Lenient::default)).expect("it can be opened");
        assert!(pass.n_blobs > 0 || pass.n_skipped > 0 || !pass.incomplete.is_empty());
    }
}

/// What git says of the ways of all blobs into the history that `revisions` names.
struct Told {
    /// For each blob the commits that introduce it, with the path, in the order of their dates.
    introduced: BTreeMap<ObjectId, BTreeSet<(i64, ObjectId, String)>>,
    /// For each blob all paths at which any commit has it.
    paths: BTreeMap<ObjectId, BTreeSet<String>>,
}

/// Asks git, which tells for each commit and each of its parents what differs.
fn told(sample: &Sample, revisions: &[&str]) -> Told {
    let mut arguments = vec!["-c", "core.quotePath=false", "log", "--full-history", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=commit %ct %H %P"];
    arguments.extend(revisions);
    let mut told = Told { introduced: BTreeMap::new(), paths: BTreeMap::new() };
    let mut counts: BTreeMap<(i64, ObjectId, ObjectId, String), usize> = BTreeMap::new();
    let mut n_parents = BTreeMap::new();
    let (mut seconds, mut commit) = (0, None);
    let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).expect("git prints ids");
    for line in sample.git(&arguments).lines() {
        if let Some(header) = line.strip_prefix("commit ") {
            let fields: Vec<&str> = header.split(' ').filter(|field| !field.is_empty()).collect();
            (seconds, commit) = (fields[0].parse().expect("a number"), Some(id(fields[1])));
            n_parents.insert(id(fields[1]), fields.len() - 2);
        } else if let Some(change) = line.strip_prefix(':') {
            let (fields, path) = change.split_once('\t').expect("a path follows");
            let new = id(fields.split(' ').nth(3).expect("the new id"));
            if !new.is_null() {
                *counts.entry((seconds, commit.expect("a commit stands before"), new, path.to_owned())).or_default() += 1;
                told.paths.entry(new).or_default().insert(path.to_owned());
            }
        }
    }
    for ((seconds, commit, blob, path), count) in counts {
        if count == n_parents[&commit].max(1) {
            told.introduced.entry(blob).or_default().insert((seconds, commit, path));
        }
    }
    told
}

/// Attributes these objects, on two threads.
fn attributed(sample: &Sample, wanted: &[ObjectId], options: &HistoryOptions) -> Vec<Attributed> {
    let repo = Repo::discover(sample.path()).expect("the repository can be read");
    let (pass, _) = repo.each_blob(2, Lenient::default).expect("the repository can be read");
    let attribution = repo.attribute(wanted, &pass, options).expect("the branches are there");
    assert_eq!(attribution.incomplete, Vec::<String>::new());
    assert_eq!(attribution.objects.iter().map(|object| object.id).collect::<Vec<_>>(), wanted);
    attribution.objects
}

/// Asserts that the attribution of all blobs is what git says of them.
fn check_attribution(sample: &Sample, revisions: &[&str], options: &HistoryOptions) {
    let told = told(sample, revisions);
    let wanted: Vec<ObjectId> = sample.blobs().into_iter().collect();
    let head = command(sample.path()).args(["-c", "core.quotePath=false", "ls-tree", "-r", "HEAD"]).output().expect("git runs");
    let head = String::from_utf8(head.stdout).expect("paths are UTF-8");
    for object in attributed(sample, &wanted, options) {
        let paths: Vec<String> = told.paths.get(&object.id).into_iter().flatten().cloned().collect();
        assert_eq!(object.paths, paths, "paths of {}", object.id);
        assert_eq!(object.standing == Standing::Introduced, !paths.is_empty(), "{object:?}");
        let first = told.introduced.get(&object.id).and_then(|introduced| introduced.first());
        let own = object.commit.as_ref().map(|commit| (commit.id.clone(), object.path.clone().expect("a blob has a path")));
        assert_eq!(own, first.map(|(_, commit, path)| (commit.to_string(), path.clone())), "{}", object.id);
        let hex = object.id.to_string();
        let mut at_head: Vec<&str> = head.lines().filter(|line| line.contains(&hex)).filter_map(|line| Some(line.split_once('\t')?.1)).collect();
        at_head.sort_unstable();
        assert_eq!(object.at_head, at_head);
    }
}

/// The attribution of the blob with this content.
fn way_of(sample: &Sample, content: &str, options: &HistoryOptions) -> Attributed {
    attributed(sample, &[blob_id(content)], options).remove(0)
}

/// The id of a blob.
fn blob_id(content: &str) -> ObjectId {
    gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, content.as_bytes()).expect("no collision attack")
}

#[test]
fn random_histories_are_attributed_as_git_does() {
    for seed in 200..210 {
        let sample = Sample::drawn(seed, 50, &[]);
        sample.git(&["symbolic-ref", "HEAD", "refs/heads/branch-1"]);
        sample.git(&["repack", "-adfq"]);
        check_attribution(&sample, &["--all"], &HistoryOptions { n_threads: 2, ..HistoryOptions::default() });
        let options = HistoryOptions { n_threads: 1, branches: vec!["branch-2".to_owned()], ..HistoryOptions::default() };
        check_attribution(&sample, &["branch-2"], &options);
    }
}

#[test]
fn loose_and_sha256_histories_are_attributed_as_git_does() {
    let sample = Sample::drawn(211, 30, &["--object-format=sha256"]);
    check_attribution(&sample, &["--all"], &HistoryOptions::default());
    let packed = Sample::drawn(212, 30, &[]);
    let pack = fs::read(&packed.pack_files("pack")[0]).expect("it is readable");
    let loose = Sample::new(&[]);
    loose.feed(&["unpack-objects", "-q"], &pack);
    for line in packed.git(&["for-each-ref", "--format=%(refname) %(objectname)"]).lines() {
        let (name, id) = line.split_once(' ').expect("two fields");
        loose.git(&["update-ref", name, id]);
    }
    check_attribution(&loose, &["--all"], &HistoryOptions::default());
}

#[test]
fn the_commit_is_described() {
    let sample = Sample::new(&[]);
    let id = sample.commit("a/b.txt", "content\n");
    let way = way_of(&sample, "content\n", &HistoryOptions::default());
    let commit = way.commit.expect("it was introduced");
    assert_eq!((commit.id, commit.summary.as_str(), commit.author.as_str()), (id.to_string(), "Change a/b.txt", "A U Thor"));
    assert_eq!((commit.email.as_str(), commit.author_date.as_str()), ("author@example.com", "2023-11-14T23:13:20+01:00"));
    assert_eq!((way.path.as_deref(), way.at_head), (Some("a/b.txt"), vec!["a/b.txt".to_owned()]));
    let message = attributed(&sample, &[id], &HistoryOptions::default()).remove(0);
    assert_eq!((message.standing, message.commit.map(|commit| commit.id), message.path), (Standing::Introduced, Some(id.to_string()), None));
}

#[test]
fn what_only_the_stash_or_nothing_leads_to() {
    let sample = Sample::new(&[]);
    sample.commit("a", "a\n");
    for content in ["first\n", "second\n"] {
        fs::write(sample.path().join("a"), content).expect("it can be written");
        sample.git(&["stash", "-q"]);
    }
    let lost = sample.commit("a", "lost\n");
    sample.git(&["reset", "-q", "--hard", "HEAD~"]);
    sample.git(&["worktree", "add", "-q", "--detach", "../elsewhere"]);
    sample.git(&["notes", "add", "-m", "noted"]);
    sample.git(&["tag", "-a", "-m", "of a blob", "blob-tag", &sample.feed(&["hash-object", "-w", "--stdin"], b"tagged\n")]);
    let options = HistoryOptions::default();
    for content in ["first\n", "second\n", "noted\n"] {
        assert_eq!(way_of(&sample, content, &options).standing, Standing::Introduced, "{content}");
    }
    let tagged = way_of(&sample, "tagged\n", &options);
    assert_eq!((tagged.standing, tagged.names.as_slice()), (Standing::Introduced, ["refs/tags/blob-tag".to_owned()].as_slice()));
    let way = way_of(&sample, "lost\n", &options);
    assert_eq!((way.standing, way.commit, way.paths), (Standing::Unreachable, None, vec![]));
    let way = way_of(&sample, "lost\n", &HistoryOptions { includes_unreachable: true, ..options });
    assert_eq!((way.standing, way.commit.map(|commit| commit.id)), (Standing::Unreachable, Some(lost.to_string())));
    fs::remove_dir_all(sample.path().parent().expect("it is in a folder").join("elsewhere")).expect("it was made");
}

#[test]
fn a_detached_work_tree_leads_to_its_commits() {
    let sample = Sample::new(&[]);
    sample.commit("a", "a\n");
    let other = tempfile::tempdir().expect("there is a folder for temporary files");
    let place = other.path().join("linked");
    sample.git(&["worktree", "add", "-q", "--detach", place.to_str().expect("it is UTF-8")]);
    fs::write(place.join("a"), "linked\n").expect("it can be written");
    assert!(command(&place).args(["commit", "-qam", "In the linked work tree"]).status().expect("git runs").success());
    assert_eq!(way_of(&sample, "linked\n", &HistoryOptions::default()).standing, Standing::Introduced);
}

#[test]
fn dates_and_numbers_of_commits_bound_what_introduces() {
    let sample = Sample::new(&[]);
    let mut stream = String::new();
    for i in 1..=5 {
        let text = format!("version {i}\n");
        writeln!(stream, "commit refs/heads/main\nmark :{i}\ncommitter A <a@example.com> {} +0000\ndata 1\nx", i * 1000).expect("memory can be written");
        writeln!(stream, "M 100644 inline f\ndata {}\n{text}", text.len()).expect("memory can be written");
    }
    sample.import(&stream);
    let introduced = |options: HistoryOptions| -> Vec<bool> {
        (1..=5).map(|i| way_of(&sample, &format!("version {i}\n"), &options).standing == Standing::Introduced).collect()
    };
    assert_eq!(introduced(HistoryOptions { since: Some(3000), ..HistoryOptions::default() }), [false, false, true, true, true]);
    assert_eq!(introduced(HistoryOptions { until: Some(2999), ..HistoryOptions::default() }), [true, true, false, false, false]);
    assert_eq!(introduced(HistoryOptions { max_commits: Some(2), ..HistoryOptions::default() }), [false, false, false, true, true]);
    assert_eq!(introduced(HistoryOptions { until: Some(4000), max_commits: Some(1), ..HistoryOptions::default() }), [false, false, false, true, false]);
    assert_eq!(way_of(&sample, "version 1\n", &HistoryOptions { since: Some(3000), ..HistoryOptions::default() }).standing, Standing::Outside);
    let repo = Repo::discover(sample.path()).expect("it can be read");
    let (pass, _) = repo.each_blob(1, Lenient::default).expect("it can be read");
    let error = repo.attribute(&[], &pass, &HistoryOptions { branches: vec!["gone".to_owned()], ..HistoryOptions::default() }).expect_err("no such branch");
    assert!(error.to_string().starts_with("`gone` names no commit here"), "{error}");
}

#[test]
fn replaced_and_grafted_history_is_read_as_git_does() {
    let sample = Sample::drawn(213, 120, &[]);
    sample.git(&["symbolic-ref", "HEAD", "refs/heads/branch-0"]);
    let commits: Vec<String> = sample.git(&["rev-list", "--all"]).lines().map(str::to_owned).collect();
    assert!(commits.len() > 22, "{}", commits.len());
    sample.git(&["replace", &commits[10], &commits[20]]);
    let trees: Vec<String> = [3, 17].iter().map(|&i| sample.git(&["rev-parse", &format!("{}^{{tree}}", commits[i])])).collect();
    if trees[0] != trees[1] {
        sample.git(&["replace", &trees[0], &trees[1]]);
    }
    check_attribution(&sample, &["--exclude=refs/replace/*", "--all"], &HistoryOptions::default());
    // Not those of the replacements: nobody says which of the two a graft is for.
    fs::write(sample.git_dir().join("info/grafts"), format!("{} {}\n{}\n", commits[4], commits[22], commits[2])).expect("it can be written");
    check_attribution(&sample, &["--exclude=refs/replace/*", "--all"], &HistoryOptions::default());
}

#[test]
fn a_shallow_clone_is_incomplete() {
    let origin = Sample::drawn(214, 30, &[]);
    origin.git(&["symbolic-ref", "HEAD", "refs/heads/branch-0"]);
    let clone = Sample { folder: tempfile::tempdir().expect("there is a folder for temporary files") };
    clone.git(&["clone", "-q", "--depth=3", &format!("file://{}", origin.path().display()), "."]);
    let seen = clone.seen();
    assert_eq!(seen.blobs.keys().copied().collect::<BTreeSet<_>>(), clone.blobs());
    assert_eq!(seen.pass.incomplete.len(), 1, "{:?}", seen.pass.incomplete);
    assert!(seen.pass.incomplete[0].ends_with("`git fetch --unshallow` brings it"), "{:?}", seen.pass.incomplete);
    check_attribution(&clone, &["--all"], &HistoryOptions::default());
}

#[test]
fn a_partial_clone_is_incomplete() {
    let origin = Sample::drawn(215, 30, &[]);
    origin.git(&["symbolic-ref", "HEAD", "refs/heads/branch-0"]);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    for (filter, sentence) in [("--filter=blob:none", " of its history are missing"), ("--filter=tree:0", "the files of ")] {
        let clone = Sample { folder: tempfile::tempdir().expect("there is a folder for temporary files") };
        clone.git(&["clone", "-q", filter, &format!("file://{}", origin.path().display()), "."]);
        let seen = clone.seen();
        let incomplete = seen.pass.incomplete.join("\n");
        assert!(incomplete.contains(sentence) && incomplete.contains("`git fetch --refetch --no-filter`"), "{incomplete}");
        let there = clone.git(&["rev-list", "--all", "--objects", "--missing=print"]);
        let n_missing = there.lines().filter(|line| line.starts_with('?')).count();
        if filter == "--filter=blob:none" {
            assert!(incomplete.contains(&format!("{n_missing} blobs")), "{n_missing}: {incomplete}");
        }
        clone.git(&["fetch", "-q", "--refetch", "--no-filter"]);
        assert_eq!(clone.seen().pass.incomplete, Vec::<String>::new(), "the command brings everything");
    }
}

#[test]
fn missing_parents_and_trees_are_told() {
    let sample = Sample::new(&[]);
    sample.commit("a", "a\n");
    let first = sample.id("HEAD");
    sample.commit("a", "b\n");
    let tree = sample.id("HEAD^{tree}");
    for id in [first, tree] {
        let hex = id.to_string();
        fs::remove_file(sample.git_dir().join("objects").join(&hex[..2]).join(&hex[2..])).expect("it is loose");
    }
    let incomplete = sample.seen().pass.incomplete;
    assert!(incomplete[0].starts_with("1 commit that the history names is missing"), "{incomplete:?}");
    assert!(incomplete[1].starts_with("the files of 1 commit are missing"), "{incomplete:?}");
}

#[test]
fn a_tree_at_millions_of_paths_takes_no_time() {
    let sample = Sample::new(&[]);
    let blob = sample.feed(&["hash-object", "-w", "--stdin"], b"bomb\n");
    let mut tree = sample.feed(&["mktree"], (0..10).map(|i| format!("100644 blob {blob}\tf{i}\n")).collect::<String>().as_bytes());
    for _ in 0..12 {
        tree = sample.feed(&["mktree"], (0..10).map(|i| format!("040000 tree {tree}\td{i}\n")).collect::<String>().as_bytes());
    }
    let commit = sample.git(&["commit-tree", "-m", "Bomb", &tree]);
    sample.git(&["update-ref", "refs/heads/main", &commit]);
    let repo = Repo::discover(sample.path()).expect("it can be read");
    let (pass, _) = repo.each_blob(1, Lenient::default).expect("it can be read");
    let attribution = repo.attribute(&[blob_id("bomb\n")], &pass, &HistoryOptions::default()).expect("there are no branches");
    assert_eq!(attribution.objects[0].path.as_deref(), Some(format!("{}f0", "d0/".repeat(12)).as_str()));
    assert_eq!(attribution.objects[0].paths.len(), 256);
    assert_eq!(attribution.incomplete, ["some content is at so many paths that not all of them are listed"]);
}

/// Keeps ids and checks nothing, for repositories whose ids lie.
#[derive(Default)]
struct Lenient {
    shown: Vec<ObjectId>,
    skipped: Vec<ObjectId>,
}

impl Visitor for Lenient {
    type State = ();

    fn blob(&mut self, blob: Blob<'_>, _: Option<Base<'_, ()>>) {
        self.shown.push(blob.id.to_owned());
    }

    fn message(&mut self, _: Message<'_>) {}

    fn skip(&mut self, skipped: Skipped<'_>) {
        self.skipped.push(skipped.id.to_owned());
    }
}
