//! What a name or its place in a command tells to be a secret, whatever it looks like: `ADMIN_PASS=monkey123`, `"token": "…"`, `-u user:value`, `-pVALUE`,
//! `user:value@host`.
//!
//! It only hides, and rather too much: a value that is code (a call, a member, a type, a reference) stays, for a reader must see which line it is; everything
//! else is taken for a secret. What is known to be one is 0 in the text.
//!
//! So this is no second reading of what `rule::assignment` reads. That one finds secrets: it knows the languages in which a name may get a value, and gives up where the
//! text is none of them. Here a line may be cut anywhere and be of no language at all, and what comes behind the name is hidden all the same. Only where this finds
//! nothing behind the name is that one asked, for what stands elsewhere: `name="…" value="…"`.

mod code;
mod setting;

use std::ops::Range;

use crate::rule::assignment;
use crate::rule::structure::Anchor;
use crate::span::Span;
use code::{is_code, is_one_of, is_reference};
use setting::is_setting;

/// The parts of names that tell of secrets.
const STEMS: &str = "pass pwd secret token key auth";
/// Words in which these stand by chance.
const INNOCENT: &str = "keyboard keyword keyframe keydown keyup keypress keyof monkey turkey tokeniz tokenis compass bypass passeng passive passed passing \
    passthrough pass_through pass-through max_tok secretar";
/// What stands before the secret in a header.
const SCHEMES: &str = "basic bearer token digest apikey key bot ssws negotiate oauth";
/// Words behind `-p` that are options of compilers and of `find`, by their beginnings.
const OPTIONS_WITH_P: &str = "ath rint thread edantic ipe erm rune rofile aram ort roject refix roto ackage";
/// Commands whose `-p` is a password, also with a space behind it.
const COMMANDS_WITH_P: &str = "login sshpass htpasswd mysql";
/// The shortest value that is hidden.
const SHORTEST: usize = 3;
/// How far a value and what stands before `@` are followed, and how much of a name is looked at: lines that are quoted are short, other texts need not be.
const REACH: usize = 512;
/// How often a value is looked for behind what is none: a type, the scheme of a header.
const N_STEPS: usize = 2;
/// Digits of a number that counts something rather than being a secret.
const N_COUNT: usize = 5;

/// Where such values stand, in no order.
pub fn find(text: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    for name in names(text) {
        if is_telling(&text[name.clone()]) && !is_user_of_address(text, &name) && !is_own_marker(text, &name) {
            let value = Value::behind(text, name.clone()).or_else(|| Value::assigned(text, assignment::name_around(text, name.start)?));
            let value = value.filter(|value| !is_setting(&text[name], &text[value.at.clone()]));
            spans.extend(value.into_iter().flat_map(|value| pieces(text, value)));
        }
    }
    spans.extend(Value::said(text).into_iter().flat_map(|value| pieces(text, value)));
    spans.extend(arguments(text).into_iter().flat_map(|value| pieces(text, value)));
    spans.extend(before_at_signs(text).into_iter().flat_map(|value| pieces(text, value)));
    spans
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

/// Whether a comment of ours begins there: `keysift:allow=…` says which rules are meant, and a reader has to see it.
fn is_own_marker(text: &[u8], name: &Range<usize>) -> bool {
    text[name.clone()] == *b"keysift" && text[name.end..].starts_with(b":allow")
}

/// The runs of the characters of names.
fn names(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(|&byte| is_of_name(byte))?;
        at = start + text[start..].iter().take_while(|byte| is_of_name(**byte)).count();
        Some(start..at)
    })
}

/// Whether the name is that of a secret.
fn is_telling(name: &[u8]) -> bool {
    let mut name = name[name.len().saturating_sub(REACH)..].to_ascii_lowercase();
    let has_stem = |name: &[u8]| name.ends_with(b"pw") || STEMS.split(' ').any(|stem| name.windows(stem.len()).any(|part| part == stem.as_bytes()));
    // Most names have none, and are asked no further.
    if !has_stem(&name) {
        return false;
    }
    let is_about_authors = memchr::memmem::find(&name, b"author").is_some_and(|at| !name[at..].starts_with(b"authori"));
    for word in INNOCENT.split(' ').chain(is_about_authors.then_some("author")) {
        while let Some(at) = memchr::memmem::find(&name, word.as_bytes()) {
            name[at..at + word.len()].fill(b'.');
        }
    }
    has_stem(&name)
}

/// A value and how it is written.
struct Value {
    at: Range<usize>,
    is_quoted: bool,
}

impl Value {
    /// What the name is given.
    fn behind(text: &[u8], name: Range<usize>) -> Option<Self> {
        let closed = name.end + text[name.end..].iter().take(6).take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b'?' | b'!')).count();
        let spaced = skip_spaces(text, closed);
        let rest = &text[spaced..];
        let is_option = text[name.clone()].starts_with(b"-");
        let (n, may_be_plain) = match rest {
            [b':', b':', ..] | [b'-', b'>', ..] => return None,
            [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (3, false),
            [b'=' | b'!', b'=', ..] | [b'=' | b'!', b'~', b' ', ..] => (2, false),
            [b'=', b'>', ..] | [b':' | b'?' | b'+', b'=', ..] | [b'<', b'-', ..] | [b'|', b'|', ..] => (2, true),
            [b'=' | b':', ..] => (1, true),
            [b',' | b'(', ..] => (1, false),
            [b'>', ..] => return Self::enclosed(text, spaced + 1),
            _ if is_option && spaced > closed => (0, true),
            _ if spaced > closed => (0, false),
            _ => return None,
        };
        let value = Self::at(text, skip_spaces(text, spaced + n), may_be_plain)?;
        let is_phrase = memchr::memmem::find(&text[name].to_ascii_lowercase(), b"phrase").is_some();
        Some(if is_phrase && !value.is_quoted { value.with_further_words(text) } else { value })
    }

    /// What the rules for secrets read behind phrases that say what it is: `auth=("user", "…")`, `IDENTIFIED BY '…'`.
    fn said(text: &[u8]) -> Vec<Self> {
        let literals = Anchor::Phrase.literals().iter();
        let places = literals.flat_map(|literal| memchr::memmem::find_iter(text, literal)).filter_map(|at| Anchor::Phrase.place(text, at));
        places.filter_map(|place| Self::assigned(text, place)).collect()
    }

    /// What the rules for secrets read as the value of the name, in whatever form: `<add key="name" value="…"/>`, `IDENTIFIED BY '…'`.
    fn assigned(text: &[u8], name: Span) -> Option<Self> {
        let found = assignment::at(text, name.start)?;
        let is_code = !found.is_quoted && is_code(&text[found.value.start..found.value.end]);
        (!is_code).then_some(Self { at: found.value.start..found.value.end, is_quoted: found.is_quoted })
    }

    /// `<password>value</password>`.
    fn enclosed(text: &[u8], start: usize) -> Option<Self> {
        let n = memchr::memchr(b'<', ahead(text, start))?;
        text[start + n..].starts_with(b"</").then_some(Self { at: start..start + n, is_quoted: true })
    }

    /// The same with the words behind it, as far as there is nothing else: a pass phrase has several.
    fn with_further_words(self, text: &[u8]) -> Self {
        let is_of_phrase = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b'!' | b'?' | 0x80..);
        let n = ahead(text, self.at.end).iter().take_while(|byte| is_of_phrase(byte)).count();
        Self { at: self.at.start..self.at.end + n, ..self }
    }

    /// The value that begins at `start`, in quotes or without.
    fn at(text: &[u8], start: usize, may_be_plain: bool) -> Option<Self> {
        Self::within(text, start, may_be_plain, N_STEPS)
    }

    fn within(text: &[u8], start: usize, may_be_plain: bool, n_steps: usize) -> Option<Self> {
        if n_steps == 0 || opens_reference(ahead(text, start)) {
            return None;
        }
        let n_mark = text[start..].iter().take(3).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'@').count();
        if let Some(quoted) = quoted(text, start).or_else(|| quoted(text, start + n_mark)) {
            return Some(Self { at: quoted, is_quoted: true });
        }
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
        let n = ahead(text, start).iter().position(ends).unwrap_or(ahead(text, start).len());
        let plain = &text[start..start + n];
        if plain.is_empty() || !may_be_plain {
            return None;
        }
        let n_scheme = plain.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if is_one_of(SCHEMES, plain) && n_scheme == n {
            let behind = skip_spaces(text, start + n);
            // What has a name of its own there is hidden for that.
            return if begins_with_telling_name(ahead(text, behind)) { None } else { Self::within(text, behind, true, n_steps - 1) };
        }
        // What is hidden already is read as a word.
        let read: Vec<u8> = plain.iter().map(|&byte| if byte == 0 { b'e' } else { byte }).collect();
        if is_code(&read) {
            // A declaration with a type goes on with what it is given.
            let behind = skip_spaces(text, start + n);
            let is_given = text[behind..].starts_with(b"=") && !text[behind..].starts_with(b"==");
            return if is_given { Self::within(text, skip_spaces(text, behind + 1), true, n_steps - 1) } else { None };
        }
        let is_count = plain.iter().take_while(|byte| byte.is_ascii_digit()).count() <= N_COUNT && plain.iter().all(|byte| !byte.is_ascii_alphabetic());
        (!is_count || n > N_COUNT + 2).then_some(Self { at: start..start + n, is_quoted: false })
    }
}

/// Whether the text begins with the name of a secret and what it is given: `api_key=…`. A code in base64 may end with the same sign, and nothing is given there.
fn begins_with_telling_name(text: &[u8]) -> bool {
    let (name, behind) = text.split_at(text.iter().take_while(|byte| is_of_name(**byte)).count());
    let is_value = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, 0 | b'_' | b'$' | b'/' | b'+');
    let is_given = match behind {
        [b'=', b'"' | b'\'', byte, ..] | [b'=', byte, ..] => is_value(*byte),
        _ => false,
    };
    is_given && is_telling(name)
}

/// Whether the name is that of the user of an address, `https://oauth2:…@host`: what is hidden there its place tells. So is the name of a host with its port.
fn is_user_of_address(text: &[u8], name: &Range<usize>) -> bool {
    if text.get(name.end) != Some(&b':') {
        return false;
    }
    let n_hidden = text[name.end + 1..].iter().take_while(|byte| **byte == 0).count();
    let rest = ahead(text, name.end + 1 + n_hidden);
    let is_hidden = n_hidden > 0 && rest.strip_prefix(b"@").is_some_and(begins_with_host);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\');
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let is_port = n_hidden == 0 && !authority.is_empty() && authority.iter().all(u8::is_ascii_digit);
    is_hidden || text[..name.start].ends_with(b"://") && (is_port || authority.contains(&b'@'))
}

/// Whether the text begins with the name of a host and not with more of a password.
fn begins_with_host(text: &[u8]) -> bool {
    let n = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')).count();
    let is_end = text.get(n).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b':' | b'"' | b'\'' | b'`'));
    let is_dotted = text[..n].iter().skip(1).any(|byte| *byte == b'.');
    is_end && (is_dotted || text[..n].eq_ignore_ascii_case(b"localhost"))
}

/// Whether a reference with spaces in it begins here: `<your password>`, `{{ password }}`.
fn opens_reference(text: &[u8]) -> bool {
    let closes = [(&b"<"[..], &b">"[..]), (b"{{", b"}}"), (b"${{", b"}}")].into_iter().find(|(open, _)| text.starts_with(open));
    closes.and_then(|(_, close)| memchr::memmem::find(text, close).map(|at| at + close.len())).is_some_and(|end| is_reference(&text[..end]))
}

/// The text from `start` on, as far as it is followed.
fn ahead(text: &[u8], start: usize) -> &[u8] {
    &text[start.min(text.len())..text.len().min(start + REACH)]
}

fn skip_spaces(text: &[u8], at: usize) -> usize {
    at + ahead(text, at).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What stands between the quote at `start`, which may be escaped, and the next one of its kind.
fn quoted(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = ahead(text, start);
    let n_escapes = rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = *rest.get(n_escapes).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let inside = start + n_escapes + 1;
    let reach = start + rest.len();
    let n_before = |at: usize| text[..at].iter().rev().take(4).take_while(|byte| **byte == b'\\').count();
    let end = (inside..reach).find(|&at| text[at] == quote && n_before(at) <= n_escapes).unwrap_or(reach);
    // Three quotes in a row open one text.
    if end == inside && text.get(end + 1) == Some(&quote) && n_escapes == 0 {
        let inside = end + 2;
        let rest = ahead(text, inside);
        return Some(inside..inside + memchr::memchr(quote, rest).unwrap_or(rest.len()));
    }
    Some(inside..end - n_before(end).min(end - inside).min(n_escapes))
}

/// The parts of a value that are to be hidden: without the scheme of a header, and around what is hidden already.
fn pieces(text: &[u8], value: Value) -> Vec<Span> {
    let Value { at, is_quoted } = value;
    if is_quoted && is_reference(&text[at.clone()]) {
        return Vec::new();
    }
    let mut start = at.start;
    let n_word = text[at.clone()].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if text[start + n_word..at.end].first() == Some(&b' ') && is_one_of(SCHEMES, &text[start..start + n_word]) {
        start += n_word + 1;
    }
    let mut spans = Vec::new();
    for piece in text[start..at.end].split(|byte| *byte == 0) {
        if piece.len() >= SHORTEST {
            spans.push(Span::new(start, start + piece.len()));
        }
        start += piece.len() + 1;
    }
    spans
}

/// The values of `-u user:value` and `-pVALUE`.
fn arguments(text: &[u8]) -> Vec<Value> {
    let mut values = Vec::new();
    let has_password_option = COMMANDS_WITH_P.split(' ').any(|command| memchr::memmem::find(text, command.as_bytes()).is_some());
    if memchr::memmem::find(text, b"chpasswd").is_some() {
        let quotes = text.iter().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\''));
        values.extend(quotes.filter_map(|(at, _)| user_and_value(text, at)));
    }
    for dash in memchr::memchr_iter(b'-', text) {
        if dash > 0 && !text[dash - 1].is_ascii_whitespace() && !matches!(text[dash - 1], b'"' | b'\'' | b',' | b'[') {
            continue;
        }
        let option = &text[dash + 1..];
        let behind = |n: usize| skip_spaces(text, dash + 1 + n);
        if let Some(n) = [&b"-user"[..], b"-proxy-user", b"u", b"U"].iter().find_map(|name| option.starts_with(name).then_some(name.len())) {
            let start = behind(n);
            let start = if text.get(start) == Some(&b'=') { start + 1 } else { start };
            values.extend(user_and_value(text, start));
        } else if option.starts_with(b"p") {
            let (start, is_glued) = (behind(1), text.get(dash + 2).is_some_and(|byte| !byte.is_ascii_whitespace()));
            let is_other = OPTIONS_WITH_P.split(' ').any(|word| option[1..].starts_with(word.as_bytes()));
            let is_port = option[1..]
                .iter()
                .take(REACH)
                .take_while(|byte| !byte.is_ascii_whitespace())
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'/'));
            if has_password_option || is_glued && !is_other && !is_port {
                values.extend(Value::at(text, start, true).filter(|value| !text[value.at.clone()].starts_with(b"-")));
            }
        }
    }
    values
}

/// The value of `user:value`, in quotes or without.
fn user_and_value(text: &[u8], start: usize) -> Option<Value> {
    let at = quoted(text, start).unwrap_or_else(|| {
        let rest = ahead(text, start);
        let n = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`'));
        start..start + n.unwrap_or(rest.len())
    });
    let colon = memchr::memchr(b':', &text[at.clone()])?;
    Some(Value { at: at.start + colon + 1..at.end, is_quoted: true })
}

/// The values of `user:value@`, outside of URLs too.
fn before_at_signs(text: &[u8]) -> Vec<Value> {
    let mut values = Vec::new();
    for sign in memchr::memchr_iter(b'@', text) {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | 0);
        let reach = sign.saturating_sub(REACH);
        let start = text[reach..sign].iter().rposition(ends).map_or(reach, |at| reach + at + 1);
        let Some(colon) = memchr::memchr(b':', &text[start..sign]).map(|n| start + n) else { continue };
        let is_host_behind = text.get(sign + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'{' | b'['));
        let is_other = [&b"mailto"[..], b"npm", b"workspace", b"file"].contains(&&text[start..colon]) || text[sign..].starts_with(b"@sha");
        if start < colon && is_host_behind && !is_other {
            values.push(Value { at: colon + 1..sign, is_quoted: true });
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::MASK;

    fn hidden(text: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        let mut spans = find(text.as_bytes());
        spans.sort_unstable();
        for span in spans.into_iter().filter(|span| !span.is_empty()) {
            if span.start >= at {
                out += &text[at..span.start];
                out += MASK;
            }
            at = at.max(span.end);
        }
        out + &text[at..]
    }

    #[test]
    fn our_own_comment_is_shown() {
        for text in ["K=x # keysift:allow=openai", "// keysift:allow-next-line=openai-api-key until=2027-01-01", "/* keysift:allow */"] {
            assert_eq!(hidden(text), text);
        }
        assert_eq!(hidden("keysift: hunter2"), format!("keysift: {MASK}"));
        assert_eq!(hidden("keysift_token=hunter2"), format!("keysift_token={MASK}"));
    }

    #[test]
    fn the_value_of_a_secrets_name_is_hidden_whatever_it_looks_like() {
        for (before, after) in [
            ("mqtt_pass=", ""),
            ("export ADMIN_PASS=", " # for now"),
            ("db.password: ", ""),
            ("\"apiToken\": \"", "\", \"n\": 1"),
            ("'secret' => '", "',"),
            ("password: str = '", "')"),
            ("String dbPassword = \"", "\";"),
            ("<Password>", "</Password>"),
            ("<add key=\"k\" /><password value=\"x\" pwd=\"", "\"/>"),
            ("{\\\"password\\\": \\\"", "\\\"}"),
            ("os.getenv(\"DB_PASSWORD\", \"", "\")"),
            ("define('DB_PASSWORD', '", "');"),
            ("cli --password ", " --name x"),
            ("cli --token=", " --name x"),
            ("curl -u bob:", " https://example.com"),
            ("curl --user 'bob:", "' https://example.com"),
            ("mysql -uroot -p", " app"),
            ("docker login -u bob -p ", " example.com"),
            ("tcp admin:", "@db.internal:5432"),
            ("Authorization: Basic ", "\""),
            ("\"auth\": \"Bearer ", "\""),
            ("ALTER USER x PASSWORD '", "'"),
            ("echo \"root:", "\" | chpasswd"),
            ("if password == \"", "\":"),
        ] {
            for value in ["monkey123", "sunshine", "hunter2", "Sommer.2019", "a(b)c!d", "dragon"] {
                let shown = hidden(&format!("{before}{value}{after}"));
                assert!(!shown.contains(value) && shown.contains(MASK), "{before}{value}{after}: {shown}");
            }
        }
    }

    #[test]
    fn all_words_of_a_pass_phrase_are_hidden() {
        assert_eq!(hidden("passphrase: correct horse battery staple # it is old"), format!("passphrase: {MASK}# it is old"));
    }

    #[test]
    fn no_text_is_deep_or_takes_quadratic_time() {
        for piece in
            ["key=", "token ", "auth: basic ", "key: str = ", "a:@", "key='", "\\", "key=\\\"", "monkey", "-u ", "-p", "{{", "key={{", "key   ", "chpasswd'"]
        {
            let start = std::time::Instant::now();
            find(piece.repeat((1 << 20) / piece.len()).as_bytes());
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }

    #[test]
    fn what_stands_around_a_hidden_secret_stays() {
        for text in [
            "token_type=bearer api_key=\0\0\0\0",
            "auth: bearer api_key=\0\0\0\0 region=eu",
            "git clone https://oauth2:\0\0\0\0@github.com/acme/x.git --branch main",
            "git clone oauth2:\0\0\0\0@github.com/acme/x.git",
            "pip install --index-url https://x-access-token:\0\0\0\0@pypi.example.com:8080/simple",
            "curl https://auth:8080/v1",
        ] {
            assert_eq!(hidden(text), text);
        }
        // What goes on behind it is no host, and a code may end with the sign of a name.
        for (text, value) in [("password:\0\0\0\0@monkey", "monkey"), ("auth=basic dG9rZW46a2V5=", "dG9rZW46a2V5"), ("auth=bearer api_key=dragon", "dragon")] {
            assert!(!hidden(text).contains(value), "{text}");
        }
    }

    #[test]
    fn settings_stay() {
        for text in [
            "sort_key=created_at partition_key=user",
            "auth_type=oauth2 auth_provider=google",
            "{\"primaryKey\": \"user_id\", \"foreign_key\": \"order_id\"}",
            "if auth_mode == \"basic\":",
            "tokenUrl: \"https://example.com/oauth/token\"",
            "secretary=\"Mrs. Miller\" public_key_path: ~/.ssh/id_rsa.pub",
        ] {
            assert_eq!(hidden(text), text);
        }
    }

    #[test]
    fn code_stays() {
        for text in [
            "token = self.get_token(request)",
            "password=config.password, user=user",
            "def login(user: str, password: str, api_key: Optional[str] = None) -> Token:",
            "api_key=api_key, token=${TOKEN} secret: {{ secret }}",
            "if (key == NULL && auth != old) return compass = north;",
            "author: Jane Doe; keyboard=qwerty bypass=yes max_tokens=1024",
            "auto key = std::move(token); Key::new(), token->next",
            "find . -path x -print; gcc -pthread; docker run -p8080:80 img -u 1000",
            "mailto:bob@example.com git@github.com:acme/app.git user@host",
            "sk_pass = <your password>",
        ] {
            assert_eq!(hidden(text), text);
        }
    }
}
