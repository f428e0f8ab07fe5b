//! Evidence: which words stand in which zones around a token, and what that says for each provider.

use std::collections::BTreeMap;

use super::model;
use super::name;
use super::place::{Place, Zone};
use super::words::{Hit, Kind, Words};
use super::{Page, lex, value};
use crate::finding::Evidence;
use crate::span::{Span, line_around};

/// What speaks for one provider.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Points for the provider.
    pub points: i32,
    /// The pieces, strongest first.
    pub evidence: Vec<Evidence>,
    /// The best zone in which it is named.
    pub best: Option<Zone>,
}

/// What the surroundings of a token say.
#[derive(Debug)]
pub struct Surroundings {
    /// Where the token stands.
    pub place: Place,
    /// Providers by index, with what speaks for them.
    pub cases: BTreeMap<usize, Case>,
    /// Points for being a credential at all, and why.
    pub credential: Option<Evidence>,
    /// What the assigned name names.
    pub sense: name::Sense,
}

/// Clients of these providers are used for other providers' hosts; their names do not speak against a key of another.
const COMPATIBLE: [&str; 5] = ["openai", "anthropic", "litellm", "portkey", "helicone"];

/// Bytes around a token in which words are looked for one by one.
const REACH: usize = 4096;
/// Bytes at the blob's start that hold its imports.
const HEAD: usize = 4096;
/// Bytes around a token in which uses of its variable are looked for, and how many uses are read.
const FLOW_REACH: usize = 32 * 1024;
const FLOW_USES: usize = 12;

/// Reads the surroundings of `token` in `page`.
pub fn read(words: &Words, page: &Page<'_>, token: Span) -> Surroundings {
    let text = page.text;
    let mut place = Place::read(text, token);
    let sense = place.name.map(|name| name::sense(name.of(text))).unwrap_or_default();
    add_flow(text, token, &mut place);
    if sense.is_holder || place.name.is_none() {
        promote_siblings(text, &mut place);
    }
    let near = Span::new(token.start.saturating_sub(REACH), text.len().min(token.end + REACH));
    let mut hits = page.hits(words, near);
    if near.start > HEAD {
        hits.extend(page.hits(words, Span::new(0, HEAD)));
    }
    for use_of in place.zone(Zone::Flow).filter(|zone| !near.contains(*zone)).collect::<Vec<_>>() {
        hits.extend(page.hits(words, use_of).into_iter().filter(|hit| use_of.contains(hit.span)));
    }
    hits.retain(|hit| !hit.span.overlaps(token));
    let cases = cases(words, page, token, &place, &hits, sense);
    let credential = credential(words, text, token, &place, sense);
    Surroundings { place, cases, credential, sense }
}

fn cases(words: &Words, page: &Page<'_>, token: Span, place: &Place, hits: &[Hit], sense: name::Sense) -> BTreeMap<usize, Case> {
    let text = page.text;
    // The best piece of each kind for each provider.
    let mut best: BTreeMap<(usize, Kind), (i32, Zone, Span)> = BTreeMap::new();
    let mut collides: Vec<usize> = Vec::new();
    for hit in hits {
        if hit.kind == Kind::Collision {
            collides.push(hit.provider);
            continue;
        }
        // A host or a package holds the provider's name; the name inside it is no evidence of its own.
        let is_part = hit.kind == Kind::Name && hits.iter().any(|other| other.provider == hit.provider && other.kind != Kind::Name && other.span.len() > hit.span.len() && other.span.contains(hit.span) && !matches!(other.kind, Kind::Model | Kind::Import | Kind::Constructor));
        if is_part {
            continue;
        }
        let zones = place.zones.iter().filter(|(_, span)| span.contains(hit.span)).map(|&(zone, _)| zone).chain([Zone::File]);
        for zone in zones {
            let points = model::points(hit.kind, zone);
            let entry = best.entry((hit.provider, hit.kind)).or_insert((0, Zone::File, hit.span));
            let is_nearer = distance(hit.span, token) < distance(entry.2, token);
            if points > entry.0 || points == entry.0 && is_nearer {
                *entry = (points, zone, hit.span);
            }
        }
    }
    let named: Vec<usize> = best
        .iter()
        .filter(|((_, kind), (_, zone, _))| matches!(zone, Zone::Name | Zone::Own) && matches!(kind, Kind::Name | Kind::CommonName | Kind::Host))
        .map(|((provider, _), _)| *provider)
        .filter(|&provider| !COMPATIBLE.contains(&words.providers[provider].id))
        .collect();
    let mut cases: BTreeMap<usize, Case> = BTreeMap::new();
    for (&(provider, kind), &(points, zone, span)) in &best {
        let names_another = sense.is_foreign && !named.contains(&provider) || !named.is_empty() && !named.contains(&provider);
        let points = weakened(points, zone, names_another);
        if points > 0 {
            let case = cases.entry(provider).or_default();
            case.evidence.push(Evidence { kind: zone_name(zone), weight: points, text: sentence(text, zone, kind, span, place) });
            case.best = Some(case.best.map_or(zone, |seen| seen.min(zone)));
        }
    }
    for &(provider, kind) in page.path_hits(words).iter() {
        let points = weakened(model::points(kind, Zone::Path), Zone::Path, sense.is_foreign || !named.is_empty() && !named.contains(&provider));
        if points > 0 {
            let case = cases.entry(provider).or_default();
            case.evidence.push(Evidence { kind: zone_name(Zone::Path), weight: points, text: "in a path that names it".to_owned() });
        }
    }
    for (provider, case) in &mut cases {
        case.evidence.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
        case.points = case.evidence.iter().take(3).enumerate().map(|(rank, piece)| piece.weight >> rank).sum();
        if collides.contains(provider) && case.best.is_none_or(|zone| zone > Zone::Callee) {
            case.evidence.push(Evidence { kind: "collision", weight: -case.points, text: "the name has another meaning here".to_owned() });
            case.points = 0;
        }
    }
    cases
}

/// Evidence from further away counts for nothing, and from beside for half, if the token's own name says it is somebody else's.
fn weakened(points: i32, zone: Zone, names_another: bool) -> i32 {
    match zone {
        _ if !names_another => points,
        Zone::Name | Zone::Own | Zone::Callee | Zone::Flow => points,
        Zone::Enclosing | Zone::Sibling | Zone::Outer => points / 2,
        Zone::Line | Zone::Near | Zone::Around | Zone::File | Zone::Path => 0,
    }
}

fn distance(a: Span, b: Span) -> usize {
    a.start.max(b.start) - a.end.min(b.end).min(a.start.max(b.start))
}

/// Adds the places where the variable that holds the token is used.
fn add_flow(text: &[u8], token: Span, place: &mut Place) {
    let Some(name) = place.name.filter(|_| place.is_assigned) else { return };
    let bytes = name.of(text);
    let identifier = bytes.rsplit(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)).next().unwrap_or_default();
    if identifier.len() < 2 || value::is_made_of_digits(identifier) {
        return;
    }
    let from = token.start.saturating_sub(FLOW_REACH);
    let reach = &text[from..text.len().min(token.end + FLOW_REACH)];
    let is_identifier = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let mut n_uses = 0;
    for at in memchr::memmem::find_iter(reach, identifier).map(|at| from + at) {
        let use_of = Span::new(at, at + identifier.len());
        if name.overlaps(use_of) || is_identifier(text.get(use_of.end)) || at > 0 && is_identifier(text.get(at - 1)) || is_assigned_to(text, use_of.end) {
            continue;
        }
        n_uses += 1;
        if n_uses > FLOW_USES {
            return;
        }
        place.zones.push((Zone::Flow, line_around(text, at)));
        let floor = at.saturating_sub(600);
        let mut pos = at;
        let mut inner_end = use_of.end;
        // The calls around the use, three levels out.
        for _ in 0..3 {
            let Some(open) = unmatched_open(text, pos, floor) else { break };
            let end = lex::closing(text, inner_end, text.len().min(use_of.end + 600));
            if text[open] == b'{' && memchr::memchr(b';', &text[open..end.max(open)]).is_some() {
                break;
            }
            place.zones.push((Zone::Flow, Span::new(open, end)));
            if let Some((lex::Item::Word(callee), _)) = lex::item_before(text, open, floor) {
                place.zones.push((Zone::Flow, callee));
            }
            (pos, inner_end) = (open, (end + 1).min(text.len()));
        }
    }
}

/// The nearest bracket to the left of `pos` that is still open there.
fn unmatched_open(text: &[u8], mut pos: usize, floor: usize) -> Option<usize> {
    while let Some((item, start)) = lex::item_before(text, pos, floor) {
        match item {
            lex::Item::Open(_) => return Some(start),
            lex::Item::Close(_) => pos = lex::opening(text, start, floor)?,
            _ => pos = start,
        }
    }
    None
}

/// Whether what ends at `at` is given a value there: `api_key = …`, `api_key: …`.
fn is_assigned_to(text: &[u8], at: usize) -> bool {
    let rest = &text[at..text.len().min(at + 40)];
    let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest).trim_ascii_start();
    match rest {
        [b'=', b'=', ..] | [b':', b':', ..] => false,
        [b'=' | b':', ..] => true,
        _ => false,
    }
}

/// A name that only holds its value says nothing; what stands beside it does.
fn promote_siblings(text: &[u8], place: &mut Place) {
    let beside: Vec<Span> = place.zone(Zone::Sibling).filter(|span| span.len() < 400).collect();
    if place.name.is_some_and(|name| name::sense(name.of(text)).is_holder) {
        place.zones.extend(beside.into_iter().map(|span| (Zone::Enclosing, span)));
    }
}

/// Why the token is a credential, if anything says so.
fn credential(words: &Words, text: &[u8], token: Span, place: &Place, sense: name::Sense) -> Option<Evidence> {
    let evidence = |kind, weight, text| Some(Evidence { kind, weight, text });
    let left = &text[line_around(text, token.start).start.max(token.start.saturating_sub(160))..token.start];
    let tail = left.trim_ascii_end();
    let ends_with_scheme = [b"bearer".as_slice(), b"authorization:", b"token", b"authorization: key", b"x-api-key:"].iter().any(|scheme| {
        let left = if left.ends_with(b" ") { tail } else { b"" };
        left.len() >= scheme.len() && left[left.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    });
    if ends_with_scheme {
        return evidence("sent-as-credential", model::SENT_AS_CREDENTIAL, "sent as a credential".to_owned());
    }
    if sense.is_credential {
        let name = place.name.map(|name| quote(name.of(text))).unwrap_or_default();
        return evidence("credential-name", model::NAMED_CREDENTIAL, format!("{name} names a credential"));
    }
    if let Some(callee) = place.zone(Zone::Callee).find(|callee| words.constructs(callee.of(text))) {
        return evidence("passed-to-client", model::PASSED_TO_CLIENT, format!("passed to {}", quote(callee.of(text))));
    }
    if place.zone(Zone::Own).any(|own| name::speaks_of_credential(own.of(text))) {
        return evidence("sent-as-credential", model::SENT_AS_CREDENTIAL, "its own text speaks of a credential".to_owned());
    }
    let flow: Vec<Span> = place.zone(Zone::Flow).collect();
    if flow.iter().any(|span| name::speaks_of_credential(span.of(text))) || flow.iter().any(|span| words.constructs(span.of(text))) {
        return evidence("flows-as-credential", model::FLOWS_AS_CREDENTIAL, "its variable is used as a credential".to_owned());
    }
    if place.zone(Zone::Callee).any(|callee| is_environment(callee.of(text))) {
        return evidence("in-place-of-name", model::IN_PLACE_OF_NAME, "it stands where an environment variable is named".to_owned());
    }
    let speaks = |zone: Zone| place.zone(zone).any(|span| span.len() < 400 && name::speaks_of_credential(before(span, token).of(text)));
    if (sense.is_holder || place.name.is_none()) && speaks(Zone::Sibling) {
        return evidence("held-beside-credential", model::HELD_BESIDE_CREDENTIAL, "what stands beside it names a credential".to_owned());
    }
    if speaks(Zone::Enclosing) || speaks(Zone::Callee) || speaks(Zone::Name) {
        return evidence("credential-around", model::CREDENTIAL_AROUND, "a name around it is that of a credential".to_owned());
    }
    if name::speaks_of_credential(left) {
        return evidence("credential-on-line", model::CREDENTIAL_ON_LINE, "its line speaks of a credential".to_owned());
    }
    let line = line_around(text, token.start);
    let above = line_around(text, line.start.saturating_sub(1));
    let first = line_around(text, 0);
    if [above, first].into_iter().any(|line| line.len() < 300 && line.end < token.start && name::speaks_of_credential(line.of(text))) {
        return evidence("credential-above", model::CREDENTIAL_ABOVE, "a line above speaks of a credential".to_owned());
    }
    None
}

/// The part of `span` outside of `token`: what stands before it, or the whole if they do not overlap.
fn before(span: Span, token: Span) -> Span {
    if span.overlaps(token) { Span::new(span.start, token.start) } else { span }
}

/// Functions and tables that give a variable of the environment by its name.
fn is_environment(callee: &[u8]) -> bool {
    let lower = callee.to_ascii_lowercase();
    [b"getenv".as_slice(), b"environ", b"process.env", b"env", b"env.get", b"env.fetch", b"env::var", b"lookupenv", b"env.var", b"environ.get", b"dotenv", b"meta.env"].iter().any(|name| lower.ends_with(name))
}

fn zone_name(zone: Zone) -> &'static str {
    match zone {
        Zone::Name => "assigned-name",
        Zone::Own => "own-text",
        Zone::Callee => "call",
        Zone::Enclosing => "enclosing-name",
        Zone::Sibling => "sibling",
        Zone::Outer => "block",
        Zone::Line => "line",
        Zone::Flow => "variable-use",
        Zone::Near => "near",
        Zone::Around => "around",
        Zone::File => "blob",
        Zone::Path => "path",
    }
}

fn sentence(text: &[u8], zone: Zone, kind: Kind, word: Span, place: &Place) -> String {
    let within = |zone: Zone| place.zone(zone).filter(|span| span.contains(word)).min_by_key(|span| span.len()).map_or_else(|| quote(word.of(text)), |span| quote(span.of(text)));
    let word_quoted = quote(word.of(text));
    match (zone, kind) {
        (Zone::Name, _) => format!("assigned to {}", within(Zone::Name)),
        (Zone::Own, _) => format!("behind {}", within(Zone::Own)),
        (Zone::Callee, _) => format!("an argument of {}", within(Zone::Callee)),
        (Zone::Enclosing, _) => format!("inside {}", within(Zone::Enclosing)),
        (Zone::Sibling, _) => format!("beside {word_quoted}"),
        (Zone::Outer, _) => format!("in a block with {word_quoted}"),
        (Zone::Line, _) => format!("on a line with {word_quoted}"),
        (Zone::Flow, _) => format!("used later with {word_quoted}"),
        (Zone::Near, _) => format!("next to {word_quoted}"),
        (Zone::Around, _) => format!("close to {word_quoted}"),
        (Zone::File | Zone::Path, _) => format!("in a blob with {word_quoted}"),
    }
}

/// A piece of scanned text for a sentence: short, printable, and without anything that could itself be a secret.
fn quote(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for part in bytes.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
        if part.len() >= 16 && value::entropy(part) > 3.0 && !value::is_made_of_words(part) {
            shown.push_str("********");
        } else {
            shown.extend(part.iter().map(|&byte| if byte.is_ascii_graphic() || byte == b' ' { byte as char } else { ' ' }));
        }
    }
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    if shown.len() > 60 { format!("`{}…`", &shown[..57]) } else { format!("`{shown}`") }
}
