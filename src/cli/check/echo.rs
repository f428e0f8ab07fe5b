//! Keeps the key out of what a server says about it: whatever of an answer is shown passes here. A server may send back what it was sent, whole or in
//! pieces, in other letters, backwards, or encoded.

use std::collections::HashSet;

use super::ask::Answer;
use super::detect::Found;
use crate::secret::MASK;

/// So many letters and digits in a row that are the key's, too, are no accident.
const N_SHARED: usize = 8;

/// Masks in everything of `answer` that came from a server what repeats the key.
pub fn hide(answer: &mut Answer, found: &Found) {
    #[expect(clippy::disallowed_methods, reason = "the key's bytes are needed to hide them")]
    let key = found.secret.expose();
    let confirmation = &mut answer.confirmation;
    let mut texts: Vec<&mut String> = confirmation.reason.iter_mut().chain(&mut confirmation.host).collect();
    texts.extend(confirmation.facts.iter_mut().flat_map(|fact| [&mut fact.name, &mut fact.value]));
    texts.extend(answer.models.iter_mut().flat_map(|models| models.by_family.iter_mut().flat_map(|(_, ids)| ids)));
    texts.extend(answer.limits.iter_mut().flat_map(|(name, value)| [name, value]));
    hide_in(&mut texts, &key[found.rule.shape.n_public(key).min(key.len())..]);
}

/// Masks the key in `texts`, which are read as one text: pieces of the key may stand one in each. Only letters and digits count, and not their case.
fn hide_in(texts: &mut [&mut String], key: &[u8]) {
    let pieces = pieces(key);
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut all: Vec<u8> = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let letters = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
        letters.for_each(|(place, byte)| {
            places.push((at, place));
            all.push(byte.to_ascii_lowercase());
        });
    }
    let mut is_key: Vec<Vec<bool>> = texts.iter().map(|text| vec![false; text.len()]).collect();
    for (start, _) in all.windows(N_SHARED).enumerate().filter(|(_, window)| pieces.contains(*window)) {
        places[start..start + N_SHARED].iter().for_each(|&(at, place)| is_key[at][place] = true);
    }
    for (text, is_key) in texts.iter_mut().zip(is_key).filter(|(_, is_key)| is_key.contains(&true)) {
        **text = masked(text, &is_key);
    }
}

/// `text` with each word masked of which a part `is_key`.
fn masked(text: &str, is_key: &[bool]) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=');
    let (mut out, mut at) = (String::new(), 0);
    for word in text.split_inclusive(|c| !is_of_word(c)) {
        let body = word.trim_end_matches(|c| !is_of_word(c));
        if is_key[at..at + word.len()].contains(&true) {
            out.push_str(MASK);
            out.push_str(&word[body.len()..]);
        } else {
            out.push_str(word);
        }
        at += word.len();
    }
    out
}

/// Every [`N_SHARED`] letters and digits in a row, in small letters, of the key as it is, backwards, in hexadecimal digits and in base64.
fn pieces(key: &[u8]) -> HashSet<Vec<u8>> {
    let backwards: Vec<u8> = key.iter().rev().copied().collect();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![key.to_owned(), backwards, hex.into_bytes()];
    // What stands before the key in the encoded text shifts it by up to two bytes.
    forms.extend((0..3).map(|n_before| base64(n_before, key)));
    let letters = |form: Vec<u8>| form.into_iter().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>();
    forms.into_iter().map(letters).flat_map(|form| form.windows(N_SHARED).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
}

/// The characters of base64 that `key` alone decides if `n_before` bytes stand before it.
fn base64(n_before: usize, key: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = [&vec![0; n_before], key].concat();
    let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    let sextets = (n_before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    sextets.map(|at| ALPHABET[(0..6).fold(0, |value, i| value << 1 | usize::from(bit(at * 6 + i)))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    fn hidden(texts: &[&str], key: &str) -> Vec<String> {
        let mut owned: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        hide_in(&mut owned.iter_mut().collect::<Vec<_>>(), key.as_bytes());
        owned
    }

    #[test]
    fn base64_is_as_everybody_writes_it() {
        assert_eq!(base64(0, b"Many hands"), b"TWFueSBoYW5kc");
        assert_eq!(base64(1, b"any hands"), b"FueSBoYW5kc");
        assert_eq!(base64(2, b"ny hands"), b"ueSBoYW5kc");
    }

    #[test]
    fn a_key_is_hidden_in_whatever_form_it_comes_back() {
        let key = Draws::new(5).text(32, ALNUM);
        let hex: String = key.bytes().map(|byte| format!("{byte:02X}")).collect();
        let encoded = |n| String::from_utf8(base64(n, key.as_bytes())).expect("it is ASCII");
        let spaced: String = key.chars().flat_map(|c| [c, ' ']).collect();
        for form in [key.clone(), key.to_lowercase(), key.chars().rev().collect(), hex, encoded(0), encoded(1), encoded(2), key[20..].to_owned()] {
            assert_eq!(hidden(&[&format!("no such key {form}!")], &key), [format!("no such key {MASK}!")]);
        }
        assert!(!hidden(&[&spaced], &key)[0].chars().any(|c| c.is_ascii_alphanumeric()), "{spaced}");
    }

    #[test]
    fn pieces_of_a_key_that_follow_each_other_are_hidden() {
        let key = Draws::new(6).text(32, ALNUM);
        let texts: Vec<&str> = (0..28).step_by(7).map(|at| &key[at..at + 7]).collect();
        assert_eq!(hidden(&texts, &key), vec![MASK; 4]);
    }

    #[test]
    fn what_is_not_of_the_key_stays() {
        let key = Draws::new(7).text(32, ALNUM);
        let texts = ["mistral-large-latest", "é 59", "", "ends in", &key[28..]];
        assert_eq!(hidden(&texts, &key), texts);
        assert_eq!(hidden(&texts, ""), texts);
    }
}
