//! What is kept instead of a secret: what is encrypted, and digests by the forms that they are written in.

use crate::base64;

/// Marks of what is encrypted, or derived from a password; other digests are told by their form.
const SEALED: [&str; 7] = ["enc(", "enc[", "pbkdf2", "$ansible_vault", "vault:", "secretsmanager", "scram-sha-256$"];
/// What OpenSSL's encryption begins with, `Salted__`, in base64.
const SALTED: &[u8] = b"U2FsdGVkX1";
/// The shortest digest of crypt(3), with its scheme.
const SHORTEST_CRYPT: usize = 20;

/// Whether it is encrypted, or made of a password by a function that cannot be turned back.
pub fn is_sealed(text: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_long = text.len() >= SHORTEST_CRYPT;
    let is_digest_of_mysql = text.len() == 41 && text[0] == b'*' && text[1..].iter().all(u8::is_ascii_hexdigit);
    let is_digest_of_postgres = text.strip_prefix(b"md5").is_some_and(|digits| digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit));
    let is_scheme = |name: &str| (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // `{SSHA}…` of LDAP and of Spring, `$2b$…` of crypt(3).
    let is_behind = |open: &str, close: char| {
        lower.strip_prefix(open).and_then(|rest| rest.split_once(close)).is_some_and(|(scheme, digest)| is_scheme(scheme) && !digest.is_empty())
    };
    // `user:$2b$…` of a file of users.
    let is_of_user = memchr::memchr(b':', text).is_some_and(|colon| text.get(colon + 1) == Some(&b'$') && is_sealed(&text[colon + 1..]));
    is_of_user
        || is_digest_of_mysql
        || is_digest_of_postgres
        || text.starts_with(SALTED)
        || is_digest_of_identity(text)
        || is_behind("{", '}')
        || is_long && (is_behind("$", '$') || is_behind("\\$", '\\'))
        || SEALED.iter().any(|mark| lower.contains(mark))
}

/// Whether it is what ASP.NET's Identity keeps instead of a password: the number of the format, a salt and a digest, in base64. The first format has one length.
fn is_digest_of_identity(text: &[u8]) -> bool {
    const LENGTH: usize = 68;
    let is_first = text.len() == LENGTH && matches!(text, [b'A', b'A'..=b'P', .., b'=', b'=']);
    let is_third = text.len() > LENGTH && text.starts_with(b"AQAAAA");
    (is_first || is_third) && base64::unpadded(text).iter().all(|&byte| base64::value(byte).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_and_envelopes_are_told_by_their_form() {
        for text in [
            "{SSHA}abc",
            "{bcrypt}abc",
            "{cipher}0011",
            "$2b$12$abcdefghijklmnop",
            "$argon2id$v=19$abcdef",
            "\\$5\\$abcdefghijklmnop",
            "ENC(abc)",
            "vault:v1:abc",
            "bob:$2a$05$abcdefghijklmnop",
            "SCRAM-SHA-256$4096:c2FsdA==$abc:def",
            "md50123456789abcdef0123456789abcdef",
        ] {
            assert!(is_sealed(text.as_bytes()), "{text}");
        }
        let of_identity = |format: &[u8], drawn: u8| base64::encode(&[format, &[drawn; 48]].concat());
        for format in [&[0][..], &[1, 0, 0, 0, 1, 0, 0, 39, 16, 0, 0, 0, 16]] {
            assert!(is_sealed(of_identity(format, 7).as_bytes()), "{format:?}");
        }
        for format in [&[9][..], &[0, 7], &[]] {
            assert!(!is_sealed(of_identity(format, 129).as_bytes()), "{format:?}");
        }
        for text in ["md5", "md50123456789abcdef", "$ecretPa$$", "{abc", "*abc", "pa$$word$1"] {
            assert!(!is_sealed(text.as_bytes()), "{text}");
        }
    }
}
