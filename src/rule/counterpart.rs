//! Which id belongs to which secret, where a text has several of both: all along it has them in one order, so that the first of them tells it.
//!
//! Distances alone mislead: the line of a secret is longer than that of an id, so that the next id may be nearer to a secret than its own is.

use crate::span::Span;

/// The ids and secrets of one kind of pair in a part of a text.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The ids, or whatever the secret's partner is, in order.
    pub ids: &'a [Span],
    /// The secrets, in order.
    pub secrets: &'a [Span],
    /// Whether the text before the part may have more of them; then ids are taken to come first, as they do in most files.
    pub is_cut: bool,
}

impl Group<'_> {
    /// The id of the secret at `own`, or the secret of the id there: the next one in the order of the group, or else the nearest one.
    pub fn counterpart(&self, own: Span, is_id: bool) -> Option<Span> {
        let (same, others) = if is_id { (self.ids, self.secrets) } else { (self.secrets, self.ids) };
        let first_id = self.ids.first().map_or(usize::MAX, |id| id.start);
        let first_secret = self.secrets.first().map_or(usize::MAX, |secret| secret.start);
        let ids_come_first = self.is_cut || first_id < first_secret;
        let others = || others.iter().copied().filter(|other| !other.overlaps(own));
        // Between the two there is no other of the same kind, to which it would belong.
        let is_next = |other: &Span| {
            let (start, end) = (own.start.min(other.start), own.start.max(other.start));
            !same.iter().any(|one| start < one.start && one.start < end)
        };
        let next = match is_id == ids_come_first {
            true => others().find(|other| other.start > own.start),
            false => others().rfind(|other| other.start < own.start),
        };
        let gap = |other: &Span| own.start.max(other.start).saturating_sub(own.end.min(other.end));
        next.filter(is_next).or_else(|| others().min_by_key(|other| (gap(other), other.start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each secret of a text of `i` and `s` the place of its id.
    fn ids_of(text: &str, is_cut: bool) -> Vec<usize> {
        let all = |kind: char| text.char_indices().filter(|(_, c)| *c == kind).map(|(at, _)| Span::new(at, at + 1)).collect::<Vec<_>>();
        let (ids, secrets) = (all('i'), all('s'));
        let group = Group { ids: &ids, secrets: &secrets, is_cut };
        secrets.iter().filter_map(|secret| Some(group.counterpart(*secret, false)?.start)).collect()
    }

    #[test]
    fn pairs_follow_the_order_of_the_first() {
        assert_eq!(ids_of("i..s.i..s.i..s", false), [0, 5, 10]);
        assert_eq!(ids_of("s..i.s..i.s..i", false), [3, 8, 13]);
        assert_eq!(ids_of("..s.i..s", true), [4, 4], "the id of the first is not there");
        assert_eq!(ids_of("i.i.s", false), [2]);
        assert_eq!(ids_of("i.s..i", false), [0]);
        assert_eq!(ids_of("s", false), [] as [usize; 0]);
    }
}
