//! AWS access key ids: the 16 characters behind the prefix are base32 and hold the number of the account.
//!
//! Ids from before the scheme, which have `I` or `J` as their fifth character, hold none. Some accounts belong to services that give away keys as
//! traps: whoever uses such a key raises an alarm, and so would a question whether it works.

use super::{AGAINST, SAID, piece};
use crate::finding::{CANARY, Evidence, IMPOSSIBLE};

/// Accounts of canarytokens.org and others whose keys are traps.
const CANARIES: [u64; 26] = [
    44_858_866_125,
    52_310_077_262,
    171_436_882_533,
    251_535_659_677,
    266_735_846_894,
    344_043_088_457,
    351_906_852_752,
    390_477_818_340,
    426_127_672_474,
    427_150_556_519,
    439_872_796_651,
    445_142_720_921,
    465_867_158_099,
    534_261_010_715,
    595_918_472_158,
    637_958_123_769,
    693_412_236_332,
    717_712_589_309,
    730_335_385_048,
    732_624_840_810,
    735_421_457_923,
    819_147_034_852,
    893_192_397_702,
    959_235_150_393,
    982_842_642_351,
    992_382_622_183,
];

/// Accounts have twelve digits; the bits of an id have room for more.
const LARGEST: u64 = 999_999_999_999;

/// Reads an access key id.
pub fn read(key: &[u8]) -> Vec<Evidence> {
    let Some(account) = account(key) else { return Vec::new() };
    if account > LARGEST {
        return vec![piece(IMPOSSIBLE, AGAINST, "the account in it has more digits than AWS gives any: somebody made it up".to_owned())];
    }
    let of = format!("it belongs to the AWS account {account:012}");
    if CANARIES.contains(&account) {
        return vec![piece(CANARY, AGAINST, format!("{of}, whose keys are canary tokens: using it raises an alarm"))];
    }
    vec![piece("account", SAID, of)]
}

/// The number of the account that `key` belongs to.
fn account(key: &[u8]) -> Option<u64> {
    let payload = key.get(4..20).filter(|payload| !matches!(payload[0], b'I' | b'J'))?;
    let bits = payload.iter().try_fold(0u128, |bits, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        Some(bits << 5 | u128::from(digit))
    })?;
    // The first six of the ten bytes; their highest bit and their lowest seven belong to something else.
    let first = (bits >> 32) as u64;
    Some((first & 0x7fff_ffff_ff80) >> 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::BASE32;

    /// A key id of `account`, its other bits all zero.
    fn id_of(account: u64) -> String {
        let bits = u128::from(account << 7) << 32;
        let digit = |i: u32| char::from(BASE32[(bits >> (75 - 5 * i) & 31) as usize]);
        format!("AKIA{}", (0..16).map(digit).collect::<String>())
    }

    #[test]
    fn the_account_is_read_from_the_id() {
        for account in [123_456_789_012, 44_858_866_124, 999_999_999_999 >> 1] {
            let said = read(id_of(account).as_bytes());
            assert_eq!(said.len(), 1);
            assert!(said[0].text.contains(&format!("{account:012}")) && said[0].weight > 0, "{}", said[0].text);
        }
    }

    #[test]
    fn an_account_that_cannot_exist_speaks_against_the_id() {
        assert_eq!(read(id_of(LARGEST).as_bytes())[0].kind, "account");
        let said = read(id_of(LARGEST + 1).as_bytes());
        assert_eq!((said[0].kind, said[0].weight), (IMPOSSIBLE, AGAINST));
        assert!(!said[0].text.contains(|c: char| c.is_ascii_digit()), "no account is shown: {}", said[0].text);
    }

    #[test]
    fn a_canary_is_called_one() {
        let said = read(id_of(171_436_882_533).as_bytes());
        assert_eq!((said[0].kind, said[0].weight), (CANARY, AGAINST));
        assert!(said[0].text.contains("canary"), "{}", said[0].text);
    }

    #[test]
    fn ids_from_before_the_scheme_say_nothing() {
        assert!(read(format!("AKIAI{}", "A".repeat(15)).as_bytes()).is_empty());
        assert!(read(b"AKIA").is_empty());
        assert!(read(format!("A3TX{}", "0189".repeat(4)).as_bytes()).is_empty());
    }
}
