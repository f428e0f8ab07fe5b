//! Whether a short run of letters and digits reads like the words of code, or like a password that somebody drew.
//!
//! A run falls apart where its class changes: `maxFileBytes2` has four pieces of three letters and more, `aK3xQ9bZ` has eight of one. Letters are
//! looked at, too: which pairs of them words have is known. Both make a number, how odd the run is for its length. Words hide some passwords (`monkey123` reads
//! like a name), so this is for runs that nothing else tells.
//!
//! `score::chance` answers another question: whether a whole value is a draw at the odds of a thousand to one, for a finding is to be right. Here parts of lines are
//! judged, of any length (`xqzv` is odd, and nothing could be said of it at such odds), and what is in doubt is hidden, which costs nothing but a word that cannot be read.
//!
//! The table was counted over the 10,323 words of three to fourteen letters that stand at least four times in 1,200 files drawn from the Linux kernel and
//! from packages of PyPI and npm. It has the pairs that make up 0.04 % of all, which are 96 % of the pairs of words and 48 % of those of random letters. Of the
//! runs of eight to fifteen in those files, 2 % are odd; of random ones of letters of both cases and digits, 99 %.

use crate::case::is_hump;

/// For each letter, the letters that follow it in words.
const FOLLOWERS: [&[u8]; 26] = [
    b"bcdfgiklmnprstuvwxy",
    b"aeilorstu",
    b"abcdefhiklmoprstuy",
    b"abcdegilmoprstu",
    b"abcdefgilmnopqrstuvwxy",
    b"acdefilorstu",
    b"aceghilmnoprsu",
    b"adeiorstuy",
    b"abcdefglmnoprstvxz",
    b"e",
    b"eis",
    b"abcdefiklopstuy",
    b"abcdeilmopstu",
    b"acdefgiklnopstuv",
    b"abcdefgiklmnoprstuvwx",
    b"acdehilmoprstuy",
    b"u",
    b"abcdefgiklmnopqrstuvxy",
    b"abcdefghiklmnoprstuwy",
    b"acdefhilmoprstuwxy",
    b"abcdefgilmnoprst",
    b"aeimo",
    b"aehinors",
    b"acefipt",
    b"nps",
    b"e",
];

/// What a piece costs, each pair that words do not have, and a letter that stands alone.
const PIECE: usize = 2;
const RARE_PAIR: usize = 3;
const LONE_LETTER: usize = 1;
/// A word of so many letters may have one pair that is rare.
const LONG_WORD: usize = 6;
/// Characters that a run must have for each point, times ten: more where it has digits, for then less of it is words.
const CHARACTERS_WITH_DIGITS: usize = 15;
const CHARACTERS: usize = 9;

/// Whether letters and digits, and what else joins them, read like words of code.
pub fn is_readable(run: &[u8]) -> bool {
    let is_number = run.strip_prefix(b"0x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let per_point = if run.iter().any(u8::is_ascii_digit) { CHARACTERS_WITH_DIGITS } else { CHARACTERS };
    is_number || oddness(run) * per_point <= run.len() * 10
}

/// The sum of what the pieces of a run cost.
fn oddness(run: &[u8]) -> usize {
    pieces(run).map(|piece| if piece[0].is_ascii_digit() { PIECE } else { oddness_of_letters(piece) }).sum()
}

fn oddness_of_letters(letters: &[u8]) -> usize {
    let n_rare = letters.windows(2).filter(|pair| !follows(pair[0], pair[1])).count();
    let n_rare = if letters.len() >= LONG_WORD { n_rare.saturating_sub(1) } else { n_rare };
    PIECE + RARE_PAIR * n_rare + if letters.len() == 1 { LONE_LETTER } else { 0 }
}

fn follows(one: u8, next: u8) -> bool {
    FOLLOWERS[usize::from(one.to_ascii_lowercase() - b'a')].contains(&next.to_ascii_lowercase())
}

/// The words and numbers of a run: `HTTPServer2` has `HTTP`, `Server` and `2`.
fn pieces(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = run;
    std::iter::from_fn(move || {
        rest = &rest[rest.iter().position(u8::is_ascii_alphanumeric)?..];
        let (piece, behind) = rest.split_at(piece_length(rest));
        rest = behind;
        Some(piece)
    })
}

/// How long the piece at the beginning is, which is a letter or a digit.
fn piece_length(run: &[u8]) -> usize {
    let goes_on = |at: usize| if run[0].is_ascii_digit() { run[at].is_ascii_digit() } else { run[at].is_ascii_alphabetic() && !is_hump(run, at) };
    (1..run.len()).find(|&at| !goes_on(at)).unwrap_or(run.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    #[test]
    fn runs_fall_apart_where_their_class_changes() {
        let text = |run: &'static str| pieces(run.as_bytes()).map(|piece| std::str::from_utf8(piece).expect("ASCII")).collect::<Vec<_>>();
        assert_eq!(text("HTTPServer2_of-maxBytes"), ["HTTP", "Server", "2", "of", "max", "Bytes"]);
        assert_eq!(text("aK3xQQ"), ["a", "K", "3", "x", "QQ"]);
        assert!(text("--").is_empty());
    }

    #[test]
    fn words_of_code_are_readable() {
        for word in [
            "deployment",
            "algorithm",
            "maxFileSize",
            "sha256sum",
            "getElementById",
            "Technology",
            "base64Encode",
            "CONFIG2024",
            "0x1f3c9a7e",
            "createServer",
            "anything",
        ] {
            assert!(is_readable(word.as_bytes()), "{word}: {}", oddness(word.as_bytes()));
        }
    }

    #[test]
    fn most_random_runs_are_not() {
        let mut draws = Draws::new(1);
        // Those that remain look like words and a number, by chance.
        for (n, most) in [(8, 25), (10, 20), (12, 12), (15, 8)] {
            let n_readable = (0..1000).filter(|_| is_readable(draws.text(n, ALNUM).as_bytes())).count();
            assert!(n_readable <= most, "{n_readable} of 1000 of {n} characters");
        }
    }
}
