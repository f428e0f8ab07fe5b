//! Evidence: which words stand in which zones around a token, and what that says for each provider.

use std::collections::BTreeMap;

use super::model;
use super::name;
use super::place::{self, Place, Zone};
use super::words::{Hit, Kind, Words};
use super::{Page, lex, value};
use crate::finding::Evidence;
use crate::span::{Span, line_around};

/// What speaks for one provider.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Points for the provider, by which it passes or not.
    pub points: i32,
    /// The same with distance taken into account, by which providers are told apart.
    pub rank: i32,
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
/// How often a variable's name is looked at in search of uses.
const FLOW_LOOKS: usize = 300;

/// Reads the surroundings of `token` in `page`.
pub fn read(words: &Words, page: &Page<'_>, token: Span) -> Surroundings {
    let text = page.text;
    let mut place = Place::read(text, token);
    if let Some(parameter) = parameter(text, token, &place) {
        place.name = Some(parameter);
        place.is_assigned = true;
        place.zones.push((Zone::Name, parameter));
    }
    if let Some(heading) = heading(words, text, token).filter(|_| place.name.is_none()) {
        place.name = Some(heading);
        place.zones.push((Zone::Name, heading));
    }
    let mut sense = place.name.map(|name| name::sense(name.of(text))).unwrap_or_default();
    add_flow(text, token, &mut place);
    if place.zone(Zone::Flow).any(|span| memchr::memmem::find(span.of(text), b"Bearer").is_some()) {
        // Whatever it is called, it is sent to an API.
        sense.is_foreign = false;
    }
    sense.is_foreign |= comment_names_a_service(text, token);
    pair_by_position(text, token, &mut place);
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
    let imported = imported_callee(text, &place, &hits);
    if let Some((_, callee)) = imported {
        place.zones.push((Zone::Callee, callee));
    }
    let cases = cases(words, page, token, &place, &hits, imported.map(|(hit, _)| hit), sense);
    let credential = credential(words, text, token, &place, imported.is_some(), sense);
    Surroundings { place, cases, credential, sense }
}

/// The line above a token that stands alone on its line, if it is a provider's name and nothing else.
fn heading(words: &Words, text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    if line.start == 0 || line.of(text).trim_ascii().len() != token.len() {
        return None;
    }
    let above = line_around(text, line.start - 1);
    let is_short = above.len() < 40 && !above.of(text).trim_ascii().is_empty();
    (is_short && is_bare(words, above.of(text))).then_some(above)
}

/// The import that brings the function which the token is passed to, and that function: `import { createClient } from '@deepgram/sdk'`.
fn imported_callee(text: &[u8], place: &Place, hits: &[Hit]) -> Option<(Span, Span)> {
    let callees: Vec<Span> = place.zone(Zone::Callee).collect();
    hits.iter().filter(|hit| hit.kind == Kind::Import).find_map(|hit| {
        let line = line_around(text, hit.span.start);
        let statement = line.of(text).trim_ascii_start();
        let is_import = statement.starts_with(b"import ") || statement.starts_with(b"from ") || memchr::memmem::find(statement, b"require(").is_some();
        let callee = callees.iter().find(|callee| {
            // A method of something is not what was imported.
            let name = callee.of(text);
            name.len() >= 4
                && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                && memchr::memmem::find(line.of(text), name).is_some_and(|at| is_whole_word(line.of(text), at, name.len()))
        })?;
        is_import.then_some((hit.span, *callee))
    })
}

fn cases(words: &Words, page: &Page<'_>, token: Span, place: &Place, hits: &[Hit], imported: Option<Span>, sense: name::Sense) -> BTreeMap<usize, Case> {
    let text = page.text;
    let neighborhood = Neighborhood::new(text, token);
    let helds = held_hosts(text, token, place, hits);
    let mut pieces: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    let collisions: Vec<Hit> = hits.iter().copied().filter(|hit| hit.kind == Kind::Collision).collect();
    for hit in hits {
        if hit.kind == Kind::Collision {
            continue;
        }
        if collisions.iter().any(|other| other.provider == hit.provider && other.span.overlaps(hit.span)) {
            continue;
        }
        if hit.kind == Kind::Model && is_model_of_another(text, hit, hits) {
            continue;
        }
        let zones = place.zones.iter().filter(|(_, span)| span.contains(hit.span)).map(|&(zone, _)| zone).chain([Zone::File]);
        let zones = zones.chain(helds.iter().filter(|held| held.0 == hit.span).map(|held| held.1));
        if hit.kind == Kind::Import && imported == Some(hit.span) {
            pieces.entry(hit.provider).or_default().push(Piece {
                points: model::points(Kind::Constructor, Zone::Callee),
                zone: Zone::Callee,
                kind: Kind::Constructor,
                span: hit.span,
            });
        }
        let best = zones
            .map(|zone| Piece { points: model::points(hit.kind, zone), zone, kind: hit.kind, span: hit.span })
            .max_by_key(|piece| (piece.points, std::cmp::Reverse(piece.zone)));
        pieces.entry(hit.provider).or_default().extend(best);
    }
    for pieces in pieces.values_mut() {
        independent(pieces, token);
    }
    let is_name = |piece: &Piece| matches!(piece.zone, Zone::Name | Zone::Own) && matches!(piece.kind, Kind::Name | Kind::CommonName | Kind::Host);
    let named: Vec<usize> = pieces
        .iter()
        .filter(|(_, pieces)| pieces.iter().any(is_name))
        .map(|(&provider, _)| provider)
        .filter(|&provider| !COMPATIBLE.contains(&words.providers[provider].id))
        .collect();
    let names_another = |provider: usize| if named.is_empty() { sense.is_foreign } else { !named.contains(&provider) };
    let mut cases: BTreeMap<usize, Case> = BTreeMap::new();
    for (provider, pieces) in pieces {
        let mut ranks: Vec<i32> = pieces.iter().map(|piece| weakened(neighborhood.faded(piece), piece.zone, names_another(provider))).collect();
        ranks.sort_unstable_by_key(|rank| -rank);
        cases.entry(provider).or_default().rank = sum(ranks.into_iter());
        for piece in pieces {
            let points = weakened(piece.points, piece.zone, names_another(provider));
            if points > 0 {
                let case = cases.entry(provider).or_default();
                case.evidence.push(Evidence { kind: zone_name(piece.zone), weight: points, text: sentence(text, piece.zone, piece.kind, piece.span, place) });
                case.best = Some(case.best.map_or(piece.zone, |seen| seen.min(piece.zone)));
            }
        }
    }
    for &(provider, kind) in page.path_hits(words) {
        let points = weakened(model::points(kind, Zone::Path), Zone::Path, names_another(provider));
        let case = cases.entry(provider).or_default();
        if points > 0 && !case.evidence.iter().any(|piece| piece.kind == zone_name(Zone::Path)) {
            case.evidence.push(Evidence { kind: zone_name(Zone::Path), weight: points, text: "in a path that names it".to_owned() });
            case.rank += points / 2;
        }
    }
    for (provider, case) in &mut cases {
        case.evidence.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
        case.points = sum(case.evidence.iter().map(|piece| piece.weight));
        if collisions.iter().any(|hit| hit.provider == *provider) && case.best.is_none_or(|zone| zone > Zone::Callee) {
            case.evidence.push(Evidence { kind: "collision", weight: -case.points, text: "the name has another meaning here".to_owned() });
            (case.points, case.rank) = (0, 0);
        }
    }
    cases
}

/// The best piece counts whole, the second half, the third a quarter.
fn sum(points: impl Iterator<Item = i32>) -> i32 {
    points.take(3).enumerate().map(|(rank, points)| points >> rank).sum()
}

/// Hosts that a variable holds which is named beside the token or where the token's variable is used: `base_url=BASE`.
fn held_hosts(text: &[u8], token: Span, place: &Place, hits: &[Hit]) -> Vec<(Span, Zone)> {
    let mut held = Vec::new();
    for hit in hits.iter().filter(|hit| hit.kind == Kind::Host) {
        let line = line_around(text, hit.span.start);
        let Some(quote) = text[line.start..hit.span.start].iter().rposition(|byte| matches!(byte, b'"' | b'\'' | b'`')) else { continue };
        let Some((lex::Item::Assign, at)) = lex::item_before(text, line.start + quote, line.start) else { continue };
        let Some((lex::Item::Word(word), _)) = lex::item_before(text, at, line.start) else { continue };
        let name = word.of(text).rsplit(|byte| matches!(byte, b'.' | b'>' | b':' | b'$')).next().unwrap_or_default();
        let is_used = |zone: &Span| {
            name.len() >= 2
                && memchr::memmem::find_iter(zone.of(text), name)
                    .any(|at| is_whole_word(zone.of(text), at, name.len()) && !token.overlaps(Span::new(zone.start + at, zone.start + at + name.len())))
        };
        for zone in [Zone::Flow, Zone::Sibling, Zone::Outer, Zone::Line] {
            if place.zone(zone).any(|span| !span.contains(hit.span) && is_used(&span)) {
                held.push((hit.span, zone));
                break;
            }
        }
    }
    held
}

fn is_whole_word(text: &[u8], at: usize, n: usize) -> bool {
    let is_identifier = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !is_identifier(text.get(at + n)) && (at == 0 || !is_identifier(text.get(at - 1)))
}

/// Whether a model id stands in a path that begins with another provider: `deepinfra/mistralai/Mixtral-8x7B`.
fn is_model_of_another(text: &[u8], hit: &Hit, hits: &[Hit]) -> bool {
    let floor = hit.span.start.saturating_sub(80);
    let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    let start = hit.span.start - text[floor..hit.span.start].iter().rev().take_while(|byte| is_path(byte)).count();
    start < hit.span.start
        && hits.iter().any(|other| {
            other.provider != hit.provider
                && other.span.start == start
                && text.get(other.span.end).is_some_and(|byte| *byte == b'/' || other.kind == Kind::Model)
        })
}

/// A word in its best zone.
#[derive(Clone, Copy, Debug)]
struct Piece {
    points: i32,
    zone: Zone,
    kind: Kind,
    span: Span,
}

/// Leaves one piece of each kind, the best and nearest, and of words that share characters only the best.
fn independent(pieces: &mut Vec<Piece>, token: Span) {
    pieces.sort_by_key(|piece| (std::cmp::Reverse(piece.points), distance(piece.span, token), piece.kind));
    let mut kept: Vec<Piece> = Vec::new();
    for piece in pieces.iter() {
        if !kept.iter().any(|other| other.kind == piece.kind || other.span.overlaps(piece.span)) {
            kept.push(*piece);
        }
    }
    *pieces = kept;
}

/// What lies around a token, for judging how far a word is from it.
struct Neighborhood<'a> {
    text: &'a [u8],
    token: Span,
    line: Span,
}

impl<'a> Neighborhood<'a> {
    fn new(text: &'a [u8], token: Span) -> Self {
        Self { text, token, line: line_around(text, token.start) }
    }

    /// The points of a word that is not tied to the token by structure: they fade with distance, behind the token more than before it (labels
    /// and headings stand first), across blank lines, and where another random token is nearer to the word.
    fn faded(&self, piece: &Piece) -> i32 {
        let &Piece { points, zone, span: word, .. } = piece;
        if matches!(zone, Zone::Name | Zone::Own | Zone::Callee | Zone::Enclosing | Zone::File | Zone::Path) {
            return points;
        }
        let is_before = word.start < self.token.start;
        let between = if is_before { Span::new(word.end, self.token.start) } else { Span::new(self.token.end, word.start) };
        let mut percent = if is_before { 100 } else { 85 };
        if matches!(zone, Zone::Near | Zone::Around) {
            let n_lines = memchr::memchr_iter(b'\n', between.of(self.text)).count() as i32;
            percent -= 6 * (n_lines - 1).clamp(0, 6);
            if between.of(self.text).windows(2).any(|pair| pair == b"\n\n") {
                percent -= 25;
            }
        } else if zone == Zone::Line {
            percent -= (between.len() / 8).min(40) as i32;
        }
        if zone != Zone::Flow && self.belongs_to_another(word, between) {
            percent -= 45;
        }
        points * percent.max(20) / 100
    }

    /// Whether another random token stands between word and token, or, if the word has a line of its own, on that line.
    fn belongs_to_another(&self, word: Span, between: Span) -> bool {
        if between.len() > 4096 {
            return true;
        }
        let line = line_around(self.text, word.start);
        let place = if line == self.line { between } else { Span::new(line.start.min(between.start), line.end.max(between.end)) };
        let place = Span::new(place.start.max(word.start.saturating_sub(400)), place.end.min(word.end.max(between.end) + 400));
        place.of(self.text).split(|byte| !byte.is_ascii_alphanumeric()).any(|part| {
            let is_token = part.as_ptr() == self.token.of(self.text).as_ptr();
            part.len() >= 24 && !is_token && part.iter().any(u8::is_ascii_digit) && value::entropy(part) > 2.8 && !value::is_made_of_words(part)
        })
    }
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

/// Whether the token's line, or a comment on the line above, speaks of a service that is no provider here.
fn comment_names_a_service(text: &[u8], token: Span) -> bool {
    let line = line_around(text, token.start);
    let above = line_around(text, line.start.saturating_sub(1)).of(text).trim_ascii_start();
    let is_comment = line.start > 0 && [b"//".as_slice(), b"#", b"/*", b"*", b"--", b"<!--", b";"].iter().any(|mark| above.starts_with(mark));
    is_comment && above.len() < 200 && name::names_a_service(above)
}

/// `KEYS=a;b` beside `URLS=https://x;https://y`: lists whose items belong together by their position.
fn pair_by_position(text: &[u8], token: Span, place: &mut Place) {
    let line = line_around(text, token.start);
    let n_items = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b';').count();
    let n = n_items(line.of(text));
    if n == 0 || line.len() > 2000 {
        return;
    }
    let position = n_items(&text[line.start..token.start]);
    let near = Span::new(line.start.saturating_sub(600), text.len().min(line.end + 600));
    let mut start = line_around(text, near.start).start;
    while start < near.end {
        let other = line_around(text, start);
        if other.start != line.start && n_items(other.of(text)) == n && memchr::memmem::find(other.of(text), b"://").is_some() {
            let mut from = other.start;
            for _ in 0..position {
                from += memchr::memchr(b';', &text[from..other.end]).map_or(0, |i| i + 1);
            }
            let to = memchr::memchr(b';', &text[from..other.end]).map_or(other.end, |i| from + i);
            place.zones.push((Zone::Own, Span::new(from, to)));
        }
        start = other.end + 1;
    }
}

/// Adds the places where the variable that holds the token, or the object with the token in it, is used.
fn add_flow(text: &[u8], token: Span, place: &mut Place) {
    let assigned = place.name.filter(|_| place.is_assigned);
    let containers = place.zone(Zone::Enclosing).filter(|span| text[span.end..].trim_ascii_start().starts_with(b"=")).take(2);
    let names: Vec<Span> = assigned.into_iter().chain(containers).collect();
    for name in names {
        add_uses(text, token, name, place);
    }
}

/// Adds the uses of the variable whose name ends at the end of `name`.
fn add_uses(text: &[u8], token: Span, name: Span, place: &mut Place) {
    let identifier = name.of(text).rsplit(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)).next().unwrap_or_default();
    if identifier.is_empty() || value::is_made_of_digits(identifier) {
        return;
    }
    let from = token.start.saturating_sub(FLOW_REACH);
    let reach = &text[from..text.len().min(token.end + FLOW_REACH)];
    let mut n_uses = 0;
    for at in memchr::memmem::find_iter(reach, identifier).take(FLOW_LOOKS).map(|at| from + at) {
        let use_of = Span::new(at, at + identifier.len());
        if name.overlaps(use_of) || token.overlaps(use_of) || !is_whole_word(text, at, identifier.len()) || is_assigned_to(text, use_of.end) {
            continue;
        }
        n_uses += 1;
        if n_uses > FLOW_USES {
            return;
        }
        let line = line_around(text, at);
        place.zones.push((Zone::Flow, line));
        if name::speaks_of_credential(line.of(text)) {
            // Where it is sent, the address is not far.
            place.zones.push((Zone::Flow, place::lines_around(text, line, 3)));
        }
        let floor = at.saturating_sub(600);
        let mut pos = at;
        let mut inner_end = use_of.end;
        // The calls around the use: a template's braces, headers, options, the call.
        for _ in 0..4 {
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

/// The parameter that the token becomes, if it is passed by position to a function that this text defines: `def ask(api_key, …)`, `ask("…")`.
fn parameter(text: &[u8], token: Span, place: &Place) -> Option<Span> {
    let callee = place.callee.filter(|_| place.name.is_none())?;
    let name = callee.of(text).rsplit(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).next().filter(|name| name.len() >= 3)?;
    let open = callee.end + memchr::memchr(b'(', &text[callee.end..token.start])?;
    let position = text[open..token.start].iter().filter(|&&byte| byte == b',').count();
    let from = token.start.saturating_sub(FLOW_REACH);
    let reach = &text[from..text.len().min(token.end + FLOW_REACH)];
    let definition = memchr::memmem::find_iter(reach, name).map(|at| from + at).filter(|&at| is_whole_word(text, at, name.len())).take(FLOW_USES).find(|&at| {
        let before = matches!(lex::item_before(text, at, at.saturating_sub(20)), Some((lex::Item::Word(word), _)) if matches!(word.of(text), b"def" | b"function" | b"func" | b"fn" | b"fun" | b"sub"));
        before || is_assigned_to(text, at + name.len())
    })?;
    let line = line_around(text, definition);
    let mut start = definition + memchr::memchr(b'(', &text[definition..line.end.max(definition)])? + 1;
    let end = lex::closing(text, start, text.len().min(start + 400));
    for _ in 0..position {
        start += memchr::memchr(b',', text.get(start..end)?)? + 1;
    }
    let end = start + text.get(start..end)?.iter().position(|byte| matches!(byte, b',' | b':' | b'=')).unwrap_or(end - start);
    let lead = text[start..end].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let trail = text[start + lead..end].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    Some(Span::new(start + lead, end - trail)).filter(|span| !span.is_empty() && span.len() < 60)
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
fn credential(words: &Words, text: &[u8], token: Span, place: &Place, is_imported: bool, sense: name::Sense) -> Option<Evidence> {
    let evidence = |kind, weight, text| Some(Evidence { kind, weight, text });
    let left = &text[line_around(text, token.start).start.max(token.start.saturating_sub(160))..token.start];
    let tail = left.trim_ascii_end();
    let ends_with_scheme = [b"bearer".as_slice(), b"authorization:", b"token", b"authorization: key", b"x-api-key:", b" login"].iter().any(|scheme| {
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
    if let Some(callee) = place.zone(Zone::Callee).find(|callee| is_imported || words.constructs(callee.of(text))) {
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
    if let Some(header) = column_header(text, token).filter(|header| name::speaks_of_credential(header.of(text))) {
        return evidence("credential-column", model::CREDENTIAL_COLUMN, format!("in a column headed {}", quote(header.of(text))));
    }
    if place.name.is_some_and(|name| is_bare(words, name.of(text))) {
        return evidence("bare-name", model::BARE_NAME, "assigned to the provider's name alone".to_owned());
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
    let line = line_around(text, token.start);
    let above = line_around(text, line.start.saturating_sub(1));
    let first = line_around(text, 0);
    if [above, first].into_iter().any(|line| line.len() < 300 && line.end < token.start && name::speaks_of_credential(line.of(text))) {
        return evidence("credential-above", model::CREDENTIAL_ABOVE, "a line above speaks of a credential".to_owned());
    }
    None
}

/// Words of a name that say nothing about whose or what it is.
const FILLERS: [&str; 18] =
    ["next", "public", "vite", "react", "app", "expo", "my", "the", "prod", "dev", "staging", "env", "cfg", "config", "ai", "llm", "default", "local"];

/// Whether `name` consists of a provider's name and fillers.
fn is_bare(words: &Words, name: &[u8]) -> bool {
    let hits = words.find(name, Span::new(0, name.len()));
    let Some(hit) = hits.iter().filter(|hit| matches!(hit.kind, Kind::Name | Kind::CommonName)).max_by_key(|hit| hit.span.len()) else { return false };
    let rest = [&name[..hit.span.start], b" ", &name[hit.span.end..]].concat();
    name::sub_words(&rest).iter().all(|word| FILLERS.contains(&word.as_str()))
}

/// The header of the column of a Markdown table or of separated values in which the token stands.
fn column_header(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    let left = &text[line.start..token.start];
    let is_table = left.trim_ascii_start().starts_with(b"|");
    let separator = if is_table { b'|' } else { *[b',', b'\t', b';'].iter().find(|separator| line.of(text).contains(separator))? };
    let n_before = left.iter().filter(|&&byte| byte == separator).count();
    let header = if is_table {
        let mut top = line;
        while top.start > 0 {
            let above = line_around(text, top.start - 1);
            if !above.of(text).trim_ascii_start().starts_with(b"|") {
                break;
            }
            top = above;
        }
        top
    } else {
        line_around(text, 0)
    };
    let n_columns = |line: Span| line.of(text).iter().filter(|&&byte| byte == separator).count();
    let is_code = header.of(text).iter().any(|byte| matches!(byte, b'(' | b'{' | b'='));
    if header.start == line.start || is_code || n_columns(header) != n_columns(line) {
        return None;
    }
    let mut start = header.start;
    for _ in 0..n_before {
        start += memchr::memchr(separator, &text[start..header.end])? + 1;
    }
    let end = memchr::memchr(separator, &text[start..header.end]).map_or(header.end, |i| start + i);
    Some(Span::new(start, end))
}

/// The part of `span` outside of `token`: what stands before it, or the whole if they do not overlap.
fn before(span: Span, token: Span) -> Span {
    if span.overlaps(token) { Span::new(span.start, token.start) } else { span }
}

/// Functions and tables that give a variable of the environment by its name.
fn is_environment(callee: &[u8]) -> bool {
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
    let within = |zone: Zone| {
        place.zone(zone).filter(|span| span.contains(word)).min_by_key(|span| span.len()).map_or_else(|| quote(word.of(text)), |span| quote(span.of(text)))
    };
    let word_quoted = quote(word.of(text));
    match (zone, kind) {
        (Zone::Name, _) => format!("assigned to {}", within(Zone::Name)),
        (Zone::Own, _) => format!("behind {}", within(Zone::Own)),
        (Zone::Callee, _) if !place.zone(Zone::Callee).any(|span| span.contains(word)) => format!("an argument of what {word_quoted} gives"),
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
