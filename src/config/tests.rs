//! The configuration as users write it: texts beside what they mean or how they are refused.

use super::*;
use crate::filter::AllowCase;
use crate::rule::GENERIC_SECRET;
use crate::secret::Secret;
use jiff::civil::date;
use tempfile::TempDir;

const RULE_FILE: &str = r#"
[provider]
id = "acme"
name = "Acme"
docs = "https://acme.example/docs"
revoke = "https://acme.example/keys"
[[rule]]
id = "acme-api-key"
name = "Acme key"
severity = "high"
shape = 'acme_[a-z0-9]{32}'
"#;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn write(folder: &TempDir, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
    fs::write(&path, text).expect("the file can be written");
    path
}

fn load_text(text: &str) -> (Result<Config, ConfigError>, RuleSet) {
    let folder = folder();
    write(&folder, "ci/own-rules.toml", RULE_FILE);
    let mut rules = RuleSet::built_in();
    (load(&write(&folder, FILE_NAME, text), &mut rules), rules)
}

fn good(text: &str) -> Config {
    load_text(text).0.expect("the configuration is good")
}

/// The error of `text` as shown, without the folder, and its help.
fn refused(text: &str) -> (String, String) {
    let error = load_text(text).0.expect_err("the configuration is bad");
    let shown = error.to_string();
    assert!(!shown.contains('\n'), "{shown}");
    let (_, place) = shown.split_once(".keysift.toml:").expect("the file is named");
    (place.to_owned(), error.help().unwrap_or_default())
}

#[test]
fn nothing_configured_is_everything_on() {
    let config = Config::default();
    assert!(config.honor_peers && config.disabled.is_empty() && config.rule_files.is_empty() && config.path.is_none());
    let (empty, rules) = load_text("");
    assert!(empty.expect("an empty file is good").honor_peers);
    assert_eq!(rules.rules.len(), RuleSet::built_in().rules.len());
}

#[test]
fn the_documented_example_loads() {
    let page = include_str!("../../docs/configuration.md");
    let (_, rest) = page.split_once("```toml\n").expect("the page begins with an example");
    let (example, _) = rest.split_once("```").expect("the example ends");
    let (config, rules) = load_text(example);
    let config = config.expect("the example is good");
    assert_eq!(config.disabled, [GENERIC_SECRET]);
    assert!(rules.get(GENERIC_SECRET).is_none() && rules.get("acme-api-key").is_some());
    assert!(config.rule_files[0].ends_with("ci/own-rules.toml"));
}

#[test]
fn an_allow_entry_suppresses_with_its_name_and_reason() {
    let config = good("[[allow]]\npaths = ['docs/']\nrules = ['mistral', 'openai']\nregexes = ['^test-']\nreason = 'ours'\nuntil = 2026-12-31\n");
    let rule = RuleSet::built_in().get("mistral-api-key").expect("the rule is built in");
    let ask = |path, secret: &[u8], today| {
        let secret = Secret::new(secret);
        config.allow.allowed(&AllowCase { path, commit: None, rule, secret: &secret, matched: None, line: b"" }, today)
    };
    let found = ask("docs/a.md", b"test-1", date(2026, 12, 31)).expect("all lists match");
    assert!(found.by.ends_with(".keysift.toml: allow entry 1"), "{}", found.by);
    assert_eq!(found.reason.as_deref(), Some("ours"));
    assert_eq!(ask("docs/a.md", b"test-1", date(2027, 1, 1)), None);
    assert_eq!(ask("docs/a.md", b"real-1", date(2026, 1, 1)), None);
    assert_eq!(ask("src/a.md", b"test-1", date(2026, 1, 1)), None);
}

#[test]
fn peers_comments_can_be_switched_off() {
    assert!(!good("[comments]\npeers = false").honor_peers);
    assert!(good("[comments]").honor_peers);
}

#[test]
fn a_disabled_rule_may_still_be_named_in_an_allow_entry() {
    let (config, rules) = load_text("[rules]\ndisable = ['generic-secret', 'generic-secret']\n[[allow]]\nrules = ['generic-secret']");
    assert_eq!(config.expect("the configuration is good").disabled, ["generic-secret"]);
    assert!(rules.get("generic-secret").is_none());
}

#[test]
fn a_slip_of_the_finger_is_shown_with_its_place_and_a_suggestion() {
    for (text, place, help) in [
        ("[[allow]]\npahts = ['a']", "2:1: unknown key `pahts` (did you mean `paths`?)", "valid keys here: `paths`, `rules`, `digests`"),
        ("x = 1\n[alow]", "1:1: unknown key `x`", "valid keys here: `allow`, `rules`, `comments`, `baseline`"),
        ("[rules]\n  disabled = []", "2:3: unknown key `disabled` (did you mean `disable`?)", "valid keys here: `disable`, `files`"),
        ("[comments]\npeer = true", "2:1: unknown key `peer` (did you mean `peers`?)", "valid keys here: `peers`"),
        ("'é' = 1", "1:1: unknown key `é`", ""),
        ("[rules]\ndisable = ['x', 'generic-secrt']", "2:12: unknown rule `x`", "`keysift rules list`"),
        ("[rules]\ndisable = ['generic-secrt']", "2:12: unknown rule `generic-secrt` (did you mean `generic-secret`?)", "`keysift rules list`"),
        ("[rules]\ndisable = ['mistral']", "2:12: `mistral` is a provider, and here stand rules", "name its rules: `mistral-api-key`"),
        ("[[allow]]\nrules = ['openia']", "2:10: unknown rule or provider `openia` (did you mean `openai`?)", "`keysift rules list`"),
        ("\u{feff}x = 1", "1:1: unknown key `x`", ""),
        ("\"ä\\u001b[2J\" = 1", "1:1: unknown key `ä [2J`", ""),
    ] {
        let (shown, shown_help) = refused(text);
        assert!(shown.starts_with(place), "{shown} is not {place}");
        assert!(shown_help.starts_with(help), "{shown_help} is not {help}");
    }
}

#[test]
fn wrong_types_and_values_are_refused_with_the_next_step() {
    for (text, place, help) in [
        ("[allow]\npaths = ['a']", "1:1: `allow` must be an array of tables, and here is a table", "write `[[allow]]`"),
        ("allow = [1]", "1:10: `allow` must be an array of tables, and here is an integer", "write `[[allow]]`"),
        ("rules = 1", "1:9: `rules` must be a table, and here is an integer", "write `[rules]`"),
        ("[[allow]]\npaths = 'a'", "2:9: `paths` must be a list of strings, and here is a string", "write `paths = [\"…\"]`"),
        ("[[allow]]\npaths = ['ä', 1]", "2:15: `paths` must be a list of strings, and here is an integer", "write `paths = [\"…\"]`"),
        ("[[allow]]\npaths = []", "2:9: `paths` is an empty list", "remove the key"),
        ("[[allow]]\npaths = ['a/[']", "2:10: bad path pattern in `paths`: ", "see \"Paths\""),
        ("[[allow]]\ndigests = ['sha256:ab']", "2:12: bad digest in `digests`: `sha256:` is not followed", "copy the digest"),
        ("[[allow]]\nregexes = ['a(']", "2:12: bad regular expression in `regexes`: unclosed group", "see https://docs.rs"),
        ("[[allow]]\nregexes = ['((a{1000}){1000}){9}']", "2:12: bad regular expression in `regexes`: ", "see https://docs.rs"),
        ("[[allow]]\npaths = ['a']\nreason = 1", "3:10: `reason` must be a string, and here is an integer", "write `reason = \"…\"`"),
        ("[[allow]]\npaths = ['a']\n\n[[allow]]\nreason = 'b'", "4:1: an allow entry without a condition", "give it at least one of"),
        ("[[allow]]\npaths = ['a']\nuntil = 'soon'", "3:9: `until` is no date", "write the last day"),
        ("[[allow]]\npaths = ['a']\nuntil = 2026-01-01T00:00:00", "3:9: `until` is no date", "write the last day"),
        ("[[allow]]\npaths = ['a']\nuntil = 2026", "3:9: `until` is no date", "write the last day"),
        ("[comments]\npeers = 'no'", "2:9: `peers` must be `true` or `false`, and here is a string", "write it without quotes"),
        ("a = 1\nb = = 2", "2:5: ", "this is no valid TOML"),
        ("[rules]\n[rules]", "2:2: duplicate key", "this is no valid TOML"),
        ("[rules]\nfiles = ['ci/none.toml']", "2:10: rule file `ci/none.toml` cannot be read: ", "paths are relative"),
        ("[rules]\nfiles = ['ci']", "2:10: rule file `ci` is not a regular file", "paths are relative"),
        (
            "[rules]\nfiles = ['ci/own-rules.toml', 'ci/own-rules.toml']",
            "2:31: rule file `ci/own-rules.toml` is refused: there is a provider `acme` already",
            "`keysift rules check ci/own-rules.toml`",
        ),
    ] {
        let (shown, shown_help) = refused(text);
        assert!(shown.starts_with(place), "{shown} is not {place}");
        assert!(shown_help.starts_with(help), "{shown_help} is not {help}");
    }
}

#[test]
fn a_refused_configuration_leaves_the_rules_alone() {
    let (result, rules) = load_text("[rules]\nfiles = ['ci/own-rules.toml']\ndisable = ['generic-secret']\n[[allow]]\n");
    assert!(result.is_err());
    assert!(rules.get("acme-api-key").is_none() && rules.get("generic-secret").is_some());
}

#[test]
fn a_named_file_that_is_no_rule_file_is_not_quoted() {
    let folder = folder();
    write(&folder, "netrc", "machine acme.example\nlogin me password hunter2\n");
    let path = write(&folder, FILE_NAME, "[rules]\nfiles = ['netrc']");
    let error = load(&path, &mut RuleSet::built_in()).expect_err("it is no TOML").to_string();
    assert!(error.contains("TOML parse error at line 1, column 9: "), "{error}");
    assert!(!error.contains("acme.example") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_rule_id_that_is_taken_is_refused() {
    let folder = folder();
    write(&folder, "r.toml", RULE_FILE.replace("acme-api-key", "mistral-api-key").replace("\"acme\"", "\"mistral-api\""));
    let path = write(&folder, FILE_NAME, "[rules]\nfiles = ['r.toml']");
    let error = load(&path, &mut RuleSet::built_in()).expect_err("the rule is there already").to_string();
    assert!(error.ends_with("there is a rule `mistral-api-key` already"), "{error}");
}

#[test]
fn files_that_cannot_be_a_configuration_are_refused() {
    let folder = folder();
    let mut rules = RuleSet::built_in();
    let mut error = |path: &Path| load(path, &mut rules).expect_err("it is no configuration");
    let missing = error(&folder.path().join("none.toml"));
    assert!(missing.to_string().contains("none.toml: cannot be read: "), "{missing}");
    assert!(missing.help().is_some_and(|help| help.contains("--config")));
    assert!(error(folder.path()).to_string().ends_with("is not a regular file"));
    assert!(error(&write(&folder, "bytes.toml", b"a = \"\xff\"")).to_string().ends_with("is not UTF-8 (at byte 5)"));
    assert!(error(&write(&folder, "large.toml", "#".repeat(LARGEST_FILE as usize + 1))).to_string().ends_with("is larger than 1048576 bytes"));
    assert!(load(&write(&folder, "full.toml", "#".repeat(LARGEST_FILE as usize)), &mut rules).is_ok());
}

#[test]
fn a_configuration_cannot_make_keysift_build_without_bound() {
    let regexes = format!("[[allow]]\nregexes = [{}]", "'a',".repeat(MOST_REGEXES + 1));
    assert!(refused(&regexes).0.contains("more than 200 regular expressions"));
    let paths = format!("[[allow]]\npaths = [{}]", "'a',".repeat(MOST_PATHS + 1));
    assert!(refused(&paths).0.contains("more than 10000 path patterns"));
    assert!(refused(&format!("a = {}", "[".repeat(100_000))).0.starts_with("1:"), "nesting is bounded");
}

#[test]
fn the_nearest_file_up_to_the_top_of_the_work_tree_is_found() {
    let folder = folder();
    let root = fs::canonicalize(folder.path()).expect("the folder is there");
    write(&folder, FILE_NAME, "");
    write(&folder, "repo/src/deep/a.rs", "");
    assert_eq!(find(&root.join("repo/src"), &root.join("repo")), None, "what is above the root does not count");
    assert_eq!(find(&root.join("repo/src"), &root.join("else")), None, "without a root above it only the folder itself counts");
    assert_eq!(find(&root, &root), Some(root.join(FILE_NAME)));
    assert_eq!(find(&root.join("repo/src"), &root), Some(root.join(FILE_NAME)));

    write(&folder, "repo/.git/HEAD", "");
    let find = |start: &str| find(&root.join(start), &root.join("repo"));
    assert_eq!(find("repo/src/deep"), None, "what is above the work tree does not count");
    write(&folder, "repo/.keysift.toml", "");
    assert_eq!(find("repo/src/deep"), Some(root.join("repo/.keysift.toml")));
    write(&folder, "repo/src/.keysift.toml", "");
    assert_eq!(find("repo/src/deep"), Some(root.join("repo/src/.keysift.toml")));
    assert_eq!(find("repo/none"), None);
}

#[test]
fn the_file_is_named_as_the_folder_was() {
    let folder = folder();
    write(&folder, "repo/.git/HEAD", "");
    write(&folder, "repo/.keysift.toml", "");
    write(&folder, "repo/src/a.rs", "");
    let up = folder.path().join("repo/src/..");
    let root = folder.path().join("repo");
    assert_eq!(find(&up, &root), Some(up.join(FILE_NAME)));
    assert_eq!(find(&folder.path().join("repo/src"), &root), Some(folder.path().join("repo/.keysift.toml")));
}

#[cfg(unix)]
#[test]
fn the_empty_device_is_an_empty_configuration() {
    let mut rules = RuleSet::built_in();
    let config = load(Path::new("/dev/null"), &mut rules).expect("there is nothing wrong in it");
    assert!(config.honor_peers && config.disabled.is_empty());
}

#[cfg(unix)]
#[test]
fn a_broken_link_is_not_passed_over() {
    let folder = folder();
    std::os::unix::fs::symlink("nowhere", folder.path().join(FILE_NAME)).expect("the link can be made");
    let found = find(folder.path(), folder.path()).expect("the link is there");
    assert!(load(&found, &mut RuleSet::built_in()).is_err());
}

#[test]
fn the_option_wins_over_the_variable_and_both_over_the_folder() {
    let folder = folder();
    write(&folder, FILE_NAME, "");
    let choose = |option: Option<&str>, variable: Option<&str>| choose(option.map(Path::new), variable.map(OsStr::new), folder.path(), folder.path());
    assert_eq!(choose(Some("a.toml"), Some("b.toml")), Some(PathBuf::from("a.toml")));
    assert_eq!(choose(None, Some("b.toml")), Some(PathBuf::from("b.toml")));
    assert_eq!(choose(None, Some("")), Some(folder.path().join(FILE_NAME)));
    assert_eq!(choose(None, None), Some(folder.path().join(FILE_NAME)));
}

#[test]
fn whom_to_ask_is_read_and_bounded() {
    let config = good("[confirm]\nmax = 50\ntimeout = 5\nrate = 0.5\nproviders = ['mistral', 'acme']\n[rules]\nfiles = ['ci/own-rules.toml']\n");
    let expected =
        ConfirmConfig { max: Some(50), timeout: Some(5), rate: Some(0.5), providers: vec!["mistral".to_owned(), "acme".to_owned()], ..Default::default() };
    assert_eq!((config.confirm, config.own_providers), (expected, vec!["acme".to_owned()]));
    assert!(!config.is_named, "whoever chose the file says so");
    let endpoints = good("[confirm.endpoints]\nopenai = 'https://gateway.example/x'\nmistral = 'http://127.0.0.1:4000'\n").confirm.endpoints;
    let expected = [("openai", "https://gateway.example/x"), ("mistral", "http://127.0.0.1:4000")];
    assert_eq!(endpoints, expected.map(|(id, url)| (id.to_owned(), url.to_owned())));
    for (text, what) in [
        ("max = 0", "`max` must be a whole number from 1 to"),
        ("max = 1.5", "`max` must be a whole number"),
        ("timeout = 301", "`timeout` must be a whole number from 1 to 300"),
        ("rate = 0", "`rate` must be a number from"),
        ("rate = nan", "`rate` must be a number from"),
        ("rate = '1'", "`rate` must be a number from"),
        ("providers = ['mistrl']", "unknown provider `mistrl` (did you mean `mistral`?)"),
        ("ask = true", "unknown key `ask`"),
        ("endpoints = 1", "`confirm.endpoints` must be a table"),
        ("[confirm.endpoints]\nmistrl = 'https://a.example'", "unknown provider `mistrl`"),
    ] {
        let (error, help) = refused(&format!("[confirm]\n{text}\n"));
        assert!(error.contains(what) && !help.is_empty(), "{text}: {error} {help}");
    }
}

#[cfg(feature = "confirm")]
#[test]
fn keys_go_to_endpoints_with_tls_or_on_this_machine() {
    for url in ["http://gateway.example", "ftp://a.example", "https://user:word@a.example", "https://a.example?x=1", "gateway", ""] {
        let (error, help) = refused(&format!("[confirm.endpoints]\nmistral = '{url}'\n"));
        assert!(error.contains("the endpoint") || error.contains("an endpoint"), "{url}: {error}");
        assert!(help.contains("https://gateway.example/base"), "{help}");
    }
}
