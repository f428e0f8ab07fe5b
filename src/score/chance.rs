//! How much likelier a text is as a random draw than as something that code holds at such a place: a word, an identifier in any case style, a path, an
//! expression.
//!
//! Both are models that give each text a probability, and the difference of their logarithms in bits is what is asked for. A draw takes each character with the
//! same probability from the smallest alphabet that has all of them. Code chooses first the kind of each character (small letter, capital, digit, separator,
//! mark) by the two kinds before it, then the character: a letter by the two letters of the same word before it, a mark by how often it is written.
//! A word begins behind what is no letter, and at a capital behind a small letter. In texts of one case with separators it may also be an abbreviation of any letters.
//!
//! This decides about findings, so it asks for good odds and says nothing about what is shorter than a password. What is only to be hidden beside a finding, down to
//! pieces of a few letters, `report::mask` judges by less.
//!
//! The tables hold costs, -4 log2 of the probability, in quarters of a bit from `0` on. They were counted over the 123,502 different identifiers and strings
//! without spaces (4 to 64 characters) that stand in two files or more of 10,500 drawn from the Linux kernel, packages of PyPI and packages of npm, sources and
//! documentation; each counts with the logarithm of how many files have it. What is rare is smoothed, so that nothing is impossible.
//!
//! How often it errs was measured with tables counted over one half of these files. Of the 14,000 strings of the other half that the first has not, in percent, there
//! are taken for draws: 0.7 at 8 and 9 characters, 1.1 at 10 and 11, 0.2 at 12 and 13, 0.1 to 0.3 above. Of draws there are missed, in percent:
//!
//! | length | small letters | both cases | small, digits | letters, digits | with `-_` | with marks | hexadecimal |
//! |---|---|---|---|---|---|---|---|
//! | 6 | 8.4 | 5.9 | 13.6 | 7.5 | 8.1 | 5.3 | 18.9 |
//! | 8 | 3.2 | 2.0 | 5.0 | 1.9 | 2.8 | 1.3 | 9.7 |
//! | 10 | 0.6 | 0.5 | 1.2 | 0.7 | 0.9 | 0.5 | 5.6 |
//! | 12 | 0.3 | 0.1 | 0.6 | 0.1 | 0.1 | 0.1 | 2.0 |
//! | 16 | 0.1 | 0.0 | 0.1 | 0.0 | 0.0 | 0.0 | 0.6 |
//! | 24 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0 | 0.1 |

use std::sync::LazyLock;

use super::value;

/// By how many bits a draw must be the likelier one: at the odds of a thousand to one.
pub const DRAWN: f32 = 10.0;
/// The same for letters of one case, which may be a word of a language or an abbreviation that the tables do not know.
const DRAWN_OF_ONE_KIND: f32 = 14.0;
/// The shortest draw, the shortest of letters of one case, and the least number of different characters.
const SHORTEST: usize = 8;
const SHORTEST_OF_ONE_KIND: usize = 10;
const LEAST_DISTINCT: usize = 6;

/// Kinds of characters, and the start of a text.
const SMALL: usize = 0;
const CAPITAL: usize = 1;
const DIGIT: usize = 2;
const SEPARATOR: usize = 3;
const MARK: usize = 4;
const START: usize = 5;
/// What stands for a letter before the beginning of a word.
const NONE: usize = 26;

/// For each kind before the last, in rows, and the last, in columns: what each next kind costs.
const KINDS: [[&[u8; 5]; 6]; 6] = [
    [b"1FP=Y", b"0AISd", b";C2;]", b"0GIFW", b"5;D>7", b"99999"],
    [b"0JUOh", b"H2D9a", b"L974Y", b"G1BAN", b"?9?95", b"99999"],
    [b"7J49\\", b"787=V", b"@C1=_", b"668DW", b"A5?@6", b"99999"],
    [b"0_MQc", b">1FJi", b"?B36K", b"5;U5V", b"4DI99", b"99999"],
    [b"0OLFF", b"6>O3J", b"HH74;", b"2AF>;", b"65F>;", b"99999"],
    [b"0RCLo", b"36JLl", b"GG44K", b"6BM3R", b"3C@B8", b"29ZFO"],
];
/// Separators and marks, and what each costs among its kind.
const MARKS: &[u8; 32] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const MARK_COSTS: &[u8; 32] = b"S>FBFNE@ADL>@8@>PDBCTAA\\AH3W=Q<F";
/// The same for each byte, and what any other one costs.
static OF_MARK: [f32; 256] = {
    let (mut costs, mut i) = ([8.0; 256], 0);
    while i < MARKS.len() {
        costs[MARKS[i] as usize] = (MARK_COSTS[i] - b'0') as f32 / 4.0;
        i += 1;
    }
    costs
};
/// Rows of 26 letters: at the beginning of a word, behind its first letter, and behind any two.
static LETTERS: &[u8] = include_bytes!("chance/letters.txt");
/// The most symbols of an alphabet.
const MOST_SYMBOLS: usize = 26 + 26 + 10 + 32;
/// What a digit costs, and a letter of a draw: none is likelier than another.
const DIGIT_COST: f32 = 3.32;
const LETTER_COST: f32 = 4.70;

/// Bits below which a text is code, whatever its form.
const CODE: f32 = -8.0;

/// By how many bits `text` is likelier as a draw than as code whose words are known ones.
pub fn odds(text: &[u8]) -> f32 {
    cost_in_code(text, false) - cost_of_draw(text, Kinds::of(text))
}

/// Whether `text` is nearly all letters, and so much likelier code than a draw that it is no key. Of 20,000 draws of 16 letters none is less than 14 bits
/// likelier as a draw, so that a draw is practically never taken for code. Of digits and marks the costs say too little.
pub fn is_code(text: &[u8]) -> bool {
    let n_letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    n_letters * 5 >= text.len() * 4 && odds(text) < CODE
}

/// Whether `text` is so much likelier a draw than code that it is taken for one.
pub fn is_drawn(text: &[u8]) -> bool {
    // A capital may begin a word.
    let is_word = |text: &[u8]| matches!(text, [first, rest @ ..] if first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase));
    let is_one_kind = is_word(text) || text.iter().all(u8::is_ascii_uppercase);
    let (shortest, least) = if is_one_kind { (SHORTEST_OF_ONE_KIND, DRAWN_OF_ONE_KIND) } else { (SHORTEST, DRAWN) };
    let kinds = Kinds::of(text);
    let has_letters = kinds.has(SMALL) || kinds.has(CAPITAL);
    text.len() >= shortest && has_letters && odds_among_abbreviations(text, kinds) > least && value::n_distinct(text) >= LEAST_DISTINCT
}

/// Whether `text` is small letters alone that may be words of any language in one piece. What the tables hold of those is little; of draws of 20 letters 1 in
/// 100 may be words, too, and hardly any of 32.
pub fn may_be_words(text: &[u8]) -> bool {
    const DRAWN_LETTER: f32 = 2.0;
    text.iter().all(u8::is_ascii_lowercase) && odds(text) <= DRAWN_LETTER * text.len() as f32
}

/// By how many bits `text` is likelier as a draw than as code.
fn odds_among_abbreviations(text: &[u8], kinds: Kinds) -> f32 {
    cost_in_code(text, is_delimited(text, kinds)) - cost_of_draw(text, kinds)
}

/// Whether `letters` look like a word of a language, whatever their case; fewer than three look like nothing. Of words of five letters and more 97 in 100 do, of
/// random letters 9 in 100 at five, and 2 in 100 at eight.
pub fn is_word(letters: &[u8]) -> bool {
    const MOST: f32 = 5.0;
    let mut word = Word::default();
    letters.iter().for_each(|letter| word.read(*letter));
    letters.len() >= 3 && letters.iter().all(u8::is_ascii_alphabetic) && word.cost - letters.len() as f32 * LETTER_COST <= MOST
}

/// The bits of a draw from the smallest of the usual alphabets that has all characters of `text`; what pads base64 is none of it.
fn cost_of_draw(text: &[u8], kinds: Kinds) -> f32 {
    static BITS: LazyLock<[f32; MOST_SYMBOLS + 1]> = LazyLock::new(|| std::array::from_fn(|n| (n.max(2) as f32).log2()));
    let (small, capital, digit) = (kinds.has(SMALL), kinds.has(CAPITAL), kinds.has(DIGIT));
    let has_one_case = small != capital;
    let n_marks = match () {
        () if !kinds.has(SEPARATOR) && !text.iter().any(u8::is_ascii_punctuation) => 0,
        () if text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) => 2,
        () if text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) => 2,
        () => 32,
    };
    let is_hex = digit && has_one_case && text.iter().all(u8::is_ascii_hexdigit);
    let n_symbols = if is_hex { 16 } else { 26 * usize::from(small) + 26 * usize::from(capital) + 10 * usize::from(digit) + n_marks };
    text.len() as f32 * BITS[n_symbols]
}

/// The bits of `text` as code, whose words may be abbreviations or are none.
fn cost_in_code(text: &[u8], has_abbreviations: bool) -> f32 {
    let (mut before_last, mut last) = (START, START);
    let mut word = Word::default();
    let mut sum = 0.0;
    for &byte in text {
        let kind = kind_of(byte);
        sum += bits(KINDS[before_last][last][kind]);
        if kind >= DIGIT || last >= DIGIT || last == SMALL && kind == CAPITAL {
            sum += std::mem::take(&mut word).sum(has_abbreviations);
        }
        match kind {
            SMALL | CAPITAL => word.read(byte),
            DIGIT => sum += DIGIT_COST,
            _ => sum += OF_MARK[usize::from(byte)],
        }
        (before_last, last) = (last, kind);
    }
    sum + word.sum(has_abbreviations)
}

/// Whether it is of one case and has separators: so are the names of registers and devices written, whose parts are abbreviations.
fn is_delimited(text: &[u8], kinds: Kinds) -> bool {
    let has_both_cases = kinds.has(SMALL) && kinds.has(CAPITAL);
    !has_both_cases && text.iter().any(|byte| matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b','))
}

/// The kinds of characters that a text has, one bit for each.
#[derive(Clone, Copy)]
struct Kinds(u8);

impl Kinds {
    fn of(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |all, &byte| all | 1 << kind_of(byte)))
    }

    const fn has(self, kind: usize) -> bool {
        self.0 >> kind & 1 == 1
    }
}

fn kind_of(byte: u8) -> usize {
    usize::from(KIND_OF[usize::from(byte)])
}

static KIND_OF: [u8; 256] = {
    let (mut kinds, mut byte) = ([MARK as u8; 256], 0);
    while byte < 256 {
        match byte as u8 {
            b'a'..=b'z' => kinds[byte] = SMALL as u8,
            b'A'..=b'Z' => kinds[byte] = CAPITAL as u8,
            b'0'..=b'9' => kinds[byte] = DIGIT as u8,
            b'_' | b'-' | b'.' | b'/' | b':' => kinds[byte] = SEPARATOR as u8,
            _ => {}
        }
        byte += 1;
    }
    kinds
};

fn bits(cost: u8) -> f32 {
    f32::from(cost - b'0') / 4.0
}

/// A word that is read letter by letter.
struct Word {
    before_last: usize,
    last: usize,
    n_letters: u16,
    cost: f32,
}

impl Default for Word {
    fn default() -> Self {
        Self { before_last: NONE, last: NONE, n_letters: 0, cost: 0.0 }
    }
}

impl Word {
    fn read(&mut self, letter: u8) {
        let letter = usize::from(letter.to_ascii_lowercase().saturating_sub(b'a')).min(25);
        let row = match (self.before_last, self.last) {
            (_, NONE) => 0,
            (NONE, last) => 1 + last,
            (before_last, last) => 27 + 26 * before_last + last,
        };
        (self.before_last, self.last) = (self.last, letter);
        self.cost += bits(LETTERS[27 * row + letter]);
        self.n_letters = self.n_letters.saturating_add(1);
    }

    /// What the word costs. An abbreviation, of any letters, costs what these cost in a draw, and that it is one.
    fn sum(self, may_be_abbreviation: bool) -> f32 {
        const ABBREVIATED: f32 = 2.0;
        if may_be_abbreviation && self.n_letters > 0 { self.cost.min(f32::from(self.n_letters) * LETTER_COST + ABBREVIATED) } else { self.cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    const SMALL_LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    const BOTH_CASES: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const SMALL_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    const ALL: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~";

    #[test]
    fn the_table_is_whole() {
        assert_eq!(LETTERS.len(), 703 * 27);
        assert!(LETTERS.chunks(27).all(|row| row[26] == b'\n' && row[..26].iter().all(|cost| (b'0'..=b'}').contains(cost))));
    }

    #[test]
    fn identifiers_of_short_words_are_code_and_draws_never_are() {
        for name in ["InlineAsmRegOrRegClass", "checkOnSave_extraEnv", "ImplOrTraitAssocTyId", "maxSafeUnsigned32Bit", "-for-AnyHasDocComments"] {
            assert!(is_code(name.as_bytes()), "{name}: {}", odds(name.as_bytes()));
        }
        for seed in 1..=1000 {
            let of_parts = format!("{}/{}:{}", seed % 3, Draws::new(seed).text(16, b"0123456789"), Draws::new(seed).text(32, b"0123456789abcdef"));
            assert!(!is_code(of_parts.as_bytes()), "{of_parts}");
        }
        for (alphabet, n) in [(SMALL_LETTERS, 16), (BOTH_CASES, 16), (SMALL_AND_DIGITS, 16), (ALNUM, 16), (ALNUM, 20), (ALL, 16)] {
            let taken = (1..=10_000).filter(|&seed| is_code(Draws::new(seed).text(n, alphabet).as_bytes())).count();
            assert_eq!(taken, 0, "of 10,000 at {n} of {}", alphabet.len());
        }
    }

    #[test]
    fn draws_are_told_from_code_in_every_alphabet() {
        for (alphabet, n, at_most) in [
            (SMALL_LETTERS, 10, 30),
            (BOTH_CASES, 8, 40),
            (BOTH_CASES, 10, 20),
            (SMALL_AND_DIGITS, 10, 40),
            (ALNUM, 8, 40),
            (ALNUM, 10, 20),
            (ALL, 8, 40),
            (ALL, 10, 20),
            (ALL, 24, 0),
        ] {
            let missed = (1..=1000).filter(|&seed| !is_drawn(Draws::new(seed).text(n, alphabet).as_bytes())).count();
            assert!(missed <= at_most, "{missed} of 1000 at {n} of {}", alphabet.len());
        }
    }

    #[test]
    fn what_code_holds_is_no_draw() {
        for text in [
            "isPasswordVisible2",
            "client_secret_post",
            "io.acme.security.PasswordEncoder",
            "/var/lib/postgresql/data",
            "https://login.acme.io/oauth2/token",
            "Optional[str]",
            "state->groupKey[index].key",
            "settings.password.get_secret_value(",
            "v1.2.3-beta4",
            "us-east-1",
            "correcthorsebattery",
            "Winter2024!",
            "AUTHENTICATION_BACKENDS",
            "VF610_PAD_PTD22__UART2_RX",
            "uart_clk_mux",
        ] {
            assert!(!is_drawn(text.as_bytes()), "{text}: {}", odds_among_abbreviations(text.as_bytes(), Kinds::of(text.as_bytes())));
        }
    }

    #[test]
    fn words_are_told_from_random_letters() {
        for word in ["password", "Database", "monkey", "dragon", "configuration", "orderer", "butterfly", "connector", "user", "admin"] {
            assert!(is_word(word.as_bytes()), "{word}");
        }
        for random in ["xkqvzj", "qzjxkw", "vbnmkjhg", "kqzhwxpb", "zqfj", "ab"] {
            assert!(!is_word(random.as_bytes()), "{random}");
        }
    }
}
