//! Whether a token is a credential at all: what its name, its header, its call, its column and its line say.

use super::flow::is_whole_word;
use super::place::{Place, Zone};
use super::sentence::quote;
use super::words::{Hit, Kind, Words};
use super::{beside, column, is_look_alike, model, name};
use crate::finding::Evidence;
use crate::span::{Span, line_above, line_around};

/// Why the token is a credential, if anything says so.
pub(super) fn credential(words: &Words, text: &[u8], token: Span, place: &Place, hits: &[Hit], is_imported: bool, sense: name::Sense) -> Option<Evidence> {
    let evidence = |kind, weight, text| Some(Evidence { kind, weight, text });
    let left = &text[line_around(text, token.start).start.max(token.start.saturating_sub(160))..token.start];
    let tail = left.trim_ascii_end();
    let ends_with_scheme = [b"bearer".as_slice(), b"authorization:", b"token", b"authorization: key", b"x-api-key:", b" login"].iter().any(|scheme| {
        let left = if left.ends_with(b" ") { tail } else { b"" };
        left.len() >= scheme.len() && left[left.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    });
    if ends_with_scheme || logs_in(left) || is_user(text, token) {
        return evidence("sent-as-credential", model::SENT_AS_CREDENTIAL, "sent as a credential".to_owned());
    }
    if sense.is_credential {
        let name = place.name.map(|name| quote(name.of(text))).unwrap_or_default();
        return evidence("credential-name", model::NAMED_CREDENTIAL, format!("{name} names a credential"));
    }
    if let Some(callee) = place.zone(Zone::Callee).find(|callee| is_imported || words.constructs(callee.of(text))) {
        return evidence("passed-to-client", model::PASSED_TO_CLIENT, format!("passed to {}", quote(callee.of(text))));
    }
    if place.zone(Zone::Callee).any(|callee| names_client(callee.of(text)) && hits.iter().any(|hit| hit.kind == Kind::Name && callee.contains(hit.span))) {
        return evidence("passed-to-client", model::PASSED_TO_CLIENT, "passed to a client that is named after the provider".to_owned());
    }
    if place.zone(Zone::Own).any(|own| name::speaks_of_credential(own.of(text))) {
        return evidence("sent-as-credential", model::SENT_AS_CREDENTIAL, "its own text speaks of a credential".to_owned());
    }
    let flow: Vec<Span> = place.zone(Zone::Flow).collect();
    let constructs = |span: &Span| hits.iter().any(|hit| hit.kind == Kind::Constructor && hit.span.end == span.end && span.contains(hit.span));
    if flow.iter().any(|span| name::speaks_of_credential(span.of(text))) || flow.iter().any(constructs) {
        return evidence("flows-as-credential", model::FLOWS_AS_CREDENTIAL, "its variable is used as a credential".to_owned());
    }
    if place.zone(Zone::Callee).any(|callee| is_environment(callee.of(text))) {
        return evidence("in-place-of-name", model::IN_PLACE_OF_NAME, "it stands where an environment variable is named".to_owned());
    }
    if let Some(header) = column::header(text, token).filter(|header| name::speaks_of_credential(header.of(text))) {
        return evidence("credential-column", model::CREDENTIAL_COLUMN, format!("in a column headed {}", quote(header.of(text))));
    }
    if place.name.is_some_and(|name| is_bare(words, name.of(text))) {
        // Without an operator that is little for what looks like a digest.
        let weight = if place.is_assigned || !is_look_alike(token.of(text)) { model::BARE_NAME } else { model::BARE_CALL };
        return evidence("bare-name", weight, "assigned to the provider's name alone".to_owned());
    }
    if place.callee.is_some_and(|callee| is_bare_call(words, text, callee, token)) {
        return evidence("bare-call", model::BARE_CALL, "all that is passed to what is named after the provider".to_owned());
    }
    let speaks = |zone: Zone| place.zone(zone).any(|span| span.len() < 400 && name::speaks_of_credential(before(span, token).of(text)));
    if (sense.is_holder || place.name.is_none()) && speaks(Zone::Sibling) {
        return evidence("held-beside-credential", model::HELD_BESIDE_CREDENTIAL, "what stands beside it names a credential".to_owned());
    }
    if speaks(Zone::Enclosing) || speaks(Zone::Callee) || speaks(Zone::Name) {
        return evidence("credential-around", model::CREDENTIAL_AROUND, "a name around it is that of a credential".to_owned());
    }
    let is_login = memchr::memmem::find(left, b"login").is_some_and(|at| is_whole_word(left, at, 5));
    if is_login || name::speaks_of_credential(left) {
        return evidence("credential-on-line", model::CREDENTIAL_ON_LINE, "its line speaks of a credential".to_owned());
    }
    if announcement(text, token).is_some_and(|said| name::speaks_of_credential(said.of(text))) {
        return evidence("credential-on-line", model::CREDENTIAL_ON_LINE, "what announces it speaks of a credential".to_owned());
    }
    if beside::behind_pipe(text, token, 160).is_some_and(|command| name::speaks_of_credential(command.of(text))) {
        return evidence("credential-on-line", model::CREDENTIAL_ON_LINE, "it is handed to a command that stores a credential".to_owned());
    }
    let above = above_a_gap(text, line_around(text, token.start));
    let first = line_around(text, 0);
    if above.into_iter().chain([first]).any(|line| line.len() < 300 && line.end < token.start && name::speaks_of_credential(line.of(text))) {
        return evidence("credential-above", model::CREDENTIAL_ABOVE, "a line above speaks of a credential".to_owned());
    }
    None
}

/// Whether `left` ends with a command that logs in, and nothing but its options: `wandb login --relogin `.
fn logs_in(left: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(left, b" login ") else { return false };
    let mut options = left[at + 7..].split(|byte| *byte == b' ').filter(|part| !part.is_empty());
    options.all(|option| option.starts_with(b"-") && !option.contains(&b'='))
}

/// Whether the token is the user, or the password, that an address names or curl is given: `curl -u …: https://…`, `https://…@host/`.
pub(super) fn is_user(text: &[u8], token: Span) -> bool {
    let left = &text[token.start.saturating_sub(160)..token.start];
    let left = &left[memchr::memrchr(b'\n', left).map_or(0, |at| at + 1)..];
    let right = &text[token.end..text.len().min(token.end + 200)];
    let right = &right[..memchr::memchr(b'\n', right).unwrap_or(right.len())];
    let unquoted = left.strip_suffix(b"\"").or(left.strip_suffix(b"'")).unwrap_or(left);
    let is_option = || [b" -u ".as_slice(), b" --user ", b" -u", b" --user="].iter().any(|option| unquoted.ends_with(option));
    let is_ended = matches!(right.first(), None | Some(b':' | b'"' | b'\'' | b' '));
    let is_curl = || memchr::memmem::find(left, b"curl ").is_some() || memchr::memmem::find(right, b"://").is_some();
    let is_before_host = right.starts_with(b"@") || right.starts_with(b":@") || right.starts_with(b":x@");
    let authority = || memchr::memmem::rfind(left, b"://").map(|at| &left[at + 3..]);
    let is_its_user = |before: &[u8]| !before.iter().any(|byte| matches!(byte, b'/' | b'@' | b' ' | b'?')) && (before.is_empty() || before.ends_with(b":"));
    is_ended && is_option() && is_curl() || is_before_host && authority().is_some_and(is_its_user)
}

/// Whether a function is a client by its name: `DeepgramWSClient`.
fn names_client(callee: &[u8]) -> bool {
    let last = callee.rsplit(|byte| matches!(byte, b'.' | b':')).find(|part| !part.is_empty()).unwrap_or_default();
    last.first().is_some_and(u8::is_ascii_uppercase) && [b"Client".as_slice(), b"Api", b"API", b"SDK", b"Sdk"].iter().any(|ending| last.ends_with(ending))
}

/// Words of a name that say nothing about whose or what it is.
const FILLERS: [&str; 18] =
    ["next", "public", "vite", "react", "app", "expo", "my", "the", "prod", "dev", "staging", "env", "cfg", "config", "ai", "llm", "default", "local"];

/// Whether `name` consists of a provider's name and fillers.
fn is_bare(words: &Words, name: &[u8]) -> bool {
    names_provider_and(words, name, |word| FILLERS.contains(&word))
}

/// Whether `text` is a provider's name and nothing else.
pub(super) fn is_name_alone(words: &Words, text: &[u8]) -> bool {
    names_provider_and(words, text, |_| false)
}

/// What methods are called that take a key and nothing else, besides constructors.
const TAKING: [&str; 9] = ["init", "initialize", "configure", "setup", "client", "new", "connect", "create", "start"];

/// Whether a call is given the token alone, by what is named after a provider: `Mistral("…")`, `mistral.init('…')`.
/// Ordinary words are names of other functions, too.
fn is_bare_call(words: &Words, text: &[u8], callee: Span, token: Span) -> bool {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let is_opened = matches!(&text[callee.end..token.start], [b'(', quote] if is_quote(quote));
    let is_closed = text.get(token.end).is_some_and(is_quote) && text.get(token.end + 1) == Some(&b')');
    let name = callee.of(text);
    let has_name = || words.find(name, Span::new(0, name.len())).iter().any(|hit| hit.kind == Kind::Name);
    is_opened && is_closed && has_name() && names_provider_and(words, name, |word| FILLERS.contains(&word) || TAKING.contains(&word))
}

/// The line that announces a token which stands alone on its own, behind an empty line or none (`the token is:`), or the
/// example that begins with the token's line.
pub(super) fn announcement(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    let above = above_a_gap(text, line)?;
    let is_example = above.of(text).trim_ascii_start().starts_with(b"```");
    if !is_example && line.of(text).trim_ascii() != token.of(text) {
        return None;
    }
    let above = if is_example { above_a_gap(text, above)? } else { above };
    (above.len() < LONGEST_ANNOUNCEMENT && above.of(text).trim_ascii_end().ends_with(b":")).then_some(above)
}

/// Longer lines announce nothing.
const LONGEST_ANNOUNCEMENT: usize = 120;

/// The line above `line`, over one empty line.
fn above_a_gap(text: &[u8], line: Span) -> Option<Span> {
    let above = line_above(text, line.start)?;
    if above.of(text).trim_ascii().is_empty() { line_above(text, above.start) } else { Some(above) }
}

/// Whether `title` consists of a provider's name, fillers and words for a credential: `Datadog`, `My Datadog API key:`.
pub(super) fn is_title(words: &Words, title: &[u8]) -> bool {
    names_provider_and(words, title, |word| FILLERS.contains(&word) || name::is_credential(word.as_bytes()))
}

fn names_provider_and(words: &Words, name: &[u8], may_be_beside: impl Fn(&str) -> bool) -> bool {
    let hits = words.find(name, Span::new(0, name.len()));
    let Some(hit) = hits.iter().filter(|hit| matches!(hit.kind, Kind::Name | Kind::CommonName)).max_by_key(|hit| hit.span.len()) else { return false };
    let rest = [&name[..hit.span.start], b" ", &name[hit.span.end..]].concat();
    name::sub_words(&rest).iter().all(|word| may_be_beside(word))
}

/// The part of `span` outside of `token`: what stands before it, or the whole if they do not overlap.
fn before(span: Span, token: Span) -> Span {
    if span.overlaps(token) { Span::new(span.start, token.start) } else { span }
}

/// Functions and tables that give a variable of the environment by its name.
pub(super) fn is_environment(callee: &[u8]) -> bool {
    let lower = callee.to_ascii_lowercase();
    [
        b"getenv".as_slice(),
        b"environ",
        b"process.env",
        b"env",
        b"env.get",
        b"env.fetch",
        b"env::var",
        b"lookupenv",
        b"env.var",
        b"environ.get",
        b"dotenv",
        b"meta.env",
    ]
    .iter()
    .any(|name| lower.ends_with(name))
}
