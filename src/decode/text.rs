//! A blob's text in a sliding buffer: reading, and decoding on the way.
//!
//! Most blobs are text without a zero byte, and their bytes are read straight into the buffer. From the first zero on, or where the blob begins with
//! wide units, what is read passes a [`Decoder`].
//!
//! Only an empty read is the end: the files of /proc, and those of file systems in user space and on networks, answer with less than there is.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::Sizes;
use super::stretch::{Decoder, LOOK_AHEAD};
use super::wide::Unit;

/// Counts what is read and knows when it ended.
pub(super) struct Feed<'r, R> {
    input: &'r mut R,
    is_at_end: bool,
    pub(super) n_bytes: u64,
}

impl<'r, R: Read> Feed<'r, R> {
    pub(super) fn new(input: &'r mut R) -> Self {
        Self { input, is_at_end: false, n_bytes: 0 }
    }

    /// Reads until `into` is full or the input ends.
    pub(super) fn fill(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut n = 0;
        while n < into.len() && !self.is_at_end {
            n += self.read(&mut into[n..])?;
        }
        Ok(n)
    }

    /// Reads once into a buffer that is not empty.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = loop {
            match self.input.read(into) {
                Err(err) if err.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.n_bytes += n as u64;
        self.is_at_end = n == 0;
        Ok(n)
    }
}

/// The part of a blob's text that is in memory.
pub(super) struct Text<'b, R> {
    feed: Feed<'b, R>,
    buffer: &'b mut Vec<u8>,
    /// The buffer's first bytes are text, the rest is room.
    n: usize,
    n_room: usize,
    raw: Raw<'b>,
    /// What the raw bytes pass; nothing as long as they are the text.
    decoder: Option<Decoder>,
}

/// Bytes on their way into the text.
struct Raw<'b> {
    bytes: &'b mut Vec<u8>,
    n_room: usize,
    /// The part of `bytes` that is not decoded yet.
    waiting: Range<usize>,
}

impl<'b, R: Read> Text<'b, R> {
    /// The text of a blob whose first `n_read` bytes lie in `buffer`. It begins with units of a kind, or with bytes; the first `n_bom` bytes are none.
    pub(super) fn new(
        feed: Feed<'b, R>,
        buffer: &'b mut Vec<u8>,
        raw: &'b mut Vec<u8>,
        n_read: usize,
        unit: Option<Unit>,
        n_bom: usize,
        sizes: &Sizes,
    ) -> Self {
        let raw = Raw { bytes: raw, n_room: sizes.first_read.max(2 * LOOK_AHEAD), waiting: 0..0 };
        let mut text = Self { feed, buffer, n: n_read, n_room: sizes.n_text(), raw, decoder: None };
        if unit.is_some() {
            text.decode_from(n_bom, unit);
            text.n = 0;
        } else {
            text.decode_from_zero(0);
        }
        text
    }

    /// Reads on until there are `n_least` bytes of text, or all that are left.
    pub(super) fn read_to(&mut self, n_least: usize) -> io::Result<()> {
        while self.n < n_least {
            lengthen(self.buffer, self.n_room);
            if let Some(decoder) = &mut self.decoder {
                match self.raw.step(decoder, &mut self.feed, &mut self.buffer[self.n..])? {
                    Some(n_given) => self.n += n_given,
                    None => break,
                }
            } else if self.feed.is_at_end {
                break;
            } else {
                let n_before = self.n;
                // No more than the raw bytes have room for, should they turn out to need decoding.
                let end = self.buffer.len().min(n_before + self.raw.n_room - 1);
                self.n += self.feed.read(&mut self.buffer[n_before..end])?;
                self.decode_from_zero(n_before);
            }
        }
        Ok(())
    }

    /// If there is a zero in the text from `from` on, the text ends before it, and what follows is decoded.
    fn decode_from_zero(&mut self, from: usize) {
        if let Some(zero) = memchr::memchr(0, &self.buffer[from..self.n]) {
            // The character before it may be of the same unit. No window has shown the last byte of the text yet.
            self.decode_from((from + zero).saturating_sub(1), None);
        }
    }

    /// Takes the text's bytes from `at` on as raw ones.
    fn decode_from(&mut self, at: usize, unit: Option<Unit>) {
        let n_raw = self.n - at;
        lengthen(self.raw.bytes, self.raw.n_room.max(n_raw));
        self.raw.bytes[..n_raw].copy_from_slice(&self.buffer[at..self.n]);
        self.raw.waiting = 0..n_raw;
        self.n = at;
        self.decoder = Some(Decoder::new(unit));
    }

    /// The text in memory.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.n]
    }

    /// Whether nothing was decoded so far: the text is what was read.
    pub(super) fn is_verbatim(&self) -> bool {
        self.decoder.is_none()
    }

    /// Forgets the first `n` bytes.
    pub(super) fn drop_front(&mut self, n: usize) {
        self.buffer.copy_within(n..self.n, 0);
        self.n -= n;
    }

    /// Raw bytes read so far.
    pub(super) fn n_bytes(&self) -> u64 {
        self.feed.n_bytes
    }
}

impl Raw<'_> {
    /// Decodes what waits, or reads on; returns how many bytes of text came of it, and nothing at the end.
    fn step<R: Read>(&mut self, decoder: &mut Decoder, feed: &mut Feed<'_, R>, into: &mut [u8]) -> io::Result<Option<usize>> {
        if self.waiting.len() >= LOOK_AHEAD || feed.is_at_end && !self.waiting.is_empty() {
            let (n_taken, n_given) = decoder.decode(&self.bytes[self.waiting.clone()], feed.is_at_end, into);
            self.waiting.start += n_taken;
            return Ok(Some(n_given));
        }
        if feed.is_at_end {
            return Ok(Some(decoder.finish(into)).filter(|&n_given| n_given > 0));
        }
        self.bytes.copy_within(self.waiting.clone(), 0);
        self.waiting = 0..self.waiting.len();
        lengthen(self.bytes, self.n_room);
        let n_read = feed.read(&mut self.bytes[self.waiting.end..self.n_room])?;
        self.waiting.end += n_read;
        Ok(Some(0))
    }
}

/// Makes a buffer at least `n` bytes long.
pub(super) fn lengthen(buffer: &mut Vec<u8>, n: usize) {
    if buffer.len() < n {
        buffer.resize(n, 0);
    }
}
