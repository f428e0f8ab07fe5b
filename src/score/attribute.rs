//! Evidence: which words stand in which zones around a token, and what that says for each provider.

use std::collections::BTreeMap;

use super::credential::{announcement, credential, is_name_alone, is_title, is_user};
use super::flow::{add_flow, held_hosts, imported_callee, pair_by_position, parameter};
use super::model;
use super::name;
use super::owner::{self, Owner, comment_above};
use super::page::ALLOWANCE;
use super::place::{Place, Zone};
use super::sentence::{sentence, zone_name};
use super::words::{Hit, Kind, Words};
use super::{Page, ProviderSet, beside, column, is_look_alike, journal, layout, value};
use crate::finding::Evidence;
use crate::span::{Span, line_above, line_around, merged};

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
    /// Whether the token's own name names another provider, and not this one.
    pub is_anothers: bool,
}

/// What the surroundings of a token say.
#[derive(Debug)]
pub struct Surroundings {
    /// Where the token stands.
    pub place: Place,
    /// Providers by index, of those that were asked for, with what speaks for them.
    pub cases: BTreeMap<usize, Case>,
    /// Points for being a credential at all, and why.
    pub credential: Option<Evidence>,
    /// What the assigned name names.
    pub sense: name::Sense,
}

/// Bytes around a token in which words are looked for one by one.
const REACH: usize = 4096;
/// Bytes at the blob's start that hold its imports.
const HEAD: usize = 4096;

/// Which words around a token are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// All.
    All,
    /// None where a glance shows that no provider that is wanted can be named: then nothing is decided by what others are.
    OfWanted,
}

/// Reads the surroundings of `token` in `page`, for what they say of the providers `wanted`.
pub fn read(words: &Words, page: &Page<'_>, token: Span, wanted: &ProviderSet, sought: Sought) -> Surroundings {
    reading(words, page, token, wanted, sought).surroundings(words, page, token, wanted)
}

/// The same, if they make the token a credential by so many points at `least`: in a list of other things nothing is weighed for whose they are.
pub fn read_of_credential(words: &Words, page: &Page<'_>, token: Span, wanted: &ProviderSet, least: i32) -> Option<Surroundings> {
    let reading = reading(words, page, token, wanted, Sought::All);
    let is_credential = !reading.sense.is_other && reading.credential.as_ref().is_some_and(|evidence| evidence.weight >= least);
    is_credential.then(|| reading.surroundings(words, page, token, wanted))
}

/// What was read around a token, before it is weighed for each provider.
struct Reading {
    place: Place,
    hits: Vec<Hit>,
    imported: Option<Span>,
    credential: Option<Evidence>,
    sense: name::Sense,
}

impl Reading {
    fn surroundings(self, words: &Words, page: &Page<'_>, token: Span, wanted: &ProviderSet) -> Surroundings {
        let Self { place, hits, imported, credential, sense } = self;
        let cases = cases(words, page, token, &place, &hits, imported, sense, wanted);
        Surroundings { place, cases, credential, sense }
    }
}

fn reading(words: &Words, page: &Page<'_>, token: Span, wanted: &ProviderSet, sought: Sought) -> Reading {
    let text = page.text;
    let mut place = Place::read(text, token);
    if let Some(parameter) = parameter(text, token, &place) {
        place.name = Some(parameter);
        place.is_assigned = true;
        place.zones.push((Zone::Name, parameter));
    }
    // Of a name in several words (`IBM Cloud: …`) the last alone was read.
    let is_whole = |heading: &Span| place.name.is_none_or(|name| heading.contains(name) && !place.is_quoted);
    if let Some(heading) = heading(words, text, token, wanted).filter(is_whole) {
        place.name = Some(heading);
        place.zones.push((Zone::Name, heading));
    }
    let glued = beside::glued_name(text, token);
    let column = || column::name(text, token, &place);
    if let Some(named) = glued.or_else(|| beside::name_in_command(text, token, &place)).or_else(column) {
        // What was taken for the name before is an option, or the value of another cell.
        place.zones.retain(|(zone, _)| *zone != Zone::Name);
        place.name = Some(named);
        place.zones.push((Zone::Name, named));
    }
    if let Some(command) = beside::command_given(text, token) {
        place.zones.push((Zone::Callee, command));
    }
    let mut sense = place.name.map(|name| name::sense(name.of(text))).unwrap_or_default();
    if is_user(text, token) {
        // It may stand behind an option `--user` for all that.
        (sense.is_other, place.name) = (false, None);
    }
    add_flow(text, token, &mut place);
    if place.zone(Zone::Flow).any(|span| memchr::memmem::find(span.of(text), b"Bearer").is_some()) {
        // Whatever it is called, it is sent to an API.
        sense.is_foreign = false;
    }
    // `"digest": "content:…"`: the name inside the text only holds, that of the text says what.
    sense.is_other |= sense.is_holder && place.zone(Zone::Name).any(|name| name.len() < 60 && name::sense(name.of(text)).is_other);
    if let Some(comment) = comment_above(text, token) {
        // What is said right above a line is said of it, as what is said behind it.
        place.zones.push((Zone::Line, comment));
    }
    if let Some(said) = journal::entry_above(text, token).or_else(|| announcement(text, token)) {
        place.zones.push((Zone::Line, said));
    }
    // The row of a table tells in the cells before the token whose it is.
    let is_subject = |cell: &Span| is_title(words, cell.of(text));
    place.zones.extend(column::cells_before(text, token).filter(is_subject).map(|cell| (Zone::Enclosing, cell)));
    pair_by_position(text, token, &mut place);
    if layout::is_markdown(page.path)
        && let Some(title) = layout::title_above(text, token, |title| is_title(words, title))
    {
        place.zones.push((Zone::Enclosing, title));
    }
    if sense.is_holder || place.name.is_none() {
        promote_siblings(text, &mut place);
    }
    if let Some(named) = place.name.filter(|_| sense.is_holder).and_then(|_| beside::name(text, token, &place)) {
        place.name = Some(named);
        place.zones.push((Zone::Name, named));
        sense = name::sense(named.of(text));
    }
    if place.name.is_none() {
        sense.is_other |=
            word_before(text, token).is_some_and(|word| name::sense(word.of(text)).is_other || is_reference(word.of(text)) && is_look_alike(token.of(text)));
    }
    let near = Span::new(token.start.saturating_sub(REACH), text.len().min(token.end + REACH));
    let head = Some(Span::new(0, HEAD)).filter(|_| near.start > HEAD);
    let uses = merged(place.zone(Zone::Flow).filter(|zone| !near.contains(*zone)).collect());
    let may_be_named = || {
        let is_in_path = || page.path_hits(words).iter().any(|&(provider, _)| wanted.contains(provider));
        let mut ranges = [near].into_iter().chain(head).chain(uses.iter().copied());
        glued.is_some() || ranges.any(|range| page.may_name_any(words, range, wanted)) || is_in_path()
    };
    let mut hits = Vec::new();
    if sought == Sought::All || may_be_named() {
        hits.extend([near].into_iter().chain(head).flat_map(|range| page.hits(words, range)));
        for uses in uses {
            hits.extend(page.hits(words, uses).into_iter().filter(|hit| uses.contains(hit.span) && !near.overlaps(hit.span)));
        }
        if let Some(name) = glued {
            hits.extend(words.find_alone(text, name));
        }
        let has_allowances = page.has_allowances();
        hits.retain(|hit| !(hit.span.overlaps(token) || has_allowances && is_in_allowance(text, hit.span)));
    }
    let imported = imported_callee(text, &place, &hits);
    if let Some((_, callee)) = imported {
        place.zones.push((Zone::Callee, callee));
    }
    let credential = credential(words, text, token, &place, &hits, imported.is_some(), sense);
    Reading { place, hits, imported: imported.map(|(hit, _)| hit), credential, sense }
}

/// Whether a word is that of a rule which a comment of keysift's own names (`keysift:allow=RULE,RULE`): it speaks of a finding and is no evidence for one.
fn is_in_allowance(text: &[u8], word: Span) -> bool {
    const LONGEST: usize = 200;
    let before = &text[word.start.saturating_sub(LONGEST)..word.start];
    let n = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"-,=:".contains(byte)).count();
    before[before.len() - n..].starts_with(ALLOWANCE)
}

/// The word right before the token in running text: `request id …`, `in commit …`.
fn word_before(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    let left = text[line.start..token.start].trim_ascii_end();
    let left = left.strip_suffix(b":").or(left.strip_suffix(b"#")).or(left.strip_suffix(b"(")).unwrap_or(left).trim_ascii_end();
    let n = left.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let end = line.start + left.len();
    (n >= 2 && end < token.start).then(|| Span::new(end - n, end))
}

/// Whether running text refers to something by what follows `word`: `fixed in …`, `see …`.
fn is_reference(word: &[u8]) -> bool {
    ["in", "at", "see", "by", "from", "since", "of"].iter().any(|reference| word.eq_ignore_ascii_case(reference.as_bytes()))
}

/// What a token that ends its line is headed by, if that is a provider's name and nothing else, or words for a key of its: the line above, or what stands
/// before it on its own (`Datadog key (prod)  …`). There a list may stand, of names with versions or digests of theirs: it must name a provider that has such
/// keys, and say that what looks like a digest is one.
fn heading(words: &Words, text: &[u8], token: Span, wanted: &ProviderSet) -> Option<Span> {
    let line = line_around(text, token.start);
    if !text[token.end..line.end.max(token.end)].iter().all(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\r' | b' ')) {
        return None;
    }
    let before = Span::new(line.start, token.start);
    let is_heading = |span: Span| span.len() < LONGEST_HEADING && !span.of(text).trim_ascii().is_empty() && is_title(words, span.of(text));
    if before.of(text).trim_ascii().is_empty() {
        return line_above(text, line.start).filter(|above| is_heading(*above));
    }
    let is_apart = matches!(text[token.start - 1], b' ' | b'\t' | b'`');
    // A list has more lines than one.
    let is_alone = || is_name_alone(words, before.of(text)) && text.trim_ascii().len() <= line.len();
    let is_told = || !is_look_alike(token.of(text)) || name::speaks_of_credential(before.of(text)) || is_alone();
    let names_wanted = || words.find(text, before).iter().any(|hit| wanted.contains(hit.provider));
    (is_apart && is_heading(before) && is_told() && names_wanted()).then_some(before)
}

/// Longer texts are no headings.
const LONGEST_HEADING: usize = 40;

#[expect(clippy::too_many_arguments, reason = "all that was read of one token's surroundings, once")]
fn cases(
    words: &Words,
    page: &Page<'_>,
    token: Span,
    place: &Place,
    hits: &[Hit],
    imported: Option<Span>,
    sense: name::Sense,
    wanted: &ProviderSet,
) -> BTreeMap<usize, Case> {
    let text = page.text;
    let neighborhood = Neighborhood::new(text, token);
    let helds = held_hosts(text, token, place, hits);
    let mut pieces: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    let collisions: Vec<Hit> = hits.iter().copied().filter(|hit| hit.kind == Kind::Collision).collect();
    let providers = of_interest(place, hits, wanted);
    for hit in hits {
        if hit.kind == Kind::Collision || !providers.contains(hit.provider) {
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
    let is_own = |pieces: &[Piece]| pieces.iter().any(|piece| piece.zone == Zone::Name && piece.kind == Kind::Name);
    let names_own = |(provider, pieces): &(&usize, &Vec<Piece>)| is_own(pieces) && !owner::is_compatible(words, **provider);
    let own: Vec<usize> = pieces.iter().filter(names_own).map(|(&provider, _)| provider).collect();
    let is_name = |piece: &Piece| matches!(piece.zone, Zone::Name | Zone::Own) && matches!(piece.kind, Kind::Name | Kind::CommonName | Kind::Host);
    let named = pieces.iter().filter(|(_, pieces)| pieces.iter().any(is_name)).map(|(&provider, _)| provider).collect();
    let owner = Owner::read(words, text, token, place, hits, named, sense);
    let names_another = |provider: usize| owner.is_another(provider);
    let is_foreign = owner == Owner::Foreign;
    let mut cases: BTreeMap<usize, Case> = BTreeMap::new();
    for (provider, pieces) in pieces.into_iter().filter(|(provider, _)| wanted.contains(*provider)) {
        let mut ranks: Vec<i32> = pieces.iter().map(|piece| weakened(neighborhood.faded(piece), piece.zone, names_another(provider), is_foreign)).collect();
        ranks.sort_unstable_by_key(|rank| -rank);
        cases.entry(provider).or_default().rank = sum(ranks.into_iter());
        for piece in pieces {
            let points = weakened(piece.points, piece.zone, names_another(provider), is_foreign);
            if points > 0 {
                let case = cases.entry(provider).or_default();
                case.evidence.push(Evidence { kind: zone_name(piece.zone), weight: points, text: sentence(text, piece.zone, piece.kind, piece.span, place) });
                case.best = Some(case.best.map_or(piece.zone, |seen| seen.min(piece.zone)));
            }
        }
    }
    for &(provider, kind) in page.path_hits(words).iter().filter(|(provider, _)| wanted.contains(*provider)) {
        let points = weakened(model::points(kind, Zone::Path), Zone::Path, names_another(provider), is_foreign);
        let case = cases.entry(provider).or_default();
        if points > 0 && !case.evidence.iter().any(|piece| piece.kind == zone_name(Zone::Path)) {
            case.evidence.push(Evidence { kind: zone_name(Zone::Path), weight: points, text: "in a path that names it".to_owned() });
            case.rank += points / 2;
        }
    }
    for (provider, case) in &mut cases {
        case.is_anothers = !own.is_empty() && !own.contains(provider);
        case.evidence.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
        case.points = sum(case.evidence.iter().map(|piece| piece.weight));
        if collisions.iter().any(|hit| hit.provider == *provider) && case.best.is_none_or(|zone| zone > Zone::Callee) {
            case.evidence.push(Evidence { kind: "collision", weight: -case.points, text: "the name has another meaning here".to_owned() });
            (case.points, case.rank) = (0, 0);
        }
    }
    cases
}

/// The providers whose words say something: those that are `wanted`, and those that the token's own name may hold, which makes it theirs and nobody else's.
fn of_interest(place: &Place, hits: &[Hit], wanted: &ProviderSet) -> ProviderSet {
    let own: Vec<Span> = place.zone(Zone::Name).chain(place.zone(Zone::Own)).collect();
    let mut providers = wanted.clone();
    hits.iter().filter(|hit| own.iter().any(|zone| zone.contains(hit.span))).for_each(|hit| providers.insert(hit.provider));
    providers
}

/// The best piece counts whole, the second half, the third a quarter.
fn sum(points: impl Iterator<Item = i32>) -> i32 {
    points.take(3).enumerate().map(|(rank, points)| points >> rank).sum()
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
fn weakened(points: i32, zone: Zone, names_another: bool, is_foreign: bool) -> i32 {
    match zone {
        _ if !names_another => points,
        Zone::Name | Zone::Own | Zone::Callee => points,
        Zone::Flow if !is_foreign => points,
        Zone::Flow | Zone::Enclosing | Zone::Sibling | Zone::Outer => points / 2,
        Zone::Line | Zone::Near | Zone::Around | Zone::File | Zone::Path => 0,
    }
}

fn distance(a: Span, b: Span) -> usize {
    a.start.max(b.start) - a.end.min(b.end).min(a.start.max(b.start))
}

/// A name that only holds its value says nothing; what stands beside it does.
fn promote_siblings(text: &[u8], place: &mut Place) {
    let beside: Vec<Span> = place.zone(Zone::Sibling).filter(|span| span.len() < 400).collect();
    if place.name.is_some_and(|name| name::sense(name.of(text)).is_holder) {
        place.zones.extend(beside.into_iter().map(|span| (Zone::Enclosing, span)));
    }
}
