//! What all hosts of a key say together. One that accepts the key, or says that it is blocked, decides; that it is invalid takes all of them.

use crate::verdict::{Confirmation, Verdict};

/// What one host said.
pub struct Said {
    /// Its verdict.
    pub confirmation: Confirmation,
    /// Whether it answered, and the answer was read to its end.
    pub is_whole: bool,
}

/// Whether nobody else is asked after this verdict.
pub const fn decides(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Live | Verdict::Restricted | Verdict::Blocked)
}

/// Puts together what the hosts said, in the order of asking: at least one, and none but the last decides. `needs_all` is whether a host that has no such
/// endpoint leaves it open that the key works there; `has_more` is whether the text names further hosts, which are not asked.
pub fn together(mut said: Vec<Said>, needs_all: bool, has_more: bool) -> Confirmation {
    let last = said.pop().map(|said| (decides(said.confirmation.verdict), said));
    let last = match last {
        Some((true, last)) => {
            let refused_by = said.iter().filter(|said| said.confirmation.verdict == Verdict::Invalid).filter_map(|said| said.confirmation.host.clone());
            return Confirmation { refused_by: refused_by.collect(), ..last.confirmation };
        }
        Some((false, said)) => said,
        None => return Confirmation::unchecked("nobody was asked"),
    };
    said.push(last);
    let is_refused_first = said[0].confirmation.verdict == Verdict::Invalid;
    let is_open = |said: &&Said| {
        let is_missing = said.is_whole && matches!(said.confirmation.status, Some(404 | 405));
        said.confirmation.verdict == Verdict::Unknown && (needs_all || !is_refused_first || !is_missing)
    };
    let refused: Vec<&Said> = said.iter().filter(|said| said.confirmation.verdict == Verdict::Invalid).collect();
    let open: Vec<&Said> = said.iter().filter(is_open).collect();
    let Some(first) = open.first().or(refused.last()) else { return Confirmation::unchecked("nobody was asked") };
    let reason = match open.as_slice() {
        _ if said.len() == 1 && !has_more => return first.confirmation.clone(),
        [] if has_more => Some(format!("{} it, and further hosts that stand near it are not asked", refuse(&refused))),
        [] => {
            let others: Vec<&Said> = refused[..refused.len() - 1].to_vec();
            let own = first.confirmation.reason.clone();
            let also = (!others.is_empty()).then(|| format!("{} it too", refuse(&others)));
            let missing = said.iter().filter(|said| said.confirmation.verdict == Verdict::Unknown).map(|said| format!("{} has no such endpoint", host(said)));
            let parts: Vec<String> = own.into_iter().chain(also).chain(missing).collect();
            (!parts.is_empty()).then(|| parts.join("; "))
        }
        open => {
            let silent = |said: &&Said| format!("{} says nothing: {}", host(said), said.confirmation.reason.as_deref().unwrap_or("no reason is known"));
            let silent: Vec<String> = open.iter().map(silent).collect();
            let refused = if refused.is_empty() { String::new() } else { format!("{} it, and ", refuse(&refused)) };
            Some(refused + &silent.join("; "))
        }
    };
    let verdict = if has_more { Verdict::Unknown } else { first.confirmation.verdict };
    Confirmation { verdict, reason, ..first.confirmation.clone() }
}

fn host(said: &Said) -> &str {
    said.confirmation.host.as_deref().unwrap_or("another host")
}

/// Hosts and the verb.
fn refuse(said: &[&Said]) -> String {
    let hosts: Vec<&str> = said.iter().map(|said| host(said)).collect();
    format!("{} {}", hosts.join(" and "), if hosts.len() == 1 { "refuses" } else { "refuse" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hosts `a`, `b`, ... that say these things.
    fn all(said: &[(Verdict, Option<u16>)]) -> Vec<Said> {
        let one = |(name, &(verdict, status)): (char, &(Verdict, Option<u16>))| Said {
            confirmation: Confirmation {
                verdict,
                status,
                host: Some(format!("{name}.example")),
                reason: Some(format!("why-{name}")),
                ..Confirmation::default()
            },
            is_whole: status.is_some(),
        };
        ('a'..).zip(said).map(one).collect()
    }

    #[test]
    fn a_key_is_invalid_only_if_all_hosts_refuse_it() {
        use Verdict::{Blocked, Invalid, Live, Restricted, Unknown};
        let refused = (Invalid, Some(401));
        for (last, needs_all, expected) in [
            ((Live, Some(200)), true, Live),
            ((Restricted, Some(403)), false, Restricted),
            ((Blocked, Some(401)), false, Blocked),
            (refused, true, Invalid),
            (refused, false, Invalid),
            ((Unknown, Some(404)), true, Unknown),
            ((Unknown, Some(404)), false, Invalid),
            ((Unknown, Some(405)), false, Invalid),
            ((Unknown, Some(403)), false, Unknown),
            ((Unknown, Some(429)), false, Unknown),
            ((Unknown, Some(503)), false, Unknown),
            ((Unknown, Some(302)), false, Unknown),
            ((Unknown, None), false, Unknown),
        ] {
            let answer = together(all(&[refused, last]), needs_all, false);
            assert_eq!(answer.verdict, expected, "{last:?} {needs_all}");
            let reason = answer.reason.expect("there is one");
            let named = match (last.0, expected) {
                (Unknown, Invalid) => &["why-a", "b.example"][..],
                (_, Live | Restricted | Blocked) => &["why-b"],
                _ => &["a.example", "why-b"],
            };
            assert!(named.iter().all(|word| reason.contains(word)), "{last:?} {needs_all}: {reason}");
        }
        let mut cut = all(&[refused, (Unknown, Some(404))]);
        cut[1].is_whole = false;
        assert_eq!(together(cut, false, false).verdict, Unknown);
    }

    #[test]
    fn a_first_host_that_says_nothing_leaves_it_open() {
        use Verdict::{Invalid, Live, Unknown};
        for needs_all in [true, false] {
            let answer = together(all(&[(Unknown, Some(403)), (Invalid, Some(401))]), needs_all, false);
            assert_eq!((answer.verdict, answer.status), (Unknown, Some(403)));
            assert_eq!(answer.reason.as_deref(), Some("b.example refuses it, and a.example says nothing: why-a"));
            let answer = together(all(&[(Unknown, Some(404)), (Unknown, Some(404))]), needs_all, false);
            assert_eq!(answer.reason.as_deref(), Some("a.example says nothing: why-a; b.example says nothing: why-b"));
            let live = together(all(&[(Unknown, Some(403)), (Invalid, Some(401)), (Live, Some(200))]), needs_all, false);
            assert_eq!((live.verdict, live.refused_by), (Live, vec!["b.example".to_owned()]));
            assert_eq!(together(all(&[(Unknown, None)]), needs_all, false).reason.as_deref(), Some("why-a"));
        }
    }

    #[test]
    fn hosts_that_nobody_asks_leave_it_open() {
        let refused = (Verdict::Invalid, Some(401));
        assert_eq!(together(all(&[refused, refused]), true, true).verdict, Verdict::Unknown);
        assert_eq!(together(all(&[refused]), true, true).reason.as_deref(), Some("a.example refuses it, and further hosts that stand near it are not asked"));
        assert_eq!(together(all(&[refused, (Verdict::Live, Some(200))]), true, true).verdict, Verdict::Live);
    }
}
