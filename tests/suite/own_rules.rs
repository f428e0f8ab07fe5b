//! Rules of users: patterns and shapes in the configuration, in files and in folders, through whole scans.

use std::time::{Duration, Instant};

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, base64, findings, groq_line, key, places, rules_of, text};
use keysift::rule::draw::{self, Draws};

/// A random value of `n` small letters and digits.
fn random(seed: u64, n: usize) -> String {
    Draws::new(seed).text(n, draw::LOWER)
}

/// A rule without a provider.
fn rule(id: &str, rest: &str) -> String {
    format!("[[rule]]\nid = \"{id}\"\nname = \"a key of our own\"\nseverity = \"high\"\n{rest}\n")
}

/// The pattern that most tests use, with a group for the secret.
const PATTERN: &str = r#"pattern = '''(?i)our[_-]token\s*=\s*"([a-z0-9]{12})"'''"#;

fn line(seed: u64) -> String {
    format!("our_token = \"{}\"\n", random(seed, 12))
}

mod matching {
    use super::*;

    #[test]
    fn a_pattern_finds_the_secret_and_not_what_stands_around_it() {
        let tree = Tree::with(&[(".keysift.toml", &rule("our-token", PATTERN)), ("a.conf", &format!("# a\n  OUR-{}", &line(1)[4..]))]);
        let run = tree.run(&["scan", "--format", "json", "--show-secrets", "a.conf"]).expect(1);
        let report = run.json();
        assert_eq!(places(findings(&report)), [("a.conf", 2, "our-token")]);
        let finding = &findings(&report)[0];
        assert_eq!(text(&finding["secret"]), random(1, 12));
        assert_eq!((finding["column"].as_u64(), text(&finding["confidence"])), (Some(16), "medium"));
        assert_eq!(run.err().matches("warning").count(), 0, "{}", run.err());
    }

    #[test]
    fn keywords_entropy_and_paths_decide() {
        let pattern = r#"pattern = '[a-z0-9]{12}$'"#;
        let found = |rest: &str, name: &str, content: &str| {
            let tree = Tree::with(&[("c.toml", &rule("our-token", &format!("{pattern}\n{rest}"))), (name, content)]);
            rules_of(&tree.report(&["-c", "c.toml", name])).len()
        };
        let secret = random(2, 12);
        assert_eq!(found("keywords = ['Acme']", "a.txt", &format!("{secret}\n")), 0);
        assert_eq!(found("keywords = ['x7y', 'Acme']", "a.txt", &format!("# aCME\n\n{secret}")), 1, "it stands anywhere");
        assert_eq!(found("keywords = ['acme']\nentropy = 0.5", "a.txt", "acme aaaaaaaaaaaa"), 0);
        assert_eq!(found("keywords = ['acme']\nentropy = 3.5", "a.txt", "acme abcdefghijkl"), 1);
        assert_eq!(found("keywords = ['acme']\nentropy = 3.6", "a.txt", "acme abcdefghijkl"), 0, "twelve letters are 3.58 bits");
        assert_eq!(found("keywords = ['acme']\npath = '\\.env$'", "a.txt", &format!("acme {secret}")), 0);
        assert_eq!(found("keywords = ['acme']\npath = '\\.env$'", "b/c.env", &format!("acme {secret}")), 1);
    }

    #[test]
    fn of_several_groups_the_chosen_one_is_the_secret() {
        let secret = |group: &str, content: &str| {
            let config = rule("our-token", &format!("pattern = 'zzz(?:-([a-z]+))?=([0-9]+)'\n{group}"));
            let tree = Tree::with(&[("c.toml", &config), ("a.txt", content)]);
            let report = tree.report(&["-c", "c.toml", "--show-secrets", "a.txt"]);
            findings(&report).iter().map(|finding| text(&finding["secret"]).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(secret("", "zzz-abcdef=123456"), ["abcdef"]);
        assert_eq!(secret("", "zzz=123456"), ["123456"], "the first that took part");
        assert_eq!(secret("secret-group = 2", "zzz-abcdef=123456"), ["123456"]);
        assert_eq!(secret("secret-group = 1", "zzz=123456"), [""; 0]);
    }

    #[test]
    fn a_rule_that_knows_the_provider_wins_and_a_random_value_loses() {
        let config = rule("our-token", "pattern = '(?:API_KEY|SECRET)=(\\S+)'");
        let groq = groq_line(3);
        let other = format!("SECRET={}\n", Draws::new(4).text(40, draw::ALNUM));
        let tree = Tree::with(&[(".keysift.toml", &config), ("a.env", &groq), ("b.env", &other)]);
        assert_eq!(rules_of(&tree.report(&["a.env", "b.env"])), ["groq-api-key", "our-token"]);
    }

    #[test]
    fn what_is_wrapped_in_base64_is_found() {
        let config = rule("our-token", PATTERN);
        let wrapped = base64(format!("user = admin\n{}mode = fast\n", line(5)).as_bytes());
        let tree = Tree::with(&[(".keysift.toml", &config), ("a.yaml", &format!("data: {wrapped}\n"))]);
        let report = tree.report(&["a.yaml"]);
        assert_eq!(rules_of(&report), ["our-token"]);
        assert_eq!(text(&findings(&report)[0]["layer"]), "base64");
    }

    #[test]
    fn a_match_may_have_many_lines_and_stand_where_windows_meet() {
        let config = rule("our-token", "pattern = '(?s)-----ACME BEGIN-----\\n(.*?)\\n-----ACME END-----'");
        let body: String = (0..40).map(|i| format!("{}\n", random(i, 60))).collect();
        let block = format!("-----ACME BEGIN-----\n{body}-----ACME END-----\n");
        let filler = "a line that says nothing\n";
        for at in [0, (1 << 20) - 700, 1 << 20, (3 << 20) - 10] {
            let n_before = at / filler.len();
            let tree = Tree::with(&[("c.toml", &config)]);
            tree.write("big.txt", [filler.repeat(n_before), block.clone(), filler.repeat(1000)].concat());
            let report = tree.report(&["-c", "c.toml", "big.txt"]);
            assert_eq!(places(findings(&report)), [("big.txt", n_before as u64 + 2, "our-token")], "at {at}");
        }
    }

    #[test]
    fn required_rules_must_be_near_and_silent_ones_report_nothing() {
        let config = |within: &str| {
            let main = rule("our-token", &format!("{PATTERN}\nrequired = [{{ rule = 'our-user'{within} }}]"));
            format!("{main}{}", rule("our-user", "pattern = 'acme_user=[a-z]+'\nsilent = true"))
        };
        let found = |within: &str, content: &str| {
            let tree = Tree::with(&[("c.toml", &config(within)), ("a.txt", content)]);
            rules_of(&tree.report(&["-c", "c.toml", "a.txt"])).len()
        };
        let content = format!("acme_user=bob\n\n\n{}", line(6));
        assert_eq!(found("", &content), 1);
        assert_eq!(found("", &line(6)), 0);
        assert_eq!(found(", within-lines = 3", &content), 1);
        assert_eq!(found(", within-lines = 2", &content), 0);
        assert_eq!(found(", within-columns = 0", &content), 1);
        assert_eq!(found(", within-lines = 9, within-columns = 4", &format!("      {content}")), 0);
    }

    #[test]
    fn a_shape_without_a_provider_is_found_like_any_key() {
        let config = rule("our-key", "shape = 'acme_[A-Za-z0-9]{24}'");
        let secret = format!("acme_{}", Draws::new(7).text(24, draw::ALNUM));
        let tree = Tree::with(&[(".keysift.toml", &config), ("a.txt", &format!("x {secret} y\n"))]);
        assert_eq!(rules_of(&tree.report(&["a.txt"])), ["our-key"]);
        let named = rule("our-key", "provider = 'openai'\nshape = 'acme_[A-Za-z0-9]{24}'");
        let report = Tree::with(&[(".keysift.toml", &named), ("a.txt", &format!("x {secret} y\n"))]).report(&["a.txt"]);
        assert_eq!(text(&findings(&report)[0]["provider"]["id"]), "openai");
    }
}

mod suppressing {
    use super::*;

    #[test]
    fn comments_and_all_kinds_of_entries_suppress() {
        for allow in [
            "rules = ['our-token']",
            "regexes = ['^TOKEN = ']\nregexes-in = 'match'",
            "regexes = ['demo$']\nregexes-in = 'line'",
            "path-regexes = ['^a\\.']",
            "stopwords = ['ZZZZ', 'SECRETLY']",
        ] {
            let config = format!("{}[[allow]]\n{allow}\n", rule("our-token", "pattern = 'TOKEN = (\\w{8,20})'"));
            let tree = Tree::with(&[(".keysift.toml", &config), ("a.txt", "x TOKEN = notsecretly # demo\n")]);
            let report = tree.run(&["scan", "--format", "json", "a.txt"]).expect(0).json();
            assert_eq!(report["n_suppressed"], 1, "{allow}");
        }
        let config = rule("our-token", "pattern = 'TOKEN = (\\w{8,20})'");
        let tree = Tree::with(&[(".keysift.toml", &config), ("a.txt", "x TOKEN = notsecretly # keysift:allow=our-token\n")]);
        assert_eq!(tree.run(&["scan", "--format", "json", "a.txt"]).expect(0).json()["n_suppressed"], 1);
    }

    #[test]
    fn what_one_rule_allows_does_not_hide_what_another_finds() {
        let config = format!(
            "{}{}[[allow]]\nrules = ['aa-wide']\nregexes = ['.']\n",
            rule("aa-wide", "pattern = 'TOKEN = (\\w+ \\w+)'"),
            rule("bb-narrow", "pattern = 'TOKEN = (\\w+)'")
        );
        let tree = Tree::with(&[(".keysift.toml", &config), ("a.txt", "TOKEN = notsecretly either\n")]);
        assert_eq!(rules_of(&tree.report(&["a.txt"])), ["bb-narrow"]);
    }
}

mod in_git {
    use super::*;
    use keysift::filter::AllowList;
    use keysift::finding::Confidence;
    use keysift::git::Repo;
    use keysift::git::history::HistoryOptions;
    use keysift::rule::{RuleSet, load};
    use keysift::scan::{self, Engine, Job, Policy, Progress, Thoroughness};

    #[test]
    fn what_is_staged_and_what_a_range_brings_is_found() {
        let repo = TestRepo::new();
        repo.write(".keysift.toml", rule("our-token", PATTERN));
        repo.write("a.conf", line(1));
        repo.commit("an old leak");
        repo.write("a.conf", format!("{}{}", line(1), line(2)));
        repo.git(&["add", "-A"]);
        let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(&[arguments, &["--format", "json"]].concat()).run().expect(1).json();
        assert_eq!(places(findings(&run(&["staged"]))), [("a.conf", 2, "our-token")]);
        repo.commit("a new leak");
        assert_eq!(places(findings(&run(&["range", "HEAD~1..HEAD"]))), [("a.conf", 2, "our-token")]);
        assert_eq!(places(findings(&run(&["history"]))), [("a.conf", 1, "our-token"), ("a.conf", 2, "our-token")]);
    }

    #[test]
    fn a_quick_survey_of_a_history_finds_what_a_full_one_finds() {
        let repo = TestRepo::new();
        let filler: String = (0..400).map(|i| format!("line {i} says {}\n", random(i, 7))).collect();
        for i in 0..8 {
            // The keyword and the secret come in different commits, far from each other.
            let keyword = if i >= 3 { "# acme\n" } else { "" };
            let secret = if i % 3 == 1 { random(100 + i, 12) } else { "nothing".to_owned() };
            repo.write("big.txt", format!("{keyword}{filler}value {secret}\n{}", random(i, 5)));
            repo.write(&format!("{i}.conf"), line(i));
            repo.commit(&format!("change {i}"));
        }
        repo.git(&["repack", "-adfq"]);
        let rules = format!("{}{}", rule("our-token", PATTERN), rule("far-token", "pattern = 'value ([a-z0-9]{12})'\nkeywords = ['acme']\npath = 'big'"));
        let mut set = RuleSet::built_in();
        load::add(&mut set, &rules, "own.toml").expect("they are good");
        let policy =
            Policy { allow: AllowList::default(), baseline: None, honor_peers: true, today: jiff::civil::date(2026, 1, 1), min_confidence: Confidence::Low };
        let engine = Engine::new(set, policy);
        let found = |thoroughness| {
            let progress = Progress::default();
            let job = Job { targets: Vec::new(), root: repo.path(), n_threads: 2, lists_skips: false, progress: &progress };
            let open = Repo::discover(&repo.path()).expect("it is a repository");
            let report = scan::history(&engine, &job, &open, &HistoryOptions::default(), thoroughness).expect("it can be read");
            report.findings.iter().map(|finding| (finding.origin.clone(), finding.region, finding.rule.id)).collect::<Vec<_>>()
        };
        let novel = found(Thoroughness::Novel);
        assert_eq!(novel, found(Thoroughness::Whole));
        assert_eq!(novel.iter().filter(|(.., id)| *id == "our-token").count(), 8);
        assert_eq!(novel.iter().filter(|(.., id)| *id == "far-token").count(), 2, "{novel:?}");
    }
}

mod loading {
    use super::*;

    /// What a scan with this configuration says.
    fn refused(config: &str) -> String {
        let tree = Tree::with(&[(".keysift.toml", config), ("a.txt", "a\n")]);
        let run = tree.run(&["scan", "."]).expect(2);
        run.err().to_owned()
    }

    #[test]
    fn errors_name_the_file_the_place_and_the_rule() {
        for (rest, says) in [
            ("", "neither a `shape`"),
            ("pattern = 'a['", "unclosed"),
            ("pattern = 'abc'\nsecret-group = 1", "group 1"),
            ("pattern = 'a*'", "empty text"),
            ("pattern = 'abc'\nshape = 'acme_[a-z]{20}'", "`shape` is for rules"),
            ("shape = 'acme_[a-z]{20}'\nentropy = 3.0", "`entropy` is for rules with a `pattern`"),
            ("pattern = 'abc'\nprovider = 'nobody'", "no provider `nobody`"),
            ("shape = '[a-f]{40}'\ncontext = 'required'", "evidence for its provider"),
            ("pattern = 'abc'\npath = '('", "path: unclosed"),
            ("pattern = 'abc'\ncolor = 'red'", "unknown field `color`"),
            ("pattern = 'abc'\nprovider = 'openai'\nconfirm = { because-not = 'no' }", "`[rule.confirm]` is for files"),
            ("pattern = 3", "expected a string"),
        ] {
            let error = refused(&format!("# a comment\n{}", rule("our-token", rest)));
            assert!(error.contains(".keysift.toml:") && error.contains(says), "{rest}: {error}");
            assert!(rest == "pattern = 3" || rest.contains("color") || error.contains("our-token"), "{rest}: {error}");
        }
        let error = refused(&format!("{}\n\n{}", rule("our-token", PATTERN), rule("our-token", PATTERN)));
        assert!(error.contains(".keysift.toml:8:1: there is a rule `our-token` already"), "{error}");
        assert!(refused(&rule("groq-api-key", PATTERN)).contains("there is a rule `groq-api-key` already"));
        assert!(refused(&rule("Our_Token", PATTERN)).contains("kebab-case"));
        let error = refused(&rule("our-token", &format!("{PATTERN}\nrequired = [{{ rule = 'nothing' }}]")));
        assert!(error.contains("requires the rule `nothing`"), "{error}");
    }

    #[test]
    fn a_folder_of_rule_files_adds_its_rules_and_a_double_is_refused() {
        let tree = Tree::with(&[
            ("own/a.toml", &rule("our-token", PATTERN)),
            ("own/b.toml", &rule("our-other", "pattern = 'other=([0-9]{8})'")),
            ("own/notes.txt", "no rules"),
            ("x.txt", &format!("{}other=12345678\n", line(1))),
        ]);
        assert_eq!(rules_of(&tree.report(&["--rules", "own", "x.txt"])), ["our-token", "our-other"]);
        assert_eq!(rules_of(&tree.report(&["--rules", "own/b.toml", "x.txt"])), ["our-other"]);
        tree.write("disable.toml", "[rules]\ndisable = ['our-other', 'groq-api-key']\n");
        assert_eq!(rules_of(&tree.report(&["--rules", "own", "-c", "disable.toml", "x.txt"])), ["our-token"]);
        let run = tree.run(&["scan", "--rules", "own", "--rules", "own/a.toml", "x.txt"]).expect(2);
        assert!(run.err().contains("own/a.toml: there is a rule `our-token` already"), "{}", run.err());
        tree.make_folder("empty");
        assert!(tree.run(&["scan", "--rules", "empty", "x.txt"]).expect(2).err().contains("has no rule file"));
    }

    #[test]
    fn they_are_listed_and_shown_with_where_they_come_from() {
        let tree = Tree::with(&[("c.toml", &rule("our-token", &format!("{PATTERN}\nkeywords = ['our']\nentropy = 2.5")))]);
        let listed = tree.run(&["rules", "list", "our-token", "-c", "c.toml"]).expect(0);
        assert!(listed.out().contains("our-token") && listed.out().contains("(in c.toml)"), "{}", listed.out());
        let json = tree.run(&["rules", "list", "our-token", "--json", "-c", "c.toml"]).expect(0).json();
        assert_eq!(json["file"], "c.toml");
        let shown = tree.run(&["rules", "show", "our-token", "-c", "c.toml"]).expect(0);
        for part in ["c.toml", "our[_-]token", "keywords", "2.5 bits", "our_token"] {
            assert!(shown.out().contains(part), "{part}: {}", shown.out());
        }
    }

    #[test]
    fn examples_in_the_configuration_are_checked() {
        let good = rule("our-token", PATTERN)
            + "[[rule.example]]\ntext = 'our_token = \"«{{lower:12}}»\"'\n[[rule.counter-example]]\ntext = 'our_token = \"{{lower:9}}\"'\nbecause = 'short'\n";
        let tree = Tree::with(&[(".keysift.toml", &good)]);
        assert!(tree.run(&["rules", "check", ".keysift.toml"]).expect(0).err().contains("1 rule, 1 example and 1 counter-example"));
        tree.write(".keysift.toml", good.replace("«{{lower:12}}»\"", "{{lower:12}}«\"»"));
        assert!(tree.run(&["rules", "check", ".keysift.toml"]).expect(1).out().contains("our-token: example 1"));
        tree.write("own.toml", rule("our-token", "pattern = '[a-z]{20}'"));
        assert!(tree.run(&["rules", "check", "own.toml"]).expect(0).err().contains("reads every byte"));
    }

    #[test]
    fn a_rule_that_reads_everything_is_warned_about() {
        let tree = Tree::with(&[(".keysift.toml", &rule("our-token", "pattern = '[a-z]{3}[0-9]{9}'")), ("a.txt", "abc123456789\n")]);
        let run = tree.run(&["scan", "a.txt"]).expect(1);
        assert!(run.err().contains("warning: rule `our-token` has no text of at least three characters"), "{}", run.err());
    }
}

mod hostile {
    use super::*;

    /// No run of these takes longer, with assertions and on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(40);

    #[test]
    fn no_text_makes_a_pattern_take_quadratic_time() {
        let text = "a".repeat(256 << 10);
        for pattern in ["(?s).*x|a{64}", "(a+)+$", "(?s)a.{0,900}b|a{64}", "(?:a|aa)+b", "aaa[^b]*b|a{99}"] {
            let tree = Tree::with(&[("c.toml", &rule("our-token", &format!("pattern = '{pattern}'")))]);
            tree.write("a.txt", &text);
            let start = Instant::now();
            let run = tree.run(&["scan", "-c", "c.toml", "-f", "csv", "a.txt"]);
            assert!(run.code <= 1 && start.elapsed() < PATIENCE, "{pattern}: {:?}", start.elapsed());
        }
    }

    #[test]
    fn many_rules_and_large_ones_are_bounded() {
        let many: String = (0..5000).map(|i| format!("[[rule]]\nid='r-{i}'\nname='n'\nseverity='low'\npattern='tok{i}=([a-z]{{8}})'\n")).collect();
        let tree = Tree::with(&[("c.toml", &many), ("a.txt", "tok4711=abcdefgh tok12=abcdefgh\n")]);
        let start = Instant::now();
        assert_eq!(rules_of(&tree.report(&["-c", "c.toml", "a.txt"])), ["r-4711", "r-12"]);
        assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
        let heavy: String = (0..100).map(|i| rule(&format!("r-{i}"), "pattern = '(?:abc[a-z]{90}){200}'")).collect();
        tree.write("c.toml", heavy);
        assert!(tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2).err().contains("states together"));
        tree.write("c.toml", rule("r", "pattern = '((a{1000}){1000}){1000}'"));
        assert!(tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2).err().contains("states"));
        tree.write("c.toml", vec![b'['; 100_000]);
        tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2);
        tree.write("c.toml", rule("r", &format!("pattern = '{}'", "(".repeat(50_000))));
        tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2);
    }
}

#[cfg(unix)]
#[test]
fn the_rules_of_a_change_do_not_count_before_it_is_merged() {
    use crate::common::action::{request, with_request};
    let disables = "[rules]\ndisable = ['groq-api-key']\n".to_owned() + &rule("our-token", PATTERN);
    let (world, base, head) = with_request(&[("a.env", &format!("K={}\n{}", key("groq-api-key", 9), line(9))), (".keysift.toml", &disables)], 1);
    let step = world.scan("pull_request", &request(&base, &head, "owner/project"), &[]).ends_with(1);
    assert_eq!(step.output("findings"), "1", "the key of the disabled rule, and nothing of the new rule");
}
