//! Evidence in words.

use super::place::{Place, Zone};
use super::value;
use super::words::Kind;
use crate::span::Span;

pub(super) fn zone_name(zone: Zone) -> &'static str {
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

pub(super) fn sentence(text: &[u8], zone: Zone, kind: Kind, word: Span, place: &Place) -> String {
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
        (Zone::Flow, _) => format!("its variable is used near {word_quoted}"),
        (Zone::Near, _) => format!("next to {word_quoted}"),
        (Zone::Around, _) => format!("close to {word_quoted}"),
        (Zone::File | Zone::Path, _) => format!("in a blob with {word_quoted}"),
    }
}

/// A piece of scanned text for a sentence: short, printable, and without anything that could itself be a secret.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for part in bytes.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
        if part.len() >= 16 && value::entropy(part) > 3.0 && !value::is_made_of_words(part) {
            shown.push_str("********");
        } else {
            shown.extend(part.iter().map(|&byte| if byte.is_ascii_graphic() || byte == b' ' { byte as char } else { ' ' }));
        }
    }
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    let shown = shown.trim_matches(|c| matches!(c, '"' | '\''));
    if shown.len() > 60 { format!("`{}…`", &shown[..57]) } else { format!("`{shown}`") }
}
