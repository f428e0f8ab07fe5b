//! Whose a token is by the nearest name that says so: its own, that of the container around it, or the comment above it. The nearest one decides: in
//! `datadog: { MAILGUN_KEY: … }` the key is Mailgun's. What only stands near speaks little for a provider if such a name is another one's.

use super::lex;
use super::name::{self, Sense};
use super::place::{Place, Zone};
use super::words::{Hit, Kind, Words};
use crate::span::{Span, line_above, line_around};

/// Clients of these providers are used for other providers' hosts; their names do not speak against a key of another.
const COMPATIBLE: [&str; 5] = ["openai", "anthropic", "litellm", "portkey", "helicone"];

/// Longer texts are no names of containers.
const LONGEST_NAME: usize = 60;
/// Longer lines are no comments about the next one, and so many of them are read.
const LONGEST_COMMENT: usize = 200;
const MOST_COMMENTS: usize = 3;

/// Whose a token is, as far as a name says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// No name says it.
    Unknown,
    /// A service that is no provider here, or a purpose that is none's.
    Foreign,
    /// One of these providers, by index.
    Providers(Vec<usize>),
}

impl Owner {
    /// Reads whose the token is. `named` are the providers that its own name holds, `hits` all words around it.
    pub(super) fn read(words: &Words, text: &[u8], token: Span, place: &Place, hits: &[Hit], named: Vec<usize>, sense: Sense) -> Self {
        let by_provider = |mut providers: Vec<usize>| {
            providers.retain(|&provider| !is_compatible(words, provider));
            (!providers.is_empty()).then_some(Self::Providers(providers))
        };
        let foreign = |is_foreign: bool| is_foreign.then_some(Self::Foreign);
        let container = place.zone(Zone::Enclosing).next().filter(|name| place.name.is_some() && name.len() < LONGEST_NAME);
        let comment = comment_above(text, token);
        by_provider(named)
            .or_else(|| foreign(sense.is_foreign))
            .or_else(|| by_provider(names_in(text, hits, container?)))
            .or_else(|| foreign(name::sense(container?.of(text)).is_foreign))
            .or_else(|| by_provider(names_in(text, hits, comment?)))
            .or_else(|| foreign(name::names_a_service(comment?.of(text))))
            .unwrap_or(Self::Unknown)
    }

    /// Whether a name says that the token is not this provider's.
    pub(super) fn is_another(&self, provider: usize) -> bool {
        match self {
            Self::Unknown => false,
            Self::Foreign => true,
            Self::Providers(providers) => !providers.contains(&provider),
        }
    }
}

/// Whether the clients of a provider are used for other providers' hosts.
pub(super) fn is_compatible(words: &Words, provider: usize) -> bool {
    COMPATIBLE.contains(&words.providers[provider].id)
}

/// The providers that `name` names. An ordinary word does only if it is all of it: `render:` is Render's, `render_page:` is not.
fn names_in(text: &[u8], hits: &[Hit], name: Span) -> Vec<usize> {
    let is_all = |word: Span| {
        let rest = [&text[name.start..word.start], &text[word.end..name.end]].concat();
        !rest.iter().any(u8::is_ascii_alphanumeric)
    };
    let inside = hits.iter().filter(|hit| name.contains(hit.span));
    let names = inside.filter(|hit| matches!(hit.kind, Kind::Name | Kind::Host) || hit.kind == Kind::CommonName && is_all(hit.span));
    names.map(|hit| hit.provider).collect()
}

/// The comment on the lines right above the token's.
pub(super) fn comment_above(text: &[u8], token: Span) -> Option<Span> {
    let mut top = line_around(text, token.start);
    let mut comment: Option<Span> = None;
    for _ in 0..MOST_COMMENTS {
        let Some(above) = line_above(text, top.start) else { break };
        top = above;
        if !lex::is_comment_line(top.of(text)) || top.len() >= LONGEST_COMMENT {
            break;
        }
        comment = Some(Span::new(top.start, comment.map_or(top.end, |below| below.end)));
    }
    comment
}
