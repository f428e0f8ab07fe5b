//! Where a value goes: the uses of its variable, the parameter it becomes, the import its function comes from, the host its neighbor holds.
//!
//! All of it by names within the same text, bounded in bytes and in the number of uses that are looked at.

use super::place::{self, Place, Zone};
use super::words::{Hit, Kind};
use super::{column, lex, name, value};
use crate::span::{Span, line_around};

/// Bytes around a token in which uses of its variable are looked for, and how many uses are read.
const FLOW_REACH: usize = 32 * 1024;

const FLOW_USES: usize = 12;

/// How often a variable's name is looked at in search of uses.
const FLOW_LOOKS: usize = 300;

/// Bytes on each side of a use that still belong to it, and to the lines next to it: a line can be a whole minified file.
const USE_BYTES: usize = 300;
const NEAR_USE_BYTES: usize = 500;

/// How many hosts are followed to the variables that hold them, the nearest ones first.
const HELD_HOSTS: usize = 16;

/// Adds the places where the variable that holds the token, or the object with the token in it, is used.
pub(super) fn add_flow(text: &[u8], token: Span, place: &mut Place) {
    let assigned = place.name.filter(|_| place.is_assigned);
    let containers = place.zone(Zone::Enclosing).filter(|span| text[span.end..].trim_ascii_start().starts_with(b"=")).take(2);
    let names: Vec<(Span, bool)> = assigned.map(|name| (name, true)).into_iter().chain(containers.map(|name| (name, false))).collect();
    for (name, is_assigned) in names {
        add_uses(text, token, name, is_assigned, place);
    }
}

/// Adds the uses of the variable whose name ends at the end of `name`. A name that the token is assigned to can be that of a setting, which is looked
/// up by a string (`env["NAME"]`); the name of an object cannot.
fn add_uses(text: &[u8], token: Span, name: Span, can_be_string: bool, place: &mut Place) {
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
        if !can_be_string && at > 0 && matches!(text[at - 1], b'"' | b'\'') && text.get(use_of.end) == Some(&text[at - 1]) {
            continue;
        }
        n_uses += 1;
        if n_uses > FLOW_USES {
            return;
        }
        let whole_line = line_around(text, at);
        let line = place::bounded(whole_line, use_of, USE_BYTES);
        place.zones.push((Zone::Flow, line));
        if name::speaks_of_credential(line.of(text)) {
            // Where it is sent, the address is not far.
            place.zones.push((Zone::Flow, place::lines_around(text, whole_line, 3, use_of, NEAR_USE_BYTES)));
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
pub(super) fn parameter(text: &[u8], token: Span, place: &Place) -> Option<Span> {
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

/// Hosts that a variable holds which is named beside the token or where the token's variable is used: `base_url=BASE`.
pub(super) fn held_hosts(text: &[u8], token: Span, place: &Place, hits: &[Hit]) -> Vec<(Span, Zone)> {
    let mut held = Vec::new();
    let mut hosts: Vec<&Hit> = hits.iter().filter(|hit| hit.kind == Kind::Host).collect();
    hosts.sort_by_key(|hit| (hit.span.start.abs_diff(token.start), hit.provider));
    hosts.truncate(HELD_HOSTS);
    for hit in hosts {
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

/// The import that brings the function which the token is passed to, and that function: `import { createClient } from '@deepgram/sdk'`.
pub(super) fn imported_callee(text: &[u8], place: &Place, hits: &[Hit]) -> Option<(Span, Span)> {
    // A method of something is not what was imported.
    let is_function = |callee: &Span| callee.len() >= 4 && callee.of(text).iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let callees: Vec<Span> = place.zone(Zone::Callee).filter(is_function).collect();
    let mut imports = hits.iter().filter(|hit| hit.kind == Kind::Import && !callees.is_empty());
    imports.find_map(|hit| {
        let line = line_around(text, hit.span.start).of(text);
        let is_named = |callee: &&Span| memchr::memmem::find(line, callee.of(text)).is_some_and(|at| is_whole_word(line, at, callee.len()));
        let callee = callees.iter().find(is_named)?;
        let statement = line.trim_ascii_start();
        let is_import = || statement.starts_with(b"import ") || statement.starts_with(b"from ") || memchr::memmem::find(statement, b"require(").is_some();
        is_import().then_some((hit.span, *callee))
    })
}

/// `KEYS=a;b` beside `URLS=https://x;https://y`: lists whose items belong together by their position.
pub(super) fn pair_by_position(text: &[u8], token: Span, place: &mut Place) {
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
            place.zones.extend(column::cells(text, other, b';').nth(position).map(|item| (Zone::Own, item)));
        }
        start = other.end + 1;
    }
}

/// The nearest bracket to the left of `pos` that is still open there.
fn unmatched_open(text: &[u8], mut pos: usize, floor: usize) -> Option<usize> {
    while let Some((item, at)) = lex::bracket_before(text, pos, floor) {
        if let lex::Item::Open(_) = item {
            return Some(at);
        }
        pos = lex::opening(text, at, floor)?;
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

pub(super) fn is_whole_word(text: &[u8], at: usize, n: usize) -> bool {
    let is_identifier = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !is_identifier(text.get(at + n)) && (at == 0 || !is_identifier(text.get(at - 1)))
}
