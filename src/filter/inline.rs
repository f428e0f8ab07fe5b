//! Comments that suppress the finding beside them: keysift's own, and those of other scanners.
//!
//! A comment is recognized by its marker, as a word of its own, within [`NEAR`] bytes of the secret; the syntax of the language around it
//! is not looked at, for no other scanner does and no two languages agree. The secret itself is never searched for a marker.
//! Options of keysift's own marker stand after it, on the same line; those that cannot be read keep the comment from suppressing.

use jiff::civil::Date;
use memchr::memmem;

use super::{parse_date, readable_reason};
use crate::finding::Suppression;
use crate::secret::MASK;
use crate::span::Span;

/// How far from the secret a comment is looked for, in bytes. A minified file is one line: a comment counts where a reader would see it.
pub const NEAR: usize = 512;

/// A comment's marker.
struct Marker {
    /// As it is written.
    spelling: &'static str,
    /// As it is named in reports.
    by: &'static str,
}

const fn marker(spelling: &'static str) -> Marker {
    Marker { spelling, by: spelling }
}

const OWN: Marker = marker("keysift:allow");
const OWN_NEXT_LINE: Marker = marker("keysift:allow-next-line");

const ALLOWLIST: &str = "pragma: allowlist secret";
const WHITELIST: &str = "pragma: whitelist secret";
const ALLOWLIST_NEXT_LINE: &str = "pragma: allowlist nextline secret";

/// Other scanners' markers on the secret's own line: gitleaks, betterleaks, trufflehog, Kingfisher, secretlint, GitGuardian, and
/// detect-secrets, whose own pattern is `pragma: ?(allow|white)list[ -]secret`.
const PEERS: &[Marker] = &[
    marker("gitleaks:allow"),
    marker("betterleaks:allow"),
    marker("trufflehog:ignore"),
    marker("kingfisher:ignore"),
    marker("secretlint-disable-line"),
    marker("ggignore"),
    marker(ALLOWLIST),
    Marker { spelling: "pragma: allowlist-secret", by: ALLOWLIST },
    Marker { spelling: "pragma:allowlist secret", by: ALLOWLIST },
    Marker { spelling: "pragma:allowlist-secret", by: ALLOWLIST },
    marker(WHITELIST),
    Marker { spelling: "pragma: whitelist-secret", by: WHITELIST },
    Marker { spelling: "pragma:whitelist secret", by: WHITELIST },
    Marker { spelling: "pragma:whitelist-secret", by: WHITELIST },
];

/// Other scanners' markers on the line before.
const PEERS_NEXT_LINE: &[Marker] = &[
    marker("secretlint-disable-next-line"),
    marker(ALLOWLIST_NEXT_LINE),
    Marker { spelling: "pragma: allowlist-nextline-secret", by: ALLOWLIST_NEXT_LINE },
    Marker { spelling: "pragma:allowlist nextline secret", by: ALLOWLIST_NEXT_LINE },
    Marker { spelling: "pragma:allowlist-nextline-secret", by: ALLOWLIST_NEXT_LINE },
];

/// Whether a comment suppresses the secret that stands at `secret` in `line`; keysift's own comments come first.
///
/// The own line is searched [`NEAR`] bytes before the secret's first byte and after its last, the line before in its last [`NEAR`] bytes;
/// options may stand up to [`NEAR`] bytes further on. A span that reaches beyond the line is cut to it. `today` decides `until`, and
/// without `honor_peers` only keysift's own comments count. In the reason the secret is masked.
pub fn inline(line: &[u8], secret: Span, line_before: Option<&[u8]>, rule_id: &str, provider_id: &str, today: Date, honor_peers: bool) -> Option<Suppression> {
    let end = secret.end.min(line.len());
    let start = secret.start.min(end);
    let after_end = line.len().min(end + 2 * NEAR);
    let after = Stretch { text: &line[..after_end], searched: Span::new(end, line.len().min(end + NEAR)), is_cut: after_end < line.len() };
    let before = Stretch { text: &line[..start], searched: Span::new(start.saturating_sub(NEAR), start), is_cut: false };
    let above = line_before.map(|text| Stretch { text, searched: Span::new(text.len().saturating_sub(NEAR), text.len()), is_cut: false });

    let own = |stretch: &Stretch, marker: &Marker| {
        let reason = stretch.marked(marker).find_map(|options_at| {
            let options = Options::parse(&stretch.text[options_at..], stretch.is_cut)?;
            options.suppress(rule_id, provider_id, today).then_some(options.reason)
        })?;
        Some(Suppression { by: marker.by.to_owned(), reason: reason.and_then(|text| masked_reason(text, &line[start..end])) })
    };
    let peer = |stretch: &Stretch, markers: &[Marker]| {
        let marker = markers.iter().find(|marker| stretch.marked(marker).next().is_some())?;
        Some(Suppression { by: marker.by.to_owned(), reason: None })
    };
    let by_own = own(&after, &OWN).or_else(|| own(&before, &OWN)).or_else(|| own(above.as_ref()?, &OWN_NEXT_LINE));
    if by_own.is_some() || !honor_peers {
        return by_own;
    }
    peer(&after, PEERS).or_else(|| peer(&before, PEERS)).or_else(|| peer(above.as_ref()?, PEERS_NEXT_LINE))
}

/// A reason as text, with the secret masked in it: a suppression is shown wherever findings are.
fn masked_reason(reason: &[u8], secret: &[u8]) -> Option<String> {
    if secret.is_empty() {
        return readable_reason(&String::from_utf8_lossy(reason));
    }
    let mut shown = Vec::new();
    let mut done = 0;
    for at in memmem::find_iter(reason, secret) {
        shown.extend_from_slice(&reason[done..at]);
        shown.extend_from_slice(MASK.as_bytes());
        done = at + secret.len();
    }
    shown.extend_from_slice(&reason[done..]);
    readable_reason(&String::from_utf8_lossy(&shown))
}

/// A part of a line in which markers are looked for.
struct Stretch<'a> {
    /// The line up to where options may reach.
    text: &'a [u8],
    /// The part of `text` that may hold markers.
    searched: Span,
    /// Whether the line goes on after `text`.
    is_cut: bool,
}

impl Stretch<'_> {
    /// Where each whole word `marker` ends.
    fn marked<'m>(&'m self, marker: &'m Marker) -> impl Iterator<Item = usize> + 'm {
        let spelling = marker.spelling.as_bytes();
        memmem::find_iter(self.searched.of(self.text), spelling)
            .map(|at| Span::new(0, spelling.len()).shifted(self.searched.start + at))
            .filter(|&word| is_whole_word(self.text, word))
            .map(|word| word.end)
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether no longer word holds `word`. Punctuation joins words only where a word stands on its other side too, so that comment
/// delimiters (`--keysift:allow`, `keysift:allow-->`) and the end of a sentence separate; a dot before `word` makes it a file name.
fn is_whole_word(text: &[u8], word: Span) -> bool {
    let (before, after) = (&text[..word.start], &text[word.end..]);
    let joined_before = match before {
        [.., byte, b'-'] => is_word_byte(*byte),
        [.., byte] => is_word_byte(*byte) || *byte == b'.',
        [] => false,
    };
    let joined_after = match after {
        [b'-' | b':' | b'.' | b'/', byte, ..] => is_word_byte(*byte),
        [byte, ..] => is_word_byte(*byte),
        [] => false,
    };
    !joined_before && !joined_after
}

/// What stands after keysift's own marker.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options<'a> {
    /// Rules and providers it is for; all of them if empty.
    ids: Vec<&'a [u8]>,
    /// The last day on which it suppresses; of several dates the first counts.
    until: Option<Date>,
    reason: Option<&'a [u8]>,
}

impl<'a> Options<'a> {
    /// Reads the options in any order, with other words between them, up to the end of the comment or of the text. None if an option
    /// cannot be read: the user meant a limit that is not understood.
    fn parse(text: &'a [u8], is_cut: bool) -> Option<Self> {
        let mut options = Self::default();
        let mut at = 0;
        if let Some(list_at) = assigned_at(text, 0, b"=") {
            let list = trim_end(run(text, list_at, |byte| is_word_byte(byte) || matches!(byte, b'-' | b',')), b"-,");
            options.ids = list.split(|&byte| byte == b',').collect();
            at = list_at + list.len();
            if options.ids.iter().any(|id| id.is_empty()) || is_cut && at == text.len() {
                return None;
            }
        }
        while at < text.len() {
            if text[at..].starts_with(b"*/") || text[at..].starts_with(b"-->") {
                break;
            }
            let word = run(text, at, is_word_byte);
            let value_at = assigned_at(text, at + word.len(), b"=:");
            match (word, value_at) {
                (b"until", Some(value_at)) => {
                    let (value, end) = value(text, value_at, is_cut)?;
                    let date = parse_date(std::str::from_utf8(value).ok()?)?;
                    options.until = Some(options.until.map_or(date, |other| other.min(date)));
                    at = end;
                }
                (b"reason", Some(value_at)) => {
                    let (value, end) = value(text, value_at, is_cut)?;
                    options.reason = Some(value);
                    at = end;
                }
                _ => at += word.len().max(1),
            }
        }
        Some(options)
    }

    fn suppress(&self, rule_id: &str, provider_id: &str, today: Date) -> bool {
        let is_meant = self.ids.is_empty() || self.ids.iter().any(|&id| id == rule_id.as_bytes() || id == provider_id.as_bytes());
        is_meant && self.until.is_none_or(|until| today <= until)
    }
}

/// `text` without those of `bytes` that stand at its end.
fn trim_end<'a>(text: &'a [u8], bytes: &[u8]) -> &'a [u8] {
    let end = text.iter().rposition(|byte| !bytes.contains(byte)).map_or(0, |last| last + 1);
    &text[..end]
}

/// The longest run from `at` on of bytes that `fit`.
fn run(text: &[u8], at: usize, fit: impl Fn(u8) -> bool) -> &[u8] {
    let rest = &text[at..];
    let end = rest.iter().position(|&byte| !fit(byte)).unwrap_or(rest.len());
    &rest[..end]
}

/// Where the value begins if an assignment sign follows at `at`, blanks around it allowed.
fn assigned_at(text: &[u8], at: usize, signs: &[u8]) -> Option<usize> {
    let is_blank = |byte| matches!(byte, b' ' | b'\t');
    let sign_at = at + run(text, at, is_blank).len();
    signs.contains(text.get(sign_at)?).then(|| sign_at + 1 + run(text, sign_at + 1, is_blank).len())
}

/// The value that begins at `at`, in quotes (escaped ones too, for a comment inside of a string) or a single word, and where it ends.
/// None if its end is not in the text.
fn value(text: &[u8], at: usize, is_cut: bool) -> Option<(&[u8], usize)> {
    const QUOTES: [&[u8]; 4] = [b"\\\"", b"\\'", b"\"", b"'"];
    if let Some(quote) = QUOTES.into_iter().find(|quote| text[at..].starts_with(quote)) {
        let start = at + quote.len();
        let len = memmem::find(&text[start..], quote)?;
        return Some((&text[start..start + len], start + len + quote.len()));
    }
    let value = run(text, at, |byte| !byte.is_ascii_whitespace() && !b"\"'\\`,;)]}>*".contains(&byte));
    if is_cut && at + value.len() == text.len() {
        return None;
    }
    let value = trim_end(value, b"-.");
    Some((value, at + value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 6, 15);

    /// Asks about the secret `S3CR3T` in `line`, a `mistral-api-key` of `mistral`.
    fn ask(line: &str, line_before: Option<&str>, honor_peers: bool) -> Option<Suppression> {
        let at = line.find("S3CR3T").expect("each test line holds the secret");
        inline(line.as_bytes(), Span::new(at, at + 6), line_before.map(str::as_bytes), "mistral-api-key", "mistral", TODAY, honor_peers)
    }

    fn by(line: &str) -> Option<String> {
        ask(line, None, true).map(|suppression| suppression.by)
    }

    fn by_above(above: &str) -> Option<String> {
        ask("key = S3CR3T", Some(above), true).map(|suppression| suppression.by)
    }

    #[test]
    fn a_comment_on_the_own_line_suppresses_wherever_it_stands() {
        for line in [
            "key = S3CR3T # keysift:allow",
            "key = S3CR3T #keysift:allow\r",
            "key = 'S3CR3T' --keysift:allow",
            "<a k='S3CR3T'/> <!--keysift:allow-->",
            "/* keysift:allow */ key = S3CR3T",
            r#"{"note": "keysift:allow", "key": "S3CR3T"}"#,
            "key = S3CR3T # revoked (keysift:allow).",
        ] {
            assert_eq!(by(line).as_deref(), Some("keysift:allow"), "{line}");
        }
    }

    #[test]
    fn a_marker_inside_of_a_longer_word_is_none() {
        for line in [
            "key = S3CR3T # xkeysift:allow",
            "key = S3CR3T # keysift:allowed",
            "key = S3CR3T # keysift:allow-list",
            "key = S3CR3T # keysift:allow:mistral",
            "key = S3CR3T # not-keysift:allow",
            "key = S3CR3T # keysift:allow-next-line",
            "cp .ggignore S3CR3T",
            "key = S3CR3T # ggignored",
            "key = S3CR3T # ggignore_all",
        ] {
            assert_eq!(by(line), None, "{line}");
        }
    }

    #[test]
    fn a_marker_inside_of_the_secret_is_none() {
        let line = b"password = pa-keysift:allow -ss";
        assert_eq!(inline(line, Span::new(11, line.len()), None, "r", "p", TODAY, true), None);
    }

    #[test]
    fn other_scanners_comments_count_unless_switched_off() {
        for (line, marker) in [
            ("k = S3CR3T # gitleaks:allow", "gitleaks:allow"),
            ("k = S3CR3T # betterleaks:allow", "betterleaks:allow"),
            ("k = S3CR3T // trufflehog:ignore", "trufflehog:ignore"),
            ("k = S3CR3T // kingfisher:ignore", "kingfisher:ignore"),
            ("k = S3CR3T  # pragma: allowlist secret", "pragma: allowlist secret"),
            ("k = S3CR3T  # pragma:allowlist secret", "pragma: allowlist secret"),
            ("k = S3CR3T  # pragma: whitelist secret", "pragma: whitelist secret"),
            ("k = S3CR3T # ggignore", "ggignore"),
            ("k = S3CR3T # ggignore old-test-key", "ggignore"),
            ("k = S3CR3T // secretlint-disable-line", "secretlint-disable-line"),
        ] {
            assert_eq!(by(line).as_deref(), Some(marker), "{line}");
            assert_eq!(ask(line, None, false), None, "{line}");
        }
        assert!(ask("k = S3CR3T # keysift:allow", None, false).is_some());
    }

    #[test]
    fn only_next_line_markers_reach_over_from_the_line_before() {
        for (above, marker) in [
            ("# keysift:allow-next-line", "keysift:allow-next-line"),
            ("# keysift:allow-next-line=mistral", "keysift:allow-next-line"),
            ("# pragma: allowlist nextline secret", "pragma: allowlist nextline secret"),
            ("// secretlint-disable-next-line", "secretlint-disable-next-line"),
        ] {
            assert_eq!(by_above(above).as_deref(), Some(marker), "{above}");
        }
        for above in ["# keysift:allow", "# gitleaks:allow", "# pragma: allowlist secret", "# keysift:allow-next-line=openai"] {
            assert_eq!(by_above(above), None, "{above}");
        }
    }

    #[test]
    fn a_comment_for_named_rules_suppresses_only_those() {
        assert!(by("S3CR3T # keysift:allow=mistral-api-key").is_some());
        assert!(by("S3CR3T # keysift:allow=openai,mistral").is_some());
        assert!(by("<!-- S3CR3T keysift:allow=mistral-->").is_some());
        assert!(by("S3CR3T # keysift:allow = mistral").is_some());
        for list in ["=openai", "=mistral-api", "=", "=,", "= ", "=,mistral", " = openai"] {
            assert_eq!(by(&format!("S3CR3T # keysift:allow{list}")), None, "{list}");
        }
    }

    #[test]
    fn a_comment_ends_with_its_last_day() {
        for until in ["until=2026-06-15", "until=\"2026-06-15\"", "until=2026-06-15-->", "until=2026-06-15*/", "old until=2027-01-01."] {
            assert!(by(&format!("S3CR3T # keysift:allow {until}")).is_some(), "{until}");
        }
        for until in [
            "until=2026-06-14",
            "reason=\"x\" until=2026-06-14",
            "until=2026-06-14 until=2027-01-01",
            "because of the old key, until: 2026-01-01",
            "until=soon",
            "until=",
            "until=2026-13-01",
            "until=2027-01-01T00:00",
            "reason=\"never closed until=2027-01-01",
        ] {
            assert_eq!(by(&format!("S3CR3T # keysift:allow {until}")), None, "{until}");
        }
        assert!(by("/* keysift:allow */ login('S3CR3T', until = now)").is_some(), "options end with the comment");
    }

    #[test]
    fn the_reason_is_readable_bounded_and_holds_no_secret() {
        let reason = |comment: &str| ask(&format!("k = S3CR3T # keysift:allow{comment}"), None, true).and_then(|s| s.reason);
        assert_eq!(reason(" reason=\"a recorded cassette\" until=2027-01-01").as_deref(), Some("a recorded cassette"));
        assert_eq!(reason("=mistral reason='it is revoked'").as_deref(), Some("it is revoked"));
        assert_eq!(reason(r#" reason=\"in a string\""#).as_deref(), Some("in a string"));
        assert_eq!(reason(" reason=revoked, really").as_deref(), Some("revoked"));
        assert_eq!(reason(" reason=\"\x1b[31mred\x07\"").as_deref(), Some("[31mred"));
        assert_eq!(reason(" reason=\"S3CR3T is revoked\"").as_deref(), Some("******** is revoked"));
        assert_eq!(reason(&format!(" reason=\"{}\"", "x".repeat(300))), Some("x".repeat(200)));
        assert_eq!(reason(" revoked"), None);
    }

    #[test]
    fn in_a_minified_line_only_a_near_comment_counts() {
        let far = " ".repeat(NEAR);
        let near = " ".repeat(NEAR - "/*keysift:allow*/".len());
        assert!(by(&format!("S3CR3T{near}/*keysift:allow*/{far}{far}")).is_some());
        assert!(by(&format!("{far}/*keysift:allow*/{near}S3CR3T{far}")).is_some());
        assert_eq!(by(&format!("S3CR3T{far}/*keysift:allow*/")), None);
        assert_eq!(by(&format!("/*keysift:allow*/{far}S3CR3T")), None);
        assert_eq!(by_above(&format!("/*keysift:allow-next-line*/{far}")), None);
    }

    #[test]
    fn an_option_cut_off_by_the_limit_does_not_suppress() {
        let reason = "x".repeat(2 * NEAR);
        assert_eq!(by(&format!("S3CR3T # keysift:allow reason=\"{reason}\" until=2020-01-01")), None);
        assert_eq!(by(&format!("S3CR3T # keysift:allow reason={reason} until=2020-01-01")), None);
        assert_eq!(by(&format!("S3CR3T # keysift:allow=mistral,{reason},openai")), None);
    }

    #[test]
    fn a_secret_that_reaches_beyond_the_line_is_cut_to_it() {
        let line = b"# keysift:allow -----BEGIN";
        assert!(inline(line, Span::new(16, 999), None, "r", "p", TODAY, true).is_some());
        assert_eq!(inline(b"", Span::new(5, 9), Some(b""), "r", "p", TODAY, true), None);
    }
}
