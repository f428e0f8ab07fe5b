//! How many bytes a second one core scans, for texts of several kinds.
//!
//! `cargo bench --bench throughput`, or with a filter: `cargo bench --bench throughput -- scan`. Each text is scanned in windows of 1 MiB, as
//! a blob of that size would be, with all built-in rules. Beside `scan` stand its first stages (`tokens`, `candidates` with the first look at
//! each token, `detect`) and, as the reference for what the machine can do in the same minute, a vectorized search for one literal (`memmem`).
//! Absolute numbers belong to a machine; their ratios tell more.
//!
//! Except for `source`, which is the source code of this package and of whatever crates Cargo has unpacked, the texts are made here from a
//! seed: words of such texts, and random values where such texts have them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use ignore::WalkBuilder;
use keysift::blob::{Origin, Window};
use keysift::detect::{Detector, tokens};
use keysift::rule::RuleSet;
use keysift::rule::draw::{ALNUM, BASE64, Draws, HEX};
use keysift::scan::{Engine, check};

fn main() {
    divan::main();
}

const WINDOW: usize = 1 << 20;
const TEXT: usize = 8 << 20;
/// A text in which every line holds a key is no text that anybody has much of.
const ENV: usize = WINDOW;

/// The kinds of text.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Source,
    Minified,
    Json,
    Notebook,
    Lockfile,
    Env,
}

const KINDS: [Kind; 6] = [Kind::Source, Kind::Minified, Kind::Json, Kind::Notebook, Kind::Lockfile, Kind::Env];

/// A text of one kind, made once.
struct Text {
    bytes: Vec<u8>,
    origin: Origin,
}

impl Text {
    fn of(kind: Kind) -> &'static Self {
        static TEXTS: [LazyLock<Text>; 6] = [
            LazyLock::new(|| Text { bytes: source(), origin: Origin::new("src/lib.rs") }),
            LazyLock::new(|| Text { bytes: fill(TEXT, minified), origin: Origin::new("dist/app.min.js") }),
            LazyLock::new(|| Text { bytes: fill(TEXT, json), origin: Origin::new("data/events.json") }),
            LazyLock::new(|| Text { bytes: fill(TEXT, notebook), origin: Origin::new("analysis.ipynb") }),
            LazyLock::new(|| Text { bytes: fill(TEXT, lockfile), origin: Origin::new("package-lock.json") }),
            LazyLock::new(|| Text { bytes: fill(ENV, env), origin: Origin::new(".env") }),
        ];
        &TEXTS[kind as usize]
    }

    fn windows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(WINDOW)
    }
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn scan(bencher: Bencher, kind: Kind) {
    let text = Text::of(kind);
    let engine: Engine = check::engine(RuleSet::built_in());
    bencher.counter(BytesCount::of_slice(&text.bytes)).bench_local(|| {
        let mut found = Vec::new();
        for window in text.windows() {
            engine.scan_window(&text.origin, &Window::whole(black_box(window)), &mut found);
        }
        found.len()
    });
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn detect(bencher: Bencher, kind: Kind) {
    let text = Text::of(kind);
    let detector = Detector::new(&RuleSet::built_in());
    bencher.counter(BytesCount::of_slice(&text.bytes)).bench_local(|| {
        let mut n = 0;
        for window in text.windows() {
            detector.scan(black_box(window), false, |_| n += 1);
        }
        n
    });
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn candidates(bencher: Bencher, kind: Kind) {
    count(bencher, kind, |window, each| tokens::for_each_candidate(window, |_| false, |start, end, _| each(start, end)));
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn tokens(bencher: Bencher, kind: Kind) {
    count(bencher, kind, |window, each| tokens::for_each_candidate(window, |_| true, |start, end, _| each(start, end)));
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn tokens_portable(bencher: Bencher, kind: Kind) {
    count(bencher, kind, |window, each| tokens::for_each_token(window, each));
}

#[divan::bench(args = KINDS, sample_count = 30, max_time = 5)]
fn memmem(bencher: Bencher, kind: Kind) {
    let finder = memchr::memmem::Finder::new("-----BEGIN");
    each_window(bencher, kind, |window| finder.find_iter(window).count());
}

fn count(bencher: Bencher, kind: Kind, find: impl Fn(&[u8], &mut dyn FnMut(usize, usize))) {
    each_window(bencher, kind, |window| {
        let mut n = 0;
        find(window, &mut |start, end| n += end - start);
        n
    });
}

fn each_window(bencher: Bencher, kind: Kind, work: impl Fn(&[u8]) -> usize) {
    let text = Text::of(kind);
    bencher.counter(BytesCount::of_slice(&text.bytes)).bench_local(|| text.windows().map(|window| work(black_box(window))).sum::<usize>());
}

/// Rust sources: this package's, then those of the unpacked crates in the order of their paths, then all again until there are enough.
fn source() -> Vec<u8> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut text = Vec::new();
    add_sources(&mut text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    if let Some(home) = home {
        add_sources(&mut text, &home.join("registry/src"));
    }
    let n_distinct = text.len();
    while text.len() < TEXT {
        text.extend_from_within(..n_distinct);
    }
    text.truncate(TEXT);
    text
}

fn add_sources(text: &mut Vec<u8>, folder: &Path) {
    let files = WalkBuilder::new(folder).standard_filters(false).sort_by_file_path(Ord::cmp).build();
    for path in files.flatten().map(|entry| entry.into_path()).filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        if text.len() >= TEXT {
            return;
        }
        text.extend(fs::read(path).unwrap_or_default());
    }
}

/// Text of `n` bytes, piece by piece.
fn fill(n: usize, add: fn(&mut Draws, &mut String)) -> Vec<u8> {
    let mut draws = Draws::new(1);
    let mut text = String::with_capacity(n + WINDOW);
    while text.len() < n {
        add(&mut draws, &mut text);
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(n);
    bytes
}

static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let words = "value index render component handler create element props state update length prototype children request response error options default \
                 config module export require function token event target message session user account created internal";
    words.split(' ').collect()
});

fn word(draws: &mut Draws) -> &'static str {
    WORDS[draws.below(WORDS.len())]
}

/// Two to four words in camel case.
fn camel(draws: &mut Draws) -> String {
    let mut name = word(draws).to_owned();
    for _ in 0..1 + draws.below(3) {
        let word = word(draws);
        name.push_str(&word[..1].to_uppercase());
        name.push_str(&word[1..]);
    }
    name
}

/// JavaScript without white space, in lines of a few thousand characters.
fn minified(draws: &mut Draws, text: &mut String) {
    for _ in 0..20 {
        let (a, b) = (draws.text(1, b"abcdefghijklmnop"), draws.text(1, b"qrstuvwxyz"));
        let (method, property, other) = (camel(draws), word(draws), camel(draws));
        let n = draws.below(5000);
        text.push_str(&format!(
            "function {a}({b},e){{var t={b}.{property}||{{}};return t.{method}&&(e[{n}]=t.{method}(\"{property} {n}\",{{{other}:!0,{property}:{b}}})),\
             void 0===e?null:e}}{a}.prototype.{other}=function({b}){{for(var r=0;r<{b}.length;r++)this.{method}({b}[r])}};"
        ));
        if draws.below(40) == 0 {
            text.push_str(&format!("e.exports={a}.p+\"static/{}.{}.js\";", camel(draws), draws.text(20, HEX)));
        }
    }
    text.push('\n');
}

/// An event as services log them: names, numbers, times, ids.
fn json(draws: &mut Draws, text: &mut String) {
    let (id, trace, session) = (draws.uuid(), draws.text(32, HEX), draws.text(24, ALNUM));
    let (kind, user, n) = (camel(draws), word(draws), draws.below(1_000_000));
    text.push_str(&format!(
        "    {{\n      \"id\": \"{id}\",\n      \"trace_id\": \"{trace}\",\n      \"sessionId\": \"{session}\",\n      \"type\": \"{kind}\",\n      \
         \"user\": {{ \"name\": \"{user} {n}\", \"email\": \"{user}.{n}@example.com\", \"active\": true }},\n      \
         \"createdAt\": \"2025-03-14T09:26:{:02}.{:03}Z\",\n      \"url\": \"https://app.example.com/api/v1/{user}/{n}?page={}\",\n      \
         \"tags\": [\"{}\", \"{}\"],\n      \"value\": {n}.{:04}\n    }},\n",
        draws.below(60),
        draws.below(1000),
        draws.below(100),
        word(draws),
        camel(draws),
        draws.below(10_000)
    ));
}

/// A notebook's cells: some code, then an image in base64 on one line.
fn notebook(draws: &mut Draws, text: &mut String) {
    text.push_str("  {\n   \"cell_type\": \"code\",\n   \"source\": [\n");
    for _ in 0..10 {
        text.push_str(&format!("    \"{} = {}({})\\n\",\n", word(draws), camel(draws), word(draws)));
    }
    let n = 20_000 + draws.below(60_000);
    text.push_str(&format!("   ],\n   \"outputs\": [{{ \"data\": {{ \"image/png\": \"{}\" }} }}]\n  }},\n", draws.text(n, BASE64)));
}

/// Packages of two kinds of lock file: SHA-256 in hexadecimal, SHA-512 in base64.
fn lockfile(draws: &mut Draws, text: &mut String) {
    let (name, major, minor) = (camel(draws).to_lowercase(), draws.below(20), draws.below(100));
    let (hex, base64) = (draws.text(64, HEX), draws.text(86, BASE64));
    text.push_str(&format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{major}.{minor}.0\"\nchecksum = \"{hex}\"\n\n    \"node_modules/{name}\": {{\n      \
         \"version\": \"{major}.{minor}.0\",\n      \"resolved\": \"https://packages.example.com/{name}/-/{name}-{major}.{minor}.0.tgz\",\n      \
         \"integrity\": \"sha512-{base64}==\"\n    }},\n"
    ));
}

/// A key of any rule, with the name that its provider gives it.
fn env(draws: &mut Draws, text: &mut String) {
    static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
    let rule = RULES.rules[draws.below(RULES.rules.len())];
    let name = rule.provider.env.first().unwrap_or(&"API_KEY");
    text.push_str(&format!("{name}={}\n", draws.key(rule)));
}
