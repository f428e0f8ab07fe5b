//! Reading code backwards, item by item, in no particular language.
//!
//! From a token to the left: identifiers with their dots, strings, operators, brackets, line ends. It knows no language's grammar and needs
//! none: brackets, quotes and `=`/`:` mean the same in nearly all of them. Strings are taken to end on the line they begin on.

use crate::span::Span;

/// What stands to the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// An identifier with what chains it: `os.environ`, `$this->key`, `cohere.Client`, `--api-key`.
    Word(Span),
    /// A string; the span is that of its inside.
    Text(Span),
    /// `=`, `:`, `=>`, `:=`, `->`, `<-`, `:-`, `==`.
    Assign,
    /// `||`, `??`, `?:`, `or`: what follows is used if there is nothing before.
    Else,
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// A line end.
    Newline,
    /// Anything else.
    Other,
}

/// Whether a line is a comment in most languages, by how it begins. One star is the next line of one in C's style, two are bold text.
pub fn is_comment_line(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let is_star = || line.starts_with(b"*") && !line.starts_with(b"**");
    [b"#".as_slice(), b"//", b"/*", b";", b"--", b"<!--"].iter().any(|mark| line.starts_with(mark)) || is_star()
}

/// The item that ends at `pos` (spaces skipped), and where it begins. `None` at `floor`.
pub fn item_before(text: &[u8], mut pos: usize, floor: usize) -> Option<(Item, usize)> {
    while pos > floor && matches!(text[pos - 1], b' ' | b'\t' | b'\r') {
        pos -= 1;
    }
    if pos <= floor {
        return None;
    }
    let byte = text[pos - 1];
    let before = |n: usize| if pos > floor + n { text[pos - 1 - n] } else { b' ' };
    let item = match byte {
        b'\n' => (Item::Newline, pos - 1),
        b'"' | b'\'' | b'`' => match string_start(text, pos - 1, floor) {
            Some(start) => (Item::Text(Span::new(start + 1, pos - 1)), start),
            None => (Item::Other, pos - 1),
        },
        b'=' if matches!(before(1), b':' | b'=' | b'+' | b'?' | b'!' | b'~' | b'|') => {
            let n = if matches!((before(1), before(2)), (b'|', b'|') | (b'?', b'?') | (b'=', b'=')) { 3 } else { 2 };
            (if before(1) == b'!' { Item::Other } else { Item::Assign }, pos - n)
        }
        b'=' => (Item::Assign, pos - 1),
        b'>' if matches!(before(1), b'=' | b'-') => (Item::Assign, pos - 2),
        b'-' if matches!(before(1), b'<' | b':') => (Item::Assign, pos - 2),
        b':' if before(1) == b'?' => (Item::Else, pos - 2),
        b':' => (Item::Assign, pos - 1),
        b'|' if before(1) == b'|' => (Item::Else, pos - 2),
        b'?' if before(1) == b'?' => (Item::Else, pos - 2),
        b'(' | b'[' | b'{' => (Item::Open(byte), pos - 1),
        b')' | b']' | b'}' => (Item::Close(byte), pos - 1),
        b',' => (Item::Comma, pos - 1),
        b';' => (Item::Semicolon, pos - 1),
        _ if is_word(byte) => {
            let start = word_start(text, pos, floor);
            let word = Span::new(start, pos);
            if matches!(word.of(text), b"or" | b"else") { (Item::Else, start) } else { (Item::Word(word), start) }
        }
        _ => (Item::Other, pos - 1),
    };
    Some(item)
}

/// As [`item_before`], but only strings, brackets, commas and line ends: what matters where nothing but the structure is asked for. Everything else is passed
/// over, which takes a fifth of the time.
pub fn mark_before(text: &[u8], pos: usize, floor: usize) -> Option<(Item, usize)> {
    let at = last(text, pos, floor, &IS_MARK)?;
    item_before(text, at + 1, floor)
}

/// As [`mark_before`], but only brackets; strings are passed over.
pub fn bracket_before(text: &[u8], mut pos: usize, floor: usize) -> Option<(Item, usize)> {
    loop {
        pos = last(text, pos, floor, &IS_BRACKET_OR_QUOTE)?;
        match text[pos] {
            open @ (b'(' | b'[' | b'{') => return Some((Item::Open(open), pos)),
            close @ (b')' | b']' | b'}') => return Some((Item::Close(close), pos)),
            _ => pos = string_start(text, pos, floor).unwrap_or(pos),
        }
    }
}

/// The last byte of the table between `floor` and `pos`.
fn last(text: &[u8], pos: usize, floor: usize, table: &[bool; 256]) -> Option<usize> {
    let mut left = text.get(floor..pos)?;
    while let [before @ .., byte] = left {
        if table[usize::from(*byte)] {
            return Some(floor + before.len());
        }
        left = before;
    }
    None
}

/// Bytes that end a string, or are a bracket, a comma or a line end. No other item holds one, but a string.
static IS_MARK: [bool; 256] = table(b"\"'`()[]{},\n");

/// Bytes that begin or end a string, or are a bracket.
static IS_BRACKET_OR_QUOTE: [bool; 256] = table(b"\"'`()[]{}");

/// The table of these bytes.
const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] = true;
        i += 1;
    }
    table
}

const fn is_word(byte: u8) -> bool {
    IS_WORD[byte as usize]
}

static IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let own = byte as u8;
        table[byte] = own.is_ascii_alphanumeric() || matches!(own, b'_' | b'$' | b'@' | b'.' | b'-' | b'/') || own >= 0x80;
        byte += 1;
    }
    table
};

/// The start of the word that ends at `pos`: word characters, and `::`, `->` and `?.` between them.
fn word_start(text: &[u8], pos: usize, floor: usize) -> usize {
    let floor = floor.max(pos.saturating_sub(200));
    let mut start = pos;
    loop {
        if start > floor && is_word(text[start - 1]) {
            start -= 1;
            continue;
        }
        let pair = if start >= floor + 2 { &text[start - 2..start] } else { b"" };
        let is_link = pair == b"::" || pair == b"->" || pair.ends_with(b"?") && text.get(start) == Some(&b'.');
        let n = if pair.ends_with(b"?") { 1 } else { 2 };
        if is_link && start > floor + n && (text[start - n - 1].is_ascii_alphanumeric() || matches!(text[start - n - 1], b'_' | b')' | b'>')) {
            start -= n;
            continue;
        }
        return start;
    }
}

/// Where the string that ends with the quote at `close` begins: the nearest same quote before it on its line that is not escaped.
pub fn string_start(text: &[u8], close: usize, floor: usize) -> Option<usize> {
    const LONGEST: usize = 2000;
    let quote = text[close];
    let from = floor.max(close.saturating_sub(LONGEST)).min(close);
    let mut at = close;
    loop {
        at = from + memchr::memrchr2(quote, b'\n', &text[from..at])?;
        if text[at] == b'\n' {
            return None;
        }
        if at == 0 || text[at - 1] != b'\\' {
            return Some(at);
        }
    }
}

/// Where the string that begins with the quote at `open` ends: the next same quote on its line.
fn string_end(text: &[u8], open: usize, ceiling: usize) -> Option<usize> {
    let quote = text[open];
    memchr::memchr2(quote, b'\n', &text[open + 1..ceiling]).map(|at| open + 1 + at).filter(|&at| text[at] == quote)
}

/// The place of the opening bracket for the closing one at `close`, if it is within `floor`.
pub fn opening(text: &[u8], close: usize, floor: usize) -> Option<usize> {
    let (mut depth, mut pos) = (1, close);
    while let Some((item, at)) = bracket_before(text, pos, floor) {
        if matches!(item, Item::Close(_)) {
            depth += 1;
        } else {
            depth -= 1;
        }
        if depth == 0 {
            return Some(at);
        }
        pos = at;
    }
    None
}

/// The place of the first closing bracket after `pos` that closes something opened before it, or `ceiling`.
pub fn closing(text: &[u8], mut pos: usize, ceiling: usize) -> usize {
    let mut depth = 0;
    while let Some(next) = text.get(pos..ceiling).and_then(|rest| rest.iter().position(|byte| IS_BRACKET_OR_QUOTE[usize::from(*byte)])) {
        pos += next;
        match text[pos] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return pos,
            b')' | b']' | b'}' => depth -= 1,
            _ => pos = string_end(text, pos, ceiling).unwrap_or(pos),
        }
        pos += 1;
    }
    ceiling
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<String> {
        let (text, mut pos, mut found) = (text.as_bytes(), text.len(), Vec::new());
        while let Some((item, start)) = item_before(text, pos, 0) {
            found.push(match item {
                Item::Word(span) | Item::Text(span) => String::from_utf8_lossy(span.of(text)).into_owned(),
                other => format!("{other:?}"),
            });
            pos = start;
        }
        found
    }

    #[test]
    fn chains_are_one_word() {
        assert_eq!(items("$this->client::new"), ["$this->client::new"]);
        assert_eq!(items("process.env?.KEY ||"), ["Else", "process.env?.KEY"]);
        assert_eq!(items("a := b"), ["b", "Assign", "a"]);
        assert_eq!(items("${a:-"), ["Assign", "a", "Open(123)", "$"]);
    }

    #[test]
    fn strings_and_brackets_are_items() {
        assert_eq!(items("os.environ[\"A B\"] ="), ["Assign", "Close(93)", "A B", "Open(91)", "os.environ"]);
        assert_eq!(items("f(x, 'y');"), ["Semicolon", "Close(41)", "y", "Comma", "x", "Open(40)", "f"]);
    }

    proptest::proptest! {
        #[test]
        fn marks_are_the_items_that_are_no_words_and_operators(text in "[ab\\-=>:|?$.;,\\n\"'`(){}\\[\\] \\\\]{0,60}", floor in 0..20_usize) {
            type Before = fn(&[u8], usize, usize) -> Option<(Item, usize)>;
            let text = text.as_bytes();
            let all = |before: Before| {
                let mut pos = text.len();
                let next = || {
                    let found = before(text, pos, floor)?;
                    pos = found.1;
                    Some(found)
                };
                std::iter::from_fn(next).collect::<Vec<_>>()
            };
            let is_mark = |(_, start): &(Item, usize)| IS_MARK[usize::from(text[*start])];
            proptest::prop_assert_eq!(all(mark_before), all(item_before).into_iter().filter(is_mark).collect::<Vec<_>>());
        }
    }

    /// [`string_start`], byte by byte.
    fn plain_string_start(text: &[u8], close: usize, floor: usize) -> Option<usize> {
        let before = (floor..close).rev().take(2000).take_while(|&at| text[at] != b'\n');
        before.into_iter().find(|&at| text[at] == text[close] && (at == 0 || text[at - 1] != b'\\'))
    }

    /// [`opening`], mark by mark.
    fn plain_opening(text: &[u8], close: usize, floor: usize) -> Option<usize> {
        let (mut depth, mut pos) = (1, close);
        while let Some((item, start)) = mark_before(text, pos, floor) {
            match item {
                Item::Close(_) => depth += 1,
                Item::Open(_) if depth == 1 => return Some(start),
                Item::Open(_) => depth -= 1,
                _ => {}
            }
            pos = start;
        }
        None
    }

    /// [`closing`], byte by byte.
    fn plain_closing(text: &[u8], mut pos: usize, ceiling: usize) -> usize {
        let mut depth = 0;
        while pos < ceiling {
            match text[pos] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth == 0 => return pos,
                b')' | b']' | b'}' => depth -= 1,
                quote @ (b'"' | b'`' | b'\'') => {
                    let mut line = (pos + 1..ceiling).take_while(|&at| text[at] != b'\n');
                    pos = line.find(|&at| text[at] == quote).unwrap_or(pos);
                }
                _ => {}
            }
            pos += 1;
        }
        ceiling
    }

    proptest::proptest! {
        #[test]
        fn strings_and_brackets_are_those_of_the_plain_definitions(text in "[ab,\n\"'`(){}\\[\\]\\\\]{1,60}", at in 0..60_usize, other in 0..70_usize) {
            let text = text.as_bytes();
            let (at, other) = (at.min(text.len() - 1), other.min(text.len()));
            if matches!(text[at], b'"' | b'\'' | b'`') {
                proptest::prop_assert_eq!(string_start(text, at, other), plain_string_start(text, at, other));
            }
            proptest::prop_assert_eq!(opening(text, at, other), plain_opening(text, at, other));
            proptest::prop_assert_eq!(closing(text, at, other), plain_closing(text, at, other));
        }

        #[test]
        fn long_strings_are_followed_as_far_as_by_the_plain_definition(n in 1990..2010_usize, floor in 0..20_usize) {
            let text = format!("('{}')", "x".repeat(n));
            let (text, close) = (text.as_bytes(), n + 2);
            proptest::prop_assert_eq!(string_start(text, close, floor), plain_string_start(text, close, floor));
            proptest::prop_assert_eq!(opening(text, close + 1, floor), plain_opening(text, close + 1, floor));
        }
    }

    #[test]
    fn comments_are_told_by_how_their_lines_begin() {
        for line in ["# a", "  // a", "/** a", " * a", " *a", " */", "; a", "-- a", "<!-- a"] {
            assert!(is_comment_line(line.as_bytes()), "{line}");
        }
        for line in ["", "a # b", "**Key**: a", "- a", "<a>", "/ a"] {
            assert!(!is_comment_line(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn brackets_find_their_partners() {
        let text = b"f(g(x), \")\", [y])";
        assert_eq!(opening(text, text.len() - 1, 0), Some(1));
        assert_eq!(closing(text, 2, text.len()), text.len() - 1);
    }
}
