//! Making a document of a report: everything that comes from scanned content passes the mask.

use std::collections::BTreeMap;

use super::{
    Accepted, Answer, Answers, Commit, Covered, Document, Ending, Evidence, Fact, Found, Head, NamedPath, Partner, Precision, Provider, Reach, Repository,
    Rules, SCHEMA, Skipped, Stale, Suppression, Tip, Tool, Undecided, UsedRule,
};
use crate::blob::{self, Skip};
use crate::finding::{self, BaselineUse, Finding, Report, TipPlace};
use crate::report::mask::Mask;
use crate::report::{confirmation, fingerprint, meaning, safe_digest};
use crate::rule::{self, ContextNeed, GENERIC, GENERIC_AMBIGUOUS, Rule};
use crate::verdict;

impl Document {
    /// The document of `report`; suppressed findings are in it if `with_suppressed`, secrets if `show_secrets`.
    pub fn new(report: &Report, show_secrets: bool, with_suppressed: bool) -> Self {
        let mask = Mask::new(report, show_secrets);
        let all = |findings: &[Finding]| findings.iter().map(|finding| found(finding, &mask)).collect::<Vec<_>>();
        let suppressed: &[Finding] = if with_suppressed { &report.suppressed } else { &[] };
        let used: BTreeMap<&str, &Rule> = report.findings.iter().chain(suppressed).map(|finding| (finding.rule.id, finding.rule)).collect();
        Self {
            head: Head { secrets_shown: show_secrets, ..head(report, &mask, used.into_values().map(used_rule).collect()) },
            findings: all(&report.findings),
            suppressed: with_suppressed.then(|| all(suppressed)),
        }
    }
}

fn head(report: &Report, mask: &Mask, used: Vec<UsedRule>) -> Head {
    Head {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        root: mask.hide(&report.root),
        targets: report.targets.iter().map(|target| mask.hide(target)).collect(),
        reach: Some(reach(&report.reach, mask)),
        exit: Ending { code: report.exit().code(), meaning: meaning(report.exit()).to_owned() },
        coverage: with_doubts(covered(report, mask), report, mask),
        rules: Rules { n_rules: report.n_rules, disabled: report.disabled_rules.clone(), used },
        config: report.config.as_ref().map(|config| mask.hide(config)),
        baseline: report.baseline.as_ref().map(|used| accepted(used, mask)),
        repository: report.repository.as_ref().map(|repository| {
            let hidden = |text: &Option<String>| text.as_ref().map(|text| mask.text(text));
            Repository { uri: hidden(&repository.uri), revision: repository.revision.clone(), branch: hidden(&repository.branch) }
        }),
        confirmation: report.answers.as_ref().map(|answers| self::answers(answers, mask)),
        secrets_shown: false,
        n_findings: report.findings.len(),
        n_suppressed: report.suppressed.len(),
        skipped: report.skips.iter().map(|skip| skipped(skip, mask)).collect(),
    }
}

fn reach(reach: &finding::Reach, mask: &Mask) -> Reach {
    let paths = reach.paths.iter().map(|named| NamedPath { path: mask.hide(&named.path), typed: mask.hide(&named.typed) });
    Reach { kind: reach.kind, paths: paths.collect() }
}

/// What `report` says about what was scanned.
fn covered(report: &Report, mask: &Mask) -> Covered {
    let coverage = &report.coverage;
    Covered {
        n_blobs: coverage.n_blobs,
        n_bytes: coverage.n_bytes,
        n_binary: coverage.n_binary,
        n_skipped: coverage.n_skipped.clone(),
        n_ignored: coverage.n_ignored,
        n_commits: coverage.n_commits,
        n_commits_left_out: coverage.n_commits_left_out,
        n_lfs: coverage.n_lfs,
        n_submodules: coverage.n_submodules,
        n_below_confidence: coverage.n_below_confidence,
        min_confidence: report.min_confidence,
        complete: report.incomplete.is_empty(),
        incomplete_because: report.incomplete.iter().map(|why| mask.text(why)).collect(),
    }
}

/// The coverage, which is not complete either while an answer is missing that was wanted.
fn with_doubts(covered: Covered, report: &Report, mask: &Mask) -> Covered {
    let mut reasons = covered.incomplete_because;
    reasons.extend(report.answers.iter().flat_map(verdict::Answers::doubts).map(|why| mask.text(&why)));
    Covered { complete: reasons.is_empty(), incomplete_because: reasons, ..covered }
}

fn used_rule(rule: &Rule) -> UsedRule {
    let precision = match (rule.context, rule.id) {
        // What a pattern is worth its author knows.
        (ContextNeed::Helpful, _) if rule.pattern.is_some() => Precision::High,
        (ContextNeed::Helpful, _) => Precision::VeryHigh,
        (ContextNeed::Required, GENERIC_AMBIGUOUS) => Precision::Medium,
        (ContextNeed::Required, _) if rule.provider.id == GENERIC => Precision::Low,
        (ContextNeed::Required, _) => Precision::High,
    };
    UsedRule {
        id: rule.id.to_owned(),
        name: rule.name.to_owned(),
        provider: provider(rule.provider),
        docs: rule.provider.docs.to_owned(),
        severity: rule.severity,
        precision,
        note: rule.note.map(str::to_owned),
        revoke: rule.provider.revoke.to_owned(),
        rotate: rule.provider.rotate.iter().map(|&step| step.to_owned()).collect(),
    }
}

fn accepted(used: &BaselineUse, mask: &Mask) -> Accepted {
    let stale = used.stale.iter().map(|stale| Stale {
        entry: mask.hide(&stale.entry),
        rule: stale.rule.clone(),
        path: mask.hide(&stale.path),
        why: mask.text(&stale.why),
    });
    Accepted { path: mask.hide(&used.path), n_entries: used.n_entries, stale: stale.collect() }
}

fn answers(answers: &verdict::Answers, mask: &Mask) -> Answers {
    let undecided =
        |one: &verdict::Undecided| Undecided { verdict: one.verdict, reason: mask.text(&one.reason), n_findings: one.n_findings, n_left_out: one.n_left_out };
    Answers {
        n_keys: answers.n_keys,
        n_requests: answers.n_requests,
        verdicts: answers.n_findings.clone(),
        only: answers.only.clone(),
        left_out: answers.n_left_out.clone(),
        fail_on: answers.fail_on,
        undecided: answers.undecided.iter().map(undecided).collect(),
    }
}

fn skipped(skip: &Skip, mask: &Mask) -> Skipped {
    Skipped {
        path: mask.hide(&skip.origin.path),
        reason: skip.reason,
        incomplete: skip.reason.is_incomplete(),
        detail: skip.detail.as_ref().map(|detail| mask.text(detail)),
    }
}

fn found(finding: &Finding, mask: &Mask) -> Found {
    let (rule, region, line) = (finding.rule, finding.region, mask.line(finding));
    Found {
        id: fingerprint(finding),
        path: mask.hide(&finding.origin.path),
        line: region.start.line,
        column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        offset: region.offset,
        columns_utf16: Some(region.utf16),
        line_hash: finding.line_hash.clone(),
        message: finding.origin.is_message,
        commit: finding.origin.commit.as_deref().map(|commit| self::commit(commit, mask)),
        at_tip: finding.presence.as_ref().map(|presence| presence.at_tip.is_some()),
        tip: finding.presence.as_ref().and_then(|presence| presence.at_tip.as_ref()).map(|place| tip(place, mask)),
        paths: finding.presence.iter().flat_map(|presence| &presence.paths).map(|path| mask.hide(path)).collect(),
        rule: rule.id.to_owned(),
        rule_name: rule.name.to_owned(),
        provider: provider(rule.provider),
        providers: finding.providers.iter().map(|one| Provider { revoke: Some(one.revoke.to_owned()), ..provider(one) }).collect(),
        severity: rule.severity,
        confidence: finding.confidence,
        verdict: finding.confirmation.verdict,
        confirmation: confirmation::of(finding).map(|confirmation| answer(confirmation, mask)),
        layer: finding.layer,
        secret: mask.secret(finding),
        secret_digest: safe_digest(finding),
        line_mark: Some((line.columns.start, line.columns.end)),
        line_text: line.text,
        evidence: finding.evidence.iter().map(|one| Evidence { kind: one.kind.to_owned(), weight: one.weight, text: mask.told(&one.text) }).collect(),
        partner: finding.partner.as_ref().map(|one| Partner {
            name: one.name.to_owned(),
            value: mask.text(&one.value),
            line: one.region.start.line,
            column: one.region.start.column,
        }),
        note: rule.note.map(str::to_owned),
        revoke: rule.provider.revoke.to_owned(),
        rotate: rule.provider.rotate.iter().map(|&step| step.to_owned()).collect(),
        suppression: finding
            .suppression
            .as_ref()
            .map(|suppression| Suppression { by: mask.text(&suppression.by), reason: suppression.reason.as_ref().map(|reason| mask.text(reason)) }),
        unheard: finding.unheard.as_ref().map(|why| mask.text(why)),
    }
}

fn tip(place: &TipPlace, mask: &Mask) -> Tip {
    let TipPlace { path, region, line_hash } = place;
    Tip {
        path: mask.hide(path),
        line: region.start.line,
        column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        columns_utf16: region.utf16,
        line_hash: line_hash.clone(),
    }
}

fn commit(commit: &blob::Commit, mask: &Mask) -> Commit {
    let blob::Commit { id, author, email, author_date, summary, .. } = commit;
    Commit { id: id.clone(), author: mask.text(author), email: mask.text(email), date: author_date.clone(), summary: mask.quoted(summary) }
}

fn provider(provider: &rule::Provider) -> Provider {
    Provider { id: provider.id.to_owned(), name: provider.name.to_owned(), revoke: None }
}

fn answer(confirmation: &verdict::Confirmation, mask: &Mask) -> Answer {
    Answer {
        verdict: confirmation.verdict,
        reason: confirmation.reason.as_ref().map(|reason| mask.text(reason)),
        status: confirmation.status,
        host: confirmation.host.as_ref().map(|host| mask.text(host)),
        facts: confirmation.facts.iter().map(|fact| Fact { name: mask.text(&fact.name), value: mask.text(&fact.value) }).collect(),
    }
}
