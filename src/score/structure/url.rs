//! Passwords in addresses: `scheme://user:password@host`, of RFC 3986 and of everything that writes its own like it.

use super::Read;
use super::password::Access;
use crate::rule::structure::Structure;
use crate::span::Span;

/// Schemes of databases and brokers, without what a driver puts behind a `+`.
const DATABASES: [&str; 40] = [
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
    "snowflake",
];
/// Other schemes whose passwords open something.
const OTHERS: [&str; 18] =
    ["http", "https", "ftp", "ftps", "sftp", "ssh", "git", "svn", "smtp", "smtps", "imap", "imaps", "pop3", "ldap", "ldaps", "smb", "rtsp", "socks5"];

/// Reads the password of the address whose part up to the `@` stands at `place`.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    const NO_ADDRESS: &str = "it is no address with a password";
    let front = place.of(text);
    let n_scheme = memchr::memmem::find(front, b"://").ok_or(NO_ADDRESS)?;
    let user_at = n_scheme + b"://".len();
    let n_user = memchr::memchr(b':', &front[user_at..]).ok_or(NO_ADDRESS)?;
    let password = Span::new(place.start + user_at + n_user + 1, place.end - 1);
    let scheme = String::from_utf8_lossy(&front[..n_scheme]).to_ascii_lowercase();
    let is_one_of = |known: &[&'static str]| known.iter().copied().find(|known| scheme.split(['+', '.', '-', '_']).any(|part| part == *known));
    let database = is_one_of(&DATABASES);
    let Some(name) = database.or_else(|| is_one_of(&OTHERS)) else { return Err("nobody knows what an address of this kind opens") };
    let behind = &text[place.end..text.len().min(place.end + 256)];
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b',' | b'[' | b']' | b'$' | b'{' | b'}' | b'%');
    let host = &behind[..behind.iter().position(|byte| !is_of_host(byte)).unwrap_or(behind.len())];
    let access = Access { password: password.of(text), user: &front[user_at..user_at + n_user], host, is_database: database.is_some() };
    access.judge(password, Structure::UrlPassword, format!("it is the password in an address of `{name}`"))
}
