//! The negative control: an endpoint that takes a random key proves nothing about any. The first answer that accepts a key is believed only when a random
//! key of the same shape was asked about at the same place, and got another answer.

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

/// A random key of the rule's shape.
pub fn key(rule: &Rule, draws: &mut Draws) -> Secret {
    Secret::new(draws.shape(rule.shape.pattern).as_bytes())
}

/// Whether `verdict` is believed only after a control.
pub const fn needs_control(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Live | Verdict::Restricted)
}

/// What the random key's answer tells about an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// It got this verdict from an answer.
    Answered(Verdict),
    /// It got no answer, or one about the host's trouble.
    Failed,
}

impl Control {
    /// `confirmation` as far as it can be believed.
    pub fn judge(self, confirmation: Confirmation) -> Confirmation {
        let why = match self {
            Self::Answered(verdict) if verdict == Verdict::Live || verdict == confirmation.verdict => {
                "the endpoint gives a random key the same answer".to_owned()
            }
            Self::Answered(_) => return confirmation,
            Self::Failed => format!("it looks {}, but whether a random key does so too could not be found out", confirmation.verdict.text()),
        };
        Confirmation { verdict: Verdict::Unknown, reason: Some(why), facts: Vec::new(), ..confirmation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(verdict: Verdict) -> Confirmation {
        Confirmation { verdict, status: Some(200), ..Confirmation::default() }
    }

    #[test]
    fn an_endpoint_that_takes_any_key_proves_nothing() {
        use Verdict::{Invalid, Live, Restricted, Unknown};
        for (control, verdict, expected) in [
            (Control::Answered(Live), Live, Unknown),
            (Control::Answered(Live), Restricted, Unknown),
            (Control::Answered(Restricted), Restricted, Unknown),
            (Control::Answered(Restricted), Live, Live),
            (Control::Answered(Invalid), Live, Live),
            (Control::Answered(Invalid), Restricted, Restricted),
            (Control::Answered(Unknown), Live, Live),
            (Control::Failed, Live, Unknown),
        ] {
            assert_eq!(control.judge(with(verdict)).verdict, expected, "{control:?} {verdict:?}");
        }
    }
}
