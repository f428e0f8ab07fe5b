//! What a blob is, judged by its beginning.
//!
//! Whoever writes a file chooses its beginning, so only a beginning that makes readable text implausible may keep a blob from being scanned: a magic
//! number must be followed by what its format demands, and then not go on as text; a byte order mark must not be followed by plain UTF-8. ZIP and PDF
//! are no media here, for they may hold text as it is. Magic numbers are those of the formats' own specifications, as collected in
//! file(1)'s `magic` database.

use super::stretch::{Decoder, is_ascii_text, is_plain};
use super::wide::{self, Unit};
use crate::blob::Encoding;

/// What the beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// Compressed, image, audio, video or font content.
    Media,
    /// To be scanned, after `n_bom` bytes that are no text.
    Text { encoding: Encoding, n_bom: usize },
}

/// How many bytes are looked at if there is a zero among them, and how many of them at first: most programs and data show in these what they are.
const N_SAMPLED: usize = 8 << 10;
const N_FIRST: usize = 512;
/// Whether a blob may be wide text is told from still fewer.
const N_FIRST_WIDE: usize = 128;

/// Judges a blob by its first bytes; all of them, if it has no more.
pub(super) fn sniff(head: &[u8]) -> Sniffed {
    let text = |encoding, n_bom| Sniffed::Text { encoding, n_bom };
    let sample = &head[..head.len().min(N_SAMPLED)];
    if head.starts_with(b"\xEF\xBB\xBF") {
        return text(Encoding::Utf8, 0);
    }
    if let Some((encoding, n_bom)) = byte_order_mark(head).filter(|&(_, n_bom)| !is_plain_utf8(&sample[n_bom..])) {
        return text(encoding, n_bom);
    }
    if MAGIC.iter().any(|magic| magic.is_at_start_of(head)) && !goes_on_as_text(head) {
        return Sniffed::Media;
    }
    if head.starts_with(b"%PDF-") && pdf(head) {
        return text(Encoding::Binary, 0);
    }
    if memchr::memchr(0, sample).is_none() {
        return text(Encoding::Utf8, 0);
    }
    text(wide_without_bom(sample).unwrap_or_else(|| bytes_with_zeros(sample)), 0)
}

/// The units of which text in `encoding` consists, if they are no bytes.
pub(super) fn unit_of(encoding: Encoding) -> Option<Unit> {
    let (width, is_big_endian) = match encoding {
        Encoding::Utf8 | Encoding::Binary => return None,
        Encoding::Utf16Le => (2, false),
        Encoding::Utf16Be => (2, true),
        Encoding::Utf32Le => (4, false),
        Encoding::Utf32Be => (4, true),
    };
    Some(Unit { width, is_big_endian })
}

fn byte_order_mark(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] => Some((Encoding::Utf32Le, 4)),
        [0, 0, 0xFE, 0xFF, ..] => Some((Encoding::Utf32Be, 4)),
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

/// Whether a byte order mark lies: a text in wide units that is valid UTF-8 has zeros.
fn is_plain_utf8(text: &[u8]) -> bool {
    // A character that the end of the sample splits is no invalid one.
    let is_utf8 = std::str::from_utf8(text).map_or_else(|err| err.error_len().is_none(), |_| true);
    text.len() >= 16 && is_utf8 && !text.contains(&0)
}

/// Wide text without a byte order mark: Western text has its zeros at every other byte and ASCII between them, other text has its line ends and
/// spaces so, and nothing but letters and signs of living scripts between those.
fn wide_without_bom(sample: &[u8]) -> Option<Encoding> {
    let n_zeros = count(sample, |byte| byte == 0);
    let encodings = [Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Utf32Le, Encoding::Utf32Be];
    encodings.into_iter().find(|&encoding| {
        let Some(unit) = unit_of(encoding) else { return false };
        if !begins_as_wide(sample, unit) {
            return false;
        }
        let units = sample.chunks_exact(unit.width).map(|raw| unit.value(raw));
        // Half of the units of Western text are ASCII, which is all zeros but for one byte.
        let may_be_western = n_zeros * 2 >= units.len() * (unit.width - 1);
        if !may_be_western && unit.width != 2 {
            return false;
        }
        let n_most_strange = units.len() / if may_be_western { 10 } else { 50 };
        let (mut n, mut n_ascii, mut n_letters, mut n_pairs) = (0, 0, 0, 0);
        for value in units {
            n += 1;
            if n > n_ascii + n_letters + n_most_strange + 1 {
                // More than a tenth is no text, or a fiftieth: most programs end here, for theirs is a third.
                return false;
            }
            n_pairs += usize::from(value <= 0xFFFF && [value as u8, (value >> 8) as u8].into_iter().all(is_ascii_text));
            n_ascii += usize::from(u8::try_from(value).is_ok_and(is_ascii_text));
            n_letters += usize::from(is_letter(value));
        }
        let is_western = n_ascii * 2 >= n && (n_ascii + n_letters) * 10 >= n * 9;
        // Two characters of ASCII are one of Chinese or Japanese as well, but not in whole rows, and not three of four.
        let has_plain = || (0..sample.len()).step_by(2).any(|at| is_plain(&sample[at..], false));
        let is_other = unit.width == 2 && n >= 32 && n_ascii > 0 && (n_ascii + n_letters) * 50 >= n * 49 && n_pairs * 4 <= n * 3 && !has_plain();
        n >= 4 && (is_western || is_other)
    })
}

/// Whether two of three units at the beginning are characters.
fn begins_as_wide(sample: &[u8], unit: Unit) -> bool {
    let first = sample[..sample.len().min(N_FIRST_WIDE)].chunks_exact(unit.width).map(|raw| unit.value(raw));
    let (mut n, mut n_characters) = (0, 0);
    for value in first {
        n += 1;
        n_characters += usize::from(u8::try_from(value).is_ok_and(is_ascii_text) || is_letter(value));
    }
    n_characters * 3 >= n * 2
}

/// Whether `value` is a letter or sign of the scripts in which programs are commented, or half of a rarer one.
fn is_letter(value: u32) -> bool {
    match LETTERS.get((value / N_ROW) as usize) {
        Some(Some(are_letters)) => *are_letters,
        _ => is_letter_by_definition(value),
    }
}

/// Values that are told together, and for each such row of the first ones whether all of it are letters or none is: nearly all scripts begin and end with rows.
const N_ROW: u32 = 16;
static LETTERS: [Option<bool>; 0x1_0000 / N_ROW as usize] = {
    let mut table = [None; 0x1_0000 / N_ROW as usize];
    let mut row = 0;
    while row < table.len() {
        let first = row as u32 * N_ROW;
        let are_letters = is_letter_by_definition(first);
        if are_letters == is_letter_by_definition(first + N_ROW - 1) {
            table[row] = Some(are_letters);
        }
        row += 1;
    }
    table
};

const fn is_letter_by_definition(value: u32) -> bool {
    matches!(value, 0xA0..=0x58F | 0x5D0..=0x6FF | 0x900..=0xE7F | 0x1E00..=0x206F | 0x20A0..=0x27BF | 0x3000..=0x30FF | 0x3400..=0x9FFF
        | 0xAC00..=0xD7A3 | 0xD800..=0xDFFF | 0xF900..=0xFAFF | 0xFEFF | 0xFF00..=0xFFEF | 0x1F000..=0x1FAFF)
}

/// Text with a few stray control bytes, or with zeros between its entries, is text. Programs and data hold numbers of several bytes: their control
/// bytes are many, or stand side by side.
fn bytes_with_zeros(sample: &[u8]) -> Encoding {
    let is_control = |&byte: &u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b'\x1B');
    let first = &sample[..sample.len().min(N_FIRST)];
    let n_other = count(first, |byte| is_control(&byte) & (byte != 0));
    if n_other * 16 > first.len() {
        return Encoding::Binary;
    }
    let (n, n_controls, n_pairs) = controls(&sample[..sample.len().min(4 * N_FIRST)], is_control);
    if n_controls * 8 > n && n_pairs * 64 > n {
        return Encoding::Binary;
    }
    let (n, n_controls, n_pairs) = controls(sample, is_control);
    if n_controls * 16 <= n && n_pairs * 256 <= n { Encoding::Utf8 } else { Encoding::Binary }
}

/// The length of the text that `sample` is if its padded stretches are read as such, how many control bytes it holds, and how many of them have one
/// behind them.
fn controls(sample: &[u8], is_control: impl Fn(&u8) -> bool) -> (usize, usize, usize) {
    let mut text = vec![0; sample.len() + wide::LONGEST_STEP];
    let (_, n) = Decoder::new(None).decode(sample, true, &mut text);
    let text = &text[..n];
    let behind = text.get(1..).unwrap_or_default();
    let n_controls = count(text, |byte| is_control(&byte));
    let n_pairs =
        text.chunks(N_COUNTED).zip(behind.chunks(N_COUNTED)).map(|(a, b)| a.iter().zip(b).map(|(a, b)| u8::from(is_control(a) & is_control(b))).sum::<u8>());
    (n, n_controls, n_pairs.map(usize::from).sum())
}

/// So many are counted in one byte, which a processor does for many bytes at once.
const N_COUNTED: usize = 255;

/// How many bytes of `text` are such.
fn count(text: &[u8], is_such: impl Fn(u8) -> bool) -> usize {
    text.chunks(N_COUNTED).map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(is_such(byte))).sum::<u8>())).sum()
}

/// Whether what follows a magic number goes on as plain text, four of five bytes; of compressed content it is two of five.
fn goes_on_as_text(head: &[u8]) -> bool {
    let rest = head.get(12..).unwrap_or_default();
    rest.len() >= 24 && rest.iter().filter(|&&byte| is_ascii_text(byte)).count() * 5 >= rest.len() * 4
}

struct Magic {
    at: usize,
    bytes: &'static [u8],
    /// What must hold besides, given the blob's first bytes.
    proof: fn(&[u8]) -> bool,
}

impl Magic {
    fn is_at_start_of(&self, head: &[u8]) -> bool {
        // Most differ in the first byte, and then nothing is called.
        head.get(self.at..).is_some_and(|rest| rest.first() == self.bytes.first() && rest.starts_with(self.bytes)) && (self.proof)(head)
    }
}

const fn magic(bytes: &'static [u8], proof: fn(&[u8]) -> bool) -> Magic {
    Magic { at: 0, bytes, proof }
}

/// WebAssembly and Java classes are missing on purpose: they hold readable strings.
const MAGIC: &[Magic] = &[
    magic(b"\x1F\x8B\x08", gzip),
    magic(b"BZh", bzip2),
    magic(b"\xFD7zXZ\0", by_itself),
    magic(b"\x28\xB5\x2F\xFD", by_itself),
    magic(b"7z\xBC\xAF\x27\x1C", by_itself),
    magic(b"Rar!\x1A\x07", by_itself),
    magic(b"\x89PNG\r\n\x1A\n", by_itself),
    magic(b"\xFF\xD8\xFF", jpeg),
    magic(b"GIF87a", no_text_near),
    magic(b"GIF89a", no_text_near),
    magic(b"RIFF", riff),
    magic(b"BM", bitmap),
    magic(b"\0\0\x01\0", icon),
    magic(b"II*\0", tiff),
    magic(b"MM\0*", tiff),
    magic(b"ID3", nul_near),
    magic(b"OggS", nul_near),
    magic(b"fLaC", nul_near),
    Magic { at: 4, bytes: b"ftyp", proof: iso_media },
    magic(b"\x1A\x45\xDF\xA3", no_text_near),
    magic(b"wOFF", nul_near),
    magic(b"wOF2", nul_near),
    magic(b"\0\x01\0\0", truetype),
    magic(b"OTTO", truetype),
];

fn near(head: &[u8]) -> &[u8] {
    &head[..head.len().min(64)]
}

fn by_itself(_: &[u8]) -> bool {
    true
}

fn nul_near(head: &[u8]) -> bool {
    near(head).contains(&0)
}

fn no_text_near(head: &[u8]) -> bool {
    let is_control = |&byte: &u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b'\x1B');
    // A character that the cut at 64 bytes splits is no invalid one.
    let is_utf8 = std::str::from_utf8(near(head)).map_or_else(|err| err.error_len().is_none(), |_| true);
    near(head).iter().any(is_control) || !is_utf8
}

/// Three of the flags are reserved.
fn gzip(head: &[u8]) -> bool {
    head.get(3).is_some_and(|flags| flags & 0xE0 == 0) && no_text_near(&head[3..])
}

/// A marker, and the length of what it marks.
fn jpeg(head: &[u8]) -> bool {
    matches!(head.get(3..6), Some([0xC0..=0xFE, 0..=0x7F, _]))
}

/// The kind of content is one of those that are in use.
fn riff(head: &[u8]) -> bool {
    matches!(head.get(8..12), Some(b"WAVE" | b"AVI " | b"WEBP" | b"RMID" | b"CDXA" | b"ACON" | b"sfbk")) && nul_near(head)
}

/// The first folder's offset lies behind the header, and in the first half of what the format can hold.
fn tiff(head: &[u8]) -> bool {
    let Some(&[a, b, c, d]) = head.get(4..8) else { return false };
    let offset = if head[0] == b'I' { u32::from_le_bytes([a, b, c, d]) } else { u32::from_be_bytes([a, b, c, d]) };
    (8..1 << 31).contains(&offset) && (offset == 8 || nul_near(&head[8..]))
}

/// The first box is short, and a whole number of brands.
fn iso_media(head: &[u8]) -> bool {
    matches!(head.get(..4), Some([0, 0, 0..=3, length]) if length % 4 == 0)
}

/// After the magic number and the block size comes the magic number of a block, the digits of π, or of the end, those of its root.
fn bzip2(head: &[u8]) -> bool {
    matches!(head.get(3..10), Some([b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y'] | [b'1'..=b'9', 0x17, b'r', b'E', b'8', b'P', 0x90])) && no_text_near(head)
}

/// Two reserved fields are zero, and the second header has one of its known lengths.
fn bitmap(head: &[u8]) -> bool {
    head.get(6..10) == Some(&[0; 4]) && matches!(head.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// There is an image, and the reserved byte of its entry is zero.
fn icon(head: &[u8]) -> bool {
    matches!(head.get(4..10), Some([1..=255, 0, _, _, _, 0]))
}

/// A PDF may be plain text throughout.
fn pdf(head: &[u8]) -> bool {
    head[..head.len().min(1 << 10)].iter().any(|&byte| byte == 0 || byte >= 0x80)
}

/// There are some tables, and the first one's tag is visible ASCII.
fn truetype(head: &[u8]) -> bool {
    matches!(head.get(4..6), Some([0, 1..=64])) && head.get(12..16).is_some_and(|tag| tag.iter().all(|byte| matches!(byte, b' '..=b'~')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_letters_are_told_as_their_definition_says() {
        assert!((0..0x2_0000).all(|value| is_letter(value) == is_letter_by_definition(value)));
    }

    fn is_media(head: &[u8]) -> bool {
        sniff(head) == Sniffed::Media
    }

    fn encoding(head: &[u8]) -> Encoding {
        match sniff(head) {
            Sniffed::Text { encoding, .. } => encoding,
            Sniffed::Media => panic!("taken for media: {head:02X?}"),
        }
    }

    #[test]
    fn media_and_archives_are_known_by_their_beginnings() {
        let heads: [&[u8]; 22] = [
            b"\x1F\x8B\x08\0\0\0\0\0",
            b"BZh91AY&SY\x9C\x12\x01\xF2",
            b"\xFD7zXZ\0\0\x04",
            b"\x28\xB5\x2F\xFD\x04\x58",
            b"7z\xBC\xAF\x27\x1C\0\x04",
            b"Rar!\x1A\x07\x01\0",
            b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR",
            b"\xFF\xD8\xFF\xE0\0\x10JFIF",
            b"GIF89a\x58\x02\x90\x01\xF7\0\0",
            b"RIFF\x24\x08\0\0WEBPVP8 ",
            b"BM\x36\x84\x03\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x80\x02",
            b"\0\0\x01\0\x02\0\x10\x10\0\0\x01\0\x20\0",
            b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08",
            b"ID3\x04\0\0\0\0\0\x23TSSE",
            b"OggS\0\x02\0\0\0\0\0\0",
            b"fLaC\0\0\0\x22\x10\0",
            b"\0\0\0\x20ftypisom\0\0\x02\0",
            b"\x1A\x45\xDF\xA3\x01\0\0\0",
            b"wOF2\0\x01\0\0\0\0\x63\x10",
            b"\0\x01\0\0\0\x0F\0\x80\0\x03\0\x70GSUB",
            b"OTTO\0\x0B\0\x80\0\x03\0\x30CFF ",
        ];
        for head in heads {
            assert!(is_media(head), "{}", head.escape_ascii());
        }
    }

    #[test]
    fn text_that_begins_like_media_is_text() {
        let heads = [
            "BM_API_KEY=x",
            "BM",
            "PK,FK,name\n",
            "ID3_KEY=x",
            "RIFF raff\n",
            "OggS and fLaC\n",
            "fLaC",
            "GIF89a is a format é\n",
            "BZh91AY&SY is its magic\n",
            "%PDF-1.4\nplain\n",
            "the ftyp box",
            "OTTO = 'x'",
            "wOFF",
            "",
        ];
        for head in heads {
            assert_eq!(encoding(head.as_bytes()), Encoding::Utf8, "{head}");
        }
    }

    #[test]
    fn programs_are_binary_and_not_media() {
        for head in [b"\x7FELF\x02\x01\x01\0\0".as_slice(), b"\0asm\x01\0\0\0", b"\xCA\xFE\xBA\xBE\0\0\0\x34\0", b"MZ\x90\0\x03\0\0\0\x04\0", b"\0", b"a\0"] {
            assert_eq!(encoding(head), Encoding::Binary, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn zip_and_pdf_are_binary_because_they_may_hold_text_as_it_is() {
        for head in [b"PK\x03\x04\x14\0\0\0\x08\0\x9A\x51".as_slice(), b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"] {
            assert_eq!(encoding(head), Encoding::Binary, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn a_magic_number_before_text_is_text() {
        let magic: [&[u8]; 12] = [
            b"PK\x03\x04\n",
            b"\x1F\x8B\x08",
            b"\xFF\xD8\xFF",
            b"II*\0",
            b"MM\0*",
            b"RIFF\0",
            b"....ftyp\0",
            b"%PDF-1.4",
            b"\x1A\x45\xDF\xA3",
            b"\x89PNG\r\n\x1A\n",
            b"7z\xBC\xAF\x27\x1C",
            b"ID3\0",
        ];
        for magic in magic {
            let blob = [magic, b" NAME=value and so on, line after line of it, more than any header has\n"].concat();
            assert_eq!(encoding(&blob), Encoding::Utf8, "{}", magic.escape_ascii());
        }
    }

    #[test]
    fn byte_order_marks_decide() {
        assert_eq!(sniff(b"\xFF\xFEa\0"), Sniffed::Text { encoding: Encoding::Utf16Le, n_bom: 2 });
        assert_eq!(sniff(b"\xFE\xFF\0a"), Sniffed::Text { encoding: Encoding::Utf16Be, n_bom: 2 });
        assert_eq!(sniff(b"\xEF\xBB\xBFa\0b\0"), Sniffed::Text { encoding: Encoding::Utf8, n_bom: 0 });
        assert_eq!(sniff(b"\xFF\xFE\0\0a\0\0\0"), Sniffed::Text { encoding: Encoding::Utf32Le, n_bom: 4 });
        assert_eq!(sniff(b"\0\0\xFE\xFF\0\0\0a"), Sniffed::Text { encoding: Encoding::Utf32Be, n_bom: 4 });
    }

    #[test]
    fn a_byte_order_mark_before_plain_text_lies() {
        for text in ["#\nKEY=0123456789abcdef\n", "# ключ и ещё слова\nKEY=x\n"] {
            for mark in [b"\xFF\xFE", b"\xFE\xFF"] {
                assert_eq!(sniff(&[mark.as_slice(), text.as_bytes()].concat()), Sniffed::Text { encoding: Encoding::Utf8, n_bom: 0 });
            }
        }
    }

    fn utf16(text: &str) -> [Vec<u8>; 2] {
        [text.encode_utf16().flat_map(u16::to_le_bytes).collect(), text.encode_utf16().flat_map(u16::to_be_bytes).collect()]
    }

    #[test]
    fn wide_text_without_a_byte_order_mark_is_known_by_its_units() {
        let text = "KEY=Zoë €\r\n";
        let [le, be] = utf16(text);
        assert_eq!([encoding(&le), encoding(&be)], [Encoding::Utf16Le, Encoding::Utf16Be]);
        assert_eq!([encoding(&le[..8]), encoding(&le[..9]), encoding(&le[..6])], [Encoding::Utf16Le, Encoding::Utf16Le, Encoding::Binary]);
        let utf32 = |to_bytes: fn(u32) -> [u8; 4]| text.chars().flat_map(|char| to_bytes(u32::from(char))).collect::<Vec<u8>>();
        assert_eq!([encoding(&utf32(u32::to_le_bytes)), encoding(&utf32(u32::to_be_bytes))], [Encoding::Utf32Le, Encoding::Utf32Be]);
        let [le, be] = utf16("这是一个配置文件，里面有一个密钥。\r\nKEY=value\r\n请不要把它提交到版本库里。\r\n");
        assert_eq!([encoding(&le), encoding(&be)], [Encoding::Utf16Le, Encoding::Utf16Be]);
    }

    #[test]
    fn text_with_few_zeros_is_text() {
        assert_eq!(encoding(b"one NUL \0 in a text that has no others"), Encoding::Utf8);
        assert_eq!(encoding(b"HOME=/home/me\0PATH=/usr/bin:/bin\0LANG=C.UTF-8\0TERM=xterm-256color\0"), Encoding::Utf8, "an environment");
        assert_eq!(encoding(&[b"text ".repeat(2000), vec![0]].concat()), Encoding::Utf8, "a late NUL");
        let appended = [b"# plain\n".repeat(100), utf16("KEY=value\r\n")[0].repeat(5)].concat();
        assert_eq!(encoding(&appended), Encoding::Utf8);
    }

    #[test]
    fn data_with_text_in_it_is_binary() {
        let archive = [b"name".as_slice(), &[0; 508], &b"plain text of an archive's member\n".repeat(200)].concat();
        assert_eq!(encoding(&archive), Encoding::Binary);
        let database = [b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\x03\0\0\0\x02".as_slice(), &b"CREATE TABLE t (a TEXT) ".repeat(90)].concat();
        assert_eq!(encoding(&database), Encoding::Binary);
    }
}
