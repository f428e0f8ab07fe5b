//! Whether a value has what the keys of a rule have: entropy, and kinds of characters.
//!
//! A key that was drawn hardly ever lacks a kind that others have. What lacks one is nobody's key, unless a literal in it tells whose it would be: then it is one
//! that somebody made up for a test, or of a kind that is not known yet, and is told as that with the doubt.

use std::cell::OnceCell;

use super::unlikely::is_look_alike;
use super::{camel, chance, value};
use crate::finding::{Evidence, LACKING_CASE, LACKING_DIGITS};
use crate::rule::shape::class;
use crate::rule::{ContextNeed, Rule};

/// The least literal, at the beginning or inside, by which a key is told that lacks a kind of character. One that a separator ends may be a byte shorter.
const LEAST_LITERAL: usize = 4;
/// The shortest body of such a key.
const LEAST_BODY: usize = 16;
/// From this length on fewer than one drawn text in a thousand has no digits.
const LONG_BODY: usize = 40;
/// Points against a key that lacks the letters of a case, which no draw does.
const NO_CASE: i32 = -200;
/// Points against one that lacks digits: of short ones some do.
const NO_DIGITS: i32 = -20;

/// The rules whose keys a value may be, and what it lacks that each of these has.
pub(super) struct Fit {
    pub rules: Vec<&'static Rule>,
    pub lacks: Option<Evidence>,
}

/// The first of the rules that [`fit`] gives, which is asked of many more values than all of them.
pub(super) fn first(rules: &[&'static Rule], value: &[u8]) -> Option<&'static Rule> {
    let mut asked = Asked::new(value);
    rules.iter().copied().find(|rule| asked.fits(rule)).or_else(|| lacking_ones(rules, value).next().map(|(rule, _)| rule))
}

/// The rules of `rules` that `value`, which has their shape, fits.
pub(super) fn fit(rules: &[&'static Rule], value: &[u8]) -> Fit {
    let mut asked = Asked::new(value);
    let fitting: Vec<&'static Rule> = rules.iter().copied().filter(|rule| asked.fits(rule)).collect();
    if !fitting.is_empty() {
        return Fit { rules: fitting, lacks: None };
    }
    let (rules, lacks): (Vec<_>, Vec<_>) = lacking_ones(rules, value).unzip();
    Fit { rules, lacks: lacks.into_iter().next() }
}

/// The rules that `value` fits but for what it lacks, each with that.
fn lacking_ones(rules: &[&'static Rule], value: &[u8]) -> impl Iterator<Item = (&'static Rule, Evidence)> {
    // Of rules of one shape all identify themselves or none does.
    let rules = if rules.first().is_some_and(|rule| rule.context == ContextNeed::Helpful) { rules } else { &[] };
    rules.iter().filter_map(move |rule| Some((*rule, lacks_of(rule, value)?)))
}

/// A value of which several rules are asked one by one.
struct Asked<'a> {
    value: &'a [u8],
    /// The public beginnings of the last rule, and how much of the value they are: rules of one shape stand together.
    last: Option<(&'static [&'static [u8]], usize)>,
    known: Option<Makings<'a>>,
}

impl<'a> Asked<'a> {
    const fn new(value: &'a [u8]) -> Self {
        Self { value, last: None, known: None }
    }

    /// Whether it has what the keys of `rule` have.
    fn fits(&mut self, rule: &'static Rule) -> bool {
        let n_public = self.last.filter(|(public, _)| std::ptr::eq(*public, rule.shape.public)).map_or_else(|| rule.shape.n_public(self.value), |(_, n)| n);
        self.last = Some((rule.shape.public, n_public));
        let makings = self.known.take().filter(|makings| makings.n_public == n_public).unwrap_or_else(|| Makings::new(self.value, n_public));
        let makings = self.known.insert(makings);
        makings.are_enough(rule) || makings.lack_digits_by_chance(rule)
    }
}

/// What `value` lacks of a key of `rule` that it would be, if its beginning tells that and the rest is drawn.
fn lacks_of(rule: &Rule, value: &[u8]) -> Option<Evidence> {
    if rule.context != ContextNeed::Helpful {
        return None;
    }
    let (public, body) = value.split_at(rule.shape.n_public(value));
    let inside = value.get(rule.shape.n_lead..).unwrap_or_default();
    let mut literals = rule.shape.prefixes.iter().copied().filter(|literal| inside.starts_with(literal)).chain([public]);
    let is_long = |literal: &[u8]| literal.len() >= LEAST_LITERAL - usize::from(literal.last().is_some_and(|last| !last.is_ascii_alphanumeric()));
    // A digest behind a few letters is the name of a file or of a build.
    if body.len() < LEAST_BODY || is_look_alike(body) || !literals.any(is_long) {
        return None;
    }
    let lacking = lacking(rule, value::classes(body));
    let is_drawn = value::entropy(body) >= rule.min_entropy.min(value::random_floor(body.len(), 16)) && chance::is_drawn(body) && !chance::may_be_words(body);
    let (kind, weight, what) = match () {
        () if !is_drawn => return None,
        () if lacking & class::UPPER != 0 => (LACKING_CASE, NO_CASE, "capital letters"),
        () if lacking & class::LOWER != 0 => (LACKING_CASE, NO_CASE, "small letters"),
        () if lacking & class::DIGIT != 0 => (LACKING_DIGITS, NO_DIGITS, "digits"),
        () => return None,
    };
    Some(lacked(kind, weight, what))
}

/// What `value`, a draw, lacks of a key of `rule`, whose shape it has, if that is the letters of one case and nothing else.
pub(super) fn lacks_a_case(rule: &Rule, value: &[u8]) -> Option<Evidence> {
    let body = &value[rule.shape.n_public(value)..];
    let is_random = value::entropy(body) >= rule.min_entropy.min(value::random_floor(body.len(), 16));
    match lacking(rule, value::classes(body)) {
        _ if body.len() < LEAST_BODY || !is_random => None,
        class::UPPER => Some(lacked(LACKING_CASE, NO_CASE, "capital letters")),
        class::LOWER => Some(lacked(LACKING_CASE, NO_CASE, "small letters")),
        _ => None,
    }
}

/// The evidence that a key lacks something.
fn lacked(kind: &'static str, weight: i32, what: &str) -> Evidence {
    Evidence { kind, weight, text: format!("it lacks {what}, which nearly every such key has") }
}

/// The kinds of characters that each key of `rule` has and one with these `classes` has not.
fn lacking(rule: &Rule, classes: u8) -> u8 {
    [class::UPPER, class::LOWER, class::DIGIT].into_iter().filter(|kind| rule.require & kind != 0 && classes & kind == 0).fold(0, |all, kind| all | kind)
}

/// What the characters of a value behind its public prefix are. Most rules that are asked about have the same one, or none, so that each is found out once.
struct Makings<'a> {
    n_public: usize,
    body: &'a [u8],
    classes: u8,
    entropy: OnceCell<f32>,
    is_drawn: OnceCell<bool>,
}

impl<'a> Makings<'a> {
    fn new(value: &'a [u8], n_public: usize) -> Self {
        let body = &value[n_public..];
        Self { n_public, body, classes: value::classes(body), entropy: OnceCell::new(), is_drawn: OnceCell::new() }
    }

    /// Whether there are the entropy and the kinds of characters that each key of `rule` has.
    fn are_enough(&self, rule: &Rule) -> bool {
        lacking(rule, self.classes) == 0 && self.have_entropy(rule)
    }

    /// Whether there is all but digits of a key of `rule` that other things have to tell: of drawn texts of both cases, 6 in 100 of 16 characters have none.
    fn lack_digits_by_chance(&self, rule: &Rule) -> bool {
        let has_letters = rule.require & class::UPPER != 0 && rule.require & class::LOWER != 0;
        rule.context == ContextNeed::Required
            && has_letters
            && self.body.len() < LONG_BODY
            && lacking(rule, self.classes) == class::DIGIT
            && self.have_entropy(rule)
            && *self.is_drawn.get_or_init(|| !self.is_identifier() && chance::is_drawn(self.body))
    }

    /// Whether it is an identifier, which is no key anyway: most that lacks digits is that, and this is told sooner than that nobody drew it.
    fn is_identifier(&self) -> bool {
        !is_look_alike(self.body) && camel::is_identifier(self.body)
    }

    fn have_entropy(&self, rule: &Rule) -> bool {
        *self.entropy.get_or_init(|| value::entropy(self.body)) >= rule.min_entropy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::draw::{ALNUM, Draws, HEX, LOWER};

    /// What a key of the rule lacks that ends in `body`, if it is one.
    fn told(rule: &str, body: &str) -> Option<Option<&'static str>> {
        let rule = RuleSet::built_in().get(rule).expect("it is built in");
        let public = rule.shape.public.first().map_or("", |public| std::str::from_utf8(public).expect("keys are ASCII"));
        let Fit { rules, lacks } = fit(&[rule], format!("{public}{body}").as_bytes());
        (!rules.is_empty()).then(|| lacks.map(|piece| piece.kind))
    }

    #[test]
    fn a_drawn_key_behind_its_beginning_may_lack_a_case() {
        for seed in 1..50 {
            let mut draws = Draws::new(seed);
            assert_eq!(told("npm-access-token", &draws.text(36, LOWER)), Some(Some(LACKING_CASE)));
            assert_eq!(told("npm-access-token", &draws.text(36, LOWER).to_ascii_uppercase()), Some(Some(LACKING_CASE)));
            assert_eq!(told("huggingface-user-token", &draws.text(34, &LOWER[10..])), Some(Some(LACKING_CASE)));
        }
    }

    #[test]
    fn the_first_rule_is_the_first_of_all_that_fit() {
        let rules = RuleSet::built_in().rules;
        for len in [16, 32, 36, 40, 64] {
            for alphabet in [ALNUM, HEX, LOWER, b"ab"] {
                let value = Draws::new(1).text(len, alphabet);
                let plain: Vec<&'static Rule> = rules.iter().copied().filter(|rule| rule.shape.match_at(value.as_bytes(), 0) == Some(len)).collect();
                for from in 0..plain.len() {
                    let (first, all) = (first(&plain[from..], value.as_bytes()), fit(&plain[from..], value.as_bytes()).rules);
                    assert_eq!(first.map(|rule| rule.id), all.first().map(|rule| rule.id), "{value}");
                }
            }
        }
        for seed in 1..20 {
            let key = format!("npm_{}", Draws::new(seed).text(36, LOWER));
            let rule = RuleSet::built_in().get("npm-access-token").expect("it is built in");
            assert!(first(&[rule], key.as_bytes()).is_some() && fit(&[rule], key.as_bytes()).lacks.is_some());
        }
    }

    #[test]
    fn words_are_no_keys_behind_any_beginning() {
        for body in [
            "this_is_a_test_key_do_not_use_it_now",
            "my-package-registry-authentication-x",
            "aaaabbbbccccddddeeeeffffgggghhhhiiii",
            "averylongvariablenameoftheregistryis",
            "donaudampfschifffahrtsgesellschaften",
        ] {
            assert_eq!(told("npm-access-token", body), None, "{body}");
        }
    }

    #[test]
    fn a_digest_is_no_key_behind_any_beginning() {
        assert_eq!(told("npm-access-token", &Draws::new(1).text(36, HEX)), None);
    }

    #[test]
    fn nothing_of_it_holds_without_a_beginning() {
        for seed in 1..50 {
            assert_eq!(told("mistral-api-key", &Draws::new(seed).text(32, LOWER)), None);
        }
    }

    #[test]
    fn a_short_key_that_its_context_tells_may_lack_digits() {
        let letters = &ALNUM[10..];
        let n_told = (1..200).filter(|&seed| told("linkedin-client-secret", &Draws::new(seed).text(16, letters)).is_some()).count();
        assert!(n_told > 190, "{n_told}");
        assert_eq!(told("linkedin-client-secret", "LinkedInClientId"), None);
    }
}
