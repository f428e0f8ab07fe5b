//! Which of several candidates for one place is kept.

use super::Engine;
use crate::blob::{Origin, Window};
use crate::finding::{Candidate, Confidence, Layer};
use crate::rule::GENERIC;
use crate::rule::structure::Structure;

impl Engine {
    /// Whether `a` is to be kept, of two candidates that overlap. A rule that knows whose key it is wins over a pattern, which wins over one that only sees
    /// a random value; of others the one that is [`worth`] more. What is allowed leaves the place to what is not.
    pub(super) fn is_better(&self, origin: &Origin, window: &Window<'_>, a: &Candidate, b: &Candidate) -> bool {
        let of_pattern = |candidate: &Candidate| candidate.rule.pattern.is_some();
        if of_pattern(a) || of_pattern(b) {
            let rank = |candidate: &Candidate| {
                let knows_more = !of_pattern(candidate) && candidate.rule.provider.id != GENERIC;
                (!self.is_allowed(origin, window, candidate), knows_more, of_pattern(candidate))
            };
            let (rank_a, rank_b) = (rank(a), rank(b));
            if rank_a != rank_b {
                return rank_a > rank_b;
            }
        }
        worth(a) > worth(b)
    }
}

/// What a candidate is worth beside others for its place: that of a private key most, then that of a provider that is likely, then one that more than a name tells,
/// then the most certain, then the longest.
pub(super) fn worth(one: &Candidate) -> (bool, bool, bool, Confidence, usize) {
    // A line of a private key may have the form of some provider's keys.
    let is_armored = matches!(one.rule.structure, Some(Structure::PrivateKey | Structure::EncryptedPrivateKey | Structure::ServiceAccountKey));
    (is_armored, one.rule.provider.id != GENERIC && one.confidence > Confidence::Low, !is_named_only(one), one.confidence, one.span.len())
}

/// Whether it is nobody's and told by its name.
pub(super) fn is_generic(candidate: &Candidate) -> bool {
    is_named_only(candidate) && candidate.rule.provider.id == GENERIC
}

/// Keeps one candidate for each secret: of overlapping ones the better.
pub(super) fn one_per_secret(mut candidates: Vec<Candidate>, is_better: impl Fn(&Candidate, &Candidate) -> bool) -> Vec<Candidate> {
    candidates.sort_by(|a, b| a.span.cmp(&b.span).then_with(|| worth(b).cmp(&worth(a))).then_with(|| a.rule.id.cmp(b.rule.id)));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        match kept.last_mut() {
            Some(last)
                if last.span.overlaps(candidate.span)
                    && match (last.layer, candidate.layer) {
                        (Layer::Raw, Layer::Raw) => true,
                        // All that is wrapped in one text stands where that does; `layer` has told it apart. Of generic ones one is enough: each shows all of the text.
                        (one, other) if one == other => last.secret == candidate.secret || is_generic(last) && is_generic(&candidate),
                        _ => last.secret == candidate.secret || is_named_only(last) || is_named_only(&candidate),
                    } =>
            {
                if is_better(&candidate, last) {
                    *last = candidate;
                }
            }
            _ => kept.push(candidate),
        }
    }
    kept
}

/// Whether nothing but its name says what a candidate is.
fn is_named_only(candidate: &Candidate) -> bool {
    candidate.rule.structure.is_some_and(Structure::is_assigned)
}
