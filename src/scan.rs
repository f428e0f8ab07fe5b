//! The engine: the only module that knows every stage.
//!
//! [`Engine::scan_window`] takes one window through detection, scoring and filtering; [`tree`] and [`stream`] bring the windows. Workers share
//! nothing mutable; each keeps its findings, and they are sorted once at the end, so that the same input gives the same report whatever the
//! number of threads.

pub mod check;
mod choice;
mod chosen;
mod excerpt;
mod explain;
mod fault;
mod git;
mod history;
mod hosts;
mod layer;
mod line_hash;
mod locator;
mod pair;
mod pattern;
mod presence;
mod quiet;
mod run;
mod survey;
mod zones;

use std::ops::ControlFlow;

use jiff::civil::Date;

pub use explain::{Explained, Explanation, explain};
pub use git::{Scope, changes};
pub use history::{history, history_apart};
pub use run::{Job, Progress, ScanError, stream, tree};
pub use survey::Thoroughness;

use crate::blob::{Encoding, Origin, Window};
use crate::decode::base64::{Role, Wrapped};
use crate::detect::Detector;
use crate::detect::pattern::Patterns;
use crate::filter::{self, AllowCase, AllowList, Baseline};
use crate::finding::{BaselineUse, Candidate, Confidence, Excerpt, Finding, Layer, Suppression};
use crate::rule::RuleSet;
use crate::rule::file::FileKind;
use crate::score::{Judgement, Page, Scorer, Subject, column};
use crate::span::{LINE_REACH, Span, line_above, line_around};
use crate::verdict::Confirmation;
use choice::one_per_secret;
use locator::Locator;

/// What the user decided about findings.
#[derive(Debug)]
pub struct Policy {
    /// The allow list of the configuration.
    pub allow: AllowList,
    /// Findings that were accepted earlier.
    pub baseline: Option<Baseline>,
    /// Whether other scanners' comments suppress.
    pub honor_peers: bool,
    /// Today, for expiry dates.
    pub today: Date,
    /// The least confidence that is reported; findings below it are counted.
    pub min_confidence: Confidence,
}

/// All stages of a run, ready to be used by any number of threads.
#[derive(Debug)]
pub struct Engine {
    detector: Detector,
    /// Patterns of the user, if there are any.
    patterns: Option<Patterns>,
    scorer: Scorer,
    policy: Policy,
    n_rules: usize,
}

impl Engine {
    /// An engine for `rules` and `policy`.
    pub fn new(rules: RuleSet, policy: Policy) -> Self {
        Self { detector: Detector::new(&rules), patterns: Patterns::of(&rules), n_rules: rules.rules.len(), scorer: Scorer::new(rules, policy.today), policy }
    }

    /// The allow-list entries that expired; where all was scanned that they may be for, those that suppressed nothing, too.
    pub fn unused_allows(&self, is_all_scanned: bool) -> Vec<String> {
        self.policy.allow.unused(self.policy.today, is_all_scanned)
    }

    /// What the user decided.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the baseline did so far, if there is one: which of its entries for paths that were scanned accept nothing.
    pub fn baseline_use(&self, is_scanned: impl Fn(&str) -> bool) -> Option<BaselineUse> {
        self.policy.baseline.as_ref().map(|baseline| baseline.usage(self.policy.today, is_scanned))
    }

    /// Adds the findings of `window` to `found`, in order of their place, whatever their confidence.
    pub fn scan_window(&self, origin: &Origin, window: &Window<'_>, found: &mut Vec<Finding>) {
        let page = Page::new(window.bytes, &origin.path);
        self.scan_zones(origin, window, &page, &[Span::new(0, window.bytes.len())], |_| true, found);
    }

    /// As [`Self::scan_window`], where it is known that there are candidates in these zones at most, and of what matches there only among what is in doubt.
    /// The page is made of the window and the path.
    fn scan_zones(
        &self,
        origin: &Origin,
        window: &Window<'_>,
        page: &Page<'_>,
        zones: &[Span],
        is_in_doubt: impl Fn(Span) -> bool + Copy,
        found: &mut Vec<Finding>,
    ) {
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut keep = |_, judgement: Judgement| {
            candidates.extend(judgement.candidate);
            ControlFlow::Continue(())
        };
        zones.iter().for_each(|zone| self.judge_zone(page, window, *zone, is_in_doubt, &mut keep));
        self.judge_file(page, window, &mut keep);
        self.judge_patterns(origin, window, &mut keep);
        if candidates.is_empty() {
            return;
        }
        // Of two candidates for one secret that are worth the same the first one is kept: that an id stands beside it says more than its name.
        let beside = self.scorer.beside(page, window.owned, Layer::Raw, candidates.iter());
        candidates.splice(0..0, beside);
        let candidates = one_per_secret(candidates, |a, b| self.is_better(origin, window, a, b));
        let mut locator = Locator::new(window);
        let hashes = line_hash::of(window, &candidates);
        let mut spans: Vec<Span> = candidates.iter().map(|candidate| candidate.span).collect();
        self.add_neighbors(origin, window, &mut spans);
        // What a row says to be secrets is hidden in the excerpt, whatever it looks like.
        let beside: Vec<Span> = spans.iter().flat_map(|span| column::credentials_beside(window.bytes, *span)).collect();
        spans.extend(beside);
        spans.sort_unstable();
        let paired = pair::join(window.bytes, &mut locator, candidates);
        for (candidate, partner) in paired {
            let mut finding = self.finding(origin, window, &mut locator, candidate, &spans);
            finding.partner = partner;
            finding.line_hash = hashes.get(&finding.region.start.line).cloned();
            found.push(finding);
        }
    }

    /// Adds to `spans` the secrets of the windows before and after, as far as excerpts of this window's findings may show them.
    fn add_neighbors(&self, origin: &Origin, window: &Window<'_>, spans: &mut Vec<Span>) {
        let (Some(&first), Some(&last)) = (spans.first(), spans.last()) else { return };
        let owned = window.owned;
        let before = Span::new(owned.start.saturating_sub(LINE_REACH), owned.start);
        let after = Span::new(owned.end, window.bytes.len().min(owned.end + LINE_REACH));
        let is_near = [first.start < owned.start + excerpt::REACH, last.end + excerpt::REACH > owned.end];
        for (strip, _) in [before, after].into_iter().zip(is_near).filter(|(strip, is_near)| *is_near && !strip.is_empty()) {
            self.judge_window(origin, &Window { owned: strip, ..*window }, |_, judgement| {
                spans.extend(judgement.candidate.map(|candidate| candidate.span));
                ControlFlow::Continue(())
            });
        }
        spans.sort_unstable();
    }

    /// Calls `each` with every match of `window` and its judgement, until it breaks.
    fn judge_window(&self, origin: &Origin, window: &Window<'_>, mut each: impl FnMut(Span, Judgement) -> ControlFlow<()>) {
        let page = Page::new(window.bytes, &origin.path);
        let mut flow = ControlFlow::Continue(());
        self.judge_zone(
            &page,
            window,
            Span::new(0, window.bytes.len()),
            |_| true,
            |span, judgement| {
                flow = each(span, judgement);
                flow
            },
        );
        if flow.is_continue() {
            self.judge_file(&page, window, |span, judgement| {
                flow = each(span, judgement);
                flow
            });
        }
        if flow.is_continue() {
            self.judge_patterns(origin, window, each);
        }
    }

    /// Calls `each` with the secrets that the window has as a part of a file whose path tells its format, until it breaks.
    fn judge_file(&self, page: &Page<'_>, window: &Window<'_>, mut each: impl FnMut(Span, Judgement) -> ControlFlow<()>) {
        if window.encoding == Encoding::Binary {
            return;
        }
        for judgement in self.scorer.judge_file(page) {
            let Some(span) = judgement.candidate.as_ref().map(|candidate| candidate.span) else { continue };
            if window.owns(span) && each(span, judgement).is_break() {
                return;
            }
        }
    }

    /// Calls `each` with the matches that a look at one zone of `window`, of which `page` is made, gives, and their judgements, until it breaks. Of what leaves no
    /// doubt, and could be no candidate, there may be no judgement.
    fn judge_zone(
        &self,
        page: &Page<'_>,
        window: &Window<'_>,
        zone: Span,
        is_in_doubt: impl Fn(Span) -> bool,
        mut each: impl FnMut(Span, Judgement) -> ControlFlow<()>,
    ) {
        let is_binary = window.encoding == Encoding::Binary;
        let mut is_over = false;
        // The last base64 text, and what it wraps: it is decoded once, however many tokens it holds.
        let mut wrapped = Wrapped::NONE;
        self.detector.scan_zone(window.bytes, zone, false, |matched| {
            if is_over {
                return;
            }
            let is_owned = window.owns(matched.span);
            let value = matched.span.of(window.bytes);
            let identifies_itself = matched.identifies_itself();
            if is_binary && !identifies_itself && !stands_in_text(window.bytes, matched.span) {
                return;
            }
            let mut role = Role::Itself;
            if !identifies_itself && !matched.is_structured() {
                if matched.span.start >= wrapped.span.end {
                    wrapped = Wrapped::around(window.bytes, matched.span, wrapped.span.end);
                    // The token that opens a run decides which window the run belongs to; of several lines each belongs to the window that it begins in.
                    if is_owned || wrapped.is_broken() {
                        is_over = self.judge_layer(page, &wrapped, window, &mut each).is_break();
                    }
                }
                role = wrapped.role_of(matched.span);
            }
            if is_over || !is_owned || !is_in_doubt(matched.span) {
                return;
            }
            let subject = Subject { token: matched.span, value, rules: matched.rules, layer: Layer::Raw };
            let judgement = match role {
                Role::Itself => self.scorer.judge(page, &subject),
                // What a wrapped value looks like says nothing about it, but its name may.
                Role::Value => self.scorer.judge_by_name(page, &subject),
                Role::Text => return,
            };
            // A structured secret stands in, or goes on behind, what announces it.
            let place = judgement.candidate.as_ref().map_or(matched.span, |candidate| candidate.span);
            is_over = each(place, judgement).is_break();
        });
    }

    /// Whether a file has secrets in this format.
    fn holds_credentials(&self, kind: FileKind, bytes: &[u8]) -> bool {
        self.scorer.holds_credentials(kind, bytes)
    }

    fn finding(&self, origin: &Origin, window: &Window<'_>, locator: &mut Locator<'_>, candidate: Candidate, all: &[Span]) -> Finding {
        let Candidate { rule, providers, span, layer, secret, matched, confidence, evidence } = candidate;
        let line = line_around(window.bytes, span.start);
        let suppression = self.suppression(window.bytes, line, span, &AllowCase::of(origin, rule, &secret, matched.as_ref(), line.of(window.bytes)));
        let in_line = span.back(line.start);
        let unheard = if suppression.is_none() {
            let above = line_above(window.bytes, line.start).map(|above| above.of(window.bytes));
            filter::unheard(line.of(window.bytes), in_line, above, rule.id, rule.provider.id, self.policy.today)
        } else {
            None
        };
        let may_be_chosen = chosen::may_be(rule, &secret);
        let mut finding = Finding {
            origin: origin.clone(),
            region: locator.region(span),
            rule,
            providers,
            layer,
            confidence,
            evidence,
            partner: None,
            confirmation: Confirmation::default(),
            hosts: hosts::near(rule, window.bytes, span),
            excerpt: if rule.is_of_path() { Excerpt::empty() } else { excerpt::excerpt(window.bytes, line, span, all) },
            secret,
            matched,
            suppression,
            presence: None,
            line_hash: None,
            unheard,
            may_be_chosen,
        };
        if let Some(baseline) = &self.policy.baseline {
            let accepted = baseline.suppression(&finding, self.policy.today);
            finding.suppression = finding.suppression.or(accepted);
        }
        finding
    }

    /// The finding as it is in the same blob at another place: what suppresses it there, and nothing else, is asked anew.
    fn moved(&self, finding: &Finding, origin: &Origin) -> Finding {
        let policy = &self.policy;
        let mut moved = Finding { origin: origin.clone(), ..finding.clone() };
        #[expect(clippy::disallowed_methods, reason = "compares the line with the user's exceptions, keeps and shows nothing")]
        let line = finding.excerpt.line.expose();
        let allowed = policy.allow.allowed(&AllowCase::of(origin, moved.rule, &moved.secret, moved.matched.as_ref(), line), policy.today);
        let accepted = policy.baseline.as_ref().and_then(|baseline| baseline.suppression(&moved, policy.today));
        moved.suppression = moved.suppression.or(allowed).or(accepted);
        moved
    }

    fn suppression(&self, text: &[u8], line: Span, span: Span, case: &AllowCase<'_>) -> Option<Suppression> {
        let policy = &self.policy;
        // The allow list is asked in any case, so that an entry beside a comment does not count as unused.
        let allowed = policy.allow.allowed(case, policy.today);
        let in_line = span.back(line.start);
        let above = line_above(text, line.start).map(|above| above.of(text));
        let rule = case.rule;
        filter::inline(line.of(text), in_line, above, rule.id, rule.provider.id, policy.today, policy.honor_peers).or(allowed)
    }
}

/// How many bytes of text around a token make a part of a binary blob text: a member of an archive, a document in a database. Lists of strings in
/// programs are not meant.
const N_TEXT_AROUND: usize = 256;

/// Whether the token at `span` stands in a stretch of text that is longer than it by [`N_TEXT_AROUND`] bytes and has more than one line.
fn stands_in_text(bytes: &[u8], span: Span) -> bool {
    let is_text = |byte: &&u8| matches!(**byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    let before = &bytes[span.start.saturating_sub(N_TEXT_AROUND)..span.start];
    let after = &bytes[span.end..bytes.len().min(span.end + N_TEXT_AROUND)];
    let n_before = before.iter().rev().take_while(is_text).count();
    let n_after = after.iter().take_while(is_text).count();
    let around = [&before[before.len() - n_before..], &after[..n_after]];
    n_before + n_after >= N_TEXT_AROUND && around.iter().any(|part| part.contains(&b'\n'))
}
