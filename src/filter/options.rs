//! The options behind keysift's own marker: which findings a comment is for, until when, and why.
//!
//! What cannot be read keeps the comment from suppressing, and so does an option that nobody knows: a misspelled limit must not become none.
//! Prose between the options is passed over.

use jiff::civil::Date;
use memchr::memmem;

use super::inline::is_word_byte;
use super::parse_date;

/// What stands after keysift's own marker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options<'a> {
    /// Rules and providers it is for; all of them if empty.
    ids: Vec<&'a [u8]>,
    /// The last day on which it suppresses; of several dates the first counts.
    until: Option<Date>,
    pub(super) reason: Option<&'a [u8]>,
}

/// Why a comment does not suppress a finding.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal<'a> {
    /// It is for other rules and providers.
    ForOthers(Vec<&'a [u8]>),
    /// Its last day is over.
    Expired(Date),
    /// Its list of rules has an item without text, or is not there at all.
    EmptyList,
    /// What it gives as a date is none.
    NoDate,
    /// A quote is not closed, or the value goes on where nobody looks any more.
    OpenValue,
    /// It has an option of this name, which nobody knows.
    UnknownOption(&'a [u8]),
}

impl Refusal<'_> {
    /// The refusal in words, for a finding of this rule and provider. Of the comment only what cannot be a secret is repeated.
    pub(super) fn text(&self, rule_id: &str, provider_id: &str) -> String {
        match self {
            Self::ForOthers(ids) => {
                let named = |id: &&[u8]| harmless(id).map_or("another".to_owned(), |id| format!("`{id}`{}", did_you_mean(id, &[rule_id, provider_id])));
                let shown: Vec<String> = ids.iter().take(N_SHOWN).map(named).collect();
                format!("it is for {}, and this is `{rule_id}` of `{provider_id}`", shown.join(", "))
            }
            Self::Expired(day) => format!("it expired on {day}"),
            Self::EmptyList => "its list of rules has an empty item".to_owned(),
            Self::NoDate => "its `until` is no date YYYY-MM-DD".to_owned(),
            Self::OpenValue => "a value does not end".to_owned(),
            Self::UnknownOption(name) => {
                let known = " (known are `until` and `reason`)";
                let name = harmless(name).map(|name| (name, did_you_mean(&name.to_ascii_lowercase(), &["until", "reason"])));
                let (shown, hint) = name.map_or((String::new(), String::new()), |(name, hint)| (format!(" `{name}`"), hint));
                format!("it has an unknown option{shown}{}", if hint.is_empty() { known } else { &hint })
            }
        }
    }
}

/// Ids of a comment that are repeated.
const N_SHOWN: usize = 3;

/// The word, if it is one of a language and not of a generator: short parts, digits only in the shortest.
fn harmless(word: &[u8]) -> Option<&str> {
    let is_harmless = |part: &[u8]| part.len() <= 4 || part.len() <= 15 && part.iter().all(u8::is_ascii_alphabetic);
    let word = std::str::from_utf8(word).ok().filter(|word| word.len() <= 40)?;
    word.as_bytes().split(|byte| matches!(byte, b'-' | b'_')).all(is_harmless).then_some(word)
}

fn did_you_mean(word: &str, among: &[&str]) -> String {
    const CLOSE: f64 = 0.8;
    let near = among.iter().find(|known| strsim::jaro_winkler(word, known) >= CLOSE);
    near.map_or(String::new(), |known| format!(" (did you mean `{known}`?)"))
}

/// What ends comments, besides `*/` and `-->`: behind it stand no options, but perhaps the code of a template.
const CLOSERS: [&[u8]; 8] = [b"#}", b"%}", b"%>", b"*)", b"-}", b"]]", b"|#", b"\"\"\""];

impl<'a> Options<'a> {
    /// Reads the options in any order, with other words between them, up to the end of the comment or of the text.
    ///
    /// # Errors
    /// An option cannot be read: the user meant a limit that is not understood.
    pub(super) fn parse(text: &'a [u8], is_cut: bool) -> Result<Self, Refusal<'a>> {
        let mut options = Self::default();
        let mut at = 0;
        // Behind the string or comment that holds the marker an assignment is code.
        let mut is_code = false;
        if matches!(text.first(), Some(b'[' | b'(')) {
            // `allow[rule]` is somebody's guess at how rules are listed; it must not allow all of them.
            return Err(Refusal::UnknownOption(&text[..1]));
        }
        if let Some(list_at) = assigned_at(text, 0, b"=") {
            let list = trim_end(run(text, list_at, |byte| is_word_byte(byte) || matches!(byte, b'-' | b',')), b"-,");
            options.ids = list.split(|&byte| byte == b',').collect();
            at = list_at + list.len();
            if options.ids.iter().any(|id| id.is_empty()) || is_cut && at == text.len() {
                return Err(Refusal::EmptyList);
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
                    let (value, end) = value(text, value_at, is_cut).ok_or(Refusal::OpenValue)?;
                    let date = std::str::from_utf8(value).ok().and_then(parse_date).ok_or(Refusal::NoDate)?;
                    options.until = Some(options.until.map_or(date, |other| other.min(date)));
                    at = end;
                }
                (b"reason", Some(value_at)) => {
                    let (value, end) = value(text, value_at, is_cut).ok_or(Refusal::OpenValue)?;
                    options.reason = Some(value);
                    at = end;
                }
                _ => {
                    is_code = is_code || word.is_empty() && ends_comment(text, at);
                    if let Some(name) = option_name(text, at, word).filter(|_| !is_code) {
                        return Err(Refusal::UnknownOption(name));
                    }
                    at += word.len().max(1);
                }
            }
        }
        Ok(options)
    }

    /// Whether the comment suppresses a finding of this rule and provider.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) fn check(&self, rule_id: &str, provider_id: &str, today: Date) -> Result<(), Refusal<'a>> {
        if !self.ids.is_empty() && !self.ids.iter().any(|&id| id == rule_id.as_bytes() || id == provider_id.as_bytes()) {
            return Err(Refusal::ForOthers(self.ids.clone()));
        }
        match self.until.filter(|&until| until < today) {
            Some(until) => Err(Refusal::Expired(until)),
            None => Ok(()),
        }
    }
}

/// Whether the string or the comment that holds the marker may end at `at`. An apostrophe inside of a word ends nothing.
fn ends_comment(text: &[u8], at: usize) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|&byte| is_word_byte(byte));
    let is_quote = matches!(text[at], b'"' | b'\'' | b'`');
    let is_apostrophe = text[at] == b'\'' && is_word(at.checked_sub(1)) && is_word(Some(at + 1));
    is_quote && !is_apostrophe || CLOSERS.iter().any(|closer| text[at..].starts_with(closer))
}

/// The name of the option whose last `word` stands at `at`: a word of its own, with `=` and a value behind it. What is assigned at the end of the text,
/// which is where the secret begins, is the secret.
fn option_name<'a>(text: &'a [u8], at: usize, word: &[u8]) -> Option<&'a [u8]> {
    let end = at + word.len();
    let value_at = assigned_at(text, end, b"=").filter(|_| !word.is_empty())?;
    let value = trim_end(&text[value_at..], b"\"'` \t\r");
    if value.is_empty() || matches!(value[0], b'=' | b'>' | b'~') {
        return None;
    }
    let n_name = text[..end].iter().rev().take_while(|&&byte| is_word_byte(byte) || byte == b'-').count();
    let name = &text[end - n_name..end];
    let is_own_word = end == n_name || matches!(text[end - n_name - 1], b' ' | b'\t' | b',' | b';');
    (is_own_word && name[0] != b'-').then_some(name)
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
