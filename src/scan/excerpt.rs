//! The part of a source line that is kept with a finding.

use crate::finding::Excerpt;
use crate::secret::Secret;
use crate::span::Span;

/// Bytes of a source line that are kept on each side of a secret.
pub(super) const REACH: usize = 200;

/// The excerpt of `line` around the secret at `span`. `all` are the secrets of the text in order, without overlaps but for layers of one text.
pub(super) fn excerpt(text: &[u8], line: Span, span: Span, all: &[Span]) -> Excerpt {
    // Those that can reach into the excerpt stand together.
    let near = Span::new(span.start.saturating_sub(2 * REACH), span.end + REACH);
    let first = all.partition_point(|other| other.end <= near.start);
    let n_near = all[first..].partition_point(|other| other.start < near.end);
    let all = &all[first..first + n_near];
    let mut start = line.start.max(span.start.saturating_sub(REACH));
    let mut end = line.end.max(span.end).min(span.end + REACH);
    // A cut must not leave half a character or half a secret.
    while start < span.start && text[start] & 0xC0 == 0x80 {
        start += 1;
    }
    while end > span.end && end < text.len() && text[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    for other in all {
        if other.start < start && start < other.end {
            start = other.end.min(span.start);
        }
        if other.start < end && end < other.end {
            end = other.start.max(span.end);
        }
    }
    let kept = Span::new(start, end);
    let mut masked: Vec<Span> = all.iter().filter(|other| kept.contains(**other)).map(|other| other.back(start)).collect();
    masked.sort_unstable();
    masked.dedup();
    Excerpt { line: Secret::new(kept.of(text)), secret: span.back(start), masked, is_cut: (start > line.start, end < line.end) }
}
