//! What an answer means for whoever has the key, and what to do next.

use super::ask::Answer;
use super::detect::Found;
use crate::rule::confirm::Confirm;
use crate::verdict::Verdict;

/// What the verdict means, as a sentence without full stop.
pub const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Live => "live: the provider accepts the key",
        Verdict::Restricted => "restricted: the provider recognizes the key, but lets it do nothing here",
        Verdict::Blocked => "blocked: the provider disabled the key because it leaked",
        Verdict::Invalid => "invalid: the provider rejects the key",
        Verdict::Unknown => "unknown: there is no answer that says anything about the key",
        Verdict::Unchecked => "unchecked: nobody was asked",
    }
}

/// The likely cause, and the fix.
pub fn advice(found: &Found, answer: &Answer) -> (Option<String>, Option<String>) {
    let confirmation = &answer.confirmation;
    let provider = found.rule.provider;
    let reason = confirmation.reason.clone();
    let text = |text: &str| Some(text.to_owned());
    match confirmation.verdict {
        Verdict::Live => match (&answer.first_host, &confirmation.host) {
            (Some(first), Some(host)) if first != host && !confirmation.refused_by.contains(first) => {
                (Some(format!("{host} accepts it; {first}, which was asked before, said nothing about it")), None)
            }
            (Some(first), Some(host)) if first != host => (
                Some(format!("it is a key for {host}, and {first} rejects it")),
                Some(format!("let your client send its requests to https://{host}, or make a key for {first}")),
            ),
            _ => (reason, None),
        },
        Verdict::Invalid => {
            let cause = reason.or(text("it was revoked, has expired, or was not copied whole"));
            let fix = if found.remarks.is_empty() {
                "copy it once more, whole; if it stays so,"
            } else {
                "copy it once more, whole and nothing else; if it stays so,"
            };
            (cause, Some(format!("{fix} make a new key at {}", provider.revoke)))
        }
        Verdict::Blocked => (reason, Some(format!("make a new key at {}, and find out where this one leaked", provider.revoke))),
        Verdict::Restricted => {
            let cause = reason.or(text("its permissions, a quota, billing or a network rule forbid it"));
            (cause, Some(format!("look at permissions, limits and billing of the key's account: {}", provider.revoke)))
        }
        Verdict::Unknown => match confirmation.status {
            Some(429) => (
                text("the rate limit is reached: too many requests, from you or from others with the key"),
                text("wait and try again; the limits are those of the key's account"),
            ),
            Some(500..=599) => (reason.or(text("the provider has trouble")), text("try again later; the provider's status page may tell more")),
            Some(404) => (reason, text("the endpoint may have changed: look for a newer version of keysift")),
            // What the provider's own rule has a reason for says itself what to do; a page is nothing that a provider answers.
            Some(_) if found.rule.confirm().is_some_and(|confirm| is_of_rule(&confirm, reason.as_deref())) => {
                (reason, text("see whether that is so; if not, the provider's documentation of the endpoint tells more"))
            }
            Some(_) => (reason, text("if a proxy or a portal stands between you and the provider, look there")),
            None => (reason, text("look at the network: proxy variables, certificates (SSL_CERT_FILE), the provider's status page")),
        },
        Verdict::Unchecked => {
            let is_of_customer = found.rule.confirm().is_some_and(|confirm| confirm.get.is_some_and(|get| get.starts_with('/')));
            let fix = format!("name its server in a file for --config: `[confirm.endpoints]` and `{} = \"https://...\"`", provider.id);
            (reason, is_of_customer.then_some(fix))
        }
    }
}

/// Whether `reason` is what the rule says of an answer, and not our own word about an answer that nobody expected.
fn is_of_rule(confirm: &Confirm, reason: Option<&str>) -> bool {
    reason.is_some() && confirm.answers.iter().any(|answer| answer.because.as_deref() == reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::detect::How;
    use crate::rule::RuleSet;
    use crate::secret::Secret;
    use crate::verdict::Confirmation;

    fn of(verdict: Verdict, status: Option<u16>, host: Option<&str>) -> (Option<String>, Option<String>) {
        answered(Confirmation { verdict, status, host: host.map(str::to_owned), ..Confirmation::default() })
    }

    fn answered(confirmation: Confirmation) -> (Option<String>, Option<String>) {
        let rule = RuleSet::built_in().get("mistral-api-key").expect("it is built in");
        let found = Found { secret: Secret::new(b"key"), rule, how: How::Option, remarks: Vec::new() };
        advice(&found, &Answer { confirmation, first_host: Some("api.mistral.ai".to_owned()), ..Answer::default() })
    }

    #[test]
    fn whoever_cannot_use_a_key_is_told_what_to_do() {
        for verdict in [Verdict::Restricted, Verdict::Blocked, Verdict::Invalid, Verdict::Unknown] {
            assert!(of(verdict, Some(401), None).1.is_some(), "{verdict:?}");
        }
        assert_eq!(of(Verdict::Live, Some(200), Some("api.mistral.ai")), (None, None));
        assert!(of(Verdict::Unknown, Some(429), None).0.is_some_and(|cause| cause.contains("rate limit")));
        assert!(of(Verdict::Invalid, Some(401), None).1.is_some_and(|fix| fix.contains("https://console.mistral.ai/api-keys")));
    }

    #[test]
    fn a_key_for_the_other_host_is_told_so() {
        let live = Confirmation { verdict: Verdict::Live, host: Some("codestral.mistral.ai".to_owned()), ..Confirmation::default() };
        let (cause, fix) = answered(Confirmation { refused_by: vec!["api.mistral.ai".to_owned()], ..live.clone() });
        assert!(cause.is_some_and(|cause| cause.contains("a key for codestral.mistral.ai")));
        assert!(fix.is_some_and(|fix| fix.contains("https://codestral.mistral.ai")));
        let (cause, fix) = answered(live);
        assert!(cause.is_some_and(|cause| cause.contains("api.mistral.ai, which was asked before, said nothing") && !cause.contains("rejects")));
        assert_eq!(fix, None);
    }
}
