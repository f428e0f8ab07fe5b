//! What an answer tells about an accepted key: the places that the rule shows and nothing else, bounded and made safe to print.

use serde_json::Value;

use super::echo::Echo;
use super::{Reply, json, models};
use crate::rule::confirm::Confirm;
use crate::secret::Secret;
use crate::text::is_hostile;
use crate::verdict::{Confirmation, Fact};

/// Characters of a value that are shown.
const LONGEST: usize = 100;
/// Elements of a list that are shown.
const N_SHOWN: usize = 10;

/// The facts that `confirm` shows of an answer, sorted by name.
pub fn of(confirm: &Confirm, reply: &Reply, json: &Value) -> Vec<Fact> {
    let facts = confirm.show.iter().filter_map(|(name, place)| {
        let value = match place.strip_prefix("header ") {
            Some(header) => {
                shown(name, &reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.clone()).collect::<Vec<_>>())
            }
            None if name == "models" => models(reply, json, place),
            None => shown(name, &json::at(json, place).into_iter().filter_map(text_of).collect::<Vec<_>>()),
        };
        value.map(|value| Fact { name: name.clone(), value })
    });
    facts.collect()
}

/// Removes every fact whose name or value repeats a part of the key, alone or read together with its neighbors: whatever [`Echo`] finds.
pub fn keep_secret(confirmation: &mut Confirmation, secret: &Secret) {
    let echo = Echo::of(secret);
    let facts = &mut confirmation.facts;
    facts.retain(|fact| !echo.is_in(&fact.name) && !echo.is_in(&fact.value));
    // What goes brings others together.
    loop {
        let n_before = facts.len();
        let lines: Vec<&str> = facts.iter().flat_map(|fact| [fact.name.as_str(), &fact.value]).collect();
        let in_lines = echo.across(&lines);
        let in_names = echo.across(&facts.iter().map(|fact| fact.name.as_str()).collect::<Vec<_>>());
        let in_values = echo.across(&facts.iter().map(|fact| fact.value.as_str()).collect::<Vec<_>>());
        let mut at = 0;
        facts.retain(|_| {
            at += 1;
            !(in_lines[2 * at - 2] || in_lines[2 * at - 1] || in_names[at - 1] || in_values[at - 1])
        });
        if facts.len() == n_before {
            return;
        }
    }
}

/// Texts, numbers and truth values; a list or an object is no fact.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn shown(name: &str, values: &[String]) -> Option<String> {
    if name == "balance" {
        return balance(values).map(str::to_owned);
    }
    let mut distinct: Vec<String> = Vec::new();
    for value in values.iter().map(|value| clean(value)).filter(|value| !value.is_empty()) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    let n_more = distinct.len().saturating_sub(N_SHOWN);
    distinct.truncate(N_SHOWN);
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    (!distinct.is_empty()).then(|| distinct.join(", ") + &more)
}

/// The class of a balance: how much there is, is nobody's business.
fn balance(values: &[String]) -> Option<&'static str> {
    let has_some = |value: &String| match value.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        number => number.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number > 0.0),
    };
    let known: Vec<bool> = values.iter().filter_map(has_some).collect();
    (!known.is_empty()).then(|| if known.contains(&true) { "some" } else { "none" })
}

fn models(reply: &Reply, json: &Value, place: &str) -> Option<String> {
    let models = models::of(json).unwrap_or_else(|| models::of_names(json::at(json, place)));
    (models.n > 0).then(|| format!("{}{}", if reply.is_cut { "at least " } else { "" }, models.text()))
}

/// `text` as one bounded line without anything that a terminal interprets or hides.
pub fn clean(text: &str) -> String {
    let without_escapes = without_escapes(text);
    let mut line: String = without_escapes.trim().chars().filter(|c| !is_hostile(*c)).take(LONGEST + 1).collect();
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST - 3).chain("...".chars()).collect();
    }
    line
}

/// The text without terminal sequences: from the escape character to the letter that ends it, with what they carry.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => _ = chars.find(|c| ('\u{40}'..='\u{7e}').contains(c)),
                Some(']' | 'P' | 'X' | '^' | '_') => _ = chars.find(|c| matches!(c, '\u{7}' | '\u{9c}' | '\\')),
                _ => {}
            },
            '\u{9b}' => _ = chars.find(|c| ('\u{40}'..='\u{7e}').contains(c)),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn facts(show: &[(&str, &str)], headers: &[(&str, &str)], body: &Value) -> Vec<(String, String)> {
        let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        let confirm = Confirm { show: owned(show).into_iter().collect::<BTreeMap<_, _>>(), ..Confirm::default() };
        let reply = Reply { headers: owned(headers), ..Reply::default() };
        of(&confirm, &reply, body).into_iter().map(|fact| (fact.name, fact.value)).collect()
    }

    fn one(name: &str, place: &str, body: &Value) -> Option<String> {
        facts(&[(name, place)], &[], body).pop().map(|(_, value)| value)
    }

    #[test]
    fn only_the_places_of_the_rule_are_shown() {
        let body =
            serde_json::json!({"name": "ci", "email": "a@b.example", "n": 3, "on": true, "orgs": [{"name": "x"}, {"name": "y"}, {"name": "x"}], "none": null});
        let shown = facts(
            &[("name", "/name"), ("n", "/n"), ("on", "/on"), ("orgs", "/orgs/*/name"), ("none", "/none"), ("gone", "/gone"), ("list", "/orgs")],
            &[],
            &body,
        );
        let expected = [("n", "3"), ("name", "ci"), ("on", "true"), ("orgs", "x, y")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(shown, expected);
    }

    #[test]
    fn headers_are_shown_by_name() {
        let shown = facts(&[("organization", "header OpenAI-Organization"), ("gone", "header x")], &[("openai-organization", "org\u{1b}[31m-1")], &Value::Null);
        assert_eq!(shown, [("organization".to_owned(), "org-1".to_owned())]);
    }

    #[test]
    fn values_are_bounded_and_printable() {
        let ids: Vec<String> = (0..13).map(|i| format!("s{i}")).collect();
        assert_eq!(one("scopes", "/*", &serde_json::json!(ids)).as_deref(), Some("s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 3 more"));
        let long = one("name", "/0", &serde_json::json!(["é".repeat(500)])).expect("a text is shown");
        assert_eq!((long.chars().count(), long.ends_with("...")), (LONGEST, true));
        for (raw, shown) in [
            ("a\u{1b}[2Jb", "ab"),
            ("a\u{1b}]8;;https://evil.example\u{7}b", "ab"),
            ("a\r\nb\tc\0", "abc"),
            ("\u{202e}abc\u{200b}", "abc"),
            ("\u{9b}31mx", "x"),
            ("\u{1b}", ""),
        ] {
            assert_eq!(clean(raw), shown);
        }
    }

    #[test]
    fn of_a_balance_only_the_class_is_shown() {
        for (value, class) in [
            (serde_json::json!([12.5]), Some("some")),
            (serde_json::json!(["0.00", "3"]), Some("some")),
            (serde_json::json!(["0.00", "-1"]), Some("none")),
            (serde_json::json!([true]), Some("some")),
            (serde_json::json!([false]), Some("none")),
            (serde_json::json!([null]), None),
            (serde_json::json!(["plenty", "NaN"]), None),
        ] {
            assert_eq!(one("balance", "/*", &value).as_deref(), class, "{value}");
        }
    }

    #[test]
    fn a_fact_that_repeats_the_key_is_dropped() {
        let secret = Secret::new(b"tok-3fA9kQ7zLm2XwP");
        let fact = |value: &str| Fact { name: "name".to_owned(), value: value.to_owned() };
        let kept = ["ci", "3fA9...2XwP", "a1b2c3d4e5f6"];
        let dropped = ["tok-3fA9kQ7zLm2XwP", "key 3fa9kq7z", "3 f A 9 k Q 7 z", "x 7zLm2XwP y", "tok_3fA9k"];
        let mut confirmation = Confirmation { facts: kept.iter().chain(&dropped).map(|value| fact(value)).collect(), ..Confirmation::default() };
        keep_secret(&mut confirmation, &secret);
        assert_eq!(confirmation.facts, kept.map(fact));
    }

    #[test]
    fn a_key_that_is_spread_over_facts_is_dropped() {
        let key = "tok-3fA9kQ7zLm2XwP";
        let spread = |pairs: &[(&str, &str)]| {
            let facts = pairs.iter().map(|(name, value)| Fact { name: (*name).to_owned(), value: (*value).to_owned() }).collect();
            let mut confirmation = Confirmation { facts, ..Confirmation::default() };
            keep_secret(&mut confirmation, &Secret::new(key.as_bytes()));
            confirmation.facts.into_iter().map(|fact| fact.value).collect::<Vec<_>>()
        };
        assert_eq!(spread(&[("", "a"), ("", &key[4..11]), ("", &key[11..]), ("", "b")]), ["a", "b"]);
        assert_eq!(spread(&[("x-3fa9kq7zlm2xwp", "59"), ("limit", "60")]), ["60"], "a name");
        assert_eq!(spread(&[("tok-3fA9", "kQ7zLm2"), ("plan", "1")]), ["1"], "a name and its value");
        assert_eq!(spread(&[("3fA9", "1"), ("kQ7z", "2"), ("plan", "3")]), ["3"], "names");
        assert_eq!(spread(&[("a", "3fA9"), ("b", "3fA9kQ7zLm"), ("c", "kQ7z")]), [] as [&str; 0], "what is left when one is gone");
    }
}
