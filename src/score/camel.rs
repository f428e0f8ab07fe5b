//! Identifiers in camel case, told by their form alone: `PushBulletApiKey`, `getSafeRemoteURL`, `DotAccessExprCtx2`.
//!
//! Their humps are short words, so that the letters of each say little; but that all of a token is letters, in few humps, with the vowels of words, is
//! seldom by chance. Of random letters and digits four in a thousand are so at 16 characters, one in a thousand at 20, and next to none at 32.

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
    let n_vowels: usize = letters.iter().map(|letter| usize::from(is_vowel(*letter))).sum();
    let n_humps = 1 + n_humps(letters);
    n_humps > 1 && n_humps * 4 <= letters.len() && n_vowels * 4 >= letters.len()
}

/// How many humps ([`crate::case::is_hump`]) there are behind the first letter, counted without branches: none of them could be foreseen.
fn n_humps(letters: &[u8]) -> usize {
    let is_capital = |letter: u8| usize::from(letter.is_ascii_uppercase());
    let inside = |triple: &[u8]| is_capital(triple[1]) & !(is_capital(triple[0]) & is_capital(triple[2]));
    let last = letters.last_chunk().map_or(0, |[before, last]| is_capital(*last) & !is_capital(*before));
    letters.windows(3).map(inside).sum::<usize>() + last
}

const fn is_vowel(letter: u8) -> bool {
    const VOWELS: u32 = 1 << 1 | 1 << 5 | 1 << 9 | 1 << 15 | 1 << 21;
    VOWELS >> (letter & 31) & 1 == 1
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
    fn humps_are_those_of_words() {
        let mut draws = Draws::new(1);
        for len in (0..40).chain([0, 1, 2, 3].repeat(20)) {
            let text = draws.text(len, b"abAB");
            let letters = text.as_bytes();
            assert_eq!(n_humps(letters), (1..len).filter(|&at| crate::case::is_hump(letters, at)).count(), "{text}");
        }
        assert_eq!((b'A'..=b'z').filter(|byte| byte.is_ascii_alphabetic() && is_vowel(*byte)).map(char::from).collect::<String>(), "AEIOUaeiou");
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
