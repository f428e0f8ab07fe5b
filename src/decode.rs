//! From a blob's bytes to windows of text.
//!
//! A blob is read once, from front to back, into buffers that a thread reuses: no `fstat`, no `mmap`, two `read`s for a small file (the second one
//! meets the end; `fstat` would cost more and lie about /proc), and the same bounded memory for a blob of any size. Small blobs are one window. Larger ones are cut into windows whose owned ranges tile the text; each shows
//! the text around what it owns. Where a blob is cut depends on its content alone, not on how the reads happened to fall, and never inside of a
//! UTF-8 character, so that characters can be counted piece by piece.
//!
//! Nothing is unpacked: of compressed content and media only the beginning is read. UTF-16 and UTF-32 become UTF-8, also where they are only a part of
//! the blob. Other encodings are read as if they were ASCII with stray bytes.

pub mod base64;
mod hex;
mod sniff;
mod stretch;
mod text;
mod wide;

use std::io::{self, Read};

use crate::blob::{Encoding, Window};
use crate::span::{Span, n_chars, n_utf16};
use sniff::Sniffed;
use text::{Feed, Text};

/// A thread's buffers, reused for all of its blobs. They grow when a blob first needs them and hold at most about 1.4 MiB.
#[derive(Default)]
pub struct Buffers {
    /// Decoded text.
    text: Vec<u8>,
    /// What is not text as it is read: wide units, and everything from a zero on.
    raw: Vec<u8>,
    sizes: Sizes,
}

/// What was read of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Bytes read, before decoding.
    pub n_bytes: u64,
    /// How the blob was read.
    pub encoding: Encoding,
    /// Whether it is compressed or media content: then only its beginning was read and given, as binary.
    pub is_media: bool,
}

/// Reads a blob and hands its windows to `each`, in order. An empty blob has none. After an error the windows already given stand.
pub fn windows(input: &mut impl Read, buffers: &mut Buffers, each: &mut dyn FnMut(Window<'_>)) -> io::Result<Summary> {
    let Buffers { text, raw, sizes } = buffers;
    let mut feed = Feed::new(input);
    text::lengthen(text, sizes.first_read);
    let n_read = feed.fill(&mut text[..sizes.first_read])?;
    let (encoding, n_bom) = match sniff::sniff(&text[..n_read]) {
        Sniffed::Text { encoding, n_bom } => (encoding, n_bom),
        Sniffed::Media => {
            // It is in memory already, and metadata stands in front: comments, descriptions, prompts.
            each(Window { encoding: Encoding::Binary, ..Window::whole(&text[..n_read]) });
            return Ok(Summary { n_bytes: feed.n_bytes, encoding: Encoding::Binary, is_media: true });
        }
    };
    let mut text = Text::new(feed, text, raw, n_read, sniff::unit_of(encoding), n_bom, sizes);
    give_windows(&mut text, encoding, sizes, each)?;
    Ok(Summary { n_bytes: text.n_bytes(), encoding, is_media: false })
}

fn give_windows<R: Read>(text: &mut Text<'_, R>, encoding: Encoding, sizes: &Sizes, each: &mut dyn FnMut(Window<'_>)) -> io::Result<()> {
    let mut place = Place::START;
    let mut owned_start = 0;
    loop {
        let n_least = owned_start + sizes.window + sizes.overlap + 1;
        text.read_to(n_least)?;
        let bytes = text.bytes();
        if bytes.len() < n_least {
            if owned_start < bytes.len() {
                each(place.window(bytes, Span::new(owned_start, bytes.len()), encoding, text.is_verbatim()));
            }
            return Ok(());
        }
        let owned_end = character_start(bytes, owned_start + sizes.window);
        let end = character_start(bytes, owned_end + sizes.overlap);
        each(place.window(&bytes[..end], Span::new(owned_start, owned_end), encoding, text.is_verbatim()));
        let n_done = character_start(bytes, owned_end.saturating_sub(sizes.overlap));
        place.pass(&bytes[..n_done]);
        text.drop_front(n_done);
        owned_start = owned_end - n_done;
    }
}

/// How blobs are cut. Only tests use other sizes than the default ones; `window` is at least 4, the length of the longest UTF-8 character.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Bytes that are read before the blob is looked at.
    first_read: usize,
    /// Bytes of text that a window owns, the last one excepted: that may own `overlap` more.
    window: usize,
    /// Bytes of text that a window shows on each side of what it owns.
    overlap: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { first_read: 256 << 10, window: 1 << 20, overlap: 64 << 10 }
    }
}

impl Sizes {
    /// Bytes of text for which there must be room: a window with what it shows on both sides, the rest of a character that the first cut would have
    /// split, the byte that tells whether the window is the last one, and a step of decoding beyond it.
    const fn n_text(&self) -> usize {
        (self.overlap + 3) + self.window + self.overlap + 1 + wide::LONGEST_STEP
    }
}

/// Where the buffer's first byte stands in the decoded blob.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    line: u64,
    n_chars_before: u64,
    n_utf16_before: u64,
}

impl Place {
    const START: Self = Self { at: 0, line: 1, n_chars_before: 0, n_utf16_before: 0 };

    fn window<'a>(&self, bytes: &'a [u8], owned: Span, encoding: Encoding, is_verbatim: bool) -> Window<'a> {
        let Self { at, line, n_chars_before, n_utf16_before } = *self;
        Window { bytes, at, first_line: line, n_chars_before, n_utf16_before, owned, encoding, is_verbatim }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
                self.n_chars_before = n_chars(&bytes[last + 1..]);
                self.n_utf16_before = n_utf16(&bytes[last + 1..]);
            }
            None => {
                self.n_chars_before += n_chars(bytes);
                self.n_utf16_before += n_utf16(bytes);
            }
        }
    }
}

/// The start of the UTF-8 character that byte `at` is in the midst of, else `at`.
fn character_start(bytes: &[u8], at: usize) -> usize {
    if bytes[at] & 0xC0 != 0x80 {
        return at;
    }
    for n_back in 1..=at.min(3) {
        let n_of_lead = match bytes[at - n_back] {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 0,
        };
        return if n_back < n_of_lead { at - n_back } else { at };
    }
    at
}

#[cfg(test)]
mod tests;
