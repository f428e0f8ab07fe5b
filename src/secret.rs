//! The one type that holds a secret.
//!
//! A [`Secret`] cannot be printed, formatted or serialized; it is wiped when dropped. Reading it takes [`Secret::expose`], a method that
//! `clippy.toml` forbids: each caller states its reason in an `#[expect]`. Everything shown to people goes through [`Secret::mask`].

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

/// A captured credential, as bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Vec<u8>);

/// What stands for the hidden part of a masked secret, whatever its length.
pub const MASK: &str = "********";

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
        let visible = |bytes: &[u8]| -> String { bytes.iter().map(|&b| if b.is_ascii_graphic() { b as char } else { '?' }).collect() };
        let n_hidden_least = 8;
        let public = if self.0.len() >= n_public + n_hidden_least { &self.0[..n_public] } else { &[] };
        let tail = if self.0.len() >= SHORTEST_WITH_TAIL.max(n_public + n_hidden_least + 4) { &self.0[self.0.len() - 4..] } else { &[] };
        format!("{}{MASK}{}", visible(public), visible(tail))
    }

    /// `sha256:` and the hexadecimal SHA-256 of the secret, to name it in an allow list. Only for secrets too random to guess.
    pub fn digest(&self) -> String {
        let mut text = String::from("sha256:");
        for byte in Sha256::digest(&self.0) {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
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
    }

    #[test]
    fn the_digest_is_sha256_of_the_bytes() {
        assert_eq!(Secret::new(b"").digest(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
