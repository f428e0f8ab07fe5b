//! Calls that are given a password or a key without a word for it: `mysqli_connect("host", "user", "password")`, `jwt.sign(claims, "key")`. The name of the
//! function says which of its arguments that is.

use super::phrase::{line, string_at};
use super::{Assignment, skip_spaces};
use crate::span::Span;

/// What a function is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gets {
    /// A password.
    Password,
    /// A user and a password, or something else: many functions are called so.
    Login,
    /// A key, and nothing that somebody types.
    Key,
}

/// Functions by the last part of their names, what must stand before that part, which argument is the secret, from 0, and what it is.
const FUNCTIONS: [(&[u8], &[u8], usize, Gets); 56] = [
    (b"mysqli_connect", b"", 2, Gets::Password),
    (b"mysql_connect", b"", 2, Gets::Password),
    (b"mysql_pconnect", b"", 2, Gets::Password),
    (b"mysqli_real_connect", b"", 3, Gets::Password),
    (b"real_connect", b"", 2, Gets::Password),
    (b"mysqli", b"new ", 2, Gets::Password),
    (b"PDO", b"new ", 2, Gets::Password),
    (b"connect", b"DBI->", 2, Gets::Password),
    (b"connect", b"pymysql.", 2, Gets::Password),
    (b"connect", b"MySQLdb.", 2, Gets::Password),
    (b"connect", b"connector.", 2, Gets::Password),
    (b"oci_connect", b"", 1, Gets::Password),
    (b"odbc_connect", b"", 2, Gets::Password),
    (b"getConnection", b"DriverManager.", 2, Gets::Password),
    (b"SqlCredential", b"new ", 1, Gets::Password),
    (b"PasswordCredential", b"new ", 2, Gets::Password),
    (b"ftp_login", b"", 2, Gets::Password),
    (b"encode", b"asswordEncoder.", 0, Gets::Password),
    (b"matches", b"asswordEncoder.", 0, Gets::Password),
    (b"sendKeys", b"assword.", 0, Gets::Password),
    (b"sendKeys", b"asswordField.", 0, Gets::Password),
    (b"hash", b"pwd_context.", 0, Gets::Password),
    (b"password_hash", b"", 0, Gets::Password),
    (b"generate_password_hash", b"", 0, Gets::Password),
    (b"make_password", b"", 0, Gets::Password),
    (b"login", b".", 1, Gets::Login),
    (b"authenticate", b"", 1, Gets::Login),
    (b"sign", b"jwt.", 1, Gets::Key),
    (b"verify", b"jwt.", 1, Gets::Key),
    (b"encode", b"jwt.", 1, Gets::Key),
    (b"decode", b"jwt.", 1, Gets::Key),
    (b"createHmac", b"", 1, Gets::Key),
    (b"cookieParser", b"", 0, Gets::Key),
    (b"SignedString", b"", 0, Gets::Key),
    (b"SecretKeySpec", b"new ", 0, Gets::Key),
    (b"SymmetricSecurityKey", b"new ", 0, Gets::Key),
    (b"signWith", b"", 1, Gets::Key),
    (b"hmacShaKeyFor", b"", 0, Gets::Key),
    (b"HMAC256", b"Algorithm.", 0, Gets::Key),
    (b"HMAC512", b"Algorithm.", 0, Gets::Key),
    (b"HMACSHA256", b"new ", 0, Gets::Key),
    (b"HMACSHA1", b"new ", 0, Gets::Key),
    (b"HmacSHA256", b"CryptoJS.", 1, Gets::Key),
    (b"HmacSHA1", b"CryptoJS.", 1, Gets::Key),
    (b"encrypt", b"CryptoJS.AES.", 1, Gets::Key),
    (b"decrypt", b"CryptoJS.AES.", 1, Gets::Key),
    (b"new", b"AES.", 0, Gets::Key),
    (b"createCipher", b"", 1, Gets::Key),
    (b"createCipheriv", b"", 1, Gets::Key),
    (b"createDecipher", b"", 1, Gets::Key),
    (b"createDecipheriv", b"", 1, Gets::Key),
    (b"hash_hmac", b"", 2, Gets::Key),
    (b"hexdigest", b"HMAC.", 1, Gets::Key),
    (b"New", b"hmac.", 1, Gets::Key),
    (b"new", b"hmac.", 0, Gets::Key),
    (b"NewCookieStore", b"", 0, Gets::Key),
];
/// How far before an argument the name of the function may end.
const REACH: usize = 64;

/// The secret that the function called `name` is given.
pub(super) fn read(text: &[u8], name: Span) -> Option<Assignment> {
    let called = name.of(text);
    let part = last_part(called);
    let start = name.end - part.len();
    let before = &text[start.saturating_sub(16)..start];
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    let (.., nth, gets) = FUNCTIONS.iter().find(|(function, lead, ..)| *function == part && before.ends_with(lead))?;
    let line = line(text, name.end);
    let open = skip_spaces(line, name.end);
    if line.get(open) != Some(&b'(') {
        return None;
    }
    let at = (0..*nth).try_fold(open + 1, |at, _| behind_comma(line, at))?;
    // Of a user and a password both are written out.
    if *gets == Gets::Login {
        string_at(text, name, open + 1)?;
    }
    string_at(text, name, at)
}

/// Whether the secret that a function called `name` is given is a key.
pub fn takes_key(name: &[u8]) -> bool {
    gets(name, Gets::Key)
}

/// Whether functions called `name` are given other things than a user and a password, too.
pub fn may_take_others(name: &[u8]) -> bool {
    gets(name, Gets::Login)
}

fn gets(name: &[u8], what: Gets) -> bool {
    let part = last_part(name);
    let owner = &name[..name.len() - part.len()];
    let is_of_owner = |lead: &[u8]| !lead.ends_with(b".") || owner.ends_with(lead);
    FUNCTIONS.iter().any(|(function, lead, _, gets)| *function == part && is_of_owner(lead) && *gets == what)
}

/// The name of the function whose argument stands at `at`, with what it belongs to: of the last bracket that opens before it on its line.
pub(super) fn name_before(text: &[u8], at: usize) -> Option<Span> {
    let before = &text[at.saturating_sub(REACH)..at];
    let open = at - before.len() + memchr::memrchr2(b'(', b'\n', before)?;
    if text[open] != b'(' {
        return None;
    }
    super::name_around(text, open).filter(|name| name.end == open)
}

fn last_part(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b'.').next().unwrap_or(name)
}

/// Where the argument behind the one at `at` begins.
pub(super) fn behind_comma(line: &[u8], at: usize) -> Option<usize> {
    end_of_argument(line, at).filter(|end| line[*end] == b',').map(|end| end + 1)
}

/// Where the argument at `at` ends: at a comma, or at the bracket that closes behind the last one.
pub(super) fn end_of_argument(line: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'"' | b'\'' | b'`' => at = end_of_string(line, at)?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' | b',' if depth == 0 => return Some(at),
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the string that opens at `open` is closed. In a string of another language backslashes stand before both quotes. Not in all languages a backslash escapes:
/// what a comma or a bracket follows is the end (`'C:\'`).
pub(super) fn end_of_string(line: &[u8], open: usize) -> Option<usize> {
    let n_escapes = |end: usize| line[..end].iter().rev().take_while(|byte| **byte == b'\\').count();
    let n_own = n_escapes(open);
    let is_ended = |end: usize| matches!(line[end + 1..].trim_ascii_start().first(), Some(b',' | b')'));
    let closes = |end: &usize| if n_own == 0 { n_escapes(*end).is_multiple_of(2) || is_ended(*end) } else { n_escapes(*end) == n_own };
    memchr::memchr_iter(line[open], &line[open + 1..]).map(|n| open + 1 + n).find(closes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let found = read(text.as_bytes(), name_around(text.as_bytes(), text.find(name)?)?)?;
        Some(&text[found.value.start..found.value.end])
    }

    #[test]
    fn the_function_says_which_argument_is_secret() {
        for (text, name) in [
            ("$c = mysqli_connect(\"h\", \"bob\", \"v4lue\", \"db\");", "mysqli"),
            ("$c = mysqli_connect($host, USER, 'v4lue');", "mysqli"),
            ("$c = mysqli_connect('h', 'it\\'s, he', 'v4lue');", "mysqli"),
            ("eval(\"mysqli_connect(\\\"h\\\", \\\"b,b\\\", 'v4lue')\")", "mysqli"),
            ("$c = new mysqli('h', 'bob', 'v4lue');", "mysqli"),
            ("new \\PDO(\"mysql:host=h;dbname=d\", 'bob', 'v4lue')", "PDO"),
            ("new PasswordCredential(\"site\", \"bob\", \"v4lue\")", "PasswordC"),
            ("new PDO(\"mysql:host=h;dbname=d\", $user, 'v4lue', [1, 2])", "PDO"),
            ("DBI->connect(\"DBI:mysql:d\", \"bob\", \"v4lue\")", "connect"),
            ("db = pymysql.connect(\"h\", \"bob\", \"v4lue\", \"db\")", "pymysql"),
            ("DriverManager.getConnection(url, \"bob\", \"v4lue\")", "Driver"),
            ("passwordEncoder.encode(\"v4lue\")", "password"),
            ("this.passwordEncoder.matches(\"v4lue\", user.getHash())", "this"),
            ("passwordField.sendKeys(\"v4lue\");", "password"),
            ("pwd_context.hash('v4lue')", "pwd"),
            ("$hash = password_hash('v4lue', PASSWORD_DEFAULT);", "password"),
            ("generate_password_hash(\"v4lue\", method=\"x\")", "generate"),
            ("server.login(\"bob@a.io\", \"v4lue\")", "server"),
            ("jwt.sign({id: f(1, 2), a: [1, 2]}, 'v4lue', {expiresIn: 1})", "jwt"),
            ("jwt.encode(payload, \"v4lue\", algorithm=\"HS256\")", "jwt"),
            ("createHmac('sha256', \"v4lue\")", "createHmac"),
            ("app.use(cookieParser('v4lue'))", "cookieParser"),
            ("token.SignedString([]byte(\"v4lue\"))", "token"),
            ("new SecretKeySpec(\"v4lue\".getBytes(), \"AES\")", "SecretKeySpec"),
            ("new SymmetricSecurityKey(Encoding.UTF8.GetBytes(\"v4lue\"))", "SymmetricSecurityKey"),
            ("Jwts.builder().signWith(SignatureAlgorithm.HS512, \"v4lue\")", "signWith"),
            ("CryptoJS.AES.encrypt(text, 'v4lue')", "AES"),
            ("cipher = AES.new(b'v4lue', AES.MODE_CBC, iv)", "AES.n"),
            ("crypto.createCipheriv('aes-256-cbc', 'v4lue', iv)", "createCipher"),
            ("hash_hmac('sha256', $data, 'v4lue')", "hash_hmac"),
            ("OpenSSL::HMAC.hexdigest('sha256', 'v4lue', data)", "HMAC"),
            ("hmac.New(sha256.New, []byte(\"v4lue\"))", "hmac"),
            ("hmac.new(b'v4lue', body, sha256)", "hmac"),
            ("sessions.NewCookieStore([]byte(\"v4lue\"))", "sessions"),
        ] {
            assert_eq!(value(text, name), Some("v4lue"), "{text}");
        }
    }

    #[test]
    fn functions_of_one_name_are_told_by_their_owners() {
        assert!(takes_key(b"jwt.encode") && !takes_key(b"passwordEncoder.encode"));
        assert!(may_take_others(b"server.login") && !may_take_others(b"ftp_login"));
    }

    #[test]
    fn other_functions_and_arguments_give_none() {
        for (text, name) in [
            ("mysqli_connect($host, $user, $password)", "mysqli"),
            ("mysqli_connect('h', 'bob')", "mysqli"),
            ("socket.connect('h', 'bob', 'v4lue')", "socket"),
            ("jwt.sign(payload, key, 'v4lue')", "jwt"),
            ("gpg.sign(payload, 'v4lue')", "gpg"),
            ("server.login(user, 'v4lue')", "server"),
            ("createHmac('v4lue')", "createHmac"),
            ("rsa.encrypt(text, 'v4lue')", "rsa"),
            ("Jwts.builder().signWith(\"v4lue\")", "signWith"),
            ("mysqli('h', 'bob', 'v4lue')", "mysqli"),
            ("passwordEncoder.encode(password)", "password"),
            ("userName.sendKeys(\"v4lue\")", "user"),
            ("urlEncoder.encode(\"v4lue\")", "url"),
            ("mysqli_connect", "mysqli"),
            ("new PDO(\"mysql", "PDO"),
        ] {
            assert_eq!(value(text, name), None, "{text}");
        }
    }

    #[test]
    fn the_name_before_an_argument_is_that_of_its_function() {
        let before = |text: &str| name_before(text.as_bytes(), text.len()).map(|name| text[name.start..name.end].to_owned());
        assert_eq!(before("x = new PDO(\"").as_deref(), Some("PDO"));
        assert_eq!(before("DBI->connect( \"DBI:").as_deref(), Some("connect"));
        for text in ["", "(", "f(\n\"", "x"] {
            assert_eq!(before(text), None, "{text}");
        }
    }
}
