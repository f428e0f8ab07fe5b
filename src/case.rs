//! Case styles: where the words of a name begin, in `snake_case`, `kebab-case`, `camelCase` and `HTTPServer` alike.
//!
//! This is for what asks which words a name has. What only weighs how likely a text is (`score::chance`, `score::value`, the strength of a password) splits it as its
//! numbers were counted.

/// Whether a capital begins a word at `at`, which is not the first byte: behind a small letter or a digit, or as the last of several capitals.
pub fn is_hump(name: &[u8], at: usize) -> bool {
    let is_capital_before_small = || name[at - 1].is_ascii_uppercase() && name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    name[at].is_ascii_uppercase() && (name[at - 1].is_ascii_lowercase() || name[at - 1].is_ascii_digit() || is_capital_before_small())
}

/// The words of `name` as they are written: cut at everything that is no letter or digit, and at humps. A number belongs to the word before it.
pub fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + name[at..].iter().position(u8::is_ascii_alphanumeric)?;
        at = (start + 1..name.len()).find(|&i| !name[i].is_ascii_alphanumeric() || is_hump(name, i)).unwrap_or(name.len());
        Some(&name[start..at])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_has_the_same_words() {
        let of = |name: &'static str| words(name.as_bytes()).map(|word| std::str::from_utf8(word).expect("ASCII")).collect::<Vec<_>>();
        for name in ["api_key", "api-key", "api.key", "--api-key", "$api::key"] {
            assert_eq!(of(name), ["api", "key"], "{name}");
        }
        assert_eq!(of("HTTPServer2Of_maxBytes"), ["HTTP", "Server2", "Of", "max", "Bytes"]);
        assert_eq!(of("tokenURL"), ["token", "URL"]);
        assert!(of("").is_empty() && of("--").is_empty());
    }
}
