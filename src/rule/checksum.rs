//! Checksums inside keys: whether a key's last characters fit the rest of it.
//!
//! All are CRC-32 (the polynomial of IEEE 802.3), each written in its provider's way. A checksum that does not fit says that the key was made up for a
//! test, altered, or cut off; it is no proof against anybody, for everyone can compute a right one. [`Checksum::mend`] does so for drawn keys.

/// How a key's checksum is computed and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// GitHub's classic tokens: four characters of prefix, 30 of body, and the body's checksum in six base-62 digits.
    Github,
    /// npm's tokens: as GitHub's.
    Npm,
    /// GitLab's routable tokens: all that stands before, in seven base-36 digits; the two before them are the payload's length.
    Gitlab,
    /// Atlassian's tokens: all up to the `=`, in eight hexadecimal digits.
    Atlassian,
    /// Grafana's service account tokens: all up to the last `_`, in eight hexadecimal digits, the lowest byte first.
    Grafana,
}

/// Whether a checksum fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It fits.
    Right,
    /// It does not.
    Wrong,
    /// Keys of this form have none.
    Absent,
}

/// Each checksum's name in rule files; `rule::format` has the same list.
const NAMES: [(&str, Checksum); 5] =
    [("github", Checksum::Github), ("npm", Checksum::Npm), ("gitlab", Checksum::Gitlab), ("atlassian", Checksum::Atlassian), ("grafana", Checksum::Grafana)];

/// GitHub's and npm's keys: prefix, body, checksum.
const CLASSIC: [usize; 3] = [4, 30, 6];
/// The digits of a number in base 62 and, the first 36 of them in small letters, in base 36.
const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE_36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl Checksum {
    /// The checksum that rule files call `name`.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, checksum)| *checksum)
    }

    /// Whether the checksum of `key` fits the rest of it.
    pub fn fit(self, key: &[u8]) -> Fit {
        match self.right(key) {
            None => Fit::Absent,
            Some(right) if key.ends_with(right.as_bytes()) => Fit::Right,
            Some(_) => Fit::Wrong,
        }
    }

    /// The same key with the right checksum.
    pub fn mend(self, key: &str) -> String {
        let mut key = key.to_owned();
        if self == Self::Gitlab
            && let Some((n_payload, sum_at)) = routable(key.as_bytes())
        {
            key.replace_range(sum_at - 2..sum_at, &digits(n_payload as u64, BASE_36, 2));
        }
        if let Some(right) = self.right(key.as_bytes()) {
            key.truncate(key.len() - right.len());
            key.push_str(&right);
        }
        key
    }

    /// What `key` ends with if its checksum is right; none for a form without one.
    fn right(self, key: &[u8]) -> Option<String> {
        match self {
            Self::Github | Self::Npm => {
                let [n_prefix, n_body, n_sum] = CLASSIC;
                let body = key.get(n_prefix..n_prefix + n_body).filter(|_| key.len() == n_prefix + n_body + n_sum)?;
                Some(digits(crc32fast::hash(body).into(), BASE_62, n_sum))
            }
            Self::Gitlab => {
                let (_, sum_at) = routable(key)?;
                Some(digits(crc32fast::hash(&key[..sum_at]).into(), BASE_36, 7))
            }
            Self::Atlassian => {
                let (body, _) = key.split_at_checked(key.len().checked_sub(8)?)?;
                body.ends_with(b"=").then(|| format!("{:08X}", crc32fast::hash(body)))
            }
            Self::Grafana => {
                let (body, sum) = key.split_at_checked(key.len().checked_sub(9)?)?;
                sum.starts_with(b"_").then(|| format!("{:08x}", crc32fast::hash(body).swap_bytes()))
            }
        }
    }
}

/// The length of a routable token's payload, and where the seven digits of its checksum begin; none for the older tokens, which do not end with a dot,
/// two characters and seven.
fn routable(key: &[u8]) -> Option<(usize, usize)> {
    let sum_at = key.len().checked_sub(7)?;
    let dot = sum_at.checked_sub(3).filter(|&dot| key[dot] == b'.')?;
    let start = key.iter().position(|&byte| byte == b'-')? + 1;
    let n_payload = key.get(start..=dot)?.iter().position(|&byte| byte == b'.')?;
    Some((n_payload, sum_at))
}

/// `number` in the base that `alphabet` has digits for, with zeros in front up to `width`.
fn digits(mut number: u64, alphabet: &[u8], width: usize) -> String {
    let base = alphabet.len() as u64;
    let mut reversed = Vec::new();
    while number > 0 || reversed.len() < width {
        reversed.push(char::from(alphabet[(number % base) as usize]));
        number /= base;
    }
    reversed.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{ALNUM, Draws, HEX, LOWER};
    use crate::rule::format::CHECKSUMS;

    #[test]
    fn the_checksum_is_that_of_ieee_802_3() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926, "the check value of the CRC catalogue");
    }

    #[test]
    fn rule_files_know_the_same_names() {
        assert_eq!(NAMES.map(|(name, _)| name), CHECKSUMS);
    }

    #[test]
    fn numbers_are_padded_in_front() {
        assert_eq!(digits(0, BASE_62, 6), "000000");
        assert_eq!(digits(61, BASE_62, 2), "0z");
        assert_eq!(digits(u64::from(u32::MAX), BASE_62, 6), "4gfFC3");
        assert_eq!(digits(u64::from(u32::MAX), BASE_36, 7), "1z141z3");
    }

    /// A key of each form, its checksum drawn at random.
    fn drawn(seed: u64) -> [(Checksum, String); 6] {
        let mut draws = Draws::new(seed);
        [
            (Checksum::Github, format!("ghp_{}", draws.text(36, ALNUM))),
            (Checksum::Npm, format!("npm_{}", draws.text(36, ALNUM))),
            (Checksum::Gitlab, format!("glpat-{}.{}", draws.text(44, ALNUM), draws.text(9, LOWER))),
            (Checksum::Gitlab, format!("glrt-t1_{}.01.{}", draws.text(44, ALNUM), draws.text(9, LOWER))),
            (Checksum::Atlassian, format!("ATATT3xFfGF0{}={}", draws.text(170, ALNUM), draws.text(8, b"0123456789ABCDEF"))),
            (Checksum::Grafana, format!("glsa_{}_{}", draws.text(32, ALNUM), draws.text(8, HEX))),
        ]
    }

    #[test]
    fn a_mended_key_fits_and_any_changed_character_does_not() {
        for (checksum, key) in (0..20).flat_map(drawn) {
            assert_eq!(checksum.fit(key.as_bytes()), Fit::Wrong, "{checksum:?}: drawn at random");
            let mended = checksum.mend(&key);
            assert_eq!((checksum.fit(mended.as_bytes()), mended.len()), (Fit::Right, key.len()), "{checksum:?}");
            let mut altered = mended.clone().into_bytes();
            let at = 12;
            altered[at] = if altered[at] == b'a' { b'b' } else { b'a' };
            assert_eq!(checksum.fit(&altered), Fit::Wrong, "{checksum:?}");
        }
    }

    #[test]
    fn a_routable_token_says_the_length_of_its_payload() {
        let mended = Checksum::Gitlab.mend(&drawn(1)[2].1);
        assert_eq!(&mended[mended.len() - 9..mended.len() - 7], "18", "44 in base 36");
    }

    #[test]
    fn forms_without_a_checksum_have_none() {
        let mut draws = Draws::new(3);
        assert_eq!(Checksum::Github.fit(format!("ghs_123456_eyJ{}", draws.text(80, ALNUM)).as_bytes()), Fit::Absent);
        assert_eq!(Checksum::Gitlab.fit(format!("glpat-{}", draws.text(20, ALNUM)).as_bytes()), Fit::Absent);
        for checksum in [Checksum::Github, Checksum::Gitlab, Checksum::Atlassian, Checksum::Grafana] {
            assert_eq!(checksum.fit(b""), Fit::Absent);
            assert_eq!(checksum.fit(b"."), Fit::Absent);
        }
    }
}
