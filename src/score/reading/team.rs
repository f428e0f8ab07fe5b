//! Slack's webhooks and app tokens, which name the workspace and the app they belong to.

use super::{SAID, piece, shown};
use crate::finding::Evidence;

/// Reads the id of the workspace (`T…`) from a webhook's address, and that of the app (`A…`) from an app token.
pub fn read(key: &[u8]) -> Vec<Evidence> {
    let is_id = |part: &&[u8], first: u8| {
        (9..=12).contains(&part.len()) && part[0] == first && part.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let id =
        |separator: u8, first: u8| key.split(|byte| *byte == separator).find(|part| is_id(part, first)).and_then(|part| shown(&String::from_utf8_lossy(part)));
    let team = id(b'/', b'T').map(|team| piece("workspace", SAID, format!("its workspace is {team}")));
    let app = id(b'-', b'A').filter(|_| key.starts_with(b"xapp-")).map(|app| piece("app", SAID, format!("its app is {app}")));
    team.into_iter().chain(app).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(key: &str) -> Vec<String> {
        read(key.as_bytes()).into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn workspaces_and_apps_are_named() {
        assert_eq!(texts("hooks.slack.com/services/T0123ABCD/B0123ABCD/secret"), ["its workspace is T0123ABCD"]);
        assert_eq!(texts("xapp-1-A0123ABCDEF-1234-secret"), ["its app is A0123ABCDEF"]);
        assert!(texts("xoxb-1234-5678-secret").is_empty());
    }
}
