//! The negative control: an endpoint that takes a random key proves nothing about any. The first answer that accepts a key is believed only when a random
//! key of the same shape was asked about at the same place, and was refused.

use crate::rule::Rule;
use crate::rule::draw::Draws;
use crate::secret::Secret;
use crate::verdict::{Confirmation, Verdict};

/// Draws random keys and random pauses. Seeded by the system: nobody else may hold what is drawn.
pub fn draws() -> Draws {
    let mut seed = [0; 8];
    // A system without random numbers gets the same keys each time; they are still nobody's.
    let _ = getrandom::fill(&mut seed);
    Draws::new(u64::from_le_bytes(seed))
}

/// A random key of the same kind as `secret`, a key of `rule`: an endpoint that looks at a key's form alone cannot tell them apart.
#[expect(clippy::disallowed_methods, reason = "looks at the key's form; what is drawn has none of its secret")]
pub fn key(rule: &Rule, secret: &Secret, draws: &mut Draws) -> Secret {
    Secret::new(&draws.like(rule, secret.expose()))
}

/// How `secret` begins in public: keys of another beginning may be taken elsewhere, and get a control of their own.
pub fn kind(rule: &Rule, secret: &Secret) -> String {
    #[expect(clippy::disallowed_methods, reason = "gives the key's public prefix only")]
    let key = secret.expose();
    String::from_utf8_lossy(&key[..rule.shape.n_public(key).min(key.len())]).into_owned()
}

/// Whether `verdict` is believed only after a control.
pub const fn needs_control(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Live | Verdict::Restricted)
}

/// What an endpoint seems to say about a key, while nobody knows what it says about a random one.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What it says.
    pub confirmation: Confirmation,
    /// What is believed of it unless the endpoint refuses a random key in the provider's own words; none for an answer that has such words itself.
    pub otherwise: Option<Confirmation>,
}

/// What became of the random key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Its verdict; `unknown` if there was no answer.
    pub verdict: Verdict,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Whether its rule takes the answer for a refusal, though good keys may get it, too.
    pub is_refused: bool,
}

impl Control {
    /// What of `claim` can be believed.
    pub fn judge(self, claim: Claim) -> Confirmation {
        let Claim { confirmation, otherwise } = claim;
        match otherwise {
            Some(otherwise) if !matches!(self.verdict, Verdict::Invalid | Verdict::Blocked) => otherwise,
            _ => self.believed(confirmation),
        }
    }

    fn believed(self, confirmation: Confirmation) -> Confirmation {
        let why = if self.verdict == Verdict::Live || self.verdict == confirmation.verdict {
            "the endpoint gives a random key the same answer".to_owned()
        } else if self.is_refusal(confirmation.verdict) {
            return confirmation;
        } else {
            format!("it looks {}, but whether a random key does so too could not be found out", confirmation.verdict.text())
        };
        Confirmation { verdict: Verdict::Unknown, reason: Some(why), facts: Vec::new(), ..confirmation }
    }

    /// Whether the endpoint does not do with a random key what it did with one that got `verdict`. A page that a firewall shows to the second request, and
    /// an answer that is about anything but the key, are no refusal.
    fn is_refusal(self, verdict: Verdict) -> bool {
        match self.verdict {
            Verdict::Invalid | Verdict::Blocked => true,
            Verdict::Restricted if verdict == Verdict::Live => true,
            // This status is about who asks, in whatever form it comes.
            _ => self.is_refused || self.status == Some(401),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_mark_needs_a_refusal_with_one() {
        use Verdict::{Invalid, Live, Restricted, Unknown};
        for (control, status, expected) in
            [(Invalid, Some(400), Live), (Unknown, Some(401), Unknown), (Restricted, Some(403), Unknown), (Live, Some(200), Unknown), (Unknown, None, Unknown)]
        {
            let of = |verdict| Confirmation { verdict, ..Confirmation::default() };
            let judged = Control { verdict: control, status, is_refused: true }.judge(Claim { confirmation: of(Live), otherwise: Some(of(Unknown)) });
            assert_eq!(judged.verdict, expected, "{control:?} {status:?}");
        }
    }

    #[test]
    fn only_an_endpoint_that_refuses_a_random_key_is_believed() {
        use Verdict::{Blocked, Invalid, Live, Restricted, Unknown};
        for (control, status, verdict, expected) in [
            (Live, Some(200), Live, Unknown),
            (Live, Some(200), Restricted, Unknown),
            (Restricted, Some(403), Restricted, Unknown),
            (Restricted, Some(401), Restricted, Unknown),
            (Restricted, Some(403), Live, Live),
            (Invalid, Some(400), Live, Live),
            (Invalid, Some(200), Restricted, Restricted),
            (Blocked, Some(403), Live, Live),
            (Unknown, Some(401), Live, Live),
            (Unknown, Some(401), Restricted, Restricted),
            (Unknown, Some(200), Live, Unknown),
            (Unknown, Some(403), Live, Unknown),
            (Unknown, Some(404), Restricted, Unknown),
            (Unknown, Some(429), Live, Unknown),
            (Unknown, None, Live, Unknown),
        ] {
            let confirmation = Confirmation { verdict, status: Some(200), ..Confirmation::default() };
            let judged = Control { verdict: control, status, is_refused: false }.judge(Claim { confirmation, otherwise: None });
            assert_eq!(judged.verdict, expected, "{control:?} {status:?} {verdict:?}");
        }
    }
}
