//! What a value says about itself: its entropy, and whether it is a placeholder, a sequence or made of words.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{chance, stand_in};
use crate::literals::EachOf;
pub use crate::number::n_distinct;
use crate::rule::shape::{class, class_of};
use crate::span::Span;

/// Shannon entropy in bits per byte.
pub fn entropy(bytes: &[u8]) -> f32 {
    // With n characters, of which each kind occurs c times, it is log2(n) - sum(c * log2(c)) / n. The sum grows with each character.
    static STEPS: LazyLock<[f32; 256]> = LazyLock::new(|| std::array::from_fn(step));
    let steps = &*STEPS;
    let mut counts = [0u16; 256];
    let mut sum = 0.0;
    for &byte in bytes {
        let count = &mut counts[byte as usize];
        sum += steps.get(usize::from(*count)).copied().unwrap_or_else(|| step(usize::from(*count)));
        *count = count.saturating_add(1);
    }
    let n = bytes.len().max(1) as f32;
    (n.log2() - sum / n).max(0.0)
}

/// By how much `c * log2(c)` grows from `count` to the next.
fn step(count: usize) -> f32 {
    let term = |count: usize| if count == 0 { 0.0 } else { count as f32 * (count as f32).log2() };
    term(count + 1) - term(count)
}

/// Lengths, and for alphabets of 16, 36 and 62 symbols the entropy in bits per character below which one random string in 1,000 falls
/// (6,000 draws each).
const FLOORS: [(usize, [f32; 3]); 8] = [
    (16, [2.48, 2.95, 3.12]),
    (20, [2.68, 3.25, 3.51]),
    (24, [2.89, 3.49, 3.77]),
    (32, [3.15, 3.76, 4.09]),
    (40, [3.30, 3.99, 4.32]),
    (64, [3.55, 4.40, 4.81]),
    (128, [3.78, 4.78, 5.32]),
    (256, [3.90, 4.97, 5.65]),
];

/// The entropy that random strings of `n` characters from `n_symbols` fall below once in 1,000 times, in bits per character.
pub fn random_floor(n: usize, n_symbols: usize) -> f32 {
    let column = match n_symbols {
        ..=16 => 0,
        17..=36 => 1,
        _ => 2,
    };
    let above = FLOORS.iter().position(|&(length, _)| length >= n).unwrap_or(FLOORS.len() - 1).max(1);
    let ((n0, low), (n1, high)) = (FLOORS[above - 1], FLOORS[above]);
    let part = ((n as f32 / n0 as f32).ln() / (n1 as f32 / n0 as f32).ln()).clamp(0.0, 1.0);
    low[column] + (high[column] - low[column]) * part
}

/// The classes of bytes in `bytes`, [`class`] bits; other bytes count as none.
pub fn classes(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |all, &byte| all | class_of(byte))
}

/// Whether all of `bytes` are digits and small letters up to `f`, both present.
pub fn is_hex(bytes: &[u8]) -> bool {
    let classes = classes(bytes) & !class::DASH;
    classes == class::DIGIT | class::LOWER_HEX && bytes.iter().all(u8::is_ascii_hexdigit)
}

/// Whether there is no letter in `value`.
pub fn is_made_of_digits(value: &[u8]) -> bool {
    value.iter().all(|byte| !byte.is_ascii_alphabetic())
}

/// Why `value` is no real secret, if it is none.
pub fn placeholder(value: &[u8]) -> Option<&'static str> {
    placeholder_behind(value, 0)
}

/// The same for a key whose first `n_public` bytes are the same in all of its kind, whatever they look like.
pub fn placeholder_behind(value: &[u8], n_public: usize) -> Option<&'static str> {
    if stand_in::is_made_up(value) {
        return Some("it holds a placeholder's word");
    }
    if is_published(value) {
        return Some("it is a published example");
    }
    let is_told = n_public > 0;
    let value = &value[n_public..];
    let longest_allowed = if is_hex(value) { 6 } else { 5 };
    let (repeated, sequence) = longest_runs(value);
    if repeated > longest_allowed {
        return Some("one character is repeated");
    }
    if sequence > longest_allowed {
        return Some("it holds a sequence such as 123456 or abcdef");
    }
    if is_of_sequences(value, is_told) {
        return Some("its letters and digits are sequences such as abc123def456");
    }
    if value.len() >= 16 && (repeats_itself(value) || ends_in_repetition(value)) {
        return Some("it repeats itself");
    }
    (n_distinct(value) * 5 < value.len().min(40)).then_some("it has too few different characters")
}

/// Whether `value` is an example that a vendor or a tool has published.
pub fn is_published(value: &[u8]) -> bool {
    /// How the second part of a JSON web token begins about John Doe, 1234567890: the example of jwt.io.
    const EXAMPLE_SUBJECT: &[u8] = concat!(".eyJzdWIiOiIx", "MjM0NTY3ODkwIiwibmFtZSI6", "IkpvaG4gRG9lI").as_bytes();
    if value.starts_with(b"eyJ") && memchr::memmem::find(value, EXAMPLE_SUBJECT).is_some() {
        return true;
    }
    static EXAMPLES: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| {
        let lines = KNOWN_EXAMPLES.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.replace('¦', "").into_bytes()).collect()
    });
    EXAMPLES.contains(value)
}

/// Values that vendors and tools publish as examples; a `¦` inside keeps each from being taken for a leak.
const KNOWN_EXAMPLES: &str = include_str!("known_examples.txt");

/// The longest runs of one letter or digit, and of those that follow each other upwards or downwards in either case.
fn longest_runs(bytes: &[u8]) -> (usize, usize) {
    let (mut same, mut up, mut down) = (1, 1, 1);
    let (mut longest_same, mut longest_sequence) = (1, 1);
    for pair in bytes.windows(2) {
        let (a, b) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
        let both = usize::from(a.is_ascii_alphanumeric() & b.is_ascii_alphanumeric());
        same = 1 + same * both * usize::from(pair[0] == pair[1]);
        up = 1 + up * both * usize::from(a.wrapping_add(1) == b);
        down = 1 + down * both * usize::from(b.wrapping_add(1) == a);
        longest_same = longest_same.max(same);
        longest_sequence = longest_sequence.max(up).max(down);
    }
    (longest_same, longest_sequence)
}

/// Whether the value goes on with its own beginning for at least eight characters.
fn repeats_itself(value: &[u8]) -> bool {
    // Few characters are the first one again, and a comparison that is not begun costs nothing.
    (1..=value.len().saturating_sub(8)).any(|period| value[period] == value[0] && value[period..] == value[..value.len() - period])
}

/// Whether the end of the value is the same few characters again and again.
fn ends_in_repetition(value: &[u8]) -> bool {
    const LONGEST_PERIOD: usize = 12;
    const LEAST: usize = 16;
    let Some(tail) = value.len().checked_sub(LEAST) else { return false };
    (1..=LONGEST_PERIOD.min(tail)).any(|period| value[tail..] == value[tail - period..value.len() - period])
}

/// Whether letters alone and digits alone are sequences, however they are mixed: `abc123def456ghi789`, `a1b2c3d4e5f6`. Of a draw one letter in 26 and one digit
/// in ten follows the one before. People do choose short ones as passwords; behind the public part of a key (`is_told`) they are placeholders, too.
fn is_of_sequences(value: &[u8], is_told: bool) -> bool {
    let (shortest, least) = if is_told { (9, 7) } else { (16, 10) };
    let (mut n_pairs, mut n_following) = (0, 0);
    let (mut letter, mut digit) = (None, None);
    for byte in value.iter().map(u8::to_ascii_lowercase) {
        let (last, next) = match byte {
            b'a'..=b'z' => (&mut letter, if byte == b'z' { b'a' } else { byte + 1 }),
            b'0'..=b'9' => (&mut digit, if byte == b'9' { b'0' } else { byte + 1 }),
            _ => continue,
        };
        if let Some(expected) = last.replace(next) {
            n_pairs += 1;
            n_following += usize::from(expected == byte);
        }
    }
    value.len() >= shortest && n_pairs >= least && n_following * 10 >= n_pairs * 8
}

/// Whether a value is a phrase: four words or more of one case with separators between, as `this_is_a_test_key`. No draw is.
fn is_phrase(value: &[u8]) -> bool {
    const LEAST: usize = 4;
    let parts = || value.split(|byte| matches!(byte, b'_' | b'-'));
    let is_of = |is_kind: fn(&u8) -> bool| parts().all(|part| !part.is_empty() && part.iter().all(is_kind));
    let may_be = (is_of(u8::is_ascii_lowercase) || is_of(u8::is_ascii_uppercase)) && parts().count() >= LEAST;
    may_be && parts().filter(|part| part.len() < 4 || chance::is_word(part)).count() * 4 >= parts().count() * 3
}

/// Whether a value is an identifier made of words: three quarters of its letters stand in word-like humps and it has few digits. Fewer than
/// 1 in 3,000 random values of 32 letters and digits are.
pub fn is_made_of_words(value: &[u8]) -> bool {
    let n_digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_in_humps = || n_digits * 7 <= value.len() && !is_strewn_with_digits(value) && !is_base32(value) && word_share(value) >= 0.75;
    // By their cost.
    is_in_humps() || is_phrase(value) || lexicon_share(value) >= 10
}

/// Whether a value is in one piece, of capitals with some digits: every eighth such random string has the vowels of words, and identifiers in capitals have
/// their words apart.
fn is_base32(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) && value.iter().any(u8::is_ascii_digit)
}

/// Whether digits stand in four places or more of a value in one piece and one case, as in base32; identifiers in words have them in one or two.
fn is_strewn_with_digits(value: &[u8]) -> bool {
    let is_one_piece = value.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let n_places = value.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_digit()).count();
    is_one_piece && n_places >= 4
}

/// Words of programs. A random string of 32 letters and digits holds ten characters of them about once in 100,000 times.
const LEXICON: [&str; 125] = [
    "mistral",
    "openai",
    "cohere",
    "token",
    "secret",
    "client",
    "request",
    "response",
    "stream",
    "model",
    "chat",
    "agent",
    "config",
    "service",
    "provider",
    "factory",
    "handler",
    "manager",
    "builder",
    "server",
    "message",
    "content",
    "event",
    "error",
    "create",
    "update",
    "delete",
    "enable",
    "disable",
    "schema",
    "security",
    "option",
    "default",
    "limit",
    "rate",
    "field",
    "value",
    "state",
    "index",
    "route",
    "fine",
    "tuning",
    "class",
    "type",
    "name",
    "user",
    "file",
    "data",
    "cache",
    "credential",
    "embedding",
    "completion",
    "tokenizer",
    "special",
    "layer",
    "public",
    "private",
    "function",
    "object",
    "array",
    "string",
    "bucket",
    "operation",
    "conversation",
    "get",
    "key",
    "api",
    "set",
    "project",
    "account",
    "session",
    "member",
    "balance",
    "scope",
    "invite",
    "group",
    "role",
    "result",
    "query",
    "param",
    "header",
    "body",
    "text",
    "json",
    "node",
    "item",
    "entry",
    "store",
    "async",
    "sync",
    "open",
    "close",
    "read",
    "write",
    "load",
    "save",
    "start",
    "stop",
    "parse",
    "format",
    "check",
    "test",
    "mock",
    "base",
    "core",
    "main",
    "view",
    "page",
    "form",
    "input",
    "output",
    "image",
    "audio",
    "video",
    "voice",
    "speech",
    "language",
    "prompt",
    "assistant",
    "thread",
    "step",
    "task",
    "batch",
    "queue",
    "list",
];

/// How many characters of `value` are words of [`LEXICON`].
fn lexicon_share(value: &[u8]) -> usize {
    static WORDS: LazyLock<EachOf> = LazyLock::new(|| EachOf::new(&LEXICON));
    WORDS.places(value).map(Span::len).sum()
}

/// The share of letters that stand in word-like humps (`Camel`, `words`, `CASE` of four letters or more with a vowel), from 0 to 1.
fn word_share(value: &[u8]) -> f32 {
    let n_letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let mut in_words = 0;
    let mut start = 0;
    for end in 1..=value.len() {
        let goes_on = end < value.len() && value[end].is_ascii_alphabetic() && {
            let (a, b) = (value[end - 1], value[end]);
            a.is_ascii_lowercase() && b.is_ascii_lowercase() || a.is_ascii_uppercase() && (b.is_ascii_uppercase() || end - start == 1)
        };
        if !goes_on {
            let hump = &value[start..end];
            let has_vowels = || {
                let n_vowels = hump.iter().filter(|byte| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y')).count();
                n_vowels * 5 >= hump.len() && n_vowels < hump.len()
            };
            // No word is longer; a longer hump is a random string of one case.
            if (4..=15).contains(&hump.len()) && hump[0].is_ascii_alphabetic() && has_vowels() {
                in_words += hump.len();
            }
            start = end;
        }
    }
    in_words as f32 / n_letters.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, BASE32, Draws, HEX};

    fn draws(n: usize, alphabet: &[u8], seed: u64) -> Vec<u8> {
        Draws::new(seed).text(n, alphabet).into_bytes()
    }

    #[test]
    fn random_values_stay_above_the_floor() {
        for (alphabet, n) in [(HEX, 32), (HEX, 40), (HEX, 64), (ALNUM, 20), (ALNUM, 32), (ALNUM, 40), (ALNUM, 64)] {
            let below = (0..4000).filter(|&seed| entropy(&draws(n, alphabet, seed + 1)) < random_floor(n, alphabet.len())).count();
            assert!(below <= 20, "{below} of 4000 below the floor {} for {n} of {}", random_floor(n, alphabet.len()), alphabet.len());
        }
    }

    #[test]
    fn random_values_are_no_placeholders_and_no_words() {
        for seed in 1..3000 {
            for (alphabet, n) in [(HEX, 32), (HEX, 64), (ALNUM, 32), (ALNUM, 40)] {
                let value = draws(n, alphabet, seed);
                let text = String::from_utf8_lossy(&value);
                assert!(placeholder(&value).is_none() || seed % 400 == 0, "{text}: {:?}", placeholder(&value));
                assert!(alphabet == HEX || !is_made_of_words(&value), "{text}");
            }
        }
    }

    #[test]
    fn ids_in_base32_are_not_made_of_words() {
        let n = (1..4000).filter(|&seed| is_made_of_words(&draws(16, BASE32, seed))).count();
        assert!(n < 250, "{n} of 4000");
    }

    #[test]
    fn what_is_no_secret_is_said() {
        for value in [
            "your-api-key-goes-here",
            "xxxxxxxxxxxxxxxxxxxxxxxx",
            "0123456789abcdef0123456789abcdef",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "aaaaaaaaBBBBBBBBcccccccc",
            "abc123def456ghi789jkl012mno345pq",
            "a1b2c3d4e5f6g7h8i9j0k1l2",
            "1234abcd5678efgh9012ijkl",
            "sk_prod_deadbeefdeadbeefdeadbeef",
        ] {
            assert!(placeholder(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn identifiers_are_made_of_words() {
        for value in [
            "MistralForSequenceClassification",
            "mistralCloudApiCredentialFieldV1",
            "ServerSideEventsStreamingResponse2",
            "HTTPResponseStreamReader32Factory",
            "this_is_a_key_do_not_use",
        ] {
            assert!(is_made_of_words(value.as_bytes()), "{value}: {}", word_share(value.as_bytes()));
        }
    }
}
