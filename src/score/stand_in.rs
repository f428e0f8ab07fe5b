//! What stands where a secret would and is none: references to one, formats, words of placeholders, what everybody guesses, what only says that it is a
//! secret, and what is encrypted or digested. One list for each, for all who judge values.
//!
//! A random text holds two or three given characters somewhere by chance. So of what is likelier drawn than written ([`chance`]) a reference must
//! be a well-formed one; of other texts its mark is enough.

mod sealed;

use std::sync::LazyLock;

use super::chance;
use crate::literals::EachOf;
use crate::span::Span;
pub use sealed::is_sealed;

/// How what is put in, run or looked up begins and ends; a value that ends before it closes is one, too.
const OPENED: [(&str, &str); 11] =
    [("${", "}"), ("$(", ")"), ("{{", "}}"), ("#{", "}"), ("@{", "}"), ("%{", "}"), ("%(", ")"), ("<%", "%>"), ("[[", "]]"), ("%3c", "%3e"), ("%7b", "%7d")];
/// What stands around the whole of a reference, or of what is encrypted.
const WRAPPED: [(u8, u8); 9] = [(b'<', b'>'), (b'{', b'}'), (b'%', b'%'), (b'(', b')'), (b'[', b']'), (b'_', b'_'), (b'$', b'$'), (b'@', b'@'), (b'-', b'-')];
/// What is left out.
const LEFT_OUT: [&str; 3] = ["...", "***", "\u{2026}"];
/// Marks of references, formats and code in a text that is not drawn.
const MARKS: [&str; 25] =
    ["${", "$(", "{{", "}}", "#{", "@{", "<%", "%>", "%(", "%s", "%d", "%v", "%@", "%%", "xxx", "[[", "]]", "@@", "::", "->", "()", "__", "==$", "\\u", "\\n"];
/// How expressions begin that look a value up.
const LOOKED_UP: [&str; 15] =
    ["env.", "env:", "process.", "os.", "vars.", "var.", "local.", "secrets.", "self.", "this.", "config.", "$env", "!ref", "!vault", "valuefrom"];
/// Words that only placeholders hold. Those of four letters count where a word begins, the others anywhere: a random key practically never holds one.
const MADE_UP: [&str; 39] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "changethis",
    "change_this",
    "change-this",
    "your",
    "yourapi",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourpass",
    "insert",
    "replace",
    "redacted",
    "dummy",
    "sample",
    "xxxxx",
    "xxxx-xxxx",
    "todo",
    "my_api",
    "my-api",
    "_here",
    "-here",
    "keyhere",
    "fake",
    "mock",
    "notreal",
    "enter_",
    "put_",
    "notused",
    "unused",
    "invalid",
    "undefined",
    "default",
    "needto",
];
/// Words for secrets, in the languages of many programs. A value of one of them and little else is none.
const NAMES: [&str; 28] = [
    "password",
    "passwort",
    "passwd",
    "passphrase",
    "passord",
    "pwd",
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "credential",
    "kennwort",
    "wachtwoord",
    "adgangskode",
    "contrasen",
    "motdepasse",
    "senha",
    "parola",
    "parool",
    "salasana",
    "haslo",
    "heslo",
    "lozinka",
    "geslo",
    "sifre",
    "pasahitza",
    "jelszo",
];
/// Names of algorithms and parts of them.
const ALGORITHMS: [&str; 21] = [
    "base64", "sha1", "sha2", "sha3", "sha5", "sha-", "hmac", "aes", "rsa", "md5", "hs256", "hs512", "rs256", "es256", "pbkdf", "pkcs", "argon", "oauth",
    "x509", "ed25519", "bcrypt",
];
/// What is guessed first, and what examples are made of.
const GUESSED: [&str; 64] = [
    "admin",
    "administrator",
    "root",
    "guest",
    "test",
    "tester",
    "testing",
    "user",
    "postgres",
    "postgresql",
    "mysql",
    "redis",
    "rabbitmq",
    "mongo",
    "mongodb",
    "wordpress",
    "default",
    "demo",
    "local",
    "localhost",
    "docker",
    "foo",
    "bar",
    "baz",
    "foobar",
    "qwerty",
    "letmein",
    "welcome",
    "abc",
    "dev",
    "mariadb",
    "elastic",
    "hello",
    "world",
    "some",
    "my",
    "pw",
    "sa",
    "string",
    "text",
    "number",
    "boolean",
    "value",
    "none",
    "null",
    "true",
    "false",
    "required",
    "optional",
    "minio",
    "minioadmin",
    "oracle",
    "system",
    "changed",
    "temp",
    "key",
    "auth",
    "login",
    "username",
    "private",
    "access",
    "bearer",
    "basic",
    "unknown",
];

/// Conversions that a format ends with. Behind letters and digits alone they are nothing else: a password with marks may have others before.
const ENDS_OF_FORMATS: [&[u8]; 5] = [b"%s", b"%d", b"%v", b"%@", b"{}"];

/// Whether `text` refers to a value, or is the format of one.
pub fn is_reference(text: &[u8], is_drawn: bool) -> bool {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_opened = |(open, close): &(&str, &str)| lower.find(open).is_some_and(|at| at == 0 || lower[at + open.len()..].contains(close));
    let is_wrapped = text.len() > 2 && WRAPPED.iter().any(|(open, close)| text.first() == Some(open) && text.last() == Some(close));
    let is_broadly = || {
        let has = |mark: char| lower.contains(mark);
        let has_pair = [('{', '}'), ('<', '>'), ('[', ']')].iter().any(|&(open, close)| has(open) && has(close));
        has_pair || has('(') && lower.ends_with(')') || MARKS.iter().any(|mark| lower.contains(mark))
    };
    is_wrapped
        || OPENED.iter().any(is_opened)
        || holds_name(text)
        || is_variable(text)
        || LEFT_OUT.iter().any(|mark| lower.contains(mark))
        || LOOKED_UP.iter().any(|head| lower.starts_with(head))
        || is_format(text)
        || is_pattern(&lower)
        || is_escaped(text)
        || is_entities(text)
        || is_locator(text)
        || !is_drawn && is_broadly()
}

/// Whether it holds `<name>` or `{name}`.
fn holds_name(text: &[u8]) -> bool {
    let is_name = |inside: &[u8]| {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-' | b' ');
        let is_first = inside.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
        is_first && inside.len() > 1 && inside.iter().all(is_part) && chance::odds(inside) <= chance::DRAWN
    };
    let names = |open: u8, close: u8| {
        let opened = memchr::memchr_iter(open, text).take(4);
        opened.filter_map(move |at| Some(&text[at + 1..at + 1 + memchr::memchr(close, &text[at + 1..])?]))
    };
    names(b'<', b'>').chain(names(b'{', b'}')).any(is_name)
}

/// `$NAME`, `%NAME%`, `@name`, `@Model.Name1`, `&name`, `:name`.
fn is_variable(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-' | b'%' | b'$');
    let is_member = |rest: &[u8]| rest.contains(&b'.') && rest.iter().all(|byte| is_part(byte) || byte.is_ascii_digit()) && chance::odds(rest) <= chance::DRAWN;
    match text {
        [b'$' | b'%' | b'@' | b'&' | b':', rest @ ..] => rest.iter().all(is_part) || is_member(rest),
        _ => false,
    }
}

/// Whether there are conversions in it (`%s`, `%02x`, `%Y-%m-%d`), and nothing random besides.
fn is_format(text: &[u8]) -> bool {
    let is_plain = |rest: &[u8]| rest.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if ENDS_OF_FORMATS.iter().any(|end| text.strip_suffix(*end).is_some_and(is_plain)) {
        return true;
    }
    let mut rest = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let n_flags = text[at + 1..].iter().take(6).take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'#' | b'l')).count();
        let end = at + 1 + n_flags;
        let is_conversion = text[at] == b'%'
            && text.get(end).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'@')
            && text.get(end + 1).is_none_or(|next| !next.is_ascii_alphanumeric());
        if is_conversion {
            at = end + 1;
        } else {
            rest.push(text[at]);
            at += 1;
        }
    }
    rest.len() < text.len() && (rest.len() < 8 || chance::odds(&rest) <= chance::DRAWN)
}

/// Whether it is a regular expression by its classes of characters, or by its ends, or a tag of a field: `toml:"dsn"`.
fn is_pattern(lower: &str) -> bool {
    if lower.contains(":\"") && lower.ends_with('"') {
        return true;
    }
    lower.contains('[') && (lower.contains("a-z") || lower.contains("0-9")) || lower.len() > 2 && lower.starts_with('^') && lower.ends_with('$')
}

/// Whether bytes are written in it by their numbers, twice or more: `\306\t`, `\x00\x07`.
fn is_escaped(text: &[u8]) -> bool {
    let is_number = |at: usize| match text.get(at + 1) {
        Some(b'x') => text.get(at + 2..at + 4).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        Some(b'u') => text.get(at + 2..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        Some(b'0'..=b'3') => text.get(at + 2..at + 4).is_some_and(|digits| digits.iter().all(|digit| (b'0'..=b'7').contains(digit))),
        _ => false,
    };
    memchr::memchr_iter(b'\\', text).filter(|at| is_number(*at)).take(2).count() == 2
}

/// What begins the locators of tools for pages, whatever follows.
const LOCATING: [&[u8]; 7] = [b"css=", b"css:", b"xpath=", b"xpath:", b"class=", b"source=", b"src="];
/// What begins others, and the options of `--secret`, which are given where a secret lies. Secrets begin so, too.
const NAMING: [&[u8]; 5] = [b"id=", b"id:", b"name=", b"name:", b"type="];

/// Whether what stands behind a mark of [`NAMING`] can be where something is.
fn locates(place: &[u8]) -> bool {
    !chance::is_drawn(place) || memchr::memmem::find(place, b",src=").is_some()
}

/// Whether it says where something is: an element of a page (`//input[@id='pw1']`, `#txtName1`, `css=input`, `id=pw1,src=x`), parameters (`?a=1&b=2`), a folder
/// (`C:\\Users`), a store of secrets (`@keychain:name`), a member (`AWS::SSM::Name`).
fn is_locator(text: &[u8]) -> bool {
    let is_plain = |part: &[u8]| {
        !part.is_empty() && chance::odds(part) <= chance::DRAWN && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    let is_chain = || has(b"::") && text.split(|byte| *byte == b':').filter(|part| !part.is_empty()).all(is_plain);
    match text {
        [b'/', b'/', ..] | [b'.', b'/', b'/', ..] => has(b"[") && has(b"]"),
        [b'#', rest @ ..] => is_plain(rest),
        _ if LOCATING.iter().any(|head| text.starts_with(head)) => true,
        _ if NAMING.iter().any(|head| text.strip_prefix(*head).is_some_and(locates)) => true,
        [b'?', ..] => has(b"="),
        [drive, b':', b'\\', ..] => drive.is_ascii_alphabetic(),
        [b'@', rest @ ..] => rest.split(|byte| *byte == b':').count() == 2 && rest.split(|byte| *byte == b':').all(is_plain),
        _ => is_chain(),
    }
}

/// Whether it is markup inside of markup, `&lt;password&gt;`, or nothing but entities of HTML: `&quot;&quot;`.
fn is_entities(text: &[u8]) -> bool {
    if let Some(element) = text.strip_prefix(b"&lt;") {
        let name = element.strip_prefix(b"/").unwrap_or(element);
        return name.first().is_some_and(u8::is_ascii_alphabetic) && memchr::memmem::find(name, b"&gt;").is_some();
    }
    let is_entity = |part: &[u8]| part.len() > 2 && part[0] == b'&' && part[1..].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    text.strip_suffix(b";").is_some_and(|text| text.split(|byte| *byte == b';').all(is_entity))
}

/// Whether it holds a placeholder's word.
pub fn is_made_up(text: &[u8]) -> bool {
    static WORDS: LazyLock<EachOf> = LazyLock::new(|| EachOf::new(&MADE_UP));
    WORDS.places(text).any(|word| word.len() > 4 || is_whole(text, word))
}

/// Whether a text says among its random letters that it is a fake: of draws of 40 small letters and digits one in 40,000 does so by chance. What has the form of
/// a provider's keys may be one of which somebody has replaced some letters.
pub fn is_fake(text: &[u8]) -> bool {
    const SHORTEST: usize = 16;
    text.len() >= SHORTEST && memchr::memmem::find(text, b"fake").is_some()
}

/// Whether what stands at `place` is a word of its own: in one case but for its first letter, behind and before what is no part of it. In random
/// letters of both cases each other one begins a word.
fn is_whole(text: &[u8], place: Span) -> bool {
    let Span { start, end } = place;
    let word = place.of(text);
    let (is_small, is_upper) = (word[1..].iter().all(u8::is_ascii_lowercase), word.iter().all(u8::is_ascii_uppercase));
    let begins = match start.checked_sub(1).map(|before| text[before]) {
        Some(before) if before.is_ascii_alphabetic() => is_small && before.is_ascii_lowercase() && word[0].is_ascii_uppercase(),
        before => !before.is_some_and(|before| before.is_ascii_digit()),
    };
    let ends = match text.get(end) {
        Some(after) if after.is_ascii_alphabetic() => is_small && after.is_ascii_uppercase() && text.get(end + 1).is_some_and(u8::is_ascii_lowercase),
        _ => true,
    };
    (is_small || is_upper) && begins && ends
}

/// Whether everybody guesses it: words of [`GUESSED`] or [`NAMES`], also with digits and marks around them or with digits for letters.
pub fn is_guessed(text: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let plain = unleet(&lower);
    let stem = |text| str::trim_matches(text, |c: char| !c.is_ascii_alphabetic());
    let is_known = |word: &str| GUESSED.contains(&word) || NAMES.contains(&word);
    [stem(&lower), plain.as_str(), stem(&plain)].iter().any(|text| is_known(text)) || lower.split(['_', '-']).all(is_known)
}

/// The longest word for a secret that it holds, also with digits for letters: how many characters that has.
pub fn n_said(text: &[u8]) -> usize {
    let plain = unleet(&String::from_utf8_lossy(text).to_ascii_lowercase());
    NAMES.iter().filter(|name| plain.contains(**name)).map(|name| name.len()).max().unwrap_or(0)
}

/// Whether it holds a word for a secret and little else: fewer than eight letters and digits, or no digit. `S3cr3t-Winter-2024` holds more.
pub fn says_little_more(text: &[u8]) -> bool {
    let rest = || beyond_names(text).into_iter().filter(u8::is_ascii_alphanumeric);
    n_said(text) > 0 && (rest().count() < 8 || !rest().any(|byte| byte.is_ascii_digit()))
}

/// Whether it is called like an algorithm: `HmacSHA256`, `aes-256-gcm`.
pub fn names_algorithm(text: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    ALGORITHMS.iter().any(|name| lower.contains(name))
}

/// What it says besides words for secrets and algorithms.
pub fn beyond_names(text: &[u8]) -> Vec<u8> {
    let lower = String::from_utf8_lossy(text).to_ascii_lowercase();
    let plain = unleet(&lower);
    let mut is_said = vec![false; text.len()];
    let names = NAMES.iter().map(|name| (&plain, name)).chain(ALGORITHMS.iter().map(|name| (&lower, name)));
    for (spelled, name) in names {
        for (at, _) in spelled.match_indices(*name) {
            is_said.iter_mut().skip(at).take(name.len()).for_each(|said| *said = true);
        }
    }
    text.iter().zip(is_said).filter(|(_, said)| !said).map(|(byte, _)| *byte).collect()
}

/// The text with the letters that digits and marks stand for in the spelling of those who find that safe.
pub fn unleet(lower: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    };
    lower.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_by_their_form() {
        for text in [
            "${DB_PASS}",
            "a-${DB_PASS}-b",
            "$(pass show db)",
            "{{ pw }}",
            "%(pw)s",
            "<password>",
            "sk-<key>",
            "{password}",
            "%DB_PASS%",
            "$DB_PASS",
            "%s",
            "user:%s",
            "%Y-%m-%d",
            "[A-Za-z0-9_]+",
            "^\\d{8}$",
            "\\x00\\x07",
            "process.env.DB_PASS",
            "ab...yz",
            "&quot;&quot;",
            "@Model.Pw1",
            "//input[@id='pw1']",
            ".//*[@id='Pw']",
            "#txtPassword1",
            "css=input.pw1",
            "xpath=//input[1]",
            "id:pw1",
            "id=npm7,src=.npmrc",
            "?pw=1&x=2",
            "C:\\Users\\x1",
            "@keychain:PW1",
            "AWS::SSM::Pw1",
        ] {
            assert!(is_reference(text.as_bytes(), true), "{text}");
        }
        for text in ["fs->pwd", "a::b", "f()", "List<String>", "xxx-1"] {
            assert!(is_reference(text.as_bytes(), false), "{text}");
        }
        // What marks a reference stands in random text by chance.
        for text in ["q7->Kz(4){uW", "Zk%d8qLw$3", "p(9)::Xv2mQ]", "Hv{4;z}Lq2", "k3<Wq9>zX"] {
            assert!(!is_reference(text.as_bytes(), true), "{text}");
        }
    }

    #[test]
    fn short_words_of_placeholders_count_where_a_word_begins() {
        for text in ["your-key", "useYourKey", "fake_1", "AKIAEXAMPLE", "key-mock", "q7kz9-xxxx-xxxx-xxxx"] {
            assert!(is_made_up(text.as_bytes()), "{text}");
        }
        for text in ["Notyou", "hammock22", "qfakez", "k3TOdO9x", "Zq-yOUr4", "aFaKe1", "7mock2", "rsTFake9", "xYourQ"] {
            assert!(!is_made_up(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_everybody_guesses_is_known_in_any_spelling() {
        for text in ["admin", "Admin123", "t3st!", "p4ssw0rd", "S3cr3t", "auth_key", "my-test-key"] {
            assert!(is_guessed(text.as_bytes()), "{text}");
        }
        assert!(!is_guessed(b"monkey123"));
        assert_eq!(beyond_names(b"P4ssw0rd-aes!x"), b"-!x");
        assert_eq!(n_said(b"myP4sswd"), 6);
        assert!(says_little_more(b"my-secret-token") && says_little_more(b"P4ssw0rd-aes!x") && !says_little_more(b"S3cr3t-Winter-2024"));
    }
}
