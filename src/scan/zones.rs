//! The stretches of a text that a survey looks at: where it is new, and around places of doubts.
//!
//! What decides whether a token leaves a doubt stands on its line and within a few bytes around it, so that stretches reach as far beyond what is new, and to the
//! ends of lines and of base64 texts. Everything else is as it was in the text that this one derives from.

use crate::decode::base64;
use crate::git::history::Segment;
use crate::score::{LOCAL_AFTER, LOCAL_BEFORE};
use crate::span::Span;

/// How far a stretch is extended to the next line end, and to the end of a base64 text.
const N_LINE: usize = 4 << 10;
const N_BASE64: usize = 64 << 10;
/// Of a longer base64 text it cannot be told from its middle where its parts begin.
pub(super) const LONGEST_BASE64: usize = N_BASE64 / 2;

/// The bytes of a segment.
pub(super) fn run(segment: &Segment) -> Span {
    Span::new(segment.at, segment.at + segment.len)
}

/// The stretches of `bytes` in which a token may be new, or may have new text beside it that decides: what was inserted and the seams between copies,
/// with as much around as is looked at, up to the ends of lines and of base64 texts. Nothing if such a text is too long, for where its parts begin is told
/// from its start; nor if it may be no plain text.
pub(super) fn novel(bytes: &[u8], segments: &[Segment]) -> Option<Vec<Span>> {
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
            }
            None => {
                // A base that is plain text has no zeros, by which text in wide units and data are known; new bytes may.
                if memchr::memchr(0, run(segment).of(bytes)).is_some() {
                    return None;
                }
                add(run(segment));
                copied_to = usize::MAX;
            }
        }
    }
    // Where the other blob went on, this one may end.
    add(Span::new(bytes.len(), bytes.len()));
    near.push(last);
    widened(bytes, near)
}

/// The stretches around doubts in which a look finds them again.
pub(super) fn zones_around(bytes: &[u8], doubts: impl Iterator<Item = Span>) -> Vec<Span> {
    let near = doubts.map(|doubt| near_by(bytes, doubt)).collect();
    widened(bytes, near).unwrap_or_else(|| vec![Span::new(0, bytes.len())])
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
fn widened(bytes: &[u8], mut near: Vec<Span>) -> Option<Vec<Span>> {
    let mut n = 0;
    for i in 0..near.len() {
        let wide = widened_one(bytes, near[i])?;
        match near[..n].last_mut() {
            Some(last) if wide.start <= last.end => *last = Span::new(last.start.min(wide.start), last.end.max(wide.end)),
            _ => {
                near[n] = wide;
                n += 1;
            }
        }
    }
    near.truncate(n);
    Some(near)
}

fn widened_one(bytes: &[u8], span: Span) -> Option<Span> {
    let line_before = |at: usize| memchr::memrchr(b'\n', &bytes[at.saturating_sub(N_LINE)..at]).map(|found| at - at.min(N_LINE) + found + 1);
    let line_after = |at: usize| memchr::memchr(b'\n', &bytes[at..bytes.len().min(at + N_LINE)]).map(|found| at + found + 1);
    if let (Some(start), Some(end)) = (line_before(span.start), line_after(span.end)) {
        return Some(with_base64_lines(bytes, Span::new(start, end)));
    }
    let is_base64 = |byte: &&u8| IS_BASE64[usize::from(**byte)];
    let n_before = bytes[span.start.saturating_sub(N_BASE64)..span.start].iter().rev().take_while(is_base64).count();
    let n_after = bytes[span.end..bytes.len().min(span.end + N_BASE64)].iter().take_while(is_base64).count();
    if n_before + n_after >= LONGEST_BASE64 {
        return None;
    }
    let (start, end) = (span.start - n_before, span.end + n_after);
    let start = line_before(start).unwrap_or(start.saturating_sub(N_LINE));
    let end = line_after(end).unwrap_or(bytes.len().min(end + N_LINE));
    Some(with_base64_lines(bytes, Span::new(start, end)))
}

/// A stretch with the lines around it that may be one base64 text together with its own.
pub(super) fn with_base64_lines(bytes: &[u8], span: Span) -> Span {
    let last_line_end = |end: usize| if end > span.start && bytes[end - 1] == b'\n' { end - 1 } else { end };
    let near = base64::lines_near(bytes, Span::new(span.start, last_line_end(span.end)));
    Span::new(near.start.min(span.start), near.end.max(span.end))
}

static IS_BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'+' | b'/' | b'-' | b'_' | b'=');
        byte += 1;
    }
    table
};

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
    fn what_is_new_is_surveyed_with_its_lines() {
        let line = "0123456789 0123456789 0123456789\n";
        let bytes = line.repeat(100).into_bytes();
        let at = 50 * line.len() + 5;
        let segments = [
            Segment { at: 0, len: at, from: Some(0) },
            Segment { at, len: 10, from: None },
            Segment { at: at + 10, len: bytes.len() - at - 10, from: Some(at) },
        ];
        let spans = novel(&bytes, &segments).expect("it holds no long base64 text");
        assert!(spans.iter().any(|span| span.start <= at - LOCAL_AFTER && span.end >= at + 10 + LOCAL_BEFORE), "{spans:?}");
        assert!(spans.iter().all(|span| span.start % line.len() == 0 && span.end % line.len() == 0), "{spans:?}");
        assert!(spans.iter().map(|span| span.len()).sum::<usize>() < bytes.len() / 2, "{spans:?}");
    }
}
