//! The architecture as `docs/architecture.md` draws it, held against the source: who may import whom, and where the exceptions may stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::common::{files_below, project};
use regex::Regex;

/// The layers from the lowest, and their modules from the lowest. A module of [`VOCABULARY`] may import those before it, a stage the whole
/// vocabulary and no other stage, the engine all of that, the face everything.
const VOCABULARY: &[&str] = &["base64", "text", "case", "number", "vector", "span", "literals", "secret", "look", "blob", "rule", "verdict", "finding"];
const STAGES: &[&str] = &["source", "git", "decode", "detect", "score", "filter", "confirm", "report"];
const ENGINE: &[&str] = &["scan"];
const FACE: &[&str] = &["config", "cli"];

/// A file longer than this says in its header why.
const LONGEST_FILE: usize = 500;

/// A file of `src/`.
struct Source {
    /// Its path below `src/`, with `/` between parts.
    path: String,
    /// The whole text.
    text: String,
    /// Its lines without comments and without the modules that only tests see; the others are empty.
    code: Vec<String>,
}

impl Source {
    /// The module of the crate's root that it belongs to.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().expect("a path has a first part")
    }

    /// Places of the lines of code that `is_bad`, as `path:line: text`.
    fn places(&self, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
        let bad = self.code.iter().enumerate().filter(|(_, line)| is_bad(line));
        bad.map(|(i, line)| format!("src/{}:{}: {}", self.path, i + 1, line.trim())).collect()
    }
}

/// All files of `src/` but those that only tests see.
fn sources() -> Vec<Source> {
    let folder = project().join("src");
    let mut of_tests = BTreeSet::new();
    let mut sources = Vec::new();
    for file in files_below(&folder).iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(file).expect("source is UTF-8");
        let path = file.strip_prefix(&folder).expect("it was listed there").to_str().expect("our names are ASCII").replace('\\', "/");
        let (code, modules) = code_of(&text);
        let folder_of_modules = path.trim_end_matches(".rs").trim_end_matches("lib").to_owned();
        of_tests.extend(modules.iter().map(|module| format!("{folder_of_modules}/{module}.rs")));
        sources.push(Source { path, text, code });
    }
    sources.retain(|source| !of_tests.contains(&source.path));
    assert!(sources.len() > 30, "the source was found");
    sources
}

/// The lines of code, and the names of the modules in files of their own that only tests see.
fn code_of(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut code, mut modules) = (Vec::new(), Vec::new());
    let (mut is_for_tests, mut is_skipping) = (false, false);
    for line in text.lines() {
        let is_comment = line.trim_start().starts_with("//");
        let mut kept = !is_comment && !is_skipping;
        if is_skipping {
            is_skipping = line != "}";
        } else if line == "#[cfg(test)]" {
            is_for_tests = true;
            kept = false;
        } else if is_for_tests && !is_comment {
            is_for_tests = false;
            is_skipping = line.ends_with('{');
            kept = false;
            modules.extend(line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned));
        }
        code.push(if kept { line.to_owned() } else { String::new() });
    }
    (code, modules)
}

/// The root modules that a line of code names by `crate::`.
fn imports(line: &str) -> Vec<&str> {
    let mut imported = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let first_word = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut start = Some(0);
                for (i, c) in group.char_indices() {
                    if let Some(from) = start.filter(|_| depth == 0 && !c.is_ascii_alphanumeric() && c != '_' && c != ' ') {
                        imported.push(group[from..i].trim());
                        start = None;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = Some(i + 1),
                        _ => {}
                    }
                }
            }
            None => imported.push(&rest[..first_word(rest)]),
        }
    }
    imported.retain(|name| !name.is_empty() && name.starts_with(|c: char| c.is_ascii_lowercase()));
    imported
}

/// What each module may import.
fn table() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let all = |layers: &[&[&'static str]]| layers.iter().flat_map(|layer| layer.iter().copied()).collect::<BTreeSet<_>>();
    let vocabulary = (0..VOCABULARY.len()).map(|i| (VOCABULARY[i], all(&[&VOCABULARY[..i]])));
    let stages = STAGES.iter().map(|stage| (*stage, all(&[VOCABULARY])));
    let engine = ENGINE.iter().map(|engine| (*engine, all(&[VOCABULARY, STAGES])));
    let face = FACE.iter().map(|face| (*face, all(&[VOCABULARY, STAGES, ENGINE, FACE])));
    vocabulary.chain(stages).chain(engine).chain(face).collect()
}

#[test]
fn imports_are_read_from_paths_and_groups() {
    assert_eq!(imports("use crate::rule::{Rule, RuleSet};"), ["rule"]);
    assert_eq!(imports("use crate::{span::{Region, Span}, secret::Secret, blob};"), ["span", "secret", "blob"]);
    assert_eq!(imports("    let x = crate::blob::path_text(crate::span::start());"), ["blob", "span"]);
    assert_eq!(imports("pub(crate) use super::Page;"), Vec::<&str>::new());
}

#[test]
fn code_for_tests_is_left_out() {
    let text = "//! Head.\nuse a;\n#[cfg(test)]\nmod fixture;\n// No.\nfn f() {}\n#[cfg(test)]\nmod tests {\n    x.unwrap();\n}\nuse b;\n";
    let (code, modules) = code_of(text);
    assert_eq!(code, ["", "use a;", "", "", "", "fn f() {}", "", "", "", "", "use b;"]);
    assert_eq!(modules, ["fixture"]);
}

#[test]
fn every_module_has_a_place_in_the_table() {
    let text = fs::read_to_string(project().join("src/lib.rs")).expect("source is UTF-8");
    let declared: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';')).collect();
    assert_eq!(declared, table().into_keys().collect(), "the modules of src/lib.rs and those of this file's table");
}

#[test]
fn modules_import_only_what_lies_below() {
    let table = table();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !matches!(source.module(), "lib" | "main")) {
        let allowed = &table[source.module()];
        // A group that goes on in the next line would not be read.
        let is_wrong = |line: &str| line.ends_with("crate::{") || imports(line).iter().any(|name| *name != source.module() && !allowed.contains(name));
        wrong.extend(source.places(is_wrong));
    }
    assert!(wrong.is_empty(), "imports against the table:\n{}", wrong.join("\n"));
}

#[test]
fn no_path_leads_around_the_table() {
    // `super` of a file in `src/` is the crate's root, and so is the `super::super` of one in a folder of it.
    let mut wrong = Vec::new();
    for source in sources() {
        let depth = source.path.matches('/').count();
        let way_out = format!("{}::", vec!["super"; depth + 1].join("::"));
        let is_nested = |line: &str| line.starts_with(' ') && depth == 0 && line.contains("super::");
        wrong.extend(source.places(|line| line.contains(&way_out) && !is_nested(line)));
    }
    assert!(wrong.is_empty(), "paths to the root by `super`:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = sources().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    assert!(silent.is_empty(), "without a header: {silent:?}");
}

#[test]
fn a_long_file_says_why_it_is_long() {
    let is_long = |source: &Source| {
        let header: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        source.text.lines().count() > LONGEST_FILE && !header.contains("long because")
    };
    let long: Vec<String> =
        sources().iter().filter(|source| is_long(source)).map(|source| format!("src/{}: {}", source.path, source.text.lines().count())).collect();
    assert!(long.is_empty(), "more than {LONGEST_FILE} lines and no `long because …` in the header:\n{}", long.join("\n"));
}

#[test]
fn nothing_unwraps() {
    let found: Vec<String> = sources().iter().flat_map(|source| source.places(|line| line.contains(".unwrap()"))).collect();
    assert!(found.is_empty(), "expect(\"why it cannot fail\") instead:\n{}", found.join("\n"));
}

#[test]
fn only_the_searches_with_vector_instructions_are_unsafe() {
    const WITH_VECTORS: [&str; 3] = ["detect/tokens.rs", "literals.rs", "vector.rs"];
    let is_unsafe = Regex::new(r"(?-u)\bunsafe\s*(\{|fn|impl|trait|extern)").expect("valid");
    let others: Vec<String> = sources()
        .iter()
        .filter(|source| !WITH_VECTORS.contains(&source.path.as_str()))
        .flat_map(|source| source.places(|line| is_unsafe.is_match(line)))
        .collect();
    assert!(others.is_empty(), "unsafe code:\n{}", others.join("\n"));
}

#[test]
fn only_the_sarif_report_knows_serde_sarif() {
    let is_sarif = |path: &str| path == "report/sarif.rs" || path.starts_with("report/sarif/");
    let others: Vec<String> =
        sources().iter().filter(|source| !is_sarif(&source.path)).flat_map(|source| source.places(|line| line.contains("serde_sarif"))).collect();
    assert!(others.is_empty(), "serde_sarif:\n{}", others.join("\n"));
}

#[test]
fn whoever_reads_a_secret_says_why() {
    // The attribute may stand before the function or before the statement.
    const REACH: usize = 4;
    let mut silent = Vec::new();
    for source in sources() {
        for (i, line) in source.code.iter().enumerate().filter(|(_, line)| line.contains(".expose()") || line.contains("Secret::expose")) {
            let reasons = &source.code[i.saturating_sub(REACH)..=i];
            if !reasons.iter().any(|line| line.contains("#[expect(clippy::disallowed_methods, reason = \"")) {
                silent.push(format!("src/{}:{}: {}", source.path, i + 1, line.trim()));
            }
        }
    }
    assert!(silent.is_empty(), "without #[expect(clippy::disallowed_methods, reason = \"…\")]:\n{}", silent.join("\n"));
}
