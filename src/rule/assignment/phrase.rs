//! Phrases: what stands before a password says what it is, and not a name with an operator. A statement of SQL, a command, a call that takes a user and a
//! password.

mod both;

use super::value::Made;
use super::wrapper::{self, TO_SECRET};
use super::{Assignment, LONGEST_VALUE, Operator, call, is_name, opening, skip_spaces};
use crate::span::Span;
pub(super) use both::may_take_both;

/// How far behind and before its phrase is read.
const REACH: usize = 300;
/// The words of SQL before a password in quotes.
pub const IDENTIFIED: &[u8] = b"IDENTIFIED BY";
/// The option of `sshpass` before a password.
const OPTION: &[u8] = b"-p";
/// The option of PowerShell's command by which the string is the secret itself.
const IN_PLAIN: &[u8] = b"-asplain";
/// Programs for directories, whose option for the password is `-w`.
const DIRECTORY: [&[u8]; 5] = [b"ldapsearch", b"ldapadd", b"ldapmodify", b"ldapdelete", b"ldappasswd"];
/// What an address begins with behind which Java gives user and password.
const JDBC: &[u8] = b"jdbc:";
const LONGEST_SCHEME: usize = 24;

/// The password that the phrase at `start` gives.
pub(super) fn at(text: &[u8], start: usize) -> Option<Assignment> {
    let rest = text.get(start..)?;
    match () {
        () if rest.starts_with(JDBC) => behind_address(text, start),
        () if rest.starts_with(IDENTIFIED) => string_behind(text, Span::new(start, start + IDENTIFIED.len())),
        () => by_name(text, super::name_at(text, start)?),
    }
}

/// Whether a program is called so whose option for the password has it right behind it: `mysql -ppassword`.
const fn is_client(name: &[u8]) -> bool {
    matches!(name, b"mysql" | b"mysqldump" | b"mysqladmin" | b"mysqlimport" | b"mysqlshow" | b"mariadb" | b"mariadb-dump")
}

/// The same in the next word: `mongo -p password`.
const fn is_client_apart(name: &[u8]) -> bool {
    matches!(
        name,
        b"mongo" | b"mongosh" | b"mongodump" | b"mongorestore" | b"mongoexport" | b"mongoimport" | b"cqlsh" | b"rabbitmqadmin" | b"psexec" | b"PsExec"
    )
}

/// The password that a program, a function of SQL or a call is given that is called so.
pub(super) fn by_name(text: &[u8], name: Span) -> Option<Assignment> {
    let called = name.of(text);
    match called {
        b"chpasswd" => piped(text, name, true).or_else(|| here_string(text, name)),
        b"passwd" if text[name.end..].starts_with(b" --stdin") => piped(text, name, false),
        b"sshpass" => {
            let at = skip_spaces(text, name.end);
            text.get(at..)?.starts_with(OPTION).then(|| word(text, name, skip_spaces(text, at + OPTION.len()))).flatten()
        }
        b"htpasswd" => last_word(text, name),
        b"change_password" if before(text, name.start).ends_with(b"rabbitmqctl ") => {
            let user = skip_spaces(text, name.end);
            let n_user = text[user..].iter().take_while(|byte| is_name(**byte)).count();
            (n_user > 0).then(|| word(text, name, skip_spaces(text, user + n_user)))?.map(|found| Assignment { is_whole: true, ..found })
        }
        b"login" => option(text, name, OPTION, false),
        _ if DIRECTORY.contains(&called) && begins_command(text, name) => option(text, name, b"-w", false),
        _ if is_client(called) => option(text, name, OPTION, true).or_else(|| argument(text, name)),
        _ if is_client_apart(called) && begins_command(text, name) => option(text, name, OPTION, false),
        TO_SECRET if is_in_plain(text, name) => string_behind(text, Span::new(name.start, name.start)),
        _ if called.ends_with(b"_password") && is_plugin(text, name) => string_behind(text, Span::new(name.start, name.end + b" by".len())),
        b"masterauth" if before(text, name.start).trim_ascii_start().is_empty() => word(text, name, skip_spaces(text, name.end)),
        _ if called.ends_with(b"Authentication") && text.get(name.end) == Some(&b':') => both::read(text, name),
        _ if text.get(name.end) != Some(&b'(') && !called.ends_with(b"auth") && !called.ends_with(b"basic_authorize") => None,
        _ if called.eq_ignore_ascii_case(b"password") && is_set(text, name) => string_behind(text, Span::new(name.start, name.end + 1)),
        _ => call::read(text, name).or_else(|| both::read(text, name)),
    }
    .map(|found| Assignment { name, ..found })
}

/// The place of the password on the line of the address of a directory whose `://` stands at `at`: `ldapsearch -H ldap://host -D user -w password`.
pub(super) fn beside_directory(text: &[u8], at: usize) -> Option<Span> {
    if !matches!(text[..at], [.., b'l', b'd', b'a', b'p'] | [.., b'l', b'd', b'a', b'p', b's' | b'i']) {
        return None;
    }
    let before = before(text, at);
    let start = at - before.len() + DIRECTORY.iter().filter_map(|command| memchr::memmem::find(before, command)).min()?;
    by_name(text, super::name_at(text, start)?).map(|found| Span::new(start, found.value.end))
}

/// The place of the address of Java's whose `://` stands at `at`, with the password that follows it.
pub(super) fn connection(text: &[u8], at: usize) -> Option<Span> {
    let before = &text[at.saturating_sub(LONGEST_SCHEME)..at];
    let is_of_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'+' | b'-');
    // Most addresses are those of pages, and no part of another one, as in `jdbc:ch:https://`.
    let before_page = before.strip_suffix(b"https").or_else(|| before.strip_suffix(b"http"));
    if before_page.is_some_and(|before| !before.last().is_some_and(|byte| is_of_scheme(&byte))) {
        return None;
    }
    let n_scheme = before.iter().rev().take_while(is_of_scheme).count();
    let start = at - n_scheme;
    let found = text[start..].starts_with(JDBC).then(|| behind_address(text, start))??;
    Some(Span::new(start, found.value.end))
}

/// The password in `getConnection("jdbc:…", "user", "password")`; the address stands at `start`.
fn behind_address(text: &[u8], start: usize) -> Option<Assignment> {
    let name = Span::new(start, start + JDBC.len() - 1);
    let line = line(text, start);
    let quote = *text.get(start.checked_sub(1)?)?;
    let end = start + memchr::memchr(quote, &line[start..]).filter(|_| matches!(quote, b'"' | b'\''))? + 1;
    let comma = skip_spaces(line, end);
    let user = (line.get(comma) == Some(&b',')).then(|| string_at(text, name, comma + 1))??;
    let comma = skip_spaces(line, user.value.end + 1);
    (line.get(comma) == Some(&b',')).then(|| string_at(text, name, comma + 1))?
}

/// The text up to the end of the line of `at`.
pub(super) fn line(text: &[u8], at: usize) -> &[u8] {
    let end = text.len().min(at + REACH);
    &text[..memchr::memchr2(b'\n', b'\r', &text[at..end]).map_or(end, |n| at + n)]
}

/// What stands before `at` on its line.
fn before(text: &[u8], at: usize) -> &[u8] {
    let before = &text[at.saturating_sub(REACH)..at];
    &before[memchr::memrchr(b'\n', before).map_or(0, |n| n + 1)..]
}

/// An assignment to what stands at `name`.
const fn said(name: Span, value: Span, is_quoted: bool) -> Assignment {
    Assignment { name, value, operator: Operator::Said, is_quoted, is_whole: false }
}

/// The string that stands right behind a phrase.
fn string_behind(text: &[u8], phrase: Span) -> Option<Assignment> {
    string_at(text, phrase, phrase.end)
}

/// The string at `at`.
pub(super) fn string_at(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let line = line(text, at);
    let (n_escapes, quote, inside) = opening(line, wrapper::skip(line, skip_spaces(line, at)))?;
    Made { line, name, operator: Operator::Said }.quoted(n_escapes, quote, inside)
}

/// A word of a command, in quotes or not.
fn word(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let line = line(text, at);
    if let Some((_, quote, inside)) = opening(line, at) {
        let n = memchr::memchr(quote, &line[inside..])?;
        return (n > 0).then(|| said(name, Span::new(inside, inside + n), true));
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b'(' | b')' | b'\\' | b',');
    let n = line[at..].iter().position(ends).unwrap_or(line.len() - at);
    (n > 0 && n <= LONGEST_VALUE).then(|| said(name, Span::new(at, at + n), false))
}

/// Where the phrase begins that has the name of a database at `at`: with the program or the function that is called so, or with the function before its first
/// argument.
pub(super) fn around_database(text: &[u8], at: usize) -> Option<usize> {
    let name = super::name_around(text, at)?;
    let next = text.get(name.end).copied();
    let is_itself = is_client(name.of(text)) && matches!(next, Some(b' ' | b'"' | b'\'')) || next == Some(b'(');
    if is_itself { Some(name.start) } else { Some(call::name_before(text, name.start)?.start) }
}

/// The place of the password on the line of `user`, an option for a user, if it is one of a program that takes both.
pub(super) fn beside_user(text: &[u8], user: usize) -> Option<Span> {
    let before = before(text, user);
    let start = user - before.len() + memchr::memrchr3(b'|', b';', b'&', before).map_or(0, |at| at + 1);
    let mut at = start;
    while at < user {
        let name = Span::new(at, at + text[at..user].iter().take_while(|byte| is_name(**byte)).count());
        if is_client(name.of(text)) || is_client_apart(name.of(text)) || name.of(text) == b"login" && name.start > start {
            return by_name(text, super::name_at(text, name.start)?).map(|found| Span::new(name.start, found.value.end));
        }
        at = name.end + 1;
    }
    None
}

/// Whether a name is what a command begins with: users, hosts and containers are called so, too.
fn begins_command(text: &[u8], name: Span) -> bool {
    let before = before(text, name.start).trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    matches!(before.last(), None | Some(b'|' | b';' | b'&' | b'(' | b'`' | b'$' | b'"' | b'\'' | b'-' | b':' | b'#'))
        || matches!(word, b"sudo" | b"RUN" | b"then" | b"do")
}

/// The value of the `option` of a program, right behind it or in the next word, in the program's own words on its line.
fn option(text: &[u8], name: Span, option: &[u8], is_glued: bool) -> Option<Assignment> {
    let line = line(text, name.end);
    let mut at = skip_spaces(line, name.end);
    while at < line.len() && !matches!(line[at], b'|' | b';' | b'&' | b'<' | b'>' | b'#') {
        let n = line[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(line.len() - at);
        let value = match line[at..at + n].strip_prefix(option) {
            Some(b"") if !is_glued => Some(skip_spaces(line, at + n)),
            // `-port=3306`, as some write options.
            Some(rest) if is_glued && !rest.is_empty() && !is_option(rest) => Some(at + option.len()),
            _ => None,
        };
        if let Some(value) = value {
            return word(text, name, value).map(|found| Assignment { is_whole: true, ..found });
        }
        if n == 0 || line[at + n - 1] == b';' {
            return None;
        }
        at = skip_spaces(line, at + n);
    }
    None
}

/// The same where the words of the command are strings of a list: `["mysql", "-u", "bob", "-ppassword"]`, or `"-p", "password"`.
fn argument(text: &[u8], name: Span) -> Option<Assignment> {
    let line = line(text, name.end);
    let quote = line.get(name.end).copied().filter(|quote| matches!(quote, b'"' | b'\'') && line[..name.start].last() == Some(quote))?;
    let (mut at, mut is_next) = (name.end + 1, false);
    loop {
        let n_between = line[at..].iter().take_while(|byte| matches!(byte, b',' | b' ')).count();
        if n_between == 0 || line.get(at + n_between) != Some(&quote) {
            return None;
        }
        let start = at + n_between + 1;
        let end = start + memchr::memchr(quote, &line[start..])?;
        let value = match line[start..end].strip_prefix(OPTION) {
            Some(glued) if !glued.is_empty() && !is_option(glued) => Some(start + OPTION.len()),
            _ if is_next => Some(start),
            _ => None,
        };
        if let Some(value) = value {
            return (value < end && end - value <= LONGEST_VALUE).then(|| said(name, Span::new(value, end), true));
        }
        is_next = &line[start..end] == OPTION;
        at = end + 1;
    }
}

/// Whether it is the rest of the name of an option, with a value.
fn is_option(rest: &[u8]) -> bool {
    let n_name = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    n_name > 2 && rest.get(n_name) == Some(&b'=')
}

/// Whether the command of PowerShell at `name` is told that its string is the secret itself.
fn is_in_plain(text: &[u8], name: Span) -> bool {
    memchr::memmem::find(&line(text, name.end)[name.end..].to_ascii_lowercase(), IN_PLAIN).is_some()
}

/// Whether a name is that of a plugin of a server behind which the password stands: `IDENTIFIED WITH name BY 'password'`.
fn is_plugin(text: &[u8], name: Span) -> bool {
    let with = before(text, name.start).trim_ascii_end().to_ascii_lowercase();
    with.ends_with(b" with") && text.get(name.end..name.end + 4).is_some_and(|by| by.eq_ignore_ascii_case(b" by "))
}

/// The password of the user and password that a program reads from `<<< "user:password"`.
fn here_string(text: &[u8], name: Span) -> Option<Assignment> {
    let line = line(text, name.end);
    let at = skip_spaces(line, name.end);
    let at = line.get(at..)?.starts_with(b"<<<").then(|| skip_spaces(line, at + 3))?;
    let both = word(text, name, at)?;
    let colon = memchr::memchr(b':', both.value.of(text))?;
    let value = Span::new(both.value.start + colon + 1, both.value.end);
    (!value.is_empty()).then_some(Assignment { value, ..both })
}

/// The password that is printed into a program: `echo "user:password" | chpasswd`, `echo password | passwd --stdin`.
fn piped(text: &[u8], name: Span, has_user: bool) -> Option<Assignment> {
    let before = before(text, name.start);
    let pipe = memchr::memrchr(b'|', before)?;
    let printed = before[..pipe].trim_ascii_end();
    let start = name.start - before.len();
    let quote = printed.last().copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let end = printed.len() - usize::from(quote.is_some());
    let from = match quote {
        Some(quote) => memchr::memrchr(quote, &printed[..end])? + 1,
        None => memchr::memrchr(b' ', printed)? + 1,
    };
    let inside = &printed[from..end];
    let n_user = if has_user { memchr::memchr(b':', inside)? + 1 } else { 0 };
    let n = inside[n_user..].iter().position(|byte| *byte == b'\\').unwrap_or(inside.len() - n_user);
    let value = Span::new(start + from + n_user, start + from + n_user + n);
    (!value.is_empty() && value.len() <= LONGEST_VALUE).then(|| said(name, value, quote.is_some()))
}

/// The password that `htpasswd` is told to take from its arguments: the last of three words, or of two if it prints.
fn last_word(text: &[u8], name: Span) -> Option<Assignment> {
    let line = line(text, name.end);
    let (mut at, mut is_told, mut prints, mut n_words) = (skip_spaces(line, name.end), false, false, 0);
    while at < line.len() {
        let n = line[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(line.len() - at);
        match line[at] {
            b'-' => {
                is_told |= line[at..at + n].contains(&b'b');
                prints |= line[at..at + n].contains(&b'n');
            }
            _ if n_words == if prints { 1 } else { 2 } => return is_told.then(|| word(text, name, at)).flatten(),
            _ => n_words += 1,
        }
        at = skip_spaces(line, at + n);
        if n == 0 {
            return None;
        }
    }
    None
}

/// Whether a function of SQL makes a digest of a password that is being set.
fn is_set(text: &[u8], name: Span) -> bool {
    let before = before(text, name.start).to_ascii_lowercase();
    before.trim_ascii_end().ends_with(b"=") && memchr::memmem::find(&before, b"set ").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the password of the phrase that begins with `name`.
    fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let found = at(text.as_bytes(), text.find(name)?)?;
        Some(&text[found.value.start..found.value.end])
    }

    #[test]
    fn passwords_stand_behind_phrases() {
        for (text, name) in [
            ("CREATE USER 'a'@'%' IDENTIFIED BY 'v4lue';", "IDENTIFIED"),
            ("ALTER USER a IDENTIFIED BY \"v4lue\" REPLACE x;", "IDENTIFIED"),
            ("SET PASSWORD FOR 'a'@'%' = PASSWORD('v4lue');", "PASSWORD('"),
            ("UPDATE user SET Password=PASSWORD('v4lue') WHERE 1", "PASSWORD('"),
            ("RUN echo \"root:v4lue\" | chpasswd", "chpasswd"),
            ("echo root:v4lue | sudo chpasswd", "chpasswd"),
            ("echo -e 'root:v4lue\\n' | chpasswd", "chpasswd"),
            ("echo v4lue | passwd --stdin root", "passwd"),
            ("sshpass -p v4lue ssh a@b", "sshpass"),
            ("sshpass -p 'v4lue' ssh a@b", "sshpass"),
            ("sshpass -pv4lue ssh a@b", "sshpass"),
            ("htpasswd -b /etc/users bob v4lue", "htpasswd"),
            ("htpasswd -bc f bob 'v4lue'", "htpasswd"),
            ("htpasswd -nb bob v4lue", "htpasswd"),
            ("get(url, auth=(\"bob\", \"v4lue\"))", "auth"),
            ("get(url, auth = (user, 'v4lue'))", "auth"),
            ("HTTPBasicAuth('bob', 'v4lue')", "HTTP"),
            ("request.auth('bob', 'v4lue')", "request"),
            ("new UsernamePasswordCredentials(\"bob\", \"v4lue\")", "User"),
            ("getConnection(\"jdbc:mysql://h/x?a=b\", \"bob\", \"v4lue\")", "jdbc"),
            ("masterauth v4lue", "masterauth"),
            ("new NetworkCredential(\"bob\", \"v4lue\")", "Net"),
            ("new System.Net.NetworkCredential(\"bob\", \"v4lue\", \"domain\")", "System"),
            ("ConvertTo-SecureString \"v4lue\" -AsPlainText -Force", "Conv"),
            ("ConvertTo-SecureString -String 'v4lue' -AsPlainText -Force", "Conv"),
            ("chpasswd <<< \"root:v4lue\"", "chpasswd"),
            ("chpasswd <<<root:v4lue", "chpasswd"),
            ("CREATE USER a IDENTIFIED WITH mysql_native_password BY 'v4lue'", "mysql_"),
            ("alter user a identified with caching_sha2_password by 'v4lue'", "cach"),
            ("docker login -u bob -p v4lue acme.io", "login"),
            ("podman login -p 'v4lue' -u bob acme.io", "login"),
            ("mysql -uroot -pv4lue db < x", "mysql"),
            ("mysqldump -h db -u root -p'v4lue' db", "mysqldump"),
            ("new PasswordAuthentication(\"bob\", \"v4lue\".toCharArray())", "Pass"),
        ] {
            assert_eq!(value(text, name), Some("v4lue"), "{text}");
        }
    }

    #[test]
    fn other_phrases_give_none() {
        for (text, name) in [
            ("IDENTIFIED BY name", "IDENTIFIED"),
            ("IDENTIFIED BY", "IDENTIFIED"),
            ("x = password('v4lue')", "password"),
            ("echo $X | chpasswd", "chpasswd"),
            ("chpasswd < file", "chpasswd"),
            ("passwd --stdin root", "passwd"),
            ("sshpass -e ssh a@b", "sshpass"),
            ("sshpass -f file ssh -p 22 a@b", "sshpass"),
            ("htpasswd -c file bob v4lue", "htpasswd"),
            ("htpasswd -b file bob", "htpasswd"),
            ("auth=(user, password)", "auth"),
            ("auth('bob')", "auth"),
            ("V4Auth(a, 'v4lue')", "V4Auth"),
            ("f(\"jdbc:mysql://h/x\", \"v4lue\")", "jdbc"),
            ("f(\"jdbc:mysql://h/x\", user, password)", "jdbc"),
            ("authors = ('a', 'v4lue')", "authors"),
            ("new NetworkCredential(user, password)", "Net"),
            ("ConvertTo-SecureString \"v4lue\" -Key $key", "Conv"),
            ("ConvertTo-SecureString $x -AsPlainText -Force", "Conv"),
            ("chpasswd <<< $X", "chpasswd"),
            ("mysql_native_password by 'v4lue'", "mysql_"),
            ("docker login -u bob --password-stdin", "login"),
            ("mysql -u root -p v4lue", "mysql"),
            ("mysql -u root -port=3306", "mysql"),
            ("mysql -u root | x -pv4lue", "mysql"),
        ] {
            assert_eq!(value(text, name), None, "{text}");
        }
    }

    #[test]
    fn the_option_for_a_user_leads_to_the_password() {
        let place = |text: &str| beside_user(text.as_bytes(), text.find(" -u")?).map(|place| text[place.start..place.end].to_owned());
        assert_eq!(place("cd x && docker login -u bob -p v4lue").as_deref(), Some("login -u bob -p v4lue"));
        assert_eq!(place("\"/usr/bin/mysql -uroot -pv4lue\"").as_deref(), Some("mysql -uroot -pv4lue"));
        for text in ["login -u bob -p v4lue", "mysql; x -u bob -pv4lue", "sort -u -p v4lue", "mysql -u bob", " -u", "docker login -u"] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn the_name_of_a_database_leads_to_the_password() {
        let begins = |text: &str| around_database(text.as_bytes(), text.find("ysql")?).map(|start| text[start..].to_owned());
        assert_eq!(begins("x | mysqldump -pv4lue").as_deref(), Some("mysqldump -pv4lue"));
        assert_eq!(begins("$c = mysqli_connect($x").as_deref(), Some("mysqli_connect($x"));
        assert_eq!(begins("new PDO(\"mysql:h\"").as_deref(), Some("PDO(\"mysql:h\""));
        assert_eq!(begins("DBI->connect('DBI:mysql:d'").as_deref(), Some("connect('DBI:mysql:d'"));
        assert_eq!(begins("jdbc:mysql"), None);
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "'", " ", ":", "|", "\n", "(", ",", "-b", "-p", "<<<", "\u{e9}"];
        for name in
            ["chpasswd", "htpasswd", "sshpass", "auth", "PASSWORD", "IDENTIFIED BY", "jdbc:", "passwd --stdin", "login", "mysql -u", "with a_password by "]
        {
            for left in junk {
                for middle in junk {
                    for right in junk {
                        let text = format!("{left}{name}{middle}{right}");
                        value(&text, name);
                        beside_user(text.as_bytes(), text.len());
                        value(&format!("{left}{right}{name}{middle}"), name);
                    }
                }
            }
        }
    }
}
