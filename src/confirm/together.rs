//! What all hosts of a key say together. One that accepts the key, or says that it is blocked, decides; that it is invalid takes all of them.

use super::question::LeftOut;
use crate::verdict::{Confirmation, Verdict};

/// Whether nobody else is asked after this verdict.
pub const fn decides(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Live | Verdict::Restricted | Verdict::Blocked)
}

/// Puts together what the hosts said, in the order of asking: at least one, and none but the last decides. A host that says anything but that the key is
/// bad, that it has no such endpoint for example, leaves it open; so does what is `left_out`.
pub fn together(mut said: Vec<Confirmation>, left_out: Option<LeftOut>) -> Confirmation {
    if let Some(last) = said.pop_if(|last| decides(last.verdict)) {
        let refused_by = said.into_iter().filter(|said| said.verdict == Verdict::Invalid).filter_map(|said| said.host);
        return Confirmation { refused_by: refused_by.collect(), ..last };
    }
    let refused: Vec<&Confirmation> = said.iter().filter(|said| said.verdict == Verdict::Invalid).collect();
    let open: Vec<&Confirmation> = said.iter().filter(|said| said.verdict != Verdict::Invalid).collect();
    let Some(first) = open.first().or(refused.last()) else { return Confirmation::unchecked("nobody was asked") };
    let reason = match open.as_slice() {
        _ if said.len() == 1 && left_out.is_none() => return (*first).clone(),
        [] if let Some(what) = left_out => Some(format!("{} it, and further {} that stand near it are {}", refuse(&refused), what.text(), what.fate())),
        [] => {
            let others: Vec<&Confirmation> = refused.iter().copied().filter(|other| other.host != first.host).collect();
            let also = if others.is_empty() { "with whatever stands near it".to_owned() } else { format!("{} it too", refuse(&others)) };
            Some(first.reason.iter().cloned().chain([also]).collect::<Vec<_>>().join("; "))
        }
        open => {
            let silent = |said: &&Confirmation| format!("{} says nothing: {}", host(said), said.reason.as_deref().unwrap_or("no reason is known"));
            let mut silent: Vec<String> = open.iter().map(silent).collect();
            silent.dedup();
            let refused = if refused.is_empty() { String::new() } else { format!("{} it, and ", refuse(&refused)) };
            Some(refused + &silent.join("; "))
        }
    };
    let verdict = if left_out.is_some() { Verdict::Unknown } else { first.verdict };
    Confirmation { verdict, reason, ..(*first).clone() }
}

fn host(said: &Confirmation) -> &str {
    said.host.as_deref().unwrap_or("another host")
}

/// Hosts and the verb.
fn refuse(said: &[&Confirmation]) -> String {
    let mut hosts: Vec<&str> = said.iter().map(|said| host(said)).collect();
    hosts.dedup();
    format!("{} {}", hosts.join(" and "), if hosts.len() == 1 { "refuses" } else { "refuse" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hosts `a`, `b`, ... that say these things.
    fn all(said: &[(Verdict, Option<u16>)]) -> Vec<Confirmation> {
        let one = |(name, &(verdict, status)): (char, &(Verdict, Option<u16>))| Confirmation {
            verdict,
            status,
            host: Some(format!("{name}.example")),
            reason: Some(format!("why-{name}")),
            ..Confirmation::default()
        };
        ('a'..).zip(said).map(one).collect()
    }

    #[test]
    fn a_key_is_invalid_only_if_all_hosts_refuse_it() {
        use Verdict::{Blocked, Invalid, Live, Restricted, Unknown};
        let refused = (Invalid, Some(401));
        for (last, expected) in [
            ((Live, Some(200)), Live),
            ((Restricted, Some(403)), Restricted),
            ((Blocked, Some(401)), Blocked),
            (refused, Invalid),
            ((Unknown, Some(404)), Unknown),
            ((Unknown, Some(405)), Unknown),
            ((Unknown, Some(503)), Unknown),
            ((Unknown, None), Unknown),
        ] {
            let answer = together(all(&[refused, last]), None);
            assert_eq!(answer.verdict, expected, "{last:?}");
            let reason = answer.reason.expect("there is one");
            let named = match expected {
                Live | Restricted | Blocked => &["why-b"][..],
                _ => &["a.example", "why-b"],
            };
            assert!(named.iter().all(|word| reason.contains(word)), "{last:?}: {reason}");
        }
    }

    #[test]
    fn a_first_host_that_says_nothing_leaves_it_open() {
        use Verdict::{Invalid, Live, Unknown};
        let answer = together(all(&[(Unknown, Some(403)), (Invalid, Some(401))]), None);
        assert_eq!((answer.verdict, answer.status), (Unknown, Some(403)));
        assert_eq!(answer.reason.as_deref(), Some("b.example refuses it, and a.example says nothing: why-a"));
        let answer = together(all(&[(Unknown, Some(404)), (Unknown, Some(404))]), None);
        assert_eq!(answer.reason.as_deref(), Some("a.example says nothing: why-a; b.example says nothing: why-b"));
        let live = together(all(&[(Unknown, Some(403)), (Invalid, Some(401)), (Live, Some(200))]), None);
        assert_eq!((live.verdict, live.refused_by), (Live, vec!["b.example".to_owned()]));
        assert_eq!(together(all(&[(Unknown, None)]), None).reason.as_deref(), Some("why-a"));
    }

    #[test]
    fn hosts_that_nobody_asks_leave_it_open() {
        let refused = (Verdict::Invalid, Some(401));
        assert_eq!(together(all(&[refused, refused]), Some(LeftOut::Hosts)).verdict, Verdict::Unknown);
        assert_eq!(
            together(all(&[refused]), Some(LeftOut::Hosts)).reason.as_deref(),
            Some("a.example refuses it, and further hosts that stand near it are not asked")
        );
        assert_eq!(together(all(&[refused, (Verdict::Live, Some(200))]), Some(LeftOut::Hosts)).verdict, Verdict::Live);
    }
}
