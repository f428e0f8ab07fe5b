//! `docs/providers.md` says what the rule files say: which providers, which keys, how they are found, whether their provider can be asked, and where
//! they are revoked. The page is written from the rules; this test fails when it is not what they give, and `KEYSIFT_WRITE_PAGES=1` writes it anew.

use std::fmt::Write as _;
use std::fs;

use crate::common::project;
use keysift::rule::{ContextNeed, GENERIC, Rule, RuleSet};

const HEAD: &str = "\
# Providers and their keys

Written from the files in `rules/` by `KEYSIFT_WRITE_PAGES=1 cargo test --test suite providers_page::`; a test holds it against them.

How a key is found: *by itself* means that its shape says whose it is, *by context* that its shape fits others, too, and what stands around it decides;
*checksum* that a part of it is computed from the rest and is checked. Whether it can be confirmed: *GET* or *POST* is the one read-only request that
`--confirm` makes; where there is none, the reason stands beside the provider.
";

/// How a rule's keys are found.
fn kind(rule: &Rule) -> &'static str {
    match (rule.context, rule.checksum.is_some()) {
        (ContextNeed::Helpful, false) => "by itself",
        (ContextNeed::Helpful, true) => "by itself, checksum",
        (ContextNeed::Required, false) => "by context",
        (ContextNeed::Required, true) => "by context, checksum",
    }
}

/// How a rule's provider is asked.
fn confirmation(rule: &Rule) -> &'static str {
    match rule.confirm() {
        Some(confirm) if confirm.get.is_some() => "GET",
        Some(confirm) if confirm.post.is_some() => "POST",
        _ => "no",
    }
}

fn page() -> String {
    let set = RuleSet::built_in();
    let mut page = HEAD.to_owned();
    let providers: Vec<_> = set.providers.iter().filter(|provider| provider.id != GENERIC).collect();
    let rules: Vec<_> = set.rules.iter().filter(|rule| rule.provider.id != GENERIC).collect();
    let put = |page: &mut String, line: String| writeln!(page, "{line}").expect("writing to a String cannot fail");
    put(&mut page, format!("\n{} providers, {} kinds of keys.", providers.len(), rules.len()));
    for provider in providers {
        put(&mut page, format!("\n## {}\n\nRevoke: <{}>. Documentation: <{}>.", provider.name, provider.revoke, provider.docs));
        let mine: Vec<_> = rules.iter().filter(|rule| std::ptr::eq(rule.provider, *provider)).collect();
        let mut reasons: Vec<String> = mine.iter().filter_map(|rule| rule.confirm()?.because_not).collect();
        reasons.dedup();
        if !reasons.is_empty() {
            put(&mut page, format!("Not asked: {}.", reasons.join("; ")));
        }
        put(&mut page, "\n| rule | key | severity | found | confirmed by |\n|---|---|---|---|---|".to_owned());
        for rule in mine {
            put(&mut page, format!("| `{}` | {} | {} | {} | {} |", rule.id, rule.name, rule.severity.text(), kind(rule), confirmation(rule)));
        }
    }
    page
}

#[test]
fn the_page_of_providers_is_what_the_rules_give() {
    let path = project().join("docs/providers.md");
    let page = page();
    if std::env::var_os("KEYSIFT_WRITE_PAGES").is_some() {
        fs::write(&path, &page).expect("docs/ can be written");
    }
    let is_fresh = fs::read_to_string(&path).is_ok_and(|text| text.replace("\r\n", "\n") == page);
    assert!(is_fresh, "docs/providers.md is not what the rules give; write it anew with KEYSIFT_WRITE_PAGES=1 cargo test --test suite providers_page::");
}
