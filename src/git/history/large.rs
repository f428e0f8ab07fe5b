//! Blobs that are too large to be held in memory: their content is inflated piece by piece while it is read. That is possible for those that are stored whole,
//! as git stores everything above `core.bigFileThreshold`; a difference needs the whole of what it is one to.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use gix::ObjectId;
use gix::hash::oid;
use gix::zlib::{Decompress, FlushDecompress, Status};

use super::pack::{Kind, NONE};
use super::store::{Store, parse_header};
use super::walk::LARGEST;

/// The longest header of a loose object.
const LONGEST_HEADER: usize = 64;

/// The content of a blob, as it is read.
pub struct Content<'a> {
    /// How many bytes it has, by its header.
    pub size: u64,
    inflating: Inflating<Box<dyn BufRead + 'a>>,
    n_left: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inflating.read(into)?;
        self.n_left = self.n_left.checked_sub(n as u64).ok_or_else(|| damaged("it is longer than promised"))?;
        if n == 0 && self.n_left > 0 && !into.is_empty() {
            return Err(damaged("it is shorter than promised"));
        }
        Ok(n)
    }
}

/// Compressed bytes on their way.
struct Inflating<R> {
    input: R,
    state: Decompress,
    is_done: bool,
}

impl<R: BufRead> Inflating<R> {
    fn new(input: R) -> Self {
        Self { input, state: Decompress::new(), is_done: false }
    }
}

impl<R: BufRead> Read for Inflating<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.is_done && !into.is_empty() {
            let compressed = self.input.fill_buf()?;
            if compressed.is_empty() {
                return Err(damaged("it is cut off"));
            }
            let (n_in, n_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(compressed, into, FlushDecompress::None).map_err(|_| damaged("its compressed bytes are corrupt"))?;
            let n_read = usize::try_from(self.state.total_in() - n_in).unwrap_or(0);
            let n_given = usize::try_from(self.state.total_out() - n_out).unwrap_or(0);
            self.input.consume(n_read);
            self.is_done = status == Status::StreamEnd;
            if n_given > 0 {
                return Ok(n_given);
            }
            if n_read == 0 && !self.is_done {
                return Err(damaged("its compressed bytes are corrupt"));
            }
        }
        Ok(0)
    }
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Store {
    /// The content of a blob that is too large to be held in memory and can be read piece by piece; none if it is not so.
    pub(super) fn large(&self, id: &oid) -> Option<Content<'_>> {
        for pack in &self.packs {
            let Some(number) = pack.find(id) else { continue };
            let is_whole = pack.kind[number as usize] == Kind::Blob && pack.parent[number as usize] == NONE;
            if !is_whole || pack.thin.iter().any(|(thin, _)| *thin == number) {
                continue;
            }
            let stored = pack.stored(number).filter(|stored| stored.size > LARGEST)?;
            return Some(content(stored.size, Inflating::new(Box::new(stored.compressed))));
        }
        let file = File::open(self.loose_path(self.loose[self.find_loose(id)?])).ok()?;
        let mut inflating = Inflating::new(Box::new(BufReader::with_capacity(256 << 10, file)) as Box<dyn BufRead>);
        let (mut header, mut byte) = (Vec::new(), [0]);
        while header.len() < LONGEST_HEADER && inflating.read(&mut byte).ok()? == 1 && byte != [0] {
            header.push(byte[0]);
        }
        let (kind, size) = parse_header(&header)?;
        (kind == Kind::Blob && size > LARGEST).then(|| content(size, inflating))
    }

    /// Whether the content of such a blob is what its id says.
    pub(super) fn is_true(&self, id: &ObjectId) -> bool {
        let Some(mut content) = self.large(id) else { return false };
        let mut hasher = gix::hash::hasher(id.kind());
        hasher.update(format!("blob {}\0", content.size).as_bytes());
        let mut bytes = vec![0; 256 << 10];
        loop {
            match content.read(&mut bytes) {
                Ok(0) => break,
                Ok(n) => hasher.update(&bytes[..n]),
                Err(_) => return false,
            }
        }
        hasher.try_finalize().is_ok_and(|digest| digest == *id)
    }
}

fn content(size: u64, inflating: Inflating<Box<dyn BufRead + '_>>) -> Content<'_> {
    Content { size, inflating, n_left: size }
}
