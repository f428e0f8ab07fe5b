//! Pairs: a secret and its id are one finding, found at the secret, that tells of both.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, base64, findings, holds, key, number, only, rules_of, text};
use keysift::rule::draw::{ALNUM, BASE32, BASE64, Draws, HEX};
use serde_json::Value;

/// An id of an access key of AWS.
fn id(seed: u64) -> String {
    ["AK", "IA", &Draws::new(seed).text(16, BASE32)].concat()
}

fn secret(seed: u64) -> String {
    format!("a7/Q{}", Draws::new(seed).text(36, BASE64).replace('/', "x"))
}

fn report(path: &str, content: &str) -> Value {
    Tree::with(&[(path, content)]).report(&["--show-secrets", "--min-confidence", "low"])
}

#[test]
fn an_id_and_its_secret_are_one_finding() {
    let (id, secret) = (id(1), secret(1));
    for content in [
        format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
        format!("AWS_SECRET_ACCESS_KEY={secret}\nAWS_REGION=eu-west-1\nAWS_ACCESS_KEY_ID={id}\n"),
        format!("{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\"}}\n"),
        format!("deploy,{id},{secret}\n"),
    ] {
        let report = report("conf/keys", &content);
        let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&one["rule"]), text(&one["secret"])), ("aws-secret-access-key", secret.as_str()), "{content}");
        assert_eq!(number(&one["offset"]) as usize, content.find(&secret).expect("it is there"));
        assert_eq!((text(&one["partner"]["value"]), text(&one["partner"]["name"])), (id.as_str(), "AWS access key id"));
        assert!(one["evidence"].to_string().contains("account"), "the id says whose it is: {one}");
    }
}

#[test]
fn each_secret_has_its_own_id() {
    let content: String = (1..4).map(|i| format!("[p{i}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", id(i), secret(i))).collect();
    let report = report("credentials", &content);
    let pairs: Vec<(&str, &str)> = findings(&report).iter().map(|one| (text(&one["partner"]["value"]), text(&one["secret"]))).collect();
    let expected: Vec<(String, String)> = (1..4).map(|i| (id(i), secret(i))).collect();
    assert_eq!(pairs, expected.iter().map(|(id, secret)| (id.as_str(), secret.as_str())).collect::<Vec<_>>());
}

#[test]
fn each_secret_has_its_own_id_in_every_layout() {
    let layouts = [
        ("a.env", "AWS_ACCESS_KEY_ID=<id>\nAWS_SECRET_ACCESS_KEY=<secret>\n"),
        ("a.env", "AWS_ACCESS_KEY_ID=<id>\nAWS_SECRET_ACCESS_KEY=<secret>\n\n"),
        ("credentials", "[profile]\naws_access_key_id = <id>\nregion = eu-west-1\naws_secret_access_key = <secret>\n"),
        ("a.env", "aws_access_key_id = <id>\nregion = eu-west-1\naws_secret_access_key = <secret>\n"),
        ("a.yml", "- name: profile\n  AWS_ACCESS_KEY_ID: <id>\n  AWS_REGION: eu-west-1\n  AWS_SECRET_ACCESS_KEY: <secret>\n"),
        ("a.jsonl", "{\"AccessKeyId\": \"<id>\", \"SecretAccessKey\": \"<secret>\"}\n"),
        ("a.env", "AWS_SECRET_ACCESS_KEY=<secret>\nAWS_ACCESS_KEY_ID=<id>\n"),
    ];
    for (path, layout) in layouts {
        let pairs: Vec<(String, String)> = (100..104).map(|seed| (id(seed), secret(seed))).collect();
        let content: String = pairs.iter().map(|(id, secret)| layout.replace("<id>", id).replace("<secret>", secret)).collect();
        let report = report(path, &content);
        let found: Vec<(String, String)> =
            findings(&report).iter().map(|one| (text(&one["rule"]).to_owned(), text(&one["partner"]["value"]).to_owned())).collect();
        let expected: Vec<(String, String)> = pairs.iter().map(|(id, _)| ("aws-secret-access-key".to_owned(), id.clone())).collect();
        assert_eq!(found, expected, "{content}");
    }
}

#[test]
fn what_stands_alone_or_is_of_another_provider_takes_no_part() {
    let other = Draws::new(900).text(40, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    let old = id(901);
    for (layout, expected) in [
        ("OLD_AWS_ACCESS_KEY_ID=<old>\n\nAWS_SECRET_ACCESS_KEY=<s1>\nAWS_ACCESS_KEY_ID=<i1>\n\nAWS_SECRET_ACCESS_KEY=<s2>\nAWS_ACCESS_KEY_ID=<i2>\n", 2),
        ("# rotated from <old>\nAWS_SECRET_ACCESS_KEY=<s1>\nAWS_ACCESS_KEY_ID=<i1>\n", 1),
        ("COHERE_API_KEY=<other>\nAWS_ACCESS_KEY_ID=<i1>\nAWS_SECRET_ACCESS_KEY=<s1>\n", 1),
        ("AWS_ACCESS_KEY_ID=<i1>\nZENDESK_API_TOKEN=<other>\nAWS_SECRET_ACCESS_KEY=<s1>\n", 1),
        ("AWS_ACCESS_KEY_ID_0=<i1>\nAWS_ACCESS_KEY_ID_1=<i2>\nAWS_SECRET_ACCESS_KEY_0=<s1>\nAWS_SECRET_ACCESS_KEY_1=<s2>\n", 2),
    ] {
        let mut content = layout.replace("<old>", &old).replace("<other>", &other);
        for n in 1..3 {
            content = content.replace(&format!("<i{n}>"), &id(n)).replace(&format!("<s{n}>"), &secret(n));
        }
        let report = report(".env", &content);
        let pair = |one: &Value| (text(&one["partner"]["value"]).to_owned(), text(&one["secret"]).to_owned());
        let of_aws = findings(&report).iter().filter(|one| text(&one["rule"]) == "aws-secret-access-key");
        let found: Vec<_> = of_aws.map(pair).collect();
        assert_eq!(found, (1..=expected).map(|n| (id(n), secret(n))).collect::<Vec<_>>(), "{content}");
        let is_told = findings(&report).iter().any(|one| text(&one["secret"]) == other);
        assert_eq!(is_told, content.contains(&other), "what is another provider's is found, too: {content}");
    }
}

#[test]
fn a_secret_without_its_id_is_known_by_its_name() {
    let report = report("deploy.env", &format!("AWS_SECRET_ACCESS_KEY={}\n", secret(1)));
    let one = only(&report);
    assert_eq!((text(&one["rule"]), one.get("partner")), ("aws-secret-access-key", None));
}

#[test]
fn a_part_that_stands_alone_is_found_as_it_is() {
    let lines = "x = 1\n".repeat(40);
    for content in [
        format!("key = {}\n", id(1)),
        format!("key = {}\n{lines}hash = {}\n", id(1), secret(1)),
        format!("key = {}\nhash = {}\n", id(1), Draws::new(1).text(40, HEX)),
    ] {
        let report = report("conf", &content);
        let one = only(&report);
        assert_eq!((text(&one["rule"]), one.get("partner")), ("aws-access-key-id", None), "{content}");
    }
}

#[test]
fn a_partner_without_a_rule_is_told_by_its_shape() {
    let mut draws = Draws::new(7);
    let (sid, token) = (format!("AC{}", draws.text(32, HEX)), draws.text(32, HEX));
    let report = report(".env", &format!("TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}\n"));
    let one = only(&report);
    assert_eq!((text(&one["rule"]), text(&one["partner"]["value"]), number(&one["partner"]["line"])), ("twilio-auth-token", sid.as_str(), 1));
}

#[test]
fn every_format_tells_of_the_partner_and_hides_the_secret() {
    let (id, secret) = (id(2), secret(2));
    let tree = Tree::with(&[("credentials", &format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"))]);
    for format in ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "html"] {
        let run = tree.run(&["scan", "--format", format]).expect(1);
        assert!(holds(&run.stdout, &id), "{format} says which id: {}", String::from_utf8_lossy(&run.stdout));
        assert!(!holds(&run.stdout, &secret[4..20]), "{format} hides the secret");
    }
}

#[test]
fn a_new_id_beside_an_old_secret_is_a_finding() {
    let repo = TestRepo::new();
    let (id, secret) = (id(3), secret(3));
    repo.write("credentials", format!("aws_access_key_id = \naws_secret_access_key = {secret}\n"));
    repo.commit("a secret without its id");
    repo.write("credentials", format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"));
    repo.git(&["add", "credentials"]);
    Keysift::new(&repo.path()).args(&["staged"]).run().expect(1);
}

#[test]
fn the_table_has_the_partner_in_columns_of_its_own() {
    let (id, secret) = (id(31), secret(31));
    let tree = Tree::with(&[("a.env", &format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n"))]);
    let run = tree.run(&["scan", "-f", "csv", "a.env"]).expect(1);
    let rows: Vec<&str> = run.out().lines().collect();
    assert!(rows[0].ends_with(",suppressed_because,partner,partner_value"), "{}", rows[0]);
    assert!(rows[1].ends_with(&format!(",AWS access key id,{id}")), "{}", rows[1]);
}

#[test]
fn pairs_of_every_kind_are_one_finding() {
    let drawn = |seed, n, alphabet: &[u8]| Draws::new(seed).text(n, alphabet);
    let letters: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let session = format!("xoxc-{0}-{0}-{0}-{1}", drawn(1, 12, b"123456789"), drawn(2, 64, HEX));
    for (content, rule, partner, is_public) in [
        (
            format!("secret_id: AKID{}\nsecret_key: {}\n", drawn(3, 32, letters), drawn(4, 32, letters)),
            "tencent-cloud-secret-key",
            "Tencent Cloud SecretId",
            true,
        ),
        (format!("PLAID_CLIENT_ID={}\nPLAID_SECRET={}\n", drawn(5, 24, HEX), drawn(6, 30, HEX)), "plaid-secret", "client id", true),
        (format!("SLACK_TOKEN={session}\nSLACK_COOKIE=xoxd-{}\n", drawn(7, 90, letters)), "slack-session-token", "Slack session cookie", false),
        (format!("PAYPAL_CLIENT_ID=A{}\nPAYPAL_CLIENT_SECRET=E{}\n", drawn(8, 79, letters), drawn(9, 79, letters)), "paypal-client-secret", "client id", true),
    ] {
        let report = report("app.env", &content);
        let [finding] = findings(&report) else { panic!("one finding in {content}: {report}") };
        assert_eq!((text(&finding["rule"]), text(&finding["partner"]["name"])), (rule, partner), "{content}");
        assert_eq!(content.contains(text(&finding["partner"]["value"])), is_public, "{finding}");
    }
}

#[test]
fn a_wrapped_file_of_credentials_gives_the_secret_too() {
    let digits = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let file = |seeds: std::ops::Range<u64>| -> String {
        seeds.map(|i| format!("[p{i}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", id(i), secret(i))).collect()
    };
    for (layer, wrapped) in [("base64", base64(file(1..2).as_bytes())), ("hex", digits(&file(1..2)))] {
        let report = report("conf/keys.yaml", &format!("data:\n  credentials: {wrapped}\n"));
        let one = only(&report);
        assert_eq!((text(&one["rule"]), text(&one["secret"]), text(&one["layer"])), ("aws-secret-access-key", secret(1).as_str(), layer));
        assert_eq!(text(&one["partner"]["value"]), id(1));
    }
    // Outside, all that one text wraps has one place: which id is whose is not told.
    let report = report("conf/keys.yaml", &format!("data:\n  credentials: {}\n", base64(file(1..3).as_bytes())));
    let mut rules = rules_of(&report);
    rules.sort_unstable();
    assert_eq!(rules, ["aws-access-key-id", "aws-access-key-id", "aws-secret-access-key", "aws-secret-access-key"], "{report}");
}

#[test]
fn a_secret_of_razorpay_belongs_to_the_id_of_its_kind() {
    let secret = |seed| Draws::new(seed).text(24, ALNUM);
    let (test, live) = (secret(1), secret(2));
    let (test_id, live_id) = (key("razorpay-test-key-id", 3), key("razorpay-key-id", 4));
    let content = format!("RAZORPAY_TEST_KEY_ID={test_id}\nRAZORPAY_TEST_KEY_SECRET={test}\nRAZORPAY_LIVE_KEY_ID={live_id}\nRAZORPAY_LIVE_KEY_SECRET={live}\n");
    let report = Tree::with(&[(".env", &content)]).report(&["--show-secrets"]);
    let pairs: Vec<(&str, &str)> = findings(&report).iter().map(|one| (text(&one["partner"]["value"]), text(&one["secret"]))).collect();
    assert_eq!(pairs, [(test_id.as_str(), test.as_str()), (live_id.as_str(), live.as_str())], "{report}");
}
