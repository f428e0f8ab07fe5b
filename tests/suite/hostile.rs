//! The scanned files belong to an attacker: nothing of them reaches the terminal as anything but text, nothing panics, nothing takes for ever.

use std::io::{Cursor, Read};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::common::{self, Keysift, Run, Tree, corpus, findings, groq_line, key, mistral, mistral_line};
use keysift::blob::{Origin, SkipReason, Window};
use keysift::decode::{self, Buffers};
use keysift::finding::Finding;
use keysift::rule::RuleSet;
use keysift::rule::draw::{self, Draws};
use keysift::scan::{self, Engine, check};
use proptest::prelude::*;

/// What a terminal could act on: controls but for line feeds, bidirectional and invisible characters.
fn acts_on_terminal(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}')
}

/// Asserts that both streams of a run are text that a terminal only shows.
#[track_caller]
fn assert_harmless(run: &Run) {
    for (name, text) in [("stdout", run.out()), ("stderr", run.err())] {
        let bad: Vec<&str> = text.lines().filter(|line| line.chars().any(acts_on_terminal)).collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
    }
}

const FORMATS: [&str; 10] = ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"];

/// Scans the tree in all formats with all lists, and asserts that every output is harmless.
#[track_caller]
fn assert_reports_are_harmless(tree: &Tree, code: i32) {
    for format in FORMATS {
        for secrets in [&[][..], &["--show-secrets"]] {
            let run = tree.run(&[&["scan", "--format", format, "--show-suppressed", "--show-skipped"], secrets].concat()).expect(code);
            assert_harmless(&run);
        }
    }
}

/// Text that does something to a terminal, one trick each.
const TRICKS: &[&str] = &[
    "\x1b[2J\x1b[31mred",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\u{9b}31m and \u{9d}0;title\u{9c}",
    "back\x08\x08\x08\x7f",
    "\u{202e}desrever\u{2066}isolated\u{2069}",
    "zero\u{200b}width\u{feff}\u{2060}",
    "line\u{2028}separator\u{85}",
    "over\rwritten",
    "\u{0}nul\u{c}",
    "%n%s{}$(id)`id`",
];

#[test]
fn content_around_a_secret_is_shown_as_text() {
    let tree = Tree::new();
    for (i, trick) in (0..).zip(TRICKS) {
        // Before it, after it, in the name, on its line and on the next.
        tree.write(format!("{i}.env"), format!("{trick} MISTRAL_API_KEY={} # {trick}\n{trick}\n", mistral(i)));
        tree.write(format!("{i}.py"), format!("{trick}\nmistral_{trick} = Mistral('{}') {trick}\n", mistral(i + 100)));
    }
    assert_reports_are_harmless(&tree, 1);
}

#[test]
fn reasons_of_comments_are_shown_as_text() {
    let tree = Tree::new();
    for (i, trick) in (0..).zip(TRICKS) {
        tree.write(format!("{i}.env"), format!("MISTRAL_API_KEY={} # keysift:allow reason=\"{trick}\"\n", mistral(i)));
    }
    tree.write("one.env", mistral_line(1));
    assert_reports_are_harmless(&tree, 1);
}

#[cfg(unix)]
mod names {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    /// File names that a file system takes and nobody wants.
    const NAMES: &[&[u8]] = &[
        b"a\x1b[31mred.env",
        b"new\nline.env",
        b"\"quotes\" 'and' `ticks`.env",
        b"not\xff\xfeutf8.env",
        b"c1\xc2\x9b2J.env",
        b"bidi\xe2\x80\xaevne.env",
        b"tab\tand\rreturn.env",
        b"](https://evil.example).env",
        b"-rf.env",
        b" leading and trailing ",
        b"back\\slash%41.env",
    ];

    #[test]
    fn file_names_are_shown_as_text_and_stay_distinct() {
        let tree = Tree::new();
        for (i, name) in (0..).zip(NAMES) {
            tree.write(OsStr::from_bytes(name), mistral_line(i));
        }
        assert_reports_are_harmless(&tree, 1);
        let report = tree.report(&[]);
        assert_eq!(common::paths(&report).len(), NAMES.len());
    }

    #[test]
    fn names_of_what_is_skipped_are_shown_as_text() {
        let tree = Tree::new();
        for name in NAMES {
            let link = tree.path().join(OsStr::from_bytes(name));
            std::fs::create_dir_all(link.parent().expect("it lies in a folder")).expect("folders can be made");
            std::os::unix::fs::symlink("nowhere", link).expect("links can be made");
        }
        tree.write("plain.txt", "nothing");
        assert_reports_are_harmless(&tree, 0);
    }

    #[test]
    fn a_missing_path_is_named_as_text() {
        let run = Keysift::new(Tree::new().path()).args(&[OsStr::new("scan"), OsStr::from_bytes(b"gone\x1b[2J\xc2\x9b\xe2\x80\xae\xff")]).run();
        assert_harmless(&run.expect(2));
    }

    #[test]
    fn the_file_of_an_explanation_is_named_as_text() {
        let tree = Tree::new();
        tree.write(OsStr::from_bytes(NAMES[0]), format!("{}x = 1\n", mistral_line(1)));
        for (line, code) in [("1", 0), ("2", 0), ("1:3", 0), ("9", 2)] {
            let place = [NAMES[0], b":", line.as_bytes()].concat();
            let run = Keysift::new(tree.path()).args(&[OsStr::new("explain"), OsStr::from_bytes(&place)]).run();
            assert_harmless(&run.expect(code));
        }
    }

    #[test]
    fn a_missing_file_of_an_explanation_is_named_as_text() {
        let run = Keysift::new(Tree::new().path()).args(&[OsStr::new("explain"), OsStr::from_bytes(b"gone\x1b[2J\xe2\x80\xae:1")]).run();
        assert_harmless(&run.expect(2));
    }

    #[test]
    fn a_rule_file_is_named_as_text() {
        let tree = Tree::new();
        let name = OsStr::from_bytes(b"a\x1b[31m.toml");
        tree.write(name, "[provider]\n\"\\u001b[2J\" = 1\n");
        let run = Keysift::new(tree.path()).args(&[OsStr::new("rules"), OsStr::new("check"), name, OsStr::from_bytes(b"b\x1b[2J")]).run();
        assert_harmless(&run.expect(2));
    }

    #[test]
    fn an_output_that_cannot_be_written_is_named_as_text() {
        let tree = Tree::with(&[("a.txt", "nothing")]);
        let name = OsStr::from_bytes(b"no\x1b[2J/such/folder.txt");
        let run = Keysift::new(tree.path()).args(&[OsStr::new("scan"), OsStr::new("-o"), name]).run();
        assert_harmless(&run.expect(3));
    }

    #[test]
    fn a_configuration_is_named_as_text() {
        let tree = Tree::with(&[("a.txt", "nothing")]);
        let name = OsStr::from_bytes(b"own\x1b[31m.toml");
        tree.write(name, "[rules]\ndisable = [\"generic-secret\"]\n");
        for format in FORMATS {
            let run = Keysift::new(tree.path()).args(&[OsStr::new("scan"), OsStr::new("--format"), OsStr::new(format), OsStr::new("--config"), name]).run();
            assert_harmless(&run.expect(0));
        }
    }
}

#[test]
fn a_wrong_configuration_is_quoted_as_text() {
    let escapes = r"\u001b[2J\u009b\u202e\r\n\u0007";
    let configurations = [
        format!("\"{escapes}\" = 1\n"),
        format!("[rules]\ndisable = [\"{escapes}\"]\n"),
        format!("[rules]\nfiles = [\"{escapes}\"]\n"),
        format!("[[allow]]\nrules = [\"{escapes}\"]\n"),
        format!("[[allow]]\npaths = [\"[{escapes}\"]\n"),
        format!("[[allow]]\nregexes = [\"({escapes}\"]\n"),
        format!("[[allow]]\ndigests = [\"{escapes}\"]\n"),
        format!("[[allow]]\npaths = [\"a\"]\nuntil = \"{escapes}\"\n"),
        "a = \x1b[2J\n".to_owned(),
        "\"a\x1b[2J\" = \n".to_owned(),
    ];
    for configuration in configurations {
        let tree = Tree::with(&[(".keysift.toml", &configuration), ("a.txt", "nothing")]);
        assert_harmless(&tree.run(&["scan"]).expect(2));
    }
}

#[test]
fn entries_that_nothing_needed_are_quoted_as_text() {
    let configuration = "[[allow]]\npaths = [\"never\\u001bc\"]\nreason = \"\\u001b]0;x\\u0007\\u202e\"\n";
    let tree = Tree::with(&[(".keysift.toml", configuration), ("a.txt", "nothing")]);
    assert_harmless(&tree.run(&["scan"]).expect(0));
}

/// The findings in `bytes`, read in pieces of `step` bytes.
fn scanned(engine: &Engine, bytes: &[u8], step: usize) -> Vec<Finding> {
    struct Drip<'b>(Cursor<&'b [u8]>, usize);
    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let n = into.len().min(self.1);
            self.0.read(&mut into[..n])
        }
    }
    let mut found = Vec::new();
    let origin = Origin::new("dir/file.py");
    decode::windows(&mut Drip(Cursor::new(bytes), step), &mut Buffers::default(), &mut |window| engine.scan_window(&origin, &window, &mut found))
        .expect("memory can be read");
    found
}

/// Scans and explains `bytes` in every way; what matters is that nothing panics, and that the pieces in which they are read do not matter.
fn exercise(engine: &Engine, bytes: &[u8]) {
    let whole = scanned(engine, bytes, usize::MAX);
    let drop_by_drop = scanned(engine, bytes, 7);
    let places = |found: &[Finding]| found.iter().map(|finding| (finding.region, finding.rule.id)).collect::<Vec<_>>();
    assert_eq!(places(&whole), places(&drop_by_drop));
    let mut found = Vec::new();
    let origin = Origin::new("");
    engine.scan_window(&origin, &Window::whole(bytes), &mut found);
    for cut in [1, 2, 15, 16, 17] {
        engine.scan_window(&origin, &Window::whole(&bytes[..cut.min(bytes.len())]), &mut found);
        engine.scan_window(&origin, &Window::whole(&bytes[bytes.len().saturating_sub(cut)..]), &mut found);
    }
    for line in 1..4 {
        scan::explain(engine, &origin, &mut Cursor::new(bytes), line, None).expect("memory can be read");
    }
}

fn engine() -> Engine {
    check::engine(RuleSet::built_in())
}

/// Pieces that mean something to some part of the scanner.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "`",
    "=",
    ":",
    ":=",
    "=>",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "/",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    "\t",
    " ",
    ",",
    ";",
    "#",
    "//",
    "--",
    "<!--",
    "|",
    "$",
    "${",
    "%20",
    "\u{feff}",
    "mistral",
    "MISTRAL_API_KEY",
    "apiKey",
    "Mistral(",
    "https://api.mistral.ai/v1",
    "Authorization: Bearer ",
    "import ",
    "from mistralai import Mistral",
    "keysift:allow",
    "reason=\"",
    "until=",
    "sk-",
    "gsk_",
    "hf_",
    "eyJ",
    "é漢🔑",
    "<key>",
    "</key>",
    "- name: ",
    "value: ",
    "[mistral]",
    "export ",
    "secret",
    "token",
    "sha256",
    "cohere",
    "ENV ",
    "setx ",
];

/// The base64 of a text, in lines of this width.
fn in_lines(text: &str, width: usize) -> Vec<u8> {
    common::base64(text.as_bytes()).as_bytes().chunks(width).flat_map(|line| [b"\n", line].concat()).collect()
}

/// A text of pieces and of keys of two kinds.
fn collage() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u64>().prop_map(|seed| mistral(seed).into_bytes()),
        1 => any::<u64>().prop_map(|seed| key("groq-api-key", seed).into_bytes()),
        1 => any::<u64>().prop_map(|seed| common::base64(mistral(seed).as_bytes()).into_bytes()),
        1 => (any::<u64>(), 8..77usize).prop_map(|(seed, width)| in_lines(&format!("some words\n{}and others\n", mistral_line(seed)), width)),
        1 => (any::<u64>(), 8..77usize).prop_map(|(seed, width)| in_lines(&key("minimax-jwt-api-key", seed), width)),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// What is done to a file, at which part of it.
#[derive(Clone, Debug)]
enum Change {
    Cut(f64, f64),
    Double(f64, f64),
    Put(f64, Vec<u8>),
    Flip(f64, u8),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let n = bytes.len();
        let at = |part: f64| (part * n as f64) as usize;
        match self {
            Self::Cut(from, length) => drop(bytes.drain(at(*from)..(at(*from) + at(*length)).min(n))),
            Self::Double(from, length) => {
                let piece = bytes[at(*from)..(at(*from) + at(*length)).min(n)].to_vec();
                bytes.splice(at(*from)..at(*from), piece);
            }
            Self::Put(from, piece) => drop(bytes.splice(at(*from)..at(*from), piece.iter().copied())),
            Self::Flip(from, mask) => bytes.iter_mut().skip(at(*from)).take(1).for_each(|byte| *byte ^= mask),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let part = || 0.0..1.0f64;
    prop_oneof![
        (part(), 0.0..0.2f64).prop_map(|(from, length)| Change::Cut(from, length)),
        (part(), 0.0..0.2f64).prop_map(|(from, length)| Change::Double(from, length)),
        (part(), prop::sample::select(PIECES)).prop_map(|(from, piece)| Change::Put(from, piece.as_bytes().to_vec())),
        (part(), any::<u8>()).prop_map(|(from, mask)| Change::Flip(from, mask)),
    ]
}

/// Every run tries the same cases, so that a failure is nobody's luck; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` try others.
fn fixed(n_cases: u32) -> ProptestConfig {
    let from_environment = std::env::var_os("PROPTEST_CASES").is_some() || std::env::var_os("PROPTEST_RNG_SEED").is_some();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if from_environment { config } else { ProptestConfig { cases: n_cases, rng_seed: prop::test_runner::RngSeed::Fixed(20_260_101), ..config } }
}

#[test]
fn nothing_panics_on_random_bytes() {
    let engine = engine();
    proptest!(fixed(400), |(bytes in prop::collection::vec(any::<u8>(), 0..300))| exercise(&engine, &bytes));
}

#[test]
fn nothing_panics_on_pieces_of_code() {
    let engine = engine();
    proptest!(fixed(400), |(bytes in collage())| exercise(&engine, &bytes));
}

#[test]
fn nothing_panics_on_damaged_files() {
    let engine = engine();
    let files: Vec<Vec<u8>> = corpus::rendered(3).into_iter().map(|file| file.text.into_bytes()).collect();
    proptest!(fixed(300), |(i in 0..files.len(), changes in prop::collection::vec(change(), 1..6))| {
        let mut bytes = files[i].clone();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        exercise(&engine, &bytes);
    });
}

#[test]
fn nothing_panics_on_damaged_utf16() {
    let engine = engine();
    let text = format!("é = 1\r\nMISTRAL_API_KEY={}\r\n🔑", mistral(1));
    let bytes: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    proptest!(fixed(100), |(changes in prop::collection::vec(change(), 1..4))| {
        let mut bytes = bytes.clone();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        exercise(&engine, &bytes);
    });
}

#[test]
fn a_fault_costs_the_blob_and_not_the_scan() {
    /// A reader that gives a text, and panics where it ends.
    struct Breaking<'b>(&'b [u8]);
    impl Read for Breaking<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            assert!(!self.0.is_empty(), "a fault that the test makes");
            self.0.read(into)
        }
    }
    let progress = scan::Progress::default();
    let job = scan::Job { targets: Vec::new(), root: std::env::temp_dir(), n_threads: 1, lists_skips: false, progress: &progress };
    let text = [groq_line(1).into_bytes(), b"nothing else\n".repeat(300_000)].concat();
    let report = scan::stream(&engine(), &job, &Origin::new("-"), &mut Breaking(&text)).expect("a fault is no error of reading");
    assert_eq!(report.findings.len(), 1, "what was found before stays");
    assert_eq!(report.coverage.n_skipped.get(&SkipReason::Failed), Some(&1));
    assert!(report.is_incomplete() && report.skips.len() == 1);
}

#[test]
fn tiny_inputs_are_scanned() {
    let engine = engine();
    for text in ["", "a", "\n", "\"", "=", "é", "\u{feff}", "=\"", "((", "\\", "${", "a=b", "]]"] {
        exercise(&engine, text.as_bytes());
    }
    for byte in 0..=u8::MAX {
        exercise(&engine, &[byte]);
        exercise(&engine, &[byte, byte]);
    }
}

#[test]
fn one_line_of_64_mebibytes_is_scanned_in_bounded_memory() {
    const N_BYTES: usize = 64 << 20;
    let tree = Tree::new();
    let tail = format!(" MISTRAL_API_KEY=\"{}\"", mistral(1));
    let mut line = "lorem ipsum dolor sit amet, ".repeat(N_BYTES / 28 + 1).into_bytes();
    line.truncate(N_BYTES - tail.len());
    line.extend_from_slice(tail.as_bytes());
    tree.write("one-line.txt", &line);
    drop(line);
    let (mut child, _home) = Keysift::new(tree.path()).args(&["scan", "--quiet", "--threads", "2"]).spawn();
    let (mut most, start) = (0, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        most = most.max(peak_kilobytes(child.id()));
        assert!(start.elapsed() < Duration::from_secs(100), "too slow");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(1), "the key at the end is found");
    assert!(most < 150_000, "{most} kB");
}

/// The most memory that a process had; 0 where that cannot be known.
fn peak_kilobytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")?.trim().parse().ok());
    peak.unwrap_or(0)
}

/// How long 2 MiB of anything may take, in a debug build on a busy machine. Without bounds on looking around, they would take hours.
const PATIENCE: Duration = Duration::from_secs(60);
const N_BYTES: usize = 2 << 20;

#[track_caller]
fn assert_quick(text: &[u8]) {
    let text = text[..N_BYTES.min(text.len())].to_vec();
    let beginning = String::from_utf8_lossy(&text[..24]).into_owned();
    let (sender, receiver) = mpsc::channel();
    let start = Instant::now();
    // A scan that is not done in time is left behind; it ends with the process.
    std::thread::spawn(move || {
        let n_found = scanned(&engine(), &text, usize::MAX).len();
        let _ = sender.send(n_found);
    });
    match receiver.recv_timeout(PATIENCE) {
        // Shown with `cargo test -- --nocapture`.
        Ok(n_found) => println!("{beginning:?}: {:.1?}, {n_found} findings", start.elapsed()),
        Err(error) => panic!("{beginning:?}: {error} after {PATIENCE:?}"),
    }
}

fn repeated(piece: &str) -> Vec<u8> {
    piece.repeat(N_BYTES / piece.len() + 1).into_bytes()
}

/// Pieces that hold something random, each another one.
fn many(n_bytes: usize, piece: impl Fn(&mut Draws) -> String) -> Vec<u8> {
    let mut draws = Draws::new(1);
    let mut text = String::new();
    while text.len() < n_bytes {
        text.push_str(&piece(&mut draws));
    }
    text.into_bytes()
}

#[test]
fn brackets_are_quick() {
    assert_quick(&repeated("["));
    assert_quick(&repeated("(a="));
    assert_quick(&repeated("{\"a\":"));
}

#[test]
fn quotes_are_quick() {
    assert_quick(&repeated("\""));
    assert_quick(&repeated("\\\""));
    assert_quick(&repeated("`'"));
}

#[test]
fn blanks_are_quick() {
    assert_quick(&repeated(" "));
    assert_quick(&repeated("\n"));
}

#[test]
fn long_tokens_are_quick() {
    assert_quick(&repeated("a"));
    assert_quick(&repeated("aB3-"));
    assert_quick(&repeated("gsk_"));
    assert_quick(&many(N_BYTES, |draws| draws.text(64, draw::BASE64)));
}

#[test]
fn wrapped_text_is_quick() {
    assert_quick(&repeated(&common::base64(b"hello world, ")[..16]));
}

#[test]
fn names_and_hosts_of_a_provider_are_quick() {
    assert_quick(&repeated("mistral https://api.mistral.ai/v1 "));
    assert_quick(&repeated("Mistral("));
}

#[test]
fn names_of_secrets_on_one_line_are_quick() {
    assert_quick(&repeated("pass word "));
    assert_quick(&repeated("password value "));
    assert_quick(&repeated("secret --token x "));
}

#[test]
fn keys_without_a_provider_are_quick() {
    assert_quick(&many(N_BYTES, |draws| format!("key=\"{}\",", draws.text(32, draw::ALNUM))));
    assert_quick(&many(N_BYTES, |draws| format!("key=\"{}\",\n", draws.text(32, draw::ALNUM))));
    assert_quick(&many(N_BYTES, |draws| format!("{} ", draws.text(32, draw::HEX))));
}

#[test]
fn keys_of_a_provider_are_quick() {
    assert_quick(&many(N_BYTES / 4, |draws| format!("mistral_key=\"{}\",", draws.text(32, draw::ALNUM))));
    assert_quick(&many(N_BYTES / 4, |draws| format!("mistral_key=\"{}\"\n", draws.text(32, draw::ALNUM))));
    assert_quick(&many(N_BYTES / 4, |draws| format!("Mistral(\"{}\"", draws.text(32, draw::ALNUM))));
}

#[test]
fn uses_of_one_variable_on_one_line_are_quick() {
    for use_of in ["https://api.mistral.ai/(key)", "Mistral(key)", "f(key)", "key"] {
        assert_quick(&many(N_BYTES / 16, |draws| format!("key=\"{}\";{use_of};", draws.text(32, draw::ALNUM))));
    }
}

#[test]
fn nested_keys_are_quick() {
    assert_quick(&many(N_BYTES, |draws| format!("{{\"k\":\"{}\",\"a\":", draws.text(32, draw::ALNUM))));
    let mut stairs = String::new();
    let mut draws = Draws::new(1);
    for depth in 0..1900 {
        stairs.push_str(&format!("{}a: {}\n", " ".repeat(depth), draws.text(32, draw::ALNUM)));
    }
    assert_quick(stairs.as_bytes());
}

#[test]
fn a_file_of_findings_is_reported_quickly() {
    let tree = Tree::new();
    tree.write("many.env", (0..2_000).map(groq_line).collect::<String>());
    for format in FORMATS {
        let start = Instant::now();
        tree.run(&["scan", "--quiet", "--format", format]).expect(1);
        assert!(start.elapsed() < PATIENCE, "{format}: {:?}", start.elapsed());
    }
    assert_eq!(findings(&tree.report(&[])).len(), 2_000);
}
