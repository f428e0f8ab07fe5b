//! Values that say where something lies and are no secrets: paths, addresses, hosts, files, dotted names.

use super::strength::is_numbered_word;
use crate::score::chance;

/// Endings of files, and of hosts.
const FILES: [&str; 29] = [
    "pem", "key", "json", "txt", "crt", "cer", "yml", "yaml", "xml", "jks", "p12", "pfx", "js", "ts", "py", "php", "html", "css", "png", "svg", "md", "sh",
    "conf", "cfg", "ini", "com", "org", "net", "io",
];

/// Whether it says where something lies: a path, an address, a mail address, a file, a dotted name, a type of content. What is drawn must be one by all of its
/// parts: base64 begins with a slash, too.
pub(super) fn is_one(value: &[u8], is_drawn: bool) -> bool {
    let is_drive = value.get(1..3) == Some(b":\\");
    let has_root = is_drive || [b"/".as_slice(), b"~", b"\\", b"./", b"../", b"#/"].iter().any(|root| value.starts_with(root));
    let is_address = memchr::memmem::find(value, b"://").is_some() || value.starts_with(b"arn:aws") || value.starts_with(b"data:");
    // `Basic|Digest|NTLM`.
    let is_word = |part: &[u8]| {
        part.len() > 1 && part[0].is_ascii_alphabetic() && (part[1..].iter().all(u8::is_ascii_lowercase) || part.iter().all(u8::is_ascii_uppercase))
    };
    let is_choice = || value.split(|byte| *byte == b'|').count() > 2 && value.split(|byte| *byte == b'|').all(is_word);
    if is_address || is_mail(value) || is_choice() || value.split(|byte| *byte == b',').all(is_host_and_port) {
        return true;
    }
    let is_file = value.iter().rposition(|byte| *byte == b'.').is_some_and(|dot| {
        let ending = value[dot + 1..].to_ascii_lowercase();
        FILES.iter().any(|file| file.as_bytes() == ending)
    });
    if is_drawn {
        return is_file || is_path_of_words(value, has_root);
    }
    let is_plain =
        |part: &[u8]| part.split(|byte| matches!(byte, b'_' | b'-')).all(|word| word.len() < 3 || chance::is_word(word) || word.iter().all(u8::is_ascii_digit));
    let is_chain = |separator: u8| value.contains(&separator) && value.split(|byte| *byte == separator).all(is_plain);
    has_root || is_file || b"./:,|".iter().any(|separator| is_chain(*separator))
}

/// `kafka1:9092`.
fn is_host_and_port(part: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', part) else { return false };
    let (host, port) = (&part[..colon], &part[colon + 1..]);
    let is_of_host = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    (2..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit) && host.iter().all(is_of_host) && host.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// Whether it is a list or a path whose parts are words, numbers and short, words for the most part; if it begins like a path, half of it is enough.
fn is_path_of_words(value: &[u8], has_root: bool) -> bool {
    let parts = || value.split(|byte| matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b',' | b'|')).filter(|part| !part.is_empty());
    let (mut n_in_words, mut n_in_others, mut is_plain) = (0, 0, true);
    for part in parts().filter(|part| !part.iter().all(u8::is_ascii_digit)) {
        let is_word = is_numbered_word(part);
        n_in_words += if is_word { part.len() } else { 0 };
        n_in_others += if is_word { 0 } else { part.len() };
        is_plain &= is_word || part.len() < 3;
    }
    n_in_words >= n_in_others && n_in_words > 0 && (has_root || is_plain && parts().count() > 1)
}

fn is_mail(value: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', value) else { return false };
    let host = &value[at + 1..];
    let is_label = |part: &[u8]| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let ending = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    at > 0 && host.contains(&b'.') && host.split(|byte| *byte == b'.').all(is_label) && ending.len() > 1 && ending.iter().all(u8::is_ascii_alphabetic)
}
