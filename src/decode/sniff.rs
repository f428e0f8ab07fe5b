//! What a blob is, judged by its beginning.
//!
//! Whoever writes a file chooses its beginning, so only a beginning that makes readable text implausible may keep a blob from being scanned: a magic
//! number that is itself text must be followed by bytes that are none. Magic numbers are those of the formats' own specifications, as collected in
//! file(1)'s `magic` database.

use crate::blob::Encoding;

/// What the beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// Compressed, image, audio, video or font content.
    Media,
    /// To be scanned, after `n_bom` bytes that are no text.
    Text { encoding: Encoding, n_bom: usize },
}

/// How many bytes are searched for NULs.
const N_SAMPLED: usize = 8 << 10;

/// Judges a blob by its first bytes; all of them, if it has no more.
pub(super) fn sniff(head: &[u8]) -> Sniffed {
    let text = |encoding, n_bom| Sniffed::Text { encoding, n_bom };
    match head {
        [0xFF, 0xFE, 0, 0, ..] => return text(Encoding::Binary, 0),
        [0xFF, 0xFE, ..] => return text(Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => return text(Encoding::Utf16Be, 2),
        [0xEF, 0xBB, 0xBF, ..] => return text(Encoding::Utf8, 0),
        _ => {}
    }
    if MAGIC.iter().any(|magic| magic.is_at_start_of(head)) {
        return Sniffed::Media;
    }
    let sample = &head[..head.len().min(N_SAMPLED)];
    if memchr::memchr(0, sample).is_none() {
        return text(Encoding::Utf8, 0);
    }
    text(utf16_without_bom(sample).unwrap_or(Encoding::Binary), 0)
}

/// UTF-16 of mostly Western text has its NULs at every other byte and ASCII between them.
fn utf16_without_bom(sample: &[u8]) -> Option<Encoding> {
    if sample.len() < 8 {
        return None;
    }
    let (units, _) = sample.as_chunks::<2>();
    let n_first = units.iter().filter(|unit| unit[0] == 0).count();
    let n_second = units.iter().filter(|unit| unit[1] == 0).count();
    let n_nul = n_first + n_second;
    let n_text = units.as_flattened().iter().filter(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')).count();
    let is_mostly_ascii = n_nul * 2 >= units.len() && n_text * 10 >= (units.len() * 2 - n_nul) * 7;
    match () {
        () if !is_mostly_ascii => None,
        () if n_second * 20 >= n_nul * 19 => Some(Encoding::Utf16Le),
        () if n_first * 20 >= n_nul * 19 => Some(Encoding::Utf16Be),
        () => None,
    }
}

struct Magic {
    at: usize,
    bytes: &'static [u8],
    /// What must hold besides, given the blob's first bytes.
    proof: fn(&[u8]) -> bool,
}

impl Magic {
    fn is_at_start_of(&self, head: &[u8]) -> bool {
        head.get(self.at..).is_some_and(|rest| rest.starts_with(self.bytes)) && (self.proof)(head)
    }
}

const fn magic(bytes: &'static [u8], proof: fn(&[u8]) -> bool) -> Magic {
    Magic { at: 0, bytes, proof }
}

/// WebAssembly and Java classes are missing on purpose: they hold readable strings.
const MAGIC: &[Magic] = &[
    magic(b"PK\x03\x04", by_itself),
    magic(b"PK\x05\x06", by_itself),
    magic(b"PK\x07\x08", by_itself),
    magic(b"\x1F\x8B\x08", by_itself),
    magic(b"BZh", bzip2),
    magic(b"\xFD7zXZ\0", by_itself),
    magic(b"\x28\xB5\x2F\xFD", by_itself),
    magic(b"7z\xBC\xAF\x27\x1C", by_itself),
    magic(b"Rar!\x1A\x07", by_itself),
    magic(b"\x89PNG\r\n\x1A\n", by_itself),
    magic(b"\xFF\xD8\xFF", by_itself),
    magic(b"GIF87a", no_text_near),
    magic(b"GIF89a", no_text_near),
    magic(b"RIFF", nul_near),
    magic(b"BM", bitmap),
    magic(b"\0\0\x01\0", icon),
    magic(b"II*\0", by_itself),
    magic(b"MM\0*", by_itself),
    magic(b"%PDF-", pdf),
    magic(b"ID3", nul_near),
    magic(b"OggS", nul_near),
    magic(b"fLaC", nul_near),
    Magic { at: 4, bytes: b"ftyp", proof: nul_near },
    magic(b"\x1A\x45\xDF\xA3", by_itself),
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
        let heads: [&[u8]; 24] = [
            b"PK\x03\x04\x14\0\0\0\x08\0",
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
            b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n",
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
    fn byte_order_marks_decide() {
        assert_eq!(sniff(b"\xFF\xFEa\0"), Sniffed::Text { encoding: Encoding::Utf16Le, n_bom: 2 });
        assert_eq!(sniff(b"\xFE\xFF\0a"), Sniffed::Text { encoding: Encoding::Utf16Be, n_bom: 2 });
        assert_eq!(sniff(b"\xEF\xBB\xBFa\0b\0"), Sniffed::Text { encoding: Encoding::Utf8, n_bom: 0 });
        assert_eq!(encoding(b"\xFF\xFE\0\0a\0\0\0"), Encoding::Binary, "UTF-32");
    }

    #[test]
    fn utf16_without_a_byte_order_mark_is_known_by_its_nuls() {
        let text = "KEY=Zoë €\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!([encoding(&le), encoding(&be)], [Encoding::Utf16Le, Encoding::Utf16Be]);
        assert_eq!([encoding(&le[..8]), encoding(&le[..9]), encoding(&le[..6])], [Encoding::Utf16Le, Encoding::Utf16Le, Encoding::Binary]);
        let utf32: Vec<u8> = text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect();
        assert_eq!(encoding(&utf32), Encoding::Binary);
        assert_eq!(encoding(b"one NUL \0 in a text that has no others"), Encoding::Binary);
        assert_eq!(encoding(&[b"text ".repeat(2000), vec![0]].concat()), Encoding::Utf8, "a late NUL");
    }
}
