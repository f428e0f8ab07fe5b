//! Scoring: from a match to a candidate, or to the reason why it is none.
//!
//! A key that identifies itself needs only to be no placeholder. For all others evidence decides: the text around the token is read once
//! ([`place`]), the providers' words in it are found ([`words`]) and weighed ([`model`]), and the provider with the most evidence wins if it is
//! clear of the second. Nothing here looks at other matches, and nothing can fail.

mod attribute;
mod beside;
mod camel;
mod chance;
pub mod column;
mod credential;
mod decision;
mod drawn;
mod flow;
mod formless;
mod generic;
mod journal;
mod layout;
pub mod lex;
mod makings;
pub mod model;
pub mod name;
mod owner;
mod page;
pub mod partners;
pub mod pattern;
pub mod place;
pub mod reading;
mod sentence;
mod stand_in;
mod structure;
mod syntax;
pub mod unescape;
mod unlikely;
pub mod value;
pub mod words;

use std::cell::LazyCell;
use std::sync::OnceLock;

pub use decision::least;
pub use drawn::is_surely_drawn;
use jiff::civil::Date;
pub use page::{Page, ProviderSet};

use crate::finding::{Candidate, Evidence, Layer};
use crate::rule::{ContextNeed, Provider, Rule, RuleSet, announce_structure};
use crate::span::Span;
use attribute::{Sought, Surroundings};
use makings::Fit;
use unlikely::{is_look_alike, is_named_otherwise, is_piece_of_base64, is_revision, unlikely_place, wraps_text};
pub use words::WordList;
use words::Words;

/// Judges matches. One for a run; shared by its threads.
#[derive(Debug)]
pub struct Scorer {
    rules: RuleSet,
    today: Date,
    words: OnceLock<Words>,
}

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Where the token stands in its page.
    pub token: Span,
    /// The key; other than the token's text if the layer is not raw.
    pub value: &'a [u8],
    /// The rules whose shape the key has; empty if it only looks random. What the first is all are: with a prefix, structured, or one that identifies itself.
    pub rules: &'a [&'static Rule],
    /// How the key is written.
    pub layer: Layer,
}

impl Subject<'_> {
    /// Whether it announces a structured secret.
    fn is_structured(&self) -> bool {
        announce_structure(self.rules)
    }
}

/// What came out, and why. The evidence is there for what is quiet too.
#[derive(Debug)]
pub struct Judgement {
    /// The candidate, if it is one.
    pub candidate: Option<Candidate>,
    /// Why it is none, in words.
    pub quiet: Option<&'static str>,
    /// The providers that were considered, with their evidence and points, best first.
    pub considered: Vec<Considered>,
    /// What speaks for a credential at all.
    pub credential: Option<Evidence>,
    /// Points of the shape.
    pub shape_points: i32,
}

/// A provider that was considered.
#[derive(Clone, Debug)]
pub struct Considered {
    /// Which.
    pub provider: &'static Provider,
    /// Points by which it passes or not.
    pub points: i32,
    /// Points by which it is told from the others.
    pub rank: i32,
    /// What speaks for it, strongest first.
    pub evidence: Vec<Evidence>,
}

impl Judgement {
    fn quiet(why: &'static str) -> Self {
        Self { candidate: None, quiet: Some(why), considered: Vec::new(), credential: None, shape_points: 0 }
    }

    /// The judgement of a candidate that no sum of points decides about.
    pub fn of(candidate: Candidate) -> Self {
        Self { candidate: Some(candidate), quiet: None, considered: Vec::new(), credential: None, shape_points: model::HIGH }
    }

    /// Gives the candidate up, if there is one, for another one has its place.
    pub fn lose(&mut self) {
        if self.candidate.take().is_some() {
            self.quiet = Some("another reading of the same place is more likely");
        }
    }
}

/// How many bytes before a token, and behind it, [`Scorer::doubt`] looks at, at most; on the token's own line it may look further.
pub const LOCAL_BEFORE: usize = 96;
/// See [`LOCAL_BEFORE`].
pub const LOCAL_AFTER: usize = 32;
/// Bytes at the beginning of a text in which a cell of separated values leaves a doubt: the header on the first line may name it.
pub const ROWS: usize = column::REACH;

/// A public beginning of so many bytes is met by hardly anything else.
const LONG_PUBLIC: usize = 4;

/// What a token and the bytes right around it leave in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Whether one of these providers is named near it ([`Scorer::is_any_named_near`]), for otherwise it is none, whatever the path; and then anything.
    Named(ProviderSet),
    /// Anything.
    Any,
}

/// What a token and the bytes right around it say.
struct Local {
    /// The rules that are left.
    rules: Vec<&'static Rule>,
    /// What each of them has and the value has not.
    lacks: Option<Evidence>,
    /// Whether it is none if no provider is named near it.
    needs_names: bool,
    identifies_itself: bool,
}

/// Why a token is no key of its shape.
enum Refusal {
    /// It is something else, or stands where no key does. Its name may make it a secret all the same.
    Other(&'static str),
    /// It is no key of this shape, and no name before it makes it another secret.
    Unfit(&'static str),
}

impl From<&'static str> for Refusal {
    fn from(why: &'static str) -> Self {
        Self::Other(why)
    }
}

impl Local {
    /// Reads them, or says why the token is none. The tests are ordered by their cost: most matches end at one of the cheap ones.
    fn read(page: &Page<'_>, subject: &Subject<'_>) -> Result<Self, Refusal> {
        const NAMED_OTHERWISE: &str = "its name is that of a digest or an identifier";
        if is_look_alike(subject.value) && (is_named_otherwise(page.text, subject) || is_revision(page.text, subject)) {
            return Err(NAMED_OTHERWISE.into());
        }
        // What the first rule is in this all are.
        let is_told = subject.rules.first().is_some_and(|rule| rule.context == ContextNeed::Helpful);
        if !is_told && let Some(why) = unlikely_place(page, subject) {
            return Err(why.into());
        }
        // For most tokens something else decides, and then it is asked elsewhere.
        let may_be_generic = LazyCell::new(|| structure::may_be_named(page.text, subject));
        let first = makings::first(subject.rules, subject.value);
        if first.is_none() && !*may_be_generic {
            return Err(Refusal::Unfit("too little entropy, or a kind of character is missing that each such key has"));
        }
        let identifies_itself = first.is_some() && is_told;
        let has_prefix = first.is_some_and(|rule| rule.shape.has_prefix());
        if is_told
            && !identifies_itself
            && let Some(why) = unlikely_place(page, subject)
        {
            return Err(why.into());
        }
        let n_public = first.map_or(0, |rule| rule.shape.n_public(subject.value));
        if identifies_itself && is_piece_of_base64(page.text, subject, n_public) {
            return Err("it is a piece of base64".into());
        }
        if !identifies_itself && !has_prefix && is_named_otherwise(page.text, subject) {
            return Err(NAMED_OTHERWISE.into());
        }
        let body = &subject.value[n_public..];
        // Asked first, for it costs least.
        if !identifies_itself && !has_prefix && !is_look_alike(body) && wraps_text(subject.value) {
            return Err("it is base64 of data with text in it".into());
        }
        // Behind a literal that identifies them draws may look like words by chance.
        let is_drawn = identifies_itself && n_public >= LONG_PUBLIC && chance::is_drawn(body);
        if !is_look_alike(body) && !is_drawn && (camel::is_identifier(body) || value::is_made_of_words(body)) {
            return Err("it is made of words".into());
        }
        if !identifies_itself && !has_prefix && !is_look_alike(body) && chance::is_code(body) {
            return Err("it is made of words".into());
        }
        let needs_names = !identifies_itself && !has_prefix && !*may_be_generic;
        // Hardly any token comes so far, so that only now all rules are asked that it may be a key of.
        let Fit { rules, lacks } = makings::fit(subject.rules, subject.value);
        Ok(Self { rules, lacks, needs_names, identifies_itself })
    }

    /// Why the token is a placeholder, if it is one. What all keys of a kind begin with may well be one letter again and again.
    fn placeholder(&self, subject: &Subject<'_>) -> Option<&'static str> {
        let n_public = self.rules.first().map_or(0, |rule| rule.shape.n_public(subject.value));
        value::placeholder_behind(subject.value, n_public)
    }
}

impl Scorer {
    /// A scorer for `rules`; what expired before `today` is said to be.
    pub fn new(rules: RuleSet, today: Date) -> Self {
        Self { rules, today, words: OnceLock::new() }
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::new(&self.rules.providers))
    }

    /// What the token, and the text right around it, leave in doubt, if they do: only then more of the text is read to judge it.
    pub fn doubt(&self, page: &Page<'_>, subject: &Subject<'_>) -> Option<Doubt> {
        if subject.is_structured() {
            return structure::is_in_doubt(page, subject).then_some(Doubt::Any);
        }
        let local = (!subject.rules.is_empty()).then(|| Local::read(page, subject));
        let local = match local {
            Some(Ok(local)) => local,
            Some(Err(Refusal::Other(_))) => return may_be_named(page, subject).then_some(Doubt::Any),
            Some(Err(Refusal::Unfit(_))) | None => return (may_be_named(page, subject) || self.may_be_formless(page, subject)).then_some(Doubt::Any),
        };
        if local.placeholder(subject).is_some() {
            return None;
        }
        let is_as_meant = unescape::behind_mark(page.text, subject.token).is_none();
        let is_settled_by_names = local.needs_names && is_look_alike(subject.token.of(page.text)) && is_as_meant;
        Some(if is_settled_by_names { Doubt::Named(self.providers_of(&local.rules)) } else { Doubt::Any })
    }

    /// The same of a token whose shape says nothing: only its name may make it a secret.
    pub fn doubt_by_name(&self, page: &Page<'_>, subject: &Subject<'_>) -> Option<Doubt> {
        may_be_named(page, subject).then_some(Doubt::Any)
    }

    /// The words that are known of a text. `copies` are parts of it that another text has too, in order, each with where that one has it; `known` are that
    /// one's words.
    pub fn handed_on(&self, known: &WordList, copies: impl Iterator<Item = (Span, usize)>) -> WordList {
        known.handed_on(self.words().longest, copies)
    }

    /// Looks for the words that a judgement of `token` asks for, so that they are known of the page.
    pub fn look_for_words(&self, page: &Page<'_>, token: Span) {
        [near(token), Span::new(0, NEAR)].into_iter().for_each(|range| page.look_for_words(self.words(), range));
    }

    /// Judges one match.
    pub fn judge(&self, page: &Page<'_>, subject: &Subject<'_>) -> Judgement {
        if subject.is_structured() {
            return structure::judge(self, page, subject);
        }
        if subject.rules.is_empty() {
            return self.named_or_formless(page, subject, "no known shape, and no secret-like name before it");
        }
        if self.is_known_to_be_unnamed(page, subject) && !structure::may_be_named(page.text, subject) && !self.may_be_formless(page, subject) {
            return Judgement::quiet(UNNAMED);
        }
        let local = match Local::read(page, subject) {
            Ok(local) => local,
            Err(Refusal::Other(why)) => return self.named(page, subject, why),
            Err(Refusal::Unfit(why)) => {
                return match page.unlikely_file() {
                    Some(why) => Judgement::quiet(why),
                    None => self.or_formless(page, subject, Judgement::quiet(why)),
                };
            }
        };
        let providers = self.providers_of(&local.rules);
        if local.needs_names && !self.is_any_named_near(page, subject.token, &providers) && !self.is_any_named_as_meant(page, subject.token, &providers) {
            return self.or_formless(page, subject, Judgement::quiet(UNNAMED));
        }
        if let Some(why) = local.placeholder(subject) {
            return Judgement::quiet(why);
        }
        // What a prefix tells is reported with all that stands around it, whoever is named there.
        let is_told = local.identifies_itself || local.rules.iter().any(|rule| rule.shape.has_prefix());
        let sought = if is_told { Sought::All } else { Sought::OfWanted };
        let surroundings = self.surroundings(page, subject.token, &providers, sought);
        if local.identifies_itself {
            self.identified(page, subject, &local, &surroundings)
        } else {
            self.attributed(page, subject, &local.rules, &surroundings)
        }
    }

    /// Judges a token whose shape says nothing, as that of base64.
    pub fn judge_by_name(&self, page: &Page<'_>, subject: &Subject<'_>) -> Judgement {
        self.named(page, subject, "it is base64 of a text, and no secret-like name assigns it")
    }

    /// The judgement of a token that is no provider's key, by its name; `why` it is none.
    fn named(&self, page: &Page<'_>, subject: &Subject<'_>, why: &'static str) -> Judgement {
        match page.unlikely_file() {
            Some(why) => Judgement::quiet(why),
            None => structure::judge_token(self, page, subject, why),
        }
    }

    /// The same of one that may be a key without a shape, unless its name says that it is something else.
    fn named_or_formless(&self, page: &Page<'_>, subject: &Subject<'_>, why: &'static str) -> Judgement {
        match self.named(page, subject, why) {
            judged if structure::is_refused_by_name(&judged) => judged,
            judged => self.or_formless(page, subject, judged),
        }
    }

    /// The providers of these rules.
    fn providers_of(&self, rules: &[&'static Rule]) -> ProviderSet {
        let mut providers = ProviderSet::default();
        rules.iter().filter_map(|rule| self.words().index_of(rule.provider)).for_each(|provider| providers.insert(provider));
        providers
    }

    /// The surroundings of a token, in the plain reading of its text if that is escaped, as far as they concern `providers`.
    fn surroundings(&self, page: &Page<'_>, token: Span, providers: &ProviderSet, sought: Sought) -> Surroundings {
        read_plainly(page, token, |page, token| attribute::read(self.words(), page, token, providers, sought))
    }

    /// The same, if they make the token a credential, by so many points at `least`.
    fn surroundings_of_credential(&self, page: &Page<'_>, token: Span, providers: &ProviderSet, least: i32) -> Option<Surroundings> {
        read_plainly(page, token, |page, token| attribute::read_of_credential(self.words(), page, token, providers, least))
    }

    /// Whether one of these providers is named in the token's part of the page or in its path: a cheap test before the dear reading.
    pub fn is_any_named_near(&self, page: &Page<'_>, token: Span, wanted: &ProviderSet) -> bool {
        let words = self.words();
        let (near, head) = (near(token), Span::new(0, NEAR));
        let is_near = || page.names_any(words, near, wanted) || page.names_any_shortly(words, Span::new(token.start.saturating_sub(120), token.start), wanted);
        page.may_name_any(words, near, wanted) && is_near()
            || page.may_name_any(words, head, wanted) && page.names_any(words, head, wanted)
            || beside::glued_name(page.text, token).is_some_and(|name| words.find_alone(page.text, name).iter().any(|hit| wanted.contains(hit.provider)))
            // A path alone is never enough for what looks like a digest.
            || !(page.is_anywhere() && is_look_alike(token.of(page.text))) && page.path_hits(words).iter().any(|&(provider, _)| wanted.contains(provider))
    }

    /// Whether other tokens have told already that no provider is named near this one of those whose keys have its shape and nothing of their own: a table of
    /// random texts is full of such tokens, and then it is no matter what each looks like.
    fn is_known_to_be_unnamed(&self, page: &Page<'_>, subject: &Subject<'_>) -> bool {
        let range = near(subject.token);
        let is_unnamed = |rule: &&'static Rule| {
            let needs_names = rule.context != ContextNeed::Helpful && !rule.shape.has_prefix();
            let lacks = |provider| page.is_known_to_lack(range, provider) && page.is_known_to_lack(Span::new(0, NEAR), provider);
            let is_in_path = |provider| page.path_hits(self.words()).iter().any(|&(named, _)| named == provider);
            needs_names && self.words().index_of(rule.provider).is_some_and(|provider| lacks(provider) && !is_in_path(provider))
        };
        page.has_glances()
            && subject.layer == Layer::Raw
            && subject.rules.iter().all(is_unnamed)
            && beside::glued_name(page.text, subject.token).is_none()
            && unescape::behind_mark(page.text, subject.token).is_none()
    }

    /// The same in the plain reading of the text, where what stands right before the token shows that there is another one.
    fn is_any_named_as_meant(&self, page: &Page<'_>, token: Span, wanted: &ProviderSet) -> bool {
        unescape::behind_mark(page.text, token).is_some_and(|writing| {
            let (plain, token) = page.plain(token, writing);
            self.is_any_named_near(&plain.page(page.path), token, wanted)
        })
    }
}

/// Why a token is no key whose shape says too little.
const UNNAMED: &str = "no provider of keys of this shape is named near it";

/// How many bytes around a token, and at the beginning of its blob, are its part of the page.
const NEAR: usize = 4096;

fn near(token: Span) -> Span {
    Span::new(token.start.saturating_sub(NEAR), token.end + NEAR)
}

/// Whether a token's name, and what stands right around it, may make it a secret.
fn may_be_named(page: &Page<'_>, subject: &Subject<'_>) -> bool {
    subject.layer == Layer::Raw && structure::is_token_in_doubt(page.text, subject)
}

/// Reads what stands around a token in the plain reading of the text, where what stands right before it shows that there is one.
fn read_plainly<T>(page: &Page<'_>, token: Span, read: impl FnOnce(&Page<'_>, Span) -> T) -> T {
    match unescape::writing(page.text, token) {
        Some(writing) => {
            let (plain, token) = page.plain(token, writing);
            read(&plain.page(page.path), token)
        }
        None => read(page, token),
    }
}
