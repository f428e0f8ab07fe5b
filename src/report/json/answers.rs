//! The parts of the JSON report that tell what providers said.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::mask::Mask;
use crate::verdict::{Answers, Confirmation, Fact, FailOn, Undecided, Verdict};

#[derive(Serialize)]
pub(super) struct AnswersObject<'a> {
    n_keys: usize,
    n_requests: usize,
    verdicts: &'a BTreeMap<Verdict, usize>,
    only: &'a [Verdict],
    left_out: &'a BTreeMap<Verdict, usize>,
    fail_on: FailOn,
    undecided: Vec<UndecidedObject>,
}

#[derive(Serialize)]
struct UndecidedObject {
    verdict: Verdict,
    reason: String,
    n_findings: usize,
    n_left_out: usize,
}

#[derive(Serialize)]
pub(super) struct ConfirmationObject {
    verdict: Verdict,
    reason: Option<String>,
    status: Option<u16>,
    host: Option<String>,
    facts: Vec<FactObject>,
}

#[derive(Serialize)]
struct FactObject {
    name: String,
    value: String,
}

impl<'a> AnswersObject<'a> {
    pub(super) fn new(answers: &'a Answers, mask: &Mask) -> Self {
        let Answers { n_findings, n_left_out, only, fail_on, n_keys, n_requests, undecided } = answers;
        let object =
            |one: &Undecided| UndecidedObject { verdict: one.verdict, reason: mask.text(&one.reason), n_findings: one.n_findings, n_left_out: one.n_left_out };
        Self {
            n_keys: *n_keys,
            n_requests: *n_requests,
            verdicts: n_findings,
            only,
            left_out: n_left_out,
            fail_on: *fail_on,
            undecided: undecided.iter().map(object).collect(),
        }
    }
}

impl ConfirmationObject {
    pub(super) fn new(confirmation: &Confirmation, mask: &Mask) -> Self {
        let Confirmation { verdict, reason, status, host, facts } = confirmation;
        let fact = |fact: &Fact| FactObject { name: mask.text(&fact.name), value: mask.text(&fact.value) };
        Self {
            verdict: *verdict,
            reason: reason.as_ref().map(|reason| mask.text(reason)),
            status: *status,
            host: host.as_ref().map(|host| mask.text(host)),
            facts: facts.iter().map(fact).collect(),
        }
    }
}
