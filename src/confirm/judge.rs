//! What a provider's answer means for a key: decided by the rule's answers alone, on status and JSON together.
//!
//! Whatever no answer of the rule names is `unknown`, with a reason that tells the user what kind of answer it was. Nothing of a body gets into a
//! reason. The first answer that fits decides.

use serde_json::Value;

use super::{Reply, facts, json};
use crate::rule::confirm::{Answer, Confirm, Meaning, pointers};
use crate::verdict::{Confirmation, Fact, Verdict};

/// What `reply` says about the key that was sent along with the request of `confirm`. Answers that are for certain keys only count after
/// [`Confirm::of_key`].
///
/// The host is the caller's to fill in. Facts are told of keys that are known to the provider only; the caller, who knows the key, removes those that
/// repeat it by [`facts::keep_secret`]. A body that was cut is judged by what was read of it, as far as that is whole.
pub fn judge(confirm: &Confirm, reply: &Reply) -> Confirmation {
    let json = json::read(reply);
    let decided = json.as_ref().ok().and_then(|json| answer_of(confirm, reply.status, json).map(|answer| (answer, json)));
    let Some((answer, json)) = decided else {
        return Confirmation {
            verdict: Verdict::Unknown,
            reason: Some(nothing_said(reply.status, json.err())),
            status: Some(reply.status),
            ..Confirmation::default()
        };
    };
    let verdict = verdict_of(answer.is);
    let reason =
        answer.because.clone().or_else(|| (verdict == Verdict::Unknown).then(|| format!("HTTP {} in this form says nothing about the key", reply.status)));
    Confirmation { verdict, reason, status: Some(reply.status), facts: facts_of(confirm, reply, json, verdict), ..Confirmation::default() }
}

/// What `reply`, which says nothing by itself, says about the key where a random key is refused in the provider's own words; none if nothing either.
pub fn if_random_refused(confirm: &Confirm, reply: &Reply) -> Option<Confirmation> {
    let json = json::read(reply).ok()?;
    let verdict = verdict_of(answer_of(confirm, reply.status, &json)?.if_random_refused?);
    Some(Confirmation { verdict, status: Some(reply.status), facts: facts_of(confirm, reply, &json, verdict), ..Confirmation::default() })
}

/// The facts that are told with `verdict`.
fn facts_of(confirm: &Confirm, reply: &Reply, json: &Value, verdict: Verdict) -> Vec<Fact> {
    let is_known = matches!(verdict, Verdict::Live | Verdict::Restricted | Verdict::Blocked);
    if is_known { facts::of(confirm, reply, json) } else { Vec::new() }
}

/// Whether `reply` refuses the key that was sent along, be the key bad or not: what a random key must get where a good one is told from a bad one.
pub fn refuses(confirm: &Confirm, reply: &Reply) -> bool {
    let says_so = |answer: &Answer| answer.refused || matches!(answer.is, Meaning::Invalid | Meaning::Blocked);
    reply.status == 401 || json::read(reply).is_ok_and(|json| answer_of(confirm, reply.status, &json).is_some_and(says_so))
}

/// The first of the rule's answers that this is.
fn answer_of<'a>(confirm: &'a Confirm, status: u16, json: &Value) -> Option<&'a Answer> {
    confirm.answers.iter().find(|answer| answer.for_keys.is_none() && is(answer, status, json))
}

const fn verdict_of(meaning: Meaning) -> Verdict {
    match meaning {
        Meaning::Live => Verdict::Live,
        Meaning::Restricted => Verdict::Restricted,
        Meaning::Invalid => Verdict::Invalid,
        Meaning::Blocked => Verdict::Blocked,
        Meaning::Unknown => Verdict::Unknown,
    }
}

/// Whether the answer is of this kind. What the rule expects must stand at each of its places; where one place is several, at one of these.
fn is(answer: &Answer, status: u16, json: &Value) -> bool {
    let is_sound = answer.is != Meaning::Live || (200..300).contains(&status);
    let has = |(place, expected): (&String, _)| pointers(place).flat_map(|pointer| json::at(json, pointer)).any(|value| json::fits(value, expected));
    is_sound && !answer.json.is_empty() && answer.status.has(status) && answer.json.iter().all(has)
}

/// Why an answer that fits none of the rule's says nothing: by what the status means everywhere, else by what is wrong with the body.
fn nothing_said(status: u16, trouble: Option<json::Trouble>) -> String {
    let by_status = match status {
        429 => "the provider limits the rate of requests",
        500..=599 => "the provider has trouble",
        300..=399 => "the provider points to another address, which is not asked",
        404 => "the endpoint or its host changed",
        407 => "the proxy wants a login",
        _ => "",
    };
    match (by_status, trouble) {
        ("", Some(trouble)) => format!("{} (HTTP {status})", trouble.text()),
        ("", None) if (200..300).contains(&status) => format!("HTTP {status} without the provider's mark says nothing about the key"),
        ("", None) => format!("HTTP {status} says nothing about the key, for it is not in a form that the provider is known to use"),
        (by_status, _) => format!("{by_status} (HTTP {status})"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::{Rule, RuleSet};

    fn mistral() -> Confirm {
        RuleSet::built_in().get("mistral-api-key").and_then(Rule::confirm).expect("it is a rule that asks")
    }

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec(), is_cut: false }
    }

    #[track_caller]
    fn says(status: u16, body: &str) -> (Verdict, String) {
        let confirmation = judge(&mistral(), &reply(status, body));
        assert_eq!(confirmation.status, Some(status));
        (confirmation.verdict, confirmation.reason.unwrap_or_default())
    }

    #[test]
    fn status_and_mark_decide_together() {
        assert_eq!(says(200, r#"{"object":"list","data":[]}"#).0, Verdict::Live);
        assert_eq!(says(401, r#"{"object":"list","data":[]}"#).0, Verdict::Unknown);
        assert_eq!(says(401, r#"{"detail":"Unauthorized"}"#).0, Verdict::Invalid);
        assert_eq!(says(200, r#"{"detail":"Unauthorized"}"#).0, Verdict::Unknown);
        assert_eq!(says(200, "{}").0, Verdict::Unknown);
    }

    #[test]
    fn an_answer_that_says_nothing_tells_why() {
        for (status, body, word) in [
            (200, "<html>Log in</html>", "web page"),
            (403, "<html>Forbidden</html>", "web page"),
            (200, "", "empty"),
            (401, "Unauthorized", "no JSON"),
            (200, "{}", "without the provider's mark"),
            (418, "{}", "HTTP 418 says nothing"),
            (429, r#"{"detail":"insufficient quota"}"#, "limits the rate"),
            (429, "", "limits the rate"),
            (500, "{}", "has trouble"),
            (599, "<html>", "has trouble"),
            (302, "", "another address"),
            (404, "{}", "changed"),
            (407, "<html>", "proxy"),
        ] {
            let (verdict, reason) = says(status, body);
            assert_eq!(verdict, Verdict::Unknown, "{status} {body}");
            assert!(reason.contains(word), "{status} {body}: {reason}");
            assert!(reason.contains(&status.to_string()), "{reason}");
        }
        assert!(says(200, &"[".repeat(1000)).1.contains("too deep"));
        assert!(says(200, &"{\"a\":".repeat(1000)).1.contains("too deep"));
    }

    #[test]
    fn a_key_is_refused_by_what_the_rule_says_or_a_401() {
        let refuses_of = |rule: &str, status, body| {
            let confirm = RuleSet::built_in().get(rule).and_then(Rule::confirm).expect("it is a rule that asks");
            refuses(&confirm, &reply(status, body))
        };
        for (rule, status, body, expected) in [
            ("mistral-api-key", 401, r#"{"detail":"Unauthorized"}"#, true),
            ("mistral-api-key", 401, "<html>", true),
            ("mistral-api-key", 403, "<html>", false),
            ("mistral-api-key", 200, "<html>", false),
            ("mistral-api-key", 200, r#"{"object":"list","data":[]}"#, false),
            ("mistral-api-key", 429, "{}", false),
            ("aws-bedrock-long-term-key", 403, r#"{"Message":"Authentication failed"}"#, true),
            ("aws-bedrock-long-term-key", 403, "{}", false),
            ("litellm-virtual-key", 400, r#"{"error":{"type":"no_db_connection"}}"#, true),
            ("runpod-api-key", 200, r#"{"errors":[{"message":"Unauthorized"}]}"#, true),
            ("groq-api-key", 403, r#"{"error":{"message":"x"}}"#, false),
            ("google-gemini-api-key", 400, r#"{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}"#, true),
        ] {
            assert_eq!(refuses_of(rule, status, body), expected, "{rule} {status} {body}");
        }
    }

    #[test]
    fn a_compressed_answer_says_nothing() {
        let mut reply = reply(200, r#"{"object":"list","data":[]}"#);
        reply.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        let confirmation = judge(&mistral(), &reply);
        assert_eq!(confirmation.verdict, Verdict::Unknown);
        assert!(confirmation.reason.is_some_and(|reason| reason.contains("compressed")));
    }

    #[test]
    fn a_long_list_of_models_is_judged_by_what_was_read() {
        let mut reply = reply(200, r#"{"object":"list","data":[{"id":"mistral-large-latest"},{"id":"mistral-embed"},{"id":"mist"#);
        assert_eq!(judge(&mistral(), &reply).verdict, Verdict::Unknown);
        reply.is_cut = true;
        let confirmation = judge(&mistral(), &reply);
        assert_eq!(confirmation.verdict, Verdict::Live);
        assert_eq!(confirmation.facts[0].value, "at least 2 models: 1 large, 1 embedding");
        reply.body = vec![b' '; 100];
        assert!(judge(&mistral(), &reply).reason.is_some_and(|reason| reason.contains("too long")));
    }

    proptest! {
        #[test]
        fn no_answer_without_the_mark_is_live(status: u16, body: Vec<u8>, is_cut: bool) {
            let confirmation = judge(&mistral(), &Reply { status, headers: Vec::new(), body, is_cut });
            prop_assert_eq!(confirmation.verdict, Verdict::Unknown);
        }

        #[test]
        fn no_json_without_the_mark_is_live(status in 100_u16..600, body in r#"[{}\[\]",:a-z0-9\\*]{0,60}"#, is_cut: bool) {
            let confirmation = judge(&mistral(), &Reply { status, headers: Vec::new(), body: body.into_bytes(), is_cut });
            prop_assert_ne!(confirmation.verdict, Verdict::Live);
        }

        #[test]
        fn a_cut_anywhere_makes_no_other_verdict(at in 0_usize..90) {
            let body = r#"{"object":"list","data":[{"id":"mistral-large-latest","object":"model"},{"id":"mistral-embed"}]}"#;
            let reply = Reply { status: 200, headers: Vec::new(), body: body.as_bytes()[..at].to_vec(), is_cut: true };
            prop_assert!(matches!(judge(&mistral(), &reply).verdict, Verdict::Live | Verdict::Unknown));
        }
    }
}
