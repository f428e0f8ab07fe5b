//! What a shape's regular expression says about how to look for it: its anchor.
//!
//! The first pass of detection sees *tokens*, maximal runs of `[A-Za-z0-9_-]` of at least [`TOKEN_MIN`] bytes. A shape is looked for at the
//! first run of its own that is sure to be such a token: by that run's literal prefixes if it has any, else by its length and alphabet. What
//! stands before that run must have a fixed length (`AQ.` or eight characters and a dot), so that the start of a key follows from the token.
//! A shape without such a run is looked for by its literal beginning, in the second pass, or by a literal that stands at a fixed distance from its
//! beginning, as the marks in the middle of Azure's keys do.
//!
//! Also compiled into the build script; therefore it depends on `steps` alone.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

use super::steps::{self, Step};

/// The shortest run of key-like characters that the first pass sees.
pub const TOKEN_MIN: usize = 16;

/// The fewest bytes of a literal by which a key is looked for in the second pass. One in the middle of a key may have one less: what stands before it has
/// to fit, too.
pub const LITERAL_MIN: usize = 4;

/// Bits of [`class_of`]: the kinds of bytes that occur in tokens.
pub mod class {
    /// `A-Z`.
    pub const UPPER: u8 = 1;
    /// `a-f`.
    pub const LOWER_HEX: u8 = 2;
    /// `g-z`.
    pub const LOWER_REST: u8 = 4;
    /// `0-9`.
    pub const DIGIT: u8 = 8;
    /// `-`.
    pub const DASH: u8 = 16;
    /// `_`.
    pub const UNDERSCORE: u8 = 32;
    /// `a-z`.
    pub const LOWER: u8 = LOWER_HEX | LOWER_REST;
}

/// The bit of [`class`] for `byte`; 0 for a byte that no token holds.
#[inline(always)]
pub const fn class_of(byte: u8) -> u8 {
    CLASS_OF[byte as usize]
}

static CLASS_OF: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = class_by_definition(byte as u8);
        byte += 1;
    }
    table
};

const fn class_by_definition(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => class::UPPER,
        b'a'..=b'f' => class::LOWER_HEX,
        b'g'..=b'z' => class::LOWER_REST,
        b'0'..=b'9' => class::DIGIT,
        b'-' => class::DASH,
        b'_' => class::UNDERSCORE,
        _ => 0,
    }
}

/// How a shape is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeFacts {
    /// Whether a run of the shape is sure to be a token. If not, the literals in `prefixes` are looked for in the second pass.
    pub is_token: bool,
    /// Bytes of the key before its anchor run, or before the literals of the second pass.
    pub n_lead: usize,
    /// Literal beginnings of the anchor run, each at least three bytes; empty for a shape that is looked for by length. For a shape of the
    /// second pass: literals at a fixed place of the key, each at least [`LITERAL_MIN`] bytes.
    pub prefixes: Vec<Vec<u8>>,
    /// Shortest and longest anchor run.
    pub anchor_len: (usize, usize),
    /// Kinds of bytes that the anchor run may hold, bits of [`class`].
    pub alphabet: u8,
    /// Whether the shape is one run of one length and one alphabet, so that length and alphabet of a token decide without its expression.
    pub is_plain: bool,
    /// Whether every key ends with a token character.
    pub ends_in_token: bool,
    /// Longest key in bytes.
    pub max_len: usize,
    /// Literal beginnings of the whole key: public, shown when it is masked, and no part of its randomness.
    pub public: Vec<Vec<u8>>,
    /// The ways to write a key, step by step; none where only the expression tells.
    pub ways: Vec<Vec<Step>>,
}

/// Derives how to look for the keys that `pattern` describes; of one that is not `sought` only what is known of keys that are at hand.
///
/// # Errors
/// A message when the pattern is no regular expression over ASCII bytes, has no upper bound, or has no run that is sure to be a token and is sought.
pub fn derive(pattern: &str, is_sought: bool) -> Result<ShapeFacts, String> {
    let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).map_err(|e| e.to_string())?;
    if !hir.properties().look_set().is_empty() {
        return Err("a shape has no anchors and no word boundaries".to_owned());
    }
    let max_len = hir.properties().maximum_len().ok_or("a shape needs an upper bound to its length")?;
    let public = literals(&hir);
    let ways = steps::ways(&hir);
    let parts = flatten(&hir);
    let ends_in_token = parts.last().is_some_and(|part| alphabet_of(part) != 0);
    // A literal beginning makes up for an anchor that has no fixed place.
    let begins_with_literal = literals_inside(&parts).is_some_and(|(n_lead, _)| n_lead == 0);
    let found = match anchor(&parts) {
        Err(_) if begins_with_literal || !is_sought => None,
        found => found?,
    };
    let Some(found) = found.filter(|_| is_sought) else {
        let inside = if is_sought { literals_inside(&parts) } else { Some((0, Vec::new())) };
        let Some((n_lead, prefixes)) = inside else {
            return Err(format!(
                "a shape needs a literal of {LITERAL_MIN} characters at a fixed place, or a run of at least {TOKEN_MIN} characters of A-Z, a-z, 0-9, _ and -"
            ));
        };
        return Ok(ShapeFacts { is_token: false, n_lead, prefixes, anchor_len: (0, 0), alphabet: 0, is_plain: false, ends_in_token, max_len, public, ways });
    };
    Ok(ShapeFacts {
        is_token: true,
        n_lead: found.n_lead,
        prefixes: if found.prefixes.iter().any(|prefix| prefix.len() < 3) { Vec::new() } else { found.prefixes },
        anchor_len: (found.min_len, found.max_len),
        alphabet: found.alphabet,
        is_plain: is_plain(&parts, found.alphabet),
        ends_in_token,
        max_len,
        public,
        ways,
    })
}

/// Whether `parts` is one class, exactly of the classes in `alphabet`, repeated a fixed number of times.
fn is_plain(parts: &[Hir], alphabet: u8) -> bool {
    let [part] = parts else { return false };
    let HirKind::Repetition(repetition) = part.kind() else { return false };
    let HirKind::Class(regex_syntax::hir::Class::Bytes(class)) = repetition.sub.kind() else { return false };
    let has = |byte: u8| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte));
    Some(repetition.min) == repetition.max && (0..=255).all(|byte| has(byte) == (class_of(byte) & alphabet != 0))
}

/// Where a shape is looked for; the fields are those of [`ShapeFacts`].
struct Anchor {
    n_lead: usize,
    prefixes: Vec<Vec<u8>>,
    min_len: usize,
    max_len: usize,
    alphabet: u8,
}

/// The first run of `parts` that is sure to be a token.
fn anchor(parts: &[Hir]) -> Result<Option<Anchor>, String> {
    let mut run = Vec::new();
    let (mut n_lead, mut lead_is_fixed) = (0, true);
    for (i, part) in parts.iter().enumerate() {
        if alphabet_of(part) != 0 {
            run.push(part.clone());
            continue;
        }
        if let Some(found) = anchor_in(&run, n_lead, lead_is_fixed)? {
            return Ok(Some(found));
        }
        if let HirKind::Alternation(branches) = part.kind() {
            return anchor_of_all(&parts[..i], branches, &parts[i + 1..]);
        }
        for skipped in run.drain(..).chain([part.clone()]) {
            let (min, max) = lengths(&skipped);
            lead_is_fixed &= Some(min) == max;
            n_lead += min;
        }
    }
    anchor_in(&run, n_lead, lead_is_fixed)
}

/// The anchor that all branches of an alternation share: each branch has one, at the same place.
fn anchor_of_all(before: &[Hir], branches: &[Hir], after: &[Hir]) -> Result<Option<Anchor>, String> {
    let mut joined: Option<Anchor> = None;
    for branch in branches {
        let parts: Vec<Hir> = before.iter().chain(&flatten(branch)).chain(after).cloned().collect();
        let Some(found) = anchor(&parts)? else { return Ok(None) };
        joined = Some(match joined {
            None => found,
            Some(all) if all.n_lead == found.n_lead && all.prefixes.is_empty() == found.prefixes.is_empty() => Anchor {
                n_lead: all.n_lead,
                prefixes: all.prefixes.iter().chain(found.prefixes.iter().filter(|prefix| !all.prefixes.contains(prefix))).cloned().collect(),
                min_len: all.min_len.min(found.min_len),
                max_len: all.max_len.max(found.max_len),
                alphabet: all.alphabet | found.alphabet,
            },
            Some(_) => return Err("the branches of a shape must be found at the same place, all by a prefix or all by length".to_owned()),
        });
    }
    Ok(joined)
}

/// The anchor that `run` is, if it is long enough.
fn anchor_in(run: &[Hir], n_lead: usize, lead_is_fixed: bool) -> Result<Option<Anchor>, String> {
    let run = Hir::concat(run.to_vec());
    let (min_len, max) = lengths(&run);
    // Numbers are no tokens that are looked at.
    if min_len < TOKEN_MIN || alphabet_of(&run) == class::DIGIT {
        return Ok(None);
    }
    if !lead_is_fixed {
        return Err("what stands before the first long run of a shape must have one fixed length".to_owned());
    }
    let max_len = max.expect("a part of a bounded shape is bounded");
    Ok(Some(Anchor { n_lead, prefixes: literals(&run), min_len, max_len, alphabet: alphabet_of(&run) }))
}

/// Literals one of which begins every match; empty if there is none for some match.
fn literals(hir: &Hir) -> Vec<Vec<u8>> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(2).limit_repeat(40).limit_literal_len(64).limit_total(64);
    let found = extractor.extract(hir);
    let literals: Vec<Vec<u8>> = found.literals().unwrap_or(&[]).iter().map(|l| l.as_bytes().to_vec()).collect();
    if literals.iter().any(Vec::is_empty) { Vec::new() } else { literals }
}

/// The first literals of `parts` that are long enough and stand at one distance from the beginning, with that distance.
fn literals_inside(parts: &[Hir]) -> Option<(usize, Vec<Vec<u8>>)> {
    let mut n_lead = 0;
    for (i, part) in parts.iter().enumerate() {
        let found = literals(&Hir::concat(parts[i..].to_vec()));
        if !found.is_empty() && found.iter().all(|literal| literal.len() >= LITERAL_MIN - usize::from(n_lead > 0)) {
            return Some((n_lead, found));
        }
        let (min, max) = lengths(part);
        if Some(min) != max {
            return None;
        }
        n_lead += min;
    }
    None
}

fn flatten(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flatten).collect(),
        HirKind::Capture(capture) => flatten(&capture.sub),
        // A literal is cut where it leaves the token alphabet, so that `AQ.Ab8R` gives `AQ`, `.` and `Ab8R`.
        HirKind::Literal(literal) => literal.0.chunk_by(|a, b| (class_of(*a) == 0) == (class_of(*b) == 0)).map(Hir::literal).collect(),
        _ => vec![hir.clone()],
    }
}

/// The classes of the bytes in `hir`; 0 if one of them is no token byte.
fn alphabet_of(hir: &Hir) -> u8 {
    let join = |parts: &[Hir]| parts.iter().try_fold(0, |all, part| if is_empty(part) { Some(all) } else { Some(all | some(alphabet_of(part))?) }).unwrap_or(0);
    let of_bytes = |bytes: Vec<u8>| bytes.into_iter().try_fold(0, |all, byte| Some(all | some(class_of(byte))?)).unwrap_or(0);
    match hir.kind() {
        HirKind::Literal(literal) => of_bytes(literal.0.to_vec()),
        HirKind::Class(regex_syntax::hir::Class::Bytes(class)) => of_bytes(class.ranges().iter().flat_map(|r| r.start()..=r.end()).collect()),
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
            of_bytes(class.ranges().iter().flat_map(|r| r.start()..=r.end()).map(|c| u8::try_from(c).unwrap_or(b' ')).collect())
        }
        HirKind::Repetition(repetition) => alphabet_of(&repetition.sub),
        HirKind::Capture(capture) => alphabet_of(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => join(parts),
        HirKind::Empty | HirKind::Look(_) => 0,
    }
}

const fn some(class: u8) -> Option<u8> {
    if class == 0 { None } else { Some(class) }
}

fn is_empty(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Empty)
}

fn lengths(hir: &Hir) -> (usize, Option<usize>) {
    (hir.properties().minimum_len().unwrap_or(0), hir.properties().maximum_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_found_behind_groups_and_options() {
        let facts = derive("sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20}", true).expect("a valid shape");
        assert_eq!(facts.prefixes, [b"sk-proj-".to_vec(), b"sk-svcacct-".to_vec(), b"sk-".to_vec()]);
        assert_eq!((facts.n_lead, facts.anchor_len, facts.max_len), (0, (23, 31), 31));
    }

    #[test]
    fn a_shape_without_a_prefix_is_looked_for_by_length_and_alphabet() {
        let facts = derive("[0-9a-f]{32}", true).expect("a valid shape");
        assert_eq!((facts.prefixes.len(), facts.anchor_len, facts.alphabet), (0, (32, 32), class::LOWER_HEX | class::DIGIT));
        assert!(facts.public.is_empty());
    }

    #[test]
    fn the_anchor_is_the_first_run_that_is_sure_to_be_a_token() {
        let dotted = derive(r"AQ\.Ab8R[A-Za-z0-9_-]{46}", true).expect("a valid shape");
        assert_eq!((dotted.n_lead, dotted.prefixes.as_slice()), (3, [b"Ab8R".to_vec()].as_slice()));
        assert_eq!(dotted.public, [b"AQ.Ab8R".to_vec()]);
        let second = derive(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", true).expect("a valid shape");
        assert_eq!((second.n_lead, second.anchor_len), (9, (32, 32)));
        let first = derive(r"[0-9a-f]{32}\.[A-Za-z0-9]{16}", true).expect("a valid shape");
        assert_eq!((first.n_lead, first.anchor_len), (0, (32, 32)));
        let branched = derive(r"ab_(?:[A-Z]{20}|[0-9]{13}\.[a-z]{4})", true).expect("a valid shape");
        assert_eq!((branched.prefixes.as_slice(), branched.anchor_len), ([b"ab_".to_vec()].as_slice(), (16, 23)));
    }

    #[test]
    fn a_shape_that_is_no_token_is_looked_for_by_its_literal() {
        let facts = derive("apk_user_[A-Za-z0-9+/]{120}", true).expect("a valid shape");
        assert_eq!((facts.is_token, facts.prefixes), (false, vec![b"apk_user_".to_vec()]));
    }

    #[test]
    fn a_mark_in_the_middle_of_a_key_is_looked_for_at_its_distance() {
        let facts = derive(r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}==", true).expect("a valid shape");
        assert_eq!((facts.is_token, facts.n_lead, facts.prefixes), (false, 76, vec![b"+ASt".to_vec()]));
        assert!(facts.public.is_empty());
        assert_eq!(derive(r"dp\.(?:st|scim)\.[A-Za-z0-9]{40}", true).expect("a valid shape").prefixes, [b"dp.st.".to_vec(), b"dp.scim.".to_vec()]);
        let short = derive(r"[a-z~.]{3}[78]Q~[a-z~.]{31}", true).expect("a valid shape");
        assert_eq!((short.n_lead, short.prefixes), (3, vec![b"7Q~".to_vec(), b"8Q~".to_vec()]));
        assert!(derive("[a-z+/]{40,41}ASt+[A-Z+/]{6}", true).is_err(), "at no fixed distance");
    }

    #[test]
    fn a_shape_that_is_not_sought_needs_no_anchor() {
        let facts = derive("[A-Za-z0-9+/]{370,372}={0,2}", false).expect("a valid shape");
        assert_eq!((facts.is_token, facts.prefixes.len(), facts.max_len), (false, 0, 374));
        assert!(derive("[a-z+/]{20,}", false).is_err(), "unbounded");
    }

    #[test]
    fn shapes_that_cannot_be_looked_for_are_refused() {
        assert!(derive("[a-z]{8}", true).is_err(), "too short");
        assert!(derive("ab_[a-z+/]{40}", true).is_err(), "no sure token and too short a literal");
        assert!(derive("[a-z]{20,}", true).is_err(), "unbounded");
        assert!(derive(r"\b[a-z]{20}", true).is_err(), "look-around");
        assert!(derive(r"[a-z]{1,8}\.[a-z]{20}", true).is_err(), "lead of no fixed length");
        assert!(derive("[a-z", true).is_err(), "no regular expression");
    }
}
