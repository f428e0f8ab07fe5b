//! Paths as URIs (RFC 3986), for reports that are read as such.

use crate::blob::path_bytes;

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uri {
    /// Below the report's root.
    Relative(String),
    /// Elsewhere: a `file:` URI.
    Absolute(String),
}

/// The URI of `path`, which is relative to `root` or absolute.
pub fn of(path: &str, root: &str) -> Uri {
    match absolute(path, root) {
        Some(absolute) => Uri::Absolute(file_uri(&absolute)),
        None => Uri::Relative(encode(path.strip_prefix("./").unwrap_or(path))),
    }
}

/// The URI of the folder `path`, which ends in `/`; none if the path is not absolute.
pub fn of_folder(path: &str) -> Option<String> {
    let uri = is_absolute(path).then(|| file_uri(path))?;
    Some(if uri.ends_with('/') { uri } else { uri + "/" })
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || cfg!(windows) && path.as_bytes().get(1) == Some(&b':')
}

/// The path from the file system's root, for one that is absolute or leads out of `root`: a relative URI must stay below its base.
fn absolute(path: &str, root: &str) -> Option<String> {
    if is_absolute(path) {
        return Some(path.to_owned());
    }
    if !path.split('/').any(|part| part == "..") || !is_absolute(root) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in root.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(format!("{}{}", if root.starts_with('/') { "/" } else { "" }, parts.join("/")))
}

/// The URI of an absolute path: `/a` is `file:///a`, `C:/a` is `file:///C:/a`, `//server/share` is `file://server/share`.
fn file_uri(path: &str) -> String {
    let path = path.strip_prefix("//?/").unwrap_or(path);
    match path.strip_prefix("//") {
        Some(share) => format!("file://{}", encode(share)),
        None if path.as_bytes().get(1) == Some(&b':') => format!("file:///{}:{}", &path[..1], encode(&path[2..])),
        None => format!("file:///{}", encode(path.trim_start_matches('/'))),
    }
}

/// RFC 3986: of the path's own bytes, everything but unreserved characters and `/` as `%XX`; also a `:`, which would make a relative path's first
/// part a scheme.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path_bytes(path) {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        let relative = |uri: &str| Uri::Relative(uri.to_owned());
        let absolute = |uri: &str| Uri::Absolute(uri.to_owned());
        assert_eq!(of("src/a.py", "/r"), relative("src/a.py"));
        assert_eq!(of("./src/a.py", "/r"), relative("src/a.py"));
        assert_eq!(of("a b/50%#?é:.py", "/r"), relative("a%20b/50%25%23%3F%C3%A9%3A.py"));
        assert_eq!(of("nonutf%FF", "/r"), relative("nonutf%FF"), "its bytes are escaped once");
        assert_eq!(of("utf8%25FF", "/r"), relative("utf8%25FF"));
        assert_eq!(of("/etc/a b", "/r"), absolute("file:///etc/a%20b"));
        assert_eq!(of("../other/./a", "/home/me"), absolute("file:///home/other/a"));
        assert_eq!(of("../../../../a", "/home/me"), absolute("file:///a"));
        assert_eq!(file_uri("C:/a b"), "file:///C:/a%20b");
        assert_eq!(file_uri("//?/C:/a"), "file:///C:/a");
        assert_eq!(file_uri("//server/share/a"), "file://server/share/a");
        assert_eq!(of_folder("/home/me/my project").as_deref(), Some("file:///home/me/my%20project/"));
        assert_eq!(of_folder("/").as_deref(), Some("file:///"));
        assert_eq!(of_folder(""), None);
    }
}
