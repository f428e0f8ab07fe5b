//! Passwords in connection strings: those of ADO.NET and ODBC (`Server=…;User Id=…;Password=…`), the parameters of JDBC (`jdbc:…?user=…&password=…`, or
//! behind semicolons), and the words of libpq (`host=… user=… password=…`).
//!
//! A name and a value alone are none: in the same string there must be the server, or the beginning of an address.

use super::Read;
use super::password::{self, Access};
use crate::rule::structure::Structure;
use crate::span::Span;

/// How far a connection string is read on each side of its password.
const REACH: usize = 512;
/// How lists call the server, and the user.
const SERVERS: [&str; 8] = ["server", "data source", "datasource", "host", "hostname", "address", "addr", "network address"];
const USERS: [&str; 6] = ["user id", "uid", "user", "username", "user name", "userid"];

/// Whether the value at `place` may be a password, by what stands there alone.
pub(super) fn is_in_doubt(text: &[u8], place: Span) -> bool {
    password_of(text, place).is_some_and(|password| password::is_in_doubt(password.of(text)))
}

/// Reads the password of the list that has `password=value` at `place`.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let password = password_of(text, place).ok_or("it is no assignment")?;
    let string = string_around(text, place);
    let before = Span::new(string.start, place.start).of(text).to_ascii_lowercase();
    let whole = string.of(text).to_ascii_lowercase();
    let is_set_off_by =
        |bytes: &[u8]| before.trim_ascii_end().last().is_none_or(|byte| bytes.contains(byte)) || text.get(place.end).is_some_and(|byte| bytes.contains(byte));
    let jdbc = memchr::memmem::find(&before, b"://").filter(|_| is_set_off_by(b"?&;"));
    let (host, user, what) = if let Some(at) = jdbc {
        let behind = &before[at + b"://".len()..];
        let n_host = behind.iter().position(|byte| matches!(byte, b'/' | b'?' | b';' | b'&')).unwrap_or(behind.len());
        let is_jdbc = memchr::memmem::find(&before, b"jdbc:").is_some();
        if !is_jdbc && value_of(&whole, b"?&;", &USERS).is_none() {
            return Err("no user stands beside the password");
        }
        (behind[..n_host].to_vec(), value_of(&whole, b"?&;", &USERS), "an address with parameters")
    } else if let Some(host) = value_of(&whole, b";", &SERVERS).filter(|_| is_set_off_by(b";")) {
        (host.to_vec(), value_of(&whole, b";", &USERS), "a connection string")
    } else if let (Some(host), Some(user)) = (value_of(&whole, b" ", &SERVERS), value_of(&whole, b" ", &USERS)) {
        (host.to_vec(), Some(user), "a connection string")
    } else if let (Some(_), Some(user)) = (value_of(&whole, b" ", &["dbname"]), value_of(&whole, b" ", &USERS)) {
        // Without a host libpq takes the machine's own socket.
        (Vec::new(), Some(user), "a connection string")
    } else {
        return Err("no server stands beside the password");
    };
    let access = Access { password: password.of(text), user: user.unwrap_or_default(), host: &host, is_database: true };
    access.judge(password, Structure::ConnectionPassword, format!("it is the password in {what}"))
}

/// The value of the assignment at `place`.
fn password_of(text: &[u8], place: Span) -> Option<Span> {
    let n_name = memchr::memchr(b'=', place.of(text))?;
    let n_value = place.of(text)[n_name + 1..].trim_ascii_start().len();
    Some(Span::new(place.end - n_value, place.end))
}

/// The string, or the part of the line, that `place` stands in.
fn string_around(text: &[u8], place: Span) -> Span {
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>');
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let behind = &text[place.end..text.len().min(place.end + REACH)];
    let n_before = before.iter().rev().position(ends).unwrap_or(before.len());
    let n_behind = behind.iter().position(ends).unwrap_or(behind.len());
    Span::new(place.start - n_before, place.end + n_behind)
}

/// The value of the first of `names` in a list whose parts are separated by one of `separators`. Before its first name may stand that of a variable.
fn value_of<'a>(list: &'a [u8], separators: &[u8], names: &[&str]) -> Option<&'a [u8]> {
    list.split(|byte| separators.contains(byte)).find_map(|part| names.iter().find_map(|name| value_in(part, name.as_bytes())))
}

fn value_in<'a>(part: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(part, name)?;
    let is_part_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let value = part[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?;
    (!part[..at].last().is_some_and(is_part_of_name)).then(|| value.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_by_its_separators() {
        let ado = b"conn=server=tcp:db.acme.io,1433;user id=app;database=x";
        assert_eq!(value_of(ado, b";", &USERS), Some(b"app".as_slice()));
        assert_eq!(value_of(b"server = a ;uid=b", b";", &SERVERS), Some(b"a".as_slice()));
        assert_eq!(value_of(b"observer=a;b=c", b";", &SERVERS), None);
        assert_eq!(value_of(b"host=a user=b", b" ", &USERS), Some(b"b".as_slice()));
    }
}
