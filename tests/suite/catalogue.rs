//! What keys say about themselves, through the whole program: checksums, accounts, traps, and ends.

use crate::common::{Tree, canary_id, key, only, text};
use serde_json::Value;

/// The one finding of a file with this text, whatever its confidence.
#[track_caller]
fn found(content: &str) -> Value {
    let report = Tree::with(&[("settings.env", content)]).report(&["--min-confidence", "low"]);
    only(&report).clone()
}

/// Whether some evidence of a finding says `what`.
fn says(finding: &Value, what: &str) -> bool {
    finding["evidence"].as_array().expect("a finding has evidence").iter().any(|piece| text(&piece["text"]).contains(what))
}

/// The key with its character at `at` changed.
fn altered(key: &str, at: usize) -> String {
    let other = if key.as_bytes()[at] == b'x' { "y" } else { "x" };
    format!("{}{other}{}", &key[..at], &key[at + 1..])
}

#[test]
fn a_right_checksum_is_told() {
    for rule in ["github-personal-token", "npm-access-token", "atlassian-api-token", "grafana-service-account-token"] {
        let finding = found(&format!("TOKEN={}\n", key(rule, 1)));
        assert_eq!((text(&finding["rule"]), text(&finding["confidence"])), (rule, "high"));
        assert!(says(&finding, "its checksum fits"), "{finding}");
    }
}

#[test]
fn a_wrong_checksum_makes_the_confidence_low() {
    for rule in ["github-personal-token", "npm-access-token", "atlassian-api-token", "grafana-service-account-token"] {
        let finding = found(&format!("TOKEN={}\n", altered(&key(rule, 1), 20)));
        assert_eq!((text(&finding["rule"]), text(&finding["confidence"])), (rule, "low"));
        assert!(says(&finding, "its checksum does not fit: a fixture, or cut off"), "{finding}");
    }
}

#[test]
fn a_canary_token_is_called_one() {
    let finding = found(&format!("AWS_ACCESS_KEY_ID={}\n", canary_id()));
    assert_eq!((text(&finding["rule"]), text(&finding["confidence"])), ("aws-access-key-id", "low"));
    assert!(says(&finding, "171436882533") && says(&finding, "canary"), "{finding}");
}

#[test]
fn an_expired_signature_is_called_expired() {
    let query = key("azure-sas", 1).replace("se=", "ss=");
    for (end, confidence) in [("2001-01-01", "low"), ("2999-01-01", "high")] {
        let finding = found(&format!("URL=https://acme.blob.core.windows.net/out?sp=r&se={end}T00:00:00Z&{query}\n"));
        assert_eq!(text(&finding["confidence"]), confidence, "{finding}");
        assert!(says(&finding, end), "{finding}");
    }
}

#[test]
fn near_the_name_of_another_company_a_key_with_stripes_prefix_is_theirs() {
    let body = keysift::rule::draw::Draws::new(4).text(42, keysift::rule::draw::ALNUM);
    for (name, rule) in [("STRIPE_KEY", "stripe-secret-key"), ("CLERK_SECRET_KEY", "clerk-secret-key"), ("SECRET", "stripe-secret-key")] {
        assert_eq!(text(&found(&format!("{name}=sk_live_{body}\n"))["rule"]), rule, "{name}");
    }
}
