//! Which of our rules stand for a rule of their catalogue, by its id. Where ours has the same id nothing has to be said.

use std::collections::BTreeSet;

use crate::config::did_you_mean;
use crate::rule::RuleSet;

/// Their ids that differ from ours, with our rules for the same keys.
const NAMES: &[(&str, &[&str])] = &[
    ("atlassian-api-token", &["atlassian-api-token", "atlassian-legacy-api-token"]),
    ("aws-access-token", &["aws-access-key-id", "aws-session-token"]),
    ("azure-ad-client-secret", &["azure-client-secret"]),
    ("clojars-api-token", &["clojars-deploy-token"]),
    ("cohere-api-token", &["cohere-api-key"]),
    ("coinbase-access-token", &["coinbase-legacy-api-secret"]),
    ("confluent-access-token", &["confluent-api-key"]),
    ("confluent-secret-key", &["confluent-api-secret"]),
    ("contentful-delivery-api-token", &["contentful-delivery-token"]),
    ("databricks-api-token", &["databricks-access-token"]),
    ("datadog-access-token", &["datadog-api-key", "datadog-application-key"]),
    ("digitalocean-access-token", &["digitalocean-token"]),
    ("digitalocean-pat", &["digitalocean-token"]),
    ("doppler-api-token", &["doppler-token"]),
    ("duffel-api-token", &["duffel-access-token", "duffel-test-access-token"]),
    ("easypost-api-token", &["easypost-api-key"]),
    ("easypost-test-api-token", &["easypost-test-api-key"]),
    ("etsy-access-token", &["etsy-api-key"]),
    ("flyio-access-token", &["fly-token", "fly-legacy-token"]),
    ("frameio-api-token", &["frameio-token"]),
    ("gcp-api-key", &["google-gemini-api-key"]),
    ("generic-api-key", &["generic-secret"]),
    ("github-app-token", &["github-app-user-token", "github-app-installation-token"]),
    ("github-fine-grained-pat", &["github-fine-grained-token"]),
    ("github-oauth", &["github-oauth-token"]),
    ("github-pat", &["github-personal-token"]),
    ("gitlab-cicd-job-token", &["gitlab-job-token"]),
    ("gitlab-incoming-mail-token", &["gitlab-incoming-mail-token"]),
    ("gitlab-kubernetes-agent-token", &["gitlab-agent-token"]),
    ("gitlab-oauth-app-secret", &["gitlab-application-secret"]),
    ("gitlab-pat", &["gitlab-personal-token"]),
    ("gitlab-ptt", &["gitlab-trigger-token"]),
    ("gitlab-rrt", &["gitlab-registration-token"]),
    ("gitlab-runner-authentication-token", &["gitlab-runner-token"]),
    ("grafana-api-key", &["grafana-legacy-api-key"]),
    ("grafana-cloud-api-token", &["grafana-cloud-token"]),
    ("harness-api-key", &["harness-token"]),
    ("hashicorp-tf-api-token", &["terraform-cloud-token"]),
    ("heroku-api-key-v2", &["heroku-api-key"]),
    ("huggingface-access-token", &["huggingface-user-token"]),
    ("huggingface-organization-api-token", &["huggingface-org-token"]),
    ("infracost-api-token", &["infracost-api-key"]),
    ("kraken-access-token", &["kraken-private-key"]),
    ("kucoin-secret-key", &["kucoin-api-secret"]),
    ("new-relic-insert-key", &["newrelic-insert-key"]),
    ("new-relic-user-api-key", &["newrelic-user-key"]),
    ("notion-api-token", &["notion-token", "notion-legacy-token"]),
    ("okta-access-token", &["okta-api-token"]),
    ("plaid-api-token", &["plaid-access-token"]),
    ("planetscale-api-token", &["planetscale-token"]),
    ("postman-api-token", &["postman-api-key"]),
    ("prefect-api-token", &["prefect-api-key"]),
    ("pulumi-api-token", &["pulumi-access-token"]),
    ("readme-api-token", &["readme-api-key"]),
    ("rubygems-api-token", &["rubygems-api-key"]),
    ("sendgrid-api-token", &["sendgrid-api-key"]),
    ("sentry-access-token", &["sentry-legacy-token"]),
    ("sentry-org-token", &["sentry-organization-token"]),
    ("shippo-api-token", &["shippo-live-token", "shippo-test-token"]),
    ("slack-webhook-url", &["slack-webhook"]),
    ("snyk-api-token", &["snyk-token"]),
    ("sonar-api-token", &["sonar-token"]),
    ("stripe-access-token", &["stripe-secret-key", "stripe-test-secret-key", "stripe-restricted-key", "stripe-test-restricted-key"]),
    ("telegram-bot-api-token", &["telegram-bot-token"]),
    ("typeform-api-token", &["typeform-token"]),
    ("vault-service-token", &["vault-token"]),
];

/// Ids of our rules, among `known`, that stand for theirs.
pub fn ours(id: &str, known: &[&str]) -> Vec<String> {
    let named = NAMES.iter().find(|(theirs, _)| *theirs == id).map_or(&[][..], |(_, ours)| ours);
    let same = [id];
    let ids = if named.is_empty() { &same[..] } else { named };
    ids.iter().filter(|id| known.contains(id)).map(|&id| id.to_owned()).collect()
}

/// Leaves of `rules` only those of these ids, ours or theirs, and what they require; gives the ids of all others.
///
/// # Errors
/// No rule has one of the ids.
pub fn keep_only(ids: &[String], rules: &mut RuleSet) -> Result<Vec<String>, String> {
    let known: Vec<&str> = rules.rules.iter().map(|rule| rule.id).collect();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for id in ids {
        let own = known.iter().filter(|known| *known == id).map(|&id| id.to_owned());
        let meant: Vec<String> = ours(id, &known).into_iter().chain(own).collect();
        if meant.is_empty() {
            return Err(format!("no rule is called `{id}`{}", did_you_mean(id, known.iter().copied())));
        }
        kept.extend(meant);
    }
    // What a rule requires may require others.
    loop {
        let patterns = rules.rules.iter().filter(|rule| kept.contains(rule.id)).filter_map(|rule| rule.pattern);
        let required: Vec<String> = patterns.flat_map(|pattern| &pattern.required).map(|one| one.rule.clone()).filter(|id| !kept.contains(id)).collect();
        if required.is_empty() {
            break;
        }
        kept.extend(required);
    }
    rules.rules.retain(|rule| kept.contains(rule.id));
    Ok(known.into_iter().filter(|id| !kept.contains(*id)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_table_is_there_and_theirs_are_sorted() {
        let rules = RuleSet::built_in();
        let missing: Vec<&str> = NAMES.iter().flat_map(|(_, ours)| ours.iter().copied()).filter(|id| rules.get(id).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(NAMES.is_sorted_by_key(|(theirs, _)| *theirs));
    }
}
