//! A finding's region is the secret: whoever cuts line and columns, or the offset, out of the file has it, in every format and encoding.

use crate::common::corpus;
use crate::common::{Tree, base64, findings, key, mistral, number, text};
use serde_json::Value;

/// A place as reports write it: first line and column, last line and the column after the end, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Region {
    start: (u64, u64),
    end: (u64, u64),
}

impl Region {
    fn of_json(finding: &Value) -> Self {
        let n = |name: &str| number(&finding[name]);
        Self { start: (n("line"), n("column")), end: (n("end_line"), n("end_column")) }
    }

    fn of_sarif(region: &Value) -> Self {
        let n = |name: &str| number(&region[name]);
        Self { start: (n("startLine"), n("startColumn")), end: (n("endLine"), n("endColumn")) }
    }

    /// The text there. Lines end with a line feed; columns count characters, a byte order mark is none.
    fn of(self, content: &str) -> String {
        assert_eq!(self.start.0, self.end.0, "no secret of these tests goes over a line's end");
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let line = content.split('\n').nth(self.start.0 as usize - 1).unwrap_or_else(|| panic!("no line {}", self.start.0));
        let n_chars = (self.end.1 - self.start.1) as usize;
        let there: String = line.chars().skip(self.start.1 as usize - 1).take(n_chars).collect();
        assert_eq!(there.chars().count(), n_chars, "the line ends before {self:?}");
        there
    }

    /// The same place with columns that count UTF-16 code units, as SARIF has it.
    fn in_utf16(self, content: &str) -> Self {
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let line = content.split('\n').nth(self.start.0 as usize - 1).unwrap_or_else(|| panic!("no line {}", self.start.0));
        let column = |column: u64| line.chars().take(column as usize - 1).map(char::len_utf16).sum::<usize>() as u64 + 1;
        Self { start: (self.start.0, column(self.start.1)), end: (self.end.0, column(self.end.1)) }
    }
}

/// The text of a file: UTF-8, or UTF-16 with a byte order mark.
fn decoded(bytes: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| bytes[2..].chunks_exact(2).map(|unit| from([unit[0], unit[1]])).collect::<Vec<u16>>();
    match bytes {
        [0xFF, 0xFE, ..] => String::from_utf16(&units(u16::from_le_bytes)).expect("it was encoded so"),
        [0xFE, 0xFF, ..] => String::from_utf16(&units(u16::from_be_bytes)).expect("it was encoded so"),
        _ => String::from_utf8(bytes.to_vec()).expect("it was written so"),
    }
}

/// What `%XX` in a URI stands for.
fn unescaped(uri: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), uri.bytes());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits: String = bytes.by_ref().take(2).map(char::from).collect();
            out.push(u8::from_str_radix(&digits, 16).expect("two hexadecimal digits"));
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).expect("our paths are UTF-8")
}

/// Scans the tree and asserts of each finding that its region is the secret, in JSON and in SARIF. Returns how many there are.
#[track_caller]
fn assert_regions(tree: &Tree, arguments: &[&str]) -> usize {
    let report = tree.run(&[&["scan", "--no-ignore", "--show-secrets", "--format", "json"], arguments].concat()).expect(1).json();
    let mut in_json = Vec::new();
    for finding in findings(&report) {
        let (path, region) = (text(&finding["path"]), Region::of_json(finding));
        let content = decoded(&tree.read(path));
        let (there, secret) = (region.of(&content), text(&finding["secret"]));
        let place = format!("{path}:{}:{}", region.start.0, region.start.1);
        match text(&finding["layer"]) {
            "raw" => assert_eq!(there, secret, "{place}"),
            layer => {
                assert_eq!(layer, "base64", "{place}");
                let wrapped = base64(secret.as_bytes());
                assert_eq!(there.trim_end_matches('='), wrapped.trim_end_matches('='), "{place}");
            }
        }
        let offset = number(&finding["offset"]) as usize;
        assert!(content[offset..].starts_with(&there), "{place}: offset {offset}");
        in_json.push((path.to_owned(), region.in_utf16(&content), text(&finding["rule"]).to_owned()));
    }
    let log = tree.run(&[&["scan", "--no-ignore", "--format", "sarif"], arguments].concat()).expect(1).json();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let in_sarif = run["results"].as_array().expect("a run has results").iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        (unescaped(text(&place["artifactLocation"]["uri"])), Region::of_sarif(&place["region"]), text(&result["ruleId"]).to_owned())
    });
    let in_sarif: Vec<_> = in_sarif.collect();
    assert_eq!(in_sarif, in_json);
    in_json.len()
}

/// A file of several lines with text of more than one byte a character, a tab, and a key on its third line.
fn page(key: &str, line_end: &str) -> String {
    ["# clés → 鍵 🔑", "", &format!("\té漢🔑 = 'x'; MISTRAL_API_KEY=\"{key}\" # ключ"), "end"].join(line_end)
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
}

#[test]
fn every_region_of_the_corpus_is_its_secret() {
    let tree = Tree::new();
    corpus::rendered(11).iter().for_each(|file| tree.write(&file.path, &file.text));
    assert!(assert_regions(&tree, &[]) > 400);
}

#[test]
fn every_region_of_the_corpus_is_its_secret_with_windows_line_ends_and_a_byte_order_mark() {
    let tree = Tree::new();
    for file in corpus::rendered(12) {
        tree.write(&file.path, format!("\u{feff}{}", file.text.replace("\r\n", "\n").replace('\n', "\r\n")));
    }
    assert!(assert_regions(&tree, &[]) > 400);
}

#[test]
fn encodings_and_line_ends_do_not_move_a_region() {
    let tree = Tree::new();
    tree.write("lf.py", page(&mistral(1), "\n"));
    tree.write("crlf.py", page(&mistral(2), "\r\n"));
    tree.write("bom.py", format!("\u{feff}{}", page(&mistral(3), "\n")));
    tree.write("bom-first-line.env", format!("\u{feff}MISTRAL_API_KEY={}", mistral(4)));
    tree.write("utf16le.py", utf16(&page(&mistral(5), "\r\n"), u16::to_le_bytes));
    tree.write("utf16be.py", utf16(&page(&mistral(6), "\n"), u16::to_be_bytes));
    tree.write("utf16le-first-line.env", utf16(&format!("MISTRAL_API_KEY={}", mistral(7)), u16::to_le_bytes));
    assert_eq!(assert_regions(&tree, &[]), 7);
}

#[test]
fn a_tab_and_a_wide_character_are_one_column_each() {
    let key = mistral(1);
    let tree = Tree::with(&[("a.py", &format!("\t\té漢🔑\u{301} MISTRAL_API_KEY = '{key}'\n"))]);
    let report = tree.report(&[]);
    assert_eq!((number(&findings(&report)[0]["line"]), number(&findings(&report)[0]["column"])), (1, 27));
    assert_eq!(assert_regions(&tree, &[]), 1);
}

#[test]
fn a_carriage_return_alone_ends_no_line() {
    let tree = Tree::with(&[("a.env", &format!("ONE=1\rTWO=2\rMISTRAL_API_KEY={}\rEND=1\n", mistral(1)))]);
    assert_eq!(assert_regions(&tree, &[]), 1);
}

#[test]
fn the_region_of_a_wrapped_key_is_the_wrapping() {
    let (groq, mistral) = (key("groq-api-key", 1), mistral(1));
    let secret = format!("kind: Secret\ndata:\n  GROQ_API_KEY: {}\n  MISTRAL_API_KEY: {}\n", base64(groq.as_bytes()), base64(mistral.as_bytes()));
    let tree =
        Tree::with(&[("secret.yaml", &secret), ("é/one.yaml", &format!("data: {{ schlüssel: 'ß', MISTRAL_API_KEY: \"{}\" }}\n", base64(mistral.as_bytes())))]);
    assert_eq!(assert_regions(&tree, &[]), 3);
}

/// Where blobs are cut: windows own a mebibyte and show 64 KiB around it.
const WINDOW: usize = 1 << 20;

#[test]
fn regions_are_right_in_any_window_of_a_big_file() {
    let mut content = String::new();
    let mut n_keys = 0;
    let cuts = [0, WINDOW - 40, WINDOW, 2 * WINDOW - 10, 2 * WINDOW + 65_536 - 20, 2 * WINDOW + 300_000];
    for (seed, cut) in (0..).zip(cuts) {
        while content.len() + 64 < cut {
            content.push_str("une ligne sans clé, 漢字 и 🔑, rien à voir\n");
        }
        while content.len() < cut {
            content.push('.');
        }
        content.push_str(&format!("\né = MISTRAL_API_KEY=\"{}\"\n", mistral(seed)));
        n_keys += 1;
    }
    let tree = Tree::with(&[("big.txt", &content)]);
    for threads in ["1", "4"] {
        assert_eq!(assert_regions(&tree, &["--threads", threads]), n_keys, "{threads} threads");
    }
}

#[test]
fn regions_are_right_on_a_line_that_is_longer_than_a_window() {
    let mut content = String::from("x = 1\n");
    for (seed, cut) in [(0, WINDOW - 30), (1, 2 * WINDOW + 100_000)] {
        while content.len() < cut {
            content.push_str("é漢🔑, ");
        }
        content.push_str(&format!("MISTRAL_API_KEY=\"{}\"; ", mistral(seed)));
    }
    let tree = Tree::with(&[("long.txt", &content)]);
    assert_eq!(assert_regions(&tree, &[]), 2);
}

#[test]
fn regions_are_right_in_any_window_of_utf16() {
    let mut content = String::new();
    while content.len() < 2 * WINDOW + 200_000 {
        content.push_str("une ligne sans clé, 漢字 и 🔑\r\n");
    }
    content.push_str(&format!("clé MISTRAL_API_KEY=\"{}\"\r\n", mistral(1)));
    let tree = Tree::new();
    tree.write("big.txt", utf16(&content, u16::to_le_bytes));
    assert_eq!(assert_regions(&tree, &[]), 1);
}
