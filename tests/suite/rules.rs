//! The rule files: each one's examples and counter-examples through the whole pipeline, and what `keysift rules check` says about files of users.

use std::collections::BTreeMap;
use std::fs;

use crate::common::{self, Run, Tree, project};
use keysift::rule::format::{self, RuleFile};
use keysift::rule::{GENERIC_AMBIGUOUS, RuleSet};
use keysift::scan::check;

/// The files of `rules/`, by name.
fn files() -> BTreeMap<String, RuleFile> {
    let paths = common::files_below(&project().join("rules"));
    let parsed = paths.iter().map(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).expect("our names are ASCII").to_owned();
        let text = fs::read_to_string(path).expect("rule files are UTF-8");
        let file = format::parse(&text).unwrap_or_else(|what| panic!("{name}: {what}"));
        (name, file)
    });
    parsed.collect()
}

#[test]
fn every_example_is_found_and_every_counter_example_is_quiet() {
    let engine = check::engine(RuleSet::built_in());
    let wrong: Vec<String> =
        files().iter().flat_map(|(name, file)| check::check(&engine, file).into_iter().map(move |what| format!("{name}: {what}"))).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_enough_examples() {
    let mut poor = Vec::new();
    for rule in files().values().flat_map(|file| &file.rules).filter(|rule| rule.id != GENERIC_AMBIGUOUS) {
        let (n_examples, n_quiet) = (rule.examples.len(), rule.counter_examples.len());
        if n_examples < 3 || n_quiet < 2 {
            poor.push(format!("{}: {n_examples} examples, {n_quiet} counter-examples", rule.id));
        }
    }
    assert!(poor.is_empty(), "three examples and two counter-examples at least:\n{}", poor.join("\n"));
}

#[test]
fn ids_are_unique_and_files_are_named_after_their_provider() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, file) in files() {
        if name != format!("{}.toml", file.provider.id) {
            wrong.push(format!("{name} is the file of the provider {}", file.provider.id));
        }
        for id in file.rules.iter().map(|rule| &rule.id) {
            if let Some(other) = seen.insert(id.clone(), name.clone()) {
                wrong.push(format!("{id} is in {other} and in {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_provider_says_what_to_do_after_a_leak() {
    let poor: Vec<String> = files().values().filter(|file| !(2..=4).contains(&file.provider.rotate.len())).map(|file| file.provider.id.clone()).collect();
    assert!(poor.is_empty(), "two to four steps: {poor:?}");
}

#[test]
fn all_files_are_built_in() {
    let built_in = RuleSet::built_in();
    let ids: Vec<String> = files().values().flat_map(|file| file.rules.iter().map(|rule| rule.id.clone())).collect();
    let missing: Vec<&String> = ids.iter().filter(|id| built_in.get(id).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(built_in.rules.len(), ids.len());
}

/// A rule file of a user, in which nothing is wrong.
const GOOD: &str = r#"
[provider]
id = "acme"
name = "Acme AI"
docs = "https://acme.example/docs"
revoke = "https://acme.example/keys"
rotate = ["Delete the key in the console.", "Create a new one."]

[context]
names = ["acme"]
hosts = ["api.acme.example"]

[[rule]]
id = "acme-api-key"
name = "Acme API key"
severity = "high"
shape = 'acme_[A-Za-z0-9]{32}'

[[rule.example]]
text = '''ACME_API_KEY="«{{random}}»"'''

[[rule.counter-example]]
text = '''ACME_API_KEY="acme_your_key_goes_here"'''
because = "a placeholder"
"#;

/// Checks the good file with `from` replaced by `to`.
#[track_caller]
fn check_changed(from: &str, to: &str) -> Run {
    assert!(GOOD.contains(from), "{from}");
    Tree::with(&[("own/acme.toml", &GOOD.replacen(from, to, 1))]).run(&["rules", "check", "own/acme.toml"])
}

/// Asserts that the file is refused (exit code 2) with a message that names it and all of `words`.
#[track_caller]
fn assert_refused(run: Run, words: &[&str]) {
    let run = run.expect(2);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("own/acme.toml"), "{}", run.err());
    words.iter().for_each(|word| assert!(run.err().contains(word), "{word}: {}", run.err()));
}

#[test]
fn a_good_file_is_well() {
    let run = check_changed("", "").expect(0);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("own/acme.toml: 1 rule, 1 example and 1 counter-example: they hold"), "{}", run.err());
}

#[test]
fn a_file_with_few_examples_is_warned_about() {
    let run = check_changed("", "").expect(0);
    let warning = "warning: own/acme.toml: 1 rule, 1 example and 1 counter-example: they hold, but a rule needs at least 3 examples and 2 counter-examples, \
                   which is lacking in acme-api-key\n";
    assert_eq!(run.err(), warning);
}

#[test]
fn a_built_in_file_with_few_examples_is_refused() {
    let text = fs::read_to_string(project().join("rules/mistral.toml")).expect("it is a file of ours");
    let (few, _) = text.split_once("[[rule.counter-example]]").expect("it has one");
    let run = Tree::with(&[("mistral.toml", few)]).run(&["rules", "check", "mistral.toml"]).expect(1);
    assert!(run.out().contains("0 counter-examples; a rule needs at least 3 examples and 2 counter-examples"), "{}", run.out());
}

#[test]
fn every_built_in_file_is_well_for_the_command_too() {
    let run = Tree::new().run(&["rules", "check", project().join("rules/mistral.toml").to_str().expect("the project's path is UTF-8")]);
    assert!(run.expect(0).err().contains(" counter-examples: all well, as built in\n"));
}

#[test]
fn an_unknown_key_is_refused() {
    assert_refused(check_changed("severity =", "severety ="), &["severety"]);
    assert_refused(check_changed("hosts =", "host ="), &["host"]);
}

#[test]
fn a_bad_shape_is_refused() {
    assert_refused(check_changed("{32}'", "{32'"), &["acme-api-key", "shape"]);
    assert_refused(check_changed("[A-Za-z0-9]{32}'", "(?=x)'"), &["acme-api-key", "shape"]);
}

#[test]
fn a_bad_shape_is_refused_under_the_name_of_a_built_in_provider_too() {
    let renamed = GOOD.replace("acme-api", "mistral-own").replace("\"acme\"", "\"mistral\"").replace("{32}'", "{32'");
    let tree = Tree::with(&[("own/acme.toml", &renamed)]);
    assert_refused(tree.run(&["rules", "check", "own/acme.toml"]), &["mistral-own", "shape"]);
}

#[test]
fn an_example_without_its_mark_is_refused() {
    assert_refused(check_changed("«{{random}}»", "{{random}}"), &["acme-api-key", "«"]);
    assert_refused(check_changed("«{{random}}»", "«{{random}}"), &["acme-api-key", "«"]);
}

#[test]
fn a_wrong_severity_is_refused() {
    assert_refused(check_changed("\"high\"", "\"hihg\""), &["acme-api-key", "hihg", "critical, high, medium, low"]);
}

#[test]
fn a_counter_example_without_a_reason_is_refused() {
    assert_refused(check_changed("because = \"a placeholder\"\n", ""), &["acme-api-key", "because"]);
}

#[test]
fn an_id_of_another_provider_is_refused() {
    assert_refused(check_changed("acme-api-key", "mistral-api-key"), &["mistral-api-key"]);
}

#[test]
fn an_example_that_is_not_found_is_a_finding_of_the_check() {
    let run = check_changed("«{{random}}»", "«acme_short»").expect(1);
    assert!(run.out().contains("own/acme.toml: acme-api-key: example 1: "), "{}", run.out());
}

#[test]
fn a_counter_example_that_is_found_is_a_finding_of_the_check() {
    let run = check_changed("acme_your_key_goes_here", "acme_{{alnum:32}}").expect(1);
    assert!(run.out().contains("own/acme.toml: acme-api-key: counter-example 1: it gives acme-api-key"), "{}", run.out());
}

/// What [`GOOD`] says about asking, with nothing wrong in it.
const CONFIRM: &str = r#"[confirm]
get = "https://api.acme.example/v1/models"
auth = "bearer"
show = { models = "/data/*/id", plan = "header x-plan" }
answer = [
  { is = "live", status = 200, json = { "/object" = "list", "/data" = [] } },
  { is = "invalid", status = 401, json = { "/error or /detail" = "*bad key*" }, because = "it is revoked" },
]

"#;

/// Checks the good file with a confirmation in which `from` is replaced by `to`.
#[track_caller]
fn check_confirm(from: &str, to: &str) -> Run {
    assert!(CONFIRM.contains(from), "{from}");
    check_changed("[[rule]]", &format!("{}[[rule]]", CONFIRM.replacen(from, to, 1)))
}

#[test]
fn a_good_confirmation_is_well() {
    check_confirm("", "").expect(0);
    check_confirm("https://api.acme.example/v1/models", "/v1/models").expect(0);
    let because_not = format!("{}[[rule]]", "[confirm]\nbecause-not = \"every call costs money\"\n");
    check_changed("[[rule]]", &because_not).expect(0);
    check_changed("[[rule]]", &because_not.replacen("\n[[", "\nclosed = true\n[[", 1)).expect(0);
}

#[test]
fn a_bad_confirmation_is_refused() {
    for (from, to, word) in [
        ("https://api", "http://api", "`https` URLs"),
        ("https://api", "https://user@api", "`https` URLs"),
        ("example/v1", "example:8443/v1", "`https` URLs"),
        ("get = \"https://api.acme.example/v1/models\"\n", "", "either `get`, `post` or `because-not`"),
        ("auth = \"bearer\"\n", "", "no `auth`"),
        ("\"bearer\"", "\"X-Key: \"", "none of bearer, basic"),
        ("auth =", "host-suffixes = [\".acme.example\"]\nauth =", "`host-suffixes` only"),
        ("auth =", "because-not = \"it costs\"\nauth =", "nothing else"),
        ("auth =", "closed = true\nauth =", "only together with `because-not`"),
        ("auth =", "or-get = [\"http://b.example/\"]\nauth =", "`https` URLs"),
        ("status = 200", "status = [200, 401]", "from 200 to 299"),
        ("status = 401", "status = []", "from 200 to 599"),
        ("status = 401", "status = 99", "from 200 to 599"),
        ("\"live\"", "\"restricted\"", "no answer that is `live`"),
        ("\"invalid\"", "\"blocked\"", "no answer that is `invalid`"),
        ("{ \"/error or /detail\" = \"*bad key*\" }", "{}", "mark of the provider"),
        ("\"*bad key*\"", "\"*\"", "what refuses the key"),
        ("\"*bad key*\"", "[]", "what refuses the key"),
        ("{ \"/object\" = \"list\", \"/data\" = [] }", "{ \"\" = [] }", "any server may give"),
        ("because = \"it", "refused = true, because = \"it", "`refused` only"),
        ("because = \"it", "if-random-refused = \"live\", because = \"it", "`if-random-refused` only if it is `unknown`"),
        ("because = \"it", "for-key = \"a\", because = \"it", "unknown field"),
        ("/error or /detail", "/error or detail", "`detail` is no JSON pointer"),
        ("/data/*/id", "data", "`data` is no JSON pointer"),
        ("because = \"it", "becuase = \"it", "unknown field"),
    ] {
        assert_refused(check_confirm(from, to), &[word]);
    }
    let post = "post = { url = \"https://api.acme.example/graphql\", reads-only = \"a query\" }";
    let asked = "get = \"https://api.acme.example/v1/models\"";
    check_confirm(asked, post).expect(0);
    assert_refused(check_confirm(asked, &format!("{post}\nor-get = [\"https://b.example/\"]")), &["`or-get` only together with `get`"]);
    assert_refused(check_confirm(asked, &format!("{post}\n{asked}")), &["either `get`, `post` or `because-not`"]);
}

#[test]
fn a_built_in_file_says_how_to_confirm() {
    let text = fs::read_to_string(project().join("rules/anyscale.toml")).expect("it is a file of ours");
    let (before, rest) = text.split_once("[confirm]").expect("it has one");
    let (_, after) = rest.split_once("[[rule]]").expect("it has one");
    let run = Tree::with(&[("anyscale.toml", &format!("{before}[[rule]]{after}"))]).run(&["rules", "check", "anyscale.toml"]).expect(1);
    assert!(run.out().contains("anyscale-api-key: it has no `[confirm]`"), "{}", run.out());
}

#[test]
fn a_rule_shows_who_is_asked_and_what_the_answers_mean() {
    let run = Tree::new().run(&["rules", "show", "mistral-api-key"]).expect(0);
    for row in [
        "  asked by       GET https://api.mistral.ai/v1/models\n",
        "  if invalid     GET https://codestral.mistral.ai/v1/models\n",
        "  key in         Authorization: Bearer\n",
        "  live           HTTP 200, /data is a list, /object reads `list`\n",
        "  then shows     models, owner\n",
    ] {
        assert!(run.out().contains(row), "{row}{}", run.out());
    }
    let run = Tree::new().run(&["rules", "show", "razorpay-key-id"]).expect(0);
    assert!(run.out().contains("  not asked      it works only together with its secret"), "{}", run.out());
    let run = Tree::new().run(&["rules", "show", "langfuse-secret-key"]).expect(0);
    assert!(run.out().contains("Authorization: Basic, as the password of what stands beside it"), "{}", run.out());
    let run = Tree::new().run(&["rules", "show", "azure-openai-api-key"]).expect(0);
    assert!(run.out().contains("  on hosts       those near the key that end with .openai.azure.com"), "{}", run.out());
    let run = Tree::new().run(&["rules", "show", "wandb-api-key"]).expect(0);
    assert!(run.out().contains("  only reads     a GraphQL query reads"), "{}", run.out());
}

#[test]
fn a_missing_file_is_wrong_usage() {
    let run = Tree::new().run(&["rules", "check", "own/acme.toml"]).expect(2);
    assert!(run.err().contains("cannot read own/acme.toml"), "{}", run.err());
}

#[test]
fn a_checked_file_works_in_a_scan() {
    let key = keysift::rule::draw::Draws::new(1).shape("acme_[A-Za-z0-9]{32}");
    let tree = Tree::with(&[("own/acme.toml", GOOD), (".keysift.toml", "[rules]\nfiles = [\"own/acme.toml\"]\n"), ("a.py", &format!("key = \"{key}\"\n"))]);
    let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
    assert_eq!(common::places(common::findings(&report)), [("a.py", 1, "acme-api-key")]);
}
