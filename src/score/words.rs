//! The providers' words in a text: names, hosts, packages, constructors, model ids, found by one table.
//!
//! The table is built when a run first meets a token that needs context; it is used only on the text near such tokens, never on whole
//! trees. What it finds is checked against the rules for word boundaries here, so that `coherent` is no `cohere` and `VITE_MISTRAL_KEY` is
//! `mistral`.

mod list;
mod starts;
mod table;

use std::sync::OnceLock;

use super::chance;
use crate::case::is_hump;
use crate::literals::AnyOf;
use crate::rule::{GENERIC, Provider};
use crate::span::Span;
pub use list::WordList;
use table::Table;

/// What kind of word it is; the meaning of each is in `docs/rules.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the kinds are the lists of docs/rules.md")]
pub enum Kind {
    Name,
    CommonName,
    Host,
    Import,
    Constructor,
    Model,
    Collision,
}

/// A word found in a text.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Where.
    pub span: Span,
    /// Whose word; an index into [`Words::providers`].
    pub provider: usize,
    /// What kind.
    pub kind: Kind,
}

/// All providers' words.
#[derive(Debug)]
pub struct Words {
    /// The providers.
    pub providers: Vec<&'static Provider>,
    table: Table,
    /// For each pattern, what it means.
    meanings: Vec<Vec<(usize, Kind, &'static str)>>,
    /// Bytes of the longest pattern.
    pub longest: usize,
    /// The providers' addresses with their indexes, sorted: each token without a prefix asks for some.
    addresses: Vec<(usize, usize)>,
    /// For each provider what tells at a glance that a text has none of its words. Made when it is first asked for.
    glances: Vec<OnceLock<AnyOf>>,
}

impl Words {
    /// The words of `providers`.
    pub fn new(providers: &[&'static Provider]) -> Self {
        let mut patterns: Vec<String> = Vec::new();
        let mut meanings: Vec<Vec<(usize, Kind, &'static str)>> = Vec::new();
        let mut index = std::collections::HashMap::new();
        for (i, provider) in providers.iter().enumerate().filter(|(_, provider)| provider.id != GENERIC) {
            for (kind, word) in words_of(provider) {
                for pattern in spellings(word, kind) {
                    let at = *index.entry(pattern.clone()).or_insert_with(|| {
                        patterns.push(pattern);
                        meanings.push(Vec::new());
                        meanings.len() - 1
                    });
                    if !meanings[at].iter().any(|&(p, k, _)| (p, k) == (i, kind)) {
                        meanings[at].push((i, kind, word));
                    }
                }
            }
        }
        let longest = patterns.iter().map(String::len).max().unwrap_or(0);
        let mut addresses: Vec<(usize, usize)> = providers.iter().enumerate().map(|(i, provider)| (address(provider), i)).collect();
        addresses.sort_unstable();
        let glances = providers.iter().map(|_| OnceLock::new()).collect();
        Self { glances, providers: providers.to_vec(), table: Table::new(patterns), meanings, longest, addresses }
    }

    /// All words of `text[range]`, in order of their ends, with boundaries checked in the whole text.
    pub fn find(&self, text: &[u8], range: Span) -> Vec<Hit> {
        // `deepinfra/mistralai/Mixtral-8x7B`: behind a slash, or as the owner in a model's path, a name is part of a model id.
        let as_model = |kind, span| if matches!(kind, Kind::Name | Kind::CommonName | Kind::Import) && is_model_path(text, span) { Kind::Model } else { kind };
        self.find_as(text, range, as_model)
    }

    /// All words of a name that is read as if it stood alone.
    pub fn find_alone(&self, text: &[u8], name: Span) -> Vec<Hit> {
        let hits = self.find(name.of(text), Span::new(0, name.len()));
        hits.into_iter().map(|hit| Hit { span: hit.span.shifted(name.start), ..hit }).collect()
    }

    /// All words of a blob's path, where slashes stand between folders.
    pub fn find_in_path(&self, path: &[u8]) -> Vec<Hit> {
        self.find_as(path, Span::new(0, path.len()), |kind, _| kind)
    }

    fn find_as(&self, text: &[u8], range: Span, kind_of: impl Fn(Kind, Span) -> Kind) -> Vec<Hit> {
        let mut hits = Vec::new();
        // What is glued to a word is found by that word, which may stand before the range.
        let from = range.start.saturating_sub(starts::LONGEST_HEAD);
        self.table.find(Span::new(from, range.end.max(from)).of(text), |start, end, pattern| {
            let span = Span::new(start, end).shifted(from);
            if span.start < range.start {
                return;
            }
            for &(provider, kind, word) in &self.meanings[pattern] {
                if is_whole(text, span, kind, word) {
                    hits.push(Hit { span, provider, kind: kind_of(kind, span) });
                }
            }
        });
        hits.sort_by_key(|hit| (hit.span.end, hit.span.start));
        hits
    }

    /// Whether words of `provider` can begin in `range` of `text`, at a glance, which does not look at boundaries: no other search is needed where they cannot.
    pub fn may_begin_in(&self, text: &[u8], range: Span, provider: usize) -> bool {
        let spelled = |provider| words_of(provider).flat_map(|(kind, word)| spellings(word, kind));
        let glance = self.glances[provider].get_or_init(|| AnyOf::new(&spelled(self.providers[provider]).collect::<Vec<_>>()));
        let part = Span::new(range.start.min(text.len()), text.len().min(range.end + self.longest));
        glance.is_in(part.of(text))
    }

    /// The index of `provider`.
    pub fn index_of(&self, provider: &'static Provider) -> Option<usize> {
        let at = self.addresses.binary_search_by_key(&address(provider), |&(address, _)| address).ok()?;
        Some(self.addresses[at].1)
    }

    /// The provider whose constructor is exactly `callee`, or ends with it after a dot or `::`.
    pub fn constructs(&self, callee: &[u8]) -> bool {
        self.find(callee, Span::new(0, callee.len())).iter().any(|hit| hit.kind == Kind::Constructor && hit.span.end == callee.len())
    }
}

fn address(provider: &'static Provider) -> usize {
    std::ptr::from_ref(provider).addr()
}

/// All words of a provider.
fn words_of(provider: &'static Provider) -> impl Iterator<Item = (Kind, &'static str)> {
    let context = &provider.context;
    let lists = [
        (Kind::Name, context.names),
        (Kind::CommonName, context.common_names),
        (Kind::Host, context.hosts),
        (Kind::Import, context.imports),
        (Kind::Constructor, context.constructors),
        (Kind::Model, context.models),
        (Kind::Collision, context.collisions),
    ];
    lists.into_iter().flat_map(|(kind, list)| list.iter().map(move |word| (kind, *word)))
}

/// The ways to write `word`: a dash in a name stands for any separator or none.
fn spellings(word: &str, kind: Kind) -> Vec<String> {
    let word = word.to_ascii_lowercase();
    if !matches!(kind, Kind::Name | Kind::CommonName) || !word.contains('-') {
        return vec![word];
    }
    ["-", "_", " ", ".", ""].iter().map(|separator| word.replace('-', separator)).collect()
}

/// What may follow a name in one piece: `mistralai`, `coherekey`.
const TAILS: [&str; 21] = [
    "ai", "api", "key", "token", "secret", "client", "sdk", "chat", "llm", "embed", "cloud", "service", "provider", "cred", "auth", "pass", "bot", "org", "hq",
    "apps", "access",
];

fn is_whole(text: &[u8], span: Span, kind: Kind, word: &str) -> bool {
    let before = span.start.checked_sub(1).map_or(b' ', |i| text[i]);
    let after = text.get(span.end).copied().unwrap_or(b' ');
    match kind {
        Kind::Host => {
            let left = word.starts_with('.') || !(before.is_ascii_alphanumeric() || before == b'-');
            let goes_on = after == b'.' && text.get(span.end + 1).is_some_and(u8::is_ascii_alphanumeric);
            left && !after.is_ascii_alphanumeric() && after != b'-' && !goes_on
        }
        Kind::Constructor => {
            let is_identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let is_used = matches!(after, b'(' | b'{' | b'.' | b':' | b'<') || span.end == text.len();
            span.of(text) == word.as_bytes() && !is_identifier(before) && is_used
        }
        Kind::Import => [before, after].iter().all(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_'),
        Kind::Model => !before.is_ascii_alphanumeric(),
        Kind::Collision => true,
        Kind::Name => begins_word(text, span, kind) && ends_word(text, span, kind) && !is_in_draw(text, span),
        Kind::CommonName => begins_word(text, span, kind) && ends_word(text, span, kind) && !is_in_token(text, span),
    }
}

/// Whether a short word stands in what may be an identifier or a key: `44CF95…`.
fn is_in_token(text: &[u8], span: Span) -> bool {
    const SHORT: usize = 3;
    span.len() <= SHORT && run_around(text, span).is_some_and(|run| run.of(text).iter().any(u8::is_ascii_digit))
}

/// Whether a short name stands in a draw by chance: `…biOvhFhyy…`.
fn is_in_draw(text: &[u8], span: Span) -> bool {
    const SHORT: usize = 4;
    span.len() <= SHORT && run_around(text, span).is_some_and(|run| run.start < span.start && chance::is_drawn(run.of(text)))
}

/// The letters and digits around a word, as far as they are looked at, if they are many.
fn run_around(text: &[u8], span: Span) -> Option<Span> {
    const LONG: usize = 12;
    let goes_on = |byte: &&u8| byte.is_ascii_alphanumeric();
    let before = text[..span.start].iter().rev().take_while(goes_on).take(LONG).count();
    let after = text[span.end..].iter().take_while(goes_on).take(LONG).count();
    (before + after >= LONG).then(|| Span::new(span.start - before, span.end + after))
}

fn is_model_path(text: &[u8], span: Span) -> bool {
    let is_behind_slash = span.start >= 2 && text[span.start - 1] == b'/' && (text[span.start - 2].is_ascii_alphanumeric() || text[span.start - 2] == b'-');
    let rest = &text[span.end..text.len().min(span.end + 3)];
    let is_owner =
        rest.eq_ignore_ascii_case(b"ai/") || rest.starts_with(b"/") && span.of(text).to_ascii_lowercase().ends_with(b"ai") && !span.of(text).contains(&b'-');
    is_behind_slash || is_owner
}

fn begins_word(text: &[u8], span: Span, kind: Kind) -> bool {
    match text[..span.start].last() {
        Some(byte) if byte.is_ascii_alphanumeric() => is_hump(text, span.start) || kind == Kind::Name && starts::is_behind_head(text, span.start),
        _ => true,
    }
}

fn ends_word(text: &[u8], span: Span, kind: Kind) -> bool {
    let (last, rest) = (text[span.end - 1], &text[span.end..]);
    match rest.first() {
        Some(byte) if byte.is_ascii_alphabetic() => {
            let is_hump = byte.is_ascii_uppercase() && !last.is_ascii_uppercase();
            let is_acronym_end = byte.is_ascii_uppercase() && rest.get(1).is_some_and(u8::is_ascii_lowercase) && kind == Kind::Name;
            let tail = |tail: &&str| rest.len() >= tail.len() && rest[..tail.len()].eq_ignore_ascii_case(tail.as_bytes());
            is_hump || is_acronym_end || TAILS.iter().any(tail) && (kind == Kind::Name || span.len() >= 4)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::draw::{ALNUM, Draws};

    fn finds(text: &str, provider: &str, kind: Kind) -> bool {
        let words = Words::new(&RuleSet::built_in().providers);
        let hits = words.find(text.as_bytes(), Span::new(0, text.len()));
        hits.iter().any(|hit| words.providers[hit.provider].id == provider && hit.kind == kind)
    }

    #[test]
    fn names_are_found_in_every_case_style() {
        for text in
            ["MISTRAL_API_KEY", "VITE_MISTRAL_KEY", "mistralApiKey", "MistralAiKey", "mistralai", "mymistralkey", "my mistral key", "langchain4j.mistral-ai"]
        {
            assert!(finds(text, "mistral", Kind::Name), "{text}");
        }
    }

    #[test]
    fn other_words_that_hold_a_name_are_not_it() {
        for text in ["coherent", "COHERENCE_KEY", "incoherence"] {
            assert!(!finds(text, "cohere", Kind::Name) && !finds(text, "cohere", Kind::CommonName), "{text}");
        }
    }

    #[test]
    fn a_short_word_inside_an_identifier_is_none() {
        assert!(finds("CF_TOKEN2", "cloudflare", Kind::CommonName) && finds("my_cf", "cloudflare", Kind::CommonName));
        assert!(!finds("9944CF9590006BF25", "cloudflare", Kind::CommonName));
    }

    #[test]
    fn a_short_name_in_a_draw_is_none() {
        let is_found = |seed: u64| {
            let mut draws = Draws::new(seed);
            let (before, after) = (draws.text(20, ALNUM), draws.text(20, ALNUM));
            finds(&format!("{before}iOvhF{after}"), "ovh", Kind::Name)
        };
        assert!((1..100).filter(|seed| is_found(*seed)).count() < 3);
        for text in ["getOvhApplicationSecretOfCustomer", "the_ovhApplicationSecret2", "new OvhClient(\"", "x=ovh"] {
            assert!(finds(text, "ovh", Kind::Name), "{text}");
        }
    }

    #[test]
    fn hosts_are_whole_or_suffixes() {
        assert!(finds("https://api.mistral.ai/v1", "mistral", Kind::Host));
        assert!(!finds("https://api.mistral.ai.evil.test/v1", "mistral", Kind::Host));
        assert!(!finds("https://myapi.mistral.ai/v1", "mistral", Kind::Host));
    }

    #[test]
    fn constructors_are_whole_identifiers() {
        assert!(finds("new MistralClient(", "mistral", Kind::Constructor));
        assert!(!finds("MistralClientFactory(", "mistral", Kind::Constructor));
        assert!(!finds("Mistral-7B", "mistral", Kind::Constructor));
        assert!(!finds("mistralclient(", "mistral", Kind::Constructor));
    }
}
