//! The HTML report in a real browser: no script error, no request, keyboard, filters, 10,000 findings, hostile content.
//!
//! It needs Chromium and Node.js, which `.ci/run` installs where it can; without them the tests say so and are skipped, unless `KEYSIFT_NEEDS_BROWSER=1`.

use std::fs::create_dir_all;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::common::{Tree, groq_line, key, mistral_line, project, text};
use serde_json::{Value, json};

/// A program by its names; `None`, said aloud, if it is not installed.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|program| program.is_file());
    if found.is_none() {
        let is_needed = env::var("KEYSIFT_NEEDS_BROWSER").is_ok_and(|value| value == "1");
        assert!(!is_needed, "{names:?} is not installed, and KEYSIFT_NEEDS_BROWSER=1 says that it must be");
        eprintln!("!!! SKIPPED: none of {names:?} is installed !!!");
    }
    found
}

/// What a browser makes of the HTML report of `tree`; nothing if there is no browser.
fn seen(tree: &Tree, name: &str) -> Option<Value> {
    let (chromium, node) = (program(&["chromium", "chromium-browser", "google-chrome"])?, program(&["node", "nodejs"])?);
    let outside = Tree::new();
    let page = outside.path().join("report.html");
    let target = format!("html={}", page.display());
    let run = tree.run(&["scan", "--show-suppressed", "--show-skipped", "--report", &target, "--quiet"]);
    assert!(page.is_file(), "{}", run.err());
    let mut command = Command::new(node);
    command.arg(project().join("tests/browser/check.mjs")).arg(chromium).arg(&page);
    // For whoever wants to look at the page.
    if let Some(folder) = env::var_os("KEYSIFT_SCREENSHOTS") {
        let folder = Path::new(&folder).join(name);
        create_dir_all(&folder).expect("folders can be made");
        fs::copy(&page, folder.join("report.html")).expect("files can be copied");
        command.arg(folder);
    }
    let output = command.output().expect("node starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    Some(serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}")))
}

/// What must hold for every page.
#[track_caller]
fn is_sound(seen: &Value) {
    assert_eq!((&seen["errors"], &seen["requests"], &seen["images"], &seen["scripts"]), (&json!([]), &json!([]), &json!(0), &json!(2)), "{seen:#}");
    assert_eq!(seen["pwned"], "undefined");
    for (name, overflow) in seen["overflow"].as_object().expect("pictures were taken") {
        assert!(overflow.as_i64().is_some_and(|n| n <= 0), "{name} is wider than its window: {seen:#}");
    }
}

/// A line that is a finding whatever was drawn: the key identifies itself.
fn anthropic_line(seed: u64) -> String {
    format!("ANTHROPIC_API_KEY={}\n", key("anthropic-api-key", seed))
}

#[test]
fn ten_thousand_findings_can_be_used_with_the_keyboard() {
    let tree = Tree::new();
    for file in 0..100 {
        let lines: String = (0..100).map(|line| if line % 10 == 0 { anthropic_line(file * 100 + line) } else { groq_line(file * 100 + line) }).collect();
        tree.write(format!("services/part-{file:03}/settings.env"), lines);
    }
    let Some(seen) = seen(&tree, "many") else { return };
    is_sound(&seen);
    assert_eq!((text(&seen["first"]["count"]), &seen["first"]["rows"]), ("10000 findings", &json!(100)), "{seen:#}");
    assert_eq!((text(&seen["opened"]["focus"]), &seen["opened"]["open"]), ("toggle", &json!(1)), "{seen:#}");
    assert_eq!((&seen["moved"]["open"], &seen["closed"]["open"]), (&json!(1), &json!(0)), "{seen:#}");
    assert_eq!((text(&seen["searched"]["focus"]), text(&seen["searched"]["count"])), ("search", "100 of 10000 findings"), "{seen:#}");
    assert_eq!(seen["reset"]["count"], "10000 findings");
    assert_eq!(seen["sort"], "ascending");
    let sorted: Vec<&str> = seen["sorted"].as_array().expect("a list").iter().map(text).collect();
    assert!(sorted.iter().all(|place| place.starts_with("services/part-000/")), "{sorted:?}");
    assert_eq!(seen["filtered"]["count"], "9000 of 10000 findings", "the chart's first provider is the most frequent one");
    assert_eq!((text(&seen["next"]["page"]), &seen["printed"]["rows"]), ("Page 2 of 100", &json!(10_000)), "{seen:#}");
    assert_eq!(seen["forbidden"], json!(["undefined", "refused"]), "the policy holds");
    assert!(seen["load_ms"].as_u64().is_some_and(|n| n < 20_000) && seen["search_ms"].as_u64().is_some_and(|n| n < 5_000), "{seen:#}");
}

#[cfg(unix)]
#[test]
fn hostile_paths_and_lines_are_text() {
    let attack = "<img src=x onerror=pwned=1>\"'&</script><script>pwned=1<";
    let tree = Tree::new();
    let name = attack.replace('/', "\u{2215}");
    let line = format!("{attack} MISTRAL_API_KEY={} <!-- {attack}\n", key("mistral-api-key", 1));
    tree.write(format!("{name}/a\u{202e}\n.env"), &line);
    tree.write("b.env", line.replace('\n', &format!(" # keysift:allow reason=\"{}\"\n", attack.replace('"', ""))));
    tree.write("javascript:pwned=1.env", mistral_line(2));
    let Some(seen) = seen(&tree, "hostile") else { return };
    is_sound(&seen);
    assert!(seen["first"]["rows"].as_u64().is_some_and(|n| n >= 2), "{seen:#}");
    assert_eq!(seen["columns"], json!(["Severity", "What", "Where", "Confidence"]), "nobody was asked");
    assert_eq!(seen["zeros"], json!(0), "what nobody has cannot be chosen");
    assert_eq!(seen["printed"]["open"], seen["printed"]["rows"], "print shows what is closed");
    let of = |display: &str, n: usize| json!(vec![display; n]);
    assert_eq!((&seen["printed"]["heads"], &seen["printed"]["buttons"]), (&of("block", 4), &of("none", 5)), "{seen:#}");
}

#[test]
fn a_clean_scan_has_a_page_too() {
    let Some(seen) = seen(&Tree::with(&[("a.txt", "nothing\n")]), "clean") else { return };
    is_sound(&seen);
    assert_eq!((&seen["empty"], &seen["heading"], &seen["title"]), (&json!(true), &json!("No findings"), &json!("keysift: 0 findings")));
}
