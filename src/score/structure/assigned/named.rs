//! What a name says of its value: that it is a password, another secret, or neither.

use crate::rule::assignment::{self, Operator};
use crate::score::name;
use crate::span::Span;

/// What a value is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something that people choose and type: it may be short, and made of words.
    Password,
    /// Something that people or machines make: `secret`.
    Secret,
    /// Something that a machine made: a token, a key.
    Key,
    /// A name that may be that of a secret: only what can be nothing else is one.
    Maybe,
}

const PASSWORDS: [&str; 17] = [
    "password",
    "passwords",
    "passwd",
    "passwds",
    "passphrase",
    "passphrases",
    "pwd",
    "pwds",
    "pass",
    "passcode",
    "passcodes",
    "passwrd",
    "pswd",
    "psw",
    "passwort",
    "pw",
    "psk",
];
/// What stands before `pass` in names that are written in one piece: other words that end so (`compass`, `bypass`) are none.
const OWNERS: [&str; 47] = [
    "admin", "amqp", "ap", "api", "auth", "become", "bind", "cert", "client", "db", "email", "ftp", "git", "host", "http", "imap", "jdbc", "key", "keystore",
    "ldap", "login", "mail", "mongo", "mqtt", "my", "mysql", "oracle", "pg", "postgres", "proxy", "rabbit", "redis", "require", "root", "server", "sftp",
    "smtp", "sql", "ssh", "sta", "store", "sudo", "user", "vpn", "web", "wifi", "wlan",
];
/// Words before `pass` that make it a turn, a stage or a permit; behind it the verbs and the results.
const TURNS: [&str; 49] = [
    "render",
    "shader",
    "compiler",
    "compile",
    "opt",
    "optimization",
    "optimizer",
    "analysis",
    "transform",
    "lowering",
    "codegen",
    "first",
    "second",
    "third",
    "one",
    "two",
    "single",
    "multi",
    "double",
    "low",
    "high",
    "band",
    "all",
    "by",
    "sub",
    "post",
    "pre",
    "shadow",
    "depth",
    "color",
    "lighting",
    "light",
    "gbuffer",
    "blur",
    "bloom",
    "effect",
    "filter",
    "draw",
    "compute",
    "graph",
    "boarding",
    "season",
    "test",
    "tests",
    "num",
    "count",
    "is",
    "does",
    "did",
];
const SECRETS: [&str; 16] = [
    "secret",
    "secrets",
    "token",
    "apikey",
    "apitoken",
    "accesstoken",
    "authtoken",
    "clientsecret",
    "appsecret",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "credential",
    "credentials",
    "salt",
];
/// Words before `key` that make it a secret.
const KEYS: [&str; 23] = [
    "api",
    "secret",
    "access",
    "private",
    "auth",
    "encryption",
    "encrypt",
    "signing",
    "sign",
    "master",
    "account",
    "shared",
    "service",
    "client",
    "session",
    "hmac",
    "cipher",
    "aes",
    "crypto",
    "jwt",
    "validation",
    "decryption",
    "des",
];
/// Last words of a name that make it one of a secret, though one of them would make it something else.
const TOLD: [[&str; 2]; 2] = [["hash", "salt"], ["validation", "key"]];
/// Words that may stand behind the word for the secret.
const NEUTRAL: [&str; 43] = [
    "value",
    "val",
    "string",
    "str",
    "default",
    "plain",
    "cleartext",
    "plaintext",
    "base64",
    "b64",
    "hex",
    "raw",
    "prod",
    "production",
    "dev",
    "development",
    "staging",
    "local",
    "key",
    "old",
    "new",
    "current",
    "confirm",
    "confirmation",
    "in",
    "out",
    "bytes",
    "base",
    "word",
    "phrase",
    "admin",
    "root",
    "again",
    "repeat",
    "v1",
    "v2",
    "test",
    "live",
    "wo",
    "receive",
    "send",
    "list",
    "array",
];
/// Words that make a name one of something else wherever they stand in it.
const OTHER: [&str; 46] = [
    "hash",
    "hashed",
    "encrypted",
    "encoded",
    "label",
    "placeholder",
    "hint",
    "policy",
    "message",
    "msg",
    "error",
    "err",
    "regex",
    "pattern",
    "validator",
    "validation",
    "invalid",
    "wrong",
    "incorrect",
    "missing",
    "forgot",
    "forgotten",
    "mismatch",
    "strength",
    "prompt",
    "caption",
    "tooltip",
    "description",
    "required",
    "field",
    "input",
    "pubkey",
    "publickey",
    "gpgkey",
    "selector",
    "example",
    "reset",
    "expired",
    "button",
    "btn",
    "title",
    "help",
    "csrf",
    "xsrf",
    "public",
    "lost",
];
/// Words that do so at its end: what is made of the secret, or until when it is one.
const OTHER_AT_END: [&str; 4] = ["algorithm", "algo", "expiry", "expiration"];
/// Verbs that begin the names of methods which take a secret.
const TAKES: [&str; 23] = [
    "set", "with", "use", "add", "enter", "fill", "type", "put", "new", "from", "parse", "check", "validate", "verify", "change", "update", "hash", "encode",
    "encrypt", "compare", "match", "matches", "confirm",
];

/// What addresses signed for Amazon's S3 call the id of the key and the day.
const PUBLIC_CREDENTIAL: &[u8] = b"X-Amz-Credential";

/// Why what has another kind of name is no secret.
pub const NAMED_OTHERWISE: &str = "its name is that of a digest, a text or an identifier";

/// What a value is by the name at `span`, to which `operator` gives it, or why it is nothing secret.
pub(super) fn kind(text: &[u8], span: Span, operator: Operator) -> Result<Kind, &'static str> {
    const NO_SECRET: &str = "its name is not that of a secret";
    if operator == Operator::Typed {
        return Ok(Kind::Password);
    }
    if operator == Operator::Said {
        return Ok(if assignment::takes_key(span.of(text)) { Kind::Secret } else { Kind::Password });
    }
    if operator == Operator::Passed && is_given_another_name(text, span) {
        return Err("it is given another name");
    }
    let name = span.of(text);
    let owner = owner_of_setter(name).filter(|_| operator == Operator::Called);
    let is_called = operator == Operator::Called && owner.is_none();
    let part = if is_called { name.rsplit(|byte| *byte == b'.').next().unwrap_or(name) } else { owner.unwrap_or(name) };
    let mut words = name::sub_words(part);
    for word in &mut words {
        let n = word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if n > 2 && !NEUTRAL.contains(&word.as_str()) {
            word.truncate(n);
        }
    }
    join_halves(&mut words);
    let sense = name::sense(part);
    let is_told = words.last_chunk::<2>().is_some_and(|pair| TOLD.iter().any(|told| pair == told));
    let is_other_at_end = words.last().is_some_and(|last| OTHER_AT_END.contains(&last.as_str()));
    if !is_told && (words.iter().any(|word| OTHER.contains(&word.as_str())) || is_other_at_end || sense.is_other) {
        return Err(NAMED_OTHERWISE);
    }
    if name.eq_ignore_ascii_case(PUBLIC_CREDENTIAL) {
        return Err("it is the public part of a signature");
    }
    if words.windows(2).any(|pair| pair[1] == "pass" && TURNS.contains(&pair[0].as_str())) {
        return Err("its name is that of a turn");
    }
    let Some((at, kind)) = (0..words.len()).rev().find_map(|at| Some((at, kind_of(&words, at)?))) else {
        return if sense.is_credential && !is_called { Ok(Kind::Maybe) } else { Err(NO_SECRET) };
    };
    let is_shouting = !part.iter().any(u8::is_ascii_lowercase);
    let is_end = words[at + 1..].iter().all(|word| NEUTRAL.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit()));
    if !(is_end || is_shouting && part.contains(&b'_')) {
        return if sense.is_credential && !is_called { Ok(Kind::Maybe) } else { Err(NO_SECRET) };
    }
    if is_called && is_shouting && part.contains(&b'_') && !(is_end && TAKES.contains(&words[0].as_str())) {
        return Err("it is a constant, which takes no secret");
    }
    if is_called && !takes_secret(text, span, part, &words, at) {
        return Err("the function that it is given to takes no secret");
    }
    Ok(kind)
}

/// Whether the name in quotes is one of an option for which a call declares another one: `alias("password", "p")`.
fn is_given_another_name(text: &[u8], name: Span) -> bool {
    let before = &text[..name.start.saturating_sub(1)];
    before.ends_with(b".alias(")
}

/// The object whose value a method sets: `clientSecret` of `clientSecret.setValue`.
fn owner_of_setter(name: &[u8]) -> Option<&[u8]> {
    let dot = memchr::memrchr(b'.', name)?;
    matches!(&name[dot + 1..], b"setValue" | b"setText").then_some(&name[..dot])
}

/// Makes one word of the halves of those that some write with a capital inside: `passWord`.
fn join_halves(words: &mut Vec<String>) {
    while let Some(at) = words.windows(2).position(|pair| pair[0] == "pass" && matches!(pair[1].as_str(), "word" | "phrase")) {
        let half = words.remove(at + 1);
        words[at].push_str(&half);
    }
}

/// Whether a name is that of a private key.
pub(super) fn is_private_key(name: &[u8]) -> bool {
    let words = name::sub_words(name);
    words.windows(2).any(|pair| matches!(pair[0].as_str(), "private" | "priv" | "secret") && pair[1] == "key") || words.iter().any(|word| word == "privatekey")
}

/// Whether a salt is one of what stands beside it, and none of a program: such a one has more to its name, or capitals.
pub(super) fn is_salt_of_data(name: &[u8]) -> bool {
    name::sub_words(name) == ["salt"] && name.iter().any(u8::is_ascii_lowercase)
}

/// Whether a name ends with the word `pass`: such a secret is a password, though it has to be drawn.
pub(super) fn is_pass(name: &[u8]) -> bool {
    name::sub_words(name).last().is_some_and(|last| last == "pass")
}

fn kind_of(words: &[String], at: usize) -> Option<Kind> {
    let word = words[at].as_str();
    let ends_with = |endings: &[&str]| endings.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    // By itself it is as often a turn of something.
    let is_bare = word == "pass" && !(at > 0 && OWNERS.contains(&words[at - 1].as_str()));
    match () {
        () if is_bare => Some(Kind::Key),
        () if PASSWORDS.contains(&word) || ends_with(&["password", "passwd", "passphrase", "pwd"]) || is_owned(word) => Some(Kind::Password),
        () if word == "key" && at > 0 && words[at - 1] == "secret" || matches!(word, "secret" | "secretkey") || ends_with(&["secret", "secretkey"]) => {
            Some(Kind::Secret)
        }
        () if SECRETS.contains(&word) || ends_with(&["token", "apikey", "accesskey"]) => Some(Kind::Key),
        () if word == "key" && at > 0 && KEYS.contains(&words[at - 1].as_str()) => Some(Kind::Key),
        () => None,
    }
}

/// Whether a word is that for somebody's `pass` or `pw`.
fn is_owned(word: &str) -> bool {
    word.strip_suffix("pass").or_else(|| word.strip_suffix("pw")).is_some_and(|owner| OWNERS.contains(&owner))
}

/// Whether a function that is called so takes the secret that it names: `setPassword("…")`, `builder.password("…")`.
fn takes_secret(text: &[u8], name: Span, part: &[u8], words: &[String], at: usize) -> bool {
    let start = name.end - part.len();
    let before = &text[start.saturating_sub(2)..start];
    let is_method = before.ends_with(b".") || before == b"->" || before == b"::";
    TAKES.contains(&words[0].as_str()) || is_method && at + 1 == words.len() && words[..at].iter().all(|word| KEYS.contains(&word.as_str()))
}
