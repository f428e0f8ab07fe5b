//! How an entry of a baseline names a secret without holding it.
//!
//! A baseline is committed, and may be read by whoever reads the repository, long after the secret was removed from it. So it holds keyed
//! digests, and even those only of secrets too random to guess: with the salt beside it, the digest of a password, short or made of words, tells
//! each guess right or wrong. A guessable secret is named by the text around it on its line instead, and by eight bits of its digest. These bits are few
//! enough that one guess in 256 fits, and so tell nobody which is right; yet another secret in the same place is seen 255 times in 256.

use crate::finding::{Excerpt, Finding};
use crate::number::{byte_of_hex, hex};
use crate::secret::{N_KEYED, Secret, keyed_digest};
use crate::span::Span;

/// Random bytes that make the digests of one baseline differ from those of all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salt([u8; N_KEYED]);

impl Salt {
    /// The salt of these bytes, which should be random.
    pub const fn new(bytes: [u8; N_KEYED]) -> Self {
        Self(bytes)
    }

    /// Parses 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }

    /// The salt as 32 hexadecimal digits.
    pub fn text(&self) -> String {
        hex(&self.0)
    }
}

/// What tells an entry's secret from others at its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The keyed digest of the secret.
    Content([u8; N_KEYED]),
    /// For a secret that can be guessed: the keyed digest of the line without it, and the first byte of its own.
    Line([u8; N_KEYED], u8),
    /// The secret itself, as in a gitleaks report.
    Secret(Secret),
    /// The SHA-1 of the secret, as detect-secrets writes it.
    Sha1([u8; 20]),
    /// The line on which it stands, from 1, as in a `.gitleaksignore`.
    LineNumber(u64),
}

impl Mark {
    /// The mark that keysift writes for `finding`.
    pub fn of(finding: &Finding, salt: &Salt) -> Self {
        if finding.is_guessable() { Self::of_line(finding, salt, begins_with_mark(finding)) } else { Self::content(&finding.secret, salt) }
    }

    /// The marks that accept `finding`: that of today, and those that older versions wrote, which took a password for random if only it was long and had
    /// characters of several kinds, and a byte order mark for a part of its line.
    pub fn all_of(finding: &Finding, salt: &Salt) -> Vec<Self> {
        let mut marks = vec![Self::of(finding, salt)];
        if finding.is_guessable() {
            marks.push(Self::content(&finding.secret, salt));
            marks.extend(begins_with_mark(finding).then(|| Self::of_line(finding, salt, false)));
        }
        marks
    }

    /// The mark by the secret alone.
    pub fn content(secret: &Secret, salt: &Salt) -> Self {
        Self::Content(secret.keyed_digest(&salt.0))
    }

    /// The mark by the line, without the byte order mark before it if `skips_mark`.
    fn of_line(finding: &Finding, salt: &Salt, skips_mark: bool) -> Self {
        let from = if skips_mark { BYTE_ORDER_MARK.len() } else { 0 };
        Self::Line(keyed_digest(&salt.0, &[b"line", &surroundings(&finding.excerpt, from)]), finding.secret.keyed_digest(&salt.0)[0])
    }

    /// Parses `content:` with 32 hexadecimal digits, or `line:` with 32, a `-`, and two.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digest) = text.strip_prefix("content:") {
            return parse_hex(digest).map(Self::Content);
        }
        let (line, check) = text.strip_prefix("line:")?.split_once('-')?;
        Some(Self::Line(parse_hex(line)?, parse_hex::<1>(check)?[0]))
    }

    /// The mark of the secret with this SHA-1, 40 hexadecimal digits.
    pub fn parse_sha1(text: &str) -> Option<Self> {
        parse_hex(text).map(Self::Sha1)
    }

    /// The mark as [`Mark::parse`] reads it; none for those that only other scanners write.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Content(digest) => Some(format!("content:{}", hex(digest))),
            Self::Line(line, check) => Some(format!("line:{}-{check:02x}", hex(line))),
            Self::Secret(_) | Self::Sha1(_) | Self::LineNumber(_) => None,
        }
    }
}

/// What editors put before the first line of a file, and take away again.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a byte order mark stands before the finding's line.
fn begins_with_mark(finding: &Finding) -> bool {
    #[expect(clippy::disallowed_methods, reason = "looks at what stands before the line")]
    let line = finding.excerpt.line.expose();
    !finding.excerpt.is_cut.0 && line.starts_with(BYTE_ORDER_MARK)
}

/// What stands around the secret on its line from `from` on, in a form that indentation, spacing, quotes and trailing punctuation do not change.
///
/// Every secret found on the line is left out, not only the finding's own: the digest of the rest must not be one of another password.
fn surroundings(excerpt: &Excerpt, from: usize) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "what is no secret is hashed, the secrets are cut out")]
    let line = excerpt.line.expose();
    // Stands for a secret; no text that is scanned as such holds it.
    const CUT_OUT: u8 = 0;
    let is_layout = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'\\');
    let mut kept = Vec::with_capacity(line.len());
    let mut put = |span: Span| kept.extend(span.of(line).iter().copied().filter(|&byte| !is_layout(byte)).chain([CUT_OUT]));
    let mut at = from;
    let mut spans: Vec<Span> = excerpt.masked.iter().copied().chain([excerpt.secret]).collect();
    spans.sort_unstable();
    for span in spans {
        if span.start >= at {
            put(Span::new(at, span.start));
        }
        at = at.max(span.end);
    }
    put(Span::new(at, line.len()));
    kept
}

/// `N` bytes from twice as many hexadecimal digits.
fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = byte_of_hex(&text.as_bytes()[2 * i..])?;
    }
    Some(bytes)
}
