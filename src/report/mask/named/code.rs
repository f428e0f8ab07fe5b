//! Values that are plainly code or stand for another value: no secret is written there, and a reader wants to see them.

use super::super::readable::is_readable;

/// Types, and values that say that there is none.
const KEYWORDS: &str = "none null nil true false undefined void str string &str *string bytes byte []byte int integer bool boolean number char char* any object \
    optional list dict map array float double long u8 u32 u64 size_t self this not is in new await required secretstr";
/// What members are taken of. A dotted value of other words may be a pass phrase.
const OWNERS: &str = "self this os sys env config cfg conf settings options opts args argv params props process request req response res resp ctx context data \
    user account client state input form body import vars secrets";

/// Whether `word` is one of `words`, whatever its case.
pub fn is_one_of(words: &str, word: &[u8]) -> bool {
    words.split(' ').any(|one| one.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether a value without quotes is code: a type, a reference, a call, a member, or a name of its own for the same thing.
pub fn is_code(value: &[u8]) -> bool {
    let end = value.iter().rposition(|byte| !matches!(byte, b',' | b';' | b')' | b'}' | b']' | b'>' | b'?' | b':')).map_or(0, |at| at + 1);
    let core = &value[..end];
    let bare = core.split(|byte| matches!(byte, b'[' | b'<' | b'|')).next().unwrap_or_default();
    core.is_empty() || is_one_of(KEYWORDS, core) || is_one_of(KEYWORDS, bare) || is_reference(value) || is_expression(core)
}

/// `name(…`, `name.member`, `name->member`, `name[…`, `old_token`: every part a word.
fn is_expression(whole: &[u8]) -> bool {
    let value = &whole[whole.iter().take(3).take_while(|byte| matches!(byte, b'&' | b'*' | b'!' | b'(' | b'[' | b'{' | b'@')).count()..];
    let n_name = value.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-' | b'>' | b'?')).count();
    let (chain, behind) = value.split_at(n_name);
    let parts = || chain.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    if chain.is_empty() || !chain[0].is_ascii_alphabetic() && chain[0] != b'_' || !parts().all(is_readable) {
        return false;
    }
    let lower = chain.to_ascii_lowercase();
    let is_member = parts().count() > 1 && parts().next().is_some_and(|first| is_one_of(OWNERS, first));
    let is_name_of_secret = super::STEMS.split(' ').any(|stem| memchr::memmem::find(&lower, stem.as_bytes()).is_some());
    let is_opened = behind.is_empty() && matches!(whole.first(), Some(b'(' | b'[' | b'{'));
    let is_call = matches!(behind.first(), Some(b'(' | b'['));
    is_call || is_opened || behind.is_empty() && (is_member || is_name_of_secret && !chain.iter().any(u8::is_ascii_digit))
}

/// Whether the value stands for another: `${NAME}`, `$NAME`, `{{ name }}`, `%(name)s`, `<your key>`, `%s`.
pub fn is_reference(value: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b' ' | b'-' | b':');
    let within = |open: &[u8], close: &[u8]| {
        let inside = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inside.is_some_and(|inside| inside.iter().all(|byte| is_word(byte) || matches!(byte, b'(' | b')' | b'$' | b'[' | b']' | b'|' | b'{' | b'}')))
    };
    let is_variable = value.strip_prefix(b"$").is_some_and(|name| name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') && !name.is_empty());
    is_variable
        || matches!(value, b"%s" | b"%d" | b"{}" | b"?")
        || within(b"${", b"}")
        || within(b"{", b"}")
        || within(b"$(", b")")
        || within(b"%(", b")s")
        || within(b"<", b">")
}
