//! Finding the host that a key is for, where each customer has one of their own: in the text around the key, and only under names that belong to the
//! key's provider.

use crate::rule::Rule;
use crate::span::Span;

/// How far from the key is looked.
const REACH: usize = 16 << 10;
/// How many hosts are kept.
const N_HOSTS: usize = 4;
/// The longest host name there is.
const LONGEST: usize = 253;

/// Hosts around `span` under which the provider of `rule` may be asked, nearest first; none if the provider has fixed ones.
pub fn near(rule: &Rule, text: &[u8], span: Span) -> Vec<String> {
    if !rule.confirm.contains("host-suffixes") {
        return Vec::new();
    }
    let suffixes = rule.confirm().map(|confirm| confirm.host_suffixes).unwrap_or_default();
    named(text, span, &suffixes)
}

fn named(text: &[u8], span: Span, suffixes: &[String]) -> Vec<String> {
    let start = span.start.saturating_sub(REACH);
    let around = text[start..text.len().min(span.end + REACH)].to_ascii_lowercase();
    let mut found: Vec<(usize, String)> = Vec::new();
    for suffix in suffixes {
        for at in memchr::memmem::find_iter(&around, suffix.as_bytes()) {
            let end = at + suffix.len();
            let goes_on = match &around[end..] {
                [b'.', next, ..] => is_of_name(*next),
                [next, ..] => is_of_name(*next),
                [] => false,
            };
            let n_before = around[..at].iter().rev().take(LONGEST).take_while(|byte| is_of_name(**byte) || **byte == b'.').count();
            let host = String::from_utf8_lossy(&around[at - n_before..end]).into_owned();
            if !goes_on && n_before > 0 && is_host(&host) {
                let place = start + at;
                found.push((place.abs_diff(span.start), host));
            }
        }
    }
    found.sort();
    let mut hosts: Vec<String> = Vec::new();
    for (_, host) in found {
        if hosts.len() < N_HOSTS && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
}

/// Whether every part is one that a host name can have.
fn is_host(host: &str) -> bool {
    let is_part = |part: &str| (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-') && !part.contains('_');
    host.len() <= LONGEST && host.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        let at = text.find("KEY").expect("the text has a key");
        named(text.as_bytes(), Span::new(at, at + 3), &[".openai.azure.com".to_owned()])
    }

    #[test]
    fn the_nearest_host_comes_first_and_each_once() {
        let text = "https://far.openai.azure.com/\n\n\nhttps://near.OpenAI.azure.com KEY https://near.openai.azure.com/x";
        assert_eq!(hosts(text), ["near.openai.azure.com", "far.openai.azure.com"]);
    }

    #[test]
    fn hosts_that_only_look_so_are_none() {
        for text in [
            "KEY a.openai.azure.com.evil.example",
            "KEY .openai.azure.com",
            "KEY a.openai.azure.community",
            "KEY -a.openai.azure.com",
            "KEY a..openai.azure.com",
        ] {
            assert_eq!(hosts(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(hosts("KEY: see evil.example@a.openai.azure.com."), ["a.openai.azure.com"]);
    }
}
