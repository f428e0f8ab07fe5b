//! Whether the value of a secret-like name is a secret.
//!
//! It is one if it is drawn: likelier by far as a random draw than as what code holds (`chance`), also without the words for secrets in it. A value that is not
//! may still be what a person has chosen as a password: words, digits and marks, neither an identifier nor a path, and nothing that everybody guesses.
//! References, placeholders and digests are neither (`stand_in`).

use super::named::Kind;
use super::{alphabet, place};
use crate::score::structure::seed_phrase;
use crate::score::value::{self, n_distinct};
use crate::score::{chance, stand_in};

/// How much a value looks like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A word, which is a password only where nothing else can stand.
    Word,
    /// Words and digits, as people choose them.
    Weak,
    /// Several kinds of characters.
    Strong,
    /// Drawn by a machine.
    Random,
}

/// The shortest password, and the shortest other secret.
const SHORTEST: [usize; 4] = [5, 6, 8, 20];
/// The longest value, of which a provider has its name.
const LONGEST: usize = 400;
/// The shortest digest, and the shortest name, for one of letters that look like no word.
const SHORTEST_DIGEST: usize = 16;
const SHORTEST_ODD: usize = 5;
/// The least number of different characters: of draws of five small letters 1 in 30 has fewer.
const LEAST_DISTINCT: usize = 4;
/// How long numbers are that people choose as passwords; longer ones are times and identifiers.
const PIN: std::ops::RangeInclusive<usize> = 6..=9;
/// By how many bits a value must be likelier as a draw if its name may be that of something else: a million to one.
const DRAWN_FOR_MAYBE: f32 = 20.0;

/// How strong `value` is, or why it is no secret.
pub(super) fn strength(value: &[u8], kind: Kind) -> Result<Strength, &'static str> {
    let shortest = SHORTEST[kind as usize];
    if value.len() < shortest || value.len() > LONGEST {
        return Err("it is too short or too long for a secret");
    }
    if seed_phrase::is_one(value) {
        return Ok(Strength::Random);
    }
    let is_of_other_alphabet = || alphabet::is_of_bytes(value) || alphabet::is_of_all_printable(value) || alphabet::is_of_digits(value);
    if matches!(kind, Kind::Secret | Kind::Key) && is_of_other_alphabet() {
        return Ok(Strength::Random);
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err("it is a text for people");
    }
    let makeup = Makeup::of(value);
    if kind == Kind::Password && makeup.is_pin(value) {
        return Ok(Strength::Weak);
    }
    let odds = chance::odds(value);
    let is_drawn = makeup.is_drawn(value);
    if stand_in::is_sealed(value) || is_number(value) || is_duration(value) {
        return Err("it is encrypted, a digest, a number or a time");
    }
    if stand_in::is_reference(value, is_drawn) {
        return Err("it is a reference, a format or a placeholder");
    }
    if place::is_one(value, is_drawn) {
        return Err("it is a path, an address or a file");
    }
    if makeup.n_letters == 0 || makeup.n_distinct < LEAST_DISTINCT {
        return Err("it has too few different characters");
    }
    let counted = if kind == Kind::Password { before_counting(value) } else { value };
    let stands_in = value::is_published(value) || counted.len() >= 16 && value::placeholder(counted).is_some();
    if stands_in || stand_in::is_made_up(value) || stand_in::is_fake(value) || is_base64_of_json(value) {
        return Err("it is a placeholder");
    }
    let may_be_words = kind == Kind::Key && chance::may_be_words(value);
    let is_drawn = is_drawn && !may_be_words && !makeup.is_name(value) && value::placeholder(value).is_none() && is_drawn_beyond_names(value);
    match kind {
        Kind::Maybe if makeup.is_hex && value.len() < 32 || makeup.n_digits == 0 || makeup.n_separators > 2 => Err("its name may be that of something else"),
        Kind::Maybe if !is_drawn || odds <= DRAWN_FOR_MAYBE => Err("its name may be that of something else, and it does not look random"),
        Kind::Key if makeup.is_hex && value.len() < SHORTEST_DIGEST => Err("it is a short number in hexadecimal"),
        _ if is_drawn => Ok(Strength::Random),
        Kind::Password => makeup.chosen(value, odds),
        _ if makeup.is_strong(value) && !stand_in::names_algorithm(value) && !is_expression(value) && makeup.is_more_than_words(value, odds) => {
            Ok(Strength::Strong)
        }
        Kind::Secret if (makeup.n_separators == 0 || odds > DRAWN_FOR_MAYBE) && !makeup.is_word() => makeup.chosen(value, odds),
        Kind::Key if makeup.is_mixed(value) && odds > 0.0 && stand_in::n_said(value) == 0 => Ok(Strength::Weak),
        Kind::Secret | Kind::Key | Kind::Maybe => Err("it is made of words"),
    }
}

/// What stands before the digits that people count on with behind their words: `123456`.
fn before_counting(value: &[u8]) -> &[u8] {
    let endings: [&[u8]; 4] = [b"123456", b"12345", b"1234", b"123"];
    endings.iter().find_map(|ending| value.strip_suffix(*ending)).filter(|rest| rest.last().is_some_and(|last| !last.is_ascii_digit())).unwrap_or(value)
}

/// Whether a value is drawn also without the words for secrets and algorithms in it: `P4ssw0rd!x` is not.
fn is_drawn_beyond_names(value: &[u8]) -> bool {
    let rest = stand_in::beyond_names(value);
    rest.len() == value.len() || chance::is_drawn(&rest)
}

/// Whether it is a number in hexadecimal, or a time.
fn is_number(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")).unwrap_or_default();
    let is_time = value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b't' | b'Z' | b'z' | b':' | b'-' | b'.' | b'+'));
    !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit) || is_time
}

/// Whether it says how long something is: `90days`.
fn is_duration(value: &[u8]) -> bool {
    const UNITS: [&[u8]; 12] = [b"day", b"days", b"hour", b"hours", b"hrs", b"minute", b"minutes", b"mins", b"second", b"seconds", b"weeks", b"months"];
    let n_digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    n_digits > 0 && UNITS.iter().any(|unit| value[n_digits..].eq_ignore_ascii_case(unit))
}

/// A word, with a number behind it or not.
pub(super) fn is_numbered_word(part: &[u8]) -> bool {
    let n_word = part.len() - part.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    part.len() - n_word < 6 && chance::is_word(&part[..n_word])
}

/// A word and a number of three digits or more behind a separator: `summer-2019`.
fn is_word_and_number(value: &[u8]) -> bool {
    let n_word = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_separated = matches!(value.get(n_word), Some(b'-' | b'_' | b'.'));
    n_word > 2 && is_separated && value.len() - n_word > 3 && value[n_word + 1..].iter().all(u8::is_ascii_digit)
}

/// Whether it is the first part of a JSON web token and no more, which says only how such a token is signed.
fn is_base64_of_json(value: &[u8]) -> bool {
    value.starts_with(b"eyJ") && value.len() < 60 && !value.contains(&b'.')
}

/// Whether it has marks of code that people seldom put in passwords.
fn is_expression(value: &[u8]) -> bool {
    value.iter().any(|byte| b"()[]{}<>|;,='\\\"`".contains(byte))
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
    has_upper: bool,
    has_lower: bool,
    /// Whether all is hexadecimal, or dashes, or a dot between two parts, as in the unique identifiers of PHP.
    is_hex: bool,
}

impl Makeup {
    fn of(value: &[u8]) -> Self {
        let count = |is_kind: fn(&u8) -> bool| value.iter().filter(|byte| is_kind(byte)).count();
        let n_separators = count(|byte| matches!(byte, b'_' | b'-' | b'.' | b':' | b',' | b'/'));
        Self {
            n_letters: count(u8::is_ascii_alphabetic),
            n_digits: count(u8::is_ascii_digit),
            n_marks: count(u8::is_ascii_punctuation) - n_separators,
            n_separators,
            n_distinct: n_distinct(value),
            n_in_words: runs(value).filter(|run| chance::is_word(run)).map(<[u8]>::len).sum(),
            has_upper: value.iter().any(u8::is_ascii_uppercase),
            has_lower: value.iter().any(u8::is_ascii_lowercase),
            is_hex: value.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.')) && count(|byte| *byte == b'.') <= 1,
        }
    }

    /// Whether it is a number as people choose passwords: neither a sequence, nor few digits again and again, nor a date or a time.
    fn is_pin(&self, value: &[u8]) -> bool {
        let follows = |step: i16| value.windows(2).filter(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step).count();
        let is_sequence = follows(1).max(follows(-1)) * 2 >= value.len();
        let is_date = value.len() == 8 && (value.starts_with(b"19") || value.starts_with(b"20"));
        PIN.contains(&value.len()) && self.n_digits == value.len() && self.n_distinct >= 4 && !is_sequence && !is_date && !value.ends_with(b"00")
    }

    fn n_kinds(&self) -> usize {
        [self.has_upper, self.has_lower, self.n_digits > 0, self.n_marks > 0].into_iter().filter(|is_there| *is_there).count()
    }

    /// Whether it has letters only.
    fn is_word(&self) -> bool {
        self.n_digits == 0 && self.n_marks == 0 && self.n_separators == 0
    }

    /// Whether it is a name whose parts are words and numbers: `API_KEY_2`, `api-key-1`.
    fn is_name(&self, value: &[u8]) -> bool {
        let is_plain = |part: &[u8]| part.len() < 5 || is_numbered_word(part) || part.iter().all(u8::is_ascii_digit);
        let is_one_case = !(self.has_upper && self.has_lower);
        self.n_marks == 0 && self.n_separators > 0 && !self.is_hex && is_one_case && value.split(|byte| matches!(byte, b'_' | b'-')).all(is_plain)
    }

    /// Whether letters and digits are mixed in it, and more than behind a word.
    fn is_mixed(&self, value: &[u8]) -> bool {
        let is_plain = self.n_marks == 0 && self.n_separators == 0;
        is_plain && self.n_digits > 1 && self.n_letters > 1 && self.n_in_words * 2 <= value.len() && !is_numbered_word(value)
    }

    /// Whether a machine has drawn it.
    fn is_drawn(&self, value: &[u8]) -> bool {
        if self.is_hex && value.len() >= SHORTEST_DIGEST {
            return self.n_digits > 0 && self.n_letters > 0 && self.n_distinct >= 8;
        }
        chance::is_drawn(value)
    }

    /// Whether it has the kinds of characters that rules for passwords ask for.
    fn is_strong(&self, value: &[u8]) -> bool {
        value.len() >= 8 && self.n_kinds() >= 3 && self.n_digits > 0 && self.n_separators <= 1
    }

    /// Whether it is words in camel case with a number between them, as types and functions are called: `CacheV2Response`.
    fn is_type(&self, value: &[u8], odds: f32) -> bool {
        let n_words = runs(value).filter(|run| chance::is_word(run)).count();
        let is_inside = value.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
        self.n_marks == 0 && self.has_upper && self.has_lower && odds <= 0.0 && n_words >= 2 && is_inside
    }

    /// Whether it is more than an identifier, though it is made of words.
    fn is_more_than_words(&self, value: &[u8], odds: f32) -> bool {
        !self.is_type(value, odds) && (self.n_kinds() > 3 || stand_in::n_said(value) == 0 && self.n_in_words * 2 <= value.len())
    }

    /// How strong it is as a password that a person has chosen.
    fn chosen(&self, value: &[u8], odds: f32) -> Result<Strength, &'static str> {
        // With its name and two characters more it is no better than that.
        let n_said = stand_in::n_said(value);
        let is_strong = self.is_strong(value) && (n_said == 0 || value.len() >= n_said + 3);
        if !is_strong && (stand_in::says_little_more(value) || stand_in::is_guessed(value)) {
            return Err("it is what everybody would try");
        }
        if stand_in::names_algorithm(value) && !is_strong {
            return Err("it is the name of an algorithm");
        }
        if is_expression(value) && odds <= chance::DRAWN {
            return Err("it is an expression");
        }
        if self.is_type(value, odds) {
            return Err("it reads like the name of a type");
        }
        if is_strong {
            let is_hardly_more = self.n_marks == 0 && self.n_digits == 1 && odds <= 0.0;
            return Ok(if is_hardly_more { Strength::Weak } else { Strength::Strong });
        }
        let is_identifier = self.n_separators > 0 && !is_word_and_number(value);
        // Fewer identifiers have letters of both cases and digits.
        let least = if self.n_kinds() > 2 { chance::DRAWN / 2.0 } else { chance::DRAWN };
        let is_odd = (self.is_word() || is_identifier) && value.len() >= SHORTEST_ODD && odds > least;
        let ends_in_mark = value.last().is_some_and(u8::is_ascii_punctuation);
        match () {
            () if is_odd => Ok(Strength::Weak),
            () if is_identifier && self.n_marks == 0 => Err("it is made of words"),
            () if self.n_digits > 0 && value.len() >= 6 => Ok(Strength::Weak),
            () if self.n_marks > 0 && value.len() >= 6 && !ends_in_mark && !is_identifier => Ok(Strength::Weak),
            () if self.is_word() && value.len() >= SHORTEST_ODD && !(self.has_upper && value[0].is_ascii_lowercase()) => Ok(Strength::Word),
            () => Err("it is made of words"),
        }
    }
}

/// The runs of one kind of character in a value; a capital begins the word behind it.
fn runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.chunk_by(|last, next| match next {
        b'a'..=b'z' => last.is_ascii_alphabetic(),
        b'A'..=b'Z' => last.is_ascii_uppercase(),
        b'0'..=b'9' => last.is_ascii_digit(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::draw::{Draws, LOWER};

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
            "987654321",
            "123123",
            "20240131",
            "600000",
            "1589123456",
            "ENC(abc123)",
            "key.pem",
            "fakeq7xkz93mwp2v",
            "LTAIfakedk2gycR3yHhw",
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
            "90days",
        ] {
            assert!(strength(text.as_bytes(), Kind::Secret).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_places_are_none_whatever_stands_in_them() {
        for text in [
            "CogView4Pipeline",
            "ThinkSettingsV1Provider",
            "kafka1:10091,kafka2:10092",
            "mynewcert.pfx",
            "toml:\"dsn\"",
            "VF610_PAD_PTD22__UART2_RX",
            "parts[0]",
            "fs->pwd",
            "/var/lib/overlay2/merged",
            "%Y-%m-%d",
        ] {
            for kind in [Kind::Password, Kind::Secret, Kind::Key] {
                assert!(strength(text.as_bytes(), kind).is_err(), "{text} {kind:?}");
            }
        }
    }

    #[test]
    fn draws_are_secrets_whatever_marks_stand_in_them_by_chance() {
        for text in ["xkQvRtLmwZpb", "q7->Kz(4){uW", "Zk%d8qLw$3v", "/9aKq/Lw3xB7Zt", "K.x8_Qw:4vTz", "wqzkxvbtrpnd"] {
            for kind in [Kind::Password, Kind::Secret, Kind::Key] {
                assert_eq!(strength(text.as_bytes(), kind), Ok(Strength::Random), "{text} {kind:?}");
            }
        }
    }

    #[test]
    fn keys_of_small_letters_alone_are_no_words_of_any_language() {
        for text in ["donaudampfschifffahrtsgesellschaft", "felhasznalohitelesites", "binnedutcyearweekdayhours", "thequickbrownfoxjumpsoverthelazydog"] {
            assert!(strength(text.as_bytes(), Kind::Key).is_err(), "{text}");
        }
        let n = (1..=500).filter(|&seed| strength(Draws::new(seed).text(20, &LOWER[10..]).as_bytes(), Kind::Key).is_ok()).count();
        assert!(n >= 485, "{n} of 500");
    }

    #[test]
    fn short_keys_mix_letters_and_digits() {
        for text in ["q7zk3w9x", "acpfwxbat007", "x4Kq92mZ"] {
            assert!(strength(text.as_bytes(), Kind::Key).is_ok(), "{text}");
        }
        for text in ["variable-2", "token1234", "element42", "user2name", "q7zk3w9", "utf8string"] {
            assert!(strength(text.as_bytes(), Kind::Key).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_are_told_by_their_strength() {
        for (text, expected) in [
            ("newroot123", Strength::Weak),
            ("hunter22", Strength::Weak),
            ("571906", Strength::Weak),
            ("correcthorsebattery", Strength::Word),
            ("monkey123", Strength::Weak),
            ("PurpleMonkey7", Strength::Weak),
            ("kwyjibo", Strength::Weak),
            ("summer-2019", Strength::Weak),
            ("xk_qzwrtp_vb", Strength::Weak),
            ("sommerurlaub123456", Strength::Weak),
            ("databaseOwner123456", Strength::Strong),
            ("Winter2024!", Strength::Strong),
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
