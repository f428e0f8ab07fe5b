//! Inflating objects of which the size is promised by a header that may lie.
//!
//! Nothing is allocated that the compressed bytes could not fill: deflate makes at most 1032 bytes of one.

use gix::zlib::{Inflate, Status};

use crate::git::claims::BEST_RATIO;

/// Buffers above this size go back to the system when they are done with.
const KEPT_BUFFER: usize = 1 << 20;

/// Bytes whose memory is used again and again without being cleared.
#[derive(Default)]
pub(super) struct Buffer {
    /// All bytes that ever were in use.
    bytes: Vec<u8>,
    /// How many of them are now.
    len: usize,
}

impl Buffer {
    /// The bytes in use.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Brings `len` bytes with any content into use.
    pub(super) fn take(&mut self, len: usize) -> &mut [u8] {
        if self.bytes.len() < len {
            if self.bytes.capacity() < len {
                // The old content is worth nothing, so that it is not copied; fresh memory comes zeroed from the system.
                self.bytes = vec![0; len.next_power_of_two().min(len + KEPT_BUFFER)];
            } else {
                self.bytes.resize(len, 0);
            }
        }
        self.len = len;
        &mut self.bytes[..len]
    }

    /// Whether it is small enough to be kept for later.
    pub(super) fn is_worth_keeping(&self) -> bool {
        self.bytes.len() <= KEPT_BUFFER
    }

    /// Memory that it takes, in bytes.
    pub(super) fn n_allocated(&self) -> usize {
        self.bytes.len()
    }
}

/// The state of the decompressor, which is costly to make and cheap to use again.
pub(super) struct Inflater(Inflate);

impl Inflater {
    /// A new state.
    pub(super) fn new() -> Self {
        Self(Inflate::default())
    }

    /// Inflates the stream at the beginning of `input` into `out`, `size` bytes and not one more or less, the checksum included.
    pub(super) fn exactly(&mut self, input: &[u8], size: usize, out: &mut Buffer) -> Result<(), &'static str> {
        if size as u64 > (input.len() as u64).saturating_mul(BEST_RATIO) {
            return Err("its size is a lie");
        }
        match self.begin(input, out.take(size))? {
            (Status::StreamEnd, n_bytes) if n_bytes == size => Ok(()),
            (Status::StreamEnd, _) => Err("it is shorter than promised"),
            _ => Err("it is cut off or longer than promised"),
        }
    }

    /// Inflates the first bytes of the stream, at most as many as fit into `out`; gives how many.
    pub(super) fn start(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, &'static str> {
        self.begin(input, out).map(|(_, n_bytes)| n_bytes)
    }

    fn begin(&mut self, input: &[u8], out: &mut [u8]) -> Result<(Status, usize), &'static str> {
        self.0.reset();
        let (status, _, n_bytes) = self.0.once(input, out).map_err(|_| "its compressed bytes are corrupt")?;
        Ok((status, n_bytes))
    }
}
