//! Azure's shared access signatures: until when one works (`se=`), which stands in the same query of an address.

use jiff::civil::Date;

use super::until;
use crate::finding::Evidence;

/// How far in front of a signature its query may begin.
const REACH: usize = 400;

/// Reads a signature; `before` is the text in front of it.
pub fn read(key: &[u8], before: &[u8], today: Date) -> Vec<Evidence> {
    let before = &before[before.len().saturating_sub(REACH)..];
    let is_outside = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'?' | b'<' | b'>' | b'`');
    let query = &before[before.iter().rposition(is_outside).map_or(0, |at| at + 1)..];
    let mut parameters = [query, key].into_iter().flat_map(|part| part.split(|byte| matches!(byte, b'&' | b';')));
    let end = parameters.find_map(|parameter| {
        let day = parameter.strip_prefix(b"se=")?.get(..10)?;
        std::str::from_utf8(day).ok()?.parse::<Date>().ok()
    });
    end.map(|end| until(end, today)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_read_from_either_side() {
        let today = Date::constant(2026, 1, 1);
        let kind = |key: &str, before: &str| read(key.as_bytes(), before.as_bytes(), today).first().map(|piece| piece.kind);
        assert_eq!(kind("sv=2022-11-02&se=2025-05-01T00%3A00Z&sig=x", ""), Some("expired"));
        assert_eq!(kind("sv=2022-11-02&sr=b&sig=x", "https://acme.blob.core.windows.net/a?sp=r&st=2020-01-01&se=2030-05-01&"), Some("valid-until"));
        assert_eq!(kind("sv=2022-11-02&sr=b&sig=x", "se=2020-01-01 \""), None, "of another text");
        assert_eq!(kind("sv=2022-11-02&se=tomorrow&sig=x", ""), None);
    }
}
