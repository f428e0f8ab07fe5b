//! The stretches of a text that a survey looks at: where it is new, and around places of doubts.
//!
//! What decides whether a token leaves a doubt stands on its line and within a few bytes around it, so that stretches reach as far beyond what is new, and to the
//! ends of lines and of base64 texts. Everything else is as it was in the text that this one derives from.

use crate::base64::is_member;
use crate::decode::base64;
use crate::git::history::Segment;
use crate::score::{LOCAL_AFTER, LOCAL_BEFORE, ROWS};
use crate::span::Span;

/// How far a stretch is extended to the next line end, and to the end of a base64 text.
const N_LINE: usize = 4 << 10;
const N_BASE64: usize = 64 << 10;
/// Of a longer base64 text it cannot be told from its middle where its parts begin.
pub(super) const LONGEST_BASE64: usize = N_BASE64 / 2;

/// A stretch of text that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// Where it is.
    pub(super) span: Span,
    /// Whether it is made of whole lines and no base64 text goes on beyond them, so that nothing decides there but what stands in it and right around it.
    pub(super) is_apart: bool,
}

/// The bytes of a segment.
pub(super) fn run(segment: &Segment) -> Span {
    Span::new(segment.at, segment.at + segment.len)
}

/// The stretches of `bytes` in which a token may be new, or may have new text beside it that decides: what was inserted and the seams between copies,
/// with as much around as is looked at, up to the ends of lines and of base64 texts. Nothing if such a text is too long, for where its parts begin is told
/// from its start; nor if it may be no plain text.
pub(super) fn novel(bytes: &[u8], segments: &[Segment]) -> Option<Vec<Zone>> {
    let mut near: Vec<Span> = Vec::new();
    // There are a hundred segments in many a blob, so that the last stretch is kept at hand.
    let (mut last, mut copied_to) = (Span::new(0, 0), usize::MAX);
    let mut add = |span: Span| {
        let next = near_by(bytes, span);
        if next.start <= last.end {
            last.end = next.end;
        } else {
            near.extend((!last.is_empty()).then_some(last));
            last = next;
        }
    };
    for segment in segments {
        match segment.from {
            Some(from) if from == copied_to => copied_to = from + segment.len,
            Some(from) => {
                add(Span::new(segment.at, segment.at));
                copied_to = from + segment.len;
                // A cell that comes so far up that a header may name it left no doubt where it was.
                let risen = Span::new(segment.at.max(ROWS.saturating_sub(from.saturating_sub(segment.at))), (ROWS + 1).min(segment.at + segment.len));
                if from > segment.at && risen.start < risen.end {
                    add(risen);
                }
            }
            None => {
                add(run(segment));
                copied_to = usize::MAX;
            }
        }
    }
    // Where the other blob went on, this one may end.
    add(Span::new(bytes.len(), bytes.len()));
    near.push(last);
    // A base that is plain text has no zeros, by which text in wide units and data are known; new bytes may.
    widened(bytes, near).filter(|zones| zones.iter().all(|zone| memchr::memchr(0, zone.span.of(bytes)).is_none()))
}

/// The stretches around doubts in which a look finds them again.
pub(super) fn zones_around(bytes: &[u8], doubts: impl Iterator<Item = Span>) -> Vec<Span> {
    let near = doubts.map(|doubt| near_by(bytes, doubt)).collect();
    widened(bytes, near).map_or_else(|| vec![Span::new(0, bytes.len())], |zones| zones.into_iter().map(|zone| zone.span).collect())
}

/// Whether a place has a part of one of these doubts, which are in order and apart from each other.
pub(super) fn overlaps_any(doubts: &[Span], place: Span) -> bool {
    let next = doubts.partition_point(|doubt| doubt.end <= place.start);
    doubts.get(next).is_some_and(|doubt| doubt.start < place.end)
}

/// A stretch with as much around it as is looked at.
fn near_by(bytes: &[u8], span: Span) -> Span {
    // A token is decided by more before it than behind it.
    Span::new(span.start.saturating_sub(LOCAL_AFTER), bytes.len().min(span.end + LOCAL_BEFORE))
}

/// Extends stretches, which are in order of their starts, to the ends of base64 texts and lines; those that meet then become one. Nothing if one is in too long a base64
/// text.
fn widened(bytes: &[u8], near: Vec<Span>) -> Option<Vec<Zone>> {
    let mut zones: Vec<Zone> = Vec::with_capacity(near.len());
    for span in near {
        let Zone { span: wide, is_apart } = widened_one(bytes, span)?;
        match zones.last_mut() {
            Some(last) if wide.start <= last.span.end => {
                last.span = Span::new(last.span.start.min(wide.start), last.span.end.max(wide.end));
                last.is_apart &= is_apart;
            }
            _ => zones.push(Zone { span: wide, is_apart }),
        }
    }
    Some(zones)
}

fn widened_one(bytes: &[u8], span: Span) -> Option<Zone> {
    let line_before = |at: usize| {
        let from = at.saturating_sub(N_LINE);
        memchr::memrchr(b'\n', &bytes[from..at]).map(|found| from + found + 1).or((from == 0).then_some(0))
    };
    let line_after = |at: usize| {
        let to = bytes.len().min(at + N_LINE);
        memchr::memchr(b'\n', &bytes[at..to]).map(|found| at + found + 1).or((to == bytes.len()).then_some(to))
    };
    if let (Some(start), Some(end)) = (line_before(span.start), line_after(span.end)) {
        let lines = Span::new(start, end);
        let span = with_base64_lines(bytes, lines);
        return Some(Zone { span, is_apart: span == lines && !may_go_on(bytes, lines) });
    }
    let n_before = bytes[span.start.saturating_sub(N_BASE64)..span.start].iter().rev().take_while(is_base64).count();
    let n_after = bytes[span.end..bytes.len().min(span.end + N_BASE64)].iter().take_while(is_base64).count();
    if n_before + n_after >= LONGEST_BASE64 {
        return None;
    }
    let (start, end) = (span.start - n_before, span.end + n_after);
    let start = line_before(start).unwrap_or(start.saturating_sub(N_LINE));
    let end = line_after(end).unwrap_or(bytes.len().min(end + N_LINE));
    Some(Zone { span: with_base64_lines(bytes, Span::new(start, end)), is_apart: false })
}

/// Whether a base64 text may go on beyond these lines, though it is not looked at that far: the line before ends like one, or the line behind is one.
fn may_go_on(bytes: &[u8], lines: Span) -> bool {
    const LEAST: usize = 16;
    let before = base64::text_before(bytes, lines.start).unwrap_or_default();
    let behind = bytes[lines.end..bytes.len().min(lines.end + N_LINE)].trim_ascii_start();
    let n_behind = behind.iter().take_while(is_base64).count();
    let is_line = matches!(behind.get(n_behind), None | Some(b'\n' | b'\r'));
    n_behind >= LEAST && is_line || before.iter().rev().take(LEAST).take_while(is_base64).count() == LEAST
}

/// Whether a base64 text has this byte, its padding among them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "iterators of bytes give these")]
fn is_base64(byte: &&u8) -> bool {
    **byte == b'=' || is_member(**byte)
}

/// A stretch with the lines around it that may be one base64 text together with its own.
fn with_base64_lines(bytes: &[u8], span: Span) -> Span {
    let last_line_end = |end: usize| if end > span.start && bytes[end - 1] == b'\n' { end - 1 } else { end };
    let near = base64::lines_near(bytes, Span::new(span.start, last_line_end(span.end)));
    Span::new(near.start.min(span.start), near.end.max(span.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_doubt_where_a_part_of_it_is() {
        let doubts = [Span::new(10, 20), Span::new(20, 25), Span::new(40, 50)];
        for (start, end, is_in_doubt) in [(0, 10, false), (0, 11, true), (12, 14, true), (24, 30, true), (25, 40, false), (30, 60, true), (50, 60, false)] {
            assert_eq!(overlaps_any(&doubts, Span::new(start, end)), is_in_doubt, "{start}..{end}");
        }
        assert!(!overlaps_any(&[], Span::new(0, 10)));
    }

    #[test]
    fn beside_a_base64_text_a_stretch_is_not_apart() {
        let lines = ["a name,\n", "QUJDREVGR0hJSktM\n", "TU5PUFFSU1RVVldY\n", "another name;\n"].concat().into_bytes();
        let of = |start: usize, end: usize| widened_one(&lines, Span::new(start, end));
        assert_eq!(of(1, 3), Some(Zone { span: Span::new(0, 41), is_apart: false }));
        assert_eq!(of(43, 45), Some(Zone { span: Span::new(8, 56), is_apart: false }));
        assert_eq!(of(9, 40), Some(Zone { span: Span::new(8, 42), is_apart: true }));
        let behind_name = b"    some: QUJDREVGR0hJSktM\nTU5PUFFSU1RVVldY\nanother name;\n";
        assert_eq!(
            widened_one(behind_name, Span::new(46, 48)),
            Some(Zone { span: Span::new(10, 58), is_apart: false }),
            "the line of the name holds its beginning"
        );
        let wide = [b"a name,\n".to_vec(), vec![b'Q'; 1200], b"\n".to_vec(), vec![b'R'; 1200], b"\nb,\n".to_vec()].concat();
        assert!(widened_one(&wide, Span::new(1300, 1310)).is_some_and(|zone| !zone.is_apart));
        let long = [vec![b'a'; 2 * N_LINE], b"\n".to_vec()].concat();
        assert!(widened_one(&long, Span::new(N_LINE + 5, N_LINE + 9)).is_some_and(|zone| !zone.is_apart), "a part of a line");
    }

    #[test]
    fn blanks_behind_a_stretch_are_passed_by_as_far_as_a_line_is_looked_at() {
        for (n_blanks, expected) in [(0, true), (N_LINE / 2, true), (2 * N_LINE, false)] {
            let text = ["a,\n", &" ".repeat(n_blanks), "QUJDREVGR0hJSktM\nb,\n"].concat();
            assert_eq!(may_go_on(text.as_bytes(), Span::new(0, 3)), expected, "{n_blanks}");
        }
    }

    #[test]
    fn what_is_new_is_surveyed_with_its_lines() {
        let line = "0123456789 0123456789 0123456789\n";
        let bytes = line.repeat(100).into_bytes();
        let at = 50 * line.len() + 5;
        let segments = [
            Segment { at: 0, len: at, from: Some(0) },
            Segment { at, len: 10, from: None },
            Segment { at: at + 10, len: bytes.len() - at - 10, from: Some(at) },
        ];
        let zones = novel(&bytes, &segments).expect("it holds no long base64 text");
        assert!(zones.iter().any(|zone| zone.is_apart), "{zones:?}");
        let spans: Vec<Span> = zones.iter().map(|zone| zone.span).collect();
        assert!(spans.iter().any(|span| span.start <= at - LOCAL_AFTER && span.end >= at + 10 + LOCAL_BEFORE), "{spans:?}");
        assert!(spans.iter().all(|span| span.start % line.len() == 0 && span.end % line.len() == 0), "{spans:?}");
        assert!(spans.iter().map(|span| span.len()).sum::<usize>() < bytes.len() / 2, "{spans:?}");
    }
}
