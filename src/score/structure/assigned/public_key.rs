//! Public keys and their fingerprints, which are called `key` like the secret ones.

use super::named::Kind;
use crate::base64;
use crate::score::name;

/// So much of a key in base64 says what it is.
const HEAD: usize = 32;
/// The tags of ASN.1 for a sequence and an identifier.
const SEQUENCE: u8 = 0x30;
const IDENTIFIER: u8 = 0x06;
/// Identifiers of algorithms that public keys begin with (RFC 3279, RFC 8410): RSA, elliptic curves, Ed25519 and X25519. What is encrypted begins with others.
const ALGORITHMS: [&[u8]; 4] =
    [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], &[0x2b, 0x65, 0x70], &[0x2b, 0x65, 0x6e]];
/// How the names of the kinds of keys of OpenSSH begin.
const KINDS_OF_SSH: [&[u8]; 3] = [b"ssh-", b"ecdsa-", b"sk-"];

/// Whether a value is a public key in base64, as X.509 or OpenSSH write one.
pub(super) fn is_one(value: &[u8]) -> bool {
    if !(value.len() > HEAD && matches!(value[0], b'M' | b'A')) {
        return false;
    }
    base64::decode(&value[..HEAD], |_| true).is_some_and(|head| is_of_x509(&head) || is_of_ssh(&head))
}

/// Whether what begins so is a sequence of an algorithm and a key; a private key has a number before the algorithm.
fn is_of_x509(head: &[u8]) -> bool {
    let inside = |head: &[u8]| match *head {
        [SEQUENCE, 0x81, ..] => 3,
        [SEQUENCE, 0x82, ..] => 4,
        [SEQUENCE, ..] => 2,
        _ => head.len(),
    };
    let head = &head[inside(head)..];
    let [IDENTIFIER, n, identifier @ ..] = &head[inside(head)..] else { return false };
    ALGORITHMS.iter().any(|known| known.len() == usize::from(*n) && identifier.starts_with(known))
}

fn is_of_ssh(head: &[u8]) -> bool {
    head.strip_prefix(&[0, 0, 0]).and_then(|rest| rest.get(1..)).is_some_and(|kind| KINDS_OF_SSH.iter().any(|known| kind.starts_with(known)))
}

/// Whether a value is the fingerprint of a key of OpenPGP, or its last half: `GPG_KEY=` is mostly given one. Where a name says little, capitals say it.
pub(super) fn is_fingerprint(name: &[u8], value: &[u8], kind: Kind) -> bool {
    const WHOLE: usize = 40;
    let words = name::sub_words(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    // Package managers are told so by which keys their repositories are signed.
    let is_of_packages = || has(&["apt", "rpm", "yum"]) && !has(&["api"]) && words.last().is_some_and(|last| last.starts_with("key") || last == "fingerprint");
    let is_of_gpg = || has(&["gpg", "pgp"]) || is_of_packages();
    // `<trusted-key id="…">`; of `app_key` nobody knows.
    let is_vague = || words.iter().all(|word| matches!(word.as_str(), "key" | "trusted" | "ignored" | "signing" | "public"));
    let is_told = || kind == Kind::Maybe && is_vague() && value.len() == WHOLE && !value.iter().any(u8::is_ascii_lowercase) || is_of_gpg();
    matches!(value.len(), 16 | 32 | WHOLE) && value.iter().all(u8::is_ascii_hexdigit) && is_told()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws};

    /// What begins with these bytes, and has so many drawn ones behind them, in base64.
    fn key(head: &[u8], n: usize) -> String {
        base64::encode(&[head, Draws::new(1).text(n, ALNUM).as_bytes()].concat())
    }

    #[test]
    fn public_keys_begin_with_their_algorithm() {
        for (head, n) in [
            (&[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08][..], 76),
            (&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], 32),
            (&[0x30, 0x81, 0x9f, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00], 144),
            (&[0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00], 275),
            (b"\0\0\0\x0bssh-ed25519\0\0\0\x20", 32),
        ] {
            assert!(is_one(key(head, n).as_bytes()), "{head:x?}");
        }
        for (head, n) in [
            // Private keys: RFC 5208 and 8410, in the open and encrypted, and SEC 1.
            (&[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70][..], 36),
            (&[0x30, 0x81, 0x9b, 0x30, 0x57, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d], 144),
            (&[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20], 110),
            (&[0x30, 0x30, 0x30], 60),
            (b"\0\0\0\x0bssh", 0),
            (b"", 48),
        ] {
            assert!(!is_one(key(head, n).as_bytes()), "{head:x?}");
        }
    }

    #[test]
    fn fingerprints_are_told_by_their_name_or_by_capitals() {
        let digits = Draws::new(2).text(40, b"0123456789ABCDEF");
        assert!(is_fingerprint(b"GPG_KEY", digits.to_ascii_lowercase().as_bytes(), Kind::Key));
        assert!(is_fingerprint(b"key", digits.as_bytes(), Kind::Maybe));
        for (value, kind) in [(digits.to_ascii_lowercase(), Kind::Maybe), (digits.clone(), Kind::Key), (digits[..32].to_owned(), Kind::Maybe)] {
            assert!(!is_fingerprint(b"key", value.as_bytes(), kind), "{value}");
        }
    }
}
