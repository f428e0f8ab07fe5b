//! A blob's text in a sliding buffer: reading, and decoding on the way.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::utf16::Transcoder;
use super::{Input, Sizes};
use crate::blob::Encoding;

/// File systems in user space may answer with whole pages before the end. One more read for a file of just that length is cheap.
const PAGE: usize = 4096;

/// Counts what is read and knows when it ended.
pub(super) struct Feed<'r, R> {
    input: &'r mut R,
    kind: Input,
    is_at_end: bool,
    pub(super) n_bytes: u64,
}

impl<'r, R: Read> Feed<'r, R> {
    pub(super) fn new(input: &'r mut R, kind: Input) -> Self {
        Self { input, kind, is_at_end: false, n_bytes: 0 }
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
        self.is_at_end = match self.kind {
            Input::File => n < into.len() && (n == 0 || !n.is_multiple_of(PAGE)),
            Input::Stream => n == 0,
        };
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
    utf16: Option<Utf16<'b>>,
}

/// UTF-16 on its way into the text.
struct Utf16<'b> {
    transcoder: Transcoder,
    raw: &'b mut Vec<u8>,
    n_raw: usize,
    /// The part of `raw` that is not transcoded yet.
    waiting: Range<usize>,
}

impl<'b, R: Read> Text<'b, R> {
    /// The text of a blob whose first `n_read` bytes lie in `buffer`.
    pub(super) fn new(
        feed: Feed<'b, R>,
        buffer: &'b mut Vec<u8>,
        raw: &'b mut Vec<u8>,
        n_read: usize,
        encoding: Encoding,
        n_bom: usize,
        sizes: &Sizes,
    ) -> Self {
        let is_big_endian = match encoding {
            Encoding::Utf8 | Encoding::Binary => return Self { feed, buffer, n: n_read, n_room: sizes.n_text(), utf16: None },
            Encoding::Utf16Le => false,
            Encoding::Utf16Be => true,
        };
        lengthen(raw, sizes.first_read);
        raw[..n_read].copy_from_slice(&buffer[..n_read]);
        let utf16 = Utf16 { transcoder: Transcoder::new(is_big_endian), raw, n_raw: sizes.first_read, waiting: n_bom..n_read };
        Self { feed, buffer, n: 0, n_room: sizes.n_text(), utf16: Some(utf16) }
    }

    /// Reads on until there are `n_least` bytes of text, or all that are left.
    pub(super) fn read_to(&mut self, n_least: usize) -> io::Result<()> {
        match &mut self.utf16 {
            None => {
                while self.n < n_least && !self.feed.is_at_end {
                    lengthen(self.buffer, self.n_room);
                    self.n += self.feed.read(&mut self.buffer[self.n..])?;
                }
            }
            Some(utf16) => {
                lengthen(self.buffer, self.n_room);
                while self.n < n_least {
                    match utf16.step(&mut self.feed, &mut self.buffer[self.n..])? {
                        Some(n_given) => self.n += n_given,
                        None => break,
                    }
                }
            }
        }
        Ok(())
    }

    /// The text in memory.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.n]
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

impl Utf16<'_> {
    /// Transcodes what waits, or reads what can wait; returns how many bytes of text came of it, and nothing at the end.
    fn step<R: Read>(&mut self, feed: &mut Feed<'_, R>, into: &mut [u8]) -> io::Result<Option<usize>> {
        if !self.waiting.is_empty() {
            let (n_taken, n_given) = self.transcoder.transcode(&self.raw[self.waiting.clone()], into);
            self.waiting.start += n_taken;
            return Ok(Some(n_given));
        }
        if feed.is_at_end {
            return Ok(Some(self.transcoder.finish(into)).filter(|&n_given| n_given > 0));
        }
        self.waiting = 0..feed.read(&mut self.raw[..self.n_raw])?;
        Ok(Some(0))
    }
}

/// Makes a buffer at least `n` bytes long.
pub(super) fn lengthen(buffer: &mut Vec<u8>, n: usize) {
    if buffer.len() < n {
        buffer.resize(n, 0);
    }
}
