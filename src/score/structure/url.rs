//! Passwords in addresses: `scheme://user:password@host`, of RFC 3986 and of everything that writes its own like it.

use super::Read;
use super::password::{self, Access};
use crate::rule::structure::Structure;
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

/// The part of an address up to its `@`.
struct Front<'a> {
    /// What it opens, if anybody knows.
    scheme: Option<&'static str>,
    is_database: bool,
    user: &'a [u8],
    password: Span,
}

impl<'a> Front<'a> {
    fn read(text: &'a [u8], place: Span) -> Option<Self> {
        let front = place.of(text);
        let n_scheme = memchr::memmem::find(front, b"://");
        let user_at = n_scheme.map_or(0, |n| n + b"://".len());
        let n_user = memchr::memchr(b':', &front[user_at..])?;
        let password = Span::new(place.start + user_at + n_user + 1, place.end - 1);
        // Go's driver for MySQL has no scheme.
        let scheme = n_scheme.map_or("mysql".to_owned(), |n| String::from_utf8_lossy(&front[..n]).to_ascii_lowercase());
        let is_one_of = |known: &[&'static str]| known.iter().copied().find(|known| scheme.split(['+', '.', '-', '_']).any(|part| part == *known));
        let database = is_one_of(&DATABASES);
        let user = &front[user_at..user_at + n_user];
        Some(Self { scheme: database.or_else(|| is_one_of(&OTHERS)), is_database: database.is_some(), user, password })
    }
}

/// Whether the address at `place` may have a password, by what stands there alone.
pub(super) fn is_in_doubt(text: &[u8], place: Span) -> bool {
    Front::read(text, place).is_some_and(|front| front.scheme.is_some() && password::is_in_doubt(front.password.of(text)))
}

/// Reads the password of the address whose part up to the `@` stands at `place`.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let Front { scheme, is_database, user, password } = Front::read(text, place).ok_or("it is no address with a password")?;
    let name = scheme.ok_or("nobody knows what an address of this kind opens")?;
    let behind = &text[place.end..text.len().min(place.end + 256)];
    let behind = behind.strip_prefix(b"tcp(").unwrap_or(behind);
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b',' | b'[' | b']' | b'$' | b'{' | b'}' | b'%');
    let host = &behind[..behind.iter().position(|byte| !is_of_host(byte)).unwrap_or(behind.len())];
    let access = Access { password: password.of(text), user, host, is_database };
    access.judge(password, Structure::UrlPassword, format!("it is the password in an address of `{name}`"))
}
