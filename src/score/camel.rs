//! Identifiers in camel case, told by their form alone: `PushBulletApiKey`, `getSafeRemoteURL`, `DotAccessExprCtx2`.
//!
//! Their humps are short words, so that the letters of each say little; but that all of a token is letters, in few humps, with the vowels of words, is
//! seldom by chance. Of random letters and digits four in a thousand are so at 16 characters, one in a thousand at 20, and next to none at 32.

use crate::case::is_hump;

/// The least number of letters that say something.
const SHORTEST: usize = 12;

/// Digits that an identifier may end with.
const MOST_DIGITS: usize = 2;

/// Whether `value` is an identifier in camel case.
pub(super) fn is_identifier(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"_").unwrap_or(value);
    let n_digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = &value[..value.len() - n_digits];
    if n_digits > MOST_DIGITS || letters.len() < SHORTEST || !letters.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let n_humps = 1 + (1..letters.len()).filter(|&at| is_hump(letters, at)).count();
    let n_vowels = letters.iter().filter(|byte| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u')).count();
    n_humps > 1 && n_humps * 4 <= letters.len() && n_vowels * 4 >= letters.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    #[test]
    fn identifiers_are_told_by_their_humps() {
        for identifier in
            ["PushBulletApiKey", "RestpackHtmlToPdfAPI", "getSafeRemoteURL", "NewRelicPersonalApiKey", "_onChangeTreeSelection", "MyGenericStruct2"]
        {
            assert!(is_identifier(identifier.as_bytes()), "{identifier}");
        }
        for other in ["pushbulletapikey", "PUSHBULLETAPIKEY", "Push_Bullet_Api_Key", "PBtAiKyRlcPnaTn", "aK3dPushBullet99", "MyGenericStruct2024", "short"] {
            assert!(!is_identifier(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn random_letters_and_digits_are_seldom_so() {
        let mut draws = Draws::new(1);
        for (len, most) in [(16, 80), (20, 20), (32, 0)] {
            let n = (0..20_000).filter(|_| is_identifier(draws.text(len, ALNUM).as_bytes())).count();
            assert!(n <= most, "{n} of 20,000 with {len} characters");
        }
    }
}
