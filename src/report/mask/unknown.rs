//! What looks like a secret in a quoted text, whether a rule knows it or not: random tokens, what a name or its place tells to be one (`named`), and
//! passwords in URLs.
//!
//! It only hides. That nothing is hidden is no proof that nothing is there: a password made of words looks like any other text where no name stands. A token that touches a
//! place where the text was cut is hidden whatever it looks like, for the greater part of it may be missing.

use super::named;
use super::readable::is_readable;
use crate::look::Look;
use crate::span::Span;

/// The shortest token that can look random.
const SHORTEST: usize = 8;
/// The shortest token that a look at how often it changes tells to be random.
const SHORTEST_LOOKED_AT: usize = 16;
/// The longest text without spaces and quotes that may be a password with marks.
const LONGEST_MARKED: usize = 64;
/// The shortest run with `+` or `/` that can look random.
const SHORTEST_BASE64: usize = 24;
/// Characters that are looked at together; of a longer token every [`STEP`] characters.
const N_LOOK: usize = 32;
const STEP: usize = 4;

/// Where such things stand in `text`, besides what is `known` to be a secret: in order, without overlaps. `is_cut` says whether the text goes on to the left
/// and to the right of what is here.
pub fn find(text: &[u8], known: &[Span], is_cut: (bool, bool)) -> Vec<Span> {
    let mut rest = text.to_owned();
    known.iter().for_each(|span| rest[span.start..span.end].fill(0));
    let mut spans = cut_tokens(&rest, is_cut);
    spans.extend(passwords(&rest, is_cut));
    spans.extend(named::find(&rest));
    with_random(&mut rest, spans)
}

/// [`find`] for a sentence of ours that quotes words of a source: `the name auth: …` tells of no secret there.
pub fn find_random(text: &[u8]) -> Vec<Span> {
    let spans = passwords(text, (false, false));
    with_random(&mut text.to_owned(), spans)
}

/// The spans, and what looks random beside them.
fn with_random(rest: &mut [u8], mut spans: Vec<Span>) -> Vec<Span> {
    // Of these the short pieces between `+` and `/` are hidden as well.
    spans.extend(runs(rest, is_of_base64).filter(|run| run.len() >= SHORTEST_BASE64 && looks_like_base64(run.of(rest))));
    spans.extend(runs(rest, is_unbroken).filter(|run| looks_drawn_with_marks(run.of(rest))));
    spans.iter().for_each(|span| rest[span.start..span.end].fill(0));
    for token in runs(rest, is_of_token).filter(|token| token.len() >= SHORTEST) {
        if token.len() >= SHORTEST_LOOKED_AT && looks_random(token.of(rest)) || looks_drawn(token.of(rest)) {
            spans.push(token);
        } else {
            let of_text = |part: Span| Span::new(token.start + part.start, token.start + part.end);
            let parts = runs(token.of(rest), |byte| byte.is_ascii_alphanumeric()).map(of_text);
            spans.extend(parts.filter(|part| part.len() >= SHORTEST && !is_readable(part.of(rest))));
        }
    }
    super::merged(spans)
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_of_base64(byte: u8) -> bool {
    is_of_token(byte) || matches!(byte, b'+' | b'/')
}

/// The longest runs of bytes for which `is_one` holds.
fn runs(text: &[u8], is_one: impl Fn(u8) -> bool) -> impl Iterator<Item = Span> {
    let mut at = 0;
    let pieces = text.chunk_by(|&a, &b| is_one(a) == is_one(b)).map(|piece| {
        at += piece.len();
        (Span::new(at - piece.len(), at), is_one(piece[0]))
    });
    pieces.filter(|(_, is_run)| *is_run).map(|(span, _)| span).collect::<Vec<_>>().into_iter()
}

/// The tokens at the ends of the text, where it was cut there.
fn cut_tokens(text: &[u8], is_cut: (bool, bool)) -> Vec<Span> {
    let first = text.iter().position(|&byte| !is_of_base64(byte)).unwrap_or(text.len());
    let last = text.iter().rposition(|&byte| !is_of_base64(byte)).map_or(0, |at| at + 1);
    let ends = [(is_cut.0, Span::new(0, first)), (is_cut.1, Span::new(last, text.len()))];
    ends.into_iter().filter(|(is_cut, span)| *is_cut && !span.is_empty()).map(|(_, span)| span).collect()
}

/// What stands between spaces, quotes, and the marks by which code gives values.
fn is_unbroken(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'=' | b':' | b',' | b';' | b'(' | b')')
}

/// Whether a text without spaces is rather a password with marks than code: letters of both cases, digits and marks that take turns nearly everywhere. Marks
/// that join names are none.
fn looks_drawn_with_marks(run: &[u8]) -> bool {
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    };
    let has = |one: u8| run.iter().any(|byte| class(byte) == one);
    let n_changes = run.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    let has_mark = run.iter().any(|byte| class(byte) == 3 && !matches!(byte, b'.' | b'_' | b'-' | b'/' | b'[' | b']' | b'{' | b'}' | b'>' | b'<'));
    (SHORTEST..=LONGEST_MARKED).contains(&run.len()) && (0..3).all(has) && has_mark && n_changes * 5 >= (run.len() - 1) * 3
}

/// Whether a short token with `_` or `-` in it is drawn as a whole: its parts are too short to be looked at.
fn looks_drawn(token: &[u8]) -> bool {
    let has = |is_one: fn(&u8) -> bool| token.iter().any(is_one);
    has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && !is_readable(token)
}

/// Whether some part of a token may be random: the whole, or what stands between its `_` and `-`, with its first letter or without, which may be glued to it.
fn looks_random(token: &[u8]) -> bool {
    let parts = token.split(|byte| matches!(byte, b'_' | b'-')).filter(|part| part.len() >= SHORTEST_LOOKED_AT);
    std::iter::once(token).chain(parts).any(|part| [part, &part[1..]].into_iter().flat_map(looks).any(Look::may_be_random))
}

/// Whether a run with `+` and `/` is rather random than a path.
fn looks_like_base64(run: &[u8]) -> bool {
    let is_joined = run.iter().any(|byte| matches!(byte, b'+' | b'/'));
    is_joined && looks(run).any(|look| look.n_upper > 0 && look.n_lower > 0 && look.n_digits > 0 && look.changes_like_mixed_case())
}

/// Looks at all of it.
fn looks(text: &[u8]) -> impl Iterator<Item = Look> {
    let last = text.len().saturating_sub(N_LOOK);
    (0..last).step_by(STEP).chain([last]).map(|at| Look::at(text, at, text.len()))
}

/// The passwords of `scheme://user:password@host`.
fn passwords(text: &[u8], is_cut: (bool, bool)) -> Vec<Span> {
    let mut spans = Vec::new();
    for at in memchr::memmem::find_iter(text, b"://") {
        let start = at + b"://".len();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\');
        let n_shown = text[start..].iter().position(ends);
        let authority = &text[start..n_shown.map_or(text.len(), |n| start + n)];
        let Some(colon) = authority.iter().position(|&byte| byte == b':') else { continue };
        // The mark of a password's end may have been cut off.
        let end = authority.iter().rposition(|&byte| byte == b'@').or_else(|| (is_cut.1 && n_shown.is_none()).then_some(authority.len()));
        spans.extend(end.filter(|&end| end > colon + 1).map(|end| Span::new(start + colon + 1, start + end)));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::random;
    use crate::secret::MASK;

    fn hidden(text: &str, is_cut: (bool, bool)) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for span in find(text.as_bytes(), &[], is_cut) {
            out += &text[at..span.start];
            out += MASK;
            at = span.end;
        }
        out + &text[at..]
    }

    #[test]
    fn random_tokens_are_hidden_whatever_stands_before_them() {
        let key = random(24);
        for prefix in ["", "xoxb-123456789012-123456789012-", "an_ordinary_long_and_worded_name_", "sk_live_"] {
            assert_eq!(hidden(&format!("a = '{prefix}{key}' # b"), (false, false)), format!("a = '{MASK}' # b"), "{prefix}");
        }
        for base64 in [format!("{}/{}7+{}/{}", random(10), random(8), random(12), random(6)), format!("{}7{}++{}", random(16), random(15), random(4))] {
            assert_eq!(hidden(&format!("AWS={base64}\""), (false, false)), format!("AWS={MASK}\""));
        }
    }

    #[test]
    fn names_paths_and_versions_stay() {
        let texts = [
            "client = AzureOpenAI(azure_endpoint='https://acme-east.openai.azure.com/openai/deployments/gpt-4o-mini/chat', api_version='2024-02-15-preview')",
            "from src/components/Button3/index2.tsx import MistralForSequenceClassification as createOpenAICompatible",
            "model = \"claude-3-5-sonnet-20241022\"  # an_ordinary_long_and_worded_name",
            "https://localhost:8080/v1/models user@example.com git@github.com:acme/app.git",
        ];
        for text in texts {
            assert_eq!(hidden(text, (false, false)), text);
        }
    }

    #[test]
    fn a_password_in_a_url_is_hidden() {
        assert_eq!(hidden("url: postgres://u:p!w@d@h:5432/db?x", (false, false)), format!("url: postgres://u:{MASK}@h:5432/db?x"));
        assert_eq!(hidden("redis://:hunter2@h", (false, false)), format!("redis://:{MASK}@h"));
        assert_eq!(hidden("amqp://u:p!w", (false, true)), format!("amqp://u:{MASK}"));
    }

    #[test]
    fn what_touches_a_cut_is_hidden() {
        assert_eq!(hidden("hij = f(x) # abc", (true, true)), format!("{MASK} = f(x) # {MASK}"));
        assert_eq!(hidden("abc", (true, true)), MASK);
        assert_eq!(hidden(" a ", (true, true)), " a ");
    }

    proptest::proptest! {
        #[test]
        fn no_random_key_is_shown_wherever_it_stands(before in "[ -~]{0,90}", after in "[ -~]{0,90}", n in 24_usize..80) {
            let key = random(n);
            let shown = hidden(&format!("{before}{key}{after}"), (false, false));
            proptest::prop_assert!(!key.as_bytes().windows(12).any(|piece| memchr::memmem::find(shown.as_bytes(), piece).is_some()), "{}", shown);
        }
    }
}
