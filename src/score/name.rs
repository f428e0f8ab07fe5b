//! What a name says: its sub-words, and whether it names a credential, a digest or another service.

use std::sync::OnceLock;

use crate::case;
use crate::literals::AnyOf;

/// What kind of thing a name names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sense {
    /// It names a credential (`api_key`, `authToken`, `MISTRAL_API`).
    pub is_credential: bool,
    /// It names something that looks random and is no secret (`sha256`, `etag`, `cache_key`, `request_id`).
    pub is_other: bool,
    /// It names a service that is no provider here (`POSTGRES_SECRET`).
    pub is_foreign: bool,
    /// It says nothing itself (`value`, `default`): what stands beside it does.
    pub is_holder: bool,
}

const CREDENTIAL: [&str; 34] = [
    "key",
    "keys",
    "apikey",
    "apikeys",
    "api",
    "token",
    "tokens",
    "secret",
    "secrets",
    "auth",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "cred",
    "creds",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "pat",
    "accesskey",
    "secretkey",
    "privatekey",
    "authtoken",
    "accesstoken",
    "apitoken",
    "authkey",
    "keyvalue",
    "apisecret",
    "bearertoken",
    "xapikey",
    "licensekey",
    "pass",
];

/// Parts of words one of which stands in every name of a credential.
pub(super) const CREDENTIAL_MARKS: [&str; 9] = ["key", "token", "secret", "pass", "pwd", "auth", "cred", "bearer", "pat"];

/// Endings by which a word in one piece (`mistralapikey`) names a credential.
const CREDENTIAL_ENDINGS: [&str; 5] = ["apikey", "key", "token", "secret", "password"];

/// Words that make a name one of a digest or identifier wherever they stand in it.
const OTHER_ANYWHERE: [&str; 58] = [
    "sha",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "md5",
    "md5sum",
    "sha1sum",
    "sha256sum",
    "hash",
    "hashes",
    "hashed",
    "digest",
    "etag",
    "checksum",
    "checksums",
    "chksum",
    "commit",
    "commitish",
    "revision",
    "rev",
    "integrity",
    "fingerprint",
    "thumbprint",
    "crc",
    "crc32",
    "traceparent",
    "nonce",
    "cache",
    "cached",
    "blake2",
    "blake3",
    "gitsha",
    "sum",
    "sums",
    "treeish",
    "oid",
    "guid",
    "uuid",
    "trace",
    "span",
    "correlation",
    "idempotency",
    "kid",
    "widget",
    "referenced",
    "cursor_position",
    "etags",
    "snapshot",
    "checkpoint",
    "ciphertext",
    "encrypted",
    "thumb",
    "btih",
    "opaque",
    "boundary",
    "x5t",
];

/// Words that make a name one of an identifier or place when they stand last in it.
const OTHER_LAST: [&str; 60] = [
    "id",
    "ids",
    "name",
    "names",
    "url",
    "uri",
    "path",
    "file",
    "filename",
    "version",
    "model",
    "index",
    "type",
    "format",
    "size",
    "length",
    "count",
    "prefix",
    "suffix",
    "email",
    "user",
    "username",
    "host",
    "hostname",
    "endpoint",
    "region",
    "image",
    "tag",
    "title",
    "label",
    "class",
    "icon",
    "color",
    "date",
    "time",
    "timestamp",
    "ref",
    "branch",
    "bucket",
    "slug",
    "arn",
    "account",
    "tenant",
    "project",
    "organization",
    "workspace",
    "group",
    "channel",
    "thread",
    "run",
    "job",
    "request",
    "session",
    "seed",
    "offset",
    "package",
    "link",
    "parent",
    "cursor",
    "invite",
];

/// Words before `key` that make it no credential.
const OTHER_KEY: [&str; 18] = [
    "public",
    "primary",
    "foreign",
    "partition",
    "sort",
    "routing",
    "translation",
    "i18n",
    "storage",
    "object",
    "publishable",
    "site",
    "pub",
    "cacheable",
    "group",
    "row",
    "query",
    "license",
];

/// Words before `token` that make it no credential of an API: places in a list, pieces of a text, addresses of a device, marks of one request.
const OTHER_TOKEN: [&str; 25] = [
    "page",
    "next",
    "previous",
    "prev",
    "pagination",
    "continuation",
    "cursor",
    "sync",
    "request",
    "csrf",
    "xsrf",
    "device",
    "push",
    "fcm",
    "gcm",
    "apns",
    "invite",
    "pad",
    "eos",
    "bos",
    "unk",
    "mask",
    "sep",
    "cls",
    "stop",
];

/// Services that issue keys and are no provider here, and purposes of secrets that are no provider's keys.
const FOREIGN: [&str; 48] = [
    "firebase",
    "amplitude",
    "mixpanel",
    "postgres",
    "postgresql",
    "mysql",
    "redis",
    "mongo",
    "mongodb",
    "jwt",
    "session",
    "cookie",
    "csrf",
    "django",
    "flask",
    "rails",
    "laravel",
    "nextauth",
    "webhook",
    "recaptcha",
    "captcha",
    "hcaptcha",
    "turnstile",
    "maps",
    "weather",
    "pusher",
    "ably",
    "alchemy",
    "infura",
    "etherscan",
    "moralis",
    "newsapi",
    "tmdb",
    "omdb",
    "giphy",
    "pexels",
    "rapidapi",
    "db",
    "database",
    "encryption",
    "signing",
    "hmac",
    "smtp",
    "mail",
    "zoom",
    "langflow",
    "minio",
    "rabbitmq",
];

/// Names that only hold a value.
const HOLDERS: [&str; 20] = [
    "value", "val", "default", "content", "contents", "text", "string", "data", "v", "values", "current", "item", "entry", "env", "args", "arg", "param",
    "input", "std", "str",
];

/// The sub-words of `name`, lower-case: cut at everything that is no letter or digit, and at humps.
pub fn sub_words(name: &[u8]) -> Vec<String> {
    case::words(name).map(|word| word.iter().map(|byte| byte.to_ascii_lowercase() as char).collect()).collect()
}

fn is_among(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes()))
}

/// Whether the last word of a name makes it one of an identifier: one of [`OTHER_LAST`], or a numbered one such as `UUID4`.
fn is_other_last(word: &[u8]) -> bool {
    let n_digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    is_among(word, &OTHER_LAST) || n_digits > 0 && is_among(&word[..word.len() - n_digits], &["uuid", "guid"])
}

/// What `name` names.
pub fn sense(name: &[u8]) -> Sense {
    let words = sub_words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let Some(last) = words.last() else { return Sense::default() };
    let ends_as_credential = CREDENTIAL_ENDINGS.iter().any(|ending| last.len() > ending.len() + 2 && last.ends_with(ending));
    let is_other_key = words.windows(2).any(|pair| {
        OTHER_KEY.contains(&pair[0].as_str()) && pair[1].starts_with("key") || OTHER_TOKEN.contains(&pair[0].as_str()) && pair[1].starts_with("token")
    });
    let last_is_other = is_other_last(last.as_bytes()) || last.ends_with("id") && last.len() <= 3;
    // What a page tells its elements apart by.
    let is_other_key = is_other_key || name.eq_ignore_ascii_case(b"data-key");
    // A file's name as a key, as in a list of digests.
    let is_path = name.contains(&b'/') && name.iter().rev().take(6).any(|&byte| byte == b'.');
    Sense {
        is_credential: !is_path && (has(&CREDENTIAL) || ends_as_credential) && !last_is_other && !is_other_key,
        is_other: is_path || has(&OTHER_ANYWHERE) || last_is_other || is_other_key,
        is_foreign: has(&FOREIGN) || is_framework_secret(&words),
        is_holder: HOLDERS.contains(&last.as_str()),
    }
}

/// Whether a name is that of a credential: what [`sense`] calls `is_credential`. Most words of a text hold no part of such a name, which is found out at once.
pub fn is_credential(name: &[u8]) -> bool {
    static PARTS: OnceLock<AnyOf> = OnceLock::new();
    let parts = PARTS.get_or_init(|| AnyOf::new(&[&CREDENTIAL_MARKS[..], &["api"]].concat()));
    parts.is_in(name) && sense(name).is_credential
}

/// Whether a name is that of a digest or an identifier and of nothing else: what [`sense`] calls `is_other`, found out at once.
pub fn is_other(name: &[u8]) -> bool {
    let mut last: &[u8] = b"";
    for word in case::words(name) {
        if is_among(word, &OTHER_ANYWHERE) {
            return true;
        }
        last = word;
    }
    is_other_last(last)
}

/// The names by which web frameworks call the secret that signs their own sessions.
fn is_framework_secret(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words[..], ["secret", "key"] | ["app", "secret"] | ["app", "secret", "key"] | ["secret", "key", "base"] | ["session", "secret"])
}

/// Whether running text names a service that is no provider here.
pub fn names_a_service(text: &[u8]) -> bool {
    case::words(text).any(|word| is_among(word, &FOREIGN))
}

/// Whether running text speaks of a credential: one of its words names one.
pub fn speaks_of_credential(text: &[u8]) -> bool {
    static MARKS: OnceLock<AnyOf> = OnceLock::new();
    if !MARKS.get_or_init(|| AnyOf::new(&CREDENTIAL_MARKS)).is_in(text) {
        return false;
    }
    case::words(text).any(|word| {
        let is_apikey = word.len() > 6 && word[word.len() - 6..].eq_ignore_ascii_case(b"apikey");
        !is_among(word, &["api", "pass"]) && (is_among(word, &CREDENTIAL) || is_apikey)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_in_every_case_style() {
        for name in ["mistral_api_key", "MISTRAL-API-KEY", "mistralApiKey", "MistralAPIKey", "mistral.api.key"] {
            assert_eq!(sub_words(name.as_bytes()), ["mistral", "api", "key"], "{name}");
        }
    }

    #[test]
    fn what_is_found_out_at_once_is_what_the_whole_name_says() {
        let parts = ["", "_", "page", "Next", "id", "x.y/", "my"];
        let names = CREDENTIAL.iter().chain(&CREDENTIAL_ENDINGS).chain(&OTHER_ANYWHERE).chain(&OTHER_LAST);
        for (name, part) in names.flat_map(|name| parts.map(|part| (name, part))) {
            for name in [format!("{part}{name}"), format!("{name}{part}"), format!("{part}_{}", name.to_uppercase())] {
                assert_eq!(is_credential(name.as_bytes()), sense(name.as_bytes()).is_credential, "{name}");
            }
        }
    }

    #[test]
    fn no_provider_is_a_foreign_service() {
        for provider in &crate::rule::RuleSet::built_in().providers {
            let words = provider.context.names.iter().chain(provider.context.common_names).chain([&provider.id]);
            let foreign: Vec<_> = words.filter(|word| FOREIGN.contains(&word.to_ascii_lowercase().as_str())).collect();
            assert!(foreign.is_empty(), "{}: {foreign:?} stand in the list of services that are no provider here", provider.id);
        }
    }

    #[test]
    fn credentials_are_told_from_digests_and_identifiers() {
        for name in ["api_key", "X-Api-Key", "accessToken", "MISTRAL_API", "mistralapikey", "client_secret", "authorization"] {
            assert!(sense(name.as_bytes()).is_credential && !sense(name.as_bytes()).is_other, "{name}");
        }
        for name in ["page_token", "fcmToken", "data-key", "x5t", "nextPageToken", "deviceToken", "eos_token", "licenseKey", "queryKey", "cursor"] {
            assert!(sense(name.as_bytes()).is_other && !sense(name.as_bytes()).is_credential, "{name}");
        }
        for name in ["SECRET_KEY", "app.secret_key", "POSTGRES_SECRET"] {
            assert!(sense(name.as_bytes()).is_foreign, "{name}");
        }
        for name in ["sha256", "fileMd5", "UUID4", "etag", "cache_key", "request_id", "api_key_id", "public_key", "commit", "token_type"] {
            assert!(sense(name.as_bytes()).is_other, "{name}");
        }
    }
}
