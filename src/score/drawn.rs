//! Whether a text was surely drawn at random, so that its digest tells nobody what it is.
//!
//! `chance` errs to the side of finding secrets: a long password with marks and digits for letters is a draw to it. Here the other error costs more. What
//! reads like words does not count, spelled with digits and marks or not, and what is left has to be long and drawn.

use super::{chance, stand_in};

/// The shortest text that counts, without its words: shorter ones are guessed, or tried one after the other.
const SHORTEST: usize = 20;
/// The shortest run of letters that may be a word.
const SHORTEST_WORD: usize = 4;

/// Whether nobody can have chosen `text`.
pub fn is_surely_drawn(text: &[u8]) -> bool {
    if !text.is_ascii() || !chance::is_drawn(text) {
        return false;
    }
    // Hexadecimal digits spell words by chance, and nobody chooses words of them.
    let rest = if text.iter().all(u8::is_ascii_hexdigit) { text.to_vec() } else { beyond_words(&stand_in::beyond_names(text)) };
    rest.len() >= SHORTEST && chance::is_drawn(&rest)
}

/// The text, which is ASCII, without the runs of letters that read like words.
fn beyond_words(text: &[u8]) -> Vec<u8> {
    let plain = stand_in::unleet(&String::from_utf8_lossy(text).to_ascii_lowercase()).into_bytes();
    let is_run = |a: &u8, b: &u8| a.is_ascii_alphabetic() == b.is_ascii_alphabetic() && !(a.is_ascii_lowercase() && b.is_ascii_uppercase());
    let mut is_of_word = vec![false; text.len()];
    for spelled in [text, &plain] {
        let mut at = 0;
        for run in spelled.chunk_by(is_run) {
            if run.len() >= SHORTEST_WORD && chance::is_word(run) {
                is_of_word[at..at + run.len()].fill(true);
            }
            at += run.len();
        }
    }
    text.iter().zip(is_of_word).filter(|(_, is_of_word)| !is_of_word).map(|(byte, _)| *byte).collect()
}
