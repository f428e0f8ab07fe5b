//! Names that only sound like those of secrets: settings of databases and of protocols, such as `sort_key`, `primaryKey`, `auth_type` and `tokenUrl`.
//!
//! What they are given stays to be read, unless it looks random: a public key is none to be hidden, but `primaryKey` is what some providers call a secret.

use super::super::readable::is_readable;
use super::super::unknown;
use super::code::is_one_of;

/// What stands before `key` where that is a field of a table, an entry of a store, or the public half of a pair.
const KEYS: &str = "sort partition primary foreign public cache";
/// Last words of names that say how or where a secret is used, or what it is called, rather than what it is.
const ASPECTS: &str = "type mode url uri method name path file dir provider";

/// Whether what the name is given is no secret. A mere `key` that is given a word is the name of a column or of an entry: `{ key: "status" }`.
pub fn is_setting(name: &[u8], value: &[u8]) -> bool {
    (is_name_of_setting(name) || is_one_of("key keys", name) && is_name(value)) && unknown::find_random(value).is_empty()
}

/// Whether a value is words as names of columns are, and what ends it: `status,`, `user_id`, `sort-order`.
fn is_name(value: &[u8]) -> bool {
    let name = value.trim_ascii_end().strip_suffix(b",").unwrap_or(value);
    let mut words = name.split(|byte| matches!(byte, b'_' | b'-' | b'.'));
    words.all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphabetic) && is_readable(word))
}

fn is_name_of_setting(name: &[u8]) -> bool {
    let (before, last) = without_last_word(name);
    let is_key = |word: &[u8]| is_one_of("key keys", word);
    let glued =
        || KEYS.split(' ').any(|word| last.len() > word.len() && last[..word.len()].eq_ignore_ascii_case(word.as_bytes()) && is_key(&last[word.len()..]));
    is_one_of(ASPECTS, last) || is_key(last) && is_one_of(KEYS, without_last_word(before).1) || glued()
}

/// A name without its last word, and this word: words are parted by marks, or by a capital behind a small letter. So
/// `AUTHMode` is one word, and no setting: what is in doubt is hidden.
fn without_last_word(name: &[u8]) -> (&[u8], &[u8]) {
    let end = name.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
    let begins = |at: &usize| !name[at - 1].is_ascii_alphanumeric() || name[at - 1].is_ascii_lowercase() && name[*at].is_ascii_uppercase();
    let start = (1..end).rev().find(begins).unwrap_or(0);
    (&name[..start], &name[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_by_their_last_words() {
        let settings = "sort_key partition-key primaryKey PrimaryKeys foreign_key publickey cache.key PUBLIC_KEY auth_type authMode tokenUrl tokenURL secret_name --auth-method";
        for name in settings.split(' ') {
            assert!(is_name_of_setting(name.as_bytes()), "{name}");
        }
        for name in "api_key key keys apikey secret primary password public_token typekey auth type_key SORT_KEY_SECRET $ _".split(' ') {
            assert!(!is_name_of_setting(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_mere_key_names_columns_and_holds_secrets() {
        for value in ["status", "status,", "user_id", "sort-order", "createdAt"] {
            assert!(is_setting(b"key", value.as_bytes()) && !is_setting(b"api_key", value.as_bytes()), "{value}");
        }
        for value in ["dragon12", "s3cret,", "", "a b", "pass!", "x__y"] {
            assert!(!is_setting(b"key", value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn what_looks_random_is_no_setting() {
        let key = crate::report::fixture::random(24);
        assert!(is_setting(b"primary_key", b"user_id") && is_setting(b"tokenUrl", b"https://example.com/oauth/token"));
        assert!(!is_setting(b"primary_key", key.as_bytes()) && !is_setting(b"tokenUrl", b"https://bob:dragon@example.com"));
    }
}
