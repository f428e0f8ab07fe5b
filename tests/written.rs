//! Keys as they are written: behind what looks like a part of them, as values of every operator, and of fewer kinds of characters than their provider draws.

mod common;

use common::{Tree, findings, found, key, mistral, text};
use keysift::rule::draw::{ALNUM, Draws, LOWER};
use serde_json::Value;

#[track_caller]
fn assert_found(content: &str, rule: &str, secret: &str) {
    let finding = found("a.txt", content);
    assert_eq!((text(&finding["rule"]), text(&finding["secret"])), (rule, secret), "{content}");
}

#[test]
fn a_key_begins_behind_what_only_looks_like_a_part_of_it() {
    for before in ["${X:-", "-", "X=${GROQ_API_KEY:-", "\u{1b}[31m", "X=\u{1b}[1;32m", "X=\\033[0m", "X=3D", "X%3D", "x\\n"] {
        // Tokens, and what a literal finds.
        for rule in ["groq-api-key", "github-personal-token", "doppler-token", "pypi-upload-token"] {
            let key = key(rule, 1);
            assert_found(&format!("{before}{key}\u{1b}[0m\n"), rule, &key);
        }
    }
}

#[test]
fn a_name_is_read_before_what_only_looks_like_a_part_of_the_key() {
    let key = mistral(1);
    for before in ["${MISTRAL_API_KEY:-", "MISTRAL_API_KEY=\u{1b}[31m", "MISTRAL_API_KEY=3D", "a%3Db%26MISTRAL_API_KEY%3D"] {
        assert_found(&format!("{before}{key}\n"), "mistral-api-key", &key);
    }
}

#[test]
fn a_generic_secret_is_read_behind_every_operator() {
    let secret = Draws::new(1).text(32, LOWER);
    for (path, before, after) in [
        ("a.php", "$apiToken .= \"", "\";"),
        ("a.mk", "API_TOKEN ::= ", ""),
        ("a.mk", "API_TOKEN :::= \"", "\""),
        ("a.py", "api_token += \"", "\""),
        ("a.js", "api_token ??= '", "'"),
        ("a.sh", "X=${API_TOKEN:-", "}"),
        ("a.xml", "<apiToken>\n    ", "\n</apiToken>"),
        ("a.yml", "api_token: |\n  ", "\nb: c"),
    ] {
        let finding = found(path, &format!("{before}{secret}{after}\n"));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", secret.as_str()), "{before}");
    }
}

#[test]
fn a_key_that_lacks_a_case_is_its_providers_with_a_doubt() {
    for (rule, public, n) in [("npm-access-token", "npm_", 36), ("linear-api-key", "lin_api_", 40), ("doppler-token", "dp.pt.", 43)] {
        let key = format!("{public}{}", Draws::new(3).text(n, LOWER));
        let named = found("a.env", &format!("API_TOKEN={key}\n"));
        assert_eq!((text(&named["rule"]), text(&named["secret"])), (rule, key.as_str()));
        assert!(named["evidence"].to_string().contains("it lacks capital letters"), "{named}");
        let bare = found("a.txt", &format!("see {key} there\n"));
        assert_eq!((text(&bare["rule"]), text(&bare["confidence"])), (rule, "low"));
    }
}

#[test]
fn a_key_of_one_case_without_a_beginning_is_its_providers_where_that_is_said() {
    let small = Draws::new(5).text(32, LOWER);
    for content in [
        "MISTRAL_API_KEY=VALUE\n",
        "mistral token: VALUE\n",
        "mistral:\n  key: VALUE\n",
        "curl -H 'Authorization: Bearer VALUE' https://api.mistral.ai/v1/models\n",
    ] {
        let finding = found("a.sh", &content.replace("VALUE", &small));
        assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("mistral-api-key", small.as_str()), "{content}");
        assert!(finding["evidence"].to_string().contains("it lacks capital letters") && text(&finding["confidence"]) != "high", "{finding}");
    }
    for quiet in ["mistral VALUE\nconsul VALUE\n", "mistral_request_id: VALUE\n", "mistral/VALUE/x\n", "# mistral\n\n\n\nx = 'VALUE'\n"] {
        let tree = Tree::with(&[("a.txt", &quiet.replace("VALUE", &small))]);
        assert_eq!(findings(&tree.report(&["--min-confidence", "medium"])), &[] as &[Value], "{quiet}");
    }
    assert_eq!(text(&found("a.env", &format!("INTERNAL_API_KEY={small}\n"))["rule"]), "generic-secret");
}

#[test]
fn nobody_is_asked_about_a_key_that_lacks_a_case() {
    let line = format!("GROQ_API_KEY=gsk_{}\n", Draws::new(4).text(52, LOWER));
    let run = Tree::with(&[("a.env", &line)]).run(&["confirm", "--dry-run"]);
    assert!(run.out().contains("not asked:") && run.out().contains("it lacks capital letters"), "{}", run.out());
    assert!(!run.out().contains("curl"), "{}", run.out());
}

#[test]
fn small_letters_alone_are_a_secret_under_a_name_of_one() {
    let letters = Draws::new(2).text(32, &LOWER[10..]);
    let finding = found("a.env", &format!("API_TOKEN={letters}\n"));
    assert_eq!((text(&finding["rule"]), text(&finding["secret"])), ("generic-secret", letters.as_str()));
    for quiet in
        [format!("see {letters}"), "API_TOKEN=pneumonoultramicroscopicsilicovolcanoconiosis".to_owned(), "api_token: authenticationtokenprovider".to_owned()]
    {
        assert_eq!(findings(&Tree::with(&[("a.env", &quiet)]).report(&[])), &[] as &[Value], "{quiet}");
    }
}

#[test]
fn a_key_that_identifies_itself_leaves_nothing_to_others() {
    let key = key("newrelic-license-key", 1);
    for before in ["KEY=", "# Newrelic token\nTOKEN=", "x-api-key: ", ""] {
        assert_found(&format!("{before}{key}\n"), "newrelic-license-key", &key);
    }
    // Of small letters and few digits in one piece a key may be, too.
    let key = format!("{}7{}", Draws::new(4).text(25, &ALNUM[36..]), Draws::new(5).text(26, &ALNUM[36..]));
    assert_found(&format!("AZURE_DEVOPS_EXT_PAT={key}\n"), "azure-devops-legacy-token", &key);
}
