//! A text under judgement, with what is found out about it only once: its words by chunks, and its plain reading where it is escaped.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::generic;
use super::unescape::{Unescaped, Writing};
use super::words::{Hit, Kind, WordList, Words};
use crate::number::bits;
use crate::span::Span;

/// A text and its blob's path. Judged without a path, it gives at least the findings that it gives with any. Words are searched chunk by chunk, when a token near them asks.
#[derive(Debug)]
pub struct Page<'a> {
    /// The text.
    pub text: &'a [u8],
    /// The blob's path; empty if it is not known.
    pub path: &'a str,
    chunks: Rc<[OnceCell<Chunk>]>,
    /// The words that are known already.
    known: Option<&'a RefCell<WordList>>,
    path_hits: OnceCell<Vec<(usize, Kind)>>,
    unlikely_file: OnceCell<Option<&'static str>>,
    glances: RefCell<Glances>,
    has_allowances: OnceCell<bool>,
    /// The last plain reading.
    plain: RefCell<Option<Plain>>,
}

/// A plain reading of a part of a page.
#[derive(Clone, Debug)]
pub struct Plain {
    covered: Span,
    writing: Writing,
    text: Rc<Unescaped>,
    chunks: Rc<[OnceCell<Chunk>]>,
}

impl Plain {
    /// The reading as a page, for a blob of this path. Its words are looked for once, however many tokens are read in it.
    pub fn page<'a>(&'a self, path: &'a str) -> Page<'a> {
        Page::of(&self.text.text, path, Rc::clone(&self.chunks))
    }
}

/// The words that begin in a piece of the text, and whose they are, one bit for each provider.
#[derive(Debug)]
struct Chunk {
    hits: Vec<Hit>,
    providers: ProviderSet,
}

/// What a glance at a chunk has told of a provider.
#[derive(Clone, Copy, Debug)]
struct Glanced {
    provider: usize,
    chunk: usize,
    may_be_named: bool,
}

/// The last glances. The tokens of a chunk, and of those beside it, ask for much the same.
#[derive(Debug, Default)]
struct Glances(Vec<Option<Glanced>>);

impl Glances {
    /// Whether a glance at the chunk has told that the provider has no word there, and it is remembered.
    fn is_known_to_lack(&self, provider: usize, chunk: usize) -> bool {
        let told = self.0.get((provider * N_NEAR + chunk) % N_REMEMBERED).copied().flatten();
        told.is_some_and(|glanced| (glanced.provider, glanced.chunk) == (provider, chunk) && !glanced.may_be_named)
    }

    /// What was told, or what `look` tells now.
    fn remembered(&mut self, provider: usize, chunk: usize, look: impl FnOnce() -> bool) -> bool {
        if self.0.is_empty() {
            self.0.resize(N_REMEMBERED, None);
        }
        // Each has one place, and gives it up to the next one.
        let place = &mut self.0[(provider * N_NEAR + chunk) % N_REMEMBERED];
        match place {
            Some(glanced) if (glanced.provider, glanced.chunk) == (provider, chunk) => glanced.may_be_named,
            _ => place.insert(Glanced { provider, chunk, may_be_named: look() }).may_be_named,
        }
    }
}

/// A set of providers by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSet(Vec<u64>);

impl ProviderSet {
    /// Adds a provider.
    pub fn insert(&mut self, provider: usize) {
        if self.0.len() <= provider / 64 {
            self.0.resize(provider / 64 + 1, 0);
        }
        self.0[provider / 64] |= 1 << (provider % 64);
    }

    /// Whether a provider is in the set.
    pub fn contains(&self, provider: usize) -> bool {
        self.0.get(provider / 64).is_some_and(|bits| bits >> (provider % 64) & 1 == 1)
    }

    /// The providers, in order.
    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(i, set)| bits(*set).map(move |bit| 64 * i + bit))
    }

    fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether the two sets share a provider.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

/// Whether a word is an ordinary one of so few letters that it turns up by chance.
fn is_short(hit: &Hit) -> bool {
    hit.kind == Kind::CommonName && hit.span.len() < 4
}

/// What a comment of keysift begins with that allows a finding.
pub const ALLOWANCE: &[u8] = b"keysift:allow";
const CHUNK: usize = 4096;
/// For more providers one search for all words is cheaper than a glance for each.
const MOST_GLANCES: usize = 4;
/// Glances that are remembered, and chunks of one provider whose places do not meet.
const N_REMEMBERED: usize = 64;
const N_NEAR: usize = 5;
/// The plain reading covers the block of this size that holds the token, and as much on each side.
const PLAIN_BLOCK: usize = 8192;

impl<'a> Page<'a> {
    /// A page of `text`.
    pub fn new(text: &'a [u8], path: &'a str) -> Self {
        Self::of(text, path, chunks(text))
    }

    /// A page of `text` that is not asked for words: one for [`super::Scorer::doubt`].
    pub fn without_words(text: &'a [u8]) -> Self {
        Self::of(text, "", Rc::default())
    }

    fn of(text: &'a [u8], path: &'a str, chunks: Rc<[OnceCell<Chunk>]>) -> Self {
        Self {
            text,
            path,
            chunks,
            known: None,
            path_hits: OnceCell::new(),
            unlikely_file: OnceCell::new(),
            glances: RefCell::default(),
            has_allowances: OnceCell::new(),
            plain: RefCell::new(None),
        }
    }

    /// A page of `text`, of whose words `words` are known; what is looked up is added to them.
    pub fn with_words(text: &'a [u8], path: &'a str, words: &'a RefCell<WordList>) -> Self {
        Self { known: Some(words), ..Self::new(text, path) }
    }

    /// The words of `range`, and of the rest of the chunks that it touches.
    pub fn hits(&self, words: &Words, range: Span) -> Vec<Hit> {
        self.chunks_of(words, range).flat_map(|chunk| chunk.hits.iter().copied()).collect()
    }

    /// Whether one of `providers` may have a word in the chunks that `range` touches: where they are not known yet, a glance at the text may save the search.
    pub fn may_name_any(&self, words: &Words, range: Span, providers: &ProviderSet) -> bool {
        let (first, last) = self.chunks_at(range);
        let is_known = || self.chunks[first..last].iter().all(|chunk| chunk.get().is_some());
        let glance = |provider: usize, chunk: usize| words.may_begin_in(self.text, Span::new(chunk * CHUNK, (chunk + 1) * CHUNK), provider);
        let may_be_named = |provider: usize| {
            let mut glances = self.glances.borrow_mut();
            (first..last).any(|chunk| glances.remembered(provider, chunk, || glance(provider, chunk)))
        };
        providers.len() > MOST_GLANCES || is_known() || providers.iter().any(may_be_named)
    }

    /// Whether any glance was made.
    pub fn has_glances(&self) -> bool {
        !self.glances.borrow().0.is_empty()
    }

    /// Whether glances have told already that `provider` has no word in the chunks that `range` touches.
    pub fn is_known_to_lack(&self, range: Span, provider: usize) -> bool {
        let (first, last) = self.chunks_at(range);
        let glances = self.glances.borrow();
        (first..last).all(|chunk| glances.is_known_to_lack(provider, chunk))
    }

    /// Whether one of `providers` has a word in the chunks that `range` touches, or in the path.
    pub fn names_any(&self, words: &Words, range: Span, providers: &ProviderSet) -> bool {
        self.chunks_of(words, range).any(|chunk| chunk.providers.meets(providers))
    }

    /// Whether one of `providers` has a short ordinary word in `range`.
    pub fn names_any_shortly(&self, words: &Words, range: Span, providers: &ProviderSet) -> bool {
        self.chunks_of(words, range).flat_map(|chunk| &chunk.hits).any(|hit| is_short(hit) && range.contains(hit.span) && providers.contains(hit.provider))
    }

    /// Looks for the words of the chunks that `range` touches.
    pub fn look_for_words(&self, words: &Words, range: Span) {
        self.chunks_of(words, range).for_each(drop);
    }

    /// The first of the chunks that `range` touches, and the one behind the last.
    fn chunks_at(&self, range: Span) -> (usize, usize) {
        let last = range.end.min(self.text.len()).div_ceil(CHUNK);
        ((range.start / CHUNK).min(last), last)
    }

    fn chunks_of(&self, words: &Words, range: Span) -> impl Iterator<Item = &Chunk> {
        let (first, last) = self.chunks_at(range);
        (first..last).map(move |i| {
            self.chunks[i].get_or_init(|| {
                // A word belongs to the chunk in which it begins.
                let range = Span::new(i * CHUNK, (i + 1) * CHUNK);
                let hits = self.known.map_or_else(|| words.beginning_in(self.text, range), |known| known.borrow_mut().beginning_in(words, self.text, range));
                let mut providers = ProviderSet::default();
                // Short ordinary words (`cf`, `exa`) turn up in any random text; they count only right before a token.
                hits.iter().filter(|hit| !is_short(hit)).for_each(|hit| providers.insert(hit.provider));
                Chunk { hits, providers }
            })
        })
    }

    /// Whether a comment of keysift's own stands anywhere in the text (`keysift:allow`). Nearly no text has one.
    pub fn has_allowances(&self) -> bool {
        *self.has_allowances.get_or_init(|| memchr::memmem::find(self.text, ALLOWANCE).is_some())
    }

    /// Whether the path is not known, so that it may be any.
    pub fn is_anywhere(&self) -> bool {
        self.path.is_empty()
    }

    /// Why the blob holds no keys that do not identify themselves, if its path tells that: each token asks.
    pub fn unlikely_file(&self) -> Option<&'static str> {
        *self.unlikely_file.get_or_init(|| generic::unlikely_file(self.path))
    }

    /// The words of the path. One that is not known may name any provider.
    pub fn path_hits(&self, words: &Words) -> &[(usize, Kind)] {
        self.path_hits.get_or_init(|| {
            if self.is_anywhere() {
                return (0..words.providers.len()).map(|provider| (provider, Kind::Name)).collect();
            }
            let mut found: Vec<(usize, Kind)> = words.find_in_path(self.path.as_bytes()).iter().map(|hit| (hit.provider, hit.kind)).collect();
            found.sort_unstable();
            found.dedup();
            found
        })
    }

    /// The plain reading around `token` of what is written so, and where the token stands in it.
    pub fn plain(&self, token: Span, writing: Writing) -> (Plain, Span) {
        let mut last = self.plain.borrow_mut();
        let wanted = Span::new(token.start.saturating_sub(PLAIN_BLOCK / 2), self.text.len().min(token.end + PLAIN_BLOCK / 2));
        let plain = match last.take().filter(|plain| plain.writing == writing && plain.covered.contains(wanted)) {
            Some(plain) => plain,
            None => {
                let block = token.start / PLAIN_BLOCK * PLAIN_BLOCK;
                let covered = Span::new(block.saturating_sub(PLAIN_BLOCK), self.text.len().min(block.max(token.end) + 2 * PLAIN_BLOCK));
                let text = Unescaped::new(covered.of(self.text), writing);
                Plain { covered, writing, chunks: chunks(&text.text), text: Rc::new(text) }
            }
        };
        *last = Some(plain.clone());
        let token = plain.text.locate(token.back(plain.covered.start));
        (plain, token)
    }
}

/// Room for the words of `text`.
fn chunks(text: &[u8]) -> Rc<[OnceCell<Chunk>]> {
    (0..text.len().div_ceil(CHUNK)).map(|_| OnceCell::new()).collect()
}
