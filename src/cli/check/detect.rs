//! Whose key it is: what its form says, what the name says it was assigned to, or what the user says.

use crate::rule::shape::class;
use crate::rule::{ContextNeed, GENERIC, Provider, Rule, RuleSet};
use crate::score::value;
use crate::secret::Secret;

/// What is known about whose key it is.
pub enum Detected {
    /// One provider's.
    One(Found),
    /// One of these providers'.
    Several(Vec<&'static Provider>),
    /// No rule fits.
    Nobody {
        /// What it looks like, if it looks like something: sentence fragments.
        remarks: Vec<String>,
    },
}

/// A key and whose it is.
pub struct Found {
    /// The key.
    pub secret: Secret,
    /// The rule by which its provider is asked.
    pub rule: &'static Rule,
    /// How that is known.
    pub how: How,
    /// What is odd about its form: sentence fragments.
    pub remarks: Vec<String>,
}

/// How it is known whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The key's form tells.
    Shape,
    /// The name tells under which it was given, and its form fits.
    Name,
    /// The user says so.
    Option,
}

impl How {
    /// The word used in JSON.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Name => "name",
            Self::Option => "option",
        }
    }
}

impl Detected {
    /// What is to be said about the key's form.
    pub fn remarks(&self) -> Vec<String> {
        match self {
            Self::One(found) => found.remarks.clone(),
            Self::Several(_) => Vec::new(),
            Self::Nobody { remarks } => remarks.clone(),
        }
    }
}

/// Finds out whose `key` is. `name` is the variable it was in, and `provider` what the user says.
pub fn detect(rules: &RuleSet, key: &[u8], name: Option<&str>, provider: Option<&str>) -> Detected {
    let found = |rule, how, remarks| Detected::One(Found { secret: Secret::new(key), rule, how, remarks });
    let fitting: Vec<&'static Rule> =
        rules.rules.iter().copied().filter(|rule| rule.provider.id != GENERIC && rule.is_sought_by_shape() && fits(rule, key)).collect();
    if let Some(id) = provider {
        if let Some(rule) = best(fitting.iter().copied().filter(|rule| rule.provider.id == id), key) {
            return found(rule, How::Option, Vec::new());
        }
        let of_provider = || rules.rules.iter().copied().filter(|rule| rule.provider.id == id);
        let near = of_provider().max_by_key(|rule| (rule.shape.n_public(key), rule.confirm().is_some_and(|confirm| confirm.because_not.is_none())));
        return match near {
            Some(rule) => found(rule, How::Option, vec![unlike(rule, key)]),
            None => Detected::Nobody { remarks: vec!["keysift has no rule for keys of this provider".to_owned()] },
        };
    }
    if let Some(rule) = best(fitting.iter().copied().filter(|rule| rule.context == ContextNeed::Helpful), key) {
        return found(rule, How::Shape, Vec::new());
    }
    if let Some(rule) = truncated(rules, key) {
        return Detected::Nobody { remarks: vec![unlike(rule, key)] };
    }
    let mut providers: Vec<&'static Provider> = Vec::new();
    for rule in &fitting {
        if providers.iter().all(|known| known.id != rule.provider.id) {
            providers.push(rule.provider);
        }
    }
    let named: Vec<&Provider> = providers.iter().copied().filter(|provider| name.is_some_and(|name| is_named(provider, name))).collect();
    let (chosen, how) = match (named.as_slice(), providers.as_slice()) {
        ([one], _) => (one.id, How::Name),
        (_, [one]) => (one.id, How::Shape),
        (_, []) => return Detected::Nobody { remarks: Vec::new() },
        _ => return Detected::Several(providers),
    };
    let rule = best(fitting.into_iter().filter(|rule| rule.provider.id == chosen), key).expect("the provider was taken from these rules");
    found(rule, how, Vec::new())
}

/// Whether `key` is all that the rule's shape describes, with the characters that its keys have.
fn fits(rule: &Rule, key: &[u8]) -> bool {
    if rule.shape.match_at(key, 0) != Some(key.len()) {
        return false;
    }
    let hidden = &key[rule.shape.n_public(key)..];
    let classes = value::classes(hidden);
    let has = |needed: u8| rule.require & needed == 0 || classes & needed != 0;
    has(class::UPPER) && has(class::LOWER) && has(class::DIGIT) && value::entropy(hidden) >= rule.min_entropy
}

/// The rule that says most: one whose keys identify themselves, then the one with the longest public beginning.
fn best(rules: impl Iterator<Item = &'static Rule>, key: &[u8]) -> Option<&'static Rule> {
    let rank = |rule: &&'static Rule| (rule.context == ContextNeed::Helpful, rule.shape.n_public(key), std::cmp::Reverse(rule.id));
    rules.max_by_key(rank)
}

/// The rule whose keys begin as `key` does, if that beginning identifies them; `key` itself has another form.
fn truncated(rules: &RuleSet, key: &[u8]) -> Option<&'static Rule> {
    const SHORTEST_BEGINNING: usize = 4;
    let helpful = rules.rules.iter().copied().filter(|rule| rule.context == ContextNeed::Helpful);
    helpful.filter(|rule| rule.shape.n_public(key) >= SHORTEST_BEGINNING).max_by_key(|rule| rule.shape.n_public(key))
}

/// How `key` differs from the keys of `rule`: a sentence fragment.
fn unlike(rule: &Rule, key: &[u8]) -> String {
    let (shortest, longest) = (shortest(rule), rule.shape.max_len);
    let length = if shortest == longest { format!("{longest}") } else { format!("{shortest} to {longest}") };
    let (name, n) = (rule.name, key.len());
    match n {
        _ if n < shortest => format!("it is too short for a key of the kind `{name}`: it has {n} characters, and those have {length}. Was it cut off?"),
        _ if n > longest => {
            format!("it is too long for a key of the kind `{name}`: it has {n} characters, and those have {length}. Was something pasted along?")
        }
        _ => format!("it has the length of a key of the kind `{name}`, but not its form. Was it copied exactly?"),
    }
}

fn shortest(rule: &Rule) -> usize {
    let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(rule.shape.pattern);
    hir.ok().and_then(|hir| hir.properties().minimum_len()).unwrap_or(0)
}

/// Whether the variable's name is the provider's: one of those its clients read, or one that has a name of the provider in it.
fn is_named(provider: &Provider, name: &str) -> bool {
    let words = |text: &str| text.to_ascii_lowercase().replace(['-', '.'], "_");
    let name = format!("_{}_", words(name));
    provider.env.iter().chain(provider.context.names).any(|known| name.contains(&format!("_{}_", words(known))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::Draws;

    fn key(rule: &str) -> String {
        let rule = RuleSet::built_in().get(rule).expect("it is built in");
        Draws::new(7).shape(rule.shape.pattern)
    }

    fn id(key: &str, name: Option<&str>, provider: Option<&str>) -> Result<(&'static str, How), Vec<&'static str>> {
        match detect(&RuleSet::built_in(), key.as_bytes(), name, provider) {
            Detected::One(found) => Ok((found.rule.provider.id, found.how)),
            Detected::Several(providers) => Err(providers.iter().map(|provider| provider.id).collect()),
            Detected::Nobody { .. } => Err(Vec::new()),
        }
    }

    fn remarks(key: &str, provider: Option<&str>) -> String {
        detect(&RuleSet::built_in(), key.as_bytes(), None, provider).remarks().join("\n")
    }

    #[test]
    fn a_key_that_identifies_itself_needs_nothing_else() {
        for (rule, provider) in [("openai-api-key", "openai"), ("anthropic-api-key", "anthropic"), ("groq-api-key", "groq")] {
            assert_eq!(id(&key(rule), None, None), Ok((provider, How::Shape)));
        }
    }

    #[test]
    fn a_key_without_a_prefix_is_one_of_several_until_its_name_says_more() {
        let key = key("mistral-api-key");
        assert!(id(&key, None, None).is_err_and(|candidates| candidates.len() > 1 && candidates.contains(&"mistral")));
        assert_eq!(id(&key, Some("MISTRAL_API_KEY"), None), Ok(("mistral", How::Name)));
        assert_eq!(id(&key, Some("PROD_CODESTRAL_KEY"), None), Ok(("mistral", How::Name)));
        assert!(id(&key, Some("API_KEY"), None).is_err());
        assert_eq!(id(&key, Some("OPENAI_API_KEY"), Some("mistral")), Ok(("mistral", How::Option)));
    }

    #[test]
    fn a_key_that_was_cut_off_is_said_to_be() {
        let key = key("anthropic-api-key");
        assert!(id(&key[..60], None, None).is_err());
        assert!(remarks(&key[..60], None).contains("too short"), "{}", remarks(&key[..60], None));
        assert!(remarks(&format!("{key}{key}"), Some("anthropic")).contains("too long"));
        assert!(remarks("abc", Some("mistral")).contains("it has 3 characters, and those have 32"));
        assert_eq!(remarks(&key, None), "");
    }
}
