//! Configurations of other scanners: gitleaks' files as they are, and all of them as `keysift import` turns them into ours.

use std::fs;
use std::time::{Duration, Instant};

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Run, Tree, findings, groq_line, key, mistral_line, places, rules_of, text};
use keysift::rule::draw::{self, Draws};
use serde_json::Value;

fn random(seed: u64, n: usize) -> String {
    Draws::new(seed).text(n, draw::LOWER)
}

/// A rule of theirs for `acme_thing = "…"`.
const RULE: &str = r#"
[[rules]]
id = "Acme_Token"
description = "A token of ours"
regex = '''(?i)acme_thing\s*=\s*["']([a-z0-9]{16})["']'''
keywords = ["acme"]
"#;

fn line(seed: u64) -> String {
    format!("acme_thing = \"{}\"\n", random(seed, 16))
}

/// A scan of `a.txt` with this configuration, as gitleaks is called.
fn dir(config: &str, content: &str) -> (Run, Value) {
    let tree = Tree::with(&[("g.toml", config), ("s/a.txt", content)]);
    let run = tree.run(&["dir", "s", "-c", "g.toml", "-f", "json"]);
    let report = run.json();
    (run, report)
}

mod gitleaks {
    use super::*;

    #[test]
    fn its_rules_are_the_only_ones_unless_it_extends_the_catalogue() {
        let content = format!("{}{}", line(1), groq_line(1));
        let (run, report) = dir(RULE, &content);
        assert_eq!(rules_of(&report), ["Acme_Token"], "{}", run.err());
        assert_eq!(text(&findings(&report)[0]["rule_name"]), "A token of ours");
        assert_eq!(run.err().matches("warning").count(), 0, "{}", run.err());
        let (_, report) = dir(&format!("[extend]\nuseDefault = true\n{RULE}"), &content);
        assert_eq!(rules_of(&report), ["Acme_Token", "groq-api-key"]);
        assert_eq!(rules_of(&dir("title = 'nothing'", &content).1), ["groq-api-key"]);
        let (_, report) = dir("[extend]\nuseDefault = true\ndisabledRules = ['groq-api-key', 'generic-api-key']", &content);
        assert_eq!(rules_of(&report), [""; 0]);
        let (run, _) = dir("[extend]\nuseDefault = true\ndisabledRules = ['no-such-rule']", &content);
        assert!(run.err().contains("`disabledRules` has `no-such-rule`"), "{}", run.err());
    }

    #[test]
    fn every_kind_of_allowlist_suppresses_with_its_reason() {
        let content = format!("x {} # sample\n", line(2).trim_end());
        let secret = random(2, 16);
        let of_rule = |allow: &str| format!("{RULE}[[rules.allowlists]]\ndescription = 'known'\n{allow}\n");
        let global = |allow: &str| format!("{RULE}[[allowlists]]\ndescription = 'known'\n{allow}\n");
        let two = |kind: &str| [of_rule(kind), global(kind)];
        let allowed = |kind: &str| two(kind).map(|config| dir(&config, &content).1["n_suppressed"].as_u64().expect("a number"));
        for (kind, n) in [
            (format!("regexes = ['^{}$']", &secret), 1),
            ("regexes = ['^acme_thing']".to_owned(), 0),
            ("regexTarget = 'match'\nregexes = ['^acme_thing']".to_owned(), 1),
            ("regexTarget = 'match'\nregexes = ['sample']".to_owned(), 0),
            ("regexTarget = 'line'\nregexes = ['^x .*sample']".to_owned(), 1),
            (format!("stopWords = ['nothing', '{}']", secret[3..9].to_uppercase()), 1),
            ("paths = ['(^|/)a\\.txt$']".to_owned(), 1),
            ("paths = ['b\\.txt$']\nregexes = ['.']".to_owned(), 1),
            ("condition = 'AND'\npaths = ['b\\.txt$']\nregexes = ['.']".to_owned(), 0),
            ("condition = '&&'\npaths = ['a\\.txt$']\nregexes = ['.']".to_owned(), 1),
            ("condition = 'and'\nregexes = ['.', '(a)\\1']\nstopwords = ['~']".to_owned(), 0),
            ("commits = ['0123456789012345678901234567890123456789']".to_owned(), 0),
            ("regexes = ['\\pL', '.']".to_owned(), 1),
        ] {
            assert_eq!(allowed(&kind), [n, n], "{kind}");
        }
        let old = [format!("{RULE}[rules.allowlist]\nregexes = ['.']"), format!("[allowlist]\nregexes = ['.']\n{RULE}")];
        assert_eq!(old.map(|config| dir(&config, &content).1["n_suppressed"].as_u64()), [Some(1), Some(1)], "as it was written once");
        let tree = Tree::with(&[("g.toml", &of_rule("regexes = ['.']")), ("a.txt", &content)]);
        let report = tree.run(&["scan", "-c", "g.toml", "-f", "json", "--show-suppressed", "a.txt"]).expect(0).json();
        let suppression = &report["suppressed"][0]["suppression"];
        assert_eq!((text(&suppression["by"]), text(&suppression["reason"])), ("g.toml: allowlist 1 of rule Acme_Token", "known"));
    }

    #[test]
    fn target_rules_say_whose_an_allowlist_is() {
        let content = format!("{}{}", line(3), groq_line(3));
        let config = |target: &str| format!("[extend]\nuseDefault = true\n{RULE}[[allowlists]]\ntargetRules = ['{target}']\nregexes = ['.']\n");
        assert_eq!(rules_of(&dir(&config("Acme_Token"), &content).1), ["groq-api-key"]);
        assert_eq!(rules_of(&dir(&config("groq-api-key"), &content).1), ["Acme_Token"]);
        let (run, report) = dir(&config("nothing"), &content);
        assert_eq!(rules_of(&report).len(), 2);
        assert!(run.err().contains("`targetRules` has `nothing`"), "{}", run.err());
    }

    #[test]
    fn a_file_extends_others_and_says_more_about_their_rules() {
        let tree = Tree::with(&[
            (
                "g.toml",
                "[extend]\npath = 'base.toml'\ndisabledRules = ['gone']\n[[rules]]\nid = 'kept'\nentropy = 3.9\n[[rules.allowlists]]\nstopwords = ['zzz']\n",
            ),
            (
                "base.toml",
                "[extend]\npath = 'deep.toml'\n[[rules]]\nid = 'kept'\nregex = 'kept=(\\w+)'\n[[rules]]\nid = 'gone'\nregex = 'gone=(\\w+)'\n\
                 [[allowlists]]\nstopwords = ['yyy']\n",
            ),
            ("deep.toml", "[extend]\npath = 'never.toml'\n[[rules]]\nid = 'deep'\nregex = 'deep=(\\w+)'\n"),
            ("never.toml", "[["),
            ("a.txt", "gone=abcdefgh12345678\nkept=abcdefgh12345678\nkept=aaaabbbb\nkept=abczzzgh12345678\nkept=abcyyygh12345678\ndeep=abcdefgh\n"),
        ]);
        let run = tree.run(&["dir", "a.txt", "-c", "g.toml", "-f", "json"]).expect(1);
        assert_eq!(places(findings(&run.json())), [("a.txt", 2, "kept"), ("a.txt", 6, "deep")]);
        assert!(run.err().contains("`extend.path` is followed 2 times only"), "{}", run.err());
        let run = Tree::with(&[("g.toml", "[extend]\npath = 'gone.toml'"), ("a.txt", "")]).run(&["dir", ".", "-c", "g.toml"]).expect(2);
        assert!(run.err().contains("gone.toml"), "{}", run.err());
    }

    #[test]
    fn required_rules_and_silent_ones_work_as_there() {
        let config = format!("{RULE}[[rules.required]]\nid = 'user'\nwithinLines = 1\n[[rules]]\nid = 'user'\nregex = 'user=\\w+'\nskipReport = true\n");
        assert_eq!(rules_of(&dir(&config, &format!("user=bob\n{}", line(4))).1), ["Acme_Token"]);
        assert_eq!(rules_of(&dir(&config, &format!("user=bob\n\n\n{}", line(4))).1), [""; 0]);
        let lacking = format!("{RULE}[[rules.required]]\nid = 'nobody'\n[[rules]]\nid = 'other'\nregex = 'user=(\\w+)'\n");
        let (run, report) = dir(&lacking, &format!("user=bob\n{}", line(4)));
        assert_eq!(rules_of(&report), ["other"]);
        assert!(run.err().contains("rule `Acme_Token` is left out: it requires the rule `nobody`"), "{}", run.err());
    }

    #[test]
    fn what_cannot_be_read_is_said_rule_by_rule() {
        let config = format!(
            "minVersion = 'v8.25.0'\nnewKey = 1\n{RULE}\
             [[rules]]\nid = 'back'\nregex = '(a)\\1'\n\
             [[rules]]\nid = 'files'\npath = '(a)\\1'\n\
             [[rules]]\nid = 'greek'\nregex = '\\p{{Greek}}{{8}}'\n\
             [[rules]]\nid = 'program'\nregex = 'prog=(\\w+)'\nfilter = 'true'\nspecificity = 10\n"
        );
        let (run, report) = dir(&config, &format!("{}prog=abcdefgh\n", line(5)));
        assert_eq!(rules_of(&report), ["Acme_Token", "program"]);
        for what in
            ["`newkey` is not known", "rule `back` is left out: regex:", "rule `files` is left out", "rule `greek` is left out", "rule `program`: `filter`"]
        {
            assert!(run.err().contains(what), "{what}: {}", run.err());
        }
    }

    #[test]
    fn what_it_says_about_rules_of_its_catalogue_goes_to_ours() {
        let content = format!("x = \"{}\"\n{}", key("github-personal-token", 6), groq_line(6));
        assert_eq!(dir("", &content).1["n_suppressed"], 0);
        let (run, report) = dir("[extend]\nuseDefault = true\n[[rules]]\nid = 'github-pat'\n[[rules.allowlists]]\nregexes = ['.']\n", &content);
        assert_eq!((rules_of(&report), &report["n_suppressed"]), (vec!["groq-api-key"], &Value::from(1)), "{}", run.err());
        let (_, report) = dir("[extend]\nuseDefault = true\ndisabledRules = ['github-pat', 'generic-api-key']\n", &content);
        assert_eq!(rules_of(&report), ["groq-api-key"]);
    }

    #[test]
    fn a_file_that_was_found_says_nothing_about_asking() {
        let tree = Tree::with(&[("s/a.env", &mistral_line(1)), ("s/.gitleaks.toml", "[confirm.endpoints]\nmistral = \"http://127.0.0.1:9\"\n")]);
        let run = tree.run(&["dir", "s", "--confirm"]).expect(2);
        assert!(run.err().contains("it was only found near what is scanned"), "{}", run.err());
    }

    #[test]
    fn a_configuration_that_leaves_no_rule_over_does_not_pass() {
        let tree = Tree::with(&[("s/a.env", &mistral_line(1)), ("s/.keysift.toml", "[rules]\nbuilt-in = false\n")]);
        let run = tree.run(&["scan", "s"]).expect(3);
        assert!(run.err().contains("leaves no rule over"), "{}", run.err());
    }

    #[test]
    fn the_file_is_found_where_it_is_looked_for_there() {
        let content = line(7);
        let tree = Tree::with(&[("s/a.txt", &content), ("s/.gitleaks.toml", RULE), ("other.toml", &RULE.replace("Acme_Token", "other"))]);
        let found = |arguments: &[&str], variables: &[(&str, &str)]| {
            let run = Keysift::new(tree.path()).args(&[arguments, &["-f", "json"]].concat());
            let report = variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run().json();
            rules_of(&report).join(" ")
        };
        assert_eq!(found(&["dir", "s"], &[]), "Acme_Token");
        assert_eq!(found(&["dir", "s"], &[("GITLEAKS_CONFIG", "other.toml")]), "other");
        let text = RULE.replace("Acme_Token", "in-variable");
        assert_eq!(found(&["dir", "s"], &[("GITLEAKS_CONFIG_TOML", &text)]), "in-variable");
        assert_eq!(found(&["dir", "s", "-c", "other.toml"], &[("GITLEAKS_CONFIG_TOML", &text)]), "other");
        assert_eq!(found(&["scan", "s"], &[]), "", "our own commands do not look for it");
        tree.write("s/.keysift.toml", "");
        assert_eq!(found(&["dir", "s"], &[]), "", "ours wins");
    }

    #[test]
    fn a_file_of_both_kinds_or_of_none_is_refused() {
        let refused = |config: &str| {
            let tree = Tree::with(&[("c.toml", config), ("a.txt", "a\n")]);
            tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2).err().to_owned()
        };
        assert!(refused(&format!("baseline = 'x'\n{RULE}")).contains("`baseline` is a key of .keysift.toml"));
        assert!(refused("color = 'red'\n").contains("unknown key `color`"));
        assert!(refused("[[rules]]\nregex = 'abc'\n").contains("c.toml:1:1: a rule without an `id`"));
        assert!(refused("[[allowlists]]\ndescription = 'x'\n").contains("checks nothing"));
        assert!(refused("[[rules]]\nid = 'a'\nregex = 3\n").contains("c.toml:3:9"));
        assert!(refused("[extend]\npath = 'a'\nuseDefault = true\n").contains("exclude each other"));
    }

    #[test]
    fn its_report_has_its_keys_and_fingerprints() {
        let repo = TestRepo::new();
        repo.write(".gitleaks.toml", RULE);
        repo.write("conf/a.txt", format!("\n  {}", line(8)));
        let id = repo.commit("a leak");
        let run = Keysift::new(&repo.path()).args(&["git", "-f", "gitleaks", "--redact=0"]).run().expect(1);
        let leaks = run.json();
        let leak = &leaks[0];
        assert_eq!(leaks.as_array().map(Vec::len), Some(1), "{leaks}");
        assert_eq!((text(&leak["RuleID"]), text(&leak["File"]), text(&leak["Secret"])), ("Acme_Token", "conf/a.txt", random(8, 16).as_str()));
        assert_eq!((leak["StartLine"].as_u64(), leak["StartColumn"].as_u64(), leak["EndColumn"].as_u64()), (Some(2), Some(17), Some(32)));
        assert_eq!(text(&leak["Fingerprint"]), format!("{}:conf/a.txt:Acme_Token:2", id.trim()));
        for name in ["Description", "EndLine", "Match", "SymlinkFile", "Commit", "Entropy", "Author", "Email", "Date", "Message", "Tags"] {
            assert!(!leak[name].is_null(), "{name}");
        }
        let masked = Keysift::new(&repo.path()).args(&["git", "-f", "gitleaks"]).run().expect(1);
        assert!(!masked.out().contains(&random(8, 16)));
        // What it accepts there is accepted here.
        repo.write(".gitleaksignore", format!("{}\n", text(&leak["Fingerprint"])));
        assert_eq!(Keysift::new(&repo.path()).args(&["git", "-f", "gitleaks"]).run().expect(0).json(), Value::Array(Vec::new()));
    }

    #[test]
    fn hostile_files_end_in_errors_soon() {
        let many: String = (0..10_000).map(|i| format!("[[rules]]\nid='r{i}'\nregex='k{i}=(\\w+)'\n")).collect();
        let bad: String = (0..10_000).map(|i| format!("[[rules]]\nid='r{i}'\nregex='(a)\\1'\n")).collect();
        let deep = format!("[[rules]]\nid='r'\nregex='''{}'''\n", "(".repeat(60_000));
        let heavy = "[[rules]]\nid='r'\nregex='((x{900}){900}){900}'\n".to_owned();
        for (config, code) in [(many, 1), (bad, 3), (deep, 3), (heavy, 3), ("a=".repeat(100_000), 2), ("[".repeat(100_000), 2)] {
            let tree = Tree::with(&[("g.toml", &config), ("a.txt", "k77=abcdefgh\n")]);
            let start = Instant::now();
            let run = tree.run(&["scan", "-c", "g.toml", "a.txt"]).expect(code);
            assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
            assert!(run.err().lines().count() < 80, "{}", run.err().lines().count());
        }
        let tree = Tree::with(&[("a.txt", "a\n")]);
        tree.write("g.toml", b"title = '\xff'");
        assert!(tree.run(&["scan", "-c", "g.toml", "a.txt"]).expect(2).err().contains("UTF-8"));
        tree.write("g.toml", vec![b'#'; 2 << 20]);
        assert!(tree.run(&["scan", "-c", "g.toml", "a.txt"]).expect(2).err().contains("larger"));
    }
}

mod importing {
    use super::*;

    /// Imports a file, and gives the text and what was said.
    fn imported(tree: &Tree, from: &str, file: &str) -> (String, Run) {
        let run = tree.run(&["import", from, file, "-o", "made.toml"]).expect(0);
        (fs::read_to_string(tree.path().join("made.toml")).expect("it was written"), run)
    }

    #[test]
    fn a_configuration_of_gitleaks_means_the_same() {
        let config = format!(
            "title = 'x'\n[[allowlists]]\ndescription = \"the \\\"known\\\" one's\"\nregexes = ['demo']\nregexTarget = 'line'\n[[allowlists]]\ntargetRules = ['Acme_Token']\n\
             condition = 'AND'\npaths = ['^s/b']\nstopwords = ['zzz']\n{RULE}secretGroup = 1\nentropy = 2\n[[rules.required]]\nid = 'user'\nwithinLines = 3\n\
             [[rules]]\nid = 'user'\nregex = '''user='\\w+\"?'''\nskipReport = true\n[[rules]]\nid = 'back'\nregex = '(a)\\1'\n"
        );
        let tree = Tree::with(&[("g.toml", &config)]);
        tree.write("s/a.txt", format!("user='bob\n{}{} # demo\n{}", line(1), line(2).trim_end(), groq_line(1)));
        tree.write("s/b.txt", format!("user='bob\nacme_thing = 'abcdzzz123456789'\n{}", line(3)));
        let (text, run) = imported(&tree, "gitleaks", "g.toml");
        assert!(text.contains("# Not carried over: rule `back`") && text.contains("built-in = false") && run.err().contains("1 thing"), "{text}");
        let found = |config: &str| {
            let report = tree.run(&["scan", "s", "-c", config, "-f", "json"]).expect(1).json();
            let places: Vec<(String, u64)> = places(findings(&report)).into_iter().map(|(path, line, _)| (path.to_owned(), line)).collect();
            (places, report["n_suppressed"].as_u64())
        };
        assert_eq!(found("made.toml"), found("g.toml"), "{text}");
        assert_eq!(found("made.toml"), (vec![("s/a.txt".to_owned(), 2), ("s/b.txt".to_owned(), 3)], Some(2)));
        tree.run(&["rules", "check", "made.toml"]).expect(0);
        tree.write("s/a.txt", "nothing\n");
        tree.write("s/b.txt", "nothing\n");
        let run = tree.run(&["scan", "s", "-c", "made.toml"]).expect(0);
        assert!(!run.err().contains("matched no finding"), "it is no news that an imported entry is not needed: {}", run.err());
    }

    #[test]
    fn rules_and_allowlists_for_its_catalogue_go_to_ours() {
        let tree = Tree::with(&[(
            "g.toml",
            "[extend]\nuseDefault = true\ndisabledRules = ['github-pat', 'generic-api-key']\n[[rules]]\nid = 'groq-api-key'\nregex = 'own=(\\w{8})'\n",
        )]);
        tree.write("a.txt", format!("{}\n{}own=abcdefgh\n", key("github-personal-token", 1), groq_line(1)));
        let (text, _) = imported(&tree, "gitleaks", "g.toml");
        for config in ["g.toml", "made.toml"] {
            let report = tree.run(&["scan", "a.txt", "-c", config, "-f", "json"]).expect(1).json();
            assert_eq!(places(findings(&report)).iter().map(|place| place.1).collect::<Vec<_>>(), [3], "{config}: {text}");
        }
    }

    #[test]
    fn a_baseline_of_detect_secrets_is_kept_with_its_filters_and_plugins() {
        let tree = Tree::new();
        let accepted = key("groq-api-key", 4);
        tree.write("s/a.env", format!("GROQ_API_KEY={accepted}\n"));
        tree.write("s/b.env", groq_line(5));
        tree.write("s/skip.env", groq_line(6));
        tree.write("s/c.env", format!("# nosecret {}{}", groq_line(7), format_args!("K={}\n", key("npm-access-token", 8))));
        let digest: String = keysift::secret::Secret::new(accepted.as_bytes()).sha1().iter().map(|byte| format!("{byte:02x}")).collect();
        let baseline = serde_json::json!({
            "version": "1.5.0",
            "plugins_used": [{ "name": "KeywordDetector", "keyword_exclude": "" }, { "name": "HexHighEntropyString", "limit": 3.0 }, { "name": "Own", "path": "file://own.py" }],
            "filters_used": [
                { "path": "detect_secrets.filters.allowlist.is_line_allowlisted" },
                { "path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["skip\\.env\\Z", "(?!x)y"] },
                { "path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["nosecret"] },
                { "path": "own.filter" },
            ],
            "results": { "s/a.env": [{ "type": "x", "filename": "s/a.env", "hashed_secret": digest, "is_verified": false, "line_number": 1 }] },
        });
        tree.write(".secrets.baseline", baseline.to_string());
        let (text, run) = imported(&tree, "detect-secrets", ".secrets.baseline");
        for part in ["baseline = \".secrets.baseline\"", "npm-access-token", "own.filter", "plugin Own", "`limit`", "look-around"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(run.err().contains("4 things"), "{}\n{text}", run.err());
        let report = tree.run(&["scan", "s", "-c", "made.toml", "-f", "json"]).expect(1).json();
        assert_eq!(places(findings(&report)), [("s/b.env", 1, "groq-api-key")], "{text}");
    }

    #[test]
    fn only_plugins_that_the_version_had_are_switched_off() {
        let named = |names: &[&str]| names.iter().map(|name| serde_json::json!({ "name": name })).collect::<Vec<_>>();
        let of = |version: serde_json::Value, names: &[&str]| {
            let tree =
                Tree::with(&[(".secrets.baseline", &serde_json::json!({ "version": version, "plugins_used": named(names), "results": {} }).to_string())]);
            let (text, run) = imported(&tree, "detect-secrets", ".secrets.baseline");
            tree.write("a.env", format!("K={}\nK={}\n{}", key("gitlab-personal-token", 1), key("npm-access-token", 2), groq_line(3)));
            let report = tree.run(&["scan", "a.env", "-c", "made.toml", "-f", "json"]).expect(1).json();
            (rules_of(&report).join(" "), text, run.err().to_owned())
        };
        // What the version 1.4.0 wrote where nobody chose plugins, but for those of cloud services that have no counterpart.
        let untouched = [
            "ArtifactoryDetector",
            "AWSKeyDetector",
            "AzureStorageKeyDetector",
            "Base64HighEntropyString",
            "BasicAuthDetector",
            "DiscordBotTokenDetector",
            "GitHubTokenDetector",
            "HexHighEntropyString",
            "KeywordDetector",
            "MailchimpDetector",
            "NpmDetector",
            "PrivateKeyDetector",
            "SendGridDetector",
            "SlackDetector",
            "SquareOAuthDetector",
            "StripeDetector",
            "TwilioKeyDetector",
        ];
        let all = "gitlab-personal-token npm-access-token groq-api-key";
        let (found, text, said) = of("1.4.0".into(), &untouched);
        assert!(found == all && !text.contains("disable = ") && said.contains("left on") && said.contains("GitLabTokenDetector"), "{found}: {said}{text}");
        let (found, text, said) = of("1.5.0".into(), &untouched);
        assert_eq!(found, "npm-access-token groq-api-key", "what the version has and the file does not use is off");
        for part in ["gitlab-personal-token", "GitLabTokenDetector", "detect-secrets 1.5.0", "OpenAIDetector"] {
            assert!(text.contains(part) && said.contains(part), "{part}: {said}{text}");
        }
        assert!(!said.contains("left on"), "{said}");
        let without_npm: Vec<&str> = untouched.iter().copied().filter(|name| *name != "NpmDetector").collect();
        assert_eq!(of("1.4.0".into(), &without_npm).0, "gitlab-personal-token groq-api-key");
        for version in [serde_json::Value::Null, "new".into()] {
            let (found, text, said) = of(version, &[]);
            assert!(found == all && text.contains("does not say which version") && said.contains("1 thing"), "{found}: {said}{text}");
        }
    }

    #[test]
    fn custom_detectors_of_trufflehog_become_rules() {
        let detectors = "\
# our own
detectors:
  - name: Acme Token
    keywords: [ACME, apex]
    regex:
      token: acme_thing = \"([a-z0-9]{16})\"
      user: 'user=[a-z]+'
    primary_regex_name: token
    entropy: 2.5
    exclude_words: [zzz]
    exclude_regexes_match: ['= \"q']
    verify:
      - endpoint: https://acme.example/
  - name: broken
    keywords: [x]
    regex: { a: '(a)\\1' }
  - name: broken too
    keywords: [x]
";
        let tree = Tree::with(&[("t.yaml", detectors)]);
        tree.write("s/a.txt", format!("user=bob\n{}acme_thing = \"abczzz1234567890\"\nacme_thing = \"qbcdef1234567890\"\n", line(1)));
        tree.write("s/b.txt", line(2));
        let (text, run) = imported(&tree, "trufflehog", "t.yaml");
        assert!(run.err().contains("3 things") && text.contains("`verify`") && text.contains("detector broken too"), "{text}");
        assert!(text.contains("\nentropy = 2.5\n"), "{text}");
        let report = tree.run(&["scan", "s", "-c", "made.toml", "-f", "json"]).expect(1).json();
        assert_eq!(places(findings(&report)), [("s/a.txt", 2, "acme-token")], "{text}");
        assert_eq!(report["n_suppressed"], 2);
        tree.write("exclude.txt", "^s/a\\.txt$\n\n(a)\\1\n");
        let out = tree.run(&["import", "trufflehog", "exclude.txt"]).expect(0);
        assert!(out.out().contains("path-regexes = ['^s/a\\.txt$']") && out.out().contains("line 3"), "{}", out.out());
    }

    #[test]
    fn nothing_is_overwritten_and_what_is_no_configuration_is_refused() {
        let tree = Tree::with(&[("g.toml", RULE), ("made.toml", "mine"), ("x.json", "{}"), ("bad.yaml", "detectors: [*a]"), ("ours.toml", "baseline = 'x'\n")]);
        assert!(tree.run(&["import", "gitleaks", "g.toml", "-o", "made.toml"]).expect(2).err().contains("is there already"));
        assert_eq!(tree.read("made.toml"), b"mine");
        tree.run(&["import", "gitleaks", "g.toml", "-o", "made.toml", "--force"]).expect(0);
        assert!(tree.run(&["import", "detect-secrets", "x.json"]).expect(2).err().contains("no baseline of detect-secrets"));
        tree.run(&["import", "trufflehog", "bad.yaml"]).expect(2);
        assert!(tree.run(&["import", "gitleaks", "ours.toml"]).expect(2).err().contains("no configuration of gitleaks"));
        tree.run(&["import", "gitleaks", "gone.toml"]).expect(2);
    }
}
