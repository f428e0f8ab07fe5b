//! Whether the value of a secret-like name is a secret: no placeholder, no reference, no word, no path, no text for people.

use super::letters;
use super::named::Kind;
use crate::score::value::{self, n_distinct};

/// How much a value looks like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Words and digits, as people choose them.
    Weak,
    /// Several kinds of characters.
    Strong,
    /// Drawn by a machine.
    Random,
}

/// The shortest password, and the shortest other secret.
const SHORTEST: [usize; 4] = [5, 6, 8, 20];
/// The longest value.
const LONGEST: usize = 160;

/// Marks of something that is put in, run or looked up, or of what was left out.
const REFERENCES: [&str; 30] = [
    "${", "$(", "{{", "}}", "#{", "@{", "<%", "%>", "%(", "%s", "%d", "%v", "%@", "...", "***", "xxx", "[[", "]]", "@@", "\u{2026}", "::", "->", "()", "://",
    "__", "==$", "\\u", "\\x", "\\n", "\\0",
];
/// Marks of what is encrypted or digested already.
const SEALED: [&str; 16] = [
    "enc(",
    "enc[",
    "{cipher}",
    "{bcrypt}",
    "{noop}",
    "{sha",
    "{ssha",
    "{md5",
    "{pbkdf2",
    "vault:",
    "$ansible_vault",
    "pbkdf2",
    "$2a$",
    "$2b$",
    "$2y$",
    "secretsmanager",
];
/// Words that only made-up values hold.
const MADE_UP: [&str; 29] = [
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
    "insert",
    "replace",
    "redacted",
    "dummy",
    "sample",
    "todo",
    "fake",
    "mock",
    "notreal",
    "enter_",
    "put_",
    "_here",
    "-here",
    "notused",
    "unused",
    "invalid",
    "undefined",
    "default",
    "needto",
];
/// Words for what the name already says. A value of one of them and little else is none.
const SAYING: [&str; 11] = ["password", "passwort", "passwd", "passphrase", "pwd", "pass", "secret", "token", "apikey", "credential", "api_key"];
/// What is guessed first, and what examples are made of.
const GUESSED: [&str; 54] = [
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
    "default",
    "demo",
    "local",
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
    "string",
    "value",
    "none",
    "null",
    "true",
    "false",
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
];

/// How strong `value` is, or why it is no secret.
pub(super) fn strength(value: &[u8], kind: Kind) -> Result<Strength, &'static str> {
    let shortest = SHORTEST[kind as usize];
    if value.len() < shortest || value.len() > LONGEST {
        return Err("it is too short or too long for a secret");
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err("it is a text for people");
    }
    let lower = String::from_utf8_lossy(value).to_ascii_lowercase();
    if is_reference(&lower) {
        return Err("it is a reference, a format or a placeholder");
    }
    if SEALED.iter().any(|mark| lower.contains(mark)) || lower.starts_with('*') && value.len() == 41 || is_number(&lower) {
        return Err("it is encrypted, a digest or a number");
    }
    if is_place(&lower) {
        return Err("it is a path, an address or a file");
    }
    let makeup = Makeup::of(value);
    if makeup.n_letters == 0 || makeup.n_distinct < 5.min(shortest) {
        return Err("it has too few different characters");
    }
    if MADE_UP.iter().any(|word| lower.contains(word)) || value.len() >= 16 && value::placeholder(value).is_some() || is_base64_of_json(value) {
        return Err("it is a placeholder");
    }
    let is_short = value.len() < 24;
    let is_random = makeup.is_random(value)
        && !(is_short && (says_its_name(&lower) && makeup.n_kinds() < 4 || is_algorithm(&lower) || is_number(&lower) || makeup.is_name(value)));
    match kind {
        Kind::Maybe if makeup.is_hex(value) && value.len() < 32 || makeup.n_digits == 0 || makeup.n_separators > 2 => {
            Err("its name may be that of something else")
        }
        _ if is_random => Ok(Strength::Random),
        Kind::Password => makeup.password(value, &lower),
        Kind::Maybe => Err("its name may be that of something else, and it does not look random"),
        _ if makeup.is_strong(value) && !is_algorithm(&lower) && (makeup.n_kinds() > 3 || !says_its_name(&lower) && makeup.n_in_words * 2 <= value.len()) => {
            Ok(Strength::Strong)
        }
        Kind::Secret if makeup.n_separators == 0 && !is_algorithm(&lower) => makeup.password(value, &lower),
        Kind::Secret | Kind::Key => Err("it is made of words"),
    }
}

/// Whether it is the name of an algorithm: `HmacSHA256`, `aes-256-gcm`.
fn is_algorithm(lower: &str) -> bool {
    [
        "sha1", "sha2", "sha3", "sha5", "sha-", "hmac", "aes", "rsa", "md5", "hs256", "hs512", "rs256", "es256", "pbkdf", "pkcs", "argon", "oauth", "x509",
        "ed25519",
    ]
    .iter()
    .any(|name| lower.contains(name))
}

/// Whether it is a number in hexadecimal, or a time.
fn is_number(lower: &str) -> bool {
    let digits = lower.strip_prefix("0x").unwrap_or("");
    let is_time = lower.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b't' | b'z' | b':' | b'-' | b'.' | b'+'));
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) || is_time
}

fn is_reference(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let is_wrapped = |open: u8, close: u8| bytes.first() == Some(&open) && bytes.last() == Some(&close);
    let is_variable = matches!(bytes[0], b'$' | b'%' | b'@' | b'&' | b':')
        && bytes[1..].iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-' | b'%' | b'$'));
    REFERENCES.iter().any(|mark| lower.contains(mark))
        || [(b'<', b'>'), (b'{', b'}'), (b'(', b')'), (b'[', b']'), (b'%', b'%'), (b'_', b'_'), (b'$', b'$'), (b'@', b'@'), (b'-', b'-')]
            .iter()
            .any(|&(open, close)| is_wrapped(open, close))
        || is_variable
        || lower.contains('{') && lower.contains('}')
        || lower.contains('(') && lower.ends_with(')')
        || lower.contains('<') && lower.contains('>')
        || ["env.", "env:", "process.", "os.", "vars.", "var.", "local.", "secrets.", "self.", "this.", "config.", "$env", "!ref", "!vault", "valuefrom"]
            .iter()
            .any(|head| lower.starts_with(head))
}

/// Whether it says where something lies: a path, an address, a mail address, a file, a dotted name, a type of content.
fn is_place(lower: &str) -> bool {
    let is_domain = |text: &str| {
        text.split('.').count() > 1 && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
    };
    let is_mail = lower.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && is_domain(host) && host.rsplit('.').next().is_some_and(|end| end.bytes().all(|byte| byte.is_ascii_alphabetic()))
    });
    let is_path = lower.starts_with(['/', '~', '\\']) || lower.starts_with("./") || lower.starts_with("../") || lower.get(1..3) == Some(":\\");
    let part_is_words = |part: &str| {
        part.split(['_', '-']).all(|word| {
            word.is_empty()
                || letters::is_word(word.as_bytes())
                || word.len() < 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
                || word.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let is_chain = |separator: char| lower.contains(separator) && lower.split(separator).all(part_is_words);
    let is_file = lower.rsplit_once('.').is_some_and(|(_, end)| {
        matches!(
            end,
            "pem"
                | "key"
                | "json"
                | "txt"
                | "crt"
                | "cer"
                | "yml"
                | "yaml"
                | "xml"
                | "jks"
                | "p12"
                | "pfx"
                | "js"
                | "ts"
                | "py"
                | "php"
                | "html"
                | "css"
                | "png"
                | "svg"
                | "md"
                | "sh"
                | "conf"
                | "cfg"
                | "ini"
                | "com"
                | "org"
                | "net"
                | "io"
        )
    });
    is_mail || is_path || is_file || is_chain('.') || is_chain('/') || is_chain(':') || is_chain(',') || is_chain('|')
}

/// Whether it is the first part of a JSON web token and no more, which says only how such a token is signed.
fn is_base64_of_json(value: &[u8]) -> bool {
    value.starts_with(b"eyJ") && value.len() < 60 && !value.contains(&b'.')
}

/// Whether it says little but that it is a secret.
fn says_its_name(lower: &str) -> bool {
    let plain: String = lower.chars().map(unleet).collect();
    SAYING.iter().any(|word| plain.contains(word))
}

/// The letter that a digit or a mark stands for in the spelling of those who find that safe.
fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

/// What a value is made of.
struct Makeup {
    n_letters: usize,
    n_digits: usize,
    n_marks: usize,
    n_separators: usize,
    n_distinct: usize,
    /// Letters in runs that look like words.
    n_in_words: usize,
    /// Places where the kind of character changes; from a capital to small letters it does not.
    n_changes: usize,
    has_upper: bool,
    has_lower: bool,
}

impl Makeup {
    fn of(value: &[u8]) -> Self {
        let count = |is_kind: fn(&u8) -> bool| value.iter().filter(|byte| is_kind(byte)).count();
        let is_separator = |byte: &u8| matches!(byte, b'_' | b'-' | b'.' | b':' | b',' | b'/');
        let n_separators = count(is_separator);
        let mut n_in_words = 0;
        let mut runs = 0;
        let mut start = 0;
        for end in 1..=value.len() {
            let goes_on = value.get(end).is_some_and(|next| {
                let last = value[end - 1];
                let is_hump = last.is_ascii_uppercase() && next.is_ascii_lowercase() && end - start == 1;
                is_hump
                    || last.is_ascii_lowercase() && next.is_ascii_lowercase()
                    || last.is_ascii_uppercase() && next.is_ascii_uppercase()
                    || last.is_ascii_digit() && next.is_ascii_digit()
            });
            if !goes_on {
                let run = &value[start..end];
                n_in_words += if run[0].is_ascii_alphabetic() && letters::is_word(run) { run.len() } else { 0 };
                runs += 1;
                start = end;
            }
        }
        Self {
            n_letters: count(u8::is_ascii_alphabetic),
            n_digits: count(u8::is_ascii_digit),
            n_marks: count(u8::is_ascii_punctuation) - n_separators,
            n_separators,
            n_distinct: n_distinct(value),
            n_in_words,
            n_changes: runs - 1,
            has_upper: value.iter().any(u8::is_ascii_uppercase),
            has_lower: value.iter().any(u8::is_ascii_lowercase),
        }
    }

    fn n_kinds(&self) -> usize {
        [self.has_upper, self.has_lower, self.n_digits > 0, self.n_marks > 0].into_iter().filter(|is_there| *is_there).count()
    }

    fn is_hex(&self, value: &[u8]) -> bool {
        value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
    }

    /// Whether it is a name whose parts are words and numbers: `API_KEY_2`, `api-key-1`.
    fn is_name(&self, value: &[u8]) -> bool {
        let is_plain = |part: &[u8]| part.len() < 5 || letters::is_word(part.strip_suffix(b"2").unwrap_or(part)) || part.iter().all(u8::is_ascii_digit);
        let is_one_case = !(self.has_upper && self.has_lower);
        self.n_marks == 0 && self.n_separators > 0 && is_one_case && value.split(|byte| matches!(byte, b'_' | b'-')).all(is_plain)
    }

    /// Whether a machine has drawn it.
    fn is_random(&self, value: &[u8]) -> bool {
        let n = value.len();
        if self.is_hex(value) {
            return n >= 16 && self.n_digits > 0 && self.n_letters > 0 && self.n_distinct >= 8;
        }
        let is_one_kind = self.n_digits == 0 && self.n_marks == 0 && !(self.has_upper && self.has_lower);
        if is_one_kind {
            return self.n_separators == 0 && n >= 10 && self.n_in_words == 0 && letters::bits_per_letter(value) > 5.2;
        }
        let has_digits = self.n_digits > 0 || self.n_marks > 0 || n >= 16 && self.n_changes * 3 > n;
        n >= 8 && self.n_distinct >= 6 && has_digits && self.n_in_words * 3 <= n && self.n_changes * 5 >= n && self.n_changes >= 3
    }

    /// Whether it has the kinds of characters that rules for passwords ask for.
    fn is_strong(&self, value: &[u8]) -> bool {
        value.len() >= 8 && self.n_kinds() >= 3 && self.n_digits > 0 && self.n_separators <= 1
    }

    /// How strong it is as a password.
    fn password(&self, value: &[u8], lower: &str) -> Result<Strength, &'static str> {
        let stem = lower.trim_matches(|c: char| !c.is_ascii_alphabetic());
        let plain: String = lower.chars().map(unleet).collect();
        let is_guessed = |text: &str| GUESSED.contains(&text) || SAYING.contains(&text);
        // With its name and two characters more it is no better.
        let n_said = SAYING.iter().filter(|word| plain.contains(**word)).map(|word| word.len()).max().unwrap_or(0);
        let is_strong = self.is_strong(value) && (n_said == 0 || value.len() >= n_said + 3);
        if !is_strong && (is_guessed(stem) || is_guessed(&plain) || says_its_name(lower)) {
            return Err("it is guessed first");
        }
        if is_number(lower) || is_algorithm(lower) && !is_strong {
            return Err("it is a number, or the name of an algorithm");
        }
        if is_strong {
            return Ok(Strength::Strong);
        }
        let is_identifier = self.n_separators > 0;
        match () {
            () if is_identifier && self.n_marks == 0 => Err("it is made of words"),
            () if self.n_digits > 0 && value.len() >= 6 => Ok(Strength::Weak),
            () if self.n_marks > 0 && value.len() >= 6 && !value.last().is_some_and(u8::is_ascii_punctuation) && !is_identifier => Ok(Strength::Weak),
            () => Err("it is made of words"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_values_are_none() {
        for text in [
            "password",
            "Password1",
            "changeme",
            "your-password",
            "${DB_PASS}",
            "%s",
            "{{ pw }}",
            "<password>",
            "xxxxxxxx",
            "*****",
            "admin123",
            "test1234",
            "user1",
            "/etc/passwd",
            "a@b.com",
            "hello",
            "DB_PASSWORD",
            "passwordField",
            "my_password",
            "io.acme.Password",
            "s3cr3t",
            "12345678",
            "ENC(abc123)",
            "key.pem",
        ] {
            assert!(strength(text.as_bytes(), Kind::Password).is_err(), "{text}");
        }
        for text in [
            "client_secret_post",
            "refresh-token-2",
            "secret-0015",
            "accessToken",
            "TOKEN_TYPE",
            "Bearer",
            "authorization_code",
            "token1234",
            "oauth2",
            "SHA-256",
        ] {
            assert!(strength(text.as_bytes(), Kind::Secret).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_are_told_by_their_strength() {
        for (text, expected) in [
            ("newroot123", Strength::Weak),
            ("hunter22", Strength::Weak),
            ("Passw0rd123", Strength::Strong),
            ("hunter22!", Strength::Strong),
            ("L1nkL3arn2024#", Strength::Random),
            ("u1rRWTssNv0p", Strength::Random),
            ("u6nog1g1pjadcj95937bk41vgb", Strength::Random),
        ] {
            assert_eq!(strength(text.as_bytes(), Kind::Password), Ok(expected), "{text}");
        }
    }
}
