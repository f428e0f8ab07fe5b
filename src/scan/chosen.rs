//! Whether a secret may be one that a person chose: a password, a phrase, what somebody typed.
//!
//! Whoever has a digest of such a secret can find it with a list of words, however long it is. What providers and machines make is drawn, and rules that know
//! its form need not be asked about; where a name, a place or an expression of the user tells a secret, only its letters say whether it was drawn.

use crate::base64;
use crate::rule::Rule;
use crate::rule::structure::Structure;
use crate::score;
use crate::secret::Secret;

/// Whether a person may have chosen the secret that `rule` found.
pub(super) fn may_be(rule: &Rule, secret: &Secret) -> bool {
    use Structure::{AssignedPassword, AssignedSecret, BasicAuth, ConnectionPassword, CredentialFile, UrlPassword};
    #[expect(clippy::disallowed_methods, reason = "asks whether the secret looks drawn, keeps and shows nothing")]
    let secret = secret.expose();
    match rule.structure {
        Some(AssignedPassword | AssignedSecret | UrlPassword | ConnectionPassword) => !score::is_surely_drawn(secret),
        Some(BasicAuth | CredentialFile) => !score::is_surely_drawn(&without_user(secret)),
        _ => rule.pattern.is_some() && !score::is_surely_drawn(secret),
    }
}

/// The password of `user:password` in base64; of anything else all of it.
fn without_user(secret: &[u8]) -> Vec<u8> {
    let decoded = base64::decode(base64::unpadded(secret), |_| true);
    let password = decoded.as_deref().and_then(|pair| Some(&pair[memchr::memchr(b':', pair)? + 1..]));
    password.unwrap_or(secret).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::draw::{ALNUM, Draws};

    const MARKED: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%*+-.?@_";

    fn is_chosen(rule: &str, secret: &[u8]) -> bool {
        may_be(RuleSet::built_in().get(rule).expect("it is built in"), &Secret::new(secret))
    }

    #[test]
    fn what_people_make_of_words_years_and_marks_is_chosen_however_long_it_is() {
        let words =
            ["Winter", "Acme", "Admin", "P@ssw0rd", "Prod", "Spring", "Welcome", "Dragon", "c0mp4ny", "S3rver", "London", "Liverpool", "correct", "battery"];
        let ends = ["2023!Go", "2022", "-Prod1", "_2024#", "!!123", "@home", "99$"];
        let passwords = words.iter().flat_map(|word| {
            let two = words.iter().map(move |other| format!("{word}{other}"));
            two.chain(words.iter().map(move |other| format!("{word}@{other}"))).chain([(*word).to_owned()])
        });
        let all: Vec<String> = passwords.flat_map(|start| ends.iter().map(move |end| format!("{start}{end}"))).collect();
        for rule in ["generic-password", "generic-secret", "generic-url-password"] {
            let missed: Vec<&String> = all.iter().filter(|password| !is_chosen(rule, password.as_bytes())).collect();
            assert!(missed.is_empty(), "{rule}: {} of {}: {missed:?}", missed.len(), all.len());
        }
        assert!(is_chosen("generic-basic-auth", base64::encode(b"admin:Winter2023!Go").as_bytes()), "the user does not count");
    }

    #[test]
    fn what_was_drawn_is_not_chosen() {
        let hex = b"0123456789abcdef".as_slice();
        for (alphabet, n, at_most) in [(ALNUM, 24, 150), (ALNUM, 32, 30), (ALNUM, 40, 10), (MARKED, 24, 150), (MARKED, 32, 30), (hex, 32, 10), (hex, 64, 10)] {
            let missed = (1..=1000).filter(|&seed| is_chosen("generic-password", Draws::new(seed).text(n, alphabet).as_bytes())).count();
            assert!(missed <= at_most, "{missed} of 1000 at {n} of {}", alphabet.len());
        }
        let drawn = |seed| Draws::new(seed).text(40, ALNUM);
        let missed = (1..=100).filter(|&seed| is_chosen("generic-basic-auth", base64::encode(format!("admin:{}", drawn(seed)).as_bytes()).as_bytes())).count();
        assert!(missed <= 2, "{missed}");
        assert!(!is_chosen("openai-api-key", b"anything"), "a rule that knows the form is not asked about");
    }
}
