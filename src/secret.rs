//! The one type that holds a secret.
//!
//! A [`Secret`] cannot be printed, formatted or serialized; it is wiped when dropped. Reading it takes [`Secret::expose`], a method that
//! `clippy.toml` forbids: each caller states its reason in an `#[expect]`. Everything shown to people goes through [`Secret::mask`].

use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

use crate::number::{hex, n_distinct};

/// A captured credential, as bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Vec<u8>);

/// What stands for the hidden part of a masked secret, whatever its length.
pub const MASK: &str = "********";

/// Bytes of a keyed digest: enough that no two secrets share one, and lines stay short.
pub const N_KEYED: usize = 16;

/// A secret that takes fewer bits to write down may be found by trying all of its kind.
const FEWEST_BITS: f64 = 72.0;
/// A secret of fewer distinct bytes is a pattern, whatever its length.
const FEWEST_DISTINCT: usize = 10;

/// Secrets shorter than this show no character at all when masked.
const SHORTEST_WITH_TAIL: usize = 20;

impl Secret {
    /// Takes a copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The secret itself. Only for showing it on the user's explicit demand, or for sending it to its own provider.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn n_bytes(&self) -> usize {
        self.0.len()
    }

    /// The secret made safe to show: its public prefix of `n_public` bytes, [`MASK`], and the last four characters of a long one.
    pub fn mask(&self, n_public: usize) -> String {
        let visible = |bytes: &[u8]| -> String { bytes.iter().map(|&b| if b.is_ascii_graphic() || b == b' ' { b as char } else { '?' }).collect() };
        let n_hidden_least = 8;
        let public = if self.0.len() >= n_public + n_hidden_least { &self.0[..n_public] } else { &[] };
        let tail = if self.0.len() >= SHORTEST_WITH_TAIL.max(n_public + n_hidden_least + 4) { &self.0[self.0.len() - 4..] } else { &[] };
        format!("{}{MASK}{}", visible(public), visible(tail))
    }

    /// `sha256:` and the hexadecimal SHA-256 of the secret, to name it in an allow list. Only for secrets too random to guess.
    pub fn digest(&self) -> String {
        format!("sha256:{}", hex(&Sha256::digest(&self.0)))
    }
}

impl Secret {
    /// The secret's digest under `key`: the start of an HMAC-SHA-256. Whoever has the key can test guesses, see [`Secret::is_guessable`].
    pub fn keyed_digest(&self, key: &[u8]) -> [u8; N_KEYED] {
        keyed_digest(key, &[b"secret", &self.0])
    }

    /// The secret's SHA-1, by which detect-secrets names it. Only for comparing with what that tool wrote.
    pub fn sha1(&self) -> [u8; 20] {
        Sha1::digest(&self.0).into()
    }

    /// The SHA-1 of the secret's beginning, up to `n` bytes behind `part`; none if it has not so much. For the same comparison.
    pub fn sha1_up_to(&self, part: &[u8], n: usize) -> Option<[u8; 20]> {
        let end = memchr::memmem::find(&self.0, part)? + part.len() + n;
        Some(Sha1::digest(self.0.get(..end)?).into())
    }

    /// Whether whoever has a digest of the secret could find the secret by guessing. The first `n_public` bytes count for nothing.
    ///
    /// This is an upper bound on what a guesser has to do, taken from length and kinds of characters: a long phrase of words passes.
    pub fn is_guessable(&self, n_public: usize) -> bool {
        let hidden = &self.0[n_public.min(self.0.len())..];
        n_distinct(hidden) < FEWEST_DISTINCT || hidden.len() as f64 * alphabet_size(hidden).log2() < FEWEST_BITS
    }
}

/// How many characters the text could be made of, judged by the kinds that occur in it.
fn alphabet_size(text: &[u8]) -> f64 {
    let any = |is_kind: fn(&u8) -> bool| text.iter().any(is_kind);
    let (has_lower, has_upper) = (any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase));
    if text.iter().all(u8::is_ascii_hexdigit) && !(has_lower && has_upper) {
        return if has_lower || has_upper { 16.0 } else { 10.0 };
    }
    let kinds = [(has_lower, 26.0), (has_upper, 26.0), (any(u8::is_ascii_digit), 10.0), (any(|byte| !byte.is_ascii_alphanumeric()), 33.0)];
    kinds.iter().filter(|(is_there, _)| *is_there).map(|(_, n)| n).sum()
}

/// The start of the HMAC-SHA-256 of `parts` under `key`. Each part goes in with its length, so that no two lists of parts are the same text.
pub fn keyed_digest(key: &[u8], parts: &[&[u8]]) -> [u8; N_KEYED] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    let mut start = [0; N_KEYED];
    start.copy_from_slice(&mac.finalize().into_bytes()[..N_KEYED]);
    start
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debugging_shows_no_byte_of_it() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2")), "Secret(7 bytes)");
    }

    #[test]
    fn masks_keep_the_public_prefix_and_a_long_tail_only() {
        let long = [b"gsk_".as_slice(), &[b'q'; 48], b"wxyz"].concat();
        assert_eq!(Secret::new(&long).mask(4), "gsk_********wxyz");
        assert_eq!(Secret::new(b"0123456789").mask(0), "********");
        assert_eq!(Secret::new(b"sk-abc").mask(3), "********", "too little is left to hide");
        assert_eq!(Secret::new(&[b"\x1b[31m".as_slice(), &[b'a'; 30]].concat()).mask(5), "?[31m********aaaa");
        assert_eq!(Secret::new(&[b"-----BEGIN ".as_slice(), &[b'a'; 30]].concat()).mask(11), "-----BEGIN ********aaaa");
    }

    #[test]
    fn a_keyed_digest_depends_on_key_and_secret() {
        let (one, other) = (Secret::new(b"one"), Secret::new(b"other"));
        assert_eq!(one.keyed_digest(b"k"), one.clone().keyed_digest(b"k"));
        assert_ne!(one.keyed_digest(b"k"), one.keyed_digest(b"l"));
        assert_ne!(one.keyed_digest(b"k"), other.keyed_digest(b"k"));
        assert_ne!(keyed_digest(b"k", &[b"ab", b"c"]), keyed_digest(b"k", &[b"a", b"bc"]), "parts stay apart");
    }

    #[test]
    fn short_and_monotonous_secrets_can_be_guessed() {
        let ten = "0123456789";
        for (text, n_public, expected) in [
            ("hunter2", 0, true),
            (&"ab".repeat(30), 0, true),
            // 16 hexadecimal digits are 64 bits, 20 are 80.
            ("0a1b2c3d4e5f6789", 0, true),
            ("0a1b2c3d4e5f67890a1b", 0, false),
            // 21 decimal digits are 69 bits, 22 are 73.
            (&format!("{ten}{ten}0"), 0, true),
            (&format!("{ten}{ten}01"), 0, false),
            // Of letters of both cases and digits, 12 are 71 bits and 13 are 77.
            ("aB1cD2eF3gH4", 0, true),
            ("aB1cD2eF3gH4i", 0, false),
            ("aB1cD2eF3gH4i", 1, true),
            ("short", 99, true),
        ] {
            assert_eq!(Secret::new(text.as_bytes()).is_guessable(n_public), expected, "{text}");
        }
    }

    #[test]
    fn the_digest_is_sha256_of_the_bytes() {
        assert_eq!(Secret::new(b"").digest(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
