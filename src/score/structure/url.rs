//! Passwords in addresses: `scheme://user:password@host`, of RFC 3986 and of everything that writes its own like it.

use super::Read;
use super::password::{self, Access};
use crate::rule::structure::{Anchor, Structure};
use crate::span::Span;

/// Schemes of databases and brokers, without what a driver puts behind a `+`.
const DATABASES: [&str; 66] = [
    "postgres",
    "postgresql",
    "psql",
    "postgis",
    "cockroachdb",
    "redshift",
    "mysql",
    "mysqlx",
    "mysql2",
    "mariadb",
    "percona",
    "mssql",
    "sqlserver",
    "jtds",
    "oracle",
    "db2",
    "mongodb",
    "mongo",
    "redis",
    "rediss",
    "valkey",
    "valkeys",
    "amqp",
    "amqps",
    "kafka",
    "nats",
    "stomp",
    "mqtt",
    "mqtts",
    "clickhouse",
    "clickhouses",
    "cassandra",
    "scylla",
    "neo4j",
    "bolt",
    "couchdb",
    "couchbase",
    "influxdb",
    "elasticsearch",
    "opensearch",
    "snowflake",
    "rabbit",
    "rabbitmq",
    "activemq",
    "pulsar",
    "zookeeper",
    "memcached",
    "etcd",
    "arangodb",
    "rethinkdb",
    "orientdb",
    "surrealdb",
    "timescaledb",
    "questdb",
    "cratedb",
    "firebird",
    "sybase",
    "teradata",
    "vertica",
    "greenplum",
    "hana",
    "hive",
    "impala",
    "presto",
    "trino",
    "dragonfly",
];
/// Other schemes whose passwords open something.
const OTHERS: [&str; 27] = [
    "http", "https", "ftp", "ftps", "sftp", "ssh", "git", "svn", "smtp", "smtps", "imap", "imaps", "pop3", "ldap", "ldaps", "smb", "rtsp", "rtsps", "rtmp",
    "socks4", "socks5", "socks5h", "rsync", "telnet", "vnc", "dav", "davs",
];

/// So far before a password its address begins.
const LONGEST: usize = 400;

/// The part of an address up to its last `@`.
struct Front<'a> {
    /// What it opens, if anybody knows.
    scheme: Option<&'static str>,
    is_database: bool,
    logins: Vec<Login<'a>>,
}

/// A user and a password, of which an address with several hosts may have one for each.
struct Login<'a> {
    user: &'a [u8],
    password: Span,
    /// The host or hosts that they are for.
    host: &'a [u8],
}

impl<'a> Front<'a> {
    fn read(text: &'a [u8], place: Span) -> Option<Self> {
        let front = place.of(text);
        let n_scheme = memchr::memmem::find(front, b"://");
        let user_at = n_scheme.map_or(0, |n| n + b"://".len());
        // Go's driver for MySQL has no scheme.
        let scheme = n_scheme.map_or("mysql".to_owned(), |n| String::from_utf8_lossy(&front[..n]).to_ascii_lowercase());
        let is_one_of = |known: &[&'static str]| known.iter().copied().find(|known| scheme.split(['+', '.', '-', '_']).any(|part| part == *known));
        let database = is_one_of(&DATABASES);
        let logins = logins(text, Span::new(place.start + user_at, place.end - 1));
        (!logins.is_empty()).then_some(Self { scheme: database.or_else(|| is_one_of(&OTHERS)), is_database: database.is_some(), logins })
    }

    fn judge(&self, text: &[u8], login: &Login<'_>) -> Result<Read, &'static str> {
        let name = self.scheme.ok_or("nobody knows what an address of this kind opens")?;
        let Login { user, password, host } = *login;
        let access = Access { password: password.of(text), user, host, is_database: self.is_database };
        access.judge(password, Structure::UrlPassword, format!("it is the password in an address of `{name}`"))
    }
}

/// The users and passwords in `user:password`, or in what lists of brokers have there: `user:password@host:port,user:password`.
fn logins(text: &[u8], front: Span) -> Vec<Login<'_>> {
    let mut logins: Vec<Login<'_>> = Vec::new();
    let mut start = front.start;
    while let Some(n_user) = memchr::memchr(b':', &text[start..front.end]) {
        let (user, at) = (&text[start..start + n_user], start + n_user + 1);
        let first = logins.first().map_or(user, |first| first.user);
        let inside = Span::new(at, front.end);
        let Some((n_password, n_next)) = next_host(inside.of(text), first) else {
            logins.push(Login { user, password: inside, host: hosts(text, front.end + 1) });
            return logins;
        };
        let (end, next) = (at + n_password, at + n_next);
        logins.push(Login { user, password: Span::new(at, end), host: &text[end + 1..next - 1] });
        start = next;
    }
    logins
}

/// The host or hosts that begin at `at`.
fn hosts(text: &[u8], at: usize) -> &[u8] {
    let behind = &text[at..text.len().min(at + 256)];
    let behind = behind.strip_prefix(b"tcp(").unwrap_or(behind);
    let is_of_hosts = |byte: &u8| is_of_host(*byte) || matches!(byte, b',' | b'[' | b']' | b'%');
    &behind[..behind.iter().position(|byte| !is_of_hosts(byte)).unwrap_or(behind.len())]
}

/// Where the `@` before the first host stands behind which a user and a password for another one follow, and where these do. A password may hold commas and `@` itself: such a
/// host has a port, or what follows it is the same `user`.
fn next_host(list: &[u8], user: &[u8]) -> Option<(usize, usize)> {
    memchr::memchr_iter(b',', list).find_map(|comma| {
        let n_host = list[..comma].iter().rev().take_while(|byte| is_of_host(**byte)).count();
        let (at, host) = ((comma - n_host).checked_sub(1)?, &list[comma - n_host..comma]);
        let next = &list[comma + 1..];
        let n_next = memchr::memchr3(b':', b'@', b',', next).filter(|n| next[*n] == b':')?;
        let has_port = memchr::memchr(b':', host).is_some_and(|colon| colon + 1 < host.len() && host[colon + 1..].iter().all(u8::is_ascii_digit));
        (list[at] == b'@' && n_host > 0 && (has_port || next[..n_next] == *user)).then_some((at, comma + 1))
    })
}

/// Whether names of hosts, or references to them, and their ports are made of such bytes.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'$' | b'{' | b'}')
}

/// Whether the address at `place` may have a password, by what stands there alone.
pub(super) fn is_in_doubt(text: &[u8], place: Span) -> bool {
    Front::read(text, place).is_some_and(|front| front.scheme.is_some() && front.logins.iter().any(|login| password::is_in_doubt(login.password.of(text))))
}

/// Reads the first password of the address whose part up to the last `@` stands at `place`.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let front = Front::read(text, place).ok_or("it is no address with a password")?;
    let mut read = front.logins.iter().map(|login| front.judge(text, login));
    let first = read.next().ok_or("it is no address with a password")?;
    first.or_else(|why| read.find_map(Result::ok).ok_or(why))
}

/// The passwords for the hosts behind that of `password`, which is one in an address.
pub(super) fn others(text: &[u8], password: Span) -> Vec<Read> {
    let before = &text[password.start.saturating_sub(LONGEST)..password.start];
    let place = memchr::memmem::rfind(before, b"://").and_then(|at| Anchor::Address.place(text, password.start - before.len() + at));
    let Some(front) = place.and_then(|place| Front::read(text, place)) else { return Vec::new() };
    let behind = front.logins.iter().filter(|login| login.password.start > password.end);
    behind.filter_map(|login| front.judge(text, login).ok()).collect()
}
