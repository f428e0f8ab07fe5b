//! Keeps the key out of what a server says about it: whatever of an answer is shown passes here. A server may send back what it was sent, whole or in
//! pieces, in other letters, backwards, or encoded.

use super::ask::Answer;
use super::detect::Found;
use crate::confirm::echo::Echo;
use crate::secret::{MASK, Secret};

/// Masks in everything of `answer` that came from a server what repeats the key.
pub fn hide(answer: &mut Answer, found: &Found) {
    #[expect(clippy::disallowed_methods, reason = "the key's bytes are needed to hide them")]
    let key = found.secret.expose();
    let confirmation = &mut answer.confirmation;
    let mut texts: Vec<&mut String> = confirmation.reason.iter_mut().chain(&mut confirmation.host).collect();
    texts.extend(confirmation.facts.iter_mut().flat_map(|fact| [&mut fact.name, &mut fact.value]));
    texts.extend(answer.models.iter_mut().flat_map(|models| models.by_family.iter_mut().flat_map(|(_, ids)| ids)));
    texts.extend(answer.limits.iter_mut().flat_map(|(name, value)| [name, value]));
    // The public prefix stands in many texts that are about keys of this kind.
    hide_in(&mut texts, &Echo::of(&Secret::new(&key[found.rule.shape.n_public(key).min(key.len())..])));
}

/// Masks the pieces of the key that stand in `texts`, which are read as one text.
fn hide_in(texts: &mut [&mut String], echo: &Echo) {
    let is_key = echo.places(&texts.iter().map(|text| text.as_str()).collect::<Vec<_>>());
    for (text, is_key) in texts.iter_mut().zip(is_key).filter(|(_, is_key)| is_key.contains(&true)) {
        **text = masked(text, &is_key);
    }
}

/// `text` with each word masked of which a part `is_key`.
fn masked(text: &str, is_key: &[bool]) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=');
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    fn hidden(texts: &[&str], key: &str) -> Vec<String> {
        let mut owned: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        hide_in(&mut owned.iter_mut().collect::<Vec<_>>(), &Echo::of(&Secret::new(key.as_bytes())));
        owned
    }

    /// Base64 without padding.
    fn base64(text: &str) -> String {
        let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
        let mut bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
        bits.resize(bits.len().next_multiple_of(6), 0);
        bits.chunks(6).map(|six| digits[six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit))]).collect()
    }

    #[test]
    fn a_key_is_hidden_in_whatever_form_it_comes_back() {
        let key = Draws::new(5).text(32, ALNUM);
        let hex: String = key.bytes().map(|byte| format!("{byte:02X}")).collect();
        let encoded = |before: &str| base64(&format!("{before}{key}"));
        let spaced: String = key.chars().flat_map(|c| [c, ' ']).collect();
        let wide: String = key.bytes().filter_map(|byte| char::from_u32(u32::from(byte) + 0xfee0)).collect();
        for form in [key.clone(), wide, key.to_lowercase(), key.chars().rev().collect(), hex, encoded(""), encoded(":"), encoded("a:"), key[20..].to_owned()] {
            assert_eq!(hidden(&[&format!("no such key {form}!")], &key), [format!("no such key {MASK}!")]);
        }
        assert!(!hidden(&[&spaced], &key)[0].chars().any(|c| c.is_ascii_alphanumeric()), "{spaced}");
    }

    #[test]
    fn pieces_of_a_key_that_follow_each_other_are_hidden() {
        let key = Draws::new(6).text(32, ALNUM);
        let texts: Vec<&str> = (0..28).step_by(7).map(|at| &key[at..at + 7]).collect();
        assert_eq!(hidden(&texts, &key), vec![MASK; 4]);
        let apart: Vec<String> = texts.iter().map(|piece| format!("{piece}-xx")).collect();
        assert_eq!(hidden(&apart.iter().map(String::as_str).collect::<Vec<_>>(), &key), vec![MASK; 4]);
    }

    #[test]
    fn what_is_not_of_the_key_stays() {
        let key = Draws::new(7).text(32, ALNUM);
        let texts = ["mistral-large-latest", "é 59", "", "ends in", &key[28..]];
        assert_eq!(hidden(&texts, &key), texts);
        assert_eq!(hidden(&texts, ""), texts);
    }
}
