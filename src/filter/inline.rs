//! Comments that suppress the finding beside them: keysift's own, and those of other scanners.
//!
//! A comment is recognized by its marker, as a word of its own, within [`NEAR`] bytes of the secret; the syntax of the language around it
//! is not looked at, for no other scanner does and no two languages agree. The secret itself is never searched for a marker.
//! Options of keysift's own marker stand after it, on the same line; those that cannot be read keep the comment from suppressing.

use std::sync::OnceLock;

use jiff::civil::Date;
use memchr::memmem::{self, Finder};

use super::options::Options;
use super::readable_reason;
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

/// What people write who have another scanner's comments in mind. It suppresses nothing, and is told.
const MISTAKEN: &[Marker] = &[
    marker("keysift:ignore"),
    marker("keysift:disable"),
    marker("keysift:skip"),
    marker("keysift: allow"),
    marker("keysift: ignore"),
    marker("keysift-allow"),
    marker("keysift-ignore"),
];

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
    let Around { after, before, above } = Around::new(line, secret, line_before);
    if ![Some(&after), Some(&before), above.as_ref()].into_iter().flatten().any(Stretch::may_be_marked) {
        return None;
    }
    let secret = secret.of(line);

    let own = |stretch: &Stretch, marker: &Marker| {
        let reason = stretch.marked(marker).find_map(|options_at| {
            let options = Options::parse(&stretch.text[options_at..], stretch.is_cut).ok()?;
            options.check(rule_id, provider_id, today).is_ok().then_some(options.reason)
        })?;
        Some(Suppression { by: marker.by.to_owned(), reason: reason.and_then(|text| masked_reason(text, secret)) })
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

/// Why keysift's own comment beside the secret, which [`inline`] was asked about, does not suppress it; none if there is no such comment. A comment that
/// suppresses is none of its business. The line before counts where it holds a comment and nothing else, or one for the next line.
pub fn unheard(line: &[u8], secret: Span, line_before: Option<&[u8]>, rule_id: &str, provider_id: &str, today: Date) -> Option<String> {
    if ![Some(line), line_before].into_iter().flatten().any(|text| names().find(text).is_some()) {
        return None;
    }
    let Around { after, before, above } = Around::new(line, secret, line_before);
    let why = |stretch: &Stretch, marker: &Marker| {
        let refused = |options_at: usize| match Options::parse(&stretch.text[options_at..], stretch.is_cut) {
            Ok(options) => options.check(rule_id, provider_id, today).err(),
            Err(refusal) => Some(refusal),
        };
        let why = stretch.marked(marker).find_map(refused)?.text(rule_id, provider_id);
        Some(format!("the comment `{}` does not count: {why}", marker.by))
    };
    let own = why(&after, &OWN).or_else(|| why(&before, &OWN));
    own.or_else(|| why(above.as_ref()?, &OWN_NEXT_LINE)).or_else(|| misplaced(line, secret, above.as_ref()))
}

/// The same for a comment at a place where it does not count.
fn misplaced(line: &[u8], secret: Span, above: Option<&Stretch>) -> Option<String> {
    let end = secret.end.min(line.len());
    let sides = [Span::new(end, line.len()), Span::new(0, secret.start.min(end))];
    let on_line = |marker: &Marker| {
        let mut stretches = sides.iter().map(|&searched| Stretch { text: line, searched, is_cut: false });
        stretches.any(|stretch| stretch.marked(marker).next().is_some())
    };
    let is_above = |above: &Stretch| {
        let is_only_comment = |end: usize| !above.text[..end - OWN.spelling.len()].iter().any(u8::is_ascii_alphanumeric);
        above.marked(&OWN).next().is_some_and(is_only_comment)
    };
    if on_line(&OWN) {
        Some(format!("the comment `{}` does not count: it stands more than {NEAR} bytes from the secret", OWN.by))
    } else if on_line(&OWN_NEXT_LINE) {
        Some(format!("the comment `{}` does not count: it is for the line below it; on the same line write `{}`", OWN_NEXT_LINE.by, OWN.by))
    } else if above.is_some_and(is_above) {
        Some(format!("the comment `{}` on the line above does not count: it is for its own line; write `{}`", OWN.by, OWN_NEXT_LINE.by))
    } else {
        let mistaken = MISTAKEN.iter().find(|marker| on_line(marker))?;
        Some(format!("there is no comment `{}`: write `{}`", mistaken.by, OWN.by))
    }
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

/// Where comments may stand around a secret.
struct Around<'a> {
    after: Stretch<'a>,
    before: Stretch<'a>,
    above: Option<Stretch<'a>>,
}

impl<'a> Around<'a> {
    fn new(line: &'a [u8], secret: Span, line_before: Option<&'a [u8]>) -> Self {
        let end = secret.end.min(line.len());
        let start = secret.start.min(end);
        let after_end = line.len().min(end + 2 * NEAR);
        Self {
            after: Stretch { text: &line[..after_end], searched: Span::new(end, line.len().min(end + NEAR)), is_cut: after_end < line.len() },
            before: Stretch { text: &line[..start], searched: Span::new(start.saturating_sub(NEAR), start), is_cut: false },
            above: line_before.map(|text| Stretch { text, searched: Span::new(text.len().saturating_sub(NEAR), text.len()), is_cut: false }),
        }
    }
}

/// Words of which each marker that suppresses has one: a look for them is several times cheaper than one for each marker.
const STEMS: [&str; 4] = ["allow", "ignore", "disable", "whitelist"];
/// What each of keysift's own markers has, those that are mistaken, too.
const NAME: &str = "keysift";

fn stems() -> &'static [Finder<'static>] {
    static FINDERS: OnceLock<Vec<Finder<'static>>> = OnceLock::new();
    FINDERS.get_or_init(|| STEMS.iter().map(|stem| Finder::new(*stem)).collect())
}

fn names() -> &'static Finder<'static> {
    static FINDER: OnceLock<Finder<'static>> = OnceLock::new();
    FINDER.get_or_init(|| Finder::new(NAME))
}

impl Stretch<'_> {
    /// Whether a marker that suppresses may stand here.
    fn may_be_marked(&self) -> bool {
        stems().iter().any(|stem| stem.find(self.searched.of(self.text)).is_some())
    }

    /// Where each whole word `marker` ends.
    fn marked<'m>(&'m self, marker: &'m Marker) -> impl Iterator<Item = usize> + 'm {
        let spelling = marker.spelling.as_bytes();
        memmem::find_iter(self.searched.of(self.text), spelling)
            .map(|at| Span::new(0, spelling.len()).shifted(self.searched.start + at))
            .filter(|&word| is_whole_word(self.text, word))
            .map(|word| word.end)
    }
}

pub(super) fn is_word_byte(byte: u8) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 6, 15);

    #[test]
    fn each_marker_has_what_is_looked_for_first() {
        let own = [&OWN, &OWN_NEXT_LINE];
        for marker in own.into_iter().chain(PEERS).chain(PEERS_NEXT_LINE) {
            assert!(STEMS.iter().any(|stem| marker.spelling.contains(stem)), "{}", marker.spelling);
        }
        for marker in own.into_iter().chain(MISTAKEN) {
            assert!(marker.spelling.contains(NAME), "{}", marker.spelling);
        }
    }

    /// Why the comment beside `S3CR3T` does not suppress it.
    fn why(line: &str, above: Option<&str>) -> String {
        assert_eq!(ask(line, above, true), None, "{line}");
        let at = line.find("S3CR3T").expect("each test line holds the secret");
        let text = |line: &str| line.as_bytes().to_vec();
        let above = above.map(text);
        unheard(line.as_bytes(), Span::new(at, at + 6), above.as_deref(), "mistral-api-key", "mistral", TODAY).unwrap_or_default()
    }

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
    fn an_unknown_option_does_not_suppress() {
        for option in ["expires=2027-01-01", "utnil=2027-01-01", "until=2027-01-01 owner=me", "Until=2027-01-01", "expires = 2027-01-01", "expires-on='soon'"] {
            assert_eq!(by(&format!("S3CR3T # keysift:allow {option}")), None, "{option}");
            assert_eq!(by(&format!("/* keysift:allow {option} */ key = S3CR3T")), None, "{option}");
        }
        for text in ["see https://a.example/?b=c&d=e", "if x == 1", "run --flag=x", "it's a test"] {
            assert!(by(&format!("S3CR3T # keysift:allow {text}")).is_some(), "{text}");
        }
        for line in ["<a note=\"keysift:allow\" b=\"c\" key=\"S3CR3T\">", "{# keysift:allow #} a = 1; key = \"S3CR3T\"", "# keysift:allow key=S3CR3T"] {
            assert!(by(line).is_some(), "what follows is no option: {line}");
        }
    }

    #[test]
    fn a_comment_that_does_not_suppress_is_told_why() {
        for (comment, expected) in [
            ("keysift:allow=mistal-api-key", "it is for `mistal-api-key` (did you mean `mistral-api-key`?), and this is `mistral-api-key` of `mistral`"),
            ("keysift:allow=openai,groq", "it is for `openai`, `groq`, and this is `mistral-api-key` of `mistral`"),
            ("keysift:allow until=2026-06-14", "it expired on 2026-06-14"),
            ("keysift:allow until=soon", "its `until` is no date YYYY-MM-DD"),
            ("keysift:allow utnil=2027-01-01", "it has an unknown option `utnil` (did you mean `until`?)"),
            ("keysift:allow x=1", "it has an unknown option `x` (known are `until` and `reason`)"),
            ("keysift:allow=", "its list of rules has an empty item"),
            ("keysift:allow reason=\"open", "a value does not end"),
            ("keysift:allow-next-line", "it is for the line below it; on the same line write `keysift:allow`"),
        ] {
            let why = why(&format!("key = S3CR3T # {comment}"), None);
            assert!(why.ends_with(expected), "{comment}: {why}");
        }
        assert!(why("key = S3CR3T", Some("# keysift:allow")).contains("on the line above does not count"));
        assert!(why("key = S3CR3T", Some("# keysift:allow-next-line=openai")).contains("it is for `openai`"));
        assert!(why(&format!("key = S3CR3T {} # keysift:allow", " ".repeat(NEAR)), None).contains("more than 512 bytes"));
        assert_eq!(why("key = S3CR3T # keysift:ignore", None), "there is no comment `keysift:ignore`: write `keysift:allow`");
        assert_eq!(why("key = S3CR3T #keysift: allow", None), "there is no comment `keysift: allow`: write `keysift:allow`");
        for (line, above) in [("key = S3CR3T", None), ("key = S3CR3T", Some("other = 1 # keysift:allow")), ("key = S3CR3T # keysift:allowed", None)] {
            assert_eq!(why(line, above), "", "{line}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for comment in ["keysift:allow=a1b2c3d4e5f6a7b8c9d0", "keysift:allow a1b2c3d4e5f6a7b8c9d0=1"] {
            let why = why(&format!("key = S3CR3T # {comment}"), None);
            assert!(!why.is_empty() && !why.contains("a1b2"), "{why}");
        }
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
